package io.nattrail.deviation;

import static io.nattrail.assertj.NatTrailAssertions.from;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.scenario.ClusterText;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands of a finding are about its flow. */
class RemedyTest {
    private final Scenario s = Scenario.nodePort();
    private final ClusterText web = ClusterText.web().endpoint("10.244.1.2", "node-2", true);

    /** Names come from files that anybody may have written, and what to do is pasted into shells. */
    @ParameterizedTest
    @ValueSource(strings = {"aks-nodepool1-12345678-vmss_1", "ip-10-240-0-9.ec2.internal", "az.AZ.09", "[fd00:240::4]"})
    void aNameOfLettersDigitsAndHarmlessMarksIsPutIntoWhatToDo(String node) {
        assertThat(Remedy.withNode("Look on Node-1.", "Node-1", node)).isEqualTo("Look on " + node + ".");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-rf", "_x", "a b", "a;b", "a`b", "$(a)", "a'b", "a\"b", "a|b", "a&b", "a>b", "a\nb", "a{b", "a@b", "a/b",
        "a\\b", "\u00e4"})
    void whatAShellWouldActOnIsPutIntoNoCommand(String node) {
        assertThat(Remedy.withNode("Look on Node-1.", "Node-1", node)).isEqualTo("Look on Node-1.");
    }

    @Test
    void thePortIsTheOneThatWasCalled() {
        refused(32_001);
        assertThat(remedies()).contains("Compare the port with the service's: `kubectl get svc -A -o wide | grep 32001`.");
    }

    @Test
    void theNodeThatIsMeantHasItsOwnName() {
        String text = "Ask for the route back: `ip route get 10.241.0.4` on Node-1.";

        assertThat(Remedy.withNode(text, "Node-1", "aks-pool-000002")).endsWith("` on aks-pool-000002.");
        assertThat(Remedy.withNode(text, "Node-1", "node-2")).endsWith("` on node-2.");
        assertThat(List.of(Remedy.withNode(text, "Node-1", "node-1"), Remedy.withNode(text, "Node-1", null),
                Remedy.withNode(text, "Node-1", "a`b"))).containsOnly(text);
    }

    @Test
    void aCauseTellsTheRemedyOfItsFirstFlow() {
        refused(32_001);
        s.pause(50);
        refused(32_002);
        s.analyze().satisfies(result -> assertThat(result.findings().summary().rootCauses()).singleElement()
                .satisfies(cause -> assertThat(cause.remedy()).contains("grep 32001")));
    }

    /** A pod's connection to a server outside the cluster, where a capture runs too; masqueraded to its node's address. */
    private Connection toOutside(int port) {
        return s.connect().from("10.244.0.7", port).to("93.184.216.34", 443).pod("93.184.216.34", 443)
                .masqueradedTo("10.240.0.4", port + 19_000).bridge("server");
    }

    private void answersOfTheServerAreLost(boolean established) {
        toOutside(42_000).open().ask(100).answer(400).close();
        Connection c = toOutside(42_001);
        if (established) {
            c.open().ask(100).answer(400).ask(100).acknowledging(false).reaching(Stop.BRIDGE).answer(400);
        } else {
            c.syn().reaching(Stop.BRIDGE).synAck();
        }
        for (long wait : new long[] {1000, 2000}) {
            c.pause(wait);
            c = established ? c.repeat(false) : c.wholeWay().synAgain().reaching(Stop.BRIDGE).synAckAgain();
        }
        toOutside(42_002).open().ask(100).answer(400).close();
        for (int port = 42_000; port <= 42_002; port++) {
            s.passedBy("pod", "client", port).passedBy("node1-cbr0", "node1-eth0", port);
        }
        s.without("client").without("node2-cbr0");
    }

