package io.nattrail.leg;

import java.util.Arrays;

/** What the time stamps of a capture point's frames say of its capture: from when to when it ran, how fine they are, and its silences. */
final class PointTimes {
    /** Who stops a capture and starts it again, or loses files of a ring, does so a few times; what lasts less may be a pause of all. */
    private static final int MOST_SILENCES = 8;
    private static final long LEAST_SILENCE_NANOS = 100_000_000L;

    private final Grain grain = new Grain();
    private long last;
    private long first = Long.MAX_VALUE;
    private long latest = Long.MIN_VALUE;
    private long longestSilence;
    /** Beginnings and ends of the longest silences, in no order; how many there are. */
    private final long[] silences = new long[2 * MOST_SILENCES];
    private int silenceCount;

    /** Takes the time stamp of the next frame. */
    void add(long time) {
        if (latest != Long.MIN_VALUE) {
            longestSilence = Math.max(longestSilence, time - last);
            if (time - last >= LEAST_SILENCE_NANOS) {
                silence(time);
            }
        }
        last = time;
        grain.add(time);
        first = Math.min(first, time);
        latest = Math.max(latest, time);
    }

    private void silence(long end) {
        int at = silenceCount;
        if (silenceCount < MOST_SILENCES) {
            silenceCount++;
        } else {
            at = 0;
            for (int i = 1; i < MOST_SILENCES; i++) {
                at = silences[2 * i + 1] - silences[2 * i] < silences[2 * at + 1] - silences[2 * at] ? i : at;
            }
            if (silences[2 * at + 1] - silences[2 * at] >= end - last) {
                return;
            }
        }
        silences[2 * at] = last;
        silences[2 * at + 1] = end;
    }

    /** Earliest time stamp; {@code Long.MAX_VALUE} without frames. */
    long first() {
        return first;
    }

    /** Latest time stamp; {@code Long.MIN_VALUE} without frames. */
    long latest() {
        return latest;
    }

    /** How fine the time stamps are, nanoseconds; 0 for as fine as clocks are compared. */
    long grain() {
        return grain.nanos();
    }

    /** The longest time without any frame, nanoseconds. */
    long longestSilence() {
        return longestSilence;
    }

    /** The longest times without any frame, beginnings and ends in turn; of a capture whose clock was set, none. */
    long[] silences() {
        return Arrays.copyOf(silences, 2 * silenceCount);
    }

    /**
     * The clock was set during the capture, and that is undone.
     *
     * @param ahead how far it was set ahead, nanoseconds
     * @param undoneFirst the earliest time among what is left
     * @param undoneLatest the latest one
     */
    void undo(long ahead, long undoneFirst, long undoneLatest) {
        last -= ahead;
        first = ahead < 0 ? undoneFirst : first;
        latest = undoneLatest;
        longestSilence -= longestSilence >= ahead && ahead > 0 ? ahead : 0;
        silenceCount = 0;
    }
}
