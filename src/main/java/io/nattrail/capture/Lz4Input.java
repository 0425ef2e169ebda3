package io.nattrail.capture;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4SafeDecompressor;
import net.jpountz.xxhash.StreamingXXHash32;
import net.jpountz.xxhash.XXHashFactory;

/**
 * Reads lz4 frames one after the other (lz4's doc/lz4_Frame_format.md, 1.6.4). The readers of lz4-java and Commons Compress allocate up to
 * eight megabytes for each frame and some hundred kilobytes for each block, and both can be a few bytes; the former also does not know
 * blocks that need those before them, which Wireshark writes. Here buffers are kept, and grow only to what blocks hold.
 */
final class Lz4Input extends InputStream {
    private static final int MAGIC = 0x184d2204;
    private static final int SKIPPABLE = 0x184d2a50;
    /** How far a block may reach back into those before it. */
    private static final int WINDOW = 1 << 16;
    private static final int LEAST_BLOCK = 1 << 16;
    private static final int MATCH = 4;

    private static final int VERSION = 0xc0;
    private static final int VERSION_1 = 0x40;
    private static final int INDEPENDENT = 0x20;
    private static final int BLOCK_CHECKSUM = 0x10;
    private static final int CONTENT_SIZE = 0x08;
    private static final int CONTENT_CHECKSUM = 0x04;
    private static final int RESERVED = 0x02;
    private static final int DICTIONARY = 0x01;

    private final InputStream in;
    private final LZ4SafeDecompressor decompressor = LZ4Factory.fastestInstance().safeDecompressor();
    private final StreamingXXHash32 content = XXHashFactory.fastestInstance().newStreamingHash32(0);
    private final byte[] head = new byte[15];
    private byte[] packed = new byte[LEAST_BLOCK];
    /** What was decompressed: the window, then the block that is handed on. */
    private byte[] plain = new byte[WINDOW + LEAST_BLOCK];
    private int windowStart = WINDOW;
    private int at = WINDOW;
    private int end = WINDOW;
    private boolean inFrame;
    private boolean any;
    private int flags;
    private int largest;
    private long told;
    private long given;

    Lz4Input(InputStream in) {
        this.in = in;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (at == end) {
            if (!(inFrame ? block() : frame())) {
                return -1;
            }
        }
        int count = Math.min(length, end - at);
        System.arraycopy(plain, at, buffer, offset, count);
        at += count;
        return count;
    }

    /** Reads the header of a frame, or steps over one without data; false at the end of the file. */
    private boolean frame() throws IOException {
        int there = in.readNBytes(head, 0, 4);
        if (there == 0 && any) {
            return false;
        }
        int magic = there == 4 ? i32(head, 0) : 0;
        if ((magic & ~0xf) == SKIPPABLE) {
            skip();
        } else if (magic == MAGIC) {
            header();
        } else {
            throw there < 4 && !any ? new EOFException("cut in its first bytes")
                    : new IOException("followed by something else after a frame");
        }
        any = true;
        return true;
    }

    private void skip() throws IOException {
        must(head, 0, 4);
        long left = i32(head, 0) & 0xffffffffL;
        while (left > 0) {
            int count = in.read(packed, 0, (int) Math.min(left, packed.length));
            if (count < 0) {
                throw new EOFException("cut inside a frame");
            }
            left -= count;
        }
    }

    private void header() throws IOException {
        must(head, 0, 2);
        flags = head[0] & 0xff;
        int sizes = head[1] & 0xff;
        if ((flags & VERSION) != VERSION_1 || (flags & RESERVED) != 0 || (sizes & 0x8f) != 0 || sizes >> 4 < 4) {
            throw new IOException("a frame's header says what is not defined");
        }
        if ((flags & DICTIONARY) != 0) {
            throw new IOException("a frame needs a dictionary");
        }
        int length = (flags & CONTENT_SIZE) != 0 ? 10 : 2;
        must(head, 2, length - 2 + 1);
        if ((head[length] & 0xff) != (XXHashFactory.fastestInstance().hash32().hash(head, 0, length, 0) >>> 8 & 0xff)) {
            throw new IOException("checksum of a frame's header differs");
        }
        told = length == 10 ? i32(head, 2) & 0xffffffffL | (long) i32(head, 6) << 32 : -1;
        largest = 1 << 8 + 2 * (sizes >> 4);
        given = 0;
        content.reset();
        windowStart = WINDOW;
        at = WINDOW;
        end = WINDOW;
        inFrame = true;
    }

