package io.nattrail.wire;

/**
 * Steps over what may lie between a link header and the network header: VLAN tags, MPLS labels, PPP and PPPoE, LLC/SNAP. What is found is
 * one {@code long}, so that nothing is allocated: the EtherType in the low 16 bits, above them the index of its header.
 */
final class LinkHeaders {
    static final int ETHER_IPV4 = 0x0800;
    static final int ETHER_ARP = 0x0806;
    static final int ETHER_IPV6 = 0x86dd;
    /** An EtherType up to this is a length, and an LLC header follows. */
    static final int MAX_LLC_LENGTH = 1500;
    /** Below every EtherType in use: stands for "not known, the status says why". */
    static final int NO_TYPE = 0;

    private static final int ETHER_MPLS = 0x8847;
    private static final int NFLOG_PAYLOAD = 9;
    private static final int MAX_TAGS = 16;

    private LinkHeaders() {
    }

    /** The EtherType found, or {@link #NO_TYPE}. */
    static int type(long found) {
        return (int) found & 0xffff;
    }

    /** Where the header of the type found begins; or where there is none, and the status of the view says why. */
    static int offset(long found) {
        return (int) (found >>> 16);
    }

    /** From an EtherType, or a length as LLC has it, and what follows it. */
    static long walkTags(int firstType, byte[] b, int firstOffset, int limit, PacketView p) {
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
                return ipOfVersion(b, offset, limit, p);
            }
        }
        return notFound(DecodeStatus.TOO_DEEP, offset, p);
    }

    static long pppoe(byte[] b, int offset, int limit, PacketView p) {
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
    static long ppp(byte[] b, int offset, int limit, PacketView p) {
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

    /**
     * What netfilter logged: family, version and resource, then values with their length and type in the byte order of the machine, each
     * padded to four bytes; one of them is the packet (LINKTYPE_NFLOG of the tcpdump group's list).
     */
    static long nflog(byte[] b, int start, int limit, PacketView p) {
        int offset = start + 4;
        while (limit - offset >= 4) {
            int length = Bytes.u16(b, offset);
            int type = Bytes.u16(b, offset + 2);
            if (type > 0xff) {
                // Types are small numbers: the other byte order.
                length = Integer.reverseBytes(length) >>> 16;
                type = Integer.reverseBytes(type) >>> 16;
            }
            if (length < 4) {
                return notFound(DecodeStatus.BAD_HEADER_LENGTH, offset, p);
            }
            if (type == NFLOG_PAYLOAD) {
                return ipOfVersion(b, offset + 4, limit, p);
            }
            offset += length + 3 & ~3;
        }
        return notFound(DecodeStatus.HEADER_CUT, Math.min(offset, limit), p);
    }

    /** What is IP but not said of which version: the first four bits tell. */
    private static long ipOfVersion(byte[] b, int offset, int limit, PacketView p) {
        int version = offset < limit ? b[offset] & 0xf0 : 0;
        return version == 0x40 ? found(ETHER_IPV4, offset)
                : version == 0x60 ? found(ETHER_IPV6, offset) : notFound(DecodeStatus.UNKNOWN_LINK, offset, p);
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

    private static long found(int type, int offset) {
        return (long) offset << 16 | type;
    }

    private static long notFound(DecodeStatus status, int offset, PacketView p) {
        p.status = status;
        return found(NO_TYPE, offset);
    }
}
