package io.nattrail.deviation;

import io.nattrail.net.Endpoint;
import io.nattrail.net.TransportEndpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What pods took for their slowest answer in each flow, by the destination that was called and by the endpoint that answered: their own
 * time, without any network.
 */
final class Thoughts {
    private final Map<TransportEndpoint, Delays> byFront = new HashMap<>();
    private final Map<TransportEndpoint, Set<Endpoint>> endpointsOf = new HashMap<>();
    private final Map<Endpoint, Delays> byEndpoint = new HashMap<>();

    /** @param endpoint null if it is not known */
    void add(TransportEndpoint front, Endpoint endpoint, long nanos) {
        byFront.computeIfAbsent(front, f -> new Delays()).add(nanos);
        if (endpoint != null) {
            byEndpoint.computeIfAbsent(endpoint, e -> new Delays()).add(nanos);
            endpointsOf.computeIfAbsent(front, f -> new HashSet<>()).add(endpoint);
        }
    }

    void seal() {
        for (Delays ofFront : byFront.values()) {
            ofFront.sort();
        }
        for (Delays ofEndpoint : byEndpoint.values()) {
            ofEndpoint.sort();
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

    /** The median of what an endpoint took in at least so many flows, nanoseconds; -1 for fewer. */
    long ofEndpoint(Endpoint endpoint, int least) {
        Delays all = byEndpoint.get(endpoint);
        return all == null || all.count() < least ? -1 : all.quantile(0.5);
    }

    /** The longest median of the other endpoints of a destination, nanoseconds; -1 if none has so many flows. */
    long ofOthers(TransportEndpoint front, Endpoint endpoint, int least) {
        long longest = -1;
        for (Endpoint other : endpointsOf.getOrDefault(front, Set.of())) {
            if (!other.equals(endpoint)) {
                longest = Math.max(longest, ofEndpoint(other, least));
            }
        }
        return longest;
    }

    /**
     * Whether chance would hardly give so many of a destination's slow answers to one endpoint: where answers of all endpoints are slow now
     * and then, one of them has most of it in a few flows.
     *
     * @param limit what is slow, nanoseconds
     */
    boolean slowForAReason(TransportEndpoint front, Endpoint endpoint, long limit) {
        int all = 0;
        int slow = 0;
        for (Endpoint one : endpointsOf.getOrDefault(front, Set.of())) {
            Delays ofOne = byEndpoint.get(one);
            all += ofOne.count();
            slow += ofOne.above(limit);
        }
        Delays own = byEndpoint.get(endpoint);
        return Chance.hardlyGives(own.above(limit), own.count(), slow, all);
    }
}
