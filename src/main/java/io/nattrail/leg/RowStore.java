package io.nattrail.leg;

import java.util.Arrays;

/**
 * Where the rows of one point's legs lie: chunks of a few rows, chained per leg, taken from slabs and given back when a flow has been
 * folded. Nothing is allocated for a row once the slabs are there.
 */
final class RowStore {
    private static final int CHUNK_ROWS = 4;
    private static final int CHUNK_LONGS = CHUNK_ROWS * Rows.WORDS;
    private static final int SLAB_SHIFT = 11;
    private static final int SLAB_CHUNKS = 1 << SLAB_SHIFT;
    private static final int SLAB_MASK = SLAB_CHUNKS - 1;
    private static final int NONE = -1;

    private long[][] slabs = new long[16][];
    private int[][] next = new int[16][];
    private int used;
    private int free = NONE;
    private long rows;
    /** Chunks in use of each slab, once rows are discarded; null before. */
    private int[] live;

    /** How many rows are held. */
    long rows() {
        return rows;
    }

    /** Appends a row to a leg: the words in the order of {@link Rows}. */
    void append(Leg leg, long w0, long w1, long w2, long w3, long w4, long w5) {
        int inChunk = leg.rowCount & CHUNK_ROWS - 1;
        if (inChunk == 0) {
            int chunk = take();
            if (leg.rowCount == 0) {
                leg.firstChunk = chunk;
            } else {
                next[leg.lastChunk >>> SLAB_SHIFT][leg.lastChunk & SLAB_MASK] = chunk;
            }
            leg.lastChunk = chunk;
        }
        leg.rowCount++;
        rows++;
        long[] slab = slabs[leg.lastChunk >>> SLAB_SHIFT];
        int at = (leg.lastChunk & SLAB_MASK) * CHUNK_LONGS + inChunk * Rows.WORDS;
        slab[at + 5] = w5;
        slab[at] = w0;
        slab[at + 1] = w1;
        slab[at + 2] = w2;
        slab[at + 3] = w3;
        slab[at + 4] = w4;
    }

    /** Appends a row that was copied before. */
    void append(Leg leg, Rows from, int row) {
        long[] words = from.words();
        int at = row * Rows.WORDS;
        append(leg, words[at], words[at + 1], words[at + 2], words[at + 3], words[at + 4], words[at + 5]);
    }

    /** Copies a leg's first rows, in the order of the capture, behind what {@code into} holds. */
    void copy(Leg leg, int most, Rows into) {
        int left = Math.min(most, leg.rowCount);
        int chunk = leg.firstChunk;
        int at = into.reserve(left);
        long[] to = into.words();
        while (left > 0) {
            int rowsHere = Math.min(left, CHUNK_ROWS);
            System.arraycopy(slabs[chunk >>> SLAB_SHIFT], (chunk & SLAB_MASK) * CHUNK_LONGS, to, at, rowsHere * Rows.WORDS);
            at += rowsHere * Rows.WORDS;
            left -= rowsHere;
            chunk = next[chunk >>> SLAB_SHIFT][chunk & SLAB_MASK];
        }
    }

    /** Moves the times of a leg's rows that were captured after a clock was set to what it would have shown otherwise. */
    void undo(ClockStep step, Leg leg) {
        int chunk = leg.firstChunk;
        for (int row = 0; row < leg.rowCount; row++) {
            if (row > 0 && row % CHUNK_ROWS == 0) {
                chunk = next[chunk >>> SLAB_SHIFT][chunk & SLAB_MASK];
            }
            long[] slab = slabs[chunk >>> SLAB_SHIFT];
            int at = (chunk & SLAB_MASK) * CHUNK_LONGS + row % CHUNK_ROWS * Rows.WORDS;
            if (step.before(Rows.file(slab, at), Rows.number(slab, at))) {
                slab[at] -= step.aheadNanos();
            }
        }
    }

    /** Takes a leg's rows back; the leg has none afterwards. */
    void release(Leg leg) {
        if (leg.rowCount == 0) {
            return;
        }
        rows -= leg.rowCount;
        next[leg.lastChunk >>> SLAB_SHIFT][leg.lastChunk & SLAB_MASK] = free;
        free = leg.firstChunk;
        leg.rowCount = 0;
    }

    /** Takes a leg's rows away for good: nothing is appended any more, and a slab is let go with the last of its rows. */
    void discard(Leg leg) {
        if (live == null) {
            countLive();
        }
        int chunk = leg.firstChunk;
        for (int left = leg.rowCount; left > 0; left -= CHUNK_ROWS) {
            int slab = chunk >>> SLAB_SHIFT;
            chunk = next[slab][chunk & SLAB_MASK];
            if (--live[slab] == 0) {
                slabs[slab] = null;
                next[slab] = null;
            }
        }
        rows -= leg.rowCount;
        leg.rowCount = 0;
    }

    private void countLive() {
        live = new int[slabs.length];
        for (int slab = 0; slab << SLAB_SHIFT < used; slab++) {
            live[slab] = Math.min(SLAB_CHUNKS, used - (slab << SLAB_SHIFT));
        }
        while (free != NONE) {
            live[free >>> SLAB_SHIFT]--;
            free = next[free >>> SLAB_SHIFT][free & SLAB_MASK];
        }
    }

    private int take() {
        if (free != NONE) {
            int chunk = free;
            free = next[chunk >>> SLAB_SHIFT][chunk & SLAB_MASK];
            return chunk;
        }
        int slab = used >>> SLAB_SHIFT;
        if ((used & SLAB_MASK) == 0) {
            if (slab == slabs.length) {
                slabs = Arrays.copyOf(slabs, slab * 2);
                next = Arrays.copyOf(next, slab * 2);
            }
            slabs[slab] = new long[SLAB_CHUNKS * CHUNK_LONGS];
            next[slab] = new int[SLAB_CHUNKS];
        }
        return used++;
    }
}
