package io.nattrail.wire;

import io.nattrail.net.IpProtocol;

/**
 * Walks a frame from its link layer to its transport header and writes what it finds into a {@link PacketView}. Never throws, whatever
 * the bytes, and allocates nothing. One instance per reader; not for several threads. What may lie between a link header and IP, it leaves
 * to {@link LinkHeaders}, the headers above IP to {@link TransportHeaders}; IP itself, and the tunnels that lead to IP again, are here.
 *
 * <p>Tunnels (VXLAN, Geneve, GRE, ERSPAN, IP in IP) are opened: the view shows the innermost packet. If what a tunnel carries is not an IP
 * packet that could be one, the view shows the tunnel's own packet.
 *
 * <p>How decoding stops:
 * <ul>
 * <li>IP header cut or impossible: {@code LAYER_LINK}; an IP length below the header: {@code LAYER_NETWORK};</li>
 * <li>transport header cut or impossible: {@code LAYER_NETWORK} with {@code protocol} set, and the ports if they were captured;</li>
 * <li>TCP header cut by the capture behind its flags: {@code HEADER_CUT} and {@code LAYER_TRANSPORT}, window, checksum and options are
 * missing;</li>
 * <li>TCP options cut: {@code OPTIONS_CUT} and {@code LAYER_TRANSPORT}, everything but the options that are missing is valid.</li>
 * </ul>
 */
public final class PacketDecoder {
    /** First chunk type reported for an SCTP packet whose first chunk was not captured (RFC 9260 reserves it). */
    public static final int SCTP_NO_CHUNK = 0xff;
    /** Type of the chunk that refuses an association or ends it at once (RFC 9260, section 3.3.7). */
    public static final int SCTP_ABORT = 6;
    /** Chunks that their receiver answers at once, besides the one that closes. */
    public static final int SCTP_DATA = 0;
    public static final int SCTP_INIT = 1;
    public static final int SCTP_INIT_ACK = 2;
    public static final int SCTP_HEARTBEAT = 4;
    public static final int SCTP_COOKIE_ECHO = 10;
    /** Chunks by which SCTP closes an association in order. */
    public static final int SCTP_SHUTDOWN = 7;
    public static final int SCTP_SHUTDOWN_ACK = 8;
    public static final int SCTP_SHUTDOWN_COMPLETE = 14;

    private static final int MAX_TUNNELS = 8;
    private static final int MAX_EXTENSIONS = 64;

    private static final int ETHER_TEB = 0x6558;
    /** ERSPAN of types I and II, and of type III: what switches mirror, as Ethernet frames in GRE (draft-foschiano-erspan-03). */
    private static final int ETHER_ERSPAN = 0x88be;
    private static final int ETHER_ERSPAN_3 = 0x22eb;

    private static final int VXLAN_PORT = 4789;
    private static final int VXLAN_LINUX_PORT = 8472;
    private static final int GENEVE_PORT = 6081;

    /** Longer than any packet, segmentation offload included, so that a wrong length on the wire does no harm. */
    private static final long LONGEST = 1 << 20;

    /** A TCP header up to its flags, which is all that tells a connection and its packets from others. */
    private static final int TCP_FLAGS_END = 14;

    private boolean quote;
    /** Index after the frame's last captured byte. */
    private int frameLimit;
    /** Index after the frame's last byte on the wire: where a packet ends whose header does not tell its length. */
    private int wireLimit;

    /** Decodes a frame; the view is valid until the frame's buffer changes. */
    public void decode(FrameView frame, PacketView packet) {
        byte[] buffer = frame.buffer();
        int start = frame.start();
        quote = false;
        frameLimit = start + frame.capturedLength();
        wireLimit = start + Math.max(frame.capturedLength(), (int) Math.min(frame.originalLength(), LONGEST));
        packet.reset(buffer, start);
        link(frame.linkType(), buffer, start, frameLimit, packet);
    }

    /**
     * Decodes the packet that an ICMP or ICMPv6 error quotes. Only the ports of its transport need to be there: then the status is
     * {@code HEADER_CUT} but the layer {@code LAYER_TRANSPORT}, and with eight bytes the TCP sequence number is valid, too. Tunnels in a
     * quote are not opened: the error is about the outer packet.
     *
     * @return whether the quote was understood at least to its addresses
     */
    public boolean decodeQuoted(PacketView outer, PacketView quoted) {
        byte[] buffer = outer.buffer;
        int start = outer.quotedStart;
        int limit = outer.quotedLimit;
        boolean quoting = outer.quoting;
        quoted.reset(buffer, start);
        if (!quoting || limit <= start) {
            return false;
        }
        quote = true;
        wireLimit = limit;
        ip(buffer, start, limit, quoted, 0);
        quote = false;
        return quoted.stopLayer >= PacketView.LAYER_NETWORK;
    }

