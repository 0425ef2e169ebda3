package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Finds which legs are one connection. TCP legs with a handshake meet by the client's initial sequence number, whatever the tuples; legs
 * begun before the capture by sequence and acknowledgement numbers and payload; legs of datagrams by tuple, then by payload,
 * identification and order, all candidates settled together. Time orders the work and breaks ties; it never decides alone what contents
 * can decide.
 */
final class LegMatcher {
    private static final int MOST_SAMPLES = 48;
    private static final int ROWS_TO_SHARE = 16;
    /** No NAT gives a connection so many tuples at all points together. */
    private static final int MOST_OF_ONE = 32;
    private static final int FIRST_EPHEMERAL = 32_768;
    /** Sequence numbers further apart may lie before or behind: they wrap (RFC 9293, section 3.4). */
    private static final int FURTHEST_NUMBER = 1 << 30;
    /** Of one connection's data, not acknowledged yet: few windows are larger. */
    private static final int MOST_IN_FLIGHT = 1 << 20;

    private final List<Leg> legs;
    private final ClockView clocks;
    private final Map<Endpoint, Integer> earlierCalls;
    private final LegUnion joined;
    private final Rows left = new Rows();
    private final Rows right = new Rows();
    private final Numbering<Endpoint> ends = new Numbering<>();
    private final Numbering<Long> tuples = new Numbering<>();
    /** The numbers of each leg's ends, as they were before any leg was reversed. */
    private int[] sources;
    private int[] destinations;

    /**
     * @param legs all legs of all points, in an order that depends on the captures only
     * @param earlierCalls how often each destination was called in legs that are no longer there
     */
    LegMatcher(List<Leg> legs, ClockView clocks, Map<Endpoint, Integer> earlierCalls) {
        this.earlierCalls = earlierCalls;
        this.legs = legs;
        this.clocks = clocks;
        joined = new LegUnion(legs.size());
    }

    /** The groups, in the order of their first leg. */
    List<LegGroup> match() {
        boolean unsure = legs.stream().anyMatch(leg -> !hasHandshake(leg));
        if (unsure) {
            numberEnds();
            settleDirections();
        }
        joinHandshakes();
        joinRenumbered();
        if (unsure) {
            joinMidstream();
            joinTuples();
            joinStrays();
            joinQuotes();
            new DatagramMatcher(legs, clocks, joined).join();
        }
        return joined.groups(legs);
    }

    /** Whether a SYN or SYN-ACK tells who opened it, and by what number. */
    private static boolean hasHandshake(Leg leg) {
        return leg.tcp() && leg.hasClientIsn();
    }

    private void numberEnds() {
        sources = new int[legs.size()];
        destinations = new int[legs.size()];
        for (int i = 0; i < sources.length; i++) {
            FiveTuple tuple = legs.get(i).tuple();
            sources[i] = ends.of(tuple.source());
            destinations[i] = ends.of(tuple.destination());
        }
    }

    // Who opened what began before the capture

