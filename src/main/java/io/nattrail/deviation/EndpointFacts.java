package io.nattrail.deviation;

import io.nattrail.nat.FlowLeg;
import io.nattrail.net.Ttl;

/** What became of the flows to one endpoint. */
public final class EndpointFacts {
    /** No handshake was answered where entry nodes show it, or not all from equally far away. */
    static final long UNKNOWN = -1;
    static final long SEVERAL = -2;

    private int delivered;
    private int replied;
    private boolean unreachable;
    private long lastAnsweredStart = Long.MIN_VALUE;
    private long routersPassed = UNKNOWN;

    void add(FlowFact fact) {
        delivered += fact.delivered() ? 1 : 0;
        replied += fact.replied() ? 1 : 0;
        lastAnsweredStart = fact.replied() ? Math.max(lastAnsweredStart, fact.start()) : lastAnsweredStart;
    }

    /** Takes note that a router, or the endpoint's node, said that it cannot be reached. */
    void addUnreachable() {
        unreachable = true;
    }

    /** Whether anybody said that it cannot be reached: not of every packet, since ICMP is limited (net.ipv4.icmp_ratelimit). */
    public boolean unreachable() {
        return unreachable;
    }

    /** Takes an answered handshake as an entry node shows it. */
    void addAnswer(FlowLeg answered) {
        long passed = Ttl.routersPassed(answered.replyTtl());
        routersPassed = routersPassed == UNKNOWN || routersPassed == passed ? passed : SEVERAL;
    }

    /** How many routers its SYN-ACKs passed on their way to entry nodes. */
    long routersPassed() {
        return routersPassed;
    }

    /** When the last flow began that it answered, on the common clock; MIN_VALUE if it answered none. */
    public long lastAnsweredStart() {
        return lastAnsweredStart;
    }

    /** Requests seen at its bridge or pod. */
    public int delivered() {
        return delivered;
    }

    /** Flows that it answered. */
    public int replied() {
        return replied;
    }
}
