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
 * @param mostDeliveredBytes the largest payload among the delivered
 * @param lastArrived whether the last packet sent was delivered
 * @param resegmented whether offload merged or split segments on the way
 * @param compared of the delivered, those of which both places hold the whole payload, or one before a cut capture does
 * @param appeared packets at {@code to} that were not at {@code from} and are no copies
 * @param lateFrames the first few that came out of order, where they arrived
 * @param duplicateFrames the first few copies, where they arrived
 * @param alteredFrames the first few altered, in pairs: as sent, as received
 */
public record FlowHop(int from, int to, Direction direction, long sent, long delivered, int mostDeliveredBytes, boolean lastArrived,
        boolean resegmented, HopLoss loss, HopDelay delay, long duplicated, long reordered, long altered, long compared, long appeared,
        List<SeenFrame> lateFrames, List<SeenFrame> duplicateFrames, List<SeenFrame> alteredFrames) {
    /** The same up to a place further on, which does not show what was lost either. */
    public FlowHop upTo(int place) {
        return new FlowHop(from, place, direction, sent, delivered, mostDeliveredBytes, lastArrived, resegmented, loss, delay, duplicated,
                reordered, altered, compared, appeared, lateFrames, duplicateFrames, alteredFrames);
    }
}
