package io.nattrail.leg;

/**
 * How fine the time stamps of a capture are, by the stamps themselves: all lie whole grains apart. A converter may have kept the
 * milliseconds or the seconds only, and an old Windows stamps by its clock ticks of 15.6 ms.
 */
final class Grain {
    /** Finer ones are within what stamps of several processors differ by anyway. */
    private static final long LEAST_NANOS = 100_000L;
    private static final long SECOND_NANOS = 1_000_000_000L;
    /** So many differences have so great a common divisor by chance in one of millions of captures. */
    private static final int ENOUGH = 8;

    private long first;
    private long divisor;
    private int steps;
    private long frames;

    void add(long time) {
        if (frames++ == 0) {
            first = time;
        } else if (time != first && !fine()) {
            divisor = greatestCommon(divisor, Math.abs(time - first));
            steps++;
        }
    }

    private boolean fine() {
        return divisor > 0 && divisor < LEAST_NANOS;
    }

    /** Nanoseconds; 0 where they are as fine as clocks are compared, or too few to say. */
    long nanos() {
        if (fine() || frames < 2) {
            return 0;
        }
        // A stamp that is itself whole, by the clock, needs fewer others to tell.
        long whole = greatestCommon(SECOND_NANOS, greatestCommon(divisor, first));
        if (whole >= LEAST_NANOS && frames >= ENOUGH) {
            return whole;
        }
        return steps >= ENOUGH ? Math.min(divisor, SECOND_NANOS) : 0;
    }

    private static long greatestCommon(long a, long b) {
        long x = a;
        long y = Math.abs(b);
        while (y != 0) {
            long rest = x % y;
            x = y;
            y = rest;
        }
        return x;
    }
}
