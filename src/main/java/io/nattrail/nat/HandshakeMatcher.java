package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** TCP legs with a handshake: those of one connection have the client's initial sequence number in common, whatever their tuples. */
final class HandshakeMatcher {
    private static final int ROWS_TO_SHARE = 16;
    /** No NAT gives a connection so many tuples at all points together. */
    private static final int MOST_OF_ONE = 32;

    private final List<Leg> legs;
    private final LegUnion joined;
    private final Rows left = new Rows();
    private final Rows right = new Rows();

    HandshakeMatcher(List<Leg> legs, LegUnion joined) {
        this.legs = legs;
        this.joined = joined;
    }

    void join() {
        long[] keys = new long[legs.size()];
        int count = 0;
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (leg.hasClientIsn()) {
                keys[count++] = (long) leg.clientIsn() << 32 | i;
            }
        }
        Arrays.sort(keys, 0, count);
        for (int from = 0; from < count;) {
            int to = from + 1;
            while (to < count && keys[to] >> 32 == keys[from] >> 32) {
                to++;
            }
            if (to - from > 1) {
                joinSameIsn(keys, from, to);
            }
            from = to;
        }
    }

    private void joinSameIsn(long[] keys, int from, int to) {
        if (mayBeSeveral(keys, from, to)) {
            joinBySharedHandshake(keys, from, to);
            joinRelayed(keys, from, to);
            return;
        }
        for (int k = from + 1; k < to; k++) {
            joined.union((int) keys[from], (int) keys[k]);
        }
    }

    /**
     * Two server sequence numbers, or two clients of one destination or two destinations of one client at one point: perhaps several
     * connections with the same number. Scanners and load generators give it to all. One that is translated has two destinations, too,
     * where nobody masquerades, but one SYN.
     */
    private boolean mayBeSeveral(long[] keys, int from, int to) {
        if (to - from > MOST_OF_ONE) {
            return true;
        }
        for (int k = from; k < to; k++) {
            Leg a = legs.get((int) keys[k]);
            for (int l = from; l < k; l++) {
                Leg b = legs.get((int) keys[l]);
                if (a.hasServerIsn() && b.hasServerIsn() && a.serverIsn() != b.serverIsn()) {
                    return true;
                }
                if (a.point() == b.point() && a.synSeen() && b.synSeen()
                        && (a.callsSameAs(b) || a.openedFromSameAs(b) && !shareAPacket(a, b))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Joins only legs that share a packet: the same SYN or SYN-ACK with its timestamps and identification. */
    private void joinBySharedHandshake(long[] keys, int from, int to) {
        Map<Long, Integer> shown = new HashMap<>();
        Rows rows = new Rows();
        for (int k = from; k < to; k++) {
            int leg = (int) keys[k];
            rows.clear();
            legs.get(leg).copyFirstRows(ROWS_TO_SHARE, rows);
            for (int row = 0; row < rows.count(); row++) {
                long print = RowFacts.fingerprint(rows, row) ^ (long) (rows.identification(row) << 8 | rows.flags(row)) << 32;
                Integer other = shown.putIfAbsent(print, leg);
                if (other != null && joined.root(other) != joined.root(leg) && shareAPacket(legs.get(other), legs.get(leg))) {
                    joined.union(other, leg);
                }
            }
        }
    }

    /**
     * A SYN of netfilter's SYNPROXY has the number by which it had answered the client (see {@link FlowFolder}). The bridge hook may show
     * the answers of a pod beside it half translated, from the pod's port to the client's.
     */
    private void joinRelayed(long[] keys, int from, int to) {
        for (int k = from; k < to; k++) {
            Leg behind = legs.get((int) keys[k]);
            left.clear();
            behind.copyFirstRows(ROWS_TO_SHARE, left);
            for (int row = 0; row < left.count(); row++) {
                for (int l = from; l < to && left.relaysNumber(row); l++) {
                    Leg front = legs.get((int) keys[l]);
                    if (front.hasServerIsn() && front.serverIsn() == left.ack(row)) {
                        joined.union((int) keys[l], (int) keys[k]);
                        FiveTuple half = new FiveTuple(front.protocol(), front.tuple().source(), behind.tuple().destination());
                        joinAll(keys, from, to, half, (int) keys[l]);
                    }
                }
            }
        }
    }

    private void joinAll(long[] keys, int from, int to, FiveTuple tuple, int with) {
        for (int k = from; k < to; k++) {
            if (legs.get((int) keys[k]).tuple().equals(tuple)) {
                joined.union(with, (int) keys[k]);
            }
        }
    }

    private boolean shareAPacket(Leg a, Leg b) {
        left.clear();
        right.clear();
        a.copyFirstRows(ROWS_TO_SHARE, left);
        b.copyFirstRows(ROWS_TO_SHARE, right);
        for (int i = 0; i < left.count(); i++) {
            for (int j = 0; j < right.count(); j++) {
                if (left.samePacket(i, right, j) && left.identification(i) == right.identification(j)) {
                    return true;
                }
            }
        }
        return false;
    }
}
