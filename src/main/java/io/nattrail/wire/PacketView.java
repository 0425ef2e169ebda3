package io.nattrail.wire;

import io.nattrail.net.IpProtocol;

/**
 * What {@link PacketDecoder} understood of a frame: the innermost network packet and its transport header. Fields keep their value until
 * the next decode; a field is meaningful only if the layer it belongs to was reached (see {@link #stopLayer}).
 *
 * <p>Addresses: IPv4 in the low 32 bits of {@code ...Low} with {@code ...High} 0; IPv6 in both halves, network order.
 */
public final class PacketView {
    /** How far decoding came; the order is that of the layers. */
    public static final int LAYER_LINK = 0;
    /** A network header (IPv4, IPv6, ARP) was understood, no followed transport. */
    public static final int LAYER_NETWORK = 1;
    /** The transport header was understood: ports, and for TCP sequence numbers and flags. */
    public static final int LAYER_TRANSPORT = 2;

    public static final int NETWORK_NONE = 0;
    public static final int NETWORK_IPV4 = 4;
    public static final int NETWORK_IPV6 = 6;
    public static final int NETWORK_ARP = 0x0806;

    /** Linux cooked packet type of what the machine itself sends. */
    public static final int PACKET_OUTGOING = 4;

    /** What {@link #window()} says where the capture cut the TCP header before it. */
    public static final int WINDOW_CUT = -1;

    public static final int FIN = 0x01;
    public static final int SYN = 0x02;
    public static final int RST = 0x04;
    public static final int PSH = 0x08;
    public static final int ACK = 0x10;
    public static final int URG = 0x20;
    public static final int ECE = 0x40;
    public static final int CWR = 0x80;

    // Written by PacketDecoder and its headers, in this package only; read through the accessors below.
    byte[] buffer;
    DecodeStatus status;
    int stopLayer;
    int stopOffset;
    int tunnelDepth;
    boolean inPiece;
    int outerNetwork;
    int network;
    int protocol;
    long sourceHigh;
    long sourceLow;
    long destinationHigh;
    long destinationLow;
    int identification;
    int ttl;
    boolean moreFragments;
    int fragmentOffset;
    int networkStart;
    int transportStart;
    int payloadStart;
    int payloadCaptured;
    int payloadLength;
    int sourcePort;
    int destinationPort;
    int sequence;
    int acknowledgment;
    int flags;
    int window;
    int transportChecksum;
    boolean timestamps;
    int tsVal;
    int tsEcr;
    int mss;
    int icmpType;
    int icmpCode;
    int icmpIdentifier;
    int icmpSequence;
    int icmpMtu;
    boolean quoting;
    int quotedStart;
    int quotedLimit;
    long linkSource;
    int packetType;
    int linkInterface;

    /** Forgets what an earlier decode wrote. */
    void reset(byte[] bytes, int start) {
        buffer = bytes;
        status = DecodeStatus.UNKNOWN_LINK;
        stopLayer = LAYER_LINK;
        stopOffset = start;
        tunnelDepth = 0;
        inPiece = false;
        outerNetwork = NETWORK_NONE;
        network = NETWORK_NONE;
        protocol = 0;
        identification = 0;
        ttl = 0;
        moreFragments = false;
        fragmentOffset = 0;
        networkStart = start;
        sourceHigh = 0;
        sourceLow = 0;
        destinationHigh = 0;
        destinationLow = 0;
        linkSource = 0;
        packetType = -1;
        linkInterface = 0;
        resetTransport(start);
    }

    /** Of a tunnel the packet inside is shown, with its own transport. */
    void resetTransport(int start) {
        transportStart = start;
        payloadStart = start;
        payloadCaptured = 0;
        payloadLength = 0;
        sourcePort = 0;
        destinationPort = 0;
        sequence = 0;
        acknowledgment = 0;
        flags = 0;
        window = 0;
        transportChecksum = 0;
        timestamps = false;
        tsVal = 0;
        tsEcr = 0;
        mss = 0;
        icmpType = 0;
        icmpCode = 0;
        icmpIdentifier = 0;
        icmpSequence = 0;
        icmpMtu = 0;
        quoting = false;
        quotedStart = start;
        quotedLimit = start;
    }

    void stop(DecodeStatus why, int offset) {
        status = why;
        stopOffset = offset;
    }

    /**
     * @param end index after the last captured byte of the packet
     * @param wireEnd index after its last byte on the wire
     */
    void payload(int offset, int end, int wireEnd) {
        payloadStart = Math.min(offset, end);
        payloadCaptured = Math.max(0, end - offset);
        payloadLength = Math.max(0, wireEnd - offset);
    }

    /** The buffer that the offsets below index. */
    public byte[] buffer() {
        return buffer;
    }

