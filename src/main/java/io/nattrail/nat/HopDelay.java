package io.nattrail.nat;

/**
 * How long packets took over a {@link FlowHop}; all is 0 where none arrived.
 *
 * @param leastNanos by clocks as far apart as they were when the packet with the median delay passed, like the median and the greatest
 * @param medianAt when the packet with the median delay arrived, on the receiving place's clock
 * @param firstNanos of the first packet that arrived, by the clocks as they are
 * @param slowest the frame with the greatest delay where it arrived; null without delivery
 */
public record HopDelay(long leastNanos, long medianNanos, long medianAt, long greatestNanos, long firstNanos, SeenFrame slowest) {
    static final HopDelay NONE = new HopDelay(0, 0, 0, 0, 0, null);
}
