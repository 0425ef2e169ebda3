package io.nattrail.fuzz;

import static io.nattrail.fuzz.Bounds.require;

import io.nattrail.analysis.CaseArchive;
import io.nattrail.capture.UnreadableInputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What holds for every archive: it is unpacked inside its folder and within its limits, or refused with a remedy, and leaves nothing. */
final class ArchiveCheck {
    /** Smaller than the usual ones, so that what goes on until a limit is reached ends soon. */
    private static final CaseArchive.Limits LIMITS = new CaseArchive.Limits(100, 8 << 20, 300, 1 << 20, 1 << 18);
    private static final int MOST_NOTES = 21;

    void check(byte[] bytes) throws IOException {
        try (Scratch scratch = new Scratch()) {
            Path file = Files.write(scratch.folder().resolve("case.tar"), bytes);
            Path parent = Files.createDirectory(scratch.folder().resolve("parent"));
            if (CaseArchive.isArchive(file)) {
                unpack(file, parent);
            }
            require(list(parent).isEmpty() && list(scratch.folder()).size() == 2, "something is left of an archive");
        }
    }

    private static void unpack(Path file, Path parent) throws IOException {
        try (CaseArchive archive = CaseArchive.unpack(file, parent, LIMITS)) {
            require(archive.folder().startsWith(parent) && list(parent).size() == 1, "an archive is unpacked outside of its folder");
            require(archive.notes().size() <= MOST_NOTES, "an archive has " + archive.notes().size() + " notes");
            require(list(parent.getParent()).size() == 2, "an archive wrote outside of its folder");
            long size = 0;
            int count = 0;
            try (Stream<Path> walk = Files.walk(parent)) {
                for (Path path : walk.toList()) {
                    require(Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) || Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS),
                            "an archive made something that is neither a file nor a folder");
                    size += Files.isRegularFile(path) ? Files.size(path) : 0;
                    count += Files.isRegularFile(path) ? 1 : 0;
                }
            }
            require(size <= LIMITS.bytes() && count <= LIMITS.entries(), "an archive is larger than its limits");
        } catch (UnreadableInputException e) {
            require(!e.remedy().isEmpty() && !e.what().isEmpty(), "an archive is refused without a word");
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> list = Files.list(folder)) {
            return list.toList();
        }
    }
}
