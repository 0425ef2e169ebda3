package io.nattrail.dissect;

import io.nattrail.net.IpProtocol;
import io.nattrail.wire.Bytes;
import io.nattrail.wire.Checksums;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.pcap4j.packet.Dot1qVlanTagPacket;
import org.pcap4j.packet.Dot1qVlanTagPacket.Dot1qVlanTagHeader;
import org.pcap4j.packet.EthernetPacket;
import org.pcap4j.packet.EthernetPacket.EthernetHeader;
import org.pcap4j.packet.FragmentedPacket;
import org.pcap4j.packet.IcmpV4CommonPacket.IcmpV4CommonHeader;
import org.pcap4j.packet.IcmpV6CommonPacket.IcmpV6CommonHeader;
import org.pcap4j.packet.IllegalPacket;
import org.pcap4j.packet.IllegalRawDataException;
import org.pcap4j.packet.IpPacket.IpHeader;
import org.pcap4j.packet.IpSelector;
import org.pcap4j.packet.IpV4Packet.IpV4Header;
import org.pcap4j.packet.LinuxSllPacket;
import org.pcap4j.packet.LinuxSllPacket.LinuxSllHeader;
import org.pcap4j.packet.Packet;
import org.pcap4j.packet.Packet.Header;
import org.pcap4j.packet.TcpPacket;
import org.pcap4j.packet.TcpPacket.TcpHeader;
import org.pcap4j.packet.UdpPacket;
import org.pcap4j.packet.UdpPacket.UdpHeader;

/**
 * Takes a frame apart completely with Pcap4J, which needs no native library for this. Slow, for the few frames somebody looks at. What
 * Pcap4J does not know or refuses is a last layer that says so, with its place; never an exception, whatever the bytes.
 */
public final class PacketDissector {
    /** Far more than real packets have; a made one could nest headers without end. */
    private static final int MOST_LAYERS = 40;
    private static final int TYPE_SERVICE_TAG = 0x88a8;
    private static final int TYPE_OLD_SERVICE_TAG = 0x9100;
    private static final int TYPE_BRIDGED = 0x6558;
    private static final int TYPE_MPLS = 0x8847;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_IPV6 = 0x86dd;
    private static final int TYPE_ARP = 0x0806;
    private static final int VXLAN_PORT = 4789;
    private static final int VXLAN_LINUX_PORT = 8472;
    private static final int GENEVE_PORT = 6081;

    private static final AtomicBoolean PREPARED = new AtomicBoolean();

    private final byte[] frame;
    private final boolean cut;
    private final HeaderFields headers;
    private final List<DissectedLayer> layers = new ArrayList<>();
    private final PacketView packet = new PacketView();
    /** Inside what an ICMP error quotes: only a begin is there, and its checksums are those of another packet. */
    private boolean quoted;

    private PacketDissector(byte[] frame, long originalLength, int linkType) {
        this.frame = frame;
        this.cut = originalLength > frame.length;
        this.headers = new HeaderFields(frame);
        FrameView view = new FrameView();
        view.set(frame, 0, frame.length, originalLength, 0, false, 1, 0, linkType, 0);
        new PacketDecoder().decode(view, packet);
    }

