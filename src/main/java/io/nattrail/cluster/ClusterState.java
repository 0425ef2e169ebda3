package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.List;
import java.util.Objects;

/**
 * All that the user's dumps tell of the cluster, as it was when they were taken. Every list may be empty: nothing told is not the same as
 * nothing there.
 *
 * @param connections conntrack entries and events
 * @param rules what kube-proxy's rules (iptables, nftables or IPVS) do with a service on a node
 * @param notes remarks about dumps that were not understood or contradict each other
 * @param endpointsTold services (namespace/name) of which EndpointSlices or Endpoints were told, also those that hold no endpoint; services
 *     whose endpoints only a node's rules tell are not among them
 */
public record ClusterState(List<Node> nodes, List<Service> services, List<ServiceEndpoint> endpoints, List<Pod> pods,
        List<Connection> connections, List<ServiceRule> rules, List<String> notes, List<String> endpointsTold) {
    /** Nothing is told. */
    public static final ClusterState EMPTY = new ClusterState(List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public ClusterState {
        nodes = List.copyOf(nodes);
        services = List.copyOf(services);
        endpoints = List.copyOf(endpoints);
        pods = List.copyOf(pods);
        connections = List.copyOf(connections);
        rules = List.copyOf(rules);
        notes = List.copyOf(notes);
        endpointsTold = List.copyOf(endpointsTold);
    }

    /** A state whose endpoints were all told by EndpointSlices or Endpoints that hold some. */
    public ClusterState(List<Node> nodes, List<Service> services, List<ServiceEndpoint> endpoints, List<Pod> pods,
            List<Connection> connections, List<ServiceRule> rules, List<String> notes) {
        this(nodes, services, endpoints, pods, connections, rules, notes,
                endpoints.stream().map(ServiceEndpoint::service).distinct().sorted().toList());
    }

    /**
     * A node.
     *
     * @param addresses its own addresses, the primary one first
     * @param podCidrs prefixes of its pods
     */
    public record Node(String name, List<IpAddress> addresses, List<Cidr> podCidrs) {
        public Node {
            addresses = List.copyOf(addresses);
            podCidrs = List.copyOf(podCidrs);
        }
    }

    /**
     * A service.
     *
     * @param clusterIps empty for a headless service
     * @param externalAddresses external IPs and those of load balancers
     * @param externalLocal {@code externalTrafficPolicy: Local}
     * @param internalLocal {@code internalTrafficPolicy: Local}
     * @param affinitySeconds of {@code sessionAffinity: ClientIP}; 0 for none
     * @param healthCheckNodePort 0 for none
     */
    public record Service(String namespace, String name, List<IpAddress> clusterIps, List<IpAddress> externalAddresses,
            boolean externalLocal, boolean internalLocal, int affinitySeconds, int healthCheckNodePort, List<ServicePort> ports) {
        public Service {
            clusterIps = List.copyOf(clusterIps);
            externalAddresses = List.copyOf(externalAddresses);
            ports = List.copyOf(ports);
        }

        /** namespace/name. */
        public String key() {
            return namespace + "/" + name;
        }
    }

    /**
     * A port of a service.
     *
     * @param name empty if it has none
     * @param targetPort a number or a name, as written
     * @param nodePort 0 for none
     */
    public record ServicePort(String name, Protocol protocol, int port, String targetPort, int nodePort) {
    }

    /**
     * An address behind a service port.
     *
     * @param service namespace/name
     * @param portName empty if it has none
     * @param node null if not told
     * @param pod namespace/name, null if not told
     * @param serving whether it answers, though it may be terminating
     * @param forZones whether hints keep it for clients in some zones
     */
    public record ServiceEndpoint(String service, String portName, Protocol protocol, Endpoint address, String node, String pod,
            boolean ready, boolean terminating, boolean serving, boolean forZones) {
        /** One for all zones, which serves as long as it is ready. */
        public ServiceEndpoint(String service, String portName, Protocol protocol, Endpoint address, String node, String pod, boolean ready,
                boolean terminating) {
            this(service, portName, protocol, address, node, pod, ready, terminating, ready, false);
        }

        /** Whether new connections may go there: kube-proxy takes those that terminate and still serve where none is ready. */
        public boolean takesNew() {
            return ready || serving && terminating;
        }
    }

    /**
     * A pod.
     *
     * @param name namespace/name
     * @param node null if not scheduled
     * @param hostNetwork whether it shares its node's addresses
     */
    public record Pod(String name, List<IpAddress> addresses, String node, boolean hostNetwork, boolean ready) {
        public Pod {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * A conntrack entry or event.
     *
     * @param node where it was listed, null if the file does not tell
     * @param original as the opener sent it
     * @param reply as the answers come back before they are translated; its source is the endpoint, its destination the masquerade address
     * @param timeNanos of an event, nanoseconds since 1970; null for a listed entry
     * @param event {@code NEW}, {@code UPDATE}, {@code DESTROY}; null for a listed entry
     * @param state TCP state as conntrack names it, or null
     */
    public record Connection(String node, FiveTuple original, FiveTuple reply, Long timeNanos, String event, String state) {
        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof Connection that && original.equals(that.original) && reply.equals(that.reply)
                    && Objects.equals(node, that.node) && Objects.equals(timeNanos, that.timeNanos) && Objects.equals(event, that.event)
                    && Objects.equals(state, that.state);
        }

        @Override
        public int hashCode() {
            return 31 * original.hashCode() + reply.hashCode();
        }
    }

    /**
     * What the rules of a node do with one front of a service.
     *
     * @param node null if the file does not tell
     * @param service namespace/name:port as the rules' comments or chain names tell it, or null
     * @param front ClusterIP, external or load balancer address and port; null for a node port
     * @param nodePort 0 unless it is one
     * @param endpoints where to
     * @param masquerade whether every packet is masqueraded
     * @param v6 whether it is a rule for IPv6: a node port has rules of its own in each family
     */
    public record ServiceRule(String node, Protocol protocol, String service, Endpoint front, int nodePort, Fate fate,
            List<Endpoint> endpoints, boolean masquerade, boolean v6) {
        public ServiceRule {
            endpoints = List.copyOf(endpoints);
        }

        /** A rule whose family follows from its front or endpoints; IPv4 if it has neither. */
        public ServiceRule(String node, Protocol protocol, String service, Endpoint front, int nodePort, Fate fate,
                List<Endpoint> endpoints, boolean masquerade) {
            this(node, protocol, service, front, nodePort, fate, endpoints, masquerade,
                    front != null ? front.address().v6() : !endpoints.isEmpty() && endpoints.get(0).address().v6());
        }
    }

    /** What rules do with a packet for a service. */
    public enum Fate {
        FORWARD, REJECT, DROP
    }
}
