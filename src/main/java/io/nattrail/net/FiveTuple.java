package io.nattrail.net;

import java.nio.charset.StandardCharsets;

/** Protocol, source and destination, as the opener of the connection sent it. */
public record FiveTuple(Protocol protocol, Endpoint source, Endpoint destination) {
    /** The tuple of the answers. */
    public FiveTuple reversed() {
        return new FiveTuple(protocol, destination, source);
    }

    /** Whether a host talks to itself: such packets are on no wire (RFC 1122, section 3.2.1.3; RFC 4291, section 2.5.3). */
    public boolean isLoopback() {
        return source.address().isLoopback() || destination.address().isLoopback();
    }

    @Override
    public String toString() {
        byte[] text = new byte[2 * Endpoint.LONGEST + 4];
        int at = source.write(text, 0);
        text[at] = ' ';
        text[at + 1] = '-';
        text[at + 2] = '>';
        text[at + 3] = ' ';
        at = destination.write(text, at + 4);
        return new String(text, 0, at, StandardCharsets.ISO_8859_1);
    }

    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof FiveTuple that && protocol == that.protocol && source.equals(that.source)
                && destination.equals(that.destination);
    }

    @Override
    public int hashCode() {
        return (31 * protocol.number() + source.hashCode()) * 31 + destination.hashCode();
    }
}
