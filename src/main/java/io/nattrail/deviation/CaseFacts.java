package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.net.Ttl;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.Arrays;
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
    private static final FrontFacts NONE = new FrontFacts();

    private final ClusterView cluster;
    private final CaptureSet captures;
    private final List<FlowFact> flows = new ArrayList<>();
    private final Map<Endpoint, EndpointFacts> endpoints = new HashMap<>();
    private final Map<String, NodeFacts> nodes = new HashMap<>();
    private final Map<FiveTuple, FlowFact> originals = new HashMap<>();
    private final Map<FiveTuple, Integer> reused = new HashMap<>();
    private final Map<FiveTuple, List<FlowFact>> translations = new HashMap<>();
    private final Map<Integer, Delays> delays = new HashMap<>();
    private final Map<TransportEndpoint, FrontFacts> byFront = new HashMap<>();
    /** By service and its port. */
    private final Map<List<Record>, List<FrontFacts>> ofServices = new HashMap<>();
    /** By protocol and port, and then by entry node: when the first and the last flow that was answered began. */
    private final Map<Integer, Map<String, long[]>> servedPorts = new HashMap<>();
    private final Thoughts thoughts = new Thoughts();
    private final Refusals refusals = new Refusals();
    private final Map<String, List<FlowFact>> byEntry = new HashMap<>();
    private final Set<Integer> healthCheckPorts = new HashSet<>();
    private final long[] laterFragments;
    private final MissedPackets missed;
    /** Packets with data that were lost from one point to another, and TCP's without. */
    private final Map<Integer, long[]> lost = new HashMap<>();
    private final boolean[] moreThanSyns;
    private final boolean[] data;
    private final boolean[] acknowledgements;
    private final boolean[] passedUnseen;
    private final long[] encrypted;
    /** When the first and the last packet left a point that another shows as well, on the first one's clock. */
    private final long[] firstPassed;
    private final long[] lastPassed;
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
        laterFragments = new long[captures.count()];
        missed = new MissedPackets(captures.count());
        for (int point = 0; point < captures.count(); point++) {
            missed.add(point, cluster.lacking(point));
        }
        holes = new Holes(cluster, captures);
        fullSize = new FullSizePackets(captures);
        edited = new EditedCaptures(captures.count());
        strange = new StrangeAddresses(cluster.told(), captures.count());
        moreThanSyns = new boolean[captures.count()];
        data = new boolean[captures.count()];
        acknowledgements = new boolean[captures.count()];
        passedUnseen = new boolean[captures.count()];
        encrypted = new long[captures.count()];
        firstPassed = new long[captures.count() * captures.count()];
        Arrays.fill(firstPassed, Long.MAX_VALUE);
        lastPassed = new long[captures.count() * captures.count()];
        Arrays.fill(lastPassed, Long.MIN_VALUE);
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
        if (originals.putIfAbsent(flow.original(), fact) != null) {
            reused.merge(flow.original(), 2, (uses, more) -> uses + 1);
        }
        addSilence(fact);
        refusals.add(trace, fact, fact.rejected() && isServed(trace));
        FrontFacts facing = byFront.get(front);
        if (facing == null) {
            facing = new FrontFacts();
            byFront.put(front, facing);
            if (trace.front() != null) {
                ofServices.computeIfAbsent(List.of(trace.front().service(), trace.front().port()), s -> new ArrayList<>()).add(facing);
            }
        }
        facing.add(fact, !TranslationChecks.fromInside(trace, this),
                trace.front() != null && trace.front().service().affinitySeconds() > 0);
        if (fact.answered() && fact.entryNode() != null) {
            FrontFacts.noteServed(servedPorts.computeIfAbsent(protocolAndPort(flow), p -> new HashMap<>(2)), fact);
        }
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
            if (Boolean.FALSE.equals(trace.local()) && trace.endpointNode() != null) {
                addToOtherNode(trace, fact);
            }
        }
        addToPoints(trace);
        holes.add(trace);
        edited.add(trace.flow());
        strange.add(trace.flow());
    }

    private void addToOtherNode(FlowTrace trace, FlowFact fact) {
        if (fact.answered()) {
            addPassedUnseen(trace);
        }
        if (fact.sent() != Long.MAX_VALUE) {
            nodes.computeIfAbsent(trace.endpointNode(), n -> new NodeFacts()).add(trace, fact);
        }
    }

    /** What the flow tells of the capture points: what they showed, and how long its packets took between them. */
    private void addToPoints(FlowTrace trace) {
        Flow flow = trace.flow();
        for (FlowLeg leg : flow.legs()) {
            laterFragments[leg.point()] += leg.laterFragments();
            missed.addShown(leg.point(), leg.requestPackets() + leg.replyPackets());
            if (flow.tcp() && !acknowledgements[leg.point()]) {
                String history = leg.history();
                moreThanSyns[leg.point()] |= hasMoreThanSyns(history);
                data[leg.point()] |= history.indexOf('D') >= 0 || history.indexOf('d') >= 0;
                acknowledgements[leg.point()] = history.indexOf('A') >= 0 || history.indexOf('a') >= 0;
            }
        }
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.ACKED_UNSEEN) {
                addMissed(flow.places().get(sign.place()).point(), 1, sign.frames());
            }
        }
        for (FlowHop hop : flow.hops()) {
            notePassed(trace, hop);
            fullSize.add(flow, hop);
            addMissed(flow.places().get(hop.to()).point(), hop.missed(), hop.missedFrames());
            addUnseenQuestions(flow, hop);
            if (hop.lost() > 0) {
                long[] losses = lost.computeIfAbsent(between(flow, hop), k -> new long[2]);
                losses[0] += hop.lostData();
                losses[1] += flow.tcp() ? hop.lost() - hop.lostData() : 0;
            }
            // Where all was cut anew by offload, no packet tells a delay.
            if (hop.slowest() != null) {
                delays.computeIfAbsent(kind(trace, hop), k -> new Delays()).add(trace.alignedMedian(hop));
            }
        }
    }

    /**
     * What came from a client whose capture ran and does not show it, of a protocol that acknowledges nothing to tell it: a datagram is
     * sent by nobody else in its name.
     */
    private void addUnseenQuestions(Flow flow, FlowHop hop) {
        int client = flow.places().get(hop.from()).point();
        if (flow.tcp() || hop.appeared() == 0 || hop.direction() != Direction.REQUEST || captures.role(client) != PointRole.CLIENT) {
            return;
        }
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.APPEARED && sign.direction() == Direction.REQUEST && sign.place() == hop.to()) {
                for (SeenFrame frame : sign.frames()) {
                    if (captures.coverage(frame.point(), frame.timeNanos(), client) == FoldContext.Coverage.SURE) {
                        addMissed(client, 1, List.of(frame));
                    }
                }
            }
        }
    }

    /** Bridges on the way to an endpoint that answered, which captured all the while and show nothing of the flow. */
    private void addPassedUnseen(FlowTrace trace) {
        Flow flow = trace.flow();
        if (cluster.isHostNetwork(trace.endpoint())) {
            return;
        }
        for (int point : captures.find(PointRole.BRIDGE, trace.endpointNode())) {
            passedUnseen[point] |= cluster.translatedAt(point) == 0 && flow.places().stream().noneMatch(place -> place.point() == point)
                    && captures.coverage(flow.start().point(), flow.start().timeNanos(), point) != FoldContext.Coverage.NO
                    && captures.coverage(flow.end().point(), flow.end().timeNanos(), point) != FoldContext.Coverage.NO;
        }
    }

    /** Whether entry nodes got SYN-ACKs of endpoints, and all of them through a router. */
    boolean answersAreRouted() {
        return fewestRouters > 0 && fewestRouters < Long.MAX_VALUE;
    }

    /** Whether a bridge shows no pod's side of any connection, though some that were answered must have passed it: its filter hides it. */
    public boolean passedUnseen(int point) {
        return passedUnseen[point];
    }

    /** The first packet of a hop that lost none passed it. */
    private void notePassed(FlowTrace trace, FlowHop hop) {
        SeenFrame first = trace.firstFrame(hop.from(), hop.direction());
        if (first != null && hop.delivered() > 0 && hop.lost() + hop.hidden() == 0) {
            int pair = first.point() * captures.count() + trace.flow().places().get(hop.to()).point();
            firstPassed[pair] = Math.min(firstPassed[pair], first.timeNanos());
            lastPassed[pair] = Math.max(lastPassed[pair], first.timeNanos());
        }
    }

    private void addSilence(FlowFact fact) {
        if (fact.cutAfterSilence()) {
            fatalSilences++;
            shortestFatalSilence = Math.min(shortestFatalSilence, fact.silence());
        } else if (fact.answered()) {
            longestSurvivedSilence = Math.max(longestSurvivedSilence, fact.silence());
        }
    }

    /** A filter of flags shows data where they come with a FIN: the letter of the FIN follows at once, and no acknowledgement shows. */
    private static boolean hasMoreThanSyns(String history) {
        return history.indexOf('A') >= 0 || history.indexOf('a') >= 0 || withoutFin(history, 'D', 'F') || withoutFin(history, 'd', 'f');
    }

    private static boolean withoutFin(String history, char data, char fin) {
        int at = history.indexOf(data);
        return at >= 0 && (at + 1 == history.length() || history.charAt(at + 1) != fin);
    }

    /** Ends the first walk: from now on the facts are only read, by several threads. Nothing may be sorted or filled in later. */
    public void seal() {
        for (Delays ofKind : delays.values()) {
            ofKind.sort();
        }
        thoughts.seal();
        edited.seal();
        refusals.seal(byFront, byEntry);
        for (FrontFacts front : byFront.values()) {
            front.seal();
        }
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

    /** Notes in how many packets of a point hosts hide others. */
    public void addEncrypted(int point, long packets) {
        encrypted[point] += packets;
    }

    long encrypted(int point) {
        return encrypted[point];
    }

    /**
     * Whether a point shows what the node sends to others encrypted: each connection that leaves the node takes a packet at least, and half
     * of them may stay inside. Fewer packets may be those of a VPN that passes by.
     */
    boolean encrypts(int point) {
        return encrypted[point] > 0 && 2 * encrypted[point] >= cluster.originalsAt(point);
    }

    /** Notes that a capture says itself that it lacks packets. */
    public void addMissed(int point, long packets) {
        missed.add(point, packets);
    }

    /** Packets that must have passed a point and are not in its capture. */
    private void addMissed(int point, long packets, List<SeenFrame> about) {
        missed.add(point, packets);
        for (SeenFrame frame : about) {
            missed.addMoment(point, captures.aligned(frame));
        }
    }

    /** Whether a point's capture, which lacks other packets, may lack a single one as well that another shows and nobody repeats. */
    boolean mayHaveMissed(SeenFrame sent, int point) {
        return missed.mayInclude(point, captures.aligned(sent));
    }

    /**
     * Whether packets that left one point before a moment and others that left it after that are both in the other's capture: then it ran
     * at that moment, whatever their clocks say.
     */
    boolean passedAround(int from, long timeNanos, int to) {
        int pair = from * captures.count() + to;
        return firstPassed[pair] < timeNanos && timeNanos < lastPassed[pair];
    }

    /** Fragments without ports that a point showed: 0 says that its filter may hide them. */
    public long laterFragmentsAt(int point) {
        return laterFragments[point];
    }

    /** Whether a point showed TCP packets with neither SYN, FIN nor RST: where it did not, its filter may hide them. */
    public boolean showsMoreThanSyns(int point) {
        return moreThanSyns[point];
    }

    /**
     * Whether a point shows data and not one acknowledgement without any, though each handshake ends with one: its filter shows data alone,
     * perhaps with SYN and FIN, as one of the examples in tcpdump's manual does.
     */
    boolean hidesAcknowledgements(int point) {
        return data[point] && !acknowledgements[point];
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

    /** The flows to the destination of one of them. */
    FrontFacts front(FiveTuple original) {
        return byFront.getOrDefault(new TransportEndpoint(original.protocol(), original.destination()), NONE);
    }

    /**
     * Whether datagrams came to the port that a flow's client asked from, in another name than the flow's: they may be its answers. A
     * bridge shows a call as it was translated there, and the answer in the name of what was called.
     */
    boolean answeredInAnotherName(Flow flow) {
        return !flow.tcp() && byFront.containsKey(new TransportEndpoint(flow.protocol(), flow.original().source()));
    }

    /** The same of all destinations at which its service's port is reached, if the cluster's state tells them: they share the endpoints. */
    List<FrontFacts> frontsOf(FlowTrace trace) {
        List<FrontFacts> all = trace.front() == null ? null : ofServices.get(List.of(trace.front().service(), trace.front().port()));
        return all == null ? List.of(front(trace.flow().original())) : all;
    }

    /**
     * Whether the cluster's state is of another time than a flow, at which the entry node had no endpoint: before it served its first flow,
     * or after its last, an endpoint that the state does not name answered at another node.
     */
    boolean hadNoEndpointThen(FlowTrace trace) {
        List<FrontFacts> fronts = frontsOf(trace);
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (FrontFacts front : fronts) {
            long[] served = front.served(trace.entryNode());
            first = served == null ? first : Math.min(first, served[0]);
            last = served == null ? last : Math.max(last, served[1]);
        }
        long start = captures.aligned(trace.flow().start());
        for (FrontFacts front : fronts) {
            if (start < first && anyElsewhere(trace, front.firstAnswered(), Long.MIN_VALUE, first)
                    || start > last && anyElsewhere(trace, front.lastAnswered(), last, Long.MAX_VALUE)) {
                return true;
            }
        }
        return false;
    }

    private static int protocolAndPort(Flow flow) {
        return flow.protocol().number() << 16 | flow.original().destination().port();
    }

    /**
     * Whether a node port was served by one node after the other, as by a pod that moves, and a flow came to its entry node before that
     * served it, or when it did no longer.
     */
    boolean servedThereInTurn(FlowTrace trace) {
        Map<String, long[]> served = servedPorts.getOrDefault(protocolAndPort(trace.flow()), Map.of());
        long[] here = served.get(trace.entryNode());
        long start = captures.aligned(trace.flow().start());
        for (long[] there : served.values()) {
            if (here != null && (start < here[0] && there[1] < here[0] || start > here[1] && there[0] > here[1])) {
                return true;
            }
        }
        return false;
    }

    /** Whether the entry node took calls of a flow's port to a service before it and after it. */
    boolean servedBeforeAndAfter(FlowTrace trace) {
        long[] here = servedPorts.getOrDefault(protocolAndPort(trace.flow()), Map.of()).get(trace.entryNode());
        long start = captures.aligned(trace.flow().start());
        return here != null && here[0] < start && start < here[1];
    }

    private boolean anyElsewhere(FlowTrace trace, Map<Endpoint, FlowFact> answered, long after, long before) {
        for (Map.Entry<Endpoint, FlowFact> one : answered.entrySet()) {
            FlowFact fact = one.getValue();
            if (one.getKey() != null && fact.start() > after && fact.start() < before && fact.endpointNode() != null
                    && !fact.endpointNode().equals(trace.entryNode()) && !isNamed(trace.front(), one.getKey())) {
                return true;
            }
        }
        return false;
    }

    private boolean isNamed(ClusterIndex.Front front, Endpoint endpoint) {
        for (ClusterState.ServiceEndpoint named : cluster.told().endpointsOf(front.service(), front.port())) {
            if (named.address().equals(endpoint)) {
                return true;
            }
        }
        return false;
    }

    /** All destinations with their flows. */
    Map<TransportEndpoint, FrontFacts> fronts() {
        return byFront;
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

    /** How many flows have this client's tuple. */
    public int uses(FiveTuple original) {
        return reused.getOrDefault(original, originals.containsKey(original) ? 1 : 0);
    }

    /** The first flow with this client's tuple; null if there is none. */
    FlowFact firstUse(FiveTuple original) {
        return originals.get(original);
    }

    /** Flows with a translated tuple, in order of their ids. */
    public List<FlowFact> translatedTo(FiveTuple translated) {
        return translations.getOrDefault(translated, List.of());
    }

    /** How many flows passed a hop like this one. */
    public int passed(FlowTrace trace, FlowHop hop) {
        Delays d = delays.get(kind(trace, hop));
        return d == null ? 0 : d.count();
    }

    /** A quantile of the median delays of all flows that passed a hop like this one, nanoseconds. */
    public long delayQuantile(FlowTrace trace, FlowHop hop, double share) {
        return delays.get(kind(trace, hop)).quantile(share);
    }

    /** How many flows passed a hop like this one with a median delay above a limit, nanoseconds. */
    public int slower(FlowTrace trace, FlowHop hop, long limit) {
        return delays.get(kind(trace, hop)).above(limit);
    }
}
