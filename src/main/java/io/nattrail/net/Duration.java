package io.nattrail.net;

import java.util.Locale;

/** Nanoseconds for people: three digits that matter, in the unit that fits. */
public final class Duration {
    private Duration() {
    }

    /** For example {@code 21 µs}, {@code 1.50 ms}, {@code 3.02 s}, {@code 5 min 12 s}. */
    public static String of(long nanos) {
        long size = Math.abs(nanos);
        if (size < 1_000) {
            return nanos + " ns";
        }
        if (size < 999_500) {
            return digits(nanos / 1e3) + " \u00b5s";
        }
        if (size < 999_500_000) {
            return digits(nanos / 1e6) + " ms";
        }
        if (size < 120_000_000_000L) {
            return digits(nanos / 1e9) + " s";
        }
        long seconds = Math.round(size / 1e9);
        String text = seconds < 7200 ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds < 172_800 ? seconds / 3600 + " h " + seconds / 60 % 60 + " min"
                : seconds / 86_400 + " d " + seconds / 3600 % 24 + " h";
        return nanos < 0 ? "-" + text : text;
    }

    private static String digits(double value) {
        double size = Math.abs(value);
        return String.format(Locale.ROOT, size < 9.995 ? "%.2f" : size < 99.95 ? "%.1f" : "%.0f", value);
    }
}
