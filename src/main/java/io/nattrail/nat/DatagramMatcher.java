package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Finds datagrams again on the other side of the NAT, where nothing is numbered: by payload, identification, time and TTL. All candidates
 * that compete are settled together.
 */
final class DatagramMatcher {
    private static final long MILLI = 1_000_000L;
    private static final int MOST_SAMPLES = 48;
    private static final int MOST_TO_ASSIGN = 400;
    /** Of more exchanges with equal payloads than this, each is compared with so many only before and after it. */
    private static final int MANY_ALIKE = 64;
    private static final int REACH = 16;
    /** A packet waits this long at most inside a node or between two before its translated twin shows. */
    static final long MOST_CROSSING_NANOS = 2_000 * MILLI;
    /** Far less than conntrack is ever told to remember. */
    private static final long LEAST_FORGETTING_NANOS = 1_000 * MILLI;
    /** What a pair of datagrams weighs at least that have an identification and share it. */
    private static final double SAME_PACKET = 3.6;
    /** What weighs more of the best than this fits as well. */
    private static final double SURELY_LESS = 0.97;

    private final List<Leg> legs;
    private final ClockView clocks;
    private final LegUnion joined;
    private final Rows rows = new Rows();
    private boolean anyFragments;

    /** @param joined what is already known to be one tuple's; takes what is found */
    DatagramMatcher(List<Leg> legs, ClockView clocks, LegUnion joined) {
        this.legs = legs;
        this.clocks = clocks;
        this.joined = joined;
    }

    /** One tuple's datagrams at all points: what takes part in the assignment. */
    private static final class Exchange {
        private final int leg;
        private final FiveTuple tuple;
        private final List<Sample> samples = new ArrayList<>();

        private Exchange(int leg, FiveTuple tuple) {
            this.leg = leg;
            this.tuple = tuple;
        }

        private boolean onlyAnswers() {
            return !samples.isEmpty() && answers() == samples.size();
        }

        private int answers() {
            int answers = 0;
            for (Sample sample : samples) {
                answers += sample.request ? 0 : 1;
            }
            return answers;
        }
    }

    /** @param size of the whole datagram's payload, 0 if that is not known */
    private record Sample(int point, long time, long print, int identification, int ttl, boolean request, boolean fragment, int size) {
        /**
         * Whether they may show one datagram. One that was cut, put together by conntrack, or cut in other places on the way keeps its
         * identification and its size; the payload of a first fragment is another than the whole's, which in IPv6 has no identification.
         */
        private boolean likeOne(Sample other) {
            return print == other.print || (fragment || other.fragment) && size != 0 && size == other.size
                    && (identification == other.identification ? identification != 0
                            : fragment != other.fragment && (fragment ? other.identification : identification) == 0);
        }

        private long byNumber() {
            return RowFacts.mix(~((long) size << 32 | identification));
        }
    }

    /** When a datagram of an exchange was seen. */
    private record Sighting(Exchange exchange, long time) {
    }

    private record Candidate(Exchange before, Exchange after, double weight) {
    }

    void join() {
        Map<Integer, Exchange> exchanges = exchanges();
        if (exchanges.size() < 2) {
            return;
        }
        if (turnAnswers(exchanges.values())) {
            exchanges = exchanges();
        }
        Map<Long, List<Exchange>> byPrint = new LinkedHashMap<>();
        List<Exchange> halfTranslated = new ArrayList<>();
        for (Exchange exchange : exchanges.values()) {
            if (exchange.onlyAnswers()) {
                halfTranslated.add(exchange);
                continue;
            }
            for (Sample sample : exchange.samples) {
                add(exchange, sample.print, byPrint);
                if (anyFragments && sample.size != 0 && sample.identification != 0) {
                    add(exchange, sample.byNumber(), byPrint);
                }
            }
        }
        Map<Exchange, Map<Exchange, Double>> pairs = new LinkedHashMap<>();
        byPrint.forEach((print, sharing) -> candidates(print, sharing, pairs));
        settle(pairs);
        if (!halfTranslated.isEmpty()) {
            Map<Endpoint, List<Exchange>> byClient = new HashMap<>();
            for (Exchange exchange : exchanges.values()) {
                if (!exchange.onlyAnswers()) {
                    byClient.computeIfAbsent(exchange.tuple.source(), c -> new ArrayList<>(1)).add(exchange);
                }
            }
            for (Exchange answers : halfTranslated) {
                joinAnswers(answers, byClient.getOrDefault(answers.tuple.source(), List.of()));
            }
        }
    }

