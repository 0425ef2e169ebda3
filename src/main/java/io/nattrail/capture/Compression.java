package io.nattrail.capture;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;

/** How a capture file is compressed: told by its first bytes, whatever its name. */
enum Compression {
    NONE("none"),
    GZIP("gzip"),
    ZSTD("zstd"),
    LZ4("lz4");

    /** How many bytes are looked at. */
    static final int HEAD = 4;

    private static final int ZSTD_MAGIC = 0x28b52ffd;
    private static final int LZ4_MAGIC = 0x04224d18;

    private final String label;

    Compression(String label) {
        this.label = label;
    }

    /** As in reports. */
    String label() {
        return label;
    }

    /**
     * Looks at how a stream begins, and leaves it there; but what carries no data is stepped over, since both zstd and lz4 may begin so.
     */
    static Compression of(PushbackInputStream in) throws IOException {
        byte[] head = in.readNBytes(HEAD);
        Compression compression = of(head, head.length);
        while (head.length == HEAD && skippable(head)) {
            byte[] size = in.readNBytes(4);
            if (size.length < 4) {
                return compression;
            }
            try {
                in.skipNBytes(size[0] & 0xff | (size[1] & 0xff) << 8 | (size[2] & 0xff) << 16 | (size[3] & 0xffL) << 24);
            } catch (EOFException e) {
                return compression;
            }
            head = in.readNBytes(HEAD);
            compression = head.length == 0 ? compression : of(head, head.length);
        }
        in.unread(head);
        return compression;
    }

    /** Frames of zstd and lz4 that carry no data. */
    private static boolean skippable(byte[] head) {
        return (head[0] & 0xf0) == 0x50 && head[1] == 0x2a && head[2] == 0x4d && head[3] == 0x18;
    }

    static Compression of(byte[] head, int length) {
        if (length >= 2 && (head[0] & 0xff) == 0x1f && (head[1] & 0xff) == 0x8b) {
            return GZIP;
        }
        if (length < 4) {
            return NONE;
        }
        int magic = (head[0] & 0xff) << 24 | (head[1] & 0xff) << 16 | (head[2] & 0xff) << 8 | head[3] & 0xff;
        if (magic == LZ4_MAGIC) {
            return LZ4;
        }
        return magic == ZSTD_MAGIC || skippable(head) ? ZSTD : NONE;
    }

    /** The decompressed stream. */
    InputStream open(InputStream in, String file) throws IOException {
        try {
            return switch (this) {
                case NONE -> in;
                case GZIP -> new GzipInput(in);
                case ZSTD -> new ZstdInputStreamNoFinalizer(new ZstdBlocks(in));
                case LZ4 -> new Lz4Input(in);
            };
        } catch (LinkageError e) {
            throw new UnreadableInputException(file, 0, "is compressed with " + label + ", for which this machine's library does not load ("
                    + e.getMessage() + ")", "decompress it first: " + label + " -d");
        }
    }
}
