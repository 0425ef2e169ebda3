package io.nattrail.dissect;

import io.nattrail.net.IpAddress;
import io.nattrail.wire.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.pcap4j.packet.DnsPacket.DnsHeader;
import org.pcap4j.packet.DnsQuestion;
import org.pcap4j.packet.DnsResourceRecord;
import org.pcap4j.packet.Dot1qVlanTagPacket.Dot1qVlanTagHeader;
import org.pcap4j.packet.EthernetPacket.EthernetHeader;
import org.pcap4j.packet.IcmpV4CommonPacket.IcmpV4CommonHeader;
import org.pcap4j.packet.IcmpV6CommonPacket.IcmpV6CommonHeader;
import org.pcap4j.packet.IpV4Packet.IpV4Header;
import org.pcap4j.packet.IpV4Packet.IpV4Option;
import org.pcap4j.packet.IpV6Packet.IpV6Header;
import org.pcap4j.packet.LinuxSllPacket.LinuxSllHeader;
import org.pcap4j.packet.Packet.Header;
import org.pcap4j.packet.TcpMaximumSegmentSizeOption;
import org.pcap4j.packet.TcpPacket.TcpHeader;
import org.pcap4j.packet.TcpPacket.TcpOption;
import org.pcap4j.packet.TcpSackOption;
import org.pcap4j.packet.TcpTimestampsOption;
import org.pcap4j.packet.TcpWindowScaleOption;
import org.pcap4j.packet.UdpPacket.UdpHeader;
import org.pcap4j.packet.namednumber.EtherType;
import org.pcap4j.packet.namednumber.NamedNumber;
import org.pcap4j.packet.namednumber.Port;
import org.pcap4j.packet.namednumber.TcpOptionKind;

/** The headers that service traffic consists of, field by field with their places; others as Pcap4J prints them. */
final class HeaderFields {
    private static final String[] ECN = {"Not-ECT", "ECT(1)", "ECT(0)", "CE"};
    private static final String[] TCP_FLAGS = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE"};
    private static final String[] TCP_FLAG_NAMES = {"FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE (ECN echo)",
        "CWR (congestion window reduced)", "AE (accurate ECN)"};
    /** First port that the kernel hands out by itself in any usual configuration: names of higher ones would mislead. */
    private static final int FIRST_EPHEMERAL = 10_000;
    /** Sections of a DNS message that somebody would read. */
    private static final int MOST_RECORDS = 40;

    private final byte[] frame;

    HeaderFields(byte[] frame) {
        this.frame = frame;
    }

    /**
     * The layer of a header.
     *
     * @param checksum what is to be said of the transport checksum, empty if nothing
     * @param end after the last byte of what the header carries
     */
    DissectedLayer layer(Header header, int start, int end, String checksum) {
        if (header instanceof EthernetHeader ethernet) {
            return ethernet(ethernet, start);
        }
        if (header instanceof Dot1qVlanTagHeader tag) {
            return vlan(tag, start);
        }
        if (header instanceof LinuxSllHeader cooked) {
            return cooked(cooked, start);
        }
        if (header instanceof IpV4Header ip) {
            return ipv4(ip, start);
        }
        if (header instanceof IpV6Header ip) {
            return ipv6(ip, start);
        }
        if (header instanceof TcpHeader tcp) {
            return tcp(tcp, start, end, checksum);
        }
        if (header instanceof UdpHeader udp) {
            return udp(udp, start, checksum);
        }
        if (header instanceof IcmpV4CommonHeader icmp) {
            return icmp("Internet Control Message Protocol", icmp.getType(), icmp.getCode(), start, checksum);
        }
        if (header instanceof IcmpV6CommonHeader icmp) {
            return icmp("Internet Control Message Protocol v6", icmp.getType(), icmp.getCode(), start, checksum);
        }
        if (header instanceof DnsHeader dns) {
            return dns(dns, start);
        }
        return printed(header, start);
    }

    private static DissectedLayer ethernet(EthernetHeader header, int start) {
        Fields fields = new Fields(start)
                .add("Destination", header.getDstAddr(), 0, 6)
                .add("Source", header.getSrcAddr(), 6, 6)
                .add("Type", etherType(header.getType()), 12, 2);
        return new DissectedLayer("Ethernet II", header.getSrcAddr() + " → " + header.getDstAddr(), start, 14, null, fields.list());
    }