    // Link layers

    private void link(int linkType, byte[] b, int start, int limit, PacketView p) {
        switch (linkType) {
            case LinkType.ETHERNET -> ethernet(b, start, limit, p);
            case LinkType.LINUX_SLL -> cooked(b, start, limit, p);
            case LinkType.LINUX_SLL2 -> cooked2(b, start, limit, p);
            case LinkType.RAW, LinkType.DLT_RAW, LinkType.DLT_RAW_OPENBSD -> ip(b, start, limit, p, 0);
            case LinkType.IPV4 -> ipv4(b, start, limit, p, 0);
            case LinkType.IPV6 -> ipv6(b, start, limit, p, 0);
            case LinkType.NULL, LinkType.LOOP -> loopback(b, start, limit, p);
            case LinkType.PPP, LinkType.PPP_HDLC -> carried(LinkHeaders.ppp(b, start, limit, p), b, limit, p);
            case LinkType.PPP_WITH_DIR, LinkType.PPP_PPPD -> carried(LinkHeaders.ppp(b, Math.min(start + 1, limit), limit, p), b, limit, p);
            case LinkType.PPP_ETHER -> carried(LinkHeaders.pppoe(b, start, limit, p), b, limit, p);
            case LinkType.NFLOG -> carried(LinkHeaders.nflog(b, start, limit, p), b, limit, p);
            case LinkType.PKTAP -> pktap(b, start, limit, p);
            case LinkType.C_HDLC -> ciscoHdlc(b, start, limit, p);
            default -> p.stop(DecodeStatus.UNKNOWN_LINK, start);
        }
    }

