package io.nattrail.cluster;

import io.nattrail.net.Cidr;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.Locale;

/** Values as dumps write them. Anything else is null, since a dump is data: one odd value must not cost the others. */
final class Values {
    /** The longest endpoint in text: an IPv6 address with an IPv4 tail, a zone, brackets and a port. */
    private static final int LONGEST = 80;

    private Values() {
    }

    /** Keeps words that are plainly something else from costing an exception each. */
    private static boolean mayBeAddress(String text) {
        if (text == null || text.isEmpty() || text.length() > LONGEST) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                return i > 0;
            }
            if (Character.digit(c, 16) < 0 && c != '.' && c != ':' && c != '/' && c != '[' && c != ']') {
                return false;
            }
        }
        return true;
    }

    static IpAddress address(String text) {
        if (!mayBeAddress(text)) {
            return null;
        }
        try {
            return IpAddress.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static Cidr cidr(String text) {
        if (!mayBeAddress(text)) {
            return null;
        }
        try {
            return Cidr.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The address of a prefix that holds one address alone: {@code 172.31.0.5/32}, {@code 172.31.0.5}. */
    static IpAddress host(String text) {
        Cidr cidr = cidr(text);
        return cidr != null && cidr.length() == (cidr.network().v6() ? 128 : 32) ? cidr.network() : null;
    }

    static Endpoint endpoint(String text) {
        if (!mayBeAddress(text)) {
            return null;
        }
        try {
            return Endpoint.parse(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** A port or an ICMP identifier; -1 if the text is neither. */
    static int port(String text) {
        long value = number(text);
        return value > 0xffff ? -1 : (int) value;
    }

    /** An unsigned number of at most 18 digits; -1 if the text is not one. */
    static long number(String text) {
        if (text == null || text.isEmpty() || text.length() > 18) {
            return -1;
        }
        long value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return -1;
            }
            value = value * 10 + (c - '0');
        }
        return value;
    }

    /** A protocol by its name in any case or by its number; null if NatTrail does not follow it. */
    static Protocol protocol(String text) {
        if (text == null || text.length() > 10) {
            return null;
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "tcp", "6" -> Protocol.TCP;
            case "udp", "17" -> Protocol.UDP;
            case "sctp", "132" -> Protocol.SCTP;
            case "icmp", "1" -> Protocol.ICMP;
            case "icmpv6", "ipv6-icmp", "58" -> Protocol.ICMPV6;
            default -> null;
        };
    }
}
