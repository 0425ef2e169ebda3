package io.nattrail.leg;

/** Of a packet inside a connection, as its opener sees it. */
public enum Direction {
    /** From the opener: the client's packets. */
    REQUEST,
    /** To the opener: the endpoint's answers. */
    REPLY;

    /** From the other end. */
    public Direction opposite() {
        return this == REQUEST ? REPLY : REQUEST;
    }

    public String label() {
        return this == REQUEST ? "request" : "reply";
    }
}
