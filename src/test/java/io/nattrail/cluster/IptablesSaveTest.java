package io.nattrail.cluster;

import static io.nattrail.cluster.ClusterState.Fate.DROP;
import static io.nattrail.cluster.ClusterState.Fate.FORWARD;
import static io.nattrail.cluster.ClusterState.Fate.REJECT;
import static io.nattrail.cluster.Dumps.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IptablesSaveTest {
    private static final String TWO_ENDPOINTS = """
            *nat
            :KUBE-SERVICES - [0:0]
            -A KUBE-NODEPORTS -d 127.0.0.0/8 -p tcp -m comment --comment "default/web:https" -m tcp --dport 32000 -m nfacct \
            --nfacct-name  localhost_nps_accepted_pkts -j KUBE-EXT-A
            -A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:https" -m tcp --dport 32000 -j KUBE-EXT-A
            -A KUBE-EXT-A -m comment --comment "masquerade traffic for default/web:https external destinations" -j KUBE-MARK-MASQ
            -A KUBE-EXT-A -j KUBE-SVC-A
            -A KUBE-SEP-1 -s 10.244.0.3/32 -m comment --comment "default/web:https" -j KUBE-MARK-MASQ
            -A KUBE-SEP-1 -p tcp -m comment --comment "default/web:https" -m tcp -j DNAT --to-destination 10.244.0.3:8443
            -A KUBE-SEP-2 -s 10.244.1.2/32 -m comment --comment "default/web:https" -j KUBE-MARK-MASQ
            -A KUBE-SEP-2 -p tcp -m comment --comment "default/web:https" -m tcp -j DNAT --to-destination 10.244.1.2:8443
            -A KUBE-SERVICES -d 172.31.0.5/32 -p tcp -m comment --comment "default/web:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-A
            -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS
            -A KUBE-SVC-A ! -s 10.244.0.0/16 -d 172.31.0.5/32 -p tcp -m comment --comment "default/web:https cluster IP" -m tcp \
            --dport 443 -j KUBE-MARK-MASQ
            -A KUBE-SVC-A -m comment --comment "default/web:https -> 10.244.0.3:8443" -m statistic --mode random \
            --probability 0.50000000000 -j KUBE-SEP-1
            -A KUBE-SVC-A -m comment --comment "default/web:https -> 10.244.1.2:8443" -j KUBE-SEP-2
            COMMIT
            """;

    @TempDir
    Path folder;

    @Test
    void externalTrafficIsMasqueradedAndTrafficToTheClusterIpOnlyFromOutside() {
        assertThat(Dumps.read(folder, TWO_ENDPOINTS).rules()).containsExactly(
                rule("default/web:https", "172.31.0.5:443", 0, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"),
                rule("default/web:https", null, 32000, FORWARD, true, "10.244.0.3:8443", "10.244.1.2:8443"));
    }

    @Test
    void aCommentThatNamesNoServiceTheWayKubeProxyDoesIsSurvived() {
        ClusterState state = Dumps.read(folder, TWO_ENDPOINTS.replace("default/web:https", "a:b/c"));

        assertThat(state.rules()).hasSize(2);
        assertThat(state.services()).extracting(ClusterState.Service::key).containsExactly("a:b/c");
    }

    @Test
    void countersChangeNothing() {
        String counted = TWO_ENDPOINTS.replace("\n-A", "\n[12:720] -A");

        assertThat(Dumps.read(folder, counted)).isEqualTo(Dumps.read(folder, TWO_ENDPOINTS));
    }

    @Test
    void withMasqueradeAllTheClusterIpIsMasqueradedToo() {
        String all = TWO_ENDPOINTS.replace("-A KUBE-SVC-A ! -s 10.244.0.0/16 -d", "-A KUBE-SVC-A -d");

        assertThat(Dumps.read(folder, all).rules()).allMatch(ClusterState.ServiceRule::masquerade);
    }

    @Test
    void withoutCommentsTheFrontsAreStillFollowed() {
        String bare = TWO_ENDPOINTS.replaceAll(" -m comment --comment \"[^\"]*\"", "");

        assertThat(Dumps.read(folder, bare).rules()).containsExactly(
                rule(null, "172.31.0.5:443", 0, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"),
                rule(null, null, 32000, FORWARD, true, "10.244.0.3:8443", "10.244.1.2:8443"));
    }

    @Test
    void localPolicyLeadsExternalTrafficToTheNodesOwnEndpointsUnmasqueraded() {
        String local = TWO_ENDPOINTS.replace("""
                -A KUBE-EXT-A -m comment --comment "masquerade traffic for default/web:https external destinations" -j KUBE-MARK-MASQ
                -A KUBE-EXT-A -j KUBE-SVC-A
                """, """
                -A KUBE-EXT-A -s 10.244.0.0/16 -m comment --comment "pod traffic for default/web:https external destinations" -j KUBE-SVC-A
                -A KUBE-EXT-A -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ
                -A KUBE-EXT-A -m addrtype --src-type LOCAL -j KUBE-SVC-A
                -A KUBE-EXT-A -j KUBE-SVL-A
                -A KUBE-SVL-A -m comment --comment "default/web:https -> 10.244.0.3:8443" -j KUBE-SEP-1
                """);

        assertThat(Dumps.read(folder, local).rules())
                .contains(rule("default/web:https", null, 32000, FORWARD, false, "10.244.0.3:8443"))
                .contains(rule("default/web:https", "172.31.0.5:443", 0, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"));
    }

    @Test
    void whereNoEndpointIsLocalExternalTrafficIsDropped() {
        ClusterState state = Dumps.read(folder, """
                *filter
                -A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/web:https has no local endpoints" -m addrtype \
                --dst-type LOCAL -m tcp --dport 32000 -j DROP
                -A KUBE-EXTERNAL-SERVICES -d 20.50.1.9/32 -p tcp -m comment --comment "default/web:https has no local endpoints" -m tcp \
                --dport 443 -j DROP
                COMMIT
                *nat
                :KUBE-SERVICES - [0:0]
                -A KUBE-NODEPORTS -p tcp -m comment --comment "default/web:https" -m tcp --dport 32000 -j KUBE-EXT-A
                -A KUBE-EXT-A -s 10.244.0.0/16 -j KUBE-SVC-A
                -A KUBE-SVC-A -j KUBE-SEP-1
                -A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 10.244.1.2:8443
                COMMIT
                """.replace("*filter\n", "*filter\n:INPUT ACCEPT [0:0]\n"));

        assertThat(state.rules()).containsExactly(rule("default/web:https", "20.50.1.9:443", 0, DROP, false),
                rule("default/web:https", null, 32000, DROP, false));
    }

    @Test
    void aServiceWithoutEndpointsIsRefused() {
        assertThat(Dumps.read(folder, """
                *filter
                :KUBE-SERVICES - [0:0]
                -A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/empty has no endpoints" -m addrtype --dst-type LOCAL \
                -m tcp --dport 32010 -j REJECT --reject-with icmp-port-unreachable
                -A KUBE-SERVICES -d 172.31.0.9/32 -p tcp -m comment --comment "default/empty has no endpoints" -m tcp --dport 443 -j REJECT
                COMMIT
                """).rules()).containsExactly(rule("default/empty", "172.31.0.9:443", 0, REJECT, false),
                        rule("default/empty", null, 32010, REJECT, false));
    }

    @Test
    void theRulesOfAzuresLoadBalancersWithSourceRangesAreFollowed() {
        assertThat(Dumps.read(folder, """
                *nat
                :KUBE-SERVICES - [0:0]
                -A KUBE-SERVICES -d 20.50.1.9/32 -p tcp -m comment --comment "ns/shop:http loadbalancer IP" -m tcp --dport 80 -j KUBE-EXT-B
                -A KUBE-SERVICES -d 10.240.0.77/32 -p tcp -m comment --comment "ns/old:http loadbalancer IP" -m tcp --dport 80 -j KUBE-FW-C
                -A KUBE-FW-C -s 203.0.113.0/25 -m comment --comment "ns/old:http loadbalancer IP" -j KUBE-SVC-B
                -A KUBE-FW-C -m comment --comment "ns/old:http loadbalancer IP" -j KUBE-MARK-DROP
                -A KUBE-EXT-B -j KUBE-MARK-MASQ
                -A KUBE-EXT-B -j KUBE-SVC-B
                -A KUBE-SVC-B -j KUBE-SEP-1
                -A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 10.224.0.31:8080
                COMMIT
                """).rules()).containsExactly(rule("ns/old:http", "10.240.0.77:80", 0, FORWARD, false, "10.224.0.31:8080"),
                        rule("ns/shop:http", "20.50.1.9:80", 0, FORWARD, true, "10.224.0.31:8080"));
    }

    /**
     * As kube-proxy wrote them up to 1.23: marks beside the jumps, KUBE-XLB for local traffic, a colon after a service without port
     * name.
     */
    @Test
    void theRulesOfEarlierReleasesAreFollowed() {
        ClusterState state = Dumps.read(folder, """
                *nat
                :KUBE-SERVICES - [0:0]
                -A KUBE-NODEPORTS -p tcp -m comment --comment "default/nginx:" -m tcp --dport 30080 -j KUBE-MARK-MASQ
                -A KUBE-NODEPORTS -p tcp -m comment --comment "default/nginx:" -m tcp --dport 30080 -j KUBE-SVC-N
                -A KUBE-NODEPORTS -s 127.0.0.0/8 -p tcp -m comment --comment "default/loc" -m tcp --dport 30081 -j KUBE-MARK-MASQ
                -A KUBE-NODEPORTS -p tcp -m comment --comment "default/loc" -m tcp --dport 30081 -j KUBE-XLB-L
                -A KUBE-SERVICES ! -s 10.244.0.0/16 -d 10.96.0.80/32 -p tcp -m comment --comment "default/nginx: cluster IP" -m tcp \
                --dport 80 -j KUBE-MARK-MASQ
                -A KUBE-SERVICES -d 10.96.0.80/32 -p tcp -m comment --comment "default/nginx: cluster IP" -m tcp --dport 80 -j KUBE-SVC-N
                -A KUBE-SVC-N -j KUBE-SEP-1
                -A KUBE-XLB-L -s 10.244.0.0/16 -m comment --comment "Redirect pods trying to reach external" -j KUBE-SVC-N
                -A KUBE-XLB-L -m addrtype --src-type LOCAL -j KUBE-SVC-N
                -A KUBE-XLB-L -m comment --comment "Balancing rule 0 for default/loc" -j KUBE-SEP-2
                -A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 10.244.0.11:80
                -A KUBE-SEP-2 -p tcp -m tcp -j DNAT --to-destination 10.244.0.12:80
                COMMIT
                """);

        assertThat(state.rules()).containsExactly(rule("default/nginx", "10.96.0.80:80", 0, FORWARD, false, "10.244.0.11:80"),
                rule("default/nginx", null, 30080, FORWARD, true, "10.244.0.11:80"),
                rule("default/loc", null, 30081, FORWARD, false, "10.244.0.12:80"));
    }

    /** Up to 1.22, what is for endpoints of this node alone is dropped by the last rule of its own chain where there is none. */
    @Test
    void theChainOfEarlierReleasesDropsWhereTheNodeHasNoEndpoint() {
        ClusterState state = Dumps.read(folder, """
                *nat
                :KUBE-SERVICES - [0:0]
                -A KUBE-NODEPORTS -s 127.0.0.0/8 -p tcp -m comment --comment "default/loc" -m tcp --dport 30081 -j KUBE-MARK-MASQ
                -A KUBE-NODEPORTS -p tcp -m comment --comment "default/loc" -m tcp --dport 30081 -j KUBE-XLB-L
                -A KUBE-XLB-L -s 10.244.0.0/16 -m comment --comment "Redirect pods trying to reach external" -j KUBE-SVC-N
                -A KUBE-XLB-L -m addrtype --src-type LOCAL -j KUBE-SVC-N
                -A KUBE-XLB-L -m comment --comment "default/loc has no local endpoints" -j KUBE-MARK-DROP
                -A KUBE-SVC-N -j KUBE-SEP-1
                -A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 10.244.1.11:80
                COMMIT
                """);

        assertThat(state.rules()).containsExactly(rule("default/loc", null, 30081, DROP, false));
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void bothFamiliesInOneFileAreKeptApartThoughTheirChainsHaveTheSameNames() {
        String v6 = TWO_ENDPOINTS.replace("10.244.0.3/32", "fd00:244::3/128").replace("10.244.0.3:8443", "[fd00:244::3]:8443")
                .replace("10.244.1.2/32", "fd00:244:0:1::2/128").replace("10.244.1.2:8443", "[fd00:244:0:1::2]:8443")
                .replace("172.31.0.5/32", "fd00:172:31::5/128");
        ClusterIndex index = new ClusterIndex(Dumps.read(folder, TWO_ENDPOINTS + v6));

        assertThat(index.state().rules()).hasSize(4);
        assertThat(index.ruleOf(null, Protocol.TCP, Endpoint.parse("[fd00:240::4]:32000"), true).endpoints())
                .containsExactly(Endpoint.parse("[fd00:244::3]:8443"), Endpoint.parse("[fd00:244:0:1::2]:8443"));
        assertThat(index.ruleOf(null, Protocol.TCP, Endpoint.parse("10.240.0.4:32000"), true).endpoints())
                .containsExactly(Endpoint.parse("10.244.0.3:8443"), Endpoint.parse("10.244.1.2:8443"));
    }

    @Test
    void sessionAffinityAddsNoEndpoints() {
        String sticky = TWO_ENDPOINTS.replace("-A KUBE-SVC-A -m comment --comment \"default/web:https -> 10.244.0.3:8443\" -m statistic",
                """
                -A KUBE-SVC-A -m comment --comment "x" -m recent --rcheck --seconds 10800 --reap --name KUBE-SEP-1 --mask 255.255.255.255 \
                --rsource -j KUBE-SEP-1
                -A KUBE-SVC-A -m comment --comment "default/web:https -> 10.244.0.3:8443" -m statistic""");

        assertThat(Dumps.read(folder, sticky).rules()).isEqualTo(Dumps.read(folder, TWO_ENDPOINTS).rules());
    }

    @Test
    void withoutTheObjectsOfTheApiServicesAndEndpointsFollowFromTheRules() {
        ClusterIndex index = new ClusterIndex(Dumps.read(folder, TWO_ENDPOINTS));

        ClusterIndex.Front front = index.frontOf(Protocol.TCP, Endpoint.parse("10.240.0.4:32000"));
        assertThat(front.kind()).isEqualTo(ClusterIndex.Kind.NODE_PORT);
        assertThat(front.service()).isEqualTo(new ClusterState.Service("default", "web", List.of(IpAddress.parse("172.31.0.5")), List.of(),
                false, false, 0, 0, List.of(new ClusterState.ServicePort("https", Protocol.TCP, 443, "8443", 32000))));
        assertThat(index.endpointsOf(front.service(), front.port())).extracting(e -> e.address().toString())
                .containsExactly("10.244.0.3:8443", "10.244.1.2:8443");
        assertThat(index.knowsEndpoints(front.service(), front.port())).isFalse();
    }

    private static final String IPVS = """
            *nat
            :KUBE-SERVICES - [0:0]
            -A KUBE-LOAD-BALANCER -j KUBE-MARK-MASQ
            -A KUBE-NODE-PORT -p tcp -m comment --comment "Kubernetes nodeport TCP port for masquerade purpose" -m set \
            --match-set KUBE-NODE-PORT-TCP dst -j KUBE-MARK-MASQ
            -A KUBE-SERVICES -m comment --comment "Kubernetes service cluster ip + port for masquerade purpose" -m set \
            --match-set KUBE-CLUSTER-IP src,dst -j KUBE-MARK-MASQ
            -A KUBE-SERVICES -m addrtype --dst-type LOCAL -j KUBE-NODE-PORT
            -A KUBE-SERVICES -m set --match-set KUBE-CLUSTER-IP dst,dst -j ACCEPT
            COMMIT
            """;

    private static final String SERVICE = """
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "default"},
             "spec": {"clusterIP": "172.31.0.5", "ports": [{"port": 443, "protocol": "TCP"}]}}
            """;

    @Test
    void aNodeWhoseServicesAreNotInItsRulesIsAskedForWhereTheyAre() {
        String cilium = "*nat\n:CILIUM_PRE_nat - [0:0]\n-A CILIUM_PRE_nat -m comment --comment \"cilium-feeder\" -j ACCEPT\nCOMMIT\n";

        assertThat(Dumps.read(folder, IPVS).notes()).containsExactly(
                "dump.txt: tells of no service, since kube-proxy is in IPVS mode there: add the output of ipvsadm -Ln");
        assertThat(Dumps.read(folder, cilium).notes()).containsExactly("dump.txt: tells of no service, since Cilium translates without "
                + "rules there: add the output of kubectl get nodes,services,endpointslices,pods -A -o json");
        assertThat(Dumps.read(folder, TWO_ENDPOINTS + cilium).notes()).as("kube-proxy's rules beside Cilium's").isEmpty();
    }

    /** What iptables-save on nf_tables says in comments of what it does not print. */
    @Test
    void rulesThatAreInAnotherPlaceAreAskedFor() {
        String legacy = "# Warning: iptables-legacy tables present, use iptables-legacy-save to see them\n";
        String none = "*nat\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n";

        assertThat(Dumps.read(folder, none + legacy).notes()).containsExactly("dump.txt: tells of no service, but there are rules of "
                + "iptables-legacy beside: add the output of iptables-legacy-save");
        assertThat(Dumps.read(folder, TWO_ENDPOINTS + legacy).notes()).isEmpty();
        assertThat(Dumps.read(folder, none.replace("nat", "filter") + "# Table `nat' is incompatible, use 'nft' tool.\n").notes())
                .containsExactly("dump.txt: iptables-save leaves out a table that it cannot print (Table `nat' is incompatible, use 'nft' "
                        + "tool.); add the output of nft list ruleset");
    }

    @Test
    void destinationsThatAnOlderIptablesDoesNotShowAreAskedFor() {
        String dnat = "DNAT --to-destination 10\\.244\\.\\S+";
        for (String shown : List.of("DNAT [unsupported revision]", "DNAT --to-destination  :0 --persistent --to-destination  :0")) {
            assertThat(Dumps.read(folder, TWO_ENDPOINTS.replaceAll(dnat, shown)).notes()).contains("dump.txt: 2 of kube-proxy's rules are "
                    + "shown without the destination of their DNAT; make it with the iptables-save of kube-proxy's own container");
        }
    }

    @Test
    void whatTellsTheServicesIsNotAskedForOnceMore() throws IOException {
        Path rules = Files.writeString(folder.resolve("rules"), IPVS);
        Path servers = Files.writeString(folder.resolve("servers"), "TCP  172.31.0.5:443 rr\n  -> 10.244.0.3:8443  Masq 1 0 0\n");
        Path objects = Files.writeString(folder.resolve("objects"), SERVICE);

        assertThat(ClusterFiles.read(List.of(rules, servers)).notes()).noneMatch(note -> note.contains("ipvsadm"));
        assertThat(ClusterFiles.read(List.of(rules, objects)).notes()).noneMatch(note -> note.contains("ipvsadm"));
    }

    @Test
    void aDumpThatWasCutIsUsedAndSaysSo() {
        ClusterState state = Dumps.read(folder, TWO_ENDPOINTS.substring(0, TWO_ENDPOINTS.indexOf("-A KUBE-SVC-A")));

        assertThat(state.rules()).isEmpty();
        assertThat(state.notes()).containsExactly(
                "dump.txt: ends inside the table nat, before its COMMIT; the rest is missing",
                "dump.txt: 2 fronts of services lead to no endpoint and to no verdict; is the dump complete?");
    }
}
