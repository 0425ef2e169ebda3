package io.nattrail.wire;

import static io.nattrail.wire.Hex.ETHERNET;
import static io.nattrail.wire.Hex.IPV4_SYN;
import static io.nattrail.wire.Hex.SYN;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PacketDecoderTest {
    private static final String UDP_TO = "4500%04x 0001 0000 40 11 0000 0a000001 0a000002 c000 %04x %04x 0000 ";
    private static final String IPV6_SEGMENT = "60000000 0023 06 40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
            + "9600 7d00 01020304 0a0b0c0d 8018 0000 55f0 0000 0101 080a 00000064 00000032 616263";
    private static final String INNER = ETHERNET + "0800" + IPV4_SYN;

    @Test
    void readsATcpSynWithItsOptions() {
        PacketView packet = Hex.decode(LinkType.ETHERNET, ETHERNET + "0800" + IPV4_SYN);
        assertSyn(packet);
        assertThat(packet.linkSource()).isEqualTo(0x020000000001L);
        assertThat(packet.sequence()).isEqualTo(0x01020304);
        assertThat(packet.flags()).isEqualTo(PacketView.SYN);
        assertThat(packet.mss()).isEqualTo(1460);
        assertThat(packet.tsVal()).isEqualTo(100);
        assertThat(packet.identification()).isEqualTo(0x1234);
        assertThat(packet.payloadLength()).isZero();
    }

    @ParameterizedTest(name = "link type {0} with header {1}")
    @CsvSource({"101, ''", "12, ''", "14, ''", "228, ''", "0, 02000000", "0, 00000002", "108, 00000002", "9, 0021", "9, ff030021",
            "50, ff030021", "50, 0f000800", "51, 11000001003e0021", "104, 0f000800", "113, 00000001000602000000000100000800",
            "276, 0800000000000003000104060200000000010000"})
    void readsEveryLinkType(int linkType, String header) {
        assertSyn(Hex.decode(linkType, header + IPV4_SYN));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"8100 0007 0800", "88a8 0001 8100 0007 0800", "9100 0001 8100 0002 8100 0007 0800", "8847 00010040 00020140",
            "8864 1100 0001 003e 0021", "0044 aaaa03 000000 0800"})
    void stepsOverTags(String tags) {
        assertSyn(Hex.decode(LinkType.ETHERNET, ETHERNET + tags + IPV4_SYN));
    }

    @Test
    void opensVxlanOnBothPorts() {
        for (int port : new int[] {4789, 8472}) {
            PacketView packet = Hex.decode(LinkType.RAW, UDP_TO.formatted(110, port, 90) + "08000000 00000100" + INNER);
            assertSyn(packet);
            assertThat(packet.tunnelDepth()).isEqualTo(1);
        }
    }

    @Test
    void tellsWhatATunnelCarriesInFragmentsOfItsOwn() {
        String whole = UDP_TO.formatted(110, 4789, 90) + "08000000 00000100" + INNER;
        assertThat(Hex.decode(LinkType.RAW, whole).inPiece()).isFalse();
        assertThat(Hex.decode(LinkType.RAW, whole.replaceFirst("0001 0000", "0001 2000")).inPiece()).isTrue();
        assertThat(Hex.decode(LinkType.RAW, IPV4_SYN.replaceFirst("4000", "2000")).inPiece()).isFalse();
    }

    @Test
    void keepsTheUdpPacketWhereTheTunnelPortCarriesSomethingElse() {
        PacketView packet = Hex.decode(LinkType.RAW, UDP_TO.formatted(110, 8472, 90) + "08000001 00000100" + INNER);
        assertThat(packet.udp()).isTrue();
        assertThat(packet.tunnelDepth()).isZero();
        assertThat(packet.destinationPort()).isEqualTo(8472);
        assertThat(packet.payloadLength()).isEqualTo(82);
    }

    @Test
    void opensGeneveGreAndIpInIp() {
        String ip = "4500%04x 0001 0000 40 %02x 0000 0a000001 0a000002 ";
        assertSyn(Hex.decode(LinkType.RAW, UDP_TO.formatted(114, 6081, 94) + "01006558 00000100 00000000" + INNER));
        assertSyn(Hex.decode(LinkType.RAW, ip.formatted(92, 47) + "30000800 00000001 00000002" + IPV4_SYN));
        assertSyn(Hex.decode(LinkType.RAW, ip.formatted(98, 47) + "00006558" + INNER));
        assertSyn(Hex.decode(LinkType.RAW, ip.formatted(80, 4) + IPV4_SYN));
    }

    /** What a switch mirrors to a capturing host (ERSPAN), of each type, the third also with a header of the platform's own. */
    @Test
    void opensMirroredFrames() {
        String ip = "4500%04x 0001 0000 40 2f 0000 0a000001 0a000002 ";
        assertSyn(Hex.decode(LinkType.RAW, ip.formatted(98) + "000088be" + INNER));
        assertSyn(Hex.decode(LinkType.RAW, ip.formatted(110) + "100088be 00000001" + "10640000 00000001" + INNER));
        assertSyn(Hex.decode(LinkType.RAW, ip.formatted(114) + "100022eb 00000001" + "20640001 00000007 00000000" + INNER));
        assertSyn(Hex.decode(LinkType.RAW,
                ip.formatted(122) + "100022eb 00000001" + "20640001 00000007 00000001 0000000000000000" + INNER));
        PacketView cut = Hex.decode(LinkType.RAW, ip.formatted(114) + "100022eb 00000001" + "20640001 00000007");
        assertThat(cut.protocol()).isEqualTo(47);
        assertThat(cut.tunnelDepth()).isZero();
    }

    /** Bytes that call themselves an Ethernet frame again and again would lead thousands of headers deep. */
    @Test
    void doesNotFollowBridgedFramesInsideBridgedFrames() {
        String gre = "4500 0000 0001 0000 40 2f 0000 0a000001 0a000002 00006558";
        PacketView packet = Hex.decode(LinkType.RAW, gre + (ETHERNET + "6558").repeat(20_000));
        assertThat(packet.protocol()).isEqualTo(47);
        assertThat(packet.tunnelDepth()).isZero();
        assertThat(packet.status()).isEqualTo(DecodeStatus.UNKNOWN_TRANSPORT);
    }

    @Test
    void walksIpv6ExtensionHeadersToTheTransport() {
        String ports = SYN;
        String ip = "60000000 0038 00 40 20010db8000000000000000000000001 20010db8000000000000000000000002 ";
        PacketView packet = Hex.decode(LinkType.RAW, ip + "3c00010400000000 0600010400000000" + ports);
        assertThat(packet.tcp()).isTrue();
        assertThat(packet.sourceHigh()).isEqualTo(0x20010db800000000L);
        assertThat(packet.destinationLow()).isEqualTo(2);
        assertThat(packet.destinationPort()).isEqualTo(32000);
        assertThat(packet.payloadLength()).isZero();
    }

    @Test
    void leavesEthernetPaddingOutOfThePayload() {
        String udp = "4500001d 0001 0000 40 11 0000 0a000001 0a000002 c000 0035 0009 0000 61";
        PacketView packet = Hex.decode(LinkType.ETHERNET, ETHERNET + "0800" + udp + "0000000000");
        assertThat(packet.payloadLength()).isEqualTo(1);
        assertThat(packet.payloadCaptured()).isEqualTo(1);
    }

    @Test
    void walksAuthenticationHeadersAmongOtherExtensionHeaders() {
        String ip = "60000000 %04x %02x 40 20010db8000000000000000000000001 20010db8000000000000000000000002 ";
        String authentication = "%02x01 0000 00000001 00000002 ";
        String routing = "%02x 00 04 00 00000000 ";
        Map<String, Integer> chains = Map.of(authentication.formatted(43) + routing.formatted(6), 51,
                routing.formatted(51) + authentication.formatted(6), 43,
                authentication.formatted(51) + authentication.formatted(6), 51,
                authentication.formatted(44) + "06 00 0000 00000007 ", 51);
        chains.forEach((headers, first) -> {
            PacketView packet = Hex.decode(LinkType.RAW, ip.formatted(Hex.bytes(headers).length + 40, first) + headers + SYN);
            assertThat(packet.tcp()).as(headers).isTrue();
            assertThat(packet.destinationPort()).isEqualTo(32000);
        });
    }

    @Test
    void takesTheLengthOnTheWireWhereOffloadLeftTheTotalLengthZeroAndTheSnapLengthCut() {
        byte[] cut = Hex.bytes(ETHERNET + "0800" + IPV4_SYN.replaceFirst("003c", "0000"));
        PacketView packet = new PacketView();
        FrameView frame = new FrameView();
        frame.set(cut, 0, cut.length, 80_054, 0, true, 1, 0, LinkType.ETHERNET, 0);
        new PacketDecoder().decode(frame, packet);
        assertThat(packet.payloadLength()).isEqualTo(80_054 - 14 - 20 - 40);
        assertThat(packet.payloadCaptured()).isZero();
    }

    @Test
    void takesTheCapturedLengthWhereOffloadLeftTheTotalLengthZero() {
        PacketView packet = Hex.decode(LinkType.RAW, IPV4_SYN.replaceFirst("4500003c", "45000000") + "61 62 63");
        assertThat(packet.payloadLength()).isEqualTo(3);
    }

    @Test
    void doesNotReadATransportHeaderOutOfALaterFragment() {
        PacketView packet = Hex.decode(LinkType.RAW, IPV4_SYN.replaceFirst("4000", "00b9"));
        assertThat(packet.status()).isEqualTo(DecodeStatus.LATER_FRAGMENT);
        assertThat(packet.fragmentOffset()).isEqualTo(1480);
        assertThat(packet.tcp()).isFalse();
    }

    @Test
    void findsTheTupleInAQuoteOfEightTransportBytes() {
        String quote = IPV4_SYN.replace(" ", "").substring(0, 56);
        PacketView error = Hex.decode(LinkType.RAW, "45000038 0001 0000 40 01 0000 0af00004 0af10004 0304 0000 0000 0578" + quote);
        assertThat(error.quoting()).isTrue();
        assertThat(error.icmpMtu()).isEqualTo(1400);
        PacketView quoted = new PacketView();
        assertThat(new PacketDecoder().decodeQuoted(error, quoted)).isTrue();
        assertThat(quoted.status()).isEqualTo(DecodeStatus.HEADER_CUT);
        assertThat(quoted.stopLayer()).isEqualTo(PacketView.LAYER_TRANSPORT);
        assertThat(quoted.sourcePort()).isEqualTo(38400);
        assertThat(quoted.destinationPort()).isEqualTo(32000);
        assertThat(quoted.sequence()).isEqualTo(0x01020304);
    }

    /** An old tcpdump kept 68 bytes of a frame: behind IPv6 that is the TCP header up to its flags. */
    @Test
    void readsATcpHeaderThatTheCaptureCutBehindItsFlags() {
        byte[] frame = Hex.bytes(ETHERNET + "86dd" + IPV6_SEGMENT);
        for (int captured = 54; captured <= frame.length; captured++) {
            PacketView packet = Hex.decode(LinkType.ETHERNET, Arrays.copyOf(frame, captured), frame.length);
            String as = captured - 54 + " bytes of TCP";
            assertThat(packet.tcp()).as(as).isEqualTo(captured >= 68);
            if (packet.tcp()) {
                assertThat(packet.status()).as(as).isEqualTo(captured < 74 ? DecodeStatus.HEADER_CUT
                        : captured < 86 ? DecodeStatus.OPTIONS_CUT : DecodeStatus.OK);
                assertThat(packet.sourcePort()).as(as).isEqualTo(38400);
                assertThat(packet.destinationPort()).as(as).isEqualTo(32000);
                assertThat(packet.sequence()).as(as).isEqualTo(0x01020304);
                assertThat(packet.acknowledgment()).as(as).isEqualTo(0x0a0b0c0d);
                assertThat(packet.flags()).as(as).isEqualTo(PacketView.PSH | PacketView.ACK);
                assertThat(packet.window()).as(as).isEqualTo(captured < 74 ? PacketView.WINDOW_CUT : 0);
                assertThat(packet.timestamps()).as(as).isEqualTo(captured >= 86);
                assertThat(packet.payloadLength()).as(as).isEqualTo(3);
                assertThat(packet.payloadCaptured()).as(as).isEqualTo(Math.max(0, captured - 86));
                assertThat(Checksums.transport(packet) == Checksums.Verdict.UNKNOWN).as(as).isEqualTo(captured < frame.length);
            }
        }
    }

    @Test
    void readsNoTcpHeaderThatIsShortItself() {
        byte[] frame = Hex.bytes(ETHERNET + "86dd" + IPV6_SEGMENT);
        for (int length = 54; length < 74; length++) {
            // The frame ends there, whatever the length in its IPv6 header says.
            assertThat(Hex.decode(LinkType.ETHERNET, Arrays.copyOf(frame, length)).tcp()).isFalse();
            // The packet ends there, and the capture cut what the frame has besides, or also the packet; a length of 0 would say nothing.
            byte[] padded = frame.clone();
            padded[19] = (byte) Math.max(1, length - 54);
            assertThat(Hex.decode(LinkType.ETHERNET, Arrays.copyOf(padded, 78), frame.length).tcp()).isFalse();
            assertThat(Hex.decode(LinkType.ETHERNET, Arrays.copyOf(padded, 68), frame.length).tcp()).isFalse();
        }
    }

    @Test
    void readsNoCutTcpHeaderOfAnImpossibleLength() {
        byte[] frame = Hex.bytes(ETHERNET + "86dd" + IPV6_SEGMENT.replace("8018", "4018"));
        PacketView packet = Hex.decode(LinkType.ETHERNET, Arrays.copyOf(frame, 68), frame.length);
        assertThat(packet.status()).isEqualTo(DecodeStatus.BAD_HEADER_LENGTH);
        assertThat(packet.tcp()).isFalse();
    }

    private static void assertSyn(PacketView packet) {
        assertThat(packet.status()).isEqualTo(DecodeStatus.OK);
        assertThat(packet.tcp()).isTrue();
        assertThat(packet.sourceLow()).isEqualTo(0x0af10004L);
        assertThat(packet.destinationLow()).isEqualTo(0x0af00004L);
        assertThat(packet.sourcePort()).isEqualTo(38400);
        assertThat(packet.destinationPort()).isEqualTo(32000);
    }
}
