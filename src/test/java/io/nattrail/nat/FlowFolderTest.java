package io.nattrail.nat;

import static io.nattrail.leg.Direction.REPLY;
import static io.nattrail.leg.Direction.REQUEST;
import static io.nattrail.packets.ServicePath.Place.CLIENT;
import static io.nattrail.packets.ServicePath.Place.NODE1_AFTER_NAT;
import static io.nattrail.packets.ServicePath.Place.NODE2;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nattrail.ProcessorTime;
import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.packets.ServicePath;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Connections whose every packet is known, folded to flows: places, hops, signs, how it went. */
class FlowFolderTest {
    private static final long SECOND = 1_000_000_000L;

    private final ServicePath path = ServicePath.create();
    private final ServicePath.Connection connection = path.connect(1);

    @Test
    void aWholeConnectionIsOneFlowOverFourPlaces() {
        connection.handshake().ask("GET / HTTP/1.1\r\n\r\n").answer("HTTP/1.1 200 OK\r\n\r\n").close();

        Folding folding = Folding.of(path.tapes());
        Flow flow = folding.onlyFlow();

        assertThat(flow.original()).hasToString("10.241.0.4:38001 -> 10.240.0.4:32000");
        assertThat(flow.translated()).hasToString("10.240.0.4:52001 -> 10.244.1.2:8443");
        assertThat(flow.places()).extracting(place -> folding.captures().point(place.point()).name() + " " + place.level())
                .containsExactly("client 0", "node1-eth0 0", "node1-eth0 1", "node2-cbr0 1");
        assertThat(flow.legs()).extracting(FlowLeg::relation).containsExactlyInAnyOrder(Relation.ORIGINAL, Relation.ORIGINAL,
                Relation.TRANSLATED, Relation.TRANSLATED);
        assertThat(flow.hops()).hasSize(6).allSatisfy(hop -> {
            assertThat(hop.loss().packets() + hop.loss().hidden()).isZero();
            assertThat(hop.duplicated() + hop.reordered() + hop.altered() + hop.appeared()).isZero();
            assertThat(hop.sent()).isEqualTo(hop.delivered()).isEqualTo(hop.direction() == REQUEST ? 5 : 3);
        });
        assertThat(flow.signs()).isEmpty();
        assertThat(flow.evidence()).contains(EvidenceKind.TCP_ISN, EvidenceKind.TCP_SEQUENCE, EvidenceKind.TCP_TIMESTAMP,
                EvidenceKind.IP_ID,
                EvidenceKind.PAYLOAD, EvidenceKind.TUPLE);
        Story story = flow.story();
        assertThat(story.established() && story.clientSawSynAck() && story.clientFin() && story.endpointFin() && story.clientFinFirst())
                .isTrue();
        assertThat(story.requestBytes()).isEqualTo(18);
        assertThat(story.replyBytes()).isEqualTo(19);
        assertThat(flow.legs().get(0).history()).isEqualTo("ShADdFf");
    }

    @Test
    void delaysAreThoseOfTheHops() {
        connection.handshake().ask("x").answer("y");

        Flow flow = Folding.of(path.tapes()).onlyFlow();

        assertThat(hop(flow, 0, REQUEST).delay().medianNanos()).isEqualTo(100_000);
        assertThat(hop(flow, 1, REQUEST).delay().medianNanos()).isEqualTo(20_000);
        assertThat(hop(flow, 2, REQUEST).delay().greatestNanos()).isEqualTo(100_000);
        assertThat(hop(flow, 3, REPLY).delay().leastNanos()).isEqualTo(100_000);
    }

    @Test
    void clocksThatAreSecondsApartChangeNothingButTheRawDelays() {
        ServicePath apart = ServicePath.withClocksAhead(0, 275 * SECOND / 100, -41 * SECOND);
        apart.connect(1).handshake().ask("x").answer("y").close();

        Folding folding = Folding.of(apart.tapes());
        Flow flow = folding.onlyFlow();

        assertThat(flow.places()).extracting(Place::point).containsExactly(0, 1, 1, 2);
        assertThat(flow.hops()).allSatisfy(hop -> assertThat(hop.sent()).isEqualTo(hop.delivered()));
        assertThat(hop(flow, 0, REQUEST).delay().medianNanos()).isEqualTo(275 * SECOND / 100 + 100_000);
        assertThat(folding.captures().clock(1).offsetNanos()).isEqualTo(275 * SECOND / 100);
        assertThat(folding.captures().clock(2).offsetNanos()).isEqualTo(-41 * SECOND);
    }

    @Test
    void aPacketIsLostWhereItWasSeenLast() {
        connection.handshake();
        TestPacket question = connection.plain("PA").payload("question");
        connection.request(question, NODE1_AFTER_NAT);
        path.pause(SECOND);
        connection.request(question, NODE2).sent(8).answer("answer").close();

        Flow flow = Folding.of(path.tapes()).onlyFlow();

        FlowHop lossy = hop(flow, 2, REQUEST);
        assertThat(List.of(lossy.loss().packets(), lossy.loss().data(), lossy.loss().old())).containsExactly(1L, 1L, 0L);
        assertThat(lossy.loss().frames()).singleElement().satisfies(frame -> assertThat(frame.point()).isEqualTo(1));
        assertThat(Stream.of(0, 1).map(place -> hop(flow, place, REQUEST).loss().packets())).containsOnly(0L);
        assertThat(flow.sign(Sign.Kind.RETRANSMITTED)).satisfies(sign -> {
            assertThat(sign.place()).isZero();
            assertThat(sign.count()).isEqualTo(1);
            assertThat(sign.value()).isCloseTo(SECOND, within(10_000_000L));
        });
        assertThat(flow.sign(Sign.Kind.SILENCE)).as("the sender's timer is no silence").isNull();
    }

    /** Numbers come round after 4 GiB: an acknowledgement of the beginning lies far behind what is sent at the end, not ahead of it. */
    @Test
    void anEarlyAcknowledgementThatIsLostIsNoInvalidOneHoweverMuchFollows() {
        connection.handshake().ask("first");
        connection.reply(connection.back("A"), NODE1_AFTER_NAT).reply(connection.back("A"), CLIENT);
        for (int gigabyte = 0; gigabyte < 3; gigabyte++) {
            connection.sent(1 << 30).ask("more").reply(connection.back("A"), CLIENT);
        }

        FlowHop back = hop(Folding.of(path.tapes()).onlyFlow(), 2, REPLY);

        assertThat(List.of(back.loss().packets(), back.loss().old())).containsExactly(1L, 0L);
    }

