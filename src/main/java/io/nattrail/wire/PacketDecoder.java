package io.nattrail.wire;

/**
 * Walks a frame from its link layer to its transport header and writes what it finds into a {@link PacketView}. Never throws, whatever
 * the bytes, and allocates nothing. One instance per reader; not for several threads.
 *
 * <p>Tunnels (VXLAN, Geneve, GRE, IP in IP) are opened: the view shows the innermost packet. If what a tunnel carries is not an IP packet
 * that could be one, the view shows the tunnel's own packet.
 *
 * <p>How decoding stops:
 * <ul>
 * <li>IP header cut or impossible: {@code LAYER_LINK}; an IP length below the header: {@code LAYER_NETWORK};</li>
 * <li>transport header cut or impossible: {@code LAYER_NETWORK} with {@code protocol} set, and the ports if they were captured;</li>
 * <li>TCP options cut: {@code OPTIONS_CUT} and {@code LAYER_TRANSPORT}, everything but the options that are missing is valid.</li>
 * </ul>
 */
public final class PacketDecoder {
    /** First chunk type reported for an SCTP packet whose first chunk was not captured (RFC 9260 reserves it). */
    public static final int SCTP_NO_CHUNK = 0xff;

    private static final int MAX_TUNNELS = 8;
    private static final int MAX_TAGS = 16;
    private static final int MAX_EXTENSIONS = 64;

    private static final int ETHER_IPV4 = 0x0800;
    private static final int ETHER_ARP = 0x0806;
    private static final int ETHER_IPV6 = 0x86dd;
    private static final int ETHER_TEB = 0x6558;
    private static final int ETHER_MPLS = 0x8847;
    private static final int MAX_LLC_LENGTH = 1500;
    /** Below every EtherType in use: stands for "not known, the status says why". */
    private static final int NO_TYPE = 0;

    private static final int VXLAN_PORT = 4789;
    private static final int VXLAN_LINUX_PORT = 8472;
    private static final int GENEVE_PORT = 6081;

    /** NOP, NOP, timestamps, length 10: how Linux writes the option in every segment but the SYN. */
    private static final int NOP_NOP_TIMESTAMPS = 0x0101080a;

    /** Longer than any packet, segmentation offload included, so that a wrong length on the wire does no harm. */
    private static final long LONGEST = 1 << 20;

    private boolean quote;
    /** Index after the frame's last byte on the wire: where a packet ends whose header does not tell its length. */
    private int wireLimit;

    /** Decodes a frame; the view is valid until the frame's buffer changes. */
    public void decode(FrameView frame, PacketView packet) {
        byte[] buffer = frame.buffer();
        int start = frame.start();
        quote = false;
        wireLimit = start + Math.max(frame.capturedLength(), (int) Math.min(frame.originalLength(), LONGEST));
        reset(packet, buffer, start);
        link(frame.linkType(), buffer, start, start + frame.capturedLength(), packet);
    }

    /**
     * Decodes the packet that an ICMP or ICMPv6 error quotes. Only eight bytes of its transport need to be there: then the status is
     * {@code HEADER_CUT} but the layer {@code LAYER_TRANSPORT}, and ports (and the TCP sequence number) are valid. Tunnels in a quote
     * are not opened: the error is about the outer packet.
     *
     * @return whether the quote was understood at least to its addresses
     */
    public boolean decodeQuoted(PacketView outer, PacketView quoted) {
        byte[] buffer = outer.buffer;
        int start = outer.quotedStart;
        int limit = outer.quotedLimit;
        boolean quoting = outer.quoting;
        reset(quoted, buffer, start);
        if (!quoting || limit <= start) {
            return false;
        }
        quote = true;
        wireLimit = limit;
        ip(buffer, start, limit, quoted, 0);
        quote = false;
        return quoted.stopLayer >= PacketView.LAYER_NETWORK;
    }

