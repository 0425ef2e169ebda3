package io.nattrail.clock;

import java.util.Arrays;

/**
 * How the clocks of every two points fit, and from that each point's offset to the reference along the pairs that bound it best (a minimum
 * spanning tree by uncertainty).
 */
public final class PairFits {
    private final int points;
    private final PairFit[] pairs;
    private final boolean[] disordered;

    /**
     * @param pairs by the lesser point times {@code points} plus the greater; null where nothing crossed
     * @param disordered whether a pair's packets crossed in the opposite order to what was assumed
     */
    PairFits(int points, PairFit[] pairs, boolean[] disordered) {
        this.points = points;
        this.pairs = pairs;
        this.disordered = disordered;
    }

    /** Whether the clocks of any two points fit no line, even if all clocks are known by way of other points. */
    public boolean contradictory() {
        for (PairFit pair : pairs) {
            if (pair != null && pair.quality() == ClockQuality.CONTRADICTORY) {
                return true;
            }
        }
        return false;
    }

    /**
     * These fits, with another's of the same points in place of each pair whose packets crossed in the opposite order to what was assumed:
     * such crossings tell nothing of the clocks.
     */
    public PairFits whereOrdered(PairFits otherwise) {
        PairFit[] ordered = pairs.clone();
        boolean[] still = new boolean[pairs.length];
        for (int pair = 0; pair < pairs.length; pair++) {
            if (disordered[pair]) {
                ordered[pair] = otherwise.pairs[pair];
                still[pair] = otherwise.disordered[pair];
            }
        }
        return new PairFits(points, ordered, still);
    }

    /**
     * Fits all clocks.
     *
     * @param reference the point whose clock is the reference
     * @param origins each point's first time, on its own clock
     */
    public ClockFit[] clocks(int reference, long[] origins) {
        ClockFit[] clocks = new ClockFit[points];
        Arrays.fill(clocks, ClockFit.UNKNOWN);
        boolean[] done = new boolean[points];
        clocks[reference] = ClockFit.reference(origins[reference]);
        done[reference] = true;
        for (int round = 1; round < points; round++) {
            int bestFrom = -1;
            int bestTo = -1;
            for (int from = 0; from < points; from++) {
                for (int to = 0; to < points; to++) {
                    if (done[from] && !done[to] && pair(from, to) != null
                            && (bestFrom < 0 || better(pair(from, to), pair(bestFrom, bestTo)))) {
                        bestFrom = from;
                        bestTo = to;
                    }
                }
            }
            if (bestFrom < 0) {
                break;
            }
            clocks[bestTo] = chain(clocks[bestFrom], pair(bestFrom, bestTo), bestFrom < bestTo, origins[bestTo]);
            done[bestTo] = true;
        }
        return clocks;
    }

    private PairFit pair(int from, int to) {
        return pairs[Math.min(from, to) * points + Math.max(from, to)];
    }

    private static boolean better(PairFit a, PairFit b) {
        int byQuality = Integer.compare(a.quality().ordinal(), b.quality().ordinal());
        return byQuality != 0 ? byQuality < 0 : a.uncertainty() < b.uncertainty();
    }

    private static ClockFit chain(ClockFit known, PairFit pair, boolean forward, long origin) {
        long pairOffset = forward ? pair.offset() : -pair.offset();
        long low = forward ? pair.lower() : negated(pair.upper());
        long high = forward ? pair.upper() : negated(pair.lower());
        // The pair's drift is told by its first clock, a fit's by the point's own.
        double pairDrift = forward ? pair.drift() / (1 + pair.drift()) : -pair.drift();
        // The pair's offset holds at its own origin; carried along the drift to where this point's clock begins.
        // Its origin is a time of the pair's first clock.
        long onFirst = forward ? origin - pairOffset : origin;
        long shift = Math.round(pairDrift * (onFirst - pair.originNanos()));
        long base = known.offsetAt(origin - pairOffset - shift);
        double drift = known.drift() * (1 - pairDrift) + pairDrift;
        ClockQuality quality = known.quality() == ClockQuality.REFERENCE || pair.quality().compareTo(known.quality()) > 0 ? pair.quality()
                : known.quality();
        long widenLow = known.minOffset() == Long.MIN_VALUE ? Long.MIN_VALUE : known.minOffset() - known.offsetNanos();
        long widenHigh = known.maxOffset() == Long.MAX_VALUE ? Long.MAX_VALUE : known.maxOffset() - known.offsetNanos();
        long min = low == Long.MIN_VALUE || widenLow == Long.MIN_VALUE ? Long.MIN_VALUE : base + low + shift + widenLow;
        long max = high == Long.MAX_VALUE || widenHigh == Long.MAX_VALUE ? Long.MAX_VALUE : base + high + shift + widenHigh;
        return new ClockFit(quality, origin, base + pairOffset + shift, drift, min, max);
    }

    private static long negated(long bound) {
        return bound == Long.MIN_VALUE ? Long.MAX_VALUE : bound == Long.MAX_VALUE ? Long.MIN_VALUE : -bound;
    }
}
