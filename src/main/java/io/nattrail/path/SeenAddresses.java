package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.cluster.NodePortRange;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Sign;
import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.ProtocolPort;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.net.Ttl;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Whose addresses are: which a node has itself, which pods have, and on which node those run. Dumps tell it, and flows show it: by the
 * captures that an address is seen at, and by the TTL that no router has lowered there yet.
 */
final class SeenAddresses {
    private static final String SEVERAL = "";

    private final ClusterIndex told;
    private final CaptureSet captures;
    private final Map<IpAddress, String> nodes = new TreeMap<>();
    /** What would be addresses of nodes if the callers in a network, which may be pods, turn out to be none. */
    private final Map<Cidr, Map<IpAddress, String>> calledByNeighbours = new LinkedHashMap<>();
    /** Addresses of nodes that nothing was translated for, as clients' calls of them tell. */
    private final Map<IpAddress, String> nodesReached = new HashMap<>();
    /** The same, if what clients called there is a node port elsewhere. */
    private final Map<TransportEndpoint, String> nodesAsked = new HashMap<>();
    /** What clients called, by the nodes whose bridges masqueraded it for their own pods; {@link #SEVERAL} where two did. */
    private final Map<IpAddress, String> nodesOfBridges = new HashMap<>();
    /** What was called in the range of node ports and not translated; and the ports of those calls that were of nodes. */
    private final Set<TransportEndpoint> untranslated = new HashSet<>();
    private final Set<ProtocolPort> calledAtNodes = new HashSet<>();
    private final Map<IpAddress, String> podNodes = new TreeMap<>();
    /** Endpoints whose answers no router has passed when all interfaces of a node show them: pods there, or neighbours of the node. */
    private final Map<IpAddress, String> podsOrNeighbours = new TreeMap<>();
    /** Its values, of addresses of each family; filled when all flows were seen. */
    private final Set<String> nodesOfPods = new HashSet<>();
    private final Set<String> nodesOfPodsV6 = new HashSet<>();
    private final Map<Cidr, String> podCidrs = new HashMap<>();
    private final Set<Cidr> contestedCidrs = new HashSet<>();
    private final Set<IpAddress> masqueradeAddresses = new TreeSet<>();
    /** Those of bridges: beside the pods that were called. */
    private final Set<IpAddress> bridges = new HashSet<>();
    /** Pods that called and whose requests left a node's interface, with the node and the endpoint that they were for. */
    private final Map<IpAddress, Map<IpAddress, String>> leftBy = new TreeMap<>();
    /** Pods that called. */
    private final Set<IpAddress> callers = new HashSet<>();
    /** Nodes at whose bridge connections from other nodes were seen. */
    private final Set<String> deliveredOn = new HashSet<>();
    /** Pods that connections were seen to come to, routed, answered or not; and the prefixes of such pods. */
    private final Set<IpAddress> deliveredTo = new HashSet<>();
    private final Set<Cidr> deliveredCidrs = new HashSet<>();
    /** Prefixes of pods of which no capture showed where they are. */
    private final Set<Cidr> homelessCidrs = new HashSet<>();
    private final Set<Cidr> homelessCidrsV6 = new HashSet<>();

    SeenAddresses(ClusterIndex told, CaptureSet captures) {
        this.told = told;
        this.captures = captures;
    }

    /** The prefix that a node's pods have by default: kube-controller-manager gives each node a /24 (IPv4) or a /64 (IPv6). */
    static Cidr usualPodCidr(IpAddress pod) {
        return new Cidr(pod, pod.v6() ? 64 : 24);
    }

    /** Notes the address of a pod that called. */
    void addCaller(IpAddress pod) {
        callers.add(pod);
    }

    /** Takes a flow into account that nothing translated. */
    void addUntranslated(Flow flow) {
        learnCalledPod(flow);
        learnCalledNode(flow);
    }

