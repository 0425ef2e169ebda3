package io.nattrail.path;

/** Where on the path a packet can show, as the path sees it; which capture point that is depends on the flow's nodes. */
public enum Spot {
    /** The client's own interface. */
    CLIENT,
    /** The interface of the pod that opens the connection. */
    CALLER_POD,
    /** The bridge of that pod's node. */
    CALLER_BRIDGE,
    /** The entry node's interface, before the NAT. */
    ENTRY_IN,
    /** The entry node's interface, after the NAT. */
    ENTRY_OUT,
    /** The interface of the endpoint's node. */
    TARGET_ETH0,
    /** The bridge of the endpoint's node. */
    TARGET_BRIDGE,
    /** The endpoint's own interface. */
    ENDPOINT_POD
}
