package io.nattrail.analysis;

import io.nattrail.capture.CaptureReader;
import io.nattrail.net.IpProtocol;
import io.nattrail.wire.DecodeStatus;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.io.IOException;
import java.util.EnumMap;
import java.util.Map;

/** Reads a capture to its end and counts what is in it. */
public final class CaptureInspector {
    /** Where a TCP header tells its length. */
    private static final int TCP_DATA_OFFSET = 12;

    private final PacketDecoder decoder = new PacketDecoder();
    private final FrameView frame = new FrameView();
    private final PacketView packet = new PacketView();
    private final ConversationCounter tcpConversations = new ConversationCounter();
    private final ConversationCounter udpConversations = new ConversationCounter();
    private final long[] statuses = new long[DecodeStatus.values().length];

    private long tcp;
    private long udp;
    private long icmp;
    private long icmpv6;
    private long sctp;
    private long arp;
    private long ipv4;
    private long ipv6;
    private long syn;
    private long synAck;
    private long fin;
    private long rst;
    private long backwards;
    private long cut;
    private long fragments;
    private long tunnelled;
    private long lastTime = Long.MIN_VALUE;

    private CaptureInspector() {
    }

    /** Reads what is left of a capture; the caller closes it. */
    public static CaptureInspection inspect(CaptureReader reader) throws IOException {
        return new CaptureInspector().count(reader);
    }

    private CaptureInspection count(CaptureReader reader) throws IOException {
        while (reader.next(frame)) {
            decoder.decode(frame, packet);
            countFrame();
            countNetwork();
            countTransport();
        }
        Map<DecodeStatus, Long> notUnderstood = new EnumMap<>(DecodeStatus.class);
        for (DecodeStatus status : DecodeStatus.values()) {
            if (status != DecodeStatus.OK && status != DecodeStatus.LATER_FRAGMENT && statuses[status.ordinal()] > 0) {
                notUnderstood.put(status, statuses[status.ordinal()]);
            }
        }
        return new CaptureInspection(reader.facts(), reader.frames(), new CaptureInspection.Protocols(tcp, udp, icmp, icmpv6, sctp, arp),
                new CaptureInspection.Network(ipv4, ipv6), new CaptureInspection.TcpFlags(syn, synAck, fin, rst),
                new CaptureInspection.Conversations(tcpConversations.count(), udpConversations.count()), backwards, cut, fragments,
                tunnelled, notUnderstood);
    }

    private void countFrame() {
        statuses[packet.status().ordinal()]++;
        if (frame.timed()) {
            backwards += frame.timeNanos() < lastTime ? 1 : 0;
            lastTime = frame.timeNanos();
        }
        cut += frame.capturedLength() < frame.originalLength() ? 1 : 0;
        tunnelled += packet.tunnelDepth() > 0 ? 1 : 0;
    }

    private void countNetwork() {
        switch (packet.outerNetwork()) {
            case PacketView.NETWORK_IPV4 -> ipv4++;
            case PacketView.NETWORK_IPV6 -> ipv6++;
            case PacketView.NETWORK_ARP -> arp++;
            default -> {
            }
        }
        fragments += packet.fragment() ? 1 : 0;
    }

    private void countTransport() {
        if (packet.stopLayer() < PacketView.LAYER_NETWORK || packet.network() == PacketView.NETWORK_ARP
                || packet.status() == DecodeStatus.LATER_FRAGMENT) {
            return;
        }
        switch (packet.protocol()) {
            case IpProtocol.TCP -> countTcp();
            case IpProtocol.UDP -> {
                udp++;
                if (packet.udp()) {
                    udpConversations.add(packet);
                }
            }
            case IpProtocol.ICMP -> icmp++;
            case IpProtocol.ICMPV6 -> icmpv6++;
            case IpProtocol.SCTP -> sctp++;
            default -> {
            }
        }
    }

    private void countTcp() {
        tcp++;
        boolean understood = packet.tcp();
        if (!understood && !longerThanItsSegment()) {
            return;
        }
        int flags = packet.flags();
        boolean opening = (flags & (PacketView.SYN | PacketView.ACK)) == PacketView.SYN;
        if (opening) {
            syn++;
        } else {
            synAck += (flags & PacketView.SYN) != 0 ? 1 : 0;
        }
        if (understood && opening) {
            tcpConversations.addOpening(packet);
        } else if (understood) {
            tcpConversations.addSegment(packet);
        }
        fin += (flags & PacketView.FIN) != 0 ? 1 : 0;
        rst += (flags & PacketView.RST) != 0 ? 1 : 0;
    }

    /** Whether a TCP header claims more than its packet holds. No receiver takes it, but its flags are there, and Wireshark finds them. */
    private boolean longerThanItsSegment() {
        int offset = packet.transportStart() + TCP_DATA_OFFSET;
        return packet.status() == DecodeStatus.BAD_HEADER_LENGTH && packet.stopOffset() == offset
                && (packet.buffer()[offset] & 0xf0) >= 0x50;
    }
}
