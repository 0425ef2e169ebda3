package io.nattrail.report;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** A file that exists under its name only when it is complete: written beside it under a temporary name, renamed at the end. */
public final class ReportFile implements Closeable {
    private static final int BUFFER = 1 << 16;

    private final Path target;
    private final Path temporary;
    private final OutputStream out;
    private boolean closed;

    /** Opens the temporary file; the folder must exist. */
    public ReportFile(Path target) throws IOException {
        this.target = target.toAbsolutePath();
        if (Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "a folder is in the way of the file to be written");
        }
        // Not Files.createTempFile: its files are private to the user, and a report is made to be read by others.
        this.temporary = this.target.resolveSibling("." + this.target.getFileName() + "." + ProcessHandle.current().pid() + ".tmp");
        OutputStream unbuffered = Files.newOutputStream(temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        this.out = new BufferedOutputStream(unbuffered, BUFFER);
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
            }
        }
    }
}
