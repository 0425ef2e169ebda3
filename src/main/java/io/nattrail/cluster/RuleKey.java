package io.nattrail.cluster;

import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.util.Objects;

/**
 * What is called of a service on one node, where rules are told.
 *
 * @param where the node, or what stands for one that is not known
 * @param v6 of which family a node port is
 */
record RuleKey(String where, FrontKey front, boolean v6) {
    RuleKey(String where, Protocol protocol, Endpoint front, int nodePort, boolean v6) {
        this(where, new FrontKey(protocol, front, nodePort), v6);
    }

    // Written by hand, as in FrontKey.

    @Override
    public boolean equals(Object other) {
        return other instanceof RuleKey that && v6 == that.v6 && front.equals(that.front) && Objects.equals(where, that.where);
    }

    @Override
    public int hashCode() {
        return 31 * front.hashCode() + Objects.hashCode(where);
    }
}
