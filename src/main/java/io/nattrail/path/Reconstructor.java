package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.cluster.NodePortRange;
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
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Picks the path of a flow, tells its nodes and endpoint, and gives each step its status. */
public final class Reconstructor {
    /** What shows there has left the pod that opened the connection. */
    private static final Set<Spot> BEHIND_CALLER = EnumSet.of(Spot.CALLER_BRIDGE, Spot.ENTRY_OUT, Spot.TARGET_ETH0);
    private static final Pattern OTHER_THAN_THE_FIRST = Pattern.compile("node-(?!1$)[0-9]+");

    private final ClusterView cluster;
    private final CaptureSet captures;
    /** Nodes on which anything was captured, and those at whose interface connections show as their clients sent them. */
    private final Set<String> captured = new HashSet<>();
    private final Set<String> entered = new HashSet<>();
    private final PathChoice paths;
    private final EndpointNode endpointNodes;
    private final StepTitles titles = new StepTitles();

    public Reconstructor(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
        paths = new PathChoice(cluster, captures);
        endpointNodes = new EndpointNode(cluster, captures);
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
        return paths.of(flow);
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
        String endpointNode = endpoint == null ? null : endpointNodes.of(flow, endpoint, entry, template);
        Boolean local = endpointNode != null && entry != null ? Boolean.valueOf(endpointNode.equals(entry)) : null;
        if (endpoint != null && cluster.knownNodeOfPod(endpoint.address()) == null && endpointNodes.besideCaller(flow, endpoint)) {
            local = true;
            endpointNode = entry;
        }
        boolean fromElsewhere = entry == null && endpointNode != null && isNotEntry(flow, endpointNode);
        if (local == null && endpoint != null && (fromElsewhere || endpointNodes.leftBy(flow, entry))) {
            local = false;
        }
        if (local == null && endpoint == null && endpointNodes.stayedOnEntryNode(flow, template, entry)) {
            local = true;
            endpointNode = entry;
            boolean byNode = template == PathTemplates.CLUSTERIP && answeredByNode(flow, entry);
            endpoint = byNode ? null : onlyLocalEndpoint(flow, entry);
        }
        List<Spot> spots = spots(flow, template, entry);
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
        boolean left = false;
        for (Place place : flow.places()) {
            PointRole role = captures.role(place.point());
            String node = captures.node(place.point());
            boolean shows = place.level() == 0 ? role != PointRole.CLIENT && role != null
                    : role == PointRole.BRIDGE && isFirstBridge(flow, place);
            if (shows && node != null) {
                first = first == null ? node : first;
                arrived |= node.equals(called);
                left |= node.equals(first) && captures.showsNodeInterface(place.point());
            }
        }
        if (first != null && template != PathTemplates.POD_TO_POD) {
            // A process or a pod on a node calls a port of another node: its own node, which has no such address, passes that on as it is.
            IpAddress caller = flow.original().source().address();
            boolean onlySentIt = !byPod && called != null && !called.equals(first)
                    && (arrived || first.equals(cluster.nodeOf(caller)) || left && first.equals(cluster.nodeOfPod(caller)));
            return onlySentIt ? called : first;
        }
        if (byPod) {
            String ofCaller = cluster.nodeOfPod(flow.original().source().address());
            return ofCaller != null ? ofCaller : firstNode(flow);
        }
        return called != null ? called : cluster.isSpread(flow) ? null : unseenEntry(flow);
    }

    /**
     * The node that a client called, whose interface does not show it: the only one of which that was captured, unless the flow says that
     * it is another.
     */
    private String unseenEntry(Flow flow) {
        String only = onlyNodeCapturedOutside();
        if (only == null || !isNotEntry(flow, only)) {
            return only;
        }
        String other = null;
        for (String node : captured) {
            if (!node.equals(only) && !cluster.isNeighbours(flow.original().destination().address(), node)) {
                if (other != null) {
                    return null;
                }
                other = node;
            }
        }
        return other;
    }

    /** Whether a client's call that a node's interface does not show as such was for another: so its address says, or its way. */
    private boolean isNotEntry(Flow flow, String node) {
        return NodePortRange.contains(flow.original().destination())
                && (cluster.isNeighbours(flow.original().destination().address(), node) || cameThrough(flow, node));
    }

