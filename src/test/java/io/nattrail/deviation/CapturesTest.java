package io.nattrail.deviation;

import static io.nattrail.assertj.NatTrailAssertions.from;
import static io.nattrail.assertj.NatTrailAssertions.step;
import static io.nattrail.deviation.Severity.ERROR;
import static io.nattrail.deviation.Severity.INFO;
import static io.nattrail.deviation.Severity.WARNING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nattrail.assertj.CaseAssert;
import io.nattrail.path.StepStatus;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Packet;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is wrong with the captures themselves, and what only looks like it. */
class CapturesTest {
    private final Scenario s = Scenario.nodePort();

    private void exchanges(int number) {
        for (int i = 0; i < number; i++) {
            s.pause(100).connect().open().ask(100).answer(400).close();
        }
    }

    // clock-skew, clock-step

    @Test
    void aClockThatIsAheadIsToldWithItsBounds() {
        exchanges(3);
        s.clock("node2-cbr0", 4000).analyze().hasDeviation("clock-skew").hasSeverity(INFO).atPoint("node2-cbr0")
                .matches(d -> d.message().matches(".* 4.00 s ahead of the reference's, give or take [0-9.]+ µs; all latencies .*")).and()
                .hasNoDeviationsWorseThan(INFO);
    }

    /** Its ends lie on both sides of where 61.2 s turns into 61.3 s, and microseconds from each other. */
    @Test
    void boundsThatDifferByRoundingOnlyAreToldByWhatLiesBetweenThem() {
        exchanges(3);
        s.clock("node2-cbr0", 61_250).analyze().hasDeviation("clock-skew")
                .matches(d -> d.message().matches(".* ahead of the reference's, give or take [0-9.]+ µs; all latencies .*"));
    }

    @Test
    void aWireThatTakesLongerIsNoClock() {
        s.wire(30_000);
        exchanges(3);
        s.analyze().hasNoDeviation("clock-skew").hasNoDeviation("clock-step");
    }

    @ParameterizedTest(name = "{0} by {1} ms")
    @CsvSource({"client,1700", "client,-300", "node1-eth0,90", "node1-eth0,-20000", "node2-cbr0,3600000", "node2-cbr0,-1700"})
    void aClockThatIsSetInBetweenIsToldAndChangesNothingElse(String point, int millis) {
        s.pause(1000);
        exchanges(3);
        s.clockNow(point, millis);
        exchanges(3);
        s.analyze().hasDeviation("clock-step").hasSeverity(WARNING).atPoint(point)
                .matches(d -> d.message().contains(millis > 0 ? "ahead" : "back") && d.evidence().size() == 2).and()
                .hasNoDeviation("clock-skew").allFlows().hasSize(6).haveVerdict(Verdict.OK).haveNoDeviationsWorseThan(INFO);
    }

    /** Within ten minutes the clocks drift apart by far more than any packet takes. */
    @ParameterizedTest(name = "{0} by {1} ppm")
    @CsvSource({"client,50", "client,-50", "node1-eth0,50", "node1-eth0,-50", "node2-cbr0,50", "node2-cbr0,-50"})
    void aClockThatDriftsAddsToNoLatency(String point, int partsPerMillion) {
        exchanges(20);
        s.pause(600_000);
        exchanges(4);
        CaseAssert result = s.drift(point, partsPerMillion).analyze();
        result.hasNoDeviationsWorseThan(INFO).allFlows().hasSize(24).haveVerdict(Verdict.OK);
        for (int flow = 1; flow <= 24; flow++) {
            result.flow(flow).hasNoDeviations();
            // A node takes 40 microseconds, a wire 150.
            result.flow(flow).satisfies(f -> f.steps().stream().filter(found -> found.latencyNanos() != null).forEach(found ->
                    assertThat(found.latencyNanos()).isCloseTo(95_000, within(found.latencyUncertaintyNanos() + 56_000))));
        }
    }

    /** One connection, no handshake in between: only the packets in its middle tell. */
    @Test
    void aClockThatIsSetInTheMiddleOfAConnectionIsToldAsWell() {
        Connection c = s.connect().open();
        for (int i = 0; i < 8; i++) {
            if (i == 4) {
                s.clockNow("node2-cbr0", -5000);
            }
            c.ask(100).answer(300).pause(500);
        }
        c.close();
        s.analyze().hasDeviation("clock-step").atPoint("node2-cbr0").and().onlyFlow().isOk();
    }

    @Test
    void acknowledgementsThatNothingTellsApartMoveNoClock() {
        Connection c = s.connect().plain().unnumbered().open().ask(100).answer(400);
        c.pause(2000).keepAlive(true);
        long late = s.millis() + 5;
        c.pause(2000).keepAlive(true).pause(2000).keepAlive(true).ask(100).answer(300).close();
        s.capturing("node2-cbr0", late, s.millis() + 500).analyze().hasNoDeviationsWorseThan(INFO);
    }

    // capture-missing

    @Test
    void anAbsentPointIsNamedWithWhatItWouldHaveShown() {
        exchanges(2);
        s.without("client").analyze().hasDeviation("capture-missing").hasSeverity(WARNING);
    }

    @Test
    void aPointThatIsThereButQuietIsNotMissing() {
        s.connect().reaching(Stop.CLIENT).syn().pause(1000).synAgain();
        s.analyze().hasNoDeviation("capture-missing");
    }

    // capture-windows-disjoint

    @Test
    void capturesThatWereTakenOneAfterTheOtherHaveNoTimeInCommon() {
        exchanges(4);
        long half = s.millis() + 20;
        s.pause(1000);
        exchanges(4);
        s.capturing("client", -200, half).capturing("node1-eth0", half + 500, s.millis() + 500).capturing("node2-cbr0", half + 500,
                s.millis() + 500).analyze().hasDeviation("capture-windows-disjoint").hasSeverity(ERROR);
    }

    /** The commonest mistake: the bridge's file of an earlier attempt beside two new ones. All that they share are the addresses. */
    @Test
    void theOneFileOfAnEarlierAttemptIsNamedWithItsTime() {
        exchanges(3);
        long end = s.millis() + 100;
        s.pause(90_000_000);
        long again = s.millis() - 200;
        exchanges(3);
        s.capturing("node2-cbr0", -200, end).capturing("client", again, s.millis() + 500).capturing("node1-eth0", again,
                s.millis() + 500).analyze().hasDeviation("capture-windows-disjoint").hasSeverity(INFO).atPoint("node2-cbr0")
                .matches(d -> d.message().matches("node2-cbr0 \\(node2-cbr0.pcap, 20[0-9 :-]+ to 20[0-9 :-]+ UTC\\) has no time in common "
                        + "with client \\(.* and node1-eth0 \\(.*: (25 h 0 min|24 h 59 min) lies between them.*"));
    }

    @Test
    void theClientsFileOfAnEarlierAttemptIsNamedWithItsTime() {
        exchanges(3);
        long end = s.millis() + 100;
        s.pause(20_000);
        exchanges(3);
        s.capturing("client", -200, end).capturing("node1-eth0", end + 1000, s.millis() + 500).capturing("node2-cbr0", end + 1000,
                s.millis() + 500).analyze().hasDeviation("capture-windows-disjoint").hasSeverity(ERROR).atPoint("client")
                .matches(d -> d.message().startsWith("client (client.pcap, 20"));
    }

    @Test
    void aBridgeWhosePodsWereCalledALittleLaterIsOfTheSameAttempt() {
        exchanges(3);
        long end = s.millis() + 100;
        s.pause(60_000);
        exchanges(3);
        s.capturing("node2-cbr0", end + 1000, s.millis() + 500).capturing("client", -200, end).capturing("node1-eth0", -200, end).analyze()
                .hasNoDeviation("capture-windows-disjoint");
    }

