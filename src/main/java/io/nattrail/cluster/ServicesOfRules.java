package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The services and endpoints that kube-proxy's rules on the nodes imply, for dumps without the API's objects. Session affinity and the
 * health check's port are not among it, and of {@code internalTrafficPolicy} nothing is concluded.
 */
final class ServicesOfRules {
    /** A rule, and what its front is to its service; kind is null if the dump does not tell. */
    record KnownRule(ClusterState.ServiceRule rule, DumpFacts.FrontKind kind) {
    }

    /** {@code namespace/name} and the port's name, of {@code namespace/name:port}. */
    private record PortKey(String portName, Protocol protocol) {
        // Written by hand, as in FrontKey.

        @Override
        public boolean equals(Object other) {
            return other instanceof PortKey that && protocol == that.protocol && portName.equals(that.portName);
        }

        @Override
        public int hashCode() {
            return 31 * protocol.number() + portName.hashCode();
        }
    }

    private static final class Port {
        int number;
        int nodePort;
        List<Endpoint> last = List.of();
        final Set<Endpoint> endpoints = new TreeSet<>();
    }

    private static final class Told {
        final Set<IpAddress> clusterIps = new TreeSet<>();
        final Set<IpAddress> externalAddresses = new TreeSet<>();
        final Map<PortKey, Port> ports = new LinkedHashMap<>();
        boolean externalLocal;
    }

    /** Of all services together. Kubernetes is tested with 150,000 pods at most. */
    static final int MOST_ENDPOINTS = 500_000;

    private final Map<String, Told> told = new TreeMap<>();
    private long left = MOST_ENDPOINTS;

    ServicesOfRules(Collection<KnownRule> rules) {
        for (KnownRule known : rules) {
            if (known.rule().service() != null) {
                add(known);
            }
        }
    }

    private void add(KnownRule known) {
        ClusterState.ServiceRule rule = known.rule();
        // A name before the slash has none, but whoever writes a comment may.
        int colon = rule.service().indexOf(':', rule.service().indexOf('/'));
        String key = colon < 0 ? rule.service() : rule.service().substring(0, colon);
        Told service = told.computeIfAbsent(key, k -> new Told());
        Port port = service.ports.computeIfAbsent(
                new PortKey(colon < 0 ? "" : rule.service().substring(colon + 1), rule.protocol()), k -> new Port());
        // The rules of a service's fronts mostly share one list.
        if (port.last != rule.endpoints()) {
            port.last = rule.endpoints();
            left -= port.last.size();
            if (left >= 0) {
                port.endpoints.addAll(port.last);
            }
        }
        if (rule.front() == null) {
            port.nodePort = rule.nodePort();
        } else {
            port.number = rule.front().port();
            (known.kind() == DumpFacts.FrontKind.EXTERNAL ? service.externalAddresses : service.clusterIps).add(rule.front().address());
        }
        if (known.kind() == DumpFacts.FrontKind.EXTERNAL || known.kind() == DumpFacts.FrontKind.NODE_PORT) {
            // kube-proxy masquerades all external traffic, except with the policy Local; it drops only where that leaves no endpoint.
            service.externalLocal |= rule.fate() == ClusterState.Fate.DROP
                    || rule.fate() == ClusterState.Fate.FORWARD && !rule.masquerade();
        }
    }

    /** Whether there were more endpoints than can be sensible. */
    boolean isCut() {
        return left < 0;
    }

    List<ClusterState.Service> services() {
        List<ClusterState.Service> services = new ArrayList<>();
        for (Map.Entry<String, Told> entry : told.entrySet()) {
            Told service = entry.getValue();
            List<ClusterState.ServicePort> ports = new ArrayList<>();
            for (Map.Entry<PortKey, Port> named : service.ports.entrySet()) {
                PortKey name = named.getKey();
                Port port = named.getValue();
                if (port.number > 0) {
                    Set<Integer> targets = new LinkedHashSet<>();
                    for (Endpoint endpoint : port.endpoints) {
                        targets.add(endpoint.port());
                    }
                    ports.add(new ClusterState.ServicePort(name.portName(), name.protocol(), port.number,
                            targets.size() == 1 ? targets.iterator().next().toString() : "", port.nodePort));
                }
            }
            if (!ports.isEmpty()) {
                String key = entry.getKey();
                int slash = key.indexOf('/');
                services.add(new ClusterState.Service(key.substring(0, slash), key.substring(slash + 1), List.copyOf(service.clusterIps),
                        List.copyOf(service.externalAddresses), service.externalLocal, false, 0, 0, ports));
            }
        }
        return services;
    }

    /** Of all nodes' rules together; where a pod is, rules do not tell. */
    List<ClusterState.ServiceEndpoint> endpoints() {
        List<ClusterState.ServiceEndpoint> endpoints = new ArrayList<>();
        for (Map.Entry<String, Told> service : told.entrySet()) {
            for (Map.Entry<PortKey, Port> port : service.getValue().ports.entrySet()) {
                for (Endpoint endpoint : port.getValue().endpoints) {
                    endpoints.add(new ClusterState.ServiceEndpoint(service.getKey(), port.getKey().portName(), port.getKey().protocol(),
                            endpoint, null, null, true, false));
                }
            }
        }
        return endpoints;
    }
}
