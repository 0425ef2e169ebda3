package io.nattrail.deviation;

import io.nattrail.net.TransportEndpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What pods took for their slowest answer in each flow, by the destination that was called and by who answered: their own time, without any
 * network.
 */
final class Thoughts {
    /** What several pods took together has one median, behind which a slow one of them hides. */
    private static final double MOST = 0.9;

    private final Map<TransportEndpoint, Delays> byFront = new HashMap<>();
    private final Map<Answerer, Delays> byAnswerer = new HashMap<>();
    private final Map<TransportEndpoint, Set<Answerer>> endpointsOf = new HashMap<>();
    /** The endpoints on other nodes to which a node took connections that its own pods could have answered. */
    private final Map<Answerer, Set<Answerer>> elsewhere = new HashMap<>();

    /**
     * @param who null if nothing tells
     * @param leftBehind the pods of the entry node, if the endpoint is none of them; else null
     */
    void add(TransportEndpoint front, Answerer who, Answerer leftBehind, long nanos) {
        byFront.computeIfAbsent(front, f -> new Delays()).add(nanos);
        if (who == null) {
            return;
        }
        byAnswerer.computeIfAbsent(who, e -> new Delays()).add(nanos);
        if (who.known()) {
            endpointsOf.computeIfAbsent(front, f -> new HashSet<>()).add(who);
        }
        if (leftBehind != null) {
            elsewhere.computeIfAbsent(leftBehind, e -> new HashSet<>()).add(who);
        }
    }

    void seal() {
        for (Delays ofFront : byFront.values()) {
            ofFront.sort();
        }
        for (Delays ofOne : byAnswerer.values()) {
            ofOne.sort();
        }
    }

    /** How many flows to a destination were answered with data, so that the pod's time for it is known. */
    int count(TransportEndpoint front) {
        Delays all = byFront.get(front);
        return all == null ? 0 : all.count();
    }

    /** A quantile of what the pods of a destination took, nanoseconds. */
    long quantile(TransportEndpoint front, double share) {
        return byFront.get(front).quantile(share);
    }

    /** The median of what one took in at least so many flows, nanoseconds; -1 for fewer. */
    long of(Answerer who, int least) {
        return of(who, least, 0.5);
    }

    private long of(Answerer who, int least, double share) {
        Delays all = byAnswerer.get(who);
        return all == null || all.count() < least ? -1 : all.quantile(share);
    }

    /** The longest median of the others behind a destination, nanoseconds; -1 if none has so many flows. */
    long ofOthers(TransportEndpoint front, Answerer who, Answerer leftBehind, int least) {
        long longest = leftBehind == null ? -1 : of(leftBehind, least, MOST);
        for (Answerer other : known(front, who)) {
            longest = other.equals(who) ? longest : Math.max(longest, of(other, least));
        }
        return longest;
    }

    /** Known endpoints that are surely others, and this one, if it is known itself. */
    private Set<Answerer> known(TransportEndpoint front, Answerer who) {
        return who.known() ? endpointsOf.getOrDefault(front, Set.of()) : elsewhere.getOrDefault(who, Set.of());
    }

    /**
     * Whether chance would hardly give so many of a destination's slow answers to one: where answers of all endpoints are slow now and
     * then, one of them has most of it in a few flows.
     *
     * @param limit what is slow, nanoseconds
     */
    boolean slowForAReason(TransportEndpoint front, Answerer who, Answerer leftBehind, long limit) {
        Delays own = byAnswerer.get(who);
        int all = own.count();
        int slow = own.above(limit);
        Delays behind = leftBehind == null ? null : byAnswerer.get(leftBehind);
        if (behind != null) {
            all += behind.count();
            slow += behind.above(limit);
        }
        for (Answerer one : known(front, who)) {
            if (!one.equals(who)) {
                Delays ofOne = byAnswerer.get(one);
                all += ofOne.count();
                slow += ofOne.above(limit);
            }
        }
        return Chance.hardlyGives(own.above(limit), own.count(), slow, all);
    }
}
