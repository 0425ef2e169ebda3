package io.nattrail.clock;

/**
 * A point's clock against the reference's: {@code offset(t) = offsetNanos + drift * (t - originNanos)}; aligned time = t - offset(t).
 *
 * @param originNanos time on this clock where {@code offsetNanos} holds: the point's first packet
 * @param offsetNanos how far it is ahead
 * @param drift nanoseconds it gains in a nanosecond
 * @param minOffset least guaranteed offset; {@code Long.MIN_VALUE} if unbounded
 * @param maxOffset greatest guaranteed offset; {@code Long.MAX_VALUE} if unbounded
 */
public record ClockFit(ClockQuality quality, long originNanos, long offsetNanos, double drift, long minOffset, long maxOffset) {
    /** Nothing is known. */
    public static final ClockFit UNKNOWN = new ClockFit(ClockQuality.UNKNOWN, 0, 0, 0, Long.MIN_VALUE, Long.MAX_VALUE);

    static ClockFit reference(long originNanos) {
        return new ClockFit(ClockQuality.REFERENCE, originNanos, 0, 0, 0, 0);
    }

    /** The time on the reference's clock. */
    public long aligned(long timeNanos) {
        return timeNanos - offsetAt(timeNanos);
    }

    /** How far it is ahead at a time that it tells. */
    public long offsetAt(long timeNanos) {
        return drift == 0 ? offsetNanos : offsetNanos + Math.round(drift * (timeNanos - originNanos));
    }

    /** Whether the interval is closed on both sides. */
    public boolean bounded() {
        return minOffset != Long.MIN_VALUE && maxOffset != Long.MAX_VALUE && quality != ClockQuality.CONTRADICTORY;
    }

    /** Half the width of the interval; {@code Long.MAX_VALUE} if unbounded. */
    public long uncertaintyNanos() {
        return minOffset == Long.MIN_VALUE || maxOffset == Long.MAX_VALUE ? Long.MAX_VALUE : (maxOffset - minOffset + 1) / 2;
    }

    /** Whether the clocks surely differ. */
    public boolean surelyApart() {
        return minOffset > 0 || maxOffset < 0;
    }
}
