package io.nattrail.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.Packet;
import org.pcap4j.packet.TcpPacket;
import org.pcap4j.packet.UdpPacket;

/** Every wholly captured Ethernet frame with IPv4 of the classic pcap files at hand, decoded by Pcap4J and by {@link PacketDecoder}. */
class PacketDecoderDifferentialTest {
    private static final int FILE_HEADER = 24;
    private static final int RECORD_HEADER = 16;

    private int compared;

    @Test
    void agreesWithPcap4jOnTheCapturesOfTheProject() throws IOException, IllegalRawDataException {
        compareAll(Path.of("captures"));
    }

    @Test
    void agreesWithPcap4jOnTheSharedCaptures() throws IOException, IllegalRawDataException {
        String shared = System.getenv().getOrDefault("NATTRAIL_SHARED", "../shared");
        compareAll(Path.of(System.getProperty("NATTRAIL_SHARED", shared), "captures"));
    }

    private void compareAll(Path folder) throws IOException, IllegalRawDataException {
        Assumptions.assumeTrue(Files.isDirectory(folder), folder + " is not here");
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(path -> path.toString().endsWith(".pcap")).sorted().toList();
        }
        for (Path file : files) {
            compareFile(file);
        }
        assertThat(compared).isPositive();
    }

    private void compareFile(Path path) throws IOException, IllegalRawDataException {
        byte[] file = Files.readAllBytes(path);
        ByteBuffer header = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        if (file.length < FILE_HEADER || header.getShort(2) != (short) 0xa1b2 || header.getInt(20) != LinkType.ETHERNET) {
            return;
        }
        FrameView frame = new FrameView();
        PacketView packet = new PacketView();
        PacketDecoder decoder = new PacketDecoder();
        int number = 0;
        for (int at = FILE_HEADER; at + RECORD_HEADER <= file.length;) {
            int captured = header.getInt(at + 8);
            int original = header.getInt(at + 12);
            int start = at + RECORD_HEADER;
            at = start + captured;
            number++;
            frame.set(file, start, captured, original, 0, true, number, start, LinkType.ETHERNET, 0);
            decoder.decode(frame, packet);
            // IPv6 is left out: Pcap4J throws at the hop-by-hop options of multicast listener reports.
            boolean ipv4 = captured >= 14 && file[start + 12] == 0x08 && file[start + 13] == 0x00;
            if (ipv4 && captured == original && packet.tunnelDepth() == 0) {
                compare(path + " frame " + number, EthernetPacket.newPacket(file, start, captured), packet);
            }
        }
    }

    private void compare(String where, Packet expected, PacketView packet) {
        IpV4Packet ip = expected.get(IpV4Packet.class);
        if (ip == null || ip.getHeader().getFragmentOffset() != 0 || packet.quoting()) {
            return;
        }
        IpV4Packet.IpV4Header network = ip.getHeader();
        assertThat(List.<Object>of(packet.sourceLow(), packet.destinationLow(), packet.identification(), packet.ttl(), packet.protocol()))
                .as(where).isEqualTo(List.<Object>of(number(network.getSrcAddr().getAddress()),
                        number(network.getDstAddr().getAddress()), network.getIdentificationAsInt(), network.getTtlAsInt(),
                        network.getProtocol().value() & 0xff));
        TcpPacket tcp = ip.get(TcpPacket.class);
        UdpPacket udp = ip.get(UdpPacket.class);
        if (tcp != null) {
            TcpPacket.TcpHeader h = tcp.getHeader();
            int flags = tcp.getRawData()[13] & 0x3f;
            assertThat(List.of(packet.sourcePort(), packet.destinationPort(), packet.sequence(), packet.acknowledgment(),
                    packet.flags() & 0x3f, packet.window())).as(where).isEqualTo(List.of(h.getSrcPort().valueAsInt(),
                    h.getDstPort().valueAsInt(), h.getSequenceNumber(), h.getAcknowledgmentNumber(), flags, h.getWindowAsInt()));
            payload(where, tcp.getPayload(), packet);
        } else if (udp != null) {
            assertThat(List.of(packet.sourcePort(), packet.destinationPort())).as(where).isEqualTo(List.of(
                    udp.getHeader().getSrcPort().valueAsInt(), udp.getHeader().getDstPort().valueAsInt()));
            payload(where, udp.getPayload(), packet);
        }
        compared++;
    }

    private static void payload(String where, Packet payload, PacketView packet) {
        byte[] expected = payload == null ? new byte[0] : payload.getRawData();
        byte[] found = Arrays.copyOfRange(packet.buffer(), packet.payloadStart(), packet.payloadStart() + packet.payloadCaptured());
        assertThat(found).as(where).isEqualTo(expected);
    }

    private static long number(byte[] address) {
        return ByteBuffer.wrap(address).getInt() & 0xffffffffL;
    }
}
