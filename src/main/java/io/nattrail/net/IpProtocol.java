package io.nattrail.net;

/** Numbers in the protocol field of IPv4 and the next-header fields of IPv6 (IANA, Assigned Internet Protocol Numbers). */
public final class IpProtocol {
    public static final int HOP_BY_HOP = 0;
    public static final int ICMP = 1;
    /** IPv4 in IP (RFC 2003). */
    public static final int IPV4 = 4;
    public static final int TCP = 6;
    public static final int UDP = 17;
    /** IPv6 in IP (RFC 2473, RFC 4213). */
    public static final int IPV6 = 41;
    public static final int ROUTING = 43;
    public static final int FRAGMENT = 44;
    public static final int GRE = 47;
    /** What IPsec encrypts (RFC 4303). */
    public static final int ESP = 50;
    /** The authentication header (RFC 4302). */
    public static final int AUTHENTICATION = 51;
    public static final int ICMPV6 = 58;
    public static final int DESTINATION_OPTIONS = 60;
    public static final int SCTP = 132;
    public static final int MOBILITY = 135;
    /** The Host Identity Protocol (RFC 7401). */
    public static final int HIP = 139;
    public static final int SHIM6 = 140;

    private IpProtocol() {
    }
}
