package io.nattrail.leg;

import io.nattrail.net.IpAddress;

/**
 * An ICMP or ICMPv6 error, filed under the leg whose packet it quotes.
 *
 * @param type ICMP type, or ICMPv6 type plus 256 so that the two do not meet
 * @param mtu of fragmentation needed or packet too big, else 0
 * @param sender who complains
 * @param receiver who is told: the sender of the quoted packet
 * @param ttl of the error itself
 * @param quotedFromOpener whether the quoted packet was a request of the leg
 * @param quotedSeq TCP sequence number of the quoted packet, 0 for others
 * @param quotedIdentification IP identification of the quoted packet
 */
public record QuotedError(int file, long number, long timeNanos, int type, int code, int mtu, IpAddress sender, IpAddress receiver, int ttl,
        boolean quotedFromOpener, int quotedSeq, int quotedIdentification) {
    private static final int ICMPV6 = 256;

    static QuotedError of(int file, long number, long timeNanos, boolean v6, int type, int code, int mtu, IpAddress sender,
            IpAddress receiver, int ttl, boolean quotedFromOpener, int quotedSeq, int quotedIdentification) {
        return new QuotedError(file, number, timeNanos, v6 ? type + ICMPV6 : type, code, mtu, sender, receiver, ttl, quotedFromOpener,
                quotedSeq, quotedIdentification);
    }

    QuotedError earlier(long nanos) {
        return new QuotedError(file, number, timeNanos - nanos, type, code, mtu, sender, receiver, ttl, quotedFromOpener, quotedSeq,
                quotedIdentification);
    }

    /** The same of a packet whose sequence number is so much further. */
    QuotedError quotedAhead(int numbers) {
        return new QuotedError(file, number, timeNanos, type, code, mtu, sender, receiver, ttl, quotedFromOpener, quotedSeq + numbers,
                quotedIdentification);
    }

    QuotedError ofOtherDirection() {
        return new QuotedError(file, number, timeNanos, type, code, mtu, sender, receiver, ttl, !quotedFromOpener, quotedSeq,
                quotedIdentification);
    }

    public boolean v6() {
        return type >= ICMPV6;
    }

    /** ICMP type 3 code 4 (RFC 1191) or ICMPv6 type 2 (RFC 4443). */
    public boolean packetTooBig() {
        return v6() ? type == ICMPV6 + 2 : type == 3 && code == 4;
    }

    /** ICMP type 3 code 3, or ICMPv6 type 1 code 4. */
    public boolean portUnreachable() {
        return v6() ? type == ICMPV6 + 1 && code == 4 : type == 3 && code == 3;
    }

    /** ICMP type 3 code 2, or ICMPv6 type 4 code 1: the host that the packet came to does not speak what it carries. */
    public boolean protocolUnreachable() {
        return v6() ? type == ICMPV6 + 4 && code == 1 : type == 3 && code == 2;
    }

    /** Host or network unreachable: ICMP type 3 codes 0 and 1, ICMPv6 type 1 codes 0 and 3. */
    public boolean hostUnreachable() {
        return v6() ? type == ICMPV6 + 1 && (code == 0 || code == 3) : type == 3 && code <= 1;
    }

    /** Of these, that nobody answers for the address: ICMP type 3 code 1, ICMPv6 type 1 code 3. */
    public boolean addressUnreachable() {
        return hostUnreachable() && code == (v6() ? 3 : 1);
    }

    /** Administratively prohibited: ICMP type 3 codes 9, 10, 13, ICMPv6 type 1 code 1, which codes 5 and 6 say more exactly (RFC 4443). */
    public boolean prohibited() {
        return v6() ? type == ICMPV6 + 1 && (code == 1 || code == 5 || code == 6) : type == 3 && (code == 9 || code == 10 || code == 13);
    }

    /** Time to live exceeded in transit: ICMP type 11 code 0, ICMPv6 type 3 code 0. Code 1 is of fragments that never came. */
    public boolean timeExceeded() {
        return (type == 11 || type == ICMPV6 + 3) && code == 0;
    }

    /** A redirect or source quench complains of nothing that stops a packet. */
    public boolean harmless() {
        return !v6() && (type == 4 || type == 5);
    }

    /** As Wireshark words it. */
    public String text() {
        if (packetTooBig()) {
            return (v6() ? "packet too big" : "fragmentation needed") + ", MTU " + mtu;
        }
        if (portUnreachable()) {
            return "port unreachable";
        }
        if (protocolUnreachable()) {
            return v6() ? "unrecognized next header" : "protocol unreachable";
        }
        if (hostUnreachable()) {
            return code == 0 ? "network unreachable" : "host unreachable";
        }
        if (prohibited()) {
            return "administratively prohibited";
        }
        if (type == 11 || type == ICMPV6 + 3) {
            return timeExceeded() ? "time exceeded" : "fragment reassembly time exceeded";
        }
        return (v6() ? "ICMPv6 type " + (type - ICMPV6) : "ICMP type " + type) + " code " + code;
    }
}
