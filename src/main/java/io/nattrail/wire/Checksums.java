package io.nattrail.wire;

import io.nattrail.net.IpProtocol;

/** Internet checksums (RFC 1071) over packets where they lie. */
public final class Checksums {
    /** What can be said of a transport checksum. */
    public enum Verdict {
        RIGHT,
        /** Only the sum of the pseudo header: left for the card to finish, as captures on the sending host show it. */
        PSEUDO_HEADER_ONLY,
        WRONG,
        /** A UDP sender's choice over IPv4: the field is 0. */
        ABSENT,
        /** Not all bytes it covers are there, or the protocol has no such checksum. */
        UNKNOWN
    }

    private Checksums() {
    }

    /** The one's complement sum of 16-bit words, folded to 16 bits, not inverted; an odd last byte counts as a high byte. */
    public static int sum(byte[] buffer, int start, int length) {
        return fold(add(0, buffer, start, length));
    }

    /** Whether the header checksum of an IPv4 packet is right; false too if the header is not wholly in {@code [start, limit)}. */
    public static boolean ipv4HeaderRight(byte[] buffer, int start, int limit) {
        if (limit - start < 20) {
            return false;
        }
        int length = (buffer[start] & 0x0f) << 2;
        return length >= 20 && length <= limit - start && sum(buffer, start, length) == 0xffff;
    }

    /** Judges the TCP, UDP, ICMP or ICMPv6 checksum of a decoded packet. */
    public static Verdict transport(PacketView packet) {
        if (packet.stopLayer != PacketView.LAYER_TRANSPORT || packet.status != DecodeStatus.OK || packet.fragment()
                || packet.payloadCaptured != packet.payloadLength) {
            return Verdict.UNKNOWN;
        }
        int protocol = packet.protocol;
        boolean pseudo = protocol != IpProtocol.ICMP;
        if (protocol != IpProtocol.ICMP && protocol != IpProtocol.TCP && protocol != IpProtocol.UDP && protocol != IpProtocol.ICMPV6) {
            return Verdict.UNKNOWN;
        }
        if (protocol == IpProtocol.UDP && packet.transportChecksum == 0 && packet.network == PacketView.NETWORK_IPV4) {
            return Verdict.ABSENT;
        }
        int length = packet.payloadStart - packet.transportStart + packet.payloadCaptured;
        long pseudoSum = pseudo ? pseudoHeader(packet, length) : 0;
        if (fold(add(pseudoSum, packet.buffer, packet.transportStart, length)) == 0xffff) {
            return Verdict.RIGHT;
        }
        return pseudo && packet.transportChecksum == fold(pseudoSum) ? Verdict.PSEUDO_HEADER_ONLY : Verdict.WRONG;
    }

    private static long pseudoHeader(PacketView p, int length) {
        return words(p.sourceHigh) + words(p.sourceLow) + words(p.destinationHigh) + words(p.destinationLow) + p.protocol
                + (length >>> 16) + (length & 0xffff);
    }

    private static long words(long value) {
        return (value >>> 48) + (value >>> 32 & 0xffff) + (value >>> 16 & 0xffff) + (value & 0xffff);
    }

    private static long add(long initial, byte[] buffer, int start, int length) {
        // By bytes at even and at odd places: Java's first compiler makes faster code of this than of words put together. 65,535 bytes of
        // 255 still fit into an int.
        int high = 0;
        int low = 0;
        int last = start + length - 1;
        int index = start;
        for (; index < last; index += 2) {
            high += buffer[index] & 0xff;
            low += buffer[index + 1] & 0xff;
        }
        if (index == last) {
            high += buffer[index] & 0xff;
        }
        return initial + ((long) high << 8) + low;
    }

    private static int fold(long value) {
        long sum = (value >>> 32) + (value & 0xffffffffL);
        sum = (sum >>> 16) + (sum & 0xffff);
        sum = (sum >>> 16) + (sum & 0xffff);
        sum = (sum >>> 16) + (sum & 0xffff);
        return (int) sum;
    }
}
