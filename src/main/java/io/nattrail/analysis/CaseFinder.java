package io.nattrail.analysis;

import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.cluster.ClusterFiles;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Finds out what the files of a case are: captures of which point, dumps of the cluster's state, or neither. */
final class CaseFinder {
    private static final String FILE_NAME = "file name";
    /** One frame alone is too little to take a capture for a copy of another whose name it does not bear. */
    private static final int FEWEST_OF_COPY = 2;
    private static final int MOST_NAMED = 5;
    private static final int MOST_DEEP = 6;
    private static final int MOST_LOOKED_INTO = 200;
    private static final long NO_OFFSET = -1;

    private final Map<String, Source> sources = new TreeMap<>();
    private final List<Path> dumps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    private final List<String> subfolders = new ArrayList<>();
    private final List<String> foldersOfState = new ArrayList<>();
    private int lookedInto;
    private final List<Path> captures = new ArrayList<>();
    private final Map<Path, Long> firstTimes = new HashMap<>();
    private UnreadableInputException firstRefusal;

    /**
     * The files of one point, in the order of their time.
     *
     * @param name as the file names or the user say it
     * @param toldBy how the name was found
     */
    record Source(String name, List<Path> files, String toldBy) {
    }

    /**
     * Looks through inputs.
     *
     * @param archives what the user calls folders that archives were unpacked to
     * @throws UnreadableInputException if there is not one capture among them
     */
    static CaseFinder find(CaseRequest request, Map<Path, Path> archives) throws IOException {
        CaseFinder finder = new CaseFinder();
        for (Map.Entry<String, List<Path>> told : request.points().entrySet()) {
            finder.sources.put(told.getKey(), new Source(told.getKey(), new ArrayList<>(told.getValue()), "command line"));
        }
        for (Path input : request.inputs()) {
            if (Files.isDirectory(input)) {
                finder.folder(input);
            } else if (!Files.exists(input)) {
                throw new NoSuchFileException(input.toString());
            } else {
                finder.file(input, true);
            }
        }
        finder.leaveOutNamed();
        finder.nameCaptures();
        if (finder.sources.isEmpty()) {
            throw finder.nothing(request.inputs(), archives);
        }
        if (!finder.subfolders.isEmpty()) {
            finder.notes.add("captures in sub-folders were left out: " + named(finder.subfolders));
        }
        if (!finder.foldersOfState.isEmpty()) {
            finder.notes.add("cluster state in sub-folders was left out: " + named(finder.foldersOfState)
                    + "; name each folder that holds some, beside that of the captures");
        }
        finder.leaveOutCopies();
        for (Source source : finder.sources.values()) {
            if (source.files().size() > 1) {
                source.files().sort(Comparator.comparingLong(finder::firstTime).thenComparing(Path::toString));
            }
        }
        return finder;
    }

    private UnreadableInputException nothing(List<Path> inputs, Map<Path, Path> archives) {
        if (firstRefusal != null && inputs.size() == 1 && !Files.isDirectory(inputs.get(0))) {
            return firstRefusal;
        }
        boolean unpacked = archives.containsKey(inputs.get(0));
        Path first = archives.getOrDefault(inputs.get(0), inputs.get(0));
        String place = unpacked ? "this archive" : "this folder";
        if (inputs.size() == 1 && Files.isDirectory(inputs.get(0))) {
            if (!subfolders.isEmpty()) {
                return new UnreadableInputException(first.toString(), NO_OFFSET,
                        "no capture in " + place + " itself, only in its sub-folders: " + named(subfolders),
                        (unpacked ? "unpack it; " : "") + "if each is a case of its own: nattrail batch " + (unpacked ? "FOLDER" : first)
                                + " --out REPORTS; if they are the points of one case: nattrail analyze " + (unpacked ? "FOLDER" : first)
                                + "/*, or --point client=FILE --point node1-eth0=FILE ...",
                        "if each is a case of its own, send each alone; if they are the points of one case, send their captures together, "
                                + "each with its point");
            }
            String what = "no capture in " + place + (notes.isEmpty() ? "" : "; " + notes.get(0));
            return new UnreadableInputException(first.toString(), NO_OFFSET, what,
                    "put client.pcap, node1-eth0.pcap and node2-cbr0.pcap there, or name files: nattrail analyze FILE...",
                    "send captures, such as client.pcap, node1-eth0.pcap and node2-cbr0.pcap");
        }
        int more = inputs.size() - 1;
        return new UnreadableInputException(first + (more == 0 ? "" : " and " + more + " more"), NO_OFFSET,
                "no capture among these files" + (notes.isEmpty() ? "" : "; " + notes.get(0)),
                "name at least one pcap or pcapng file, or the folder that holds them",
                "send at least one pcap or pcapng file together with what the cluster says");
    }

