package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.ProtocolPort;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What is known of the cluster: what its dumps tell, completed by what the flows imply. Where both speak, packets say what happened and
 * dumps give it a name.
 */
public final class ClusterView {
    private final ClusterIndex told;
    private final CaptureSet captures;
    private final Balancers balancers;
    private final FilterSigns filters;
    /** Null where the services are told. */
    private final UntoldServices untold;
    private final Map<TransportEndpoint, FrontFacts> fronts = new LinkedHashMap<>();
    /** What was chosen behind any of them. */
    private final Set<TransportEndpoint> chosen = new HashSet<>();
    private final Set<ProtocolPort> translatedPorts = new HashSet<>();
    private final Set<ProtocolPort> masqueradedPorts = new HashSet<>();
    /** Ports of the endpoints behind each node port that was served as under externalTrafficPolicy Local; filled last. */
    private final Map<ProtocolPort, Set<Integer>> servedLocally = new HashMap<>();
    /** By node, the ports of what was chosen as an endpoint on it. */
    private final Map<String, Set<Integer>> servedOn = new HashMap<>();
    /** What a node said of, to a pod of its own or to a client, that nobody listens there. */
    private final Set<TransportEndpoint> rejectedToPods = new HashSet<>();
    private final Set<TransportEndpoint> rejectedToClients = new HashSet<>();
    private final Map<IpAddress, String> nodes = new TreeMap<>();
    /** What would be addresses of nodes if the callers in a network, which may be pods, turn out to be none. */
    private final Map<Cidr, Map<IpAddress, String>> calledByNeighbours = new LinkedHashMap<>();
    /** Addresses of nodes that nothing was translated for, as clients' calls of them tell. */
    private final Map<IpAddress, String> nodesReached = new HashMap<>();
    /** The same, if what clients called there is a node port elsewhere. */
    private final Map<TransportEndpoint, String> nodesAsked = new HashMap<>();
    /** What was called in the range of node ports and not translated; and the ports of those calls that were of nodes. */
    private final Set<TransportEndpoint> untranslated = new HashSet<>();
    private final Set<ProtocolPort> calledAtNodes = new HashSet<>();
    private final Map<IpAddress, String> podNodes = new TreeMap<>();
    /** Its values, of addresses of each family; filled when all flows were seen. */
    private final Set<String> nodesOfPods = new HashSet<>();
    private final Set<String> nodesOfPodsV6 = new HashSet<>();
    private final Map<Cidr, String> podCidrs = new HashMap<>();
    private final Set<Cidr> contestedCidrs = new HashSet<>();
    private final Set<IpAddress> masqueradeAddresses = new TreeSet<>();
    private final List<Set<IpAddress>> clientsAt = new ArrayList<>();
    private final Set<IpAddress> callers = new HashSet<>();
    private final Map<IpAddress, Integer> podPoints = new HashMap<>();
    /** The captured pod that called nobody, if there is one of them, and no pod is known to be an endpoint; else -1. */
    private int onlyCalledPod = -1;
    /** The endpoint that all connections went to; null if none is known. */
    private IpAddress onlyEndpoint;
    /** Nodes at whose bridge connections from other nodes were seen. */
    private final Set<String> deliveredOn = new HashSet<>();
    /** Pods that connections were seen to come to, routed, answered or not; and the prefixes of such pods. */
    private final Set<IpAddress> deliveredTo = new HashSet<>();
    private final Set<Cidr> deliveredCidrs = new HashSet<>();
    /** Prefixes of pods of which no capture showed where they are. */
    private final Set<Cidr> homelessCidrs = new HashSet<>();
    private final Set<Cidr> homelessCidrsV6 = new HashSet<>();
    /** Captures of nodes that let others' connections through as they came, with success, as routers do. */
    private final Set<Integer> atRouters = new HashSet<>();
    private final OwnConnections ownConnections;
    private final Map<FiveTuple, SeenFrame> lastStartOfListed = new HashMap<>();

