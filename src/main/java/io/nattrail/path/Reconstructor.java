package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import io.nattrail.path.StepTemplate.Condition;
import io.nattrail.path.StepTemplate.TupleKind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Picks the path of a flow, tells its nodes and endpoint, and gives each step its status. */
public final class Reconstructor {
    /** The default of kube-apiserver's --service-node-port-range. */
    private static final int FIRST_NODE_PORT = 30_000;
    private static final int LAST_NODE_PORT = 32_767;

    private final ClusterView cluster;
    private final CaptureSet captures;
    private final Map<Title, String> titles = new ConcurrentHashMap<>();

    /** Titles speak of Node-1 and Node-2; the flow's nodes have names. */
    private record Title(StepTemplate step, String entry, String target) {
        String text() {
            String title = entry == null ? step.title() : step.title().replace("Node-1", entry);
            return target == null ? title : title.replace("Node-2", target);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Title title && step == title.step && Objects.equals(entry, title.entry)
                    && Objects.equals(target, title.target);
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(step) * 31 + Objects.hashCode(entry) * 7 + Objects.hashCode(target);
        }
    }

    public Reconstructor(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
    }

    /** The path that a flow takes; null for traffic that is none of the service's, nor of pods. */
    public PathTemplate path(Flow flow) {
        FiveTuple original = flow.original();
        Endpoint destination = original.destination();
        IpAddress source = original.source().address();
        ClusterIndex.Front front = cluster.toldFront(flow.protocol(), destination);
        boolean translates = cluster.translates(flow.protocol(), destination);
        boolean fromPod = cluster.isPod(source);
        if (front != null) {
            return switch (front.kind()) {
                case NODE_PORT -> PathTemplates.NODEPORT;
                case CLUSTER_IP -> PathTemplates.CLUSTERIP;
                case EXTERNAL -> PathTemplates.LOADBALANCER;
            };
        }
        if (translates) {
            if (fromPod && cluster.calledByPodsOnly(flow.protocol(), destination) && !cluster.isNodeAddress(destination.address())) {
                return PathTemplates.CLUSTERIP;
            }
            return isNodePort(destination) || cluster.masqueradeAddresses().contains(destination.address())
                    || cluster.told().state().nodes().isEmpty() && !fromPod ? PathTemplates.NODEPORT : PathTemplates.LOADBALANCER;
        }
        if (cluster.isSpread(flow)) {
            return PathTemplates.NODEPORT;
        }
        boolean toPod = cluster.isPod(destination.address());
        if (flow.translated() != null) {
            return toPod ? PathTemplates.POD_TO_POD : PathTemplates.EGRESS;
        }
        if (toPod) {
            return fromPod && !source.equals(destination.address()) ? PathTemplates.POD_TO_POD : null;
        }
        // Where the services are told, and it is none of them, the node rejects it for another reason.
        if (cluster.told().state().services().isEmpty() && Refusal.byNodeOfCaller(flow, captures)) {
            return PathTemplates.CLUSTERIP;
        }
        // Nothing translated it and nothing tells of it, but it is where only node ports are.
        boolean reachedANode = isNodePort(destination) && !fromPod && (cluster.isNodeAddress(destination.address()) || knownNowhere(flow)
                || arrivedAtNode(flow) && cluster.translatesPort(flow.protocol(), destination.port()));
        return reachedANode ? PathTemplates.NODEPORT : null;
    }

    private boolean arrivedAtNode(Flow flow) {
        return flow.places().stream().anyMatch(place -> captures.showsNodeInterface(place.point()));
    }

    private boolean knownNowhere(Flow flow) {
        return cluster.nodesByAddress().isEmpty() && flow.places().stream().anyMatch(p -> captures.role(p.point()) != PointRole.BRIDGE);
    }

    /** Whether a port lies in the default range of node ports. */
    public static boolean isNodePort(Endpoint endpoint) {
        return endpoint.port() >= FIRST_NODE_PORT && endpoint.port() <= LAST_NODE_PORT;
    }

