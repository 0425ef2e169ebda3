package io.nattrail.nat;

import io.nattrail.leg.Leg;
import java.util.ArrayList;
import java.util.List;

/** Legs that are one connection of the client, whatever their tuples: what {@link LegMatcher} concludes. */
final class LegGroup {
    private final List<Leg> legs = new ArrayList<>(4);
    private double confidence = 1;
    private List<String> rivals = List.of();

    List<Leg> legs() {
        return legs;
    }

    /** 0 to 1: how surely the legs belong together. */
    double confidence() {
        return confidence;
    }

    /** Tuples that fit as well, as text; empty unless ambiguous. */
    List<String> rivals() {
        return rivals;
    }

    void doubt(double lower, List<String> others) {
        confidence = Math.min(confidence, lower);
        rivals = List.copyOf(others);
    }
}