    private DissectedLayer vlan(Dot1qVlanTagHeader header, int start) {
        int control = Bytes.u16(frame, start);
        Fields fields = new Fields(start)
                .add("Priority", control >>> 13, 0, 1)
                .add("Drop eligible", (control & 0x1000) != 0 ? "yes" : "no", 0, 1)
                .add("VLAN", header.getVidAsInt(), 0, 2)
                .add("Type", etherType(header.getType()), 2, 2);
        return new DissectedLayer("802.1Q Virtual LAN", "VLAN " + header.getVidAsInt(), start, 4, null, fields.list());
    }

    private static DissectedLayer cooked(LinuxSllHeader header, int start) {
        Fields fields = new Fields(start)
                .add("Packet type", Fields.named(header.getPacketType(), String.valueOf(header.getPacketType().value())), 0, 2)
                .add("Address type", Fields.named(header.getAddressType(), String.valueOf(header.getAddressType().value())), 2, 2)
                .add("Address length", header.getAddressLengthAsInt(), 4, 2)
                .add("Source", header.getAddress(), 6, 8)
                .add("Protocol", etherType(header.getProtocol()), 14, 2);
        return new DissectedLayer("Linux cooked capture v1", "from " + header.getAddress(), start, 16, null, fields.list());
    }

    private DissectedLayer ipv4(IpV4Header header, int start) {
        int service = Bytes.u8(frame, start + 1);
        int bits = Bytes.u8(frame, start + 6) >>> 5;
        int length = header.length();
        String right = header.hasValidChecksum(false) ? "correct" : "wrong, as this header stands";
        Fields flags = new Fields(start)
                .flag("Reserved bit", header.getReservedFlag(), 6, 1)
                .flag("Don't fragment", header.getDontFragmentFlag(), 6, 1)
                .flag("More fragments", header.getMoreFragmentFlag(), 6, 1);
        String flagNames = (header.getDontFragmentFlag() ? ", don't fragment" : "")
                + (header.getMoreFragmentFlag() ? ", more fragments" : "");
        String classes = Fields.hex(service, 2) + " (DSCP " + (service >>> 2) + ", ECN " + ECN[service & 3] + ")";
        Fields fields = new Fields(start)
                .add("Version", 4, 0, 1)
                .add("Header length", length + " bytes", 0, 1)
                .add("Differentiated services", classes, 1, 1)
                .add("Total length", header.getTotalLengthAsInt() + " bytes", 2, 2)
                .add("Identification", Fields.both(header.getIdentificationAsInt()), 4, 2)
                .add("Flags", Fields.hex(bits, 1) + flagNames, 6, 1, flags.list())
                .add("Fragment offset", (header.getFragmentOffset() & 0x1fff) * 8, 6, 2)
                .add("Time to live", header.getTtlAsInt(), 8, 1)
                .add("Protocol", Fields.named(header.getProtocol(), header.getProtocol().valueAsString()), 9, 1)
                .add("Header checksum", Fields.hex(header.getHeaderChecksum() & 0xffff, 4) + " (" + right + ")", 10, 2)
                .add("Source", header.getSrcAddr().getHostAddress(), 12, 4)
                .add("Destination", header.getDstAddr().getHostAddress(), 16, 4);
        if (length > 20) {
            Fields options = new Fields(start);
            int at = 20;
            for (IpV4Option option : header.getOptions()) {
                options.add(Fields.named(option.getType(), option.getType().valueAsString()), optionText(option.toString()), at, option
                        .length());
                at += option.length();
            }
            fields.add("Options", length - 20 + " bytes", 20, length - 20, options.list());
        }
        return new DissectedLayer("Internet Protocol Version 4", header.getSrcAddr().getHostAddress() + " → " + header.getDstAddr()
                .getHostAddress(), start, length, null, fields.list());
    }

