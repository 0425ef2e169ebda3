package io.nattrail.capture;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The file or stream itself: counts what is read of it, and remembers whether reading it failed. */
final class SourceInput extends FilterInputStream {
    private final String name;
    private final long size;
    private volatile long consumed;
    private boolean failed;

    /**
     * Takes a stream.
     *
     * @param name what to call it in messages
     * @param size of the file; -1 if it cannot be known
     */
    SourceInput(InputStream in, String name, long size) {
        super(in);
        this.name = name;
        this.size = size;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    public int read(byte[] buffer, int offset, int length) throws IOException {
        try {
            int count = in.read(buffer, offset, length);
            if (count > 0) {
                // One thread reads; others only look.
                consumed = consumed + count;
            }
            return count;
        } catch (IOException e) {
            failed = true;
            // The system says what went wrong, but not where.
            String reason = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
            throw new IOException(name + ": cannot be read: " + reason, e);
        }
    }

    @Override
    public boolean markSupported() {
        return false;
    }

    long size() {
        return size;
    }

    long consumed() {
        return consumed;
    }

    boolean failed() {
        return failed;
    }
}
