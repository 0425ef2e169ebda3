package io.nattrail.deviation;

import static io.nattrail.assertj.NatTrailAssertions.from;
import static io.nattrail.deviation.Severity.ERROR;
import static io.nattrail.deviation.Severity.INFO;
import static io.nattrail.deviation.Severity.WARNING;
import static io.nattrail.deviation.Verdict.DEGRADED;
import static io.nattrail.deviation.Verdict.FAILED;
import static io.nattrail.deviation.Verdict.OK;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.assertj.CaseAssert;
import io.nattrail.assertj.NatTrailAssertions;
import io.nattrail.path.StepStatus;
import io.nattrail.scenario.ClusterText;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Packet;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Wrong translations and paths, and what only looks like them. */
class TranslationTest {
    private final Scenario s = Scenario.nodePort();
    private final ClusterText web = ClusterText.web().endpoint("10.244.1.2", "node-2", true);

    private Connection exchange(Connection c) {
        return c.open().ask(100).answer(400).close();
    }

    // dnat-missing

    @Test
    void aPacketForTheNodePortThatLeavesAsItCameWasNotTranslated() {
        Connection c = s.connect().to("20.50.60.70", 443);
        Packet[] seen = new Packet[1];
        c.reaching(Stop.NODE_IN).changing((p, stop, request) -> seen[0] = stop == Stop.NODE_IN ? p.clone() : seen[0]).syn();
        forwardedAsItCame(seen[0]);
        c.pause(1000).synAgain();
        s.cluster(web.loadBalancer("20.50.60.70")).analyze().onlyFlow().failedAtStep("1.2").hasDeviation("dnat-missing").hasSeverity(ERROR)
                .and().hasNoDeviation("request-not-forwarded");
    }

    @Test
    void withoutTheClustersStateWhatANodeSendsOnInVainIsForALoadBalancersAddress() {
        sentOnAgain(40_000);
        s.analyze().onlyFlow().failedAtStep("1.2").hasDeviation("dnat-missing").hasSeverity(ERROR);
    }

    @Test
    void aNodeThroughWhichOthersAreAnsweredIsARouter() {
        sentOnAgain(40_000);
        sentOnAgain(40_001).beginningAt(Stop.NODE_IN).synAck().ack(true);
        s.analyze().hasFlows(0);
    }

    @Test
    void whatAClientCallsElsewhereAmongTheNodePortsIsNoneOfTheNodes() {
        exchange(s.connect());
        exchange(s.connect().to("203.0.113.9", 31_000).reaching(Stop.CLIENT));
        s.analyze().hasFlows(1);
    }

    private Connection sentOnAgain(int port) {
        Packet[] seen = new Packet[1];
        Connection c = s.connect().from("10.241.0.4", port).to("20.50.60.70", 443).reaching(Stop.NODE_IN)
                .changing((p, stop, request) -> seen[0] = stop == Stop.NODE_IN ? p.clone() : seen[0]).syn();
        forwardedAsItCame(seen[0], port);
        c.pause(1000).synAgain();
        forwardedAsItCame(seen[0], port);
        return c.changing(null);
    }

    private void forwardedAsItCame(Packet p) {
        forwardedAsItCame(p, 40_000);
    }

    private void forwardedAsItCame(Packet p, int port) {
        p.source = "10.241.0.4";
        p.sourcePort = port;
        p.destination = "20.50.60.70";
        p.destinationPort = 443;
        p.ttl = 63;
        s.seen(Stop.NODE_IN, p);
    }

    @Test
    void thePacketAsItArrivesIsNoMissingTranslation() {
        exchange(s.connect().to("20.50.60.70", 443));
        s.cluster(web.loadBalancer("20.50.60.70")).analyze().hasNoDeviation("dnat-missing");
    }

    @Test
    void aResetOfWhichOnlyTheBridgeAndTheClientKnowWasTranslatedAllTheSame() {
        Connection c = s.connect().open();
        long late = s.millis() + 5;
        c.pause(10).reset(true).pause(10);
        exchange(s.connect());
        s.capturing("node2-cbr0", late, late + 3000).capturing("node1-eth0", late + 10, late + 3000).analyze()
                .hasNoDeviation("dnat-missing");
    }

    // dnat-unexpected-endpoint

    @Test
    void anAddressThatIsNoEndpointIsUnexpectedWhereNobodyAnswered() {
        s.connect().pod("10.244.1.99", 8443).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.cluster(web).analyze().onlyFlow().hasDeviation("dnat-unexpected-endpoint").hasSeverity(ERROR);
    }

    @Test
    void anAnsweredFlowToAnAddressThatOnlyTheApiDoesNotNameTellsAStateOfAnotherTimeAndIsSaidOnce() {
        exchange(s.connect().pod("10.244.1.99", 8443));
        exchange(s.connect().pod("10.244.1.99", 8443));
        s.cluster(web).analyze().hasFlows(2).flow(1).isOk().hasDeviation("dnat-unexpected-endpoint").hasSeverity(INFO);
        s.analyze().flow(2).isOk().hasNoDeviation("dnat-unexpected-endpoint");
    }

    @Test
    void whatAnEndpointRefusedThatAnsweredLaterIsOfTheSameTimeThoughTheStateDoesNotNameIt() {
        s.connect().pod("10.244.1.99", 8443).syn().refuse();
        exchange(s.connect().pod("10.244.1.99", 8443));
        s.cluster(web).analyze().flow(1).hasDeviation("connection-refused");
        s.analyze().flow(1).hasNoDeviation("dnat-unexpected-endpoint");
    }

    @Test
    void anEndpointThatIsNotReadyIsStillOne() {
        exchange(s.connect());
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", false)).analyze().hasNoDeviation("dnat-unexpected-endpoint");
    }

    // snat-missing, source-preserved, snat-under-local-policy, remote-endpoint-under-local-policy, snat-unexpected-source

    /** Client, and whether the node gave it its own address, one connection after the other to one endpoint. */
    private void sources(String clients) {
        for (int i = 0; i < clients.length(); i++) {
            boolean kept = clients.charAt(i) == 'k';
            Connection c = s.connect().from(kept ? "10.241.0.9" : "10.241.0.4", 41_000 + i);
            exchange(kept ? c.notMasqueraded() : c);
        }
    }

    @Test
    void oneClientOfManyWhoseAddressIsKeptIsAnExceptionThatThePolicyDoesNotMake() {
        sources("mmkmm");
        s.analyze().flow(from("10.241.0.9:41002")).hasVerdict(DEGRADED).hasNoDeviation("source-preserved").hasDeviation("snat-missing")
                .hasSeverity(ERROR);
    }

    @Test
    void aPolicyThatIsChangedMeanwhileKeepsTheAddressesOfAllThatComeLater() {
        sources("mmmkkk");
        s.analyze().hasNoDeviation("snat-missing");
    }

