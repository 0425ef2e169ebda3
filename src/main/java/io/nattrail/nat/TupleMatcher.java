package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The same tuple at several points, where no handshake tells: of datagrams, and of TCP that began before a capture. */
final class TupleMatcher {
    private static final int ROWS_TO_SHARE = 16;
    /** A datagram that more legs of one tuple show than this is a heartbeat like all others. */
    private static final int MOST_ALIKE = 32;
    /** Sequence numbers further apart may lie before or behind: they wrap (RFC 9293, section 3.4). */
    private static final int FURTHEST_NUMBER = 1 << 30;

    private final List<Leg> legs;
    private final LegEnds ends;
    private final ClockView clocks;
    private final LegUnion joined;
    private final Rows left = new Rows();
    private final Rows right = new Rows();

    TupleMatcher(List<Leg> legs, LegEnds ends, ClockView clocks, LegUnion joined) {
        this.legs = legs;
        this.ends = ends;
        this.clocks = clocks;
        this.joined = joined;
    }

    void join() {
        Chains byTuple = new Chains();
        for (int i = 0; i < legs.size(); i++) {
            if (!legs.get(i).hasClientIsn()) {
                byTuple.add(ends.unordered(i), i);
            }
        }
        for (int i = 0; i < legs.size(); i++) {
            if (legs.get(i).hasClientIsn() && byTuple.first(ends.unordered(i)) >= 0) {
                byTuple.add(ends.unordered(i), i);
            }
        }
        for (int place = 0; place < byTuple.count(); place++) {
            List<Integer> same = new ArrayList<>(4);
            for (int link = byTuple.firstOf(place); link >= 0; link = byTuple.next(link)) {
                same.add(byTuple.value(link));
            }
            joinOneTuple(same);
        }
    }

    /** Legs of one tuple at different points whose times meet are one connection; of two at one point each takes the nearest. */
    private void joinOneTuple(List<Integer> same) {
        Uses uses = usedAgain(same) ? new Uses(same) : null;
        for (int a : same) {
            Leg one = legs.get(a);
            if (one.hasClientIsn()) {
                // Joined by that number; a tuple may have been opened thousands of times.
                continue;
            }
            Others others = one.tcp() ? new Others(same, a) : null;
            int nearest = -1;
            long nearestGap = Long.MAX_VALUE;
            for (int b : uses == null ? same : uses.candidates(a)) {
                Leg other = legs.get(b);
                if (one.point() == other.point()) {
                    continue;
                }
                long gap = gap(one, other);
                if (gap < nearestGap && !(one.tcp() && others.differ(b))) {
                    nearestGap = gap;
                    nearest = b;
                }
            }
            if (nearest >= 0 && (nearestGap <= ExchangeWeights.MOST_CROSSING_NANOS
                    || !clocks.known(one.point(), legs.get(nearest).point()))) {
                adoptDirection(nearest, a);
                joined.union(a, nearest);
            }
        }
    }

    /** Legs of one tuple were opened by one end: as the handshake of the one tells, or else as the one says that begins earlier. */
    private void adoptDirection(int sure, int unsure) {
        Leg a = legs.get(sure);
        Leg b = legs.get(unsure);
        if (!a.tuple().equals(b.tuple())) {
            boolean known = a.hasClientIsn() || clocks.aligned(a.point(), a.firstTime()) <= clocks.aligned(b.point(), b.firstTime());
            joined.reverse(known ? unsure : sure);
        }
    }

    private long gap(Leg a, Leg b) {
        long start = Math.max(clocks.aligned(a.point(), a.firstTime()), clocks.aligned(b.point(), b.firstTime()));
        long end = Math.min(clocks.aligned(a.point(), a.lastTime()), clocks.aligned(b.point(), b.lastTime()));
        return Math.max(0, start - end);
    }

    /** Whether flows of datagrams used a tuple one after the other: a point shows several. */
    private boolean usedAgain(List<Integer> same) {
        BitSet shown = new BitSet();
        for (int leg : same) {
            if (shown.get(legs.get(leg).point())) {
                return !legs.get(leg).tcp();
            }
            shown.set(legs.get(leg).point());
        }
        return false;
    }

    /**
     * The legs of a tuple that flows of datagrams used one after the other: of one flow are those that show a datagram of each other. What
     * another point shows of one flow is of none whose datagrams never came there, however near in time it is.
     */
    private final class Uses {
        private final List<Integer> same;
        private final Chains byDatagram = new Chains();
        private final Map<Integer, BitSet> shownAt = new HashMap<>();
        private final Map<Integer, Set<Integer>> shared = new HashMap<>();

