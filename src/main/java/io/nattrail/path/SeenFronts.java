package io.nattrail.path;

import io.nattrail.cluster.NodePortRange;
import io.nattrail.nat.Flow;
import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.ProtocolPort;
import io.nattrail.net.TransportEndpoint;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The destinations that flows show translated, the fronts of services: who calls them, and which endpoints are behind them. */
final class SeenFronts {
    private final SeenAddresses addresses;
    private final Map<TransportEndpoint, Front> fronts = new LinkedHashMap<>();
    /** What was chosen behind any of them. */
    private final Set<TransportEndpoint> chosen = new HashSet<>();
    private final Set<ProtocolPort> translatedPorts = new HashSet<>();
    private final Set<ProtocolPort> masqueradedPorts = new HashSet<>();
    /** Ports of the endpoints behind each node port that was served as under externalTrafficPolicy Local; filled last. */
    private final Map<ProtocolPort, Set<Integer>> servedLocally = new HashMap<>();
    /** By node, the ports of what was chosen as an endpoint on it. */
    private final Map<String, Set<Integer>> servedOn = new HashMap<>();

    /** What flows show of one address and port that clients call. */
    private static final class Front {
        private final Set<Endpoint> endpoints = new TreeSet<>();
        private boolean calledByPods;
        private boolean calledFromOutside;
        /** Networks of callers that are pods or neighbours of a node. */
        private final Set<Cidr> calledByNeighbours = new HashSet<>(2);
        private boolean answered;
        private boolean sentByAnother;
        private boolean masqueraded;
    }

    SeenFronts(SeenAddresses addresses) {
        this.addresses = addresses;
    }

    /** Takes a flow into account whose destination is translated. */
    void add(Flow flow, Caller caller) {
        FiveTuple original = flow.original();
        FiveTuple translated = flow.translated();
        ProtocolPort port = new ProtocolPort(flow.protocol(), original.destination().port());
        Front front = fronts.computeIfAbsent(new TransportEndpoint(flow.protocol(), original.destination()), f -> new Front());
        front.endpoints.add(translated.destination());
        chosen.add(new TransportEndpoint(flow.protocol(), translated.destination()));
        translatedPorts.add(port);
        switch (caller) {
            case POD -> front.calledByPods = true;
            case POD_OR_NEIGHBOUR -> front.calledByNeighbours.add(SeenAddresses.usualPodCidr(original.source().address()));
            case OUTSIDE -> front.calledFromOutside = true;
        }
        front.answered |= flow.story().clientSawSynAck();
        IpAddress sender = translated.source().address();
        if (!sender.equals(original.source().address())) {
            front.masqueraded = true;
            masqueradedPorts.add(port);
            front.sentByAnother |= !sender.equals(original.destination().address())
                    && !SeenAddresses.usualPodCidr(translated.destination().address()).contains(sender);
        }
    }

    /** All flows were seen, and it is known whose addresses are. */
    void settle() {
        Set<ProtocolPort> servedElsewhere = new HashSet<>(masqueradedPorts);
        fronts.forEach((called, front) -> {
            ProtocolPort port = new ProtocolPort(called.protocol(), called.endpoint().port());
            String entry = addresses.nodeOf(called.endpoint().address());
            for (Endpoint endpoint : front.endpoints) {
                IpAddress address = endpoint.address();
                String node = addresses.isNode(address) ? addresses.nodeOf(address) : addresses.nodeOfPod(address);
                if (node != null) {
                    servedOn.computeIfAbsent(node, n -> new HashSet<>()).add(endpoint.port());
                }
                if (node == null || !node.equals(entry)) {
                    servedElsewhere.add(port);
                } else if (front.answered && front.calledFromOutside && NodePortRange.contains(called.endpoint())) {
                    servedLocally.computeIfAbsent(port, p -> new HashSet<>()).add(endpoint.port());
                }
            }
        });
        servedLocally.keySet().removeAll(servedElsewhere);
    }

    /** The addresses of all endpoints. */
    Set<IpAddress> endpointAddresses() {
        Set<IpAddress> all = new HashSet<>();
        chosen.forEach(one -> all.add(one.endpoint().address()));
        return all;
    }

    /** Addresses that only pods call, neither at a node port nor at a node: services' own. */
    Set<IpAddress> clusterIps() {
        Set<IpAddress> all = new HashSet<>();
        for (TransportEndpoint front : fronts.keySet()) {
            IpAddress address = front.endpoint().address();
            if (calledByPodsOnly(front.protocol(), front.endpoint()) && !addresses.isNode(address)
                    && !addresses.masqueradeAddresses().contains(address) && !NodePortRange.contains(front.endpoint())) {
                all.add(address);
            }
        }
        return all;
    }

    boolean translates(Protocol protocol, Endpoint destination) {
        return fronts.containsKey(new TransportEndpoint(protocol, destination));
    }

    boolean isChosen(Protocol protocol, Endpoint endpoint) {
        return chosen.contains(new TransportEndpoint(protocol, endpoint));
    }

    boolean translatesPort(Protocol protocol, int port) {
        return translatedPorts.contains(new ProtocolPort(protocol, port));
    }

    boolean calledByPodsOnly(Protocol protocol, Endpoint destination) {
        Front front = front(protocol, destination);
        return front != null && !front.calledFromOutside && (front.calledByPods || !front.calledByNeighbours.isEmpty())
                && addresses.arePodCidrs(front.calledByNeighbours);
    }

    boolean calledByForeignAddress(Protocol protocol, Endpoint destination) {
        Front front = front(protocol, destination);
        return front != null && front.sentByAnother;
    }

    boolean keepsSources(Protocol protocol, Endpoint destination) {
        Front front = front(protocol, destination);
        ProtocolPort port = new ProtocolPort(protocol, destination.port());
        return front != null ? !front.masqueraded
                : NodePortRange.contains(destination) && translatedPorts.contains(port) && !masqueradedPorts.contains(port);
    }

    boolean servedLocallyElsewhere(Protocol protocol, Endpoint destination, String node) {
        Set<Integer> ports = servedLocally.get(new ProtocolPort(protocol, destination.port()));
        return ports != null && !translates(protocol, destination) && Collections.disjoint(ports, servedOn.getOrDefault(node, Set.of()));
    }

    boolean servedLocally(Protocol protocol, Endpoint destination) {
        return servedLocally.containsKey(new ProtocolPort(protocol, destination.port()));
    }

    Set<Endpoint> endpoints(Protocol protocol, Endpoint destination) {
        Front front = front(protocol, destination);
        return front == null ? Set.of() : new LinkedHashSet<>(front.endpoints);
    }

    Map<String, Set<Endpoint>> endpointsByFront() {
        Map<String, Set<Endpoint>> all = new TreeMap<>();
        fronts.forEach((called, front) -> all.put(called.protocol().label() + " " + called.endpoint(), front.endpoints));
        return all;
    }

    private Front front(Protocol protocol, Endpoint destination) {
        return fronts.get(new TransportEndpoint(protocol, destination));
    }
}