    /** Loads what dissecting needs on a thread of its own, where there is time before the first frame. */
    public static void prepare() {
        if (PREPARED.getAndSet(true)) {
            return;
        }
        Thread thread = new Thread(() -> {
            byte[] syn = new byte[54];
            syn[12] = 8;
            syn[14] = 0x45;
            syn[17] = 40;
            syn[23] = IpProtocol.TCP;
            syn[46] = 0x50;
            dissect(syn, syn.length, LinkType.ETHERNET);
        }, "dissector");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * The layers of a frame, from the outside in.
     *
     * @param frame the captured bytes
     * @param originalLength bytes that were on the wire
     */
    public static List<DissectedLayer> dissect(byte[] frame, long originalLength, int linkType) {
        PacketDissector dissector = new PacketDissector(frame, originalLength, linkType);
        if (frame.length == 0) {
            dissector.problem("Frame", 0, 0, originalLength > 0 ? "none of its bytes were captured" : "the frame is empty");
            return dissector.layers;
        }
        try {
            dissector.link(linkType);
        } catch (IllegalRawDataException | RuntimeException | StackOverflowError e) {
            // Pcap4J checks most, not all, lengths before it reads. What was understood so far stands.
            dissector.refused(e);
        }
        return dissector.layers;
    }

    private void refused(Throwable e) {
        int start = 0;
        for (DissectedLayer layer : layers) {
            start = Math.max(start, layer.start() + layer.length());
        }
        problem("Data", start, frame.length, notUnderstood(e));
    }

    private void link(int linkType) throws IllegalRawDataException {
        switch (linkType) {
            case LinkType.ETHERNET -> walk(EthernetPacket.newPacket(frame, 0, frame.length), 0, frame.length);
            case LinkType.LINUX_SLL -> walk(LinuxSllPacket.newPacket(frame, 0, frame.length), 0, frame.length);
            case LinkType.LINUX_SLL2 -> cooked2();
            case LinkType.RAW, LinkType.DLT_RAW, LinkType.DLT_RAW_OPENBSD, LinkType.IPV4, LinkType.IPV6 -> ip(0, frame.length);
            default -> other(linkType);
        }
    }

    /** Linux cooked capture, version 2, which Pcap4J does not know (LINKTYPE_LINUX_SLL2 of the tcpdump group's list). */
    private void cooked2() throws IllegalRawDataException {
        if (frame.length < 20) {
            problem("Linux cooked capture v2", 0, frame.length, tooShort(20, frame.length));
            return;
        }
        String[] kinds = {"to us", "broadcast", "multicast", "to somebody else", "sent by us"};
        int kind = Bytes.u8(frame, 10);
        int type = Bytes.u16(frame, 0);
        int length = Math.min(8, Bytes.u8(frame, 11));
        StringBuilder address = new StringBuilder();
        for (int i = 0; i < length; i++) {
            address.append(i == 0 ? "" : ":").append(Fields.hex(Bytes.u8(frame, 12 + i), 2), 2, 4);
        }
        Fields fields = new Fields(0)
                .add("Protocol", typeName(type), 0, 2)
                .add("Interface index", Bytes.u32(frame, 4), 4, 4)
                .add("Address type", Bytes.u16(frame, 8), 8, 2)
                .add("Packet type", kind < kinds.length ? kinds[kind] + " (" + kind + ")" : kind, 10, 1)
                .add("Address length", Bytes.u8(frame, 11), 11, 1)
                .add("Source", address, 12, 8);
        layers.add(new DissectedLayer("Linux cooked capture v2", "interface " + Bytes.u32(frame, 4), 0, 20, null, fields.list()));
        typed(type, 20, frame.length);
    }

    /** Link types for which the decoder finds the network header, but Pcap4J does not. */
    private void other(int linkType) throws IllegalRawDataException {
        boolean ip = packet.network() == PacketView.NETWORK_IPV4 || packet.network() == PacketView.NETWORK_IPV6;
        int start = packet.networkStart();
        if (!ip || packet.tunnelDepth() > 0 || start <= 0) {
            problem("Link type " + LinkType.name(linkType), 0, frame.length, "the headers of this link type are not taken apart here");
            return;
        }
        Fields fields = new Fields(0).add("Link layer header", start + " bytes", 0, start);
        layers.add(new DissectedLayer("Link type " + LinkType.name(linkType), "", 0, start, null, fields.list()));
        ip(start, frame.length);
    }

    private void ip(int start, int end) throws IllegalRawDataException {
        if (end <= start) {
            problem("Internet Protocol", start, end, tooShort(20, 0));
            return;
        }
        Packet inside = IpSelector.newPacket(frame, start, end - start);
        if (inside.getHeader() == null) {
            problem("Data", start, end, "neither IPv4 nor IPv6");
            return;
        }
        walk(inside, start, end);
    }

    private void walk(Packet outermost, int first, int limit) throws IllegalRawDataException {
        walk(outermost, null, first, limit);
    }

    private void walk(Packet outermost, Header outer, int first, int limit) throws IllegalRawDataException {
        int start = first;
        int end = limit;
        Header before = outer;
        for (Packet one = outermost; one != null && layers.size() < MOST_LAYERS; one = one.getPayload()) {
            Header header = one.getHeader();
            // An IP packet's own length excludes the padding that short Ethernet frames have.
            end = Math.min(end, start + one.length());
            if (header == null) {
                behind(before, one, start, end);
                return;
            }
            if (belongsToIcmp(before, header)) {
                DissectedLayer common = layers.remove(layers.size() - 1);
                layers.add(headers.joined(common, header, start));
                quoted |= quoting(before, Bytes.u8(frame, common.start()));
            } else {
                layers.add(named(headers.layer(header, start, end, checksum(header, start))));
            }
            start += header.length();
            if (one instanceof EthernetPacket ethernet && ethernet.getPad().length > 0) {
                padding(ethernet.getPad().length, end);
                end -= ethernet.getPad().length;
            }
            before = header;
        }
    }

    private static boolean belongsToIcmp(Header before, Header header) {
        return (before instanceof IcmpV4CommonHeader || before instanceof IcmpV6CommonHeader)
                && header.getClass().getSimpleName().startsWith("Icmp");
    }

    /** Whether an ICMP message is about another packet and carries its begin. */
    private static boolean quoting(Header icmp, int type) {
        return icmp instanceof IcmpV6CommonHeader ? type < 128 : type >= 3 && type <= 5 || type == 11 || type == 12;
    }

    private DissectedLayer named(DissectedLayer layer) {
        return quoted ? renamed(layer, "Quoted: " + layer.name()) : layer;
    }

    private static DissectedLayer renamed(DissectedLayer layer, String name) {
        return new DissectedLayer(name, layer.summary(), layer.start(), layer.length(), layer.problem(), layer.fields());
    }

    private void padding(int length, int end) {
        DissectedLayer ethernet = layers.remove(layers.size() - 1);
        List<DissectedField> fields = new ArrayList<>(ethernet.fields());
        fields.add(new DissectedField("Padding", length + (length == 1 ? " byte" : " bytes"), end - length, length));
        layers.add(new DissectedLayer(ethernet.name(), ethernet.summary(), ethernet.start(), ethernet.length(), null, fields));
    }

    private String checksum(Header header, int start) {
        boolean summed = header instanceof TcpHeader || header instanceof UdpHeader || header instanceof IcmpV4CommonHeader
                || header instanceof IcmpV6CommonHeader;
        if (!summed || quoted || packet.transportStart() != start) {
            return "";
        }
        return switch (Checksums.transport(packet)) {
            case RIGHT -> " (correct)";
            case PSEUDO_HEADER_ONLY -> " (left for the network card to finish)";
            case WRONG -> " (wrong)";
            case ABSENT -> " (none: the sender left it out)";
            case UNKNOWN -> cut ? " (not checked: not all bytes were captured)" : " (not checked)";
        };
    }

    /** What follows the last header that Pcap4J takes apart by itself. */
    private void behind(Header before, Packet rest, int start, int end) throws IllegalRawDataException {
        if (end <= start) {
            return;
        }
        if (rest instanceof FragmentedPacket) {
            if (before instanceof IpV4Header ip && (ip.getFragmentOffset() & 0x1fff) == 0 && firstFragment(ip, start, end)) {
                return;
            }
            layers.add(new DissectedLayer("Fragment of an IP packet", bytes(end - start), start, end - start, null, List.of()));
            return;
        }
        int type = before instanceof EthernetHeader ethernet ? ethernet.getType().value() & 0xffff
                : before instanceof Dot1qVlanTagHeader tag ? tag.getType().value() & 0xffff
                        : before instanceof LinuxSllHeader cooked ? cooked.getProtocol().value() & 0xffff : -1;
        if (type >= 0) {
            typed(type, start, end);
        } else if (before instanceof IpHeader ip) {
            carried(ip.getProtocol().value() & 0xff, start, end);
        } else if (before instanceof UdpHeader udp && !quoted) {
            datagram(udp.getDstPort().valueAsInt(), start, end);
        } else if (rest instanceof IllegalPacket) {
            problem(before instanceof UdpHeader || before instanceof TcpHeader ? "Payload" : "Data", start, end, null);
        } else {
            payload(before, start, end);
        }
    }

    /** The first fragment has the transport header, of a packet of which the rest is elsewhere. */
    private boolean firstFragment(IpV4Header ip, int start, int end) throws IllegalRawDataException {
        int protocol = ip.getProtocol().value() & 0xff;
        if (protocol == IpProtocol.UDP && end - start >= 8 || protocol == IpProtocol.TCP && end - start >= 20) {
            Packet first = protocol == IpProtocol.UDP ? UdpPacket.newPacket(frame, start, end - start)
                    : TcpPacket.newPacket(frame, start, end - start);
            layers.add(named(headers.layer(first.getHeader(), start, end, "")));
            int at = start + first.getHeader().length();
            if (at < end) {
                payload(first.getHeader(), at, end);
            }
            return true;
        }
        return false;
    }

    private void payload(Header before, int start, int end) {
        boolean transport = before instanceof TcpHeader || before instanceof UdpHeader;
        layers.add(new DissectedLayer(quoted ? "Quoted: payload" : transport ? "Payload" : "Data", bytes(end - start), start, end - start,
                null, List.of()));
    }

    /** A packet of an EtherType that Pcap4J does not know, or one that it refused. */
    private void typed(int type, int start, int end) throws IllegalRawDataException {
        switch (type) {
            case TYPE_SERVICE_TAG, TYPE_OLD_SERVICE_TAG -> {
                if (end - start < 4) {
                    problem("802.1ad Virtual LAN", start, end, tooShort(4, end - start));
                } else {
                    Dot1qVlanTagPacket tag = Dot1qVlanTagPacket.newPacket(frame, start, end - start);
                    layers.add(renamed(headers.layer(tag.getHeader(), start, end, ""), "802.1ad Virtual LAN"));
                    walk(tag.getPayload(), tag.getHeader(), start + 4, end);
                }
            }
            case TYPE_MPLS -> labels(start, end);
            case TYPE_BRIDGED -> walk(EthernetPacket.newPacket(frame, start, end - start), start, end);
            case TYPE_IPV4, TYPE_IPV6 -> network(start, end);
            case TYPE_ARP -> problem("Address Resolution Protocol", start, end, tooShort(28, end - start));
            default -> layers.add(new DissectedLayer("Data", typeName(type) + ", " + bytes(end - start), start, end - start, null,
                    List.of()));
        }
    }

    private void network(int start, int end) {
        try {
            ip(start, end);
        } catch (IllegalRawDataException | IllegalArgumentException e) {
            boolean six = Bytes.u8(frame, start) >>> 4 == 6;
            int needed = six ? 40 : 20;
            problem(six ? "Internet Protocol Version 6" : "Internet Protocol Version 4", start, end, end - start < needed
                    ? tooShort(needed, end - start) : notUnderstood(e));
        }
    }

    private void labels(int start, int end) {
        int at = start;
        while (end - at >= 4) {
            long label = Bytes.u32(frame, at);
            boolean last = (label & 0x100) != 0;
            Fields fields = new Fields(at)
                    .add("Label", label >>> 12, 0, 3)
                    .add("Traffic class", label >>> 9 & 7, 2, 1)
                    .add("Bottom of the stack", last ? "yes" : "no", 2, 1)
                    .add("Time to live", label & 0xff, 3, 1);
            layers.add(new DissectedLayer("MultiProtocol Label Switching", "label " + (label >>> 12), at, 4, null, fields.list()));
            at += 4;
            if (last || layers.size() >= MOST_LAYERS) {
                break;
            }
        }
        network(at, end);
    }

    /** What an IP packet carries: a tunnel, a protocol that Pcap4J does not know, or a header that it refused. */
    private void carried(int protocol, int start, int end) throws IllegalRawDataException {
        switch (protocol) {
            case IpProtocol.IPV4, IpProtocol.IPV6 -> network(start, end);
            case IpProtocol.GRE -> routingEncapsulation(start, end);
            case IpProtocol.TCP -> begin("Transmission Control Protocol", protocol, 20, start, end);
            case IpProtocol.UDP -> begin("User Datagram Protocol", protocol, 8, start, end);
            case IpProtocol.SCTP -> begin("Stream Control Transmission Protocol", protocol, 12, start, end);
            case IpProtocol.ICMP -> begin("Internet Control Message Protocol", protocol, 8, start, end);
            case IpProtocol.ICMPV6 -> begin("Internet Control Message Protocol v6", protocol, 8, start, end);
            default -> layers.add(new DissectedLayer("Data", "protocol " + protocol + ", " + bytes(end - start), start, end - start, null,
                    List.of()));
        }
    }

    /** A transport header that was cut, quoted in part, or damaged: the fields that are there. */
    private void begin(String name, int protocol, int needed, int start, int end) {
        Fields fields = new Fields(start);
        int length = end - start;
        if (protocol != IpProtocol.ICMP && protocol != IpProtocol.ICMPV6 && length >= 4) {
            fields.add("Source port", Bytes.u16(frame, start), 0, 2).add("Destination port", Bytes.u16(frame, start + 2), 2, 2);
        }
        if (protocol == IpProtocol.TCP && length >= 8) {
            fields.add("Sequence number", Bytes.u32(frame, start + 4), 4, 4);
        }
        if (protocol == IpProtocol.TCP && length >= 12) {
            fields.add("Acknowledgment number", Bytes.u32(frame, start + 8), 8, 4);
        }
        if (protocol == IpProtocol.TCP && length >= 14) {
            fields.add("Header length", (Bytes.u8(frame, start + 12) >>> 4) * 4 + " bytes", 12, 1);
            headers.flags(fields, start);
        }
        String ports = length >= 4 && !fields.list().isEmpty() ? Bytes.u16(frame, start) + " → " + Bytes.u16(frame, start + 2) : "";
        String why = length < needed ? tooShort(needed, length) : damaged(protocol, start, length);
        layers.add(new DissectedLayer(quoted ? "Quoted: " + name : name, ports, start, length, quoted ? null : why, fields.list()));
    }

    private String damaged(int protocol, int start, int length) {
        try {
            if (protocol == IpProtocol.TCP) {
                TcpPacket.newPacket(frame, start, length);
            } else if (protocol == IpProtocol.UDP) {
                UdpPacket.newPacket(frame, start, length);
            }
        } catch (IllegalRawDataException | RuntimeException e) {
            int claimed = protocol == IpProtocol.TCP ? (Bytes.u8(frame, start + 12) >>> 4) * 4 : 0;
            return claimed > length ? tooShort(claimed, length) : notUnderstood(e);
        }
        return "its lengths contradict each other";
    }

    private void datagram(int port, int start, int end) throws IllegalRawDataException {
        boolean vxlan = port == VXLAN_PORT || port == VXLAN_LINUX_PORT
                || port != GENEVE_PORT && PacketDecoder.carriesVxlan(frame, start, end);
        if (vxlan && end - start >= 8 + 14) {
            long network = Bytes.u32(frame, start + 4) >>> 8;
            Fields fields = new Fields(start)
                    .add("Flags", Fields.hex(Bytes.u16(frame, start), 4), 0, 2)
                    .add("Group policy", Bytes.u16(frame, start + 2), 2, 2)
                    .add("Network identifier (VNI)", network, 4, 3);
            layers.add(new DissectedLayer("Virtual eXtensible LAN", "VNI " + network, start, 8, null, fields.list()));
            walk(EthernetPacket.newPacket(frame, start + 8, end - start - 8), start + 8, end);
        } else if (port == GENEVE_PORT && end - start >= 8) {
            int length = 8 + (Bytes.u8(frame, start) & 0x3f) * 4;
            long network = Bytes.u32(frame, start + 4) >>> 8;
            int type = Bytes.u16(frame, start + 2);
            int there = Math.min(length, end - start);
            Fields fields = new Fields(start)
                    .add("Options length", length - 8 + " bytes", 0, 1)
                    .add("Protocol", typeName(type), 2, 2)
                    .add("Network identifier (VNI)", network, 4, 3);
            layers.add(new DissectedLayer("Generic Network Virtualization Encapsulation", "VNI " + network, start, there, null, fields
                    .list()));
            if (start + there < end) {
                typed(type, start + there, end);
            }
        } else {
            layers.add(new DissectedLayer("Payload", bytes(end - start), start, end - start, null, List.of()));
        }
    }

    /** GRE (RFC 2784, RFC 2890): checksum, key and sequence number are there if their bits are set. */
    private void routingEncapsulation(int start, int end) throws IllegalRawDataException {
        if (end - start < 4) {
            problem("Generic Routing Encapsulation", start, end, tooShort(4, end - start));
            return;
        }
        int bits = Bytes.u16(frame, start);
        int type = Bytes.u16(frame, start + 2);
        int length = 4 + ((bits & 0x8000) != 0 ? 4 : 0) + ((bits & 0x2000) != 0 ? 4 : 0) + ((bits & 0x1000) != 0 ? 4 : 0);
        int there = Math.min(length, end - start);
        Fields fields = new Fields(start).add("Flags and version", Fields.hex(bits, 4), 0, 2).add("Protocol", typeName(type), 2, 2);
        layers.add(new DissectedLayer("Generic Routing Encapsulation", typeName(type), start, there, null, fields.list()));
        if (start + there < end) {
            typed(type, start + there, end);
        }
    }

    private void problem(String name, int start, int end, String why) {
        int length = Math.max(0, end - start);
        layers.add(new DissectedLayer(quoted ? "Quoted: " + name : name, bytes(length), Math.min(start, end), length,
                why == null ? "its lengths contradict each other" : why, List.of()));
    }

    private String tooShort(int needed, int there) {
        return there + " of " + needed + " bytes of this header were captured" + (cut ? ": the snap length of the capture cut the packet"
                : ": the packet is damaged or ends early");
    }

    private static String notUnderstood(Throwable e) {
        String said = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        // Pcap4J puts all bytes of the packet behind its message.
        return "not understood: " + said.split("(?i)[,.]? *(raw ?)?data: |[,.] *offset: |[,.] *length: ")[0].strip();
    }

    private static String typeName(int type) {
        return switch (type) {
            case TYPE_IPV4 -> "IPv4 (0x0800)";
            case TYPE_IPV6 -> "IPv6 (0x86dd)";
            case TYPE_ARP -> "ARP (0x0806)";
            case TYPE_BRIDGED -> "Ethernet (0x6558)";
            default -> Fields.hex(type, 4);
        };
    }

    private static String bytes(int count) {
        return count + (count == 1 ? " byte" : " bytes");
    }
}