    /**
     * A leg without a handshake may begin with an answer. An end that is called in other legs, and does not call, is a server; where
     * nothing tells, one whose port lies below the ephemeral range (32768 and up on Linux) and whose peer's does not, or one whose port
     * handshakes call elsewhere and whose peer's none. What other points show under the same tuple tells nothing, since all captures may
     * have begun at one moment, with an answer; nor what shows one direction only where another leg of its tuple shows both: a capture of
     * one direction may be all answers.
     */
    private void settleDirections() {
        List<Endpoint> earlier = List.copyOf(earlierCalls.keySet());
        int[] earlierEnds = earlier.stream().mapToInt(ends::of).toArray();
        int[] calls = new int[ends.count()];
        for (int i = 0; i < earlierEnds.length; i++) {
            calls[earlierEnds[i]] = earlierCalls.get(earlier.get(i));
        }
        int[] tuple = new int[sources.length];
        for (int i = 0; i < sources.length; i++) {
            tuple[i] = tuples.of(unordered(i));
        }
        BitSet tellNothing = halves(tuple);
        // How often the end with the higher number is called under each tuple, less how often the other one is.
        int[] ofTuple = new int[tuples.count()];
        BitSet calledPorts = new BitSet();
        for (int i = 0; i < sources.length; i++) {
            Leg leg = legs.get(i);
            if (isEcho(leg) || tellNothing.get(i)) {
                continue;
            }
            ofTuple[tuple[i]] += Integer.compare(destinations[i], sources[i]);
            if (hasHandshake(leg)) {
                calledPorts.set(leg.tuple().destination().port());
            }
            calls[destinations[i]]++;
            calls[sources[i]]--;
        }
        for (int i = 0; i < sources.length; i++) {
            Leg leg = legs.get(i);
            if (hasHandshake(leg) || isEcho(leg) || leg.rowCount() == 0) {
                continue;
            }
            int own = ofTuple[tuple[i]] * Integer.compare(destinations[i], sources[i]);
            int source = calls[sources[i]] + own;
            int destination = calls[destinations[i]] - own;
            int from = leg.tuple().source().port();
            int to = leg.tuple().destination().port();
            // A single other leg may be the one that begins with an answer, where the ports say otherwise.
            boolean opensByPorts = from >= FIRST_EPHEMERAL && to < FIRST_EPHEMERAL;
            boolean reversed = source > (opensByPorts ? 1 : 0) && source > destination
                    || source == destination && (from < FIRST_EPHEMERAL && to >= FIRST_EPHEMERAL
                    || calledPorts.get(from) && !calledPorts.get(to));
            if (reversed) {
                leg.reverse();
            }
        }
    }

    /** Legs that show one direction of a tuple of which others show both. */
    private BitSet halves(int[] tuple) {
        BitSet halves = new BitSet();
        BitSet wholes = new BitSet();
        for (int i = 0; i < sources.length; i++) {
            if (hasHandshake(legs.get(i)) || showsBothDirections(legs.get(i))) {
                wholes.set(tuple[i]);
            } else {
                halves.set(i);
            }
        }
        for (int i = halves.nextSetBit(0); i >= 0; i = halves.nextSetBit(i + 1)) {
            halves.set(i, wholes.get(tuple[i]));
        }
        return halves;
    }

    private boolean showsBothDirections(Leg leg) {
        left.clear();
        leg.copyFirstRows(ROWS_TO_SHARE, left);
        for (int row = 1; row < left.count(); row++) {
            if (left.fromSecond(row) != left.fromSecond(0)) {
                return true;
            }
        }
        return false;
    }

    /** The type tells who asks, and the identifier is no port that anybody calls. */
    private static boolean isEcho(Leg leg) {
        return !leg.tcp() && !leg.datagrams();
    }

    // TCP with a handshake