    @Test
    void aKeptSourceThatIsAnsweredTheRightWayMissesNothingAsLongAsNoPolicySaysSo() {
        exchange(s.connect().notMasqueraded());
        s.analyze().onlyFlow().isOk().hasNoDeviation("snat-missing").hasDeviation("source-preserved").hasSeverity(INFO);
    }

    @Test
    void aRequestThatLeavesForAnotherNodeWithTheClientsAddressWasNotMasqueraded() {
        exchange(s.connect().notMasqueraded());
        s.cluster(web).analyze().onlyFlow().hasDeviation("snat-missing").hasSeverity(ERROR);
    }

    @Test
    void underPolicyLocalTheClientsAddressIsKeptOnPurpose() {
        exchange(s.connect().notMasqueraded());
        s.cluster(ClusterText.web().localPolicy().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow()
                .hasNoDeviation("snat-missing")
                .hasDeviation("source-preserved").hasSeverity(INFO);
    }

    @Test
    void aMasqueradedSourceIsNotPreserved() {
        exchange(s.connect());
        s.cluster(web).analyze().hasNoDeviation("source-preserved").hasNoDeviation("snat-under-local-policy")
                .hasNoDeviation("remote-endpoint-under-local-policy").hasNoDeviation("snat-unexpected-source");
    }

    @Test
    void underPolicyLocalNothingShouldBeMasqueraded() {
        exchange(s.connect());
        s.cluster(ClusterText.web().localPolicy().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow()
                .hasDeviation("snat-under-local-policy").hasSeverity(WARNING);
    }

    @Test
    void underPolicyLocalNoEndpointIsOnAnotherNode() {
        exchange(s.connect());
        s.cluster(ClusterText.web().localPolicy().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow()
                .hasDeviation("remote-endpoint-under-local-policy").hasSeverity(ERROR);
    }

    /** Path clusterip translates in one step, 1.2. */
    @Test
    void aDeviationOfAPodsCallIsOfAStepOfItsPath() {
        exchange(s.connect().from("10.244.0.7", 42_000).to("172.31.0.5", 443).notMasqueraded().missedAt(Stop.NODE_IN));
        s.cluster(ClusterText.web().internalLocalPolicy().endpoint("10.244.1.2", "node-2", true)).analyze().onlyFlow()
                .hasDeviation("remote-endpoint-under-local-policy").atStep("1.2");
    }

    @Test
    void policyLocalIsNotForCallersInsideTheCluster() {
        ClusterText local = ClusterText.web().localPolicy().endpoint("10.244.1.2", "node-2", true);
        exchange(s.connect().from("10.244.0.7", 40_100).notMasqueraded());
        exchange(s.connect().from("10.240.0.4", 40_200).masqueradedTo("10.240.0.4", 51_100));
        s.cluster(local).analyze().hasNoDeviation("remote-endpoint-under-local-policy").hasNoDeviation("snat-under-local-policy");
    }

    /** Who hands a capture over may replace its addresses: what the cluster's state knows is not among them any more. */
    @Test
    void addressesThatWereReplacedInOneFileTellNothingOfTheTranslation() {
        s.readdressed("node1-eth0");
        exchange(s.connect());
        s.connect().reaching(Stop.NODE_OUT).syn().pause(1000).syn();
        exchange(s.connect());
        s.cluster(web).analyze().hasNoDeviation("snat-unexpected-source").hasNoDeviation("dnat-unexpected-endpoint")
                .hasNoDeviation("stale-endpoint");
    }

    @Test
    void aSourceThatIsNoAddressOfTheNodeIsUnexpected() {
        exchange(s.connect().masqueradedTo("10.99.0.1", 50_000));
        s.cluster(web).analyze().onlyFlow().hasDeviation("snat-unexpected-source").hasSeverity(WARNING);
    }

    @Test
    void withoutTheNodesPodCidrNoSourceIsUnexpected() {
        exchange(s.connect().masqueradedTo("10.99.0.1", 50_000));
        s.cluster(web.withoutPodCidrs()).analyze()
                .hasNoDeviation("snat-unexpected-source");
    }

    @Test
    void anAnswerPastTheNodeForWantOfSourceNatIsOneCauseProvenByWhatLeftTheNode() {
        Connection c = s.connect().notMasqueraded().syn();
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).changing(comingAs("10.244.1.2", 8443)).synAck();
        CaseAssert seen = s.cluster(web).analyze().hasRootCause("snat-missing");
        seen.onlyFlow().hasDeviation("snat-missing").provenBy("node1-eth0#3");
        assertThat(seen.actual().findings().summary().rootCauses()).extracting(CaseFindings.RootCause::code)
                .doesNotContain("reply-bypasses-node1");
    }

    // reply-bypasses-node1, reverse-nat-mismatch

    /** An answer of the pod at the client, not by way of Node-1. */
    private static Connection.Change comingAs(String source, int port) {
        return (p, stop, request) -> {
            if (!request && stop == Stop.CLIENT) {
                p.source = source;
                p.sourcePort = port;
                p.ttl = 62;
            }
        };
    }

    @Test
    void anAnswerThatComesAsThePodWentPastNode1() {
        Connection c = s.connect().notMasqueraded().syn();
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).changing(comingAs("10.244.1.2", 8443)).synAck();
        s.analyze().onlyFlow().hasVerdict(FAILED).hasDeviation("reply-bypasses-node1").hasSeverity(ERROR);
    }

    @Test
    void aClientThatRefusesTheDatagramOfAStrangerByIcmpDoesNotRefuseTheService() {
        Connection c = s.connect().udp().notMasqueraded().ask(60);
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).changing(comingAs("10.244.1.2", 5353)).answer(100).refuseAnswer();
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("icmp-unreachable").hasDeviation("reply-bypasses-node1")
                .hasSeverity(ERROR);
    }

    @Test
    void anAnswerThatComesAsSomethingElseWasTranslatedBackWrongly() {
        Connection c = s.connect().syn();
        c.missedAt(Stop.NODE_IN).changing(comingAs("10.240.0.4", 32_001)).synAck();
        s.analyze().onlyFlow().hasVerdict(FAILED).hasNoDeviation("reply-bypasses-node1").hasDeviation("reverse-nat-mismatch")
                .hasSeverity(ERROR);
    }