    /**
     * A call that leaves one pod's interface or bridge and comes, routed, to another: it is for a pod there, whether or not that answers.
     * Nodes that ask their own pods how they are need no router.
     */
    private void learnCalledPod(Flow flow) {
        boolean left = false;
        for (Place place : flow.places()) {
            FlowLeg requests = flow.requestLeg(place);
            FlowLeg replies = flow.replyLeg(place);
            if (requests == null || !captures.showsPods(place.point())) {
                continue;
            }
            String node = captures.node(place.point());
            if (left && !Ttl.fresh(requests.requestTtl())) {
                deliveredTo.add(flow.original().destination().address());
            }
            if (left && node != null && !Ttl.fresh(requests.requestTtl()) && replies != null && Ttl.fresh(replies.replyTtl())) {
                podNodes.putIfAbsent(flow.original().destination().address(), node);
                learnCidr(flow.original().destination().address(), node);
            }
            left |= Ttl.fresh(requests.requestTtl());
        }
    }

    /**
     * A client's call that ends at a node's interface is for that node, if its answer comes from there with a TTL that no router has
     * lowered, or if it is for a port that other nodes translate.
     */
    private void learnCalledNode(Flow flow) {
        if (NodePortRange.contains(flow.original().destination())) {
            untranslated.add(new TransportEndpoint(flow.protocol(), flow.original().destination()));
        }
        if (flow.places().isEmpty()) {
            return;
        }
        Place first = flow.places().get(0);
        Place last = flow.places().get(flow.places().size() - 1);
        String node = captures.node(last.point());
        if (captures.role(first.point()) != PointRole.CLIENT || flow.requestLeg(first) == null || last == first || last.level() > 0
                || captures.role(last.point()) != PointRole.NODE_INTERFACE || node == null || flow.requestLeg(last) == null
                || flow.sign(Sign.Kind.FORWARDED) != null) {
            return;
        }
        FlowLeg replies = flow.replyLeg(last);
        Endpoint called = flow.original().destination();
        boolean answered = replies != null && replies.answered() && replies.tuple().equals(flow.original());
        // A pod of the node answers in its name from one router further away.
        if (answered && (Ttl.fresh(replies.replyTtl())
                || NodePortRange.contains(called) && Ttl.routersPassed(replies.replyTtl()) == 1)) {
            nodesReached.putIfAbsent(called.address(), node);
        } else if (NodePortRange.contains(called)) {
            nodesAsked.putIfAbsent(new TransportEndpoint(flow.protocol(), called), node);
        }
    }

    /** Takes a flow into account whose destination is translated. */
    void addTranslated(Flow flow, Caller caller) {
        String entry = null;
        boolean passedOn = false;
        for (Place place : flow.places()) {
            if (place.level() == 0 && captures.showsNodeInterface(place.point())) {
                passedOn |= entry != null && !entry.equals(captures.node(place.point()));
                entry = captures.node(place.point());
            }
            if (caller == Caller.POD) {
                learnCaller(flow, place);
            }
            if (place.level() > 0) {
                learnDelivery(flow, place, entry);
                learnEndpoint(flow, place, entry);
            }
        }
        FiveTuple original = flow.original();
        // A pod's call of a node port that its own node passed on came to another node by that node's address.
        boolean calledByAddress = caller != Caller.POD || passedOn && NodePortRange.contains(original.destination());
        if (entry != null && calledByAddress) {
            learnEntry(original, entry, caller);
        } else if (entry == null && caller == Caller.OUTSIDE) {
            learnEntryOfBridge(flow);
        }
        learnMasquerade(original, flow.translated(), entry);
    }

    /**
     * No router lies between a pod that calls and its bridge, and one, its own node, between it and an interface that shows its request on
     * the way to another node.
     */
    private void learnCaller(Flow flow, Place place) {
        FlowLeg requests = flow.requestLeg(place);
        String node = captures.node(place.point());
        if (captures.role(place.point()) == PointRole.NODE_INTERFACE && node != null && requests != null
                && Ttl.routersPassed(requests.requestTtl()) == 1 && requests.tuple().source().equals(flow.original().source())) {
            leftBy.computeIfAbsent(flow.original().source().address(), p -> new TreeMap<>())
                    .merge(flow.translated().destination().address(), node, (a, b) -> a.equals(b) ? a : SEVERAL);
        }
        if (captures.role(place.point()) == PointRole.BRIDGE && node != null && requests != null && Ttl.fresh(requests.requestTtl())
                && requests.tuple().source().equals(flow.original().source())) {
            podNodes.put(flow.original().source().address(), node);
            learnCidr(flow.original().source().address(), node);
            if (place.level() > 0 && NodePortRange.contains(flow.original().destination())) {
                // The rules take node ports of the node's own addresses alone.
                nodes.putIfAbsent(flow.original().destination().address(), node);
            }
        }
    }

