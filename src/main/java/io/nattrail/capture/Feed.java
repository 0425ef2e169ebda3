package io.nattrail.capture;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;

/**
 * The bytes of a capture, decompressed, through one buffer. What a record needs is asked for with {@link #has}; a record that crosses the
 * end of the buffer is moved to the front. The buffer grows only with bytes that really came, never with a length that a file claims.
 */
final class Feed implements Closeable {
    /** The largest record or block that is laid out in memory at once: libpcap's bound for a pcapng block. */
    static final int MAX_RECORD = 16 << 20;

    private static final int INITIAL = 1 << 20;
    /** The best that compression does with real packets is a thousandth, where large segments repeat; bombs begin far beyond. */
    private static final long MOST_RATIO = 5_000;
    private static final long RATIO_COUNTS_FROM = 1L << 30;
    /** Small enough to stay in the processor's cache until it is decoded. */
    private static final int CHUNK = 1 << 18;

    byte[] buffer = new byte[INITIAL];
    /** Index of the next byte to be read. */
    int position;
    /** Index after the last byte that is there. */
    int limit;

    private final InputStream in;
    private final SourceInput source;
    private final Compression compression;
    /** Offset in the uncompressed stream of the first byte of the buffer. */
    private long base;
    private boolean ended;
    private String broken;

    Feed(InputStream in, SourceInput source, Compression compression) {
        this.in = in;
        this.source = source;
        this.compression = compression;
    }

    /** Whether so many bytes, at most {@link #MAX_RECORD}, are there from {@link #position} on. May move them within the buffer. */
    boolean has(int length) throws IOException {
        return limit - position >= length || fill(length);
    }

    private boolean fill(int length) throws IOException {
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            base += position;
            limit -= position;
            position = 0;
        }
        if (base > RATIO_COUNTS_FROM && compression != Compression.NONE && base / MOST_RATIO > source.consumed()) {
            ended = true;
            broken = compression.label() + " data: unpacks to more than " + MOST_RATIO + " times its size, as no capture does";
        }
        while (limit < length && !ended) {
            if (limit == buffer.length) {
                byte[] larger = new byte[buffer.length * 2];
                System.arraycopy(buffer, 0, larger, 0, limit);
                buffer = larger;
            }
            int count = read(Math.min(CHUNK, buffer.length - limit));
            if (count < 0) {
                ended = true;
            } else {
                limit += count;
            }
        }
        return limit >= length;
    }

    private int read(int length) throws IOException {
        try {
            return in.read(buffer, limit, length);
        } catch (IOException e) {
            // A disk that cannot be read is an error; compressed data that is wrong is damage of the file.
            if (source.failed() || compression == Compression.NONE) {
                throw e;
            }
            broken = compression.label() + " data: " + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
            return -1;
        }
    }

    /** Steps over bytes; false if the stream ends before. */
    boolean skip(long count) throws IOException {
        long left = count;
        while (left > limit - position) {
            left -= limit - position;
            position = limit;
            if (!fill(1)) {
                return false;
            }
        }
        position += (int) left;
        return true;
    }

    /** Goes on at a later offset without reading what lies between; false, and nothing done, where the bytes are compressed. */
    boolean jump(long offset) throws IOException {
        if (compression != Compression.NONE || offset < offset()) {
            return false;
        }
        if (offset <= endOffset()) {
            position += (int) (offset - offset());
            return true;
        }
        long left = offset - endOffset();
        base = offset;
        position = 0;
        limit = 0;
        while (left > 0) {
            long skipped = in.skip(left);
            if (skipped <= 0) {
                if (in.read() < 0) {
                    ended = true;
                    return true;
                }
                skipped = 1;
            }
            left -= skipped;
        }
        return true;
    }

    /** Offset of {@link #position} in the uncompressed stream. */
    long offset() {
        return base + position;
    }

    /** Offset after the last byte that is there. */
    long endOffset() {
        return base + limit;
    }

    /** What is wrong with the compressed data, or null; then the stream ends at {@link #endOffset}. */
    String broken() {
        return broken;
    }

    /** What is not read if reading ends at an offset, in words. */
    String restFrom(long offset) {
        if (compression == Compression.NONE && source.size() >= endOffset()) {
            long rest = source.size() - offset;
            return rest + (rest == 1 ? " byte" : " bytes") + " from there on were not read";
        }
        return "what follows was not read";
    }

    Compression compression() {
        return compression;
    }

    @Override
    public void close() throws IOException {
        try {
            in.close();
        } finally {
            source.close();
        }
    }
}
