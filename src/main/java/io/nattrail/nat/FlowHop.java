package io.nattrail.nat;

import io.nattrail.leg.Direction;
import java.util.List;

/**
 * What happened to a flow's packets between two places that both saw it, in one direction.
 *
 * @param from index of the place nearer to the sender
 * @param to index of the place nearer to the receiver
 * @param sent packets at {@code from}
 * @param delivered of them found again at {@code to}
 * @param lost not found although the capture could have shown them
 * @param lostData of the lost, those with payload, SYN or FIN
 * @param lostOld of the lost, those whose bytes had been sent before, or are far outside of what was sent, or acknowledge what was
 *     never sent: conntrack calls them INVALID
 * @param leastLostBytes the smallest payload among the lost packets with payload; 0 if none had any
 * @param mostDeliveredBytes the largest payload among the delivered
 * @param hidden not found where the capture could not have shown them
 * @param missed not found although they must have passed: a later place shows them, or the receiver acknowledged what was sent only once.
 *     The capture lost them, not the network
 * @param compared of the delivered, those of which both places hold the whole payload, or one before a cut capture does
 * @param appeared packets at {@code to} that were not at {@code from} and are no copies
 * @param lastArrived whether the last packet sent was delivered
 * @param resegmented whether offload merged or split segments on the way
 * @param minDelayNanos by clocks as far apart as they were when the packet with the median delay passed, like the median and the greatest;
 *     0 without delivery
 * @param medianAt when that packet arrived, on the receiving place's clock; 0 without delivery
 * @param firstDelayNanos raw delay of the first packet that was delivered
 * @param lostFrames the first few of the lost, where they were seen
 * @param lostFlagged the first few of the lost that have SYN or FIN, which every filter of flags shows, or RST where others came
 * @param lateFrames the first few that came out of order, where they arrived
 * @param duplicateFrames the first few copies, where they arrived
 * @param alteredFrames the first few altered, in pairs: as sent, as received
 * @param slowest the frame with the greatest delay where it arrived; null without delivery
 */
public record FlowHop(int from, int to, Direction direction, long sent, long delivered, long lost, long lostData, long lostOld,
        int leastLostBytes, int mostDeliveredBytes, long hidden, long missed, long duplicated, long reordered, long altered, long compared,
        long appeared, boolean lastArrived, boolean resegmented, long minDelayNanos, long medianDelayNanos, long medianAt,
        long maxDelayNanos, long firstDelayNanos, List<SeenFrame> lostFrames, List<SeenFrame> lostFlagged,
        List<SeenFrame> missedFrames, List<SeenFrame> lateFrames, List<SeenFrame> duplicateFrames, List<SeenFrame> alteredFrames,
        SeenFrame slowest) {
    /** The same up to a place further on, which does not show what was lost either. */
    public FlowHop upTo(int place) {
        return new FlowHop(from, place, direction, sent, delivered, lost, lostData, lostOld, leastLostBytes, mostDeliveredBytes, hidden,
                missed, duplicated, reordered, altered, compared, appeared, lastArrived, resegmented, minDelayNanos, medianDelayNanos,
                medianAt, maxDelayNanos, firstDelayNanos, lostFrames, lostFlagged, missedFrames, lateFrames, duplicateFrames, alteredFrames,
                slowest);
    }
}
