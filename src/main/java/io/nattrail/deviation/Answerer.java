package io.nattrail.deviation;

import io.nattrail.net.Endpoint;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.path.FlowTrace;
import java.util.Objects;

/**
 * Who answers what clients call: an endpoint; or, where no capture shows which, the pods of the node that took the connections.
 *
 * @param endpoint null if it is not known
 * @param front what was called; null if the endpoint is known
 * @param node the node of the pods; null if the endpoint is known
 */
record Answerer(Endpoint endpoint, TransportEndpoint front, String node) {
    /** Null if nothing tells. */
    static Answerer of(FlowTrace trace, TransportEndpoint front) {
        if (trace.endpoint() != null) {
            return new Answerer(trace.endpoint(), null, null);
        }
        return Boolean.TRUE.equals(trace.local()) ? podsOf(trace.entryNode(), front) : null;
    }

    /** The pods of the node that took a connection which another node's pod answered; null if that may have been one of them. */
    static Answerer leftBehind(FlowTrace trace, TransportEndpoint front) {
        return trace.endpoint() != null && Boolean.FALSE.equals(trace.local()) ? podsOf(trace.entryNode(), front) : null;
    }

    private static Answerer podsOf(String node, TransportEndpoint front) {
        return node == null ? null : new Answerer(null, front, node);
    }

    boolean known() {
        return endpoint != null;
    }

    @Override
    public String toString() {
        return endpoint != null ? endpoint.toString() : "a pod of " + node;
    }

    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof Answerer that && Objects.equals(endpoint, that.endpoint) && Objects.equals(front, that.front)
                && Objects.equals(node, that.node);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * Objects.hashCode(endpoint) + Objects.hashCode(front)) + Objects.hashCode(node);
    }
}