    /** Of a pod on the entry node nothing else shows, which the wrong answers could be taken for. */
    @Test
    void anAnswerOfAPodOnTheEntryNodeThatComesFromAnotherPortIsNotInThePodsName() {
        Connection c = s.connect().local().open().ask(100).answer(300);
        c.pause(500).acknowledging(false).ask(100);
        c.changing((p, stop, request) -> {
            if (!request) {
                p.source = "10.240.0.4";
                p.sourcePort = 32_005;
            }
        }).answer(200).pause(300).send(true, (p, stop, request) -> {
            p.flags = Packet.RST;
            p.destinationPort = 32_005;
        });
        CaseAssert seen = s.cluster(ClusterText.web().endpoint("10.244.0.3", "node-1", true)).analyze();
        seen.hasNoDeviation("reset-by-client-on-stray-packet").hasNoDeviation("dnat-unexpected-endpoint")
                .hasNoDeviation("reply-not-forwarded");
        seen.hasDeviation("reverse-nat-mismatch").hasSeverity(ERROR);
    }

    /** What came to the client under another name did leave the node. */
    @Test
    void answersThatComeAsSomethingElseFromTheMiddleOnWereForwarded() {
        Connection c = s.connect().open().ask(100).answer(400).ask(60).acknowledging(false);
        c.missedAt(Stop.NODE_IN).changing(comingAs("10.240.0.4", 32_005)).answer(300);
        c.pause(220).repeat(false).pause(440).repeat(false).pause(880).repeat(false);
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("reply-not-forwarded").hasDeviation("reverse-nat-mismatch");
    }

    @Test
    void anAnswerThatComesAsItWasCalledIsNeither() {
        exchange(s.connect());
        s.analyze().hasNoDeviation("reply-bypasses-node1").hasNoDeviation("reverse-nat-mismatch");
    }

    // direct-server-return

    @Test
    void anAnswerWithTheRightTupleThatNode1NeverSawWasReturnedDirectly() {
        Connection c = s.connect().notMasqueraded().syn().missedAt(Stop.NODE_IN, Stop.NODE_OUT).synAck().missedAt().ack(true);
        c.acknowledging(false).ask(100).missedAt(Stop.NODE_IN, Stop.NODE_OUT).answer(300).missedAt().ack(true).fin(true)
                .missedAt(Stop.NODE_IN, Stop.NODE_OUT).fin(false).missedAt().ack(true);
        s.cluster(web).analyze().onlyFlow().isOk().hasNoDeviation("snat-missing").hasDeviation("direct-server-return").hasSeverity(INFO);
    }

    @Test
    void whatIsLostOnTheStraightWayBackIsLostAllTheSame() {
        Connection c = s.connect().notMasqueraded().syn().missedAt(Stop.NODE_IN, Stop.NODE_OUT).synAck().missedAt().ack(true);
        c.acknowledging(false).ask(100).missedAt(Stop.NODE_IN, Stop.NODE_OUT).answer(300).reaching(Stop.NODE_OUT).answer(200).pause(200)
                .wholeWay().repeat(false).missedAt().ack(true);
        c.fin(true).missedAt(Stop.NODE_IN, Stop.NODE_OUT).fin(false).missedAt().ack(true);
        s.cluster(web).analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("direct-server-return").and().hasDeviation("loss");
    }

    @Test
    void aKeptSourceIsNotMissedWhereTheNodesCaptureEndedBeforeAndTheClientHadItsAnswer() {
        exchange(s.connect());
        s.capturing("node1-eth0", -200, s.millis()).pause(4000);
        exchange(s.connect().notMasqueraded());
        s.cluster(web).analyze().hasNoDeviation("snat-missing");
    }

