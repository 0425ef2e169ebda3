package io.nattrail.report;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A file that exists under its name only when it is complete: written beside it under a temporary name, renamed at the end. */
public final class ReportFile implements Closeable {
    private static final int BUFFER = 1 << 16;
    private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

    static {
        // Ctrl-C closes nothing, and what it left behind would be hidden and perhaps as large as the captures.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> UNFINISHED.forEach(ReportFile::discard), "unfinished reports"));
    }

    private final Path target;
    private final Path temporary;
    private final OutputStream out;
    private boolean closed;

    /**
     * Makes the folder of files to be written, and those above it, where they are not there.
     *
     * @throws IOException that says so if it cannot be made: the system may say of it, as below /proc, that it does not exist
     */
    public static void makeFolder(Path folder) throws IOException {
        try {
            Files.createDirectories(folder);
        } catch (NoSuchFileException e) {
            FileSystemException told = new FileSystemException(folder.toString(), null, "no folder can be made here");
            told.initCause(e);
            throw told;
        }
    }

    /**
     * Whether files can be written to a folder, as far as can be told without making it: so that a long analysis does not end in vain.
     *
     * @throws IOException if not
     */
    static void requireWritable(Path folder) throws IOException {
        Path there = folder.toAbsolutePath();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            throw new FileAlreadyExistsException(there.toString());
        }
        if (there != null && !Files.isWritable(there)) {
            throw new AccessDeniedException(there.toString());
        }
    }

    /** Opens the temporary file; the folder must exist. */
    public ReportFile(Path target) throws IOException {
        this.target = target.toAbsolutePath();
        if (Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "a folder is in the way of the file to be written");
        }
        // Not Files.createTempFile: its files are private to the user, and a report is made to be read by others.
        this.temporary = this.target.resolveSibling("." + this.target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        OutputStream unbuffered = open(temporary, target);
        UNFINISHED.add(temporary);
        this.out = new BufferedOutputStream(new Named(unbuffered, target), BUFFER);
    }

    /** The user asked for the target, and never heard of the temporary file. */
    private static OutputStream open(Path temporary, Path target) throws IOException {
        try {
            return Files.newOutputStream(temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            throw new AccessDeniedException(target.toString());
        } catch (NoSuchFileException e) {
            throw new FileSystemException(target.toString(), null, "no file can be made here");
        } catch (FileSystemException e) {
            throw new FileSystemException(target.toString(), null, "cannot be written: " + e.getReason());
        }
    }

    /** Says of what could not be written, on a full disk say, which file it was for: the system's own words do not. */
    private static final class Named extends FilterOutputStream {
        private final Path target;

        Named(OutputStream out, Path target) {
            super(out);
            this.target = target;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            try {
                out.write(bytes, offset, length);
            } catch (ClosedByInterruptException e) {
                // Somebody stopped the case, which is no fault of the file.
                throw e;
            } catch (IOException e) {
                FileSystemException named = new FileSystemException(target.toString(), null, "cannot be written: " + ErrorText.of(e));
                named.initCause(e);
                throw named;
            }
        }
    }

    /** Where to write; buffered. */
    public OutputStream stream() {
        return out;
    }

    /** Makes the file appear under its name, in place of an earlier one. */
    public void commit() throws IOException {
        out.close();
        closed = true;
        Files.move(temporary, target, StandardCopyOption.REPLACE_EXISTING);
        UNFINISHED.remove(temporary);
    }

    /** Discards what was written, unless it was committed. */
    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            try {
                out.close();
            } finally {
                Files.deleteIfExists(temporary);
                UNFINISHED.remove(temporary);
            }
        }
    }

    private static void discard(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // The process ends, and nobody can be told.
            UNFINISHED.remove(temporary);
        }
    }
}