    /** The probe's byte comes again with the data, which is no second sending in vain. */
    @Test
    void aProbeOfAClosedWindowAndTheDataBehindItAreNotLostWhereTheBridgesCaptureHasEnded() {
        Connection c = s.connect().open().ask(100).answer(100).pause(900).ask(100).answer(100);
        c.send(false, (p, stop, r) -> p.window = 0).pause(250);
        long end = s.millis() - 100;
        c.send(true, (p, stop, r) -> p.payload = new byte[] {'x'}).send(false, (p, stop, r) -> p.window = 0).pause(200).ack(false)
                .acknowledging(false).ask("x".repeat(200));
        s.capturing("node2-cbr0", -200, end).capturing("node1-eth0", -200, s.millis() + 1);
        c.pause(20).answer(100);
        s.analyze().hasNoDeviationsWorseThan(INFO);
    }

    @Test
    void whatOnlyPausedBetweenTwoPacketsIsNoGap() {
        exchanges(1);
        long end = s.millis();
        s.pause(60);
        exchanges(1);
        s.capturing("client", -200, end).capturing("node1-eth0", end + 50, s.millis() + 500).without("node2-cbr0").analyze()
                .hasNoDeviation("capture-windows-disjoint");
    }

    @Test
    void whatBeganAfterANodesCaptureHadEndedNeedNotHaveStayedOnThatNode() {
        exchanges(1);
        long end = s.millis() + 100;
        s.pause(60_000);
        exchanges(1);
        s.capturing("node1-eth0", -200, end).without("node2-cbr0").analyze().flow(from("10.241.0.4:40001")).isOk()
                .hasStep(step("1.4"), StepStatus.NOT_CAPTURED);
    }

    @Test
    void twoAttemptsBesideACaptureThatRanAllAlongHaveNoTimeInCommon() {
        exchanges(1);
        s.pause(60_000);
        exchanges(1);
        s.capturing("client", -200, 20_000).capturing("node1-eth0", 40_000, 70_000).analyze().hasDeviation("capture-windows-disjoint")
                .hasSeverity(ERROR).atPoint("node1-eth0").matches(d -> d.message().contains(": 20.0 s lies between them"));
    }

    @Test
    void capturesThatOverlapInPartHave() {
        exchanges(4);
        long half = s.millis() + 20;
        s.pause(1000);
        exchanges(4);
        s.capturing("client", -200, half).capturing("node1-eth0", half - 150, s.millis() + 500).analyze()
                .hasNoDeviation("capture-windows-disjoint");
    }

    /** First the pod of Node-2 is called, then that of Node-1: what shows at the bridge there never comes to Node-2. */
    @Test
    void aBridgeAndTheInterfaceOfAnotherNodeNeedShowNothingAtTheSameTime() {
        s.also("node2-eth0").also("node1-cbr0").connect().open().ask(100).answer(400).close();
        long half = s.millis() + 20;
        s.pause(3000).connect().pod("10.244.0.3", 8443).localAt("node1-cbr0", "10.244.0.1").open().ask(100).answer(400).close();
        s.capturing("node2-eth0", -200, half).capturing("node2-cbr0", -200, half).capturing("node1-cbr0", half + 2000, s.millis() + 500)
                .analyze().hasNoDeviation("capture-windows-disjoint");
    }

    @Test
    void capturesHaveTimeInCommonIfAThirdBetweenThemShowsTheSamePackets() {
        s.also("node2-eth0").clock("node1-eth0", 4400).clock("node2-cbr0", 9600);
        s.connect().from("192.168.7.7", 40_000).missedAt(Stop.CLIENT).open().ask(100).answer(400).close();
        s.tail(200).analyze().hasNoDeviation("capture-windows-disjoint");
    }

    // capture-starts-midstream

    @Test
    void aConnectionWithoutHandshakeHadBegunBefore() {
        Connection c = s.connect().missedAt(Stop.values()).open().missedAt();
        c.ask(100).answer(400).ask(100).answer(300).close();
        s.analyze().hasDeviation("capture-starts-midstream").hasSeverity(INFO)
                .matches(d -> d.message().startsWith("1 connection had begun before the captures: its handshake ")).and().onlyFlow().isOk();
    }

    @Test
    void aConnectionSeenInTheMiddleIsNotTheNextOneOnItsPorts() {
        Connection first = s.connect().open().ask(100).answer(400);
        long middle = s.millis();
        first.pause(50).ask(100).answer(300).close().pause(1500);
        long between = s.millis() - 100;
        first.again().open().ask(100).answer(400).close();
        s.pause(500).connect().open().ask(100).answer(400).close();
        s.clock("client", 9000).capturing("client", between, s.millis() + 500).capturing("node1-eth0", middle, s.millis() + 500).analyze()
                .hasNoDeviationsWorseThan(INFO).hasFlows(3);
    }

    @Test
    void aHandshakeMissedAtOnePointOnlyIsNoBeginningInTheMiddle() {
        Connection c = s.connect().missedAt(Stop.NODE_IN, Stop.NODE_OUT).open().missedAt();
        c.ask(100).answer(400).close();
        s.analyze().hasNoDeviation("capture-starts-midstream");
    }

    // capture-truncated

    @Test
    void aSnapLengthThatCutsPayloadsIsTold() {
        exchanges(2);
        s.snapLength("node1-eth0", 96).analyze().hasDeviation("capture-truncated").hasSeverity(WARNING).atPoint("node1-eth0");
    }

    @Test
    void payloadsThatAToolCutAfterwardsAreNotSaidOfTheFilesSnapLength() {
        exchanges(2);
        s.shortened("node1-eth0", 96).analyze().hasDeviation("capture-truncated").atPoint("node1-eth0")
                .matches(d -> d.message().contains("not by the file's snap length"));
    }

    @Test
    void aSnapLengthThatCutsNothingIsNot() {
        exchanges(2);
        s.snapLength("node1-eth0", 1600).analyze().hasNoDeviation("capture-truncated");
    }

    @Test
    void aSynWhoseOptionsTheSnapLengthCutIsFoundAgain() {
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain();
        s.snapLength("client", 68).analyze().hasNoDeviation("loss").hasNoDeviation("request-lost-before-node1");
    }

    /** The time stamps of a SYN lie behind other options, those of what follows it do not: one capture shows them of some packets only. */
    @Test
    void aHandshakeIsFoundAgainThoughASnapLengthCutsTheTimeStampsOfItAlone() {
        for (int i = 0; i < 8; i++) {
            Connection c = s.connect().modern();
            (i % 2 == 0 ? c : c.unnumbered()).open().ask(100).answer(300).ask(90).answer(200).close();
        }
        CaseAssert seen = s.snapLength("client", 68).analyze().hasFlows(8).hasNoDeviation("capture-drops");
        assertThat(seen.actual().flows()).allSatisfy(flow -> assertThat(flow.hops()).allMatch(hop -> hop.delivered() == hop.sent()));
    }

    @Test
    void aSynThatIsLostIsLostWhateverTheSnapLengthCuts() {
        s.connect().reaching(Stop.CLIENT).syn().pause(1000).wholeWay().synAgain().synAck().ack(true).ask(10).answer(20).close();
        s.snapLength("client", 68).analyze().onlyFlow().hasDeviation("syn-retransmitted").provenBy("client#2");
    }

    @Test
    void datagramsOfWhichThePointAtTheClientShowsAnswersOnlyAreOneFlow() {
        s.connect().udp().missedAt(Stop.CLIENT).ask(40).missedAt().answer(100);
        s.connect().udp().missedAt(Stop.CLIENT).ask(50).missedAt().answer(120);
        s.analyze().hasFlows(2);
    }

    /** tcpdump icmp, at every point, and nobody tells of the cluster: only what the errors quote is known of the connections. */
    @Test
    void capturesOfIcmpAloneAreNoInternalError() {
        for (int i = 0; i < 3; i++) {
            s.connect().udp().to("10.240.0.4", 30_099).missedAt(Stop.values()).ask(50 + i).missedAt()
                    .icmp(3, 3, 0, "10.240.0.4", Stop.NODE_IN);
        }
        s.analyze().hasNoDeviation("request-lost-before-node1");
    }

    // capture-drops

    @Test
    void anAcknowledgementThatACaptureMayHaveMissedAsOthersCostsNobodyAnything() {
        s.connect().open().ask(100).missedAt(Stop.CLIENT).answer(2000).missedAt().ask(20).answer(60).close();
        s.connect().open().acknowledging(false).ask(100).missedAt(Stop.CLIENT).ack(false).missedAt().acknowledging(true).answer(50).ask(10)
                .answer(20).close();
        s.analyze().flow(from("10.241.0.4:40001")).isOk();
    }

