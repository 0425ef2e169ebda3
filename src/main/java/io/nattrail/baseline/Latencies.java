package io.nattrail.baseline;

import java.util.Map;
import java.util.TreeMap;

/**
 * Latencies of one step over many flows, in classes of at most 1/16 of their value: their median needs no more, and memory does not grow
 * with the number of flows.
 */
final class Latencies {
    private static final int PARTS = 16;
    private static final int BITS = 4;

    private final TreeMap<Integer, Long> classes = new TreeMap<>();
    private long count;

    /** Adds one, nanoseconds; less than nothing is what the clocks leave open, and counts as nothing. */
    void add(long nanos) {
        classes.merge(classOf(Math.max(0, nanos)), 1L, Long::sum);
        count++;
    }

    void addAll(Latencies other) {
        other.classes.forEach((index, number) -> classes.merge(index, number, Long::sum));
        count += other.count;
    }

    /** The lower median, rounded down to its class; nanoseconds. */
    long medianNanos() {
        long seen = 0;
        for (Map.Entry<Integer, Long> entry : classes.entrySet()) {
            seen += entry.getValue();
            if (2 * seen >= count) {
                return leastOf(entry.getKey());
            }
        }
        throw new IllegalStateException("no latency, no median");
    }

    private static int classOf(long nanos) {
        if (nanos < PARTS) {
            return (int) nanos;
        }
        int exponent = 63 - Long.numberOfLeadingZeros(nanos);
        return (exponent - BITS + 1) * PARTS + (int) (nanos >>> exponent - BITS & PARTS - 1);
    }

    private static long leastOf(int index) {
        if (index < PARTS) {
            return index;
        }
        int exponent = index / PARTS + BITS - 1;
        return 1L << exponent | (long) (index % PARTS) << exponent - BITS;
    }
}
