package io.nattrail.path;

import io.nattrail.leg.Direction;
import java.util.List;

/**
 * A numbered step of a path, for every flow of it.
 *
 * @param tuple which tuple the packets carry after the step
 * @param spots where they show, in the order of the path; empty for a stage inside the kernel
 * @param condition when a flow takes the step
 */
public record StepTemplate(String number, String title, TupleKind tuple, Direction direction, List<Spot> spots, Condition condition) {
    public StepTemplate {
        spots = List.copyOf(spots);
    }

    /** A stage of the kernel that no packet shows. */
    public boolean inKernel() {
        return spots.isEmpty();
    }

    /** Which tuple. */
    public enum TupleKind {
        /** As the client sent it. */
        ORIGINAL,
        /** With the ClusterIP as destination. */
        CLUSTER_IP,
        /** With the endpoint as destination, the source not yet masqueraded. */
        DESTINATION_CHOSEN,
        /** After all translation. */
        TRANSLATED,
        /** The answer to the translated tuple. */
        TRANSLATED_REPLY,
        /** The answer to the client. */
        ORIGINAL_REPLY
    }

    /** When a flow takes a step. */
    public enum Condition {
        ALWAYS,
        /** Only if the endpoint is on another node than the one that received the packet. */
        REMOTE_ENDPOINT,
        /** Only if the service's policy has the source masqueraded. */
        MASQUERADED
    }
}
