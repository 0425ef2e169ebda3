package io.nattrail.capture;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;

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
    /** Frames of zstd and lz4 that carry no data begin with 50 to 5f, then this. */
    private static final int SKIPPABLE = 0x2a4d18;

    private final String label;

    Compression(String label) {
        this.label = label;
    }

    /** As in reports. */
    String label() {
        return label;
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
        return magic == ZSTD_MAGIC || (magic & 0xffffff) == SKIPPABLE && magic >>> 28 == 5 ? ZSTD : NONE;
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
