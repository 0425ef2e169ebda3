package io.nattrail.net;

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
            return digits(nanos, 1_000) + " \u00b5s";
        }
        if (size < 999_500_000) {
            return digits(nanos, 1_000_000) + " ms";
        }
        if (size < 120_000_000_000L) {
            return digits(nanos, 1_000_000_000) + " s";
        }
        long seconds = Math.round(size / 1e9);
        String text = seconds < 7200 ? seconds / 60 + " min " + seconds % 60 + " s"
                : seconds < 172_800 ? seconds / 3600 + " h " + seconds / 60 % 60 + " min"
                : seconds / 86_400 + " d " + seconds / 3600 % 24 + " h";
        return nanos < 0 ? "-" + text : text;
    }

    /** By hand: what {@code String.format} loads for its first number takes longer than all else that is said of a small case. */
    private static String digits(long nanos, long unit) {
        long size = Math.abs(nanos);
        int decimals = 1_000 * size < 9_995 * unit ? 2 : 100 * size < 9_995 * unit ? 1 : 0;
        long parts = decimals == 2 ? 100 : decimals == 1 ? 10 : 1;
        long step = unit / parts;
        long rounded = (size + step / 2) / step;
        StringBuilder text = new StringBuilder(nanos < 0 ? "-" : "").append(rounded / parts);
        if (decimals > 0) {
            String fraction = Long.toString(rounded % parts);
            text.append('.').append("0".repeat(decimals - fraction.length())).append(fraction);
        }
        return text.toString();
    }
}
