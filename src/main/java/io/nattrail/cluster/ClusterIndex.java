package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.ProtocolPort;
import io.nattrail.net.TransportEndpoint;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Answers questions about a cluster's state, each with a few probes of hash tables, however large the cluster. Immutable. */
public final class ClusterIndex {
    /** What kind of address a client called a service by. */
    public enum Kind {
        /** An address of a node and a node port. */
        NODE_PORT,
        /** The service's address inside the cluster. */
        CLUSTER_IP,
        /** An external IP or the address of a load balancer. */
        EXTERNAL
    }

    /** A place where a port of a service is reached. */
    public record Front(ClusterState.Service service, ClusterState.ServicePort port, Kind kind) {
    }

    /** Where several rules of unknown nodes differ, none is the answer. */
    private static final ClusterState.ServiceRule SEVERAL = new ClusterState.ServiceRule(null, Protocol.TCP, null, null, 0,
            ClusterState.Fate.DROP, List.of(), false);

    /** Where several connections were translated to one tuple, none is the answer. */
    private static final ClusterState.Connection SEVERAL_CONNECTIONS = new ClusterState.Connection(null, null, null, null, null, null);

    /** Where two nodes or pods claim one address, none is the answer. */
    private static final ClusterState.Node NO_NODE = new ClusterState.Node("", List.of(), List.of());
    private static final ClusterState.Pod NO_POD = new ClusterState.Pod("", List.of(), null, false, false);

    private final ClusterState state;
    private final Map<IpAddress, ClusterState.Node> nodesByAddress = new HashMap<>();
    private final PrefixMap<ClusterState.Node> nodesByPodCidr = new PrefixMap<>();
    private final Map<IpAddress, ClusterState.Pod> podsByAddress = new HashMap<>();
    /** As EndpointSlices tell it; empty where two differ. */
    private final Map<IpAddress, String> nodesByEndpoint = new HashMap<>();
    /** Nodes that have pods outside the prefixes told for them. */
    private final Set<String> givenOtherwise = new HashSet<>();
    /** Whether pods were told to be in the prefixes of other nodes than their own. */
    private boolean prefixesMislead;
    private final Set<IpAddress> podAddresses = new HashSet<>();
    private final Map<ProtocolPort, Front> nodePorts = new HashMap<>();
    private final Map<TransportEndpoint, Front> fronts = new HashMap<>();
    private final Map<ServicePortKey, List<ClusterState.ServiceEndpoint>> endpoints = new HashMap<>();
    private final Set<String> endpointsTold;
    private final Map<RuleKey, ClusterState.ServiceRule> rules = new HashMap<>();
    private final Set<String> nodesOfRules = new HashSet<>();
    private final Map<FiveTuple, List<ClusterState.Connection>> connections = new HashMap<>();
    private final Set<String> nodesOfConnections = new HashSet<>();
    private final Map<FiveTuple, ClusterState.Connection> byTranslated = new HashMap<>();

    public ClusterIndex(ClusterState state) {
        this.state = state;
        endpointsTold = Set.copyOf(state.endpointsTold());
        for (ClusterState.Node node : state.nodes()) {
            for (IpAddress address : node.addresses()) {
                nodesByAddress.merge(address, node, (a, b) -> a.equals(b) ? a : NO_NODE);
            }
            for (Cidr cidr : node.podCidrs()) {
                nodesByPodCidr.put(cidr, node);
            }
        }
        for (ClusterState.Pod pod : state.pods()) {
            if (!pod.hostNetwork()) {
                for (IpAddress address : pod.addresses()) {
                    podsByAddress.merge(address, pod, (a, b) -> a.equals(b) ? a : NO_POD);
                    podAddresses.add(address);
                }
            }
        }
        for (ClusterState.ServiceEndpoint endpoint : state.endpoints()) {
            endpoints.computeIfAbsent(new ServicePortKey(endpoint.service(), endpoint.portName(), endpoint.protocol()),
                    k -> new ArrayList<>(4)).add(endpoint);
            if (isPod(endpoint)) {
                podAddresses.add(endpoint.address().address());
            }
            if (endpoint.node() != null && !nodesByAddress.containsKey(endpoint.address().address())) {
                nodesByEndpoint.merge(endpoint.address().address(), endpoint.node(), (a, b) -> a.equals(b) ? a : "");
            }
        }
        checkPrefixes();
        for (ClusterState.Service service : state.services()) {
            addFronts(service);
        }
        for (ClusterState.ServiceRule rule : state.rules()) {
            nodesOfRules.add(rule.node());
            rules.merge(new RuleKey(rule.node(), rule.protocol(), rule.front(), rule.nodePort(), rule.v6()), rule,
                    (a, b) -> !sameEffect(a, b) ? SEVERAL : a.service() == null ? b : a);
        }
        for (ClusterState.Connection connection : state.connections()) {
            connections.computeIfAbsent(connection.original(), k -> new ArrayList<>(1)).add(connection);
            nodesOfConnections.add(connection.node());
        }
        for (ClusterState.Connection connection : state.connections()) {
            FiveTuple translated = connection.reply().reversed();
            if (!translated.equals(connection.original())) {
                byTranslated.merge(translated, connection, (a, b) -> b.original().equals(a.original()) ? b : SEVERAL_CONNECTIONS);
            }
        }
    }