    /** Whether a request came translated in at a node's interface: its bridge shows it, too, on its way to a pod there. */
    private boolean cameThrough(Flow flow, String node) {
        boolean outside = false;
        boolean inside = false;
        for (Place place : flow.places()) {
            if (place.level() > 0 && node.equals(captures.node(place.point())) && flow.requestLeg(place) != null) {
                outside |= captures.role(place.point()) == PointRole.NODE_INTERFACE;
                inside |= captures.role(place.point()) == PointRole.BRIDGE && !isFirstBridge(flow, place);
            }
        }
        return outside && inside;
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

    /**
     * Whether the caller's bridge shows questions and answers as the caller sees them and, though it shows the pods' side of others,
     * nothing for a pod: the node itself has the service's address and answers, as NodeLocal DNSCache does.
     */
    private boolean answeredByNode(Flow flow, String entry) {
        for (Place place : flow.places()) {
            int point = place.point();
            if (captures.role(point) == PointRole.BRIDGE && entry.equals(captures.node(point)) && flow.requestLeg(place) != null
                    && flow.replyLeg(place) != null && cluster.translatedAt(point) > 0 && !captures.mayHide(flow.original(), point)
                    && !cluster.mayHide(flow, point, true, Direction.REQUEST)) {
                return true;
            }
        }
        return false;
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

    private List<Spot> spots(Flow flow, PathTemplate template, String entry) {
        List<Spot> spots = new ArrayList<>(flow.places().size());
        for (Place place : flow.places()) {
            spots.add(spot(flow, template, entry, place, spots));
        }
        return spots;
    }

    /** @param before those of the flow's places before this one, in the order of its requests */
    private Spot spot(Flow flow, PathTemplate template, String entry, Place place, List<Spot> before) {
        PointRole role = captures.role(place.point());
        String node = captures.node(place.point());
        boolean onEntry = node != null && node.equals(entry);
        boolean oneLevel = flow.translated() == null && template == PathTemplates.POD_TO_POD;
        // A pod that calls a node's address is a client like those outside of the cluster.
        boolean client = template == PathTemplates.NODEPORT || template == PathTemplates.LOADBALANCER;
        if (role == PointRole.CLIENT) {
            // The server outside of the cluster was captured: on this path it is the far end.
            return template == PathTemplates.EGRESS && place.level() > 0 ? Spot.ENDPOINT_POD : Spot.CLIENT;
        }
        if (role == PointRole.POD) {
            boolean calling = place.level() == 0 && !(oneLevel && before.stream().anyMatch(BEHIND_CALLER::contains));
            return !calling ? Spot.ENDPOINT_POD : client ? Spot.CLIENT : Spot.CALLER_POD;
        }
        if (role == PointRole.BRIDGE) {
            boolean calling = oneLevel ? onEntry : place.level() == 0 || onEntry && isFirstBridge(flow, place);
            return !calling ? Spot.TARGET_BRIDGE : client ? Spot.CLIENT : Spot.CALLER_BRIDGE;
        }
        if (place.level() == 0 && !oneLevel) {
            // The interface of another node, before the entry: the client is a process there.
            boolean another = node != null && entry != null && !onEntry && !before.contains(Spot.ENTRY_IN);
            return another && template != PathTemplates.CLUSTERIP ? Spot.CLIENT : Spot.ENTRY_IN;
        }
        boolean mayBeOut = !oneLevel && entry == null && role != null && (node == null || mayBeEntry(node) && !isNotEntry(flow, node));
        return onEntry || mayBeOut ? Spot.ENTRY_OUT : Spot.TARGET_ETH0;
    }

    /**
     * On the caller's own bridge the bridge hook may have translated the request already; it then comes fresh from the pod. What a proxy in
     * the kernel asks a pod is as fresh.
     */
    static boolean isFirstBridge(Flow flow, Place place) {
        FlowLeg leg = flow.requestLeg(place);
        return leg != null && Ttl.fresh(leg.requestTtl()) && flow.sign(Sign.Kind.RELAYED) == null;
    }
}
