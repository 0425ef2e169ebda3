package io.nattrail.cluster;

import static io.nattrail.cluster.ClusterState.Fate.DROP;
import static io.nattrail.cluster.ClusterState.Fate.FORWARD;
import static io.nattrail.cluster.ClusterState.Fate.REJECT;
import static io.nattrail.cluster.Dumps.rule;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The resources were printed by nft 1.0.6 from rules as kube-proxy's nftables mode writes them, and from rules that iptables-nft
 * loaded.
 */
class NftRulesetTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"local-policy.nft", "local-policy-nft.json"})
    void kubeProxysOwnTablesAreFollowedAsTextAndAsJson(String resource) {
        ClusterState state = Dumps.in(folder).withResource("rules", resource).read();

        assertThat(state.rules()).containsExactly(
                rule("ns5/svc5:p80", "5.6.7.8:80", 0, FORWARD, false, "10.180.0.5:80"),
                rule("ns5/svc5:p80", "172.30.0.45:80", 0, FORWARD, false, "10.180.0.5:80", "10.180.1.5:80"),
                rule("ns6/svc6:p80", "172.30.0.46:80", 0, REJECT, false),
                rule("ns5/svc5:p80", null, 3002, FORWARD, false, "10.180.0.5:80"),
                rule("ns6/svc6:p80", null, 3003, DROP, false));
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void textAndJsonTellTheSame() {
        ClusterState text = Dumps.in(folder).withResource("rules", "local-policy.nft").read();

        assertThat(Dumps.in(folder).withResource("rules", "local-policy-nft.json").read()).isEqualTo(text);
    }

    /** Conditions, verdicts and statistics of elements that kube-proxy's rules may have, too. */
    @ParameterizedTest
    @ValueSource(strings = {"conditions.nft", "conditions-nft.json"})
    void whatIsForSomeSourcesOnlyLeadsNobodyElse(String resource) {
        ClusterState state = Dumps.in(folder).withResource("rules", resource).read();

        assertThat(state.rules()).containsExactly(
                rule("default/web:https", "172.31.0.5:443", 0, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"),
                rule("default/old", "172.31.0.6:80", 0, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"),
                rule(null, "172.31.0.7:80", 0, DROP, false),
                rule("default/ext", "172.31.0.8:80", 0, FORWARD, false, "10.244.0.3:8443"),
                rule(null, "172.31.0.30:443", 0, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"),
                rule("default/web:https", null, 32000, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"),
                rule(null, null, 32001, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"));
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void externalTrafficThatIsMarkedWithoutConditionIsMasqueraded() {
        assertThat(Dumps.read(folder, """
                table ip6 kube-proxy { # handle 12
                	map service-nodeports { # handle 3
                		type inet_proto . inet_service : verdict
                		elements = { tcp . 32000 : goto external-PET3V2EF-default/web/tcp/https,
                			     udp . 30053 : goto external-AAAAAAAA-default/dns/udp/ }
                	}

                	chain external-PET3V2EF-default/web/tcp/https { # handle 4
                		jump mark-for-masquerade # handle 5
                		goto service-PET3V2EF-default/web/tcp/https # handle 6
                	}

                	chain service-PET3V2EF-default/web/tcp/https {
                		ip6 daddr fd00:172:31::5 ip6 saddr != fd00:244::/48 jump mark-for-masquerade
                		numgen random mod 1 vmap { 0 : goto endpoint-35L7OA2E-default/web/tcp/https__fd00.244..3/8443 }
                	}

                	chain endpoint-35L7OA2E-default/web/tcp/https__fd00.244..3/8443 {
                		ip6 saddr fd00:244::3 jump mark-for-masquerade
                		meta l4proto tcp dnat to [fd00:244::3]:8443
                	}

                	chain external-AAAAAAAA-default/dns/udp/ {
                		jump mark-for-masquerade
                		meta l4proto udp dnat to [fd00:244::9]:53
                	}
                }
                """).rules()).containsExactly(
                        new ClusterState.ServiceRule(null, Protocol.UDP, "default/dns", null, 30053, FORWARD,
                                List.of(Endpoint.parse("[fd00:244::9]:53")), true),
                        rule("default/web:https", null, 32000, FORWARD, true, "[fd00:244::3]:8443"));
    }

    @Test
    void rulesOfIptablesOnNfTablesAreFollowedWhereNftShowsThem() {
        ClusterState state = Dumps.in(folder).withResource("rules", "iptables-on-nf_tables.nft").read();

        assertThat(state.rules()).containsExactly(
                rule(null, "172.31.0.5:443", 0, FORWARD, false, "10.244.0.3:8443", "10.244.1.2:8443"),
                rule(null, null, 32000, FORWARD, true, "10.244.0.3:8443", "10.244.1.2:8443"));
        assertThat(state.notes()).isEmpty();
    }

    /** Up to nft 1.0.5 extensions stand behind a {@code #}, and the rest of the rule behind them. */
    @Test
    void olderReleasesShowExtensionsLikeComments() {
        String text = new String(Dumps.resource("iptables-on-nf_tables.nft"), StandardCharsets.UTF_8);
        List<ClusterState.ServiceRule> rules = Dumps.read(folder, text).rules();

        for (String shown : List.of("# xt_recent",
                "# recent: CHECK seconds: 10800 reap name: KUBE-SEP-A side: source mask: 255.255.255.255")) {
            assertThat(Dumps.read(folder, text.replace("xt match recent", shown)).rules()).as(shown).isEqualTo(rules);
        }
        assertThat(Dumps.read(folder, text.replaceAll("tcp dport (?=443|32000)", "# xt_tcp ")).notes())
                .anyMatch(note -> note.endsWith("add the output of iptables-save and ip6tables-save of this node"));
    }

    @Test
    void whereNftHidesThemTheNoteSaysWhatToAdd() {
        assertThat(Dumps.in(folder).withResource("rules", "iptables-on-nf_tables-nft.json").read().notes())
                .anyMatch(note -> note.endsWith("add the output of iptables-save and ip6tables-save of this node"));
    }

    @Test
    void countersAndFlowtablesOfTheTableAreSteppedOver() {
        String text = new String(Dumps.resource("local-policy.nft"), java.nio.charset.StandardCharsets.UTF_8);
        int first = text.indexOf("\tset ");
        String more = text.substring(0, first) + """
                \tcounter localhost_nodeport_rejected {
                \t\tcomment "packets to node ports at the loopback address"
                \t\tpackets 7 bytes 420
                \t}

                """ + text.substring(first).replaceFirst("\tchain ", """
                \tflowtable fast {
                \t\thook ingress priority filter
                \t\tdevices = { eth0, eth1 }
                \t}

                \tchain """);

        assertThat(Dumps.read(folder, more)).isEqualTo(Dumps.read(folder, text));
        assertThat(Dumps.read(folder, more).rules()).hasSize(5);
    }

    @Test
    void tablesOfOthersEndLikeKubeProxys() {
        assertThat(Dumps.read(folder, """
                table inet firewalld {
                \tset allowed {
                \t\ttype ipv4_addr
                \t\telements = { 10.0.0.1,
                \t\t\t     10.0.0.2 }
                \t}
                \tchain input {
                \t\ttype filter hook input priority filter; policy accept;
                \t\tip saddr @allowed tcp dport { 22, 443 } accept
                \t}
                }
                """).notes()).isEmpty();
    }

    @Test
    void damageEndsWhereTheNextChainBegins() {
        String text = new String(Dumps.resource("local-policy.nft"), java.nio.charset.StandardCharsets.UTF_8);
        String broken = text.replace("ip saddr 10.180.1.5 jump mark-for-masquerade", "ip saddr { 10.180.1.5 jump");

        assertThat(Dumps.read(folder, broken).rules()).contains(
                rule("ns5/svc5:p80", "5.6.7.8:80", 0, FORWARD, false, "10.180.0.5:80"),
                rule("ns6/svc6:p80", null, 3003, DROP, false));
    }

    @Test
    void aChainsNameTellsTheServiceUnlessItWasCut() {
        assertThat(NftTables.service("service-PET3V2EF-default/web/tcp/https")).isEqualTo("default/web:https");
        assertThat(NftTables.service("external-PET3V2EF-default/web/tcp/")).isEqualTo("default/web");
        assertThat(NftTables.service("service-PET3V2EF-a-rather-long-namespace/a-rather-long-name/tcp/a-rather-...")).isNull();
        assertThat(NftTables.service("services")).isNull();
    }
}