    private void joinHandshakes() {
        long[] keys = new long[legs.size()];
        int count = 0;
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (leg.tcp() && leg.hasClientIsn()) {
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
                long print = fingerprint(rows, row) ^ (long) (rows.identification(row) << 8 | rows.flags(row)) << 32;
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

    // TCP that was numbered anew on its way

    /**
     * Firewalls give connections new initial sequence numbers, some by default, and shift all that follow by as much. The same SYN shows at
     * another point by another number then, under the same tuple, since what is translated has its twin at the point that translated it.
     * One side of the firewall shows only one tuple. Where many share their ports, nothing is looked for: it would take their square.
     */
    private void joinRenumbered() {
        if (legs.isEmpty() || legs.get(0).point() == legs.get(legs.size() - 1).point()) {
            return;
        }
        Chains sides = new Chains();
        for (int i = 0; i < legs.size(); i++) {
            if (hasHandshake(legs.get(i)) && joined.root(i) == i && isOfOneTuple(i)) {
                sides.add(legs.get(i).portsAsOpened(), i);
            }
        }
        for (int i = 0; i < legs.size() && sides.count() > 0; i++) {
            int first = hasHandshake(legs.get(i)) ? sides.first(legs.get(i).portsAsOpened()) : -1;
            int count = 0;
            for (int link = first; link >= 0 && count <= MOST_OF_ONE; link = sides.next(link)) {
                count++;
            }
            for (int link = first; link >= 0 && count <= MOST_OF_ONE; link = sides.next(link)) {
                joinIfRenumbered(sides.value(link), i);
            }
        }
    }

    private boolean isOfOneTuple(int root) {
        for (int i = joined.next(root); i != root; i = joined.next(i)) {
            if (!legs.get(i).hasPortsOf(legs.get(root))) {
                return false;
            }
        }
        return true;
    }

    private void joinIfRenumbered(int side, int other) {
        Leg a = legs.get(side);
        Leg b = legs.get(other);
        if (joined.root(side) == joined.root(other) || a.clientIsn() == b.clientIsn() || shownAtOnePoint(side, other)
                || !a.tuple().equals(b.tuple()) || !isSameButNumbers(a, b)) {
            return;
        }
        int opener = b.clientIsn() - a.clientIsn();
        int answerer = a.hasServerIsn() && b.hasServerIsn() ? b.serverIsn() - a.serverIsn() : 0;
        int i = side;
        do {
            legs.get(i).renumber(opener, answerer);
            i = joined.next(i);
        } while (i != side);
        joined.union(side, other);
    }

    /** Whether a point shows both: then they are two connections that used the same ports. */
    private boolean shownAtOnePoint(int side, int other) {
        int i = side;
        do {
            int j = other;
            do {
                if (legs.get(i).point() == legs.get(j).point() && legs.get(i).hasPortsOf(legs.get(j))) {
                    return true;
                }
                j = joined.next(j);
            } while (j != other);
            i = joined.next(i);
        } while (i != side);
        return false;
    }

    /** Whether two legs show the same SYN but for its number, and, where both go on, a packet as far behind it that is the same. */
    private boolean isSameButNumbers(Leg a, Leg b) {
        left.clear();
        right.clear();
        a.copyFirstRows(ROWS_TO_SHARE, left);
        b.copyFirstRows(ROWS_TO_SHARE, right);
        boolean sameSyn = false;
        boolean sameLater = false;
        boolean leftGoesOn = false;
        boolean rightGoesOn = false;
        for (int i = 0; i < left.count(); i++) {
            boolean syn = (left.flags(i) & PacketView.SYN) != 0;
            boolean request = left.fromSecond(i) == a.openedBySecond();
            leftGoesOn |= request && !syn;
            for (int j = 0; j < right.count() && request; j++) {
                if (right.fromSecond(j) != b.openedBySecond()) {
                    continue;
                }
                rightGoesOn |= (right.flags(j) & PacketView.SYN) == 0;
                boolean same = left.sameButNumbers(i, right, j) && left.seq(i) - a.clientIsn() == right.seq(j) - b.clientIsn();
                sameSyn |= same && syn && (left.tsVal(i) != 0 || left.identification(i) != 0);
                sameLater |= same && !syn;
            }
        }
        return sameSyn && (sameLater || !leftGoesOn || !rightGoesOn);
    }

    // TCP joined in the middle

    private void joinMidstream() {
        Map<Long, Integer> samples = new HashMap<>();
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (!leg.tcp() || leg.hasClientIsn() || leg.rowCount() == 0) {
                continue;
            }
            left.clear();
            leg.copyFirstRows(MOST_SAMPLES, left);
            for (int row = 0; row < left.count(); row++) {
                long print = fingerprint(left, row);
                Integer other = samples.putIfAbsent(print, i);
                if (other != null && other != i) {
                    joinWithDirection(other, i, print);
                }
            }
        }
        if (samples.isEmpty()) {
            return;
        }
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (!leg.tcp()) {
                continue;
            }
            left.clear();
            leg.copyRows(left);
            for (int row = 0; row < left.count(); row++) {
                long print = fingerprint(left, row);
                Integer other = samples.get(print);
                if (other != null && joined.root(other) != joined.root(i)) {
                    joinWithDirection(i, other, print);
                }
            }
        }
    }

    /**
     * The same packet must be a request, or an answer, on both legs: who joined in the middle learns who opened it.
     *
     * @param unsure without a handshake, as the other may be, too
     * @param print of a packet that both show
     */
    private void joinWithDirection(int sure, int unsure, long print) {
        Leg a = legs.get(sure);
        if (asks(a, print) != asks(legs.get(unsure), print)) {
            reverseGroup(a.hasClientIsn() || portsFall(a) >= portsFall(legs.get(unsure)) ? unsure : sure);
        }
        joined.union(sure, unsure);
    }

    private void reverseGroup(int member) {
        int i = member;
        do {
            if (!legs.get(i).hasClientIsn()) {
                legs.get(i).reverse();
            }
            i = joined.next(i);
        } while (i != member);
    }

