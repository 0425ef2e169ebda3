package io.nattrail.net;

/** A port of one protocol, whatever the address: what a node port is. */
public record ProtocolPort(Protocol protocol, int port) {
    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof ProtocolPort that && port == that.port && protocol == that.protocol;
    }

    @Override
    public int hashCode() {
        return 31 * protocol.number() + port;
    }
}
