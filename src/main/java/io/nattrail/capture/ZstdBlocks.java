package io.nattrail.capture;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Hands zstd data on in the pieces that it is made of (RFC 8878, 3.1): the header of a frame, a block, a checksum. zstd-jni reads as much
 * as it gets before it gives anything; with pieces, damage costs no block before it. And it does not notice that the data ends inside a
 * frame if that frame began in the same piece as another one ended.
 */
final class ZstdBlocks extends FilterInputStream {
    private static final int MAGIC = 0xfd2fb528;
    private static final int SKIPPABLE = 0x184d2a50;
    private static final int[] DICTIONARY_BYTES = {0, 1, 2, 4};
    private static final int[] SIZE_BYTES = {0, 2, 4, 8};
    private static final int RLE = 1;

    /** What had to be looked at, and is handed on first. The longest is the header of a frame. */
    private final byte[] head = new byte[18];
    private int headAt;
    private int headEnd;
    /** Bytes of the piece after that. */
    private long body;
    private boolean inFrame;
    private boolean lastBlock;
    private boolean checksum;

    ZstdBlocks(InputStream in) {
        super(in);
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
        if (headAt == headEnd && body == 0) {
            nextPiece();
        }
        int fromHead = Math.min(length, headEnd - headAt);
        System.arraycopy(head, headAt, buffer, offset, fromHead);
        headAt += fromHead;
        int fromBody = 0;
        if (body > 0 && fromHead < length) {
            fromBody = in.read(buffer, offset + fromHead, (int) Math.min(length - fromHead, body));
            body -= Math.max(0, fromBody);
        }
        return fromHead == 0 && fromBody <= 0 ? -1 : fromHead + Math.max(0, fromBody);
    }

    /** So that zstd-jni gives what it has before it asks for the next piece. */
    @Override
    public int available() {
        return 0;
    }

    private void nextPiece() throws IOException {
        headAt = 0;
        headEnd = 0;
        if (inFrame && !lastBlock) {
            block();
        } else if (inFrame && checksum) {
            inFrame = false;
            collect(4);
        } else {
            inFrame = false;
            frame();
        }
    }

    private void block() throws IOException {
        if (collect(3)) {
            int header = head[0] & 0xff | (head[1] & 0xff) << 8 | (head[2] & 0xff) << 16;
            lastBlock = (header & 1) != 0;
            body = (header >>> 1 & 3) == RLE ? 1 : header >>> 3;
        }
    }

    private void frame() throws IOException {
        if (!collect(4)) {
            return;
        }
        int magic = i32(0);
        if ((magic & ~0xf) == SKIPPABLE) {
            body = collect(4) ? i32(4) & 0xffffffffL : 0;
        } else if (magic != MAGIC) {
            // zstd itself will say that this is not its format.
            body = Long.MAX_VALUE;
        } else if (collect(1)) {
            int descriptor = head[4] & 0xff;
            boolean single = (descriptor & 0x20) != 0;
            int size = SIZE_BYTES[descriptor >>> 6];
            inFrame = true;
            lastBlock = false;
            checksum = (descriptor & 4) != 0;
            collect((single ? Math.max(1, size) : 1 + size) + DICTIONARY_BYTES[descriptor & 3]);
        }
    }

    private int i32(int at) {
        return head[at] & 0xff | (head[at + 1] & 0xff) << 8 | (head[at + 2] & 0xff) << 16 | head[at + 3] << 24;
    }

    /** Adds bytes to the head; false if the data ends before. */
    private boolean collect(int count) throws IOException {
        int read = in.readNBytes(head, headEnd, count);
        headEnd += read;
        return read == count;
    }
}