        private Uses(List<Integer> same) {
            this.same = same;
            for (int leg : same) {
                left.clear();
                legs.get(leg).copyFirstRows(ROWS_TO_SHARE, left);
                for (int row = 0; row < left.count(); row++) {
                    byDatagram.addOnce(name(row), leg);
                }
            }
            for (int place = 0; place < byDatagram.count(); place++) {
                share(byDatagram.firstOf(place));
            }
        }

        /** The same at all points of a tuple, whatever their snap lengths. */
        private long name(int row) {
            long length = left.length(row);
            return left.identification(row) != 0 ? length << 16 | left.identification(row)
                    : RowFacts.mix(length << 32 | left.crc(row) & 0xffffffffL);
        }

        private void share(int first) {
            int count = 0;
            for (int link = first; link >= 0 && count <= MOST_ALIKE; link = byDatagram.next(link)) {
                count++;
            }
            // Heartbeats that are all alike tell nothing.
            for (int one = first; one >= 0 && count <= MOST_ALIKE; one = byDatagram.next(one)) {
                for (int link = first; link >= 0; link = byDatagram.next(link)) {
                    int a = byDatagram.value(one);
                    int b = byDatagram.value(link);
                    if (legs.get(a).point() != legs.get(b).point()) {
                        shared.computeIfAbsent(a, leg -> new TreeSet<>()).add(b);
                        shownAt.computeIfAbsent(a, leg -> new BitSet()).set(legs.get(b).point());
                    }
                }
            }
        }

        /** Legs that may be of the same use: those with a datagram of it, else those of which the leg's own point shows nothing. */
        private Collection<Integer> candidates(int leg) {
            Collection<Integer> sure = shared.get(leg);
            if (sure != null) {
                return sure;
            }
            List<Integer> free = new ArrayList<>();
            for (int other : same) {
                BitSet shown = shownAt.get(other);
                if (shown == null || !shown.get(legs.get(leg).point())) {
                    free.add(other);
                }
            }
            return free;
        }
    }

    /** What tells a TCP leg from others of its tuple, gathered once for all of them. */
    private final class Others {
        private final int leg;
        private final Set<Integer> shownHere = new HashSet<>();
        private final BitSet shownAt = new BitSet();
        private boolean loaded;

        private Others(List<Integer> same, int leg) {
            this.leg = leg;
            int own = joined.root(leg);
            for (int other : same) {
                if (legs.get(other).point() == legs.get(leg).point()) {
                    shownHere.add(joined.root(other));
                }
                if (joined.root(other) == own) {
                    shownAt.set(legs.get(other).point());
                }
            }
        }

        /**
         * Whether another leg of the tuple cannot be the same TCP connection: either is known to be of one that shows at the other's point
         * under another leg, or the numbers of one lie before the other's SYN or beyond its FIN.
         */
        private boolean differ(int other) {
            if (joined.root(leg) == joined.root(other)) {
                return false;
            }
            if (shownHere.contains(joined.root(other)) || shownAt.get(legs.get(other).point())) {
                return true;
            }
            if (!loaded) {
                loaded = true;
                left.clear();
                legs.get(leg).copyRows(left);
            }
            right.clear();
            legs.get(other).copyRows(right);
            return outside(left, legs.get(other), right) || outside(right, legs.get(leg), left);
        }
    }

    /** Whether a packet has a number that the other leg's connection had not come to yet, or had left behind for good. */
    private static boolean outside(Rows rows, Leg other, Rows others) {
        for (int side = 0; side < 2; side++) {
            boolean second = side == 1;
            boolean opener = second == other.openedBySecond();
            boolean begins = opener ? other.hasClientIsn() : other.hasServerIsn();
            int first = opener ? other.clientIsn() : other.serverIsn();
            boolean ends = false;
            int last = 0;
            for (int row = 0; row < others.count(); row++) {
                if (others.fromSecond(row) == second && (others.flags(row) & PacketView.FIN) != 0) {
                    ends = true;
                    last = others.seq(row) + others.length(row) + 1;
                }
            }
            for (int row = 0; row < rows.count() && (begins || ends); row++) {
                if (rows.fromSecond(row) != second || (rows.flags(row) & PacketView.RST) != 0) {
                    continue;
                }
                int before = first - rows.seq(row);
                int beyond = rows.seq(row) + rows.length(row) - last;
                if (begins && before > 0 && before < FURTHEST_NUMBER || ends && beyond > 1 && beyond < FURTHEST_NUMBER) {
                    return true;
                }
            }
        }
        return false;
    }
}
