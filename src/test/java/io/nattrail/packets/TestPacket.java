package io.nattrail.packets;

import io.nattrail.net.Endpoint;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.IcmpV4CommonPacket;
import org.pcap4j.packet.IcmpV4EchoPacket;
import org.pcap4j.packet.IcmpV4EchoReplyPacket;
import org.pcap4j.packet.IpV4Packet;
import org.pcap4j.packet.IpV4Rfc791Tos;
import org.pcap4j.packet.IpV6Packet;
import org.pcap4j.packet.IpV6SimpleFlowLabel;
import org.pcap4j.packet.IpV6SimpleTrafficClass;
import org.pcap4j.packet.Packet;
import org.pcap4j.packet.TcpMaximumSegmentSizeOption;
import org.pcap4j.packet.TcpNoOperationOption;
import org.pcap4j.packet.TcpPacket;
import org.pcap4j.packet.TcpTimestampsOption;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.packet.UnknownPacket;
import org.pcap4j.packet.namednumber.EtherType;
import org.pcap4j.packet.namednumber.IcmpV4Code;
import org.pcap4j.packet.namednumber.IcmpV4Type;
import org.pcap4j.packet.namednumber.IpNumber;
import org.pcap4j.packet.namednumber.IpVersion;
import org.pcap4j.packet.namednumber.TcpPort;
import org.pcap4j.packet.namednumber.UdpPort;
import org.pcap4j.util.MacAddress;