    private void ethernet(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 14) {
            p.stop(DecodeStatus.HEADER_CUT, start);
            return;
        }
        p.linkSource = Bytes.u48(b, start + 6);
        int type = Bytes.u16(b, start + 12);
        if (type == LinkHeaders.ETHER_IPV4) {
            ipv4(b, start + 14, limit, p, 0);
        } else {
            carried(LinkHeaders.walkTags(type, b, start + 14, limit, p), b, limit, p);
        }
    }

    private void cooked(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 16) {
            p.stop(DecodeStatus.HEADER_CUT, start);
            return;
        }
        p.packetType = Bytes.u16(b, start);
        p.linkSource = Bytes.u16(b, start + 4) == 6 ? Bytes.u48(b, start + 6) : 0;
        cookedPayload(Bytes.u16(b, start + 14), b, start + 16, limit, p);
    }

    private void cooked2(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 20) {
            p.stop(DecodeStatus.HEADER_CUT, start);
            return;
        }
        p.linkInterface = Bytes.i32(b, start + 4);
        p.packetType = Bytes.u8(b, start + 10);
        p.linkSource = Bytes.u8(b, start + 11) == 6 ? Bytes.u48(b, start + 12) : 0;
        cookedPayload(Bytes.u16(b, start), b, start + 20, limit, p);
    }

    private void cookedPayload(int protocol, byte[] b, int offset, int limit, PacketView p) {
        if (protocol == LinkHeaders.ETHER_IPV4) {
            ipv4(b, offset, limit, p, 0);
        } else if (protocol > LinkHeaders.MAX_LLC_LENGTH || protocol == 4) {
            // 4 is LINUX_SLL_P_802_2: an LLC header follows, as it does after an Ethernet length.
            carried(LinkHeaders.walkTags(protocol, b, offset, limit, p), b, limit, p);
        } else {
            p.stop(DecodeStatus.UNKNOWN_LINK, offset);
        }
    }

    /** BSD loopback: an address family in the byte order of the machine that captured, which need not be that of the file. */
    private void loopback(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 4) {
            p.stop(DecodeStatus.HEADER_CUT, start);
            return;
        }
        int family = Bytes.i32(b, start);
        if ((family & 0xffff0000) != 0) {
            family = Integer.reverseBytes(family);
        }
        switch (family) {
            case 2 -> ipv4(b, start + 4, limit, p, 0);
            // AF_INET6 of Linux, of Windows, of NetBSD and OpenBSD, of FreeBSD, and of macOS.
            case 10, 23, 24, 28, 30 -> ipv6(b, start + 4, limit, p, 0);
            default -> p.stop(DecodeStatus.UNKNOWN_LINK, start);
        }
    }

    /** A header of macOS: its length, what follows, and that frame's link type, in 32 bits each, little-endian. */
    private void pktap(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 12) {
            p.stop(DecodeStatus.HEADER_CUT, start);
            return;
        }
        int length = Integer.reverseBytes(Bytes.i32(b, start));
        int linkType = Integer.reverseBytes(Bytes.i32(b, start + 8));
        if (length < 12 || linkType == LinkType.PKTAP) {
            p.stop(DecodeStatus.BAD_HEADER_LENGTH, start);
        } else if (length > limit - start) {
            p.stop(DecodeStatus.HEADER_CUT, start);
        } else {
            link(linkType, b, start + length, limit, p);
        }
    }

    private void ciscoHdlc(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 4) {
            p.stop(DecodeStatus.HEADER_CUT, start);
        } else {
            carried(LinkHeaders.walkTags(Bytes.u16(b, start + 2), b, start + 4, limit, p), b, limit, p);
        }
    }

    /** Decodes what {@link LinkHeaders} found. */
    private void carried(long found, byte[] b, int limit, PacketView p) {
        int offset = LinkHeaders.offset(found);
        switch (LinkHeaders.type(found)) {
            case LinkHeaders.ETHER_IPV4 -> ipv4(b, offset, limit, p, 0);
            case LinkHeaders.ETHER_IPV6 -> ipv6(b, offset, limit, p, 0);
            case LinkHeaders.ETHER_ARP -> arp(b, offset, limit, p);
            case LinkHeaders.NO_TYPE -> p.stopOffset = offset;
            default -> p.stop(DecodeStatus.UNKNOWN_LINK, offset);
        }
    }

    // Network layers

    private static void arp(byte[] b, int offset, int limit, PacketView p) {
        p.networkStart = offset;
        if (limit - offset < 8) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
            return;
        }
        p.network = PacketView.NETWORK_ARP;
        p.outerNetwork = PacketView.NETWORK_ARP;
        p.stopLayer = PacketView.LAYER_NETWORK;
        int hardware = Bytes.u8(b, offset + 4);
        int length = 8 + 2 * hardware + 2 * Bytes.u8(b, offset + 5);
        if (limit - offset < length) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
            return;
        }
        if (Bytes.u16(b, offset + 2) == LinkHeaders.ETHER_IPV4 && b[offset + 5] == 4) {
            p.sourceLow = Bytes.u32(b, offset + 8 + hardware);
            p.destinationLow = Bytes.u32(b, offset + 12 + 2 * hardware);
        }
        p.payloadStart = offset + length;
        p.stop(DecodeStatus.OK, offset + length);
    }

    private void ip(byte[] b, int offset, int limit, PacketView p, int depth) {
        if (offset >= limit) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
            return;
        }
        switch (b[offset] & 0xf0) {
            case 0x40 -> ipv4(b, offset, limit, p, depth);
            case 0x60 -> ipv6(b, offset, limit, p, depth);
            default -> p.stop(DecodeStatus.UNKNOWN_LINK, offset);
        }
    }

    private void ipv4(byte[] b, int offset, int limit, PacketView p, int depth) {
        p.networkStart = offset;
        if (depth == 0) {
            p.outerNetwork = PacketView.NETWORK_IPV4;
        }
        if (limit - offset < 20) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
            return;
        }
        int first = b[offset];
        int headerLength = (first & 0x0f) << 2;
        if ((first & 0xf0) != 0x40 || headerLength < 20) {
            p.stop(DecodeStatus.BAD_HEADER_LENGTH, offset);
            return;
        }
        int fragment = Bytes.u16(b, offset + 6);
        p.network = PacketView.NETWORK_IPV4;
        p.stopLayer = PacketView.LAYER_NETWORK;
        p.tunnelDepth = depth;
        p.inPiece |= depth > 0 && p.moreFragments;
        p.identification = Bytes.u16(b, offset + 4);
        p.moreFragments = (fragment & 0x2000) != 0;
        p.fragmentOffset = (fragment & 0x1fff) << 3;
        p.ttl = Bytes.u8(b, offset + 8);
        p.protocol = Bytes.u8(b, offset + 9);
        p.sourceHigh = 0;
        p.sourceLow = Bytes.u32(b, offset + 12);
        p.destinationHigh = 0;
        p.destinationLow = Bytes.u32(b, offset + 16);
        int total = Bytes.u16(b, offset + 2);
        // 0 under TCP segmentation offload: the length does not fit or is filled in by the card.
        int wireEnd = total == 0 ? wireLimit : offset + total;
        if (total != 0 && total < headerLength && !quote) {
            p.stop(DecodeStatus.BAD_HEADER_LENGTH, offset);
            return;
        }
        transport(p.protocol, b, offset + headerLength, Math.min(limit, wireEnd), wireEnd, p, depth);
    }

    private void ipv6(byte[] b, int offset, int limit, PacketView p, int depth) {
        p.networkStart = offset;
        if (depth == 0) {
            p.outerNetwork = PacketView.NETWORK_IPV6;
        }
        if (limit - offset < 40) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
            return;
        }
        if ((b[offset] & 0xf0) != 0x60) {
            p.stop(DecodeStatus.BAD_HEADER_LENGTH, offset);
            return;
        }
        p.network = PacketView.NETWORK_IPV6;
        p.stopLayer = PacketView.LAYER_NETWORK;
        p.tunnelDepth = depth;
        p.inPiece |= depth > 0 && p.moreFragments;
        p.identification = 0;
        p.moreFragments = false;
        p.fragmentOffset = 0;
        p.ttl = Bytes.u8(b, offset + 7);
        p.sourceHigh = Bytes.i64(b, offset + 8);
        p.sourceLow = Bytes.i64(b, offset + 16);
        p.destinationHigh = Bytes.i64(b, offset + 24);
        p.destinationLow = Bytes.i64(b, offset + 32);
        int length = Bytes.u16(b, offset + 4);
        // 0 for jumbograms and under offload.
        int wireEnd = length == 0 ? wireLimit : offset + 40 + length;
        int next = Bytes.u8(b, offset + 6);
        p.protocol = next;
        if (next == IpProtocol.TCP || next == IpProtocol.UDP) {
            transport(next, b, offset + 40, Math.min(limit, wireEnd), wireEnd, p, depth);
        } else {
            extensions(next, b, offset + 40, Math.min(limit, wireEnd), wireEnd, p, depth);
        }
    }

    private void extensions(int first, byte[] b, int firstOffset, int end, int wireEnd, PacketView p, int depth) {
        int next = first;
        int offset = firstOffset;
        for (int headers = 0; headers < MAX_EXTENSIONS; headers++) {
            p.protocol = next;
            boolean fragmentHeader = next == IpProtocol.FRAGMENT;
            boolean authentication = next == IpProtocol.AUTHENTICATION;
            switch (next) {
                case IpProtocol.HOP_BY_HOP, IpProtocol.ROUTING, IpProtocol.FRAGMENT, IpProtocol.AUTHENTICATION,
                        IpProtocol.DESTINATION_OPTIONS, IpProtocol.MOBILITY, IpProtocol.HIP, IpProtocol.SHIM6 -> {
                    if (end - offset < (authentication ? 12 : 8)) {
                        p.stop(DecodeStatus.HEADER_CUT, offset);
                        return;
                    }
                }
                default -> {
                    transport(next, b, offset, end, wireEnd, p, depth);
                    return;
                }
            }
            next = Bytes.u8(b, offset);
            if (fragmentHeader) {
                int fragment = Bytes.u16(b, offset + 2);
                p.fragmentOffset = fragment & 0xfff8;
                p.moreFragments = (fragment & 1) != 0;
                p.identification = Bytes.i32(b, offset + 4);
                offset += 8;
                if (p.fragmentOffset != 0) {
                    p.protocol = next;
                    transport(next, b, offset, end, wireEnd, p, depth);
                    return;
                }
            } else {
                // The authentication header alone counts in units of four bytes (RFC 4302, section 2.2).
                int length = Bytes.u8(b, offset + 1);
                offset += authentication ? (length + 2) << 2 : (length + 1) << 3;
            }
        }
        p.stop(DecodeStatus.TOO_DEEP, offset);
    }

    // Transport layers

    /**
     * @param end index after the last captured byte of this IP packet
     * @param wireEnd index after its last byte on the wire; at least {@code end}
     */
    private void transport(int protocol, byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        p.transportStart = offset;
        p.payload(offset, end, wireEnd);
        if (p.fragmentOffset != 0) {
            p.stop(DecodeStatus.LATER_FRAGMENT, offset);
            return;
        }
        switch (protocol) {
            case IpProtocol.TCP -> tcp(b, offset, end, wireEnd, p);
            case IpProtocol.UDP -> udp(b, offset, end, wireEnd, p, depth);
            case IpProtocol.ICMP -> TransportHeaders.icmp(b, offset, end, wireEnd, p);
            case IpProtocol.ICMPV6 -> TransportHeaders.icmpv6(b, offset, end, wireEnd, p);
            case IpProtocol.SCTP -> TransportHeaders.sctp(b, offset, end, wireEnd, p, quote);
            case IpProtocol.IPV4, IpProtocol.IPV6, IpProtocol.GRE, IpProtocol.AUTHENTICATION ->
                    encapsulated(protocol, b, offset, end, wireEnd, p, depth);
            default -> p.stop(DecodeStatus.UNKNOWN_TRANSPORT, offset);
        }
    }

    private void tcp(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        if (end - offset >= 20) {
            TransportHeaders.tcp(b, offset, end, wireEnd, p);
        } else if (end - offset >= TCP_FLAGS_END && end == frameLimit && frameLimit < wireLimit && !quote) {
            TransportHeaders.tcpCut(b, offset, end, wireEnd, p);
        } else {
            TransportHeaders.cut(IpProtocol.TCP, b, offset, end, p, quote);
        }
    }

    private void udp(byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        if (end - offset < 8) {
            TransportHeaders.cut(IpProtocol.UDP, b, offset, end, p, quote);
            return;
        }
        TransportHeaders.ports(b, offset, p);
        p.transportChecksum = Bytes.u16(b, offset + 6);
        int length = Bytes.u16(b, offset + 4);
        if (length < 8 && length != 0) {
            p.stop(DecodeStatus.BAD_HEADER_LENGTH, offset + 4);
            return;
        }
        // 0 in jumbograms; in a first fragment the length is that of the whole datagram; never more than the IP packet holds.
        int udpEnd = length == 0 ? wireEnd : Math.min(wireEnd, offset + length);
        int udpLimit = Math.min(end, udpEnd);
        TransportHeaders.understood(offset + 8, udpLimit, udpEnd, p);
        switch (p.destinationPort) {
            case VXLAN_PORT, VXLAN_LINUX_PORT -> vxlan(b, offset + 8, udpLimit, p, depth);
            case GENEVE_PORT -> geneve(b, offset + 8, udpLimit, p, depth);
            default -> {
                if (carriesVxlan(b, offset + 8, udpLimit)) {
                    innerEthernet(b, offset + 16, udpLimit, p, depth);
                }
            }
        }
    }

    // Tunnels

    private void vxlan(byte[] b, int offset, int end, PacketView p, int depth) {
        if (end - offset >= 8 && vxlanHeader(b, offset)) {
            innerEthernet(b, offset + 8, end, p, depth);
        }
    }

    private static boolean vxlanHeader(byte[] b, int offset) {
        int flags = Bytes.i32(b, offset);
        // RFC 7348: only the I flag, everything reserved zero. The group policy extension adds its flag, two bits and a group.
        boolean plain = flags == 0x08000000;
        boolean groupPolicy = (flags & 0xffb70000) == 0x88000000;
        return b[offset + 7] == 0 && (plain || groupPolicy);
    }

    /**
     * Whether a datagram to any port can be nothing but VXLAN, whose port is configured in many networks (RFC 7348, section 5): its header,
     * that of Ethernet, and that of IP, if of IPv4 with the right checksum.
     */
    public static boolean carriesVxlan(byte[] b, int start, int end) {
        int packet = start + 8 + 14;
        if (end - packet < 20 || !vxlanHeader(b, start)) {
            return false;
        }
        int version = b[packet] & 0xf0;
        return switch (Bytes.u16(b, packet - 2)) {
            case LinkHeaders.ETHER_IPV4 -> version == 0x40 && Checksums.ipv4HeaderRight(b, packet, end);
            case LinkHeaders.ETHER_IPV6 -> version == 0x60 && end - packet >= 40;
            default -> false;
        };
    }

    private void geneve(byte[] b, int offset, int end, PacketView p, int depth) {
        // Version 0, reserved bits and byte zero (RFC 8926, section 3.4).
        if (end - offset < 8 || (b[offset] & 0xc0) != 0 || (b[offset + 1] & 0x3f) != 0 || b[offset + 7] != 0) {
            return;
        }
        bridgedOrRouted(Bytes.u16(b, offset + 2), b, offset + 8 + ((b[offset] & 0x3f) << 2), end, p, depth);
    }

    private void encapsulated(int protocol, byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        p.stop(DecodeStatus.UNKNOWN_TRANSPORT, offset);
        switch (protocol) {
            case IpProtocol.IPV4 -> inner(LinkHeaders.ETHER_IPV4, b, offset, end, p, depth);
            case IpProtocol.IPV6 -> inner(LinkHeaders.ETHER_IPV6, b, offset, end, p, depth);
            case IpProtocol.GRE -> gre(b, offset, end, p, depth);
            default -> authentication(b, offset, end, wireEnd, p, depth);
        }
    }

    /** The authentication header (RFC 4302) lets the transport be read behind it; it is no tunnel. In IPv6 it is an extension header. */
    private void authentication(byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        if (end - offset < 12) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
            return;
        }
        int next = Bytes.u8(b, offset);
        int after = offset + ((Bytes.u8(b, offset + 1) + 2) << 2);
        p.protocol = next;
        if (next == IpProtocol.AUTHENTICATION) {
            p.stop(DecodeStatus.TOO_DEEP, offset);
        } else {
            transport(next, b, after, end, wireEnd, p, depth);
        }
    }

    private void gre(byte[] b, int offset, int end, PacketView p, int depth) {
        if (end - offset < 4) {
            return;
        }
        int flags = Bytes.u16(b, offset);
        // Version 0 without source routing (RFC 2784, RFC 2890).
        if ((flags & 0x4007) != 0) {
            return;
        }
        int after = offset + 4 + ((flags >>> 15 & 1) + (flags >>> 13 & 1) + (flags >>> 12 & 1) << 2);
        int type = Bytes.u16(b, offset + 2);
        switch (type) {
            // Type I has no header of its own, and its GRE header no sequence number.
            case ETHER_ERSPAN -> innerEthernet(b, after + ((flags & 0x1000) != 0 ? 8 : 0), end, p, depth);
            case ETHER_ERSPAN_3 -> erspan3(b, after, end, p, depth);
            default -> bridgedOrRouted(type, b, after, end, p, depth);
        }
    }

    private void erspan3(byte[] b, int offset, int end, PacketView p, int depth) {
        // Its last 16 bits tell of the frame's type, which is 0 for Ethernet, and in the lowest whether 8 bytes more follow.
        if (end - offset >= 12 && (Bytes.u16(b, offset + 10) & 0x7c00) == 0) {
            innerEthernet(b, offset + 12 + ((b[offset + 11] & 1) << 3), end, p, depth);
        }
    }

    /** What a tunnel carries that names it by an EtherType: a whole Ethernet frame has one of its own there, which no frame has inside. */
    private void bridgedOrRouted(int type, byte[] b, int offset, int end, PacketView p, int depth) {
        if (type == ETHER_TEB) {
            innerEthernet(b, offset, end, p, depth);
        } else {
            inner(type, b, offset, end, p, depth);
        }
    }

    private void innerEthernet(byte[] b, int offset, int end, PacketView p, int depth) {
        if (end - offset >= 14) {
            inner(Bytes.u16(b, offset + 12), b, offset + 14, end, p, depth);
        }
    }

    /** Opens a tunnel if what it carries can be an IP packet; else leaves the view as the outer packet set it. */
    private void inner(int type, byte[] b, int offset, int end, PacketView p, int depth) {
        if (quote || offset >= end) {
            return;
        }
        DecodeStatus status = p.status;
        long found = LinkHeaders.walkTags(type, b, offset, end, p);
        p.status = status;
        int start = LinkHeaders.offset(found);
        int innerType = LinkHeaders.type(found);
        if (!plausible(innerType, b, start, end)) {
            return;
        }
        if (depth == MAX_TUNNELS) {
            p.stop(DecodeStatus.TOO_DEEP, start);
            return;
        }
        p.resetTransport(start);
        if (innerType == LinkHeaders.ETHER_IPV4) {
            ipv4(b, start, end, p, depth + 1);
        } else {
            ipv6(b, start, end, p, depth + 1);
        }
    }

    private static boolean plausible(int type, byte[] b, int offset, int end) {
        if (type == LinkHeaders.ETHER_IPV4) {
            if (end - offset < 20 || (b[offset] & 0xf0) != 0x40) {
                return false;
            }
            int headerLength = (b[offset] & 0x0f) << 2;
            int total = Bytes.u16(b, offset + 2);
            return headerLength >= 20 && (total == 0 || total >= headerLength);
        }
        return type == LinkHeaders.ETHER_IPV6 && end - offset >= 40 && (b[offset] & 0xf0) == 0x60;
    }
}