    /**
     * Each node has a prefix in the API, but not every network plugin gives its pods addresses of it: Calico's and Cilium's own address
     * management take blocks of the cluster's prefix as they come.
     */
    private void checkPrefixes() {
        podsByAddress.forEach((address, pod) -> checkPrefix(address, pod.node()));
        nodesByEndpoint.forEach(this::checkPrefix);
    }

    private void checkPrefix(IpAddress address, String node) {
        ClusterState.Node owner = nodesByPodCidr.of(address);
        if (node != null && !node.isEmpty() && (owner == null || !owner.name().equals(node))) {
            givenOtherwise.add(node);
            prefixesMislead |= owner != null;
        }
    }

    /**
     * The API names the pod behind an endpoint, or its node at least. One of which it names neither is what a service without a selector
     * leads to: any machine, as a database outside the cluster or the API server, which may be a client of other services too.
     */
    private boolean isPod(ClusterState.ServiceEndpoint endpoint) {
        return endpoint.pod() != null || endpoint.node() != null || !endpointsTold.contains(endpoint.service());
    }

    private void addFronts(ClusterState.Service service) {
        for (ClusterState.ServicePort port : service.ports()) {
            if (port.nodePort() > 0) {
                nodePorts.putIfAbsent(new ProtocolPort(port.protocol(), port.nodePort()), new Front(service, port, Kind.NODE_PORT));
            }
            for (IpAddress address : service.clusterIps()) {
                addFront(service, port, address, Kind.CLUSTER_IP);
            }
            for (IpAddress address : service.externalAddresses()) {
                addFront(service, port, address, Kind.EXTERNAL);
            }
        }
    }

    private void addFront(ClusterState.Service service, ClusterState.ServicePort port, IpAddress address, Kind kind) {
        fronts.putIfAbsent(new TransportEndpoint(port.protocol(), new Endpoint(address, port.port())), new Front(service, port, kind));
    }

    /** Whether two rules for one front do the same; not each names its service, as where nft prints those of iptables. */
    static boolean sameEffect(ClusterState.ServiceRule a, ClusterState.ServiceRule b) {
        return a.fate() == b.fate() && a.masquerade() == b.masquerade() && a.endpoints().equals(b.endpoints())
                && (a.service() == null || b.service() == null || a.service().equals(b.service()));
    }

    /** What is indexed. */
    public ClusterState state() {
        return state;
    }

    /** The node whose own address it is; null if none is known, or several claim it. */
    public ClusterState.Node nodeOfAddress(IpAddress address) {
        ClusterState.Node node = nodesByAddress.get(address);
        return node == NO_NODE ? null : node;
    }

    /**
     * The node whose pods' prefix contains the address, by the longest prefix; null if none is known, or pods are told to be on other nodes
     * than the prefixes say.
     */
    public ClusterState.Node nodeOfPodCidr(IpAddress address) {
        return prefixesMislead ? null : nodesByPodCidr.of(address);
    }

    /** Whether all pods that are told to be on a node have addresses in its prefixes; also if none is told. */
    public boolean prefixesHold(String node) {
        return !prefixesMislead && !givenOtherwise.contains(node);
    }

    /** The pod with this address of its own; null if none is known, or several claim it. */
    public ClusterState.Pod podOfAddress(IpAddress address) {
        ClusterState.Pod pod = podsByAddress.get(address);
        return pod == NO_POD ? null : pod;
    }

    /** The name of a pod's node, by what the pod says, its EndpointSlice, or the prefix that the node has for pods; null if none tells. */
    public String nodeOfPod(IpAddress pod) {
        ClusterState.Pod known = podOfAddress(pod);
        if (known != null && known.node() != null) {
            return known.node();
        }
        String ofEndpoint = nodesByEndpoint.get(pod);
        if (ofEndpoint != null && !ofEndpoint.isEmpty()) {
            return ofEndpoint;
        }
        ClusterState.Node node = nodeOfPodCidr(pod);
        return node == null ? null : node.name();
    }

