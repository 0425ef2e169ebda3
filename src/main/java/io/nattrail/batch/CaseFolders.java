package io.nattrail.batch;

import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.cluster.ClusterFiles;
import io.nattrail.report.ErrorText;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the cases below folders: a folder that holds capture files is a case, and so is an archive; a folder of folders is a batch. */
public final class CaseFolders {
    /** Also with the numbers that tcpdump appends when it rotates files. */
    private static final Pattern CAPTURE_NAME = Pattern.compile(
            "(?i).+\\.(pcap|pcapng|cap|pcap-ng)[0-9]*([.-][0-9]+)?(\\.(gz|zst|zstd|lz4))?");

    private static final Pattern ARCHIVE_NAME = Pattern.compile("(?i)(.+?)\\.(zip|tgz|tar(\\.(gz|zst|zstd|lz4))?)");

    private final Map<Path, String> found = new TreeMap<>();
    private final List<String> notes = new ArrayList<>();

    private CaseFolders() {
    }

    /**
     * Looks through folders.
     *
     * @param roots folders, or archives, each of which is a case
     * @param without a folder that is not looked into: that of the reports, which may hold captures
     * @throws NoSuchFileException if one is missing
     */
    public static Found find(List<Path> roots, Path without) throws IOException {
        CaseFolders finder = new CaseFolders();
        Path skipped = without.toAbsolutePath().normalize();
        for (Path root : roots) {
            if (!Files.exists(root)) {
                throw new NoSuchFileException(root.toString());
            }
            finder.look(root, skipped, roots.size() > 1);
        }
        CaseNames names = new CaseNames();
        Map<String, Path> byName = new TreeMap<>();
        finder.found.forEach((folder, name) -> {
            // Two trees may have folders of the same name.
            String unique = name;
            for (int i = 2; byName.putIfAbsent(unique, folder) != null; i++) {
                unique = name + " (" + i + ")";
            }
        });
        List<BatchCase> cases = new ArrayList<>();
        byName.forEach((name, folder) -> cases.add(new BatchCase(name, names.folder(name), List.of(folder), Map.of())));
        return new Found(cases, finder.notes);
    }

    /**
     * What was found.
     *
     * @param cases in order of their names
     * @param notes folders that could not be looked into
     */
    public record Found(List<BatchCase> cases, List<String> notes) {
    }

    private void look(Path root, Path skipped, boolean several) throws IOException {
        Path base = root.toAbsolutePath().normalize();
        if (!Files.isDirectory(root)) {
            Matcher archive = ARCHIVE_NAME.matcher(base.getFileName().toString());
            if (!archive.matches()) {
                throw new FileSystemException(root.toString(), null, "neither a folder nor a tar or zip archive");
            }
            found.put(base, archive.group(1));
            return;
        }
        String own = base.getFileName() == null ? "root" : base.getFileName().toString();
        Files.walkFileTree(base, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                boolean hidden = !folder.equals(base) && folder.getFileName().toString().startsWith(".");
                return hidden || folder.equals(skipped) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                Path folder = file.getParent();
                Matcher archive = ARCHIVE_NAME.matcher(file.getFileName().toString());
                if (!attributes.isRegularFile() || file.getFileName().toString().startsWith(".")) {
                    return FileVisitResult.CONTINUE;
                }
                if (archive.matches()) {
                    found.put(file, name(folder.resolve(archive.group(1))));
                } else if (!found.containsKey(folder) && isCapture(file)) {
                    found.put(folder, name(folder));
                }
                return FileVisitResult.CONTINUE;
            }

            private String name(Path of) {
                String inside = base.relativize(of).toString().replace('\\', '/');
                return inside.isEmpty() ? own : several ? own + "/" + inside : inside;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                notes.add(ErrorText.of(e));
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** By its name, so that a broken capture is a broken case and not overlooked; else by the first bytes. */
    private static boolean isCapture(Path file) {
        String name = file.getFileName().toString();
        // An annotated.pcapng is a report of an earlier run, wherever that put it.
        return !name.equals("annotated.pcapng") && (CAPTURE_NAME.matcher(name).matches() || beginsLikeCapture(file));
    }

    private static boolean beginsLikeCapture(Path file) {
        try {
            if (ClusterFiles.looksLikeDump(file)) {
                return false;
            }
            CaptureReader.open(file).close();
            return true;
        } catch (IOException | UnreadableInputException e) {
            // Neither its name nor its bytes tell that it is a capture; if its folder is a case, the analysis will say what it is.
            return false;
        }
    }
}
