package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.net.Endpoint;
import java.util.List;
import java.util.Map;

/**
 * Finds which legs are one connection. TCP legs with a handshake meet by the client's initial sequence number, whatever the tuples; legs
 * begun before the capture by sequence and acknowledgement numbers and payload; legs of datagrams by tuple, then by payload,
 * identification and order, all candidates settled together. Time orders the work and breaks ties; it never decides alone what contents
 * can decide.
 */
final class LegMatcher {
    private LegMatcher() {
    }

    /**
     * The groups, in the order of their first leg.
     *
     * @param legs all legs of all points, in an order that depends on the captures only
     * @param earlierCalls how often each destination was called in legs that are no longer there
     */
    static List<LegGroup> match(List<Leg> legs, ClockView clocks, Map<Endpoint, Integer> earlierCalls) {
        LegUnion joined = new LegUnion(legs);
        boolean handshakesOnly = legs.stream().allMatch(Leg::hasClientIsn);
        LegEnds ends = handshakesOnly ? null : new LegEnds(legs);
        if (ends != null) {
            new Openers(legs, ends, earlierCalls).settle();
        }
        new HandshakeMatcher(legs, joined).join();
        new RenumberedMatcher(legs, joined).join();
        if (ends != null) {
            new MidstreamMatcher(legs, joined).join();
            new TupleMatcher(legs, ends, clocks, joined).join();
            new StrayMatcher(legs, ends, joined).join();
            new QuoteMatcher(legs, ends, joined).join();
            new DatagramMatcher(legs, clocks, joined).join();
        }
        return joined.groups();
    }
}