    /** Finds the nodes and the endpoint of a flow of a path; its steps are not told yet. */
    public FlowTrace locate(int id, Flow flow, PathTemplate template) {
        String entry = entryNode(flow, template);
        FlowTrace.Told told = flow.translated() == null ? told(flow) : null;
        Endpoint endpoint = flow.translated() != null ? flow.translated().destination() : told != null ? told.destination() : null;
        if (template == PathTemplates.POD_TO_POD && endpoint == null) {
            endpoint = flow.original().destination();
        }
        if (template == PathTemplates.EGRESS) {
            endpoint = null;
        }
        String endpointNode = endpoint == null ? null : endpointNode(flow, endpoint, entry);
        Boolean local = endpointNode != null && entry != null ? Boolean.valueOf(endpointNode.equals(entry)) : null;
        if (local == null && endpoint == null && stayedOnEntryNode(flow, template, entry)) {
            local = true;
            endpointNode = entry;
            endpoint = onlyLocalEndpoint(flow, entry);
        }
        List<Spot> spots = spots(flow, template, entry, local);
        ClusterIndex.Front front = cluster.toldFront(flow.protocol(), flow.original().destination());
        Endpoint clusterIp = clusterIp(front, flow, template);
        return new FlowTrace(id, flow, template, spots, List.of(), captures, front, clusterIp, entry, endpoint, endpointNode, local, told);
    }

    /** Gives each step of a located flow its status. */
    public FlowTrace complete(FlowTrace located) {
        return located.withSteps(new Draft(located).steps());
    }

    private String entryNode(Flow flow, PathTemplate template) {
        boolean byPod = template == PathTemplates.CLUSTERIP || template == PathTemplates.POD_TO_POD || template == PathTemplates.EGRESS;
        String called = cluster.nodeOf(flow.original().destination().address());
        String first = null;
        boolean arrived = false;
        for (Place place : flow.places()) {
            PointRole role = captures.role(place.point());
            String node = captures.node(place.point());
            if (place.level() == 0 && role != PointRole.CLIENT && role != null && node != null) {
                first = first == null ? node : first;
                arrived |= node.equals(called);
            }
        }
        if (first != null && template != PathTemplates.POD_TO_POD) {
            // A process on a node calls a port of another node: its own node, which has no such address, passes that on as it is.
            boolean onlySentIt = !byPod && called != null && !called.equals(first)
                    && (arrived || first.equals(cluster.nodeOf(flow.original().source().address())));
            return onlySentIt ? called : first;
        }
        if (byPod) {
            String ofCaller = cluster.nodeOfPod(flow.original().source().address());
            return ofCaller != null ? ofCaller : firstNode(flow);
        }
        return called != null ? called : cluster.isSpread(flow) ? null : onlyNodeCapturedOutside();
    }

    private String firstNode(Flow flow) {
        for (Place place : flow.places()) {
            if (captures.node(place.point()) != null) {
                return captures.node(place.point());
            }
        }
        return null;
    }

    /** With the three standard captures the node whose eth0 was captured is the one that the client calls. */
    private String onlyNodeCapturedOutside() {
        Set<String> nodes = new LinkedHashSet<>();
        for (int point : captures.find(null, null)) {
            if (captures.showsNodeInterface(point)) {
                nodes.add(captures.node(point));
            }
        }
        return nodes.size() == 1 ? nodes.iterator().next() : null;
    }

    private String endpointNode(Flow flow, Endpoint endpoint, String entry) {
        String node = cluster.nodeOfPod(endpoint.address());
        if (node != null) {
            return node;
        }
        for (Place place : flow.places()) {
            String at = captures.node(place.point());
            if (place.level() > 0 && captures.showsPods(place.point()) && at != null && !at.equals(entry)) {
                return at;
            }
        }
        if (deliveredByEntry(flow, entry)) {
            return entry;
        }
        List<Integer> bridges = captures.find(PointRole.BRIDGE, null);
        return expectedOn(bridges.isEmpty() ? captures.find(null, null) : bridges, entry);
    }

    /**
     * It left the entry node. Where only one other node was captured, that is where it was expected; of several, the one whose pods were
     * never seen, since the others' pods have other prefixes.
     */
    private String expectedOn(List<Integer> points, String entry) {
        Set<String> others = new LinkedHashSet<>();
        Set<String> unknown = new LinkedHashSet<>();
        for (int point : points) {
            String other = captures.node(point);
            if (other != null && !other.equals(entry)) {
                others.add(other);
                if (!cluster.podsSeenOn(other)) {
                    unknown.add(other);
                }
            }
        }
        return others.size() == 1 ? others.iterator().next() : unknown.size() == 1 ? unknown.iterator().next() : null;
    }

