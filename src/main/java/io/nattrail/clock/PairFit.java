package io.nattrail.clock;

import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * How far one clock is ahead of another, as a line over time between all bounds: offset at {@code originNanos} and drift. The line is the
 * middle of all that no bound cuts (the convex-hull method of clock synchronisation by traces); a drift is only claimed where no constant
 * offset fits.
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

    /**
     * A packet that was stamped by whole grains came up to one later than its stamp says: later at the second point puts the upper bound
     * up, at the first the lower one down.
     *
     * @param crossings at least one
     * @param first how fine the stamps of the first point are, 0 for exact ones
     * @param second the same of the second point
     */
    static PairFit of(Crossings crossings, long first, long second) {
        List<Crossings.Bin> bins = new ArrayList<>();
        for (Crossings.Bin bin : crossings.bins().values()) {
            bins.add(bin.widened(first, second));
        }
        boolean above = false;
        boolean below = false;
        long origin = Long.MAX_VALUE;
        for (Crossings.Bin bin : bins) {
            above |= bin.upper != Long.MAX_VALUE;
            below |= bin.lower != Long.MIN_VALUE;
            origin = bin.upper != Long.MAX_VALUE ? Math.min(origin, bin.upperTime) : origin;
            origin = bin.lower != Long.MIN_VALUE ? Math.min(origin, bin.lowerTime) : origin;
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
        if (strip(bins, origin, drift) >= 0) {
            return drifting(bins, origin, drift);
        }
        return new PairFit(lower - upper <= INEXACT_NANOS ? ClockQuality.BOUNDED : ClockQuality.CONTRADICTORY, origin, (long) upper,
                (long) lower, 0);
    }

    /**
     * The line in the middle of all that fit, and about it the band that all of them stay in as long as packets crossed: few packets leave
     * many drifts possible, and the true one need not be that of the widest strip.
     */
    private static PairFit drifting(List<Crossings.Bin> bins, long origin, double fitting) {
        double least = lastFitting(bins, origin, fitting, -MOST_DRIFT);
        double most = lastFitting(bins, origin, fitting, MOST_DRIFT);
        double drift = (least + most) / 2;
        long last = origin;
        for (Crossings.Bin bin : bins) {
            last = bin.upper != Long.MAX_VALUE ? Math.max(last, bin.upperTime) : last;
            last = bin.lower != Long.MIN_VALUE ? Math.max(last, bin.lowerTime) : last;
        }
        double upper = Double.NEGATIVE_INFINITY;
        double lower = Double.POSITIVE_INFINITY;
        // What the lines leave open is greatest at an end.
        for (long time : new long[] {0, last - origin}) {
            double highest = greatest(least, most, d -> upper(bins, origin, d) + (d - drift) * time);
            double lowest = -greatest(least, most, d -> -lower(bins, origin, d) - (d - drift) * time);
            upper = Math.max(upper, highest);
            lower = Math.min(lower, lowest);
        }
        return new PairFit(ClockQuality.BOUNDED, origin, (long) Math.floor(lower), (long) Math.ceil(upper), drift);
    }

    /** The drift furthest towards a limit that still fits. */
    private static double lastFitting(List<Crossings.Bin> bins, long origin, double fitting, double limit) {
        double fits = fitting;
        double beyond = limit;
        for (int i = 0; i < SEARCH_STEPS; i++) {
            double middle = (fits + beyond) / 2;
            if (strip(bins, origin, middle) >= 0) {
                fits = middle;
            } else {
                beyond = middle;
            }
        }
        return fits;
    }

    /** The drift with the widest strip, whose width is a concave function of it. */
    private static double widest(List<Crossings.Bin> bins, long origin) {
        return summit(-MOST_DRIFT, MOST_DRIFT, d -> strip(bins, origin, d));
    }

    private static double strip(List<Crossings.Bin> bins, long origin, double drift) {
        return upper(bins, origin, drift) - lower(bins, origin, drift);
    }

    private static double greatest(double from, double to, DoubleUnaryOperator concave) {
        double summit = concave.applyAsDouble(summit(from, to, concave));
        return Math.max(summit, Math.max(concave.applyAsDouble(from), concave.applyAsDouble(to)));
    }

    /** Where a concave function is greatest, by ternary search. */
    private static double summit(double from, double to, DoubleUnaryOperator concave) {
        double low = from;
        double high = to;
        for (int i = 0; i < SEARCH_STEPS; i++) {
            double a = low + (high - low) / 3;
            double b = high - (high - low) / 3;
            if (concave.applyAsDouble(a) < concave.applyAsDouble(b)) {
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
