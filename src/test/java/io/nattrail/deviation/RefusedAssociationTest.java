package io.nattrail.deviation;

import io.nattrail.assertj.CaseAssert;
import io.nattrail.assertj.NatTrailAssertions;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SCTP through a node port: an INIT that is answered with ABORT opens nothing, and a later ABORT ends what was open. */
class RefusedAssociationTest {
    private static final int DATA = 0;
    private static final int INIT = 1;
    private static final int INIT_ACK = 2;
    private static final int SACK = 3;
    private static final int HEARTBEAT = 4;
    private static final int ABORT = 6;
    private static final int SHUTDOWN = 7;
    private static final int SHUTDOWN_ACK = 8;
    /** Behind the headers of Ethernet, IPv4 and SCTP. */
    private static final int FIRST_CHUNK = 14 + 20 + 12;
    private static final long SECOND = 1_000_000_000L;
    private static final String CLIENT = "10.241.0.4:40001";
    private static final String FRONT = "10.240.0.4:32000";
    private static final String NODE = "10.240.0.4:51000";
    private static final String POD = "10.244.1.2:3868";

    @TempDir
    Path folder;
    private final Tape client = new Tape();
    private final Tape node1 = new Tape();
    private final Tape node2 = new Tape();
    private String contents = "chunk";

    @Test
    void abortRefuses() {
        for (int i = 0; i < 3; i++) {
            ask(3 * i * SECOND, INIT, 100 + i);
            answer(3 * i * SECOND + 1_000_000, ABORT, 200 + i);
        }
        analyze().onlyFlow().failedAtStep("1.6").hasDeviation("connection-refused");
    }

    @Test
    void whatWasAnsweredBeforeWasNotRefused() {
        open();
        ask(SECOND, DATA, 101);
        answer(SECOND + 1_000_000, ABORT, 201);
        analyze().onlyFlow().hasNoDeviation("connection-refused").failedAtStep("1.6").hasDeviation("reset-by-pod");
    }

    @Test
    void clientMayAbort() {
        open();
        ask(SECOND, ABORT, 101);
        analyze().onlyFlow().hasVerdict(Verdict.DEGRADED).hasDeviation("reset-by-client");
    }

    /** The peer answers each HEARTBEAT (RFC 9260, section 8.3); an acknowledgement before them is no question. */
    @Test
    void clientThatAbortsAfterHeartbeatsInVainHadNoAnswerFromThePod() {
        open();
        ask(SECOND, DATA, 101);
        answer(SECOND + 1_000_000, DATA, 201);
        ask(SECOND + 2_000_000, SACK, 102);
        for (int i = 0; i < 4; i++) {
            ask((2 + i) * SECOND, HEARTBEAT, 103 + i);
        }
        ask(6 * SECOND, ABORT, 107);
        analyze().onlyFlow().failedAtStep("1.6").hasNoDeviation("reset-by-client").hasDeviation("no-reply-from-pod");
    }

    /** Data are acknowledged within half a second (RFC 9260, section 6.2). */
    @Test
    void dataThatCameTwiceInVainHadNoAnswerFromThePod() {
        open();
        ask(SECOND, DATA, 101);
        answer(SECOND + 1_000_000, DATA, 201);
        ask(SECOND + 2_000_000, SACK, 102);
        ask(2 * SECOND, DATA, 103);
        ask(2 * SECOND + SECOND / 2, DATA, 104);
        for (Tape tape : List.of(client, node1, node2)) {
            goesOn(tape);
        }
        analyze().flow(NatTrailAssertions.from(CLIENT)).failedAtStep("1.6").hasDeviation("no-reply-from-pod");
    }

    /** A host answers an INIT for a port where nothing listens with ABORT (RFC 9260, section 8.4): a rule says so by ICMP. */
    @Test
    void portCalledUnreachableByTheNodeOfThePodIsNotThePods() {
        client.at(0, packet(CLIENT, FRONT, INIT, 100, 64));
        node1.at(150_000, packet(CLIENT, FRONT, INIT, 100, 63)).at(170_000, packet(NODE, POD, INIT, 100, 62));
        TestPacket sent = TestPacket.sctp(NODE, POD, contents).id(100).ttl(62);
        TestPacket asked = TestPacket.sctp(CLIENT, FRONT, contents).id(100).ttl(62);
        node1.at(1_000_000, sent.unreachable("10.240.0.5", 3, 63)).at(1_020_000, asked.unreachable("10.240.0.5", 3, 63));
        client.at(1_200_000, asked.unreachable("10.240.0.5", 3, 63));
        for (Tape tape : List.of(client, node1, node2)) {
            goesOn(tape);
        }
        analyze().flow(NatTrailAssertions.from(CLIENT)).failedAtStep("1.4").hasDeviation("icmp-unreachable");
    }