    /** The entry node's own bridge shows the translated request, routed already, and its interface does not: it went to a pod there. */
    private boolean deliveredByEntry(Flow flow, String entry) {
        boolean delivered = false;
        for (int i = 0; i < flow.places().size(); i++) {
            Place place = flow.places().get(i);
            if (place.level() > 0 && entry != null && entry.equals(captures.node(place.point()))) {
                if (!captures.showsPods(place.point())) {
                    return false;
                }
                delivered |= flow.requestLeg(place) != null && flow.requestLeg(place).firstRequest() != null && !isFirstBridge(flow, i);
            }
        }
        return delivered;
    }

    /** The translation as conntrack lists it, if exactly one entry fits. */
    private FlowTrace.Told told(Flow flow) {
        FlowTrace.Told found = null;
        for (ClusterState.Connection connection : cluster.told().connectionsOf(flow.original())) {
            Endpoint source = connection.reply().destination();
            Endpoint destination = connection.reply().source();
            boolean untranslated = destination.equals(flow.original().destination()) && source.equals(flow.original().source());
            boolean ofLater = connection.timeNanos() == null && !cluster.lastOfItsPorts(flow);
            if (untranslated || ofLater || isRemapping(flow, connection.reply().reversed())) {
                continue;
            }
            FlowTrace.Told one = new FlowTrace.Told(source, destination);
            if (found != null && !found.equals(one)) {
                return null;
            }
            found = one;
        }
        return found;
    }

    private static boolean isRemapping(Flow flow, FiveTuple translated) {
        return flow.legs().stream().anyMatch(leg -> leg.relation() == Relation.REMAPPED && leg.tuple().equals(translated));
    }

    /** Answered, while the entry node's eth0, which shows translated packets of others or must show all, shows none of this flow. */
    private boolean stayedOnEntryNode(Flow flow, PathTemplate template, String entry) {
        if (template == PathTemplates.POD_TO_POD || template == PathTemplates.EGRESS || entry == null || !answered(flow, template, entry)) {
            return false;
        }
        for (int point : captures.find(null, entry)) {
            if (captures.showsNodeInterface(point)) {
                return !captures.translatedBlind(point);
            }
        }
        return false;
    }

    /** By an endpoint that may be on the entry node, whether or not the answer reached the client. */
    private boolean answered(Flow flow, PathTemplate template, String entry) {
        if (flow.story().clientSawSynAck() || template == PathTemplates.CLUSTERIP && Refusal.ofCall(flow, captures)) {
            return true;
        }
        for (Place place : flow.places()) {
            FlowLeg leg = place.level() == 0 && entry.equals(captures.node(place.point())) ? flow.replyLeg(place) : null;
            if (leg != null && leg.answered()) {
                return true;
            }
        }
        return Refusal.routersPassed(flow, captures, entry) == 1;
    }

    private Endpoint onlyLocalEndpoint(Flow flow, String entry) {
        ClusterIndex.Front front = cluster.toldFront(flow.protocol(), flow.original().destination());
        Endpoint only = null;
        if (front != null) {
            for (ClusterState.ServiceEndpoint endpoint : cluster.told().endpointsOf(front.service(), front.port())) {
                boolean sameFamily = endpoint.address().address().v6() == flow.original().destination().address().v6();
                if (entry.equals(endpoint.node()) && sameFamily && endpoint.ready()) {
                    if (only != null) {
                        return null;
                    }
                    only = endpoint.address();
                }
            }
        }
        return only;
    }

    private Endpoint clusterIp(ClusterIndex.Front front, Flow flow, PathTemplate template) {
        if (front != null) {
            for (IpAddress address : front.service().clusterIps()) {
                if (address.v6() == flow.original().destination().address().v6()) {
                    return new Endpoint(address, front.port().port());
                }
            }
        }
        return template == PathTemplates.CLUSTERIP ? flow.original().destination() : null;
    }

