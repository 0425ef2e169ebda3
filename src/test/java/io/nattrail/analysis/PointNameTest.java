package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.PointRole;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PointNameTest {
    @ParameterizedTest(name = "{0} is {1} of {2}")
    @CsvSource({"client, CLIENT,", "Client, CLIENT,", "client-b, CLIENT,", "pod, POD,", "pod-web-2, POD,",
        "node1-eth0, NODE_INTERFACE, node-1", "node-1-eth0, NODE_INTERFACE, node-1", "node12_ens5, NODE_INTERFACE, node-12",
        "node2-cbr0, BRIDGE, node-2", "node2-cni0, BRIDGE, node-2", "node2-bridge, BRIDGE, node-2", "node1-any, ANY, node-1",
        "node1-veth0a1b, POD, node-1", "node1-azv3, POD, node-1", "node1.eth0, NODE_INTERFACE, node-1",
        "aks-nodepool1-12345678-vmss000001-azv3f2, POD, aks-nodepool1-12345678-vmss000001",
        "ip-10-0-0-7.ec2.internal-eth0, NODE_INTERFACE, ip-10-0-0-7.ec2.internal",
                "aks-nodepool1-12345678-vmss000001-eth0, NODE_INTERFACE, aks-nodepool1-12345678-vmss000001",
        "worker-a-cbr0, BRIDGE, worker-a", "worker-a-any, ANY, worker-a",
        "worker1_bridge, BRIDGE, worker1", "worker2-br0, BRIDGE, worker2", "n2-br, BRIDGE, node-2", "node2bridge, BRIDGE, node-2",
        "node1eth0, NODE_INTERFACE, node-1", "node01_eth0, NODE_INTERFACE, node-1", "worker2-bond0, NODE_INTERFACE, worker2",
        "tcpdump-node1-eth0, NODE_INTERFACE, node-1", "n1-eth0-dump, NODE_INTERFACE, node-1", "capture_node2_cbr0, BRIDGE, node-2",
        "eth0-node1, NODE_INTERFACE, node-1", "cbr0_worker2, BRIDGE, worker2", "eth0@node-1, NODE_INTERFACE, node-1",
        "eth0-aks-nodepool1-12345678-vmss000001, NODE_INTERFACE, aks-nodepool1-12345678-vmss000001",
        "vm-client, CLIENT,", "tcpdump_client, CLIENT,", "client_dump, CLIENT,", "eth0-client, CLIENT,", "vm-client-eth0, CLIENT,",
        "web-pod, POD,", "pod_web, POD,"})
    void saysRoleAndNode(String name, PointRole role, String node) {
        assertThat(PointName.of(name)).isEqualTo(new PointName(name, role, node));
    }

    @ParameterizedTest
    @CsvSource({"trace-b", "eth0", "capture", "node1-strange", "clientele", "2026-11-23", "tcpdump", "node-of-pod", "node1-to-client",
        "to-client", "from_pod", "pods", "any-thing", "br-test", "broken-cbr0x", "bridge", "server-client"})
    void saysNothing(String name) {
        assertThat(PointName.of(name)).isEqualTo(new PointName(name, null, null));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"client.pcap, client", "node1-eth0.pcapng.gz, node1-eth0", "node2-cbr0.PCAP.ZST, node2-cbr0", "client.cap.lz4, client",
        "client.pcap0, client", "client.pcap17, client", "client.pcap.3, client",
        "node1-eth0-20261123-153412.pcap, node1-eth0", "node1-eth0_00001_20261123153412.pcapng, node1-eth0",
        "client-2026-11-23T15:34:12Z.pcap, client", "client-20261123-153412.pcap, client", "client-1795448052.pcap, client",
        "pod-20261123153412.pcapng, pod", "client-10-241-0-4.pcap, client-10-241-0-4", "trace-b.pcap, trace-b",
        "trace_20261123.pcap, trace", "trace-1.pcap, trace-1",
        "Node-1 eth0.pcap, Node-1-eth0", "Node 2 cbr0.pcap, Node-2-cbr0", "my capture.pcap, my capture",
        "node-1.pcap, node-1", ".pcap, .pcap", "10.pcap, 10",
        // Names of machines that end in numbers are no files of a ring.
        "aks-nodepool1-12345678-0.pcap, aks-nodepool1-12345678-0", "aks-nodepool1-12345678-vmss_1.pcap, aks-nodepool1-12345678-vmss_1",
        "ip-10-240-0-4.pcap, ip-10-240-0-4", "trace-153412.pcap, trace", "trace_1795448052.pcap, trace", "trace_00003.pcap, trace",
        "trace-20261123-1.pcap, trace", "tcpdump_client_0311.pcap, tcpdump_client",
        "client-482913.pcap, client-482913", "client-093000.pcap, client", "client-261123.pcap, client",
        // So are the numbers of machines that stand before the time.
        "client-482913-20261123.pcap, client-482913", "client-10-241-0-4-2026-11-23T15:34:12Z.pcap, client-10-241-0-4",
        "client-2_20261123153412.pcapng, client-2", "client_00001_20261123153412.pcapng, client", "client-20261123-2.pcap, client",
        "client-2_00001_20261123153412.pcapng, client-2", "pod-7_00002_20261123153412.pcap.gz, pod-7",
        "pod-7-20261123-153412.pcap, pod-7", "node1-eth0-2-20261123.pcap, node1-eth0"})
    void dropsEndingsAndWhatTellsTheFilesOfARingApart(String file, String name) {
        assertThat(PointName.ofFile(file)).isEqualTo(name);
    }
}
