package io.nattrail.cli;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Remembers why standard output could not be written: a {@code PrintWriter} keeps that to itself, and a full disk is not success. */
final class OutputFailure extends FilterOutputStream {
    private IOException failure;

    OutputFailure(OutputStream out) {
        super(out);
    }

    /** Null if all was written, or if nobody reads it any more, as behind {@code | head}. */
    IOException failure() {
        boolean unread = failure != null && failure.getMessage() != null && failure.getMessage().contains("Broken pipe");
        return unread ? null : failure;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            failure = failure == null ? e : failure;
            throw e;
        }
    }
}