    private List<Spot> spots(Flow flow, PathTemplate template, String entry, Boolean local) {
        List<Spot> spots = new ArrayList<>(flow.places().size());
        boolean oneLevel = flow.translated() == null && template == PathTemplates.POD_TO_POD;
        boolean left = false;
        for (int i = 0; i < flow.places().size(); i++) {
            Place place = flow.places().get(i);
            String node = captures.node(place.point());
            PointRole role = captures.role(place.point());
            boolean onEntry = node != null && node.equals(entry);
            Spot spot;
            if (role == PointRole.CLIENT && template == PathTemplates.EGRESS && place.level() > 0) {
                // The server outside of the cluster was captured: on this path it is the far end.
                spot = Spot.ENDPOINT_POD;
            } else if (role == PointRole.CLIENT) {
                spot = Spot.CLIENT;
            } else if (role == PointRole.POD) {
                spot = place.level() == 0 && !(oneLevel && i > 0 && left) ? Spot.CALLER_POD : Spot.ENDPOINT_POD;
            } else if (role == PointRole.BRIDGE) {
                boolean calling = place.level() == 0 || onEntry && isFirstBridge(flow, i);
                spot = oneLevel ? onEntry ? Spot.CALLER_BRIDGE : Spot.TARGET_BRIDGE : calling ? Spot.CALLER_BRIDGE : Spot.TARGET_BRIDGE;
            } else if (oneLevel) {
                spot = onEntry ? Spot.ENTRY_OUT : Spot.TARGET_ETH0;
            } else if (place.level() == 0) {
                // The interface of another node, before the entry: the client is a process there.
                spot = node != null && entry != null && !onEntry && !spots.contains(Spot.ENTRY_IN) && template != PathTemplates.CLUSTERIP
                        ? Spot.CLIENT : Spot.ENTRY_IN;
            } else {
                spot = onEntry || entry == null && role != null ? Spot.ENTRY_OUT : Spot.TARGET_ETH0;
            }
            left |= spot == Spot.ENTRY_OUT || spot == Spot.TARGET_ETH0 || spot == Spot.CALLER_BRIDGE;
            spots.add(spot);
        }
        return spots;
    }

    /** On the caller's own bridge the bridge hook may have translated the request already; it then comes fresh from the pod. */
    private boolean isFirstBridge(Flow flow, int index) {
        FlowLeg leg = flow.requestLeg(flow.places().get(index));
        return leg != null && Ttl.fresh(leg.requestTtl());
    }

    /**
     * Whether the answers reached the client under the right tuple, as its capture or its acknowledgements tell, although the entry node,
     * which saw the requests both before and after the translation of the destination, saw none of them.
     */
    public static boolean directServerReturn(Flow flow, List<Spot> spots, CaptureSet captures) {
        FlowLeg client = leg(flow, spots, Spot.CLIENT, Direction.REPLY);
        FlowLeg in = leg(flow, spots, Spot.ENTRY_IN, Direction.REQUEST);
        FlowLeg out = leg(flow, spots, Spot.ENTRY_OUT, Direction.REQUEST);
        return flow.translated() != null && flow.translated().source().equals(flow.original().source())
                && (client != null && client.replies() > 1 && client.tuple().equals(flow.called())
                        || acknowledged(flow, leg(flow, spots, Spot.CLIENT, Direction.REQUEST), in))
                && out != null && out.requests() > 0 && out.replies() == 0
                && (in == null ? captures.originalBlind(out.point())
                        : in.requests() > 0 && in.replies() == 0 && leg(flow, spots, Spot.ENTRY_IN, Direction.REPLY) == null);
    }

    /** Whether the client, under the tuple that it called, went on after its SYN: of a stranger's SYN-ACK it knows nothing. */
    private static boolean acknowledged(Flow flow, FlowLeg... asked) {
        for (FlowLeg leg : asked) {
            if (flow.tcp() && leg != null && leg.syns() > 0 && (leg.history().contains("A") || leg.history().contains("D"))) {
                return true;
            }
        }
        return false;
    }

    private static FlowLeg leg(Flow flow, List<Spot> spots, Spot spot, Direction direction) {
        int place = spots.indexOf(spot);
        if (place < 0) {
            return null;
        }
        Place at = flow.places().get(place);
        return direction == Direction.REQUEST ? flow.requestLeg(at) : flow.replyLeg(at);
    }