    /** Servers listen below the ephemeral range (32768 and up on Linux); the larger the gap, the surer. */
    private static int portsFall(Leg leg) {
        return leg.tuple().source().port() - leg.tuple().destination().port();
    }

    /** Whether the opener sent a packet that the leg shows. */
    private boolean asks(Leg leg, long print) {
        right.clear();
        leg.copyRows(right);
        int row = 0;
        while (fingerprint(right, row) != print) {
            row++;
        }
        return right.fromSecond(row) == leg.openedBySecond();
    }

    /** Numbers and a time stamp name a packet, and are in captures that have of its payload nothing or something else, too. */
    private static long fingerprint(Rows rows, int row) {
        int contents = rows.whole(row) && !rows.timestamps(row) ? rows.crc(row) : 0;
        return RowFacts.mix(rows.seqAndAck(row) ^ RowFacts.mix((long) rows.length(row) << 32 ^ contents)) ^ rows.tsVal(row);
    }

    // The same tuple at several points

    private void joinTuples() {
        Chains byTuple = new Chains();
        for (int i = 0; i < sources.length; i++) {
            if (!hasHandshake(legs.get(i))) {
                byTuple.add(unordered(i), i);
            }
        }
        for (int i = 0; i < sources.length; i++) {
            if (hasHandshake(legs.get(i)) && byTuple.first(unordered(i)) >= 0) {
                byTuple.add(unordered(i), i);
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

    /** The same for both directions of a tuple, and for no other: there are never as many ends as 28 bits can number. */
    private long unordered(int i) {
        long lower = Math.min(sources[i], destinations[i]);
        long higher = Math.max(sources[i], destinations[i]);
        return lower << 36 | higher << 8 | legs.get(i).protocol().number();
    }

    /** Legs of one tuple at different points whose times meet are one connection; of two at one point each takes the nearest. */
    private void joinOneTuple(List<Integer> same) {
        Uses uses = usedAgain(same) ? new Uses(same) : null;
        for (int a : same) {
            Leg one = legs.get(a);
            if (one.tcp() && one.hasClientIsn()) {
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
            for (int link = first; link >= 0 && count <= MOST_OF_ONE; link = byDatagram.next(link)) {
                count++;
            }
            // Heartbeats that are all alike tell nothing.
            for (int one = first; one >= 0 && count <= MOST_OF_ONE; one = byDatagram.next(one)) {
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

    // Answers under another tuple that no packet shares with the connection

    /**
     * An answer that a node passed on untranslated, for good, shares no packet with its connection: it goes to the client's port at a point
     * that shows the connection, and its numbers go on where those left off, both of them, which no other connection's do.
     */
    private void joinStrays() {
        Chains strays = new Chains();
        for (int i = 0; i < sources.length; i++) {
            Leg leg = legs.get(i);
            if (leg.tcp() && !leg.hasClientIsn() && leg.rowCount() > 0) {
                strays.add(endAtPoint(sources[i], leg), i);
                strays.add(endAtPoint(destinations[i], leg), i);
            }
        }
        for (int i = 0; i < sources.length && strays.count() > 0; i++) {
            Leg leg = legs.get(i);
            int link = leg.tcp() && leg.hasClientIsn() && leg.hasServerIsn() ? strays.first(endAtPoint(sources[i], leg)) : -1;
            for (; link >= 0; link = strays.next(link)) {
                int stray = strays.value(link);
                if (joined.root(i) != joined.root(stray) && goesOn(leg, legs.get(stray))) {
                    if (!legs.get(stray).tuple().source().equals(leg.tuple().source())) {
                        reverseGroup(stray);
                    }
                    joined.union(i, stray);
                }
            }
        }
    }

    // Errors that quote a tuple of which their point shows no packet

    /**
     * Conntrack gives the packet that an ICMP error quotes the name under which its sender knows it, while a bridge whose hook translates
     * shows the packet itself under its new one. The quote is of the connection from the same end, at the same point, that sent the packet
     * that it quotes, if there is only one.
     */
    private void joinQuotes() {
        Chains callers = new Chains();
        for (int i = 0; i < sources.length; i++) {
            if (isQuotedOnly(legs.get(i))) {
                callers.add(endAtPoint(sources[i], legs.get(i)), i);
            }
        }
        Map<Integer, Integer> quotedOf = new HashMap<>(0);
        for (int i = 0; i < sources.length && callers.count() > 0; i++) {
            Leg leg = legs.get(i);
            int link = leg.rowCount() == 0 ? -1 : callers.first(endAtPoint(sources[i], leg));
            for (; link >= 0; link = callers.next(link)) {
                int quoted = callers.value(link);
                if (leg.protocol() == legs.get(quoted).protocol() && sent(leg, legs.get(quoted).errors())) {
                    int other = quotedOf.getOrDefault(quoted, i);
                    quotedOf.put(quoted, other >= 0 && joined.root(other) == joined.root(i) ? i : -1);
                }
            }
        }
        quotedOf.forEach((quoted, leg) -> {
            if (leg >= 0 && joined.root(quoted) == quoted && joined.next(quoted) == quoted) {
                joined.union(leg, quoted);
            }
        });
    }

    private static boolean isQuotedOnly(Leg leg) {
        return leg.rowCount() == 0 && !leg.errors().isEmpty() && leg.errors().stream().allMatch(QuotedError::quotedFromOpener);
    }

    /** Whether the opener of a leg sent, before each error, the packet that it quotes. */
    private boolean sent(Leg leg, List<QuotedError> errors) {
        left.clear();
        leg.copyRows(left);
        return errors.stream().allMatch(error -> {
            for (int row = 0; row < left.count() && left.time(row) <= error.timeNanos(); row++) {
                if (left.fromSecond(row) == leg.openedBySecond() && (!leg.tcp() || left.seq(row) == error.quotedSeq())
                        && (error.v6() || left.identification(row) == error.quotedIdentification())) {
                    return true;
                }
            }
            return false;
        });
    }

    private static long endAtPoint(int end, Leg leg) {
        return (long) leg.point() << 32 | end;
    }

    /** Whether the first packet of a leg, sent to the client, carries on what the server sent it and acknowledges what the client sent. */
    private boolean goesOn(Leg connection, Leg stray) {
        right.clear();
        stray.copyFirstRows(1, right);
        boolean byOpener = right.fromSecond(0) == stray.openedBySecond();
        Endpoint receiver = byOpener ? stray.tuple().destination() : stray.tuple().source();
        boolean toClient = receiver.equals(connection.tuple().source());
        if (!toClient || (right.flags(0) & (PacketView.SYN | PacketView.RST)) != 0 || (right.flags(0) & PacketView.ACK) == 0) {
            return false;
        }
        left.clear();
        connection.copyRows(left);
        int served = connection.serverIsn() + 1;
        int asked = connection.clientIsn() + 1;
        for (int row = 0; row < left.count() && left.time(row) <= right.time(0); row++) {
            if ((left.flags(row) & PacketView.RST) == 0 && left.length(row) > 0) {
                int end = left.seq(row) + left.length(row);
                if (left.fromSecond(row) != connection.openedBySecond()) {
                    served = end - served > 0 ? end : served;
                } else {
                    asked = end - asked > 0 ? end : asked;
                }
            }
        }
        return right.seq(0) - served >= 0 && right.seq(0) - served < MOST_IN_FLIGHT && asked - right.ack(0) >= 0
                && asked - right.ack(0) < MOST_IN_FLIGHT;
    }

    /** Legs of one tuple were opened by one end: as the handshake of the one tells, or else as the one says that begins earlier. */
    private void adoptDirection(int sure, int unsure) {
        Leg a = legs.get(sure);
        Leg b = legs.get(unsure);
        if (!a.tuple().equals(b.tuple())) {
            boolean known = a.hasClientIsn() || clocks.aligned(a.point(), a.firstTime()) <= clocks.aligned(b.point(), b.firstTime());
            reverseGroup(known ? unsure : sure);
        }
    }

    private long gap(Leg a, Leg b) {
        long start = Math.max(clocks.aligned(a.point(), a.firstTime()), clocks.aligned(b.point(), b.firstTime()));
        long end = Math.min(clocks.aligned(a.point(), a.lastTime()), clocks.aligned(b.point(), b.lastTime()));
        return Math.max(0, start - end);
    }
}
