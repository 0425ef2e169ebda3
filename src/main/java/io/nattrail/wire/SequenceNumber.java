package io.nattrail.wire;

/** Serial number arithmetic (RFC 1982) over 32 bits, as TCP sequence numbers and timestamps need it: they wrap. */
public final class SequenceNumber {
    private SequenceNumber() {
    }

    /** True if {@code left} is later than {@code right}, less than half the number space ahead. */
    public static boolean isAfter(int left, int right) {
        return left - right > 0;
    }

    public static boolean isAfterOrEqual(int left, int right) {
        return left - right >= 0;
    }

    public static boolean isBefore(int left, int right) {
        return left - right < 0;
    }

    public static boolean isBeforeOrEqual(int left, int right) {
        return left - right <= 0;
    }

    /** How far {@code to} is ahead of {@code from}; negative if it is behind. */
    public static int distance(int from, int to) {
        return to - from;
    }

    /** The later of two. */
    public static int latest(int left, int right) {
        return isAfter(left, right) ? left : right;
    }

    /** True if {@code number} lies in the window of {@code length} numbers that begins at {@code first}; {@code length} is unsigned. */
    public static boolean isWithin(int number, int first, int length) {
        return Integer.compareUnsigned(number - first, length) < 0;
    }
}