    /** One flow's steps in the making. */
    private final class Draft {
        private final Flow flow;
        private final PathTemplate template;
        private final List<Spot> spots;
        private final String entry;
        private final String target;
        private final Boolean local;
        private final ClusterIndex.Front front;
        private final Endpoint clusterIp;
        private final Endpoint endpoint;
        private final boolean translatedSeen;
        private final boolean answered;
        private final boolean answeredAtEntry;
        private final boolean refusedByEndpoint;
        private final String[] tuples = new String[TupleKind.values().length];

        Draft(FlowTrace trace) {
            this.flow = trace.flow();
            this.template = trace.template();
            this.spots = trace.spots();
            this.entry = trace.entryNode();
            this.target = trace.endpointNode();
            this.local = trace.local();
            this.front = trace.front();
            this.clusterIp = trace.clusterIp();
            this.endpoint = trace.endpoint();
            this.translatedSeen = flow.translated() != null;
            this.answered = flow.story().clientSawSynAck();
            this.answeredAtEntry = trace.answeredAtEntry();
            this.refusedByEndpoint = trace.refusedByEndpoint();
        }

        List<Step> steps() {
            List<Step> steps = new ArrayList<>(template.steps().size());
            for (StepTemplate step : template.steps()) {
                steps.add(step(step));
            }
            return steps;
        }

        private Step step(StepTemplate step) {
            String tuple = tuple(step.tuple());
            String notTaken = notTaken(step);
            if (notTaken != null) {
                return unseen(step, tuple, StepStatus.NOT_APPLICABLE, notTaken);
            }
            if (step.inKernel()) {
                return kernelStep(step, tuple);
            }
            List<FrameRef> evidence = new ArrayList<>();
            int firstPlace = -1;
            for (Spot spot : step.spots()) {
                int place = spots.indexOf(spot);
                SeenFrame frame = place < 0 ? null : first(place, step.direction());
                if (frame != null) {
                    evidence.add(captures.ref(frame));
                    firstPlace = firstPlace < 0 ? place : firstPlace;
                }
            }
            if (!evidence.isEmpty()) {
                return observed(step, tuple, evidence, firstPlace);
            }
            return unobserved(step, tuple);
        }

        private String notTaken(StepTemplate step) {
            if (step.condition() == Condition.REMOTE_ENDPOINT && Boolean.TRUE.equals(local)) {
                return "the endpoint is on the node that received the packet";
            }
            if (step.spots().contains(Spot.TARGET_BRIDGE) && step.direction() == Direction.REQUEST && cluster.isHostNetwork(endpoint)) {
                return "the endpoint is in the network of " + (target == null ? "its node" : target) + ": no bridge is on its way";
            }
            if (step.condition() == Condition.MASQUERADED) {
                boolean changed = translatedSeen && !flow.translated().source().equals(flow.original().source());
                if (front != null && front.service().externalLocal() && !changed) {
                    return "externalTrafficPolicy Local keeps the client's address";
                }
                boolean kept = translatedSeen && flow.translated().source().address().equals(flow.original().source().address());
                if (kept && directServerReturn(flow, spots, captures)) {
                    return "the pod's node answers the client in this node's name (direct server return): nothing is masqueraded";
                }
                if (kept && front == null && Boolean.TRUE.equals(local)) {
                    return "the client's address was kept and the endpoint is on this node, as under externalTrafficPolicy Local";
                }
            }
            return null;
        }

        private Step kernelStep(StepTemplate step, String tuple) {
            if (translatedSeen) {
                return unseen(step, tuple, StepStatus.INFERRED, "inside the kernel: concluded from the packet before and after it");
            }
            if (answered || answeredAtEntry || refusedByEndpoint) {
                return unseen(step, tuple, StepStatus.INFERRED, "inside the kernel: concluded from the answer");
            }
            boolean arrived = spots.contains(Spot.ENTRY_IN) || spots.contains(Spot.CALLER_BRIDGE);
            if (arrived && entryOutCaptured()) {
                return unseen(step, tuple, StepStatus.MISSING, "the packet arrived and no translated packet left the node");
            }
            return unseen(step, tuple, StepStatus.NOT_CAPTURED, arrived ? "no capture could show the translated packet"
                    : "the packet was not seen at the node");
        }

        private boolean entryOutCaptured() {
            for (int point : captures.find(null, entry)) {
                if (captures.showsNodeInterface(point) && !captures.translatedBlind(point)) {
                    return true;
                }
            }
            return false;
        }