    private void learnDelivery(Flow flow, Place place, String entry) {
        if (captures.role(place.point()) != PointRole.BRIDGE) {
            return;
        }
        String node = captures.node(place.point());
        if (node != null && entry != null && !entry.equals(node)) {
            deliveredOn.add(node);
        }
        FlowLeg requests = flow.requestLeg(place);
        if (requests != null && !Ttl.fresh(requests.requestTtl())) {
            deliveredTo.add(requests.tuple().destination().address());
            deliveredCidrs.add(usualPodCidr(flow.translated().destination().address()));
        }
    }

    private void learnEndpoint(Flow flow, Place place, String entry) {
        FlowLeg replies = flow.replyLeg(place);
        String node = captures.node(place.point());
        if (node == null || replies == null) {
            return;
        }
        IpAddress endpoint = flow.translated().destination().address();
        PointRole role = captures.role(place.point());
        FlowLeg requests = flow.requestLeg(place);
        // On all interfaces of a node a bridge and its ports show what is for a pod on it more than once.
        boolean atPods = captures.showsPods(place.point()) || role == PointRole.ANY && requests != null && requests.copies() > 0;
        if (atPods && Ttl.fresh(replies.replyTtl())) {
            podNodes.put(endpoint, node);
            learnCidr(endpoint, node);
        }
        if (role == PointRole.ANY && Ttl.fresh(replies.replyTtl())) {
            podsOrNeighbours.merge(endpoint, node, (a, b) -> a.equals(b) ? a : SEVERAL);
        }
        if (role == PointRole.NODE_INTERFACE && entry != null && !entry.equals(node)) {
            learnBehindInterface(endpoint, node, replies);
        }
    }

    /**
     * What comes through the interface of a node other than the entry is for it: for a pod behind it, whose answers it forwards, or itself.
     */
    private void learnBehindInterface(IpAddress endpoint, String node, FlowLeg replies) {
        if (Ttl.fresh(replies.replyTtl())) {
            nodes.putIfAbsent(endpoint, node);
        } else {
            podNodes.putIfAbsent(endpoint, node);
            learnCidr(endpoint, node);
        }
    }

    private void learnEntry(FiveTuple original, String entry, Caller caller) {
        IpAddress called = original.destination().address();
        if (caller == Caller.POD_OR_NEIGHBOUR) {
            calledByNeighbours.computeIfAbsent(usualPodCidr(original.source().address()), c -> new TreeMap<>()).putIfAbsent(called, entry);
        } else {
            nodes.putIfAbsent(called, entry);
        }
    }

    /**
     * The kernel masquerades with the address of the interface that it sends on: what comes to a pod with its bridge's address was
     * translated on the pod's own node, which then has the address that was called.
     */
    private void learnEntryOfBridge(Flow flow) {
        Endpoint called = flow.original().destination();
        IpAddress source = flow.translated().source().address();
        if (!NodePortRange.contains(called) || source.equals(called.address()) || source.equals(flow.original().source().address())
                || !usualPodCidr(flow.translated().destination().address()).contains(source)) {
            return;
        }
        for (Place place : flow.places()) {
            String node = captures.node(place.point());
            if (place.level() > 0 && captures.role(place.point()) == PointRole.BRIDGE && node != null && flow.requestLeg(place) != null) {
                nodesOfBridges.merge(called.address(), node, (a, b) -> a.equals(b) ? a : SEVERAL);
            }
        }
    }

