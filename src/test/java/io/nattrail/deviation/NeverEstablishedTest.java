package io.nattrail.deviation;

import static io.nattrail.assertj.NatTrailAssertions.from;
import static io.nattrail.assertj.NatTrailAssertions.to;
import static io.nattrail.deviation.Severity.ERROR;
import static io.nattrail.deviation.Severity.INFO;
import static io.nattrail.deviation.Severity.WARNING;
import static io.nattrail.deviation.Verdict.DEGRADED;
import static io.nattrail.deviation.Verdict.FAILED;
import static io.nattrail.deviation.Verdict.UNDETERMINED;
import static io.nattrail.packets.TestPacket.echo;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.assertj.CaseAssert;
import io.nattrail.assertj.FlowAssert;
import io.nattrail.assertj.NatTrailAssertions;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import io.nattrail.scenario.ClusterText;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Packet;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections that were never established: where they ended, and what only looks like it. */
class NeverEstablishedTest {
    private final Scenario s = Scenario.nodePort();

    private static Connection healthy(Scenario s) {
        return healthy(s.connect());
    }

    private static Connection healthy(Connection c) {
        return c.open().ask(100).answer(400).close();
    }

    /** SYN, and again after 1 and 3 seconds. */
    private static Connection threeSyns(Connection c) {
        return c.syn().pause(1000).synAgain().pause(2000).synAgain();
    }

    // request-lost-before-node1

    @Test
    void aRequestIsLostBeforeNode1IfItIsAtTheClientOnly() {
        threeSyns(s.connect().reaching(Stop.CLIENT));
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.1").hasDeviation("request-lost-before-node1").hasSeverity(ERROR)
                .and().hasNoDeviation("syn-retransmitted");
    }

    /** Beside the node that others call, by the packets alone. */
    @Test
    void aCallThatOnlyTheClientsCaptureShowsIsOneAtWhicheverNodeItWas() {
        healthy(s);
        threeSyns(s.connect().to("10.240.0.5", 30_025).reaching(Stop.CLIENT));
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.1");
    }

    /** What Node-1 takes to a pod of its own tells one address of it; another one beside that is hardly its own, too. */
    @Test
    void aCallOfANeighboursAddressIsNotLostBeforeTheNodeThatAnswersFromItsOwnPod() {
        s.without("node2-cbr0").connect().local().open().ask(100).answer(400).close();
        threeSyns(s.connect().to("10.240.0.5", 32_000).reaching(Stop.CLIENT));
        s.analyze().flow(to("10.240.0.5:32000")).hasNoDeviation("request-lost-before-node1");
    }

    /** An endpoint in the network of its node tells the node's address: no router has touched its answers at that node's interface. */
    @Test
    void aRequestIsLostBeforeTheNodeWhoseAddressItsOwnEndpointTells() {
        s.also("node2-eth0").without("node2-cbr0");
        Connection.Change unrouted = (p, stop, request) -> p.ttl += !request && stop == Stop.BRIDGE ? 1 : 0;
        healthy(s.connect().pod("10.240.0.5", 8443).changing(unrouted));
        threeSyns(s.connect().to("10.240.0.5", 32_000).reaching(Stop.CLIENT));
        s.analyze().flow(to("10.240.0.5:32000")).failedAtStep("1.1").hasDeviation("request-lost-before-node1").atPoint("node2-eth0");
    }

    @Test
    void aRequestIsNotLostBeforeNode1IfTheCaptureThereBeganLater() {
        threeSyns(s.connect().reaching(Stop.CLIENT));
        s.pause(90_000);
        long late = s.millis() - 100;
        healthy(s);
        s.capturing("node1-eth0", late, late + 5000).analyze().flow(from("10.241.0.4:40000")).hasNoDeviation("request-lost-before-node1");
    }

    @Test
    void aRequestIsNotLostBeforeNode1WhereTheFilterHidesTheClientsSide() {
        s.connect().missedAt(Stop.NODE_IN).open().ask(100).answer(300).close();
        threeSyns(s.connect().reaching(Stop.CLIENT));
        s.connect().reaching(Stop.NODE_IN).missedAt(Stop.NODE_IN).syn().wholeWay()
                .beginningAt(Stop.NODE_IN).missedAt(Stop.NODE_IN).refuse();
        CaseAssert seen = s.analyze();
        seen.hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0");
        seen.hasNoDeviation("request-lost-before-node1").hasNoDeviation("reset-midstream");
    }

    @Test
    void theFilterHidesTheClientsSideThoughNoAnswerEverCameToTheClient() {
        s.connect().missedAt(Stop.NODE_IN).syn().reaching(Stop.NODE_OUT).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        threeSyns(s.connect().reaching(Stop.CLIENT));
        CaseAssert seen = s.analyze();
        seen.hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0");
        seen.hasNoDeviation("request-lost-before-node1").hasNoDeviation("reply-not-forwarded");
    }

    /** As host 10.241.0.5 at the node: the other client's connections are answered, and the capture shows nothing of them. */
    @Test
    void aRequestIsNotLostBeforeNode1WhereTheFilterShowsAnotherClientAlone() {
        exchangeOf("10.241.0.5", 41_000);
        exchangeOf("10.241.0.4", 42_000, Stop.NODE_IN, Stop.NODE_OUT);
        threeSyns(s.connect().from("10.241.0.4", 42_001).reaching(Stop.CLIENT));
        exchangeOf("10.241.0.5", 41_001);
        CaseAssert seen = s.analyze();
        seen.hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0");
        seen.hasNoDeviation("request-lost-before-node1");
    }

    /** The capture shows others of the same client to the same port: no filter tells them apart. */
    @Test
    void aRequestIsLostBeforeNode1ThoughTheFilterHidesAnotherClient() {
        exchangeOf("10.241.0.5", 41_000);
        exchangeOf("10.241.0.4", 42_000, Stop.NODE_IN, Stop.NODE_OUT);
        threeSyns(s.connect().from("10.241.0.5", 41_002).reaching(Stop.CLIENT));
        exchangeOf("10.241.0.5", 41_001);
        s.analyze().hasDeviation("request-lost-before-node1");
    }

    @Test
    void aRequestIsLostBeforeNode1WhereNothingProvesAFilter() {
        exchangeOf("10.241.0.5", 41_000);
        threeSyns(s.connect().from("10.241.0.4", 42_001).reaching(Stop.CLIENT));
        exchangeOf("10.241.0.5", 41_001);
        s.analyze().hasNoDeviation("capture-filter-hides-leg").hasDeviation("request-lost-before-node1");
    }

