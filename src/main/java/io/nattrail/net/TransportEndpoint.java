package io.nattrail.net;

/** An endpoint of one protocol: port 53 of TCP is another than that of UDP. */
public record TransportEndpoint(Protocol protocol, Endpoint endpoint) {
    // Written by hand, as in Endpoint.

    @Override
    public boolean equals(Object other) {
        return other instanceof TransportEndpoint that && protocol == that.protocol && endpoint.equals(that.endpoint);
    }

    @Override
    public int hashCode() {
        return 31 * protocol.number() + endpoint.hashCode();
    }
}
