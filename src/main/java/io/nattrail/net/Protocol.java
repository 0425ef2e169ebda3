package io.nattrail.net;

import java.util.Locale;

/** Transport protocols that NatTrail follows, with their numbers in the IP header (IANA protocol numbers). */
public enum Protocol {
    TCP(IpProtocol.TCP), UDP(IpProtocol.UDP), SCTP(IpProtocol.SCTP), ICMP(IpProtocol.ICMP), ICMPV6(IpProtocol.ICMPV6);

    private final int number;
    private final String label;

    Protocol(int number) {
        this.number = number;
        label = name().toLowerCase(Locale.ROOT);
    }

    /** The protocol's number in the IPv4 protocol or IPv6 next-header field. */
    public int number() {
        return number;
    }

    /** The name in reports: {@code tcp}, {@code udp}, {@code sctp}, {@code icmp}, {@code icmpv6}. */
    public String label() {
        return label;
    }

    /**
     * The protocol with this number.
     *
     * @throws IllegalArgumentException if it is none that NatTrail follows
     */
    public static Protocol ofNumber(int number) {
        return switch (number) {
            case IpProtocol.TCP -> TCP;
            case IpProtocol.UDP -> UDP;
            case IpProtocol.SCTP -> SCTP;
            case IpProtocol.ICMP -> ICMP;
            case IpProtocol.ICMPV6 -> ICMPV6;
            default -> throw new IllegalArgumentException("no followed protocol has the number " + number);
        };
    }
}