    private boolean block() throws IOException {
        must(head, 0, 4);
        int word = i32(head, 0);
        int size = word & 0x7fffffff;
        if (word == 0) {
            finish();
            return true;
        }
        if (size > largest) {
            throw new IOException("a block is larger than its frame says");
        }
        packed = room(packed, size);
        must(packed, 0, size);
        if ((flags & BLOCK_CHECKSUM) != 0) {
            must(head, 0, 4);
            if (i32(head, 0) != XXHashFactory.fastestInstance().hash32().hash(packed, 0, size, 0)) {
                throw new IOException("checksum of a block differs");
            }
        }
        keepWindow();
        int count = word < 0 ? copied(size) : unpacked(size);
        at = WINDOW;
        end = WINDOW + count;
        given += count;
        if ((flags & CONTENT_CHECKSUM) != 0) {
            content.update(plain, at, count);
        }
        return true;
    }

    /** What the next block may reach back to is moved before it. */
    private void keepWindow() {
        int kept = (flags & INDEPENDENT) != 0 ? 0 : Math.min(WINDOW, end - windowStart);
        System.arraycopy(plain, end - kept, plain, WINDOW - kept, kept);
        windowStart = WINDOW - kept;
    }

    private int copied(int size) {
        plain = room(plain, WINDOW + size);
        System.arraycopy(packed, 0, plain, WINDOW, size);
        return size;
    }

    private int unpacked(int size) throws IOException {
        // A byte of a block is at most 255 bytes of what it holds.
        plain = room(plain, WINDOW + (int) Math.min(largest, size * 255L));
        if ((flags & INDEPENDENT) == 0) {
            return unpack(size, Math.min(plain.length, WINDOW + largest)) - WINDOW;
        }
        try {
            return decompressor.decompress(packed, 0, size, plain, WINDOW, Math.min(plain.length - WINDOW, largest));
        } catch (LZ4Exception e) {
            throw impossible();
        }
    }

    /** Unpacks a block that may reach back into the window; the index after what it holds (doc/lz4_Block_format.md). */
    private int unpack(int size, int limit) throws IOException {
        int from = 0;
        int to = WINDOW;
        while (from < size) {
            int token = packed[from++] & 0xff;
            int literals = token >>> 4;
            if (literals == 15) {
                int more;
                do {
                    more = from < size ? packed[from++] & 0xff : -1;
                    literals += more;
                } while (more == 255);
                if (more < 0) {
                    throw impossible();
                }
            }
            if (literals > size - from || literals > limit - to) {
                throw impossible();
            }
            System.arraycopy(packed, from, plain, to, literals);
            from += literals;
            to += literals;
            if (from == size) {
                return to;
            }
            if (size - from < 2) {
                throw impossible();
            }
            int back = packed[from] & 0xff | (packed[from + 1] & 0xff) << 8;
            from += 2;
            int length = token & 15;
            if (length == 15) {
                int more;
                do {
                    more = from < size ? packed[from++] & 0xff : -1;
                    length += more;
                } while (more == 255);
                if (more < 0) {
                    throw impossible();
                }
            }
            length += MATCH;
            if (back == 0 || back > to - windowStart || length > limit - to) {
                throw impossible();
            }
            if (back >= length) {
                System.arraycopy(plain, to - back, plain, to, length);
            } else {
                for (int i = 0; i < length; i++) {
                    plain[to + i] = plain[to + i - back];
                }
            }
            to += length;
        }
        throw impossible();
    }

    private void finish() throws IOException {
        inFrame = false;
        if ((flags & CONTENT_CHECKSUM) != 0) {
            must(head, 0, 4);
            if (i32(head, 0) != content.getValue()) {
                throw new IOException("checksum of a frame differs");
            }
        }
        if (told >= 0 && told != given) {
            throw new IOException("length of a frame differs");
        }
    }

    private static IOException impossible() {
        return new IOException("a block cannot be decompressed");
    }

    private static byte[] room(byte[] buffer, int length) {
        if (buffer.length >= length) {
            return buffer;
        }
        byte[] larger = new byte[Math.max(length, buffer.length * 2)];
        System.arraycopy(buffer, 0, larger, 0, Math.min(buffer.length, WINDOW));
        return larger;
    }

    private static int i32(byte[] b, int at) {
        return b[at] & 0xff | (b[at + 1] & 0xff) << 8 | (b[at + 2] & 0xff) << 16 | b[at + 3] << 24;
    }

    private void must(byte[] buffer, int offset, int count) throws IOException {
        if (in.readNBytes(buffer, offset, count) < count) {
            throw new EOFException("cut inside a frame");
        }
    }

    @Override
    public void close() throws IOException {
        content.close();
        in.close();
    }
}
