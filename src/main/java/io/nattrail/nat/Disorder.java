package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.SequenceNumber;
import java.util.Arrays;

/** Which packets of one place arrived at the next after others that were sent later. Reused. */
final class Disorder {
    /** No network holds a packet longer while later ones pass. */
    private static final long MOST_DISORDER_NANOS = 100_000_000L;

    private final PacketTwins twins;
    private boolean[] late = new boolean[64];
    private int count;

    Disorder(PacketTwins twins) {
        this.twins = twins;
    }

    boolean late(int down) {
        return late[down];
    }

    int count() {
        return count;
    }

    /**
     * Late is only what was surely sent before and surely arrived after: frames of one time stamp may lie in any order in a capture. An
     * acknowledgement alone takes no room among the bytes of its direction, so it cannot be out of their order: the numbers add up, and
     * one that was overtaken tells the other side nothing any more (RFC 5681, section 3.2, counts on it; Wireshark's analysis, too).
     */
    void find(Rows up, Rows down, boolean tcp) {
        if (late.length < down.count()) {
            late = new boolean[down.count() * 2];
        }
        Arrays.fill(late, 0, down.count(), false);
        count = 0;
        int furthest = -1;
        long furthestArrived = Long.MIN_VALUE;
        long time = Long.MIN_VALUE;
        long latestSentNow = Long.MIN_VALUE;
        long latestSentBefore = Long.MIN_VALUE;
        for (int j = 0; j < down.count(); j++) {
            int i = twins.upOf[j];
            if (i < 0) {
                continue;
            }
            if (down.time(j) != time) {
                latestSentBefore = Math.max(latestSentBefore, latestSentNow);
                time = down.time(j);
            }
            // What says the same as another packet, and is long behind, is no late one.
            late[j] = i < furthest && up.time(i) < latestSentBefore && (!tcp || RowFacts.tells(down, j))
                    && !(twins.mayHaveEqual(down, j) && down.time(j) > furthestArrived + MOST_DISORDER_NANOS)
                    && overtaken(up, i, down, j, tcp);
            count += late[j] ? 1 : 0;
            furthestArrived = i > furthest ? down.time(j) : furthestArrived;
            furthest = Math.max(furthest, i);
            latestSentNow = Math.max(latestSentNow, up.time(i));
        }
    }

    /**
     * Whether a packet that was sent later arrived before, by the times and by the order of the files: where a capture's times run
     * backwards, because a clock was set or several queues wrote, one of them is wrong. Of TCP it must lie below what overtook it: there
     * the receiver misses bytes, and only there.
     */
    private boolean overtaken(Rows up, int i, Rows down, int j, boolean tcp) {
        for (int k = j - 1; k >= 0 && k >= j - PacketMatcher.AHEAD; k--) {
            int other = twins.upOf[k];
            if (other > i && up.time(i) < up.time(other) && down.time(k) < down.time(j) && !writtenBefore(up, other, i)
                    && !writtenBefore(down, j, k)
                    && (!tcp || SequenceNumber.isAfter(RowFacts.sequenceEnd(down, k), down.seq(j)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean writtenBefore(Rows rows, int row, int other) {
        return rows.file(row) == rows.file(other) && rows.number(row) < rows.number(other);
    }
}