    @Test
    void dataThatWereAcknowledgedAndNeverSeenAreTheCapturesLoss() {
        s.connect().open().ask(100).missedAt(Stop.CLIENT).answer(2000).missedAt().ask(20).answer(60).close();
        s.analyze().hasDeviation("capture-drops").hasSeverity(WARNING).atPoint("client");
    }

    @Test
    void aReallyLostSegmentIsNotTheCapturesLoss() {
        s.connect().open().ask(100).acknowledging(false).reaching(Stop.NODE_IN).answer(1000).wholeWay().pause(220).repeat(false).ack(true)
                .close();
        s.analyze().hasNoDeviation("capture-drops").hasDeviation("loss");
    }

    @Test
    void offloadIsNotTheCapturesLoss() {
        s.connect().open().mergedAt(Stop.CLIENT).ask(30_000).answer(30_000).mergedAt(Stop.BRIDGE).ask(9000).mergedAt().close();
        s.analyze().hasNoDeviation("capture-drops").hasNoDeviations();
    }

    /** A node whose conntrack is liberal (nf_conntrack_tcp_be_liberal) lets it pass. */
    @Test
    void theEndOfAConnectionThatComesBehindAStraySegmentIsNotTheCapturesLoss() {
        Connection c = s.connect().open().ask(100).answer(400).acknowledging(false);
        c.changing((p, stop, request) -> p.sequence += stop == Stop.BRIDGE ? 3_000_000 : 0).repeat(false);
        c.changing(null).acknowledging(true).ask(20).answer(60).close();
        s.analyze().hasNoDeviation("capture-drops");
    }

    /** Three clients' questions with their answers, of which the client's capture lacks the second as a whole if it drops packets. */
    private void questions(boolean dropped) {
        for (int i = 0; i < 3; i++) {
            Connection c = s.connect().udp();
            c = i == 1 && dropped ? c.missedAt(Stop.CLIENT) : c;
            c.ask(50 + i).answer(80 + i).pause(5);
        }
    }

    @Test
    void aConnectionThatOnlyTheClientsOwnCaptureLacksIsThatCapturesLoss() {
        questions(true);
        s.analyze().hasDeviation("capture-drops").atPoint("client");
    }

    @Test
    void aCaptureThatLacksOthersOfTheClientsConnectionsMayLackAnAnswer() {
        questions(true);
        s.connect().udp().ask(60).missedAt(Stop.CLIENT).answer(90);
        questions(false);
        s.analyze().hasNoDeviation("reply-lost-before-client").flow(from("10.241.0.4:40003")).hasVerdict(Verdict.UNDETERMINED);
    }

    @Test
    void aQuestionWhoseAnswerTheClientsCaptureShowsIsMissedThere() {
        questions(false);
        s.connect().udp().missedAt(Stop.CLIENT).ask(60).missedAt().answer(90).pause(5);
        s.connect().udp().ask(60).missedAt(Stop.CLIENT).answer(90);
        questions(false);
        s.analyze().hasNoDeviation("reply-lost-before-client").hasDeviation("capture-drops").atPoint("client");
    }

    @Test
    void whereTheClientsCaptureShowsAllItsQuestionsAnAnswerThatItLacksWasLost() {
        questions(false);
        s.connect().udp().ask(60).missedAt(Stop.CLIENT).answer(90);
        questions(false);
        s.analyze().hasNoDeviation("capture-drops").flow(from("10.241.0.4:40003")).failedAtStep("2.0")
                .hasDeviation("reply-lost-before-client");
    }

    /** A question that came from the client and is not in its capture is one that the capture missed, and so may be an answer. */
    @Test
    void questionsThatOnlyTheNodeShowsSayThatTheClientsCaptureMissesAnswersToo() {
        s.pause(2000).connect().udp().ask(60).answer(90).pause(5).missedAt(Stop.CLIENT).ask(61).missedAt().pause(5).ask(62).answer(92);
        s.connect().udp().ask(60).missedAt(Stop.CLIENT).answer(90);
        s.pause(3000).connect().udp().ask(60).answer(90);
        s.analyze().hasNoDeviation("reply-lost-before-client");
    }

    // capture-drops: interrupted captures

    /** tcpdump at Node-1 was stopped and started again: what passed meanwhile shows elsewhere, and what does not may have come. */
    @Test
    void whileACaptureIsInterruptedNothingIsLostThere() {
        interrupted(true);
        s.withoutNeighbours("node1-eth0").analyze().hasDeviation("capture-drops").atPoint("node1-eth0")
                .matches(d -> d.message().contains("interrupted")).and()
                .flow(from("10.241.0.4:40004")).hasNoDeviation("request-lost-before-node1");
    }

    /** Between client and Node-1 it may have been lost, or behind: it came in a time of which Node-1's capture shows nothing. */
    @Test
    void whatWasSentAgainAfterACaptureWasInterruptedWasLostThereOrFurtherOn() {
        exchanges(2);
        Connection c = s.connect().open().ask(100).answer(400);
        s.pause(1000);
        for (int i = 0; i < 2; i++) {
            s.connect().missedAt(Stop.NODE_IN, Stop.NODE_OUT).open().ask(100).answer(400).close().pause(100);
        }
        c.acknowledging(false).reaching(Stop.CLIENT).ask(80).pause(1000);
        exchanges(2);
        c.wholeWay().repeat(true).acknowledging(true).ack(false).answer(300).close();
        s.withoutNeighbours("node1-eth0").analyze().flow(from("10.241.0.4:40002")).hasVerdict(Verdict.DEGRADED).hasDeviation("loss")
                .matches(d -> d.message().endsWith(", or further on: its capture did not run then, and it was sent again"));
    }

    @Test
    void whereNothingPassesACaptureIsQuietAndShowsALossByAbsence() {
        interrupted(false);
        s.withoutNeighbours("node1-eth0").analyze().hasNoDeviation("capture-drops").flow(from("10.241.0.4:40002"))
                .failedAtStep("1.1").hasDeviation("request-lost-before-node1");
    }

    /** What passed before Node-1's capture began tells nothing of a filter. */
    @Test
    void aCaptureThatBeganLaterCanBeInterruptedToo() {
        exchanges(2);
        s.pause(1000);
        long begin = s.millis() - 500;
        interrupted(true);
        s.withoutNeighbours("node1-eth0").capturing("node1-eth0", begin, s.millis() + 500).analyze().hasDeviation("capture-drops")
                .atPoint("node1-eth0").matches(d -> d.message().contains("interrupted")).and()
                .flow(from("10.241.0.4:40006")).hasNoDeviation("request-lost-before-node1");
    }

    /** It shows nothing of a client then that it shows at other times: no filter hides the others that passed meanwhile. */
    @Test
    void aClientThatCameWhileACaptureWasInterruptedIsHiddenByNoFilter() {
        exchanges(2);
        s.pause(1000);
        for (String client : new String[] {"10.241.0.4", "10.241.0.9", "10.241.0.10"}) {
            s.connect().from(client, 40_100).missedAt(Stop.NODE_IN, Stop.NODE_OUT).open().ask(100).answer(400).close().pause(100);
        }
        s.pause(1000);
        exchanges(2);
        s.withoutNeighbours("node1-eth0").analyze().hasDeviation("capture-drops").atPoint("node1-eth0").and()
                .hasNoDeviation("capture-filter-hides-leg");
    }

