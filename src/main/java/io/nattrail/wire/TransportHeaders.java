package io.nattrail.wire;

import io.nattrail.net.IpProtocol;

/**
 * Reads transport headers: ports, numbers, flags, options, and where an ICMP error quotes a packet; all but UDP's, which a tunnel may
 * follow. {@code end} is the index after the last captured byte of the IP packet, {@code wireEnd} that after its last byte on the wire.
 */
final class TransportHeaders {
    /** NOP, NOP, timestamps, length 10: how Linux writes the option in every segment but the SYN. */
    private static final int NOP_NOP_TIMESTAMPS = 0x0101080a;

    private TransportHeaders() {
    }

    /** A header of which at least the fixed part is there. */
    static void tcp(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        int headerLength = tcpNumbers(b, offset, p);
        p.window = Bytes.u16(b, offset + 14);
        p.transportChecksum = Bytes.u16(b, offset + 16);
        if (headerLength < 20 || headerLength > wireEnd - offset && wireEnd == end) {
            p.stop(DecodeStatus.BAD_HEADER_LENGTH, offset + 12);
            return;
        }
        int payloadStart = offset + headerLength;
        understood(payloadStart, end, wireEnd, p);
        if (headerLength > 20) {
            if (payloadStart > end) {
                p.stop(DecodeStatus.OPTIONS_CUT, end);
            }
            tcpOptions(b, offset + 20, Math.min(payloadStart, end), p);
        }
    }

    /** A header that the capture cut behind its flags. */
    static void tcpCut(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        int headerLength = tcpNumbers(b, offset, p);
        p.window = PacketView.WINDOW_CUT;
        if (headerLength < 20 || headerLength > wireEnd - offset) {
            p.stop(DecodeStatus.BAD_HEADER_LENGTH, offset + 12);
            return;
        }
        understood(offset + headerLength, end, wireEnd, p);
        p.stop(DecodeStatus.HEADER_CUT, offset);
    }

    /** All up to the flags; returns the length of the header. */
    private static int tcpNumbers(byte[] b, int offset, PacketView p) {
        ports(b, offset, p);
        p.sequence = Bytes.i32(b, offset + 4);
        p.acknowledgment = Bytes.i32(b, offset + 8);
        p.flags = Bytes.u8(b, offset + 13);
        return (b[offset + 12] & 0xf0) >>> 2;
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

    static void sctp(byte[] b, int offset, int end, int wireEnd, PacketView p, boolean quoted) {
        if (end - offset < 12) {
            cut(IpProtocol.SCTP, b, offset, end, p, quoted);
            return;
        }
        ports(b, offset, p);
        p.sequence = Bytes.i32(b, offset + 4);
        p.transportChecksum = Bytes.i32(b, offset + 8);
        p.flags = end - offset > 12 ? Bytes.u8(b, offset + 12) : PacketDecoder.SCTP_NO_CHUNK;
        p.acknowledgment = p.flags == PacketDecoder.SCTP_INIT && end - offset >= 20 ? Bytes.i32(b, offset + 16) : 0;
        understood(offset + 12, end, wireEnd, p);
    }

    static void icmp(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        if (end - offset < 8) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
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

    static void icmpv6(byte[] b, int offset, int end, int wireEnd, PacketView p) {
        if (end - offset < 8) {
            p.stop(DecodeStatus.HEADER_CUT, offset);
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

    /**
     * The first eight bytes hold the ports and the TCP sequence number (SCTP: verification tag), 0 where a snap length cut it off: the
     * ports are enough for a tuple, if a quote.
     *
     * @param quoted whether an ICMP error quotes the packet
     */
    static void cut(int protocol, byte[] b, int offset, int end, PacketView p, boolean quoted) {
        p.stop(DecodeStatus.HEADER_CUT, offset);
        if (end - offset < 4) {
            return;
        }
        ports(b, offset, p);
        if (end - offset >= 8 && protocol != IpProtocol.UDP) {
            p.sequence = Bytes.i32(b, offset + 4);
        }
        if (quoted) {
            p.stopLayer = PacketView.LAYER_TRANSPORT;
        }
    }

    static void ports(byte[] b, int offset, PacketView p) {
        int ports = Bytes.i32(b, offset);
        p.sourcePort = ports >>> 16;
        p.destinationPort = ports & 0xffff;
    }

    static void understood(int offset, int end, int wireEnd, PacketView p) {
        p.payload(offset, end, wireEnd);
        p.stopLayer = PacketView.LAYER_TRANSPORT;
        p.stop(DecodeStatus.OK, offset);
    }
}
