package io.nattrail.capture;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads gzip members one after the other (RFC 1952). {@code GZIPInputStream} is silent about what follows the last member, and Commons
 * Compress keeps a name in the header whatever its length and drops what it had decoded when it meets damage: hence this.
 */
final class GzipInput extends InputStream {
    private static final int HEADER_CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;
    private static final int RESERVED = 0xe0;

    private final InputStream in;
    private final Inflater inflater = new Inflater(true);
    private final CRC32 crc = new CRC32();
    private final byte[] input = new byte[1 << 16];
    private int at;
    private int end;
    private int member;
    private boolean inside;
    private IOException failure;

    GzipInput(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        while (length > 0) {
            if (!inside && !begin()) {
                return -1;
            }
            int count = inflate(buffer, offset, length);
            if (count > 0) {
                crc.update(buffer, offset, count);
                return count;
            }
            if (inflater.finished()) {
                finish();
            } else if (inflater.needsDictionary()) {
                throw new IOException("member " + member + " needs a dictionary");
            } else if (!refill()) {
                throw new EOFException("cut inside member " + member);
            } else {
                inflater.setInput(input, at, end - at);
            }
        }
        return 0;
    }

    /** What was decompressed before damage is handed on first. */
    private int inflate(byte[] buffer, int offset, int length) throws IOException {
        if (failure != null) {
            throw failure;
        }
        long before = inflater.getBytesWritten();
        try {
            return inflater.inflate(buffer, offset, length);
        } catch (DataFormatException e) {
            failure = new IOException("member " + member + " cannot be decompressed (" + e.getMessage() + ")", e);
            int count = (int) (inflater.getBytesWritten() - before);
            if (count == 0) {
                throw failure;
            }
            return count;
        }
    }

    /** Reads a member's header; false at the end of the file. */
    private boolean begin() throws IOException {
        int first = next();
        // gzip itself lets zeros follow, as a tape's last block has them.
        while (member > 0 && first == 0) {
            first = next();
        }
        if (first < 0) {
            return false;
        }
        if (first != 0x1f || next() != 0x8b) {
            throw new IOException("followed by something else after member " + member);
        }
        member++;
        int method = must();
        if (method != 8) {
            throw new IOException("member " + member + " has compression method " + method + ", only 8 exists");
        }
        int flags = must();
        if ((flags & RESERVED) != 0) {
            throw new IOException("member " + member + " has unknown flags");
        }
        skip(6);
        if ((flags & EXTRA) != 0) {
            skip(must() | must() << 8);
        }
        if ((flags & NAME) != 0) {
            skipText();
        }
        if ((flags & COMMENT) != 0) {
            skipText();
        }
        if ((flags & HEADER_CRC) != 0) {
            skip(2);
        }
        inflater.reset();
        inflater.setInput(input, at, end - at);
        crc.reset();
        inside = true;
        return true;
    }

    private void finish() throws IOException {
        inside = false;
        at = end - inflater.getRemaining();
        long checksum = u32();
        long size = u32();
        if (checksum != crc.getValue()) {
            throw new IOException("checksum of member " + member + " differs");
        }
        if (size != (inflater.getBytesWritten() & 0xffffffffL)) {
            throw new IOException("length of member " + member + " differs");
        }
    }

    private void skip(int count) throws IOException {
        for (int i = 0; i < count; i++) {
            must();
        }
    }

    /** Skips a text with the zero that ends it. */
    private void skipText() throws IOException {
        int next;
        do {
            next = must();
        } while (next != 0);
    }

    private long u32() throws IOException {
        return must() | must() << 8 | must() << 16 | (long) must() << 24;
    }

    private int must() throws IOException {
        int value = next();
        if (value < 0) {
            throw new EOFException("cut in the header or trailer of member " + Math.max(member, 1));
        }
        return value;
    }

    private int next() throws IOException {
        return at < end || refill() ? input[at++] & 0xff : -1;
    }

    private boolean refill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(input, 0, input.length));
        return end > 0;
    }

    @Override
    public void close() throws IOException {
        inflater.end();
        in.close();
    }
}
