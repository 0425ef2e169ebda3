package io.nattrail.nat;

import java.util.List;

/**
 * What did not arrive over a {@link FlowHop}, or does not show.
 *
 * @param packets not found although the capture could have shown them
 * @param data of these, those with payload, SYN or FIN
 * @param old of these, those whose bytes had been sent before, or are far outside of what was sent, or acknowledge what was never sent:
 *     conntrack calls them INVALID
 * @param leastBytes the smallest payload among the lost packets with payload; 0 if none had any
 * @param hidden not found where the capture could not have shown them
 * @param missed not found although they must have passed: a later place shows them, or the receiver acknowledged what was sent only once.
 *     The capture lost them, not the network
 * @param frames the first few of the lost, where they were seen
 * @param flagged the first few of the lost that have SYN or FIN, which every filter of flags shows, or RST where others came
 * @param missedFrames the first few of the missed, where they were seen
 */
public record HopLoss(long packets, long data, long old, int leastBytes, long hidden, long missed, List<SeenFrame> frames,
        List<SeenFrame> flagged, List<SeenFrame> missedFrames) {
    /** Nothing: so it is over most hops. */
    static final HopLoss NONE = new HopLoss(0, 0, 0, 0, 0, 0, List.of(), List.of(), List.of());
}
