package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import java.util.List;

/** The ends of legs as numbers, since they are compared often: as they were before any leg was reversed. */
final class LegEnds {
    private final List<Leg> legs;
    private final Numbering<Endpoint> numbers = new Numbering<>();
    private final int[] sources;
    private final int[] destinations;

    LegEnds(List<Leg> legs) {
        this.legs = legs;
        sources = new int[legs.size()];
        destinations = new int[legs.size()];
        for (int i = 0; i < sources.length; i++) {
            FiveTuple tuple = legs.get(i).tuple();
            sources[i] = numbers.of(tuple.source());
            destinations[i] = numbers.of(tuple.destination());
        }
    }

    int source(int leg) {
        return sources[leg];
    }

    int destination(int leg) {
        return destinations[leg];
    }

    /** The number of an end, which is given one if no leg has it. */
    int number(Endpoint end) {
        return numbers.of(end);
    }

    /** How many numbers were given. */
    int count() {
        return numbers.count();
    }

    /** The same for both directions of a tuple, and for no other: there are never as many ends as 28 bits can number. */
    long unordered(int leg) {
        long lower = Math.min(sources[leg], destinations[leg]);
        long higher = Math.max(sources[leg], destinations[leg]);
        return lower << 36 | higher << 8 | legs.get(leg).protocol().number();
    }

    /** A leg's source together with the point that shows it. */
    long sourceAtPoint(int leg) {
        return atPoint(sources[leg], leg);
    }

    long destinationAtPoint(int leg) {
        return atPoint(destinations[leg], leg);
    }

    private long atPoint(int end, int leg) {
        return (long) legs.get(leg).point() << 32 | end;
    }
}
