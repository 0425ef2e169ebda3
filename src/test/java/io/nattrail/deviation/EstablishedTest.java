package io.nattrail.deviation;

import static io.nattrail.assertj.NatTrailAssertions.from;
import static io.nattrail.deviation.Severity.ERROR;
import static io.nattrail.deviation.Severity.INFO;
import static io.nattrail.deviation.Severity.WARNING;
import static io.nattrail.deviation.Verdict.DEGRADED;
import static io.nattrail.deviation.Verdict.FAILED;
import static io.nattrail.deviation.Verdict.UNDETERMINED;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.FlowResult;
import io.nattrail.assertj.CaseAssert;
import io.nattrail.assertj.FlowAssert;
import io.nattrail.scenario.ClusterText;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Packet;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What breaks or slows a connection after it was established, and the healthy habits that look like it. */
class EstablishedTest {
    private final Scenario s = Scenario.nodePort();

    private Connection open() {
        return s.connect().open().ask(100).answer(400);
    }

    private Connection healthy() {
        return open().close();
    }

    /** To a pod on Node-1, whose bridge is captured too. */
    private Connection onNode1() {
        return s.connect().pod("10.244.0.3", 8443).localAt("node1-cbr0", "10.244.0.1");
    }

    // node-reset-on-invalid, invalid-dropped