    /** What flows show of one address and port that clients call. */
    private static final class FrontFacts {
        private final Set<Endpoint> endpoints = new TreeSet<>();
        private boolean calledByPods;
        private boolean calledFromOutside;
        /** Networks of callers that only all interfaces of a node show, where pods look as neighbours of the node do. */
        private final Set<Cidr> calledByNeighbours = new HashSet<>(2);
        private boolean answered;
        private boolean sentByAnother;
        private boolean masqueraded;
    }

    private ClusterView(ClusterIndex told, CaptureSet captures) {
        this.told = told;
        this.captures = captures;
        balancers = new Balancers(told, captures);
        filters = new FilterSigns(told, captures);
        untold = told.state().services().isEmpty() ? new UntoldServices(captures) : null;
        ownConnections = new OwnConnections(captures);
        for (int i = 0; i < captures.count(); i++) {
            clientsAt.add(new HashSet<>());
        }
    }

    /** Draws conclusions from flows, one after the other. */
    public static Builder builder(ClusterIndex told, CaptureSet captures) {
        return new ClusterView(told, captures).new Builder();
    }

    /** What flows say while not all were seen: which addresses are nodes is known only at the end. */
    public final class Builder {
        private Builder() {
        }

        /** Takes a flow into account. */
        public void add(Flow folded) {
            Flow flow = balancers.arrived(folded);
            balancers.add(flow);
            learn(flow);
            if (untold != null) {
                untold.note(flow);
            }
            filters.add(flow);
            if (!told.connectionsOf(flow.original()).isEmpty()) {
                lastStartOfListed.merge(flow.original(), flow.start(), (a, b) -> captures.aligned(a) < captures.aligned(b) ? b : a);
            }
            ownConnections.note(flow);
        }

        /** All flows were seen. */
        public ClusterView build() {
            for (ClusterState.Node node : told.state().nodes()) {
                for (IpAddress address : node.addresses()) {
                    nodes.putIfAbsent(address, node.name());
                }
            }
            calledByNeighbours.forEach((callers, called) -> {
                if (!podCidrs.containsKey(callers)) {
                    called.forEach(nodes::putIfAbsent);
                }
            });
            nodesAsked.forEach((asked, node) -> {
                if (translatesPort(asked.protocol(), asked.endpoint().port())) {
                    nodesReached.putIfAbsent(asked.endpoint().address(), node);
                }
            });
            for (TransportEndpoint called : untranslated) {
                if (isNodeAddress(called.endpoint().address())) {
                    calledAtNodes.add(new ProtocolPort(called.protocol(), called.endpoint().port()));
                }
            }
            filters.settle(ClusterView.this);
            for (Map.Entry<IpAddress, String> pod : podNodes.entrySet()) {
                (pod.getKey().v6() ? nodesOfPodsV6 : nodesOfPods).add(pod.getValue());
            }
            findOnlyCalledPod();
            findHomeless();
            findServedLocally();
            findUntoldServices();
            ownConnections.settle(ClusterView.this::nodeOf);
            return ClusterView.this;
        }
    }

    /** Whether what clients did after their SYNs, and not their questions one after the other, tells that a point hides answers. */
    public boolean hiddenByHandshakes(int point) {
        return filters.hiddenByHandshakes(point);
    }

    /** Whether only answers from another node, or conntrack, tell that a point's filter hides the pods' side. */
    public boolean hiddenByAnswers(int point) {
        return filters.hiddenByAnswers(point);
    }

    /**
     * Whether a point's filter may hide one side and direction of a flow, though it shows others': it is proven to hide some, and shows
     * none that no filter can tell from this one.
     */
    public boolean mayHide(Flow flow, int point, boolean translatedSide, Direction way) {
        return filters.some().mayHide(flow, point, translatedSide, way);
    }

    /** Whether a point shows one side and direction of a connection that no filter can tell from this one. */
    public boolean showsAlike(Flow flow, int point, boolean translatedSide, Direction way) {
        return filters.some().showsAlike(flow, point, translatedSide, way);
    }