/** A packet for tests, as a real Ethernet frame with right lengths and checksums, built by Pcap4J. Each setter gives another packet. */
public record TestPacket(IpNumber protocol, Endpoint source, Endpoint destination, String flags, int seq, int ack, int window, int mss,
        int tsVal, int tsEcr, byte[] payload, int ttl, int id, int fragmentOffset, boolean moreFragments, String mac) {
    private static final MacAddress ROUTER = MacAddress.getByName("02:00:00:00:00:fe");
    private static final int IP_HEADER = 20;

    /** @param flags letters of S, A, F, R, P */
    public static TestPacket tcp(String source, String destination, String flags) {
        return new TestPacket(IpNumber.TCP, Endpoint.parse(source), Endpoint.parse(destination), flags, 0, 0, 501, 0, 0, 0, new byte[0],
                64, 1, 0,
                false, "02:00:00:00:00:01");
    }

    public static TestPacket udp(String source, String destination, String payload) {
        return new TestPacket(IpNumber.UDP, Endpoint.parse(source), Endpoint.parse(destination), "", 0, 0, 0, 0, 0, 0, ascii(payload), 64,
                1, 0, false,
                "02:00:00:00:00:01");
    }

    /** An INIT chunk's beginning behind a common header is all that is looked at. */
    public static TestPacket sctp(String source, String destination, String payload) {
        return new TestPacket(IpNumber.SCTP, Endpoint.parse(source), Endpoint.parse(destination), "", 0, 0, 0, 0, 0, 0, ascii(payload),
                64, 1, 0, false,
                "02:00:00:00:00:01");
    }

    /** An echo request, or its reply, with the identifier in place of a port. */
    public static TestPacket echo(String source, String destination, int identifier, int sequence, boolean request) {
        return new TestPacket(IpNumber.ICMPV4, Endpoint.parse(source + ":" + identifier), Endpoint.parse(destination + ":" + identifier),
                request ? "?" : "!", sequence, 0, 0, 0, 0, 0, ascii("0123456789"), 64, 1, 0, false, "02:00:00:00:00:01");
    }

    public TestPacket seq(int sequence) {
        return new TestPacket(protocol, source, destination, flags, sequence, ack, window, mss, tsVal, tsEcr, payload, ttl, id,
                fragmentOffset,
                moreFragments, mac);
    }

    public TestPacket ack(int acknowledgment) {
        return new TestPacket(protocol, source, destination, flags, seq, acknowledgment, window, mss, tsVal, tsEcr, payload, ttl, id,
                fragmentOffset, moreFragments, mac);
    }

    public TestPacket window(int size) {
        return new TestPacket(protocol, source, destination, flags, seq, ack, size, mss, tsVal, tsEcr, payload, ttl, id, fragmentOffset,
                moreFragments, mac);
    }

    public TestPacket mss(int size) {
        return new TestPacket(protocol, source, destination, flags, seq, ack, window, size, tsVal, tsEcr, payload, ttl, id, fragmentOffset,
                moreFragments, mac);
    }

    public TestPacket timestamps(int value, int echoed) {
        return new TestPacket(protocol, source, destination, flags, seq, ack, window, mss, value, echoed, payload, ttl, id, fragmentOffset,
                moreFragments, mac);
    }

    public TestPacket payload(byte[] bytes) {
        return new TestPacket(protocol, source, destination, flags, seq, ack, window, mss, tsVal, tsEcr, bytes, ttl, id, fragmentOffset,
                moreFragments, mac);
    }

    public TestPacket payload(String text) {
        return payload(ascii(text));
    }

    public TestPacket ttl(int hops) {
        return new TestPacket(protocol, source, destination, flags, seq, ack, window, mss, tsVal, tsEcr, payload, hops, id, fragmentOffset,
                moreFragments, mac);
    }

    public TestPacket id(int identification) {
        return new TestPacket(protocol, source, destination, flags, seq, ack, window, mss, tsVal, tsEcr, payload, ttl, identification,
                fragmentOffset, moreFragments, mac);
    }

    /** The link-layer address of who sent it on this link. */
    public TestPacket mac(String address) {
        return new TestPacket(protocol, source, destination, flags, seq, ack, window, mss, tsVal, tsEcr, payload, ttl, id, fragmentOffset,
                moreFragments, address);
    }

    /** The same packet after a router changed its addresses and forwarded it. */
    public TestPacket translated(String newSource, String newDestination) {
        return new TestPacket(protocol, Endpoint.parse(newSource), Endpoint.parse(newDestination), flags, seq, ack, window, mss, tsVal,
                tsEcr,
                payload, ttl - 1, id, fragmentOffset, moreFragments, mac);
    }

    /** Part of this datagram, behind its IP header. */
    public byte[] fragment(int offset, int length) {
        byte[] whole = transport().getRawData();
        byte[] part = new byte[Math.min(length, whole.length - offset)];
        System.arraycopy(whole, offset, part, 0, part.length);
        IpV4Packet.Builder ip = ipv4(new UnknownPacket.Builder().rawData(part), IP_HEADER + part.length);
        ip.fragmentOffset((short) (offset / 8)).moreFragmentFlag(offset + part.length < whole.length).dontFragmentFlag(false);
        return ethernet(ip, EtherType.IPV4).build().getRawData();
    }

    /** An ICMP destination unreachable that quotes the first 8 bytes of this packet behind its IP header (RFC 792). */
    public byte[] unreachable(String sender, int code, int ttlOfError) {
        return error(sender, 3, code, 0, ttlOfError);
    }

    /** An ICMP error that quotes this packet. */
    public byte[] error(String sender, int type, int code, int nextHopMtu, int ttlOfError) {
        byte[] ip = network().build().getRawData();
        byte[] quoted = new byte[IP_HEADER + 8];
        System.arraycopy(ip, 0, quoted, 0, quoted.length);
        ByteBuffer icmp = ByteBuffer.allocate(8 + quoted.length).put((byte) type).put((byte) code).putShort((short) 0).putInt(nextHopMtu)
                .put(quoted);
        icmp.putShort(2, checksum(icmp.array()));
        IpV4Packet.Builder outer = ipv4(new UnknownPacket.Builder().rawData(icmp.array()), 0).protocol(IpNumber.ICMPV4)
                .srcAddr((Inet4Address) address(sender))
                .dstAddr((Inet4Address) address(source)).ttl((byte) ttlOfError);
        return ethernet(outer, EtherType.IPV4).build().getRawData();
    }

    /** The whole Ethernet frame. */
    public byte[] frame() {
        return ethernet(network(), source.address().v6() ? EtherType.IPV6 : EtherType.IPV4).build().getRawData();
    }

    private EthernetPacket.Builder ethernet(Packet.Builder payloadBuilder, EtherType type) {
        return new EthernetPacket.Builder().srcAddr(MacAddress.getByName(mac)).dstAddr(ROUTER).type(type).payloadBuilder(payloadBuilder)
                .pad(new byte[0]).paddingAtBuild(false);
    }

    private Packet.Builder network() {
        if (source.address().v6()) {
            return new IpV6Packet.Builder().version(IpVersion.IPV6).trafficClass(IpV6SimpleTrafficClass.newInstance((byte) 0))
                    .flowLabel(IpV6SimpleFlowLabel.newInstance(0)).nextHeader(protocol).hopLimit((byte) ttl)
                    .srcAddr((Inet6Address) address(source)).dstAddr((Inet6Address) address(destination)).payloadBuilder(transportBuilder())
                    .correctLengthAtBuild(true);
        }
        return ipv4(transportBuilder(), 0).dontFragmentFlag(true);
    }

    private IpV4Packet.Builder ipv4(Packet.Builder payloadBuilder, int totalLength) {
        return new IpV4Packet.Builder().version(IpVersion.IPV4).tos(IpV4Rfc791Tos.newInstance((byte) 0)).identification((short) id)
                .ttl((byte) ttl).protocol(protocol).srcAddr((Inet4Address) address(source)).dstAddr((Inet4Address) address(destination))
                .payloadBuilder(payloadBuilder).correctChecksumAtBuild(true).correctLengthAtBuild(true);
    }

    private Packet transport() {
        return transportBuilder().build();
    }

    private Packet.Builder transportBuilder() {
        if (protocol.equals(IpNumber.TCP)) {
            return tcpBuilder();
        }
        if (protocol.equals(IpNumber.UDP)) {
            return new UdpPacket.Builder().srcPort(UdpPort.getInstance((short) source.port()))
                    .dstPort(UdpPort.getInstance((short) destination.port()))
                    .srcAddr(address(source)).dstAddr(address(destination)).payloadBuilder(new UnknownPacket.Builder().rawData(payload))
                    .correctChecksumAtBuild(true).correctLengthAtBuild(true);
        }
        if (protocol.equals(IpNumber.SCTP)) {
            byte[] common = {(byte) (source.port() >> 8), (byte) source.port(), (byte) (destination.port() >> 8), (byte) destination.port(),
                0, 0, 0, 9, 0, 0, 0, 0, 1, 0, 0, (byte) (4 + payload.length)};
            byte[] all = new byte[common.length + payload.length];
            System.arraycopy(common, 0, all, 0, common.length);
            System.arraycopy(payload, 0, all, common.length, payload.length);
            return new UnknownPacket.Builder().rawData(all);
        }
        boolean request = flags.equals("?");
        Packet.Builder data = new UnknownPacket.Builder().rawData(payload);
        Packet.Builder echo = request
                ? new IcmpV4EchoPacket.Builder().identifier((short) source.port()).sequenceNumber((short) seq).payloadBuilder(data)
                : new IcmpV4EchoReplyPacket.Builder().identifier((short) source.port()).sequenceNumber((short) seq).payloadBuilder(data);
        return new IcmpV4CommonPacket.Builder().type(request ? IcmpV4Type.ECHO : IcmpV4Type.ECHO_REPLY).code(IcmpV4Code.NO_CODE)
                .payloadBuilder(echo).correctChecksumAtBuild(true);
    }

    private TcpPacket.Builder tcpBuilder() {
        List<TcpPacket.TcpOption> options = new ArrayList<>();
        if (mss > 0) {
            options.add(new TcpMaximumSegmentSizeOption.Builder().maxSegSize((short) mss).correctLengthAtBuild(true).build());
        }
        if (tsVal != 0 || tsEcr != 0) {
            options.add(TcpNoOperationOption.getInstance());
            options.add(TcpNoOperationOption.getInstance());
            options.add(new TcpTimestampsOption.Builder().tsValue(tsVal).tsEchoReply(tsEcr).correctLengthAtBuild(true).build());
        }
        TcpPacket.Builder tcp = new TcpPacket.Builder().srcPort(TcpPort.getInstance((short) source.port()))
                .dstPort(TcpPort.getInstance((short) destination.port())).sequenceNumber(seq).acknowledgmentNumber(ack)
                .syn(flags.contains("S")).ack(flags.contains("A")).fin(flags.contains("F")).rst(flags.contains("R"))
                        .psh(flags.contains("P"))
                .window((short) window).options(options).srcAddr(address(source)).dstAddr(address(destination)).paddingAtBuild(true)
                .correctChecksumAtBuild(true).correctLengthAtBuild(true);
        return payload.length == 0 ? tcp : tcp.payloadBuilder(new UnknownPacket.Builder().rawData(payload));
    }

    private static InetAddress address(Endpoint endpoint) {
        return address(endpoint.address().toString());
    }

    private static InetAddress address(String literal) {
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(literal, e);
        }
    }

    /** RFC 1071, over an even number of bytes. */
    private static short checksum(byte[] bytes) {
        int sum = 0;
        for (int i = 0; i < bytes.length; i += 2) {
            sum += (bytes[i] & 0xff) << 8 | bytes[i + 1] & 0xff;
        }
        return (short) ~((sum & 0xffff) + (sum >>> 16));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
