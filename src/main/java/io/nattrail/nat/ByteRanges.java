package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.SequenceNumber;

/**
 * Finds the bytes of a TCP segment again in segments of the other place that have no twin of their own, since offload merges and splits
 * segments on the way.
 */
final class ByteRanges {
    /** So many rows further on, and so many back, the bytes of a segment may lie. */
    static final int AHEAD = 96;
    private static final int BEHIND = 32;

    private ByteRanges() {
    }

    /** Whether the bytes of a segment are all in segments of the other side that have no twin of their own; they lie close by in order. */
    static boolean covered(Rows rows, int row, Rows other, int[] twin) {
        int need = rows.seq(row);
        int end = need + rows.length(row);
        int start = scanStart(other, need);
        int misses = 0;
        for (int k = start; k < other.count() && misses < AHEAD; k++) {
            if (twin[k] >= 0 || other.length(k) == 0) {
                misses++;
                continue;
            }
            int from = other.seq(k);
            int to = from + other.length(k);
            if (SequenceNumber.isBeforeOrEqual(from, need) && SequenceNumber.isAfter(to, need)) {
                need = to;
                misses = 0;
                if (SequenceNumber.isAfterOrEqual(need, end)) {
                    return true;
                }
            } else {
                misses++;
            }
        }
        return false;
    }

    /**
     * Whether the pieces of a segment that was split on the way are all there, though some overtook others. The pieces are numbered one
     * after the other and share the segment's timestamps; what was sent again in the place of a lost one is numbered anew.
     */
    static boolean coveredInDisorder(Rows rows, int row, Rows other, int[] twin) {
        int need = rows.seq(row);
        int end = need + rows.length(row);
        int start = scanStart(other, need);
        int before;
        do {
            before = need;
            int misses = 0;
            for (int k = start; k < other.count() && misses < AHEAD; k++) {
                int from = other.seq(k);
                int to = from + other.length(k);
                boolean next = twin[k] < 0 && SequenceNumber.isBeforeOrEqual(from, need) && SequenceNumber.isAfter(to, need)
                        && pieceOf(rows, row, other, k);
                need = next ? to : need;
                misses = next ? 0 : misses + 1;
                if (SequenceNumber.isAfterOrEqual(need, end)) {
                    return true;
                }
            }
        } while (need != before);
        return false;
    }

    /** Segmentation offload numbers its pieces from the segment's identification on; all but the last are of one length. */
    private static boolean pieceOf(Rows rows, int row, Rows other, int k) {
        int length = other.length(k);
        int offset = other.seq(k) - rows.seq(row);
        if (length == 0 || offset < 0 || other.timestamps(k) != rows.timestamps(row) || other.tsVal(k) != rows.tsVal(row)) {
            return false;
        }
        int behind = other.identification(k) - rows.identification(row) & 0xffff;
        if (behind == 0) {
            // The first piece, or one of a device that gives all pieces the same number; without numbers the time stamps have to tell.
            return rows.identification(row) != 0 || rows.timestamps(row);
        }
        boolean last = offset + length == rows.length(row);
        return offset == behind * length || last && offset % behind == 0 && offset / behind >= length;
    }

    /** First row of the other side that may hold the byte: rows are nearly in the order of their sequence numbers. */
    static int scanStart(Rows other, int seq) {
        int low = 0;
        int high = other.count();
        while (low < high) {
            int middle = low + high >>> 1;
            if (SequenceNumber.isBefore(other.seq(middle) + other.length(middle), seq)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return Math.max(0, low - BEHIND);
    }
}