    /** {@code OK}, or why decoding stopped short of the payload. */
    public DecodeStatus status() {
        return status;
    }

    /** The last layer that was understood: {@link #LAYER_LINK}, {@link #LAYER_NETWORK} or {@link #LAYER_TRANSPORT}. */
    public int stopLayer() {
        return stopLayer;
    }

    /** Index in the buffer where decoding stopped; behind the frame's end if what comes next was to lie there and was not captured. */
    public int stopOffset() {
        return stopOffset;
    }

    /** How many tunnels (VXLAN, Geneve, GRE, ERSPAN, IP in IP) were opened; 0 for none. */
    public int tunnelDepth() {
        return tunnelDepth;
    }

    /** Whether a tunnel's own packet was cut into fragments: the rest of what is shown went in others, and was not left out here. */
    public boolean inPiece() {
        return inPiece && tunnelDepth > 0;
    }

    /** What the outermost network layer is said to be, even if its header is cut or impossible: one of the {@code NETWORK_} constants. */
    public int outerNetwork() {
        return outerNetwork;
    }

    /** The innermost network layer: one of the {@code NETWORK_} constants. */
    public int network() {
        return network;
    }

    /** The IP protocol number of the transport, after IPv6 extension headers. */
    public int protocol() {
        return protocol;
    }

    public long sourceHigh() {
        return sourceHigh;
    }

    public long sourceLow() {
        return sourceLow;
    }

    public long destinationHigh() {
        return destinationHigh;
    }

    public long destinationLow() {
        return destinationLow;
    }

    /** IPv4 identification; for IPv6 that of the fragment header, else 0. */
    public int identification() {
        return identification;
    }

    /** TTL or hop limit. */
    public int ttl() {
        return ttl;
    }

    /** True for every fragment but the last. */
    public boolean moreFragments() {
        return moreFragments;
    }

    /** In bytes; a fragment with an offset above 0 has no transport header. */
    public int fragmentOffset() {
        return fragmentOffset;
    }

    public boolean fragment() {
        return moreFragments || fragmentOffset != 0;
    }

    public int networkStart() {
        return networkStart;
    }

    public int transportStart() {
        return transportStart;
    }

    public int payloadStart() {
        return payloadStart;
    }

    /** Payload bytes that the file holds. */
    public int payloadCaptured() {
        return payloadCaptured;
    }

    /** Payload bytes on the wire, from the IP length (or the length of the frame where offload left that 0). */
    public int payloadLength() {
        return payloadLength;
    }

    public int sourcePort() {
        return sourcePort;
    }

    public int destinationPort() {
        return destinationPort;
    }

    /** Unsigned in an {@code int}; it wraps. For SCTP the verification tag. */
    public int sequence() {
        return sequence;
    }

    /** For an SCTP INIT the initiate tag; 0 where it was not captured. */
    public int acknowledgment() {
        return acknowledgment;
    }

    /** TCP flags, the constants above. For SCTP the type of the first chunk. */
    public int flags() {
        return flags;
    }

    /** The window field, not scaled; {@link #WINDOW_CUT} if it was not captured. */
    public int window() {
        return window;
    }

    /** Whether the TCP timestamps option (RFC 7323) is there. */
    public boolean timestamps() {
        return timestamps;
    }

    public int tsVal() {
        return tsVal;
    }

    public int tsEcr() {
        return tsEcr;
    }

    /** The MSS option, or 0. */
    public int mss() {
        return mss;
    }

    public int icmpType() {
        return icmpType;
    }

    public int icmpCode() {
        return icmpCode;
    }

    /** Of an echo request or reply. */
    public int icmpIdentifier() {
        return icmpIdentifier;
    }

    public int icmpSequence() {
        return icmpSequence;
    }

    /** The MTU in a fragmentation-needed or packet-too-big message, else 0. */
    public int icmpMtu() {
        return icmpMtu;
    }

    /** Whether this is an ICMP error that quotes a packet; decode the quote with {@link PacketDecoder#decodeQuoted}. */
    public boolean quoting() {
        return quoting;
    }

    public int quotedStart() {
        return quotedStart;
    }

    public int quotedLimit() {
        return quotedLimit;
    }

    /** The sender's link-layer address, up to 48 bits, or 0. */
    public long linkSource() {
        return linkSource;
    }

    /** Linux cooked packet type (0 to us, {@link #PACKET_OUTGOING} sent by us), or -1 on other links. */
    public int packetType() {
        return packetType;
    }

    /** Interface index of a Linux cooked v2 header, or 0. */
    public int linkInterface() {
        return linkInterface;
    }

    public boolean tcp() {
        return protocol == IpProtocol.TCP && stopLayer == LAYER_TRANSPORT;
    }

    public boolean udp() {
        return protocol == IpProtocol.UDP && stopLayer == LAYER_TRANSPORT;
    }
}
