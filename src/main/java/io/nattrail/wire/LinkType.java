package io.nattrail.wire;

/** Link types (LINKTYPE_ numbers of the tcpdump group's list) that are decoded or have a name in reports. */
public final class LinkType {
    /** BSD loopback: address family in the capturing machine's byte order. */
    public static final int NULL = 0;
    public static final int ETHERNET = 1;
    public static final int PPP = 9;
    /** Raw IP where a tool wrote the machine's DLT_RAW instead of {@link #RAW}. */
    public static final int DLT_RAW = 12;
    /** The same on OpenBSD. */
    public static final int DLT_RAW_OPENBSD = 14;
    public static final int PPP_HDLC = 50;
    public static final int PPP_ETHER = 51;
    public static final int RAW = 101;
    public static final int C_HDLC = 104;
    public static final int LOOP = 108;
    /** Linux cooked capture: what {@code tcpdump -i any} wrote before version 2. */
    public static final int LINUX_SLL = 113;
    /** PPP as pppd records it: a byte for the direction first. */
    public static final int PPP_PPPD = 166;
    public static final int PPP_WITH_DIR = 204;
    public static final int IPV4 = 228;
    public static final int IPV6 = 229;
    public static final int DBUS = 231;
    /** Packets that a rule of netfilter logs: {@code tcpdump -i nflog:N}. */
    public static final int NFLOG = 239;
    public static final int USBPCAP = 249;
    /** What macOS writes for all interfaces and with {@code tcpdump -k}: its own header, and behind it a frame with its link type. */
    public static final int PKTAP = 258;
    /** Linux cooked capture, version 2: with the interface index. */
    public static final int LINUX_SLL2 = 276;
    public static final int EBHSCR = 279;

    private LinkType() {
    }

    /** The name libpcap gives it, without {@code DLT_}; the number as text for types that have no meaning here. */
    public static String name(int linkType) {
        return switch (linkType) {
            case NULL -> "NULL";
            case ETHERNET -> "EN10MB";
            case PPP -> "PPP";
            case DLT_RAW, DLT_RAW_OPENBSD, RAW -> "RAW";
            case PPP_HDLC -> "PPP_SERIAL";
            case PPP_ETHER -> "PPP_ETHER";
            case C_HDLC -> "C_HDLC";
            case 105 -> "IEEE802_11";
            case LOOP -> "LOOP";
            case LINUX_SLL -> "LINUX_SLL";
            case 127 -> "IEEE802_11_RADIO";
            case PPP_PPPD -> "PPP_PPPD";
            case PPP_WITH_DIR -> "PPP_WITH_DIR";
            case IPV4 -> "IPV4";
            case IPV6 -> "IPV6";
            case NFLOG -> "NFLOG";
            case PKTAP -> "PKTAP";
            case LINUX_SLL2 -> "LINUX_SLL2";
            default -> Integer.toString(linkType);
        };
    }
}
