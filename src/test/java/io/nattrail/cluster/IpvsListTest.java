package io.nattrail.cluster;

import static io.nattrail.cluster.ClusterState.Fate.FORWARD;
import static io.nattrail.cluster.ClusterState.Fate.REJECT;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IpvsListTest {
    private static final String LIST = """
            IP Virtual Server version 1.2.1 (size=4096)
            Prot LocalAddress:Port Scheduler Flags
              -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
            TCP  127.0.0.1:32000 rr
              -> 10.244.0.3:8443              Masq    1      0          0
            TCP  10.240.0.4:32000 rr
              -> 10.244.0.3:8443              Masq    1      2          0
              -> 10.244.1.2:8443              Masq    1      1          7
            TCP  10.244.0.1:32000 rr
              -> 10.244.0.3:8443              Masq    1      0          0
              -> 10.244.1.2:8443              Masq    1      0          0
            TCP  172.31.0.5:443 rr persistent 10800
              -> 10.244.0.3:8443              Masq    1      0          0
              -> 10.244.1.2:8443              Masq    1      0          0
              -> 10.244.1.9:8443              Masq    0      3          0
            TCP  172.31.0.9:443 rr
            UDP  [fd00:172:31::10]:53 rr
              -> [fd00:244::3]:53             Masq    1      0          0
            """;

    private static final String NODES = """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "status": {"addresses": [
             {"type": "InternalIP", "address": "10.240.0.4"}, {"type": "InternalIP", "address": "10.244.0.1"}]}}
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-2"}, "status": {"addresses": [
             {"type": "InternalIP", "address": "10.240.0.5"}]}}
            """;

    @TempDir
    Path folder;

    @Test
    void virtualServersAtTheNodesAddressesAreNodePortsAndTellWhichNodeItIs() {
        ClusterIndex index = new ClusterIndex(Dumps.in(folder).with("ipvs.txt", LIST).with("nodes.json", NODES).read());

        assertThat(index.state().notes()).isEmpty();
        assertThat(index.state().rules()).hasSize(4).allMatch(rule -> rule.node().equals("node-1"));
        ClusterState.ServiceRule nodePort = index.ruleOf("node-1", Protocol.TCP, Endpoint.parse("10.240.0.4:32000"), true);
        assertThat(nodePort.fate()).isEqualTo(FORWARD);
        assertThat(nodePort.masquerade()).isTrue();
        assertThat(nodePort.endpoints()).containsExactly(Endpoint.parse("10.244.0.3:8443"), Endpoint.parse("10.244.1.2:8443"));
    }

    @Test
    void anEndpointOfWeightZeroGetsNoNewConnections() {
        ClusterIndex index = new ClusterIndex(Dumps.in(folder).with("ipvs.txt", LIST).with("nodes.json", NODES).read());

        assertThat(index.ruleOf("node-1", Protocol.TCP, Endpoint.parse("172.31.0.5:443"), false).endpoints())
                .doesNotContain(Endpoint.parse("10.244.1.9:8443")).hasSize(2);
    }

    @Test
    void aVirtualServerWithoutRealOnesRefuses() {
        ClusterIndex index = new ClusterIndex(Dumps.in(folder).with("ipvs.txt", LIST).with("nodes.json", NODES).read());

        assertThat(index.ruleOf("node-1", Protocol.TCP, Endpoint.parse("172.31.0.9:443"), false).fate()).isEqualTo(REJECT);
    }

    @Test
    void realServersOfAFirewallMarkBelongToNoAddress() {
        ClusterState state = Dumps.read(folder, """
                IP Virtual Server version 1.2.1 (size=4096)
                Prot LocalAddress:Port Scheduler Flags
                  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn
                TCP  172.31.0.5:443 rr
                  -> 10.244.0.3:8443              Masq    1      2          0
                FWM  7 wlc
                  -> 192.0.2.9:8443               Route   1      2          0
                """);

        assertThat(state.rules()).singleElement().extracting(ClusterState.ServiceRule::endpoints)
                .isEqualTo(List.of(Endpoint.parse("10.244.0.3:8443")));
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void theServiceTellsItsNameAndWhetherNodePortsAreMasqueraded() {
        ClusterIndex index = new ClusterIndex(Dumps.in(folder).with("ipvs.txt", LIST).with("nodes.json", NODES + """
                {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"}, "spec": {
                 "type": "NodePort", "clusterIP": "172.31.0.5", "externalTrafficPolicy": "Local",
                 "ports": [{"name": "https", "port": 443, "nodePort": 32000}]}}
                """).read());

        ClusterState.ServiceRule nodePort = index.ruleOf("node-1", Protocol.TCP, Endpoint.parse("10.240.0.4:32000"), true);
        assertThat(nodePort.service()).isEqualTo("default/web:https");
        assertThat(nodePort.masquerade()).isFalse();
    }

    @Test
    void withoutAnyNodesAddressThePortTellsNodePorts() {
        assertThat(Dumps.read(folder, LIST).rules()).extracting(ClusterState.ServiceRule::nodePort).containsExactly(0, 0, 0, 32000);
    }

    @Test
    void theFormForRestoringIsReadAlike() {
        ClusterState saved = Dumps.read(folder, """
                -A -t 172.31.0.5:443 -s rr -p 10800
                -a -t 172.31.0.5:443 -r 10.244.0.3:8443 -m -w 1
                -a -t 172.31.0.5:443 -r 10.244.1.9:8443 -m -w 0
                -A -u [fd00:172:31::10]:53 -s rr
                -a -u [fd00:172:31::10]:53 -r [fd00:244::3]:53 -m -w 1
                """);

        assertThat(saved.notes()).isEmpty();
        assertThat(saved.rules()).extracting(rule -> rule.front() + " " + rule.endpoints())
                .containsExactly("172.31.0.5:443 [10.244.0.3:8443]", "[fd00:172:31::10]:53 [[fd00:244::3]:53]");
    }
}
