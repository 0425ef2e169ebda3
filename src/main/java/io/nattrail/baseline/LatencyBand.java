package io.nattrail.baseline;

import java.util.Locale;

/**
 * How long a step may take, as the median of its flows.
 *
 * @param minNanos 0 if it may be as quick as it likes
 */
record LatencyBand(long minNanos, long maxNanos) {
    private static final String[] UNITS = {"ns", "us", "ms", "s"};
    private static final long[] NANOS = {1, 1_000, 1_000_000, 1_000_000_000};
    /** What takes less is a matter of the scheduler, and differs from capture to capture. */
    private static final long LEAST_WRITTEN = 1_000_000;

    LatencyBand {
        if (minNanos < 0 || minNanos > maxNanos) {
            throw new IllegalArgumentException("ends before it begins");
        }
    }

    /** The next of 1, 2, 5, 10, 20, 50, ... milliseconds: a band that a new measurement of the same does not leave at once. */
    static LatencyBand above(long nanos) {
        long step = LEAST_WRITTEN;
        while (true) {
            for (long factor : new long[] {1, 2, 5}) {
                if (factor * step >= nanos) {
                    return new LatencyBand(0, factor * step);
                }
            }
            step *= 10;
        }
    }

    /**
     * Parses {@code 200us} (at most) or {@code 50us..200us}; units are ns, us, ms, s.
     *
     * @throws IllegalArgumentException if it is neither
     */
    static LatencyBand parse(String text) {
        String s = text.strip();
        int dots = s.indexOf("..");
        return dots < 0 ? new LatencyBand(0, nanos(s)) : new LatencyBand(nanos(s.substring(0, dots)), nanos(s.substring(dots + 2)));
    }

    private static long nanos(String text) {
        String s = text.strip().replace("µ", "u");
        if (!s.matches("[0-9]{1,9}(\\.[0-9]{1,9})?\\s*(ns|us|ms|s)")) {
            throw new IllegalArgumentException("'" + text.strip() + "' is no time such as 200us or 1.5ms");
        }
        int unit = UNITS.length - 1;
        while (!s.endsWith(UNITS[unit]) || unit == UNITS.length - 1 && Character.isLetter(s.charAt(s.length() - 2))) {
            unit--;
        }
        return Math.round(Double.parseDouble(s.substring(0, s.length() - UNITS[unit].length()).strip()) * NANOS[unit]);
    }

    @Override
    public String toString() {
        return minNanos == 0 ? text(maxNanos) : text(minNanos) + ".." + text(maxNanos);
    }

    /** About so much, to three digits. */
    static String roughly(long nanos) {
        long unit = 1;
        while (nanos / unit >= 1000) {
            unit *= 10;
        }
        return text((nanos + unit / 2) / unit * unit);
    }

    /** As a file has it: {@code 200us}, {@code 1.5ms}. */
    static String text(long nanos) {
        int unit = UNITS.length - 1;
        while (unit > 0 && nanos < NANOS[unit]) {
            unit--;
        }
        String number = nanos % NANOS[unit] == 0 ? Long.toString(nanos / NANOS[unit])
                : String.format(Locale.ROOT, "%.9f", (double) nanos / NANOS[unit]).replaceFirst("0+$", "");
        return number + UNITS[unit];
    }
}
