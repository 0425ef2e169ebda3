package io.nattrail.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Cidr;
import io.nattrail.net.IpAddress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpToolTest {
    private static final String ADDRESSES = """
            1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
                link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
                inet 127.0.0.1/8 scope host lo
                   valid_lft forever preferred_lft forever
                inet6 ::1/128 scope host\s
                   valid_lft forever preferred_lft forever
            2: eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc mq state UP group default qlen 1000
                link/ether 60:45:bd:12:34:56 brd ff:ff:ff:ff:ff:ff
                altname enP53091s1np0
                inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0
                   valid_lft forever preferred_lft forever
                inet6 fe80::6245:bdff:fe12:3456/64 scope link\s
                   valid_lft forever preferred_lft forever
            3: cbr0: <BROADCAST,MULTICAST,PROMISC,UP,LOWER_UP> mtu 1500 qdisc htb state UP group default qlen 1000
                link/ether 16:7c:5f:00:00:01 brd ff:ff:ff:ff:ff:ff
                inet 10.244.0.1/24 brd 10.244.0.255 scope global cbr0
                   valid_lft forever preferred_lft forever
            4: kube-ipvs0: <BROADCAST,NOARP> mtu 1500 qdisc noop state DOWN group default\s
                link/ether aa:97:b4:6d:54:1c brd ff:ff:ff:ff:ff:ff
                inet 172.31.0.5/32 scope global kube-ipvs0
                   valid_lft forever preferred_lft forever
            5: veth8c2f1a3b@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master cbr0 state UP group default\s
                link/ether be:ef:00:00:00:02 brd ff:ff:ff:ff:ff:ff link-netns cni-1
            """;

    private static final String TWO_NODES = """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {"podCIDR": "10.244.0.0/24"},
             "status": {"addresses": [{"type": "InternalIP", "address": "10.240.0.4"}]}}
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-2"}, "spec": {"podCIDR": "10.244.1.0/24"},
             "status": {"addresses": [{"type": "InternalIP", "address": "10.240.0.5"}]}}
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-3"},
             "status": {"addresses": [{"type": "InternalIP", "address": "10.240.0.6"}]}}
            """;

    @TempDir
    Path folder;

    private static List<IpAddress> addresses(String... texts) {
        return List.of(texts).stream().map(IpAddress::parse).toList();
    }

    @Test
    void theBridgesAddressIsTheNodesTooButNotWhatEveryNodeHas() {
        ClusterState state = Dumps.in(folder).with("a.txt", ADDRESSES).with("nodes.json", TWO_NODES).read();

        assertThat(state.notes()).isEmpty();
        assertThat(state.nodes().get(0)).isEqualTo(
                new ClusterState.Node("node-1", addresses("10.240.0.4", "10.244.0.1"), List.of(Cidr.parse("10.244.0.0/24"))));
    }

    @Test
    void withoutTheApiTheFilesNameNamesTheNodeAndTheBridgeTellsThePodsPrefix() {
        assertThat(Dumps.in(folder).with("worker-7.ip-addr.txt", ADDRESSES).read().nodes()).containsExactly(
                new ClusterState.Node("worker-7", addresses("10.240.0.4", "10.244.0.1"), List.of(Cidr.parse("10.244.0.0/24"))));
    }

    @Test
    void aFileWithoutANameSaysWhatToDo() {
        ClusterState state = Dumps.in(folder).with("ip-addr.txt", ADDRESSES).read();

        assertThat(state.nodes()).isEmpty();
        assertThat(state.notes()).containsExactly(
                "ip-addr.txt: of which node it is cannot be told; put the node's name into the file's name");
    }

    @Test
    void theShortFormsTellTheSame() {
        ClusterState brief = Dumps.in(folder).with("worker-7.txt", """
                lo               UNKNOWN        127.0.0.1/8 ::1/128
                eth0             UP             10.240.0.4/16 fe80::6245:bdff:fe12:3456/64
                cbr0             UP             10.244.0.1/24
                kube-ipvs0       DOWN           172.31.0.5/32
                veth8c2f1a3b@if3 UP
                """).read();
        ClusterState lines = Dumps.in(folder).with("worker-7.txt", """
                1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever
                2: eth0    inet 10.240.0.4/16 brd 10.240.255.255 scope global eth0\\       valid_lft forever preferred_lft forever
                3: cbr0    inet 10.244.0.1/24 brd 10.244.0.255 scope global cbr0\\       valid_lft forever preferred_lft forever
                """).read();

        assertThat(brief.nodes()).isEqualTo(lines.nodes()).isEqualTo(Dumps.in(folder).with("worker-7.txt", ADDRESSES).read().nodes());
        assertThat(brief.notes()).isEmpty();
    }

    @Test
    void ifconfigTellsAddressesOfTheNodeAndNotThoseThatEveryNodeHas() {
        ClusterState state = Dumps.in(folder).with("worker-7.txt", """
                docker0: flags=4099<UP,BROADCAST,MULTICAST>  mtu 1500
                        inet 172.17.0.1  netmask 255.255.0.0  broadcast 172.17.255.255

                eth0: flags=4163<UP,BROADCAST,RUNNING,MULTICAST>  mtu 1500
                        inet 10.240.0.4  netmask 255.255.0.0  broadcast 10.240.255.255
                """).read();

        assertThat(state.nodes()).extracting(ClusterState.Node::addresses).containsExactly(addresses("10.240.0.4"));
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void aRouteTellsThePodsOfANodeOfWhichNobodyElseTells() {
        ClusterState state = Dumps.in(folder).with("nodes.json", TWO_NODES).with("node-1.ip-route", """
                default via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4 metric 100
                10.240.0.0/16 dev eth0 proto kernel scope link src 10.240.0.4
                10.244.0.0/24 dev cbr0 proto kernel scope link src 10.244.0.1
                10.244.1.0/24 via 10.240.0.5 dev eth0
                10.244.2.0/24 via 10.240.0.6 dev eth0
                168.63.129.16 via 10.240.0.1 dev eth0 proto dhcp src 10.240.0.4 metric 100
                """).read();

        assertThat(state.notes()).isEmpty();
        assertThat(new ClusterIndex(state).nodeOfPodCidr(IpAddress.parse("10.244.2.9")).name()).isEqualTo("node-3");
        assertThat(new ClusterIndex(state).nodeOfAddress(IpAddress.parse("10.244.0.1")).name()).isEqualTo("node-1");
    }

    /** To the node itself, to addresses of nodes, of the other family: none of them is a prefix of pods. */
    @Test
    void otherRoutesTellNoPrefixOfPods() {
        List<ClusterState.Node> nodes = Dumps.in(folder).with("nodes.json", TWO_NODES).with("node-1.ip-route", """
                10.1.0.0/16 via 10.240.0.4 dev eth0
                10.240.0.0/16 via 10.240.0.6 dev eth0
                default via 10.240.0.5 dev eth0
                blackhole 10.9.0.0/16
                """).read().nodes();

        assertThat(nodes).isEqualTo(Dumps.in(folder).with("nodes.json", TWO_NODES).read().nodes());
    }

    @Test
    void theNameOfANodeMayStandBeforeOrBehindTheCommand() {
        assertThat(DumpNodes.nameIn("worker-7.ip-addr.txt")).isEqualTo("worker-7");
        assertThat(DumpNodes.nameIn("worker-7_ip-addr")).isEqualTo("worker-7");
        assertThat(DumpNodes.nameIn("ip-addr-worker-7.txt")).isEqualTo("worker-7");
        assertThat(DumpNodes.nameIn("ip-addr.txt")).isNull();
        assertThat(DumpNodes.nameIn("ip-10-0-1-5.ip-addr.txt")).as("as nodes of AWS are called").isEqualTo("ip-10-0-1-5");
        for (String command : List.of("ip-addr", "ip-a", "ip-route", "dump")) {
            assertThat(DumpNodes.nameIn(command + "-1.txt")).as("the same in all dumps of a node").isEqualTo("1");
            assertThat(DumpNodes.nameIn(command + "-ip-10-0-1-5.txt")).isEqualTo("ip-10-0-1-5");
        }
        assertThat(DumpNodes.nameIn("ip-.txt")).isEqualTo("ip-");
    }

    @Test
    void aRouteThatLeadsToTheWrongNodeIsNoted() {
        assertThat(Dumps.in(folder).with("nodes.json", TWO_NODES).with("node-1.ip-route", """
                10.244.1.0/24 via 10.240.0.6 dev eth0
                """).read().notes()).containsExactly(
                        "node-1.ip-route: the route to 10.244.1.0/24, pods of node-2, leads through 10.240.0.6, an address of node-3");
    }
}
