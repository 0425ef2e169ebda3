package io.nattrail.report;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;

/** What the file system refused, as a sentence: the JDK's exceptions often hold no more than a file's name. */
public final class ErrorText {
    private ErrorText() {
    }

    /** The file and what is wrong with it. */
    public static String of(IOException e) {
        if (e instanceof NoSuchFileException missing) {
            return missing.getFile() + ": no such file or folder";
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + ": permission denied";
        }
        if (e instanceof NotDirectoryException file) {
            return file.getFile() + ": not a folder";
        }
        if (e instanceof FileSystemLoopException loop) {
            return loop.getFile() + ": a link back to a folder that it lies in";
        }
        if (e instanceof FileAlreadyExistsException file) {
            return file.getFile() + ": a file of this name is in the way";
        }
        if (e instanceof FileSystemException failed && failed.getFile() != null) {
            String reason = failed.getReason() == null ? "cannot be used: " + failed.getClass().getSimpleName() : failed.getReason();
            return failed.getFile() + ": " + reason;
        }
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }
}