    private static void reset(PacketView p, byte[] buffer, int start) {
        p.buffer = buffer;
        p.status = DecodeStatus.UNKNOWN_LINK;
        p.stopLayer = PacketView.LAYER_LINK;
        p.stopOffset = start;
        p.tunnelDepth = 0;
        p.outerNetwork = PacketView.NETWORK_NONE;
        p.network = PacketView.NETWORK_NONE;
        p.protocol = 0;
        p.identification = 0;
        p.ttl = 0;
        p.moreFragments = false;
        p.fragmentOffset = 0;
        p.networkStart = start;
        p.sourceHigh = 0;
        p.sourceLow = 0;
        p.destinationHigh = 0;
        p.destinationLow = 0;
        p.linkSource = 0;
        p.packetType = -1;
        p.linkInterface = 0;
        resetTransport(p, start);
    }

    private static void resetTransport(PacketView p, int start) {
        p.transportStart = start;
        p.payloadStart = start;
        p.payloadCaptured = 0;
        p.payloadLength = 0;
        p.sourcePort = 0;
        p.destinationPort = 0;
        p.sequence = 0;
        p.acknowledgment = 0;
        p.flags = 0;
        p.window = 0;
        p.transportChecksum = 0;
        p.timestamps = false;
        p.tsVal = 0;
        p.tsEcr = 0;
        p.mss = 0;
        p.icmpType = 0;
        p.icmpCode = 0;
        p.icmpIdentifier = 0;
        p.icmpSequence = 0;
        p.icmpMtu = 0;
        p.quoting = false;
        p.quotedStart = start;
        p.quotedLimit = start;
    }