    private void learnMasquerade(FiveTuple original, FiveTuple translated, String entry) {
        IpAddress source = translated.source().address();
        if (source.equals(original.source().address())) {
            return;
        }
        if (usualPodCidr(translated.destination().address()).contains(source)) {
            // With the address of the bridge that it was sent on: to a pod on the same node.
            deliveredCidrs.add(usualPodCidr(source));
            bridges.add(source);
        }
        masqueradeAddresses.add(source);
        if (source.equals(original.destination().address()) && entry != null) {
            nodes.put(source, entry);
        }
    }

    /** Two nodes in one prefix take the guess back that it is one node's. */
    private void learnCidr(IpAddress pod, String node) {
        Cidr cidr = usualPodCidr(pod);
        String other = podCidrs.putIfAbsent(cidr, node);
        if (other != null && !other.equals(node)) {
            contestedCidrs.add(cidr);
        }
    }

    /** All flows were seen, and these are the destinations that they show translated. */
    void settle(SeenFronts fronts) {
        for (ClusterState.Node node : told.state().nodes()) {
            for (IpAddress address : node.addresses()) {
                nodes.putIfAbsent(address, node.name());
            }
        }
        podsOrNeighbours.forEach((endpoint, node) -> {
            if (!node.equals(SEVERAL) && isRoutedTo(endpoint)) {
                podNodes.putIfAbsent(endpoint, node);
                learnCidr(endpoint, node);
            }
        });
        calledByNeighbours.forEach((network, called) -> {
            if (!podCidrs.containsKey(network)) {
                called.forEach(nodes::putIfAbsent);
            }
        });
        nodesAsked.forEach((asked, node) -> {
            if (fronts.translatesPort(asked.protocol(), asked.endpoint().port())) {
                nodesReached.putIfAbsent(asked.endpoint().address(), node);
            }
        });
        leftBy.forEach(this::learnCallersNode);
        learnEntriesOfConnections();
        nodesOfBridges.forEach((called, node) -> {
            if (!node.equals(SEVERAL)) {
                nodes.putIfAbsent(called, node);
            }
        });
        for (TransportEndpoint called : untranslated) {
            if (isNode(called.endpoint().address())) {
                calledAtNodes.add(new ProtocolPort(called.protocol(), called.endpoint().port()));
            }
        }
        for (Map.Entry<IpAddress, String> pod : podNodes.entrySet()) {
            (pod.getKey().v6() ? nodesOfPodsV6 : nodesOfPods).add(pod.getValue());
        }
        for (IpAddress endpoint : fronts.endpointAddresses()) {
            Cidr cidr = usualPodCidr(endpoint);
            if (nodeOfPod(endpoint) == null && !isNode(endpoint) && !deliveredCidrs.contains(cidr)) {
                (endpoint.v6() ? homelessCidrsV6 : homelessCidrs).add(cidr);
            }
        }
    }

    /** What leaves a node's interface for a pod that is known to be on another node is of one of its own. */
    private void learnCallersNode(IpAddress caller, Map<IpAddress, String> endpoints) {
        String own = null;
        for (Map.Entry<IpAddress, String> endpoint : endpoints.entrySet()) {
            String to = knownNodeOfPod(endpoint.getKey());
            String by = endpoint.getValue();
            if (to != null && !to.equals(by)) {
                own = own == null || own.equals(by) ? by : SEVERAL;
            }
        }
        if (own != null && !own.equals(SEVERAL) && knownNodeOfPod(caller) == null) {
            podNodes.put(caller, own);
            learnCidr(caller, own);
        }
    }

    /**
     * A node whose conntrack lists a call as translated to elsewhere took it in: as that of a node port by its own address, as that of
     * anything else, if a pod called, from that pod.
     */
    private void learnEntriesOfConnections() {
        for (ClusterState.Connection connection : told.state().connections()) {
            Endpoint called = connection.original().destination();
            IpAddress caller = connection.original().source().address();
            if (connection.node() == null || connection.reply().source().equals(called)) {
                continue;
            }
            if (NodePortRange.contains(called)) {
                nodes.putIfAbsent(called.address(), connection.node());
            } else if (callers.contains(caller) && knownNodeOfPod(caller) == null) {
                podNodes.put(caller, connection.node());
                learnCidr(caller, connection.node());
            }
        }
    }

