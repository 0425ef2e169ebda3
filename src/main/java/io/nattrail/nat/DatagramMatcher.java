package io.nattrail.nat;

import io.nattrail.leg.Leg;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds datagrams again on the other side of the NAT, where nothing is numbered: by payload, identification, time and TTL. All candidates
 * that compete are settled together.
 */
final class DatagramMatcher {
    /** Of more exchanges with equal payloads than this, each is compared with so many only before and after it. */
    private static final int MANY_ALIKE = 64;
    private static final int REACH = 16;

    private final List<Leg> legs;
    private final ClockView clocks;
    private final LegUnion joined;
    private Exchanges exchanges;
    private ExchangeWeights weights;

    /** @param joined what is already known to be one tuple's; takes what is found */
    DatagramMatcher(List<Leg> legs, ClockView clocks, LegUnion joined) {
        this.legs = legs;
        this.clocks = clocks;
        this.joined = joined;
    }

    /** When a datagram of an exchange was seen. */
    private record Sighting(int exchange, long time) {
    }

    void join() {
        take();
        if (exchanges.count() < 2) {
            return;
        }
        if (turnAnswers()) {
            take();
        }
        Chains byPrint = new Chains();
        boolean halfTranslated = false;
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            if (exchanges.onlyAnswers(exchange)) {
                halfTranslated = true;
            } else {
                file(exchange, byPrint);
            }
        }
        ExchangePairs pairs = new ExchangePairs(exchanges, weights, joined);
        for (int place = 0; place < byPrint.count(); place++) {
            findPairs(byPrint, place, pairs);
        }
        pairs.settle();
        if (halfTranslated) {
            joinAnswers();
        }
    }

    private void take() {
        exchanges = new Exchanges(legs, joined, clocks);
        weights = new ExchangeWeights(exchanges, clocks);
    }

    private void file(int exchange, Chains byPrint) {
        for (int sample = exchanges.from(exchange); sample < exchanges.to(exchange); sample++) {
            byPrint.addOnce(exchanges.print(sample), exchange);
            if (exchanges.anyInPart() && exchanges.printByNumber(sample) != 0) {
                byPrint.addOnce(exchanges.printByNumber(sample), exchange);
            }
        }
    }

    /**
     * Where a bridge's hook translates what a pod asks, the answer comes back to it in the service's name, and nothing there tells that it
     * answers: it holds what another exchange of the same client's port shows as its answers.
     *
     * @return whether any was taken for questions until now
     */
    private boolean turnAnswers() {
        Chains answered = new Chains();
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            if (exchanges.answers(exchange) > 0) {
                answered.add(exchanges.source(exchange), exchange);
            }
        }
        boolean[] turned = new boolean[legs.size()];
        boolean any = false;
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            int link = exchanges.answers(exchange) > 0 ? -1 : answered.first(exchanges.destination(exchange));
            for (; link >= 0; link = answered.next(link)) {
                int other = answered.value(link);
                if (weights.answersOf(exchange, other)) {
                    turned[exchanges.leg(exchange)] = true;
                    any = true;
                }
            }
        }
        any |= turnAnswersToMasqueraded(turned);
        any |= turnMasqueraded(turned);
        for (int i = 0; any && i < turned.length; i++) {
            if (!legs.get(i).tcp() && turned[joined.root(i)]) {
                legs.get(i).reverse();
            }
        }
        return any;
    }

    /**
     * The same where the node masquerades what the pod asks, before it leaves: who shows the answers asks by the node's own port, and the
     * endpoint that the pod's question, which shows none, is for.
     *
     * @param turned takes the legs that stand for such exchanges
     * @return whether there are any
     */
    private boolean turnAnswersToMasqueraded(boolean[] turned) {
        Chains unanswered = new Chains();
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            if (exchanges.answers(exchange) == 0) {
                unanswered.add(exchanges.source(exchange), exchange);
            }
        }
        Chains toAskers = new Chains();
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            if (exchanges.answers(exchange) == 0 && unanswered.first(exchanges.destination(exchange)) >= 0) {
                toAskers.add(exchanges.print(exchanges.from(exchange)), exchange);
            }
        }
        boolean any = false;
        for (int other = 0; toAskers.count() > 0 && other < exchanges.count(); other++) {
            for (int sample = exchanges.from(other); sample < exchanges.to(other); sample++) {
                int link = exchanges.request(sample) ? -1 : toAskers.first(exchanges.print(sample));
                for (; link >= 0; link = toAskers.next(link)) {
                    int exchange = toAskers.value(link);
                    if (asked(unanswered.first(exchanges.destination(exchange)), unanswered, exchanges.destination(other))
                            && weights.answersOf(exchange, other)) {
                        turned[exchanges.leg(exchange)] = true;
                        any = true;
                    }
                }
            }
        }
        return any;
    }

    private boolean asked(int first, Chains askers, int destination) {
        for (int link = first; link >= 0; link = askers.next(link)) {
            if (exchanges.destination(askers.value(link)) == destination) {
                return true;
            }
        }
        return false;
    }

    /**
     * The port that a node masquerades by may be the one that clients call, chosen at random: what the node sends from it looks like an
     * answer of the service. It is a question if it came to that port as one.
     *
     * @param turned takes the legs that stand for such exchanges
     * @return whether there are any
     */
    private boolean turnMasqueraded(boolean[] turned) {
        Chains answersFirst = new Chains();
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            int first = exchanges.from(exchange);
            if (!exchanges.request(first)) {
                answersFirst.add(exchanges.print(first), exchange);
            }
        }
        boolean any = false;
        for (int other = 0; answersFirst.count() > 0 && other < exchanges.count(); other++) {
            for (int sample = exchanges.from(other); sample < exchanges.to(other); sample++) {
                int link = exchanges.request(sample) ? answersFirst.first(exchanges.print(sample)) : -1;
                for (; link >= 0; link = answersFirst.next(link)) {
                    int exchange = answersFirst.value(link);
                    if (exchanges.destination(exchange) == exchanges.destination(other) && weights.sendsOn(exchange, other)) {
                        turned[exchanges.leg(exchange)] = true;
                        any = true;
                    }
                }
            }
        }
        return any;
    }

    /** Makes pairs of exchanges with a common payload, each with those near it in time: thousands do not make millions of pairs. */
    private void findPairs(Chains byPrint, int place, ExchangePairs pairs) {
        List<Sighting> all = new ArrayList<>();
        int first = byPrint.firstOf(place);
        if (byPrint.next(first) < 0) {
            return;
        }
        for (int link = first; link >= 0; link = byPrint.next(link)) {
            all.add(new Sighting(byPrint.value(link), 0));
        }
        if (all.size() <= MANY_ALIKE) {
            findPairs(all, all.size(), pairs);
            return;
        }
        long print = byPrint.key(place);
        // A point's own clock tells what is near; between clocks that are not known it may not.
        List<Sighting> timed = new ArrayList<>();
        Map<Integer, List<Sighting>> byPoint = new TreeMap<>();
        for (Sighting of : all) {
            for (int sample = exchanges.from(of.exchange); sample < exchanges.to(of.exchange); sample++) {
                if (exchanges.print(sample) == print || exchanges.printByNumber(sample) == print) {
                    Sighting sighting = new Sighting(of.exchange, exchanges.time(sample));
                    timed.add(sighting);
                    byPoint.computeIfAbsent(exchanges.point(sample), p -> new ArrayList<>()).add(sighting);
                }
            }
        }
        for (List<Sighting> ofPoint : byPoint.values()) {
            ofPoint.sort(Comparator.comparingLong(Sighting::time));
            findPairs(ofPoint, REACH, pairs);
        }
        timed.sort(Comparator.comparingLong(Sighting::time));
        findPairs(timed, REACH, pairs);
    }

    private void findPairs(List<Sighting> sightings, int reach, ExchangePairs pairs) {
        boolean crowd = sightings.size() > 2;
        for (int k = 0; k < sightings.size(); k++) {
            for (int l = k + 1; l < sightings.size() && l <= k + reach; l++) {
                int a = sightings.get(k).exchange;
                int b = sightings.get(l).exchange;
                if (exchanges.sameTuple(a, b) || pairs.has(a, b) || crowd && pairs.hasRefused(a, b)) {
                    continue;
                }
                if (crowd && weights.isAnother(a, b)) {
                    pairs.refuse(a, b);
                } else {
                    pairs.weigh(a, b);
                }
            }
        }
    }

    /**
     * Answers alone, under a tuple of their own: a bridge shows them translated back on one side only, from the pod to the client. They are
     * of the connection whose client they go to and whose answers they hold, under whichever of its tuples.
     */
    private void joinAnswers() {
        Chains byClient = new Chains();
        Chains byFlow = new Chains();
        int[] flow = new int[exchanges.count()];
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            flow[exchange] = joined.root(exchanges.leg(exchange));
            if (!exchanges.onlyAnswers(exchange)) {
                byClient.add(exchanges.source(exchange), exchange);
                byFlow.add(flow[exchange], exchange);
            }
        }
        List<Sighting> others = new ArrayList<>();
        for (int answers = 0; answers < exchanges.count(); answers++) {
            if (!exchanges.onlyAnswers(answers)) {
                continue;
            }
            int best = -1;
            double bestWeight = 0;
            for (int link = byClient.first(exchanges.source(answers)); link >= 0; link = byClient.next(link)) {
                for (int of = byFlow.first(flow[byClient.value(link)]); of >= 0; of = byFlow.next(of)) {
                    double weight = Math.abs(weights.weigh(byFlow.value(of), answers));
                    if (weight > bestWeight) {
                        bestWeight = weight;
                        best = byFlow.value(of);
                    }
                }
            }
            if (best >= 0) {
                joined.union(exchanges.leg(best), exchanges.leg(answers));
            } else if (byClient.first(exchanges.source(answers)) < 0) {
                others.add(new Sighting(answers, exchanges.first(answers)));
            }
        }
        if (!others.isEmpty()) {
            joinByTurns(others, byFlow, flow);
        }
    }

    /**
     * The same where no capture shows the client's side: a bridge has what the node masqueraded for a pod, and the pod's answers to clients
     * that asked it nothing there. Who answers soon answers the question before; how long the others wait for theirs leaves it in doubt.
     */
    private void joinByTurns(List<Sighting> others, Chains byFlow, int[] flow) {
        Map<Long, List<Sighting>> turns = new TreeMap<>();
        for (Sighting answers : others) {
            turns.computeIfAbsent(podAtPoint(answers.exchange), pod -> new ArrayList<>()).add(answers);
        }
        for (int exchange = 0; exchange < exchanges.count(); exchange++) {
            List<Sighting> ofPod = exchanges.answers(exchange) > 0 ? null : turns.get(podAtPoint(exchange));
            if (ofPod != null && !answered(byFlow, flow[exchange])) {
                ofPod.add(new Sighting(exchange, exchanges.first(exchange)));
            }
        }
        for (List<Sighting> ofPod : turns.values()) {
            ofPod.sort(Comparator.comparingLong(Sighting::time));
            Deque<Sighting> open = new ArrayDeque<>();
            for (Sighting next : ofPod) {
                while (!open.isEmpty() && next.time - open.peekFirst().time > ExchangeWeights.MOST_CROSSING_NANOS) {
                    open.removeFirst();
                }
                if (!exchanges.onlyAnswers(next.exchange)) {
                    open.addLast(next);
                } else if (!open.isEmpty()) {
                    int asked = open.removeLast().exchange;
                    joined.union(exchanges.leg(asked), exchanges.leg(next.exchange));
                    if (!open.isEmpty()) {
                        joined.doubt(exchanges.leg(asked), 0.5, List.of(exchanges.tuple(open.peekLast().exchange).toString()));
                    }
                }
            }
        }
    }

    private long podAtPoint(int exchange) {
        return (long) exchanges.destination(exchange) << 32 | exchanges.point(exchanges.from(exchange));
    }

    private boolean answered(Chains byFlow, int flow) {
        for (int link = byFlow.first(flow); link >= 0; link = byFlow.next(link)) {
            if (exchanges.answers(byFlow.value(link)) > 0) {
                return true;
            }
        }
        return false;
    }
}
