package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.LegTable;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.net.Ttl;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What all flows of a case tell together, as columns: detectors see one flow beside it, so that a race, a full table or an endpoint that
 * answers nobody shows. Filled in a first walk over the flows, read in the second.
 */
public final class CaseFacts {
    private static final int SPOTS = Spot.values().length;
    /** So many lost acknowledgements and no lost data are no accident of a capture that misses single packets. */
    private static final int LEAST_ACKNOWLEDGEMENTS = 3;

    private final ClusterView cluster;
    private final CaptureSet captures;
    private final List<FlowFact> flows = new ArrayList<>();
    private final Map<Endpoint, EndpointFacts> endpoints = new HashMap<>();
    private final Map<String, NodeFacts> nodes = new HashMap<>();
    /** The last flow so far of each client's tuple. */
    private final Map<FiveTuple, FlowFact> originals = new HashMap<>();
    /** How many connections were of a tuple, where it was one client's port again, and the flows that used it again. */
    private final Map<FiveTuple, Integer> reused = new HashMap<>();
    private final BitSet usedAgain = new BitSet();
    private final Map<FiveTuple, List<FlowFact>> translations = new HashMap<>();
    private final Map<Integer, HopPace> paces = new HashMap<>();
    private final Thoughts thoughts = new Thoughts();
    private final Refusals refusals = new Refusals();
    private final Map<String, List<FlowFact>> byEntry = new HashMap<>();
    private final Set<Integer> healthCheckPorts = new HashSet<>();
    private final Fronts fronts;
    private final PointFacts points;
    /** Packets with data that were lost from one point to another, and TCP's without. */
    private final Map<Integer, long[]> lost = new HashMap<>();
    /** That SYN-ACKs of endpoints passed on their way to entry nodes; MAX_VALUE without any. */
    private long fewestRouters = Long.MAX_VALUE;
    private int fatalSilences;
    private long shortestFatalSilence = Long.MAX_VALUE;
    private long longestSurvivedSilence = -1;
    private final Holes holes;
    private final FullSizePackets fullSize;
    private final EditedCaptures edited;
    private final StrangeAddresses strange;
    private Ways ways;
    private Stretches stretches;

    public CaseFacts(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
        fronts = new Fronts(cluster.told(), captures);
        points = new PointFacts(cluster, captures);
        holes = new Holes(cluster, captures);
        fullSize = new FullSizePackets(captures);
        edited = new EditedCaptures(captures.count());
        strange = new StrangeAddresses(cluster.told(), captures.count());
        for (ClusterState.Service service : cluster.told().state().services()) {
            if (service.healthCheckNodePort() > 0) {
                healthCheckPorts.add(service.healthCheckNodePort());
            }
        }
    }

    /** Whether the state of the cluster lists a ready endpoint for what a flow calls, or without it others were taken to one. */
    boolean isServed(FlowTrace trace) {
        ClusterIndex.Front front = trace.front();
        return front == null ? cluster.translatesPort(trace.flow().protocol(), trace.flow().original().destination().port())
                : cluster.told().hasReadyEndpoint(front.service(), front.port());
    }

