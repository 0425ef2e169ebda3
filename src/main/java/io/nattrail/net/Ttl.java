package io.nattrail.net;

/** What a TTL or hop limit tells of the way behind a packet: stacks send with 64, 128 or 255, and each router takes one. */
public final class Ttl {
    private Ttl() {
    }

    /** Whether no router has touched it. */
    public static boolean fresh(long ttl) {
        return ttl == 64 || ttl == 128 || ttl == 255;
    }

    /** How many routers it passed, if it began with the nearest of the usual values. */
    public static long routersPassed(long ttl) {
        return (ttl <= 64 ? 64 : ttl <= 128 ? 128 : 255) - ttl;
    }
}