    /** It has neither a pods' bridge nor the cluster's routes. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aServerOutsideTheClusterIsAskedForItsRouteBack(boolean established) {
        answersOfTheServerAreLost(established);
        s.analyze().flow(from("10.244.0.7:42001")).failedAtStep("1.6").hasDeviation("reply-lost-between-nodes").and().satisfies(flow ->
                assertThat(flow.deviations()).anySatisfy(d -> assertThat(d.remedy()).startsWith("Ask the server that answered")));
    }

    @Test
    void namesAreThoseThatTheClusterTells() {
        neverDelivered();
        s.cluster(web.node("node-3", "10.240.0.6", "10.244.2.0/24").endpoint("10.244.2.2", "node-3", true));
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).contains("`kubectl get node node-2 -o",
                "`ip route get 10.244.1.2`"));
    }

    @Test
    void aNodeThatOnlyFilesNameHasAnotherNameInTheCluster() {
        neverDelivered();
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).contains("`kubectl get node NODE -o", "`ip route get 10.244.1.2`"));
    }

    @Test
    void whateverTheFlowPlacesAreWordsInCapitals() {
        for (DeviationType type : Catalogue.ALL) {
            for (String check : type.checksInGeneral()) {
                assertThat(check).doesNotContainPattern("\\{(?!end)[a-z_]+}").doesNotContain("32000", "-n NS ");
            }
        }
        assertThat(EstablishmentTypes.NODE_PORT_CLOSED.remedy()).contains("| grep PORT`");
        assertThat(EstablishmentTypes.NO_ENDPOINTS_REJECT.remedy()).contains("kubectl -n NAMESPACE get endpointslices -l "
                + "kubernetes.io/service-name=SERVICE");
    }

    @Test
    void aNameThatAShellWouldActOnIsNotPutIntoACommand() {
        Connection c = s.connect();
        c.reaching(Stop.NODE_IN).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.cluster(ClusterText.web().named("web;reboot").localPolicy().endpoint("10.244.1.2", "node-2", true));
        assertThat(remedies())
                .anySatisfy(remedy -> assertThat(remedy).contains("kubectl -n default get svc SERVICE -o"))
                .noneSatisfy(remedy -> assertThat(remedy).contains("reboot"));
    }

    @Test
    void whatAnIcmpErrorSaysIsWhatIsChecked() {
        s.connect().udp().ask(50).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE);
        s.connect().reaching(Stop.NODE_OUT).syn().wholeWay().icmp(3, 10, 0, "10.240.0.1", Stop.NODE_OUT);
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).contains("closed UDP port", "ss -lunp").doesNotContain("ip route"))
                .anySatisfy(remedy -> assertThat(remedy).contains("REJECT rules").doesNotContain("ip route"));
    }

    /** Not in client.pcap, which need not be there, and may not show what is to be looked at. */
    @Test
    void framesAreLookedAtInTheFileThatTheFindingNames() {
        s.connect().open().changing((packet, stop, request) -> {
            if (request && stop == Stop.BRIDGE) {
                packet.payload = packet.payload.clone();
                packet.payload[7] ^= 0x20;
            }
        }).ask(600).changing(null).answer(100).close();
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).matches("(?s).*`tshark -r node[12]-[a-z0-9]+\\.pcap -Y "
                + "'frame\\.number==[0-9]+' -x`.*"));
    }

    @Test
    void thePeerIsWhomThePacketsOfTheStepGoTo() {
        Connection asks = s.connect().open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1448);
        asks.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).contains("`tracepath -n 10.244.1.2`"));
    }

    @Test
    void theFabricIsAskedForTheVeryConnectionThatItDidNotCarry() {
        s.connect().reaching(Stop.CLIENT).syn().pause(1000).synAgain().pause(2000).synAgain();
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).contains("--remote '10.241.0.4:40000'"));
    }

    @Test
    void errorsOfOtherKindsAreOtherRootCauses() {
        s.connect().reaching(Stop.NODE_OUT).syn().wholeWay().icmp(3, 10, 0, "10.240.0.1", Stop.NODE_OUT);
        s.connect().reaching(Stop.NODE_OUT).syn().wholeWay().icmp(3, 10, 0, "10.240.0.1", Stop.NODE_OUT);
        s.connect().reaching(Stop.NODE_OUT).syn().wholeWay().icmp(11, 0, 0, "10.240.0.1", Stop.NODE_OUT);
        s.analyze().satisfies(result -> assertThat(result.findings().summary().rootCauses()).extracting(cause -> cause.flows() + " "
                + cause.remedy()).satisfiesExactly(one -> assertThat(one).startsWith("2 For REJECT rules"),
                        other -> assertThat(other).startsWith("1 For a loop")));
    }

    /** Nobody before the node knows of pods; and what was on its way to the client is not looked for at the pod. */
    @Test
    void whatAnIcmpErrorQuotesIsWhatIsLookedFor() {
        s.connect().reaching(Stop.CLIENT).syn().wholeWay().icmp(3, 1, 0, "10.241.0.1", Stop.CLIENT);
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).contains("ip route get 10.240.0.4").doesNotContain("POD"));
    }

    @Test
    void aBacklogOfConnectionsIsNotCheckedForDatagrams() {
        s.connect().udp().ask(50).pause(2000).ask(50).pause(4000).ask(50);
        assertThat(remedies()).singleElement().satisfies(remedy -> assertThat(remedy).contains("UdpRcvbufErrors")
                .doesNotContain("ListenOverflows"));
    }

    @Test
    void aBacklogIsNotCheckedForAConnectionThatWasOpen() {
        Connection c = s.connect().open().ask(100).answer(400).acknowledging(false).ask(60);
        c.pause(220).repeat(true).pause(440).repeat(true).pause(880).repeat(true);
        assertThat(remedies()).singleElement().satisfies(remedy -> assertThat(remedy).contains("get pod POD")
                .doesNotContain("ListenOverflows"));
        s.analyze().hasDeviation("no-reply-from-pod").matches(d -> d.causes().get(0).startsWith("The pod is gone"));
    }

    /** An answer that the node itself resets, so many milliseconds after the question. */
    private List<String> resetByNode(int thought) {
        Connection c = s.connect().open().ask(100).answer(400).acknowledging(false).ask(60).ack(false).pause(thought)
                .reaching(Stop.NODE_OUT).answer(500);
        c.wholeWay().beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 64 : p.ttl).reset(true);
        return remedies();
    }

    @Test
    void noToleranceOfWindowsHelpsANodeThatForgotInASilence() {
        assertThat(resetByNode(61_000)).singleElement().satisfies(remedy -> assertThat(remedy).contains("nf_conntrack_tcp_timeout")
                .doesNotContain("be_liberal"));
    }

    @Test
    void aSegmentThatCameAtOnceWasInvalidForTheNode() {
        assertThat(resetByNode(1)).singleElement().satisfies(remedy -> assertThat(remedy).contains("be_liberal"));
    }

    @Test
    void aDatagramThatTheNodeRefusesCameTooLateForIt() {
        s.connect().udp().ask(50).pause(31_000).reaching(Stop.NODE_OUT).answer(90).refuseAnswer();
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("icmp-unreachable").hasDeviation("reply-not-forwarded");
        assertThat(remedies()).singleElement().satisfies(remedy -> assertThat(remedy).contains("nf_conntrack_udp_timeout"));
    }

    @Test
    void aSynThatWasLostInsideTheNodeIsNotLookedForInThePodsBacklog() {
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).wholeWay().synAgain().synAck().ack(true).ask(100).answer(400).close();
        assertThat(remedies()).anySatisfy(remedy -> assertThat(remedy).contains("insert_failed"))
                .noneSatisfy(remedy -> assertThat(remedy).contains("ListenOverflows"));
    }

    @Test
    void aPodsCallIsStoppedByTheInternalPolicy() {
        s.connect().from("10.244.0.7", 42_000).to("172.31.0.5", 443).reaching(Stop.CLIENT).syn().pause(1000).synAgain().pause(2000)
                .synAgain();
        s.passedBy("pod", "client", 443).cluster(web.internalLocalPolicy());
        assertThat(remedies()).singleElement().satisfies(remedy -> assertThat(remedy).contains(".spec.internalTrafficPolicy")
                .doesNotContain("external"));
    }

    @Test
    void whatCameToTheEndpointsNodeIsLookedForThere() {
        s.also("node2-eth0").connect().open().ask(100).answer(400).close();
        s.pause(100).connect().pod("10.244.1.3", 8444).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.passedBy("node2-eth0", "node2-cbr0", 8444);
        assertThat(remedies()).singleElement().satisfies(remedy -> assertThat(remedy).contains("ReversePathFilter")
                .doesNotContain("route-table"));
    }

    @Test
    void aPortThatOthersReachAllTheWhileIsNotComparedWithTheServices() {
        s.connect().open().ask(100).answer(400).close();
        s.pause(50);
        refused(32_000);
        s.pause(50).connect().from("10.241.0.9", 41_000).open().ask(100).answer(400).close();
        assertThat(remedies()).singleElement().satisfies(remedy -> assertThat(remedy).contains("NOTRACK").doesNotContain("get svc"));
    }

    private void refused(int port) {
        Connection c = s.connect().to("10.240.0.4", port).reaching(Stop.NODE_IN).syn().wholeWay().beginningAt(Stop.NODE_IN);
        c.changing((p, stop, request) -> p.ttl = 64).refuse();
    }

    private void neverDelivered() {
        for (int i = 0; i < 3; i++) {
            s.connect().reaching(Stop.NODE_OUT).syn().pause(1000).synAgain().pause(2000).synAgain();
            s.connect().pod("10.244.2.2", 8443).bridge("node3-cbr0").open().ask(100).answer(400).close();
        }
    }

    private List<String> remedies() {
        List<String> remedies = new ArrayList<>();
        s.analyze().satisfies(result -> result.flows().forEach(flow -> flow.deviations().forEach(d -> remedies.add(d.remedy()))));
        return remedies;
    }
}
