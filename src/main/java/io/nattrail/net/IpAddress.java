package io.nattrail.net;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * An IPv4 or IPv6 address as a number.
 *
 * @param high the first 64 bits of an IPv6 address; 0 for IPv4
 * @param low the last 64 bits; for IPv4 the address in the lower 32
 * @param v6 whether it is an IPv6 address
 */
public record IpAddress(long high, long low, boolean v6) implements Comparable<IpAddress> {
    /** Of the longest text, in bytes: eight groups of four digits. */
    static final int LONGEST = 39;
    private static final int GROUPS = 8;

    public IpAddress {
        if (!v6 && (high != 0 || low >>> 32 != 0)) {
            throw new IllegalArgumentException("an IPv4 address has 32 bits");
        }
    }

    /** An IPv4 address from its 32 bits in network order. */
    public static IpAddress v4(int bits) {
        return new IpAddress(0, bits & 0xffffffffL, false);
    }

    /** An IPv6 address from its two halves in network order. */
    public static IpAddress v6(long high, long low) {
        return new IpAddress(high, low, true);
    }

    /** Either, from two halves, of which one of IPv4 is in the lower 32 bits of the second. */
    public static IpAddress of(boolean v6, long high, long low) {
        return v6 ? v6(high, low) : v4((int) low);
    }

    /** Whether it is of 127.0.0.0/8, or ::1. */
    public boolean isLoopback() {
        return v6 ? high == 0 && low == 1 : low >>> 24 == 127;
    }

    /**
     * Parses dotted IPv4 or any textual form of IPv6 (RFC 4291, section 2.2), brackets allowed; names are never looked up.
     *
     * @throws IllegalArgumentException if the text is no address
     */
    public static IpAddress parse(String text) {
        String s = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        int zone = s.indexOf('%');
        if (zone >= 0) {
            s = s.substring(0, zone);
        }
        try {
            return s.indexOf(':') < 0 ? v4(parseV4(s)) : parseV6(s);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is no IP address", e);
        }
    }

    private static int parseV4(String s) {
        int value = 0;
        int at = 0;
        for (int i = 0; i < 4; i++) {
            int end = i == 3 ? s.length() : s.indexOf('.', at);
            if (end <= at || end - at > 3) {
                throw new NumberFormatException(s);
            }
            int octet = parseDigits(s, at, end, 10);
            if (octet > 255) {
                throw new NumberFormatException(s);
            }
            value = value << 8 | octet;
            at = end + 1;
        }
        return value;
    }

    /** Digits alone, where {@link Integer#parseInt} would take a sign. */
    private static int parseDigits(String s, int from, int end, int radix) {
        int value = 0;
        for (int i = from; i < end; i++) {
            int digit = s.charAt(i) < 128 ? Character.digit(s.charAt(i), radix) : -1;
            if (digit < 0) {
                throw new NumberFormatException(s);
            }
            value = value * radix + digit;
        }
        return value;
    }

    /** RFC 4291, section 2.2. */
    private static IpAddress parseV6(String s) {
        int gap = s.indexOf("::");
        List<Integer> groups = groups(gap < 0 ? s : s.substring(0, gap), gap < 0);
        if (gap >= 0) {
            List<Integer> behind = groups(s.substring(gap + 2), true);
            int zeros = GROUPS - groups.size() - behind.size();
            if (zeros < 1) {
                throw new NumberFormatException(s);
            }
            groups.addAll(Collections.nCopies(zeros, 0));
            groups.addAll(behind);
        }
        if (groups.size() != GROUPS) {
            throw new NumberFormatException(s);
        }
        long high = 0;
        long low = 0;
        for (int i = 0; i < GROUPS / 2; i++) {
            high = high << 16 | groups.get(i);
            low = low << 16 | groups.get(i + GROUPS / 2);
        }
        return v6(high, low);
    }

    /** The groups of what stands before or behind the {@code ::}; the address may end as an IPv4 address. */
    private static List<Integer> groups(String part, boolean last) {
        List<Integer> groups = new ArrayList<>(GROUPS);
        String[] texts = part.isEmpty() ? new String[0] : part.split(":", -1);
        for (int i = 0; i < texts.length; i++) {
            String text = texts[i];
            if (last && i == texts.length - 1 && text.indexOf('.') >= 0) {
                int v4 = parseV4(text);
                groups.add(v4 >>> 16);
                groups.add(v4 & 0xffff);
            } else if (text.isEmpty() || text.length() > 4) {
                throw new NumberFormatException(part);
            } else {
                groups.add(parseDigits(text, 0, text.length(), 16));
            }
        }
        return groups;
    }

    /** Unsigned order; every IPv4 address before every IPv6 address. */
    @Override
    public int compareTo(IpAddress other) {
        int byFamily = Boolean.compare(v6, other.v6);
        if (byFamily != 0) {
            return byFamily;
        }
        int byHigh = Long.compareUnsigned(high, other.high);
        return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
    }

    /** The usual text; IPv6 in the canonical form of RFC 5952. */
    @Override
    public String toString() {
        if (v6) {
            return textOfV6();
        }
        byte[] text = new byte[LONGEST];
        return new String(text, 0, write(text, 0), StandardCharsets.ISO_8859_1);
    }

    /**
     * Writes the same as ASCII; at most {@link #LONGEST} bytes.
     *
     * @return the index after the last one
     */
    int write(byte[] target, int from) {
        if (v6) {
            byte[] text = textOfV6().getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(text, 0, target, from, text.length);
            return from + text.length;
        }
        int at = from;
        int bits = (int) low;
        for (int shift = 24; shift >= 0; shift -= 8) {
            at = writeNumber(bits >>> shift & 255, target, at);
            target[at++] = '.';
        }
        return at - 1;
    }

    /** Writes a number up to 65,535 in digits; gives the index after the last one. */
    static int writeNumber(int number, byte[] target, int from) {
        int end = from + (number < 10 ? 1 : number < 100 ? 2 : number < 1000 ? 3 : number < 10_000 ? 4 : 5);
        int rest = number;
        for (int i = end - 1; i >= from; i--) {
            // A tenth, exact up to 81,919; a division takes many times as long in the code of Java's first compiler.
            int tenth = rest * 52_429 >>> 19;
            target[i] = (byte) ('0' + rest - 10 * tenth);
            rest = tenth;
        }
        return end;
    }

    private String textOfV6() {
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            long half = i < 4 ? high : low;
            groups[i] = (int) (half >>> 48 - 16 * (i & 3)) & 0xffff;
        }
        int longest = 1;
        int start = -1;
        for (int i = 0; i < 8; i++) {
            int run = 0;
            while (i + run < 8 && groups[i + run] == 0) {
                run++;
            }
            if (run > longest) {
                longest = run;
                start = i;
            }
        }
        StringBuilder text = new StringBuilder(39);
        for (int i = 0; i < 8; i++) {
            if (i == start) {
                text.append("::");
                i += longest - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }

    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof IpAddress that && low == that.low && high == that.high && v6 == that.v6;
    }

    @Override
    public int hashCode() {
        return (31 * Long.hashCode(high) + Long.hashCode(low)) * 31 + (v6 ? 1 : 0);
    }
}