    private DissectedLayer ipv6(IpV6Header header, int start) {
        int traffic = Bytes.i32(frame, start) >>> 20 & 0xff;
        String source = address6(start + 8);
        String destination = address6(start + 24);
        Fields fields = new Fields(start)
                .add("Version", 6, 0, 1)
                .add("Traffic class", Fields.hex(traffic, 2) + " (DSCP " + (traffic >>> 2) + ", ECN " + ECN[traffic & 3] + ")", 0, 2)
                .add("Flow label", Fields.hex(Bytes.i32(frame, start) & 0xfffff, 5), 1, 3)
                .add("Payload length", header.getPayloadLengthAsInt() + " bytes", 4, 2)
                .add("Next header", Fields.named(header.getNextHeader(), header.getNextHeader().valueAsString()), 6, 1)
                .add("Hop limit", header.getHopLimitAsInt(), 7, 1)
                .add("Source", source, 8, 16)
                .add("Destination", destination, 24, 16);
        return new DissectedLayer("Internet Protocol Version 6", source + " → " + destination, start, 40, null, fields.list());
    }

    private String address6(int at) {
        return IpAddress.v6(Bytes.i64(frame, at), Bytes.i64(frame, at + 8)).toString();
    }

    private DissectedLayer tcp(TcpHeader header, int start, int end, String checksum) {
        int length = header.length();
        Fields fields = new Fields(start)
                .add("Source port", port(header.getSrcPort()), 0, 2)
                .add("Destination port", port(header.getDstPort()), 2, 2)
                .add("Sequence number", header.getSequenceNumberAsLong(), 4, 4)
                .add("Acknowledgment number", header.getAcknowledgmentNumberAsLong(), 8, 4)
                .add("Header length", length + " bytes", 12, 1);
        int bits = flags(fields, start);
        fields.add("Window", header.getWindowAsInt(), 14, 2)
                .add("Checksum", Fields.hex(header.getChecksum() & 0xffff, 4) + checksum, 16, 2)
                .add("Urgent pointer", header.getUrgentPointerAsInt(), 18, 2);
        if (length > 20) {
            fields.add("Options", length - 20 + " bytes", 20, length - 20, tcpOptions(header, start));
        }
        return new DissectedLayer("Transmission Control Protocol", header.getSrcPort().valueAsInt() + " → "
                + header.getDstPort().valueAsInt() + " [" + flagNames(bits) + "] Seq=" + header.getSequenceNumberAsLong()
                + (header.getAck() ? " Ack=" + header.getAcknowledgmentNumberAsLong() : "") + " Win=" + header.getWindowAsInt() + " Len="
                + Math.max(0, end - start - length), start, length, null, fields.list());
    }

    /** Adds the flags of the TCP header that starts there, of which 14 bytes are enough, and returns them. */
    int flags(Fields fields, int start) {
        int bits = Bytes.u16(frame, start + 12) & 0x1ff;
        Fields flags = new Fields(start);
        for (int i = TCP_FLAGS.length - 1; i >= 0; i--) {
            flags.flag(TCP_FLAG_NAMES[i], (bits & 1 << i) != 0, i == 8 ? 12 : 13, 1);
        }
        fields.add("Flags", Fields.hex(bits, 3) + " (" + flagNames(bits) + ")", 12, 2, flags.list());
        return bits;
    }

    private static String flagNames(int bits) {
        StringJoiner names = new StringJoiner(", ");
        for (int i = 0; i < TCP_FLAGS.length; i++) {
            if ((bits & 1 << i) != 0) {
                names.add(TCP_FLAGS[i]);
            }
        }
        return bits == 0 ? "none" : names.toString();
    }

    private List<DissectedField> tcpOptions(TcpHeader header, int start) {
        Fields options = new Fields(start);
        int at = 20;
        for (TcpOption option : header.getOptions()) {
            tcpOption(options, option, start, at);
            at += option.length();
        }
        if (header.getPadding().length > 0) {
            options.add("Padding", header.getPadding().length + " bytes", at, header.getPadding().length);
        }
        return options.list();
    }

