package io.nattrail.nat;

import static io.nattrail.packets.TestPacket.echo;
import static io.nattrail.packets.TestPacket.tcp;
import static io.nattrail.packets.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.ProcessorTime;
import io.nattrail.leg.PointRole;
import io.nattrail.packets.ServicePath;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Which legs are one connection, decided by what NAT leaves alone. */
class LegMatcherTest {
    private static final String SERVICE = "10.240.0.4:30053";
    private static final String POD = "10.244.1.2:53";
    private static final long MILLI = 1_000_000L;

    private final Tape client = new Tape();
    private final Tape node1 = new Tape();
    private final Tape node2 = new Tape();

    @Test
    void aHundredConnectionsAtOnceAreToldApartByTheirSequenceNumbers() {
        ServicePath path = ServicePath.withClocksAhead(0, 5_000 * MILLI, -9_000 * MILLI);
        List<ServicePath.Connection> connections = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            connections.add(path.connect(i).handshake());
        }
        connections.forEach(connection -> connection.ask("same question").answer("same answer"));

        List<Flow> flows = Folding.of(path.tapes()).flows();

        assertThat(flows).hasSize(100).allSatisfy(flow -> {
            assertThat(flow.translated().source().port() - flow.original().source().port()).isEqualTo(14_000);
            assertThat(flow.confidence()).isEqualTo(1);
            assertThat(flow.rivals()).isEmpty();
        });
    }

    @Test
    void theSameSequenceNumberOfTwoClientsIsNotOneConnection() {
        for (int i = 1; i <= 2; i++) {
            String from = "10.241.0." + i + ":4000";
            TestPacket syn = tcp(from, "10.240.0.4:32000", "S").seq(42).timestamps(1000 * i, 0).id(i);
            node1.then(syn).then(syn.translated("10.240.0.4:" + (50_000 + i), "10.244.1.2:8443"));
        }

        List<Flow> flows = foldNode1();

        assertThat(flows).extracting(flow -> flow.original() + " | " + flow.translated()).containsExactlyInAnyOrder(
                "10.241.0.1:4000 -> 10.240.0.4:32000 | 10.240.0.4:50001 -> 10.244.1.2:8443",
                "10.241.0.2:4000 -> 10.240.0.4:32000 | 10.240.0.4:50002 -> 10.244.1.2:8443");
    }

    /** Nobody masquerades, so that Node-1 shows the client's port twice, and a snap length cuts the options off at the bridge. */
    @Test
    void aTranslatedConnectionIsOneThoughItsClientCallsTwoDestinationsAtOnePoint() {
        TestPacket called = tcp("10.241.0.4:4000", "10.240.0.4:32000", "S").seq(77).mss(1460).timestamps(1000, 0).id(5);
        TestPacket sentOn = tcp("10.241.0.4:4000", "10.244.1.2:8443", "S").seq(77).mss(1460).timestamps(1000, 0).id(5).ttl(63);
        TestPacket cut = tcp("10.241.0.4:4000", "10.244.1.2:8443", "S").seq(77).id(5).ttl(62);
        client.at(0, called);
        node1.at(MILLI, called).at(MILLI + 20_000, sentOn);
        node2.at(2 * MILLI, cut);

        assertThat(Folding.of(List.of(client, node1, node2)).flows()).singleElement().satisfies(
                flow -> assertThat(flow.legs()).hasSize(4));
    }

    /** A snap length of 68 bytes leaves the ports of what an error quotes, and not its number: the identification tells the packet. */
    @Test
    void anErrorThatIsCutBehindThePortsIsOfTheConnectionWhosePacketItQuotes() {
        TestPacket called = tcp("10.244.1.2:40000", "10.96.0.10:443", "S").seq(100).id(321);
        TestPacket other = tcp("10.244.1.2:40000", "10.244.1.4:9090", "S").seq(500).id(322);
        byte[] error = Arrays.copyOf(called.unreachable("10.244.1.1", 1, 64), 68);
        node1.then(other).then(called.translated("10.244.1.2:40000", "10.244.1.3:8443")).then(error);

        assertThat(foldNode1()).hasSize(2).filteredOn(flow -> flow.original().destination().port() == 8443).singleElement()
                .satisfies(flow -> assertThat(flow.legs()).hasSize(2));
    }

    /** A scanner sends all its SYNs from one port with one number. */
    @Test
    void theSameSequenceNumberToSeveralPortsIsNotOneConnection() {
        for (int i = 0; i < 3; i++) {
            TestPacket syn = tcp("10.241.0.4:4000", "10.240.0.4:" + (32_000 + i), "S").seq(42).id(100 + i);
            client.then(syn);
            node1.then(syn.ttl(63)).then(syn.translated("10.240.0.4:" + (50_000 + i), "10.244.1.2:" + (8443 + i)));
        }

        List<Flow> flows = Folding.of(List.of(client, node1, node2)).flows();

        assertThat(flows).extracting(flow -> flow.original().destination() + " | " + flow.translated()).containsExactlyInAnyOrder(
                "10.240.0.4:32000 | 10.240.0.4:50000 -> 10.244.1.2:8443", "10.240.0.4:32001 | 10.240.0.4:50001 -> 10.244.1.2:8444",
                "10.240.0.4:32002 | 10.240.0.4:50002 -> 10.244.1.2:8445");
    }

    @Test
    void aNatThatLeavesTheSourceAloneMakesNoSecondConnection() {
        TestPacket syn = tcp("10.244.0.7:4000", "172.31.0.5:443", "S").seq(42).id(100);
        node1.then(syn).then(syn.translated("10.244.0.7:4000", "10.244.1.2:8443"));

        assertThat(foldNode1()).singleElement().satisfies(flow -> assertThat(flow.translated().destination())
                .hasToString("10.244.1.2:8443"));
    }

    @Test
    void aScanOfAllPortsTakesNoSquareOfThem() {
        for (int i = 1; i < 40_000; i++) {
            node1.at(i * 1000L, tcp("10.241.0.4:4000", "10.240.0.4:" + i, "S").seq(42).id(1 + i));
        }

        ProcessorTime.within(Duration.ofSeconds(20), () -> assertThat(foldNode1()).hasSize(39_999));
    }

    /** An identifier that is by chance the number of a port of its sender. */
    @Test
    void whoIsCalledAtAPortAsksItsEchoesAllTheSame() {
        for (int i = 0; i < 5; i++) {
            node1.then(tcp("10.241.0.9:" + (40_000 + i), "10.241.0.4:8080", "S").seq(7 + 1000 * i));
        }
        node1.then(echo("10.241.0.4", "10.240.0.4", 8080, 1, true)).then(echo("10.240.0.4", "10.241.0.4", 8080, 1, false));

        assertThat(foldNode1()).filteredOn(flow -> !flow.tcp()).singleElement().satisfies(flow -> {
            assertThat(flow.original().source()).hasToString("10.241.0.4:8080");
            assertThat(flow.story().clientSawSynAck()).isTrue();
        });
    }

    @Test
    void legsThatBeganBeforeTheCapturesMeetByTheirStream() {
        ServicePath path = ServicePath.create();
        ServicePath.Connection connection = path.connect(1).handshake().ask("first").answer("one");
        int seen = path.tapes().get(0).frames().size();
        connection.ask("second").answer("two").close();
        List<Tape> tapes = path.tapes();
        long cut = tapes.get(0).frames().get(seen).timeNanos();
        tapes.forEach(tape -> tape.frames().removeIf(frame -> frame.timeNanos() < cut));

        Flow flow = Folding.of(tapes).onlyFlow();

        assertThat(flow.original()).hasToString("10.241.0.4:38001 -> 10.240.0.4:32000");
        assertThat(flow.translated()).hasToString("10.240.0.4:52001 -> 10.244.1.2:8443");
        assertThat(flow.story().midstream()).isTrue();
        assertThat(flow.evidence()).doesNotContain(EvidenceKind.TCP_ISN);
    }

    /** Masqueraded by a low port to a pod that listens on a high one, and captured from the middle on: the ports mislead. */
    @Test
    void whoeverShowsTheHandshakeOfAStreamTellsWhoOpenedItWhateverThePorts() {
        TestPacket question = tcp("10.241.0.4:40000", "10.240.0.4:32000", "PA").seq(6).ack(10).payload("question").id(3);
        TestPacket answer = tcp("10.240.0.4:32000", "10.241.0.4:40000", "PA").seq(10).ack(14).payload("answer").id(4);
        client.at(0, tcp("10.241.0.4:40000", "10.240.0.4:32000", "S").seq(5).id(1));
        client.at(1000, tcp("10.240.0.4:32000", "10.241.0.4:40000", "SA").seq(9).ack(6).id(2)).at(MILLI, question).at(2 * MILLI, answer);
        node1.at(MILLI + 500_000, question.translated("10.240.0.4:20000", "10.244.1.2:30443").ttl(62));
        node1.at(MILLI + 600_000, answer.translated("10.244.1.2:30443", "10.240.0.4:20000").ttl(64));

        assertThat(foldNode1AndBridge()).singleElement().satisfies(flow -> {
            assertThat(flow.original()).hasToString("10.241.0.4:40000 -> 10.240.0.4:32000");
            assertThat(flow.translated()).hasToString("10.240.0.4:20000 -> 10.244.1.2:30443");
        });
    }

    /** By the second point's clock, a second behind, it shows when the first connection of the tuple ended. */
    @Test
    void aLegWithoutHandshakeIsNotOfAConnectionThatHadEndedBeforeItsNumbers() {
        for (int i = 0; i < 2; i++) {
            int seq = 1000 + i * 50_000;
            node1.at(i * 1000 * MILLI, tcp("10.241.0.4:40000", "10.240.0.4:80", "S").seq(seq).id(1 + i));
            node1.at(i * 1000 * MILLI + 1, tcp("10.240.0.4:80", "10.241.0.4:40000", "SA").seq(seq + 9).ack(seq + 1).id(11 + i));
            node1.at(i * 1000 * MILLI + 2, tcp("10.241.0.4:40000", "10.240.0.4:80", "FA").seq(seq + 1).ack(seq + 10).id(21 + i));
            node1.at(i * 1000 * MILLI + 3, tcp("10.240.0.4:80", "10.241.0.4:40000", "FA").seq(seq + 10).ack(seq + 2).id(31 + i));
        }
        client.at(MILLI, tcp("10.240.0.4:80", "10.241.0.4:40000", "A").seq(51_011).ack(51_002).id(77));

        assertThat(foldNode1AndBridge()).hasSize(2).filteredOn(flow -> flow.legs().size() == 2).singleElement().satisfies(
                flow -> assertThat(flow.legs()).extracting(leg -> leg.first().number()).containsExactlyInAnyOrder(5L, 1L));
    }

    /** What one point shows of a port's first connection only is not of its second, which is all that another point shows. */
    @Test
    void aLegWithoutHandshakeIsNotOfAConnectionThatBeganBehindItsNumbers() {
        node1.at(0, tcp("10.241.0.4:40000", "10.240.0.4:80", "S").seq(51_000).id(1));
        node1.at(1, tcp("10.240.0.4:80", "10.241.0.4:40000", "SA").seq(71_000).ack(51_001).id(11));
        node1.at(2, tcp("10.241.0.4:40000", "10.240.0.4:80", "A").seq(51_001).ack(71_001).id(21));
        for (String[] packet : new String[][] {{"10.241.0.4:40000", "10.240.0.4:80"}, {"10.240.0.4:80", "10.241.0.4:40000"}}) {
            client.frames().clear();
            client.at(MILLI, tcp(packet[0], packet[1], "A").seq(1010).ack(1002).id(77));

            assertThat(foldNode1AndBridge()).hasSize(2).allSatisfy(flow -> assertThat(flow.legs()).hasSize(1));
        }
    }

    /** Masqueraded by a port below the ephemeral range, and captured from its answer on: which end is the server's only others tell. */
    @Test
    void whoAnswersOnAPortThatHandshakesCallElsewhereWasAsked() {
        node1.then(TestPacket.tcp("10.241.0.4:40000", "10.244.1.9:5034", "S").seq(7));
        node1.then(udp("10.244.1.2:5034", "10.240.0.4:31500", "answer").id(3));

        assertThat(foldNode1()).extracting(flow -> flow.original().toString())
                .containsExactlyInAnyOrder("10.241.0.4:40000 -> 10.244.1.9:5034", "10.240.0.4:31500 -> 10.244.1.2:5034");
    }

    /** Neither port tells who asks, and only where the question shows the leg begins with it. */
    @Test
    void ofCapturesOfOneTupleTheOneThatBeginsFirstTellsWhoAsked() {
        TestPacket question = udp("10.241.0.4:5060", "10.240.0.4:5060", "INVITE").id(3);
        TestPacket answer = udp("10.240.0.4:5060", "10.241.0.4:5060", "OK").id(4);
        node1.at(0, question).at(MILLI, answer);
        client.at(MILLI + 1, answer).at(2 * MILLI, question.id(5));

        assertThat(foldNode1AndBridge()).singleElement().satisfies(
                flow -> assertThat(flow.original()).hasToString("10.241.0.4:5060 -> 10.240.0.4:5060"));
    }

    /** All captures were begun at one moment: that they agree proves nothing, but the ports do. */
    @Test
    void capturesThatAllBeginWithAnAnswerAreNotBelievedForThat() {
        TestPacket answer = udp("10.244.1.2:53", "10.240.0.5:40000", "answer").id(4);
        node1.at(0, answer);
        client.at(MILLI, answer);

        assertThat(foldNode1AndBridge()).singleElement().satisfies(
                flow -> assertThat(flow.original()).hasToString("10.240.0.5:40000 -> 10.244.1.2:53"));
    }

    /** The service's port lies above the client's, the pod's far below the node's: that tells for both. */
    @Test
    void legsOfOneStreamWereOpenedAsTheirPortsSayBestTogether() {
        TestPacket question = tcp("10.241.0.4:40000", "172.31.0.5:50051", "PA").seq(5).ack(9).payload("question").id(3);
        TestPacket answer = tcp("172.31.0.5:50051", "10.241.0.4:40000", "PA").seq(9).ack(13).payload("answer").id(4);
        for (boolean calledFirst : List.of(true, false)) {
            Tape both = new Tape();
            TestPacket sentOn = question.translated("10.240.0.4:40000", "10.244.1.2:8443");
            both.at(0, calledFirst ? question : sentOn).at(1000, calledFirst ? sentOn : question);
            both.at(MILLI, answer.translated("10.244.1.2:8443", "10.240.0.4:40000").ttl(63)).at(MILLI + 1000, answer.ttl(62));

            assertThat(Folding.of(List.of(both), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"))).flows())
                    .singleElement().satisfies(flow -> {
                        assertThat(flow.original()).hasToString("10.241.0.4:40000 -> 172.31.0.5:50051");
                        assertThat(flow.translated()).hasToString("10.240.0.4:40000 -> 10.244.1.2:8443");
                    });
        }
    }

    @Test
    void equalQuestionsInDatagramsAreToldApartByTheirIdentification() {
        for (int i = 0; i < 5; i++) {
            TestPacket question = udp("10.241.0.4:" + (40_000 + i), SERVICE, "same question").id(100 + i);
            node1.at(i * MILLI, question).at((10 - i) * MILLI, question.translated("10.240.0.4:" + (60_000 + i), POD));
        }
        node1.sorted();

        assertThat(foldNode1()).hasSize(5).allSatisfy(flow -> {
            assertThat(flow.translated()).as(flow.original().toString()).isNotNull();
            assertThat(flow.translated().source().port() - flow.original().source().port()).isEqualTo(20_000);
            assertThat(flow.rivals()).isEmpty();
        });
    }

    @Test
    void equalQuestionsThatNothingTellsApartAreReportedAsAmbiguous() {
        for (int i = 0; i < 2; i++) {
            node1.at(0, udp("10.241.0.4:" + (40_000 + i), SERVICE, "same question").id(0));
        }
        for (int i = 0; i < 2; i++) {
            node1.at(MILLI, udp("10.240.0.4:" + (60_000 + i), POD, "same question").id(0).ttl(63));
        }

        List<Flow> flows = foldNode1();

        assertThat(flows).hasSize(2).allSatisfy(flow -> {
            assertThat(flow.confidence()).isLessThan(1);
            assertThat(flow.rivals()).isNotEmpty();
        });
    }

    /** More than are assigned exactly; to the last one nobody's question after it fits as well. */
    @Test
    void hundredsOfEqualQuestionsThatNothingTellsApartAreReportedAsAmbiguous() {
        int clients = 450;
        for (int i = 0; i < clients; i++) {
            TestPacket question = udp("10.241.0.4:" + (40_000 + i), SERVICE, "same question").id(0);
            node1.at(i * 100_000L, question).at(i * 100_000L + 30_000, question.translated("10.240.0.4:" + (60_000 + i), POD).ttl(63));
        }
        node1.sorted();

        List<Flow> flows = foldNode1();

        assertThat(flows).hasSize(clients).allSatisfy(flow -> assertThat(flow.confidence()).isLessThan(1));
        assertThat(flows.subList(0, clients - 1)).allSatisfy(flow -> assertThat(flow.rivals()).isNotEmpty());
    }

    /** What their identification tells apart competes with nothing. */
    @Test
    void hundredsOfEqualQuestionsThatAreNumberedAreSure() {
        int clients = 450;
        for (int i = 0; i < clients; i++) {
            TestPacket question = udp("10.241.0.4:" + (40_000 + i), SERVICE, "same question").id(1000 + i);
            node1.at(i * 100_000L, question).at(i * 100_000L + 150_000, question.translated("10.240.0.4:" + (60_000 + i), POD).ttl(63));
        }
        node1.sorted();

        assertThat(foldNode1()).hasSize(clients).allSatisfy(flow -> {
            assertThat(flow.confidence()).isEqualTo(1);
            assertThat(flow.translated().source().port() - flow.original().source().port()).isEqualTo(20_000);
        });
    }

    /** On all interfaces of its node what a pod asks itself by a service shows three times, with one TTL; over IPv6 nothing numbers it. */
    @Test
    void questionsOfAPodThatWasGivenItselfAreOneFlowEach() {
        for (int i = 0; i < 4; i++) {
            String from = "10.244.0.3:" + (40_000 + i);
            TestPacket question = udp(from, "172.31.0.53:53", "same question").id(0);
            node1.at(i * MILLI, question).at(i * MILLI + 20_000, question.translated(from, "10.244.0.3:5353").ttl(64))
                    .at(i * MILLI + 40_000, question.translated("10.244.0.1:" + (60_000 + i), "10.244.0.3:5353").ttl(64));
        }

        List<Flow> flows = Folding.of(List.of(node1), List.of(Folding.point("node1-any", PointRole.ANY, "node-1"))).flows();

        assertThat(flows).allSatisfy(flow -> assertThat(flow.rivals()).isEmpty());
        assertThat(flows).extracting(flow -> flow.original().source() + " " + flow.translated()).containsExactly(
                "10.244.0.3:40000 10.244.0.1:60000 -> 10.244.0.3:5353", "10.244.0.3:40001 10.244.0.1:60001 -> 10.244.0.3:5353",
                "10.244.0.3:40002 10.244.0.1:60002 -> 10.244.0.3:5353", "10.244.0.3:40003 10.244.0.1:60003 -> 10.244.0.3:5353");
    }

    /** Its own interface shows the question as it leaves and as it comes back, the bridge what is between. */
    @Test
    void theTuplesOfOneQuestionThatAPodGetsItselfAreNoRivals() {
        for (int i = 0; i < 2; i++) {
            String from = "10.244.0.3:" + (40_000 + i);
            TestPacket question = udp(from, "172.31.0.53:53", "same question").id(7 + i);
            client.at(i * MILLI, question)
                    .at(i * MILLI + 40_000, question.translated("10.244.0.1:" + (60_000 + i), "10.244.0.3:53").ttl(64));
            node1.at(i * MILLI + 20_000, question.translated(from, "10.244.0.3:53").ttl(64));
        }

        List<Flow> flows = Folding.of(List.of(client, node1), List.of(Folding.point("pod", PointRole.POD, "node-1"),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).flows();

        assertThat(flows).hasSize(2).allSatisfy(flow -> {
            assertThat(flow.legs()).hasSize(3);
            assertThat(flow.rivals()).isEmpty();
            assertThat(flow.confidence()).isEqualTo(1);
        });
    }

    /** The client's capture shows one direction (tcpdump -Q in), and so does the bridge of each tuple: its hook translates answers half. */
    @Test
    void whoOnlyAnswersAreSeenToGoToIsNotCalledForIt() {
        for (int i = 0; i < 4; i++) {
            String from = "10.241.0.4:" + (40_000 + i);
            String masqueraded = "10.244.0.1:" + (50_000 + i);
            TestPacket question = udp(from, SERVICE, "question " + i).id(100 + i);
            TestPacket answer = udp(SERVICE, from, "answer " + i).id(200 + i);
            node1.at(i * MILLI, question).at(i * MILLI + 90_000, answer.ttl(63));
            node2.at(i * MILLI + 20_000, question.translated(masqueraded, "10.244.0.3:5353").ttl(63))
                    .at(i * MILLI + 80_000, answer.translated("10.244.0.3:5353", from));
            client.at(i * MILLI + 100_000, answer.ttl(63));
        }

        List<Flow> flows = Folding.of(List.of(client, node1, node2), List.of(Folding.point("client", PointRole.CLIENT, null),
                Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"), Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1")))
                .flows();

        assertThat(flows).hasSize(4).allSatisfy(flow -> assertThat(flow.original().destination()).hasToString(SERVICE));
    }

    /** Which port a node masquerades by is chosen at random (--random-fully); what it sends from it is no answer of the service. */
    @Test
    void aQuestionMasqueradedByThePortThatClientsCallIsNoAnswer() {
        for (int i = 0; i < 8; i++) {
            String from = "10.241.0.4:" + (40_000 + i);
            String pod = i % 2 == 0 ? POD : "10.244.1.3:53";
            String masqueraded = "10.240.0.4:" + (i == 4 ? 30_053 : 50_000 + i);
            TestPacket question = udp(from, SERVICE, "question " + i).id(100 + i);
            TestPacket answer = udp(pod, masqueraded, "answer " + i).id(200 + i);
            client.at(i * MILLI, question);
            node1.at(i * MILLI, question).at(i * MILLI + 20_000, question.translated(masqueraded, pod).ttl(63));
            if (i != 6) {
                node1.at(i * MILLI + 90_000, answer.ttl(63)).at(i * MILLI + 95_000, answer.translated(SERVICE, from).ttl(62));
            }
        }

        assertThat(Folding.of(List.of(client, node1)).flows()).hasSize(8).allSatisfy(flow ->
                assertThat(flow.translated()).as(flow.original().toString()).isNotNull());
    }

    /** A service that echoes what it gets sent an answer before the captures began that is another client's question. */
    @Test
    void anAnswerInTheWordsOfAnothersQuestionIsAnAnswer() {
        node1.at(0, udp(SERVICE, "10.241.0.4:40000", "hello").id(0).ttl(62));
        for (int i = 1; i < 4; i++) {
            node1.at(i * MILLI, udp("10.241.0.4:" + (40_000 + i), SERVICE, "hello").id(0))
                    .at(i * MILLI + 90_000, udp(SERVICE, "10.241.0.4:" + (40_000 + i), "hello").id(0).ttl(62));
        }

        assertThat(foldNode1()).hasSize(4).allSatisfy(flow -> assertThat(flow.original().destination()).hasToString(SERVICE));
    }

    /** A node that asks a server on itself sends what its pods send, too, and nothing of it is translated. */
    @Test
    void equalQuestionsOfANodeToItselfAndOfItsPodsAreOnesOfTheirOwn() {
        for (int i = 0; i < 2; i++) {
            node1.at(i * MILLI, udp("169.254.20.10:" + (40_000 + i), "169.254.20.10:53", "same question").id(0));
            node1.at(i * MILLI + 20_000, udp("10.244.0.3:" + (50_000 + i), "169.254.20.10:53", "same question").id(0));
        }

        List<Flow> flows = Folding.of(List.of(node1), List.of(Folding.point("node1-any", PointRole.ANY, "node-1"))).flows();

        assertThat(flows).hasSize(4).allSatisfy(flow -> assertThat(flow.translated()).isNull());
    }

    /** Two pods' sockets ask in words of their own; "done" is what the server says to all. A router between the nodes costs TTL. */
    @Test
    void theSameAnswerToDifferentQuestionsMakesNoTranslationOfTheOneIntoTheOther() {
        for (int i = 0; i < 2; i++) {
            TestPacket question = udp("10.244.0.7:" + (41_000 + i), POD, "metric " + i).id(10 + i);
            TestPacket answer = udp(POD, "10.244.0.7:" + (41_000 + i), "done").id(20 + i);
            node1.at(400 * i * MILLI, question.ttl(63)).at((400 * i + 1) * MILLI, answer.ttl(62));
            node2.at(400 * i * MILLI + 300_000, question.ttl(62)).at(400 * i * MILLI + 600_000, answer.ttl(64));
        }

        assertThat(Folding.of(List.of(client, node1, node2)).flows()).hasSize(2)
                .allSatisfy(flow -> assertThat(flow.translated()).isNull());
    }

    /** Both nodes were asked, each by a socket of the client's, and let the same pod answer. */
    @Test
    void norDoesItWhereTheOneAsksAnotherNode() {
        for (int i = 0; i < 2; i++) {
            String socket = "10.241.0.4:" + (41_000 + i);
            String node = "10.240.0." + (4 + i) + ":30053";
            client.at(100 * i * MILLI, udp(socket, node, "metric " + i).id(10 + i))
                    .at((100 * i + 1) * MILLI, udp(node, socket, "done").id(20 + i).ttl(62));
        }

        assertThat(Folding.of(List.of(client, node1, node2)).flows()).hasSize(2)
                .allSatisfy(flow -> assertThat(flow.translated()).isNull());
    }

    @Test
    void datagramsThatWereNotTranslatedAreNotGivenSomebodyElsesTranslation() {
        TestPacket dropped = udp("10.241.0.4:40000", SERVICE, "dropped").id(1);
        TestPacket carried = udp("10.241.0.4:40001", SERVICE, "carried").id(2);
        node1.then(dropped).then(carried).then(carried.translated("10.240.0.4:60000", POD));

        assertThat(foldNode1()).extracting(flow -> flow.original().source().port() + " " + flow.translated()).containsExactlyInAnyOrder(
                "40000 null", "40001 10.240.0.4:60000 -> 10.244.1.2:53");
    }

    /** Conntrack had forgotten the first client's port, whose question never came to the second node. */
    @Test
    void aPortThatAnotherClientIsMasqueradedByLaterBringsNoLostQuestionToTheSecondNode() {
        TestPacket lost = udp("10.241.0.4:40000", SERVICE, "first").id(1);
        TestPacket carried = udp("10.241.0.4:40001", SERVICE, "second").id(2);
        node1.at(0, lost).at(20_000, lost.translated("10.240.0.4:60000", POD));
        node1.at(300_000 * MILLI, carried).at(300_000 * MILLI + 20_000, carried.translated("10.240.0.4:60000", POD));
        node2.at(300_001 * MILLI, carried.translated("10.240.0.4:60000", POD).ttl(62));

        assertThat(Folding.of(List.of(client, node1, node2)).flows()).extracting(flow -> flow.original().source().port() + " "
                + flow.translated() + " at " + flow.places().stream().map(Place::point).toList()).containsExactlyInAnyOrder(
                        "40000 10.240.0.4:60000 -> 10.244.1.2:53 at [1, 1]", "40001 10.240.0.4:60000 -> 10.244.1.2:53 at [1, 1, 2]");
    }

    @Test
    void aQuestionThatWasLostBeforeTheNodeIsNotOneOfThoseThatTheClientAsksLaterFromItsPort() {
        TestPacket lost = udp("10.241.0.4:40000", SERVICE, "first").id(1);
        TestPacket carried = udp("10.241.0.4:40000", SERVICE, "second").id(2);
        client.at(0, lost).at(300_000 * MILLI, carried);
        node1.at(300_001 * MILLI, carried).at(300_001 * MILLI + 20_000, carried.translated("10.240.0.4:60000", POD));

        assertThat(Folding.of(List.of(client, node1, node2)).flows()).extracting(flow -> flow.places().stream().map(Place::point).toList())
                .containsExactlyInAnyOrder(List.of(0), List.of(0, 1, 1));
    }

    /** IPv6 numbers no whole datagrams: what was said tells the uses of a tuple apart. */
    @Test
    void norIsItWhereNothingIsNumbered() {
        TestPacket lost = udp("[2001:db8::4]:40000", "[2001:db8::2]:53", "first");
        TestPacket carried = udp("[2001:db8::4]:40000", "[2001:db8::2]:53", "other");
        client.at(0, lost).at(300_000 * MILLI, carried);
        node1.at(300_001 * MILLI, carried);

        assertThat(Folding.of(List.of(client, node1, node2)).flows()).extracting(flow -> flow.places().stream().map(Place::point).toList())
                .containsExactlyInAnyOrder(List.of(0), List.of(0, 1));
    }

    @Test
    void aPortThatIsUsedAgainAndAgainTakesNoSquareOfItsUses() {
        for (int i = 0; i < 20_000; i++) {
            TestPacket question = udp("10.241.0.4:40000", SERVICE, "question " + i).id(1 + i);
            client.at(i * 200_000L * MILLI, question);
            node1.at(i * 200_000L * MILLI + 300_000, question.ttl(63));
        }

        ProcessorTime.within(Duration.ofSeconds(10), () -> assertThat(Folding.of(List.of(client, node1, node2)).flows()).hasSize(20_000));
    }

    /** Each quoted as its sender knows it, while the bridge shows it masqueraded. */
    @Test
    void questionsToADeadPortTakeNoSquareOfTheirErrors() {
        for (int i = 0; i < 20_000; i++) {
            TestPacket question = udp("10.241.0.4:" + (20_000 + i), "10.244.1.2:53", "question").id(1 + i);
            node1.at(i * MILLI, question.translated("10.240.0.4:" + (40_000 + i), "10.244.1.2:53"));
            node1.at(i * MILLI + 300_000, question.unreachable("10.244.1.2", 3, 64));
        }

        ProcessorTime.within(Duration.ofSeconds(10), () -> assertThat(foldNode1()).hasSize(20_000));
    }

    /** The same legs in another order of frames with one time stamp, or another order of the files' reading: the same flows. */
    @RepeatedTest(5)
    void theOrderOfEqualTimesDoesNotMatter(RepetitionInfo repetition) {
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            TestPacket question = udp("10.241.0.4:" + (40_000 + i), SERVICE, "question " + i % 3).id(100 + i);
            frames.add(question.frame());
            frames.add(question.translated("10.240.0.4:" + (60_000 + i), POD).frame());
        }
        Collections.shuffle(frames, new Random(repetition.getCurrentRepetition()));
        frames.forEach(frame -> node1.at(0, frame));

        assertThat(foldNode1()).hasSize(20).allSatisfy(flow ->
                assertThat(flow.translated().source().port() - flow.original().source().port()).isEqualTo(20_000));
    }

    @Test
    void theSameTupleAtTwoPointsIsOneFlowWhateverTheProtocol() {
        for (TestPacket packet : List.of(udp("10.241.0.4:40000", SERVICE, "q").id(3), TestPacket.sctp("10.241.0.4:40000", SERVICE, "init")
                .id(4),
                TestPacket.echo("10.241.0.4", "10.240.0.4", 99, 1, true).id(5))) {
            client.then(packet);
            node1.then(packet);
        }

        List<Flow> flows = Folding.of(List.of(client, node1, node2)).flows();

        assertThat(flows).hasSize(3).allSatisfy(flow -> assertThat(flow.places()).extracting(Place::point).containsExactly(0, 1));
    }

    /** With br_netfilter a bridge shows what conntrack put together, eth0 what was cut anew, and both have one identification. */
    @Test
    void anAnswerThatABridgeShowsWholeAndEth0InFragmentsIsOfOneFlow() {
        TestPacket question = udp("10.241.0.4:40000", SERVICE, "question").id(3);
        TestPacket answer = udp("10.244.0.3:53", "10.241.0.4:40000", "a".repeat(4000)).id(77);
        node1.at(0, question);
        client.at(10_000, question.translated("10.244.0.1:60000", "10.244.0.3:53"));
        client.at(MILLI, answer);
        for (int offset = 0; offset < 4008; offset += 1480) {
            node1.at(MILLI + 10_000 + offset, answer.translated(SERVICE, "10.241.0.4:40000").fragment(offset, 1480));
        }

        List<Flow> flows = foldNode1AndBridge();

        assertThat(flows).hasSize(1);
        assertThat(flows.get(0).legs()).filteredOn(leg -> leg.point() == 1).extracting(FlowLeg::replyPackets)
                .containsExactlyInAnyOrder(0L, 1L);
    }

    /** Whole IPv6 packets have no identification. */
    @Test
    void anAnswerWithoutIdentificationThatABridgeShowsWholeIsOfOneFlowToo() {
        TestPacket question = udp("10.241.0.4:40000", SERVICE, "question").id(3);
        TestPacket answer = udp("10.244.0.3:53", "10.241.0.4:40000", "a".repeat(4000)).id(0);
        node1.at(0, question);
        client.at(10_000, question.translated("10.244.0.1:60000", "10.244.0.3:53"));
        client.at(MILLI, answer);
        for (int offset = 0; offset < 4008; offset += 1480) {
            node1.at(MILLI + 10_000 + offset, answer.id(77).translated(SERVICE, "10.241.0.4:40000").fragment(offset, 1480));
        }

        List<Flow> flows = foldNode1AndBridge();

        assertThat(flows).hasSize(1);
        assertThat(flows.get(0).hops()).allSatisfy(hop -> assertThat(hop.loss().packets() + hop.loss().hidden()).isZero());
    }

    @Test
    void aQuestionThatABridgeShowsWholeAndEth0InFragmentsIsOfOneFlow() {
        for (int i = 0; i < 2; i++) {
            TestPacket question = udp("10.244.0.7:" + (40_000 + i), "172.31.0.53:53", "q".repeat(4000)).id(70 + i);
            client.at(i * 20_000, question);
            for (int offset = 0; offset < 4008; offset += 1480) {
                node1.at(i * 20_000 + 10_000 + offset, question.translated("10.244.0.7:" + (40_000 + i), POD).fragment(offset, 1480));
            }
        }

        assertThat(foldNode1AndBridge()).hasSize(2).allSatisfy(flow -> {
            assertThat(flow.translated()).as(flow.original().toString()).isNotNull();
            assertThat(flow.translated().source()).isEqualTo(flow.original().source());
        });
    }

    @Test
    void fragmentsOfAnotherLengthAreAnotherDatagram() {
        TestPacket question = udp("10.244.0.7:40000", "172.31.0.53:53", "q".repeat(4000)).id(70);
        TestPacket other = udp("10.244.0.8:40000", POD, "q".repeat(4100)).id(70).ttl(63);
        client.at(0, question);
        for (int offset = 0; offset < 4108; offset += 1480) {
            node1.at(10_000 + offset, other.fragment(offset, 1480));
        }

        assertThat(foldNode1AndBridge()).hasSize(2).allSatisfy(flow -> assertThat(flow.translated()).isNull());
    }

    /** The client's tape is the bridge's here. */
    private List<Flow> foldNode1AndBridge() {
        return Folding.of(List.of(node1, client), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).flows();
    }

    private List<Flow> foldNode1() {
        return Folding.of(List.of(node1), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"))).flows();
    }
}
