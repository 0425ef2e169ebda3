package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Picks the path of a flow, tells its nodes and endpoint, and gives each step its status. */
public final class Reconstructor {
    /** The default of kube-apiserver's --service-node-port-range. */
    private static final int FIRST_NODE_PORT = 30_000;
    private static final int LAST_NODE_PORT = 32_767;
    private static final Pattern OTHER_THAN_THE_FIRST = Pattern.compile("node-(?!1$)[0-9]+");
    private static final Pattern NUMBERED = Pattern.compile("node-[0-9]{1,6}");

    private final ClusterView cluster;
    private final CaptureSet captures;
    /** Nodes on which anything was captured, and those at whose interface connections show as their clients sent them. */
    private final Set<String> captured = new HashSet<>();
    private final Set<String> entered = new HashSet<>();
    private final StepTitles titles = new StepTitles();

    public Reconstructor(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
        for (int point : captures.find(null, null)) {
            String node = captures.node(point);
            if (node != null) {
                captured.add(node);
                if (captures.showsNodeInterface(point) && cluster.originalsAt(point) > 0) {
                    entered.add(node);
                }
            }
        }
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
            // A pod may call a node port, too; hardly any service has a port of its own in their range.
            if (fromPod && cluster.calledByPodsOnly(flow.protocol(), destination) && !cluster.isNodeAddress(destination.address())
                    && !isNodePort(destination)) {
                return PathTemplates.CLUSTERIP;
            }
            return isNodePort(destination) || cluster.masqueradeAddresses().contains(destination.address())
                    || cluster.told().state().nodes().isEmpty() && !fromPod
                    && !cluster.calledByForeignAddress(flow.protocol(), destination) ? PathTemplates.NODEPORT : PathTemplates.LOADBALANCER;
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
        if (cluster.told().state().services().isEmpty()) {
            boolean unanswered = flow.legs().stream().allMatch(leg -> leg.replies() == 0);
            if (Refusal.byNodeOfCaller(flow, captures) || unanswered && cluster.rejectedToPods(flow)
                    && flow.legs().stream().anyMatch(leg -> Refusal.leftPod(leg, captures))) {
                return PathTemplates.CLUSTERIP;
            }
            if (cluster.callsUntoldService(flow)) {
                return PathTemplates.CLUSTERIP;
            }
            if (!fromPod && !isNodePort(destination)
                    && (Refusal.byNodeOfArrival(flow, captures) || unanswered && cluster.rejectedToClients(flow)
                    || cluster.passedOnInVain(flow))) {
                return PathTemplates.LOADBALANCER;
            }
        }
        // Nothing translated it and nothing tells of it, but it is where only node ports are.
        boolean reachedANode = isNodePort(destination) && !fromPod && (cluster.isNodeAddress(destination.address()) || knownNowhere(flow)
                || arrivedAtNode(flow) && cluster.isNodesPort(flow.protocol(), destination.port())
                || Refusal.byNodeCalled(flow, captures));
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
        String endpointNode = endpoint == null ? null : endpointNode(flow, endpoint, entry, template);
        Boolean local = endpointNode != null && entry != null ? Boolean.valueOf(endpointNode.equals(entry)) : null;
        if (endpoint != null && cluster.knownNodeOfPod(endpoint.address()) == null && besideCaller(flow, endpoint)) {
            local = true;
            endpointNode = entry;
        }
        if (local == null && endpoint != null && leftBy(flow, entry)) {
            local = false;
        }
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
        return located.withSteps(new StepDraft(located, cluster, titles).steps());
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

    /**
     * The first node that shows a pod's call, unless it is a second one and nothing was captured on the first, or two nodes have routed it
     * to the bridge that shows it.
     */
    private String firstNode(Flow flow) {
        for (Place place : flow.places()) {
            String node = captures.node(place.point());
            FlowLeg leg = flow.requestLeg(place);
            if (node != null && captures.showsPods(place.point()) && leg != null && Ttl.routersPassed(leg.requestTtl()) > 1) {
                return null;
            }
            if (node != null) {
                return captured.size() == 1 && captures.showsNodeInterface(place.point()) && !mayBeEntry(node) ? null : node;
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
        String only = nodes.size() == 1 ? nodes.iterator().next() : null;
        return only != null && mayBeEntry(only) ? only : null;
    }

    /** Whether connections may enter at a node. What is named after a second one says that there is a first, of which it shows nothing. */
    private boolean mayBeEntry(String node) {
        return entered.contains(node) || !OTHER_THAN_THE_FIRST.matcher(node).matches();
    }

    private String endpointNode(Flow flow, Endpoint endpoint, String entry, PathTemplate template) {
        // By a listing of conntrack, or by a stray answer, no place of the path shows where it went.
        boolean onlyTold = template != PathTemplates.POD_TO_POD && !showsTranslated(flow);
        if (onlyTold && cluster.knownNodeOfPod(endpoint.address()) == null
                && (stayedOnEntryNode(flow, template, entry) || listedAndNotSentOut(flow, entry))) {
            return entry;
        }
        String node = cluster.nodeOfPod(endpoint.address());
        if (node != null) {
            return node;
        }
        boolean itself = endpoint.address().equals(flow.original().source().address());
        if (template == PathTemplates.CLUSTERIP && (itself || answeredOnCallersBridge(flow, entry))) {
            return entry;
        }
        for (Place place : flow.places()) {
            String at = captures.node(place.point());
            if (place.level() > 0 && captures.showsPods(place.point()) && at != null && !at.equals(entry)) {
                return at;
            }
        }
        if (deliveredByEntry(flow, entry) || bridgedByEntry(flow, entry)) {
            return entry;
        }
        List<Integer> bridges = captures.find(PointRole.BRIDGE, null);
        return expectedOn(endpoint.address(), bridges.isEmpty() ? captures.find(null, null) : bridges, entry);
    }

    private static boolean showsTranslated(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (leg.relation() == Relation.TRANSLATED) {
                return true;
            }
        }
        return false;
    }

    /** The node's own interface shows the translated request, whichever node it is for. */
    private boolean leftBy(Flow flow, String entry) {
        for (Place place : flow.places()) {
            boolean out = place.level() > 0 && captures.role(place.point()) == PointRole.NODE_INTERFACE && entry != null
                    && entry.equals(captures.node(place.point()));
            if (out && flow.requestLeg(place) != null && flow.requestLeg(place).requests() > 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * The interfaces of both pods were captured, and no more than one router is between them: their node, which of two nodes would each be
     * one. Where tunnels begin in the pod's interface only the endpoint's node is one, but then each node has a prefix of its own.
     */
    private boolean besideCaller(Flow flow, Endpoint endpoint) {
        FlowLeg call = null;
        for (Place place : flow.places()) {
            FlowLeg leg = captures.role(place.point()) == PointRole.POD ? flow.requestLeg(place) : null;
            if (leg != null && place.level() == 0 && call == null && Ttl.fresh(leg.requestTtl())) {
                call = leg;
            } else if (leg != null && call != null && leg.point() != call.point() && leg.requestTtl() >= 0) {
                return leg.tuple().destination().equals(endpoint) && call.requestTtl() - leg.requestTtl() <= 1
                        && ClusterView.usualPodCidr(endpoint.address())
                                .equals(ClusterView.usualPodCidr(flow.original().source().address()));
            }
        }
        return false;
    }

    /**
     * It left the entry node. Where another one was captured, that is where it was expected; of several, the one whose pods were never
     * seen. Those of which pods were seen have other prefixes than this pod's. Pods of several prefixes are on several nodes, and which of
     * them on this one is open.
     */
    private String expectedOn(IpAddress pod, List<Integer> points, String entry) {
        if (cluster.severalHomeless(pod.v6())) {
            return null;
        }
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
        String only = others.size() == 1 ? others.iterator().next() : null;
        if (only != null && !cluster.podsSeenOn(only, pod.v6())) {
            return othersBefore(entry, only) ? null : only;
        }
        return unknown.size() == 1 ? unknown.iterator().next() : null;
    }

    /** Whether the numbers that nodes are named by say that there are more than the entry before another, of which nothing was captured. */
    private static boolean othersBefore(String entry, String other) {
        if (entry == null || !NUMBERED.matcher(entry).matches() || !NUMBERED.matcher(other).matches()) {
            return false;
        }
        int first = Integer.parseInt(entry.substring(entry.indexOf('-') + 1));
        int number = Integer.parseInt(other.substring(other.indexOf('-') + 1));
        return number - 1 > (first < number ? 1 : 0);
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

    /**
     * The entry node's capture on all interfaces has the translated request more than once, as a bridge and its ports show it, and an
     * answer that no node has routed, or no answer and the bridge's address as the sender: it was for a pod there.
     */
    private boolean bridgedByEntry(Flow flow, String entry) {
        for (Place place : flow.places()) {
            FlowLeg requests = flow.requestLeg(place);
            if (place.level() > 0 && captures.role(place.point()) == PointRole.ANY && entry != null
                    && entry.equals(captures.node(place.point())) && requests != null && requests.copies() > 0
                    && (answeredUnrouted(flow, place) || masqueradedByBridge(flow))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Nobody answered, and the sender is beside the pod and none that the client called: the kernel masquerades with the address of the
     * interface that it sends on.
     */
    private static boolean masqueradedByBridge(Flow flow) {
        if (flow.legs().stream().anyMatch(leg -> leg.replies() > 0)) {
            return false;
        }
        IpAddress sender = flow.translated().source().address();
        return !sender.equals(flow.original().source().address()) && !sender.equals(flow.original().destination().address())
                && ClusterView.usualPodCidr(flow.translated().destination().address()).contains(sender);
    }

    private static boolean answeredUnrouted(Flow flow, Place asked) {
        FlowLeg replies = flow.replyLeg(asked);
        boolean unrouted = replies != null && Ttl.fresh(replies.replyTtl());
        for (Sign sign : flow.signs()) {
            Place place = sign.place() < 0 ? null : flow.places().get(sign.place());
            unrouted |= sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && place != null && place.level() > 0
                    && place.point() == asked.point() && Ttl.fresh(sign.value());
        }
        return unrouted;
    }

    /**
     * An answer in the endpoint's own name is on the caller's bridge, and nothing of the call on the node's interface, which would show it:
     * it came from another port of that bridge. What comes from elsewhere has the service's name again by then.
     */
    private boolean answeredOnCallersBridge(Flow flow, String entry) {
        boolean answered = false;
        for (Place place : flow.places()) {
            if (place.level() > 0 && entry != null && entry.equals(captures.node(place.point()))) {
                FlowLeg replies = flow.replyLeg(place);
                answered |= captures.role(place.point()) == PointRole.BRIDGE && replies != null && replies.replies() > 0;
                if (captures.showsNodeInterface(place.point())) {
                    return false;
                }
            }
        }
        return answered && cluster.wouldShowTranslated(flow, entry);
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
        return cluster.wouldShowTranslated(flow, entry) && !answeredFromElsewhere(flow, entry);
    }

    /** Whether the answer has passed more than one router when the entry node hands it on: that node, and the one of its pod before. */
    private boolean answeredFromElsewhere(Flow flow, String entry) {
        for (Place place : flow.places()) {
            FlowLeg replies = place.level() == 0 && entry.equals(captures.node(place.point())) ? flow.replyLeg(place) : null;
            if (replies != null && replies.answered() && Ttl.routersPassed(replies.replyTtl()) > 1) {
                return true;
            }
        }
        return false;
    }

    /** Of what conntrack lists: it takes in only what the node sends on, and the interface that shows what came would show that. */
    private boolean listedAndNotSentOut(Flow flow, String entry) {
        for (Place place : flow.places()) {
            if (place.level() == 0 && captures.showsNodeInterface(place.point()) && captures.node(place.point()) != null
                    && captures.node(place.point()).equals(entry)) {
                return cluster.wouldShowTranslated(flow, entry) && !flow.neighbourMissing();
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
                boolean calling = place.level() == 0 && !(oneLevel && i > 0 && left);
                // A pod that calls a node's address is a client like those outside of the cluster.
                boolean client = template == PathTemplates.NODEPORT || template == PathTemplates.LOADBALANCER;
                spot = !calling ? Spot.ENDPOINT_POD : client ? Spot.CLIENT : Spot.CALLER_POD;
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
                spot = onEntry || entry == null && role != null && (node == null || mayBeEntry(node)) ? Spot.ENTRY_OUT : Spot.TARGET_ETH0;
            }
            left |= spot == Spot.ENTRY_OUT || spot == Spot.TARGET_ETH0 || spot == Spot.CALLER_BRIDGE;
            spots.add(spot);
        }
        return spots;
    }

    /**
     * On the caller's own bridge the bridge hook may have translated the request already; it then comes fresh from the pod. What a proxy in
     * the kernel asks a pod is as fresh.
     */
    private boolean isFirstBridge(Flow flow, int index) {
        FlowLeg leg = flow.requestLeg(flow.places().get(index));
        return leg != null && Ttl.fresh(leg.requestTtl()) && flow.sign(Sign.Kind.RELAYED) == null;
    }
}
