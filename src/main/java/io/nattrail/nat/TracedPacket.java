package io.nattrail.nat;

import io.nattrail.leg.Direction;
import java.util.List;

/**
 * One packet on its way, with all places that saw it: an arrow of the ladder.
 *
 * @param flags TCP flags as in {@code PacketView}; 0 for other protocols
 * @param sequence relative to the sender's initial sequence number (or first seen), unsigned 32 bit
 * @param acknowledgment relative to the other side's, unsigned 32 bit
 * @param length payload bytes on the wire
 * @param note {@code retransmission}, {@code duplicate}, {@code out-of-order}, {@code lost}, {@code keep-alive}, ... or empty
 * @param kind {@code tcp}, {@code udp}, {@code icmp 3/4} ...
 * @param sightings in the order of the path
 */
public record TracedPacket(Direction direction, String kind, int flags, long sequence, long acknowledgment, long length, String note,
        List<Sighting> sightings) {

    /**
     * The packet at one place.
     *
     * @param leg index into the flow's legs
     * @param file name of the file within the case
     * @param frame frame number as Wireshark counts
     * @param timeNanos on that point's own clock
     */
    public record Sighting(int leg, String file, long frame, long timeNanos) {
    }

    public TracedPacket {
        sightings = List.copyOf(sightings);
    }
}
