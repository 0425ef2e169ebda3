package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds which legs are one connection. TCP legs with a handshake meet by the client's initial sequence number, whatever the tuples; legs
 * begun before the capture by sequence and acknowledgement numbers and payload; legs of datagrams by tuple, then by payload,
 * identification and order, all candidates settled together. Time orders the work and breaks ties; it never decides alone what contents
 * can decide.
 */
final class LegMatcher {
    private static final long MILLI = 1_000_000L;
    private static final int MOST_SAMPLES = 48;
    private static final int ROWS_TO_SHARE = 16;
    private static final int FIRST_EPHEMERAL = 32_768;
    /** Sequence numbers further apart may lie before or behind: they wrap (RFC 9293, section 3.4). */
    private static final int FURTHEST_NUMBER = 1 << 30;
    private static final int MOST_TO_ASSIGN = 400;
    /** A packet waits this long at most inside a node or between two before its translated twin shows. */
    private static final long MOST_CROSSING_NANOS = 2_000 * MILLI;

    private final List<Leg> legs;
    private final ClockView clocks;
    private final Map<Endpoint, Integer> earlierCalls;
    private final int[] parent;
    private final Rows left = new Rows();
    private final Rows right = new Rows();
    private final Map<Integer, Doubt> doubts = new HashMap<>();

    private record Doubt(double confidence, List<String> rivals) {
    }

    /**
     * @param legs all legs of all points, in an order that depends on the captures only
     * @param earlierCalls how often each destination was called in legs that are no longer there
     */
    LegMatcher(List<Leg> legs, ClockView clocks, Map<Endpoint, Integer> earlierCalls) {
        this.earlierCalls = earlierCalls;
        this.legs = legs;
        this.clocks = clocks;
        parent = new int[legs.size()];
        for (int i = 0; i < parent.length; i++) {
            parent[i] = i;
        }
    }

    /** The groups, in the order of their first leg. */
    List<LegGroup> match() {
        settleDirections();
        joinHandshakes();
        joinMidstream();
        joinTuples();
        joinDatagrams();
        Map<Integer, LegGroup> groups = new LinkedHashMap<>();
        for (int i = 0; i < parent.length; i++) {
            groups.computeIfAbsent(root(i), r -> new LegGroup()).legs().add(legs.get(i));
        }
        doubts.forEach((leg, doubt) -> groups.get(root(leg)).doubt(doubt.confidence, doubt.rivals));
        return new ArrayList<>(groups.values());
    }

    // Who opened what began before the capture

    /**
     * A leg without a handshake may begin with an answer. An end that is called in other legs, and does not call, is a server; where nothing
     * tells, one whose port lies below the ephemeral range (32768 and up on Linux) and whose peer's does not.
     */
    private void settleDirections() {
        boolean unsure = false;
        for (Leg leg : legs) {
            unsure |= !(leg.tcp() && leg.hasClientIsn());
        }
        if (!unsure) {
            return;
        }
        Map<Endpoint, int[]> calls = new HashMap<>();
        earlierCalls.forEach((destination, count) -> calls.put(destination, new int[] {count}));
        for (Leg leg : legs) {
            calls.computeIfAbsent(leg.tuple().destination(), e -> new int[1])[0]++;
            calls.computeIfAbsent(leg.tuple().source(), e -> new int[1])[0]--;
        }
        for (Leg leg : legs) {
            if (leg.tcp() && leg.hasClientIsn() || leg.rowCount() == 0) {
                continue;
            }
            FiveTuple tuple = leg.tuple();
            int source = calls.get(tuple.source())[0];
            int destination = calls.get(tuple.destination())[0];
            // Its own call weighs on both sides.
            boolean reversed = source + 1 > 0 && source + 1 > destination - 1
                    || source + 1 == destination - 1 && tuple.source().port() < FIRST_EPHEMERAL && tuple.destination().port() >= FIRST_EPHEMERAL;
            if (reversed) {
                leg.reverse();
            }
        }
    }

    private int root(int i) {
        int r = i;
        while (parent[r] != r) {
            parent[r] = parent[parent[r]];
            r = parent[r];
        }
        return r;
    }