    /** How many connections prove that a point's filter hides one side and direction of some, though it shows others'. */
    public int hiddenProofs(int point, boolean translatedSide, Direction way) {
        return filters.some().proofs(point, translatedSide, way);
    }

    /**
     * How many connections passed a point whose capture lacks what their clients sent, though it ran all the while and shows others that no
     * filter can tell from them: it drops packets.
     */
    public int lacking(int point) {
        return filters.some().lacking(point);
    }

    /**
     * Whether a capture of a node's interface ran when a flow began, and shows translated packets and the flow's protocol: what it does not
     * show did not leave the node that way.
     */
    public boolean wouldShowTranslated(Flow flow, String node) {
        for (int point : captures.find(null, node)) {
            if (captures.showsNodeInterface(point) && !captures.translatedBlind(point) && !captures.mayHide(flow.original(), point)
                    && !mayHide(flow, point, true, Direction.REQUEST)
                    && captures.coverage(flow.start().point(), flow.start().timeNanos(), point) != Coverage.NO) {
                return true;
            }
        }
        return false;
    }

    /** Whether a point is at the interface of the pod with this address. */
    boolean isPodPoint(IpAddress pod, int point) {
        return Integer.valueOf(point).equals(podPoints.get(pod));
    }

    /** Connections that nodes opened themselves. */
    public OwnConnections ownConnections() {
        return ownConnections;
    }

    private void learn(Flow flow) {
        FiveTuple original = flow.original();
        FiveTuple translated = flow.translated();
        boolean fromPod = false;
        for (Place place : flow.places()) {
            int point = place.point();
            PointRole role = captures.role(point);
            if (place.level() == 0) {
                if (role == PointRole.CLIENT) {
                    clientsAt.get(point).add(flow.called().source().address());
                }
                FlowLeg asked = flow.requestLeg(place);
                // What has passed one router alone, the pods' own node, is of another node's process or from outside, as of a proxy.
                fromPod |= captures.showsPods(point) && (asked == null || Ttl.routersPassed(asked.requestTtl()) != 1);
            }
        }
        fromPod |= told.isPodAddress(original.source().address()) || translatedByBridge(flow) || BridgedCalls.fromPod(flow, captures);
        if (fromPod) {
            callers.add(original.source().address());
        }
        if (translated != null && !translated.destination().equals(original.destination())) {
            FrontFacts facts = fronts.computeIfAbsent(new TransportEndpoint(flow.protocol(), original.destination()),
                    f -> new FrontFacts());
            facts.endpoints.add(translated.destination());
            chosen.add(new TransportEndpoint(flow.protocol(), translated.destination()));
            translatedPorts.add(new ProtocolPort(flow.protocol(), original.destination().port()));
            boolean neighbour = !fromPod && mayBeCallingPod(flow);
            if (neighbour) {
                facts.calledByNeighbours.add(usualPodCidr(original.source().address()));
            }
            facts.calledByPods |= fromPod;
            facts.calledFromOutside |= !fromPod && !neighbour;
            facts.answered |= flow.story().clientSawSynAck();
            IpAddress sender = translated.source().address();
            if (!sender.equals(original.source().address())) {
                facts.masqueraded = true;
                masqueradedPorts.add(new ProtocolPort(flow.protocol(), original.destination().port()));
            }
            facts.sentByAnother |= !sender.equals(original.source().address()) && !sender.equals(original.destination().address())
                    && !usualPodCidr(translated.destination().address()).contains(sender);
            learnNodes(flow, original, translated, fromPod, neighbour);
        } else if (translated == null) {
            learnCalledPod(flow);
            learnCalledNode(flow);
            int passing = passedOnAt(flow);
            if (passing >= 0 && flow.legs().stream().anyMatch(leg -> leg.replies() > 0)) {
                atRouters.add(passing);
            }
            if (Refusal.byNodeOfCaller(flow, captures)) {
                rejectedToPods.add(new TransportEndpoint(flow.protocol(), original.destination()));
            } else if (Refusal.byNodeOfArrival(flow, captures)) {
                rejectedToClients.add(new TransportEndpoint(flow.protocol(), original.destination()));
            }
        }
    }

