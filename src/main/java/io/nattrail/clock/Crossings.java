package io.nattrail.clock;

import java.util.Map;
import java.util.TreeMap;

/**
 * Packets that were seen at two points, kept as what bounds the clocks: in each second the least and the greatest difference of the two
 * time stamps. A packet from a to b arrives after it left, so the difference is at least how far b's clock is ahead; one from b to a gives
 * the bound from the other side.
 */
final class Crossings {
    private static final long BIN_NANOS = 1_000_000_000L;

    private final Map<Long, Bin> bins = new TreeMap<>();
    private long lastBin = Long.MIN_VALUE;
    private Bin last;

    /** The bounds of one second of a's clock; {@code upper} is MAX_VALUE, {@code lower} MIN_VALUE where nothing bounds. */
    static final class Bin {
        long upperTime;
        long upper = Long.MAX_VALUE;
        long lowerTime;
        long lower = Long.MIN_VALUE;

        /** These bounds, each put outwards; itself where there is nothing to add. */
        Bin widened(long below, long above) {
            if (below == 0 && above == 0) {
                return this;
            }
            Bin wide = new Bin();
            wide.upperTime = upperTime;
            wide.upper = upper == Long.MAX_VALUE ? upper : upper + above;
            wide.lowerTime = lowerTime;
            wide.lower = lower == Long.MIN_VALUE ? lower : lower - below;
            return wide;
        }
    }

    /**
     * A packet seen at both points.
     *
     * @param aNanos at the first point, its clock
     * @param bNanos at the second point, its clock
     * @param forward whether it went from the first to the second
     */
    void add(long aNanos, long bNanos, boolean forward) {
        long key = Math.floorDiv(aNanos, BIN_NANOS);
        if (key != lastBin) {
            last = bins.computeIfAbsent(key, k -> new Bin());
            lastBin = key;
        }
        long difference = bNanos - aNanos;
        if (forward) {
            if (difference < last.upper) {
                last.upper = difference;
                last.upperTime = aNanos;
            }
        } else if (difference > last.lower) {
            last.lower = difference;
            last.lowerTime = aNanos;
        }
    }

    /** Takes over what another collection saw. */
    void addAll(Crossings other) {
        other.bins.forEach((key, theirs) -> {
            Bin mine = bins.computeIfAbsent(key, k -> new Bin());
            if (theirs.upper < mine.upper) {
                mine.upper = theirs.upper;
                mine.upperTime = theirs.upperTime;
            }
            if (theirs.lower > mine.lower) {
                mine.lower = theirs.lower;
                mine.lowerTime = theirs.lowerTime;
            }
        });
    }

    Map<Long, Bin> bins() {
        return bins;
    }

    /**
     * Whether the two directions contradict each other in most seconds that bound both sides. A clock that was set contradicts itself only
     * over the moment when it was; throughout, the packets went the other way round.
     *
     * @param grains how far stamps that were rounded down may be off, those of both points taken together
     */
    boolean contradictThroughout(long grains) {
        int both = 0;
        int contradictory = 0;
        for (Bin bin : bins.values()) {
            if (bin.upper != Long.MAX_VALUE && bin.lower != Long.MIN_VALUE) {
                both++;
                contradictory += bin.lower - grains > bin.upper ? 1 : 0;
            }
        }
        return contradictory > both / 2;
    }
}
