package io.nattrail.clock;

import java.util.ArrayList;
import java.util.List;

/**
 * How far one clock is ahead of another, as a line over time between all bounds: offset at {@code originNanos} and drift. The line is the
 * middle of the widest strip that no bound cuts (the convex-hull method of clock synchronisation by traces); a drift is only claimed
 * where no constant offset fits.
 *
 * @param quality how sure
 * @param originNanos time of the first clock where {@code lower} and {@code upper} hold
 * @param lower least offset, {@code Long.MIN_VALUE} if unbounded
 * @param upper greatest offset, {@code Long.MAX_VALUE} if unbounded
 * @param drift nanoseconds that the second clock gains in a nanosecond
 */
record PairFit(ClockQuality quality, long originNanos, long lower, long upper, double drift) {
    /** Beyond what oscillators do; what needs more was set. */
    static final double MOST_DRIFT = 500e-6;
    /** Stamps of milliseconds, or taken on several processors, contradict each other by this much at most. */
    private static final long INEXACT_NANOS = 1_000_000L;
    private static final int SEARCH_STEPS = 100;

    static PairFit of(Crossings crossings) {
        List<Crossings.Bin> bins = new ArrayList<>(crossings.bins().values());
        boolean above = false;
        boolean below = false;
        long origin = Long.MAX_VALUE;
        for (Crossings.Bin bin : bins) {
            above |= bin.upper != Long.MAX_VALUE;
            below |= bin.lower != Long.MIN_VALUE;
            origin = bin.upper != Long.MAX_VALUE ? Math.min(origin, bin.upperTime) : origin;
            origin = bin.lower != Long.MIN_VALUE ? Math.min(origin, bin.lowerTime) : origin;
        }
        if (!above && !below) {
            return new PairFit(ClockQuality.UNKNOWN, 0, Long.MIN_VALUE, Long.MAX_VALUE, 0);
        }
        double upper = upper(bins, origin, 0);
        double lower = lower(bins, origin, 0);
        if (!above || !below) {
            return new PairFit(ClockQuality.ONE_SIDED, origin, below ? (long) lower : Long.MIN_VALUE, above ? (long) upper : Long.MAX_VALUE,
                    0);
        }
        if (upper >= lower) {
            return new PairFit(ClockQuality.BOUNDED, origin, (long) lower, (long) upper, 0);
        }
        double drift = widest(bins, origin);
        upper = upper(bins, origin, drift);
        lower = lower(bins, origin, drift);
        if (upper >= lower) {
            return new PairFit(ClockQuality.BOUNDED, origin, (long) lower, (long) upper, drift);
        }
        upper = upper(bins, origin, 0);
        lower = lower(bins, origin, 0);
        return new PairFit(lower - upper <= INEXACT_NANOS ? ClockQuality.BOUNDED : ClockQuality.CONTRADICTORY, origin, (long) upper,
                (long) lower, 0);
    }

    /** The width of the strip is a concave function of the drift: ternary search finds its maximum. */
    private static double widest(List<Crossings.Bin> bins, long origin) {
        double low = -MOST_DRIFT;
        double high = MOST_DRIFT;
        for (int i = 0; i < SEARCH_STEPS; i++) {
            double a = low + (high - low) / 3;
            double b = high - (high - low) / 3;
            if (upper(bins, origin, a) - lower(bins, origin, a) < upper(bins, origin, b) - lower(bins, origin, b)) {
                low = a;
            } else {
                high = b;
            }
        }
        return (low + high) / 2;
    }

    private static double upper(List<Crossings.Bin> bins, long origin, double drift) {
        double least = Double.POSITIVE_INFINITY;
        for (Crossings.Bin bin : bins) {
            if (bin.upper != Long.MAX_VALUE) {
                least = Math.min(least, bin.upper - drift * (bin.upperTime - origin));
            }
        }
        return least;
    }

    private static double lower(List<Crossings.Bin> bins, long origin, double drift) {
        double greatest = Double.NEGATIVE_INFINITY;
        for (Crossings.Bin bin : bins) {
            if (bin.lower != Long.MIN_VALUE) {
                greatest = Math.max(greatest, bin.lower - drift * (bin.lowerTime - origin));
            }
        }
        return greatest;
    }

    /** The best guess at the origin: the middle, or what is nearest to equal clocks where only one side is bounded. */
    long offset() {
        if (lower != Long.MIN_VALUE && upper != Long.MAX_VALUE) {
            return lower + (upper - lower) / 2;
        }
        if (lower == Long.MIN_VALUE && upper == Long.MAX_VALUE) {
            return 0;
        }
        long bound = lower == Long.MIN_VALUE ? upper : lower;
        boolean zeroFits = lower == Long.MIN_VALUE ? upper >= 0 : lower <= 0;
        // Clocks a second or more apart were never synchronised: then the bound tells more than zero.
        return zeroFits && Math.abs(bound) < 1_000_000_000L ? 0 : bound;
    }

    /** Half of what is left open; MAX_VALUE if unbounded. */
    long uncertainty() {
        return lower == Long.MIN_VALUE || upper == Long.MAX_VALUE ? Long.MAX_VALUE : (upper - lower + 1) / 2;
    }
}
