package io.nattrail.report;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/**
 * Compressed blocks of the HTML report while the case is still running: they wait in a {@link Spool}, so that memory holds only their
 * places, and what fits into the report can be chosen once all of them are known.
 */
final class HtmlSpool implements Closeable {
    /** Of a block: what it holds. The order is the order in which blocks are given their room in the report. */
    enum Kind {
        /** Table rows of flows that are not plainly healthy. */
        NOTABLE_ROWS(0.45),
        /** Table rows of all others. */
        ROWS(0.60),
        /** Steps, legs, hops and deviations of notable flows. */
        NOTABLE_DETAILS(0.80),
        /** Packets of notable flows. */
        NOTABLE_TRAILS(0.90),
        /** Frames in full. */
        FRAMES(0.97),
        DETAILS(0.99),
        TRAILS(1.0);

        /** The part of the report's size that may be used up once blocks of this kind are in. */
        final double limit;

        Kind(double limit) {
            this.limit = limit;
        }

        /** The name in the report's data. */
        String label() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * A block at its place in the spool.
     *
     * @param first least flow id in it; of frames the least ordinal
     * @param last greatest flow id, or ordinal
     * @param count how many flows or frames
     */
    record Block(Kind kind, int first, int last, int count, long offset, int length) {
        /** Characters that it takes in the report. */
        long encodedLength() {
            return (length + 2L) / 3 * 4;
        }

        // Written by hand: what the compiler generates for a record runs through method handles. Each block has its own place.

        @Override
        public boolean equals(Object other) {
            return other instanceof Block that && offset == that.offset;
        }

        @Override
        public int hashCode() {
            return Long.hashCode(offset);
        }
    }

    /** Bytes that are encoded at once, a multiple of three. */
    private static final int BASE64_PIECE = 1536;

    private final Spool spool = new Spool("nattrail-report");
    private final List<Block> blocks = new ArrayList<>();

    /**
     * Adds a block.
     *
     * @param deflated its data, of {@link #deflate}
     */
    void add(Kind kind, int first, int last, int count, byte[] deflated) throws IOException {
        blocks.add(new Block(kind, first, last, count, spool.length(), deflated.length));
        spool.write(deflated);
    }

    /** All blocks, in the order they came. */
    List<Block> blocks() {
        return List.copyOf(blocks);
    }

    /** Writes a block as base64 of a zlib stream. */
    void write(Block block, OutputStream out) throws IOException {
        base64(spool.read(block.offset(), block.length()), out);
    }

    /** In pieces: what runs as one long loop runs in Java's interpreter, what is called often is compiled. */
    static void base64(byte[] bytes, OutputStream out) throws IOException {
        Base64.Encoder encoder = Base64.getEncoder();
        byte[] encoded = new byte[BASE64_PIECE / 3 * 4];
        int from = 0;
        for (; from + BASE64_PIECE <= bytes.length; from += BASE64_PIECE) {
            encoder.encode(Arrays.copyOfRange(bytes, from, from + BASE64_PIECE), encoded);
            out.write(encoded);
        }
        out.write(encoder.encode(Arrays.copyOfRange(bytes, from, bytes.length)));
    }

    static byte[] deflate(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 4 + 64);
        // Takes half the time of a medium level and makes blocks a sixth larger.
        Deflater deflater = new Deflater(3);
        try (DeflaterOutputStream deflating = new DeflaterOutputStream(out, deflater, 16384)) {
            deflating.write(bytes);
        } finally {
            deflater.end();
        }
        return out.toByteArray();
    }

    @Override
    public void close() throws IOException {
        spool.close();
    }
}