    /** The lower index stays the root, so that groups keep the order of the legs. */
    private void union(int a, int b) {
        int x = root(a);
        int y = root(b);
        if (x < y) {
            parent[y] = x;
        } else {
            parent[x] = y;
        }
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
            return;
        }
        for (int k = from + 1; k < to; k++) {
            union((int) keys[from], (int) keys[k]);
        }
    }

    /** Two server sequence numbers, or two clients of one destination at one point: perhaps two connections that chose the same number. */
    private boolean mayBeSeveral(long[] keys, int from, int to) {
        for (int k = from; k < to; k++) {
            Leg a = legs.get((int) keys[k]);
            for (int l = from; l < k; l++) {
                Leg b = legs.get((int) keys[l]);
                if (a.hasServerIsn() && b.hasServerIsn() && a.serverIsn() != b.serverIsn()) {
                    return true;
                }
                if (a.point() == b.point() && a.synSeen() && b.synSeen() && a.callsSameAs(b)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Joins only legs that share a packet: the same SYN or SYN-ACK with its timestamps and identification. */
    private void joinBySharedHandshake(long[] keys, int from, int to) {
        for (int k = from; k < to; k++) {
            for (int l = from; l < k; l++) {
                int a = (int) keys[l];
                int b = (int) keys[k];
                if (root(a) != root(b) && shareAPacket(legs.get(a), legs.get(b))) {
                    union(a, b);
                }
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
                Integer other = samples.putIfAbsent(fingerprint(left, row), i);
                if (other != null && other != i) {
                    joinWithDirection(other, i, row);
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
                Integer other = samples.get(fingerprint(left, row));
                if (other != null && root(other) != root(i)) {
                    joinWithDirection(i, other, row);
                }
            }
        }
    }

    /** The same packet must be a request, or an answer, on both legs: who joined in the middle learns who opened it. */
    private void joinWithDirection(int sure, int unsure, int row) {
        Leg a = legs.get(sure);
        Leg b = legs.get(unsure);
        long print = fingerprint(left, row);
        int inA = rowAppears(a, print);
        int inB = rowAppears(b, print);
        if (inA < 0 || inB < 0) {
            return;
        }
        boolean requestInA = inA == 1 == a.openedBySecond();
        boolean requestInB = inB == 1 == b.openedBySecond();
        if (requestInA != requestInB) {
            if (a.hasClientIsn() || !b.hasClientIsn() && likelierOpened(a)) {
                reverseGroup(unsure);
            } else {
                reverseGroup(sure);
            }
        }
        union(sure, unsure);
    }

    private void reverseGroup(int member) {
        int root = root(member);
        for (int i = 0; i < parent.length; i++) {
            if (root(i) == root && !legs.get(i).hasClientIsn()) {
                legs.get(i).reverse();
            }
        }
    }

    /** Servers listen below the ephemeral range (32768 and up on Linux); the larger the gap, the surer. */
    private static boolean likelierOpened(Leg leg) {
        return leg.tuple().source().port() > leg.tuple().destination().port();
    }

    /** @return 1 if the leg's second end sent such a packet, 0 if the first did, -1 if none */
    private int rowAppears(Leg leg, long print) {
        right.clear();
        leg.copyRows(right);
        for (int row = 0; row < right.count(); row++) {
            if (fingerprint(right, row) == print) {
                return right.fromSecond(row) ? 1 : 0;
            }
        }
        return -1;
    }

    private static long fingerprint(Rows rows, int row) {
        return mix(rows.seqAndAck(row) ^ mix((long) rows.length(row) << 32 ^ (rows.whole(row) ? rows.crc(row) : 0))) ^ rows.tsVal(row);
    }

    private static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    // The same tuple at several points

    private void joinTuples() {
        Map<FiveTuple, List<Integer>> byTuple = new LinkedHashMap<>();
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (!(leg.tcp() && leg.hasClientIsn())) {
                byTuple.computeIfAbsent(unordered(leg), t -> new ArrayList<>(4)).add(i);
            }
        }
        if (byTuple.isEmpty()) {
            return;
        }
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (leg.tcp() && leg.hasClientIsn()) {
                List<Integer> others = byTuple.get(unordered(leg));
                if (others != null) {
                    others.add(i);
                }
            }
        }
        for (List<Integer> same : byTuple.values()) {
            joinOneTuple(same);
        }
    }

    private static FiveTuple unordered(Leg leg) {
        FiveTuple tuple = leg.tuple();
        return tuple.source().compareTo(tuple.destination()) <= 0 ? tuple : tuple.reversed();
    }

    /** Legs of one tuple at different points whose times meet are one connection; of two at one point each takes the nearest. */
    private void joinOneTuple(List<Integer> same) {
        for (int k = 0; k < same.size(); k++) {
            int a = same.get(k);
            int nearest = -1;
            long nearestGap = Long.MAX_VALUE;
            for (int l = 0; l < same.size(); l++) {
                int b = same.get(l);
                Leg one = legs.get(a);
                Leg other = legs.get(b);
                if (a == b || one.point() == other.point() || one.tcp() && one.hasClientIsn()) {
                    continue;
                }
                long gap = gap(one, other);
                if (gap < nearestGap && !(one.tcp() && differ(same, a, b))) {
                    nearestGap = gap;
                    nearest = b;
                }
            }
            if (nearest >= 0 && (nearestGap <= MOST_CROSSING_NANOS || !clocks.known(legs.get(a).point(), legs.get(nearest).point()))) {
                adoptDirection(nearest, a);
                union(a, nearest);
            }
        }
    }

    /**
     * Whether two legs of a tuple cannot be one TCP connection: either is known to be of one that shows at the other's point under another
     * leg, or the numbers of one lie before the other's SYN or beyond its FIN.
     */
    private boolean differ(List<Integer> same, int a, int b) {
        if (root(a) == root(b)) {
            return false;
        }
        if (showsElse(same, root(b), a) || showsElse(same, root(a), b)) {
            return true;
        }
        left.clear();
        right.clear();
        legs.get(a).copyRows(left);
        legs.get(b).copyRows(right);
        return outside(left, legs.get(b), right) || outside(right, legs.get(a), left);
    }

    private boolean showsElse(List<Integer> same, int root, int leg) {
        for (int other : same) {
            if (other != leg && root(other) == root && legs.get(other).point() == legs.get(leg).point()) {
                return true;
            }
        }
        return false;
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

    private void adoptDirection(int sure, int unsure) {
        Leg a = legs.get(sure);
        Leg b = legs.get(unsure);
        if (!b.hasClientIsn() && !a.tuple().equals(b.tuple())) {
            if (a.hasClientIsn() || clocks.aligned(a.point(), a.firstTime()) <= clocks.aligned(b.point(), b.firstTime())) {
                reverseGroup(unsure);
            } else {
                reverseGroup(sure);
            }
        }
    }

    private long gap(Leg a, Leg b) {
        long start = Math.max(clocks.aligned(a.point(), a.firstTime()), clocks.aligned(b.point(), b.firstTime()));
        long end = Math.min(clocks.aligned(a.point(), a.lastTime()), clocks.aligned(b.point(), b.lastTime()));
        return Math.max(0, start - end);
    }

    // Datagrams through the NAT

    /** One tuple's datagrams at all points: what takes part in the assignment. */
    private static final class Stream {
        private final int leg;
        private final FiveTuple tuple;
        private final List<Sample> samples = new ArrayList<>();

        private Stream(int leg, FiveTuple tuple) {
            this.leg = leg;
            this.tuple = tuple;
        }

        private boolean onlyAnswers() {
            for (Sample sample : samples) {
                if (sample.request) {
                    return false;
                }
            }
            return !samples.isEmpty();
        }
    }

    private record Sample(int point, long time, long print, int identification, int ttl, boolean request) {
    }

    private record Candidate(Stream before, Stream after, double weight) {
    }

    private void joinDatagrams() {
        Map<Integer, Stream> streams = new LinkedHashMap<>();
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (!leg.tcp() && leg.rowCount() > 0) {
                Stream stream = streams.computeIfAbsent(root(i), r -> new Stream(r, leg.tuple()));
                sample(leg, stream);
            }
        }
        if (streams.size() < 2) {
            return;
        }
        Map<Long, List<Stream>> byPrint = new LinkedHashMap<>();
        List<Stream> halfTranslated = new ArrayList<>();
        for (Stream stream : streams.values()) {
            if (stream.onlyAnswers()) {
                halfTranslated.add(stream);
                continue;
            }
            for (Sample sample : stream.samples) {
                List<Stream> list = byPrint.computeIfAbsent(sample.print, p -> new ArrayList<>(2));
                if (list.isEmpty() || list.get(list.size() - 1) != stream) {
                    list.add(stream);
                }
            }
        }
        Map<Stream, Map<Stream, Double>> pairs = new LinkedHashMap<>();
        for (List<Stream> sharing : byPrint.values()) {
            candidates(sharing, pairs);
        }
        settle(pairs);
        for (Stream answers : halfTranslated) {
            joinAnswers(answers, streams.values());
        }
    }

    /**
     * Answers alone, under a tuple of their own: a bridge shows them translated back on one side only, from the pod to the client. They are of
     * the connection whose client they go to and whose answers they hold.
     */
    private void joinAnswers(Stream answers, Iterable<Stream> streams) {
        Stream best = null;
        double bestWorth = 0;
        for (Stream stream : streams) {
            if (stream == answers || stream.onlyAnswers() || !stream.tuple.source().equals(answers.tuple.source())) {
                continue;
            }
            Candidate candidate = weigh(stream, answers);
            if (candidate != null && candidate.weight > bestWorth) {
                best = stream;
                bestWorth = candidate.weight;
            }
        }
        if (best != null) {
            union(best.leg, answers.leg);
        }
    }

    private void sample(Leg leg, Stream stream) {
        left.clear();
        leg.copyRows(left);
        int most = Math.min(left.count(), MOST_SAMPLES);
        for (int row = 0; row < most; row++) {
            if (!left.laterFragment(row)) {
                long content = (long) left.length(row) << 32 | left.crc(row) & 0xffffffffL;
                long print = mix(content ^ (long) leg.protocol().number() << 58 ^ (leg.protocol().number() == 17 ? 0 : left.seqAndAck(row)));
                boolean request = left.fromSecond(row) == leg.openedBySecond();
                stream.samples.add(new Sample(leg.point(), left.time(row), print, left.identification(row), left.ttl(row), request));
            }
        }
    }

    /** Streams with a common payload, each with those near it in time; thousands of equal payloads do not make millions of pairs. */
    private void candidates(List<Stream> sharing, Map<Stream, Map<Stream, Double>> pairs) {
        int reach = sharing.size() > 64 ? 16 : sharing.size();
        for (int k = 0; k < sharing.size(); k++) {
            for (int l = k + 1; l < Math.min(sharing.size(), k + 1 + reach); l++) {
                Stream a = sharing.get(k);
                Stream b = sharing.get(l);
                if (a.tuple.equals(b.tuple) || a.tuple.protocol() != b.tuple.protocol() || pairs.containsKey(a) && pairs.get(a).containsKey(b)
                        || pairs.containsKey(b) && pairs.get(b).containsKey(a)) {
                    continue;
                }
                Candidate candidate = weigh(a, b);
                if (candidate != null) {
                    pairs.computeIfAbsent(candidate.before, s -> new LinkedHashMap<>()).put(candidate.after, candidate.weight);
                }
            }
        }
    }

    /** How well one stream's datagrams are found again in the other's, and which of them is before the NAT. */
    private Candidate weigh(Stream a, Stream b) {
        boolean[] taken = new boolean[b.samples.size()];
        // What leaves the destination alone is a router's masquerade, and costs TTL: else they are two senders of the same words.
        boolean oneDestination = a.tuple.destination().equals(b.tuple.destination());
        double weight = 0;
        int aFirst = 0;
        for (Sample s : a.samples) {
            int best = -1;
            double bestWorth = 0;
            for (int j = 0; j < taken.length; j++) {
                Sample t = b.samples.get(j);
                if (!taken[j] && t.print == s.print && t.request == s.request && !(oneDestination && t.ttl == s.ttl)) {
                    double worth = worth(s, t);
                    if (worth > bestWorth) {
                        bestWorth = worth;
                        best = j;
                    }
                }
            }
            if (best >= 0) {
                Sample t = b.samples.get(best);
                taken[best] = true;
                weight += bestWorth;
                aFirst += order(s, t);
            }
        }
        if (weight <= 0) {
            return null;
        }
        return aFirst >= 0 ? new Candidate(a, b, weight) : new Candidate(b, a, weight);
    }

    private double worth(Sample s, Sample t) {
        boolean oneClock = s.point == t.point || clocks.known(s.point, t.point);
        long apart = Math.abs(clocks.aligned(s.point, s.time) - clocks.aligned(t.point, t.time));
        if (oneClock && apart > MOST_CROSSING_NANOS) {
            return 0;
        }
        double identity = s.identification == t.identification ? s.identification != 0 ? 4 : 1 : 0.25;
        double nearness = oneClock ? 1.0 / (1 + apart / (double) MILLI) : 0.1;
        return identity * (s.point == t.point ? 1 : 0.9) + nearness;
    }

    /** Positive if the first is before the NAT: a request loses TTL on its way in, an answer on its way out. */
    private int order(Sample s, Sample t) {
        int byTtl = Integer.compare(s.ttl, t.ttl);
        if (byTtl != 0) {
            return s.request ? 2 * byTtl : -2 * byTtl;
        }
        int byTime = Long.compare(clocks.aligned(t.point, t.time), clocks.aligned(s.point, s.time));
        return s.request ? byTime : -byTime;
    }

    private void settle(Map<Stream, Map<Stream, Double>> pairs) {
        List<Stream> before = new ArrayList<>(pairs.keySet());
        before.sort((x, y) -> Integer.compare(x.leg, y.leg));
        Map<Stream, Integer> component = new HashMap<>();
        List<List<Stream>> components = new ArrayList<>();
        for (Stream stream : before) {
            int id = component.getOrDefault(stream, -1);
            for (Stream after : pairs.get(stream).keySet()) {
                id = Math.max(id, component.getOrDefault(after, -1));
            }
            if (id < 0) {
                id = components.size();
                components.add(new ArrayList<>());
            }
            merge(stream, id, component, components);
            for (Stream after : pairs.get(stream).keySet()) {
                merge(after, id, component, components);
            }
        }
        for (List<Stream> members : components) {
            if (!members.isEmpty()) {
                settleTogether(members, pairs);
            }
        }
    }

    private static void merge(Stream stream, int id, Map<Stream, Integer> component, List<List<Stream>> components) {
        Integer old = component.get(stream);
        if (old == null) {
            component.put(stream, id);
            components.get(id).add(stream);
        } else if (old != id) {
            for (Stream moved : components.get(old)) {
                component.put(moved, id);
                components.get(id).add(moved);
            }
            components.get(old).clear();
        }
    }

    private void settleTogether(List<Stream> members, Map<Stream, Map<Stream, Double>> pairs) {
        members.sort((x, y) -> Integer.compare(x.leg, y.leg));
        List<Stream> before = new ArrayList<>();
        List<Stream> after = new ArrayList<>();
        for (Stream stream : members) {
            if (pairs.containsKey(stream)) {
                before.add(stream);
            }
            after.add(stream);
        }
        if (before.size() > MOST_TO_ASSIGN) {
            settleGreedily(before, pairs);
            return;
        }
        double[][] weights = new double[before.size()][after.size()];
        for (int i = 0; i < before.size(); i++) {
            for (int j = 0; j < after.size(); j++) {
                weights[i][j] = pairs.get(before.get(i)).getOrDefault(after.get(j), 0.0);
            }
        }
        int[] given = Assignment.solve(weights);
        for (int i = 0; i < given.length; i++) {
            if (given[i] >= 0) {
                accept(before, after, weights, i, given[i]);
            }
        }
    }

    private void accept(List<Stream> before, List<Stream> after, double[][] weights, int i, int j) {
        double best = weights[i][j];
        double second = 0;
        List<String> rivals = new ArrayList<>();
        for (int k = 0; k < after.size(); k++) {
            if (k != j && weights[i][k] > 0) {
                second = Math.max(second, weights[i][k]);
                if (weights[i][k] > best * 0.97) {
                    rivals.add(after.get(k).tuple.toString());
                }
            }
        }
        for (int k = 0; k < before.size(); k++) {
            if (k != i && weights[k][j] > 0) {
                second = Math.max(second, weights[k][j]);
                if (weights[k][j] > best * 0.97) {
                    rivals.add(before.get(k).tuple.toString());
                }
            }
        }
        union(before.get(i).leg, after.get(j).leg);
        if (second > 0) {
            double confidence = Math.max(0.3, Math.min(1, 0.5 + (best - second) / best));
            doubts.put(before.get(i).leg, new Doubt(confidence, rivals));
        }
    }

    /** Too many for the exact method: surest first. */
    private void settleGreedily(List<Stream> before, Map<Stream, Map<Stream, Double>> pairs) {
        List<Candidate> all = new ArrayList<>();
        for (Stream stream : before) {
            pairs.get(stream).forEach((other, weight) -> all.add(new Candidate(stream, other, weight)));
        }
        all.sort((x, y) -> {
            int byWeight = Double.compare(y.weight, x.weight);
            int byLeft = Integer.compare(x.before.leg, y.before.leg);
            return byWeight != 0 ? byWeight : byLeft != 0 ? byLeft : Integer.compare(x.after.leg, y.after.leg);
        });
        Map<Stream, Boolean> hasNext = new HashMap<>();
        Map<Stream, Boolean> hasPrevious = new HashMap<>();
        for (Candidate candidate : all) {
            if (hasNext.putIfAbsent(candidate.before, true) == null) {
                if (hasPrevious.putIfAbsent(candidate.after, true) == null) {
                    union(candidate.before.leg, candidate.after.leg);
                } else {
                    hasNext.remove(candidate.before);
                }
            }
        }
        Collections.sort(before, (x, y) -> Integer.compare(x.leg, y.leg));
    }
}