    @Test
    void anAnswerIsReturnedDirectlyThoughTheFilterHidesTheClientsSide() {
        Connection c = s.connect().notMasqueraded().missedAt(Stop.NODE_IN).syn().missedAt(Stop.NODE_IN, Stop.NODE_OUT).synAck()
                .missedAt(Stop.NODE_IN).ack(true).acknowledging(false).ask(100);
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).answer(300).missedAt(Stop.NODE_IN).ack(true);
        s.cluster(web).analyze().onlyFlow().isOk().hasNoDeviation("snat-missing").hasDeviation("direct-server-return");
    }

    @Test
    void theClientsAcknowledgementsTellThatAnswersWereReturnedDirectlyThoughNoCaptureShowsThem() {
        Connection c = s.connect().notMasqueraded().syn().missedAt(Stop.CLIENT, Stop.NODE_IN, Stop.NODE_OUT).synAck().missedAt().ack(true);
        c.acknowledging(false).ask(100).missedAt(Stop.CLIENT, Stop.NODE_IN, Stop.NODE_OUT).answer(300).missedAt().ack(true);
        s.cluster(web).analyze().onlyFlow().hasNoDeviation("snat-missing").hasDeviation("direct-server-return");
    }

    @Test
    void aMasqueradedConnectionCannotBeReturnedDirectlyThoughNode1sCaptureMissedTheAnswers() {
        Connection c = s.connect().syn().missedAt(Stop.NODE_IN, Stop.NODE_OUT).synAck().missedAt().ack(true);
        c.acknowledging(false).ask(100).missedAt(Stop.NODE_IN, Stop.NODE_OUT).answer(300).missedAt().ack(true);
        s.analyze().hasNoDeviation("direct-server-return");
    }

    /** {@code dst port 32000 or dst port 8443}: no answer of any connection, and no ARP. */
    @Test
    void aFilterThatShowsRequestsOnlyDoesNotMakeAnswersComeAnotherWay() {
        s.withoutNeighbours("node1-eth0");
        Connection c = s.connect().notMasqueraded().syn().missedAt(Stop.NODE_IN, Stop.NODE_OUT).synAck().missedAt().ack(true);
        c.acknowledging(false).ask(100).missedAt(Stop.NODE_IN, Stop.NODE_OUT).answer(300).missedAt().ack(true).fin(true)
                .missedAt(Stop.NODE_IN, Stop.NODE_OUT).fin(false).missedAt().ack(true);
        s.cluster(web).analyze().onlyFlow().isOk().hasNoDeviation("snat-missing").hasNoDeviation("direct-server-return");
    }

    // reply-leaks-untranslated, reset-by-client-on-stray-packet

    @Test
    void aSingleSegmentThatReachesTheClientAsThePodsLeaked() {
        Connection c = s.connect().notMasqueraded().open().ask(100).answer(400).acknowledging(false).ask(50);
        c.missedAt(Stop.NODE_IN).changing(comingAs("10.244.1.2", 8443)).answer(90).changing(null).missedAt().pause(300).repeat(false)
                .ack(true).close();
        s.analyze().onlyFlow().hasDeviation("reply-leaks-untranslated").hasSeverity(ERROR);
    }

    @Test
    void aClientThatResetsTheStraySegmentIsSaidToHaveDoneSo() {
        Connection c = s.connect().notMasqueraded().open().ask(100).answer(400).acknowledging(false).ask(50);
        c.missedAt(Stop.NODE_IN).changing(comingAs("10.244.1.2", 8443)).answer(90);
        c.missedAt(Stop.NODE_IN).changing((p, stop, request) -> {
            if (stop == Stop.CLIENT) {
                p.destination = "10.244.1.2";
                p.destinationPort = 8443;
            } else {
                p.destination = null;
                p.destinationPort = 0;
            }
        }).reset(true);
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("reset-midstream").hasDeviation("reset-by-client-on-stray-packet")
                .hasSeverity(ERROR);
    }

    private CaseAssert leakedFromNode1() {
        return leakedFromNode1(s.connect().local().open().ask(100).answer(400).acknowledging(false).ask(50));
    }

    /** The pod is on Node-1, and no capture shows its side of the translation but for this segment. */
    private CaseAssert leakedFromNode1(Connection c) {
        c.changing((p, stop, request) -> {
            p.source = "10.244.0.3";
            p.sourcePort = 8443;
        }).answer(90);
        c.changing((p, stop, request) -> {
            p.destination = "10.244.0.3";
            p.destinationPort = 8443;
        }).reset(true);
        return s.cluster(ClusterText.web().endpoint("10.244.0.3", "node-1", true)).analyze();
    }

    @Test
    void aStraySegmentIsOfTheConnectionWhoseNumbersItCarriesOn() {
        leakedFromNode1().hasFlows(1).onlyFlow().failedAtStep("2.0").hasNoDeviation("no-reply-from-pod")
                .hasDeviation("reset-by-client-on-stray-packet").hasSeverity(ERROR);
    }

    /** It acknowledges the FIN, which takes a number of its own. */
    @Test
    void aStraySegmentIsOfTheConnectionThatItsClientHadHalfClosed() {
        leakedFromNode1(s.connect().local().open().ask(100).answer(400).acknowledging(false).ask(50).fin(true)).hasFlows(1).onlyFlow()
                .failedAtStep("2.0").hasDeviation("reset-by-client-on-stray-packet");
    }

    /** What the pod says again has the number that it had. */
    @Test
    void aFinThatComesAgainAsAStrayIsOfItsConnection() {
        Connection c = s.connect().local().open().ask(100).answer(400).acknowledging(false).fin(false).pause(300);
        c.changing((p, stop, request) -> {
            p.source = "10.244.0.3";
            p.sourcePort = 8443;
        }).finAgain(false);
        c.changing((p, stop, request) -> {
            p.destination = "10.244.0.3";
            p.destinationPort = 8443;
        }).reset(true);
        s.cluster(ClusterText.web().endpoint("10.244.0.3", "node-1", true)).analyze().hasFlows(1).onlyFlow()
                .goesTo("10.244.0.3:8443").hasDeviation("reset-by-client-on-stray-packet");
    }

    @Test
    void aStraySegmentIsStrayAtNode1sInterfaceToo() {
        s.without("client");
        leakedFromNode1().hasFlows(1).onlyFlow().failedAtStep("2.0").hasDeviation("reset-by-client-on-stray-packet");
    }

    @Test
    void aStraySegmentTellsWhatTheConnectionWasTranslatedToAndAccusesNobodyOfAMissingMasquerade() {
        CaseAssert seen = leakedFromNode1();
        seen.hasNoDeviation("snat-missing").onlyFlow().goesTo("10.244.0.3:8443");
        assertThat(seen.actual().flows()).singleElement()
                .satisfies(flow -> assertThat(flow.translated().source()).hasToString("10.241.0.4:40000"));
    }

    @Test
    void whereAStraySegmentShowsThatSourcesAreKeptNoOtherConnectionWasMasqueraded() {
        exchange(s.connect().from("10.241.0.4", 41_000).local());
        Connection c = s.connect().local().open().ask(100).answer(400).acknowledging(false).ask(50);
        c.changing((p, stop, request) -> {
            p.source = "10.244.0.3";
            p.sourcePort = 8443;
        }).answer(90);
        assertThat(s.analyze().actual().flows()).hasSize(2).allSatisfy(flow -> assertThat(flow.steps())
                .filteredOn(step -> step.number().equals("1.2.2")).allMatch(step -> step.status() == StepStatus.NOT_APPLICABLE));
    }

    @Test
    void whatComesToTheClientsPortWithOtherNumbersIsOfAnotherConnection() {
        Connection c = s.connect().open().ask(100).answer(400);
        s.connect().from("10.241.0.4", 40_000).to("10.240.0.4", 30_080).pod("10.244.1.3", 9090).answer(90).ask(60).answer(80);
        c.ask(50).answer(60).close();
        s.analyze().hasFlows(2).hasNoDeviation("reply-leaks-untranslated").hasNoDeviation("nat-remapped-midflow");
    }

    @Test
    void aResetOnTheConnectionItselfIsOnNoStrayPacket() {
        s.connect().open().ask(100).answer(300).reset(true);
        s.analyze().hasNoDeviation("reset-by-client-on-stray-packet").hasNoDeviation("reply-leaks-untranslated")
                .hasDeviation("reset-by-client");
    }

    // nat-remapped-midflow

    @Test
    void dataThatGoesOnUnderAnotherTranslationWasRemapped() {
        Connection c = s.connect().open().ask(100).answer(400).pause(5000);
        c.masqueradedTo("10.240.0.4", 60_111).acknowledging(false).ask(80).refuse();
        s.analyze().onlyFlow().hasVerdict(FAILED).hasDeviation("nat-remapped-midflow").hasSeverity(ERROR);
    }

    /** A pod on Node-1 itself had it until the translation was forgotten: no capture shows that one. */
    @Test
    void dataThatGoesOnToAnotherNodeWasRemappedThoughItsFirstPodWasOnTheNodeItself() {
        Connection c = s.connect().local().open();
        for (int i = 0; i < 3; i++) {
            c.ask(100).answer(400).pause(300);
        }
        c.pause(5000).elsewhere().pod("10.244.1.2", 8443).acknowledging(false).ask(80).refuse();
        CaseAssert seen = s.analyze();
        seen.onlyFlow().failedAtStep("1.2").hasDeviation("nat-remapped-midflow").hasSeverity(ERROR);
        assertThat(seen.actual().flows().get(0)).satisfies(flow -> {
            assertThat(flow.translated()).isNull();
            assertThat(flow.deviations()).anySatisfy(d -> assertThat(d.message()).contains("instead of to a pod on the node itself"));
        });
    }

    @Test
    void dataThatGoesOnToAPodOfAnotherNodeWasRemappedThoughOnlyTheBridgesShowIt() {
        s.also("node3-cbr0").without("node1-eth0");
        Connection c = s.connect().pod("10.244.2.2", 8443).bridge("node3-cbr0").open().ask(100).answer(400).pause(5000);
        c.pod("10.244.1.2", 8443).bridge("node2-cbr0").masqueradedTo("10.240.0.4", 60_111).acknowledging(false).ask(80).refuse();
        CaseAssert seen = s.analyze().hasNoDeviation("capture-drops").hasNoDeviation("reset-by-pod");
        seen.hasDeviation("nat-remapped-midflow").hasSeverity(ERROR);
        assertThat(seen.actual().flows().get(0).endpoint().address()).hasToString("10.244.2.2:8443");
    }

    /** A load balancer moves it to Node-2, which translates it anew to a pod of its own; Node-1 shows nothing of that. */
    @Test
    void aConnectionThatGoesOnAtAnotherNodeWasMoved() {
        s.connect().open().ask(100).answer(400).close();
        Connection c = s.connect().open().ask(100).answer(400).pause(100).ask(90).answer(300);
        c.masqueradedTo("10.244.1.1", 60_111).missedAt(Stop.NODE_IN, Stop.NODE_OUT).acknowledging(false).ask(80).refuse();
        CaseAssert seen = s.analyze().hasFlows(2).hasNoDeviation("capture-drops").hasNoDeviation("reset-by-pod");
        seen.hasDeviation("nat-remapped-midflow").hasSeverity(ERROR);
        assertThat(seen.actual().flows().get(1)).satisfies(flow -> {
            assertThat(flow.failedStep()).isEqualTo("1.2");
            assertThat(flow.translated().source()).hasToString("10.240.0.4:51074");
            assertThat(flow.deviations()).anySatisfy(d -> assertThat(d.message()).startsWith("the connection moved from node-1 to node-2"));
        });
    }

    /** Node-1's capture missed it: the same translation tells that it came that way. */
    @Test
    void aConnectionOfWhichTheNodesCaptureMissedTheEndWasNotMoved() {
        s.connect().open().ask(100).answer(400).close();
        Connection c = s.connect().open().ask(100).answer(400).pause(100).ask(90).answer(300);
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).ask(80).answer(200).close();
        s.analyze().hasFlows(2).hasNoDeviation("nat-remapped-midflow");
    }

    /** They come to Node-2 now, which takes them to a pod of its own. */
    @Test
    void datagramsThatAnotherNodeServesAreAnsweredAllTheSame() {
        s.also("node2-eth0").atMillis(3000).connect().udp().localAt("node2-cbr0", "10.244.1.1").missedAt(Stop.NODE_OUT).ask(90).answer(200)
                .pause(100).ask(80).answer(210);
        stayedBefore();

        CaseAssert seen = s.analyze().hasFlows(2).hasNoDeviationsWorseThan(INFO);
        assertThat(seen.actual().flows()).allSatisfy(flow -> assertThat(flow.entryNode()).isEqualTo("node-1"));
    }

    /** Who blanks the payloads in one of the files leaves the headers: the same datagrams passed both nodes, as far as clocks tell. */
    @Test
    void datagramsWhosePayloadsDifferInTheCapturesOfTwoNodesDidNotMove() {
        s.without("client").without("node2-cbr0").also("node2-eth0").blanked("node2-eth0", 0);
        Connection slow = s.wire(8000).connect().notMasqueraded().syn();
        s.wire(100);
        slow.synAck();
        s.wire(8000);
        slow.ack(true).ask(100).answer(300).close();
        s.wire(100).connect().udp().notMasqueraded().delayedInside(5).ask(100).answer(300).pause(10).ask(120).answer(310);

        s.analyze().hasFlows(2).hasNoDeviation("nat-remapped-midflow").hasNoDeviation("payload-altered").hasNoDeviation("loss");
    }

    @Test
    void datagramsThatAnotherNodeDropsWereMoved() {
        s.also("node2-eth0").atMillis(3000).connect().udp().reaching(Stop.NODE_IN).ask(90).pause(1000).ask(80).pause(1000).ask(85);
        stayedBefore();

        s.analyze().hasFlows(2).hasNoDeviation("capture-drops").flow(from("10.241.0.4:40000")).failedAtStep("1.2")
                .hasDeviation("nat-remapped-midflow");
    }

    /** What the client sent until now came to Node-2; before, at Node-1, it was answered, as another's is all the while. */
    private void stayedBefore() {
        long end = s.millis();
        s.passedBy("node2-eth0", "node1-eth0", 40_000).atMillis(0).connect().udp().from("10.241.0.4", 40_000).ask(100).answer(300)
                .pause(200).ask(110).answer(310);
        Connection other = s.connect().udp();
        for (int i = 0; i < 10; i++) {
            other.pause(500).ask(70 + i).answer(400 + i);
        }
        s.atMillis(Math.max(end, s.millis()));
    }

    @Test
    void aNewConnectionOnTheSamePortIsTranslatedAnewAndNothingIsRemapped() {
        Connection c = exchange(s.connect());
        s.pause(500);
        exchange(c.again().masqueradedTo("10.240.0.4", 60_111));
        s.analyze().hasFlows(2).hasNoDeviation("nat-remapped-midflow").hasNoDeviationsWorseThan(INFO);
    }

    /** Node-1 forgot the connection whose first SYN was lost behind it. */
    @Test
    void aSynThatIsSentAgainAndTranslatedAnewBeginsTheConnection() {
        Connection c = s.connect().reaching(Stop.NODE_OUT).syn().pause(1000);
        c.wholeWay().masqueradedTo("10.240.0.4", 60_111).synAgain().synAck().ack(true).ask(100).answer(400).close();
        CaseAssert seen = s.analyze().hasNoDeviation("nat-remapped-midflow");
        seen.onlyFlow().hasVerdict(DEGRADED).hasDeviation("syn-retransmitted");
        assertThat(seen.actual().flows()).singleElement()
                .satisfies(flow -> assertThat(flow.translated().source()).hasToString("10.240.0.4:60111"));
    }

    // clusterip-on-the-wire

    @Test
    void aClusterIpAtANodesInterfaceIsOnTheWire() {
        s.connect().from("10.244.0.7", 40_000).to("172.31.0.5", 443).reaching(Stop.NODE_IN).changing((p, stop, r) -> p.ttl = 63)
                .syn().pause(1000).synAgain();
        s.cluster(web).without("client").analyze().onlyFlow().failedAtStep("1.2").hasDeviation("clusterip-on-the-wire")
                .hasSeverity(WARNING);
    }

    @Test
    void aPodsCallThatLeavesTranslatedIsNot() {
        Connection c = s.connect().from("10.244.0.7", 40_000).to("172.31.0.5", 443).masqueradedTo("10.244.0.7", 40_000);
        c.missedAt(Stop.NODE_IN, Stop.CLIENT);
        exchange(c);
        s.cluster(web).without("client").analyze().hasNoDeviation("clusterip-on-the-wire");
    }

    /** Node-1's conntrack had forgotten the pod's call: what comes of it then meets no rule, and leaves as it was called. */
    @Test
    void aClusterIpThatIsOnTheWireFromTheMiddleOnWasForgotten() {
        exchange(s.connect().from("10.244.0.7", 42_000).to("172.31.0.5", 443).notMasqueraded().missedAt(Stop.NODE_IN));
        Connection c = s.connect().from("10.244.0.7", 42_001).to("172.31.0.5", 443).notMasqueraded().missedAt(Stop.NODE_IN);
        c.open().ask(100).answer(300).pause(40_000).missedAt().acknowledging(false).reaching(Stop.NODE_IN);
        c.changing((p, stop, request) -> p.ttl -= stop == Stop.NODE_IN ? 1 : 0).ask(80);
        c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        s.passedBy("pod", "client", 443).cluster(web).analyze().flow(from("10.244.0.7:42001")).failedAtStep("1.2")
                .hasDeviation("clusterip-on-the-wire").hasSeverity(ERROR)
                .matches(d -> d.message().endsWith("after 40.0 s of silence: the node had forgotten the translation")).and()
                .hasNoDeviation("idle-timeout-drop");
    }

    // affinity-broken

    private final ClusterText two = ClusterText.web().endpoint("10.244.1.2", "node-2", true).endpoint("10.244.1.3", "node-2", true);

    @Test
    void aClientThatGoesElsewhereInsideTheAffinitysTimeLostIt() {
        exchange(s.connect());
        s.pause(1000);
        exchange(s.connect().pod("10.244.1.3", 8443));
        s.cluster(two.affinity(10_800)).analyze().flow(from("10.241.0.4:40001")).hasDeviation("affinity-broken").hasSeverity(WARNING);
    }

    @Test
    void aClientGoesElsewhereWhereItsEndpointIsReadyNoLonger() {
        exchange(s.connect());
        s.pause(1000);
        exchange(s.connect().pod("10.244.1.3", 8443));
        s.cluster(ClusterText.web().endpoint("10.244.1.2", "node-2", false).endpoint("10.244.1.3", "node-2", true).affinity(10_800))
                .analyze().hasNoDeviation("affinity-broken");
    }

    @Test
    void afterTheAffinitysTimeAnotherEndpointMayBeChosen() {
        exchange(s.connect());
        s.pause(11_000);
        exchange(s.connect().pod("10.244.1.3", 8443));
        s.cluster(two.affinity(10)).analyze().hasNoDeviation("affinity-broken");
    }

    @Test
    void anotherClientMayGoElsewhere() {
        exchange(s.connect());
        exchange(s.connect().from("10.241.0.5", 40_001).pod("10.244.1.3", 8443));
        s.cluster(two.affinity(10_800)).analyze().hasNoDeviation("affinity-broken");
    }

    // uneven-endpoints

    private void choices(int first, int second) {
        for (int i = 0; i < first + second; i++) {
            boolean toSecond = i * second / (first + second) != (i + 1) * second / (first + second);
            exchange(s.connect().pod(toSecond ? "10.244.1.3" : "10.244.1.2", 8443));
            s.pause(5);
        }
    }

    @Test
    void fortyAgainstFourIsFarFromEven() {
        choices(40, 4);
        s.cluster(two).analyze().hasDeviation("uneven-endpoints").hasSeverity(INFO);
    }

    @Test
    void twentySixAgainstEighteenIsChance() {
        choices(26, 18);
        s.cluster(two).analyze().hasNoDeviation("uneven-endpoints");
    }

    /** With fewer than five choices for each the test of chance tells nothing. */
    @Test
    void fortyFourChoicesOfTenEndpointsAreTooFew() {
        choices(40, 4);
        ClusterText ten = ClusterText.web();
        for (int i = 2; i < 12; i++) {
            ten.endpoint("10.244.1." + i, "node-2", true);
        }
        s.cluster(ten).analyze().hasNoDeviation("uneven-endpoints");
    }

    @Test
    void withAffinityTheChoiceIsNotMeantToBeEven() {
        choices(40, 4);
        s.cluster(two.affinity(10_800)).analyze().hasNoDeviation("uneven-endpoints");
    }

    // proxy-not-nat

    @Test
    void equalContentInAConnectionOfTheNodesOwnIsAProxys() {
        proxied("GET /a HTTP/1.1\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nhello");
        s.cluster(web).analyze().flow(from("10.241.0.4:40000")).hasDeviation("proxy-not-nat").hasSeverity(INFO);
    }

    @Test
    void aNodesOwnConnectionWithOtherContentIsNoProxys() {
        proxied("GET /b HTTP/1.1\r\n\r\n", "HTTP/1.1 404 Not Found\r\n\r\n");
        s.cluster(web).analyze().hasNoDeviation("proxy-not-nat");
    }

    private void proxied(String asked, String answered) {
        Connection outer = s.connect().changing((p, stop, request) -> p.ttl = 64).reaching(Stop.NODE_IN);
        outer.syn().wholeWay().beginningAt(Stop.NODE_IN).synAck().wholeWay().reaching(Stop.NODE_IN).ack(true);
        outer.acknowledging(false).ask("GET /a HTTP/1.1\r\n\r\n");
        Connection inner = s.connect().from("10.240.0.4", 55_000).to("10.244.1.2", 8443).masqueradedTo("10.240.0.4", 55_000)
                .missedAt(Stop.CLIENT, Stop.NODE_OUT);
        inner.open().ask(asked).answer(answered).close();
        outer.wholeWay().beginningAt(Stop.NODE_IN).answer("HTTP/1.1 200 OK\r\n\r\nhello").wholeWay().reaching(Stop.NODE_IN).ack(true);
    }

    /** On the client's side the pod's numbers and time stamps are the proxy's, whose SYN has the number by which it had answered. */
    private Connection behindSynProxy() {
        // By which number and time stamp the proxy answered, and how far its time stamps are from the pod's.
        int[] answered = {0, 0, -900_000_000};
        Connection c = s.connect().changing((p, stop, request) -> {
            boolean synAck = !request && p.has(Packet.SYN);
            answered[2] = synAck && stop == Stop.BRIDGE && answered[0] != 0 ? answered[1] - p.tsVal : answered[2];
            int sign = stop == (request ? Stop.CLIENT : Stop.NODE_IN) ? 1 : request && stop == Stop.NODE_OUT ? -1 : 0;
            p.sequence += request ? 0 : sign * 700_000_000;
            p.tsVal += request ? 0 : sign * answered[2];
            p.acknowledgment += request && p.has(Packet.ACK) ? sign * 700_000_000 : 0;
            p.tsEcr += request && p.has(Packet.ACK) ? sign * answered[2] : 0;
            answered[0] = synAck && stop == Stop.NODE_IN ? p.sequence : answered[0];
            answered[1] = synAck && stop == Stop.NODE_IN ? p.tsVal : answered[1];
            p.acknowledgment = request && stop == Stop.NODE_OUT && p.has(Packet.SYN) ? answered[0] : p.acknowledgment;
        });
        c.reaching(Stop.NODE_IN).syn().wholeWay().beginningAt(Stop.NODE_IN).synAck().wholeWay().reaching(Stop.NODE_IN).ack(true);
        return c.wholeWay().beginningAt(Stop.NODE_OUT).synAgain();
    }

    @Test
    void aSynProxysTwoHandshakesAreOneConnectionWhoseNumbersItTranslates() {
        Connection c = behindSynProxy().wholeWay().reaching(Stop.NODE_OUT).synAckAgain().wholeWay().beginningAt(Stop.NODE_OUT).ack(true);
        c.wholeWay().ask(100).answer(400).close();
        s.cluster(web).analyze().onlyFlow().isOk().hasNoDeviation("ttl-unexpected").hasDeviation("proxy-not-nat").hasSeverity(INFO);
        s.analyze().hasNoDeviation("loss-inside-node").hasNoDeviation("loss");
    }

    @Test
    void whatIsLostBehindASynProxyIsLostAllTheSame() {
        Connection c = behindSynProxy().wholeWay().reaching(Stop.NODE_OUT).synAckAgain().wholeWay().beginningAt(Stop.NODE_OUT).ack(true);
        c.acknowledging(false).wholeWay().reaching(Stop.NODE_IN).ask(500).wholeWay().pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss-inside-node");
    }

    @Test
    void aPodThatNeverAnswersASynProxyFailsAConnectionThatTheClientTakesForOpen() {
        Connection c = behindSynProxy();
        for (int i = 0; i < 3; i++) {
            c.pause(1000).wholeWay().beginningAt(Stop.NODE_OUT).synAgain();
        }
        s.cluster(web).analyze().onlyFlow().failedAtStep("1.6").hasDeviation("proxy-not-nat").and().hasDeviation("no-reply-from-pod");
    }

    // Firewalls that number connections anew

    /** Behind the firewall, at the nodes, all numbers of an end are so far from those that the client sees. */
    private Connection behindRenumberingFirewall(int ofClient, int ofPod) {
        return s.connect().changing((p, stop, request) -> {
            boolean acknowledges = p.has(Packet.ACK);
            int passes = stop == (request ? Stop.NODE_IN : Stop.CLIENT) ? 1 : 0;
            int sent = stop == (request ? Stop.CLIENT : Stop.BRIDGE) ? 1 : 0;
            p.sequence += passes * (request ? ofClient : -ofPod);
            p.acknowledgment += acknowledges ? (passes - sent) * (request ? ofPod : -ofClient) : 0;
        });
    }

    @Test
    void aFirewallThatGivesTheClientANewSequenceNumberMakesNoSecondConnection() {
        exchange(behindRenumberingFirewall(1_900_000_000, 0));
        s.cluster(web).analyze().onlyFlow().isOk().hasNoDeviation("port-reused").goesTo("10.244.1.2:8443");
        s.analyze().onlyFlow().isOk();
    }

    @Test
    void aFirewallThatGivesBothEndsNewSequenceNumbersMakesNoSecondConnection() {
        exchange(behindRenumberingFirewall(-700_000_000, 1_234_567_890));
        CaseAssert seen = s.analyze();
        seen.onlyFlow().isOk();
        assertThat(seen.actual().flows().get(0).hops()).hasSize(6).allMatch(hop -> hop.delivered() == hop.sent());
    }

    /** The SYN is the same on both of its sides. */
    @Test
    void aFirewallThatGivesTheAnswersAloneNewSequenceNumbersMakesNoSecondConnection() {
        exchange(behindRenumberingFirewall(0, 1_234_567_890));
        CaseAssert seen = s.analyze();
        seen.onlyFlow().isOk();
        assertThat(seen.actual().flows().get(0).hops()).hasSize(6).allMatch(hop -> hop.delivered() == hop.sent());
    }

    @Test
    void whatIsLostOnTheWayToARenumberingFirewallIsLostAllTheSame() {
        Connection c = behindRenumberingFirewall(1_900_000_000, 0).open().ask(100);
        c.acknowledging(false).reaching(Stop.NODE_IN).answer(500).wholeWay().pause(220).repeat(false).ack(true).close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss");
    }

    @Test
    void aConnectionThatIsRefusedBehindARenumberingFirewallHasAnEndpoint() {
        behindRenumberingFirewall(1_900_000_000, 0).syn().beginningAt(Stop.BRIDGE).refuse();
        s.cluster(web).analyze().onlyFlow().failedAtStep("1.6").hasDeviation("connection-refused");
    }

    @Test
    void twoConnectionsOfOnePortAreTwoThoughEitherShowsAtOnePointOnly() {
        s.connect().reaching(Stop.CLIENT).syn();
        s.pause(100);
        s.connect().beginningAt(Stop.NODE_IN).syn();
        s.analyze().hasFlows(2);
    }

    // loadbalancer-floating-ip

    @Test
    void theLoadBalancersAddressAtTheNodeIsAVariantOfThePath() {
        exchange(s.connect().to("20.50.60.70", 443));
        s.cluster(web.loadBalancer("20.50.60.70")).analyze().onlyFlow().isOk().hasDeviation("loadbalancer-floating-ip").hasSeverity(INFO);
    }

    /** As where a pod has a hostPort. */
    @Test
    void theNodesOwnAddressIsNoneByAnyPort() {
        exchange(s.connect().to("10.240.0.4", 8080).notMasqueraded());
        s.cluster(web).analyze().onlyFlow().isOk().hasNoDeviation("loadbalancer-floating-ip");
    }

    @Test
    void theNodesOwnAddressIsNone() {
        exchange(s.connect());
        s.cluster(web.loadBalancer("20.50.60.70")).analyze().hasNoDeviation("loadbalancer-floating-ip");
    }

    // ephemeral-tuple-reused, port-reused

    @Test
    void aMasqueradedTupleOpenedAgainTooEarlyIsAnsweredWithOldNumbers() {
        Connection first = s.connect().masqueradedTo("10.240.0.4", 50_001).open().ask(100).answer(300);
        s.pause(700);
        Connection second = s.connect().masqueradedTo("10.240.0.4", 50_001);
        second.syn();
        first.beginningAt(Stop.BRIDGE).reaching(Stop.NODE_OUT).ack(false);
        second.beginningAt(Stop.NODE_OUT).reset(true).wholeWay();
        s.pause(1000);
        second.synAgain().synAck().ack(true).ask(100).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40001")).hasNoDeviation("syn-retransmitted").hasDeviation("ephemeral-tuple-reused")
                .hasSeverity(WARNING);
    }

    @Test
    void anAckOfWhatWasAskedIsNotOfOldNumbersWhereTheCaptureMissedTheSynAck() {
        s.connect().syn().missedAt(Stop.BRIDGE).synAck().missedAt().ack(true).ask(100).answer(300).close();
        s.analyze().onlyFlow().isOk().hasNoDeviation("ephemeral-tuple-reused");
    }

    @Test
    void aTupleThatIsReusedWithoutTroubleIsHealthy() {
        exchange(s.connect().masqueradedTo("10.240.0.4", 50_001));
        s.pause(700);
        exchange(s.connect().masqueradedTo("10.240.0.4", 50_001));
        s.analyze().hasNoDeviation("ephemeral-tuple-reused").hasNoDeviationsWorseThan(INFO);
    }

    @Test
    void aClientsPortUsedTwiceIsToldApart() {
        Connection c = exchange(s.connect());
        s.pause(700);
        exchange(c.again());
        s.analyze().hasFlows(2).flow(2).isOk().hasDeviation("port-reused").hasSeverity(INFO);
    }

    /** Conntrack forgets a question and its answer after 30 s; then another client may be masqueraded by the same port. */
    @Test
    void aPortThatAnotherClientsQuestionIsMasqueradedByIsToldApart() {
        s.connect().udp().masqueradedTo("10.240.0.4", 50_001).ask(40).answer(80);
        s.pause(32_000);
        s.connect().udp().masqueradedTo("10.240.0.4", 50_001).ask(41).answer(81);
        s.pause(45_000);
        s.connect().udp().masqueradedTo("10.240.0.4", 50_001).ask(42).answer(82).pause(12_000).ask(43).answer(83);
        s.analyze().hasFlows(3).hasNoDeviationsWorseThan(INFO).hasNoDeviation("ambiguous-match").allFlows().haveVerdict(OK);
        for (int client = 40_000; client < 40_003; client++) {
            s.analyze().flow(from("10.241.0.4:" + client)).goesTo("10.244.1.2:5353").isMasqueraded();
        }
    }

    /** The error belongs to the question that it quotes. */
    @Test
    void whatWasRefusedOnAPortThatWasUsedAgainIsNotTheOthersRefusal() {
        s.connect().udp().masqueradedTo("10.240.0.4", 50_001).ask(40).answer(80);
        s.pause(32_000);
        s.connect().udp().masqueradedTo("10.240.0.4", 50_001).ask(41).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE);
        s.analyze().hasFlows(2).flow(from("10.241.0.4:40000")).isOk().hasNoDeviations();
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("icmp-unreachable");
    }

    /** Nobody masquerades, as between pods: the endpoint that is chosen again has the tuple that it had before. */
    @Test
    void aSocketThatIsTranslatedInTurnsLosesNothing() {
        Connection c = s.connect().udp().notMasqueraded().ask(40).answer(80);
        for (int turn = 0; turn < 2; turn++) {
            c.pause(31_000).pod("10.244.1.3", 5353).ask(41).answer(81).pause(50).ask(42).answer(81);
            c.pause(31_000).pod("10.244.1.2", 5353).ask(43).answer(82);
        }
        s.analyze().onlyFlow().isOk().hasNoDeviationsWorseThan(INFO);
    }

    @Test
    void aSocketThatPausesStaysOne() {
        s.connect().udp().ask(40).answer(80).pause(31_000).ask(41).answer(81).pause(31_000).ask(40).answer(80);
        s.analyze().onlyFlow().isOk().hasNoDeviations();
    }

    @Test
    void aSynSentTwiceUsesNoPortTwice() {
        s.connect().syn().pause(1000).synAgain().synAck().ack(true).ask(10).answer(20).close();
        s.analyze().hasFlows(1).hasNoDeviation("port-reused");
    }

    // snat-ports-exhausted

    private void live(int[] ports) {
        for (int port : ports) {
            s.connect().masqueradedTo("10.240.0.4", port).open().ask(100).answer(300);
        }
        s.pause(300);
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain().pause(2000).synAgain();
    }

    @Test
    void portsAreExhaustedIfAllOfAWholeRangeAreInUse() {
        live(new int[] {61_003, 61_000, 61_002, 61_005, 61_001, 61_004});
        s.analyze().flow(from("10.241.0.4:40006")).hasVerdict(FAILED).hasNoDeviation("request-not-forwarded")
                .hasDeviation("snat-ports-exhausted").hasSeverity(ERROR);
        s.analyze().satisfies(result -> assertThat(result.findings().summary().rootCauses()).first().satisfies(
                cause -> assertThat(cause.remedy()).contains("'src=10.244.1.2 dst=10.240.0.4 sport=")));
    }

    @Test
    void portsThatAreGivenAgainAndAgainAreExhaustedThoughTheyAreFew() {
        live(new int[] {61_001, 61_000, 61_001, 61_000});
        s.analyze().flow(from("10.241.0.4:40004")).hasVerdict(FAILED).hasNoDeviation("request-not-forwarded")
                .hasDeviation("snat-ports-exhausted").hasSeverity(ERROR);
    }

    @Test
    void twoNeighboursAloneMayBeChance() {
        live(new int[] {61_001, 61_000});
        s.analyze().flow(from("10.241.0.4:40002")).hasNoDeviation("snat-ports-exhausted").hasDeviation("request-not-forwarded");
    }

    @Test
    void portsThatLieFarApartAreNotExhausted() {
        live(new int[] {61_003, 1_200, 33_002, 61_905, 22_001, 9_004});
        s.analyze().flow(from("10.241.0.4:40006")).hasNoDeviation("snat-ports-exhausted").hasDeviation("request-not-forwarded");
    }

    @Test
    void clientsWhosePortsAreKeptMayUseNeighbours() {
        live(new int[] {40_000, 40_001, 40_002, 40_003, 40_004, 40_005});
        s.analyze().hasNoDeviation("snat-ports-exhausted");
    }

    // What conntrack lists

    @Test
    void aListingOfConntrackTellsOnlyOfTheLastConnectionOfItsPorts() throws IOException {
        Connection first = s.connect().local().open().ask(100).answer(300).close();
        s.pause(5000);
        first.again().open().ask(100).answer(300).close();
        Path folder = s.write();
        Files.writeString(folder.resolve("node-1.conntrack"), "ipv4 2 tcp 6 118 TIME_WAIT src=10.241.0.4 dst=10.240.0.4 sport=40000 "
                + "dport=32000 src=10.244.0.3 dst=10.244.0.1 sport=8443 dport=32173 [ASSURED] mark=0 use=1\n", StandardCharsets.UTF_8);
        CaseAssert seen = NatTrailAssertions.assertThatCapture(folder);
        assertThat(seen.actual().flows()).hasSize(2);
        assertThat(seen.actual().flows().get(0).endpoint().address()).isNull();
        seen.flow(2).goesTo("10.244.0.3:8443");
    }
}
