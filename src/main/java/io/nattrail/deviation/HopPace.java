package io.nattrail.deviation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/** How long packets usually take over hops of one kind, by the median delay of each flow, and when it was much longer. */
final class HopPace {
    /** In widths of the middle half of the delays. */
    private static final int FAR_APART = 5;

    private final Delays medians = new Delays();
    private final long slowNanos;
    private long[] arrivals = new long[16];
    /** How many of the delays, by size, are those of the usual way. */
    private int usualCount;
    private int slowMoments;

    /** @param slowNanos how much more than the usual delay is slow */
    HopPace(long slowNanos) {
        this.slowNanos = slowNanos;
    }

    /** @param arrival of the packet with the median delay, on the receiving place's clock */
    void add(long median, long arrival) {
        if (medians.count() == arrivals.length) {
            arrivals = Arrays.copyOf(arrivals, arrivals.length * 2);
        }
        arrivals[medians.count()] = arrival;
        medians.add(median);
    }

    /** To be called once all were added, and before anything is asked. */
    void seal() {
        Delays asAdded = medians.copy();
        medians.sort();
        usualCount = usualCount();
        slowMoments = slowMoments(asAdded);
        arrivals = null;
    }

    int flows() {
        return medians.count();
    }

    long usual() {
        return medians.quantile(0.5);
    }

    /** Whether a delay is much longer than usual. */
    boolean isSlow(long delay) {
        return delay - usual() > slowNanos;
    }

    /** How far the middle half of the usual delays lie apart. */
    long spread() {
        return middleHalf(usualCount);
    }

    /**
     * At how many moments packets were slow. What a CPU or a queue holds back until it goes on is one of them, however many flows have
     * their median packet in it: all that was sent while the first of these was under way.
     */
    int slowMoments() {
        return slowMoments;
    }

    /**
     * A gap that is much wider than the usual delays lie apart parts a slower group from them, such as what takes a slow one of several
     * equal paths. More than half are usual, whatever gaps there are.
     */
    private int usualCount() {
        int part = flows();
        for (int i = flows() / 2 + 1; i < flows(); i++) {
            if (part == flows() || gapBefore(i) > gapBefore(part)) {
                part = i;
            }
        }
        return part < flows() && gapBefore(part) > FAR_APART * middleHalf(part) ? part : flows();
    }

    private long gapBefore(int number) {
        return medians.get(number) - medians.get(number - 1);
    }

    private long middleHalf(int first) {
        return medians.get((int) (0.75 * first)) - medians.get((int) (0.25 * first));
    }

    private int slowMoments(Delays asAdded) {
        List<long[]> slow = new ArrayList<>(0);
        for (int i = 0; i < flows(); i++) {
            if (isSlow(asAdded.get(i))) {
                slow.add(new long[] {arrivals[i] - (asAdded.get(i) - usual()), arrivals[i]});
            }
        }
        slow.sort(Comparator.comparingLong(fromTo -> fromTo[0]));
        int moments = 0;
        long end = Long.MIN_VALUE;
        for (long[] fromTo : slow) {
            if (moments == 0 || fromTo[0] > end) {
                moments++;
                end = fromTo[1];
            }
        }
        return moments;
    }
}