    /** Between the nodes a segment is lost; it comes again while Node-1's capture, the first that shows answers, is interrupted. */
    @Test
    void whatIsSentAgainWhileACaptureIsInterruptedNeedNotBeMissingForGood() {
        exchanges(2);
        Connection c = s.pause(1000).connect().open().ask(70).acknowledging(false).reaching(Stop.BRIDGE).answer(1448).wholeWay();
        c.answer(300);
        c.changing((p, stop, request) -> p.acknowledgment -= stop == Stop.CLIENT ? 1748 : 0).ack(true).changing(null).pause(200)
                .missedAt(Stop.NODE_IN, Stop.NODE_OUT).send(false, (p, stop, request) -> {
                    p.sequence -= stop == Stop.BRIDGE ? 1748 : 0;
                    p.payload = new byte[1448];
                }).ack(true).close();
        for (int i = 0; i < 2; i++) {
            s.pause(100).connect().missedAt(Stop.NODE_IN, Stop.NODE_OUT).open().ask(100).answer(400).close();
        }
        s.pause(1000);
        exchanges(2);
        s.without("node2-cbr0").withoutNeighbours("node1-eth0").analyze().hasDeviation("capture-drops").and()
                .hasNoDeviation("reply-lost-between-nodes");
    }

    private void interrupted(boolean others) {
        exchanges(2);
        s.pause(1000);
        for (int i = 0; i < 2 && others; i++) {
            s.connect().missedAt(Stop.NODE_IN, Stop.NODE_OUT).open().ask(100).answer(400).close().pause(100);
        }
        s.connect().reaching(Stop.CLIENT).syn().pause(1000).synAgain().pause(2000).synAgain().pause(1000);
        exchanges(2);
    }

    // Captures that begin late or are over early

    /** tcpdump -c at Node-1: answered connections passed it later, and a request that went as far as Node-2 was not lost before. */
    @Test
    void whatComesOnceACaptureIsOverIsNotLostThere() {
        exchanges(3);
        long end = s.millis();
        exchanges(3);
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        s.capturing("node1-eth0", 0, end).withoutNeighbours("node1-eth0").analyze().hasNoDeviation("request-lost-before-node1")
                .hasNoDeviation("capture-drops");
    }

    /** A ring of files whose oldest are gone. */
    @Test
    void whatCameBeforeACaptureBeganIsNotLostThere() {
        s.connect().reaching(Stop.NODE_OUT).syn().pause(1050).synAgain();
        exchanges(2);
        long begin = s.millis();
        exchanges(3);
        s.capturing("node1-eth0", begin, begin + 5000).withoutNeighbours("node1-eth0").analyze()
                .hasNoDeviation("request-lost-before-node1").hasNoDeviation("capture-drops");
    }

    /** Nothing else passed, whether or not the capture ran: a point that shows nothing any more is one to which nothing came. */
    @Test
    void whereNothingPassesACaptureMayHaveRunOn() {
        exchanges(3);
        threeSyns(s.pause(100).connect().reaching(Stop.CLIENT));
        s.withoutNeighbours("node1-eth0").analyze().flow(from("10.241.0.4:40003")).failedAtStep("1.1")
                .hasDeviation("request-lost-before-node1");
    }

    @Test
    void onePacketOfALongConnectionTellsThatACaptureIsOver() {
        Connection c = s.connect().open().ask(100).answer(400);
        exchanges(2);
        long end = s.millis();
        c.pause(100).ask(100).answer(400).pause(100).ask(100).answer(400).close();
        threeSyns(s.connect().reaching(Stop.NODE_OUT));
        s.capturing("node1-eth0", 0, end).withoutNeighbours("node1-eth0").analyze().hasNoDeviation("request-lost-before-node1");
    }

    private void threeSyns(Connection c) {
        c.syn().pause(1000).synAgain().pause(2000).synAgain().pause(1000);
    }

    /** Both questions were sent before the answer, which came after the end of the client's capture. */
    @Test
    void anAnswerThatCameOnceTheClientsCaptureWasOverWasNotLost() {
        s.connect().udp().ask(40).answer(80);
        Connection c = s.pause(100).connect().udp().ask(40).pause(1100).ask(40);
        long end = s.millis();
        c.pause(300).answer(80);
        s.capturing("client", 0, end + 1).withoutNeighbours("client").analyze().flow(from("10.241.0.4:40001"))
                .hasNoDeviation("reply-lost-before-client").hasVerdict(Verdict.UNDETERMINED);
    }

