package io.nattrail.leg;

/** What kind of place a capture point is on the path. */
public enum PointRole {
    /** The client's own interface, outside the cluster. */
    CLIENT,
    /** A node's interface to the network ({@code eth0}). */
    NODE_INTERFACE,
    /** A node's bridge to its pods ({@code cbr0}). */
    BRIDGE,
    /** The interface of one pod. */
    POD,
    /** All interfaces of a node at once ({@code tcpdump -i any}). */
    ANY
}
