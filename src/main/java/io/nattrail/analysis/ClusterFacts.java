package io.nattrail.analysis;

import io.nattrail.cluster.ClusterState;
import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.path.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** All that is known of the cluster, as the reports list it. */
final class ClusterFacts {
    private static final int MOST = 2000;

    private final ClusterView cluster;
    private final List<CaseHeader.ClusterFact> facts = new ArrayList<>();

    ClusterFacts(ClusterView cluster) {
        this.cluster = cluster;
    }

    List<CaseHeader.ClusterFact> list() {
        ClusterState state = cluster.told().state();
        for (ClusterState.Node node : state.nodes()) {
            for (IpAddress address : node.addresses()) {
                told("node", node.name(), address.toString());
            }
            for (Cidr cidr : node.podCidrs()) {
                told("pod-cidr", node.name(), cidr.toString());
            }
        }
        for (ClusterState.Service service : state.services()) {
            for (ClusterState.ServicePort port : service.ports()) {
                for (IpAddress address : service.clusterIps()) {
                    told("service", service.key() + (port.name().isEmpty() ? "" : ":" + port.name()),
                            new Endpoint(address, port.port()) + "/" + port.protocol().label() + (port.nodePort() == 0 ? ""
                                    : ", node port " + port.nodePort()));
                }
            }
        }
        for (ClusterState.ServiceEndpoint endpoint : state.endpoints()) {
            told("endpoint", endpoint.pod() == null ? endpoint.service() : endpoint.pod(), endpoint.address().toString()
                    + (endpoint.ready() ? "" : ", not ready"));
        }
        for (Map.Entry<IpAddress, String> node : cluster.nodesByAddress().entrySet()) {
            if (cluster.told().nodeOfAddress(node.getKey()) == null) {
                inferred("node", node.getValue(), node.getKey().toString());
            }
        }
        for (Map.Entry<String, Set<Endpoint>> front : cluster.seenFronts().entrySet()) {
            for (Endpoint endpoint : front.getValue()) {
                inferred("endpoint", "of " + front.getKey(), endpoint.toString());
            }
        }
        for (IpAddress address : cluster.masqueradeAddresses()) {
            inferred("masquerade-address", cluster.nodeOf(address) == null ? "-" : cluster.nodeOf(address), address.toString());
        }
        return facts.size() > MOST ? facts.subList(0, MOST) : facts;
    }

    private void told(String kind, String name, String value) {
        facts.add(new CaseHeader.ClusterFact(kind, name, value, "told"));
    }

    private void inferred(String kind, String name, String value) {
        facts.add(new CaseHeader.ClusterFact(kind, name, value, "inferred"));
    }
}