    /** Takes a flow into account. */
    public void add(FlowTrace trace) {
        Flow flow = trace.flow();
        Endpoint endpoint = trace.endpoint();
        TransportEndpoint front = new TransportEndpoint(flow.protocol(), flow.original().destination());
        FlowFact fact = FlowFact.of(trace);
        flows.add(fact);
        if (trace.entryNode() != null) {
            byEntry.computeIfAbsent(trace.entryNode(), n -> new ArrayList<>()).add(fact);
        }
        if (flow.story().thoughtNanos() >= 0) {
            thoughts.add(front, Answerer.of(trace, front), Answerer.leftBehind(trace, front), flow.story().thoughtNanos());
        }
        FlowFact before = originals.put(flow.original(), fact);
        if (before != null && !partedBySilence(before, fact)) {
            reused.merge(flow.original(), 2, (uses, more) -> uses + 1);
            usedAgain.set(fact.id());
        }
        addSilence(fact, trace);
        refusals.add(trace, fact, fact.rejected() && isServed(trace));
        fronts.add(trace, fact, !TranslationChecks.fromInside(trace, this));
        if (flow.translated() != null) {
            translations.computeIfAbsent(flow.translated(), t -> new ArrayList<>(1)).add(fact);
        }
        if (endpoint != null) {
            EndpointFacts facts = endpoints.computeIfAbsent(endpoint, e -> new EndpointFacts());
            facts.add(fact);
            for (Complaint complaint : Complaint.of(flow)) {
                if (StaleEndpoint.askedInVain(complaint)) {
                    facts.addUnreachable();
                }
            }
            FlowLeg out = trace.leg(Spot.ENTRY_OUT, Direction.REPLY);
            if (out != null && flow.tcp() && out.answered() && Boolean.FALSE.equals(trace.local())) {
                facts.addAnswer(out);
                fewestRouters = Math.min(fewestRouters, Ttl.routersPassed(out.replyTtl()));
            }
            if (Boolean.FALSE.equals(trace.local()) && trace.endpointNode() != null && fact.sent() != Long.MAX_VALUE) {
                nodes.computeIfAbsent(trace.endpointNode(), n -> new NodeFacts()).add(trace, fact);
            }
        }
        points.add(trace, fact);
        addHops(trace);
        holes.add(trace);
        edited.add(trace.flow());
        strange.add(trace.flow());
    }

    /** Whether entry nodes got SYN-ACKs of endpoints, and all of them through a router. */
    boolean answersAreRouted() {
        return fewestRouters > 0 && fewestRouters < Long.MAX_VALUE;
    }

    private void addHops(FlowTrace trace) {
        Flow flow = trace.flow();
        for (FlowHop hop : flow.hops()) {
            fullSize.add(flow, hop);
            if (hop.loss().packets() > 0) {
                long[] losses = lost.computeIfAbsent(between(flow, hop), k -> new long[2]);
                losses[0] += hop.loss().data();
                losses[1] += flow.tcp() ? hop.loss().packets() - hop.loss().data() : 0;
            }
            // Where all was cut anew by offload, no packet tells a delay.
            if (hop.delay().slowest() != null) {
                paces.computeIfAbsent(kind(trace, hop), k -> new HopPace(LatencyHigh.LEAST_EXCESS_NANOS + LatencyHigh.grain(trace, hop)))
                        .add(trace.alignedMedian(hop), hop.delay().medianAt());
            }
        }
    }

    /** Nothing tells whether what comes after so long belongs to what was there before. */
    private static boolean partedBySilence(FlowFact before, FlowFact fact) {
        return !fact.tcp() && fact.start() - before.end() > LegTable.DATAGRAM_IDLE_NANOS;
    }

    private void addSilence(FlowFact fact, FlowTrace trace) {
        if (fact.cutAfterSilence()) {
            fatalSilences++;
            shortestFatalSilence = Math.min(shortestFatalSilence, fact.silence());
        } else if (fact.answered() && !IdleTimeout.lostSince(trace)) {
            longestSurvivedSilence = Math.max(longestSurvivedSilence, fact.silence());
        }
    }

    /** Ends the first walk: from now on the facts are only read, by several threads. Nothing may be sorted or filled in later. */
    public void seal() {
        for (HopPace ofKind : paces.values()) {
            ofKind.seal();
        }
        thoughts.seal();
        edited.seal();
        refusals.seal(fronts.all(), byEntry);
        fronts.seal();
        for (Map.Entry<String, List<FlowFact>> entry : byEntry.entrySet()) {
            entry.getValue().sort((a, b) -> Long.compare(a.arrived(), b.arrived()));
            entry.setValue(Collections.unmodifiableList(entry.getValue()));
        }
        stretches = new Stretches(byEntry.values(), this);
        ways = new Ways(flows);
    }

    /** Hops between the same places of the path and the same capture points are alike: one number for each kind. */
    private Integer kind(FlowTrace trace, FlowHop hop) {
        int from = trace.spots().get(hop.from()).ordinal();
        int to = trace.spots().get(hop.to()).ordinal();
        int points = captures.count();
        int fromPoint = trace.flow().places().get(hop.from()).point();
        int toPoint = trace.flow().places().get(hop.to()).point();
        return (((from * SPOTS + to) * points + fromPoint) * points + toPoint) * 2 + hop.direction().ordinal();
    }

