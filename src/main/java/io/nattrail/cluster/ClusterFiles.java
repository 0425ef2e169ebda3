package io.nattrail.cluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads dumps of a cluster. The contents tell what a file is, whatever its name; the name may tell which node it is from. */
public final class ClusterFiles {
    private ClusterFiles() {
    }

    /**
     * Whether the file is a dump that {@link #read} understands, by its first 64 Ki characters.
     *
     * @throws IOException if it cannot be read
     */
    public static boolean looksLikeDump(Path file) throws IOException {
        return ClusterSources.of(DumpFile.head(file)) != null;
    }

    /**
     * What a file is that {@link #read} does not understand though it is of a command that it knows, and how to make it; else null.
     *
     * @throws IOException if it cannot be read
     */
    public static String inAnotherForm(Path file) throws IOException {
        return OtherForms.of(DumpFile.head(file));
    }

    /**
     * Whether a file holds nothing but, at most, the mark of its encoding, which is all that PowerShell writes of a command without output.
     *
     * @throws IOException if it cannot be read
     */
    public static boolean holdsNothing(Path file) throws IOException {
        return Files.size(file) <= 3 && DumpFile.head(file).isBlank();
    }

    /**
     * All that the files tell, joined. A file that cannot be read, is no dump, or is damaged never fails the others: it becomes a note, and
     * what it told before the damage is used. The result does not depend on the order of the files.
     */
    public static ClusterState read(List<Path> files) throws IOException {
        return read(files, Set.of());
    }

    /**
     * The same.
     *
     * @param capturedNodes how captures name the nodes that they are from: what dumps are named after where they do not name any
     */
    public static ClusterState read(List<Path> files, Set<String> capturedNodes) throws IOException {
        List<Path> sorted = new ArrayList<>(files);
        sorted.sort(ClusterFiles::byName);
        Set<Path> folders = new HashSet<>();
        Set<String> names = new HashSet<>();
        Set<String> ambiguous = new HashSet<>();
        for (Path file : sorted) {
            folders.add(folder(file));
            if (!names.add(name(file))) {
                ambiguous.add(name(file));
            }
        }
        List<DumpFacts> told = new ArrayList<>();
        for (Path file : sorted) {
            String folder = folders.size() > 1 ? name(folder(file)) : "";
            String name = name(file);
            told.add(read(file, new DumpFacts(ambiguous.contains(name) && !folder.isEmpty() ? folder + "/" + name : name, folder)));
        }
        return new ClusterJoin(told, capturedNodes).join();
    }

    private static DumpFacts read(Path file, DumpFacts facts) {
        try {
            if (Files.size(file) == 0) {
                facts.note("is empty");
                return facts;
            }
            ClusterSource source = ClusterSources.of(DumpFile.head(file));
            if (source == null) {
                facts.note("is no dump of a cluster that is understood, and was not used");
                return facts;
            }
            try (Reader text = DumpFile.open(file)) {
                source.read(text, facts);
            }
        } catch (JsonProcessingException e) {
            facts.note("is damaged" + place(e) + ": " + PlainName.of(reason(e)) + "; what comes before is used");
        } catch (IOException e) {
            facts.note("cannot be read to its end (" + PlainName.of(e.toString()) + "); what comes before is used");
        }
        return facts;
    }

    /** The parser's own words, without the position, which is given beside them, and without its drawing of the line. */
    private static String reason(JsonProcessingException e) {
        String words = e.getOriginalMessage();
        int context = words.indexOf(" (start marker at");
        String reason = context < 0 ? words : words.substring(0, context);
        return reason.lines().map(String::strip).filter(line -> !line.isEmpty() && !line.startsWith("in '") && !line.equals("^"))
                .limit(2).collect(Collectors.joining(", "));
    }

    private static String place(JsonProcessingException e) {
        return e.getLocation() == null ? "" : " at line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
    }

    private static int byName(Path a, Path b) {
        int order = name(a).compareTo(name(b));
        return order != 0 ? order : a.toString().compareTo(b.toString());
    }

    private static Path folder(Path file) {
        Path folder = file.toAbsolutePath().normalize().getParent();
        return folder == null ? file : folder;
    }

    private static String name(Path file) {
        return file.getFileName() == null ? file.toString() : file.getFileName().toString();
    }
}
