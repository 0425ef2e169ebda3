package io.nattrail.deviation;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the captures are known to have missed, and whether that makes it credible that they missed one packet more. A buffer that runs over
 * loses many at a time: near a miss another is likely. Else it is as likely as misses are among all packets.
 */
final class MissedPackets {
    /** A network that loses more than one in so many is in trouble itself; a capture that misses fewer explains no packet. */
    private static final long RAREST = 10_000;
    private static final long SECOND_NANOS = 1_000_000_000L;

    private final long[] missed;
    private final long[] shown;
    private final List<Set<Long>> seconds = new ArrayList<>();

    MissedPackets(int points) {
        missed = new long[points];
        shown = new long[points];
        for (int point = 0; point < points; point++) {
            seconds.add(new HashSet<>(2));
        }
    }

    /** Notes packets of which only the number is known. */
    void add(int point, long packets) {
        missed[point] += packets;
    }

    /** Notes when one was missed, on the common clock. */
    void addMoment(int point, long timeNanos) {
        seconds.get(point).add(Math.floorDiv(timeNanos, SECOND_NANOS));
    }

    void addShown(int point, long packets) {
        shown[point] += packets;
    }

    /** Whether a point's capture may have missed a single packet that was sent at a moment of the common clock. */
    boolean mayInclude(int point, long timeNanos) {
        if (missed[point] == 0) {
            return false;
        }
        long second = Math.floorDiv(timeNanos, SECOND_NANOS);
        for (long near = second - 1; near <= second + 1; near++) {
            if (seconds.get(point).contains(near)) {
                return true;
            }
        }
        return missed[point] * RAREST >= missed[point] + shown[point];
    }
}