    private void folder(Path folder) throws IOException {
        for (Path entry : entries(folder)) {
            if (Files.isRegularFile(entry)) {
                file(entry, false);
            } else if (Files.isDirectory(entry)) {
                if (holdsCaptures(entry)) {
                    subfolders.add(entry.getFileName().toString());
                } else if (holdsState(entry)) {
                    foldersOfState.add(entry.getFileName().toString());
                }
            } else if (Files.isSymbolicLink(entry)) {
                notes.add(entry.getFileName() + ": a link to a file that is not there, left out");
            } else {
                notes.add(entry.getFileName() + ": a pipe or device, left out; name it to have it read");
            }
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(f -> !f.getFileName().toString().startsWith(".")).sorted().toList();
        }
    }

    /** Reports of an earlier run do not count: an annotated capture among them is no further point. */
    private static boolean holdsCaptures(Path folder) {
        try {
            if (Files.exists(folder.resolve("report.json"))) {
                return false;
            }
            for (Path entry : entries(folder)) {
                if (Files.isRegularFile(entry) && Files.isReadable(entry) && CaptureReader.beginsAsCapture(entry)) {
                    return true;
                }
            }
            return false;
        } catch (IOException e) {
            // One that cannot be looked into is none that could be named instead.
            return false;
        }
    }

