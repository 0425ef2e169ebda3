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

    /** The later of two. */
    public static int latest(int left, int right) {
        return isAfter(left, right) ? left : right;
    }
}
