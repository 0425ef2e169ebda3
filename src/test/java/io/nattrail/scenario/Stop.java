package io.nattrail.scenario;

/** Where a packet shows on its way from the client to the pod, in the order of requests. */
public enum Stop {
    CLIENT("client"),
    /** Node-1's eth0, before the translation. */
    NODE_IN("node1-eth0"),
    /** Node-1's eth0, after the translation. */
    NODE_OUT("node1-eth0"),
    /** Node-2's cbr0. */
    BRIDGE("node2-cbr0");

    final String point;

    Stop(String point) {
        this.point = point;
    }

    /** Whether packets show here under the pod's side of the translation. */
    boolean translated() {
        return this == NODE_OUT || this == BRIDGE;
    }
}
