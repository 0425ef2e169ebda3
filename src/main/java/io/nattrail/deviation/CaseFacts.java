package io.nattrail.deviation;

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
import io.nattrail.net.Protocol;
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
    private static final double IMPROBABLE = 0.005;
    private static final int EXACT_FACTORIALS = 32;
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
    private final Map<TransportEndpoint, Delays> thoughts = new HashMap<>();
    private final Map<TransportEndpoint, Set<Endpoint>> endpointsOf = new HashMap<>();
    private final Map<String, List<FlowFact>> byEntry = new HashMap<>();
    private final Set<Integer> healthCheckPorts = new HashSet<>();
    private final long[] laterFragments;
    private final long[] missed;
    private final boolean[] moreThanSyns;
    private final boolean[] passedUnseen;
    /** When the first and the last packet left a point that another shows as well, on the first one's clock. */
    private final long[] firstPassed;
    private final long[] lastPassed;
    /** That SYN-ACKs of endpoints passed on their way to entry nodes; MAX_VALUE without any. */
    private long fewestRouters = Long.MAX_VALUE;
    private int fatalSilences;
    private long shortestFatalSilence = Long.MAX_VALUE;
    private long longestSurvivedSilence = -1;
    private Ways ways;

    /**
     * One flow, in numbers.
     *
     * @param start on the common clock
     * @param arrived when its first request reached the entry node, on the common clock; MAX_VALUE if never seen there
     * @param sent when its first translated request left, on the common clock; MAX_VALUE if never seen
     * @param firstSynForwarded whether the first request that reached the entry node left it
     * @param answered whether the client got an answer
     * @param delivered whether a request was seen at the endpoint's bridge or pod
     * @param replied whether the endpoint was seen to answer anywhere
     * @param rejected whether an ICMP error or a reset answered before any SYN-ACK
     * @param lastForwarded when a packet of it was last seen translated at the entry node, on the common clock; MIN_VALUE if never
     * @param lastStamp the last TCP timestamp of the requests after translation; 0 without any
     * @param silence its longest silence, nanoseconds; 0 for none that is notable
     * @param cutAfterSilence whether nothing got through any more after that silence
     * @param ending where its packets went no further for good; null if they did not
     * @param lastPassed when a packet was last known to pass its whole way, on the common clock; MIN_VALUE if nothing tells
     */
    public record FlowFact(int id, Protocol protocol, FiveTuple original, FiveTuple translated, Endpoint endpoint, String endpointNode,
            String entryNode, long start, long end, long arrived, long sent, boolean firstSynForwarded, boolean answered, boolean delivered,
            boolean replied, boolean rejected, long lastForwarded, int lastStamp, long silence, boolean cutAfterSilence,
            Ending ending, long lastPassed) {
        boolean tcp() {
            return protocol == Protocol.TCP;
        }

        /** Whether its first request went through the entry node; to a pod on that node only the answer shows it. */
        boolean passedEntry() {
            return firstSynForwarded || translated == null && replied;
        }

        /** Whether the entry node took its requests, sent nothing on and said nothing. */
        boolean swallowed() {
            return arrived != Long.MAX_VALUE && sent == Long.MAX_VALUE && !answered && !replied && !rejected;
        }
    }

    /** What became of the flows to one endpoint. */
    public static final class EndpointFacts {
        /** No handshake was answered where entry nodes show it, or not all from equally far away. */
        static final long UNKNOWN = -1;
        static final long SEVERAL = -2;

        private int delivered;
        private int replied;
        private long lastAnsweredStart = Long.MIN_VALUE;
        private final Delays thoughts = new Delays();
        private long routersPassed = UNKNOWN;

        /** How many routers its SYN-ACKs passed on their way to entry nodes. */
        long routersPassed() {
            return routersPassed;
        }

        private void addAnswer(FlowLeg answered) {
            long passed = Ttl.routersPassed(answered.replyTtl());
            routersPassed = routersPassed == UNKNOWN || routersPassed == passed ? passed : SEVERAL;
        }

        /** When the last flow began that it answered, on the common clock; MIN_VALUE if it answered none. */
        public long lastAnsweredStart() {
            return lastAnsweredStart;
        }

        /** Requests seen at its bridge or pod. */
        public int delivered() {
            return delivered;
        }

        /** Flows that it answered. */
        public int replied() {
            return replied;
        }
    }

    /** What became of the flows to the pods of one node, from another node. */
    public static final class NodeFacts {
        private int sent;
        private int reached;
        private int delivered;
        private int arrived;
        private int answered;
        private int cameBack;
        private final Set<Endpoint> lostEndpoints = new HashSet<>();

        public int sent() {
            return sent;
        }

        /** Flows that came to the node, if only to its interface. */
        public int reached() {
            return reached;
        }

        public int delivered() {
            return delivered;
        }

        /** Flows that came to the node for certain: seen there, or established. A refusal seen elsewhere may be somebody else's. */
        public int arrived() {
            return arrived;
        }

        /** Flows whose answer was seen on that node. */
        public int answered() {
            return answered;
        }

        /** Flows whose answer was seen again at the entry node. */
        public int cameBack() {
            return cameBack;
        }
    }

    private static final class Delays {
        private long[] values = new long[16];
        private int count;

        private void add(long value) {
            if (count == values.length) {
                values = Arrays.copyOf(values, count * 2);
            }
            values[count++] = value;
        }

        private void sort() {
            Arrays.sort(values, 0, count);
        }

        /** Of sorted values. */
        private long quantile(double share) {
            return values[(int) Math.min(count - 1, Math.floor(share * count))];
        }

        /** Of sorted values. */
        private int above(long limit) {
            return Ways.above(values, count, limit);
        }
    }

    public CaseFacts(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
        laterFragments = new long[captures.count()];
        missed = new long[captures.count()];
        moreThanSyns = new boolean[captures.count()];
        passedUnseen = new boolean[captures.count()];
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

    /** Takes a flow into account. */
    public void add(FlowTrace trace) {
        Flow flow = trace.flow();
        Endpoint endpoint = trace.endpoint();
        boolean delivered = trace.seen(Spot.TARGET_BRIDGE, Direction.REQUEST) || trace.seen(Spot.ENDPOINT_POD, Direction.REQUEST);
        boolean replied = trace.seen(Spot.TARGET_BRIDGE, Direction.REPLY) || trace.seen(Spot.ENDPOINT_POD, Direction.REPLY)
                || trace.seen(Spot.ENTRY_OUT, Direction.REPLY) || trace.answeredAtEntry() || flow.story().clientSawSynAck();
        long arrived = firstRequest(trace, Spot.ENTRY_IN);
        long sent = firstRequest(trace, Spot.ENTRY_OUT);
        Ending ending = Ending.of(trace);
        FlowFact fact = new FlowFact(trace.id(), flow.protocol(), flow.original(), flow.translated(), endpoint, trace.endpointNode(),
                trace.entryNode(), captures.aligned(flow.start()), captures.aligned(flow.end()), arrived, sent, firstForwarded(trace),
                flow.story().clientSawSynAck(), delivered, replied, rejected(flow), lastForwarded(trace), lastStamp(trace), silence(flow),
                IdleTimeout.cutAfterSilence(trace), ending, Ending.lastPassed(trace, ending));
        flows.add(fact);
        if (trace.entryNode() != null) {
            byEntry.computeIfAbsent(trace.entryNode(), n -> new ArrayList<>()).add(fact);
        }
        if (flow.story().thoughtNanos() >= 0) {
            thoughts.computeIfAbsent(new TransportEndpoint(flow.protocol(), flow.original().destination()), f -> new Delays()).add(
                    flow.story().thoughtNanos());
        }
        for (FlowLeg leg : flow.legs()) {
            laterFragments[leg.point()] += leg.laterFragments();
            if (flow.tcp() && !moreThanSyns[leg.point()]) {
                moreThanSyns[leg.point()] = hasMoreThanSyns(leg.history());
            }
        }
        if (originals.putIfAbsent(flow.original(), fact) != null) {
            reused.merge(flow.original(), 2, (uses, more) -> uses + 1);
        }
        addSilence(fact);
        byFront.computeIfAbsent(new TransportEndpoint(flow.protocol(), flow.original().destination()), f -> new FrontFacts()).add(fact,
                trace.front() != null && trace.front().service().affinitySeconds() > 0);
        if (flow.translated() != null) {
            translations.computeIfAbsent(flow.translated(), t -> new ArrayList<>(1)).add(fact);
        }
        if (endpoint != null) {
            EndpointFacts facts = endpoints.computeIfAbsent(endpoint, e -> new EndpointFacts());
            facts.delivered += delivered ? 1 : 0;
            facts.replied += replied ? 1 : 0;
            FlowLeg out = trace.leg(Spot.ENTRY_OUT, Direction.REPLY);
            if (out != null && flow.tcp() && out.answered() && Boolean.FALSE.equals(trace.local())) {
                facts.addAnswer(out);
                fewestRouters = Math.min(fewestRouters, Ttl.routersPassed(out.replyTtl()));
            }
            if (flow.story().thoughtNanos() >= 0) {
                facts.thoughts.add(flow.story().thoughtNanos());
                endpointsOf.computeIfAbsent(new TransportEndpoint(flow.protocol(), flow.original().destination()),
                        f -> new HashSet<>()).add(endpoint);
            }
            facts.lastAnsweredStart = replied ? Math.max(facts.lastAnsweredStart, fact.start()) : facts.lastAnsweredStart;
            if (flow.story().clientSawSynAck() && Boolean.FALSE.equals(trace.local())) {
                addPassedUnseen(trace);
            }
            if (Boolean.FALSE.equals(trace.local()) && trace.endpointNode() != null && sent != Long.MAX_VALUE) {
                NodeFacts node = nodes.computeIfAbsent(trace.endpointNode(), n -> new NodeFacts());
                node.sent++;
                node.delivered += delivered || replied ? 1 : 0;
                node.reached += delivered || replied || trace.seen(Spot.TARGET_ETH0, Direction.REQUEST) ? 1 : 0;
                boolean answered = trace.seen(Spot.TARGET_ETH0, Direction.REPLY) || trace.seen(Spot.TARGET_BRIDGE, Direction.REPLY)
                        || trace.seen(Spot.ENDPOINT_POD, Direction.REPLY);
                node.answered += answered ? 1 : 0;
                node.arrived += answered || delivered || trace.seen(Spot.TARGET_ETH0, Direction.REQUEST) || flow.story().clientSawSynAck()
                        ? 1 : 0;
                node.cameBack += trace.seen(Spot.ENTRY_OUT, Direction.REPLY) || flow.story().clientSawSynAck() ? 1 : 0;
                if (!delivered && !replied) {
                    node.lostEndpoints.add(endpoint);
                }
            }
        }
        for (FlowHop hop : flow.hops()) {
            notePassed(trace, hop);
            missed[flow.places().get(hop.to()).point()] += hop.missed();
            // Where all was cut anew by offload, no packet tells a delay.
            if (hop.slowest() != null) {
                delays.computeIfAbsent(kind(trace, hop), k -> new Delays()).add(hop.medianDelayNanos());
            }
        }
    }

    /** Bridges on the way to an endpoint that answered, which captured all the while and show nothing of the flow. */
    private void addPassedUnseen(FlowTrace trace) {
        Flow flow = trace.flow();
        if (trace.endpointNode() == null || cluster.isHostNetwork(trace.endpoint())) {
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

    private static boolean hasMoreThanSyns(String history) {
        return history.indexOf('A') >= 0 || history.indexOf('a') >= 0 || history.indexOf('D') >= 0 || history.indexOf('d') >= 0;
    }

    private static boolean rejected(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (!leg.errors().isEmpty() || leg.history().contains("r")) {
                return true;
            }
        }
        return false;
    }

    private long lastForwarded(FlowTrace trace) {
        FlowLeg leg = trace.leg(Spot.ENTRY_OUT, Direction.REQUEST);
        return leg == null || leg.last() == null ? Long.MIN_VALUE : captures.aligned(leg.last());
    }

    private static int lastStamp(FlowTrace trace) {
        FlowLeg leg = TranslationChecks.translatedLeg(trace.flow());
        return leg == null ? 0 : leg.lastStamp();
    }

    private static long silence(Flow flow) {
        Sign silence = flow.sign(Sign.Kind.SILENCE);
        return silence == null ? 0 : silence.value();
    }

    private long firstRequest(FlowTrace trace, Spot spot) {
        var leg = trace.leg(spot, Direction.REQUEST);
        return leg == null || leg.firstRequest() == null ? Long.MAX_VALUE : captures.aligned(leg.firstRequest());
    }

    /** Ends the first walk: from now on the facts are only read, by several threads. Nothing may be sorted or filled in later. */
    public void seal() {
        for (Delays ofKind : delays.values()) {
            ofKind.sort();
        }
        for (Delays ofFront : thoughts.values()) {
            ofFront.sort();
        }
        for (EndpointFacts endpoint : endpoints.values()) {
            endpoint.thoughts.sort();
        }
        for (FrontFacts front : byFront.values()) {
            front.seal();
        }
        for (Map.Entry<String, List<FlowFact>> entry : byEntry.entrySet()) {
            entry.getValue().sort((a, b) -> Long.compare(a.arrived(), b.arrived()));
            entry.setValue(Collections.unmodifiableList(entry.getValue()));
        }
        ways = new Ways(flows);
    }

    /** Whether the first request at the entry node is not among those that went no further. */
    private static boolean firstForwarded(FlowTrace trace) {
        int in = trace.placeAt(Spot.ENTRY_IN);
        FlowHop hop = in < 0 ? null : trace.flow().hopFrom(in, Direction.REQUEST);
        if (hop == null || hop.delivered() == 0) {
            return false;
        }
        var leg = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        return hop.lostFrames().isEmpty() || !hop.lostFrames().get(0).equals(leg.firstRequest());
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

    /** Flows that came in by a node, in the order of their arrival there. */
    public List<FlowFact> arrivalsAt(String node) {
        return byEntry.getOrDefault(node, List.of());
    }

    /** Packets that must have passed a point and are not in its capture. */
    public long missedAt(int point) {
        return missed[point];
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

    /** Whether a port is one at which kube-proxy answers the load balancer's health probes. */
    public boolean healthCheckPort(int port) {
        return healthCheckPorts.contains(port);
    }

    /** How many flows to a destination were answered with data, so that the pod's time for it is known. */
    public int thoughtsOf(Protocol protocol, Endpoint destination) {
        Delays d = thoughts.get(new TransportEndpoint(protocol, destination));
        return d == null ? 0 : d.count;
    }

    /** A quantile of what the pods of a destination took for their slowest answer in each flow, nanoseconds. */
    public long thoughtQuantile(Protocol protocol, Endpoint destination, double share) {
        return thoughts.get(new TransportEndpoint(protocol, destination)).quantile(share);
    }

    /** The median of what an endpoint took for its slowest answer in each of at least so many flows, nanoseconds; -1 for fewer. */
    public long endpointThought(Endpoint endpoint, int least) {
        EndpointFacts facts = endpoints.get(endpoint);
        return facts == null || facts.thoughts.count < least ? -1 : facts.thoughts.quantile(0.5);
    }

    /** The longest median of the other endpoints of a destination, nanoseconds; -1 if none has so many flows. */
    public long otherEndpointsThought(Protocol protocol, Endpoint destination, Endpoint endpoint, int least) {
        long longest = -1;
        for (Endpoint other : endpointsOf.getOrDefault(new TransportEndpoint(protocol, destination), Set.of())) {
            if (!other.equals(endpoint)) {
                longest = Math.max(longest, endpointThought(other, least));
            }
        }
        return longest;
    }

    /**
     * Whether chance would hardly give so many of a destination's slow answers to one endpoint (Fisher's exact test): where answers of all
     * endpoints are slow now and then, one of them has most of it in a few flows.
     *
     * @param limit what is slow, nanoseconds
     */
    public boolean slowForAReason(Protocol protocol, Endpoint destination, Endpoint endpoint, long limit) {
        int all = 0;
        int slow = 0;
        for (Endpoint one : endpointsOf.getOrDefault(new TransportEndpoint(protocol, destination), Set.of())) {
            Delays d = endpoints.get(one).thoughts;
            all += d.count;
            slow += d.above(limit);
        }
        Delays own = endpoints.get(endpoint).thoughts;
        return chanceOfAtLeast(own.above(limit), own.count, slow, all) < IMPROBABLE;
    }

    /** The hypergeometric chance that at least so many of the drawn are slow. */
    private static double chanceOfAtLeast(int least, int drawn, int slow, int all) {
        double chance = 0;
        for (int k = least; k <= Math.min(drawn, slow); k++) {
            double one = Math.exp(logChoose(slow, k) + logChoose(all - slow, drawn - k) - logChoose(all, drawn));
            chance += one;
            if (one < chance * 1e-9) {
                break;
            }
        }
        return chance;
    }

    private static double logChoose(int n, int k) {
        return k < 0 || k > n ? Double.NEGATIVE_INFINITY : logFactorial(n) - logFactorial(k) - logFactorial(n - k);
    }

    private static double logFactorial(int n) {
        if (n > EXACT_FACTORIALS) {
            // Stirling's series.
            return n * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI * n) + 1.0 / (12.0 * n);
        }
        double log = 0;
        for (int i = 2; i <= n; i++) {
            log += Math.log(i);
        }
        return log;
    }

    /** The flows to the destination of one of them. */
    FrontFacts front(FiveTuple original) {
        return byFront.getOrDefault(new TransportEndpoint(original.protocol(), original.destination()), NONE);
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
            if (!entry.getKey().equals(node) && entry.getValue().delivered > 0) {
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
        return d == null ? 0 : d.count;
    }

    /** A quantile of the raw median delays of all flows that passed a hop like this one, nanoseconds. */
    public long delayQuantile(FlowTrace trace, FlowHop hop, double share) {
        return delays.get(kind(trace, hop)).quantile(share);
    }

    /** How many flows passed a hop like this one with a median delay above a limit, nanoseconds. */
    public int slower(FlowTrace trace, FlowHop hop, long limit) {
        return delays.get(kind(trace, hop)).above(limit);
    }
}