    private void tcpOption(Fields options, TcpOption option, int start, int at) {
        int length = option.length();
        if (option instanceof TcpMaximumSegmentSizeOption mss) {
            options.add("Maximum segment size", mss.getMaxSegSizeAsInt() + " bytes", at, length);
        } else if (option instanceof TcpWindowScaleOption scale) {
            int shift = scale.getShiftCountAsInt();
            options.add("Window scale", shift + (shift <= 14 ? " (multiply windows by " + (1 << shift) + ")" : ""), at, length);
        } else if (option instanceof TcpTimestampsOption timestamps) {
            options.add("Timestamps", "TSval " + timestamps.getTsValueAsLong() + ", TSecr " + timestamps.getTsEchoReplyAsLong(), at,
                    length);
        } else if (option instanceof TcpSackOption sack) {
            StringJoiner edges = new StringJoiner(", ");
            // Pcap4J does not give access to the edges.
            for (int edge = 2; edge + 8 <= sack.length(); edge += 8) {
                edges.add(Bytes.u32(frame, start + at + edge) + " to " + Bytes.u32(frame, start + at + edge + 4));
            }
            options.add("Selective acknowledgment", edges, at, length);
        } else if (option.getKind().equals(TcpOptionKind.SACK_PERMITTED)) {
            options.add("SACK permitted", "yes", at, length);
        } else if (option.getKind().equals(TcpOptionKind.NO_OPERATION)) {
            options.add("No operation", "padding", at, length);
        } else if (option.getKind().equals(TcpOptionKind.END_OF_OPTION_LIST)) {
            options.add("End of options", "the rest is padding", at, length);
        } else {
            options.add(Fields.named(option.getKind(), "option " + option.getKind().valueAsString()), optionText(option.toString()), at,
                    length);
        }
    }

    private static DissectedLayer udp(UdpHeader header, int start, String checksum) {
        Fields fields = new Fields(start)
                .add("Source port", port(header.getSrcPort()), 0, 2)
                .add("Destination port", port(header.getDstPort()), 2, 2)
                .add("Length", header.getLengthAsInt() + " bytes", 4, 2)
                .add("Checksum", Fields.hex(header.getChecksum() & 0xffff, 4) + checksum, 6, 2);
        return new DissectedLayer("User Datagram Protocol", header.getSrcPort().valueAsInt() + " → " + header.getDstPort().valueAsInt()
                + " Len=" + Math.max(0, header.getLengthAsInt() - 8), start, 8, null, fields.list());
    }

    private DissectedLayer icmp(String name, NamedNumber<?, ?> type, NamedNumber<?, ?> code, int start, String checksum) {
        Fields fields = new Fields(start)
                .add("Type", Fields.named(type, type.valueAsString()), 0, 1)
                .add("Code", Fields.named(code, code.valueAsString()), 1, 1)
                .add("Checksum", Fields.hex(Bytes.u16(frame, start + 2), 4) + checksum, 2, 2);
        return new DissectedLayer(name, Fields.named(type, "type " + type.valueAsString()) + ", " + Fields.named(code, "code "
                + code.valueAsString()), start, 4, null, fields.list());
    }

    /** The ICMP layer with the four bytes and more that depend on its type. */
    DissectedLayer joined(DissectedLayer icmp, Header rest, int start) {
        List<DissectedField> fields = new ArrayList<>(icmp.fields());
        Fields more = new Fields(start);
        int type = Bytes.u8(frame, icmp.start());
        int code = Bytes.u8(frame, icmp.start() + 1);
        boolean six = icmp.name().endsWith("v6");
        boolean echo = six ? type == 128 || type == 129 : type == 0 || type == 8;
        if (echo) {
            more.add("Identifier", Fields.both(Bytes.u16(frame, start)), 0, 2).add("Sequence number", Bytes.u16(frame, start + 2), 2, 2);
        } else if (!six && type == 3) {
            if (code == 4) {
                more.add("MTU of the next hop", Bytes.u16(frame, start + 2) + " bytes", 2, 2);
            } else {
                more.add("Unused", Fields.hex(Bytes.u32(frame, start), 8), 0, 4);
            }
        } else if (six && type == 2) {
            more.add("MTU", Bytes.u32(frame, start) + " bytes", 0, 4);
        } else {
            fields.addAll(printed(rest, start).fields());
        }
        fields.addAll(more.list());
        return new DissectedLayer(icmp.name(), icmp.summary(), icmp.start(), icmp.length() + rest.length(), null, fields);
    }