    /**
     * Whether an address is beside another one that a node was called by, and no node is told: then it is hardly that node's, too, but a
     * neighbour's.
     */
    boolean isNeighbours(IpAddress address, String node) {
        Cidr beside = usualPodCidr(address);
        return told.state().nodes().isEmpty() && !isNode(address) && !podCidrs.containsKey(beside)
                && (isBeside(nodes, beside, node) || isBeside(nodesReached, beside, node));
    }

    private static boolean isBeside(Map<IpAddress, String> known, Cidr beside, String node) {
        return known.entrySet().stream().anyMatch(own -> own.getValue().equals(node) && beside.contains(own.getKey()));
    }

    /** The node with this address of its own, or null. */
    String nodeOf(IpAddress address) {
        ClusterState.Node node = told.nodeOfAddress(address);
        return node != null ? node.name() : nodes.containsKey(address) ? nodes.get(address) : nodesReached.get(address);
    }

    boolean isNode(IpAddress address) {
        return told.nodeOfAddress(address) != null || nodes.containsKey(address) || nodesReached.containsKey(address);
    }

    /** The node of a pod, told, seen or guessed from its neighbours; or null. */
    String nodeOfPod(IpAddress address) {
        String known = knownNodeOfPod(address);
        if (known != null) {
            return known;
        }
        Cidr cidr = usualPodCidr(address);
        return contestedCidrs.contains(cidr) ? null : podCidrs.get(cidr);
    }

    /** The node of a pod, told or seen; or null. */
    String knownNodeOfPod(IpAddress address) {
        String toldNode = told.nodeOfPod(address);
        return toldNode != null ? toldNode : podNodes.get(address);
    }

    boolean isPod(IpAddress address) {
        if (bridges.contains(address) && told.podOfAddress(address) == null) {
            // What comes from there is of the node, as the kubelet's probes are.
            return false;
        }
        return told.isPodAddress(address) || podNodes.containsKey(address)
                || deliveredTo.contains(address) && !isNode(address)
                || callers.contains(address) && told.nodeOfAddress(address) == null
                || told.state().nodes().isEmpty() && podCidrs.containsKey(usualPodCidr(address));
    }

    /** Whether pods were seen in each of these networks. */
    boolean arePodCidrs(Set<Cidr> networks) {
        return podCidrs.keySet().containsAll(networks);
    }

    boolean podsSeenOn(String node) {
        return nodesOfPods.contains(node) || nodesOfPodsV6.contains(node) || deliveredOn.contains(node);
    }

    boolean podsSeenOn(String node, boolean v6) {
        return (v6 ? nodesOfPodsV6 : nodesOfPods).contains(node);
    }

    boolean deliveredOn(String node) {
        return deliveredOn.contains(node);
    }

    boolean severalHomeless(boolean v6) {
        return (v6 ? homelessCidrsV6 : homelessCidrs).size() > 1;
    }

    /** Whether a port in the range of node ports was called at a node and not translated. */
    boolean calledAtNode(Protocol protocol, int port) {
        return calledAtNodes.contains(new ProtocolPort(protocol, port));
    }

    boolean mayBeNode(IpAddress address) {
        Cidr beside = usualPodCidr(address);
        return told.state().nodes().isEmpty() && !podCidrs.containsKey(beside) && nodeSeenIn(beside);
    }

    boolean isRoutedTo(IpAddress address) {
        Cidr beside = usualPodCidr(address);
        for (ClusterState.Node node : told.state().nodes()) {
            for (IpAddress one : node.addresses()) {
                if (usualPodCidr(one).equals(beside)) {
                    return false;
                }
            }
        }
        return !nodes.isEmpty() && !isNode(address) && !nodeSeenIn(beside);
    }

    private boolean nodeSeenIn(Cidr network) {
        return nodes.keySet().stream().anyMatch(node -> usualPodCidr(node).equals(network));
    }

    Set<IpAddress> masqueradeAddresses() {
        return masqueradeAddresses;
    }

    /** Nodes by address, told or seen. */
    Map<IpAddress, String> nodesByAddress() {
        return nodes;
    }
}