    private static void add(Exchange exchange, long print, Map<Long, List<Exchange>> byPrint) {
        List<Exchange> list = byPrint.computeIfAbsent(print, p -> new ArrayList<>(2));
        if (list.isEmpty() || list.get(list.size() - 1) != exchange) {
            list.add(exchange);
        }
    }

    private Map<Integer, Exchange> exchanges() {
        Map<Integer, Exchange> exchanges = new LinkedHashMap<>();
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (!leg.tcp() && leg.rowCount() > 0) {
                Exchange exchange = exchanges.computeIfAbsent(joined.root(i), r -> new Exchange(r, leg.tuple()));
                sample(leg, exchange);
            }
        }
        return exchanges;
    }

    /**
     * Where a bridge's hook translates what a pod asks, the answer comes back to it in the service's name, and nothing there tells that it
     * answers: it holds what another exchange of the same client's port shows as its answers.
     *
     * @return whether any was taken for questions until now
     */
    private boolean turnAnswers(Iterable<Exchange> exchanges) {
        Map<Endpoint, List<Exchange>> byClient = new HashMap<>();
        for (Exchange exchange : exchanges) {
            if (exchange.answers() > 0) {
                byClient.computeIfAbsent(exchange.tuple.source(), c -> new ArrayList<>(1)).add(exchange);
            }
        }
        Set<Integer> turned = new HashSet<>();
        for (Exchange exchange : exchanges) {
            for (Exchange other : byClient.getOrDefault(exchange.tuple.destination(), List.of())) {
                if (exchange.answers() == 0 && other.tuple.protocol() == exchange.tuple.protocol() && answersOf(exchange, other)) {
                    turned.add(exchange.leg);
                }
            }
        }
        for (int i = 0; i < legs.size() && !turned.isEmpty(); i++) {
            if (!legs.get(i).tcp() && turned.contains(joined.root(i))) {
                legs.get(i).reverse();
            }
        }
        return !turned.isEmpty();
    }

    /** Whether all that one exchange holds shows elsewhere as answers of another, by payload, identification and time. */
    private boolean answersOf(Exchange exchange, Exchange other) {
        for (Sample s : exchange.samples) {
            boolean found = false;
            for (Sample t : other.samples) {
                found |= !t.request && t.point != s.point && t.likeOne(s) && t.identification == s.identification && worth(s, t) > 0;
            }
            if (!found) {
                return false;
            }
        }
        return !exchange.samples.isEmpty();
    }

    /**
     * Answers alone, under a tuple of their own: a bridge shows them translated back on one side only, from the pod to the client. They are
     * of the connection whose client they go to and whose answers they hold.
     */
    private void joinAnswers(Exchange answers, List<Exchange> ofClient) {
        Exchange best = null;
        double bestWorth = 0;
        for (Exchange exchange : ofClient) {
            Candidate candidate = weigh(exchange, answers);
            if (candidate != null && candidate.weight > bestWorth) {
                best = exchange;
                bestWorth = candidate.weight;
            }
        }
        if (best != null) {
            joined.union(best.leg, answers.leg);
        }
    }

    private void sample(Leg leg, Exchange exchange) {
        rows.clear();
        leg.copyRows(rows);
        int most = Math.min(rows.count(), MOST_SAMPLES);
        for (int row = 0; row < most; row++) {
            if (!rows.laterFragment(row)) {
                long content = (long) rows.length(row) << 32 | rows.crc(row) & 0xffffffffL;
                long print = RowFacts.mix(content ^ (long) leg.protocol().number() << 58
                        ^ (leg.protocol().number() == 17 ? 0 : rows.seqAndAck(row)));
                boolean request = rows.fromSecond(row) == leg.openedBySecond();
                boolean fragment = rows.fragment(row);
                anyFragments |= fragment;
                exchange.samples.add(new Sample(leg.point(), rows.time(row), print, rows.identification(row), rows.ttl(row), request,
                        fragment, leg.protocol() != Protocol.UDP ? 0 : fragment ? RowFacts.datagramSize(rows, row) : rows.length(row)));
            }
        }
    }

    /** Exchanges with a common payload, each with those near it in time; thousands of equal payloads do not make millions of pairs. */
    private void candidates(long print, List<Exchange> sharing, Map<Exchange, Map<Exchange, Double>> pairs) {
        List<Sighting> all = new ArrayList<>();
        if (sharing.size() <= MANY_ALIKE) {
            for (Exchange exchange : sharing) {
                all.add(new Sighting(exchange, 0));
            }
            candidates(all, all.size(), pairs);
            return;
        }
        // A point's own clock tells what is near; between clocks that are not known it may not.
        Map<Integer, List<Sighting>> byPoint = new TreeMap<>();
        for (Exchange exchange : sharing) {
            for (Sample sample : exchange.samples) {
                if (sample.print == print || sample.byNumber() == print) {
                    Sighting sighting = new Sighting(exchange, clocks.aligned(sample.point, sample.time));
                    all.add(sighting);
                    byPoint.computeIfAbsent(sample.point, p -> new ArrayList<>()).add(sighting);
                }
            }
        }
        for (List<Sighting> ofPoint : byPoint.values()) {
            ofPoint.sort(Comparator.comparingLong(Sighting::time));
            candidates(ofPoint, REACH, pairs);
        }
        all.sort(Comparator.comparingLong(Sighting::time));
        candidates(all, REACH, pairs);
    }

    private void candidates(List<Sighting> sightings, int reach, Map<Exchange, Map<Exchange, Double>> pairs) {
        for (int k = 0; k < sightings.size(); k++) {
            for (int l = k + 1; l < sightings.size() && l <= k + reach; l++) {
                Exchange a = sightings.get(k).exchange;
                Exchange b = sightings.get(l).exchange;
                if (a.tuple.equals(b.tuple) || a.tuple.protocol() != b.tuple.protocol() || sightings.size() > 2 && isAnother(a, b)
                        || pairs.containsKey(a) && pairs.get(a).containsKey(b)
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

    /**
     * Whether two exchanges of the same words are two of the clients', not one before and after the NAT: a point shows both, but no
     * datagram of the one has the identification of one of the other, or, where they have none, two senders' questions have the same TTL.
     * A bridge's hook that masquerades takes no TTL either, but then nobody else says the same.
     */
    private static boolean isAnother(Exchange a, Exchange b) {
        boolean numbered = false;
        boolean sameTtl = false;
        for (Sample s : a.samples) {
            for (Sample t : b.samples) {
                if (s.point == t.point && s.request == t.request && s.likeOne(t)) {
                    if (s.identification != 0 && s.identification == t.identification) {
                        return false;
                    }
                    numbered |= s.identification != 0 && t.identification != 0;
                    sameTtl |= s.request && s.ttl == t.ttl;
                }
            }
        }
        return numbered || sameTtl && !a.tuple.source().equals(b.tuple.source());
    }

    /** How well one exchange's datagrams are found again in the other's, and which of them is before the NAT. */
    private Candidate weigh(Exchange a, Exchange b) {
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
                if (!taken[j] && t.likeOne(s) && t.request == s.request && !(oneDestination && t.ttl == s.ttl)) {
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

    private void settle(Map<Exchange, Map<Exchange, Double>> pairs) {
        List<Exchange> before = new ArrayList<>(pairs.keySet());
        before.sort((x, y) -> Integer.compare(x.leg, y.leg));
        Map<Exchange, Integer> component = new HashMap<>();
        List<List<Exchange>> components = new ArrayList<>();
        for (Exchange exchange : before) {
            int id = component.getOrDefault(exchange, -1);
            for (Exchange after : pairs.get(exchange).keySet()) {
                id = Math.max(id, component.getOrDefault(after, -1));
            }
            if (id < 0) {
                id = components.size();
                components.add(new ArrayList<>());
            }
            merge(exchange, id, component, components);
            for (Exchange after : pairs.get(exchange).keySet()) {
                merge(after, id, component, components);
            }
        }
        for (List<Exchange> members : components) {
            if (!members.isEmpty()) {
                settleTogether(members, pairs);
            }
        }
    }

    private static void merge(Exchange exchange, int id, Map<Exchange, Integer> component, List<List<Exchange>> components) {
        Integer old = component.get(exchange);
        if (old == null) {
            component.put(exchange, id);
            components.get(id).add(exchange);
        } else if (old != id) {
            for (Exchange moved : components.get(old)) {
                component.put(moved, id);
                components.get(id).add(moved);
            }
            components.get(old).clear();
        }
    }

    private void settleTogether(List<Exchange> members, Map<Exchange, Map<Exchange, Double>> pairs) {
        members.sort((x, y) -> Integer.compare(x.leg, y.leg));
        List<Exchange> before = new ArrayList<>();
        List<Exchange> after = new ArrayList<>();
        for (Exchange exchange : members) {
            if (pairs.containsKey(exchange)) {
                before.add(exchange);
            }
            after.add(exchange);
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
        boolean[] taken = new boolean[after.size()];
        for (int i = 0; i < given.length; i++) {
            if (given[i] >= 0) {
                taken[given[i]] = true;
                accept(before, after, weights, i, given[i]);
            }
        }
        for (int j = 0; j < taken.length; j++) {
            if (!taken[j]) {
                translatedAgain(before, after, weights, given, j);
            }
        }
    }

    /**
     * A socket that paused for longer than conntrack remembers is translated anew: the same packets under another tuple, when the one
     * before had ended.
     */
    private void translatedAgain(List<Exchange> before, List<Exchange> after, double[][] weights, int[] given, int j) {
        int best = -1;
        for (int i = 0; i < given.length; i++) {
            if (weights[i][j] >= SAME_PACKET && (best < 0 || weights[i][j] > weights[best][j])) {
                best = i;
            }
        }
        if (best < 0 || given[best] < 0 || !apart(after.get(given[best]), after.get(j))) {
            return;
        }
        for (int i = 0; i < given.length; i++) {
            if (i != best && weights[i][j] > weights[best][j] * SURELY_LESS) {
                return;
            }
        }
        joined.union(before.get(best).leg, after.get(j).leg);
    }

    /**
     * Whether one exchange had ended when the other began: a flow has them one after the other, not to choose from. Where nobody
     * masquerades, an endpoint that is chosen again has the tuple that it had before: then each is silent for a time before the other goes
     * on.
     */
    private boolean apart(Exchange a, Exchange b) {
        return last(a) < first(b) || last(b) < first(a) || takeTurns(a, b);
    }

    private boolean takeTurns(Exchange a, Exchange b) {
        long[] times = new long[a.samples.size() + b.samples.size()];
        int count = 0;
        for (Exchange exchange : List.of(a, b)) {
            for (Sample sample : exchange.samples) {
                // The last bit, a nanosecond, tells whose it is.
                times[count++] = clocks.aligned(sample.point, sample.time) & ~1L | (exchange == a ? 0 : 1);
            }
        }
        Arrays.sort(times);
        for (int i = 1; i < times.length; i++) {
            if ((times[i] & 1) != (times[i - 1] & 1) && times[i] - times[i - 1] < LEAST_FORGETTING_NANOS) {
                return false;
            }
        }
        return true;
    }

    private long first(Exchange exchange) {
        long first = Long.MAX_VALUE;
        for (Sample sample : exchange.samples) {
            first = Math.min(first, clocks.aligned(sample.point, sample.time));
        }
        return first;
    }

    private long last(Exchange exchange) {
        long last = Long.MIN_VALUE;
        for (Sample sample : exchange.samples) {
            last = Math.max(last, clocks.aligned(sample.point, sample.time));
        }
        return last;
    }

    private void accept(List<Exchange> before, List<Exchange> after, double[][] weights, int i, int j) {
        double best = weights[i][j];
        double second = 0;
        List<String> rivals = new ArrayList<>();
        for (int k = 0; k < after.size(); k++) {
            if (k != j && weights[i][k] > 0 && !apart(after.get(j), after.get(k))) {
                second = Math.max(second, weights[i][k]);
                if (weights[i][k] > best * SURELY_LESS) {
                    rivals.add(after.get(k).tuple.toString());
                }
            }
        }
        for (int k = 0; k < before.size(); k++) {
            if (k != i && weights[k][j] > 0) {
                second = Math.max(second, weights[k][j]);
                if (weights[k][j] > best * SURELY_LESS) {
                    rivals.add(before.get(k).tuple.toString());
                }
            }
        }
        joined.union(before.get(i).leg, after.get(j).leg);
        if (second > 0) {
            double confidence = Math.max(0.3, Math.min(1, 0.5 + (best - second) / best));
            joined.doubt(before.get(i).leg, confidence, rivals);
        }
    }

    /** Too many for the exact method: surest first. */
    private void settleGreedily(List<Exchange> before, Map<Exchange, Map<Exchange, Double>> pairs) {
        List<Candidate> all = new ArrayList<>();
        for (Exchange exchange : before) {
            pairs.get(exchange).forEach((other, weight) -> all.add(new Candidate(exchange, other, weight)));
        }
        all.sort((x, y) -> {
            int byWeight = Double.compare(y.weight, x.weight);
            int byLeft = Integer.compare(x.before.leg, y.before.leg);
            return byWeight != 0 ? byWeight : byLeft != 0 ? byLeft : Integer.compare(x.after.leg, y.after.leg);
        });
        Set<Exchange> hasNext = new HashSet<>();
        Set<Exchange> hasPrevious = new HashSet<>();
        for (Candidate candidate : all) {
            if (!hasNext.contains(candidate.before) && hasPrevious.add(candidate.after)) {
                hasNext.add(candidate.before);
                joined.union(candidate.before.leg, candidate.after.leg);
            }
        }
    }
}
