package io.nattrail.net;

import java.nio.charset.StandardCharsets;

/**
 * An address and a port, or an address and the identifier of an ICMP echo.
 *
 * @param port 0 to 65535
 */
public record Endpoint(IpAddress address, int port) implements Comparable<Endpoint> {
    /** Of the longest text, in bytes. */
    public static final int LONGEST = IpAddress.LONGEST + 8;

    public Endpoint {
        if (address == null || port < 0 || port > 0xffff) {
            throw new IllegalArgumentException("no endpoint: " + address + " port " + port);
        }
    }

    /**
     * Parses {@code 10.0.0.1:80} or {@code [fd00::1]:80}.
     *
     * @throws IllegalArgumentException if the text is no endpoint
     */
    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0 || text.indexOf(':') != colon && text.charAt(colon - 1) != ']') {
            throw new IllegalArgumentException("'" + text + "' is not ADDRESS:PORT");
        }
        try {
            return new Endpoint(IpAddress.parse(text.substring(0, colon)), Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "' is not ADDRESS:PORT", e);
        }
    }

    @Override
    public int compareTo(Endpoint other) {
        int byAddress = address.compareTo(other.address);
        return byAddress != 0 ? byAddress : Integer.compare(port, other.port);
    }

    /** {@code 10.0.0.1:80}, or {@code [fd00::1]:80}. */
    @Override
    public String toString() {
        byte[] text = new byte[LONGEST];
        return new String(text, 0, write(text, 0), StandardCharsets.ISO_8859_1);
    }

    /**
     * Writes the same as ASCII; at most {@link #LONGEST} bytes.
     *
     * @return the index after the last one
     */
    public int write(byte[] target, int from) {
        int at = from;
        if (address.v6()) {
            target[at++] = '[';
        }
        at = address.write(target, at);
        if (address.v6()) {
            target[at++] = ']';
        }
        target[at++] = ':';
        return IpAddress.writeNumber(port, target, at);
    }

    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof Endpoint that && port == that.port && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return 31 * address.hashCode() + port;
    }
}
