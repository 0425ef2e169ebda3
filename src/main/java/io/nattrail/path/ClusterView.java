package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

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
    private final SeenAddresses addresses;
    private final SeenFronts fronts;
    private final UntakenCalls untaken;
    private final PodPoints podPoints;
    private final OwnConnections ownConnections;
    private final List<Set<IpAddress>> clientsAt = new ArrayList<>();
    private final Map<FiveTuple, SeenFrame> lastStartOfListed = new HashMap<>();

    private ClusterView(ClusterIndex told, CaptureSet captures) {
        this.told = told;
        this.captures = captures;
        balancers = new Balancers(told, captures);
        filters = new FilterSigns(told, captures);
        untold = told.state().services().isEmpty() ? new UntoldServices(captures) : null;
        addresses = new SeenAddresses(told, captures);
        fronts = new SeenFronts(addresses);
        untaken = new UntakenCalls(captures);
        podPoints = new PodPoints(captures);
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
            addresses.settle(fronts);
            filters.settle(ClusterView.this);
            fronts.settle();
            podPoints.settle(fronts.endpointAddresses(), filters, addresses::knownNodeOfPod);
            if (untold != null) {
                addresses.nodesByAddress().keySet().forEach(untold::inhabited);
                fronts.clusterIps().forEach(untold::service);
            }
            ownConnections.settle(ClusterView.this::nodeOf);
            return ClusterView.this;
        }
    }

    /** Whether what clients did after their SYNs, and not their questions one after the other, tells that a point hides answers. */
    public boolean hiddenByHandshakes(int point) {
        return filters.hiddenByHandshakes(point);
    }

    /** Whether only ARP of the caller, answered unseen, tells that a point hides what comes in. */
    public boolean hiddenByNeighbours(int point) {
        return filters.hiddenByNeighbours(point);
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
        return filters.hiddenLegs().mayHide(flow, point, translatedSide, way) || translatedSide && filters.hidesWhatIsEncrypted(point);
    }

    /**
     * Whether a node's interface shows nothing of the pods' side because the nodes encrypt what they send each other: then that something
     * left the node shows nowhere before the other node's bridge.
     */
    public boolean showsOnlyEncrypted(int point) {
        return filters.showsOnlyEncrypted(point);
    }

    /** Whether a point shows one side and direction of a connection that no filter can tell from this one. */
    public boolean showsAlike(Flow flow, int point, boolean translatedSide, Direction way) {
        return filters.hiddenLegs().showsAlike(flow, point, translatedSide, way);
    }

    /** How many connections prove that a point's filter hides one side and direction of some, though it shows others'. */
    public int hiddenProofs(int point, boolean translatedSide, Direction way) {
        return filters.hiddenLegs().proofs(point, translatedSide, way);
    }

    /** Whether a point beside pods hides what is sent to one that answered a neighbour's question, or refused a datagram. */
    public boolean hidesWhatIsSent(int point) {
        return filters.hiddenLegs().hidesWhatIsSent(point);
    }

    /**
     * How many connections passed a point whose capture lacks what their clients sent, though it ran all the while and shows others that no
     * filter can tell from them: it drops packets.
     */
    public int lacking(int point) {
        return filters.hiddenLegs().lacking(point);
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
        return podPoints.isAt(pod, point);
    }

    /** Connections that nodes opened themselves. */
    public OwnConnections ownConnections() {
        return ownConnections;
    }

    private void learn(Flow flow) {
        FiveTuple original = flow.original();
        FiveTuple translated = flow.translated();
        if (translated == null && original.isLoopback()) {
            return;
        }
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
        fromPod |= told.isPodAddress(original.source().address()) || BridgedCalls.fromPod(flow, captures);
        if (fromPod) {
            addresses.addCaller(original.source().address());
        }
        if (translated == null) {
            addresses.addUntranslated(flow);
            untaken.add(flow);
        } else if (!translated.destination().equals(original.destination())) {
            Caller caller = fromPod ? Caller.POD : mayBeCallingPod(flow) ? Caller.POD_OR_NEIGHBOUR : Caller.OUTSIDE;
            fronts.add(flow, caller);
            addresses.addTranslated(flow, caller);
            podPoints.add(flow);
        }
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

    /**
     * Whether a node sent a client's requests on as they came, again and again, and no other capture shows them: a load balancer left its
     * own address in them, and no rule of the node took them. Nodes are nobody's routers, unless some such connection is answered.
     */
    boolean passedOnInVain(Flow flow) {
        return untaken.passedOnInVain(flow);
    }

    /** The prefix that a node's pods have by default. */
    public static Cidr usualPodCidr(IpAddress pod) {
        return SeenAddresses.usualPodCidr(pod);
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
        return addresses.nodeOf(address);
    }

    /** Whether an address is beside another one that a node was called by, and hardly that node's own, too. */
    boolean isNeighbours(IpAddress address, String node) {
        return addresses.isNeighbours(address, node);
    }

    /** The node of a pod, told, seen or guessed from its neighbours; or null. */
    public String nodeOfPod(IpAddress address) {
        return addresses.nodeOfPod(address);
    }

    /** The node of a pod, told or seen; or null. */
    String knownNodeOfPod(IpAddress address) {
        return addresses.knownNodeOfPod(address);
    }

    /** Whether a capture on a node showed pods of its own, or what came for them from another node. */
    boolean podsSeenOn(String node) {
        return addresses.podsSeenOn(node);
    }

    /** Whether a capture on a node showed pods of its own, with addresses of one family. */
    boolean podsSeenOn(String node, boolean v6) {
        return addresses.podsSeenOn(node, v6);
    }

    /** Whether pods of several prefixes were called, and of none it is known which node it belongs to. */
    boolean severalHomeless(boolean v6) {
        return addresses.severalHomeless(v6);
    }

    /** Whether an address is a pod's, told or seen to be chosen as an endpoint, to be called on a bridge or to call from one. */
    public boolean isPod(IpAddress address) {
        return addresses.isPod(address);
    }

    /** The service that a destination means, as told; null if nothing tells. */
    public ClusterIndex.Front toldFront(Protocol protocol, Endpoint destination) {
        return told.frontOf(protocol, destination);
    }

    /** Whether a listing of conntrack can mean this connection: of all that used its ports, one after the other, it knows the last. */
    boolean lastOfItsPorts(Flow flow) {
        return flow.start().equals(lastStartOfListed.get(flow.original()));
    }

    /** Whether flows showed that a destination is translated to endpoints. */
    public boolean translates(Protocol protocol, Endpoint destination) {
        return fronts.translates(protocol, destination);
    }

    /** Whether flows showed connections translated to an endpoint, whatever was called. */
    public boolean isChosen(Protocol protocol, Endpoint endpoint) {
        return fronts.isChosen(protocol, endpoint);
    }

    /**
     * Whether a port in the range of node ports was called at a node, translated or not: a healthCheckNodePort is one on every node, and
     * kube-proxy itself answers there.
     */
    boolean isNodesPort(Protocol protocol, int port) {
        return fronts.translatesPort(protocol, port) || addresses.calledAtNode(protocol, port);
    }

    /** Whether flows showed that a port is translated at any address: a node port is one on every node. */
    public boolean translatesPort(Protocol protocol, int port) {
        return fronts.translatesPort(protocol, port);
    }

    /**
     * Whether a node rejected what a pod called as this flow does, as kube-proxy has it do where a service has no endpoints. Not every such
     * call is told so: Linux sends one asker six ICMP errors at once, then one each second (net.ipv4.icmp_ratelimit).
     */
    boolean rejectedToPods(Flow flow) {
        return untaken.rejectedToPods(flow);
    }

    /** The same of what a client called. */
    boolean rejectedToClients(Flow flow) {
        return untaken.rejectedToClients(flow);
    }

    /** Whether pods, and nobody else, call a destination that is translated. */
    boolean calledByPodsOnly(Protocol protocol, Endpoint destination) {
        return fronts.calledByPodsOnly(protocol, destination);
    }

    /** Whether the node that a destination's connections came to masquerades them with another address, which is its own. */
    boolean calledByForeignAddress(Protocol protocol, Endpoint destination) {
        return fronts.calledByForeignAddress(protocol, destination);
    }

    /**
     * Whether flows showed what a destination is translated to, and each kept its client's address. A node port is one service's on every
     * node and in both families: where this one shows none, others tell its policy.
     */
    boolean keepsSources(Protocol protocol, Endpoint destination) {
        return fronts.keepsSources(protocol, destination);
    }

    /**
     * Whether other nodes show a node port under externalTrafficPolicy Local, and this one no endpoint: clients from outside were answered
     * there, all by pods of the very node that they called, and no address of theirs was masqueraded. A node port has one policy on every
     * node.
     */
    public boolean servedLocallyElsewhere(Protocol protocol, Endpoint destination, String node) {
        return fronts.servedLocallyElsewhere(protocol, destination, node);
    }

    /** Whether nodes serve a node port as under externalTrafficPolicy Local, each by pods of its own, and none otherwise. */
    public boolean servedLocally(Protocol protocol, Endpoint destination) {
        return fronts.servedLocally(protocol, destination);
    }

    /** The endpoints that flows showed behind a destination; the same port of any node counts. */
    public Set<Endpoint> seenEndpoints(Protocol protocol, Endpoint destination) {
        return fronts.endpoints(protocol, destination);
    }

    /** Whether an address is one that the node itself has: it masqueraded to it, or was called at it. */
    public boolean isNodeAddress(IpAddress address) {
        return addresses.isNode(address);
    }

    /**
     * Whether nothing tells of the nodes and an endpoint has an address beside one of theirs, where no pods were seen: it may be a node's.
     */
    public boolean mayBeNode(Endpoint endpoint) {
        return addresses.mayBeNode(endpoint.address());
    }

    /** Whether an endpoint is surely a pod behind its node: no node's address, and in a network of which no node is known to have one. */
    public boolean isRoutedTo(Endpoint endpoint) {
        return addresses.isRoutedTo(endpoint.address());
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
        return podPoints.of(endpoint.address());
    }

    /** Whether nothing tells of services, and a pod called in vain what must be one. */
    boolean callsUntoldService(Flow flow) {
        return untold != null && untold.calledInVain(flow, this);
    }

    /** Whether a node's interface shows what comes for its pods: a capture filter may hide it. */
    public boolean showsDeliveries(int point) {
        return translatedAt(point) > 0 || !addresses.deliveredOn(captures.node(point));
    }

    /** Whether a client's address was seen at a capture point of clients. */
    public boolean isClientAt(int point, IpAddress address) {
        return clientsAt.get(point).contains(address);
    }

    /** Whether answers come to a node, at the address that clients call, to questions that its interface does not show. */
    public boolean showsAnswersToUnseen(int point) {
        return filters.showsAnswersToUnseen(point);
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
        return addresses.masqueradeAddresses();
    }

    /** Nodes by address, told or seen. */
    public Map<IpAddress, String> nodesByAddress() {
        return addresses.nodesByAddress();
    }

    /** All destinations that were translated, with the endpoints behind them, as text. */
    public Map<String, Set<Endpoint>> seenFronts() {
        return fronts.endpointsByFront();
    }
}
