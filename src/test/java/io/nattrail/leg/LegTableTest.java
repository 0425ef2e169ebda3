package io.nattrail.leg;

import static io.nattrail.packets.TestPacket.echo;
import static io.nattrail.packets.TestPacket.sctp;
import static io.nattrail.packets.TestPacket.tcp;
import static io.nattrail.packets.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.IpAddress;
import io.nattrail.net.IpProtocol;
import io.nattrail.net.Protocol;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LegTableTest {
    private static final String CLIENT = "10.241.0.4:38636";
    private static final String NODE = "10.240.0.4:32000";
    private static final long SECOND = 1_000_000_000L;

    private final Tape tape = new Tape();

    // TCP

    @Test
    void bothDirectionsAreOneLegWhoeverHasTheHigherAddress() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "SA").seq(900).ack(101)).then(tcp(CLIENT, NODE, "A").seq(101)
                .ack(901));
        tape.then(tcp("10.0.0.1:5000", "10.9.9.9:80", "S").seq(7)).then(tcp("10.9.9.9:80", "10.0.0.1:5000", "SA").seq(8).ack(8));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).extracting(leg -> leg.tuple().toString()).containsExactly(CLIENT + " -> " + NODE, "10.0.0.1:5000 -> 10.9.9.9:80");
        Leg first = legs.get(0);
        assertThat(first.hasClientIsn()).isTrue();
        assertThat(first.clientIsn()).isEqualTo(100);
        assertThat(first.serverIsn()).isEqualTo(900);
        assertThat(first.synSeen()).isTrue();
        assertThat(first.rowCount()).isEqualTo(3);
        Rows rows = Tape.rows(first);
        assertThat(List.of(request(first, rows, 0), request(first, rows, 1), request(first, rows, 2))).containsExactly(true, false, true);
    }

    @Test
    void aRowHoldsWhatTheHeadersSay() {
        byte[] payload = "GET / HTTP/1.1\r\n\r\n".getBytes();
        tape.at(5 * SECOND, tcp(CLIENT, NODE, "S").seq(-1).mss(1460).timestamps(11, 0).id(0xfedc).ttl(63));
        tape.at(6 * SECOND, tcp(CLIENT, NODE, "PA").seq(0).ack(0x80000001).window(0xfffe).timestamps(12, -3).payload(payload).id(0xfedd)
                .ttl(63));

        Rows rows = Tape.rows(tape.table().legs().get(0));

        assertThat(rows.mss(0)).isEqualTo(1460);
        assertThat(rows.time(1)).isEqualTo(Tape.START + 6 * SECOND);
        assertThat(rows.number(1)).isEqualTo(2);
        assertThat(rows.seq(1)).isZero();
        assertThat(rows.ack(1)).isEqualTo(0x80000001);
        assertThat(rows.window(1)).isEqualTo(0xfffe);
        assertThat(rows.tsVal(1)).isEqualTo(12);
        assertThat(rows.tsEcr(1)).isEqualTo(-3);
        assertThat(rows.timestamps(1)).isTrue();
        assertThat(rows.length(1)).isEqualTo(payload.length);
        assertThat(rows.flags(1)).isEqualTo(0x18);
        assertThat(rows.identification(1)).isEqualTo(0xfedd);
        assertThat(rows.ttl(1)).isEqualTo(63);
        assertThat(rows.whole(1)).isTrue();
        assertThat(rows.checksum(1)).isEqualTo(Rows.CHECKSUM_RIGHT);
    }

    @Test
    void aWrongChecksumIsKnown() {
        byte[] frame = tcp(CLIENT, NODE, "PA").seq(1).payload("hello").frame();
        frame[frame.length - 1] ^= 1;

        assertThat(Tape.rows(tape.then(frame).table().legs().get(0)).checksum(0)).isEqualTo(Rows.CHECKSUM_WRONG);
    }

    @Test
    void theSamePortsWithAnotherInitialSequenceNumberAreAnotherConnection() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "SA").seq(900).ack(101)).then(tcp(CLIENT, NODE, "R").seq(101));
        tape.then(tcp(CLIENT, NODE, "S").seq(5000)).then(tcp(NODE, CLIENT, "SA").seq(7000).ack(5001));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).extracting(Leg::clientIsn).containsExactly(100, 5000);
        assertThat(legs).extracting(Leg::serverIsn).containsExactly(900, 7000);
        assertThat(legs).extracting(Leg::rowCount).containsExactly(3, 2);
        assertThat(legs.get(0).closed()).isTrue();
        assertThat(legs.get(1).closed()).isFalse();
    }

    /** RFC 7413: who has the server's cookie sends data with its SYN. */
    @Test
    void aSynAckThatAcknowledgesTheSynsDataIsOfTheSameConnection() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100).payload("GET / HTTP/1.1\r\n\r\n")).then(tcp(NODE, CLIENT, "SA").seq(900).ack(119))
                .then(tcp(CLIENT, NODE, "A").seq(119).ack(901));

        assertThat(tape.table().legs()).singleElement().satisfies(leg -> {
            assertThat(leg.clientIsn()).isEqualTo(100);
            assertThat(leg.serverIsn()).isEqualTo(900);
            assertThat(leg.rowCount()).isEqualTo(3);
        });
    }

    @Test
    void aSynAckThatAcknowledgesOnlyTheSynDidNotTakeItsDataAndIsOfTheSameConnectionToo() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100).payload("GET / HTTP/1.1\r\n\r\n")).then(tcp(NODE, CLIENT, "SA").seq(900).ack(101));

        assertThat(tape.table().legs()).singleElement().satisfies(leg -> assertThat(leg.serverIsn()).isEqualTo(900));
    }

    @Test
    void aSynAckThatAcknowledgesFurtherThanASynWithoutDataIsOfAnotherConnection() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "SA").seq(900).ack(119));

        assertThat(tape.table().legs()).hasSize(2);
    }

    @Test
    void aSynSentAgainIsNot() {
        tape.at(0, tcp(CLIENT, NODE, "S").seq(100)).at(SECOND, tcp(CLIENT, NODE, "S").seq(100).id(2));

        assertThat(tape.table().legs()).hasSize(1);
    }

    @Test
    void aSynAckOfTheOldConnectionAfterTheNewSynDoesNotTakeTheNewOneOver() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "SA").seq(900).ack(101));
        tape.then(tcp(CLIENT, NODE, "S").seq(5000)).then(tcp(NODE, CLIENT, "SA").seq(7000).ack(5001));

        assertThat(tape.table().legs()).extracting(Leg::serverIsn).containsExactly(900, 7000);
    }

    /** As a bridge shows them half translated, to a client that calls two services of one pod from one port. */
    @Test
    void answersToTwoConnectionsUnderOneTupleAreToldApartByTheirNumbers() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "SA").seq(90_000).ack(101))
                .then(tcp(CLIENT, NODE, "PA").seq(101).ack(90_001).payload("ask"));
        tape.then(tcp(NODE, CLIENT, "SA").seq(70_000).ack(5001)).then(tcp(NODE, CLIENT, "PA").seq(70_001).ack(5004).payload("other's"));
        tape.then(tcp(NODE, CLIENT, "PA").seq(90_001).ack(104).payload("answer")).then(tcp(CLIENT, NODE, "A").seq(104).ack(90_007));
        tape.then(tcp(NODE, CLIENT, "SA").seq(70_000).ack(5001)).then(tcp(NODE, CLIENT, "SA").seq(90_000).ack(101));
        tape.then(tcp(CLIENT, NODE, "FA").seq(104).ack(90_007)).then(tcp(NODE, CLIENT, "FA").seq(70_008).ack(5004));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).extracting(Leg::clientIsn).containsExactly(100, 5000);
        assertThat(legs).extracting(Leg::rowCount).containsExactly(7, 4);
    }

    @Test
    void whatComesAfterTheEndOfAConnectionUnderItsTupleIsOfTheNext() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "SA").seq(90_000).ack(101));
        tape.then(tcp(CLIENT, NODE, "RA").seq(101).ack(90_001));
        tape.then(tcp(NODE, CLIENT, "SA").seq(70_000).ack(5001)).then(tcp(NODE, CLIENT, "A").seq(90_001).ack(101));

        assertThat(tape.table().legs()).extracting(Leg::rowCount).containsExactly(3, 2);
    }

    @Test
    void inASimultaneousOpenTheFirstSynIsTheOpeners() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "S").seq(900)).then(tcp(CLIENT, NODE, "SA").seq(100).ack(901))
                .then(tcp(NODE, CLIENT, "SA").seq(900).ack(101));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).singleElement().satisfies(leg -> {
            assertThat(leg.tuple()).hasToString(CLIENT + " -> " + NODE);
            assertThat(leg.clientIsn()).isEqualTo(100);
            assertThat(leg.serverIsn()).isEqualTo(900);
        });
    }

    @Test
    void aLegJoinedInTheMiddleIsTakenForOneToTheLowerPort() {
        tape.then(tcp(NODE, CLIENT, "A").seq(900).ack(101).payload("late"));

        Leg leg = tape.table().legs().get(0);

        assertThat(leg.hasClientIsn()).isFalse();
        assertThat(leg.tuple()).hasToString(CLIENT + " -> " + NODE);
        leg.reverse();
        assertThat(leg.tuple()).hasToString(NODE + " -> " + CLIENT);
    }

    @Test
    void aSynAckAloneTellsTheOpenerAndItsNumber() {
        tape.then(tcp("10.0.0.9:40000", "10.0.0.1:50000", "SA").seq(900).ack(101));

        Leg leg = tape.table().legs().get(0);

        assertThat(leg.tuple()).hasToString("10.0.0.1:50000 -> 10.0.0.9:40000");
        assertThat(leg.clientIsn()).isEqualTo(100);
        assertThat(leg.synSeen()).isFalse();
        assertThat(leg.serverIsn()).isEqualTo(900);
    }

    // Datagrams

    @Test
    void aStreamOfDatagramsEndsWithConntracksTimeOut() {
        tape.at(0, udp(CLIENT, NODE, "a")).at(SECOND, udp(NODE, CLIENT, "b")).at(180 * SECOND, udp(CLIENT, NODE, "c"));
        tape.at(363 * SECOND, udp(NODE, CLIENT, "d"));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).extracting(Leg::rowCount).containsExactly(3, 1);
        assertThat(legs.get(1).tuple()).hasToString(NODE + " -> " + CLIENT);
    }

    @Test
    void tcpUdpAndSctpOnTheSamePortsAreThreeLegs() {
        tape.then(tcp(CLIENT, NODE, "S")).then(udp(CLIENT, NODE, "x")).then(sctp(CLIENT, NODE, "init"));

        assertThat(tape.table().legs()).extracting(Leg::protocol).containsExactly(Protocol.TCP, Protocol.UDP, Protocol.SCTP);
    }

    /** RFC 9260, section 5.3.1: each association has an initiate tag of its own, which a repetition of the INIT keeps. */
    @Test
    void anInitWithAnotherTagBeginsAnotherLeg() {
        tape.then(sctp(CLIENT, NODE, "tag1")).then(sctp(CLIENT, NODE, "tag1")).then(sctp(NODE, CLIENT, "tag9"));
        tape.then(sctp(CLIENT, NODE, "tag2"));

        assertThat(tape.table().legs()).extracting(Leg::rowCount).containsExactly(3, 1);
    }

    /** A bridge shows half translated answers alone. RFC 9260, section 8.5.1: an INIT-ACK carries the tag of the INIT. */
    @Test
    void anInitAckOfAnotherTagBeginsAnotherLegThoughNoInitShows() {
        for (int tag : new int[] {5, 5, 6}) {
            byte[] frame = sctp(NODE, CLIENT, "acks").frame();
            frame[14 + 20 + 7] = (byte) tag;
            frame[14 + 20 + 12] = 2;
            tape.then(frame);
        }

        assertThat(tape.table().legs()).extracting(Leg::rowCount).containsExactly(2, 1);
        assertThat(tape.table().legs().get(0).tuple().source()).hasToString(CLIENT);
    }

    @Test
    void anEchoAndItsReplyAreOneLegByTheirIdentifier() {
        tape.then(echo("10.0.0.1", "10.0.0.9", 77, 1, true)).then(echo("10.0.0.9", "10.0.0.1", 77, 1, false));
        tape.then(echo("10.0.0.1", "10.0.0.9", 78, 1, true));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).extracting(Leg::rowCount).containsExactly(2, 1);
        assertThat(legs.get(0).tuple().source()).hasToString("10.0.0.1:77");
        Rows rows = Tape.rows(legs.get(0));
        assertThat(request(legs.get(0), rows, 0)).isTrue();
        assertThat(request(legs.get(0), rows, 1)).isFalse();
    }

    /** RFC 4443: other types than those of IPv4. */
    @Test
    void anEchoOfIpv6AndItsReplyAreOneLegToo() {
        tape.then(echoOfIpv6("fd00::1", "fd00::9", 128)).then(echoOfIpv6("fd00::9", "fd00::1", 129));

        assertThat(tape.table().legs()).singleElement().satisfies(leg -> {
            assertThat(leg.tuple().source()).hasToString("[fd00::1]:77");
            assertThat(leg.rowCount()).isEqualTo(2);
            assertThat(request(leg, Tape.rows(leg), 1)).isFalse();
        });
    }

    private static byte[] echoOfIpv6(String from, String to, int type) {
        byte[] frame = udp("[" + from + "]:1", "[" + to + "]:1", "0123456789").frame();
        int ip = 14;
        int icmp = ip + 40;
        frame[ip + 6] = 58;
        frame[icmp] = (byte) type;
        frame[icmp + 1] = 0;
        frame[icmp + 4] = 0;
        frame[icmp + 5] = 77;
        return frame;
    }

    @Test
    void anEchoReplyAloneStillTellsWhoAsked() {
        tape.then(echo("10.0.0.9", "10.0.0.1", 77, 1, false));

        assertThat(tape.table().legs().get(0).tuple().source()).hasToString("10.0.0.1:77");
    }

    @Test
    void ipv6AddressesThatDifferInOneHalfOnlyAreApart() {
        String[] clients = {"[fd00:241::4]:5000", "[fd00:242::4]:5000", "[fd00:241::5]:5000"};
        for (String client : clients) {
            tape.then(tcp(client, "[fd00:240::4]:32000", "S").seq(1)).then(tcp("[fd00:240::4]:32000", client, "SA").seq(2).ack(2));
        }

        List<Leg> legs = tape.table().legs();

        assertThat(legs).extracting(leg -> leg.tuple().source().toString()).containsExactly(clients);
        assertThat(legs).allSatisfy(leg -> assertThat(leg.rowCount()).isEqualTo(2));
    }

    @Test
    void anIpv4AddressAndTheIpv6AddressOfTheSameNumberAreApart() {
        tape.then(tcp("0.0.0.1:5000", "0.0.0.2:80", "S")).then(tcp("[::1]:5000", "[::2]:80", "S"));

        assertThat(tape.table().legs()).hasSize(2);
    }

    @Test
    void aSnapLengthThatCutsEachTcpHeaderBehindIpv6IsKnown() {
        byte[] syn = tcp("[fd00:241::4]:5000", "[fd00:240::4]:32000", "S").seq(1).frame();
        tape.then(Arrays.copyOf(syn, 64)).then(tcp(CLIENT, NODE, "S").seq(1));

        assertThat(tape.table().cutBehindV6()).isTrue();
        assertThat(tape.then(syn).table().cutBehindV6()).isFalse();
    }

    @Test
    void andOneThatCutsEachTcpHeaderBehindIpv4() {
        byte[] syn = tcp(CLIENT, NODE, "S").seq(1).frame();
        tape.then(Arrays.copyOf(syn, 44)).then(tcp("[fd00:241::4]:5000", "[fd00:240::4]:32000", "S").seq(1));

        assertThat(tape.table().cutBehindV4()).isTrue();
        assertThat(tape.table().cutBehindV6()).isFalse();
        assertThat(tape.then(syn).table().cutBehindV4()).isFalse();
    }

    @Test
    void aPointThatShowsOneProtocolAloneIsKnown() {
        tape.then(tcp(CLIENT, NODE, "S").seq(1)).then(tcp(NODE, CLIENT, "SA").seq(9).ack(2));

        assertThat(tape.table().only()).isEqualTo(Protocol.TCP);
        assertThat(tape.then(udp(CLIENT, NODE, "question")).table().only()).isNull();
        assertThat(new Tape().then(udp(CLIENT, NODE, "question")).table().only()).isEqualTo(Protocol.UDP);
        assertThat(new Tape().table().only()).isNull();
    }

    // Fragments

    @Test
    void laterFragmentsFollowTheirFirstIntoItsLeg() {
        TestPacket datagram = udp(CLIENT, NODE, "x".repeat(3000)).id(4242);
        tape.then(datagram.fragment(0, 1480)).then(datagram.fragment(1480, 1480)).then(datagram.fragment(2960, 1480));

        LegTable table = tape.table();
        Leg leg = table.legs().get(0);
        Rows rows = Tape.rows(leg);

        assertThat(table.legs()).hasSize(1);
        assertThat(rows.count()).isEqualTo(3);
        assertThat(rows.laterFragment(0)).isFalse();
        assertThat(rows.laterFragment(1) && rows.laterFragment(2)).isTrue();
        assertThat(rows.seq(2)).isEqualTo(2960);
        assertThat(leg.gaps()).isEmpty();
    }

    @Test
    void aMissingFragmentIsAGapAndOneFromElsewhereDoesNotFillIt() {
        TestPacket datagram = udp(CLIENT, NODE, "x".repeat(3000)).id(4242);
        TestPacket other = udp("10.241.0.5:38636", NODE, "x".repeat(3000)).id(4242);
        tape.then(datagram.fragment(0, 1480)).then(datagram.fragment(2960, 1480)).then(other.fragment(1480, 1480));

        LegTable table = tape.table();

        assertThat(table.legs()).singleElement().satisfies(leg -> assertThat(leg.gaps()).singleElement().satisfies(gap -> {
            assertThat(gap.identification()).isEqualTo(4242);
            assertThat(gap.number()).isEqualTo(1);
            assertThat(gap.fromOpener()).isTrue();
        }));
        assertThat(table.notFollowed()).isEqualTo(1);
    }

    /** In a capture on all interfaces a bridge and its port show each fragment in turn. */
    @Test
    void fragmentsThatShowTwiceInTurnAreOneDatagram() {
        TestPacket datagram = udp(CLIENT, NODE, "x".repeat(3000)).id(4242);
        for (int offset = 0; offset < 3008; offset += 1480) {
            tape.then(datagram.fragment(offset, 1480)).then(datagram.fragment(offset, 1480));
        }

        assertThat(tape.table().legs().get(0).gaps()).isEmpty();
    }

    @Test
    void andOnesThatShowTwiceDoNotFillTheGapOfALostOne() {
        TestPacket datagram = udp(CLIENT, NODE, "x".repeat(3000)).id(4242);
        for (int offset = 0; offset < 3008; offset += 2960) {
            tape.then(datagram.fragment(offset, 1480)).then(datagram.fragment(offset, 1480));
        }

        assertThat(tape.table().legs().get(0).gaps()).extracting(FragmentGap::number).containsExactly(1L);
    }

    /** Each connected socket counts from a number of its own: among some hundred datagrams in fragments two have the same. */
    @Test
    void anIdentificationMeansAnotherDatagramOnceTheFirstIsWhole() {
        TestPacket shorter = udp(CLIENT, NODE, "x".repeat(3000)).id(4242);
        TestPacket longer = udp("10.241.0.4:50000", NODE, "y".repeat(5000)).id(4242);
        for (int offset = 0; offset < 3008; offset += 1480) {
            tape.at(0, shorter.fragment(offset, 1480));
        }
        for (int offset = 0; offset < 5008; offset += 1480) {
            tape.at(5 * SECOND, longer.fragment(offset, 1480));
        }
        tape.at(10 * SECOND, shorter.fragment(0, 1480)).at(10 * SECOND, shorter.fragment(2960, 1480));

        LegTable table = tape.table();

        assertThat(table.legs()).extracting(Leg::rowCount).containsExactly(5, 4);
        assertThat(table.legs().get(1).gaps()).isEmpty();
        assertThat(table.legs().get(0).gaps()).extracting(FragmentGap::number).containsExactly(8L);
    }

    @Test
    void anIdentificationMeansAnotherDatagramAfterHalfAMinute() {
        TestPacket datagram = udp(CLIENT, NODE, "x".repeat(2000)).id(4242);
        tape.at(0, datagram.fragment(0, 1480)).at(31 * SECOND, datagram.fragment(1480, 1480));

        assertThat(tape.table().notFollowed()).isEqualTo(1);
    }

    /** Identifications that all are 0 tell nothing; time does. */
    @Test
    void whatIsSaidAgainLaterIsNoCopy() {
        for (int i = 0; i < 20; i++) {
            tape.at(i * SECOND / 5, udp(CLIENT, NODE, "alive").id(0));
        }

        assertThat(tape.table().legs().get(0).ofDoubledCapture()).isFalse();
    }

    // ICMP errors

    @Test
    void anErrorIsFiledUnderTheLegThatItQuotes() {
        TestPacket syn = tcp(CLIENT, NODE, "S").seq(100).id(321);
        tape.then(syn).then(syn.unreachable("10.240.0.4", 3, 63));

        LegTable table = tape.table();

        assertThat(table.legs()).singleElement().satisfies(leg -> {
            assertThat(leg.rowCount()).isEqualTo(1);
            assertThat(leg.errors()).singleElement().satisfies(error -> {
                assertThat(error.portUnreachable()).isTrue();
                assertThat(error.sender()).isEqualTo(IpAddress.parse("10.240.0.4"));
                assertThat(error.receiver()).isEqualTo(IpAddress.parse("10.241.0.4"));
                assertThat(error.quotedFromOpener()).isTrue();
                assertThat(error.quotedSeq()).isEqualTo(100);
                assertThat(error.quotedIdentification()).isEqualTo(321);
                assertThat(error.ttl()).isEqualTo(63);
                assertThat(error.number()).isEqualTo(2);
            });
        });
    }

    /** 68 bytes were tcpdump's snap length for long: they end behind the ports of what an error quotes. */
    @Test
    void anErrorOfWhichTheSnapLengthLeftThePortsIsFiledToo() {
        TestPacket syn = tcp(CLIENT, NODE, "S").seq(100).id(321);
        tape.then(syn).then(Arrays.copyOf(syn.unreachable("10.240.0.4", 3, 63), 68));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).hasSize(1);
        assertThat(legs.get(0).errors()).singleElement().satisfies(error -> {
            assertThat(error.portUnreachable()).isTrue();
            assertThat(error.quotedFromOpener()).isTrue();
            assertThat(error.quotedIdentification()).isEqualTo(321);
        });
    }

    @Test
    void whoseAreTheQuotedPacketsTurnsWithTheLeg() {
        TestPacket answer = udp("10.244.1.2:5353", "10.241.0.4:40000", "late");
        tape.then(answer).then(answer.unreachable("10.241.0.4", 3, 64));

        Leg leg = tape.table().legs().get(0);

        assertThat(leg.errors().get(0).quotedFromOpener()).isTrue();
        leg.reverse();
        assertThat(leg.errors().get(0).quotedFromOpener()).isFalse();
    }

    @Test
    void anErrorAboutAnAnswerToAnEchoIsFiledUnderTheEcho() {
        TestPacket answer = echo("10.240.0.4", "10.241.0.4", 77, 1, false);
        tape.then(echo("10.241.0.4", "10.240.0.4", 77, 1, true)).then(answer).then(answer.unreachable("10.240.0.1", 1, 63));

        assertThat(tape.table().legs()).singleElement().satisfies(leg -> assertThat(leg.errors()).singleElement()
                .satisfies(error -> assertThat(error.quotedFromOpener()).isFalse()));
    }

    @Test
    void anErrorWithoutItsPacketOpensALegWithoutRows() {
        tape.then(tcp(CLIENT, NODE, "S").seq(100).unreachable("10.240.0.4", 1, 63));
        tape.then(tcp(NODE, CLIENT, "SA").seq(7).ack(101));

        assertThat(tape.table().legs()).singleElement().satisfies(leg -> {
            assertThat(leg.tuple()).hasToString(CLIENT + " -> " + NODE);
            assertThat(leg.errors()).hasSize(1);
            assertThat(leg.rowCount()).isEqualTo(1);
        });
    }

    /** The capture begins between an answer and the error that quotes it; whatever that told of who asks, the next packets tell better. */
    @Test
    void theFirstPacketTellsWhoOpenedItWhateverAnErrorBeforeQuotes() {
        tape.then(udp(NODE, CLIENT, "late").unreachable("10.241.0.4", 3, 64)).then(udp(CLIENT, NODE, "?"));
        tape.then(tcp("10.0.0.2:40000", "10.0.0.1:6443", "A").seq(5).unreachable("10.0.0.1", 3, 64));
        tape.then(tcp("10.0.0.1:6443", "10.0.0.2:40000", "S").seq(9));
        tape.then(tcp("10.0.0.3:443", "10.0.0.4:40000", "A").seq(5).error("10.0.0.9", 3, 4, 1400, 64));
        tape.then(tcp("10.0.0.3:443", "10.0.0.4:40000", "A").seq(1405));

        List<Leg> legs = tape.table().legs();

        assertThat(legs).extracting(leg -> leg.tuple().toString()).containsExactly(CLIENT + " -> " + NODE,
                "10.0.0.1:6443 -> 10.0.0.2:40000", "10.0.0.4:40000 -> 10.0.0.3:443");
        assertThat(legs.get(1).synSeen()).isTrue();
        assertThat(legs).allSatisfy(leg -> assertThat(leg.errors()).singleElement().satisfies(
                error -> assertThat(error.quotedFromOpener()).isFalse()));
    }

    // The point

    @Test
    void timesMayRunBackwards() {
        tape.at(SECOND, udp(CLIENT, NODE, "a")).at(0, udp(CLIENT, NODE, "b")).at(9 * SECOND, udp(CLIENT, NODE, "c"));

        LegTable table = tape.table();

        assertThat(table.firstTime()).isEqualTo(Tape.START);
        assertThat(table.latestTime()).isEqualTo(Tape.START + 9 * SECOND);
        assertThat(table.longestSilence()).isEqualTo(9 * SECOND);
        assertThat(table.legs().get(0).firstTime()).isEqualTo(Tape.START);
    }

    @Test
    void whatComesForASettledConnectionIsCountedAndANewOneOnItsTupleBegins() {
        LegTable table = tape.then(tcp(CLIENT, NODE, "S").seq(1)).then(tcp("10.241.0.5:1000", NODE, "S").seq(2)).table();
        Leg kept = table.legs().get(1);
        table.legs().get(0).settle();
        table.dropSettled();

        add(table, tcp(NODE, "10.241.0.5:1000", "SA").seq(5).ack(3), 3);
        add(table, tcp(CLIENT, NODE, "FA").seq(9).ack(2), 4);
        add(table, tcp(CLIENT, NODE, "S").seq(1), 5);

        assertThat(table.tooLate()).isEqualTo(2);
        assertThat(table.legs()).containsExactly(kept);
        assertThat(kept.rowCount()).isEqualTo(2);
        assertThat(table.heldRows()).isEqualTo(2);

        add(table, tcp(CLIENT, NODE, "S").seq(70_000), 6);

        assertThat(table.legs()).hasSize(2);
        assertThat(table.legs().get(1).clientIsn()).isEqualTo(70_000);
        assertThat(table.tooLate()).isEqualTo(2);
    }

    @Test
    void aHandshakeThatShowsAgainForASettledConnectionIsNoNewOne() {
        LegTable table = tape.then(tcp(CLIENT, NODE, "S").seq(1)).then(tcp(NODE, CLIENT, "SA").seq(5).ack(2)).table();
        table.legs().get(0).settle();
        table.dropSettled();

        add(table, tcp(NODE, CLIENT, "SA").seq(5).ack(2), 3);
        assertThat(table.legs()).isEmpty();

        add(table, tcp(NODE, CLIENT, "SA").seq(70_000).ack(90_001), 4);
        assertThat(table.legs()).singleElement().satisfies(leg -> assertThat(leg.serverIsn()).isEqualTo(70_000));
        assertThat(table.tooLate()).isEqualTo(1);
    }

    @Test
    void anErrorAFragmentAndADatagramThatComeForASettledFlowAreCounted() {
        TestPacket datagram = udp(CLIENT, NODE, "x".repeat(3000)).id(4242);
        LegTable table = tape.then(datagram.fragment(0, 1480)).table();
        table.legs().get(0).settle();
        table.dropSettled();

        add(table, datagram.fragment(1480, 1480), 2);
        add(table, udp(CLIENT, NODE, "x").error("10.240.0.4", 11, 1, 0, 64), 3);
        add(table, udp(NODE, CLIENT, "y").frame(), 4);

        assertThat(table.tooLate()).isEqualTo(3);
        assertThat(table.legs()).isEmpty();
        assertThat(table.heldRows()).isZero();
    }

    /** Of two connections under one tuple one ended: what still comes is the other's, by whatever numbers. */
    @Test
    void whatShowsUnderATupleOnceTheOtherConnectionOnItIsSettledIsTheLasts() {
        LegTable table = tape.then(tcp(CLIENT, NODE, "S").seq(100)).then(tcp(NODE, CLIENT, "SA").seq(70_000).ack(50_001))
                .then(tcp(NODE, CLIENT, "SA").seq(900).ack(101)).table();
        assertThat(table.legs()).extracting(Leg::rowCount).containsExactly(2, 1);
        Leg last = table.legs().get(1);
        table.legs().get(0).settle();
        table.dropSettled();

        add(table, tcp(NODE, CLIENT, "A").seq(901).ack(101), 4);

        assertThat(table.legs()).containsExactly(last);
        assertThat(last.rowCount()).isEqualTo(2);
        assertThat(table.tooLate()).isZero();
    }

    @Test
    void hundredsOfIpv6AddressesAreToldApart() {
        for (int i = 1; i <= 500; i++) {
            tape.then(udp("[2001:db8::" + Integer.toHexString(i) + "]:4000", "[2001:db8:1::" + Integer.toHexString(i) + "]:53", "?"));
        }

        List<Leg> legs = tape.table().legs();

        assertThat(legs).hasSize(500);
        assertThat(legs.get(0).tuple()).hasToString("[2001:db8::1]:4000 -> [2001:db8:1::1]:53");
        assertThat(legs.get(499).tuple()).hasToString("[2001:db8::1f4]:4000 -> [2001:db8:1::1f4]:53");
    }

    // A clock that was set

    /** Ahead by a hundred seconds, between the second frame and the third. */
    @Test
    void whatWasNotedAfterAClockWasSetIsTakenBackAsRowsAre() {
        TestPacket asked = udp(CLIENT, NODE, "x".repeat(3000)).id(7);
        TestPacket again = udp(CLIENT, NODE, "x".repeat(3000)).id(8);
        TestPacket headless = udp(NODE, "10.241.0.9:5000", "x".repeat(3000)).id(9);
        tape.at(0, asked.fragment(0, 1480)).at(SECOND, asked.unreachable("10.240.0.4", 1, 64));
        tape.at(102 * SECOND, again.fragment(0, 1480)).at(103 * SECOND, again.unreachable("10.240.0.4", 1, 64));
        tape.at(104 * SECOND, headless.fragment(1480, 1480));
        LegTable table = tape.table();

        table.undo(new ClockStep(0, 0, 2, Tape.START + SECOND, 3, Tape.START + 102 * SECOND, 100 * SECOND));

        Leg leg = table.legs().get(0);
        assertThat(leg.errors()).extracting(QuotedError::timeNanos).containsExactly(Tape.START + SECOND, Tape.START + 3 * SECOND);
        assertThat(leg.gaps()).extracting(FragmentGap::timeNanos).containsExactly(Tape.START, Tape.START + 2 * SECOND);
        assertThat(leg.lastTime()).isEqualTo(Tape.START + 3 * SECOND);
        assertThat(table.headless()).extracting(HeadlessDatagram::timeNanos).containsExactly(Tape.START + 4 * SECOND);
    }

    @Test
    void aStepIsBeforeAllFramesOfLaterFiles() {
        ClockStep step = new ClockStep(0, 1, 6, 0, 7, 0, SECOND);

        assertThat(step.before(0, 100)).isFalse();
        assertThat(step.before(1, 6)).isFalse();
        assertThat(step.before(1, 7)).isTrue();
        assertThat(step.before(2, 1)).isTrue();
    }

    // Numbers and directions that are corrected later

    @Test
    void whatAnErrorQuotesIsNumberedAsTheLegIs() {
        TestPacket syn = tcp(CLIENT, NODE, "S").seq(100);
        tape.then(syn).then(syn.unreachable("10.240.0.4", 1, 63));
        tape.then(tcp(NODE, CLIENT, "SA").seq(900).ack(101).error("10.241.0.4", 3, 4, 1400, 64));
        Leg leg = tape.table().legs().get(0);

        leg.renumber(5000, -50);
        assertThat(leg.errors()).extracting(QuotedError::quotedSeq).containsExactly(5100, 850);

        leg.renumber(1, 2);
        assertThat(leg.errors()).extracting(QuotedError::quotedSeq).containsExactly(5101, 852);

        leg.numberAsShown();
        assertThat(leg.errors()).extracting(QuotedError::quotedSeq).containsExactly(100, 900);
    }

    @Test
    void whoseFragmentsAreMissingTurnsWithTheLeg() {
        Leg leg = tape.then(udp(NODE, CLIENT, "x".repeat(3000)).id(9).fragment(0, 1480)).table().legs().get(0);

        leg.reverse();

        assertThat(leg.gaps()).singleElement().satisfies(gap -> assertThat(gap.fromOpener()).isFalse());
    }

    @Test
    void aDividedLegLeavesErrorsAndGapsToTheUseInWhichTheyCame() {
        TestPacket first = udp(CLIENT, NODE, "x".repeat(3000)).id(7);
        TestPacket second = udp(CLIENT, NODE, "y".repeat(3000)).id(8);
        tape.at(0, first.fragment(0, 1480)).at(SECOND, first.unreachable("10.240.0.4", 3, 64));
        tape.at(60 * SECOND, second.fragment(0, 1480)).at(61 * SECOND, second.unreachable("10.240.0.4", 3, 64));
        LegTable table = tape.table();
        Leg leg = table.legs().get(0);

        leg.divide(Tape.rows(leg), new int[] {1});

        assertThat(table.legs()).extracting(one -> one.errors().get(0).number()).containsExactly(2L, 4L);
        assertThat(table.legs()).extracting(one -> one.gaps().get(0).identification()).containsExactly(7, 8);
        assertThat(table.legs()).allSatisfy(one -> assertThat(one.lastTime() - one.firstTime()).isEqualTo(SECOND));
    }

    // What hosts hide

    /** RFC 3948: IKE goes by the same port behind four zero bytes, and a byte alone keeps the mapping. */
    @Test
    void packetsThatHideOthersAreCounted() {
        tape.then(udp("10.0.0.1:4500", "10.0.0.2:1024", "\u0000\u0000\u0001\u0002data")).then(udp("10.0.0.1:1024", "10.0.0.2:4500",
                "\u0000\u0000\u0001\u0002data"));
        tape.then(udp("10.0.0.1:51820", "10.0.0.2:51821", "\u0004\u0000\u0000\u0000" + "x".repeat(60)));
        byte[] esp = udp("10.0.0.1:1", "10.0.0.2:2", "x".repeat(100)).frame();
        esp[14 + 9] = IpProtocol.ESP;
        tape.then(esp);
        assertThat(tape.table().encrypted()).isEqualTo(4);

        tape.then(udp("10.0.0.1:4500", "10.0.0.2:4500", "\u0000\u0000\u0000\u0000ike!"));
        tape.then(udp("10.0.0.1:4500", "10.0.0.2:4500", "\u00ff"));
        tape.then(udp("10.0.0.1:51820", "10.0.0.2:51821", "\u0001\u0000\u0000\u0000" + "x".repeat(140)));
        tape.then(udp("10.0.0.1:53", "10.0.0.2:5353", "\u0004\u0000\u0000\u0000" + "x".repeat(75)));
        assertThat(tape.table().encrypted()).isEqualTo(4);
    }

    /** WireGuard's keepalive is a packet of data without any: 16 bytes of header and 16 of tag. */
    @Test
    void aKeepaliveOfWireGuardHidesNoPacket() {
        tape.then(udp("10.0.0.1:51820", "10.0.0.2:51821", "\u0004\u0000\u0000\u0000" + "x".repeat(28)));

        assertThat(tape.table().encrypted()).isZero();
    }

    @Test
    void legsOfOnePointTellWhetherTheyCallTheSame() {
        LegTable table = tape.then(tcp(CLIENT, NODE, "S").seq(1)).then(tcp("10.241.0.5:1000", NODE, "S").seq(2))
                .then(tcp(NODE, "10.241.0.5:1001", "SA").seq(5).ack(3)).then(tcp(CLIENT, "10.241.0.5:1000", "S").seq(4)).table();
        List<Leg> legs = table.legs();

        for (Leg one : legs) {
            for (Leg other : legs) {
                assertThat(one.callsSameAs(other)).isEqualTo(one.tuple().destination().equals(other.tuple().destination()));
            }
        }
    }

    @Test
    void aConnectionIsClosedInOrderOnceTheLastFinIsAcknowledged() {
        LegTable table = tape.then(tcp(CLIENT, NODE, "S").seq(1)).then(tcp(CLIENT, NODE, "FA").seq(2).ack(6))
                .then(tcp(NODE, CLIENT, "FA").seq(6).ack(3)).table();
        Leg leg = table.legs().get(0);

        assertThat(leg.closed()).isTrue();
        assertThat(leg.closedInOrder()).isFalse();

        add(table, tcp(CLIENT, NODE, "A").seq(3).ack(7), 4);

        assertThat(leg.closedInOrder()).isTrue();
    }

    private static void add(LegTable table, TestPacket packet, int number) {
        add(table, packet.frame(), number);
    }

    private static void add(LegTable table, byte[] frame, int number) {
        FrameView view = new FrameView();
        view.set(frame, 0, frame.length, frame.length, Tape.START, true, number, 0, LinkType.ETHERNET, 0);
        table.add(view, 0);
    }

    // Neighbours

    @Test
    void whoAsksForANeighbourOfIpv6AndDoesNotAskAgainWasAnsweredUnseen() {
        tape.at(0, solicitation("fd00:241::4", "fd00:241::1")).at(3 * SECOND, udp(CLIENT, NODE, "later"));

        assertThat(tape.table().answeredUnseen()).containsExactly(IpAddress.parse("fd00:241::4"));
        assertThat(tape.table().askedUnseen()).isEmpty();
    }

    @Test
    void whoAsksForANeighbourOfIpv6AgainOrShowsItsAnswerTellsNothing() {
        tape.at(0, solicitation("fd00:241::4", "fd00:241::1")).at(SECOND, solicitation("fd00:241::4", "fd00:241::1"));
        tape.at(SECOND, solicitation("fd00:241::5", "fd00:241::2")).at(SECOND + 1000, advertisement("fd00:241::2", "fd00:241::5", 0x60));
        tape.at(2 * SECOND, solicitation("::", "fd00:241::9")).at(9 * SECOND, udp(CLIENT, NODE, "later"));

        assertThat(tape.table().answeredUnseen()).isEmpty();
        assertThat(tape.table().askedUnseen()).isEmpty();
    }

    @Test
    void whoAnswersAQuestionForItsAddressThatDoesNotShowWasAskedUnseen() {
        tape.at(0, advertisement("fd00:244::2", "fd00:244::1", 0x60)).at(SECOND, advertisement("fd00:244::3", "ff02::1", 0x20));

        assertThat(tape.table().askedUnseen()).containsExactly(IpAddress.parse("fd00:244::2"));
    }

    private static byte[] solicitation(String source, String target) {
        return neighbour(135, source, "ff02::1:ff00:1", target, 0);
    }

    private static byte[] advertisement(String source, String destination, int flags) {
        return neighbour(136, source, destination, source, flags);
    }

    private static byte[] neighbour(int type, String source, String destination, String target, int flags) {
        ByteBuffer frame = ByteBuffer.allocate(14 + 40 + 24);
        frame.put(new byte[12]).putShort((short) 0x86dd).putInt(0x60000000).putShort((short) 24).put((byte) 58).put((byte) 255);
        for (String address : new String[] {source, destination}) {
            frame.putLong(IpAddress.parse(address).high()).putLong(IpAddress.parse(address).low());
        }
        frame.put((byte) type).put((byte) 0).putShort((short) 0).putInt(flags << 24);
        return frame.putLong(IpAddress.parse(target).high()).putLong(IpAddress.parse(target).low()).array();
    }

    private static boolean request(Leg leg, Rows rows, int row) {
        return rows.fromSecond(row) == leg.openedBySecond();
    }
}
