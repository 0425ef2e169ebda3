package io.nattrail.serve;

import java.util.Locale;

/** Bytes as people read and write them. */
public final class Sizes {
    private static final String UNITS = "KMGT";

    private Sizes() {
    }

    /** Three figures at most: {@code 1.5 MB}; a kilobyte has 1024 bytes, as in {@link #parse}. */
    public static String of(long bytes) {
        double value = bytes;
        int unit = -1;
        while (value >= 999.5 && unit < UNITS.length() - 1) {
            value /= 1024;
            unit++;
        }
        if (unit < 0) {
            return bytes + " bytes";
        }
        return String.format(Locale.ROOT, value < 9.95 ? "%.1f %cB" : "%.0f %cB", value, UNITS.charAt(unit));
    }

    /**
     * Parses {@code 500M}, {@code 4G}, {@code 1048576}.
     *
     * @throws IllegalArgumentException if it is no positive number of bytes
     */
    public static long parse(String text) {
        if (!text.matches("[0-9]{1,15}[KMGTkmgt]?")) {
            throw new IllegalArgumentException("'" + text + "' is no size; write 500M or 4G");
        }
        int unit = UNITS.indexOf(Character.toUpperCase(text.charAt(text.length() - 1)));
        long number = Long.parseLong(unit < 0 ? text : text.substring(0, text.length() - 1));
        long factor = 1L << 10 * (unit + 1);
        if (number == 0 || number > Long.MAX_VALUE / factor) {
            throw new IllegalArgumentException("'" + text + "' is not between 1 byte and what a disk can hold");
        }
        return number * factor;
    }
}