    /**
     * Whether all interfaces of a node show a call on both sides of its translation, and no router before or after: the bridge hook of
     * br_netfilter has translated it between two ports of a bridge, where pods are. What comes from outside is translated and then routed.
     */
    private boolean translatedByBridge(Flow flow) {
        if (flow.translated() == null || flow.sign(Sign.Kind.RELAYED) != null) {
            return false;
        }
        int called = -1;
        for (Place place : flow.places()) {
            FlowLeg asked = flow.requestLeg(place);
            if (captures.role(place.point()) == PointRole.ANY && asked != null && Ttl.fresh(asked.requestTtl())) {
                if (place.level() > 0 && place.point() == called) {
                    return true;
                }
                called = place.level() == 0 ? place.point() : called;
            }
        }
        return false;
    }

    /**
     * Whether a caller that all interfaces of a node show, before any router, is translated as a pod is: it keeps its address, unless it
     * gets itself.
     */
    private boolean mayBeCallingPod(Flow flow) {
        IpAddress caller = flow.original().source().address();
        if (!flow.translated().source().address().equals(caller) && !flow.translated().destination().address().equals(caller)) {
            return false;
        }
        boolean shown = false;
        for (Place place : flow.places()) {
            FlowLeg asked = flow.requestLeg(place);
            if (place.level() == 0 && (captures.role(place.point()) != PointRole.ANY || asked == null || !Ttl.fresh(asked.requestTtl()))) {
                return false;
            }
            shown |= place.level() == 0;
        }
        return shown;
    }

    /** The capture of a node's interface that shows a client's requests twice, the second time with less TTL; -1 if there is none. */
    private int passedOnAt(Flow flow) {
        Sign forwarded = flow.sign(Sign.Kind.FORWARDED);
        if (forwarded == null || forwarded.place() < 0) {
            return -1;
        }
        int point = flow.places().get(forwarded.place()).point();
        Place first = flow.places().get(0);
        boolean fromClient = captures.role(first.point()) == PointRole.CLIENT && first.level() == 0 && flow.requestLeg(first) != null;
        return fromClient && captures.role(point) == PointRole.NODE_INTERFACE ? point : -1;
    }