    /** The last question that the node's capture shows is not the client's last, and those after it were answered. */
    @Test
    void whatANodesCaptureShowsLastNeedNotBeTheLastQuestion() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 3; i++) {
            c.ask(40 + i).answer(80).pause(50);
        }
        c.reaching(Stop.NODE_OUT).ask(50).pause(300);
        long end = s.millis();
        c.wholeWay().ask(60).answer(80).pause(50).ask(61).answer(80).pause(50);
        s.capturing("node1-eth0", 0, end).analyze().onlyFlow().hasVerdict(Verdict.DEGRADED).hasDeviation("loss");
    }

    // capture-filter-hides-leg

    @Test
    void aFilterOnTheNodePortHidesThePodsSide() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        }
        s.analyze().hasDeviation("capture-filter-hides-leg").hasSeverity(WARNING).atPoint("node1-eth0");
    }

    /** Only the other side's captures can tell: what the nodes send each other shows as packets of WireGuard, whatever the filter. */
    @Test
    void whatTheNodesEncryptIsHiddenByNoFilter() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
            s.seen(Stop.NODE_OUT, wireGuard());
        }
        s.connect().missedAt(Stop.NODE_OUT).reaching(Stop.NODE_OUT).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.seen(Stop.NODE_OUT, wireGuard());
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0")
                .matches(d -> d.message().endsWith("the nodes encrypt what they send each other (4 packets of IPsec or WireGuard)")
                        && d.remedy().contains("on the pods' bridge")).and()
                .flow(from("10.241.0.4:40003")).satisfies(flow -> assertThat(flow.undetermined())
                        .contains("encrypted there; capture where it is plain").doesNotContain("filter"));
    }

    /** Though no answer proves that anything left the node: its interface would not show it. */
    @Test
    void whatTheNodesEncryptWasNotKeptByTheNode() {
        for (int i = 0; i < 3; i++) {
            s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain().pause(2000).synAgain();
            s.seen(Stop.NODE_OUT, wireGuard());
        }
        s.analyze().flow(from("10.241.0.4:40002")).satisfies(flow -> {
            assertThat(flow.deviations()).extracting(Deviation::code).doesNotContain("request-not-forwarded");
            assertThat(flow.undetermined()).contains("encrypted there; capture where it is plain").doesNotContain("filter");
        });
    }

    @Test
    void fewerEncryptedPacketsThanConnectionsAreNotWhatHidesThem() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        }
        s.seen(Stop.NODE_OUT, wireGuard());
        s.analyze().hasDeviation("capture-filter-hides-leg").matches(d -> d.message().endsWith("its filter hides it"));
    }

    /** A tunnel that has nothing to say, as one to a machine outside: what the node got it kept. */
    @Test
    void aTunnelsKeepalivesAreNotWhatTheNodeSentOn() {
        for (int i = 0; i < 3; i++) {
            s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain().pause(2000).synAgain();
            Packet keepalive = wireGuard();
            keepalive.payload = Arrays.copyOf(keepalive.payload, 32);
            s.seen(Stop.NODE_OUT, keepalive);
        }
        s.analyze().flow(from("10.241.0.4:40002")).hasDeviation("request-not-forwarded");
    }

    /** Node-2's interface shows none of the clients, and none of the pods' side either. */
    @Test
    void whatTheNodesEncryptShowsAtNeitherNodesInterface() {
        s.also("node2-eth0");
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
            s.seen(Stop.NODE_OUT, wireGuard());
        }
        s.passedBy("plain", "node2-eth0", 8443).without("plain").passedBy("node2-eth0", "node1-eth0", 51_820);
        s.connect().missedAt(Stop.NODE_OUT).reaching(Stop.NODE_OUT).syn().pause(1000).synAgain().pause(2000).synAgain();
        for (int i = 0; i < 3; i++) {
            s.seen(Stop.NODE_OUT, wireGuard());
        }
        s.analyze().flow(from("10.241.0.4:40003")).satisfies(flow -> {
            assertThat(flow.deviations()).extracting(Deviation::severity).doesNotContain(ERROR);
            assertThat(flow.undetermined()).contains("encrypted there; capture where it is plain");
        });
    }

    private static Packet wireGuard() {
        Packet p = new Packet();
        p.protocol = 17;
        p.source = "10.240.0.4";
        p.sourcePort = 51_820;
        p.destination = "10.240.0.5";
        p.destinationPort = 51_820;
        p.payload = new byte[96];
        p.payload[0] = 4;
        return p;
    }

    /** What the node's capture does not show of the pods' side may have been lost on the way to the node as well as inside it. */
    @Test
    void aFilterOnTheNodePortLeavesOpenWhereTheFirstAnswerWasLost() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        }
        Connection c = s.connect().missedAt(Stop.NODE_OUT).syn().reaching(Stop.BRIDGE).synAck();
        c.pause(1000).wholeWay().synAgain().reaching(Stop.BRIDGE).synAckAgain().pause(2000).wholeWay().synAgain();
        s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40003")).failedAtStep("1.6").hasDeviation("loss").hasSeverity(ERROR)
                .matches(d -> d.message().contains("no capture in between tells where"));
    }

    @Test
    void aFilterOnTheNodePortLeavesOpenWhereALaterAnswerWasLost() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        }
        Connection c = s.connect().missedAt(Stop.NODE_OUT).open().ask(100).acknowledging(false).reaching(Stop.BRIDGE).answer(300);
        c.pause(300).repeat(false).pause(600).repeat(false).pause(1200).repeat(false);
        s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40003")).failedAtStep("1.6").hasDeviation("loss").hasSeverity(ERROR)
                .matches(d -> d.message().contains("no capture in between tells where"));
    }

    @Test
    void aLocalPodHidesItselfAndNoFilterIsBlamed() {
        s.connect().local().open().ask(100).answer(300).close();
        exchanges(1);
        s.analyze().hasNoDeviation("capture-filter-hides-leg");
    }

    /** Clients come by one interface of Node-1, pods are behind another: each shows one side of the translation, and nothing filters. */
    @Test
    void ofANodeWithTwoInterfacesEachShowsItsSide() {
        exchanges(3);
        for (Stop stop : new Stop[] {Stop.CLIENT, Stop.NODE_IN, Stop.NODE_OUT}) {
            s.pause(100).connect().reaching(stop).syn().pause(1000).synAgain().pause(2000).synAgain();
        }
        CaseAssert found = s.passedBy("node1-eth1", "node1-eth0", 32_000).analyze().hasNoDeviation("capture-filter-hides-leg");
        found.flow(from("10.241.0.4:40003")).failedAtStep("1.1").hasDeviation("request-lost-before-node1");
        found.flow(from("10.241.0.4:40004")).failedAtStep("1.3").hasDeviation("request-not-forwarded");
        found.flow(from("10.241.0.4:40005")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes");
    }

    /** tcpdump -Q out at the client: the pauses between its questions say that it had answers. */
    @Test
    void aClientsCaptureOfOneDirectionDoesNotAccuseAnybody() {
        for (int i = 0; i < 3; i++) {
            questionsOfOneDirection(20);
        }
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("client").and().allFlows().hasSize(3)
                .haveVerdict(Verdict.UNDETERMINED).haveNoDeviationsWorseThan(INFO);
    }

    /** Who gets no answer to ARP asks again: a client that did not had one, and its capture hides what comes in. */
    @Test
    void aClientWhoseArpWasAnsweredUnseenMayHaveHadAllAnswers() {
        s.asksForRouter("client", "10.241.0.4");
        oneQuestionOfOneDirectionEach();
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("client").and().allFlows().hasSize(3)
                .haveVerdict(Verdict.UNDETERMINED).haveNoDeviationsWorseThan(INFO);
    }

    /** tcpdump -Q out everywhere: no capture shows what the pod sends, and the client's tells why. */
    @Test
    void whereAllCapturesShowOneDirectionNoPodIsAccusedOfSilence() {
        s.hiding(false, Stop.CLIENT, Stop.NODE_OUT, Stop.BRIDGE).hiding(true, Stop.NODE_IN).without("node1-eth0")
                .asksForRouter("client", "10.241.0.4");
        questionsWithAnswers();
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("client").and().allFlows().hasSize(3)
                .haveVerdict(Verdict.UNDETERMINED).haveNoDeviationsWorseThan(INFO);
    }

    @Test
    void whereAnotherCaptureShowsBothDirectionsASilentPodIsSilent() {
        s.hiding(false, Stop.CLIENT).asksForRouter("client", "10.241.0.4");
        for (int i = 0; i < 3; i++) {
            s.pause(300).connect().udp().ask(50).pause(1000).ask(50);
        }
        s.analyze().allFlows().hasSize(3).haveVerdict(Verdict.FAILED);
        s.analyze().hasDeviation("no-reply-from-pod");
    }

    private void questionsWithAnswers() {
        for (int i = 0; i < 3; i++) {
            s.pause(300).connect().udp().ask(50).answer(200).pause(1000).ask(50).answer(200);
        }
    }

    @Test
    void aClientThatAsksForItsRouterAgainHadNoAnswer() {
        s.asksForRouter("client", "10.241.0.4").pause(1000).asksForRouter("client", "10.241.0.4");
        oneQuestionOfOneDirectionEach();
        s.analyze().hasNoDeviation("capture-filter-hides-leg").allFlows().hasSize(3).haveVerdict(Verdict.FAILED);
    }

    @Test
    void thatAnotherHostAskedForARouterTellsNothingOfTheClient() {
        s.asksForRouter("client", "10.241.0.77").pause(1000);
        oneQuestionOfOneDirectionEach();
        s.analyze().hasNoDeviation("capture-filter-hides-leg").allFlows().hasSize(3).haveVerdict(Verdict.FAILED);
    }

    /** tcpdump -Q in at the pods' bridge: the pod's answer to its node's ARP shows, and nothing that the node sends. */
    @Test
    void aBridgeThatShowsOnlyTheAnswerToAnArpHidesWhatIsSentToThePod() {
        s.pause(100).answersNeighbour("node2-cbr0", "10.244.1.2", "10.244.1.1");
        questionsInVainMissedAtTheBridge();
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("node2-cbr0").and().allFlows().hasSize(3)
                .haveVerdict(Verdict.FAILED).haveNoDeviationsWorseThan(INFO);
    }

    @Test
    void aBridgeThatShowsTheArpOfItsNodeHidesNothing() {
        s.pause(100).asksNeighbour("node2-cbr0", "10.244.1.1", "10.244.1.2").answersNeighbour("node2-cbr0", "10.244.1.2", "10.244.1.1");
        questionsInVainMissedAtTheBridge();
        s.analyze().hasNoDeviation("capture-filter-hides-leg").flow(from("10.241.0.4:40000")).failedAtStep("1.4")
                .hasDeviation("request-lost-between-nodes");
    }

    /** The pod's kernel may call no more than some ports unreachable in a second: of the other questions its bridge shows nothing. */
    @Test
    void aBridgeThatShowsOnlyWhatAPodSaysOfAClosedPortHidesTheQuestions() {
        for (int i = 0; i < 2; i++) {
            s.pause(300).connect().udp().missedAt(Stop.BRIDGE).ask(50).missedAt().icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE);
        }
        questionsInVainMissedAtTheBridge();
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("node2-cbr0").and()
                .hasNoDeviation("request-lost-between-nodes");
    }

    private void questionsInVainMissedAtTheBridge() {
        for (int i = 0; i < 3; i++) {
            Connection c = s.pause(300).connect().udp().missedAt(Stop.BRIDGE);
            c.ask(50).pause(1000).ask(50).pause(1000).ask(50);
        }
    }

    /** The same of TCP: who acknowledges a handshake has got it, and may end the connection once it has its answer. */
    @Test
    void aClientThatResetsHadItsAnswerThoughItsCaptureHidesAllAnswers() {
        for (int i = 0; i < 3; i++) {
            Connection c = s.pause(100).connect().acknowledging(false).syn().missedAt(Stop.CLIENT).synAck().missedAt().ack(true).ask(100);
            c.missedAt(Stop.CLIENT).answer(300).missedAt().reset(true);
        }
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("client").and().allFlows().hasSize(3)
                .haveVerdict(Verdict.DEGRADED).haveNoDeviationsWorseThan(WARNING);
    }

    /** A client's last word after answers that it acknowledged does not make them lost. */
    @Test
    void answersThatAClientAcknowledgedDidNotCutItOffThoughItsCaptureHidesThem() {
        for (int i = 0; i < 3; i++) {
            Connection c = s.pause(100).connect().acknowledging(false).syn().missedAt(Stop.CLIENT).synAck().missedAt().ack(true);
            for (int k = 0; k < 3; k++) {
                c.ask(100).missedAt(Stop.CLIENT).answer(300).missedAt().ack(true);
            }
            c.ask(100).missedAt(Stop.CLIENT).ack(false).missedAt();
        }
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("client").and().allFlows().hasSize(3)
                .haveNoDeviationsWorseThan(INFO);
    }

    /** Nothing tells which of the sendings came. */
    @Test
    void answersThatWereSentTwiceAndAcknowledgedDidNotCutAConnectionOffThoughItsClientsCaptureHidesThem() {
        for (int i = 0; i < 3; i++) {
            Connection c = s.pause(100).connect().acknowledging(false).syn().missedAt(Stop.CLIENT).synAck().missedAt().ack(true);
            for (int k = 0; k < 3; k++) {
                c.ask(100).missedAt(Stop.CLIENT).answer(300).pause(300).repeat(false).missedAt().ack(true);
            }
            c.ask(100).missedAt(Stop.CLIENT).ack(false).missedAt();
        }
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("client").and().allFlows().hasSize(3)
                .haveNoDeviationsWorseThan(WARNING);
    }

    @Test
    void anAnswerThatTheClientsCaptureHidesIsNotMissingThere() {
        s.without("node1-eth0");
        for (int i = 0; i < 3; i++) {
            questionsOfOneDirection(20);
        }
        s.analyze().flow(from("10.241.0.4:40000")).hasStep(step("2.0"), StepStatus.NOT_CAPTURED);
    }

    @Test
    void answersThatNeverCameToTheClientAreNoFilters() {
        for (int i = 0; i < 3; i++) {
            questionsOfOneDirection(1500);
        }
        s.analyze().hasNoDeviation("capture-filter-hides-leg").allFlows().hasSize(3).haveVerdict(Verdict.FAILED);
    }

    /** tcpdump -Q out at Node-1: what comes in from the clients does not show, and was not lost. */
    @Test
    void questionsThatANodesCaptureHidesAreNotLostBeforeIt() {
        for (int i = 0; i < 2; i++) {
            s.connect().reaching(Stop.NODE_IN).missedAt(Stop.NODE_IN).syn().wholeWay().beginningAt(Stop.NODE_IN).missedAt().refuse();
        }
        Connection c = s.connect().reaching(Stop.NODE_IN).missedAt(Stop.NODE_IN);
        c.syn().pause(1000).synAgain().pause(2000).synAgain();
        s.tail(200).analyze().hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0").and().flow(from("10.241.0.4:40002"))
                .hasNoDeviation("request-lost-before-node1").hasStep(step("1.1"), StepStatus.OBSERVED);
    }

    /** IPVS in direct routing: the node sends on what comes to it as it is, and the answers take another way. */
    @Test
    void whatTheNodeSendsOnAsItCameLeavesItForAllToSee() {
        for (int i = 0; i < 3; i++) {
            sentOnAsItCame(40_000 + i, true);
        }
        s.without("node2-cbr0").analyze().hasNoDeviation("capture-filter-hides-leg");
    }

    @Test
    void whereNothingThatLeavesTheNodeShowsItsCaptureHidesThat() {
        for (int i = 0; i < 3; i++) {
            sentOnAsItCame(40_000 + i, false);
        }
        s.without("node2-cbr0").analyze().hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0");
    }

    /** tcpdump -Q in at Node-1, while Node-2 shows the translated questions: the pods' answers that come in are none to clients. */
    @Test
    void answersThatComeInAreNothingThatTheNodeSent() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).syn().missedAt(Stop.NODE_IN).synAck().missedAt(Stop.NODE_OUT).ack(true)
                    .acknowledging(false).ask(100).missedAt(Stop.NODE_IN).answer(400).missedAt(Stop.NODE_OUT).ack(true);
        }
        s.analyze().hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0")
                .matches(d -> d.message().contains("nothing that it sent"));
    }

    /** The same of datagrams, which nothing joins across the translation: one port answers many that nothing was sent from. */
    @Test
    void datagramsThatANodeSendsOnUnseenAreNotKeptByIt() {
        for (int i = 0; i < 3; i++) {
            s.pause(100).connect().udp().missedAt(Stop.NODE_OUT).ask(100).missedAt(Stop.NODE_IN).answer(300);
        }
        s.without("client").without("node2-cbr0").analyze().hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0")
                .matches(d -> d.message().contains("pods' answers came to it")).and().allFlows().hasSize(3)
                .haveVerdict(Verdict.UNDETERMINED);
    }

    /** Whoever sends to many ports of somebody else does not answer the node. */
    @Test
    void datagramsFromOnePortToManyOfAnotherHostAnswerNoNode() {
        for (int i = 0; i < 3; i++) {
            Packet[] came = new Packet[1];
            Connection c = s.pause(100).connect().udp().reaching(Stop.NODE_IN);
            c.changing((p, stop, request) -> came[0] = request && stop == Stop.NODE_IN ? p.clone() : came[0]).ask(100);
            came[0].source = "10.244.1.2";
            came[0].sourcePort = 5353;
            came[0].destination = "10.240.0.9";
            came[0].destinationPort = 50_000 + i;
            came[0].identification += 1000;
            came[0].payload = new byte[] {'a', 'b', (byte) i};
            s.seen(Stop.NODE_IN, came[0]);
        }
        s.without("client").without("node2-cbr0").analyze().hasNoDeviation("capture-filter-hides-leg");
    }

    private void sentOnAsItCame(int port, boolean shown) {
        Packet[] came = new Packet[1];
        Connection c = s.pause(50).connect().missedAt(Stop.NODE_OUT);
        c.changing((p, stop, request) -> came[0] = request && stop == Stop.NODE_IN ? p.clone() : came[0]).syn();
        came[0].source = "10.241.0.4";
        came[0].sourcePort = port;
        came[0].destination = "10.240.0.4";
        came[0].destinationPort = 32_000;
        came[0].ttl = 63;
        if (shown) {
            s.seen(Stop.NODE_IN, came[0]);
        }
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).synAck().missedAt(Stop.NODE_OUT).ack(true).acknowledging(false).ask(100);
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).answer(300).missedAt(Stop.NODE_OUT).ack(true);
    }

    /** tcpdump -Q in at Node-1: the pod's RST shows before its translation only, and the node did not make it. */
    @Test
    void aResetInAPodsNameIsNotTheNodesOwn() {
        for (int i = 0; i < 2; i++) {
            s.pause(50).connect().missedAt(Stop.NODE_OUT, Stop.BRIDGE).syn().missedAt(Stop.NODE_IN, Stop.BRIDGE).refuse();
        }
        s.without("node2-cbr0").analyze().hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0").and()
                .flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("connection-refused");
    }

    /** Who goes on after its SYN has had the answer; a SYN that goes out again has not. */
    @Test
    void aClientsCaptureThatHidesSynAcksLosesNone() {
        for (int i = 0; i < 2; i++) {
            s.connect().syn().missedAt(Stop.CLIENT).synAck().missedAt().ack(true).pause(100);
        }
        s.connect().syn().missedAt(Stop.CLIENT).synAck();
        s.connect().syn().reaching(Stop.NODE_IN).synAck().pause(1000).wholeWay().synAgain().reaching(Stop.NODE_IN).synAckAgain();
        s.tail(3000).analyze().hasDeviation("capture-filter-hides-leg").atPoint("client").and().flow(from("10.241.0.4:40002"))
                .hasNoDeviation("reply-lost-before-client").hasNoDeviation("loss");
    }

    private void oneQuestionOfOneDirectionEach() {
        for (int i = 0; i < 3; i++) {
            s.pause(300).connect().udp().ask(50).missedAt(Stop.CLIENT).answer(200);
        }
    }

    private void questionsOfOneDirection(long pause) {
        Connection c = s.connect().udp();
        for (int bytes = 50; bytes < 53; bytes++) {
            c.ask(bytes).missedAt(Stop.CLIENT).answer(200).missedAt().pause(pause);
        }
    }

    @Test
    void aFilterForTcpHidesDatagramsAndNobodyLosesThem() {
        exchanges(2);
        Connection c = s.connect().udp().reaching(Stop.NODE_OUT);
        c.ask(50).pause(1000).ask(50).pause(1000).ask(50);
        s.withoutNeighbours("node2-cbr0").analyze().flow(from("10.241.0.4:40002")).failedAtStep("1.4").hasNoDeviation(
                "request-lost-between-nodes");
    }

    @Test
    void whatShowsMoreThanTcpShowsLostDatagramsByTheirAbsence() {
        exchanges(2);
        Connection c = s.connect().udp().reaching(Stop.NODE_OUT);
        c.ask(50).pause(1000).ask(50).pause(1000).ask(50);
        s.analyze().flow(from("10.241.0.4:40002")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes");
    }

    /** A client hands the kernel many datagrams at once (UDP_SEGMENT, as QUIC does), Node-2 merges what comes for its pods (UDP_GRO). */
    @Test
    void datagramsThatOffloadCutsOrMergesAreNotLost() {
        Connection c = s.connect().udp().ask(1200).answer(1200).ask(60);
        for (int i = 0; i < 4; i++) {
            c.mergedAt(Stop.CLIENT, Stop.BRIDGE).ask(9000 + i).mergedAt(Stop.BRIDGE).answer(40_000 + i).mergedAt().ask(40);
        }
        s.analyze().hasNoDeviation("capture-drops").onlyFlow().hasVerdict(Verdict.OK).hasNoDeviation("loss");
    }

    @Test
    void datagramsOfAWriteThatNode1DidNotSendOnAreLost() {
        Connection c = s.connect().udp().ask(1200).answer(1200).ask(60);
        c.mergedAt(Stop.CLIENT).ask(9000).reaching(Stop.NODE_IN).ask(9001).wholeWay().ask(9002).mergedAt().ask(50).answer(60);
        s.analyze().onlyFlow().hasDeviation("loss-inside-node");
    }

    /** As {@code dst port} has it: what the client sends again may well have been answered. */
    @Test
    void aPodWhoseAnswersEveryCaptureHidesIsNotSilent() {
        for (int i = 0; i < 3; i++) {
            Connection c = s.connect().acknowledging(false).syn().missedAt(Stop.values()).synAck().missedAt().ack(true).ask(100);
            c.pause(220).repeat(true).pause(450).repeat(true).missedAt(Stop.values()).ack(false).answer(300);
            c.missedAt().ack(true).pause(900);
        }
        s.tail(1000).analyze().hasNoDeviation("no-reply-from-pod");
    }

    /** As {@code dst host} has it: a pod that speaks has had the end of the handshake, which no capture shows. */
    @Test
    void aHandshakeOfWhichCapturesShowTheAnswersAloneIsNotHalfOpen() {
        for (int i = 0; i < 3; i++) {
            Connection c = s.connect().acknowledging(false).missedAt(Stop.values()).syn().missedAt().synAck();
            c.missedAt(Stop.values()).ack(true).ask(100).missedAt().answer(300).pause(900);
        }
        s.pause(3000).connect().open().ask(50).answer(60).close();
        s.tail(3000).analyze().hasNoDeviation("half-open");
    }

    /** {@code tcp[tcpflags] & (tcp-syn|tcp-fin|tcp-rst) != 0} is what long captures are kept small by. */
    @ParameterizedTest
    @CsvSource({"client", "node1-eth0", "node2-cbr0"})
    void aFilterOfFlagsHidesAllElseAndTheCaptureLostNothing(String point) {
        s.onlyFlagged(point);
        exchanges(4);
        s.analyze().hasNoDeviation("capture-drops").hasNoDeviation("loss").hasDeviation("capture-filter-hides-leg").atPoint(point);
    }

    // capture-edited

    /** Who hands captures over may blank payloads, and may make the checksums fit again or not. */
    @ParameterizedTest
    @CsvSource({"client, 0", "client, 77", "node1-eth0, 0", "node1-eth0, 77", "node2-cbr0, 0", "node2-cbr0, 77"})
    void payloadsThatWereBlankedInOneFileWereNotAlteredOnTheWay(String point, int checksumError) {
        s.blanked(point, checksumError);
        exchanges(3);
        s.connect().udp().ask(100).answer(300);
        s.analyze().hasNoDeviation("payload-altered").hasNoDeviation("checksum-bad")
                .hasDeviation("capture-edited").hasSeverity(INFO).atPoint(point).and().hasNoDeviationsWorseThan(INFO);
    }

    @Test
    void payloadsThatWereBlankedInAllFilesWithoutNewChecksumsWereNotDamaged() {
        for (String point : new String[] {"client", "node1-eth0", "node2-cbr0"}) {
            s.blanked(point, 77);
        }
        exchanges(3);
        s.analyze().hasNoDeviation("checksum-bad").hasDeviation("capture-edited").and().hasNoDeviationsWorseThan(INFO);
    }

    /** What comes back to what it was is the capture's, though nobody answers. */
    @Test
    void questionsThatWereBlankedOnTheirWayWereNotAltered() {
        s.blanked("node1-eth0", 0).connect().udp().ask(100).pause(1000).ask(110).pause(1000).ask(105);
        s.analyze().hasNoDeviation("payload-altered").hasDeviation("capture-edited").atPoint("node1-eth0");
    }

    @Test
    void whatAHopAlteredInOneDirectionIsNoEditing() {
        Connection c = s.connect().open().acknowledging(false);
        c.changing((p, stop, request) -> {
            if (request && stop == Stop.BRIDGE) {
                p.payload = p.payload.clone();
                p.payload[7] ^= 0x20;
            }
        }).ask(600).answer(100).ask(500).answer(200);
        s.analyze().hasNoDeviation("capture-edited").onlyFlow().hasDeviation("payload-altered");
    }

    // capture-duplicates

    @Test
    void copiesOfNearlyEveryPacketAreTheCaptures() {
        s.twice("node1-eth0");
        exchanges(3);
        s.analyze().hasDeviation("capture-duplicates").hasSeverity(INFO).and().hasNoDeviation("duplicate-packet")
                .hasNoDeviationsWorseThan(INFO);
    }

    /** A mirror may take its time, and stand where the node's two sides pass. */
    @ParameterizedTest
    @CsvSource({"client, 2000", "node1-eth0, 2000", "node2-cbr0, 2000", "client, 20000", "node1-eth0, 20000", "node2-cbr0, 20000"})
    void copiesThatComeLateAreTheCapturesToo(String point, long micros) {
        s.twice(point, micros);
        exchanges(3);
        s.connect().numbered().open().ask(3000).answer(9000).ask(100).answer(400).close();
        s.connect().udp().ask(80).answer(300);
        s.tail(500).analyze().hasFlows(5).hasDeviation("capture-duplicates").hasSeverity(INFO).atPoint(point).and()
                .hasNoDeviationsWorseThan(INFO).hasNoDeviation("clock-step");
    }

    @Test
    void aSlowNodeBetweenItsTwoSidesDoublesNothing() {
        for (int i = 0; i < 6; i++) {
            s.pause(100).connect().delayedInside(3).open().ask(100).answer(400).close();
        }
        s.analyze().hasNoDeviation("capture-duplicates");
    }

    @Test
    void copiesOfAConnectionThatEndsAtOnceAreTheCapturesToo() {
        s.twice("node1-eth0").twice("node2-cbr0");
        s.connect().syn().refuse();
        s.analyze().hasNoDeviation("duplicate-packet").hasNoDeviation("loss").onlyFlow().hasDeviation("connection-refused");
    }

    @Test
    void aPointWhoseSnapLengthCutsEveryTcpHeaderLosesNothing() {
        for (int i = 0; i < 2; i++) {
            s.connect().syn().pause(1000).synAgain().pause(2000).synAgain().pause(4000);
        }
        s.snapLength("node1-eth0", 46).analyze().hasNoDeviation("request-lost-before-node1").hasDeviation("capture-truncated")
                .hasSeverity(WARNING).atPoint("node1-eth0");
    }

    /** Forty-eight bytes behind IPv4 hold of TCP what sixty-eight hold behind IPv6, which has no identification. */
    @Test
    void aPointWhoseSnapLengthCutsTcpHeadersBehindTheirFlagsShowsTheConnections() {
        s.connect().unnumbered().open().ask(100).answer(400).ask(30).answer(2000).close();
        s.connect().unnumbered().open().ask(10).answer(20).close();
        s.snapLength("node1-eth0", 48).analyze().hasFlows(2).hasNoDeviation("zero-window").hasNoDeviation("loss")
                .hasNoDeviation("mss-clamped").hasNoDeviation("checksum-bad").hasDeviation("capture-truncated").hasSeverity(WARNING)
                .atPoint("node1-eth0");
        s.snapLength("client", 48).snapLength("node2-cbr0", 48).analyze().hasFlows(2).hasNoDeviation("zero-window")
                .hasNoDeviation("loss").hasNoDeviationsWorseThan(WARNING);
    }

    /** What is left of a datagram's payload is not comparable with another part of it: its identification and its size are. */
    @Test
    void datagramsOfWhichTwoSnapLengthsLeaveDifferentPartsAreTheSame() {
        for (int i = 0; i < 3; i++) {
            s.connect().udp().from("10.241.0.4", 40_000 + i).masqueradedTo("10.240.0.4", 20_000 + i).ask(100).answer(400);
            s.pause(1);
        }
        s.without("node1-eth0").snapLength("client", 96).snapLength("node2-cbr0", 60).analyze().hasFlows(3)
                .hasNoDeviation("no-reply-from-pod");
        s.snapLength("client", 1600);
        assertThat(s.analyze().actual().flows()).hasSize(3).allSatisfy(flow -> {
            assertThat(flow.verdict()).isEqualTo(Verdict.OK);
            assertThat(flow.translated().source().port()).isEqualTo(flow.client().port() - 20_000);
        });
    }

    @Test
    void aSegmentThatWasCutBehindItsFlagsAndLostIsMissed() {
        s.connect().unnumbered().open().acknowledging(false).reaching(Stop.NODE_IN).ask(50).pause(300).wholeWay().repeat(true)
                .acknowledging(true).answer(400).close();
        for (String point : new String[] {"client", "node1-eth0", "node2-cbr0"}) {
            s.snapLength(point, 48);
        }
        s.analyze().onlyFlow().hasDeviation("loss-inside-node");
    }

    @Test
    void aPacketAloneThatAMirrorPortShowsTwiceIsOne() {
        s.twice("node1-eth0");
        exchanges(3);
        s.connect().udp().ask(50);
        s.connect().syn().reaching(Stop.NODE_IN).synAck();
        s.analyze().hasNoDeviation("duplicate-packet").hasNoDeviation("loss").hasNoDeviation("syn-retransmitted");
    }

    /** As IPv6 has it: no packet has an identification, and the client acknowledges the same twice at once. */
    @Test
    void twoEqualPacketsAtOnceThatShowFourTimesAreTwo() {
        s.twice("node1-eth0");
        Connection c = s.connect().unnumbered().open().ask(100).answer(400);
        for (int i = 0; i < 2; i++) {
            c.send(true, (p, stop, request) -> {
                p.tsVal = 77;
                p.tsEcr = 78;
            });
        }
        c.ask(100).answer(400).close();
        s.analyze().hasDeviation("capture-duplicates").hasSeverity(INFO).and().onlyFlow().hasNoDeviationsWorseThan(INFO);
    }

    @Test
    void aQuestionThatAMirrorPortShowsTwiceWasAskedOnce() {
        s.twice("client");
        exchanges(3);
        s.pause(100).connect().udp().reaching(Stop.NODE_IN).ask(50);
        s.without("node1-eth0").tail(200).analyze().flow(from("10.241.0.4:40003")).hasVerdict(Verdict.UNDETERMINED);
    }

    /** Three questions have their answers, the last one stays between the nodes. */
    private void lastQuestionLost(int repetitions) {
        exchanges(3);
        Connection c = s.pause(100).connect().udp().from("10.241.0.4", 45_000);
        for (int i = 0; i < 3; i++) {
            c.ask(40 + i).answer(80).pause(50);
        }
        c.reaching(Stop.NODE_OUT);
        for (int i = 0; i < repetitions; i++) {
            c.ask(50).pause(700);
        }
        s.pause(700);
        exchanges(2);
    }

    @Test
    void aLastQuestionWithoutAnswerIsOneHoweverOftenItsAnswersShow() {
        s.twice("client");
        lastQuestionLost(1);
        s.analyze().flow(from("10.241.0.4:45000")).failedAtStep("1.4");
    }

    @Test
    void whatEndsWithItsAnswerLacksNoneHoweverOftenItsQuestionShows() {
        s.twice("client").twice("node1-eth0").twice("node2-cbr0");
        lastQuestionLost(1);
        s.analyze().flow(from("10.241.0.4:45000")).failedAtStep("1.4");
    }

    @Test
    void questionsAskedInVainAreCountedOnce() {
        s.twice("client").without("node2-cbr0");
        lastQuestionLost(3);
        s.analyze().flow(from("10.241.0.4:45000")).hasVerdict(Verdict.FAILED);
    }

    /** No answer came to the client; whether the question came to the pod's node, that node's capture cannot tell. */
    @Test
    void aLastQuestionThatACaptureMayLackIsLostOrNot() {
        for (int i = 0; i < 5; i++) {
            s.pause(20).connect().open().missedAt(Stop.BRIDGE).ask(100).missedAt().answer(400).close();
        }
        lastQuestionLost(1);
        s.analyze().flow(from("10.241.0.4:45000")).hasVerdict(Verdict.UNDETERMINED)
                .satisfies(flow -> assertThat(flow.undetermined()).contains("node2-cbr0").contains("misses packets"));
    }

    @Test
    void aPacketAloneThatShowsTwiceAmongSingleOnesIsADuplicate() {
        exchanges(3);
        s.connect().udp().ask(50).beginningAt(Stop.NODE_IN).repeatUnchanged(true);
        s.analyze().hasDeviation("duplicate-packet");
    }

    @Test
    void aRepetitionIsNoCopy() {
        s.connect().open().acknowledging(false).ask(300).pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().hasNoDeviation("capture-duplicates");
    }

    // capture-file-damaged

    @Test
    void aFileThatEndsInsideARecordIsDamagedAndNothingBehindItIsLost() {
        exchanges(3);
        s.capturing("node2-cbr0", -200, s.millis()).cutting("node2-cbr0", 120).analyze().hasDeviation("capture-file-damaged")
                .hasSeverity(WARNING).atPoint("node2-cbr0").and().hasNoDeviation("loss");
    }

    @Test
    void aWholeFileIsNot() {
        exchanges(3);
        s.analyze().hasNoDeviation("capture-file-damaged");
    }

    // capture-order

    @Test
    void framesWrittenLateAreOutOfTheFilesOrder() {
        exchanges(1);
        s.lastTwoWrittenLate("node1-eth0").analyze().hasDeviation("capture-order").hasSeverity(INFO).and().hasNoDeviationsWorseThan(INFO);
    }

    @Test
    void framesInOrderAreNot() {
        exchanges(1);
        s.analyze().hasNoDeviation("capture-order");
    }

    // ambiguous-match

    @Test
    void equalDatagramsAtTheSameMomentCannotBeToldApart() {
        alike(0);
        s.analyze().hasDeviation("ambiguous-match").hasSeverity(WARNING);
    }

    @Test
    void theirIdentificationsTellThemApart() {
        alike(1);
        s.analyze().hasNoDeviation("ambiguous-match");
    }

    private void alike(int differing) {
        Connection[] all = new Connection[4];
        for (int i = 0; i < all.length; i++) {
            int number = i;
            all[i] = s.connect().udp().changing((p, stop, request) -> p.identification = differing * (1000 + number));
        }
        long moment = s.millis();
        for (Connection c : all) {
            s.atMillis(moment);
            c.ask("health?").answer("well");
        }
    }
}
