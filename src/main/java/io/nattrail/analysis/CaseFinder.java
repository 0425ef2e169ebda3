package io.nattrail.analysis;

import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.cluster.ClusterFiles;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Finds out what the files of a case are: captures of which point, dumps of the cluster's state, or neither. */
final class CaseFinder {
    private static final Path STANDARD_INPUT = Path.of("-");

    private final Map<String, Source> sources = new TreeMap<>();
    private final List<Path> dumps = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
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
     * @throws UnreadableInputException if there is not one capture among them
     */
    static CaseFinder find(CaseRequest request) throws IOException {
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
        if (finder.sources.isEmpty()) {
            throw finder.nothing(request.inputs());
        }
        for (Source source : finder.sources.values()) {
            if (source.files().size() > 1) {
                source.files().sort(Comparator.comparingLong(CaseFinder::firstTime).thenComparing(Path::toString));
            }
        }
        return finder;
    }

    private UnreadableInputException nothing(List<Path> inputs) {
        if (firstRefusal != null && inputs.size() == 1 && !Files.isDirectory(inputs.get(0))) {
            return firstRefusal;
        }
        Path first = inputs.get(0);
        if (inputs.size() == 1 && Files.isDirectory(first)) {
            String what = notes.isEmpty() ? "no capture in this folder" : "no capture in this folder; " + notes.get(0);
            return new UnreadableInputException(first.toString(), 0, what,
                    "put client.pcap, node1-eth0.pcap and node2-cbr0.pcap there, or name files: nattrail analyze FILE...");
        }
        return new UnreadableInputException(first.toString(), 0, "no capture among these files",
                "name at least one pcap or pcapng file, or the folder that holds them");
    }

    private void folder(Path folder) throws IOException {
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = entries.filter(Files::isRegularFile).filter(f -> !f.getFileName().toString().startsWith(".")).sorted().toList();
        }
        for (Path file : files) {
            file(file, false);
        }
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
            String name = PointName.ofFile(file.getFileName().toString());
            sources.computeIfAbsent(name, n -> new Source(n, new ArrayList<>(), "file name")).files().add(file);
        } catch (UnreadableInputException e) {
            if (firstRefusal == null) {
                firstRefusal = e;
            }
            notes.add(file.getFileName() + ": " + (named ? e.what() : "neither a capture nor cluster state (" + e.what() + ")"));
        }
    }

    /** Of a file among several of one point; one without packets comes last. */
    private static long firstTime(Path file) {
        if (file.equals(STANDARD_INPUT)) {
            return Long.MAX_VALUE;
        }
        try (CaptureReader reader = CaptureReader.open(file)) {
            FrameView frame = new FrameView();
            return reader.next(frame) ? frame.timeNanos() : Long.MAX_VALUE;
        } catch (IOException | UnreadableInputException e) {
            // It is opened again to be read; what is wrong with it is said there.
            return Long.MAX_VALUE;
        }
    }

    /** By name. */
    List<Source> sources() {
        return new ArrayList<>(sources.values());
    }

    List<Path> dumps() {
        return dumps;
    }

    List<String> notes() {
        return notes;
    }
}