    /**
     * Whether a node sent a client's requests on as they came, again and again, and no other capture shows them: a load balancer left its
     * own address in them, and no rule of the node took them. Nodes are nobody's routers, unless some such connection is answered.
     */
    boolean passedOnInVain(Flow flow) {
        int passing = passedOnAt(flow);
        if (passing < 0 || atRouters.contains(passing) || flow.sign(Sign.Kind.FORWARDED).count() < 2) {
            return false;
        }
        for (FlowLeg leg : flow.legs()) {
            if (leg.point() != passing && captures.role(leg.point()) != PointRole.CLIENT || leg.replies() > 0) {
                return false;
            }
        }
        return true;
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
            if (requests == null || requests.requests() == 0 || !captures.showsPods(place.point())) {
                continue;
            }
            String node = captures.node(place.point());
            if (left && requests.requestTtl() >= 0 && !Ttl.fresh(requests.requestTtl())) {
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
        if (Reconstructor.isNodePort(flow.original().destination())) {
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
        if (replies != null && replies.answered() && replies.tuple().equals(flow.original()) && Ttl.fresh(replies.replyTtl())) {
            nodesReached.putIfAbsent(called.address(), node);
        } else if (Reconstructor.isNodePort(called)) {
            nodesAsked.putIfAbsent(new TransportEndpoint(flow.protocol(), called), node);
        }
    }

    private void learnNodes(Flow flow, FiveTuple original, FiveTuple translated, boolean fromPod, boolean neighbour) {
        String entry = null;
        boolean passedOn = false;
        for (Place place : flow.places()) {
            PointRole role = captures.role(place.point());
            if (place.level() == 0 && captures.showsNodeInterface(place.point())) {
                passedOn |= entry != null && !entry.equals(captures.node(place.point()));
                entry = captures.node(place.point());
            }
            if (place.level() > 0 && role == PointRole.POD) {
                podPoints.put(translated.destination().address(), place.point());
            }
            String node = captures.node(place.point());
            if (place.level() > 0 && role == PointRole.BRIDGE && node != null && entry != null && !entry.equals(node)) {
                deliveredOn.add(node);
            }
            FlowLeg requests = flow.requestLeg(place);
            if (place.level() > 0 && role == PointRole.BRIDGE && requests != null && requests.requestTtl() >= 0
                    && !Ttl.fresh(requests.requestTtl())) {
                deliveredTo.add(requests.tuple().destination().address());
                deliveredCidrs.add(usualPodCidr(translated.destination().address()));
            }
            if (fromPod && role == PointRole.BRIDGE && node != null && requests != null && Ttl.fresh(requests.requestTtl())
                    && requests.tuple().source().equals(original.source())) {
                // No router lies between the caller and its bridge.
                podNodes.put(original.source().address(), node);
                learnCidr(original.source().address(), node);
            }
            FlowLeg replies = flow.replyLeg(place);
            // On all interfaces of a node a bridge and its ports show what is for a pod on it more than once.
            boolean atPods = captures.showsPods(place.point()) || role == PointRole.ANY && requests != null && requests.copies() > 0;
            if (place.level() > 0 && atPods && node != null && replies != null && Ttl.fresh(replies.replyTtl())) {
                podNodes.put(translated.destination().address(), node);
                learnCidr(translated.destination().address(), node);
            }
            if (place.level() > 0 && role == PointRole.NODE_INTERFACE && node != null && entry != null && !entry.equals(node)
                    && replies != null) {
                learnBehindInterface(translated.destination().address(), node, replies);
            }
        }
        IpAddress source = translated.source().address();
        if (!source.equals(original.source().address()) && usualPodCidr(translated.destination().address()).contains(source)) {
            // Masqueraded with the address of the bridge that it was sent on: to a pod on the same node.
            deliveredCidrs.add(usualPodCidr(source));
        }
        // A pod's call of a node port that its own node passed on came to another node by that node's address.
        boolean calledByAddress = !fromPod || passedOn && Reconstructor.isNodePort(original.destination());
        if (calledByAddress && entry != null) {
            if (neighbour) {
                calledByNeighbours.computeIfAbsent(usualPodCidr(original.source().address()), c -> new TreeMap<>())
                        .putIfAbsent(original.destination().address(), entry);
            } else {
                nodes.putIfAbsent(original.destination().address(), entry);
            }
        }
        if (!source.equals(original.source().address())) {
            masqueradeAddresses.add(source);
            if (source.equals(original.destination().address()) && entry != null) {
                nodes.put(source, entry);
            }
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

    /** kube-controller-manager gives each node a /24 (IPv4) or /64 (IPv6) by default; two nodes in one prefix take the guess back. */
    private void learnCidr(IpAddress pod, String node) {
        Cidr cidr = usualPodCidr(pod);
        String other = podCidrs.putIfAbsent(cidr, node);
        if (other != null && !other.equals(node)) {
            contestedCidrs.add(cidr);
        }
    }

    /** The prefix that a node's pods have by default. */
    public static Cidr usualPodCidr(IpAddress pod) {
        return new Cidr(pod, pod.v6() ? 64 : 24);
    }

    /** A flow as the nodes know it: what stands in front of them may have translated it already. */
    public Flow arrived(Flow flow) {
        return balancers.expected(flow);
    }

    /** Whether a flow's client called what hands connections to any of several nodes, and no node shows this one. */
    boolean isSpread(Flow flow) {
        return balancers.isSpread(flow);
    }

    /** What the dumps tell. */
    public ClusterIndex told() {
        return told;
    }

    /** The node with this address of its own, or null. */
    public String nodeOf(IpAddress address) {
        ClusterState.Node node = told.nodeOfAddress(address);
        return node != null ? node.name() : nodes.containsKey(address) ? nodes.get(address) : nodesReached.get(address);
    }

    /** The node of a pod, told, seen or guessed from its neighbours; or null. */
    public String nodeOfPod(IpAddress address) {
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

    /** Whether a capture on a node showed pods of its own, or what came for them from another node. */
    public boolean podsSeenOn(String node) {
        return nodesOfPods.contains(node) || nodesOfPodsV6.contains(node) || deliveredOn.contains(node);
    }

    /** Whether a capture on a node showed pods of its own, with addresses of one family. */
    public boolean podsSeenOn(String node, boolean v6) {
        return (v6 ? nodesOfPodsV6 : nodesOfPods).contains(node);
    }

    /** Whether pods of several prefixes were called, and of none it is known which node it belongs to. */
    boolean severalHomeless(boolean v6) {
        return (v6 ? homelessCidrsV6 : homelessCidrs).size() > 1;
    }

    /** Whether an address is a pod's, told or seen to be chosen as an endpoint, to be called on a bridge or to call from one. */
    public boolean isPod(IpAddress address) {
        return told.isPodAddress(address) || podNodes.containsKey(address)
                || deliveredTo.contains(address) && !isNodeAddress(address)
                || callers.contains(address) && told.nodeOfAddress(address) == null
                || told.state().nodes().isEmpty() && podCidrs.containsKey(usualPodCidr(address));
    }

    /** The service that a destination means, as told; null if nothing tells. */
    public ClusterIndex.Front toldFront(Protocol protocol, Endpoint destination) {
        return told.frontOf(protocol, destination);
    }

    /** Whether a listing of conntrack can mean this connection: of all that used its ports, one after the other, it knows the last. */
    public boolean lastOfItsPorts(Flow flow) {
        return flow.start().equals(lastStartOfListed.get(flow.original()));
    }

    /** Whether flows showed that a destination is translated to endpoints. */
    public boolean translates(Protocol protocol, Endpoint destination) {
        return fronts.containsKey(new TransportEndpoint(protocol, destination));
    }

    /** Whether flows showed connections translated to an endpoint, whatever was called. */
    public boolean isChosen(Protocol protocol, Endpoint endpoint) {
        return chosen.contains(new TransportEndpoint(protocol, endpoint));
    }

    /**
     * Whether a port in the range of node ports was called at a node, translated or not: a healthCheckNodePort is one on every node, and
     * kube-proxy itself answers there.
     */
    boolean isNodesPort(Protocol protocol, int port) {
        return translatesPort(protocol, port) || calledAtNodes.contains(new ProtocolPort(protocol, port));
    }

    /** Whether flows showed that a port is translated at any address: a node port is one on every node. */
    public boolean translatesPort(Protocol protocol, int port) {
        return translatedPorts.contains(new ProtocolPort(protocol, port));
    }

    /**
     * Whether a node rejected what a pod, or a client, called as this flow does; kube-proxy lets it where a service has no endpoints. Not
     * of every call it says so: Linux sends one asker six ICMP errors at once, then one in a second (net.ipv4.icmp_ratelimit).
     */
    boolean rejects(Flow flow, boolean callsOfPods) {
        Set<TransportEndpoint> rejected = callsOfPods ? rejectedToPods : rejectedToClients;
        return rejected.contains(new TransportEndpoint(flow.protocol(), flow.original().destination()));
    }

    /** Whether pods, and nobody else, call a destination that is translated. */
    public boolean calledByPodsOnly(Protocol protocol, Endpoint destination) {
        FrontFacts facts = fronts.get(new TransportEndpoint(protocol, destination));
        return facts != null && !facts.calledFromOutside && (facts.calledByPods || !facts.calledByNeighbours.isEmpty())
                && podCidrs.keySet().containsAll(facts.calledByNeighbours);
    }

    /** Whether the node that a destination's connections came to masquerades them with another address, which is its own. */
    public boolean calledByForeignAddress(Protocol protocol, Endpoint destination) {
        FrontFacts facts = fronts.get(new TransportEndpoint(protocol, destination));
        return facts != null && facts.sentByAnother;
    }

    /**
     * Whether flows showed what a destination is translated to, and each kept its client's address. A node port is one service's on every
     * node and in both families: where this one shows none, others tell its policy.
     */
    boolean keepsSources(Protocol protocol, Endpoint destination) {
        FrontFacts facts = fronts.get(new TransportEndpoint(protocol, destination));
        ProtocolPort port = new ProtocolPort(protocol, destination.port());
        return facts != null ? !facts.masqueraded
                : Reconstructor.isNodePort(destination) && translatedPorts.contains(port) && !masqueradedPorts.contains(port);
    }

    private void findServedLocally() {
        Set<ProtocolPort> servedElsewhere = new HashSet<>(masqueradedPorts);
        fronts.forEach((front, facts) -> {
            ProtocolPort port = new ProtocolPort(front.protocol(), front.endpoint().port());
            String called = nodeOf(front.endpoint().address());
            for (Endpoint endpoint : facts.endpoints) {
                String node = isHostNetwork(endpoint) ? nodeOf(endpoint.address()) : nodeOfPod(endpoint.address());
                if (node != null) {
                    servedOn.computeIfAbsent(node, n -> new HashSet<>()).add(endpoint.port());
                }
                if (node == null || !node.equals(called)) {
                    servedElsewhere.add(port);
                } else if (facts.answered && facts.calledFromOutside && Reconstructor.isNodePort(front.endpoint())) {
                    servedLocally.computeIfAbsent(port, p -> new HashSet<>()).add(endpoint.port());
                }
            }
        });
        servedLocally.keySet().removeAll(servedElsewhere);
    }

    /**
     * Whether other nodes show a node port under externalTrafficPolicy Local, and this one no endpoint: clients from outside were answered
     * there, all by pods of the very node that they called, and no address of theirs was masqueraded. A node port has one policy on every
     * node.
     */
    public boolean servedLocallyElsewhere(Protocol protocol, Endpoint destination, String node) {
        Set<Integer> ports = servedLocally.get(new ProtocolPort(protocol, destination.port()));
        return ports != null && !translates(protocol, destination) && Collections.disjoint(ports, servedOn.getOrDefault(node, Set.of()));
    }

    /** Whether nodes serve a node port as under externalTrafficPolicy Local, each by pods of its own, and none otherwise. */
    public boolean servedLocally(Protocol protocol, Endpoint destination) {
        return servedLocally.containsKey(new ProtocolPort(protocol, destination.port()));
    }

    /** The endpoints that flows showed behind a destination; the same port of any node counts. */
    public Set<Endpoint> seenEndpoints(Protocol protocol, Endpoint destination) {
        FrontFacts facts = fronts.get(new TransportEndpoint(protocol, destination));
        return facts == null ? Set.of() : new LinkedHashSet<>(facts.endpoints);
    }

    /** Whether an address is one that the node itself has: it masqueraded to it, or was called at it. */
    public boolean isNodeAddress(IpAddress address) {
        return told.nodeOfAddress(address) != null || nodes.containsKey(address) || nodesReached.containsKey(address);
    }

    /**
     * Whether nothing tells of the nodes and an endpoint has an address beside one of theirs, where no pods were seen: it may be a node's.
     */
    public boolean mayBeNode(Endpoint endpoint) {
        Cidr beside = usualPodCidr(endpoint.address());
        return told.state().nodes().isEmpty() && !podCidrs.containsKey(beside)
                && nodes.keySet().stream().anyMatch(node -> usualPodCidr(node).equals(beside));
    }

    /** Whether an endpoint is surely a pod behind its node: no node's address, and in a network of which no node is known to have one. */
    public boolean isRoutedTo(Endpoint endpoint) {
        Cidr beside = usualPodCidr(endpoint.address());
        for (ClusterState.Node node : told.state().nodes()) {
            for (IpAddress address : node.addresses()) {
                if (usualPodCidr(address).equals(beside)) {
                    return false;
                }
            }
        }
        return !nodes.isEmpty() && !isNodeAddress(endpoint.address())
                && nodes.keySet().stream().noneMatch(node -> usualPodCidr(node).equals(beside));
    }

    /** Whether an endpoint is the node itself, as a pod in its host's network is: no bridge is on its way. */
    public boolean isHostNetwork(Endpoint endpoint) {
        return endpoint != null && isNodeAddress(endpoint.address());
    }

    /**
     * The capture point on the interface of an endpoint's pod, -1 if there is none: where connections to it were seen; or the only captured
     * pod that called nobody, if no other endpoint was chosen.
     */
    public int podPoint(Endpoint endpoint) {
        Integer seen = podPoints.get(endpoint.address());
        if (seen != null) {
            return seen;
        }
        return onlyEndpoint == null || onlyEndpoint.equals(endpoint.address()) ? onlyCalledPod : -1;
    }

    private void findOnlyCalledPod() {
        List<Integer> called = captures.find(PointRole.POD, null);
        called.removeIf(pod -> originalsAt(pod) > 0);
        Set<IpAddress> addresses = new HashSet<>();
        chosen.forEach(endpoint -> addresses.add(endpoint.endpoint().address()));
        if (called.size() == 1 && podPoints.isEmpty() && addresses.size() <= 1) {
            onlyCalledPod = called.get(0);
            onlyEndpoint = addresses.isEmpty() ? null : addresses.iterator().next();
        }
    }

    private void findHomeless() {
        for (FrontFacts facts : fronts.values()) {
            for (Endpoint endpoint : facts.endpoints) {
                IpAddress address = endpoint.address();
                Cidr cidr = usualPodCidr(address);
                if (nodeOfPod(address) == null && !isNodeAddress(address) && !deliveredCidrs.contains(cidr)) {
                    (address.v6() ? homelessCidrsV6 : homelessCidrs).add(cidr);
                }
            }
        }
    }

    private void findUntoldServices() {
        if (untold == null) {
            return;
        }
        nodes.keySet().forEach(untold::inhabited);
        for (TransportEndpoint front : fronts.keySet()) {
            IpAddress address = front.endpoint().address();
            if (calledByPodsOnly(front.protocol(), front.endpoint()) && !isNodeAddress(address) && !masqueradeAddresses.contains(address)
                    && !Reconstructor.isNodePort(front.endpoint())) {
                untold.service(address);
            }
        }
    }

    /** Whether nothing tells of services, and a pod called in vain what must be one. */
    boolean callsUntoldService(Flow flow) {
        return untold != null && untold.calledInVain(flow, this);
    }

    /** Whether a node's interface shows what comes for its pods: a capture filter may hide it. */
    public boolean showsDeliveries(int point) {
        return translatedAt(point) > 0 || !deliveredOn.contains(captures.node(point));
    }

    /** Whether a client's address was seen at a capture point of clients. */
    public boolean isClientAt(int point, IpAddress address) {
        return clientsAt.get(point).contains(address);
    }

    /** Connections of which a point showed the client's own tuple. */
    public int originalsAt(int point) {
        return filters.originalsAt(point);
    }

    /** Connections of which a point showed a translated tuple. */
    public int translatedAt(int point) {
        return filters.translatedAt(point);
    }

    /** Addresses that flows were masqueraded to. */
    public Set<IpAddress> masqueradeAddresses() {
        return masqueradeAddresses;
    }

    /** Nodes by address, told or seen. */
    public Map<IpAddress, String> nodesByAddress() {
        return nodes;
    }

    /** All destinations that were translated, with the endpoints behind them, as text. */
    public Map<String, Set<Endpoint>> seenFronts() {
        Map<String, Set<Endpoint>> all = new TreeMap<>();
        fronts.forEach((front, facts) -> all.put(front.protocol().label() + " " + front.endpoint(), facts.endpoints));
        return all;
    }
}
