package io.nattrail.batch;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.nattrail.analysis.FileTree;
import io.nattrail.report.ReportFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The folder of a batch's reports. {@code cases/NAME} is complete whenever it exists: it is made below {@code .work} and renamed. In it,
 * {@code case.json} is the row of the summary and the fingerprint of the input. One process writes at a time.
 */
final class ReportFolder implements Closeable {
    static final String MARKER = "case.json";
    /** What is renamed out of the way ends so, as no case's folder does (see {@link CaseNames}). */
    private static final String OLD = "~";

    private final Path cases;
    private final Path work;
    private final Path lockName;
    private final FileChannel lockFile;

    /** What was finished, with the fingerprint of what it was made from. */
    record Marker(String fingerprint, CaseRow row) {
    }

    /**
     * Makes the folder if needed, and keeps others out.
     *
     * @throws FileSystemException if another batch writes to it
     */
    ReportFolder(Path out) throws IOException {
        cases = out.resolve("cases");
        work = out.resolve(".work");
        lockName = out.resolve(".lock");
        ReportFile.makeFolder(cases);
        lockFile = lock(out, lockName);
        // Left over from cases that did not end because their run was killed.
        FileTree.remove(work);
        Files.createDirectory(work);
    }

    private static FileChannel lock(Path out, Path name) throws IOException {
        while (true) {
            FileChannel channel = FileChannel.open(name, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = null;
            try {
                lock = channel.tryLock();
                // Its last owner may have removed it between the two calls; a lock on a file without a name keeps nobody out.
                if (lock != null && Files.exists(name)) {
                    return channel;
                }
            } catch (OverlappingFileLockException e) {
                // Held inside this process; the same answer as for another one.
                lock = null;
            }
            channel.close();
            if (lock == null) {
                throw new FileSystemException(out.toString(), null, "another batch is writing to it; wait for it, or give another --out");
            }
        }
    }

    /** The marker of a finished case, or null if there is none that can be used. */
    Marker finished(BatchCase item) throws IOException {
        Path marker = cases.resolve(item.folder()).resolve(MARKER);
        try {
            Marker read = BatchJson.MAPPER.readValue(Files.readAllBytes(marker), Marker.class);
            return read == null || read.row() == null || !read.row().name().equals(item.name()) ? null : read;
        } catch (NoSuchFileException e) {
            return null;
        } catch (JsonProcessingException e) {
            // Written by another version, or by hand: the case is done again.
            return null;
        }
    }

    /** An empty folder to make a case's reports in. */
    Path begin(BatchCase item) throws IOException {
        Path folder = work.resolve(item.folder());
        FileTree.remove(folder);
        return Files.createDirectory(folder);
    }

    /** Makes the reports appear, in place of those of an earlier run. */
    void finish(BatchCase item, Marker marker) throws IOException {
        Path made = work.resolve(item.folder());
        Files.write(made.resolve(MARKER), BatchJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(marker));
        Path target = cases.resolve(item.folder());
        if (Files.exists(target)) {
            // A folder cannot be renamed onto a full one. Out of the way first: at no time there are half of its files.
            Path old = work.resolve(item.folder() + OLD);
            FileTree.remove(old);
            Files.move(target, old);
            Files.move(made, target);
            FileTree.remove(old);
        } else {
            Files.move(made, target);
        }
    }

    /** Throws away what was begun. */
    void discard(BatchCase item) throws IOException {
        FileTree.remove(work.resolve(item.folder()));
    }

    @Override
    public void close() throws IOException {
        try (lockFile) {
            FileTree.remove(work);
            Files.deleteIfExists(lockName);
        }
    }
}
