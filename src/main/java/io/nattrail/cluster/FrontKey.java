package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.util.Objects;

/**
 * What is called of a service.
 *
 * @param front null for a node port
 * @param nodePort 0 for an address
 */
record FrontKey(Protocol protocol, Endpoint front, int nodePort) {
    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof FrontKey that && nodePort == that.nodePort && protocol == that.protocol
                && Objects.equals(front, that.front);
    }

    @Override
    public int hashCode() {
        return (31 * protocol.number() + Objects.hashCode(front)) * 31 + nodePort;
    }
}
