package io.nattrail.path;

/** Who opened a connection that is translated. */
enum Caller {
    POD,
    /** Only all interfaces of a node show it, where a pod and a neighbour of the node look the same. */
    POD_OR_NEIGHBOUR,
    OUTSIDE
}
