package io.nattrail.net;

import java.util.Locale;

/** Transport protocols that NatTrail follows, with their numbers in the IP header (IANA protocol numbers). */
public enum Protocol {
    TCP(6), UDP(17), SCTP(132), ICMP(1), ICMPV6(58);

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
            case 6 -> TCP;
            case 17 -> UDP;
            case 132 -> SCTP;
            case 1 -> ICMP;
            case 58 -> ICMPV6;
            default -> throw new IllegalArgumentException("no followed protocol has the number " + number);
        };
    }
}