    @Test
    void whatThePodAnswersIsNotKnownWhereItsCaptureHidesAnswers() {
        ask(0, INIT, 100);
        answerUnseenAtPod(1_000_000, INIT_ACK, 200);
        ask(SECOND, DATA, 101);
        answerUnseenAtPod(SECOND + 1_000_000, DATA, 201);
        for (int i = 0; i < 4; i++) {
            ask((2 + i) * SECOND, HEARTBEAT, 103 + i);
        }
        ask(6 * SECOND, ABORT, 107);
        analyze().onlyFlow().hasNoDeviation("no-reply-from-pod");
    }

    @Test
    void abortOfWhatIsBeingClosedEndsNothing() {
        open();
        ask(SECOND, SHUTDOWN, 101);
        answer(SECOND + 1_000_000, ABORT, 201);
        analyze().onlyFlow().isOk();
    }

    @Test
    void abortThatNoPodSentComesFromInBetween() {
        open();
        ask(SECOND, DATA, 101);
        answer(SECOND + 1_000_000, DATA, 201);
        answerUnseenAtPod(2 * SECOND, ABORT, 500);
        ask(3 * SECOND, DATA, 102);
        answer(3 * SECOND + 1_000_000, DATA, 202);
        analyze().onlyFlow().failedAtStep("1.6").hasDeviation("reset-midstream");
    }

    @Test
    void heartbeatThatOneCaptureMissedIsNoReset() {
        open();
        answerUnseenAtPod(SECOND, HEARTBEAT, 201);
        ask(2 * SECOND, DATA, 101);
        answer(2 * SECOND + 1_000_000, DATA, 202);
        analyze().onlyFlow().hasNoDeviation("reset-midstream").hasNoDeviation("reset-by-pod");
    }

    /** The client uses its port again; its node still has the old masquerade port for it. */
    @Test
    void eachAssociationOfAPortHasItsOwnEnd() {
        open();
        ask(SECOND, SHUTDOWN, 101);
        answer(SECOND + 1_000_000, SHUTDOWN_ACK, 201);
        contents = "other";
        ask(2 * SECOND, INIT, 102);
        answer(2 * SECOND + 1_000_000, ABORT, 202);
        CaseAssert result = analyze();
        result.hasFlows(2);
        result.flow(1).isOk();
        result.flow(2).failedAtStep("1.6").hasDeviation("connection-refused");
        result.flow(2).hasDeviation("port-reused");
    }

    /** After minutes nothing tells whether it is the same association; only another INIT says that the port was used again. */
    @Test
    void anAssociationThatWasSilentForMinutesIsNoOtherUseOfItsPort() {
        open();
        ask(SECOND, DATA, 101);
        answer(SECOND + 1_000_000, SACK, 201);
        ask(300 * SECOND, DATA, 102);
        answer(300 * SECOND + 1_000_000, SACK, 202);
        analyze().hasFlows(2).hasNoDeviation("port-reused");
    }

    private static void goesOn(Tape tape) {
        tape.at(5 * SECOND, TestPacket.udp("10.240.0.9:5", "10.240.0.8:7", "goes on").frame());
    }

    private CaseAssert analyze() {
        List<Tape> tapes = List.of(client, node1, node2);
        List<String> names = List.of("client", "node1-eth0", "node2-cbr0");
        for (int i = 0; i < tapes.size(); i++) {
            tapes.get(i).write(folder.resolve(names.get(i) + ".pcap"));
        }
        return NatTrailAssertions.assertThatCapture(folder);
    }

    private void open() {
        ask(0, INIT, 100);
        answer(1_000_000, INIT_ACK, 200);
    }

    private void ask(long time, int chunk, int id) {
        client.at(time, packet(CLIENT, FRONT, chunk, id, 64));
        node1.at(time + 150_000, packet(CLIENT, FRONT, chunk, id, 63)).at(time + 170_000, packet(NODE, POD, chunk, id, 62));
        node2.at(time + 320_000, packet(NODE, POD, chunk, id, 61));
    }

    private void answer(long time, int chunk, int id) {
        node2.at(time, packet(POD, NODE, chunk, id, 64));
        answerUnseenAtPod(time + 150_000, chunk, id);
    }

    private void answerUnseenAtPod(long time, int chunk, int id) {
        node1.at(time, packet(POD, NODE, chunk, id, 63)).at(time + 20_000, packet(FRONT, CLIENT, chunk, id, 62));
        client.at(time + 170_000, packet(FRONT, CLIENT, chunk, id, 61));
    }

    private byte[] packet(String from, String to, int chunk, int id, int ttl) {
        byte[] frame = TestPacket.sctp(from, to, contents).id(id).ttl(ttl).frame();
        frame[FIRST_CHUNK] = (byte) chunk;
        return frame;
    }
}