    public ClusterView cluster() {
        return cluster;
    }

    public CaptureSet captures() {
        return captures;
    }

    /** What captures show and lack. */
    public PointFacts points() {
        return points;
    }

    /** What became of the flows to each destination. */
    Fronts fronts() {
        return fronts;
    }

    /** Flows in a row that nodes did not let through; from the end of the first walk on. */
    Stretches stretches() {
        return stretches;
    }

    /** Whether a hop lost a few acknowledgements of TCP alone, and no data of any connection. */
    boolean losesNothingElse(Flow flow, FlowHop hop) {
        long[] losses = lost.get(between(flow, hop));
        return losses != null && losses[0] == 0 && losses[1] < LEAST_ACKNOWLEDGEMENTS;
    }

    private int between(Flow flow, FlowHop hop) {
        int from = flow.places().get(hop.from()).point();
        int to = flow.places().get(hop.to()).point();
        return (from * captures.count() + to) * 2 + hop.direction().ordinal();
    }

    /** When captures were interrupted; from the end of the first walk on. */
    Holes holes() {
        return holes;
    }

    /** How many flows got nothing through any more after a silence. */
    int fatalSilences() {
        return fatalSilences;
    }

    /** The shortest silence after which nothing of a flow got through, nanoseconds; MAX_VALUE if there is none. */
    long shortestFatalSilence() {
        return shortestFatalSilence;
    }

    /** The longest silence of a flow that was answered and did not end with it, nanoseconds; -1 without any such flow. */
    long longestSurvivedSilence() {
        return longestSurvivedSilence;
    }

    /** What took the same way; from the end of the first walk on. */
    Ways ways() {
        return ways;
    }

    /** The largest packets that arrived; from the end of the first walk on. */
    FullSizePackets fullSize() {
        return fullSize;
    }

    /** Captures whose payloads are not those that were on the wire; from the end of the first walk on. */
    EditedCaptures edited() {
        return edited;
    }

    /** Captures whose addresses are not those that were on the wire; from the end of the first walk on. */
    StrangeAddresses strange() {
        return strange;
    }

    /** What pods took for answers; from the end of the first walk on. */
    Thoughts thoughts() {
        return thoughts;
    }

    /** What nodes rejected; from the end of the first walk on. */
    Refusals refusals() {
        return refusals;
    }

    /** Whether a port is one at which kube-proxy answers the load balancer's health probes. */
    public boolean healthCheckPort(int port) {
        return healthCheckPorts.contains(port);
    }

    /** What became of an endpoint's flows; null if none chose it. */
    public EndpointFacts endpoint(Endpoint endpoint) {
        return endpoints.get(endpoint);
    }

    /** What became of the flows to pods of a node; null if none was sent there. */
    public NodeFacts node(String node) {
        return nodes.get(node);
    }

    /** Whether pods of a node other than this one, reached over the network, got their requests. */
    public boolean anotherRemoteNodeWorks(String node) {
        for (Map.Entry<String, NodeFacts> entry : nodes.entrySet()) {
            if (!entry.getKey().equals(node) && entry.getValue().delivered() > 0) {
                return true;
            }
        }
        return false;
    }

    /** Whether a flow is another connection of a tuple that an earlier one had. */
    boolean usedAgain(FlowTrace trace) {
        return usedAgain.get(trace.id());
    }

    /** How many connections a client's tuple had that was used again. */
    int uses(FiveTuple original) {
        return reused.get(original);
    }

    /** Flows with a translated tuple, in order of their ids. */
    public List<FlowFact> translatedTo(FiveTuple translated) {
        return translations.getOrDefault(translated, List.of());
    }

    /** How long packets take over hops like this one; null if none with a delay was seen. */
    HopPace pace(FlowTrace trace, FlowHop hop) {
        return paces.get(kind(trace, hop));
    }
}