    @Test
    void manyLossesInALongConnectionDoNotTakeTheSquareOfItsLength() {
        int many = 100_000;
        Tape client = new Tape();
        Tape node1 = new Tape();
        for (int i = 0; i < many; i++) {
            TestPacket ask = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "PA").seq(i * 4).ack(i).id(1 + i % 60_000)
                    .payload("data");
            byte[] sent = ask.frame();
            client.then(sent);
            if (i % 2 == 0) {
                node1.then(sent);
            }
            for (int answers = 0; answers < 3; answers++) {
                byte[] answer = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "A").seq(i).ack(i * 4 + answers).id(0).frame();
                client.then(answer);
                node1.then(answer);
            }
        }
        List<Tape> tapes = List.of(client, node1);

        ProcessorTime.within(Duration.ofSeconds(20), () -> {
            assertThat(hop(ofClientAndNode1(tapes), 0, REQUEST).loss().packets()).isGreaterThan(many / 3);
        });
    }

    /** What is sent within seconds of a capture's end may have passed it; that is asked of each packet. */
    @Test
    void aCaptureThatEndsALittleEarlierDoesNotTakeTheSquareOfWhatFollows() {
        int many = 100_000;
        Tape client = new Tape();
        Tape node1 = new Tape();
        for (int i = 0; i < many; i++) {
            byte[] sent = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "PA").seq(i * 4).ack(1).id(1 + i % 60_000).payload("data")
                    .frame();
            client.at(i * 10_000L, sent);
            if (i < many / 2) {
                node1.at(i * 10_000L, sent);
            }
        }
        List<Tape> tapes = List.of(client, node1);

        ProcessorTime.within(Duration.ofSeconds(20), () -> assertThat(hop(ofClientAndNode1(tapes), 0, REQUEST).loss().hidden())
                .isEqualTo(many / 2));
    }

    /** Of each that is lost it is asked whether another, sent at the same moment, arrived. */
    @Test
    void aStormOfResetsOfWhichOneArrivesDoesNotTakeTheSquareOfTheirNumber() {
        int many = 200_000;
        Tape client = new Tape();
        Tape node1 = new Tape();
        byte[] data = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "PA").ack(1).id(7).payload("data").frame();
        client.at(0, data);
        node1.at(0, data);
        for (int i = 0; i < many; i++) {
            byte[] reset = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "R").seq(i).id(1 + i % 60_000).frame();
            client.at(i * 10_000L, reset);
            if (i == 0 || i == many - 1) {
                node1.at(i * 10_000L, reset);
            }
        }
        List<Tape> tapes = List.of(client, node1);

        ProcessorTime.within(Duration.ofSeconds(10), () -> assertThat(hop(ofClientAndNode1(tapes), 0, REQUEST).loss().packets())
                .isEqualTo(many - 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {1000, -1000})
    void whereOnlyAnswersShowNoQuestionIsTheLastWordWhateverTheirNumbers(int clientIsn) {
        Tape client = new Tape();
        Tape node1 = new Tape();
        TestPacket answer = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "PA");
        for (Tape tape : List.of(node1, client)) {
            tape.then(TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "SA").ack(clientIsn + 1).mss(1460))
                    .then(answer.seq(1).ack(clientIsn + 10).id(1).payload("one"))
                    .then(answer.seq(4).ack(clientIsn + 20).id(2).payload("two"));
        }

        assertThat(ofClientAndNode1(List.of(client, node1)).story().lastIsRequestData()).isFalse();
    }

    /** Put together and cut anew for a link that takes less, no fragment is as it was sent. */
    @Test
    void aStreamThatIsCutAnewDoesNotTakeTheSquareOfItsLength() {
        int many = 30_000;
        Tape client = new Tape();
        Tape node1 = new Tape();
        byte[] payload = new byte[2000];
        for (int i = 0; i < many; i++) {
            TestPacket whole = TestPacket.udp("10.241.0.4:40000", "10.240.0.4:32000", "").payload(payload).id(1 + i);
            client.then(whole.fragment(0, 1480)).then(whole.fragment(1480, 1480));
            node1.then(whole.fragment(0, 1400)).then(whole.fragment(1400, 1400));
        }
        List<Tape> tapes = List.of(client, node1);

        ProcessorTime.within(Duration.ofSeconds(20), () -> assertThat(hop(ofClientAndNode1(tapes), 0, REQUEST).loss().packets()).isZero());
    }

    /** Each packet that went to another node is looked for among all that came there. */
    @Test
    void aLongConnectionThatMovesToAnotherNodeDoesNotTakeTheSquareOfItsLength() {
        int many = 100_000;
        path.connect(2).handshake().ask("x").answer("y").close();
        path.pause(SECOND);
        connection.handshake().ask("one").answer("two");
        List<Tape> tapes = new ArrayList<>(path.tapes());
        Tape other = new Tape();
        tapes.get(2).frames().forEach(frame -> other.at(frame.timeNanos() - Tape.START, frame.bytes()));
        for (int i = 0; i < many; i++) {
            byte[] more = connection.plain("PA").payload("more").id(1 + i % 60_000).frame();
            connection.sent(4);
            tapes.get(0).at(2 * SECOND + i * 100_000L, more);
            other.at(2 * SECOND + i * 100_000L + 50_000, more);
        }
        tapes.get(1).at(20 * SECOND, path.connect(3).syn());
        tapes.add(other);

        ProcessorTime.within(Duration.ofSeconds(8), () -> {
            List<Flow> flows = Folding.of(tapes, List.of(Folding.point("client", PointRole.CLIENT, null),
                    Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"),
                    Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2"),
                    Folding.point("node2-eth0", PointRole.NODE_INTERFACE, "node-2"))).flows();
            assertThat(flows).filteredOn(flow -> flow.sign(Sign.Kind.MOVED) != null).hasSize(1);
        });
    }

    private static Flow ofClientAndNode1(List<Tape> tapes) {
        return Folding.of(tapes, List.of(Folding.point("client", PointRole.CLIENT, null),
                Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"))).onlyFlow();
    }

    /** The SYN-ACK takes longer than the client's timer: the second one would have come when nothing is captured any more. */
    @Test
    void aPacketThatWasStillOnItsSlowWayWhenTheCaptureEndedIsNotLost() {
        TestPacket syn = TestPacket.tcp("10.240.0.4:50000", "10.244.1.2:8443", "S").seq(70).mss(1460).timestamps(1000, 0).id(5);
        TestPacket synAck = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:50000", "SA").seq(90).ack(71).mss(1460).timestamps(5000, 1000)
                .id(0);
        TestPacket ack = TestPacket.tcp("10.240.0.4:50000", "10.244.1.2:8443", "A").seq(71).ack(91).timestamps(2400, 5000).id(7);
        TestPacket ask = TestPacket.tcp("10.240.0.4:50000", "10.244.1.2:8443", "PA").seq(71).ack(91).timestamps(2400, 5000).id(8)
                .payload("question");
        TestPacket answer = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:50000", "PA").seq(91).ack(79).timestamps(6400, 2400).id(9)
                .payload("answer");
        long ms = 1_000_000;
        Tape node1 = new Tape().at(0, syn).at(1000 * ms, syn.id(6)).at(1400 * ms, synAck).at(1401 * ms, ack).at(1402 * ms, ask)
                .at(1405 * ms, answer);
        Tape bridge2 = new Tape().at(ms, syn.ttl(63)).at(2 * ms, synAck).at(1001 * ms, syn.id(6).ttl(63)).at(1002 * ms, synAck)
                .at(1402 * ms, ack.ttl(63)).at(1403 * ms, ask.ttl(63)).at(1404 * ms, answer);

        Flow flow = Folding.of(List.of(node1, bridge2), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"),
                Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2"))).onlyFlow();

        FlowHop back = hop(flow, 1, REPLY);
        assertThat(List.of(back.delivered(), back.loss().packets(), back.loss().hidden())).containsExactly(2L, 0L, 1L);
    }

    /** On all interfaces of the node a hairpin shows three times at one height: as called, translated, and masqueraded. */
    @Test
    void aCallThatShowsMasqueradedBesideItsTranslationWentThroughBoth() {
        TestPacket syn = TestPacket.tcp("10.244.0.3:40153", "172.31.0.5:443", "S").seq(70).mss(1460).timestamps(1000, 0).id(5);
        TestPacket synAck = TestPacket.tcp("10.244.0.3:8443", "10.244.0.1:60333", "SA").seq(90).ack(71).mss(1460).timestamps(5000, 1000)
                .id(0);
        TestPacket ask = TestPacket.tcp("10.244.0.3:40153", "172.31.0.5:443", "PA").seq(71).ack(91).timestamps(1001, 5000).id(6)
                .payload("question");
        Tape any = new Tape();
        long time = 0;
        for (TestPacket request : List.of(syn, ask)) {
            any.at(time, request).at(time + 10_000, request.translated("10.244.0.3:40153", "10.244.0.3:8443"))
                    .at(time + 20_000, request.translated("10.244.0.1:60333", "10.244.0.3:8443"));
            any.at(time + 50_000, synAck).at(time + 60_000, synAck.translated("10.244.0.3:8443", "10.244.0.3:40153"))
                    .at(time + 70_000, synAck.translated("172.31.0.5:443", "10.244.0.3:40153"));
            synAck = TestPacket.tcp("10.244.0.3:8443", "10.244.0.1:60333", "A").seq(91).ack(79).timestamps(5001, 1001).id(7);
            time += 1_000_000;
        }

        Flow flow = Folding.of(List.of(any), List.of(Folding.point("node1-any", PointRole.ANY, "node-1"))).onlyFlow();

        assertThat(flow.legs()).extracting(FlowLeg::relation).containsExactly(Relation.ORIGINAL, Relation.TRANSLATED, Relation.TRANSLATED);
        assertThat(flow.translated()).hasToString("10.244.0.1:60333 -> 10.244.0.3:8443");
    }

    /** The hook of the pod's bridge translated its packets until the node forgot the connection: the bridge shows each of them once. */
    @Test
    void aBridgeThatShowsSomePacketsTranslatedAndOthersNotMissedNone() {
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "S").seq(70).mss(1460).timestamps(1000, 0).id(5);
        TestPacket synAck = TestPacket.tcp("172.31.0.5:443", "10.244.0.7:40000", "SA").seq(90).ack(71).mss(1460).timestamps(5000, 1000)
                .id(0);
        TestPacket ack = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "A").seq(71).ack(91).timestamps(1001, 5000).id(6);
        TestPacket ask = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "PA").seq(71).ack(91).timestamps(1002, 5000).id(7)
                .payload("question");
        TestPacket answer = TestPacket.tcp("172.31.0.5:443", "10.244.0.7:40000", "PA").seq(91).ack(79).timestamps(5002, 1002).id(8)
                .payload("an answer");
        TestPacket more = TestPacket.tcp("10.244.0.7:40000", "172.31.0.5:443", "PA").seq(79).ack(100).timestamps(4002, 5002).id(9)
                .payload("another question");
        long ms = 1_000_000;
        Tape pod = new Tape().at(0, syn).at(3 * ms, synAck.ttl(62)).at(4 * ms, ack).at(5 * ms, ask).at(8 * ms, answer.ttl(62))
                .at(3000 * ms, more).at(3200 * ms, more.id(10)).at(3600 * ms, more.id(11));
        Tape bridge = new Tape().at(50_000, syn.translated("10.244.0.7:40000", "10.244.1.2:8443")).at(2950_000, synAck.ttl(62))
                .at(4050_000, ack.translated("10.244.0.7:40000", "10.244.1.2:8443"))
                .at(5050_000, ask.translated("10.244.0.7:40000", "10.244.1.2:8443")).at(7950_000, answer.ttl(62))
                .at(3000_050_000L, more).at(3200_050_000L, more.id(10)).at(3600_050_000L, more.id(11));

        Flow flow = Folding.of(List.of(pod, bridge), List.of(Folding.point("pod", PointRole.POD, "node-1"),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).onlyFlow();

        assertThat(flow.hops()).extracting(hop -> hop.loss().missed()).containsOnly(0L);
        assertThat(hop(flow, 0, REQUEST).loss().packets()).isZero();
        assertThat(hop(flow, 1, REQUEST).loss().data()).isEqualTo(3);
    }

    /** The first packet waits for the neighbour's address; the way is as short as ever when one is lost near the end of the captures. */
    @Test
    void thatThePathWasSlowInTheBeginningDoesNotHideALossNearTheEnd() {
        TestPacket syn = TestPacket.tcp("10.240.0.4:50000", "10.244.1.2:8443", "S").seq(70).mss(1460).timestamps(1000, 0).id(5);
        TestPacket synAck = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:50000", "SA").seq(90).ack(71).mss(1460).timestamps(5000, 1000)
                .id(0);
        TestPacket ask = TestPacket.tcp("10.240.0.4:50000", "10.244.1.2:8443", "PA").seq(71).ack(91).timestamps(2400, 5000).id(8)
                .payload("question");
        TestPacket first = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:50000", "PA").seq(91).ack(79).timestamps(6400, 2400).id(9)
                .payload("one");
        TestPacket second = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:50000", "PA").seq(94).ack(79).timestamps(6401, 2400).id(10)
                .payload("two");
        TestPacket third = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:50000", "PA").seq(97).ack(79).timestamps(6402, 2400).id(11)
                .payload("three");
        long ms = 1_000_000;
        Tape node1 = new Tape().at(0, syn).at(900 * ms, synAck).at(901 * ms, ask).at(905 * ms, first).at(907 * ms, third)
                .at(911 * ms, second.id(12));
        Tape bridge2 = new Tape().at(ms, syn.ttl(63)).at(2 * ms, synAck).at(902 * ms, ask.ttl(63)).at(904 * ms, first)
                .at(905 * ms, second).at(906 * ms, third).at(910 * ms, second.id(12));

        Flow flow = Folding.of(List.of(node1, bridge2), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"),
                Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2"))).onlyFlow();

        FlowHop back = hop(flow, 1, REPLY);
        assertThat(List.of(back.delivered(), back.loss().packets(), back.loss().hidden())).containsExactly(4L, 1L, 0L);
    }

    /** A pod asks a ClusterIP, its bridge's hook translates, and the pod itself was not captured. */
    @Test
    void answersInTheNameOfAServiceAreOfTheQuestionsThatTheBridgeTranslated() {
        TestPacket question = TestPacket.udp("10.244.0.99:40000", "10.244.1.31:5353", "who is web?").id(7);
        TestPacket answer = TestPacket.udp("10.244.1.31:5353", "10.244.0.99:40000", "172.31.0.5 is web").id(0);
        Tape bridge1 = new Tape().at(0, question.ttl(64)).at(600_000, answer.translated("172.31.0.10:53", "10.244.0.99:40000").ttl(62));
        Tape node1 = new Tape().at(50_000, question.ttl(63)).at(550_000, answer.ttl(63));
        Tape bridge2 = new Tape().at(200_000, question.ttl(62)).at(400_000, answer.ttl(64));

        Flow flow = Folding.of(List.of(bridge1, node1, bridge2), List.of(Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"),
                Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"), Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2")))
                .onlyFlow();

        assertThat(flow.original().source()).hasToString("10.244.0.99:40000");
        assertThat(flow.story().clientSawSynAck()).isTrue();
    }

    /**
     * A pod calls its own service while tcpdump holds its bridge promiscuous: beside what was masqueraded the pod gets copies that the node
     * routed, half translated, with one TTL less; so do the answers.
     */
    @Test
    void aCallThatComesBackToThePodIsTheOneThatLeftItWhateverCopiesComeToo() {
        TestPacket syn = TestPacket.tcp("10.244.0.3:40153", "172.31.0.5:443", "S").seq(70).mss(1460).timestamps(1000, 0).id(5);
        TestPacket half = syn.translated("10.244.0.3:40153", "10.244.0.3:8443");
        TestPacket back = TestPacket.tcp("10.244.0.3:8443", "10.244.0.1:60333", "SA").seq(90).ack(71).mss(1460).timestamps(5000, 1000)
                .id(0);
        TestPacket halfBack = back.translated("10.244.0.3:8443", "10.244.0.3:40153");
        Tape pod = new Tape().at(0, syn).at(120_000, syn.translated("10.244.0.1:60333", "10.244.0.3:8443").ttl(64)).at(133_000, back)
                .at(135_000, half.ttl(63)).at(147_000, back.translated("172.31.0.5:443", "10.244.0.3:40153").ttl(64))
                .at(149_000, halfBack.ttl(63));
        Tape bridge = new Tape().at(101_000, half.ttl(64)).at(134_000, half.ttl(63)).at(140_000, halfBack.ttl(64))
                .at(148_000, halfBack.ttl(63));

        Flow flow = Folding.of(List.of(pod, bridge), List.of(Folding.point("pod", PointRole.POD, "node-1"),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).onlyFlow();

        assertThat(flow.original()).hasToString("10.244.0.3:40153 -> 172.31.0.5:443");
        assertThat(flow.translated()).hasToString("10.244.0.1:60333 -> 10.244.0.3:8443");
        assertThat(flow.legs()).extracting(FlowLeg::relation).doesNotContain(Relation.REMAPPED);
    }

    /** A pod calls a ClusterIP, its bridge's hook translates, and the pod's own capture began after the handshake. */
    @Test
    void whatItsSendersOwnCaptureShowsWasNotTranslatedThoughItMissedTheHandshake() {
        TestPacket syn = TestPacket.tcp("10.244.0.7:40000", "10.244.1.31:8443", "S").seq(1000).id(7);
        TestPacket question = TestPacket.tcp("10.244.0.7:40000", "10.244.1.31:8443", "PA").seq(1001).ack(5001).payload("who is web?")
                .id(8);
        TestPacket answer = TestPacket.tcp("10.244.1.31:8443", "10.244.0.7:40000", "PA").seq(5001).ack(1012).payload("I am").id(9);
        Tape pod = new Tape().at(990_000, question.translated("10.244.0.7:40000", "172.31.0.5:443").ttl(64))
                .at(1_610_000, answer.translated("172.31.0.5:443", "10.244.0.7:40000").ttl(62));
        Tape bridge = new Tape().at(0, syn.ttl(64)).at(1_000_000, question.ttl(64)).at(1_600_000, answer.ttl(62));

        Flow flow = Folding.of(List.of(pod, bridge), List.of(Folding.point("pod", PointRole.POD, "node-1"),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).onlyFlow();

        assertThat(flow.original().destination()).hasToString("172.31.0.5:443");
    }

    @Test
    void aPauseBeforeTheAnswerIsASilenceWithTheFramesAroundIt() {
        connection.handshake().ask("x");
        path.pause(3 * SECOND);
        connection.answer("y").close();

        assertThat(Folding.of(path.tapes()).onlyFlow().sign(Sign.Kind.SILENCE)).satisfies(sign -> {
            assertThat(sign.direction()).isEqualTo(REPLY);
            assertThat(sign.value()).isBetween(3 * SECOND, 3 * SECOND + 10_000_000);
            assertThat(sign.frames()).extracting(SeenFrame::number).containsExactly(4L, 5L);
        });
    }

    @Test
    void aSynThatIsRepeatedIsNoRetransmissionOfData() {
        path.connect(2).handshake().close();
        connection.request(connection.syn(), CLIENT);
        path.pause(SECOND);
        connection.handshake();

        Flow flow = Folding.of(path.tapes()).flows().get(1);

        assertThat(flow.sign(Sign.Kind.SYN_REPEATED)).satisfies(sign -> assertThat(sign.frames()).hasSize(2));
        assertThat(flow.sign(Sign.Kind.RETRANSMITTED)).isNull();
        assertThat(hop(flow, 0, REQUEST).loss().packets()).isEqualTo(1);
    }

    @Test
    void aSynFromBeforeTheNextCaptureBeganIsNotCalledLost() {
        connection.request(connection.syn(), CLIENT);
        path.pause(SECOND);
        connection.handshake();

        assertThat(hop(Folding.of(path.tapes()).onlyFlow(), 0, REQUEST)).satisfies(hop -> {
            assertThat(hop.loss().packets()).isZero();
            assertThat(hop.loss().hidden()).isEqualTo(1);
        });
    }

    @Test
    void aKeepAliveIsNoRetransmission() {
        connection.handshake().ask("x").answer("y");
        TestPacket next = connection.plain("A");
        connection.request(next.seq(next.seq() - 1).payload("x"), NODE2).close();

        assertThat(Folding.of(path.tapes()).onlyFlow().sign(Sign.Kind.RETRANSMITTED)).isNull();
    }

    @Test
    void aWindowOfZeroIsNotedWithTheTimeItStayed() {
        connection.handshake().ask("x");
        connection.reply(connection.back("A").window(0), CLIENT);
        path.pause(2 * SECOND);
        connection.reply(connection.back("A").window(500), CLIENT);

        assertThat(Folding.of(path.tapes()).onlyFlow().sign(Sign.Kind.ZERO_WINDOW)).satisfies(sign -> {
            assertThat(sign.direction()).isEqualTo(REPLY);
            assertThat(sign.value()).isBetween(2 * SECOND, 2 * SECOND + 10_000_000);
        });
    }

    @Test
    void aResetIsNotedOnceWhereItFirstShows() {
        connection.handshake().ask("x");
        connection.reply(connection.back("RA"), CLIENT);

        Flow flow = Folding.of(path.tapes()).onlyFlow();

        assertThat(flow.signs()).filteredOn(sign -> sign.kind() == Sign.Kind.RESET).singleElement().satisfies(sign -> {
            assertThat(sign.place()).isEqualTo(3);
            assertThat(sign.direction()).isEqualTo(REPLY);
        });
    }

    @Test
    void aResetThatNode1MadeUpIsNotThePods() {
        connection.handshake().ask("x");
        Tape client = path.tapes().get(0);
        Tape node1 = path.tapes().get(1);
        TestPacket question = connection.plain("PA");
        TestPacket reset = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:38001", "R").seq(question.ack()).id(0);
        node1.at(10_000_000, reset);
        client.at(10_100_000, reset);

        Flow flow = Folding.of(path.tapes()).onlyFlow();

        assertThat(flow.signs()).filteredOn(sign -> sign.kind() == Sign.Kind.RESET).singleElement().satisfies(sign -> {
            assertThat(sign.place()).isEqualTo(1);
            assertThat(sign.value()).isEqualTo(64);
        });
    }

    @Test
    void anAcknowledgementOfBytesThatNoFrameHoldsMeansTheCaptureLostThem() {
        connection.handshake();
        List<Tape> tapes = path.tapes();
        int before = tapes.get(1).frames().size();
        connection.ask("missed by the capture at node1").answer("ok").close();
        // Both frames of the question, before and after the NAT.
        tapes.get(1).sorted().frames().subList(before, before + 2).clear();

        assertThat(Folding.of(path.tapes()).onlyFlow().sign(Sign.Kind.ACKED_UNSEEN)).satisfies(sign -> assertThat(sign.value())
                .isEqualTo(30));
    }

    /** Before the SYN-ACK the server's end of an older connection says what that had got (RFC 5961). */
    @Test
    void theFrameThatProvesBytesUnseenIsNoneOfAnOlderConnection() {
        Tape client = new Tape();
        client.then(toServer("S").seq(100)).then(toClient("A").seq(5000).ack(90_000)).then(toClient("SA").seq(700).ack(101));
        client.then(toServer("PA").seq(101).ack(701).payload("0123456789")).then(toClient("A").seq(701).ack(141));

        assertThat(atClient(client).sign(Sign.Kind.ACKED_UNSEEN)).satisfies(sign -> {
            assertThat(sign.value()).isEqualTo(29);
            assertThat(sign.frames()).extracting(SeenFrame::number).containsExactly(5L);
        });
    }

    @Test
    void whatAnOlderConnectionStillHasToSayIsNoAnswerToTheSynButAnAcknowledgementWithoutDataIs() {
        Tape client = new Tape();
        client.then(toServer("S").seq(100)).then(toClient("PA").seq(5000).ack(90_000).payload("late"));
        assertThat(atClient(client).sign(Sign.Kind.CHALLENGE_ACK)).isNull();

        client.then(toClient("A").seq(5004).ack(90_000));
        assertThat(atClient(client).sign(Sign.Kind.CHALLENGE_ACK)).satisfies(
                sign -> assertThat(sign.frames()).extracting(SeenFrame::number).containsExactly(1L, 3L));
    }

    @Test
    void aWindowStaysShutForWhoStillProbesItNotForWhoGoesAway() {
        connection.handshake().ask("x");
        connection.reply(connection.back("A").window(0), CLIENT);
        path.pause(2 * SECOND);
        connection.request(connection.plain("A"), NODE2);
        assertThat(Folding.of(path.tapes()).onlyFlow().sign(Sign.Kind.WINDOW_STUCK)).isNotNull();

        path.pause(2 * SECOND);
        connection.request(connection.plain("RA"), NODE2);
        Flow flow = Folding.of(path.tapes()).onlyFlow();

        assertThat(flow.sign(Sign.Kind.WINDOW_STUCK)).isNull();
        assertThat(flow.sign(Sign.Kind.ZERO_WINDOW)).isNotNull();
    }

    /** The ports tell nothing; but the client's machine sends with a TTL that no router has touched. */
    @Test
    void aClientsCaptureThatBeginsWithAnAnswerTellsByTheTtlWhoAsked() {
        TestPacket answer = TestPacket.udp("10.240.0.4:50051", "10.241.0.4:40000", "answer").ttl(62).id(5);
        TestPacket question = TestPacket.udp("10.241.0.4:40000", "10.240.0.4:50051", "question").id(6);

        assertThat(atClient(new Tape().then(answer).then(question)).original()).hasToString("10.241.0.4:40000 -> 10.240.0.4:50051");
        assertThat(atClient(new Tape().then(answer)).original()).hasToString("10.241.0.4:40000 -> 10.240.0.4:50051");
        assertThat(atClient(new Tape().then(answer).then(question.ttl(60))).original()).as("from afar, too").hasToString(
                "10.240.0.4:50051 -> 10.241.0.4:40000");
    }

    /** Identifications come again after some time; and a point's own later fragments may have come before its capture began. */
    @Test
    void laterFragmentsElsewhereAreOfTheDatagramThatWasUnderWayThen() {
        TestPacket datagram = TestPacket.udp("10.241.0.4:40000", "10.240.0.4:53", "x".repeat(3000)).id(7);
        byte[] later = datagram.ttl(63).fragment(1480, 1480);
        Tape client = new Tape().at(10 * SECOND, datagram.fragment(0, 1480)).at(10 * SECOND + 1, datagram.fragment(1480, 1480));

        assertThat(firstFragmentLost(client, new Tape().at(10 * SECOND + 100_000, later))).isTrue();
        assertThat(firstFragmentLost(client, new Tape().at(15 * SECOND, later))).as("five seconds after it").isFalse();
        assertThat(firstFragmentLost(new Tape().at(0, datagram.fragment(1480, 1480)).at(SECOND, datagram.fragment(0, 1480)), new Tape()))
                .as("at the same point").isFalse();
    }

    private static boolean firstFragmentLost(Tape client, Tape node) {
        return Folding.of(List.of(client, node)).onlyFlow().sign(Sign.Kind.FIRST_FRAGMENT_LOST) != null;
    }

    /** Its acknowledgement was lost, or the answer took as long as the client's timer. */
    @Test
    void aQuestionThatComesAgainBehindItsAnswerIsNotLeftUnanswered() {
        String text = "GET / HTTP/1.1\r\n\r\n";
        connection.handshake();
        TestPacket question = connection.plain("PA").payload(text);
        connection.ask(text).answer("HTTP/1.1 200 OK\r\n\r\n").request(question, NODE2);
        connection.reply(connection.back("FA"), CLIENT).close();

        assertThat(Folding.of(path.tapes()).onlyFlow().sign(Sign.Kind.CLOSED_UNANSWERED)).isNull();
    }

    @Test
    void aQuestionThatIsLeftUnansweredCountsOnceHoweverOftenItCame() {
        String text = "GET / HTTP/1.1\r\n\r\n";
        connection.handshake();
        TestPacket question = connection.plain("PA").payload(text);
        connection.ask(text).request(question, NODE2);
        connection.reply(connection.back("FA"), CLIENT).close();

        assertThat(Folding.of(path.tapes()).onlyFlow().sign(Sign.Kind.CLOSED_UNANSWERED).count()).isEqualTo(text.length());
    }

    /** The SYN was sent again and translated anew, to an endpoint that is not there: only the error about it shows at the bridge. */
    @Test
    void anErrorAboutASecondTranslationIsOfItThoughItsPointShowsNothingElse() {
        Tape bridge = new Tape();
        Tape eth0 = new Tape();
        TestPacket syn = toServer("S").seq(100).ttl(63);
        TestPacket again = syn.id(2).translated("10.240.0.4:40001", "10.244.1.9:8443");
        eth0.at(0, syn).at(10_000, syn.translated("10.240.0.4:40000", "10.244.1.2:8443"));
        eth0.at(100_000, TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:40000", "SA").seq(5).ack(101).ttl(63));
        eth0.at(SECOND, syn.id(2)).at(SECOND + 10_000, again);
        bridge.at(SECOND + 20_000, again.unreachable("10.240.0.5", 1, 64));

        Flow flow = Folding.of(List.of(bridge, eth0), List.of(Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"),
                Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"))).onlyFlow();

        assertThat(flow.translated().destination()).hasToString("10.244.1.2:8443");
        assertThat(flow.legs()).filteredOn(leg -> leg.relation() == Relation.REMAPPED).hasSize(2);
    }

    /** An endpoint's answer that the node passed on untranslated: it belongs where requests have the same destination. */
    @Test
    void answersUnderATupleOfTheirOwnAreBehindTheTranslationWhoseDestinationTheyHave() {
        Tape eth0 = new Tape();
        TestPacket syn = toServer("S").seq(100).ttl(63);
        eth0.at(0, syn).at(10_000, syn.translated("10.240.0.4:40000", "10.244.1.2:8443"));
        eth0.at(100_000, TestPacket.tcp("10.244.1.2:8443", "10.241.0.4:40000", "SA").seq(5).ack(101).ttl(63));

        Flow flow = Folding.of(List.of(eth0), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"))).onlyFlow();

        assertThat(flow.places()).extracting(Place::level).containsExactly(0, 1);
        assertThat(flow.places()).extracting(place -> place.replyLeg() >= 0).containsExactly(false, true);
    }

    private static TestPacket toServer(String flags) {
        return TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", flags);
    }

    private static TestPacket toClient(String flags) {
        return TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", flags).ttl(62);
    }

    private static Flow atClient(Tape client) {
        return Folding.of(List.of(client), List.of(Folding.point("client", PointRole.CLIENT, null))).onlyFlow();
    }

    @Test
    void whatTheNextCaptureCouldNotHoldIsHiddenAndNotLost() {
        connection.handshake();
        path.pause(100 * SECOND);
        connection.ask("x").answer("y").close();
        List<Tape> tapes = path.tapes();
        tapes.get(2).frames().removeIf(frame -> frame.timeNanos() > Tape.START + 50 * SECOND);

        FlowHop hop = hop(Folding.of(tapes).onlyFlow(), 2, REQUEST);

        assertThat(hop.loss().packets()).isZero();
        assertThat(hop.loss().missed()).as("it had ended; it did not drop them").isZero();
        assertThat(hop.loss().hidden()).isEqualTo(3);
    }

    @Test
    void answersThatComeBackUntranslatedHaveAPlaceOfTheirOwnTuple() {
        // A local pod's answers as the bridge shows them with br_netfilter: pod:P -> client:C.
        Tape client = new Tape();
        Tape bridge = new Tape();
        TestPacket syn = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "S").seq(5).id(9);
        TestPacket synAck = TestPacket.tcp("10.244.0.3:8443", "10.241.0.4:38001", "SA").seq(77).ack(6).id(0);
        client.at(0, syn).at(500_000, synAck.translated("10.240.0.4:32000", "10.241.0.4:38001"));
        bridge.at(100_000, syn.translated("10.244.0.1:40000", "10.244.0.3:8443")).at(200_000, synAck);

        Flow flow = Folding.of(List.of(client, bridge), List.of(Folding.point("client", PointRole.CLIENT, null),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).onlyFlow();

        assertThat(flow.translated()).hasToString("10.244.0.1:40000 -> 10.244.0.3:8443");
        assertThat(flow.places()).hasSize(2);
        assertThat(flow.replyLeg(flow.places().get(1)).relation()).isEqualTo(Relation.REPLY_UNTRANSLATED);
        assertThat(hop(flow, 1, REPLY).delivered()).isEqualTo(1);
    }

    @Test
    void aHandshakeOfWhichOneCaptureCutTheTimestampsIsTheSame() {
        Tape client = new Tape();
        Tape node = new Tape();
        TestPacket syn = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "S").seq(5).id(9);
        TestPacket synAck = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "SA").seq(70).ack(6).id(0);
        client.at(0, syn.timestamps(1000, 0)).at(300_000, synAck.timestamps(5000, 1000).ttl(62));
        node.at(100_000, syn).at(200_000, synAck.ttl(62));

        Flow flow = Folding.of(List.of(client, node)).onlyFlow();

        assertThat(flow.hops()).hasSize(2).allSatisfy(hop -> {
            assertThat(hop.delivered()).isEqualTo(1);
            assertThat(hop.loss().packets() + hop.loss().hidden() + hop.loss().missed() + hop.appeared()).isZero();
        });
    }

    @Test
    void aConnectionTranslatedAnewKeepsItsFirstTranslation() {
        connection.handshake().ask("x");
        ServicePath.Connection later = connection;
        List<Tape> tapes = path.tapes();
        TestPacket again = later.plain("PA").payload("later").id(500);
        tapes.get(0).at(50_000_000, again);
        tapes.get(1).at(50_100_000, again).at(50_120_000, again.translated("10.240.0.4:61000", "10.244.1.3:8443"));
        tapes.get(2).at(50_220_000, again.translated("10.240.0.4:61000", "10.244.1.3:8443").ttl(62));

        Flow flow = Folding.of(tapes).onlyFlow();

        assertThat(flow.translated()).hasToString("10.240.0.4:52001 -> 10.244.1.2:8443");
        assertThat(flow.legs()).filteredOn(leg -> leg.relation() == Relation.REMAPPED).extracting(leg -> leg.tuple().toString())
                .containsOnly("10.240.0.4:61000 -> 10.244.1.3:8443").hasSize(2);
    }

    /** What comes to Node-2 is translated there, to a pod of its own, which answers the client by RST; or Node-2 refuses it itself. */
    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true"})
    void whatGoesOnAtAnotherNodeIsNoPartOfThePath(boolean translated, boolean refused) {
        path.connect(2).handshake().ask("x").answer("y").close();
        path.pause(SECOND);
        connection.handshake().ask("one").answer("two").ask("three").answer("four");
        TestPacket more = connection.plain("PA").payload("more").id(500);
        TestPacket reset = TestPacket.tcp("10.244.1.2:8443", "10.241.0.4:38001", "R").seq(7).id(0);
        List<Tape> tapes = new ArrayList<>(path.tapes());
        long later = 2 * SECOND;
        tapes.get(0).at(later, more);
        Tape other = new Tape();
        tapes.get(2).frames().forEach(frame -> other.at(frame.timeNanos() - Tape.START, frame.bytes()));
        other.at(later + 100_000, more);
        if (translated) {
            tapes.get(2).at(later + 110_000, more.translated("10.244.1.1:61000", "10.244.1.2:8443").ttl(63));
        }
        if (refused) {
            if (translated) {
                tapes.get(2).at(later + 120_000, reset);
            }
            other.at(later + 130_000, reset.translated("10.240.0.4:32000", "10.241.0.4:38001").ttl(63));
            tapes.get(0).at(later + 230_000, reset.translated("10.240.0.4:32000", "10.241.0.4:38001").ttl(63));
        }
        tapes.get(1).at(later + SECOND, path.connect(3).syn());
        tapes.add(other);

        Folding folding = Folding.of(tapes, List.of(Folding.point("client", PointRole.CLIENT, null),
                Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"), Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2"),
                Folding.point("node2-eth0", PointRole.NODE_INTERFACE, "node-2")));
        Flow flow = folding.flows().stream().filter(f -> f.original().source().port() == 38_001).findFirst().orElseThrow();

        assertThat(flow.translated()).hasToString("10.240.0.4:52001 -> 10.244.1.2:8443");
        assertThat(flow.places()).extracting(place -> folding.captures().point(place.point()).name() + " " + place.level())
                .containsExactly("client 0", "node1-eth0 0", "node1-eth0 1", "node2-eth0 1", "node2-cbr0 1");
        assertThat(flow.legs()).filteredOn(leg -> leg.relation() == Relation.REMAPPED).hasSize(!translated ? 1 : refused ? 3 : 2);
        assertThat(flow.sign(Sign.Kind.MOVED).frames().get(0).point()).isEqualTo(3);
        assertThat(flow.hops()).allSatisfy(hop -> assertThat(hop.loss().packets() + hop.loss().missed() + hop.appeared()).isZero());
    }

    /** A pod on Node-1 refuses, its RST is lost after Node-1, and the SYN that is sent again is taken to another pod. */
    private static Flow refusedAndTakenElsewhere(boolean acknowledged) {
        TestPacket syn = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "S").seq(5).id(9).ttl(63);
        TestPacket again = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "S").seq(5).id(10).ttl(63);
        TestPacket refusal = TestPacket.tcp("10.244.0.3:8443", "10.241.0.4:38001", "RA").seq(0).ack(6).id(0);
        TestPacket synAck = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:52002", "SA").seq(77).ack(6).id(0).ttl(63);
        TestPacket ack = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "A").seq(6).ack(78).id(11).ttl(63);
        Tape bridge = new Tape().at(10_000, syn.translated("10.244.0.1:61000", "10.244.0.3:8443").ttl(62)).at(20_000, refusal);
        Tape eth0 = new Tape().at(0, syn).at(30_000, refusal.translated("10.240.0.4:32000", "10.241.0.4:38001").ttl(63))
                .at(1_000_000_000, again).at(1_000_020_000, again.translated("10.240.0.4:52002", "10.244.1.2:8443").ttl(62))
                .at(1_000_200_000, synAck).at(1_000_220_000, synAck.translated("10.240.0.4:32000", "10.241.0.4:38001").ttl(62));
        if (acknowledged) {
            eth0.at(1_000_400_000, ack).at(1_000_420_000, ack.translated("10.240.0.4:52002", "10.244.1.2:8443").ttl(62));
        }
        return Folding.of(List.of(eth0, bridge), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).onlyFlow();
    }

    @Test
    void aSynThatWasRefusedByAPodOfTheNodeWasTranslatedFirstToThat() {
        for (boolean acknowledged : new boolean[] {false, true}) {
            assertThat(refusedAndTakenElsewhere(acknowledged).translated()).hasToString("10.244.0.1:61000 -> 10.244.0.3:8443");
        }
    }

    @Test
    void aPointThatShowsNothingButAnswersTellsOfNoLaterTranslation() {
        TestPacket syn = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "S").seq(5).id(9);
        TestPacket synAck = TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:52001", "SA").seq(77).ack(6).id(0);
        TestPacket ask = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "PA").seq(6).ack(78).id(10).payload("one");
        TestPacket more = TestPacket.tcp("10.241.0.4:38001", "10.240.0.4:32000", "PA").seq(9).ack(78).id(11).payload("more");
        Tape client = new Tape().at(0, syn).at(300_000, synAck.translated("10.240.0.4:32000", "10.241.0.4:38001").ttl(62))
                .at(1_000_000, ask).at(2_000_000, more);
        Tape entry = new Tape();
        for (TestPacket packet : List.of(syn, more)) {
            long time = packet == syn ? 100_000 : 2_100_000;
            entry.at(time, packet).at(time + 20_000, packet.translated("10.240.0.4:52001", "10.244.1.2:8443").ttl(63));
        }
        Tape answers = new Tape().at(200_000, synAck);
        Tape bridge = new Tape().at(1_120_000, ask.translated("10.244.0.1:61000", "10.244.0.3:8443").ttl(63));

        Flow flow = Folding.of(List.of(client, entry, answers, bridge), List.of(Folding.point("client", PointRole.CLIENT, null),
                Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"), Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2"),
                Folding.point("node1-cbr0", PointRole.BRIDGE, "node-1"))).onlyFlow();

        assertThat(flow.original()).hasToString("10.241.0.4:38001 -> 10.240.0.4:32000");
        assertThat(flow.legs()).filteredOn(leg -> leg.relation() == Relation.REMAPPED).isEmpty();
    }

    @Test
    void thePacketsOneByOneFollowTheirNumbersFromNought() {
        connection.handshake().ask("0123456789").answer("ok").close();

        List<Flow.TrailPacket> trail = Folding.of(path.tapes()).onlyFlow().trail();

        assertThat(trail).hasSize(8);
        assertThat(trail).filteredOn(p -> p.direction() == REQUEST).extracting(Flow.TrailPacket::sequence).containsExactly(0L, 1L, 1L,
                11L, 12L);
        assertThat(trail).filteredOn(p -> p.direction() == REPLY).extracting(Flow.TrailPacket::acknowledgment).containsExactly(1L, 11L,
                12L);
        assertThat(trail).allSatisfy(p -> assertThat(p.sightings()).hasSize(4));
    }

    // Copies made by capturing

    @Test
    void aPacketSeenOnTwoInterfacesAtOnceIsOnePacket() {
        connection.handshake().ask("x").answer("y");
        List<Tape> tapes = path.tapes();
        Tape any = new Tape();
        for (Tape.Frame frame : tapes.get(0).frames()) {
            byte[] onBridge = frame.bytes().clone();
            onBridge[11] = 0x77;
            any.at(frame.timeNanos() - Tape.START, frame.bytes()).at(frame.timeNanos() - Tape.START + 5_000, onBridge);
        }

        FlowLeg leg = Folding.of(List.of(any), List.of(Folding.point("client", PointRole.CLIENT, null))).onlyFlow().legs().get(0);

        assertThat(leg.copies()).isEqualTo(5);
        assertThat(leg.requests() + leg.replies()).as("frames, copies included").isEqualTo(10);
        assertThat(leg.syns()).isEqualTo(1);
    }

    @Test
    void aDeviceThatHandsOverEverythingTwiceIsSeenThrough() {
        connection.handshake().ask("x").answer("y").close();
        Tape doubled = new Tape();
        for (Tape.Frame frame : path.tapes().get(0).frames()) {
            doubled.at(frame.timeNanos() - Tape.START, frame.bytes()).at(frame.timeNanos() - Tape.START + 2_000, frame.bytes());
        }

        Flow flow = Folding.of(List.of(doubled), List.of(Folding.point("client", PointRole.CLIENT, null))).onlyFlow();

        assertThat(flow.legs().get(0).copies()).isEqualTo(8);
        assertThat(flow.signs()).isEmpty();
    }

    /** A bridge shows what it receives at its port, and as its own; what it sends but once. */
    @ParameterizedTest
    @CsvSource({"0, true", "1, true", "1, false", "2, false", "2, true", "0, false"})
    void aDeviceThatHandsOverWhatItReceivesTwiceIsSeenThroughWhereItWentOnOrWasAnsweredOnce(int point, boolean requests) {
        connection.handshake().ask("x").answer("y").ask("z").answer("w").close();
        List<Tape> tapes = new ArrayList<>(path.tapes());
        tapes.set(point, oneWayTwice(tapes.get(point), requests));

        Flow flow = Folding.of(tapes).onlyFlow();

        assertThat(flow.legs().stream().mapToLong(FlowLeg::copies).sum()).isPositive();
        assertThat(flow.hops()).allSatisfy(hop -> {
            assertThat(hop.loss().packets() + hop.loss().hidden()).isZero();
            assertThat(hop.duplicated() + hop.reordered() + hop.altered() + hop.appeared()).isZero();
            assertThat(hop.sent()).isEqualTo(hop.delivered());
        });
        assertThat(flow.legs()).allSatisfy(leg -> assertThat(leg.syns()).isLessThan(2));
        assertThat(flow.signs()).isEmpty();
    }

    /** The pod gets two SYNs, and answers both. */
    @Test
    void aNetworkThatDoublesAllOfOneWayDoublesItForAllPlacesBehindItAndIsAnsweredTwice() {
        connection.handshake().ask("x").answer("y").answer("z").ask("z").answer("w").answer("v").close();
        List<Tape> tapes = new ArrayList<>(path.tapes());
        tapes.set(1, oneWayTwice(tapes.get(1), true));
        tapes.set(2, oneWayTwice(tapes.get(2), true));
        for (Tape tape : tapes) {
            for (Tape.Frame frame : List.copyOf(tape.frames())) {
                if ((frame.bytes()[14 + 20 + 13] & 0x12) == 0x12) {
                    tape.at(frame.timeNanos() - Tape.START + 40_000, frame.bytes());
                }
            }
        }

        Flow flow = Folding.of(tapes).onlyFlow();

        assertThat(flow.legs()).allSatisfy(leg -> assertThat(leg.copies()).isZero());
        assertThat(hop(flow, 0, REQUEST).duplicated()).isEqualTo(hop(flow, 0, REQUEST).sent());
    }

    @ParameterizedTest
    @CsvSource({"4, false", "4, true", "1, false", "1, true"})
    void questionsThatShowTwiceCameTwiceIfEachWasAnsweredTwice(int questions, boolean twice) {
        TestPacket ask = TestPacket.udp("10.241.0.4:40000", "10.244.1.2:5300", "question").id(5);
        TestPacket answer = TestPacket.udp("10.244.1.2:5300", "10.241.0.4:40000", "answer").id(50);
        Tape client = new Tape();
        Tape node = new Tape();
        for (int i = 0; i < questions; i++) {
            long time = i * SECOND;
            client.at(time, ask.id(5 + i)).at(time + 400_000, answer.id(50 + 2 * i));
            node.at(time + 100_000, ask.id(5 + i).ttl(63)).at(time + 102_000, ask.id(5 + i).ttl(63));
            node.at(time + 300_000, answer.id(50 + 2 * i));
            if (twice) {
                client.at(time + 410_000, answer.id(51 + 2 * i));
                node.at(time + 310_000, answer.id(51 + 2 * i));
            }
        }

        Flow flow = Folding.of(List.of(client, node)).onlyFlow();

        assertThat(hop(flow, 0, REQUEST).duplicated()).isEqualTo(twice ? questions : 0);
    }

    /** Each frame twice that goes one way. */
    private static Tape oneWayTwice(Tape once, boolean requests) {
        Tape twice = new Tape();
        for (Tape.Frame frame : once.frames()) {
            long time = frame.timeNanos() - Tape.START;
            twice.at(time, frame.bytes());
            if (isRequest(frame.bytes()) == requests) {
                twice.at(time + 2_000, frame.bytes());
            }
        }
        return twice;
    }

    private static boolean isRequest(byte[] frame) {
        int ports = 14 + 20;
        int destination = (frame[ports + 2] & 0xff) << 8 | frame[ports + 3] & 0xff;
        return destination == 32_000 || destination == 8443;
    }

    @Test
    void aDuplicateThatTheNetworkMadeStaysOne() {
        connection.handshake().ask("x").answer("y").ask("z").answer("w").close();
        Tape once = path.tapes().get(2);
        Tape.Frame question = once.frames().get(2);
        once.at(question.timeNanos() - Tape.START + 30_000, question.bytes());

        Flow flow = Folding.of(path.tapes()).onlyFlow();

        assertThat(flow.legs()).allSatisfy(leg -> assertThat(leg.copies()).isZero());
        assertThat(hop(flow, 2, REQUEST).duplicated()).isEqualTo(1);
        assertThat(hop(flow, 2, REQUEST).duplicateFrames()).hasSize(1);
    }

    private static FlowHop hop(Flow flow, int from, Direction direction) {
        FlowHop hop = flow.hopFrom(from, direction);
        assertThat(hop).as("hop from place %d, %s, of %s", from, direction, flow.hops()).isNotNull();
        return hop;
    }
}
