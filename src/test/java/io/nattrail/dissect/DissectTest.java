package io.nattrail.dissect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class DissectTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final String ETHERNET = "020000000002020000000001";
    private static final String IPV4 = "4500003c123440004006130d0af100040af00004";
    /** MSS 1460, SACK permitted, timestamps, NOP, window scale 7. */
    private static final String SYN = "96007d000102030400000000a002faf00cd60000020405b40402080a00000007000000000103030" + "7";
    private static final byte[] FRAME = HEX.parseHex(ETHERNET + "0800" + IPV4 + SYN);

    private static List<DissectedLayer> dissect(String hex) {
        byte[] frame = HEX.parseHex(hex);
        return PacketDissector.dissect(frame, frame.length, LinkType.ETHERNET);
    }

    private static List<String> names(List<DissectedLayer> layers) {
        return layers.stream().map(DissectedLayer::name).toList();
    }

    private static String value(DissectedLayer layer, String field) {
        return layer.fields().stream().filter(one -> one.name().equals(field)).findFirst().orElseThrow().value();
    }

    @Test
    void namesLayersAndFieldsAndTellsWhereTheyAre() {
        List<DissectedLayer> layers = PacketDissector.dissect(FRAME, FRAME.length, LinkType.ETHERNET);

        assertThat(names(layers)).containsExactly("Ethernet II", "Internet Protocol Version 4", "Transmission Control Protocol");
        assertThat(layers).extracting(DissectedLayer::start).containsExactly(0, 14, 34);
        assertThat(layers).extracting(DissectedLayer::length).containsExactly(14, 20, 40);
        assertThat(layers).extracting(DissectedLayer::problem).containsOnlyNulls();
        DissectedLayer ip = layers.get(1);
        assertThat(value(ip, "Source")).isEqualTo("10.241.0.4");
        assertThat(value(ip, "Destination")).isEqualTo("10.240.0.4");
        assertThat(value(ip, "Flags")).isEqualTo("0x2, don't fragment");
        DissectedLayer tcp = layers.get(2);
        assertThat(tcp.summary()).isEqualTo("38400 → 32000 [SYN] Seq=16909060 Win=64240 Len=0");
        assertThat(value(tcp, "Source port")).isEqualTo("38400");
        assertThat(value(tcp, "Sequence number")).isEqualTo("16909060");
        assertThat(value(tcp, "Flags")).isEqualTo("0x002 (SYN)");
        DissectedField options = tcp.fields().get(tcp.fields().size() - 1);
        assertThat(options.parts()).extracting(part -> part.name() + ": " + part.value()).containsExactly(
                "Maximum segment size: 1460 bytes", "SACK permitted: yes", "Timestamps: TSval 7, TSecr 0", "No operation: padding",
                "Window scale: 7 (multiply windows by 128)");
        assertThat(options.parts()).extracting(DissectedField::start).containsExactly(54, 58, 60, 70, 71);
    }

    @Test
    void judgesChecksums() {
        String wrongIp = value(dissect(ETHERNET + "0800" + IPV4 + SYN).get(1), "Header checksum");
        assertThat(wrongIp).contains("wrong");
        String udp = "04d2003500080000";
        List<DissectedLayer> layers = dissect(ETHERNET + "0800" + "4500001c00000000401164e90af100040af00004" + udp + "0".repeat(36));
        assertThat(value(layers.get(1), "Header checksum")).isEqualTo("0x64e9 (correct)");
        assertThat(value(layers.get(2), "Checksum")).isEqualTo("0x0000 (none: the sender left it out)");
        assertThat(value(layers.get(0), "Padding")).isEqualTo("18 bytes");
    }

    @Test
    void opensTagsAndTunnels() {
        String inner = ETHERNET + "0800" + IPV4 + SYN;
        assertThat(names(dissect(ETHERNET + "88a80064" + "8100" + "0065" + "0800" + IPV4 + SYN))).containsExactly("Ethernet II",
                "802.1ad Virtual LAN", "802.1Q Virtual LAN", "Internet Protocol Version 4", "Transmission Control Protocol");
        assertThat(names(dissect(ETHERNET + "8847" + "00010140" + IPV4 + SYN))).contains("MultiProtocol Label Switching",
                "Transmission Control Protocol");
        String vxlan = "45000000" + "000000004011000" + "00af000040af00005" + "b26712b500" + "00" + "0000" + "0800000000002a00" + inner;
        List<DissectedLayer> layers = dissect(ETHERNET + "0800" + withLengths(vxlan));
        assertThat(names(layers)).containsSubsequence("User Datagram Protocol", "Virtual eXtensible LAN", "Ethernet II",
                "Transmission Control Protocol");
        assertThat(layers.get(3).summary()).isEqualTo("VNI 42");
        String elsewhere = vxlan.replace("b26712b500", "b267263d00").replace("130d", "12a0");
        assertThat(names(dissect(ETHERNET + "0800" + withLengths(elsewhere)))).isEqualTo(names(layers));
        String ipInIp = "4500005000000000400400000af000040af00005" + IPV4 + SYN;
        assertThat(names(dissect(ETHERNET + "0800" + ipInIp))).hasSize(4).endsWith("Transmission Control Protocol");
        String gre = "4500005400000000402f00000af000040af00005" + "00000800" + IPV4 + SYN;
        assertThat(names(dissect(ETHERNET + "0800" + gre))).contains("Generic Routing Encapsulation").endsWith(
                "Transmission Control Protocol");
    }

    /** Puts the lengths of an IPv4 and UDP packet in. */
    private static String withLengths(String hex) {
        byte[] packet = HEX.parseHex(hex);
        packet[2] = (byte) (packet.length >>> 8);
        packet[3] = (byte) packet.length;
        packet[24] = (byte) (packet.length - 20 >>> 8);
        packet[25] = (byte) (packet.length - 20);
        return HEX.formatHex(packet);
    }

    @Test
    void showsWhatAnIcmpErrorQuotes() {
        String error = "4500003800000000400100000af000040af10004" + "0304000000000578" + IPV4 + SYN.substring(0, 16);
        List<DissectedLayer> layers = dissect(ETHERNET + "0800" + error);

        assertThat(names(layers)).containsExactly("Ethernet II", "Internet Protocol Version 4", "Internet Control Message Protocol",
                "Quoted: Internet Protocol Version 4", "Quoted: Transmission Control Protocol");
        assertThat(value(layers.get(2), "MTU of the next hop")).isEqualTo("1400 bytes");
        assertThat(value(layers.get(4), "Sequence number")).isEqualTo("16909060");
        assertThat(layers.get(4).problem()).isNull();
    }

    @Test
    void readsDomainNames() {
        String query = "1234010000010000000000000377656207636c7573746572056c6f63616c0000010001";
        String packet = withLengths("4500000000000000401100000af100040af00004" + "9c40003500000000" + query);
        DissectedLayer dns = dissect(ETHERNET + "0800" + packet).get(3);

        assertThat(dns.name()).isEqualTo("Domain Name System");
        assertThat(dns.summary()).isEqualTo("query: A (Host address) (1) web.cluster.local");
    }

    private static final String QUESTION = "0377656207636c7573746572056c6f63616c00" + "00010001";

    /** The records of an answer to {@code web.cluster.local}, each behind its name. */
    private static List<String> records(String count, String records) {
        String answer = "123485800001" + count + "00000000" + QUESTION + records;
        String packet = withLengths("4500000000000000401100000af000040af10004" + "00359c4000000000" + answer);
        DissectedLayer dns = dissect(ETHERNET + "0800" + packet).get(3);
        assertThat(dns.problem()).isNull();
        return dns.fields().stream().filter(field -> field.name().equals("Answers")).findFirst().orElseThrow().parts().stream()
                .map(part -> part.name() + ": " + part.value().replaceFirst("^.*\\(([0-9]+)\\)", "$1")).toList();
    }

    @Test
    void readsTheRecordsOfAnswers() {
        assertThat(records("0001", "c00c" + "00010001" + "0000001e" + "0004" + "0a60000a")).containsExactly(
                "web.cluster.local: 1 10.96.0.10, TTL 30 s");
        assertThat(records("0002", "c00c" + "00050001" + "0000001e" + "0006" + "03646e73c010" + "03646e73c010" + "001c0001" + "0000001e"
                + "0010" + "fd00000000000000000000000000000a")).containsExactly("web.cluster.local: 5 dns.cluster.local, TTL 30 s",
                        "dns.cluster.local: 28 fd00::a, TTL 30 s");
        assertThat(records("0001", "c00c" + "00210001" + "0000001e" + "000c" + "0000006401bb" + "03617069c010")).containsExactly(
                "web.cluster.local: 33 priority 0, weight 100, port 443, api.cluster.local, TTL 30 s");
        assertThat(records("0001", "c010" + "00060001" + "0000001e" + "001e" + "026e73c010" + "0561646d696ec010"
                + "00".repeat(17))).containsExactly(
                        "cluster.local: 6 ns.cluster.local admin.cluster.local, TTL 30 s");
        assertThat(records("0001", "c00c" + "000f0001" + "0000001e" + "0006" + "000a" + "016dc010")).containsExactly(
                "web.cluster.local: 15 10 m.cluster.local, TTL 30 s");
        assertThat(records("0001", "c00c" + "00100001" + "0000001e" + "0006" + "026869" + "03796f")).containsExactly(
                "web.cluster.local: 16 \"hi\" \"yo\", TTL 30 s");
        assertThat(records("0001", "00" + "0029" + "04d0" + "00000000" + "0000")).containsExactly(".: 41 UDP payload 1232 bytes");
        assertThat(records("0001", "c00c" + "00410001" + "0000001e" + "0003" + "000100")).containsExactly(
                "web.cluster.local: 65 3 bytes, TTL 30 s");
    }

    @Test
    void saysOfANameThatLeadsNowhereThatItDoes() {
        // At its own second byte, at itself, behind the message.
        for (String circle : List.of("c023", "01" + "61" + "c023", "ffff")) {
            assertThat(records("0001", circle + "00010001" + "0000001e" + "0004" + "0a60000a")).singleElement().asString()
                    .contains("?: 1 10.96.0.10");
        }
    }

    @Test
    void readsCookedAndRawFrames() {
        byte[] raw = HEX.parseHex(IPV4 + SYN);
        assertThat(names(PacketDissector.dissect(raw, raw.length, LinkType.RAW))).containsExactly("Internet Protocol Version 4",
                "Transmission Control Protocol");
        byte[] cooked = HEX.parseHex("0800" + "0000" + "00000003" + "0001" + "00" + "06" + "0200000000010000" + IPV4 + SYN);
        List<DissectedLayer> layers = PacketDissector.dissect(cooked, cooked.length, LinkType.LINUX_SLL2);
        assertThat(names(layers)).startsWith("Linux cooked capture v2").endsWith("Transmission Control Protocol");
        assertThat(value(layers.get(0), "Source")).isEqualTo("02:00:00:00:00:01");
        byte[] cookedOld = HEX.parseHex("0000" + "0001" + "0006" + "0200000000010000" + "0800" + IPV4 + SYN);
        assertThat(names(PacketDissector.dissect(cookedOld, cookedOld.length, LinkType.LINUX_SLL))).startsWith("Linux cooked capture v1")
                .endsWith("Transmission Control Protocol");
        byte[] loop = HEX.parseHex("02000000" + IPV4 + SYN);
        assertThat(names(PacketDissector.dissect(loop, loop.length, LinkType.NULL))).startsWith("Link type NULL")
                .endsWith("Transmission Control Protocol");
    }

    @Test
    void saysWhereTheSnapLengthCutAHeader() {
        List<DissectedLayer> layers = PacketDissector.dissect(Arrays.copyOf(FRAME, 50), 1514, LinkType.ETHERNET);

        DissectedLayer last = layers.get(layers.size() - 1);
        assertThat(last.name()).isEqualTo("Transmission Control Protocol");
        assertThat(last.problem()).isEqualTo("16 of 20 bytes of this header were captured: the snap length of the capture cut the packet");
        assertThat(value(last, "Source port")).isEqualTo("38400");
        assertThat(value(last, "Flags")).isEqualTo("0x002 (SYN)");
        layers = PacketDissector.dissect(Arrays.copyOf(FRAME, 58), 1514, LinkType.ETHERNET);
        assertThat(layers.get(2).problem()).startsWith("24 of 40 bytes of this header were captured");
    }

    @Test
    void saysOfAFrameWithoutBytesThatItIsEmpty() {
        assertThat(PacketDissector.dissect(new byte[0], 0, LinkType.ETHERNET)).extracting(DissectedLayer::problem)
                .containsExactly("the frame is empty");
        assertThat(PacketDissector.dissect(new byte[0], 60, LinkType.LINUX_SLL)).extracting(DissectedLayer::problem)
                .containsExactly("none of its bytes were captured");
    }

    @Test
    void saysOfALinkTypeThatItIsNotTakenApart() {
        List<DissectedLayer> layers = PacketDissector.dissect(FRAME, FRAME.length, 127);

        assertThat(layers).singleElement().satisfies(layer -> {
            assertThat(layer.name()).isEqualTo("Link type IEEE802_11_RADIO");
            assertThat(layer.problem()).contains("not taken apart");
            assertThat(layer.length()).isEqualTo(FRAME.length);
        });
    }

    @Test
    void survivesEveryPrefixAndEveryChangedByte() {
        List<byte[]> frames = new ArrayList<>();
        for (String hex : List.of(ETHERNET + "0800" + IPV4 + SYN, ETHERNET + "88a80064" + "8100" + "0065" + "0800" + IPV4 + SYN,
                ETHERNET + "0800" + "4500003800000000400100000af000040af10004" + "0304000000000578" + IPV4 + SYN.substring(0, 16),
                ETHERNET + "0800" + "4500005400000000402f00000af000040af00005" + "00000800" + IPV4 + SYN,
                ETHERNET + "0800" + withLengths("4500000000000000401100000af100040af00004" + "9c40003500000000"
                        + "1234010000010000000000000377656207636c7573746572056c6f63616c0000010001"),
                ETHERNET + "86dd" + "600000000028060000".substring(0, 16) + "fd".repeat(32) + SYN)) {
            frames.add(HEX.parseHex(hex));
        }
        Random random = new Random(11);
        int[] linkTypes = {LinkType.ETHERNET, LinkType.LINUX_SLL, LinkType.LINUX_SLL2, LinkType.RAW, LinkType.NULL, LinkType.PPP, 127};
        for (byte[] frame : frames) {
            for (int linkType : linkTypes) {
                for (int length = 0; length <= frame.length; length++) {
                    sane(Arrays.copyOf(frame, length), frame.length, linkType);
                }
                for (int i = 0; i < 400; i++) {
                    byte[] changed = frame.clone();
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                    changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
                    sane(changed, changed.length, linkType);
                }
            }
        }
        for (int i = 0; i < 2000; i++) {
            byte[] noise = new byte[random.nextInt(120)];
            random.nextBytes(noise);
            sane(noise, noise.length, linkTypes[i % linkTypes.length]);
        }
    }

    /** Something is always said, and every place lies within the frame. */
    private static void sane(byte[] frame, int original, int linkType) {
        List<DissectedLayer> layers = PacketDissector.dissect(frame, original, linkType);
        assertThat(layers).isNotEmpty();
        for (DissectedLayer layer : layers) {
            if (layer.start() < 0 || layer.length() < 0 || layer.start() + layer.length() > frame.length) {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                bytes.writeBytes(frame);
                throw new AssertionError(layer + " of " + HEX.formatHex(bytes.toByteArray()) + ", link type " + linkType);
            }
            for (DissectedField field : layer.fields()) {
                assertThat(field.start() + field.length()).as("%s", field).isLessThanOrEqualTo(frame.length);
            }
        }
    }

    @Test
    void filtersAsTcpdumpDoes() throws FilterException {
        try (BpfFilter hit = filter("tcp dst port 32000"); BpfFilter miss = filter("udp")) {
            FrameView frame = new FrameView();
            frame.set(FRAME, 0, FRAME.length, FRAME.length, 0, true, 1, 0, LinkType.ETHERNET, 0);
            assertThat(hit.matches(frame)).isTrue();
            assertThat(miss.matches(frame)).isFalse();
        }
    }

    @Test
    void saysWhatIsWrongWithAnExpression() {
        assertThatThrownBy(() -> filter("tcp prot 1")).isInstanceOf(FilterException.class).hasMessageContaining("tcp prot 1");
    }

    private static BpfFilter filter(String expression) throws FilterException {
        try {
            return BpfFilter.compile(expression);
        } catch (FilterException e) {
            Assumptions.assumeFalse(e.getCause() instanceof LinkageError, "libpcap is not installed");
            throw e;
        }
    }
}
