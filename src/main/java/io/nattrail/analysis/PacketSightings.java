package io.nattrail.analysis;

import io.nattrail.wire.DecodeStatus;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/** Knows the packets of the last while again, as far as routers and NAT leave them alone. */
final class PacketSightings {
    private static final int REMEMBERED = 1 << 16;
    private static final int MOST_OF_ONE = 16;
    /** Linux waits so long at least (TCP_RTO_MIN). */
    private static final long LEAST_RETRANSMISSION_NANOS = 200_000_000L;

    private final PacketDecoder decoder = new PacketDecoder();
    private final PacketView packet = new PacketView();
    private final CRC32C crc = new CRC32C();
    private final Map<Long, Sighting> latest = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Sighting> eldest) {
            return size() > REMEMBERED;
        }
    };

    /**
     * A packet as a frame shows it.
     *
     * @param fromHigh which end of the wire sent the frame
     * @param tuple a mark of its addresses and ports
     * @param told whether its IP identification tells it from one that is sent again
     * @param before the same packet in an earlier frame, or null
     * @param number how many sightings hang together so
     */
    record Sighting(MergedCaptures.Wire wire, boolean fromHigh, int ttl, long tuple, long timeNanos, boolean told, Sighting before,
            int number) {
        /** Whether it is the same packet as another sighting's indeed; without an IP identification hosts send the like of it again. */
        boolean samePacket(Sighting other) {
            return told || Math.abs(timeNanos - other.timeNanos) < LEAST_RETRANSMISSION_NANOS;
        }

        MergedCaptures.Station sender() {
            return wire.end(fromHigh);
        }

        MergedCaptures.Station receiver() {
            return wire.end(!fromHigh);
        }
    }

    /** Decodes a frame; whether it holds an IP packet that would be known again. */
    boolean understands(FrameView frame) {
        decoder.decode(frame, packet);
        return packet.stopLayer() == PacketView.LAYER_TRANSPORT || packet.status() == DecodeStatus.LATER_FRAGMENT;
    }

    /**
     * Whether the packet that was understood last is of TCP: nothing else has numbers that tell it from any other's under another tuple.
     */
    boolean tcp() {
        return packet.tcp();
    }

    /** Whether the packet that was understood last has one of these TCP flags. */
    boolean has(int flags) {
        return (packet.flags() & flags) != 0;
    }

    /** Notes the packet that was understood last. */
    Sighting add(MergedCaptures.Wire wire, boolean fromHigh, long timeNanos) {
        PacketView p = packet;
        long tuple = mix(mix(mix(mix(mix(p.sourceHigh()) ^ p.sourceLow()) ^ p.destinationHigh()) ^ p.destinationLow())
                ^ ((long) p.protocol() << 32 | (long) p.sourcePort() << 16 | p.destinationPort()));
        long shape = (long) p.identification() << 48 ^ (long) p.fragmentOffset() << 24 ^ p.payloadLength();
        long print;
        if (p.tcp() && p.fragmentOffset() == 0) {
            long numbers = (long) p.sequence() << 32 | p.acknowledgment() & 0xffffffffL;
            print = mix(mix(mix(numbers) ^ shape) ^ ((long) p.tsVal() << 32 | p.flags()));
        } else {
            crc.reset();
            crc.update(p.buffer(), p.payloadStart(), p.payloadCaptured());
            boolean translatable = p.udp() && p.identification() != 0 && p.fragmentOffset() == 0;
            print = mix(mix((translatable ? 0 : tuple) ^ shape) ^ (crc.getValue() << 8 | p.icmpType()));
        }
        Sighting before = latest.get(print);
        if (before != null && before.number() == MOST_OF_ONE) {
            before = null;
        }
        Sighting now = new Sighting(wire, fromHigh, p.ttl(), tuple, timeNanos, p.identification() != 0, before,
                before == null ? 1 : before.number() + 1);
        latest.put(print, now);
        return now;
    }

    /** Spreads a number over all bits. */
    static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }
}
