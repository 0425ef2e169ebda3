package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.ProtocolPort;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What kube-proxy's virtual servers in its IPVS mode mean. IPVS itself does not tell node ports from ClusterIPs, nor what is masqueraded,
 * which an ipset decides; both follow from the node's addresses and the service.
 */
final class VirtualServers {
    private final Set<IpAddress> nodeAddresses = new HashSet<>();
    private final Set<IpAddress> clusterIps = new HashSet<>();
    private final Set<IpAddress> externalAddresses = new HashSet<>();
    private final Map<ProtocolPort, ClusterState.Service> byNodePort = new HashMap<>();
    private final Map<Endpoint, ClusterState.Service> byExternal = new HashMap<>();

    VirtualServers(Collection<ClusterState.Node> nodes, Collection<ClusterState.Service> services) {
        for (ClusterState.Node node : nodes) {
            nodeAddresses.addAll(node.addresses());
        }
        for (ClusterState.Service service : services) {
            clusterIps.addAll(service.clusterIps());
            externalAddresses.addAll(service.externalAddresses());
            for (ClusterState.ServicePort port : service.ports()) {
                byNodePort.put(new ProtocolPort(port.protocol(), port.nodePort()), service);
                for (IpAddress address : service.externalAddresses()) {
                    byExternal.put(new Endpoint(address, port.port()), service);
                }
            }
        }
    }

    List<DumpFacts.Rule> rules(List<DumpFacts.VirtualServer> servers) {
        List<DumpFacts.Rule> rules = new ArrayList<>();
        Set<DumpFacts.Rule> seen = new HashSet<>();
        for (DumpFacts.VirtualServer server : servers) {
            DumpFacts.Rule rule = rule(server);
            // A node port is a virtual server at each of the node's addresses.
            if (!isLoopback(server.front().address()) && seen.add(rule)) {
                rules.add(rule);
            }
        }
        return rules;
    }

    private DumpFacts.Rule rule(DumpFacts.VirtualServer server) {
        IpAddress address = server.front().address();
        boolean v6 = address.v6();
        List<Endpoint> endpoints = server.endpoints().stream().distinct().sorted().toList();
        // The kernel answers with ICMP port unreachable where a virtual server has no real one (ip_vs_core.c, ip_vs_leave).
        ClusterState.Fate fate = endpoints.isEmpty() ? ClusterState.Fate.REJECT : ClusterState.Fate.FORWARD;
        boolean forwards = fate == ClusterState.Fate.FORWARD;
        if (isNodePort(server.front())) {
            ClusterState.Service service = byNodePort.get(new ProtocolPort(server.protocol(), server.front().port()));
            return new DumpFacts.Rule(server.protocol(), null, DumpFacts.FrontKind.NODE_PORT, null, server.front().port(), fate, endpoints,
                    forwards && (service == null || !service.externalLocal()), v6);
        }
        boolean external = externalAddresses.contains(address);
        ClusterState.Service service = byExternal.get(server.front());
        return new DumpFacts.Rule(server.protocol(), null, external ? DumpFacts.FrontKind.EXTERNAL : DumpFacts.FrontKind.CLUSTER_IP,
                server.front(), 0, fate, endpoints, forwards && external && (service == null || !service.externalLocal()), v6);
    }

    private boolean isNodePort(Endpoint front) {
        if (clusterIps.contains(front.address()) || externalAddresses.contains(front.address())) {
            return false;
        }
        return nodeAddresses.isEmpty() ? NodePortRange.contains(front) : nodeAddresses.contains(front.address());
    }

    private static boolean isLoopback(IpAddress a) {
        return a.v6() ? a.high() == 0 && a.low() == 1 : a.low() >>> 24 == 127;
    }
}
