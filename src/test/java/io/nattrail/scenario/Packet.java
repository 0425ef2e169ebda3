package io.nattrail.scenario;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A packet of a {@link Scenario} as it is at one stop: what a test may still change before it is written. Bytes and checksums are made
 * here, from the RFCs, with nothing of the code under test.
 */
public final class Packet implements Cloneable {
    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;

    public int protocol = 6;
    public String source;
    public int sourcePort;
    public String destination;
    public int destinationPort;
    public int sequence;
    public int acknowledgment;
    public int flags;
    public int window = 502;
    public byte[] payload = {};
    public int ttl = 64;
    public int identification;
    /** MSS option; 0 for none. */
    public int mss;
    /** TCP timestamps; 0 for none. */
    public int tsVal;
    public int tsEcr;
    /** Window scale and SACK-permitted, as Linux and Windows send them with a SYN. */
    public boolean modern;
    /** A SACK block (RFC 2018): first number and the one after the last; equal for none. */
    public int sackFrom;
    public int sackTo;
    /** What is added to the right transport checksum. */
    public int checksumError;
    /** The sum over the pseudo header only, as the sending host's own capture shows it. */
    public boolean unfinishedChecksum;
    /** Offset in bytes of a fragment, more fragments; a whole datagram by default. */
    public int fragmentOffset;
    public boolean moreFragments;
    /** The transport header and payload as they are, for fragments and ICMP; null to make them. */
    public byte[] raw;

    public boolean has(int flag) {
        return (flags & flag) != 0;
    }

    @Override
    public Packet clone() {
        try {
            return (Packet) super.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The IPv4 packet. */
    byte[] ip() {
        byte[] transport = raw != null ? raw : transport();
        ByteBuffer ip = ByteBuffer.allocate(20 + transport.length);
        ip.put((byte) 0x45).put((byte) 0).putShort((short) (20 + transport.length)).putShort((short) identification);
        ip.putShort((short) (fragmentOffset / 8 | (moreFragments ? 0x2000 : 0) | (protocol == 6 ? 0x4000 : 0)));
        ip.put((byte) ttl).put((byte) protocol).putShort((short) 0).put(address(source)).put(address(destination));
        ip.putShort(10, (short) ~fold(sum(ip.array(), 0, 20)));
        ip.put(transport);
        return ip.array();
    }

    /** Header and payload of TCP, UDP or an echo. */
    byte[] transport() {
        byte[] bytes = switch (protocol) {
            case 6 -> tcp();
            case 17 -> udp();
            default -> throw new IllegalStateException("protocol " + protocol);
        };
        int at = protocol == 6 ? 16 : 6;
        long pseudo = sum(address(source), 0, 4) + sum(address(destination), 0, 4) + protocol + bytes.length;
        int right = ~fold(pseudo + sum(bytes, 0, bytes.length)) & 0xffff;
        int written = unfinishedChecksum ? fold(pseudo) : right + checksumError;
        bytes[at] = (byte) (written >>> 8);
        bytes[at + 1] = (byte) written;
        return bytes;
    }

    private byte[] tcp() {
        int options = (mss > 0 ? 4 : 0) + (tsVal != 0 ? 12 : 0) + (modern ? 8 : 0) + (sackFrom != sackTo ? 12 : 0);
        ByteBuffer tcp = ByteBuffer.allocate(20 + options + payload.length);
        tcp.putShort((short) sourcePort).putShort((short) destinationPort).putInt(sequence).putInt(acknowledgment);
        tcp.put((byte) ((20 + options) / 4 << 4)).put((byte) flags).putShort((short) window).putInt(0);
        if (mss > 0) {
            tcp.put((byte) 2).put((byte) 4).putShort((short) mss);
        }
        if (tsVal != 0) {
            tcp.put((byte) 1).put((byte) 1).put((byte) 8).put((byte) 10).putInt(tsVal).putInt(tsEcr);
        }
        if (modern) {
            tcp.put((byte) 1).put((byte) 3).put((byte) 3).put((byte) 7).put((byte) 1).put((byte) 1).put((byte) 4).put((byte) 2);
        }
        if (sackFrom != sackTo) {
            tcp.put((byte) 1).put((byte) 1).put((byte) 5).put((byte) 10).putInt(sackFrom).putInt(sackTo);
        }
        tcp.put(payload);
        return tcp.array();
    }

    private byte[] udp() {
        ByteBuffer udp = ByteBuffer.allocate(8 + payload.length);
        udp.putShort((short) sourcePort).putShort((short) destinationPort).putShort((short) (8 + payload.length)).putShort((short) 0);
        udp.put(payload);
        return udp.array();
    }

    static byte[] address(String text) {
        byte[] bytes = new byte[4];
        String[] parts = text.split("\\.");
        for (int i = 0; i < 4; i++) {
            bytes[i] = (byte) Integer.parseInt(parts[i]);
        }
        return bytes;
    }

    static long sum(byte[] bytes, int start, int length) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
            sum += i % 2 == 0 ? (bytes[start + i] & 0xff) << 8 : bytes[start + i] & 0xff;
        }
        return sum;
    }

    static int fold(long sum) {
        long folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xffff) + (folded >>> 16);
        }
        return (int) folded;
    }

    /** An ICMP error that quotes this packet: its IP header and eight bytes (RFC 792). */
    Packet icmp(int type, int code, int mtu, String from, int ofTtl) {
        byte[] quoted = Arrays.copyOf(ip(), 28);
        ByteBuffer icmp = ByteBuffer.allocate(8 + quoted.length);
        icmp.put((byte) type).put((byte) code).putShort((short) 0).putInt(mtu).put(quoted);
        icmp.putShort(2, (short) ~fold(sum(icmp.array(), 0, icmp.capacity())));
        Packet error = new Packet();
        error.protocol = 1;
        error.source = from;
        error.destination = source;
        error.ttl = ofTtl;
        error.raw = icmp.array();
        return error;
    }
}