    @Test
    void aResetThatNode1SendsToThePodItselfIsToldAsNode1s() {
        Connection c = open().acknowledging(false).ask(60).reaching(Stop.NODE_OUT).answer(500);
        c.wholeWay().beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 64 : p.ttl).reset(true);
        s.analyze().onlyFlow().failedAtStep("2.0").hasDeviation("node-reset-on-invalid").hasSeverity(ERROR);
    }

    @Test
    void aResetThatNode1SendsToAPodOfItsOwnIsNode1s() {
        Connection c = onNode1().open().ask(100).answer(400).acknowledging(false).ask(60).reaching(Stop.BRIDGE).answer(500);
        c.wholeWay().beginningAt(Stop.BRIDGE).changing((p, stop, request) -> p.ttl = 65).reset(true);
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("reset-midstream").hasDeviation("node-reset-on-invalid");
    }

    @Test
    void aResetThatNode1SendsUponTheRestOfAnAnswerIsToldThoughBothSidesHaveSaidFin() {
        Connection c = open().ask(60).fin(true).answer(500).acknowledging(false).reaching(Stop.NODE_OUT).pause(2200).answer(500)
                .finUnacknowledged(false);
        c.wholeWay().beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 64 : p.ttl).reset(true);
        s.analyze().onlyFlow().failedAtStep("2.0").hasDeviation("node-reset-on-invalid").hasSeverity(ERROR);
    }

    @Test
    void aResetOfNobodyKnowsWhomUponTheRestOfAnAnswerIsToldThoughBothSidesHaveSaidFin() {
        s.without("node1-eth0");
        Connection c = open().ask(60).fin(true).answer(500).acknowledging(false).reaching(Stop.NODE_OUT).pause(2200).answer(500)
                .finUnacknowledged(false);
        c.wholeWay().beginningAt(Stop.NODE_OUT).reset(true);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasNoDeviation("reset-by-client").hasDeviation("reset-midstream").hasSeverity(ERROR);
    }

    @Test
    void aFinThatNode1AnswersWithResetCostsNobodyAnything() {
        Connection c = open().ask(60).answer(500).fin(true).acknowledging(false).reaching(Stop.NODE_OUT).pause(2200)
                .finUnacknowledged(false);
        c.wholeWay().beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 64 : p.ttl).reset(true);
        s.analyze().hasNoDeviation("node-reset-on-invalid");
    }

    @Test
    void aResetThatTheClientSentIsNotNode1s() {
        open().reset(true);
        s.analyze().hasNoDeviation("node-reset-on-invalid");
    }

    @Test
    void aResetFromOutsideThatTheNodesCaptureMissedIsNotNode1s() {
        Connection c = open().acknowledging(false).ask(60).reaching(Stop.NODE_OUT).answer(500);
        c.wholeWay().beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 60 : p.ttl).reset(true);
        s.analyze().hasNoDeviation("node-reset-on-invalid").onlyFlow().hasDeviation("reset-midstream").hasSeverity(ERROR);
    }

    @Test
    void aResetThatNode1SendsToThePodIsNode1sThoughTheFilterHidesTheClientsSide() {
        Connection c = s.connect().missedAt(Stop.NODE_IN).open().ask(100).answer(400).acknowledging(false).ask(60)
                .reaching(Stop.NODE_OUT).answer(500);
        c.wholeWay().beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 64 : p.ttl).reset(true);
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("reset-midstream").hasDeviation("node-reset-on-invalid");
    }

    /** A segment of the client that Node-1 does not send on, and what Node-1 itself makes of it. */
    private Connection nodeAnswersTheClient(int ttl) {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_IN).ask(60);
        return c.wholeWay().beginningAt(Stop.NODE_IN).changing((p, stop, request) -> p.ttl = ttl - (stop == Stop.CLIENT ? 1 : 0))
                .reset(false).changing(null).wholeWay();
    }

    @Test
    void aResetThatNode1SendsToTheClientItselfIsToldAsNode1s() {
        nodeAnswersTheClient(64).ask(70);
        s.analyze().onlyFlow().failedAtStep("1.2").hasNoDeviation("reset-midstream").hasNoDeviation("loss-inside-node")
                .hasDeviation("node-reset-on-invalid").hasSeverity(ERROR);
    }

    @Test
    void whereNode1SendsNothingOnAnyMoreARuleMayReject() {
        nodeAnswersTheClient(64);
        s.analyze().onlyFlow().failedAtStep("1.2").hasNoDeviation("node-reset-on-invalid").hasDeviation("reset-midstream");
    }

    @Test
    void aRuleThatRejectsMayBeRemovedBeforeAllIsOver() {
        nodeAnswersTheClient(64).reaching(Stop.NODE_IN).pause(220).repeat(true).wholeWay().pause(2000).repeat(true);
        s.analyze().onlyFlow().failedAtStep("1.2").hasNoDeviation("node-reset-on-invalid").hasDeviation("reset-midstream");
    }

    @Test
    void aResetOfNode1ThatTheClientDoesNotTakeForItsOwnEndsNothing() {
        nodeAnswersTheClient(64).acknowledging(true).repeat(true).ack(false).answer(300).close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("node-reset-on-invalid").hasSeverity(WARNING);
    }

    @Test
    void aResetWithATtlThatARouterLoweredIsNotNode1s() {
        nodeAnswersTheClient(61).ask(70);
        s.analyze().hasNoDeviation("node-reset-on-invalid").onlyFlow().hasDeviation("reset-midstream");
    }

    /** conntrack lets no more than the next in sequence end it: what the pod resets by another number goes no further. */
    @Test
    void whatTheNodeDropsOfThePodsResetsFollowsFromTheForgedOne() {
        Connection c = open().acknowledging(false).ask(60);
        c.beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = stop == Stop.NODE_OUT ? 58 : 57).reset(false);
        c.changing(null).wholeWay().reaching(Stop.NODE_OUT).reset(false).wholeWay().reset(false);
        s.analyze().onlyFlow().hasNoDeviation("loss-inside-node").failedAtStep("1.6").hasDeviation("reset-midstream");
    }

    /** A rule of the node rejects the first SYN-ACKs, so that the pod begins anew each time, with a higher number by its clock. */
    @Test
    void synAcksOfEarlierNumbersAreNotAcknowledgedByWhatFollows() {
        for (int i = 0; i < 3; i++) {
            Connection c = s.connect().syn();
            for (int number = -500_000; number < 0; number += 250_000) {
                int ahead = number;
                c.reaching(Stop.NODE_OUT).changing((p, stop, request) -> p.sequence += ahead).synAckAgain().changing(null).wholeWay();
                c.pause(1000).synAgain();
            }
            c.synAck().ack(true).ask(100).answer(400).close();
        }
        s.analyze().hasNoDeviation("capture-drops");
    }

    @Test
    void aSegmentThatAcknowledgesTheUnsentIsInvalidAndDropped() {
        Connection c = open().acknowledging(false).ask(60);
        c.reaching(Stop.NODE_OUT).changing((p, stop, request) -> p.acknowledgment += stop == Stop.BRIDGE ? 90_000 : 0)
                .answer(500);
        c.changing(null).wholeWay().pause(250).repeat(false).ack(true).close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("loss-inside-node").hasDeviation("invalid-dropped").hasSeverity(WARNING);
    }

    @Test
    void aSegmentFromBehindTheEndOfTheAnswersIsInvalidAndDropped() {
        Connection c = open().ask(60).answer(500).reaching(Stop.NODE_OUT).changing((p, stop, request) -> p.sequence += 3_000_000);
        c.repeat(false).changing(null).wholeWay().close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("loss-inside-node").hasDeviation("invalid-dropped").hasSeverity(WARNING);
    }

    @Test
    void aSegmentWithNothingWrongThatIsDroppedIsALoss() {
        Connection c = open().acknowledging(false).ask(60).reaching(Stop.NODE_OUT).answer(500);
        c.wholeWay().pause(250).repeat(false).ack(true).close();
        s.analyze().onlyFlow().hasNoDeviation("invalid-dropped").hasDeviation("loss-inside-node").hasSeverity(WARNING);
    }

    /** A long time-out of the pod's kernel leaves no room for more than one repetition. */
    private Connection closedBeforeTheAnswerCame(int waited) {
        Connection c = open().ask(60).answer(300).ask(60).acknowledging(false).reaching(Stop.NODE_IN).answer(900).pause(10).repeat(false);
        c.changing((p, stop, request) -> p.acknowledgment -= request && stop == Stop.CLIENT ? 900 : 0).wholeWay().pause(waited).fin(true);
        return c.fin(false).reset(true);
    }

    @Test
    void aClientThatClosesAfterASecondWithoutTheAnswerDidNotGetIt() {
        closedBeforeTheAnswerCame(2000);
        s.analyze().onlyFlow().failedAtStep("2.0").hasDeviation("reply-lost-before-client").and().hasNoDeviation("loss");
    }

    /** A segment is lost, sent again, and all is well for a while. */
    private Connection healedLoss() {
        Connection c = open().ask(60).acknowledging(false).reaching(Stop.NODE_OUT).answer(500);
        return c.wholeWay().pause(250).repeat(false).acknowledging(true).ack(true).ask(60).answer(300);
    }

    @Test
    void aLossThatHealedLongBeforeTheConnectionWasCutOffIsToldBesideIt() {
        Connection c = healedLoss().pause(3000).ask(60).acknowledging(false).reaching(Stop.NODE_OUT).answer(500);
        c.pause(220).repeat(false).pause(440).repeat(false).pause(880).repeat(false);
        s.analyze().onlyFlow().failedAtStep("2.0").hasDeviation("reply-not-forwarded").and()
                .hasDeviation("loss-inside-node").hasSeverity(WARNING);
    }

    @Test
    void aLossJustBeforeTheConnectionWasCutOffIsPartOfIt() {
        Connection c = healedLoss().pause(300).ask(60).acknowledging(false).reaching(Stop.NODE_OUT).answer(500);
        c.pause(220).repeat(false).pause(440).repeat(false).pause(880).repeat(false);
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("loss-inside-node").hasDeviation("reply-not-forwarded");
    }

    /** The client hears nothing more, and so is silent, while the pod sends the rest again and again. */
    @Test
    void aLossInTheLastFlightBeforeTheConnectionWasCutOffIsPartOfIt() {
        Connection c = open().ask(60).acknowledging(false).answer(300).reaching(Stop.NODE_IN).answer(700).wholeWay().answer(200);
        c.reaching(Stop.NODE_IN).pause(220).repeat(false).pause(440).repeat(false).pause(880).repeat(false).pause(900);
        c.changing((p, stop, request) -> p.acknowledgment -= 900).wholeWay().fin(true);
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("loss").hasDeviation("reply-lost-before-client");
    }

    @Test
    void aLossThatHealedLongBeforeTheTranslationWasForgottenIsToldBesideIt() {
        healedLoss().pause(3500).masqueradedTo("10.240.0.4", 60_111).acknowledging(false).ask(80).refuse();
        s.analyze().onlyFlow().hasVerdict(FAILED).hasDeviation("nat-remapped-midflow").and().hasDeviation("loss-inside-node");
    }

    @Test
    void aClientThatClosesWhileTheAnswerIsSentAgainMayWantNoMore() {
        closedBeforeTheAnswerCame(200);
        s.analyze().onlyFlow().hasNoDeviation("reply-lost-before-client").hasDeviation("loss");
    }

    /** The question came to the pod at last, when the client's process had closed. */
    private Connection answeredAfterTheClientClosed(boolean request, int waited) {
        Connection c = open().acknowledging(false).reaching(request ? Stop.CLIENT : Stop.BRIDGE);
        c = request ? c.ask(60) : c.wholeWay().ask(60).reaching(Stop.NODE_IN).answer(500);
        for (int i = 0; i < 3; i++) {
            c.pause(waited / 4).repeat(request);
        }
        c.pause(waited / 4).wholeWay();
        if (request) {
            return c.repeat(true).fin(true).answer(500).reset(true);
        }
        c.changing((p, stop, toPod) -> p.acknowledgment -= toPod ? 500 : 0).fin(true).changing(null).repeat(false);
        return c.reset(true);
    }

    @ParameterizedTest
    @CsvSource({"true, 1.1, request-lost-before-node1", "false, 2.0, reply-lost-before-client"})
    void aClientThatHadClosedWhenWhatAHopLostCameAtLastDidNotGetIt(boolean request, String step, String code) {
        answeredAfterTheClientClosed(request, 2400);
        s.analyze().onlyFlow().failedAtStep(step).hasNoDeviation("loss").hasNoDeviation("reset-by-client").hasDeviation(code)
                .hasSeverity(ERROR);
    }

    /** Its FIN waits behind what is sent again, and only the RST shows that its socket was closed. */
    @Test
    void aClosedSocketRefusesWhatComesAtLastThoughItsFinNeverShowed() {
        Connection c = open().acknowledging(false).reaching(Stop.CLIENT).ask(60).pause(300).repeat(true).pause(600).repeat(true);
        c.pause(1200).wholeWay().repeat(true).answer(500).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasNoDeviation("reset-by-client").hasDeviation("request-lost-before-node1");
    }

    @Test
    void aPodThatTookNoNoticeUntilTheClientHadClosedDidNotReply() {
        Connection c = open().acknowledging(false).ask(60).pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        c.answer(500).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.6").hasNoDeviation("reset-by-client").hasDeviation("no-reply-from-pod");
    }

    /** The pod took the question, thought, and said so each time that it came again. */
    @Test
    void aPodWhoseAcknowledgementsWereLostUntilTheClientHadClosedTookNotice() {
        Connection c = open().acknowledging(false).ask(60);
        for (int wait = 300; wait <= 1200; wait *= 2) {
            c.reaching(Stop.BRIDGE).ack(false).wholeWay().pause(wait).repeat(true);
        }
        c.answer(500).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.6").hasNoDeviation("no-reply-from-pod").hasNoDeviation("reset-by-client")
                .hasDeviation("reply-lost-between-nodes");
    }

    @Test
    void aPodWhoseOwnCaptureHidesItsAnswersMayHaveTakenNotice() {
        s.hiding(false, Stop.BRIDGE);
        Connection c = open().acknowledging(false).ask(60).pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        c.answer(500).reset(true);
        s.analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    /** One hop lost a segment before another lost all: the first follows from no fault of the second. */
    @Test
    void aLossElsewhereBeforeTheConnectionWasCutOffIsToldBesideIt() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(60).pause(250).wholeWay().repeat(true).answer(300);
        c.pause(150).acknowledging(true).ack(true).acknowledging(false).reaching(Stop.CLIENT).ask(60);
        c.pause(220).repeat(true).pause(440).repeat(true).pause(880).repeat(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("request-lost-before-node1").and().hasDeviation("loss")
                .hasSeverity(WARNING);
    }

    /** The longest silence lies between what the first hop lost, and all of that was over before the second lost all. */
    @Test
    void lossesElsewhereBeforeTheConnectionWasCutOffAreToldOnce() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(60).pause(250).wholeWay().repeat(true).answer(300);
        c.acknowledging(true).ack(true).pause(3000).acknowledging(false);
        c.reaching(Stop.NODE_OUT).ask(60).pause(250).wholeWay().repeat(true).answer(300);
        c.acknowledging(true).ack(true).pause(250).acknowledging(false).reaching(Stop.CLIENT).ask(60);
        c.pause(220).repeat(true).pause(440).repeat(true).pause(880).repeat(true);
        s.analyze().onlyFlow().failedAtStep("1.1").satisfies(flow -> assertThat(flow.deviations())
                .filteredOn(deviation -> deviation.type().code().equals("loss")).hasSize(1));
    }

    @Test
    void aLossElsewhereBeforeTheAnswersAndTheirAcknowledgementsWereCutOffIsToldBesideIt() {
        Connection c = open().acknowledging(false).reaching(Stop.CLIENT).ask(60).pause(250).wholeWay().repeat(true).answer(300);
        c.acknowledging(true).ack(true).pause(150).ask(60).acknowledging(false).reaching(Stop.NODE_OUT).answer(900).ack(false);
        c.pause(220).repeat(false).pause(440).repeat(false).pause(880).repeat(false);
        s.analyze().onlyFlow().failedAtStep("2.0").hasDeviation("reply-not-forwarded").and().hasDeviation("loss").hasSeverity(WARNING);
    }

    /** The pod goes on only when it is heard again, and the client has closed by then. */
    @Test
    void aClientWhoseAcknowledgementsWereLostUntilItClosedDidNotGetTheRest() {
        Connection c = open().ask(60).acknowledging(false).answer(500).reaching(Stop.CLIENT).ack(true).pause(220).wholeWay().repeat(false);
        c.reaching(Stop.CLIENT).ack(true).pause(440).wholeWay().repeat(false).reaching(Stop.CLIENT).ack(true).pause(600).fin(true);
        c.pause(220).wholeWay().finAgain(true).answer(500).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasNoDeviation("reset-by-client").hasDeviation("request-lost-before-node1");
    }

    /** The pod closes meanwhile, and the acknowledgement of its FIN is the first that passes when all is over. */
    @Test
    void aQuestionThatNeverPassedWasLostThoughAnAcknowledgementPassesAtLast() {
        Connection c = open().acknowledging(false).reaching(Stop.CLIENT).ask(60).pause(220).repeat(true).pause(440).repeat(true);
        c.wholeWay().finUnacknowledged(false).reaching(Stop.CLIENT).ack(true).pause(880).repeat(true);
        c.wholeWay().pause(300).repeat(false).ack(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("request-lost-before-node1").hasSeverity(ERROR);
    }

    @Test
    void anOldAnswerThatComesAgainEndsNoWait() {
        Connection c = open().acknowledging(false).reaching(Stop.CLIENT).ask(60).pause(300).repeat(true).pause(600).repeat(true);
        c.wholeWay().pause(900).repeat(false).pause(300).repeat(true).answer(500).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasNoDeviation("reset-by-client").hasDeviation("request-lost-before-node1");
    }

    @Test
    void aClientThatAbortsWithTheAnswerThatCameAtLastGotIt() {
        Connection c = open().acknowledging(false).reaching(Stop.CLIENT).ask(60).pause(300).repeat(true).pause(600).repeat(true);
        c.pause(1200).wholeWay().repeat(true).answer(500).send(true, (p, stop, request) -> p.flags |= Packet.RST);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("request-lost-before-node1").hasDeviation("reset-by-client");
    }

    @Test
    void aClientThatClosesSoonAfterItAskedNeverMeantToRead() {
        answeredAfterTheClientClosed(true, 400);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("request-lost-before-node1");
    }

    // reset-by-pod, reset-by-client, reset-midstream

    @Test
    void aPodThatResetsInsteadOfAnsweringFailsTheFlow() {
        s.connect().open().ask(100).reset(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodThatResetsWhatTheClientClosedOnceItHadItsAnswerBreaksNothing() {
        open().fin(true).reset(false);
        s.analyze().onlyFlow().isOk().hasDeviation("reset-by-pod").hasSeverity(INFO);
    }

    /** As a server that is tired of a kept connection and closes it with SO_LINGER 0. */
    @Test
    void aPodThatResetsAQuietConnectionCutsNothingOff() {
        open().pause(250).reset(false);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("reset-by-pod").hasSeverity(WARNING);
    }

    @Test
    void aPodThatResetsWhenItCouldStillSendTheRestCutsThatOff() {
        open().pause(150).reset(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodThatResetsWhileTheClientDoesNotReadCutsTheRestOff() {
        Connection c = open().acknowledging(false).answer(1000).send(true, (p, stop, r) -> p.window = 0);
        c.pause(250).keepAliveAlone(false).send(true, (p, stop, r) -> p.window = 0).pause(250).reset(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodThatResetsAWhileAfterItsAnswerInsteadOfAnsweringTheNextFailsTheFlow() {
        open().pause(250).ask(100).reset(false);
        open().acknowledging(false).pause(250).ask(100).pause(250).reset(false);
        CaseAssert result = s.analyze();
        result.flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
        result.flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    /** The client says that it asks no more, and waits for the rest of the answer. */
    @Test
    void aPodThatResetsWhatTheClientHalfClosedEndsTheExchange() {
        s.connect().open().ask(100).fin(true).reset(false);
        s.connect().open().ask(100).fin(true).answer(400).reset(false);
        CaseAssert result = s.analyze();
        result.flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
        result.flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodThatResetsAfterBothSaidGoodbyeBreaksNothing() {
        healthy().reset(false);
        s.analyze().hasNoDeviation("reset-by-pod").onlyFlow().isOk();
    }

    /** tcpdump -Q in at the client: that it acknowledged the whole answer shows at Node-1. */
    @Test
    void whatTheClientsCaptureHidesOfTheGoodbyeShowsAtNode1() {
        s.hiding(true, Stop.CLIENT, Stop.BRIDGE);
        healthy().reset(false);
        s.analyze().hasNoDeviation("reset-by-pod").onlyFlow().isOk();
    }

    @Test
    void aPodThatResetsInTheMiddleBreaksItWhateverTheClientsCaptureHides() {
        s.hiding(true, Stop.CLIENT, Stop.BRIDGE);
        open().acknowledging(false).answer(400).reset(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    @Test
    void aClientThatResetsBeforeItsAnswerFailsTheFlow() {
        s.connect().open().ask(100).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("reset-by-client").hasSeverity(ERROR);
    }

    @Test
    void aResetThatTheClientsCaptureLostWithOthersIsTheClients() {
        open().missedAt(Stop.CLIENT).reset(true);
        s.dropping("client", 5).analyze().hasNoDeviation("reset-midstream").onlyFlow().hasVerdict(DEGRADED).hasDeviation("reset-by-client")
                .hasSeverity(WARNING);
    }

    @Test
    void aClientThatResetsHadTheAnswerThatItsCaptureLostAndItAcknowledged() {
        s.connect().open().ask(100).missedAt(Stop.CLIENT).answer(400).reset(true);
        s.dropping("client", 5).analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("reset-by-client").hasSeverity(WARNING);
    }

    @Test
    void aClientThatResetsDidNotHaveTheAnswerThatWasLostAndSentAgainThoughItsCaptureLostOthers() {
        Connection c = s.connect().open().ask(100).acknowledging(false).reaching(Stop.NODE_IN).answer(400).pause(250).repeat(false);
        c.wholeWay().reset(true);
        s.dropping("client", 5).analyze().onlyFlow().hasVerdict(FAILED);
    }

    @Test
    void aResetThatTheBridgesCaptureLostWithOthersIsThePods() {
        s.connect().open().ask(100).missedAt(Stop.BRIDGE).reset(false);
        s.dropping("node2-cbr0", 5).analyze().hasNoDeviation("reset-midstream").onlyFlow().failedAtStep("1.6")
                .hasDeviation("reset-by-pod");
    }

    @Test
    void aResetFromNearerThanTheClientIsNotTheClientsThoughItsCaptureLostOthers() {
        open().beginningAt(Stop.NODE_IN).changing((p, stop, request) -> p.ttl -= 7).reset(true);
        s.dropping("client", 5).analyze().hasNoDeviation("reset-by-client").onlyFlow().hasDeviation("reset-midstream").hasSeverity(ERROR);
    }

    @Test
    void aClientThatResetsAfterItsAnswerOnlyDegradesIt() {
        open().reset(true);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("reset-by-client").hasSeverity(WARNING);
    }

    @Test
    void aClientThatClosesByFinResetsNothing() {
        healthy();
        s.analyze().hasNoDeviation("reset-by-client").hasNoDeviation("reset-midstream");
    }

    @Test
    void aResetThatNeitherEndSentCameFromInBetween() {
        Connection c = open().acknowledging(false).ask(80);
        c.beginningAt(Stop.NODE_OUT).changing((p, stop, request) -> p.ttl = 250).reset(false);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasDeviation("reset-midstream").hasSeverity(ERROR);
    }

    @Test
    void aResetFromElsewhereThanThePodIsNotThePods() {
        s.without("node1-eth0").without("node2-cbr0");
        s.connect().open().ask(100).changing((p, stop, request) -> p.ttl -= stop == Stop.BRIDGE ? 1 : 0).reset(false);
        s.analyze().hasNoDeviation("reset-by-pod").onlyFlow().hasVerdict(FAILED).hasDeviation("reset-midstream").hasSeverity(ERROR);
    }

    @Test
    void aResetOfThePodAtTheClientAloneIsThePods() {
        s.without("node1-eth0").without("node2-cbr0");
        s.connect().open().ask(100).reset(false);
        s.analyze().hasNoDeviation("reset-midstream").onlyFlow().hasDeviation("reset-by-pod");
    }

    @Test
    void aResetFromElsewhereThanTheClientIsNotTheClients() {
        s.without("client").without("node2-cbr0");
        s.connect().open().ask(100).changing((p, stop, request) -> p.ttl -= stop == Stop.CLIENT ? 3 : 0).reset(true);
        s.analyze().hasNoDeviation("reset-by-client").onlyFlow().failedAtStep("1.1").hasDeviation("reset-midstream");
    }

    @Test
    void aResetOfThePodThatOneCaptureMissedIsNotFromInBetween() {
        s.connect().open().ask(100).missedAt(Stop.NODE_OUT).reset(false);
        s.analyze().hasNoDeviation("reset-midstream").hasDeviation("reset-by-pod");
    }

    @Test
    void aResetOfAConnectionOlderThanTheCapturesRefusesNone() {
        Connection c = s.connect().missedAt(Stop.values()).open().ask(100).answer(300).missedAt();
        c.acknowledging(false).ask(80).reset(false);
        s.analyze().hasNoDeviation("connection-refused").onlyFlow().failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    @Test
    void whatTheClientSendsAgainAndAgainInVainIsNoGoodEndWhereNoCaptureCanTellWhereItWent() {
        Connection c = open();
        long end = s.millis() + 5;
        c.acknowledging(false).pause(10).reaching(Stop.CLIENT).ask(80).pause(300).repeat(true).pause(600).repeat(true).pause(1200)
                .repeat(true);
        s.capturing("node1-eth0", -200, end).capturing("node2-cbr0", -200, end).analyze().onlyFlow().failedAtStep("1.1")
                .hasNoDeviation("request-lost-before-node1");
    }

    /** Nothing tells how long Node-2 was captured; Node-1 was for all but the last of what it sent on in vain. */
    @Test
    void theEndOfAnEarlierCaptureHidesOnlyTheLastOfWhatCameFurther() {
        Connection c = open();
        long end = s.millis() + 5;
        c.acknowledging(false).pause(10).reaching(Stop.NODE_OUT).ask(80).pause(300).repeat(true).pause(600).repeat(true);
        long before = s.millis() + 5;
        c.pause(1200).repeat(true);
        s.capturing("node1-eth0", -200, before).capturing("node2-cbr0", -200, end).analyze().onlyFlow().failedAtStep("1.4");
    }

    @Test
    void whatWasSentAgainAndAcknowledgedAtLastWasNotInVain() {
        Connection c = open();
        long end = s.millis() + 5;
        c.acknowledging(false).pause(10).reaching(Stop.CLIENT).ask(80).pause(300).repeat(true).pause(600).repeat(true).pause(1200)
                .wholeWay()
                .repeat(true).ack(false).answer(300).close();
        s.capturing("node1-eth0", -200, end).capturing("node2-cbr0", -200, end).analyze().onlyFlow().isOk();
    }

    @Test
    void anAnswerThatNobodyEverAcknowledgesIsNoGoodEndWhereNoCaptureCanTellWhereItWent() {
        Connection c = s.connect().open().ask(100).fin(true).ack(false);
        long end = s.millis() + 5;
        c.acknowledging(false).pause(10).reaching(Stop.BRIDGE).answer(80).pause(300).repeat(false).pause(600).repeat(false).pause(1200)
                .repeat(false);
        s.capturing("client", -200, end).capturing("node1-eth0", -200, end).analyze().onlyFlow().failedAtStep("1.6");
    }

    @Test
    void anAnswerThatIsAcknowledgedAtLastWasNotInVain() {
        Connection c = s.connect().open().ask(100);
        c.acknowledging(false).pause(10).reaching(Stop.BRIDGE).answer(80).pause(300).repeat(false).pause(600).repeat(false).pause(1200)
                .wholeWay().repeat(false).ack(true).close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED);
    }

    /** All captures end with its last question; the answers to those before it would have come. */
    @Test
    void aPodOfDatagramsFellSilentThoughItsLastQuestionEndsTheCaptures() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 4; i++) {
            c.ask(40 + i).answer(80).pause(300);
        }
        for (int i = 0; i < 6; i++) {
            c.pause(300).ask(50 + i);
        }
        endingNow().analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    @Test
    void aPodOfDatagramsMayStillAnswerTheLastTwoQuestions() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 4; i++) {
            c.ask(40 + i).answer(80).pause(800);
        }
        c.ask(50).pause(300).ask(51);
        endingNow().analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    /** Two questions have their answers, the third is asked three times. */
    private void theThirdAgain() {
        Connection c = s.connect().udp().ask("first").answer(80).pause(300).ask("second").answer(80);
        c.pause(300).ask("third").pause(600).ask("third").pause(600).ask("third");
    }

    @Test
    void aPodOfDatagramsFellSilentThoughTheCapturesEndAsItIsAskedTheSameForTheThirdTime() {
        theThirdAgain();
        endingNow().analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    @Test
    void whoAsksTheSameThreeTimesAsksInVainThoughItHadFewAnswersBefore() {
        theThirdAgain();
        s.without("node2-cbr0").tail(2000).analyze().onlyFlow().failedAtStep("1.4");
    }

    /** Where answers came by before, the next ones would have. */
    @Test
    void whoAsksTheSameThreeTimesAsksInVainThoughOnlyWhatLeavesTheNodeShows() {
        s.connect().udp().ask(50).answer(90);
        Connection c = s.connect().udp().masqueradedTo("10.240.0.4", 50_001).missedAt(Stop.CLIENT, Stop.NODE_IN, Stop.BRIDGE);
        c.ask("first").answer(80).pause(300).ask("second").answer(80);
        c.pause(300).ask("third").pause(600).ask("third").pause(600).ask("third");
        s.conntrack("node-1", "ipv4 2 udp 17 90 src=10.241.0.4 dst=10.240.0.4 sport=40001 dport=30053 src=10.244.1.2 dst=10.240.0.4 "
                + "sport=5353 dport=50001 [ASSURED] mark=0 use=1");
        s.without("client").without("node2-cbr0").tail(2000).analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.4");
    }

    @ParameterizedTest
    @CsvSource({"53, 1500, true", "53, 400, false", "5353, 1500, false"})
    void aLastQuestionAskedTwiceHasNoAnswerWhereEachHasOne(int port, int tail, boolean silent) {
        theLastOnes(s.connect().udp().pod("10.244.1.2", port).ask("first").answer(80).pause(300).ask("second").pause(400), tail, silent);
    }

    @ParameterizedTest
    @CsvSource({"53, 1500, true", "53, 400, false", "5353, 1500, false"})
    void aLastQuestionAloneHasNoAnswerWhereEachHasOne(int port, int tail, boolean silent) {
        theLastOnes(s.connect().udp().pod("10.244.1.2", port).ask("first").answer(80).pause(300), tail, silent);
    }

    private void theLastOnes(Connection c, int tail, boolean silent) {
        c.ask("second");
        CaseAssert result = s.tail(tail).analyze();
        if (silent) {
            result.onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
        } else {
            result.onlyFlow().isOk();
        }
    }

    /** As of a mirror port or a bond: its identification tells that nobody asked by it. */
    @Test
    void aLastQuestionThatTheClientsCaptureShowsTwiceWasNotAskedTwice() {
        Connection c = s.connect().udp().ask("first").answer(80).pause(300).ask("second").answer(80);
        c.pause(2).reaching(Stop.CLIENT).repeatUnchanged(true);
        s.tail(2000).analyze().onlyFlow().hasNoDeviation("request-lost-before-node1").hasNoDeviation("no-reply-from-pod")
                .satisfies(flow -> assertThat(flow.verdict()).isNotEqualTo(FAILED));
    }

    @Test
    void aLastQuestionThatTheClientsCaptureShowsTwiceMayStillHaveBeenLost() {
        Connection c = s.connect().udp().ask("first").answer(80).pause(300).reaching(Stop.CLIENT).ask("second");
        c.pause(2).repeatUnchanged(true);
        s.tail(2000).analyze().onlyFlow().failedAtStep("1.1").hasDeviation("request-lost-before-node1");
    }

    /** As a tunnel of WireGuard with nothing to say, or a phone behind a NAT: one byte is enough. */
    @Test
    void whatOnlyKeepsAMappingIsNotAnswered() {
        Connection c = s.connect().udp().ask(148).answer(92).pause(10).ask(32);
        for (int i = 0; i < 3; i++) {
            c.pause(25_000).ask(32);
        }
        s.tail(2000).analyze().hasNoDeviationsWorseThan(INFO).onlyFlow().isOk();
    }

    @Test
    void nobodyIsThereForWhatKeepsAMappingIfThePodSaysSo() {
        Connection c = s.connect().udp().ask(148).answer(92).pause(10);
        for (int i = 0; i < 3; i++) {
            c.pause(25_000).ask(32).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE);
        }
        s.tail(2000).analyze().onlyFlow().failedAtStep("1.6");
    }

    @Test
    void aQuestionAsLongAsThoseBeforeKeepsNoMappingHoweverSeldomItIsAsked() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 3; i++) {
            c.ask(48).answer(48).pause(16_000);
        }
        for (int i = 0; i < 3; i++) {
            c.ask(48).pause(16_000);
        }
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void shortQuestionsThatAreSoonAskedAgainKeepNoMapping() {
        Connection c = s.connect().udp().ask(60).answer(90).pause(300);
        for (int i = 0; i < 4; i++) {
            c.ask(40).pause(5_000);
        }
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    /** Two came to the pod, which had answered each before at once; only of the others its node's capture knows nothing. */
    @Test
    void aPodOfDatagramsFellSilentThoughTheCaptureOfItsNodeEndsBeforeTheLastQuestions() {
        long end = askedInVain(2, 600);
        s.capturing("node2-cbr0", 0, end).analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    @Test
    void questionsThatCameToThePodJustNowAreNoProofButTheStepBeforeItDidNotFail() {
        long end = askedInVain(2, 300);
        s.capturing("node2-cbr0", 0, end).analyze().onlyFlow().failedAtStep("1.6").hasNoDeviation("no-reply-from-pod")
                .satisfies(flow -> assertThat(flow.undetermined()).contains("came to node2-cbr0, and it shows no answer"));
    }

    /** Four questions have their answers, then there are none; the time at which so many of the latter have come and the next has not. */
    private long askedInVain(int arrived, int pause) {
        Connection c = s.connect().udp();
        long end = 0;
        for (int i = 0; i < 4; i++) {
            c.ask(40 + i).answer(80).pause(300);
        }
        for (int i = 0; i < 6; i++) {
            c.ask(50 + i);
            end = i == arrived - 1 ? s.millis() + 5 : end;
            c.pause(pause);
        }
        return end;
    }

    private Scenario endingNow() {
        long end = s.millis() + 5;
        return s.capturing("client", 0, end).capturing("node1-eth0", 0, end).capturing("node2-cbr0", 0, end);
    }

    @Test
    void aFirstWordOfThePodThatNeverArrivedIsLostThoughItsAcknowledgementDidArrive() {
        Connection c = s.connect().open().acknowledging(false).reaching(Stop.BRIDGE).answer(40);
        c.pause(300).repeat(false).pause(600).repeat(false).pause(1200).repeat(false).wholeWay()
                .changing((p, stop, request) -> p.acknowledgment -= request ? 40 : 0).fin(true).ack(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reply-lost-between-nodes").hasSeverity(ERROR);
    }

    @Test
    void aClientThatGaveUpBeforeItsAnswerCameDidNotHaveIt() {
        Connection c = open().acknowledging(false).ask(80).reaching(Stop.BRIDGE).answer(300);
        c.pause(300).repeat(false).pause(600).repeat(false).pause(1200).repeat(false).pause(900).wholeWay().repeat(false).reset(true);
        s.analyze().hasNoDeviation("reset-by-client").onlyFlow().failedAtStep("1.6").hasDeviation("reply-lost-between-nodes");
    }

    @Test
    void whatBecameOfTheAnswerToAClientThatGaveUpDoesNotShowWithoutTheCaptureBehindNode1() {
        s.without("node2-cbr0");
        Connection c = open().ask(60).answer(300).pause(100).acknowledging(false).reaching(Stop.NODE_OUT).ask(80);
        c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true).pause(2400).wholeWay().repeat(true).answer(300);
        c.changing((p, stop, request) -> p.acknowledgment = 0).reset(true);
        s.analyze().onlyFlow().hasVerdict(UNDETERMINED).hasNoDeviation("reply-lost-between-nodes");
    }

    @Test
    void aClientThatHadClosedWhenTheAnswerCameAndResetItDidNotHaveItHoweverShortItWaited() {
        Connection c = s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").pause(700).fin(true).ack(false).pause(600);
        c.acknowledging(false).answer("HTTP/1.1 200 OK\r\n\r\n").reset(true);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aClientThatNeverMeantToReadTheAnswerHadNothingToWaitFor() {
        Connection c = s.connect().open().ask("POST / HTTP/1.1\r\n\r\n").pause(1).fin(true).ack(false).pause(600);
        c.acknowledging(false).answer("HTTP/1.1 200 OK\r\n\r\n").reset(true);
        s.analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aSynAckThatCameWhenTheClientHadGivenUpBeganNoConnection() {
        Connection c = s.connect().syn().reaching(Stop.NODE_IN).synAck().pause(1030).wholeWay().synAckAgain().reset(true);
        s.analyze().onlyFlow().failedAtStep("2.0").hasDeviation("reply-lost-before-client").hasSeverity(ERROR).and()
                .hasNoDeviation("reset-by-client");
    }

    @Test
    void aScannerThatResetsTheSynAckAtOnceGaveNothingUp() {
        s.connect().syn().synAck().reset(true);
        s.analyze().onlyFlow().hasNoDeviationsWorseThan(INFO).hasDeviation("reset-by-client");
    }

    @Test
    void aQuestionAfterTheEndOfTheConnectionWasNotAnswered() {
        open().fin(false).ack(true).pause(400).acknowledging(false).ask(100).fin(true).reset(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR);
    }

    @Test
    void aQuestionAfterAnEndOfTheConnectionThatTheNetworkLostWasNotAnswered() {
        Connection c = s.connect().open().ask(100).answer(300).pause(400).reaching(Stop.BRIDGE).fin(false).wholeWay();
        c.changing((p, stop, request) -> p.acknowledgment -= request ? 1 : 0).acknowledging(false).pause(100).ask(120);
        c.changing(null).reset(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR)
                .matches(d -> d.message().endsWith(", and answered what came from the client after that with RST"));
    }

    /** The pod closes, and a question leaves the client before the FIN has come there: the pod has a socket for it no more. */
    private FlowAssert crossing(int pause, int bytes) {
        Connection c = s.wire(20_000).connect().open().ask(100).answer(300).pause(pause);
        long moment = s.millis();
        c.fin(false);
        s.atMillis(moment + 5);
        c.changing((p, stop, request) -> p.acknowledgment -= request ? 1 : 0).acknowledging(false).ask(bytes);
        c.changing(null).reset(false);
        return s.analyze().onlyFlow();
    }

    @Test
    void aQuestionThatCrossesTheEndOfTheConnectionWasNotAnswered() {
        FlowAssert flow = crossing(900, 120);
        flow.failedAtStep("1.6").hasDeviation("reset-by-pod").hasSeverity(ERROR).atStep("1.6");
    }

    @Test
    void aGoodbyeThatCrossesTheEndOfTheConnectionAsksForNothing() {
        crossing(900, 31).isOk();
    }

    /** A client of HTTP/2 within TLS, whose shortest record so far acknowledged settings, and what it says after the server's FIN. */
    private FlowAssert afterTheEndOfTls(int bytes) {
        Connection c = s.connect().open().ask("\u0016\u0003\u0001" + "h".repeat(200)).answer(900).ask(31).ask(140).answer(400);
        c.pause(400).fin(false).ack(true).pause(10).acknowledging(false).ask(bytes).fin(true).reset(false);
        return s.analyze().onlyFlow();
    }

    @Test
    void aGoawayAfterTheEndOfTheConnectionAsksForNothing() {
        afterTheEndOfTls(46 + 31).isOk();
    }

    @Test
    void aQuestionWithinTlsAfterTheEndOfTheConnectionWasNotAnswered() {
        afterTheEndOfTls(120).failedAtStep("1.6").hasDeviation("reset-by-pod");
    }

    @Test
    void whatIsSentRightAfterTheAnswerIsNoNewQuestion() {
        crossing(0, 120).isOk();
    }

    @Test
    void aGoodbyeAfterTheEndOfTheConnectionAsksForNothing() {
        open().fin(false).ack(true).pause(400).acknowledging(false).ask(31).fin(true).reset(false);
        s.analyze().onlyFlow().isOk();
    }

    @Test
    void anUploadThatTheEndpointCutShortIsNoNewQuestion() {
        Connection c = open().acknowledging(false).ask(500);
        c.changing((p, stop, request) -> p.acknowledgment -= request ? 0 : 500).fin(false);
        c.changing(null).ask(500).reset(false);
        s.analyze().onlyFlow().isOk();
    }

    // An endpoint that went away

    /** Requests that left Node-1 and that Node-2 answers with ICMP host unreachable, or nobody does. */
    private Connection endpointGone(boolean told) {
        Connection c = open();
        healthy();
        c.acknowledging(false).pause(1500).reaching(Stop.NODE_OUT).ask(80).pause(300).repeat(true).pause(600).repeat(true).pause(1200)
                .repeat(true);
        return told ? c.pause(1500).icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT).pause(200) : c;
    }

    @Test
    void whatTheEndpointsNodeSaysItCouldNotDeliverWasNotLostBetweenNodes() {
        endpointGone(true);
        s.analyze().hasNoDeviation("request-lost-between-nodes").hasNoDeviation("idle-timeout-drop").flow(from("10.241.0.4:40000"))
                .hasVerdict(FAILED).hasDeviation("icmp-unreachable");
    }

    @Test
    void whatLeftTheNodeAndNobodyTellsOfWasLostBetweenNodes() {
        endpointGone(false);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes");
    }

    /** The neighbour's entry was renewed, and the data came; what was lost much later has another reason. */
    @Test
    void anErrorAboutDataThatCameInTheEndTellsNothingOfWhatIsLostLater() {
        Connection c = open().ask(100).answer(400);
        healthy();
        c.acknowledging(false).reaching(Stop.NODE_OUT).ask(80).pause(100).icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT).pause(200);
        c.acknowledging(true).wholeWay().repeat(true).answer(400).pause(1000).ask(60).answer(300).pause(1000);
        c.acknowledging(false).reaching(Stop.NODE_OUT).ask(70).pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        healthy();
        s.tail(3000).analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes");
    }

    @Test
    void anErrorAboutDataThatCameInTheEndTellsNothingOfAPodThatFallsSilentLater() {
        Connection c = open().ask(100).answer(400);
        c.acknowledging(false).reaching(Stop.NODE_OUT).ask(80).pause(100).icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT).pause(200);
        c.acknowledging(true).wholeWay().repeat(true).answer(400).pause(1000).ask(60).answer(300).pause(1000);
        c.acknowledging(false).ask(70).pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        s.tail(3000).analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    @ParameterizedTest
    @CsvSource({"1, false", "2, true"})
    void aPodThatDoesNotAcknowledgeWhatItGotOnceAndTwiceAgainFellSilent(int again, boolean silent) {
        Connection c = open().ask(100).answer(400).acknowledging(false).ask(60);
        for (int i = 0; i < again; i++) {
            c.pause(220 << i).repeat(true);
        }
        FlowAssert flow = s.tail(3000).analyze().onlyFlow();
        if (silent) {
            flow.failedAtStep("1.6").hasDeviation("no-reply-from-pod");
        } else {
            flow.hasNoDeviation("no-reply-from-pod");
        }
    }

    /** Kernels limit their ICMP errors: not each question has one. */
    @Test
    void aPodThatClosesItsPortIsNotSilent() {
        Connection c = s.connect().udp().ask(50).answer(90).pause(100).ask(51).answer(90).pause(100);
        c.ask(52).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE).pause(800).ask(53).pause(800).ask(54);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("icmp-unreachable").hasSeverity(ERROR).and()
                .hasNoDeviation("no-reply-from-pod");
    }

    /** Its node sends a pod that is gone nothing more, once the neighbour's entry has expired. */
    @Test
    void aPodThatWasSilentBeforeItsNodeSentItNothingMoreIsToBlame() {
        Connection c = open().ask(68).answer(300).acknowledging(false).ask(68);
        c.pause(200).repeat(true).pause(400).repeat(true).pause(800).repeat(true);
        c.reaching(Stop.NODE_OUT).pause(1600).repeat(true).pause(3200).repeat(true);
        s.connect().open().ask(50).answer(90).close();
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR).and()
                .hasNoDeviation("request-lost-between-nodes");
    }

    /** A pod that lacks a segment acknowledges again what it has, for each that comes beyond it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPodThatWasSilentAfterItsNetworkLostSomeIsToBlameIfItSaidNothing(boolean silent) {
        Connection c = open().ask(68).answer(300).acknowledging(false).reaching(Stop.CLIENT).ask(68);
        c.pause(200).repeat(true).pause(400).repeat(true);
        c.wholeWay().pause(800).repeat(true).pause(1600).repeat(true).pause(3200).repeat(true);
        if (!silent) {
            c.pause(10).duplicateNoticed(false);
        }
        s.connect().open().ask(50).answer(90).close();
        FlowAssert flow = s.analyze().flow(from("10.241.0.4:40000"));
        if (silent) {
            flow.failedAtStep("1.6").hasDeviation("loss").and().hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
        } else {
            flow.hasNoDeviation("no-reply-from-pod");
        }
    }

    private Connection hung(String question) {
        return s.connect().open().ask(question).ack(false).pause(5000).fin(true).ack(false);
    }

    @Test
    void aPodThatTakesAQuestionAndSaysNothingUntilTheClientClosesHangs() {
        hung("GET / HTTP/1.1\r\n\r\n");
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodThatAcknowledgesTheEndAndHadSaidNothingHangsThoughItsNodeWasNotCaptured() {
        s.without("node2-cbr0");
        hung("GET / HTTP/1.1\r\n\r\n");
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodThatTakesAQuestionAndClosesWithoutAByteHasNotAnswered() {
        s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").pause(20).fin(false).ack(true).fin(true).ack(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aPodThatClosesAfterItsAnswerOrAfterWordsThatNeedNoneIsWell() {
        s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").answer(300).pause(20).fin(false).ack(true).fin(true).ack(false);
        s.connect().open().ask("some words").pause(20).fin(false).ack(true).fin(true).ack(false);
        s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").lastWords(false, 300).ack(true).fin(true).ack(false);
        s.analyze().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aPodWhoseAnswerTheCaptureMissedHasAnsweredThoughItCloses() {
        s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").missedAt(Stop.values()).answer(300).missedAt().pause(20).fin(false).fin(true);
        s.analyze().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aPodWhoseNumbersTellOfAnAnswerThatNodeOneNeverSawDoesNotHang() {
        s.without("node2-cbr0");
        Connection c = s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").ack(false).acknowledging(false).reaching(Stop.BRIDGE).answer(1448);
        c.changing((p, stop, request) -> p.acknowledgment -= request && stop == Stop.CLIENT ? 1448 : 0);
        c.wholeWay().pause(5000).fin(true).ack(false);
        s.analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    private Connection reset(String question) {
        return s.connect().open().ask(question).ack(false).pause(5000).reset(true);
    }

    @Test
    void aPodHangsAsWellUntilTheClientResets() {
        reset("GET / HTTP/1.1\r\n\r\n");
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR).and()
                .hasNoDeviation("reset-by-client");
    }

    @Test
    void whatOnlyListensDoesNotHangThoughTheClientResets() {
        reset("<13>Nov 26 12:00:00 web-1 app: started");
        s.analyze().onlyFlow().hasDeviation("reset-by-client").and().hasDeviation("no-reply-from-pod").hasSeverity(INFO);
    }

    @Test
    void aClientThatResetsAtOnceHasNotWaited() {
        s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").ack(false).pause(100).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("reset-by-client").and().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aPodThatAnswersOthersAtOnceHangsWhateverItsProtocol() {
        for (int i = 0; i < 3; i++) {
            s.connect().open().ask(100).answer(300).close();
        }
        hung("a question of some kind");
        s.analyze().flow(from("10.241.0.4:40003")).failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aServerThatOnlyListensOwesNoAnswer() {
        hung("<13>Nov 26 12:00:00 web-1 app: started");
        s.analyze().onlyFlow().isOk().hasDeviation("no-reply-from-pod").hasSeverity(INFO);
    }

    /** Its first question was answered. */
    private Connection hungLater(String question) {
        return s.connect().open().ask(80).answer(300).pause(500).ask(question).ack(false).pause(5000).fin(true).ack(false);
    }

    @Test
    void aSecondQuestionThatIsTakenAndNeverAnsweredHangsLikeTheFirst() {
        hungLater("GET /second HTTP/1.1\r\n\r\n");
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aQuestionOfAConnectionOlderThanTheCapturesHangsToo() {
        s.connect().ask("GET / HTTP/1.1\r\n\r\n").ack(false).pause(5000).fin(true).ack(false);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    /** Somebody has to have the last word, whoever had it on other connections. */
    @Test
    void aLastWordOfAnUnknownProtocolOwesNoAnswerThoughOtherConnectionsEndWithOne() {
        for (int i = 0; i < 3; i++) {
            s.connect().open().ask(100).answer(300).ask(100).answer(300).close();
        }
        hungLater("another question of some kind".repeat(3));
        s.analyze().flow(from("10.241.0.4:40003")).isOk();
    }

    @Test
    void aLastWordOfTheClientOwesNoAnswerWhereOthersHaveOneToo() {
        for (int i = 0; i < 3; i++) {
            s.connect().open().ask(100).answer(300).ask(40).close();
        }
        hungLater("news that nobody answers".repeat(4));
        s.analyze().flow(from("10.241.0.4:40003")).isOk();
    }

    /** HTTP/2: whether the acknowledgement of the settings comes before the answer or after it depends on the moment. */
    @Test
    void aShortLastWordMayHaveComeBeforeTheAnswerElsewhere() {
        for (int i = 0; i < 3; i++) {
            s.connect().open().ask(100).ask(9).answer(300).close();
        }
        s.connect().open().ask(100).answer(300).ask(9).ack(false).pause(5000).fin(true).ack(false);
        s.analyze().flow(from("10.241.0.4:40003")).isOk();
    }

    @Test
    void whatFollowsAnAnswerMayNeedNone() {
        hungLater("a message of some kind, or a window update");
        s.analyze().onlyFlow().isOk().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void messagesAfterAnUpgradeOfHttpAreNoQuestions() {
        Connection c = s.connect().open().ask("GET /chat HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
        c.answer("HTTP/1.1 101 Switching Protocols\r\n\r\n").ask(60).pause(5000).fin(true).ack(false);
        s.analyze().onlyFlow().isOk().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void anAnswerThatComesToAClosedSocketIsTooLate() {
        hung("GET / HTTP/1.1\r\n\r\n").pause(1000).acknowledging(false).answer(300).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void whatAConnectionOlderThanTheCapturesSaysMayNeedNoAnswer() {
        for (int i = 0; i < 3; i++) {
            s.connect().open().ask(100).answer(300).close();
        }
        s.connect().ask("some words").ack(false).pause(5000).fin(true).ack(false);
        s.connect().ask("some more words").ack(false).pause(5000).fin(true).ack(false);
        s.analyze().flow(from("10.241.0.4:40003")).isOk();
    }

    @Test
    void aQuestionRepeatedForAnAcknowledgementThatWasSlowIsNoNewOne() {
        Connection c = s.connect().open().acknowledging(false).ask("GET / HTTP/1.1\r\n\r\n").answer(300).ack(true);
        c.repeat(true).ack(false).pause(5000).fin(true).ack(false);
        s.analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aClientThatTookTheAnswerAfterItsFinHasNotGivenUp() {
        Connection c = s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").ack(false).pause(2000).fin(true).ack(false);
        c.pause(1000).answer(300).ack(true).fin(false).ack(true);
        s.analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void anAnswerThatTheClientAcknowledgesIsOneThoughTheCaptureMissedIt() {
        Connection c = s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").ack(false).missedAt(Stop.BRIDGE).answer(300).missedAt();
        c.pause(2000).close();
        s.analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aClientThatClosesWithItsQuestionStillWaits() {
        s.connect().open().ask("GET / HTTP/1.1\r\n\r\n").fin(true).pause(3000).answer(300).fin(false);
        s.analyze().onlyFlow().isOk().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aClientThatHasClosedItsPortAccusesNobody() {
        s.connect().udp().ask(50).answer(90).pause(100).ask(60).pause(3000).answer(90).refuseAnswer();
        s.analyze().onlyFlow().isOk().hasDeviation("icmp-unreachable").hasSeverity(INFO);
    }

    /** The error comes to the node from the balancer; here the filters of the nodes' captures let none through. */
    @Test
    void aClientBehindABalancerThatTranslatesHasClosedItsPortToo() {
        Connection c = s.connect().udp().to("203.0.113.9", 30_053).changing((p, stop, request) -> {
            String caller = stop == Stop.NODE_IN ? "10.241.0.9" : "10.241.0.4";
            String called = stop == Stop.NODE_IN ? "10.240.0.4" : "203.0.113.9";
            if (stop.compareTo(Stop.NODE_IN) <= 0) {
                p.source = request ? caller : called;
                p.destination = request ? called : caller;
            }
        });
        c.ask(50).answer(90).pause(100).ask(60).pause(3000).answer(90).missedAt(Stop.NODE_IN, Stop.NODE_OUT, Stop.BRIDGE).refuseAnswer();
        s.analyze().onlyFlow().isOk().hasDeviation("icmp-unreachable").hasSeverity(INFO);
    }

    @Test
    void aQuestionThatIsRefusedAfterOthersWereAnsweredFails() {
        s.connect().udp().ask(50).answer(90).pause(100).ask(60).answer(90).pause(100).ask(60).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("icmp-unreachable");
    }

    @Test
    void aClientThatHadNoneOfTheAnswersInTimeIsWorthAWarning() {
        s.connect().udp().ask(50).pause(3000).answer(90).refuseAnswer();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("icmp-unreachable").hasSeverity(WARNING);
    }

    @Test
    void aNodeThatRefusesTheAnswerIsNoClient() {
        Connection c = s.connect().udp().ask(50).answer(90).pause(100).ask(60);
        c.reaching(Stop.NODE_OUT).answer(90).refuseAnswer();
        s.analyze().onlyFlow().hasDeviation("icmp-unreachable").hasSeverity(ERROR);
    }

    /** Between the client and Node-2 nothing was captured: whose fault it is nobody knows. */
    @Test
    void whatIsLostWithoutACaptureInBetweenIsLostAnywhere() {
        s.without("node1-eth0");
        Connection c = s.connect().udp().ask(50).answer(90).pause(100).ask(60).answer(90).pause(100);
        c.reaching(Stop.CLIENT).ask(70).pause(1000).ask(70).pause(1000).ask(70);
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("loss").hasSeverity(ERROR).and()
                .hasNoDeviation("request-lost-between-nodes").hasNoDeviation("request-lost-before-node1");
    }

    /** What a node receives its capture shows ({@code tcpdump -Q in}): the pods' answers too, before they are translated. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatNeverCameToANodeIsLostBeforeItThoughItsCaptureShowsNothingThatItSends(boolean lost) {
        for (int i = 0; i < 3; i++) {
            incomingOnly(s.connect().udp(), null).pause(100);
        }
        Connection c = s.connect().udp();
        for (int i = 0; i < 4; i++) {
            incomingOnly(c, null).pause(100);
        }
        for (int i = 0; i < 3; i++) {
            incomingOnly(c, lost ? Stop.BRIDGE : Stop.NODE_OUT).pause(1000);
        }
        FlowAssert flow = s.analyze().flow(from("10.241.0.4:40003"));
        if (lost) {
            flow.failedAtStep("1.6").hasDeviation("loss").hasSeverity(ERROR);
        } else {
            flow.hasNoDeviation("loss");
        }
    }

    private static Connection incomingOnly(Connection c, Stop answerReaches) {
        c.wholeWay().missedAt(Stop.NODE_OUT).ask(50);
        return c.reaching(answerReaches).missedAt(Stop.NODE_IN).answer(90);
    }

    // Keep-alives

    /** Three probes that nothing comes back to, while another connection shows that the captures run. */
    private Connection probed(Connection c, Stop reached, boolean answered, Stop answerReached) {
        c.pause(1000);
        for (int i = 0; i < 3; i++) {
            c.reaching(reached).keepAliveAlone(true);
            if (answered) {
                c.reaching(answerReached).ack(false);
            }
            c.pause(1000);
        }
        c.reaching(reached).reset(true).wholeWay();
        healthy();
        return c;
    }

    @Test
    void keepAlivesThatNeverCameToTheNodeTellThatTheConnectionWasCutOff() {
        probed(open(), Stop.CLIENT, false, null);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.1").hasDeviation("request-lost-before-node1").hasSeverity(ERROR).and()
                .hasNoDeviation("reset-by-client");
    }

    @Test
    void keepAlivesThatNeverCameToTheOtherNodeTellThatTheConnectionWasCutOff() {
        probed(open(), Stop.NODE_OUT, false, null);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("request-lost-between-nodes").and()
                .hasNoDeviation("reset-by-client").hasNoDeviation("loss");
    }

    @Test
    void answersToKeepAlivesThatNeverCameBackTellThatTheConnectionWasCutOff() {
        probed(open(), null, true, Stop.BRIDGE);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("reply-lost-between-nodes").and()
                .hasNoDeviation("reset-by-client");
    }

    @Test
    void aPodThatAnswersNoKeepAliveHasFallenSilent() {
        probed(open(), null, false, null);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("no-reply-from-pod").and()
                .hasNoDeviation("reset-by-client");
    }

    /** Its policy, or its end of the veth, drops what comes to it while it is sending. */
    private Connection answersAgainThoughAcknowledged(Stop heard) {
        Connection c = open().ask(68).acknowledging(false).answer(900).reaching(heard).ack(true).wholeWay();
        for (int wait = 210; wait < 2000; wait *= 2) {
            c.pause(wait).repeat(false).reaching(heard).ack(true).wholeWay();
        }
        return c;
    }

    @Test
    void aPodThatRepeatsWhatWasAcknowledgedGetsNothingAnyMore() {
        answersAgainThoughAcknowledged(Stop.BRIDGE).fin(true).pause(200).finAgain(true);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR).and()
                .hasNoDeviation("retransmission");
    }

    @Test
    void aPodThatRepeatsWhatWasAcknowledgedIsToBlameThoughTheClientResets() {
        answersAgainThoughAcknowledged(Stop.BRIDGE).reset(true);
        s.analyze().onlyFlow().failedAtStep("1.6").hasNoDeviation("reset-by-client").hasDeviation("no-reply-from-pod");
    }

    @Test
    void aPodThatGotNoAcknowledgementRepeatsWithReason() {
        answersAgainThoughAcknowledged(Stop.NODE_OUT);
        s.analyze().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void aPodThatGoesOnAfterRepetitionsIsNotDeaf() {
        answersAgainThoughAcknowledged(Stop.BRIDGE).answer(300).ack(true).close();
        s.analyze().hasNoDeviation("no-reply-from-pod");
    }

    /** Even where its process hangs, a kernel acknowledges. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPodThatDoesNotEvenAcknowledgeTheClientsFinHasFallenSilent(boolean silent) {
        Connection c = open().fin(true).pause(200).finAgain(true).pause(400).finAgain(true);
        if (!silent) {
            c.ack(false);
        }
        c.pause(800).finAgain(true);
        CaseAssert seen = s.analyze();
        if (silent) {
            seen.onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
        } else {
            seen.hasNoDeviation("no-reply-from-pod");
        }
    }

    @Test
    void aFinThatNothingCameOfBehindNode1IsTheEndOfTheConnection() {
        s.without("node2-cbr0");
        open().fin(true).pause(200).finAgain(true).pause(400).finAgain(true).pause(800).finAgain(true);
        s.analyze().onlyFlow().failedAtStep("1.4").hasNoDeviation("no-reply-from-pod");
    }

    /** The first of two segments is lost before any capture, and each time that it is sent again. */
    private Connection holeBeforeNode1() {
        s.without("client");
        Connection c = open();
        return c.acknowledging(false).reaching(Stop.CLIENT).ask(1448).wholeWay().ask(300);
    }

    @Test
    void dataThatNobodyEverSawWereLostBeforeNode1() {
        Connection c = holeBeforeNode1();
        c.changing((p, stop, request) -> p.acknowledgment -= stop == Stop.BRIDGE ? 1748 : 0).ack(false);
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("request-lost-before-node1").hasSeverity(ERROR);
    }

    @Test
    void dataThatOnlyTheCapturesMissedAreNotLost() {
        holeBeforeNode1().ack(false).answer(200).close();
        s.analyze().onlyFlow().hasVerdict(Verdict.OK);
    }

    @Test
    void dataThatMayStillComeAreNotLost() {
        Connection c = holeBeforeNode1();
        c.changing((p, stop, request) -> p.acknowledgment -= stop == Stop.BRIDGE ? 1748 : 0).ack(false);
        s.tail(200).analyze().hasNoDeviation("request-lost-before-node1");
    }

    @Test
    void answersThatNode1NeverSawWereLostBetweenTheNodes() {
        s.without("node2-cbr0");
        Connection c = open().ask(70).acknowledging(false).reaching(Stop.BRIDGE).answer(1448).wholeWay().answer(300);
        c.changing((p, stop, request) -> p.acknowledgment -= stop == Stop.CLIENT ? 1748 : 0).ack(true);
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reply-lost-between-nodes").hasSeverity(ERROR);
    }

    @Test
    void keepAlivesThatWentOnAfterTheNextCaptureHadEndedFailBehindTheLastThatShowsThem() {
        Connection c = open();
        long ended = s.millis() + 500;
        probed(c, Stop.NODE_OUT, false, null);
        s.capturing("node2-cbr0", 0, ended).analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("reset-by-client")
                .hasSeverity(ERROR);
    }

    /** What the pod sends leaves by an interface that was not captured. */
    @Test
    void keepAlivesThatCameToAPodWhoseAnswersAreNotCapturedFailThere() {
        Connection c = s.connect().syn().missedAt(Stop.BRIDGE).synAck().missedAt().ack(true)
                .acknowledging(false).ask(100).missedAt(Stop.BRIDGE).ack(false).answer(400).missedAt().ack(true);
        probed(c, null, false, null);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.6").hasDeviation("reset-by-client").hasSeverity(ERROR);
    }

    @Test
    void keepAlivesOfWhichOnlyTheClientsCaptureTellsAccuseNobodyElse() {
        s.without("node1-eth0").without("node2-cbr0");
        probed(open(), null, false, null);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.1").hasDeviation("reset-by-client").hasSeverity(ERROR);
    }

    @Test
    void aClientWhoseKeepAlivesWereAnsweredResetsForItsOwnReasons() {
        probed(open(), null, true, null);
        s.analyze().flow(from("10.241.0.4:40000")).hasVerdict(DEGRADED).hasDeviation("reset-by-client").hasSeverity(WARNING);
    }

    @Test
    void keepAlivesWhoseAnswersOnlyTheNodesCaptureMissedWereAnswered() {
        Connection c = open().pause(1000);
        for (int i = 0; i < 3; i++) {
            c.missedAt().keepAliveAlone(true).missedAt(Stop.NODE_IN, Stop.NODE_OUT).ack(false).pause(1000);
        }
        c.missedAt().reset(true);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("no-reply-from-pod").hasDeviation("reset-by-client")
                .hasSeverity(WARNING);
    }

    @Test
    void aSegmentOfOneByteThatIsSentAgainAndAgainIsNoKeepAlive() {
        open().pause(500).acknowledging(false).ask(1).pause(200).repeat(true).pause(400).repeat(true).pause(800).repeat(true).pause(1600)
                .reset(true);
        s.analyze().onlyFlow().hasVerdict(FAILED)
                .satisfies(flow -> assertThat(flow.deviations()).noneMatch(found -> found.message().contains("keep-alive")));
    }

    /** Windows probes with a byte of what was acknowledged. */
    @Test
    void aProbeMayCarryAByteThatWasAcknowledged() {
        Connection c = open();
        c.pause(1000);
        for (int i = 0; i < 3; i++) {
            c.reaching(Stop.CLIENT).keepAliveOfOneByte(true).pause(1000);
        }
        c.reset(true);
        healthy();
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.1").hasDeviation("request-lost-before-node1").and()
                .hasNoDeviation("reset-by-client");
    }

    /** Its filter lets no segment without data or flags through: of probes it tells nothing. */
    @Test
    void aCaptureThatShowsNoEmptySegmentsLostNoKeepAlive() {
        Connection c = s.connect().syn().synAck().missedAt(Stop.BRIDGE).ack(true).missedAt();
        c.acknowledging(false).ask(100).answer(300).missedAt(Stop.BRIDGE).ack(true);
        probed(c, null, true, Stop.NODE_IN);
        s.analyze().flow(from("10.241.0.4:40000")).hasVerdict(FAILED).hasNoDeviation("request-lost-between-nodes");
    }

    // idle-timeout-drop

    @Test
    void aResetAfterTheClientsCaptureEndedMayBeTheClients() {
        Connection c = s.connect().open();
        s.capturing("client", -200, s.millis() + 10).capturing("node1-eth0", -200, s.millis() + 10);
        c.pause(300).reset(true);
        s.analyze().hasNoDeviation("reset-midstream");
    }

    private void cutAfter(long millis) {
        Connection c = open();
        c.pause(millis).acknowledging(false).reaching(Stop.CLIENT).ask(80).pause(300).repeat(true).pause(600).repeat(true).pause(1200)
                .repeat(true).wholeWay();
    }

    @Test
    void afterFourMinutesOfSilenceTheConnectionWasForgotten() {
        healthy();
        cutAfter(241_000);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.1").hasDeviation("idle-timeout-drop").hasSeverity(ERROR);
    }

    @Test
    void shortSilencesCountIfTheyCutSeveralAndShorterOnesDoNot() {
        open().pause(1200).ask(10).answer(20).close();
        cutAfter(5000);
        cutAfter(5100);
        s.analyze().flow(from("10.241.0.4:40001")).hasDeviation("idle-timeout-drop");
    }

    /** Several that a short silence seems to have cut, while others are open as long. */
    private CaseAssert severalAfterShortSilence(Consumer<Connection> cut) {
        open().pause(1200).ask(10).answer(20).close();
        for (int i = 0; i < 2; i++) {
            cut.accept(open().pause(5000).acknowledging(false));
        }
        return s.analyze();
    }

    @Test
    void whatLetsTheQuestionPassAndNotItsAnswerHasForgottenNothing() {
        severalAfterShortSilence(c -> c.ask(80).reaching(Stop.NODE_OUT).answer(90).pause(300).repeat(false).pause(600).repeat(false)
                .pause(1200).repeat(false)).hasNoDeviation("idle-timeout-drop").hasDeviation("reply-not-forwarded");
    }

    @Test
    void aClientIsSilentWhileItsAnswersAreLostOnTheWay() {
        open().pause(1200).ask(10).answer(20).close();
        for (int i = 0; i < 2; i++) {
            Connection c = open().acknowledging(false).ask(80).ack(false).reaching(Stop.BRIDGE).answer(90);
            c.pause(300).repeat(false).pause(600).repeat(false).pause(1200).repeat(false);
            c.changing((p, stop, request) -> p.acknowledgment -= request && stop == Stop.CLIENT ? 90 : 0);
            c.reaching(Stop.NODE_OUT).pause(2500).fin(true).pause(200).finAgain(true).pause(400).finAgain(true);
        }
        s.analyze().hasNoDeviation("idle-timeout-drop").hasDeviation("reply-lost-between-nodes");
    }

    /** The acknowledgements are lost with the answers: the pod goes back to where the last came from. */
    @Test
    void anAnswerThatIsLostWithItsAcknowledgementsIsTheEndThoughThePodRepeatsWhatTheClientHas() {
        Connection c = open().ask(68).acknowledging(false).answer(900).reaching(Stop.CLIENT).ack(true).reaching(Stop.NODE_IN);
        c.answer(700);
        for (int wait = 210; wait < 2000; wait *= 2) {
            c.pause(wait).changing((p, stop, request) -> p.sequence -= !request && stop == Stop.BRIDGE ? 900 : 0).repeat(false);
        }
        s.analyze().onlyFlow().failedAtStep("2.0").hasDeviation("reply-lost-before-client").hasSeverity(ERROR);
    }

    @Test
    void aNodeThatRefusesByIcmpHasForgottenNothing() {
        severalAfterShortSilence(c -> {
            c.reaching(Stop.NODE_IN).ask(80).icmp(3, 13, 0, "10.240.0.4", Stop.NODE_IN);
            c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        }).hasNoDeviation("idle-timeout-drop").hasNoDeviation("request-not-forwarded").flow(from("10.241.0.4:40001")).failedAtStep("1.3")
                .hasDeviation("icmp-unreachable").hasSeverity(ERROR);
    }

    @Test
    void aTimeOutInsideTheNodeIsTheLossThatItMakes() {
        severalAfterShortSilence(c -> unheard(c, Stop.NODE_IN)).hasNoDeviation("loss-inside-node").hasDeviation("idle-timeout-drop");
    }

    @Test
    void aSilenceThatOthersSurvivedExplainsNothing() {
        open().pause(6000).ask(10).answer(20).close();
        cutAfter(5000);
        cutAfter(5100);
        s.analyze().hasNoDeviation("idle-timeout-drop").hasDeviation("request-lost-before-node1");
    }

    private Connection unheard(Connection c, Stop reached) {
        return c.acknowledging(false).reaching(reached).ask(80).pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
    }

    private void neverOpened(Stop reached) {
        s.connect().reaching(reached).syn().pause(1000).synAgain().pause(2000).synAgain();
    }

    @Test
    void anOutageThatMeetsConnectionsThatPausedIsNoTimeOut() {
        healthy();
        Connection first = open();
        Connection second = open();
        unheard(first.pause(1500), Stop.NODE_OUT);
        unheard(second, Stop.NODE_OUT);
        neverOpened(Stop.NODE_OUT);
        s.analyze().hasNoDeviation("idle-timeout-drop").flow(from("10.241.0.4:40001")).failedAtStep("1.4")
                .hasDeviation("request-lost-between-nodes");
    }

    @Test
    void aLongPauseBeforeAnOutageIsNoTimeOut() {
        Connection paused = open();
        unheard(paused.pause(40_000), Stop.NODE_OUT);
        neverOpened(Stop.NODE_OUT);
        s.analyze().hasNoDeviation("idle-timeout-drop");
    }

    @Test
    void whereNewConnectionsPassAConnectionThatPausedLongWasForgotten() {
        Connection paused = open();
        unheard(paused.pause(40_000), Stop.NODE_OUT);
        healthy();
        neverOpened(Stop.NODE_OUT);
        s.analyze().flow(from("10.241.0.4:40000")).hasDeviation("idle-timeout-drop");
    }

    @Test
    void whatIsSentInVainBeyondACaptureWasLostWhereNewConnectionsAre() {
        Connection c = open();
        long end = s.millis() + 5;
        c.acknowledging(false).reaching(Stop.CLIENT).pause(10).ask(80);
        Connection fresh = s.connect().reaching(Stop.CLIENT).syn();
        c.pause(300).repeat(true).pause(600).repeat(true);
        fresh.pause(100).synAgain();
        c.pause(1100).repeat(true);
        fresh.pause(900).synAgain();
        s.capturing("node1-eth0", -200, end).capturing("node2-cbr0", -200, end).analyze().flow(from("10.241.0.4:40000"))
                .failedAtStep("1.1").hasDeviation("request-lost-before-node1").hasSeverity(ERROR);
    }

    @Test
    void aPauseThatGoesOnWellIsHealthy() {
        open().pause(300_000).ask(50).answer(90).close();
        s.analyze().hasNoDeviation("idle-timeout-drop").onlyFlow().isOk();
    }

    @Test
    void aResetFromInBetweenAfterALongSilenceAnnouncesATimeOut() {
        Connection c = open();
        c.pause(245_000).acknowledging(false).reaching(Stop.CLIENT).ask(80).wholeWay().beginningAt(Stop.CLIENT)
                .changing((p, stop, request) -> p.ttl = 61).reset(false);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasNoDeviation("reset-midstream").hasDeviation("idle-timeout-drop");
    }

    @Test
    void keepAlivesThatGetNoFurtherAfterALongSilenceFindTheConnectionForgotten() {
        probed(open().pause(60_000), Stop.CLIENT, false, null);
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.1").hasDeviation("idle-timeout-drop").hasSeverity(ERROR).and()
                .hasNoDeviation("reset-by-client").hasNoDeviation("request-lost-before-node1");
    }

    /** What Node-1 itself sends no router has touched; from a pod of its own it comes with one less. */
    @Test
    void aPodOfNode1ThatResetsAfterASilenceGotWhatWasTranslatedAnew() {
        Connection c = open().pause(400_000).acknowledging(false).reaching(Stop.NODE_IN).ask(80).wholeWay().beginningAt(Stop.NODE_IN);
        c.changing((p, stop, request) -> p.ttl = stop == Stop.CLIENT ? 62 : 63).reset(false);
        s.analyze().onlyFlow().failedAtStep("1.2").hasNoDeviation("reset-midstream").hasNoDeviation("idle-timeout-drop")
                .hasDeviation("nat-remapped-midflow").hasSeverity(ERROR);
    }

    /** Node-1 answers the first data after a silence itself: it had forgotten the connection and takes none up in the middle. */
    private CaseAssert resetByNode1After(long silence) {
        Connection c = open().pause(silence).acknowledging(false).reaching(Stop.NODE_IN).ask(80).wholeWay();
        c.beginningAt(Stop.NODE_IN).changing((p, stop, request) -> p.ttl = 64 - (stop == Stop.CLIENT ? 1 : 0)).reset(false);
        return s.analyze();
    }

    @Test
    void aNodeThatResetsAfterALongSilenceHadForgottenTheConnection() {
        resetByNode1After(45_000).onlyFlow().hasVerdict(FAILED).hasDeviation("idle-timeout-drop").and().hasNoDeviation("reset-midstream");
    }

    @Test
    void aNodeThatResetsAfterAShortSilenceDidSoAllTheSame() {
        resetByNode1After(3500).onlyFlow().failedAtStep("1.2").hasDeviation("reset-midstream").and()
                .hasNoDeviation("idle-timeout-drop");
    }

    @Test
    void whereTheFilterHidesTheClientsSideTheNodeAndTheNetworkBeforeItAreNotToldApart() {
        Connection c = s.connect().missedAt(Stop.NODE_IN).open().ask(100).answer(400).acknowledging(false).reaching(Stop.CLIENT).ask(80);
        for (int i = 0; i < 4; i++) {
            c.pause(400).repeat(true);
        }
        s.connect().missedAt(Stop.NODE_IN).open().ask(100).answer(400).close();
        s.analyze().hasNoDeviation("request-lost-between-nodes").hasNoDeviation("request-lost-before-node1")
                .flow(from("10.241.0.4:40000")).failedAtStep("1.1").hasDeviation("loss");
    }

    @Test
    void aCaptureOfFlagsAloneDoesNotTellWhereDataWasLost() {
        Connection c = s.connect().syn().synAck();
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT).ack(true).ask(100).answer(400).acknowledging(false).reaching(Stop.CLIENT).ask(80);
        for (int i = 0; i < 4; i++) {
            c.pause(400).repeat(true);
        }
        Connection other = s.connect().syn().synAck();
        other.missedAt(Stop.NODE_IN, Stop.NODE_OUT).ack(true).ask(100).answer(400).close();
        s.analyze().hasNoDeviation("request-lost-before-node1").flow(from("10.241.0.4:40000")).failedAtStep("1.1").hasDeviation("loss")
                .hasSeverity(ERROR);
    }

    @Test
    void capturesOfFlagsAloneDoNotTellWhetherDataWasLost() {
        Connection c = s.connect().syn().synAck();
        c.missedAt(Stop.NODE_IN, Stop.NODE_OUT, Stop.BRIDGE).ack(true).acknowledging(false).reaching(Stop.CLIENT).ask(80);
        for (int i = 0; i < 4; i++) {
            c.pause(400).repeat(true);
        }
        s.analyze().hasNoDeviation("loss").onlyFlow().hasVerdict(UNDETERMINED)
                .satisfies(flow -> assertThat(flow.undetermined()).contains("node1-eth0").contains("flags").contains("capture"));
    }

    @Test
    void whatTheNodeSeesSentInVainIsNoGoodEndWhereFiltersOfFlagsHideTheRest() {
        Connection c = s.connect().syn().synAck().missedAt(Stop.CLIENT, Stop.BRIDGE).ack(true).acknowledging(false).ask(80);
        for (int i = 0; i < 4; i++) {
            c.pause(400).repeat(true);
        }
        s.analyze().onlyFlow().hasVerdict(UNDETERMINED)
                .satisfies(flow -> assertThat(flow.undetermined()).contains("node2-cbr0").contains("flags").contains("capture"));
    }

    @Test
    void aFilterOfFlagsFurtherOnDoesNotMaskAHopThatLostData() {
        Connection c = s.connect().syn().synAck().missedAt(Stop.BRIDGE).ack(true).acknowledging(false).ask(80);
        c.pause(300).repeat(true).pause(600).repeat(true).reaching(Stop.CLIENT).pause(1200).repeat(true).pause(2400).repeat(true);
        s.analyze().onlyFlow().failedAtStep("1.1").hasDeviation("request-lost-before-node1").hasSeverity(ERROR);
    }

    /** What is lost hides the same as a filter of flags does; an endpoint that asks for it again did not get it. */
    @Test
    void whereTheEndpointRepeatsItsSynAckNoFilterHidesWhatFollowedTheClients() {
        int[] asked = new int[1];
        Connection c = s.connect().syn().changing((p, stop, request) -> asked[0] = p.acknowledgment).synAck().changing(null);
        c.reaching(Stop.NODE_OUT).ack(true).acknowledging(false).ask(80);
        for (int i = 1; i < 4; i++) {
            c.pause(1000L * i).wholeWay().changing((p, stop, request) -> p.acknowledgment = asked[0]).synAckAgain().changing(null);
            c.reaching(Stop.NODE_OUT).ack(true).repeat(true);
        }
        s.analyze().onlyFlow().failedAtStep("1.4").hasDeviation("request-lost-between-nodes").hasSeverity(ERROR);
    }

    @Test
    void aFinThatIsLostBeforeACaptureOfFlagsIsALoss() {
        Connection c = s.connect().syn().synAck().missedAt(Stop.BRIDGE).ack(true).ask(100).answer(400).missedAt();
        c.reaching(Stop.NODE_OUT).fin(true).wholeWay().pause(220).finAgain(true).fin(false).missedAt(Stop.BRIDGE).ack(true);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss").atStep("1.4").hasSeverity(WARNING);
    }

    @Test
    void dataThatComeWithTheFinShowAtAFilterOfFlagsWhichHidesAllOthers() {
        Connection c = s.connect().syn().synAck().missedAt(Stop.CLIENT).ack(true).missedAt();
        for (int i = 0; i < 4; i++) {
            c.acknowledging(false).missedAt(Stop.CLIENT).ask(100).ack(false).missedAt();
        }
        c.lastWords(false, 50).missedAt(Stop.CLIENT).ack(true).missedAt().fin(true).missedAt(Stop.CLIENT).ack(false);
        s.withoutNeighbours("client").analyze().hasNoDeviation("loss").onlyFlow().isOk();
    }

    /** The bridge of the pod's node shows SYN and FIN only: that it shows none of the repetitions does not make them vain. */
    @Test
    void aSegmentSentAgainIsNotForNothingWhereAFilterOfFlagsHidesTheRestOfTheWay() {
        Connection c = s.connect().syn().synAck().missedAt(Stop.BRIDGE).ack(true).acknowledging(false).ask(500).pause(220).repeat(true);
        c.ack(false).answer(100).ack(true).missedAt().fin(true).fin(false).missedAt(Stop.BRIDGE).ack(true);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("retransmission").hasSeverity(WARNING);
    }

    @Test
    void whatThePodRepeatsIsToldByTheNextCaptureWhereItsOwnShowsFlagsOnly() {
        s.connect().syn().synAck().missedAt(Stop.BRIDGE).ack(true).ask(100).acknowledging(false).answer(500).pause(220)
                .repeat(false).ack(true).missedAt().fin(true).fin(false).missedAt(Stop.BRIDGE).ack(true);
        s.analyze().onlyFlow().isOk().hasDeviation("retransmission").hasSeverity(INFO);
    }

    /** As tcpdump's manual selects segments with data, or by the flags SYN, FIN, RST and PSH: no acknowledgement is in the capture. */
    private Connection withoutAcknowledgementsAt(Stop stop) {
        Connection c = s.connect().syn().synAck().missedAt(stop).ack(true).acknowledging(false);
        for (int i = 0; i < 3; i++) {
            c.missedAt().ask(100 + i).missedAt(stop).ack(false).missedAt().answer(400 + i).missedAt(stop).ack(true);
        }
        return c.missedAt();
    }

    @ParameterizedTest
    @EnumSource(names = {"CLIENT", "NODE_OUT", "BRIDGE"})
    void whereAFilterHidesAllAcknowledgementsNoneIsLost(Stop stop) {
        for (int i = 0; i < 3; i++) {
            withoutAcknowledgementsAt(stop).fin(true).fin(false).missedAt(stop).ack(true);
        }
        s.analyze().hasNoDeviation("loss").hasNoDeviation("loss-inside-node").flow(from("10.241.0.4:40001")).isOk();
    }

    @Test
    void dataThatIsSentAgainIsLostThoughAFilterHidesAllAcknowledgements() {
        Connection c = withoutAcknowledgementsAt(Stop.CLIENT).reaching(Stop.NODE_IN).answer(700).wholeWay().pause(250).repeat(false);
        c.missedAt(Stop.CLIENT).ack(true).missedAt().fin(true).fin(false).missedAt(Stop.CLIENT).ack(true);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss").hasSeverity(WARNING);
    }

    // reply-lost-between-nodes, reply-not-forwarded, reply-lost-before-client

    private void synAckReaching(Stop stop) {
        healthy();
        s.connect().syn().reaching(stop).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
    }

    @Test
    void anAnswerThatNeverComesBackToNode1IsLostBetweenTheNodes() {
        synAckReaching(Stop.BRIDGE);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasNoDeviation("reply-not-forwarded")
                .hasDeviation("reply-lost-between-nodes").hasSeverity(ERROR);
    }

    @Test
    void anAnswerThatNode1DoesNotPassOnIsNotForwarded() {
        synAckReaching(Stop.NODE_OUT);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("2.0").hasNoDeviation("reply-lost-between-nodes")
                .hasDeviation("reply-not-forwarded").hasSeverity(ERROR);
    }

    @Test
    void anAnswerThatCameWithTheLastPacketsOfACaptureMayHaveBeenPassedOn() {
        healthy();
        s.pause(50);
        long asked = s.millis();
        s.connect().udp().delayedInside(5).ask(40).answer(80);
        s.capturing("node1-eth0", 0, asked + 7).capturing("client", 0, asked + 7).analyze()
                .hasNoDeviation("reply-not-forwarded").flow(from("10.241.0.4:40001")).hasVerdict(UNDETERMINED);
    }

    @Test
    void anAnswerOfAPodOnNode1ThatNeverLeavesItIsNotForwarded() {
        healthy();
        onNode1().syn().reaching(Stop.BRIDGE).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("2.0").hasNoDeviation("reply-lost-between-nodes")
                .hasDeviation("reply-not-forwarded").hasSeverity(ERROR);
    }

    /** It leaves the node in the name of what was called, which a filter on the node port shows. */
    @Test
    void anAnswerThatNeverLeavesThePodsOwnNodeIsMissedThereThoughTheFilterHidesThePodsSide() {
        for (int i = 0; i < 2; i++) {
            s.connect().missedAt(Stop.NODE_OUT).open().ask(100).answer(400).close();
        }
        onNode1().syn().reaching(Stop.BRIDGE).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        CaseAssert seen = s.analyze();
        seen.hasDeviation("capture-filter-hides-leg").atPoint("node1-eth0");
        seen.flow(from("10.241.0.4:40002")).failedAtStep("2.0").hasDeviation("reply-not-forwarded").hasSeverity(ERROR);
    }

    /** tcpdump -Q in at Node-1. */
    private void hidingWhatNode1Sends() {
        for (int i = 0; i < 3; i++) {
            s.connect().missedAt(Stop.NODE_OUT).syn().missedAt(Stop.NODE_IN).synAck().missedAt(Stop.NODE_OUT).ack(true)
                    .acknowledging(false).ask(100).missedAt(Stop.NODE_IN).answer(400).missedAt(Stop.NODE_OUT).ack(true);
        }
    }

    @Test
    void anAnswerMayHaveLeftThePodsOwnNodeWhereTheCaptureHidesAllThatLeavesIt() {
        hidingWhatNode1Sends();
        onNode1().syn().reaching(Stop.BRIDGE).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        s.analyze().hasNoDeviation("reply-not-forwarded");
    }

    @Test
    void dataOfAPodOnNode1ThatLeaveItNoLongerAreNotForwarded() {
        Connection c = onNode1().open().ask(100).answer(400).ask(60).acknowledging(false).reaching(Stop.BRIDGE).answer(500);
        c.pause(220).repeat(false).pause(440).repeat(false).pause(880).repeat(false);
        s.analyze().onlyFlow().failedAtStep("2.0").hasNoDeviation("reply-lost-before-client").hasDeviation("reply-not-forwarded");
    }

    @Test
    void dataForAPodOnNode1ThatNode1NoLongerPassesOnAreNotForwarded() {
        Connection c = onNode1().open().ask(100).answer(400).acknowledging(false).reaching(Stop.NODE_IN).ask(60);
        c.pause(220).repeat(true).pause(440).repeat(true).pause(880).repeat(true);
        s.analyze().onlyFlow().failedAtStep("1.3").hasNoDeviation("request-lost-between-nodes").hasDeviation("request-not-forwarded");
    }

    @Test
    void dataThatNode1DidNotTranslateAnyMoreLeftItForNoPlaceOfTheSameName() {
        Connection c = open().ask(100).answer(400).acknowledging(false).reaching(Stop.NODE_IN).ask(60);
        c.pause(220).repeat(true).pause(440).repeat(true).pause(880).repeat(true);
        s.analyze().onlyFlow().failedAtStep("1.3").hasDeviation("request-not-forwarded")
                .matches(d -> d.message().equals("the connection was cut off: data came to node-1 4 times and was not passed on"));
    }

    @Test
    void anAnswerThatNode1SentAndTheClientNeverGotIsLostBeforeTheClient() {
        synAckReaching(Stop.NODE_IN);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("2.0").hasNoDeviation("reply-not-forwarded")
                .hasDeviation("reply-lost-before-client").hasSeverity(ERROR);
    }

    @Test
    void anAnswerThatNode1SentToAPodOfAnotherNodeIsLostBeforeThatPod() {
        s.connect().from("10.244.2.7", 42_000).open().ask(100).answer(400).close();
        s.connect().from("10.244.2.7", 42_001).syn().reaching(Stop.NODE_IN).synAck().pause(1000).synAckAgain().pause(2000).synAckAgain();
        s.passedBy("pod", "client", 32_000).analyze().flow(from("10.244.2.7:42001")).failedAtStep("2.0")
                .hasDeviation("reply-lost-before-client").hasSeverity(ERROR).atPoint("pod");
    }

    @Test
    void whereNode1sCaptureHidesWhatItSendsItMayHaveSentNothing() {
        hidingWhatNode1Sends();
        s.connect().missedAt(Stop.NODE_OUT).syn().missedAt(Stop.NODE_IN, Stop.CLIENT).synAck().pause(1000).synAckAgain().pause(2000)
                .synAckAgain();
        s.analyze().flow(from("10.241.0.4:40003")).failedAtStep("2.0").hasNoDeviation("reply-lost-before-client").hasDeviation("loss")
                .hasSeverity(ERROR).matches(d -> d.message().startsWith("the answer came to node-1 3 times and never reached the client"));
    }

    @Test
    void anAnswerIsNotLostBeforeAClientWhoseCaptureHadEnded() {
        healthy();
        long end = s.millis() + 100;
        s.pause(90_000).connect().missedAt(Stop.CLIENT).syn().reaching(Stop.NODE_IN).synAck().pause(1000).synAckAgain();
        s.capturing("client", -200, end).analyze().hasNoDeviation("reply-lost-before-client");
    }

    // loss, retransmission

    @Test
    void aSegmentLostOnAHopAndSentAgainIsALossOfThatHop() {
        open().acknowledging(false).reaching(Stop.NODE_OUT).ask(500).wholeWay().pause(220).repeat(true).ack(false).answer(100)
                .close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("retransmission").hasDeviation("loss").atStep("1.4")
                .hasSeverity(WARNING);
    }

    @Test
    void aFinSentAgainAfterTheClientsCaptureEndedIsNoLoss() {
        Connection c = open().ask(100).answer(300).fin(true).fin(false);
        s.capturing("client", -200, s.millis() + 10);
        c.pause(210).finAgain(false).pause(100);
        s.capturing("node1-eth0", -200, s.millis() - 50);
        c.ack(true);
        s.analyze().hasNoDeviation("loss");
    }

    /** What comes back between two of them is no answer: the pod speaks on though it hears nothing. */
    @Test
    void voiceThatTheOtherSideDoesNotHearWasNotMissedByItsCapture() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 100; i++) {
            c.ask(172).pause(5).answer(172).pause(5);
        }
        c.reaching(Stop.NODE_OUT);
        for (int i = 0; i < 20; i++) {
            c.ask(172).pause(5).wholeWay().answer(172).pause(5).reaching(Stop.NODE_OUT);
        }
        c.wholeWay().ask(172).pause(5).answer(172);
        s.tail(2000).analyze().hasNoDeviation("capture-drops").onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss").hasSeverity(WARNING)
                .matches(d -> d.message().startsWith("20 of 121 packets of the client from node1-eth0 to node2-cbr0"));
    }

    @Test
    void voiceThatTheOtherSideDoesNotHearAnyMoreWasCutOffThoughItSpeaksOn() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 100; i++) {
            c.ask(172).pause(5).answer(172).pause(5);
        }
        for (int i = 0; i < 120; i++) {
            c.reaching(Stop.NODE_OUT).ask(172).pause(5).wholeWay().answer(172).pause(5);
        }
        s.tail(2000).analyze().hasNoDeviation("capture-drops").onlyFlow().failedAtStep("1.4").hasDeviation("request-lost-between-nodes")
                .hasSeverity(ERROR);
    }

    @Test
    void questionsThatTheCaptureMissedWithTheirAnswersAreNoLoss() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 60; i++) {
            if (i >= 20 && i < 40) {
                c.missedAt(Stop.BRIDGE);
            }
            c.ask(60 + i).answer(90).pause(5).missedAt();
        }
        s.tail(2000).analyze().hasNoDeviation("loss").onlyFlow().isOk();
    }

    @Test
    void datagramsInARowAfterTheClientsCaptureEndedAreNoLoss() {
        Connection c = s.connect().udp().ask(100);
        s.connect().open().ask(100).answer(300).close();
        s.capturing("client", -200, s.millis() + 10);
        c.pause(50).answer(800).answer(800).answer(300);
        s.analyze().hasNoDeviation("loss").hasNoDeviation("reply-lost-before-client");
    }

    @Test
    void aPacketThatTheNextCaptureShowsWasMissedByThisOneAndNotLost() {
        open().missedAt(Stop.NODE_OUT).ask(500).missedAt().answer(100).close();
        s.analyze().hasNoDeviation("loss").hasNoDeviation("loss-inside-node").hasDeviation("capture-drops").and().onlyFlow().isOk();
    }

    @Test
    void aSegmentThatWasSentOnceAndAcknowledgedWasNotLost() {
        open().missedAt(Stop.BRIDGE).ask(500).missedAt().answer(100).close();
        s.analyze().hasNoDeviation("loss").hasDeviation("capture-drops");
    }

    @Test
    void anAcknowledgementWhoseTimeStampIsEchoedWasNotLost() {
        int[] stamp = new int[1];
        Connection c = s.connect().syn().synAck().missedAt(Stop.BRIDGE);
        c.changing((p, stop, request) -> stamp[0] = p.tsVal).ack(true);
        c.missedAt().changing((p, stop, request) -> p.tsEcr = request ? p.tsEcr : stamp[0]).lastWords(false, 50).changing(null);
        c.ack(true).ask(100).answer(400).close();
        s.analyze().hasNoDeviation("loss").hasDeviation("capture-drops").and().onlyFlow().isOk();
    }

    private void acknowledgementMissedAtTheBridge() {
        s.connect().syn().synAck().missedAt(Stop.BRIDGE).ack(true).missedAt().ask(100).answer(400).close();
    }

    @Test
    void aSingleAcknowledgementWhereNoDataIsLostIsWorthARemark() {
        healthy();
        acknowledgementMissedAtTheBridge();
        s.analyze().flow(from("10.241.0.4:40001")).isOk().hasDeviation("loss").hasSeverity(INFO);
    }

    @Test
    void acknowledgementsOfSeveralConnectionsAreLostThoughNoDataIs() {
        for (int i = 0; i < 3; i++) {
            acknowledgementMissedAtTheBridge();
        }
        s.analyze().flow(from("10.241.0.4:40001")).hasVerdict(DEGRADED).hasDeviation("loss").hasSeverity(WARNING);
    }

    @Test
    void whatLosesDataLosesAcknowledgementsToo() {
        acknowledgementMissedAtTheBridge();
        open().acknowledging(false).reaching(Stop.NODE_OUT).ask(500).wholeWay().pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().flow(from("10.241.0.4:40000")).hasVerdict(DEGRADED).hasDeviation("loss").hasSeverity(WARNING);
    }

    @Test
    void aCaptureThatSaysItLostPacketsMayHaveMissedAcknowledgements() {
        for (int i = 0; i < 3; i++) {
            acknowledgementMissedAtTheBridge();
        }
        s.dropping("node2-cbr0", 5).analyze().flow(from("10.241.0.4:40001")).isOk().hasDeviation("loss").hasSeverity(INFO);
    }

    @Test
    void whatACaptureShowsInSpiteOfItsDropsToBeSentAgainWasLost() {
        open().acknowledging(false).reaching(Stop.NODE_OUT).ask(500).wholeWay().pause(220).repeat(true).ack(false).answer(100).close();
        s.dropping("node2-cbr0", 5).analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss").hasSeverity(WARNING);
    }

    @Test
    void aQuestionThatHadItsAnswerBeforeTheNextWasMissedAndNotLost() {
        Connection c = s.connect().udp().ask(50).answer(80).pause(300);
        c.missedAt(Stop.BRIDGE).ask(60).missedAt().answer(90).pause(300).ask(70).answer(100);
        s.analyze().hasNoDeviation("loss").hasDeviation("capture-drops").and().onlyFlow().isOk();
    }

    @Test
    void aQuestionThatIsAskedAgainWasLost() {
        Connection c = s.connect().udp().ask(50).answer(80).pause(300);
        c.reaching(Stop.NODE_OUT).ask(60).wholeWay().pause(2000).repeat(true).answer(90).pause(300).ask(70).answer(100);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss");
    }

    @Test
    void anAnswerAfterWhichTheClientAsksOnAtOnceWasMissedAndNotLost() {
        Connection c = s.connect().udp().ask(50).answer(80).pause(20).ask(60).missedAt(Stop.CLIENT).answer(90).missedAt();
        c.pause(20).ask(70).answer(100);
        s.analyze().hasNoDeviation("loss").onlyFlow().isOk();
    }

    /** As a resolver does with many questions under way from one port: it asks the next one whatever it got. */
    @Test
    void anAnswerToOneOfSeveralQuestionsUnderWayWasLostThoughTheClientAsksOn() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 6; i++) {
            c.pause(20).ask(50 + i).ask(70 + i).answer(80 + i);
            c = i == 3 ? c.reaching(Stop.NODE_IN).answer(100 + i).wholeWay() : c.answer(100 + i);
        }
        s.analyze().hasNoDeviation("capture-drops").onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss").hasSeverity(WARNING);
    }

    @Test
    void anAnswerAfterWhichTheClientWaitsForSecondsWasLost() {
        Connection c = s.connect().udp().ask(50).answer(80).pause(20).ask(60).reaching(Stop.NODE_IN).answer(90).wholeWay();
        c.pause(3000).ask(70).answer(100);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("loss").hasSeverity(WARNING);
    }

    @Test
    void aSingleAnswerThatACaptureWithDropsDoesNotShowAccusesNobody() {
        healthy();
        s.connect().udp().ask(50).reaching(Stop.NODE_IN).answer(80);
        s.dropping("client", 4).analyze().hasNoDeviation("reply-lost-before-client").flow(from("10.241.0.4:40001"))
                .hasVerdict(UNDETERMINED);
    }

    @Test
    void aSingleAnswerThatAWholeCaptureDoesNotShowWasLost() {
        healthy();
        s.connect().udp().ask(50).reaching(Stop.NODE_IN).answer(80);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("2.0").hasDeviation("reply-lost-before-client");
    }

    @Test
    void aSingleQuestionThatACaptureWithDropsDoesNotShowAccusesNobody() {
        healthy();
        s.connect().udp().reaching(Stop.CLIENT).ask(50);
        s.dropping("node1-eth0", 4).analyze().flow(from("10.241.0.4:40001")).hasVerdict(UNDETERMINED);
    }

    @Test
    void aSingleQuestionThatACaptureWithOneDropInTenThousandPacketsDoesNotShowWasLost() {
        Connection c = open();
        for (int i = 0; i < 1300; i++) {
            c.ask(10).answer(10);
        }
        s.connect().udp().reaching(Stop.CLIENT).ask(50);
        s.dropping("node1-eth0", 1).analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.1").hasDeviation("request-lost-before-node1");
    }

    @Test
    void aLastAnswerThatIsLostIsToldThoughACaptureWithDropsBeforeItMissedTheQuestion() {
        Connection c = s.connect().udp().ask(50).answer(80).pause(300);
        c.missedAt(Stop.BRIDGE).ask(60).missedAt().reaching(Stop.BRIDGE).answer(90);
        c.pause(3000);
        s.dropping("node2-cbr0", 4).analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reply-lost-between-nodes");
    }

    @Test
    void aLastAnswerThatACaptureWithDropsDoesNotShowAccusesNobody() {
        Connection c = s.connect().udp().ask(50).answer(80).pause(300).ask(60).reaching(Stop.NODE_IN).answer(90);
        c.pause(3000);
        s.dropping("client", 4).analyze().hasNoDeviation("reply-lost-before-client");
    }

    @Test
    void aFilterOfFlagsAtTheClientLosesNothingElse() {
        Connection c = s.connect().syn().synAck().missedAt(Stop.CLIENT).ack(true).missedAt();
        for (int i = 0; i < 4; i++) {
            c.acknowledging(false).missedAt(Stop.CLIENT).ask(100).ack(false).missedAt();
        }
        c.fin(true).fin(false).missedAt(Stop.CLIENT).ack(true);
        s.withoutNeighbours("client").analyze().hasNoDeviation("loss").onlyFlow().isOk();
    }

    @Test
    void segmentsThatACaptureWroteInAnotherOrderWereNotSentAgain() {
        open().swapping(Stop.CLIENT).ask(4000).swapping(null).answer(100).close();
        s.analyze().hasNoDeviation("retransmission");
    }

    @Test
    void aSegmentSentAgainThoughNoHopLostItIsRemarkedOn() {
        open().acknowledging(false).ask(500).pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().onlyFlow().isOk().hasNoDeviation("loss").hasDeviation("retransmission").hasSeverity(INFO);
    }

    /** What fills a gap a millisecond later, which the first capture never showed before. */
    private Connection filledSoon(Connection c) {
        int[] first = new int[1];
        c.open().ask(100).acknowledging(false).changing((p, stop, request) -> first[0] = p.sequence).missedAt(Stop.values()).answer(500);
        c.changing(null).missedAt().answer(300).pause(1).changing((p, stop, request) -> {
            p.sequence = first[0];
            p.payload = new byte[500];
        }).repeat(false).changing(null).acknowledging(true).pause(1).ack(true);
        return c.close();
    }

    @Test
    void whatItsSenderStampedLaterThanItsFollowerWasSentAgainHoweverSoon() {
        filledSoon(s.connect());
        s.analyze().onlyFlow().hasDeviation("retransmission");
    }

    @Test
    void whatItsSenderNumberedLaterThanItsFollowerWasSentAgainHoweverSoon() {
        filledSoon(s.connect().plain());
        s.analyze().onlyFlow().hasDeviation("retransmission");
    }

    @Test
    void whatFillsAGapSoonAndHasNeitherStampNorNumberMayHaveBeenOvertaken() {
        filledSoon(s.connect().plain().unnumbered());
        s.analyze().onlyFlow().hasNoDeviation("retransmission");
    }

    @Test
    void whatItsSenderNumberedBeforeItsFollowerWasOvertakenHoweverLateItComes() {
        int[] first = new int[2];
        Connection c = s.connect().plain().open().ask(100).acknowledging(false).changing((p, stop, request) -> {
            first[0] = stop == Stop.BRIDGE ? p.sequence : first[0];
            first[1] = stop == Stop.BRIDGE ? p.identification : first[1];
            p.sequence = first[0] + 500;
        }).answer(300).pause(5);
        c.changing((p, stop, request) -> {
            p.sequence = first[0];
            p.identification = first[1] - 1;
            p.payload = new byte[500];
        }).repeat(false);
        s.analyze().onlyFlow().hasNoDeviation("retransmission");
    }

    /** RFC 8985, section 7: an acknowledgement that is late by a few milliseconds is asked for by the last segment. */
    @Test
    void aProbeForALateAcknowledgementProvesNoLossWhereTheClientWasNotCaptured() {
        Connection c = s.connect().open().ask(100).acknowledging(false).answer(300);
        c.pause(6).repeat(false).acknowledging(true).pause(1).ack(true).close();
        s.without("client").analyze().onlyFlow().isOk().hasDeviation("retransmission").hasSeverity(INFO);
    }

    @Test
    void whatATimeoutSentAgainWasLostBeyondTheCaptures() {
        Connection c = s.connect().open().ask(100).acknowledging(false).answer(300);
        c.pause(210).repeat(false).acknowledging(true).pause(1).ack(true).close();
        s.without("client").analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("retransmission").hasSeverity(WARNING);
    }

    @Test
    void keepAlivesAndRepeatedFinsAreNoRetransmissions() {
        open().pause(15_000).keepAlive(true).pause(15_000).keepAlive(true).fin(true).fin(false).ack(true);
        s.analyze().hasNoDeviation("retransmission").onlyFlow().isOk();
    }

    @Test
    void segmentsThatOffloadMergesAtOnePointAreNotLost() {
        open().mergedAt(Stop.CLIENT, Stop.NODE_OUT).ask(14_480).answer(9000).mergedAt().close();
        s.analyze().hasNoDeviations().onlyFlow().isOk();
    }

    // loss-inside-node

    @Test
    void aSegmentLostBetweenBothSidesOfTheTranslationIsLostInsideNode1() {
        open().acknowledging(false).reaching(Stop.NODE_IN).ask(500).wholeWay().pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().onlyFlow().hasNoDeviation("loss").hasDeviation("loss-inside-node").hasSeverity(WARNING);
    }

    @Test
    void aSegmentLostBetweenEth0AndTheBridgeOfNode1IsLostInsideIt() {
        Connection c = onNode1().open().acknowledging(false).reaching(Stop.NODE_IN).ask(500);
        c.wholeWay().pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().onlyFlow().hasNoDeviation("loss").hasDeviation("loss-inside-node").atStep("1.3").hasSeverity(WARNING);
    }

    @Test
    void aSegmentLostBeforeNode1IsNotLostInsideIt() {
        open().acknowledging(false).reaching(Stop.CLIENT).ask(500).wholeWay().pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().hasNoDeviation("loss-inside-node").hasDeviation("loss");
    }

    // duplicate-packet, out-of-order

    @Test
    void aPacketThatArrivesTwiceWasDuplicatedByTheNetwork() {
        Connection c = open().acknowledging(false).ask(300);
        s.pause(5);
        c.beginningAt(Stop.BRIDGE).changing((p, stop, request) -> p.identification -= 1).repeatUnchanged(true).changing(null).wholeWay()
                .ack(false).answer(100).close();
        s.analyze().onlyFlow().hasDeviation("duplicate-packet").hasSeverity(WARNING);
    }

    @Test
    void aCopyIsKnownByItsTimestampWhereNothingElseNumbersThePackets() {
        Connection c = s.connect().unnumbered().open().acknowledging(false).ask(300);
        s.pause(5);
        c.beginningAt(Stop.BRIDGE).repeatUnchanged(true).wholeWay().ack(false).answer(100).close();
        s.capturing("node1-eth0", -10, s.millis() + 10).analyze().onlyFlow().hasDeviation("duplicate-packet").hasSeverity(WARNING);
    }

    @Test
    void aRepetitionIsNoDuplicate() {
        open().acknowledging(false).ask(300).pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().hasNoDeviation("duplicate-packet");
    }

    @Test
    void theSameAcknowledgementSeenByALaterCaptureIsNoDuplicate() {
        Connection c = s.connect().plain().unnumbered().open().ask(100).answer(300).pause(2000).keepAlive(false);
        s.capturing("client", -200, s.millis() + 20);
        c.pause(2000).keepAlive(false).pause(2000).ask(20).answer(30).close();
        s.analyze().hasNoDeviation("duplicate-packet").hasNoDeviation("out-of-order").hasNoDeviation("loss");
    }

    @Test
    void packetsThatOvertakeEachOtherAreOutOfOrder() {
        Connection c = open().acknowledging(false);
        c.swapping(Stop.BRIDGE).ask(4000).swapping(null).ack(false).answer(100).close();
        s.analyze().onlyFlow().hasDeviation("out-of-order").hasSeverity(WARNING);
    }

    @Test
    void packetsWhoseTimesAreInexactDidNotOvertakeEachOther() {
        for (int i = 0; i < 5; i++) {
            open().ask(9000).answer(20_000).close();
        }
        s.timesOff("node1-eth0", new Random(7), 400).analyze().hasNoDeviation("out-of-order");
    }

    @Test
    void packetsWrittenLateIntoTheFileWithTheirRightTimesAreNot() {
        open().ask(900);
        s.lastTwoWrittenLate("node1-eth0").analyze().hasNoDeviation("out-of-order").hasDeviation("capture-order");
    }

    // zero-window

    @Test
    void aWindowClosedForSecondsIsTrouble() {
        stalled(2500);
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("zero-window").hasSeverity(WARNING);
    }

    @Test
    void aWindowClosedForAMomentIsARemark() {
        stalled(300);
        s.analyze().hasNoDeviationsWorseThan(INFO).onlyFlow().isOk().hasDeviation("zero-window").hasSeverity(INFO);
    }

    private void stalled(long millis) {
        Connection c = open().acknowledging(false).answer(1000);
        c.send(true, (p, stop, r) -> p.window = 0).pause(millis / 2).keepAliveAlone(false).send(true, (p, stop, r) -> p.window = 0)
                .pause(millis / 2).ack(true).answer(1000).ack(true).close();
    }

    @Test
    void aClientThatStoppedReadingHadNoWholeAnswer() {
        Connection c = open().acknowledging(false).answer(1000).send(true, (p, stop, r) -> p.window = 0);
        c.pause(500).keepAliveAlone(false).send(true, (p, stop, r) -> p.window = 0).pause(700).keepAliveAlone(false).reset(true);
        s.analyze().onlyFlow().satisfies(flow -> assertThat(flow.deviations()).anySatisfy(
                d -> assertThat(d.message()).contains("in the middle of an answer")));
    }

    @Test
    void aPodThatNeverReadsFailsTheFlow() {
        Connection c = s.connect().open().acknowledging(false).ask(1000).send(false, (p, stop, r) -> p.window = 0);
        for (int i = 0; i < 4; i++) {
            c.pause(500L << i).keepAliveAlone(true).send(false, (p, stop, r) -> p.window = 0);
        }
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("zero-window").hasSeverity(WARNING);
    }

    @Test
    void theZeroWindowOfAResetMeansNothing() {
        open().reset(true);
        s.analyze().hasNoDeviation("zero-window");
    }

    // syn-retransmitted

    @Test
    void aSynSentAgainIsToldWithTheHopThatLostTheFirst() {
        s.connect().reaching(Stop.NODE_OUT).syn().pause(1000).wholeWay().synAgain().synAck().ack(true).ask(10).answer(20).close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("loss").hasDeviation("syn-retransmitted").hasSeverity(WARNING);
    }

    /** TCP Fast Open (RFC 7413): the SYN carries the first question. */
    @Test
    void theLossOfASynThatCarriesDataIsToldOnce() {
        Connection c = s.connect().reaching(Stop.CLIENT).changing((p, stop, request) -> p.payload = new byte[120]).syn().pause(1000);
        c.changing(null).wholeWay().synAgain().synAck().ack(true).ask(10).answer(20).close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasNoDeviation("loss").hasDeviation("syn-retransmitted")
                .matches(d -> d.message().endsWith("; one of them lost from client to node1-eth0"));
    }

    @Test
    void aSynThatIsLostLikeOtherPacketsIsToldWithItsHopAsWell() {
        s.connect().reaching(Stop.CLIENT).syn().pause(1000).wholeWay().synAgain().synAck().ack(true).reaching(Stop.CLIENT).ask(10)
                .pause(300).wholeWay().repeat(true).answer(20).close();
        assertThat(messages()).anyMatch(message -> message.endsWith("over 1.00 s; one of them lost from client to node1-eth0"))
                .anyMatch(message -> message.startsWith("2 of "));
    }

    /** Conntrack deletes the entry that the reset closed, and the next SYN is masqueraded by another port. */
    @Test
    void aSynThatAnEarlierConnectionAnswersIsNotLostThoughTheNextOneIsTranslatedAnew() {
        Connection second = askedWhileAnEarlierIsHeld();
        second.masqueradedTo("10.240.0.4", 60_111).synAgain().synAck().ack(true).ask(100).answer(300).close();
        assertThat(messages()).anyMatch(message -> message.contains("answered with an ACK of an earlier connection"))
                .noneMatch(message -> message.contains("was given the tuple of"));
    }

    /** A client that crashed takes its old port again, and the pod answers with an ACK of what it still holds (RFC 5961, section 4). */
    private Connection askedWhileAnEarlierIsHeld() {
        Connection first = s.connect().open().ask(100).answer(300);
        s.pause(700);
        Connection second = first.again().syn();
        first.ack(false);
        second.reset(true);
        s.pause(9);
        return second;
    }

    @Test
    void aSynThatAnEarlierConnectionAnswersIsNotLost() {
        Connection second = askedWhileAnEarlierIsHeld();
        second.synAgain().synAck().ack(true).ask(100).answer(300).close();
        assertThat(messages()).anyMatch(message -> message.contains("answered with an ACK of an earlier connection"));
    }

    @Test
    void aSynThatOnlyAnEarlierConnectionAnswersBeganNone() {
        askedWhileAnEarlierIsHeld().pause(1000).reaching(Stop.CLIENT).synAgain().pause(2000).synAgain();
        assertThat(s.analyze().actual().flows().get(1).verdict()).isEqualTo(FAILED);
    }

    private List<String> messages() {
        List<String> messages = new ArrayList<>();
        s.analyze().satisfies(result -> result.flows().forEach(flow -> flow.deviations().forEach(d -> messages.add(d.message()))));
        return messages;
    }

    @Test
    void aSynSentAgainIsToldWithTheHopThatHeldTheFirstUp() {
        s.connect().delayedInside(1100).syn().pause(1000).delayedInside(0).synAgain().synAck().ack(true).ask(10).answer(20).close();
        s.analyze().onlyFlow().hasDeviation("syn-retransmitted").provenBy("node1-eth0#2", "node1-eth0#8");
    }

    @Test
    void aNewConnectionOnTheSamePortSendsNoSynAgain() {
        Connection c = healthy();
        s.pause(400);
        c.again().open().ask(10).answer(20).close();
        s.analyze().hasNoDeviation("syn-retransmitted");
    }

    // latency-high

    @Test
    void aFlowWhoseHopIsFarSlowerThanTheOthersStandsOut() {
        for (int i = 0; i < 8; i++) {
            healthy();
        }
        s.connect().delayedInside(60).open().ask(100).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40008")).hasVerdict(DEGRADED).hasDeviation("latency-high").hasSeverity(WARNING);
    }

    @Test
    void aPodThatThinksFarLongerThanForThirtyOthersStandsOut() {
        for (int i = 0; i < 35; i++) {
            healthy();
        }
        s.connect().open().ask(100).pause(4000).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40035")).hasDeviation("latency-high").atStep("1.6").hasSeverity(WARNING);
    }

    @Test
    void aPodThatHadNotTheWholeQuestionYetDidNotThink() {
        for (int i = 0; i < 30; i++) {
            healthy();
        }
        Connection c = s.connect().open().acknowledging(false);
        // The second segment: the first was lost on its way to the pod.
        c.changing((p, stop, request) -> {
            p.sequence += 100;
            p.payload = new byte[50];
        }).ack(true).changing(null).pause(4000).ask(150).answer(300).close();
        s.analyze().hasNoDeviation("latency-high");
    }

    @Test
    void whatOthersWaitIsTheSameWhereverTheLongWaitStandsAmongThem() {
        for (int i = 0; i < 18; i++) {
            healthy();
        }
        s.connect().open().ask(100).pause(4000).answer(300).close();
        for (int i = 0; i < 17; i++) {
            healthy();
        }
        s.analyze().flow(from("10.241.0.4:40018")).hasDeviation("latency-high").atStep("1.6").hasSeverity(WARNING);
    }

    @Test
    void anAnswerThatTakesSecondsAmongFewFlowsIsTheApplicationsBusiness() {
        healthy();
        s.connect().open().ask(100).pause(2500).answer(300).close();
        s.analyze().hasNoDeviation("latency-high");
    }

    private void slowAnswersOfTheSecondPod(int fast, int slow) {
        for (int i = 0; i < 6; i++) {
            s.connect().open().ask(100).pause(i < 2 ? 900 : 1).answer(300).close();
        }
        for (int i = 0; i < fast + slow; i++) {
            s.connect().pod("10.244.1.3", 8443).open().ask(100).pause(i < slow ? 900 : 1).answer(300).close();
        }
    }

    @Test
    void aPodThatIsSlowEveryTimeStandsOut() {
        slowAnswersOfTheSecondPod(0, 12);
        s.analyze().hasDeviation("latency-high").hasSeverity(WARNING);
    }

    @Test
    void aPodWithFourOfTheSixSlowAnswersMayHaveThemByChance() {
        slowAnswersOfTheSecondPod(2, 4);
        s.analyze().hasNoDeviationsWorseThan(INFO);
    }

    /** No capture shows what goes from a node to its own pods. */
    private void answersOfPodsHereAndElsewhere(int hereMillis, int elsewhereMillis, int slowHere) {
        for (int i = 0; i < 10; i++) {
            s.connect().local().open().ask(100).pause(i < slowHere ? 900 : hereMillis).answer(300).close();
            s.connect().open().ask(100).pause(elsewhereMillis).answer(300).close();
        }
    }

    @Test
    void aPodThatIsSlowWhereTheUnseenPodsOfTheEntryNodeAreNotStandsOut() {
        answersOfPodsHereAndElsewhere(1, 900, 0);
        s.analyze().flow(from("10.241.0.4:40001")).hasDeviation("latency-high").atStep("1.6").hasSeverity(WARNING);
        s.analyze().flow(from("10.241.0.4:40000")).isOk();
    }

    @Test
    void unseenPodsOfTheEntryNodeThatAreSlowStandOutToo() {
        answersOfPodsHereAndElsewhere(900, 1, 0);
        s.analyze().flow(from("10.241.0.4:40000")).hasDeviation("latency-high").atStep("1.6").hasSeverity(WARNING);
        s.analyze().flow(from("10.241.0.4:40001")).isOk();
    }

    @Test
    void ofSeveralUnseenPodsOneMayBeAsSlow() {
        answersOfPodsHereAndElsewhere(1, 900, 3);
        s.analyze().hasNoDeviationsWorseThan(INFO);
    }

    // A client that closes before it has repeated often

    @Test
    void aClientThatAsksTwiceInVainAndClosesHadNoAnswer() {
        healthy();
        open().acknowledging(false).ask(100).pause(2300).repeat(true).pause(1700).finUnacknowledged(true);
        s.pause(3000);
        healthy();
        s.analyze().hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    /** Its kernel takes both, and no acknowledgement gets back. */
    @Test
    void aPodWhoseAcknowledgementsAreLostIsNotSilent() {
        healthy();
        open().acknowledging(false).ask(100).reaching(Stop.BRIDGE).ack(false).wholeWay().pause(2300).repeat(true).reaching(Stop.BRIDGE)
                .ack(false).wholeWay().pause(1700).finUnacknowledged(true);
        s.pause(3000);
        healthy();
        s.analyze().hasNoDeviation("no-reply-from-pod").hasDeviation("reply-lost-between-nodes").hasSeverity(ERROR);
    }

    /** What left Node-1 for another node, whichever that is, and was never acknowledged went no further than behind Node-1. */
    @Test
    void whatNode1SentOnInVainFailsBehindItThoughNothingWasCapturedThere() {
        open().acknowledging(false).reaching(Stop.NODE_OUT).ask(100).pause(2300).repeat(true).pause(1700).finUnacknowledged(true);
        s.without("node2-cbr0").analyze().onlyFlow().failedAtStep("1.4");
    }

    @Test
    void whereKeepAlivesGoInVainBehindNode1TheClientThatResetsIsNotWhereItFailed() {
        Connection c = open().ask(100).answer(300).reaching(Stop.NODE_OUT).acknowledging(false);
        for (int i = 0; i < 3; i++) {
            c.pause(1000).keepAliveAlone(true);
        }
        c.pause(1000).reset(true);
        s.without("node2-cbr0").analyze().onlyFlow().failedAtStep("1.4").hasDeviation("reset-by-client");
    }

    @Test
    void aClientThatAsksTwiceAndHasItsAnswerThenDidNotAskInVain() {
        open().acknowledging(false).ask(100).pause(2300).acknowledging(true).repeat(true).ack(false).answer(100).close();
        s.analyze().onlyFlow().isOk();
    }

    // pmtu-blackhole, fragmentation-needed, mss-clamped

    @Test
    void fullPacketsThatNeverArriveWhileSmallOnesDoFallIntoABlackHole() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1448);
        c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasDeviation("pmtu-blackhole").hasSeverity(ERROR);
    }

    @Test
    void fullPacketsThatArriveNoMoreWhileSmallOnesStillDoFallIntoABlackHole() {
        open().ask(1448).answer(100).acknowledging(false).reaching(Stop.NODE_OUT).ask(1448).pause(300).repeat(true)
                .wholeWay().ack(true).reaching(Stop.NODE_OUT).pause(600).repeat(true).pause(1200).repeat(true);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasDeviation("pmtu-blackhole").hasSeverity(ERROR);
    }

    @Test
    void fullPacketsThatArriveNoMoreWhenNothingElseIsSentAreLostAsAnythingMayBe() {
        open().ask(1448).answer(100).acknowledging(false).reaching(Stop.NODE_OUT).ask(1448).pause(300).repeat(true).pause(600).repeat(true)
                .pause(1200).repeat(true).wholeWay().ack(true);
        s.analyze().hasNoDeviation("pmtu-blackhole");
    }

    @Test
    void smallPacketsThatNeverArriveDoNot() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(90);
        c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        s.analyze().hasNoDeviation("pmtu-blackhole").hasDeviation("request-lost-between-nodes");
    }

    @Test
    void fullPacketsThatNeverArriveWithTheAcknowledgementsBetweenThemFallIntoNoBlackHole() {
        Connection c = open().ask(60).acknowledging(false).reaching(Stop.NODE_IN).answer(1448).pause(300).repeat(false).pause(600)
                .repeat(false);
        c.changing((p, stop, request) -> p.acknowledgment -= request && stop == Stop.CLIENT ? 1448 : 0);
        c.wholeWay().fin(true).reaching(Stop.NODE_IN).ack(false).pause(200).wholeWay().finAgain(true).reaching(Stop.NODE_IN).ack(false);
        c.pause(900).repeat(false);
        s.analyze().hasNoDeviation("pmtu-blackhole").hasDeviation("reply-lost-before-client");
    }

    @Test
    void aSenderThatIsToldTheMtuAdapts() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1448).wholeWay()
                .icmp(3, 4, 1400, "10.240.0.1", Stop.NODE_OUT);
        c.pause(2).acknowledging(true).askAgainInParts(1348).answer(100).close();
        s.analyze().onlyFlow().hasNoDeviation("pmtu-blackhole").hasDeviation("fragmentation-needed").hasSeverity(WARNING);
    }

    /** On its way to the client Node-1 gives the error a name of its own. */
    @Test
    void theRouterIsNamedAsItsOwnSideOfTheNatShowsIt() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1448).wholeWay()
                .missedAt(Stop.NODE_IN, Stop.CLIENT).icmp(3, 4, 1400, "10.240.0.1", Stop.NODE_OUT)
                .missedAt().icmp(3, 4, 1400, "10.240.0.4", Stop.NODE_IN);
        c.pause(2).acknowledging(true).askAgainInParts(1348).answer(100).close();
        s.analyze().onlyFlow().hasDeviation("fragmentation-needed")
                .matches(d -> d.message().equals("10.240.0.1 asked for packets of at most 1400 bytes"));
    }

    @Test
    void fullPacketsBetweenTheSameHostsThatArriveMeanwhileSayThatTheWayTakesThem() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1400).pause(200).repeat(true).pause(400).repeat(true);
        s.connect().open().ask(1400).answer(400).close();
        c.pause(800).repeat(true);
        s.analyze().hasNoDeviation("pmtu-blackhole").hasDeviation("request-lost-between-nodes");
    }

    @Test
    void fullPacketsToAnotherHostSayNothingOfTheWay() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1400).pause(200).repeat(true).pause(400).repeat(true);
        s.connect().pod("10.244.1.3", 8443).open().ask(1400).answer(400).close();
        c.pause(800).repeat(true);
        s.analyze().hasDeviation("pmtu-blackhole");
    }

    @Test
    void aSenderWhomTheIcmpDoesNotComeToFallsIntoABlackHole() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1448).wholeWay().missedAt(Stop.CLIENT)
                .icmp(3, 4, 1400, "10.240.0.1", Stop.NODE_OUT).missedAt().reaching(Stop.NODE_OUT);
        c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasNoDeviation("fragmentation-needed").hasDeviation("pmtu-blackhole").hasSeverity(ERROR);
    }

    @Test
    void aSenderWhoGoesOnThoughItIsToldWasTold() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1448).wholeWay()
                .icmp(3, 4, 1400, "10.240.0.1", Stop.NODE_OUT).reaching(Stop.NODE_OUT);
        c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasNoDeviation("pmtu-blackhole").hasDeviation("fragmentation-needed")
                .hasSeverity(ERROR);
    }

    @Test
    void whereOnlyTcpWasCapturedNobodyKnowsWhatTheSenderWasTold() {
        s.withoutNeighbours("client");
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(1448).wholeWay().missedAt(Stop.CLIENT)
                .icmp(3, 4, 1400, "10.240.0.1", Stop.NODE_OUT).missedAt().reaching(Stop.NODE_OUT);
        c.pause(300).repeat(true).pause(600).repeat(true).pause(1200).repeat(true);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasNoDeviation("pmtu-blackhole").hasDeviation("fragmentation-needed")
                .hasSeverity(ERROR);
    }

    @Test
    void whatNode1ItselfFoundTooBigItDidNotLose() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_IN).ask(1448).wholeWay()
                .icmp(3, 4, 1400, "10.240.0.4", Stop.NODE_IN);
        c.pause(2).acknowledging(true).askAgainInParts(1348).answer(100).close();
        s.analyze().onlyFlow().hasDeviation("fragmentation-needed").hasSeverity(WARNING);
        s.analyze().hasNoDeviation("loss-inside-node");
    }

    @Test
    void whatNode1LosesThoughItIsSmallerThanTheMtuIsLostInsideIt() {
        Connection c = open().ask(60).acknowledging(false).reaching(Stop.NODE_IN).ask(1400).wholeWay();
        c.icmp(3, 4, 1300, "10.240.0.4", Stop.NODE_IN).pause(5).askAgainInParts(1000).pause(50);
        c.reaching(Stop.NODE_IN).ask(60).pause(300).wholeWay().repeat(true).ack(false).acknowledging(true).answer(300).close();
        s.analyze().onlyFlow().hasDeviation("fragmentation-needed").and().hasDeviation("loss-inside-node");
    }

    @Test
    void anExchangeOfLargePacketsNeedsNoFragmentation() {
        s.connect().open().ask(20_000).answer(20_000).close();
        s.analyze().hasNoDeviation("fragmentation-needed").hasNoDeviations();
    }

    @Test
    void anMssThatIsSmallerBehindNode1WasClamped() {
        s.connect().changing((p, stop, request) -> p.mss = request && stop.compareTo(Stop.NODE_OUT) >= 0 && p.mss > 0 ? 1360 : p.mss).open()
                .ask(100).answer(300).close();
        s.analyze().onlyFlow().isOk().hasDeviation("mss-clamped").hasSeverity(INFO)
                .matches(d -> d.message().equals("the MSS of the SYN is 1460 as it comes to node1-eth0 and 1360 as it leaves there"));
    }

    @Test
    void anMssOfTheSynAckThatIsSmallerAtNode1WasClampedOnItsWayThere() {
        open().close();
        s.connect().changing((p, stop, request) -> p.mss = !request && p.mss > 0 && stop != Stop.BRIDGE ? 1360 : p.mss).open().ask(100)
                .answer(300).close();
        s.analyze().flow(from("10.241.0.4:40001")).hasDeviation("mss-clamped").atStep("1.6")
                .matches(d -> d.message().equals("the MSS of the SYN-ACK is 1460 at node2-cbr0 and 1360 at node1-eth0"));
    }

    @Test
    void twoEndsWithDifferentMssWereNot() {
        s.connect().changing((p, stop, request) -> p.mss = p.mss > 0 && !request ? 1360 : p.mss).open().ask(100).answer(300).close();
        s.analyze().hasNoDeviation("mss-clamped");
    }

    // fragments-lost

    @Test
    void aDatagramWithoutItsSecondFragmentIsLost() {
        s.connect().udp().askInFragments(4000).answer(100);
        s.connect().udp().reaching(Stop.CLIENT).askInFragments(4000, 1, 2);
        s.analyze().hasDeviation("fragments-lost").hasSeverity(ERROR)
                .matches(d -> d.message().equals("one datagram came to node1-eth0 without all of its fragments: "
                        + "nobody can put it together"));
    }

    /** Not one of the later fragments comes to node1-eth0; the node keeps the first until it gives up. */
    @Test
    void answersOfWhichAllLaterFragmentsAreLostAreNotHeldBackByTheNode() {
        s.connect().udp().ask(60).answer(90);
        Connection c = s.connect().udp();
        for (int i = 0; i < 2; i++) {
            c.wholeWay().missedAt().ask(50 + i);
            c.reaching(Stop.BRIDGE).missedAt(Stop.NODE_IN, Stop.CLIENT).answerInFragments(4000, 1, 2).pause(1000);
        }
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.6").hasDeviation("fragments-lost").hasSeverity(ERROR).and()
                .hasNoDeviation("reply-not-forwarded");
    }

    /** Not one of the later fragments comes to Node-1, which cannot translate the first alone. */
    @Test
    void questionsOfWhichAllLaterFragmentsAreLostAreNotHeldBackByTheNode() {
        s.connect().udp().ask(60).answer(90);
        Connection c = s.connect().udp();
        for (int i = 0; i < 2; i++) {
            c.reaching(Stop.CLIENT).missedAt(Stop.NODE_OUT, Stop.BRIDGE).askInFragments(4000, 1, 2).pause(1000);
        }
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("1.1").hasDeviation("fragments-lost").hasSeverity(ERROR).and()
                .hasNoDeviation("request-not-forwarded");
    }

    /** The first fragment alone has the ports: what comes of the others belongs to no flow. */
    @Test
    void anAnswerOfWhichOnlyTheFirstFragmentIsLostBeforeTheClientCannotBePutTogether() {
        s.connect().udp().askInFragments(4000).answerInFragments(4000);
        s.connect().udp().askInFragments(4000).reaching(Stop.NODE_IN).answerInFragments(4000, 0).pause(1000);
        s.analyze().flow(from("10.241.0.4:40001")).failedAtStep("2.0").hasNoDeviation("reply-lost-before-client")
                .hasDeviation("fragments-lost").hasSeverity(ERROR)
                .matches(d -> d.message().equals("one datagram came to client without its first fragment: nobody can put it together"));
    }

    @Test
    void aRequestWithoutItsFirstFragmentIsNotLostAsAWhole() {
        s.connect().udp().askInFragments(4000).answer(100);
        s.connect().udp().reaching(Stop.CLIENT).missedAt(Stop.NODE_OUT, Stop.BRIDGE).askInFragments(4000, 0).pause(1000);
        s.connect().udp().reaching(Stop.NODE_OUT).askInFragments(4000, 0).pause(1000);
        s.connect().udp().reaching(Stop.CLIENT).ask(100).pause(1000);
        s.connect().udp().askInFragments(4000).answer(100);
        CaseAssert result = s.analyze();
        result.flow(from("10.241.0.4:40001")).failedAtStep("1.1").hasNoDeviation("request-lost-before-node1")
                .hasDeviation("fragments-lost");
        result.flow(from("10.241.0.4:40002")).failedAtStep("1.4").hasNoDeviation("request-lost-between-nodes")
                .hasDeviation("fragments-lost");
        result.flow(from("10.241.0.4:40003")).hasNoDeviation("fragments-lost").hasDeviation("request-lost-before-node1");
        result.flow(from("10.241.0.4:40004")).isOk();
    }

    /** Records of a log, some of them large: what most of them came through did not fail, and each that lacks a fragment counts. */
    @Test
    void datagramsThatNobodyAnswersAreNotAllLostWithThoseThatLackAFragment() {
        Connection c = s.connect().udp();
        for (int i = 0; i < 40; i++) {
            if (i % 4 == 1) {
                c.wholeWay().reaching(Stop.CLIENT).missedAt(Stop.NODE_OUT, Stop.BRIDGE).askInFragments(4000, 1).wholeWay().missedAt();
            } else {
                c.ask(60 + i);
            }
            c.pause(100);
        }
        s.analyze().onlyFlow().satisfies(flow -> {
            assertThat(flow.verdict()).as("nobody can tell whether any should have been answered").isEqualTo(Verdict.UNDETERMINED);
            assertThat(flow.failedStep()).isNull();
            assertThat(flow.deviations()).extracting(d -> d.code() + ": " + d.message()).singleElement().asString()
                    .startsWith("fragments-lost: 10 datagrams came to node1-eth0");
        });
    }

    @Test
    void aFragmentThatACaptureWithDropsDoesNotShowIsWorthARemark() {
        s.connect().udp().askInFragments(4000).answer(100);
        s.connect().udp().firstFragmentsOnlyAt(Stop.BRIDGE).askInFragments(4000).answer(100);
        s.dropping("node2-cbr0", 3).analyze().flow(from("10.241.0.4:40001")).hasDeviation("fragments-lost").hasSeverity(INFO);
    }

    @Test
    void aFragmentThatOneCaptureMissedIsNotLost() {
        s.connect().udp().askInFragments(4000).answer(100);
        s.connect().udp().firstFragmentsOnlyAt(Stop.NODE_IN).askInFragments(4000).answer(100);
        s.analyze().hasNoDeviation("fragments-lost");
    }

    @Test
    void aWholeDatagramInFragmentsIsHealthy() {
        s.connect().udp().askInFragments(4000).answerInFragments(5000);
        s.analyze().hasNoDeviationsWorseThan(INFO).hasNoDeviation("fragments-lost").onlyFlow().isOk();
    }

    @Test
    void howeverManyFragmentsADatagramComesInItIsOnePacket() {
        s.connect().udp().askInFragments(4000).answerInFragments(5000);
        s.analyze().onlyFlow().satisfies(flow -> {
            assertThat(flow.packets()).containsEntry("client", new FlowResult.PacketCount(1, 1))
                    .containsEntry("node1-eth0", new FlowResult.PacketCount(2, 2));
            assertThat(flow.steps().get(0).packets()).isEqualTo(1);
            assertThat(flow.legs().get(0).replyPackets()).isEqualTo(1);
        });
    }

    @Test
    void aFilterThatNamesPortsHidesLaterFragmentsAndNothingIsLost() {
        Connection c = s.connect().udp();
        c.firstFragmentsOnlyAt(Stop.NODE_IN, Stop.NODE_OUT).askInFragments(4000).answer(100);
        s.analyze().hasNoDeviation("fragments-lost");
    }

    // icmp-unreachable

    @Test
    void anIcmpErrorFromTheWayIsTiedToTheFlowItQuotes() {
        s.connect().reaching(Stop.NODE_OUT).syn().wholeWay().icmp(3, 10, 0, "10.240.0.1", Stop.NODE_OUT);
        s.analyze().onlyFlow().hasVerdict(FAILED).hasDeviation("icmp-unreachable").hasSeverity(ERROR);
    }

    /** 62 bytes hold the addresses and the identification of what an error quotes, and not its ports. */
    @Test
    void anIcmpErrorWhoseQuoteWasCutBeforeThePortsIsTiedToThePacketThatItQuotes() {
        s.connect().udp().ask(60).answer(90);
        s.connect().udp().ask(50).icmp(3, 3, 0, "10.244.1.2", Stop.BRIDGE).pause(1000);
        s.connect().udp().ask(50).pause(1000);
        for (String point : List.of("client", "node1-eth0", "node2-cbr0")) {
            s.snapLength(point, 62);
        }
        CaseAssert result = s.analyze();
        result.flow(from("10.241.0.4:40000")).isOk();
        result.flow(from("10.241.0.4:40001")).hasVerdict(FAILED).hasNoDeviation("no-reply-from-pod").hasDeviation("icmp-unreachable")
                .matches(d -> d.evidence().stream().anyMatch(ref -> !ref.point().equals("client")), "each error at its own point");
        result.flow(from("10.241.0.4:40002")).hasVerdict(FAILED).hasNoDeviation("icmp-unreachable").hasDeviation("no-reply-from-pod");
    }

    /** A rule was added between the nodes when the connection had long been open. */
    @Test
    void anErrorAboutWhatNoLongerReachesThePodIsOfTheHopThatItIsLostOn() {
        Connection c = open().acknowledging(false).reaching(Stop.NODE_OUT).ask(60).icmp(3, 13, 0, "10.240.0.1", Stop.NODE_OUT);
        for (int i = 0; i < 3; i++) {
            c.pause(300 << i).repeat(true).icmp(3, 13, 0, "10.240.0.1", Stop.NODE_OUT);
        }
        healthy();
        s.analyze().flow(from("10.241.0.4:40000")).failedAtStep("1.4").hasDeviation("icmp-unreachable").hasSeverity(ERROR);
    }

    @Test
    void anIcmpErrorAboutAnotherConnectionIsNot() {
        healthy();
        s.connect().to("10.250.0.9", 443).reaching(Stop.NODE_IN).syn().icmp(3, 1, 0, "10.240.0.1", Stop.NODE_IN);
        s.analyze().flow(from("10.241.0.4:40000")).hasNoDeviation("icmp-unreachable").isOk();
    }

    // payload-altered, checksum-bad

    private static Connection.Change damaging(int checksumError) {
        return damagingAt(Stop.BRIDGE, checksumError);
    }

    private static Connection.Change damagingAt(Stop where, int checksumError) {
        return (p, stop, request) -> {
            if (request && stop == where) {
                p.payload = p.payload.clone();
                p.payload[7] ^= 0x20;
                p.checksumError = checksumError;
            }
        };
    }

    @Test
    void otherBytesUnderTheSameNumbersWereAltered() {
        Connection c = open().acknowledging(false);
        c.changing(damaging(0)).ask(600).changing(null).ack(false).answer(100).close();
        s.analyze().onlyFlow().hasNoDeviation("checksum-bad").hasDeviation("payload-altered").hasSeverity(ERROR);
    }

    @Test
    void bytesAreComparedOverACaptureThatCutThem() {
        s.snapLength("node1-eth0", 96);
        Connection c = open().acknowledging(false);
        c.changing((p, stop, request) -> {
            if (request && stop != Stop.CLIENT) {
                p.payload = p.payload.clone();
                p.payload[300] ^= 0x20;
            }
        }).ask(600).changing(null).ack(false).answer(100).close();
        s.analyze().onlyFlow().hasDeviation("payload-altered").hasSeverity(ERROR)
                .matches(d -> d.message().contains("than left client; node1-eth0 holds too little"));
    }

    @Test
    void whatACaptureCutWasNotAltered() {
        s.snapLength("node1-eth0", 96);
        open().ask(600).answer(900).ask(500).answer(700).close();
        s.analyze().onlyFlow().isOk();
    }

    @Test
    void otherBytesAreAlteredOnesThoughNothingElseTellsThePacketsApart() {
        Connection c = s.connect().plain().unnumbered().open().ask(100).answer(300);
        c.pause(10).keepAlive(true);
        s.capturing("node2-cbr0", s.millis() + 5, s.millis() + 3000);
        c.pause(10).keepAlive(true).changing((p, stop, request) -> {
            if (stop == Stop.BRIDGE && request && p.payload.length > 0) {
                p.payload = p.payload.clone();
                p.payload[0] ^= 1;
            }
        }).ask(400).changing(null).answer(100).close();
        s.analyze().onlyFlow().hasNoDeviation("loss").hasDeviation("payload-altered").hasSeverity(ERROR);
    }

    @Test
    void bytesThatOneCaptureAloneShowsWereNotAltered() {
        Connection c = open().acknowledging(false);
        c.changing((p, stop, request) -> {
            if (request && (stop == Stop.NODE_OUT || stop == Stop.BRIDGE)) {
                p.payload = p.payload.clone();
                p.payload[7] ^= 0x20;
                p.checksumError = stop == Stop.NODE_OUT ? 77 : 0;
            }
        }).ask(600).changing(null).ack(false).answer(100).close();
        s.analyze().hasNoDeviation("payload-altered").hasNoDeviation("loss");
    }

    @Test
    void theSameBytesInOtherSegmentsWereNotAltered() {
        open().mergedAt(Stop.BRIDGE).ask(6000).mergedAt().answer(100).close();
        s.analyze().hasNoDeviation("payload-altered");
    }

    @Test
    void aWrongChecksumBehindTheWireIsBad() {
        Connection c = s.connect().open().ask(100).answer(400).ask(100).answer(200).acknowledging(false);
        c.reaching(Stop.NODE_IN).changing((p, stop, request) -> p.checksumError = stop == Stop.NODE_IN ? 77 : 0).ask(600).changing(null)
                .wholeWay().pause(220).repeat(true).ack(false).answer(100).close();
        s.analyze().onlyFlow().hasDeviation("checksum-bad").hasSeverity(WARNING);
    }

    /** The receiver drops it; nobody rewrote anything. */
    @Test
    void bytesThatNoLongerFitTheirChecksumAreOneCause() {
        Connection c = s.connect().open().ask(100).answer(400).ask(100).answer(200).acknowledging(false);
        c.reaching(Stop.NODE_IN).changing(damagingAt(Stop.NODE_IN, 77)).ask(600).changing(null).wholeWay().pause(220).repeat(true)
                .ack(false).answer(100).close();
        CaseAssert result = s.analyze().satisfies(r -> assertThat(r.findings().summary().rootCauses())
                .extracting(CaseFindings.RootCause::code).containsExactly("payload-altered"));
        result.onlyFlow().hasDeviation("checksum-bad").and().hasDeviation("payload-altered")
                .matches(d -> d.message().endsWith(" arrived with other bytes, which no longer fit the checksum"))
                .matches(d -> d.remedy().startsWith("Look for corruption"));
    }

    @Test
    void theSendersOwnCaptureShowsUnfinishedChecksums() {
        Connection c = s.connect().changing((p, stop, request) -> {
            p.checksumError = request && stop == Stop.CLIENT ? 77 : 0;
            p.unfinishedChecksum = !request && stop == Stop.BRIDGE;
        });
        c.open().ask(100).answer(400).close();
        s.analyze().hasNoDeviation("checksum-bad").onlyFlow().isOk();
    }

    // ttl-unexpected

    @Test
    void aWayThatBecomesLongerShowsInTheTtl() {
        Connection c = open();
        c.changing((p, stop, request) -> p.ttl = request && stop == Stop.NODE_IN ? 61 : p.ttl).ask(100).answer(200).ask(90).answer(90)
                .close();
        s.analyze().onlyFlow().hasVerdict(DEGRADED).hasDeviation("ttl-unexpected").hasSeverity(WARNING);
    }

    @Test
    void aSenderThatBeginsWithAnotherTtlIsNoOtherWay() {
        open().changing((p, stop, request) -> p.ttl += request && stop == Stop.CLIENT ? 64 : 0).ask(100).answer(300).changing(null).close();
        s.analyze().hasNoDeviation("ttl-unexpected");
    }

    @Test
    void aTtlThatFallsByMoreThanOneInsideNode1WentThroughMoreThanTheNode() {
        open().changing((p, stop, request) -> p.ttl -= request && stop == Stop.NODE_OUT ? 2 : 0).ask(100).changing(null).close();
        s.connect().changing((p, stop, request) -> p.ttl -= request && stop == Stop.NODE_OUT ? 2 : 0).open().ask(100).answer(300).close();
        s.analyze().flow(from("10.241.0.4:40001")).hasDeviation("ttl-unexpected").hasSeverity(INFO).atStep("1.2");
    }

    @Test
    void aResetWithAnotherTtlIsNoOtherWay() {
        Connection c = open();
        c.changing((p, stop, request) -> p.ttl = stop == Stop.CLIENT ? 255 : p.ttl).reset(true);
        s.analyze().hasNoDeviation("ttl-unexpected");
    }

    // a translation that expires between two questions: each has a new one, and with it another pod

    @Test
    void aQuestionThatWasLostUnderAnEarlierTranslationThanTheLastIsNoneThatEndedTheFlow() {
        Connection c = s.also("node1-cbr0").connect().udp().reaching(Stop.NODE_OUT).ask(50).wholeWay().pause(2000);
        c.pod("10.244.0.3", 5353).localAt("node1-cbr0", "10.244.0.1").ask(51).answer(90);
        s.analyze().onlyFlow().isOk().hasNoDeviation("request-not-forwarded");
    }

    @Test
    void aTranslationToAPodOfTheNodeAfterOneToAnotherNodeIsNoSecondOneOnTop() {
        Connection c = s.also("node1-cbr0").connect().udp().ask(50).answer(90).pause(2000);
        c.pod("10.244.0.3", 5353).localAt("node1-cbr0", "10.244.0.1").ask(51).answer(90);
        s.analyze().onlyFlow().isOk().goesTo("10.244.1.2:5353");
    }

    @Test
    void questionsThatGoToAPodOfTheNodeUnderOneTranslationAfterTheOtherAreNotLostInside() {
        Connection c = s.also("node1-cbr0").connect().udp().pod("10.244.0.3", 5353).localAt("node1-cbr0", "10.244.0.1");
        c.ask(50).answer(90).pause(2000);
        c.masqueradedTo("10.244.0.1", 60_111).ask(51).answer(90).pause(2000).masqueradedTo("10.244.0.1", 60_222).ask(52).answer(90);
        s.analyze().onlyFlow().isOk().hasNoDeviation("loss-inside-node");
    }

    // udp-stale-conntrack

    @Test
    void aPodThatAnsweredEveryQuestionAndThenNoneHasFallenSilent() {
        Connection c = s.connect().udp().ask(40).answer(80);
        c.pause(100).ask(40).pause(1000).ask(40).pause(1000).ask(40);
        s.tail(2000).analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    /** The capture at the bridge ended before the last of them. */
    private Connection askedOnAndOn(Connection c, int answered) {
        for (int i = 0; i < 3; i++) {
            c.ask(40 + i);
            c = i < answered ? c.answer(80).pause(100) : c.pause(100);
        }
        for (int i = 0; i < 4; i++) {
            c.ask(50 + i).pause(600);
        }
        return c;
    }

    @Test
    void whoAsksOnInVainFailsBehindTheLastCaptureThatShowsIt() {
        askedOnAndOn(s.connect().udp(), 3);
        s.capturing("node2-cbr0", -200, 400).analyze().onlyFlow().failedAtStep("1.4");
    }

    @Test
    void whoNeedsNoAnswerEachTimeDidNotAskInVain() {
        askedOnAndOn(s.connect().udp(), 2);
        s.capturing("node2-cbr0", -200, 400).analyze().onlyFlow().isOk();
    }

    @Test
    void datagramsOfAProtocolThatNeedNotAnswerMayStayUnanswered() {
        Connection c = s.connect().udp().ask(40).ask(40).answer(80);
        c.pause(100).ask(40).pause(1000).ask(40).pause(1000).ask(40);
        s.tail(2000).analyze().hasNoDeviation("no-reply-from-pod");
    }

    private void theLastQuestionAgain(String first, String second, String third) {
        Connection c = s.connect().udp().ask("first").pause(400).ask("first").answer(80);
        c.pause(100).ask(first).pause(600).ask(second).pause(600).ask(third);
        s.tail(2000);
    }

    @Test
    void onlyOneAndTheSameQuestionIsAskedInVainWhereAnEarlierOneHadToBeAskedAgainToo() {
        theLastQuestionAgain("again", "again", "again");
        s.analyze().onlyFlow().failedAtStep("1.6").hasDeviation("no-reply-from-pod").hasSeverity(ERROR);
    }

    @Test
    void aQuestionAskedTwiceInVainIsLostSomewhereThoughNoCaptureTellsWhere() {
        s.without("node2-cbr0");
        s.connect().udp().ask("one").answer(80).pause(100).ask("two").answer(80).pause(100).reaching(Stop.NODE_OUT).ask("three").pause(500)
                .ask("three");
        s.tail(2000);
        s.analyze().onlyFlow().hasVerdict(UNDETERMINED);
    }

    @ParameterizedTest
    @CsvSource({"again, other, again", "first, first, first"})
    void othersMayNeedNoAnswer(String first, String second, String third) {
        theLastQuestionAgain(first, second, third);
        s.analyze().hasNoDeviation("no-reply-from-pod");
    }

    private void datagrams(boolean oldStillListed) {
        Connection old = s.connect().udp().pod("10.244.1.9", 5353).ask(40).answer(80);
        for (int i = 0; i < 3; i++) {
            s.pause(1500);
            old.ask(40 + i);
            s.connect().udp().ask(33).answer(55);
        }
        ClusterText text = ClusterText.web().udp().endpoint("10.244.1.2", "node-2", true);
        s.cluster(oldStillListed ? text.endpoint("10.244.1.9", "node-2", true) : text);
    }

    @Test
    void aPortThatStaysWithAGonePodIsPinnedByConntrack() {
        datagrams(false);
        s.analyze().flow(from("10.241.0.4:40000")).hasVerdict(FAILED).hasNoDeviation("dnat-unexpected-endpoint")
                .hasDeviation("udp-stale-conntrack").hasSeverity(ERROR);
    }

    /** The newer questions come by the load balancer's address, the old one by the node port: both have the endpoints of one service. */
    @Test
    void aPortIsPinnedThoughNewerOnesCallTheServiceByAnotherAddress() {
        Connection old = s.connect().udp().pod("10.244.1.9", 5353).ask(40).answer(80);
        for (int i = 0; i < 3; i++) {
            s.pause(1500);
            old.ask(40 + i);
            s.connect().udp().to("52.1.2.3", 443).ask(33).answer(55);
        }
        s.cluster(ClusterText.web().udp().loadBalancer("52.1.2.3").endpoint("10.244.1.2", "node-2", true)).analyze()
                .flow(from("10.241.0.4:40000")).hasVerdict(FAILED).hasDeviation("udp-stale-conntrack");
    }

    /** As kube-proxy does it once it knows that the pod is gone: the entries are deleted, and the next question goes to another. */
    private void translatedAnew(boolean inVain, boolean answeredEach) {
        Connection old = s.also("node1-cbr0").connect().udp().pod("10.244.1.9", 5353).ask(40).answer(80);
        if (inVain) {
            old.pause(300).reaching(Stop.NODE_OUT).ask(41).pause(300).ask(42);
        }
        old.pause(300).wholeWay().pod("10.244.0.3", 5353).localAt("node1-cbr0", "10.244.0.1").ask(43).answer(81);
        if (!answeredEach) {
            old.ask(44).ask(45).ask(46).answer(82);
        }
        s.connect().udp().ask(33).answer(55);
        s.cluster(ClusterText.web().udp().endpoint("10.244.1.2", "node-2", true).endpoint("10.244.0.3", "node-1", true));
    }

    @Test
    void aPortThatStayedWithAGonePodUntilItsEntryWasDeletedWasPinned() {
        translatedAnew(true, true);
        s.analyze().flow(from("10.241.0.4:40000")).hasVerdict(DEGRADED).hasDeviation("udp-stale-conntrack").hasSeverity(ERROR);
    }

    @Test
    void aPortWhoseEntryWasDeletedAtOnceWasNot() {
        translatedAnew(false, true);
        s.analyze().hasNoDeviation("udp-stale-conntrack");
    }

    @Test
    void whereNotEachQuestionIsAnsweredAMissingAnswerTellsOfNoPinning() {
        translatedAnew(true, false);
        s.analyze().hasNoDeviation("udp-stale-conntrack");
    }

    @Test
    void aSingleDatagramThatNobodyEverAnsweredIsNotPinned() {
        s.connect().udp().pod("10.244.1.9", 5353).reaching(Stop.NODE_OUT).ask(40).wholeWay().icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT);
        s.pause(100).connect().udp().ask(33).answer(55);
        s.cluster(ClusterText.web().udp().endpoint("10.244.1.2", "node-2", true)).analyze().flow(from("10.241.0.4:40000"))
                .hasNoDeviation("udp-stale-conntrack").hasDeviation("stale-endpoint").hasSeverity(ERROR);
    }

    /** No capture shows what goes from a node to its own pods; by packets alone the pod is gone if it cannot be reached. */
    @Test
    void aPortThatStaysWithAGonePodIsPinnedThoughUnseenPodsOfTheEntryNodeAnswerTheOthers() {
        Connection old = s.connect().udp().pod("10.244.1.9", 5353).ask(40).answer(80);
        old.reaching(Stop.NODE_OUT);
        for (int i = 0; i < 3; i++) {
            s.pause(1500);
            old.ask(40 + i);
            s.connect().udp().local().ask(33).answer(55);
        }
        old.icmp(3, 1, 0, "10.240.0.5", Stop.NODE_OUT);
        s.tail(2000).analyze().flow(from("10.241.0.4:40000")).hasVerdict(FAILED).hasDeviation("udp-stale-conntrack").hasSeverity(ERROR);
    }

    @Test
    void aPodThatIsStillAnEndpointMerelyDoesNotAnswer() {
        datagrams(true);
        s.analyze().hasNoDeviation("udp-stale-conntrack");
    }
}
