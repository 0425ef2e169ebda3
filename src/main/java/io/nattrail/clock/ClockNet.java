package io.nattrail.clock;

import java.util.Arrays;

/**
 * The clocks of all points of a case: crossings of every pair, and from them each point's offset to the reference along the pairs that
 * bound it best (a minimum spanning tree by uncertainty).
 */
public final class ClockNet {
    private final int points;
    private final Crossings[] pairs;
    /** How fine each point's stamps are. */
    private long[] grains;

    public ClockNet(int points) {
        this.points = points;
        this.pairs = new Crossings[points * points];
        this.grains = new long[points];
    }

    /** Allows for stamps that were rounded down to whole grains of so many nanoseconds, for each point; 0 for exact ones. */
    public ClockNet grained(long[] ofPoints) {
        grains = Arrays.copyOf(ofPoints, points);
        return this;
    }

    /** A packet was seen at {@code from}, then at {@code to}, each on its own clock. */
    public void crossed(int from, long fromNanos, int to, long toNanos) {
        int a = Math.min(from, to);
        int b = Math.max(from, to);
        Crossings crossings = pairs[a * points + b];
        if (crossings == null) {
            crossings = new Crossings();
            pairs[a * points + b] = crossings;
        }
        if (from == a) {
            crossings.add(fromNanos, toNanos, true);
        } else {
            crossings.add(toNanos, fromNanos, false);
        }
    }

    /** Whether any packet was seen at both points. */
    public boolean met(int one, int other) {
        return pairs[Math.min(one, other) * points + Math.max(one, other)] != null;
    }

    /** Whether the clocks of any two points fit no line, even if all clocks are known by way of other points. */
    public boolean contradictory() {
        for (int pair = 0; pair < pairs.length; pair++) {
            if (pairs[pair] != null && fit(pair).quality() == ClockQuality.CONTRADICTORY) {
                return true;
            }
        }
        return false;
    }

    /** Takes over what another net saw, of the same points or the first of them. */
    public void addAll(ClockNet other) {
        for (int a = 0; a < other.points; a++) {
            for (int b = a + 1; b < other.points; b++) {
                Crossings theirs = other.pairs[a * other.points + b];
                if (theirs != null) {
                    int pair = a * points + b;
                    if (pairs[pair] == null) {
                        pairs[pair] = new Crossings();
                    }
                    pairs[pair].addAll(theirs);
                }
            }
        }
    }

    /**
     * This net, with what another net of the same points saw in place of each pair whose packets crossed in the opposite order to what was
     * assumed: such crossings tell nothing of the clocks.
     */
    public ClockNet whereOrdered(ClockNet otherwise) {
        ClockNet net = new ClockNet(points).grained(grains);
        for (int pair = 0; pair < pairs.length; pair++) {
            net.pairs[pair] = disordered(pair) ? otherwise.pairs[pair] : pairs[pair];
        }
        return net;
    }

    private boolean disordered(int pair) {
        return pairs[pair] != null && pairs[pair].contradictThroughout(grains[pair / points] + grains[pair % points])
                && fit(pair).quality() == ClockQuality.CONTRADICTORY;
    }

    private PairFit fit(int pair) {
        return PairFit.of(pairs[pair], grains[pair / points], grains[pair % points]);
    }

    /**
     * Fits all clocks.
     *
     * @param reference the point whose clock is the reference
     * @param origins each point's first time, on its own clock
     */
    public ClockFit[] fit(int reference, long[] origins) {
        PairFit[] fits = new PairFit[pairs.length];
        for (int i = 0; i < pairs.length; i++) {
            fits[i] = pairs[i] == null ? null : fit(i);
        }
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
                    if (done[from] && !done[to] && pair(fits, from, to) != null
                            && (bestFrom < 0 || better(pair(fits, from, to), pair(fits, bestFrom, bestTo)))) {
                        bestFrom = from;
                        bestTo = to;
                    }
                }
            }
            if (bestFrom < 0) {
                break;
            }
            clocks[bestTo] = chain(clocks[bestFrom], pair(fits, bestFrom, bestTo), bestFrom < bestTo, origins[bestTo]);
            done[bestTo] = true;
        }
        return clocks;
    }

    private PairFit pair(PairFit[] fits, int from, int to) {
        return fits[Math.min(from, to) * points + Math.max(from, to)];
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
