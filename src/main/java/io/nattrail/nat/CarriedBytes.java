package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.SequenceNumber;
import java.util.Arrays;

/**
 * TCP segments of one direction by their sequence numbers, so that others which carry the same bytes are found without looking through all.
 * Reused; not for several threads.
 */
final class CarriedBytes {
    private Rows rows;
    /** Sequence number and row, in the order of unsigned numbers. */
    private long[] segments = new long[64];
    private int count;
    private int longest;

    /** @param fates what became of each; where given, those that are lost are left out */
    void note(Rows sent, int[] fates) {
        rows = sent;
        count = 0;
        longest = 0;
        if (segments.length < sent.count()) {
            segments = new long[sent.count() * 2];
        }
        for (int row = 0; row < sent.count(); row++) {
            if (RowFacts.tells(sent, row) && !RowFacts.mayProbe(sent, row) && (fates == null || fates[row] != PacketMatcher.LOST)) {
                // With its highest bit turned a number sorts as an unsigned one.
                segments[count++] = (long) (sent.seq(row) ^ Integer.MIN_VALUE) << 32 | row;
                longest = Math.max(longest, RowFacts.sequenceEnd(sent, row) - sent.seq(row));
            }
        }
        Arrays.sort(segments, 0, count);
    }

    /** Whether another segment carries bytes of one, and not a single byte, as probes do. */
    boolean another(int row) {
        int start = rows.seq(row);
        int end = RowFacts.sequenceEnd(rows, row);
        if (end == start || count == 0) {
            return false;
        }
        int from = start - longest + 1;
        int reach = end - from;
        int at = first(from);
        for (int looked = 0; looked < count; looked++) {
            int other = (int) segments[at];
            if (Integer.compareUnsigned(rows.seq(other) - from, reach) >= 0) {
                return false;
            }
            if (other != row && SequenceNumber.isAfter(RowFacts.sequenceEnd(rows, other), start)) {
                return true;
            }
            at = at + 1 == count ? 0 : at + 1;
        }
        return false;
    }

    /** The first segment from a number on; behind the highest comes the lowest again. */
    private int first(int seq) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if (Integer.compareUnsigned(rows.seq((int) segments[middle]), seq) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low == count ? 0 : low;
    }
}
