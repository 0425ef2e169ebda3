package io.nattrail.capture;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The machine, not the input, is why something cannot be kept for a while: the disk is full, or the folder is not there. */
public final class TemporaryFileException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * @param file that cannot be written, or the folder in which it cannot be made
     * @param cause as the system says it
     */
    public TemporaryFileException(Path file, IOException cause) {
        super("cannot keep temporary files in " + file + ": " + reason(cause) + remedy(file), cause);
    }

    /** Of a file in the system's folder for such. */
    public static TemporaryFileException inSystemFolder(IOException cause) {
        return new TemporaryFileException(systemFolder(), cause);
    }

    private static Path systemFolder() {
        return Path.of(System.getProperty("java.io.tmpdir"));
    }

    private static String reason(IOException cause) {
        if (cause instanceof NoSuchFileException) {
            return "no such folder";
        }
        if (cause instanceof AccessDeniedException) {
            return "permission denied";
        }
        return cause instanceof FileSystemException failed && failed.getReason() != null ? failed.getReason() : cause.getMessage();
    }

    /** A folder that the user chose has an option of its own. */
    private static String remedy(Path file) {
        return file.startsWith(systemFolder()) ? "; another folder is used with NATTRAIL_OPTS=-Djava.io.tmpdir=DIR" : "";
    }
}
