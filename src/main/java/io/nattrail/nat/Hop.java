package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import java.util.List;

/**
 * What happened to a flow's packets between two neighbouring places, in one direction.
 *
 * @param from point where they were seen first
 * @param to point where they should be seen next; the same point for the way through the NAT inside one capture
 * @param sent packets at {@code from}, copies made by capturing not counted
 * @param delivered packets found again at {@code to}
 * @param lost packets not found although the capture could have shown them
 * @param hidden packets not found where the capture could not have shown them
 * @param duplicated packets that arrived more than once
 * @param reordered packets that arrived after a later one
 * @param altered packets that arrived with other payload
 * @param minDelayNanos least delay, clocks apart as they were at their first packets; 0 if nothing was delivered
 * @param medianDelayNanos the median of them
 * @param maxDelayNanos the greatest
 * @param lostFrames the first few frames that did not arrive, where they were seen
 */
public record Hop(String from, String to, Direction direction, long sent, long delivered, long lost, long hidden, long duplicated,
        long reordered, long altered, long minDelayNanos, long medianDelayNanos, long maxDelayNanos, List<FrameRef> lostFrames) {
    public Hop {
        lostFrames = List.copyOf(lostFrames);
    }

    /** Whether both places are in one capture, so that one clock stamped both and the delay is exact. */
    public boolean insideOnePoint() {
        return from.equals(to);
    }

    /** Whether surely nothing arrived of what was sent: then nothing came of what follows on this way, whatever was captured there. */
    public boolean lostAll() {
        return delivered == 0 && lost > 0 && hidden == 0;
    }
}