    /**
     * Whether dumps are in a folder or deeper, as those of one node or of a must-gather, and no capture beside them, which would be a
     * case of its own. Only so many files are looked into: a case may lie in a folder with all kinds of others.
     */
    private boolean holdsState(Path folder) {
        if (Files.exists(folder.resolve("report.json"))) {
            return false;
        }
        try (Stream<Path> files = Files.walk(folder, MOST_DEEP)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile).filter(Files::isReadable)::iterator) {
                if (++lookedInto > MOST_LOOKED_INTO || CaptureReader.beginsAsCapture(file)) {
                    return false;
                }
                if (ClusterFiles.looksLikeDump(file)) {
                    return true;
                }
            }
            return false;
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }

    private static String named(List<String> folders) {
        int more = folders.size() - MOST_NAMED;
        return String.join(", ", folders.subList(0, Math.min(MOST_NAMED, folders.size()))) + (more > 0 ? " and " + more + " more" : "");
    }

    private void file(Path file, boolean named) throws IOException {
        if (!Files.isReadable(file)) {
            notes.add(file.getFileName() + ": permission denied, left out");
            return;
        }
        if (!CaptureReader.beginsAsCapture(file) && ClusterFiles.looksLikeDump(file)) {
            dumps.add(file);
            return;
        }
        try (CaptureReader reader = CaptureReader.open(file)) {
            captures.add(file);
        } catch (UnreadableInputException e) {
            if (firstRefusal == null) {
                firstRefusal = e;
            }
            String form = ClusterFiles.inAnotherForm(file);
            String what = ClusterFiles.holdsNothing(file) ? nothingIn(file)
                    : form != null ? form : named ? e.what() : "neither a capture nor cluster state (" + e.what() + ")";
            notes.add(file.getFileName() + ": " + what);
        }
    }

    /** Dumps may be empty with good reason: a table without entries is listed as nothing. A capture has a header at least. */
    private static String nothingIn(Path file) {
        return PointName.isOfCapture(file.getFileName().toString())
                ? "is empty, without even a capture's header; capture again, or fetch it again once tcpdump has ended"
                : "is empty: there was nothing to list, or the command that wrote it failed";
    }

    /** A file of the folder that the command line says a point of, too, is that point's. */
    private void leaveOutNamed() throws IOException {
        List<Path> named = new ArrayList<>();
        for (Source source : sources.values()) {
            for (Path file : source.files()) {
                if (Files.isRegularFile(file)) {
                    named.add(file);
                }
            }
        }
        if (!named.isEmpty()) {
            List<Path> left = new ArrayList<>();
            for (Path capture : captures) {
                if (!isAmong(named, capture)) {
                    left.add(capture);
                }
            }
            captures.clear();
            captures.addAll(left);
        }
    }

    private static boolean isAmong(List<Path> files, Path file) throws IOException {
        for (Path one : files) {
            if (Files.isSameFile(one, file)) {
                return true;
            }
        }
        return false;
    }

    /** Where captures come from several folders, the names of these tell more than those of the files. */
    private void nameCaptures() {
        Set<Path> folders = new HashSet<>();
        for (Path capture : captures) {
            folders.add(folderOf(capture));
        }
        for (Path capture : captures) {
            String fileName = capture.getFileName().toString();
            Path folder = folderOf(capture).getFileName();
            String name = folders.size() > 1 && folder != null ? PointName.ofFile(folder.toString(), fileName)
                    : PointName.ofFile(fileName);
            sources.computeIfAbsent(name, n -> new Source(n, new ArrayList<>(), FILE_NAME)).files().add(capture);
        }
    }

    /** Copies within a point, and of files of which the names say so, as {@code client (1).pcap}, or which are of one size. */
    private void leaveOutCopies() {
        List<Source> all = new ArrayList<>();
        for (boolean telling : new boolean[] {true, false}) {
            for (Source source : sources.values()) {
                if (telling == (PointName.of(source.name()).role() != null)) {
                    all.add(source);
                }
            }
        }
        for (int i = 0; i < all.size(); i++) {
            Source one = all.get(i);
            leaveOutCopies(one, one);
            for (Source other : all.subList(i + 1, all.size())) {
                if (one.toldBy().equals(FILE_NAME) && other.toldBy().equals(FILE_NAME)) {
                    boolean otherCounts = one.name().contains(other.name());
                    leaveOutCopies(otherCounts ? other : one, otherCounts ? one : other);
                }
            }
        }
        sources.values().removeIf(source -> source.files().isEmpty());
    }

    /** @param named the point that keeps a capture of which there are two copies */
    private void leaveOutCopies(Source named, Source other) {
        boolean saysSo = other.name().contains(named.name());
        boolean twoPoints = !saysSo && PointName.of(named.name()).role() != null && PointName.of(other.name()).role() != null;
        for (int i = 0; i < named.files().size(); i++) {
            for (int j = named == other ? i + 1 : 0; j < other.files().size(); j++) {
                Path file = named.files().get(i);
                Path copy = other.files().get(j);
                boolean alike = (saysSo || size(file) == size(copy)) && firstTime(file) != Long.MAX_VALUE
                        && firstTime(file) == firstTime(copy);
                Path spare = alike ? CaptureCopies.spare(file, copy, saysSo ? 1 : FEWEST_OF_COPY) : null;
                if (spare == null) {
                    continue;
                }
                if (twoPoints) {
                    notes.add(copy.getFileName() + ": the same packets as in " + file.getFileName()
                            + ", which is another point's; was the wrong file copied?");
                    continue;
                }
                notes.add(spare.getFileName() + (file.equals(copy) ? ": named twice, read once" : ": holds no packet that "
                        + (spare == file ? copy : file).getFileName() + " does not hold, left out"));
                if (spare != copy) {
                    named.files().set(i, copy);
                }
                other.files().remove(j--);
            }
        }
    }

    /** In bytes; -1 if it cannot be known: reading it says why. */
    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : -1;
        } catch (IOException e) {
            return -1;
        }
    }

    private static Path folderOf(Path file) {
        return file.toAbsolutePath().normalize().getParent();
    }

    /** Of a file among several of one point; one without packets comes last. */
    private long firstTime(Path file) {
        return firstTimes.computeIfAbsent(file, CaseFinder::readFirstTime);
    }

    private static long readFirstTime(Path file) {
        FrameView first = firstFrame(file);
        return first == null ? Long.MAX_VALUE : first.timeNanos();
    }

    /** The head of a file's first frame; null without any. */
    static FrameView firstFrame(Path file) {
        // What is no file can be read only once.
        if (!Files.isRegularFile(file)) {
            return null;
        }
        try (CaptureReader reader = CaptureReader.open(file)) {
            FrameView frame = new FrameView();
            return reader.next(frame) ? frame : null;
        } catch (IOException | UnreadableInputException e) {
            // It is opened again to be read; what is wrong with it is said there.
            return null;
        }
    }

    /** By name. */
    List<Source> sources() {
        return new ArrayList<>(sources.values());
    }

    List<Path> dumps() {
        return dumps;
    }

    /** The nodes that the names of captures tell. */
    Set<String> nodes() {
        Set<String> nodes = new HashSet<>();
        for (Source source : sources.values()) {
            String node = PointName.of(source.name()).node();
            if (node != null) {
                nodes.add(node);
            }
        }
        return nodes;
    }

    List<String> notes() {
        return notes;
    }
}