    private static void stop(PacketView p, DecodeStatus status, int offset) {
        p.status = status;
        p.stopOffset = offset;
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
            case LinkType.PPP, LinkType.PPP_HDLC -> carried(ppp(b, start, limit, p), b, limit, p);
            case LinkType.PPP_ETHER -> carried(pppoe(b, start, limit, p), b, limit, p);
            case LinkType.C_HDLC -> ciscoHdlc(b, start, limit, p);
            default -> stop(p, DecodeStatus.UNKNOWN_LINK, start);
        }
    }

    private void ethernet(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 14) {
            stop(p, DecodeStatus.HEADER_CUT, start);
            return;
        }
        p.linkSource = Bytes.u48(b, start + 6);
        int type = Bytes.u16(b, start + 12);
        if (type == ETHER_IPV4) {
            ipv4(b, start + 14, limit, p, 0);
        } else {
            carried(walkTags(type, b, start + 14, limit, p), b, limit, p);
        }
    }

    private void cooked(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 16) {
            stop(p, DecodeStatus.HEADER_CUT, start);
            return;
        }
        p.packetType = Bytes.u16(b, start);
        p.linkSource = Bytes.u16(b, start + 4) == 6 ? Bytes.u48(b, start + 6) : 0;
        cookedPayload(Bytes.u16(b, start + 14), b, start + 16, limit, p);
    }

    private void cooked2(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 20) {
            stop(p, DecodeStatus.HEADER_CUT, start);
            return;
        }
        p.linkInterface = Bytes.i32(b, start + 4);
        p.packetType = Bytes.u8(b, start + 10);
        p.linkSource = Bytes.u8(b, start + 11) == 6 ? Bytes.u48(b, start + 12) : 0;
        cookedPayload(Bytes.u16(b, start), b, start + 20, limit, p);
    }

    private void cookedPayload(int protocol, byte[] b, int offset, int limit, PacketView p) {
        if (protocol == ETHER_IPV4) {
            ipv4(b, offset, limit, p, 0);
        } else if (protocol > MAX_LLC_LENGTH || protocol == 4) {
            // 4 is LINUX_SLL_P_802_2: an LLC header follows, as it does after an Ethernet length.
            carried(walkTags(protocol, b, offset, limit, p), b, limit, p);
        } else {
            stop(p, DecodeStatus.UNKNOWN_LINK, offset);
        }
    }

    /** BSD loopback: an address family in the byte order of the machine that captured, which need not be that of the file. */
    private void loopback(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 4) {
            stop(p, DecodeStatus.HEADER_CUT, start);
            return;
        }
        int family = Bytes.i32(b, start);
        if ((family & 0xffff0000) != 0) {
            family = Integer.reverseBytes(family);
        }
        switch (family) {
            case 2 -> ipv4(b, start + 4, limit, p, 0);
            // AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS.
            case 10, 23, 24, 28, 30 -> ipv6(b, start + 4, limit, p, 0);
            default -> stop(p, DecodeStatus.UNKNOWN_LINK, start);
        }
    }

    private void ciscoHdlc(byte[] b, int start, int limit, PacketView p) {
        if (limit - start < 4) {
            stop(p, DecodeStatus.HEADER_CUT, start);
        } else {
            carried(walkTags(Bytes.u16(b, start + 2), b, start + 4, limit, p), b, limit, p);
        }
    }

    /** Decodes what {@link #walkTags} found. */
    private void carried(long found, byte[] b, int limit, PacketView p) {
        int offset = (int) (found >>> 16);
        switch ((int) found & 0xffff) {
            case ETHER_IPV4 -> ipv4(b, offset, limit, p, 0);
            case ETHER_IPV6 -> ipv6(b, offset, limit, p, 0);
            case ETHER_ARP -> arp(b, offset, limit, p);
            case NO_TYPE -> p.stopOffset = offset;
            default -> stop(p, DecodeStatus.UNKNOWN_LINK, offset);
        }
    }

    private static long found(int type, int offset) {
        return (long) offset << 16 | type;
    }

    private static long notFound(DecodeStatus status, int offset, PacketView p) {
        p.status = status;
        return found(NO_TYPE, offset);
    }

    /** Steps over VLAN tags, MPLS labels, PPPoE and LLC/SNAP. Returns the EtherType found and, above its 16 bits, where its header is. */
    private static long walkTags(int firstType, byte[] b, int firstOffset, int limit, PacketView p) {
        int type = firstType;
        int offset = firstOffset;
        for (int tags = 0; tags < MAX_TAGS; tags++) {
            switch (type) {
                case 0x8100, 0x88a8, 0x9100, 0x9200 -> {
                    if (limit - offset < 4) {
                        return notFound(DecodeStatus.HEADER_CUT, offset, p);
                    }
                    type = Bytes.u16(b, offset + 2);
                    offset += 4;
                }
                case ETHER_MPLS, 0x8848 -> {
                    return mpls(b, offset, limit, p);
                }
                case 0x8864 -> {
                    return pppoe(b, offset, limit, p);
                }
                default -> {
                    if (type > MAX_LLC_LENGTH) {
                        return found(type, offset);
                    }
                    if (limit - offset < 8) {
                        return notFound(DecodeStatus.HEADER_CUT, offset, p);
                    }
                    // AA AA 03, organisation code 0: SNAP around an EtherType (RFC 1042).
                    if (Bytes.i32(b, offset) != 0xaaaa0300 || Bytes.u16(b, offset + 4) != 0) {
                        return notFound(DecodeStatus.UNKNOWN_LINK, offset, p);
                    }
                    type = Bytes.u16(b, offset + 6);
                    offset += 8;
                    if (type <= MAX_LLC_LENGTH) {
                        return notFound(DecodeStatus.UNKNOWN_LINK, offset, p);
                    }
                }
            }
        }
        return notFound(DecodeStatus.TOO_DEEP, offset, p);
    }

    private static long mpls(byte[] b, int firstOffset, int limit, PacketView p) {
        int offset = firstOffset;
        for (int labels = 0; labels < MAX_TAGS; labels++) {
            if (limit - offset < 4) {
                return notFound(DecodeStatus.HEADER_CUT, offset, p);
            }
            boolean bottom = (b[offset + 2] & 1) != 0;
            offset += 4;
            if (bottom) {
                // MPLS does not say what it carries; the version nibble does.
                int version = offset < limit ? b[offset] & 0xf0 : 0;
                return version == 0x40 ? found(ETHER_IPV4, offset)
                        : version == 0x60 ? found(ETHER_IPV6, offset) : notFound(DecodeStatus.UNKNOWN_LINK, offset, p);
            }
        }
        return notFound(DecodeStatus.TOO_DEEP, offset, p);
    }

    private static long pppoe(byte[] b, int offset, int limit, PacketView p) {
        if (limit - offset < 6) {
            return notFound(DecodeStatus.HEADER_CUT, offset, p);
        }
        // Version 1, type 1, code 0: a session; other codes are discovery.
        if (Bytes.u16(b, offset) != 0x1100) {
            return notFound(DecodeStatus.UNKNOWN_LINK, offset, p);
        }
        return pppProtocol(b, offset + 6, limit, p);
    }

    /** PPP with or without address and control (ff 03), or Cisco's framing (0f 00, 8f 00) which carries an EtherType. */
    private static long ppp(byte[] b, int offset, int limit, PacketView p) {
        if (limit - offset < 2) {
            return notFound(DecodeStatus.HEADER_CUT, offset, p);
        }
        int head = Bytes.u16(b, offset);
        if (head == 0xff03) {
            return pppProtocol(b, offset + 2, limit, p);
        }
        if (head == 0x0f00 || head == 0x8f00) {
            return limit - offset < 4 ? notFound(DecodeStatus.HEADER_CUT, offset, p)
                    : walkTags(Bytes.u16(b, offset + 2), b, offset + 4, limit, p);
        }
        return pppProtocol(b, offset, limit, p);
    }

    private static long pppProtocol(byte[] b, int offset, int limit, PacketView p) {
        if (limit - offset < 2) {
            return notFound(DecodeStatus.HEADER_CUT, offset, p);
        }
        // An odd first byte is a protocol number compressed to one byte (RFC 1661, section 6.5).
        boolean compressed = (b[offset] & 1) != 0;
        int protocol = compressed ? Bytes.u8(b, offset) : Bytes.u16(b, offset);
        int next = offset + (compressed ? 1 : 2);
        return switch (protocol) {
            case 0x0021 -> found(ETHER_IPV4, next);
            case 0x0057 -> found(ETHER_IPV6, next);
            case 0x0281 -> mpls(b, next, limit, p);
            default -> notFound(DecodeStatus.UNKNOWN_LINK, offset, p);
        };
    }

    // Network layers

    private static void arp(byte[] b, int offset, int limit, PacketView p) {
        p.networkStart = offset;
        if (limit - offset < 8) {
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        p.network = PacketView.NETWORK_ARP;
        p.outerNetwork = PacketView.NETWORK_ARP;
        p.stopLayer = PacketView.LAYER_NETWORK;
        int hardware = Bytes.u8(b, offset + 4);
        int length = 8 + 2 * hardware + 2 * Bytes.u8(b, offset + 5);
        if (limit - offset < length) {
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        if (Bytes.u16(b, offset + 2) == ETHER_IPV4 && b[offset + 5] == 4) {
            p.sourceLow = Bytes.u32(b, offset + 8 + hardware);
            p.destinationLow = Bytes.u32(b, offset + 12 + 2 * hardware);
        }
        p.payloadStart = offset + length;
        stop(p, DecodeStatus.OK, offset + length);
    }

    private void ip(byte[] b, int offset, int limit, PacketView p, int depth) {
        if (offset >= limit) {
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        switch (b[offset] & 0xf0) {
            case 0x40 -> ipv4(b, offset, limit, p, depth);
            case 0x60 -> ipv6(b, offset, limit, p, depth);
            default -> stop(p, DecodeStatus.UNKNOWN_LINK, offset);
        }
    }

    private void ipv4(byte[] b, int offset, int limit, PacketView p, int depth) {
        p.networkStart = offset;
        if (depth == 0) {
            p.outerNetwork = PacketView.NETWORK_IPV4;
        }
        if (limit - offset < 20) {
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        int first = b[offset];
        int headerLength = (first & 0x0f) << 2;
        if ((first & 0xf0) != 0x40 || headerLength < 20) {
            stop(p, DecodeStatus.BAD_HEADER_LENGTH, offset);
            return;
        }
        int fragment = Bytes.u16(b, offset + 6);
        p.network = PacketView.NETWORK_IPV4;
        p.stopLayer = PacketView.LAYER_NETWORK;
        p.tunnelDepth = depth;
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
            stop(p, DecodeStatus.BAD_HEADER_LENGTH, offset);
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
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        if ((b[offset] & 0xf0) != 0x60) {
            stop(p, DecodeStatus.BAD_HEADER_LENGTH, offset);
            return;
        }
        p.network = PacketView.NETWORK_IPV6;
        p.stopLayer = PacketView.LAYER_NETWORK;
        p.tunnelDepth = depth;
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
        if (next == 6 || next == 17) {
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
            boolean fragmentHeader = next == 44;
            boolean authentication = next == 51;
            switch (next) {
                // Hop-by-hop, routing, fragment, authentication, destination, mobility, HIP, Shim6.
                case 0, 43, 44, 51, 60, 135, 139, 140 -> {
                    if (end - offset < (authentication ? 12 : 8)) {
                        stop(p, DecodeStatus.HEADER_CUT, offset);
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
        stop(p, DecodeStatus.TOO_DEEP, offset);
    }

    // Transport layers

    /**
     * @param end index after the last captured byte of this IP packet
     * @param wireEnd index after its last byte on the wire; at least {@code end}
     */
    private void transport(int protocol, byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        p.transportStart = offset;
        payload(offset, end, wireEnd, p);
        if (p.fragmentOffset != 0) {
            stop(p, DecodeStatus.LATER_FRAGMENT, offset);
            return;
        }
        switch (protocol) {
            case 6 -> tcp(b, offset, end, wireEnd, p);
            case 17 -> udp(b, offset, end, wireEnd, p, depth);
            case 1 -> icmp(b, offset, end, wireEnd, p);
            case 58 -> icmpv6(b, offset, end, wireEnd, p);
            case 132 -> sctp(b, offset, end, wireEnd, p);
            case 4, 41, 47, 51 -> encapsulated(protocol, b, offset, end, wireEnd, p, depth);
            default -> stop(p, DecodeStatus.UNKNOWN_TRANSPORT, offset);
        }
    }

    private static void payload(int offset, int end, int wireEnd, PacketView p) {
        p.payloadStart = Math.min(offset, end);
        p.payloadCaptured = Math.max(0, end - offset);
        p.payloadLength = Math.max(0, wireEnd - offset);
    }

    private static void understood(int offset, int end, int wireEnd, PacketView p) {
        payload(offset, end, wireEnd, p);
        p.stopLayer = PacketView.LAYER_TRANSPORT;
        stop(p, DecodeStatus.OK, offset);
    }

    /** The first eight bytes hold the ports and the TCP sequence number (SCTP: verification tag): enough for a tuple, if a quote. */
    private void cut(int protocol, byte[] b, int offset, int end, PacketView p) {
        stop(p, DecodeStatus.HEADER_CUT, offset);
        if (end - offset < 4) {
            return;
        }
        ports(b, offset, p);
        if (end - offset >= 8) {
            if (protocol != 17) {
                p.sequence = Bytes.i32(b, offset + 4);
            }
            if (quote) {
                p.stopLayer = PacketView.LAYER_TRANSPORT;
            }
        }
    }

    private static void ports(byte[] b, int offset, PacketView p) {
        int ports = Bytes.i32(b, offset);
        p.sourcePort = ports >>> 16;
        p.destinationPort = ports & 0xffff;
    }

    private void tcp(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        if (end - offset < 20) {
            cut(6, b, offset, end, p);
            return;
        }
        int headerLength = (b[offset + 12] & 0xf0) >>> 2;
        ports(b, offset, p);
        p.sequence = Bytes.i32(b, offset + 4);
        p.acknowledgment = Bytes.i32(b, offset + 8);
        p.flags = Bytes.u8(b, offset + 13);
        p.window = Bytes.u16(b, offset + 14);
        p.transportChecksum = Bytes.u16(b, offset + 16);
        if (headerLength < 20 || headerLength > wireEnd - offset && wireEnd == end) {
            stop(p, DecodeStatus.BAD_HEADER_LENGTH, offset + 12);
            return;
        }
        int payloadStart = offset + headerLength;
        understood(payloadStart, end, wireEnd, p);
        if (headerLength > 20) {
            if (payloadStart > end) {
                p.status = DecodeStatus.OPTIONS_CUT;
                p.stopOffset = end;
            }
            tcpOptions(b, offset + 20, Math.min(payloadStart, end), p);
        }
    }

    private static void tcpOptions(byte[] b, int start, int end, PacketView p) {
        int offset = start;
        if (end - start >= 12 && Bytes.i32(b, start) == NOP_NOP_TIMESTAMPS) {
            p.timestamps = true;
            p.tsVal = Bytes.i32(b, start + 4);
            p.tsEcr = Bytes.i32(b, start + 8);
            offset = start + 12;
        }
        while (offset < end) {
            int kind = b[offset];
            if (kind == 1) {
                offset++;
                continue;
            }
            if (kind == 0 || end - offset < 2) {
                return;
            }
            int length = Bytes.u8(b, offset + 1);
            if (length < 2 || length > end - offset) {
                return;
            }
            tcpOption(kind, length, b, offset + 2, p);
            offset += length;
        }
    }

    private static void tcpOption(int kind, int length, byte[] b, int value, PacketView p) {
        switch (kind) {
            case 2 -> {
                if (length == 4) {
                    p.mss = Bytes.u16(b, value);
                }
            }
            case 8 -> {
                if (length == 10) {
                    p.timestamps = true;
                    p.tsVal = Bytes.i32(b, value);
                    p.tsEcr = Bytes.i32(b, value + 4);
                }
            }
            default -> {
            }
        }
    }

    private void udp(byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        if (end - offset < 8) {
            cut(17, b, offset, end, p);
            return;
        }
        ports(b, offset, p);
        p.transportChecksum = Bytes.u16(b, offset + 6);
        int length = Bytes.u16(b, offset + 4);
        if (length < 8 && length != 0) {
            stop(p, DecodeStatus.BAD_HEADER_LENGTH, offset + 4);
            return;
        }
        // 0 in jumbograms; in a first fragment the length is that of the whole datagram; never more than the IP packet holds.
        int udpEnd = length == 0 ? wireEnd : Math.min(wireEnd, offset + length);
        int udpLimit = Math.min(end, udpEnd);
        understood(offset + 8, udpLimit, udpEnd, p);
        switch (p.destinationPort) {
            case VXLAN_PORT, VXLAN_LINUX_PORT -> vxlan(b, offset + 8, udpLimit, p, depth);
            case GENEVE_PORT -> geneve(b, offset + 8, udpLimit, p, depth);
            default -> {
            }
        }
    }

    private void sctp(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        if (end - offset < 12) {
            cut(132, b, offset, end, p);
            return;
        }
        ports(b, offset, p);
        p.sequence = Bytes.i32(b, offset + 4);
        p.transportChecksum = Bytes.i32(b, offset + 8);
        p.flags = end - offset > 12 ? Bytes.u8(b, offset + 12) : SCTP_NO_CHUNK;
        understood(offset + 12, end, wireEnd, p);
    }

    private static void icmp(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        if (end - offset < 8) {
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        int type = icmpHead(b, offset, end, wireEnd, p);
        switch (type) {
            case 3, 11, 12 -> {
                p.icmpMtu = type == 3 && p.icmpCode == 4 ? Bytes.u16(b, offset + 6) : 0;
                quote(offset + 8, end, Bytes.u8(b, offset + 5) << 2, p);
            }
            case 4, 5 -> quote(offset + 8, end, 0, p);
            case 0, 8, 13, 14, 15, 16, 17, 18 -> identifiers(b, offset, p);
            default -> {
            }
        }
    }

    private static void icmpv6(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        if (end - offset < 8) {
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        int type = icmpHead(b, offset, end, wireEnd, p);
        switch (type) {
            case 1, 3 -> quote(offset + 8, end, Bytes.u8(b, offset + 4) << 3, p);
            case 2 -> {
                p.icmpMtu = Bytes.i32(b, offset + 4);
                quote(offset + 8, end, 0, p);
            }
            case 4 -> quote(offset + 8, end, 0, p);
            case 128, 129 -> identifiers(b, offset, p);
            default -> {
            }
        }
    }

    private static int icmpHead(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        p.icmpType = Bytes.u8(b, offset);
        p.icmpCode = Bytes.u8(b, offset + 1);
        p.transportChecksum = Bytes.u16(b, offset + 2);
        understood(offset + 8, end, wireEnd, p);
        return p.icmpType;
    }

    private static void identifiers(byte[] b, int offset, PacketView p) {
        p.icmpIdentifier = Bytes.u16(b, offset + 4);
        p.icmpSequence = Bytes.u16(b, offset + 6);
    }

    /** @param length of the quote where extensions follow it (RFC 4884), or 0 */
    private static void quote(int start, int end, int length, PacketView p) {
        p.quotedStart = start;
        p.quotedLimit = length == 0 ? end : Math.min(end, start + length);
        p.quoting = p.quotedLimit > start;
    }

    // Tunnels

    private void vxlan(byte[] b, int offset, int end, PacketView p, int depth) {
        if (end - offset < 8) {
            return;
        }
        int flags = Bytes.i32(b, offset);
        // RFC 7348: only the I flag, everything reserved zero. The group policy extension adds its flag, two bits and a group.
        boolean plain = flags == 0x08000000;
        boolean groupPolicy = (flags & 0xffb70000) == 0x88000000;
        if (b[offset + 7] == 0 && (plain || groupPolicy)) {
            innerEthernet(b, offset + 8, end, p, depth);
        }
    }

    private void geneve(byte[] b, int offset, int end, PacketView p, int depth) {
        // Version 0, reserved bits and byte zero (RFC 8926, section 3.4).
        if (end - offset < 8 || (b[offset] & 0xc0) != 0 || (b[offset + 1] & 0x3f) != 0 || b[offset + 7] != 0) {
            return;
        }
        inner(Bytes.u16(b, offset + 2), b, offset + 8 + ((b[offset] & 0x3f) << 2), end, p, depth);
    }

    private void encapsulated(int protocol, byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        stop(p, DecodeStatus.UNKNOWN_TRANSPORT, offset);
        switch (protocol) {
            case 4 -> inner(ETHER_IPV4, b, offset, end, p, depth);
            case 41 -> inner(ETHER_IPV6, b, offset, end, p, depth);
            case 47 -> gre(b, offset, end, p, depth);
            default -> authentication(b, offset, end, wireEnd, p, depth);
        }
    }

    /** The authentication header (RFC 4302) lets the transport be read behind it; it is no tunnel. In IPv6 it is an extension header. */
    private void authentication(byte[] b, int offset, int end, int wireEnd, PacketView p, int depth) {
        if (end - offset < 12) {
            stop(p, DecodeStatus.HEADER_CUT, offset);
            return;
        }
        int next = Bytes.u8(b, offset);
        int after = offset + ((Bytes.u8(b, offset + 1) + 2) << 2);
        p.protocol = next;
        if (next == 51) {
            stop(p, DecodeStatus.TOO_DEEP, offset);
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
        int length = 4 + ((flags >>> 15 & 1) + (flags >>> 13 & 1) + (flags >>> 12 & 1) << 2);
        inner(Bytes.u16(b, offset + 2), b, offset + length, end, p, depth);
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
        if (type == ETHER_TEB) {
            innerEthernet(b, offset, end, p, depth);
            return;
        }
        DecodeStatus status = p.status;
        long found = walkTags(type, b, offset, end, p);
        p.status = status;
        int start = (int) (found >>> 16);
        int innerType = (int) found & 0xffff;
        if (!plausible(innerType, b, start, end)) {
            return;
        }
        if (depth == MAX_TUNNELS) {
            stop(p, DecodeStatus.TOO_DEEP, start);
            return;
        }
        resetTransport(p, start);
        if (innerType == ETHER_IPV4) {
            ipv4(b, start, end, p, depth + 1);
        } else {
            ipv6(b, start, end, p, depth + 1);
        }
    }

    private static boolean plausible(int type, byte[] b, int offset, int end) {
        if (type == ETHER_IPV4) {
            if (end - offset < 20 || (b[offset] & 0xf0) != 0x40) {
                return false;
            }
            int headerLength = (b[offset] & 0x0f) << 2;
            int total = Bytes.u16(b, offset + 2);
            return headerLength >= 20 && (total == 0 || total >= headerLength);
        }
        return type == ETHER_IPV6 && end - offset >= 40 && (b[offset] & 0xf0) == 0x60;
    }
}