    /** As host 10.244.1.2 at the bridge, where another pod has the same node. */
    @Test
    void aRequestIsNotLostBetweenNodesWhereTheBridgesFilterShowsAnotherPodAlone() {
        exchangeOf("10.241.0.4", 41_000);
        s.connect().pod("10.244.1.3", 8443).missedAt(Stop.BRIDGE).open().ask(100).answer(300).close();
        threeSyns(s.connect().pod("10.244.1.3", 8443).reaching(Stop.NODE_OUT));
        exchangeOf("10.241.0.4", 41_001);
        CaseAssert seen = s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true).endpoint("10.244.1.3", "node-2", true))
                .analyze();
        seen.hasDeviation("capture-filter-hides-leg").atPoint("node2-cbr0");
        seen.hasNoDeviation("request-lost-between-nodes");
    }

    /** As host 10.241.0.5 or port 8443 at the node: what the pods answer shows, and not what becomes of it for the other client. */
    @Test
    void anAnswerIsForwardedWhereTheFilterHidesTheClientsSideOfAnotherClient() {
        exchangeOf("10.241.0.5", 41_000);
        s.connect().from("10.241.0.4", 42_001).missedAt(Stop.NODE_IN).syn().reaching(Stop.NODE_OUT).synAck().pause(1000).synAckAgain()
                .pause(2000).synAckAgain();
        exchangeOf("10.241.0.5", 41_001);
        s.analyze().hasNoDeviation("reply-not-forwarded");
    }

    private void exchangeOf(String client, int port, Stop... hidden) {
        s.pause(100).connect().from(client, port).missedAt(hidden).open().ask(100).answer(300).close();
    }

    // node-port-closed

    @Test
    void aNodePortIsClosedIfNode1ItselfRefuses() {
        Connection c = s.connect().reaching(Stop.NODE_IN).syn().wholeWay().beginningAt(Stop.NODE_IN);
        c.changing((p, stop, request) -> p.ttl = 64).refuse();
        s.analyze().onlyFlow().failedAtStep("1.2").hasDeviation("node-port-closed").hasSeverity(ERROR);
    }

    /** Nothing tells that the SYN did not reach the node, which may have refused it itself. */
    @Test
    void anAddressOfWhichNothingElseTellsIsTheNodesThatRefusesInItsName() {
        healthy(s);
        Connection c = s.connect().to("10.240.9.4", 32_001).reaching(Stop.NODE_IN).syn().wholeWay().beginningAt(Stop.NODE_IN);
        c.changing((p, stop, request) -> p.ttl = 64).refuse();
        s.analyze().flow(to("10.240.9.4:32001")).failedAtStep("1.2").hasDeviation("node-port-closed");
    }

    @Test
    void aRefusalIsNobodysInBetweenWhereTheNodesCaptureHadEnded() {
        healthy(s);
        long end = s.millis() + 100;
        s.pause(600);
        Connection c = s.connect().to("10.240.0.4", 32_001).reaching(Stop.NODE_IN).syn().wholeWay().beginningAt(Stop.NODE_IN);
        c.changing((p, stop, request) -> p.ttl = stop == Stop.CLIENT ? 63 : 64).refuse();
        s.capturing("node1-eth0", -200, end).analyze().flow(from("10.241.0.4:40001")).hasVerdict(FAILED).hasNoDeviation("reset-midstream");
    }

    private void refusedOutOfTheNodesSight() {
        s.connect().open().ask(100).answer(400).close();
        s.connect().missedAt(Stop.NODE_IN, Stop.NODE_OUT).syn().reset(false);
        s.connect().open().ask(100).answer(400).close();
    }

    @Test
    void aRefusalThatTheNodesCaptureLostWithOthersDoesNotComeFromInBetween() {
        refusedOutOfTheNodesSight();
        s.without("node2-cbr0").dropping("node1-eth0", 5).analyze().flow(from("10.241.0.4:40001")).hasVerdict(FAILED)
                .hasNoDeviation("reset-midstream").hasDeviation("connection-refused");
    }

    @Test
    void aRefusalThatAWholeCaptureOfTheNodeDoesNotShowComesFromInBetween() {
        refusedOutOfTheNodesSight();
        s.without("node2-cbr0").analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.1").hasDeviation("reset-midstream");
    }

    @Test
    void aRefusalThatTheNodeNeverSentThoughItGotTheSynComesFromInBetween() {
        healthy(s);
        s.connect().reaching(Stop.NODE_IN).syn().wholeWay().beginningAt(Stop.CLIENT).changing((p, stop, request) -> p.ttl = 61).refuse();
        s.pause(1000);
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("2.0").hasNoDeviation("node-port-closed").hasDeviation("reset-midstream")
                .hasSeverity(ERROR);
    }

    @Test
    void aNodePortIsNotClosedIfTheRefusalCameFromThePod() {
        s.connect().syn().refuse();
        s.analyze().onlyFlow().failedAtStep("1.6").hasNoDeviation("node-port-closed").hasDeviation("connection-refused");
    }

    @Test
    void aRefusalThatComesOnceOfTwoIsNotLost() {
        healthy(s);
        s.connect().syn().reaching(Stop.BRIDGE).refuse().wholeWay().refuse();
        s.pause(100);
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasNoDeviation("loss").hasDeviation("connection-refused");
    }

    private CaseAssert refusedByNode2WithOnlyItsBridgeCaptured(String endpoint, String node, boolean ready) {
        healthy(s);
        s.pause(500);
        s.connect().to("10.240.0.5", 32_000).reaching(Stop.CLIENT).syn().beginningAt(Stop.CLIENT).refuse();
        s.pause(500);
        healthy(s);
        return s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true).endpoint(endpoint, node, ready)).analyze();
    }

    @Test
    void aNodePortIsClosedIfNoneOfItsEndpointsGotWhatIsRefused() {
        refusedByNode2WithOnlyItsBridgeCaptured("10.244.1.3", "node-2", true).flow(to("10.240.0.5:32000")).failedAtStep("1.2")
                .hasDeviation("node-port-closed").and().hasNoDeviation("connection-refused");
    }

    @Test
    void aNodePortMayBeOpenIfAnEndpointIsWhereNothingWasCaptured() {
        refusedByNode2WithOnlyItsBridgeCaptured("10.244.2.3", "node-3", true).flow(to("10.240.0.5:32000")).hasVerdict(FAILED)
                .hasNoDeviation("node-port-closed");
    }

    // no-endpoints-reject

    @Test
    void aServiceWithoutEndpointsIsRejectedByIcmpFromNode1() {
        s.connect().reaching(Stop.NODE_IN).syn().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().onlyFlow().failedAtStep("1.2").hasDeviation("no-endpoints-reject").hasSeverity(ERROR).and()
                .hasNoDeviation("icmp-unreachable");
    }

    /** Linux tells one address six times at once, then once in a second, that it rejects. */
    /** The load balancer's address is in the packet; the node rejects it in a name of its own. */
    @Test
    void aNodeRejectsWhatIsForTheLoadBalancersAddressInItsOwnName() {
        s.connect().to("20.50.60.70", 443).reaching(Stop.NODE_IN).syn().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN).pause(1000);
        s.cluster(ClusterText.web().loadBalancer("20.50.60.70").endpoint("10.244.1.2", "node-2", false)).analyze().onlyFlow()
                .failedAtStep("1.2").hasDeviation("no-endpoints-reject").hasSeverity(ERROR);
    }

    private void rejectedWithOneWordLess() {
        for (int i = 0; i < 6; i++) {
            s.pause(30).connect().reaching(Stop.NODE_IN).syn().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        }
        threeSyns(s.pause(30).connect().reaching(Stop.NODE_IN));
    }

    @Test
    void aRejectOfWhichTheNodeMayNotTellAnyMoreIsARejectLikeTheOthers() {
        rejectedWithOneWordLess();
        s.analyze().flow(from("10.241.0.4:40006")).failedAtStep("1.2").hasDeviation("no-endpoints-reject").and()
                .hasNoDeviation("request-not-forwarded");
    }

    @Test
    void aDatagramForAPortOfNoServiceIsRefusedThoughTheNodeMayNotTellAnyMore() {
        for (int i = 0; i < 6; i++) {
            s.pause(30).connect().udp().to("10.240.0.4", 30_099).reaching(Stop.NODE_IN).ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        }
        s.pause(30).connect().udp().to("10.240.0.4", 30_099).reaching(Stop.NODE_IN).ask(50);
        s.cluster(ClusterText.web().udp().endpoint("10.244.1.2", "node-2", true)).tail(200).analyze().flow(from("10.241.0.4:40006"))
                .failedAtStep("1.2").hasDeviation("node-port-closed").and().hasNoDeviation("no-endpoints-reject");
    }

    @Test
    void whereNothingTellsOfAServiceARefusedDatagramMayHaveMetAClosedPort() {
        s.connect().udp().reaching(Stop.NODE_IN).ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().onlyFlow().hasDeviation("no-endpoints-reject").satisfies(
                deviation -> assertThat(deviation.message()).endsWith("that nothing listens on looks the same"));
    }

    @Test
    void aRefusedSynMetNoClosedPortNorDidADatagramOfATranslatedPort() {
        s.connect().udp().to("10.240.0.5", 30_053).ask(50).answer(60);
        s.connect().reaching(Stop.NODE_IN).syn().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        s.connect().udp().reaching(Stop.NODE_IN).ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        for (String client : new String[] {"10.241.0.4:40001", "10.241.0.4:40002"}) {
            s.analyze().flow(from(client)).hasDeviation("no-endpoints-reject").satisfies(
                    deviation -> assertThat(deviation.message()).endsWith("and sent nothing on"));
        }
    }

    @Test
    void anotherClientIsToldOfARejectForItself() {
        rejectedWithOneWordLess();
        threeSyns(s.connect().from("10.241.0.9", 41_000).reaching(Stop.NODE_IN));
        s.analyze().flow(from("10.241.0.9:41000")).failedAtStep("1.3").hasDeviation("request-not-forwarded").and()
                .hasNoDeviation("no-endpoints-reject");
    }

    @Test
    void whatIsSilentAfterTheLimitsIntervalIsNoReject() {
        s.connect().reaching(Stop.NODE_IN).syn().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        threeSyns(s.pause(1700).connect().reaching(Stop.NODE_IN));
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.3").hasDeviation("request-not-forwarded");
    }

    @Test
    void aServiceThatTookOthersBeforeAndAfterDidNotRejectThisOne() {
        s.connect().reaching(Stop.NODE_IN).syn().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        healthy(s);
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40002")).failedAtStep("1.3").hasDeviation("request-not-forwarded");
    }

    @Test
    void aDatagramRefusedByThePodsIcmpIsNoServiceWithoutEndpoints() {
        s.connect().udp().ask(50).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasNoDeviation("no-endpoints-reject").hasDeviation("icmp-unreachable");
    }

    /** A pod that is not ready any more when the state is asked for may have refused what came before that. */
    @Test
    void aNodePortMayBeOpenIfAPodThatIsNotReadyIsWhereNothingWasCaptured() {
        refusedByNode2WithOnlyItsBridgeCaptured("10.244.2.3", "node-3", false).flow(to("10.240.0.5:32000")).hasVerdict(FAILED)
                .hasNoDeviation("node-port-closed");
    }

    @Test
    void aNodePortMayBeOpenIfTheCapturesAtItsEndpointsShowAnotherProtocolOnly() {
        for (int i = 0; i < 4; i++) {
            s.pause(500).connect().udp().ask(50).answer(60);
            if (i == 1) {
                s.connect().to("10.240.0.5", 32_000).reaching(Stop.CLIENT).syn().beginningAt(Stop.CLIENT).refuse();
            }
        }
        s.withoutNeighbours("node2-cbr0").cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze()
                .flow(to("10.240.0.5:32000")).hasVerdict(FAILED)
                .hasNoDeviation("node-port-closed");
    }

    @Test
    void aDatagramRefusedByAPodOnNode1ComesBackInItsNameYetRouted() {
        s.connect().udp().local().ask(50).answer(60);
        s.connect().udp().local().ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.BRIDGE);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasNoDeviation("no-endpoints-reject")
                .hasDeviation("icmp-unreachable").hasSeverity(ERROR);
    }

    private void refusedByAPodOnNode1(int words) {
        s.connect().udp().ask(50).answer(60);
        for (int i = 0; i < words; i++) {
            s.pause(30).connect().udp().local().ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.BRIDGE);
        }
    }

    @Test
    void aDatagramOfWhichAPodOnNode1MayNotTellAnyMoreThatItsPortIsClosedDidComeThere() {
        refusedByAPodOnNode1(6);
        s.pause(30).connect().udp().local().reaching(Stop.NODE_IN).ask(50);
        s.tail(200).analyze().flow(from("10.241.0.4:40007")).failedAtStep("1.6").hasDeviation("no-reply-from-pod").and()
                .hasNoDeviation("request-not-forwarded");
    }

    @Test
    void aDatagramIsNotSilentlyRefusedByAPodWhereAnotherAnswers() {
        s.connect().udp().local().ask(50).answer(60);
        refusedByAPodOnNode1(6);
        s.pause(30).connect().udp().local().reaching(Stop.NODE_IN).ask(50);
        s.tail(200).analyze().flow(from("10.241.0.4:40008")).hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aDatagramForAPortOfNoServiceIsRefusedByTheNodeItself() {
        s.connect().udp().to("10.240.0.4", 30_099).reaching(Stop.NODE_IN).ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        s.cluster(ClusterText.web().udp().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow().failedAtStep("1.2")
                .hasDeviation("node-port-closed").hasSeverity(ERROR).and().hasNoDeviation("no-endpoints-reject");
    }

    /** Its TCP tells that no rule is there: what rejects a service without endpoints says so by ICMP. */
    private Scenario nodeWithoutRules() {
        s.connect().to("10.240.0.5", 30_053).udp().ask(50).answer(60);
        s.connect().to("10.240.0.5", 32_000).open().ask(50).answer(60).close();
        for (int i = 0; i < 2; i++) {
            s.pause(30).connect().reaching(Stop.NODE_IN).syn().beginningAt(Stop.NODE_IN).refuse();
            s.pause(30).connect().udp().reaching(Stop.NODE_IN).ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        }
        return s;
    }

    @Test
    void aNodeThatClosesATcpPortWithEndpointsHasNoRuleForADatagramEither() {
        nodeWithoutRules().analyze().flow(from("10.241.0.4:40003")).failedAtStep("1.2").hasDeviation("node-port-closed").and()
                .hasNoDeviation("no-endpoints-reject");
    }

    @Test
    void onceItTookOthersItsRulesWereThere() {
        nodeWithoutRules().pause(2000);
        s.connect().open().ask(50).answer(60).close();
        s.connect().udp().reaching(Stop.NODE_IN).ask(50).icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().flow(from("10.241.0.4:40007")).failedAtStep("1.2").hasDeviation("no-endpoints-reject");
    }

    /** Where no rule takes SCTP to a service, and the node's kernel has no SCTP itself. */
    @Test
    void aProtocolThatTheNodeItselfCallsUnreachableHasNoRuleThere() {
        s.connect().udp().reaching(Stop.NODE_IN).ask(50).icmp(3, 2, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().onlyFlow().failedAtStep("1.2").hasDeviation("node-port-closed").and().hasNoDeviation("icmp-unreachable");
    }

    @Test
    void aProtocolThatAPodOnNode1CallsUnreachableCameThere() {
        s.connect().udp().local().ask(50).answer(60);
        s.connect().udp().local().ask(50).icmp(3, 2, 0, "10.240.0.4", Stop.BRIDGE);
        s.analyze().flow(from("10.241.0.4:40001")).hasVerdict(FAILED).hasNoDeviation("node-port-closed")
                .hasDeviation("icmp-unreachable");
    }

    @Test
    void aServiceToldWithoutEndpointsRejectsThoughNoCaptureShowsIcmp() {
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", false)).analyze().onlyFlow().failedAtStep("1.2")
                .hasDeviation("no-endpoints-reject").and().hasNoDeviation("request-not-forwarded");
    }

    @Test
    void aServiceToldWithEndpointsIsNotForwarded() {
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow().failedAtStep("1.3")
                .hasDeviation("request-not-forwarded").and().hasNoDeviation("no-endpoints-reject");
    }

    @Test
    void anUnreachableHostIsNoServiceWithoutEndpointsWhereTheFilterHidesThePodsSide() {
        s.connect().missedAt(Stop.NODE_OUT, Stop.BRIDGE).open().ask(100).answer(300).close();
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain().icmp(3, 1, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().flow(from("10.241.0.4:40001")).hasVerdict(FAILED).hasDeviation("icmp-unreachable").and()
                .hasNoDeviation("no-endpoints-reject");
    }

    @Test
    void anUnreachableHostIsNoRejectOfKubeProxys() {
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain().icmp(3, 1, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().onlyFlow().failedAtStep("1.3").hasDeviation("icmp-unreachable").and().hasNoDeviation("no-endpoints-reject");
    }

    @Test
    void theCalledNodesIcmpProvesThatTheRequestArrivedThoughItsCaptureMissedIt() {
        healthy(s);
        s.connect().reaching(Stop.NODE_IN).missedAt(Stop.NODE_IN).syn().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.2").hasDeviation("no-endpoints-reject");
    }

    /** The router at the pod asks for the neighbour for three seconds before it says that there is none. */
    @Test
    void aClientThatAsksAgainUntilTheErrorComesDoesSoForItsCause() {
        Connection c = s.connect().syn().pause(1000).synAgain().pause(2000).synAgain().pause(100);
        c.icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT);
        s.analyze().onlyFlow().hasDeviation("icmp-unreachable").and().hasNoDeviation("syn-retransmitted");
    }

    /** Nothing of the node was captured; what answers in its name was sent there or behind it. */
    private CaseAssert refusedInTheNodesName(Connection c, int code) {
        c.icmp(3, code, 0, "10.240.0.4", Stop.CLIENT);
        return s.without("node1-eth0").without("node2-cbr0").analyze();
    }

    @Test
    void aTcpPortThatIsUnreachableInTheNodesNameIsRejectedThereThoughOnlyTheClientShowsIt() {
        refusedInTheNodesName(s.connect().reaching(Stop.CLIENT).syn(), 3).onlyFlow().failedAtStep("1.2")
                .hasDeviation("no-endpoints-reject").and().hasNoDeviation("icmp-unreachable");
    }

    @Test
    void aServiceThatAnswersOthersHasEndpoints() {
        healthy(s);
        refusedInTheNodesName(s.connect().reaching(Stop.CLIENT).syn(), 3).hasNoDeviation("no-endpoints-reject")
                .flow(from("10.241.0.4:40001")).failedAtStep("1.2").hasDeviation("icmp-unreachable");
    }

    @Test
    void aUdpPortMayBeClosedAtThePod() {
        refusedInTheNodesName(s.connect().udp().reaching(Stop.CLIENT).ask(50), 3).onlyFlow().hasVerdict(FAILED)
                .hasDeviation("icmp-unreachable").and().hasNoDeviation("no-endpoints-reject");
    }

    @Test
    void whatIsProhibitedInTheNodesNameCameToTheNode() {
        refusedInTheNodesName(s.connect().reaching(Stop.CLIENT).syn(), 13).onlyFlow().failedAtStep("1.3")
                .hasDeviation("icmp-unreachable");
    }

    @Test
    void anotherRoutersIcmpDoesNot() {
        healthy(s);
        s.connect().reaching(Stop.CLIENT).syn().icmp(3, 3, 0, "10.241.0.1", Stop.CLIENT);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.1").hasDeviation("icmp-unreachable");
    }

    @Test
    void anErrorSeenOnBothSidesOfTheNatIsSaidOnceOfItsFlow() {
        s.connect().udp().ask(50).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE);
        CaseAssert seen = s.analyze();
        seen.onlyFlow().hasDeviation("icmp-unreachable").provenBy("node2-cbr0#3");
        assertThat(seen.actual().flows().get(0).deviations()).hasSize(1);
        assertThat(seen.actual().findings().summary().rootCauses()).singleElement()
                .satisfies(cause -> assertThat(cause.flows()).isEqualTo(1));
    }

    @Test
    void aFlowThatOnlyAnErrorQuotesIsJudgedToo() {
        healthy(s);
        s.connect().missedAt(Stop.values()).syn().missedAt().icmp(3, 1, 0, "10.241.0.1", Stop.CLIENT);
        s.connect().udp().missedAt(Stop.values()).ask(50).missedAt().icmp(3, 1, 0, "10.244.1.2", Stop.BRIDGE);
        s.analyze().flow(from("10.241.0.4:40001")).hasDeviation("icmp-unreachable");
    }

    /** Nothing bounds the clock of node2-cbr0 from its other side; but it shows what left node-1 before, and after. */
    @Test
    void aLoneDatagramIsLostWhereOthersPassedBeforeAndAfterIt() {
        s.tail(100).connect().udp().ask(50).missedAt(Stop.BRIDGE).answer(60);
        s.pause(50).connect().udp().reaching(Stop.NODE_OUT).ask(51);
        s.pause(50).connect().udp().ask(52).missedAt(Stop.BRIDGE).answer(60);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes").hasSeverity(ERROR);
    }

    @Test
    void aLoneDatagramAtTheEndMayHaveMissedTheCapture() {
        s.tail(100).connect().udp().ask(50).missedAt(Stop.BRIDGE).answer(60);
        s.pause(50).connect().udp().reaching(Stop.NODE_OUT).ask(51);
        s.analyze().flow(from("10.241.0.4:40001")).hasVerdict(UNDETERMINED).hasNoDeviation("request-lost-between-nodes");
    }

    /** Each from a socket of its own, as programs send metrics and lines of a log. */
    @Test
    void nobodyAnswersASingleDatagramOfSyslog() {
        for (int i = 0; i < 5; i++) {
            s.connect().udp().pod("10.244.1.2", 514).ask(50 + i);
        }
        s.tail(2000).analyze().hasNoDeviation("no-reply-from-pod").flow(from("10.241.0.4:40000")).hasVerdict(UNDETERMINED)
                .satisfies(flow -> assertThat(flow.undetermined()).isEqualTo("node2-cbr0 shows 1 datagram and no answer; its port is that "
                        + "of a protocol that has none (syslog, metrics)"));
    }

    /** The bridge of the node that is called was not captured: a pod there may have all of them. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatWaitsForNoAnswerMayHaveGoneToAPodOfTheCalledNode(boolean another) {
        healthy(s);
        Connection c = s.connect().udp().reaching(Stop.NODE_IN);
        for (int i = 0; i < 5; i++) {
            c.ask(another ? "line " + i : "question").pause(1000);
        }
        FlowAssert flow = s.tail(2000).analyze().flow(from("10.241.0.4:40001"));
        if (another) {
            flow.hasNoDeviation("request-not-forwarded");
        } else {
            flow.failedAtStep("1.3").hasDeviation("request-not-forwarded");
        }
    }

    @Test
    void aSingleDatagramOfSyslogCanBeLostAllTheSame() {
        for (int i = 0; i < 5; i++) {
            s.connect().udp().pod("10.244.1.2", 514).reaching(i == 2 ? Stop.NODE_OUT : Stop.BRIDGE).ask(50 + i);
            s.pause(500);
        }
        s.tail(2000).analyze().flow(from("10.241.0.4:40002")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes");
    }

    /** Each echo differs from the last, by its time, as a line of syslog does. */
    @Test
    void echoesAreDueAnAnswerHoweverLongSomebodyGoesOnWithThem(@TempDir Path folder) {
        Tape bridge1 = new Tape();
        Tape eth0 = new Tape();
        Tape bridge2 = new Tape();
        for (int i = 0; i < 12; i++) {
            TestPacket echo = echo("10.244.0.7", "10.244.1.2", 77, i, true).payload("sent at " + i).id(100 + i);
            bridge1.at(i * 1_000_000_000L, echo);
            eth0.at(i * 1_000_000_000L + 100_000, echo.ttl(63));
            bridge2.at(i * 1_000_000_000L + 400_000, echo.ttl(62));
        }
        TestPacket other = echo("10.244.0.8", "10.244.1.9", 77, 1, true).id(200);
        TestPacket answer = echo("10.244.1.9", "10.244.0.8", 77, 1, false).id(300);
        bridge1.then(other).then(answer.ttl(62));
        eth0.then(other.ttl(63)).then(answer.ttl(63));
        bridge2.then(other.ttl(62)).then(answer);
        bridge1.write(folder.resolve("node1-cbr0.pcap"));
        eth0.write(folder.resolve("node1-eth0.pcap"));
        bridge2.write(folder.resolve("node2-cbr0.pcap"));

        NatTrailAssertions.assertThatCapture(folder).flow(from("10.244.0.7:77")).failedAtStep("1.6").hasDeviation("no-reply-from-pod")
                .hasSeverity(ERROR);
    }

    @Test
    void answersMissingAtTheClientAreLostAnywhereIfNothingWasCapturedInBetween() {
        Connection c = s.without("node1-eth0").connect().reaching(Stop.BRIDGE);
        c.syn().reaching(Stop.NODE_OUT).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("loss").hasSeverity(ERROR);
    }

    // local-policy-no-endpoint

    @Test
    void policyLocalWithoutAnEndpointOnNode1DropsOnPurpose() {
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.cluster(ClusterText.web().localPolicy().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow().failedAtStep("1.2")
                .hasDeviation("local-policy-no-endpoint").hasSeverity(ERROR).and().hasNoDeviation("request-not-forwarded");
    }

    /** The pod moves from one node to the other while clients call both; the state names the one on Node-1. */
    @Test
    void policyLocalDropsOnPurposeBeforeThePodHasMovedThere() {
        onNode2();
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.pause(2000);
        onNode1();
        asDroppedOnPurpose(s.analyze());
        asDroppedOnPurpose(nameNode1());
    }

    @Test
    void policyLocalDropsOnPurposeAfterThePodHasMovedAway() {
        onNode1();
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.pause(2000);
        onNode2();
        asDroppedOnPurpose(s.analyze());
        asDroppedOnPurpose(nameNode1());
    }

    @Test
    void whereThePodStayedANodeDoesNotDropOnPurpose() {
        onNode1();
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.pause(2000);
        onNode1();
        nameNode1().flow(from("10.241.0.4:40001")).failedAtStep("1.3").hasDeviation("request-not-forwarded").and()
                .hasNoDeviation("local-policy-no-endpoint");
    }

    /** By the packets alone as well. */
    private static void asDroppedOnPurpose(CaseAssert seen) {
        seen.flow(from("10.241.0.4:40001")).failedAtStep("1.2").hasDeviation("local-policy-no-endpoint").and()
                .hasNoDeviation("request-not-forwarded");
    }

    private void onNode1() {
        s.also("node1-cbr0").connect().notMasqueraded().pod("10.244.0.3", 8443).bridge("node1-cbr0").missedAt(Stop.NODE_OUT).open().ask(100)
                .answer(400).close();
    }

    private void onNode2() {
        int port = 39_000;
        s.connect().from("10.241.0.5", port).to("10.240.0.5", 32_000).masqueradedTo("10.241.0.5", port).missedAt(Stop.NODE_OUT).open()
                .ask(100).answer(400).close();
        s.passedBy("node2-eth0", "node1-eth0", port);
    }

    private CaseAssert nameNode1() {
        return s.cluster(ClusterText.web().localPolicy().endpoint("10.244.0.3", "node-1", true)).analyze();
    }

    /** kube-proxy's own rule says it, where the API's objects were not dumped. */
    @Test
    void policyLocalDropsOnPurposeIfARuleOfNode1DoesBecauseNoEndpointIsThere() {
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.rules("node-1", """
                table ip kube-proxy {
                 map no-endpoint-nodeports {
                  type inet_proto . inet_service : verdict
                  elements = { tcp . 32000 comment "default/web:https" : drop }
                 }
                 map service-ips {
                  type ipv4_addr . inet_proto . inet_service : verdict
                  elements = { 172.31.0.5 . tcp . 443 : goto service-PET3V2EF-default/web/tcp/https }
                 }
                 chain service-PET3V2EF-default/web/tcp/https {
                  numgen random mod 1 vmap { 0 : goto endpoint-CB5NNYOC-default/web/tcp/https__10.244.1.2/8443 }
                 }
                 chain endpoint-CB5NNYOC-default/web/tcp/https__10.244.1.2/8443 {
                  meta l4proto tcp dnat to 10.244.1.2:8443
                 }
                }
                """).analyze().onlyFlow().failedAtStep("1.2").hasDeviation("local-policy-no-endpoint").and()
                .hasNoDeviation("request-not-forwarded");
        s.rules("node-1", """
                *filter
                :KUBE-EXTERNAL-SERVICES - [0:0]
                -A KUBE-EXTERNAL-SERVICES -p tcp -m comment --comment "default/web:https has no local endpoints" -m addrtype \
                --dst-type LOCAL -m tcp --dport 32000 -j DROP
                COMMIT
                *nat
                :KUBE-SERVICES - [0:0]
                -A KUBE-SERVICES -d 172.31.0.5/32 -p tcp -m comment --comment "default/web:https cluster IP" -m tcp --dport 443 \
                -j KUBE-SVC-A
                -A KUBE-SVC-A -m comment --comment "default/web:https -> 10.244.1.2:8443" -j KUBE-SEP-A
                -A KUBE-SEP-A -p tcp -m comment --comment "default/web:https" -m tcp -j DNAT --to-destination 10.244.1.2:8443
                COMMIT
                """).analyze().onlyFlow().failedAtStep("1.2").hasDeviation("local-policy-no-endpoint").and()
                .hasNoDeviation("request-not-forwarded");
    }

    /** The same of a pod's call under internalTrafficPolicy Local. */
    @Test
    void aPodsCallIsDroppedOnPurposeIfARuleOfItsNodeDoesBecauseNoEndpointIsThere() {
        threeSyns(s.connect().from("10.244.0.7", 42_000).to("172.31.0.5", 443).reaching(Stop.CLIENT));
        s.passedBy("node1-cbr0", "client", 443).rules("node-1", """
                *filter
                :KUBE-SERVICES - [0:0]
                -A KUBE-SERVICES -d 172.31.0.5/32 -p tcp -m comment --comment "default/web:https has no local endpoints" -m tcp \
                --dport 443 -j DROP
                COMMIT
                """).analyze().onlyFlow().failedAtStep("1.2").hasDeviation("local-policy-no-endpoint").and()
                .hasNoDeviation("request-not-forwarded");
    }

    @Test
    void policyLocalWithAnEndpointOnNode1DoesNot() {
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.cluster(ClusterText.web().localPolicy().endpoint("10.244.0.3", "node-1", true)).analyze().onlyFlow().hasVerdict(FAILED)
                .hasNoDeviation("local-policy-no-endpoint");
    }

    private static final ClusterText LOCAL = ClusterText.web().localPolicy().endpoint("10.244.1.2", "node-2", true);

    /** kube-proxy takes a pod's call of a node port to any endpoint (KUBE-EXT, "pod traffic for external destinations"). */
    @Test
    void policyLocalIsNotWhatDropsThePodsOwnCalls() {
        threeSyns(s.connect().from("10.244.0.9", 42_000).reaching(Stop.NODE_IN).missedAt(Stop.CLIENT));
        s.cluster(LOCAL).analyze().onlyFlow().failedAtStep("1.3").hasNoDeviation("local-policy-no-endpoint")
                .hasDeviation("request-not-forwarded");
    }

    // request-not-forwarded

    /** Under policy Local a node without an endpoint looks the same; what is not known is not said. */
    @Test
    void aDropOfWhichNothingTellsTheServiceMayBeOnPurpose() {
        s.connect().open().ask(100).answer(300).close();
        threeSyns(s.pause(20).connect().to("10.240.0.4", 30_080).reaching(Stop.NODE_IN));
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.3").hasDeviation("request-not-forwarded")
                .matches(d -> d.message().endsWith("got it 3 times and sent nothing on"))
                .matches(d -> d.type().title().equals("Node-1 took the request and neither sent it on nor refused it"))
                .matches(d -> d.remedy().startsWith("Where nothing tells of the service, ask first whether this is on purpose: "
                        + "`kubectl get svc -A -o yaml | grep -E 'externalTrafficPolicy: Local|nodePort: 30080'`"));
    }

    @Test
    void aDropIsNotOnPurposeWhereTheClustersStateNamesEndpoints() {
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow().hasDeviation("request-not-forwarded")
                .matches(d -> d.message().endsWith("got it 3 times and sent nothing on, though default/web has endpoints"))
                .matches(d -> d.remedy().startsWith("Read the drop counters"));
    }

    @Test
    void aPodsCallThatItsNodeHasForAPodOfAnotherAndDoesNotSendThereIsNotForwarded() {
        for (int port = 42_000; port < 42_002; port++) {
            healthy(s.connect().from("10.244.0.7", port).to("10.244.1.2", 8443).notMasqueraded().missedAt(Stop.NODE_IN));
        }
        threeSyns(s.connect().from("10.244.0.7", 42_002).to("10.244.1.2", 8443).notMasqueraded().reaching(Stop.CLIENT));
        s.passedBy("node1-cbr0", "client", 8443).analyze().flow(from("10.244.0.7:42002")).failedAtStep("1.3")
                .hasDeviation("request-not-forwarded").hasSeverity(ERROR)
                .matches(d -> d.message().equals("node-1 got it 3 times for 10.244.1.2:8443 on node-2 and did not send it there"));
    }

    @Test
    void ofAServiceThatAnswersNobodyAMissingAnswerSaysNothing() {
        s.connect().udp().ask(50).pause(400).ask(50).pause(400).ask(50);
        s.connect().udp().local().reaching(Stop.NODE_IN).ask(50).pause(400).ask(50).pause(400).ask(50);
        s.analyze().flow(from("10.241.0.4:40001")).hasNoDeviation("request-not-forwarded");
    }

    @Test
    void aRequestIsNotForwardedIfItEntersNode1AndNothingLeaves() {
        healthy(s);
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.3").hasDeviation("request-not-forwarded").hasSeverity(ERROR);
    }

    @Test
    void aRequestIsNotUnansweredYetIfItCameAsTheCaptureEnded() {
        healthy(s);
        s.connect().local().reaching(Stop.NODE_IN).syn();
        s.tail(60).analyze().hasNoDeviation("request-not-forwarded");
    }

    @Test
    void anAcknowledgementAloneAsksNode1ForNothing() {
        Connection c = s.connect().local().open().ask(100).answer(400).fin(true).fin(false);
        long late = s.millis() + 5;
        c.pause(10).ack(true).pause(10);
        healthy(s);
        s.capturing("client", late + 10, late + 3000).capturing("node1-eth0", late, late + 3000).analyze()
                .hasNoDeviation("request-not-forwarded");
    }

    @Test
    void nothingIsSaidOfForwardingWhereTheFilterHidesThePodsSide() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        }
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.analyze().hasNoDeviation("request-not-forwarded").hasDeviation("capture-filter-hides-leg");
    }

    /** It shows the client's side of this one, and it is said to show no more of it, not that it shows nothing. */
    @Test
    void whatAFilterHidesIsSaidOfTheSideThatItHides() {
        s.connect().local().open().ask(100).answer(300).close();
        for (int i = 0; i < 2; i++) {
            s.connect().from("10.241.0.5", 42_001 + i).missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        }
        threeSyns(s.connect().from("10.241.0.5", 42_009).reaching(Stop.NODE_IN));
        s.analyze().flow(from("10.241.0.5:42009")).satisfies(flow -> assertThat(flow.undetermined())
                .startsWith("node1-eth0 shows only the client's side of it, and hides the other side of others that must have passed it"));
    }

    @Test
    void nothingIsSaidOfForwardingWhereOnlyTheAnswersTellThatTheFilterHidesThePodsSide() {
        for (int i = 0; i < 2; i++) {
            s.connect().missedAt(Stop.NODE_OUT, Stop.BRIDGE).open().ask(100).answer(300).close();
        }
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.analyze().hasNoDeviation("request-not-forwarded").hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0");
    }

    @Test
    void whatConntrackListsWasSentOnThoughTheCaptureDoesNotShowIt() {
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.conntrack("node-1", "ipv4 2 tcp 6 90 SYN_SENT src=10.241.0.4 dst=10.240.0.4 sport=40000 dport=32000 [UNREPLIED] src=10.244.1.2 "
                + "dst=10.240.0.4 sport=8443 dport=50000 mark=0 use=1");
        CaseAssert seen = s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze();
        seen.hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0");
        seen.hasNoDeviation("request-not-forwarded");
    }

    @Test
    void whatConntrackListsWasNotSentOnWhereTheNodeFoundNobodyToSendItTo() {
        threeSyns(s.connect().reaching(Stop.NODE_IN)).icmp(3, 1, 0, "10.240.0.4", Stop.NODE_IN);
        s.conntrack("node-1", "ipv4 2 tcp 6 90 SYN_SENT src=10.241.0.4 dst=10.240.0.4 sport=40000 dport=32000 [UNREPLIED] src=10.244.1.2 "
                + "dst=10.240.0.4 sport=8443 dport=50000 mark=0 use=1");
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze().hasNoDeviation("capture-filter-hides-leg");
    }

    @Test
    void whatIsNotForwardedIsToldBesideAPodOnTheNodeItself() {
        s.connect().local().open().ask(100).answer(300).close();
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.analyze().hasDeviation("request-not-forwarded").and().hasNoDeviation("capture-filter-hides-leg");
    }

    // snat-port-race

    @Test
    void aRaceForASourcePortLosesTheFirstSynOfOneOfTwo() {
        Connection loser = s.connect();
        Connection winner = s.connect();
        loser.reaching(Stop.NODE_IN).syn();
        winner.open();
        s.pause(1000);
        loser.wholeWay().synAgain().synAck().ack(true).ask(100).answer(300).close();
        winner.ask(100).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40000")).hasDeviation("snat-port-race").hasSeverity(WARNING).and()
                .hasNoDeviation("syn-retransmitted").hasNoDeviation("loss-inside-node");
    }

    @Test
    void aFirstSynLostInsideNode1WithNobodyElseAroundWasInNoRace() {
        healthy(s);
        s.pause(500);
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).wholeWay().synAgain().synAck().ack(true).ask(100).answer(300).close();
        s.analyze().hasNoDeviation("snat-port-race").hasDeviation("syn-retransmitted");
    }

    /** As a rule does that is taken out again; somebody else's connection begins in the same moment as one of them. */
    @Test
    void aClientWhoseEveryConnectionIsStoppedForATimeIsInNoRace() {
        Connection[] stopped = new Connection[4];
        for (int i = 0; i < stopped.length; i++) {
            stopped[i] = s.connect().reaching(Stop.NODE_IN).syn();
            healthy(s.connect().from("10.241.0.9", 43_000 + i));
            s.pause(100);
        }
        s.pause(1000);
        for (Connection c : stopped) {
            c.wholeWay().synAgain().synAck().ack(true).ask(100).answer(300).close();
        }
        s.analyze().hasNoDeviation("snat-port-race").hasDeviation("syn-retransmitted");
    }

    // conntrack-table-full

    @Test
    void aFullTableStopsAllNewFlowsWhileOldOnesGoOn() {
        Connection old = s.connect().open().ask(100).answer(300);
        Connection[] late = new Connection[5];
        for (int i = 0; i < late.length; i++) {
            late[i] = s.pause(50).connect().reaching(Stop.NODE_IN).syn();
            old.ask(50).answer(60);
        }
        s.pause(1000);
        for (Connection c : late) {
            c.synAgain();
        }
        old.ask(100).answer(300).close();
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40002")).hasVerdict(FAILED).hasDeviation("conntrack-table-full").hasSeverity(ERROR).and()
                .hasNoDeviation("request-not-forwarded");
    }

    /** A pod on Node-1 that calls the ClusterIP; its own interface and the node's bridge are captured. */
    private Connection call(String pod, int port) {
        return s.connect().from(pod, port).to("172.31.0.5", 443).notMasqueraded().missedAt(Stop.NODE_IN);
    }

    /** A single answer just before the captures end may still be on its way; those of several connections are not all. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void answersOfWhichNoneComesBackAreLostThoughNobodyAsksAgain(int connections) {
        for (int i = 0; i < connections; i++) {
            s.connect().syn().reaching(Stop.BRIDGE).synAck().pause(200);
        }
        CaseAssert seen = s.tail(300).analyze();
        if (connections > 1) {
            seen.flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("reply-lost-between-nodes").hasSeverity(ERROR);
        } else {
            seen.onlyFlow().hasNoDeviation("reply-lost-between-nodes");
        }
    }

    /** Of a pod's call that its bridge shows translated for another pod there, and came again. */
    private FlowAssert callToAPodOfItsBridge(String next) {
        s.also("node1-cbr0");
        healthy(call("10.244.0.7", 42_000));
        Connection c = call("10.244.0.7", 42_001).pod("10.244.0.3", 8443).localAt("node1-cbr0", "10.244.0.1").notMasqueraded().syn();
        c.pause(1000).pod(next, 8443).synAgain().pause(2000).synAgain().pause(2000);
        healthy(call("10.244.0.7", 42_002));
        return s.passedBy("pod", "client", 443).cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)
                .endpoint("10.244.0.3", "node-1", true).endpoint("10.244.0.9", "node-1", true)).analyze().flow(from("10.244.0.7:42001"));
    }

    /** conntrack keeps what was sent on: the same SYN would have gone to the same pod. */
    @Test
    void aCallThatIsTranslatedAnewWasDroppedBeforeItCameToThePod() {
        callToAPodOfItsBridge("10.244.0.9").failedAtStep("1.3").hasDeviation("request-not-forwarded").and()
                .hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aCallThatKeepsItsTranslationCameToThePod() {
        callToAPodOfItsBridge("10.244.0.3").failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    /** The calls of two pods on Node-1; the answers to the second come back to Node-1's eth0 and get no further. */
    private CaseAssert answersEndAtTheCallersNode(Stop... hidden) {
        healthy(call("10.244.0.7", 42_000));
        s.pause(100);
        call("10.244.0.7", 42_001).syn().reaching(Stop.NODE_OUT).missedAt(hidden).synAck().pause(1000).synAckAgain().pause(2000)
                .synAckAgain();
        healthy(call("10.244.0.7", 42_002));
        return s.passedBy("pod", "client", 443).cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze();
    }

    @Test
    void anAnswerToAPodsCallIsNotForwardedWhereTheCallersNodeDropsIt() {
        CaseAssert seen = answersEndAtTheCallersNode();
        seen.flow(from("10.244.0.7:42001")).failedAtStep("2.0").hasDeviation("reply-not-forwarded").hasSeverity(ERROR)
                .atPoint("node1-eth0").and().hasNoDeviation("loss-inside-node").hasNoDeviation("syn-retransmitted");
        seen.flow(from("10.244.0.7:42000")).isOk();
    }

    @Test
    void anAnswerToAPodsCallThatNeverCameBackIsLostBetweenTheNodes() {
        answersEndAtTheCallersNode(Stop.NODE_OUT).flow(from("10.244.0.7:42001")).hasDeviation("reply-lost-between-nodes").and()
                .hasNoDeviation("reply-not-forwarded");
    }

    /**
     * With {@code --masquerade-all} a call that the bridge's hook translated leaves the node by its address, and the answer comes to the
     * bridge in the service's name: with neither tuple nor sequence numbers in common, nothing tells that it is this call's.
     */
    @Test
    void theAnswerToAMasqueradedCallMayBeOnTheBridgeInTheServicesName() {
        Stop[] elsewhere = {Stop.NODE_IN, Stop.NODE_OUT, Stop.BRIDGE};
        healthy(call("10.244.0.7", 41_000));
        for (int port = 42_000; port < 42_003; port++) {
            s.connect().udpPorts().from("10.244.0.7", port).to("10.244.1.2", 5353).pod("10.244.1.2", 5353).missedAt(Stop.NODE_IN).ask(50)
                    .missedAt(Stop.NODE_IN, Stop.CLIENT).answer(90);
            s.connect().udpPorts().from("10.244.0.7", port).to("172.31.0.53", 53).missedAt(elsewhere).answer(90).pause(300);
        }
        s.pause(2000);
        healthy(call("10.244.0.7", 41_001));
        s.passedBy("node1-cbr0", "client", 5353).passedBy("node1-cbr0", "client", 53).passedBy("node1-cbr0", "client", 443)
                .cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze().hasNoDeviation("reply-not-forwarded")
                .flow(from("10.244.0.7:42000").to("10.244.1.2:5353")).hasVerdict(UNDETERMINED);
    }

    /** Of three calls between others that the node does not let through, while an old flow goes on. */
    private CaseAssert callsStopped(boolean othersToo) {
        s.also("node1-cbr0");
        healthy(s.connect().localAt("node1-cbr0", "10.244.0.1"));
        healthy(call("10.244.0.7", 42_000));
        Connection old = s.connect().open().ask(100).answer(300);
        Connection[] late = new Connection[6];
        for (int i = 0; i < late.length; i++) {
            s.pause(50);
            late[i] = i % 2 == 0 ? call("10.244.0.7", 42_010 + i).reaching(Stop.CLIENT) : s.connect().reaching(Stop.NODE_IN);
            if (i % 2 == 0 || othersToo) {
                late[i].syn();
            } else {
                healthy(s.connect().from("10.241.0.9", 43_000 + i));
            }
            old.ask(50).answer(60);
        }
        s.pause(1000);
        for (int i = 0; i < late.length; i++) {
            if (i % 2 == 0 || othersToo) {
                late[i].synAgain();
            }
        }
        old.ask(100).answer(300).close();
        healthy(s);
        return s.passedBy("pod", "client", 443).cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)
                .endpoint("10.244.0.3", "node-1", true)).analyze();
    }

    @Test
    void aFullTableStopsTheCallsOfPodsToo() {
        CaseAssert seen = callsStopped(true);
        for (int i = 0; i < 6; i += 2) {
            seen.flow(from("10.244.0.7:" + (42_010 + i))).failedAtStep("1.2").hasDeviation("conntrack-table-full").hasSeverity(ERROR)
                    .and().hasNoDeviation("request-not-forwarded");
        }
    }

    @Test
    void aTableIsNotFullWhereOnePodIsStoppedAlone() {
        CaseAssert seen = callsStopped(false);
        seen.hasNoDeviation("conntrack-table-full");
        seen.flow(from("10.244.0.7:42010")).hasDeviation("request-not-forwarded");
    }

    @Test
    void aTableIsNotFullWhereAnswersOfLocalPodsAreLostBeforeTheClient() {
        Connection old = s.connect().open().ask(100).answer(300);
        for (int i = 0; i < 4; i++) {
            Connection c = s.pause(50).connect().local().syn();
            c.beginningAt(Stop.NODE_OUT).reaching(Stop.NODE_IN).synAck().wholeWay();
            old.ask(50).answer(60);
        }
        old.close();
        healthy(s);
        s.analyze().hasNoDeviation("conntrack-table-full").flow(from("10.241.0.4:40002")).failedAtStep("2.0")
                .hasDeviation("reply-lost-before-client");
    }

    @Test
    void aTableIsNotFullWhereOnlyAServiceThatNeverAnswersIsCalled() {
        Connection old = s.connect().open().ask(100).answer(300);
        for (int i = 0; i < 5; i++) {
            s.pause(50).connect().to("10.240.0.4", 32009).reaching(Stop.NODE_IN).syn();
            old.ask(50).answer(60);
        }
        s.pause(1000);
        old.ask(100).answer(300).close();
        healthy(s);
        s.analyze().hasNoDeviation("conntrack-table-full");
    }

    /** As by a rule for a pod: a full table would have let its old flow go on, as that of another service. */
    @Test
    void aTableIsNotFullWhereAnOldFlowOfTheSameServiceIsStoppedAsWell() {
        Connection old = s.connect().open().ask(100).answer(300);
        Connection other = s.connect().to("10.240.0.4", 32009).open().ask(100).answer(300);
        old.reaching(Stop.NODE_IN).acknowledging(false);
        Connection[] stopped = new Connection[4];
        for (int i = 0; i < stopped.length; i++) {
            stopped[i] = s.pause(50).connect().reaching(Stop.NODE_IN).syn();
            other.ask(50).answer(60);
        }
        old.ask(100).pause(300).repeat(true).pause(600).repeat(true);
        other.close();
        for (Connection c : stopped) {
            c.synAgain();
        }
        s.analyze().hasNoDeviation("conntrack-table-full").flow(from("10.241.0.4:40003")).hasDeviation("request-not-forwarded");
    }

    @Test
    void aTableIsNotFullWhereOtherNewFlowsStillGoThrough() {
        Connection old = s.connect().open().ask(100).answer(300);
        for (int i = 0; i < 5; i++) {
            s.pause(50).connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain();
            healthy(s);
            old.ask(50).answer(60);
        }
        old.close();
        s.analyze().hasNoDeviation("conntrack-table-full").hasDeviation("request-not-forwarded");
    }

    /** As by a rule for some ports: nobody else called at that time, and later ones go through while these ask again in vain. */
    @Test
    void aTableIsNotFullWhereOthersGoThroughWhileTheStoppedOnesAskAgain() {
        Connection old = s.connect().open().ask(100).answer(300);
        Connection[] stopped = new Connection[3];
        for (int i = 0; i < stopped.length; i++) {
            stopped[i] = s.pause(20).connect().reaching(Stop.NODE_IN).syn();
            old.ask(50).answer(60);
        }
        s.pause(300);
        healthy(s);
        s.pause(700);
        for (Connection c : stopped) {
            c.synAgain();
        }
        healthy(s);
        old.close();
        s.analyze().hasNoDeviation("conntrack-table-full").flow(from("10.241.0.4:40002")).hasDeviation("request-not-forwarded");
    }

    // request-lost-between-nodes, pod-cidr-route-missing

    @Test
    void aTranslatedRequestIsLostBetweenNodesIfTheBridgeNeverSeesIt() {
        healthy(s);
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes").hasSeverity(ERROR)
                .provenBy("node1-eth0#23", "node1-eth0#39");
    }

    /** Each node has a prefix of its own: one of them may be a node's of which nothing was captured. */
    @Test
    void ofPodsOfTwoPrefixesThatNoBridgeShowedItIsOpenWhichOneTheBridgeIsFor() {
        s.connect().local().open().ask(100).answer(300).close();
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        threeSyns(s.connect().pod("10.244.2.2", 8443).reaching(Stop.NODE_OUT));
        s.analyze().hasNoDeviation("request-lost-between-nodes").hasNoDeviation("pod-cidr-route-missing");
    }

    @Test
    void nothingIsMissingAtTheBridgeOfAThirdNodeWhereTheSecondWasNotCaptured() {
        s.connect().local().open().ask(100).answer(300).close();
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        s.also("node3-cbr0").without("node2-cbr0").analyze().hasNoDeviation("request-lost-between-nodes");
    }

    @Test
    void whatConntrackListsAndWasAnsweredWithoutLeavingTheNodeHidesNoLoss() {
        s.connect().local().open().ask(100).answer(300).close();
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        s.conntrack("node-1", "ipv4 2 tcp 6 90 TIME_WAIT src=10.241.0.4 dst=10.240.0.4 sport=40000 dport=32000 src=10.244.0.3 "
                + "dst=10.244.0.1 sport=8443 dport=50000 [ASSURED] mark=0 use=1");
        CaseAssert seen = s.analyze();
        seen.flow(from("10.241.0.4:40000")).isOk().goesTo("10.244.0.3:8443");
        seen.flow(from("10.241.0.4:40001")).hasDeviation("request-lost-between-nodes");
    }

    @Test
    void whatConntrackListsAndTheNodesInterfaceDidNotSendWentToAPodThereThatAnsweredNothing() {
        healthy(s);
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.conntrack("node-1", "ipv4 2 tcp 6 90 SYN_SENT src=10.241.0.4 dst=10.240.0.4 sport=40001 dport=32000 [UNREPLIED] src=10.244.0.3 "
                + "dst=10.244.0.1 sport=8443 dport=50000 mark=0 use=1");
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("no-reply-from-pod").and()
                .hasNoDeviation("request-not-forwarded");
    }

    /** The connections of one node do not show which ones another node translated. */
    @Test
    void onlyItsOwnConntrackTellsThatANodeTookNothingToItsPods() {
        healthy(s);
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.cluster(ClusterText.web().endpoint("10.244.0.3", "node-1", true).endpoint("10.244.1.2", "node-2", true));
        String other = "ipv4 2 tcp 6 90 TIME_WAIT src=10.240.0.4 dst=10.244.1.2 sport=50000 dport=8443 src=10.244.1.2 "
                + "dst=10.240.0.4 sport=8443 dport=50000 [ASSURED] mark=0 use=1";
        s.conntrack("node-2", other).analyze().flow(from("10.241.0.4:40001")).hasNoDeviation("request-not-forwarded");
        s.conntrack("node-1", other).analyze().flow(from("10.241.0.4:40001")).hasDeviation("request-not-forwarded");
    }

    @Test
    void whatConntrackListsWentToAPodOnTheNodeThoughPodsOfOtherNodesHaveTheSamePrefix() {
        healthy(s);
        threeSyns(s.connect().reaching(Stop.NODE_IN));
        s.conntrack("node-1", "ipv4 2 tcp 6 90 SYN_SENT src=10.241.0.4 dst=10.240.0.4 sport=40001 dport=32000 [UNREPLIED] src=10.244.1.9 "
                + "dst=10.244.1.1 sport=8443 dport=50000 mark=0 use=1");
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    @Test
    void aRequestIsNotLostBetweenNodesIfTheBridgesCaptureHadEnded() {
        healthy(s);
        long end = s.millis() + 200;
        s.pause(90_000);
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        s.capturing("node2-cbr0", -200, end).analyze().flow(from("10.241.0.4:40001")).hasNoDeviation("request-lost-between-nodes");
    }

    @Test
    void aBridgeThatShowsNothingOfWhatWasAnsweredIsNoWitnessOfALoss() {
        healthy(s.connect().missedAt(Stop.BRIDGE));
        threeSyns(s.connect().missedAt(Stop.BRIDGE));
        s.analyze().hasNoDeviation("request-lost-between-nodes").flow(from("10.241.0.4:40001")).hasVerdict(FAILED);
    }

    private final ClusterText threeNodes = ClusterText.web().node("node-3", "10.240.0.6", "10.244.2.0/24")
            .endpoint("10.244.1.2", "node-2", true).endpoint("10.244.2.2", "node-3", true);

    @Test
    void aRequestForAPodOfAnotherNodeIsNotLostIfNode1sCaptureEndedBeforeItsAnswer() {
        healthy(s);
        Connection c = s.pause(50).connect().pod("10.244.2.9", 8443).missedAt(Stop.BRIDGE).syn();
        s.capturing("node1-eth0", -200, s.millis() + 5).capturing("client", -200, s.millis() + 5);
        c.pause(10).synAck().ack(true).ask(100).answer(400).close();
        s.analyze().hasNoDeviation("request-lost-between-nodes");
    }

    @Test
    void anAcknowledgementForAPodOfAnotherNodeIsNoLostRequest() {
        Connection c = s.connect().pod("10.244.2.9", 8443).missedAt(Stop.BRIDGE).open().ask(100).answer(400).fin(true).fin(false);
        long late = s.millis() + 5;
        c.pause(10).ack(true).pause(10);
        healthy(s);
        s.capturing("client", late + 10, late + 3000).capturing("node1-eth0", late, late + 3000).analyze()
                .hasNoDeviation("request-lost-between-nodes");
    }

    @Test
    void acknowledgementsBeforeTheBridgesCaptureBeganAreNoRequestAskedTwice() {
        Connection c = s.connect().open().ask(100).acknowledging(false).answer(900);
        long late = s.millis() + 5;
        c.pause(10).send(true, (p, stop, r) -> p.window = 0).pause(300).ack(true);
        long later = s.millis() + 100;
        s.pause(200);
        healthy(s);
        s.capturing("client", later, later + 3000).capturing("node1-eth0", late, later + 3000).capturing("node2-cbr0", later, later + 3000)
                .analyze().hasNoDeviation("request-lost-between-nodes");
    }

    @Test
    void aNodeThatGetsNothingBesideAnotherThatAnswersHasNoRoute() {
        for (int i = 0; i < 3; i++) {
            threeSyns(s.connect().reaching(Stop.NODE_OUT));
            s.connect().pod("10.244.2.2", 8443).bridge("node3-cbr0").open().ask(100).answer(400).close();
        }
        s.cluster(threeNodes).analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("pod-cidr-route-missing")
                .hasSeverity(ERROR).and().hasNoDeviation("request-lost-between-nodes");
    }

    /** No bridges: of each node the interface of one pod was captured, and one of its pods is called. */
    @Test
    void soItHasWhereThePodsInterfacesWereCaptured() {
        s.without("node2-cbr0").also("node2-azv1").asksForRouter("node2-azv1", "10.244.1.2");
        for (int i = 0; i < 3; i++) {
            threeSyns(s.connect().reaching(Stop.NODE_OUT));
            s.connect().pod("10.244.2.2", 8443).bridge("node3-azv1").open().ask(100).answer(400).close();
        }
        s.asksForRouter("node2-azv1", "10.244.1.2");
        s.cluster(threeNodes).analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("pod-cidr-route-missing");
    }

    @Test
    void oneConnectionAloneTellsOfNoRoute() {
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        for (int i = 0; i < 3; i++) {
            s.connect().pod("10.244.2.2", 8443).bridge("node3-cbr0").open().ask(100).answer(400).close();
        }
        s.cluster(threeNodes).analyze().hasNoDeviation("pod-cidr-route-missing").hasDeviation("request-lost-between-nodes");
    }

    @Test
    void aRouteIsNotMissingIfAnotherPodOfThatNodeAnswers() {
        for (int i = 0; i < 3; i++) {
            threeSyns(s.connect().reaching(Stop.NODE_OUT));
            s.connect().pod("10.244.1.9", 8443).open().ask(100).answer(400).close();
            s.connect().pod("10.244.2.2", 8443).bridge("node3-cbr0").open().ask(100).answer(400).close();
        }
        s.cluster(threeNodes.endpoint("10.244.1.9", "node-2", true)).analyze().hasNoDeviation("pod-cidr-route-missing")
                .hasDeviation("request-lost-between-nodes");
    }

    // connection-refused

    /** Each SYN is refused, and no refusal gets further than a stop. */
    private Connection refusedInVain(Stop stop) {
        Connection c = s.connect();
        c.syn().reaching(stop).refuse();
        for (long wait : new long[] {1000, 2000}) {
            c.pause(wait).wholeWay().synAgain().reaching(stop).refuse();
        }
        return c;
    }

    @Test
    void aRefusalThatIsLostBeforeTheClientIsToldBesideIt() {
        healthy(s);
        refusedInVain(Stop.NODE_IN);
        s.pause(500);
        healthy(s);
        CaseAssert seen = s.analyze();
        seen.hasDeviation("reply-lost-before-client");
        seen.hasNoDeviation("syn-retransmitted").hasDeviation("connection-refused");
    }

    @Test
    void aRefusalThatIsLostBetweenTheNodesIsToldBesideIt() {
        healthy(s);
        refusedInVain(Stop.BRIDGE);
        s.pause(500);
        healthy(s);
        s.analyze().hasNoDeviation("syn-retransmitted").hasDeviation("reply-lost-between-nodes");
        s.analyze().hasDeviation("connection-refused");
    }

    /** Its process died meanwhile. Had its SYN-ACK come to the client, nobody would have asked again. */
    @Test
    void whatAPodTookBeforeItRefusesIsLostAndNotRefused() {
        healthy(s);
        Connection c = s.connect().syn().reaching(Stop.BRIDGE).synAck();
        for (long wait : new long[] {1000, 2000}) {
            c.pause(wait).wholeWay().synAgain().reaching(Stop.BRIDGE).refuse();
        }
        s.pause(500);
        healthy(s);
        s.analyze().hasDeviation("reply-lost-between-nodes");
        s.analyze().hasNoDeviation("connection-refused");
    }

    /** Its capture missed the RST: who does not get it sends the SYN again. */
    @Test
    void aRefusalThatTheClientsCaptureMissedIsNotLost() {
        healthy(s);
        s.connect().syn().missedAt(Stop.CLIENT).refuse();
        s.pause(4000);
        healthy(s);
        s.analyze().hasNoDeviation("reply-lost-before-client").hasDeviation("connection-refused");
    }

    /** A filter of flags, as tcp[tcpflags] & tcp-syn != 0, shows no RST. The SYN came again before the refusal, not after it. */
    @Test
    void aRefusalIsNotLostWhereTheClientsFilterLetsOnlySynsThrough() {
        for (int i = 0; i < 4; i++) {
            s.connect().syn().synAck().missedAt(Stop.CLIENT).ack(true).ask(100).answer(400).close();
            s.connect().reaching(Stop.CLIENT).syn().pause(1000).wholeWay().synAgain().missedAt(Stop.CLIENT).refuse();
        }
        s.analyze().hasNoDeviation("reply-lost-before-client").hasDeviation("connection-refused");
    }

    /** Who gets a refusal asks no further: that SYNs come again tells, though nothing but SYNs shows at the client. */
    @Test
    void aRefusalThatIsLostEachTimeIsToldThoughTheClientsCaptureShowsOnlySyns() {
        for (int i = 0; i < 4; i++) {
            s.connect().syn().synAck().missedAt(Stop.CLIENT).ack(true).ask(100).answer(400).close();
            refusedInVain(Stop.NODE_IN);
        }
        s.analyze().hasDeviation("reply-lost-before-client");
    }

    @Test
    void aRefusalThatIsLostOnceIsToldWhereTheNextSynIsLostAsWell() {
        healthy(s);
        s.connect().syn().reaching(Stop.BRIDGE).refuse().pause(1000).reaching(Stop.CLIENT).synAgain();
        s.pause(500);
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("connection-refused").and()
                .hasDeviation("reply-lost-between-nodes");
    }

    @Test
    void aRefusalThatGoesPastNode1IsToldByTheMissingMasquerade() {
        healthy(s);
        Connection c = s.connect().notMasqueraded().syn();
        Connection.Change asThePod = (p, stop, request) -> {
            if (!request && stop == Stop.CLIENT) {
                p.source = "10.244.1.2";
                p.sourcePort = 8443;
                p.ttl = 62;
            }
        };
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).changing(asThePod).refuse().changing(null).missedAt().pause(1000).synAgain();
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).changing(asThePod).refuse();
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasNoDeviation("reply-bypasses-node1")
                .hasDeviation("connection-refused").and().hasDeviation("snat-missing");
    }

    /** A RST has neither identification nor timestamps: which of them came through, only the time tells. */
    @Test
    void theRefusalThatComesThroughIsNotTakenForTheFirstOneThatWasLost() {
        healthy(s);
        Connection c = s.connect().unnumbered().syn().reaching(Stop.BRIDGE).refuse();
        c.pause(1000).wholeWay().synAgain().refuse();
        s.pause(500);
        healthy(s);
        CaseAssert seen = s.analyze();
        seen.hasDeviation("connection-refused");
        seen.hasDeviation("loss").atStep("1.6");
        seen.hasDeviation("syn-retransmitted").matches(d -> !d.message().contains("under way"));
        seen.hasNoDeviation("capture-drops");
    }

    /** Neither have SYN-ACKs for clients without timestamps. */
    @Test
    void theSynAckThatComesThroughIsNotTakenForTheFirstOneThatWasLost() {
        healthy(s);
        Connection c = s.connect().plain().unnumbered().syn().reaching(Stop.BRIDGE).synAck();
        c.pause(1000).wholeWay().synAgain().synAckAgain().ack(true).ask(100).answer(400).close();
        healthy(s);
        CaseAssert seen = s.analyze();
        seen.hasDeviation("loss").atStep("1.6");
        seen.hasDeviation("syn-retransmitted").matches(d -> !d.message().contains("under way"));
        seen.hasNoDeviation("latency-high");
    }

    /** A queue that was emptied meanwhile: the answer to the SYN that was sent again comes first. */
    @Test
    void theHopThatHeldTheFirstSynAckUpIsNamedThoughTheSecondOvertookIt() {
        healthy(s);
        Packet first = new Packet();
        Connection c = s.connect().syn().reaching(Stop.NODE_IN).changing((p, stop, request) -> {
            first.sequence = p.sequence;
            first.acknowledgment = p.acknowledgment;
            first.identification = p.identification;
            first.tsVal = p.tsVal;
            first.tsEcr = p.tsEcr;
        }).synAck();
        c.changing(null).pause(1000).wholeWay().synAgain().synAckAgain().ack(true).ask(100).answer(400).pause(100);
        c.beginningAt(Stop.CLIENT).changing((p, stop, request) -> {
            p.sequence = first.sequence;
            p.acknowledgment = first.acknowledgment;
            p.identification = first.identification;
            p.tsVal = first.tsVal;
            p.tsEcr = first.tsEcr;
        }).synAckAgain();
        c.changing(null).wholeWay().close();
        healthy(s);
        s.analyze().hasDeviation("syn-retransmitted").matches(d -> d.message().contains("the first SYN-ACK was under way for 1.10 s")
                && d.message().endsWith("from node1-eth0 to client"));
    }

    @Test
    void aRefusalThatComesToTheClientIsNotLost() {
        healthy(s);
        s.connect().syn().refuse();
        s.analyze().hasNoDeviation("reply-lost-before-client").hasDeviation("connection-refused");
    }

    @Test
    void aConnectionIsRefusedByThePodsReset() {
        s.connect().syn().refuse();
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("connection-refused").hasSeverity(ERROR);
    }

    @Test
    void aResetThatPassedNode2sInterfaceCameFromBeyondItThoughItsCaptureMissedTheRequest() {
        Connection c = s.connect().syn();
        s.also("node2-eth0").without("node2-cbr0");
        c.refuse();
        s.pause(2000).connect().open().ask(100).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasNoDeviation("reset-midstream").hasDeviation("connection-refused");
    }

    /** The first SYN was lost on its way, and when the second was refused nobody captured at the pod's bridge any more. */
    @Test
    void aResetThatAnswersASynOfWhichTheBridgesCaptureCannotTellIsThePods() {
        healthy(s.connect());
        s.pause(100).connect().reaching(Stop.NODE_OUT).syn().pause(1000).wholeWay().synAgain().refuse();
        s.capturing("node2-cbr0", 0, 800).analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6")
                .hasDeviation("connection-refused").and().hasNoDeviation("reset-midstream");
    }

    /** By somebody behind Node-1, in the pod's name, while the bridge shows nothing but that its capture runs. */
    private CaseAssert refusedWithTtl(int ttl) {
        Packet other = new Packet();
        other.protocol = 17;
        other.source = "10.244.1.1";
        other.destination = "224.0.0.251";
        s.seen(Stop.BRIDGE, other).pause(300);
        for (int i = 0; i < 3; i++) {
            s.connect().reaching(Stop.NODE_OUT).syn().wholeWay().beginningAt(Stop.NODE_OUT)
                    .changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? ttl : ttl - 1).refuse();
            s.pause(50);
        }
        return s.pause(500).seen(Stop.BRIDGE, other).cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze();
    }

    @Test
    void aResetInTheNameOfAPodWhoseBridgeNeverShowsAnyOfItsConnectionsIsSomebodyElses() {
        refusedWithTtl(61).flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("reset-midstream").and()
                .hasNoDeviation("connection-refused");
    }

    @Test
    void aResetThatTheNodeOfThePodMayHaveRoutedIsThePodsThoughItsBridgeMayHaveBeenCapturedAtAnotherTime() {
        refusedWithTtl(63).flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("connection-refused");
    }

    /** Where nothing was captured behind Node-1, beside what one pod or another answers. */
    private CaseAssert refusedBesideAnswers(int ttl, String answering) {
        s.without("node2-cbr0");
        healthy(s.connect().pod(answering, 8443));
        s.pause(50).connect().reaching(Stop.NODE_OUT).syn().wholeWay().beginningAt(Stop.NODE_OUT)
                .changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? ttl : ttl - 1).refuse();
        return s.analyze();
    }

    @Test
    void aResetFromFurtherAwayThanThePodsAnswersIsSomebodyElses() {
        refusedBesideAnswers(61, "10.244.1.2").flow(from("10.241.0.4:40001")).failedAtStep("1.4").hasDeviation("reset-midstream").and()
                .hasNoDeviation("connection-refused");
    }

    @Test
    void aResetThatNoRouterHasTouchedIsSomebodyElsesWherePodsAnswersAreRouted() {
        refusedBesideAnswers(64, "10.244.2.2").flow(from("10.241.0.4:40001")).failedAtStep("1.4").hasDeviation("reset-midstream").and()
                .hasNoDeviation("connection-refused");
    }

    @Test
    void aResetThatComesAsThePodsAnswersDoIsItsOwn() {
        refusedBesideAnswers(63, "10.244.1.2").flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("connection-refused");
    }

    @Test
    void aResetOfAnEndpointThatMayBeFurtherAwayThanOthersIsItsOwn() {
        refusedBesideAnswers(61, "10.244.2.2").flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("connection-refused");
    }

    /** In the nodes' own network no router is on the way. */
    @Test
    void aResetThatNoRouterHasTouchedIsANodesOwn() {
        s.without("node2-cbr0");
        healthy(s);
        s.connect().pod("10.240.0.5", 8443).reaching(Stop.NODE_OUT).syn().wholeWay().beginningAt(Stop.NODE_OUT)
                .changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 64 : 63).refuse();
        s.analyze().flow(from("10.241.0.4:40001")).hasNoDeviation("reset-midstream").hasDeviation("connection-refused");
    }

    @Test
    void aResetAfterTheHandshakeRefusesNothing() {
        s.connect().open().ask(100).reset(false);
        s.analyze().onlyFlow().hasNoDeviation("connection-refused").hasDeviation("reset-by-pod");
    }

    // no-reply-from-pod

    @Test
    void aPodDoesNotReplyIfTheRequestIsAtItsBridgeAndNothingComesBack() {
        threeSyns(s.connect());
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodNeedNotAnswerAnAcknowledgement() {
        Connection c = s.connect().open().ask(100).answer(400).fin(true).fin(false);
        long late = s.millis() + 5;
        c.pause(10).ack(true).pause(10);
        healthy(s);
        s.capturing("client", late + 10, late + 3000).capturing("node1-eth0", late, late + 3000).capturing("node2-cbr0", late, late + 3000)
                .analyze().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aPodWhoseAnswerIsLostLaterDidReply() {
        s.connect().syn().reaching(Stop.BRIDGE).synAck().pause(1000).wholeWay().synAgain().reaching(Stop.BRIDGE).synAckAgain().wholeWay();
        s.analyze().hasNoDeviation("no-reply-from-pod").hasDeviation("reply-lost-between-nodes");
    }

    // stale-endpoint

    @Test
    void anEndpointInNoSliceThatAnswersNobodyIsStale() {
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        s.cluster(ClusterText.web().endpoint("10.244.1.7", "node-2", true)).analyze().onlyFlow().hasVerdict(FAILED)
                .hasDeviation("stale-endpoint").hasSeverity(ERROR);
    }

    @Test
    void anEndpointThatIsListedIsNotStaleThoughItIsSilent() {
        threeSyns(s.connect());
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze().hasNoDeviation("stale-endpoint");
    }

    /** Who may tell of an address that nobody has is limited, and does not tell each client. */
    @Test
    void anEndpointThatOneClientWasToldToBeUnreachableIsStaleForAllOfThem() {
        Connection told = threeSyns(s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT));
        told.pause(100).icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT);
        threeSyns(s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT));
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.5").hasDeviation("stale-endpoint").hasSeverity(ERROR);
    }

    @Test
    void anEndpointThatAnswersLaterIsNotStaleThoughItWasUnreachable() {
        Connection told = threeSyns(s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT));
        told.pause(100).icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT);
        threeSyns(s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT));
        healthy(s.connect().pod("10.244.1.9", 8443));
        healthy(s);
        s.analyze().hasNoDeviation("stale-endpoint");
    }

    @ParameterizedTest
    @CsvSource({"0, 1100", "0, 1", "1, 1"})
    void whatARouterRejectsAtOnceOrHasNoRouteForIsNoStaleEndpoint(int code, int millis) {
        Connection told = s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT).syn().pause(millis);
        told.icmp(3, code, 0, "10.240.0.1", Stop.NODE_OUT);
        threeSyns(s.connect().pod("10.244.1.9", 8443).reaching(Stop.NODE_OUT));
        healthy(s);
        s.analyze().hasNoDeviation("stale-endpoint").hasDeviation("icmp-unreachable");
    }

    @ParameterizedTest
    @CsvSource({"0, Network unreachable", "1, Host unreachable"})
    void theLikeliestCauseIsWhatTheErrorSays(int code, String cause) {
        healthy(s);
        s.connect().reaching(Stop.NODE_OUT).syn().icmp(3, code, 0, "10.240.0.254", Stop.NODE_OUT);
        s.analyze().flow(from("10.241.0.4:40001")).hasDeviation("icmp-unreachable")
                .satisfies(deviation -> assertThat(deviation.causes().get(0)).startsWith(cause));
    }

    /** A firewall on Node-2: the pod itself would reset what nobody listens for. */
    @ParameterizedTest
    @ValueSource(ints = {3, 13})
    void whatNode2RejectsDidNotComeToThePod(int code) {
        healthy(s);
        s.connect().reaching(Stop.NODE_OUT).syn().icmp(3, code, 0, "10.240.0.5", Stop.BRIDGE);
        s.pause(500);
        healthy(s);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.4").hasDeviation("icmp-unreachable")
                .satisfies(deviation -> assertThat(deviation.causes().get(0)).contains("REJECT rule"));
    }

    /** Nothing was captured at the node that was called; the NAT there gives its name to a router behind it. */
    @Test
    void whatIsOutOfReachInTheCalledNodesOwnNameLiesBehindIt() {
        healthy(s);
        s.connect().to("10.240.0.5", 32_000).reaching(Stop.CLIENT).syn().icmp(3, 1, 0, "10.240.0.5", Stop.NODE_IN);
        s.analyze().flow(to("10.240.0.5:32000")).failedAtStep("1.4").hasDeviation("icmp-unreachable");
    }

    /** No capture shows what goes from a node to its own pods. */
    private void unreachableByNode1(int code, int millis) {
        healthy(s);
        s.connect().reaching(Stop.NODE_IN).syn().pause(millis).icmp(3, code, 0, "10.240.0.4", Stop.NODE_IN).pause(1000);
        healthy(s);
    }

    @Test
    void anEndpointOfTheNodeThatItAsksForInVainIsStaleThoughNoCaptureShowsIt() {
        unreachableByNode1(1, 3000);
        s.analyze().flow(from("10.241.0.4:40001")).hasVerdict(FAILED).hasNoDeviation("icmp-unreachable").hasDeviation("stale-endpoint")
                .hasSeverity(ERROR);
    }

    /** The same of a node of which no interface was captured: what its own pods answer shows at their bridge. */
    private void unreachableByNode2(int millis) {
        s.connect().to("10.240.0.5", 32_000).masqueradedTo("10.244.1.1", 50_001).missedAt(Stop.NODE_IN, Stop.NODE_OUT).open().ask(100)
                .answer(400).close();
        s.connect().to("10.240.0.5", 32_000).reaching(Stop.CLIENT).syn().pause(millis).icmp(3, 1, 0, "10.240.0.5", Stop.CLIENT)
                .pause(1000);
    }

    @Test
    void anEndpointThatACalledNodeAsksForInVainIsStaleThoughNothingOfThatNodeWasCaptured() {
        unreachableByNode2(3000);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.5").hasDeviation("stale-endpoint").hasSeverity(ERROR);
    }

    @Test
    void whatACalledNodeRejectsAtOnceIsNoStaleEndpoint() {
        unreachableByNode2(1);
        s.analyze().hasNoDeviation("stale-endpoint");
    }

    @Test
    void whatANodeRejectsAtOnceOrHasNoRouteForIsNoStaleEndpoint() {
        unreachableByNode1(1, 1);
        unreachableByNode1(0, 3000);
        s.analyze().hasNoDeviation("stale-endpoint");
    }

    @Test
    void whereNoEndpointAnswersTheUnreachableOneMayBeTheOnlyOne() {
        s.connect().reaching(Stop.NODE_IN).syn().pause(3000).icmp(3, 1, 0, "10.240.0.4", Stop.NODE_IN);
        s.analyze().hasNoDeviation("stale-endpoint");
    }

    // refused by one endpoint, taken by the next: Windows sends a refused SYN again, and conntrack translates it anew

    @Test
    void aSynThatAnotherEndpointTookAfterTheFirstRefusedItBeganAConnection() {
        Connection c = s.connect().syn().refuse().pause(500).pod("10.244.2.2", 8443).masqueradedTo("10.240.0.4", 60_111)
                .bridge("node3-cbr0");
        refusedFirst(c);
    }

    @Test
    void aSynThatAPodOfTheNodeTookAfterOneElsewhereRefusedItBeganAConnection() {
        Connection c = s.also("node1-cbr0").connect().syn().refuse().pause(500);
        refusedFirst(c.pod("10.244.0.3", 8443).localAt("node1-cbr0", "10.244.0.1"));
    }

    @Test
    void aSynThatTheNextEndpointTookInVainWasRefusedByTheFirst() {
        Connection c = s.connect().syn().refuse().pause(500).pod("10.244.2.2", 8443).masqueradedTo("10.240.0.4", 60_111)
                .bridge("node3-cbr0");
        c.synAgain().reaching(Stop.NODE_IN).synAck().pause(1000).synAckAgain();
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("connection-refused").hasSeverity(ERROR);
    }

    private void refusedFirst(Connection c) {
        c.synAgain().synAck().ack(true).ask(100).answer(400).close();
        s.analyze().hasNoDeviation("nat-remapped-midflow").hasNoDeviation("reset-midstream").onlyFlow().hasVerdict(DEGRADED)
                .hasDeviation("connection-refused").hasSeverity(WARNING);
    }

    // half-open

    @Test
    void aHandshakeIsHalfOpenIfTheClientNeverFinishesIt() {
        s.connect().syn().synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("half-open").hasSeverity(WARNING);
    }

    @Test
    void aHandshakeIsNotHalfOpenWhereTheCapturesShowNothingButSyns() {
        s.connect().syn().synAck();
        s.tail(5000).analyze().hasNoDeviation("half-open");
    }

    @Test
    void aHandshakeIsHalfOpenWhereTheCapturesShowWhatHasNoSyn() {
        healthy(s);
        s.connect().syn().synAck();
        s.tail(5000).analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.1").hasDeviation("half-open");
    }

    @Test
    void aHandshakeIsNotHalfOpenIfTheClientResetsItOnPurpose() {
        s.connect().syn().synAck().reset(true);
        s.analyze().hasNoDeviationsWorseThan(INFO).hasNoDeviation("half-open").onlyFlow().isOk();
    }

    @Test
    void aHandshakeIsNotHalfOpenIfTheCapturesEndBeforeItCouldBeFinished() {
        s.connect().syn().synAck();
        s.tail(100).analyze().hasNoDeviation("half-open");
    }

    @Test
    void aHandshakeUnfinishedAtTheNodeProvesNothingOfTheClient() {
        s.connect().syn().synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        s.without("client").analyze().onlyFlow().hasVerdict(UNDETERMINED).hasDeviation("half-open");
    }

    @Test
    void aClientThatGoesOnAskingAfterTheSynAckHadLeftTheNodeDidNotGetIt() {
        s.connect().syn().synAck().pause(1000).synAgain().synAckAgain().pause(2000).synAgain().synAckAgain();
        s.without("client").analyze().onlyFlow().failedAtStep("2.0").hasDeviation("reply-lost-before-client").hasSeverity(ERROR).and()
                .hasNoDeviation("half-open").hasNoDeviation("syn-retransmitted");
    }

    @Test
    void aSynThatCameOnceMoreMayHaveCrossedTheSynAckOnALongWay() {
        s.connect().syn().synAck().pause(1000).synAgain().synAckAgain();
        s.without("client").analyze().onlyFlow().hasVerdict(UNDETERMINED).hasDeviation("half-open");
    }

    // node-port-in-ephemeral-range

    private void node1Calls(int port) {
        Packet syn = new Packet();
        syn.source = "10.240.0.4";
        syn.sourcePort = port;
        syn.destination = "10.250.0.9";
        syn.destinationPort = 443;
        syn.flags = Packet.SYN;
        syn.sequence = 7_000_000 + port;
        syn.mss = 1460;
        s.seen(Stop.NODE_IN, syn);
        Packet answer = new Packet();
        answer.source = "10.250.0.9";
        answer.sourcePort = 443;
        answer.destination = "10.240.0.4";
        answer.destinationPort = port;
        answer.flags = Packet.SYN | Packet.ACK;
        answer.sequence = 99;
        answer.acknowledgment = syn.sequence + 1;
        answer.mss = 1460;
        answer.ttl = 60;
        s.pause(1).seen(Stop.NODE_IN, answer);
    }

    @Test
    void aNodeThatCallsFromANodePortsNumberMayCollideWithOne() {
        healthy(s);
        node1Calls(31_777);
        s.analyze().hasDeviation("node-port-in-ephemeral-range").hasSeverity(WARNING);
    }

    @Test
    void aMasqueradedClientMayKeepAPortInTheRange() {
        s.connect().from("10.241.0.4", 31_777).masqueradedTo("10.240.0.4", 31_777).open().ask(100).answer(300).close();
        node1Calls(45_000);
        s.analyze().hasNoDeviation("node-port-in-ephemeral-range");
    }

    // health-probe-failing

    private Connection probe() {
        return s.connect().from("168.63.129.16", 50_123).to("10.240.0.4", 32_000);
    }

    /** tcpdump icmp, at every point: no place shows the probe itself. */
    @Test
    void aProbeThatOnlyAnErrorQuotesFails() {
        probe().missedAt(Stop.values()).syn().missedAt().icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", true)).analyze().hasDeviation("health-probe-failing")
                .atPoint("client");
    }

    @Test
    void aProbeWithoutAnAnswerFails() {
        threeSyns(probe().reaching(Stop.NODE_IN));
        s.analyze().onlyFlow().hasDeviation("health-probe-failing").hasSeverity(WARNING);
    }

    @Test
    void aProbeToldThatTheNodeIsNotInServiceFails() {
        probe().to("10.240.0.4", 30_999).local().open().ask("GET /healthz HTTP/1.1\r\n\r\n")
                .answer("HTTP/1.1 503 Service Unavailable\r\n\r\n")
                .close();
        s.cluster(ClusterText.web().localPolicy().healthCheckPort(30_999)).analyze().flow(to(":30999")).hasDeviation("health-probe-failing")
                .hasSeverity(WARNING);
    }

    @Test
    void underPolicyLocalTheSameAnswerIsMeantWhileAnotherNodeServes() {
        probe().to("10.240.0.4", 30_999).local().open().ask("GET /healthz HTTP/1.1\r\n\r\n")
                .answer("HTTP/1.1 503 Service Unavailable\r\n\r\n")
                .close();
        s.cluster(ClusterText.web().localPolicy().healthCheckPort(30_999).endpoint("10.244.1.2", "node-2", true)).analyze()
                .hasNoDeviationsWorseThan(INFO);
    }

    @Test
    void aProbeThatIsAnsweredDoesNotFail() {
        probe().open().ask("GET / HTTP/1.1\r\n\r\n").answer("HTTP/1.1 200 OK\r\n\r\n").close();
        s.analyze().hasNoDeviation("health-probe-failing").onlyFlow().isOk();
    }

    @Test
    void anErrorToAnOrdinaryClientIsNoProbes() {
        s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").answer("HTTP/1.1 503 Service Unavailable\r\n\r\n").close();
        s.analyze().hasNoDeviation("health-probe-failing");
    }

    // Protocols without answers

    /** Many datagrams, each with something else to say. */
    private Connection streamed(Connection c, int count) {
        for (int i = 0; i < count; i++) {
            c.ask(100 + i % 7).pause(50);
        }
        return c;
    }

    @Test
    void datagramsThatWaitForNoAnswerAccuseNobodyWhoSendsNone() {
        streamed(s.connect().udp(), 20);
        s.analyze().onlyFlow().hasVerdict(UNDETERMINED).hasNoDeviations();
    }

    @Test
    void whereAPodOnTheNodeItselfNeedNotAnswerNothingTellsThatItGotNothing() {
        streamed(s.connect().udp().local(), 20);
        s.analyze().onlyFlow().hasVerdict(UNDETERMINED).hasNoDeviations();
    }

    @Test
    void singleDatagramsOfThemThatAreLostAreALoss() {
        Connection c = streamed(s.connect().udp(), 20);
        c.reaching(Stop.NODE_OUT).ask(90).wholeWay().pause(50);
        streamed(c, 5);
        s.analyze().onlyFlow().hasVerdict(UNDETERMINED).hasDeviation("loss").hasSeverity(WARNING);
    }

    @Test
    void datagramsWithoutAnswersThatComeNoFurtherFromSomeMomentOnAreLostThere() {
        Connection c = streamed(s.connect().udp(), 20);
        streamed(c.reaching(Stop.NODE_OUT), 20);
        s.analyze().onlyFlow().failedAtStep("1.4").hasDeviation("request-lost-between-nodes").hasSeverity(ERROR).and()
                .hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void datagramsThatWaitForNoAnswerAreToldByTheCaptureThatShowsMostOfThem() {
        streamed(s.connect().udp(), 40);
        s.capturing("client", 1700, 5000).analyze().onlyFlow().hasVerdict(UNDETERMINED).hasNoDeviations();
    }

    /** tcpdump -c at the endpoint's node: what comes once it is over neither ends the flow nor tells that it went on. */
    @Test
    void aCaptureThatIsOverCutsNoDatagramsOff() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 4; i++) {
            streamed(c.wholeWay(), 4);
            streamed(c.reaching(Stop.NODE_OUT), 1);
        }
        streamed(c.wholeWay(), 20);
        s.capturing("node2-cbr0", 0, 1000).analyze().onlyFlow().hasVerdict(UNDETERMINED).hasDeviation("loss").and()
                .hasNoDeviation("request-lost-between-nodes");
    }

    @Test
    void whoAnswersOthersIsSilentToDatagramsInARow() {
        s.connect().udp().ask(40).answer(80);
        streamed(s.connect().udp(), 20);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    @Test
    void whoServesAPortOfQuestionsAndAnswersIsSilentToDatagramsInARow() {
        streamed(s.connect().udp().pod("10.244.1.2", 53), 20);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    @Test
    void whoWaitsLongerAndLongerWaitsForAnAnswer() {
        Connection c = s.connect().udp();
        for (int wait = 250; wait < 100_000; wait *= 2) {
            c.ask(100).pause(wait);
        }
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }
}
