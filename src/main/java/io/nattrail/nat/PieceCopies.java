package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.SequenceNumber;
import java.util.Arrays;

/**
 * Finds copies of TCP data that another interface of the same capture showed in other segments. Where a card does not cut large segments
 * (TSO), the kernel does just before it shows them on that device, after the pod's interface and the bridge showed them whole; and what
 * comes in pieces may be merged (GRO) for the devices behind. Reused from leg to leg.
 */
final class PieceCopies {
    /** The pieces of the largest segment (64 KiB, of IPv6 even more), on two interfaces in turn. */
    private static final int LOOK_BACK = 192;
    private static final int MOST_DEVICES = 8;

    private final int[] devices = new int[MOST_DEVICES];
    private final int[] ends = new int[2];
    private final boolean[] known = new boolean[2];
    private Rows all;

    void begin(Rows rows) {
        all = rows;
        Arrays.fill(known, false);
    }

    /**
     * Takes note of a row; each row has to come, in order.
     *
     * @return whether all its bytes are beneath those that were shown already. What is new is not, hence most rows need no search
     */
    boolean sawSince(int row) {
        if (all.length(row) == 0 || all.laterFragment(row)) {
            return false;
        }
        int sender = all.fromSecond(row) ? 1 : 0;
        int end = all.seq(row) + all.length(row);
        if (known[sender] && !SequenceNumber.isAfter(end, ends[sender])) {
            return true;
        }
        known[sender] = true;
        ends[sender] = end;
        return false;
    }

    /**
     * Whether another interface showed each byte of a row before, and more often than the row's own interface did: what is sent again at
     * once shows again on all of them.
     *
     * @param oldest how old the other rows may be, nanoseconds
     * @param held whether only rows count that came to the node and have a hop more, since the node kept the packet for a while
     */
    boolean showedElsewhere(int row, long oldest, boolean held) {
        int first = row;
        int here = 0;
        int least = Math.max(0, row - LOOK_BACK);
        while (first > least && all.time(row) - all.time(first - 1) <= oldest) {
            first--;
            here += all.cooked(first) == all.cooked(row) ? all.sharedBytes(row, first) : 0;
        }
        int count = 0;
        for (int back = row - 1; back >= first; back--) {
            if (all.cooked(back) == all.cooked(row) || all.sharedBytes(row, back) == 0 || isKnown(all.cooked(back), count)) {
                continue;
            }
            if (showedMore(row, first, all.cooked(back), here, held)) {
                return true;
            }
            if (count == MOST_DEVICES) {
                return false;
            }
            devices[count++] = all.cooked(back);
        }
        return false;
    }

    private boolean isKnown(int device, int count) {
        for (int i = 0; i < count; i++) {
            if (devices[i] == device) {
                return true;
            }
        }
        return false;
    }

    private boolean showedMore(int row, int first, int device, int here, boolean held) {
        int end = all.seq(row) + all.length(row);
        int need = all.seq(row);
        int there = 0;
        for (int back = first; back < row; back++) {
            if (all.cooked(back) != device || held && (all.sentByNode(back) || all.ttl(row) >= all.ttl(back))) {
                continue;
            }
            int shared = all.sharedBytes(row, back);
            if (shared > 0) {
                there += shared;
                int to = all.seq(back) + all.length(back);
                boolean next = SequenceNumber.isBeforeOrEqual(all.seq(back), need) && SequenceNumber.isAfter(to, need);
                need = next ? to : need;
            }
        }
        return there - here >= all.length(row) && SequenceNumber.isAfterOrEqual(need, end);
    }
}