    private DissectedLayer dns(DnsHeader header, int start) {
        DnsMessage message = new DnsMessage(frame, start, header.length());
        String kind = header.isResponse() ? "response" : "query";
        Fields flags = new Fields(start)
                .flag("Response", header.isResponse(), 2, 1)
                .flag("Authoritative answer", header.isAuthoritativeAnswer(), 2, 1)
                .flag("Truncated", header.isTruncated(), 2, 1)
                .flag("Recursion desired", header.isRecursionDesired(), 2, 1)
                .flag("Recursion available", header.isRecursionAvailable(), 3, 1)
                .flag("Authentic data", header.isAuthenticData(), 3, 1)
                .flag("Checking disabled", header.isCheckingDisabled(), 3, 1);
        String code = Fields.named(header.getrCode(), header.getrCode().valueAsString());
        Fields fields = new Fields(start)
                .add("Transaction", Fields.both(header.getId() & 0xffff), 0, 2)
                .add("Flags", Fields.hex(Bytes.u16(frame, start + 2), 4) + " (" + kind + ")", 2, 2, flags.list())
                .add("Operation", Fields.named(header.getOpCode(), header.getOpCode().valueAsString()), 2, 1)
                .add("Response code", code, 3, 1);
        List<String> asked = new ArrayList<>();
        int at = 12;
        Fields questions = new Fields(start);
        for (DnsQuestion question : header.getQuestions()) {
            String text = Fields.named(question.getQType(), question.getQType().valueAsString()) + " " + message.name(at);
            questions.add("Question", text, at, question.length());
            asked.add(text);
            at += question.length();
        }
        fields.add("Questions", header.getQdCountAsInt(), 4, 2, questions.list());
        at = records(fields, "Answers", header.getAnCountAsInt(), 6, header.getAnswers(), message, start, at);
        at = records(fields, "Authorities", header.getNsCountAsInt(), 8, header.getAuthorities(), message, start, at);
        records(fields, "Additional", header.getArCountAsInt(), 10, header.getAdditionalInfo(), message, start, at);
        return new DissectedLayer("Domain Name System", kind + ": " + (asked.isEmpty() ? "no question" : asked.get(0))
                + (header.isResponse() ? ", " + code : ""), start, header.length(), null, fields.list());
    }

    private static int records(Fields fields, String name, int count, int countAt, List<DnsResourceRecord> records,
            DnsMessage message, int start, int from) {
        Fields parts = new Fields(start);
        int at = from;
        int shown = 0;
        for (DnsResourceRecord record : records) {
            if (shown++ < MOST_RECORDS) {
                String type = Fields.named(record.getDataType(), record.getDataType().valueAsString());
                parts.add(message.name(at), type + " " + message.record(at), at, record.length());
            }
            at += record.length();
        }
        fields.add(name, count, countAt, 2, parts.list());
        return at;
    }

    /** Pcap4J prints a header as a title in brackets and a line for each field. */
    private static DissectedLayer printed(Header header, int start) {
        String name = "";
        List<DissectedField> fields = new ArrayList<>();
        for (String line : header.toString().split("\\R")) {
            String stripped = line.strip();
            int colon = stripped.indexOf(':');
            if (stripped.startsWith("[") && name.isEmpty()) {
                name = stripped.substring(1, stripped.length() - 1).replaceAll("[ (]*[0-9]+ bytes\\)?$", "");
            } else if (colon > 0) {
                fields.add(new DissectedField(stripped.substring(0, colon), stripped.substring(colon + 1).strip(), -1, 0));
            }
        }
        if (fields.isEmpty()) {
            fields.add(new DissectedField("Length", header.length() + " bytes", start, header.length()));
        }
        return new DissectedLayer(name.replaceAll(" [Hh]eader$", ""), "", start, header.length(), null, fields);
    }

    /** What Pcap4J prints of an option, on one line. */
    private static String optionText(String printed) {
        return printed.replaceAll("\\s+", " ").strip();
    }

    private static String etherType(EtherType type) {
        return Fields.named(type, Fields.hex(type.value() & 0xffff, 4));
    }

    private static String port(Port port) {
        int number = port.valueAsInt();
        String name = port.name();
        return number >= FIRST_EPHEMERAL || name.equalsIgnoreCase("unknown") ? String.valueOf(number) : number + " (" + name + ")";
    }
}
