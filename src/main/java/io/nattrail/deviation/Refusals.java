package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.net.Ttl;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;

/**
 * When nodes said by ICMP that a service has no endpoint. Linux limits how often it says so to one address: six times at once, then once in
 * a second (net.ipv4.icmp_ratelimit, net.ipv6.icmp.ratelimit). What it rejects beyond that gets no word at all. A pod's kernel, of a port
 * that nobody has opened, is limited in the same way.
 */
final class Refusals {
    /** The interval of the limit, and room for what a capture does not show. */
    private static final long INTERVAL_NANOS = 1_500_000_000L;

    private final Map<Ways.Way, NavigableSet<Long>> toCaller = new HashMap<>();
    private final Map<Ways.Way, NavigableSet<Long>> ofFront = new HashMap<>();
    /** When a pod on the node itself said so, of what was for a service. */
    private final Map<Ways.Way, NavigableSet<Long>> byPodHere = new HashMap<>();
    /** When requests came to a node, of those that it did take to an endpoint. */
    private final Map<Ways.Way, NavigableSet<Long>> passed = new HashMap<>();

    /** When a node itself reset a call of a service that has endpoints: no rule of kube-proxy's was there. */
    private final Map<String, NavigableSet<Long>> closed = new HashMap<>();
    /** When such a node took other calls to endpoints. */
    private final Map<String, NavigableSet<Long>> ruled = new HashMap<>();

    /**
     * Takes a flow in.
     *
     * @param served whether what it calls is known to have endpoints
     */
    void add(FlowTrace trace, FlowFact fact, boolean served) {
        if (fact.entryNode() == null || fact.translated() != null || !fact.rejected() || fact.answered()) {
            return;
        }
        if (served && fact.tcp() && resetByNode(trace)) {
            closed.computeIfAbsent(fact.entryNode(), n -> new TreeSet<>()).add(fact.start());
        }
        for (Complaint complaint : Complaint.of(trace.flow())) {
            if (rejects(trace, complaint.error())) {
                long time = trace.captures().aligned(complaint.frame());
                toCaller.computeIfAbsent(Ways.Way.ofCaller(fact), w -> new TreeSet<>()).add(time);
                ofFront.computeIfAbsent(front(trace), w -> new TreeSet<>()).add(time);
            } else if (complaint.error().portUnreachable() && trace.refusedByEndpoint() && Boolean.TRUE.equals(trace.local())) {
                byPodHere.computeIfAbsent(front(trace), w -> new TreeSet<>()).add(trace.captures().aligned(complaint.frame()));
            }
        }
    }

    private static boolean resetByNode(FlowTrace trace) {
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && trace.isAt(sign.place(), Spot.ENTRY_IN)
                    && Ttl.fresh(sign.value())) {
                return !trace.refusedByEndpoint() && !Boolean.TRUE.equals(trace.local());
            }
        }
        return false;
    }

    private static boolean rejects(FlowTrace trace, QuotedError error) {
        return error.portUnreachable() && error.quotedFromOpener() && !trace.refusedByEndpoint()
                && (error.sender().equals(trace.flow().original().destination().address()) || Ttl.fresh(error.ttl()));
    }

    /** All were added. */
    void seal(Map<TransportEndpoint, FrontFacts> fronts, Map<String, List<FlowFact>> byEntry) {
        for (String node : closed.keySet()) {
            NavigableSet<Long> times = new TreeSet<>();
            for (FlowFact fact : byEntry.getOrDefault(node, List.of())) {
                if (fact.translated() != null || fact.answered()) {
                    times.add(fact.start());
                }
            }
            ruled.put(node, times);
        }
        if (ofFront.isEmpty()) {
            return;
        }
        for (Map.Entry<TransportEndpoint, FrontFacts> front : fronts.entrySet()) {
            for (FlowFact fact : front.getValue().flows()) {
                Ways.Way way = new Ways.Way(fact.entryNode(), front.getKey());
                if (ofFront.containsKey(way) && (fact.answered() || fact.replied() || fact.translated() != null)) {
                    long came = fact.arrived() == Long.MAX_VALUE ? fact.start() : fact.arrived();
                    passed.computeIfAbsent(way, w -> new TreeSet<>()).add(came);
                }
            }
        }
    }

    /**
     * Whether a flow that got no word was rejected like others: its caller had just been told of another, and of those to the same
     * destination the last before it, or the first after it, was rejected.
     */
    boolean unspoken(FlowTrace trace) {
        if (ofFront.isEmpty() || trace.entryNode() == null) {
            return false;
        }
        FlowLeg asked = arrival(trace);
        NavigableSet<Long> told = toCaller.get(new Ways.Way(trace.entryNode(), trace.flow().original().source().address()));
        NavigableSet<Long> refusals = ofFront.get(front(trace));
        if (asked == null || told == null || refusals == null) {
            return false;
        }
        long time = trace.captures().aligned(asked.firstRequest());
        if (!justBefore(told, time)) {
            return false;
        }
        NavigableSet<Long> others = passed.getOrDefault(front(trace), Collections.emptyNavigableSet());
        Long refused = refusals.floor(time);
        Long taken = others.floor(time);
        Long refusedNext = refusals.higher(time);
        Long takenNext = others.higher(time);
        return refused != null && (taken == null || refused > taken)
                || refusedNext != null && (takenNext == null || refusedNext < takenNext);
    }

    /** Whether the entry node had no rules when a flow called it, as what is nearest in time tells of the TCP that it got. */
    boolean withoutRules(FlowTrace trace) {
        NavigableSet<Long> without = trace.entryNode() == null ? null : closed.get(trace.entryNode());
        if (without == null) {
            return false;
        }
        long time = trace.captures().aligned(trace.flow().start());
        return distance(without, time) < distance(ruled.get(trace.entryNode()), time);
    }

    private static long distance(NavigableSet<Long> times, long time) {
        Long before = times.floor(time);
        Long after = times.ceiling(time);
        return Math.min(before == null ? Long.MAX_VALUE : time - before, after == null ? Long.MAX_VALUE : after - time);
    }

    /** Whether a pod on the entry node had just refused another request to the same destination when one came that got no word. */
    boolean unspokenByPodHere(FlowTrace trace) {
        FlowLeg asked = byPodHere.isEmpty() || trace.entryNode() == null ? null : arrival(trace);
        NavigableSet<Long> refusals = asked == null ? null : byPodHere.get(front(trace));
        return refusals != null && justBefore(refusals, trace.captures().aligned(asked.firstRequest()));
    }

    private static boolean justBefore(NavigableSet<Long> said, long time) {
        Long before = said.floor(time);
        return before != null && time - before <= INTERVAL_NANOS;
    }

    private static FlowLeg arrival(FlowTrace trace) {
        Flow flow = trace.flow();
        FlowLeg in = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        return in != null || flow.places().isEmpty() ? in : flow.requestLeg(flow.places().get(0));
    }

    private static Ways.Way front(FlowTrace trace) {
        return new Ways.Way(trace.entryNode(), new TransportEndpoint(trace.flow().protocol(), trace.flow().original().destination()));
    }
}