        private Step observed(StepTemplate step, String tuple, List<FrameRef> evidence, int place) {
            Long latency = null;
            Long uncertainty = null;
            FlowHop into = hopInto(place, step.direction());
            for (FlowHop hop : flow.hops()) {
                // Within the step, from its first place to its last, is what 1.1 and 2.0 take.
                if (into == null && hop.direction() == step.direction() && hop.from() == place
                        && step.spots().contains(spots.get(hop.to()))) {
                    into = hop;
                }
            }
            if (into != null && into.slowest() != null) {
                int from = flow.places().get(into.from()).point();
                int to = flow.places().get(into.to()).point();
                long open = captures.uncertainty(from, to);
                if (open != Long.MAX_VALUE) {
                    latency = into.medianDelayNanos() - (from == to ? 0 : captures.clock(to).offsetNanos()
                            - captures.clock(from).offsetNanos());
                    uncertainty = open;
                }
            }
            return new Step(step.number(), title(step), tuple, StepStatus.OBSERVED, evidence, packets(place, step.direction()), latency,
                    uncertainty, refusedByOthers(step, spots.get(place))
                            ? "only a RST, and nothing shows that a pod sent it" : endsEarly(step));
        }

        /** A RST of the node itself, or of a box on the way: no translation was reversed for it. */
        private boolean refusedByOthers(StepTemplate step, Spot spot) {
            return step.direction() == Direction.REPLY && flow.tcp() && !translatedSeen && !refusedByEndpoint && onlyRefused(spot);
        }

        /** An answer that was seen on its way, but not where the step ends. */
        private String endsEarly(StepTemplate step) {
            Spot last = step.spots().get(step.spots().size() - 1);
            int end = spots.indexOf(last);
            boolean there = end >= 0 && first(end, step.direction()) != null;
            if (there || step.spots().size() < 2) {
                return null;
            }
            int point = capturedAt(last);
            return point < 0 ? null : "not seen at " + captures.point(point).name();
        }

        private FlowHop hopInto(int place, Direction direction) {
            for (FlowHop hop : flow.hops()) {
                if (hop.to() == place && hop.direction() == direction) {
                    return hop;
                }
            }
            return null;
        }

        private Step unobserved(StepTemplate step, String tuple) {
            boolean proven = provenLater(step);
            int point = capturedHere(step);
            if (proven) {
                return unseen(step, tuple, StepStatus.INFERRED, point < 0 ? "no capture at this place; later packets prove it"
                        : "not in the capture at " + captures.point(point).name() + "; later packets prove it");
            }
            if (point < 0) {
                return unseen(step, tuple, StepStatus.NOT_CAPTURED, "no capture could show it");
            }
            if (step.condition() == Condition.REMOTE_ENDPOINT && local == null && !translatedSeen) {
                return unseen(step, tuple, StepStatus.NOT_CAPTURED, "the endpoint is not known");
            }
            if (captures.coverage(flow.start().point(), flow.start().timeNanos(), point) == Coverage.NO) {
                return unseen(step, tuple, StepStatus.NOT_CAPTURED, captures.point(point).name() + " was not captured at this time");
            }
            if (answered && step.direction() == Direction.REQUEST) {
                return unseen(step, tuple, StepStatus.NOT_CAPTURED,
                        "it was answered, and " + captures.point(point).name() + " does not show it");
            }
            return unseen(step, tuple, StepStatus.MISSING, captures.point(point).name() + " should have shown it");
        }

        /** A point that captured where this step shows, for this flow; -1 if none. */
        private int capturedHere(StepTemplate step) {
            for (Spot spot : step.spots()) {
                int point = capturedAt(spot);
                if (point >= 0) {
                    return point;
                }
            }
            return -1;
        }

        private int capturedAt(Spot spot) {
            for (int point = 0; point < captures.count(); point++) {
                if (isSpot(point, spot)) {
                    return point;
                }
            }
            return -1;
        }