    /**
     * Whether it is the address of a pod or of an endpoint that may be one, or inside a prefix of pods; not where it is a node's own, as
     * that of a bridge.
     */
    public boolean isPodAddress(IpAddress address) {
        return !nodesByAddress.containsKey(address)
                && (podAddresses.contains(address) || nodesByPodCidr.of(address) != null && !isOfNodesDevice(address));
    }

    /** The first address of its pods' prefix is what a node gives its bridge, and the one before it what it gives an overlay's device. */
    private boolean isOfNodesDevice(IpAddress address) {
        ClusterState.Node node = nodeOfPodCidr(address);
        for (Cidr cidr : node == null ? List.<Cidr>of() : node.podCidrs()) {
            IpAddress network = cidr.network();
            long ahead = address.low() - network.low();
            if (cidr.contains(address) && address.high() == network.high() && (ahead == 0 || ahead == 1)) {
                return true;
            }
        }
        return false;
    }

    /**
     * What a destination means to a client: a node's address with a node port (the port alone where no node's address is told), a
     * ClusterIP with a port, an external address with a port. Null if it is no service that is known.
     */
    public Front frontOf(Protocol protocol, Endpoint destination) {
        Front front = fronts.get(new TransportEndpoint(protocol, destination));
        if (front != null) {
            return front;
        }
        return nodesByAddress.isEmpty() || nodesByAddress.containsKey(destination.address())
                ? nodePorts.get(new ProtocolPort(protocol, destination.port()))
                : null;
    }

    /** The addresses behind a port of a service, also those that are not ready; both families. */
    public List<ClusterState.ServiceEndpoint> endpointsOf(ClusterState.Service service, ClusterState.ServicePort port) {
        return Collections.unmodifiableList(
                endpoints.getOrDefault(new ServicePortKey(service.key(), port.name(), port.protocol()), List.of()));
    }

    /** Whether any address behind a port of a service is told to be ready, or to be what kube-proxy takes where none is. */
    public boolean hasReadyEndpoint(ClusterState.Service service, ClusterState.ServicePort port) {
        for (ClusterState.ServiceEndpoint endpoint : endpointsOf(service, port)) {
            if (endpoint.takesNew()) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether EndpointSlices or Endpoints of the service were told. Only then an empty {@link #endpointsOf} means that there is none, and
     * only then it is complete: a node's rules may tell some endpoints too.
     */
    public boolean knowsEndpoints(ClusterState.Service service, ClusterState.ServicePort port) {
        return endpointsTold.contains(service.key());
    }

    /** Whether a conntrack list is of a node, or may be, as one is of which it is not told whose it is. */
    public boolean listsConnectionsOf(String node) {
        return nodesOfConnections.contains(node) || nodesOfConnections.contains(null);
    }

    /**
     * What the rules of a node do with a packet from outside the cluster for this destination.
     *
     * @param node null where it is not known
     * @param nodePort whether the destination is the node's own address, so that its port counts alone
     * @return null if no rule is known; a rule of a dump whose node is not known counts for every node of which no rules are known, unless
     *     several such dumps differ
     */
    public ClusterState.ServiceRule ruleOf(String node, Protocol protocol, Endpoint destination, boolean nodePort) {
        boolean v6 = destination.address().v6();
        Endpoint front = nodePort ? null : destination;
        int port = nodePort ? destination.port() : 0;
        ClusterState.ServiceRule rule = rules.get(new RuleKey(node, protocol, front, port, v6));
        if (rule == null && !nodesOfRules.contains(node)) {
            rule = rules.get(new RuleKey(null, protocol, front, port, v6));
        }
        return rule == SEVERAL ? null : rule;
    }

    /** The connection that conntrack translated to this tuple; null if none is known, or several used it one after the other. */
    public ClusterState.Connection translatedTo(FiveTuple translated) {
        ClusterState.Connection connection = byTranslated.get(translated);
        return connection == SEVERAL_CONNECTIONS ? null : connection;
    }

    /** Conntrack's entries and events of the connection that was opened with this tuple, on all nodes. */
    public List<ClusterState.Connection> connectionsOf(FiveTuple original) {
        return Collections.unmodifiableList(connections.getOrDefault(original, List.of()));
    }
}
