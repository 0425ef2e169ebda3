package io.nattrail.net;

/**
 * An address and a port, or an address and the identifier of an ICMP echo.
 *
 * @param port 0 to 65535
 */
public record Endpoint(IpAddress address, int port) implements Comparable<Endpoint> {
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
        return address.v6() ? "[" + address + "]:" + port : address + ":" + port;
    }

    // By hand: what a compiler makes of a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof Endpoint that && port == that.port && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return 31 * address.hashCode() + port;
    }
}