        private boolean isSpot(int point, Spot spot) {
            PointRole role = captures.role(point);
            String node = captures.node(point);
            boolean atEntry = node != null && node.equals(entry);
            boolean atTarget = node != null && node.equals(target);
            boolean nodeWide = captures.showsNodeInterface(point);
            boolean blind = captures.translatedBlind(point);
            return switch (spot) {
                case CLIENT -> role == PointRole.CLIENT && cluster.isClientAt(point, flow.called().source().address());
                case CALLER_POD -> role == PointRole.POD && (atEntry || isPlaceOf(Spot.CALLER_POD, point));
                case CALLER_BRIDGE -> role == PointRole.BRIDGE && atEntry;
                case ENTRY_IN -> nodeWide && atEntry && !captures.originalBlind(point);
                case ENTRY_OUT -> nodeWide && atEntry && !blind;
                case TARGET_ETH0 -> nodeWide && atTarget && !atEntry;
                case TARGET_BRIDGE -> role == PointRole.BRIDGE && atTarget && !cluster.isHostNetwork(endpoint);
                case ENDPOINT_POD -> endpoint != null && point == cluster.podPoint(endpoint);
            };
        }

        private boolean isPlaceOf(Spot spot, int point) {
            int place = spots.indexOf(spot);
            return place >= 0 && flow.places().get(place).point() == point;
        }

        /** Packets of a later step prove that the earlier one happened. */
        private boolean provenLater(StepTemplate step) {
            boolean after = false;
            for (StepTemplate other : template.steps()) {
                if (other == step) {
                    after = true;
                } else if (after && !other.inKernel() && notTaken(other) == null) {
                    for (Spot spot : other.spots()) {
                        int place = spots.indexOf(spot);
                        if (place >= 0 && first(place, other.direction()) != null && proves(spot, other, step)) {
                            return true;
                        }
                    }
                }
            }
            return false;
        }

        /** An answer at the entry proves the whole way only if it is the endpoint's: one from the node itself proves nothing. */
        private boolean proves(Spot spot, StepTemplate later, StepTemplate step) {
            if (later.direction() == Direction.REQUEST) {
                return true;
            }
            if (step.direction() == Direction.REPLY) {
                return !refusedByOthers(later, spot);
            }
            if (flow.tcp() && !answered && (capturedHere(step) >= 0 || !translatedSeen) && onlyRefused(spot)) {
                // A RST can come from any box on the way, or from a pod of the same node.
                return false;
            }
            return spot != Spot.ENTRY_IN && spot != Spot.CLIENT || answered && translatedSeen;
        }

        private boolean onlyRefused(Spot spot) {
            FlowLeg leg = leg(flow, spots, spot, Direction.REPLY);
            return leg != null && leg.synAcks() == 0 && leg.history().contains("r");
        }

        private SeenFrame first(int place, Direction direction) {
            Place at = flow.places().get(place);
            FlowLeg leg = direction == Direction.REQUEST ? flow.requestLeg(at) : flow.replyLeg(at);
            return leg == null ? null : direction == Direction.REQUEST ? leg.firstRequest() : leg.firstReply();
        }

        private long packets(int place, Direction direction) {
            Place at = flow.places().get(place);
            FlowLeg leg = direction == Direction.REQUEST ? flow.requestLeg(at) : flow.replyLeg(at);
            return leg == null ? 0 : direction == Direction.REQUEST ? leg.requests() : leg.replies();
        }

        private Step unseen(StepTemplate step, String tuple, StepStatus status, String reason) {
            return new Step(step.number(), title(step), tuple, status, List.of(), 0, null, null, reason);
        }

        private String title(StepTemplate step) {
            return titles.computeIfAbsent(new Title(step, entry, target), Title::text);
        }

        private String tuple(TupleKind kind) {
            if (tuples[kind.ordinal()] == null) {
                tuples[kind.ordinal()] = text(kind);
            }
            return tuples[kind.ordinal()];
        }

        private String text(TupleKind kind) {
            FiveTuple original = flow.original();
            FiveTuple translated = flow.translated();
            return switch (kind) {
                case ORIGINAL -> original.toString();
                case ORIGINAL_REPLY -> original.reversed().toString();
                case CLUSTER_IP -> clusterIp == null ? null : original.source() + " -> " + clusterIp;
                case DESTINATION_CHOSEN -> endpoint == null ? null : original.source() + " -> " + endpoint;
                case TRANSLATED -> translated == null ? null : translated.toString();
                case TRANSLATED_REPLY -> translated == null ? null : translated.reversed().toString();
            };
        }
    }
}
