package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.Place;
import io.nattrail.nat.Sign;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import java.util.HashMap;
import java.util.Map;

/** The largest packets that got from one capture to another, for each pair of hosts: a path's MTU is theirs, not a connection's. */
final class FullSizePackets {
    private final CaptureSet captures;
    private final Map<HostsAtHop, Largest> passed = new HashMap<>();

    private record HostsAtHop(int from, int to, Direction direction, IpAddress sender, IpAddress receiver) {
        static HostsAtHop of(Flow flow, FlowHop hop) {
            Place place = flow.places().get(hop.from());
            boolean request = hop.direction() == Direction.REQUEST;
            FiveTuple tuple = flow.legs().get(request ? place.requestLeg() : place.replyLeg()).tuple();
            return new HostsAtHop(place.point(), flow.places().get(hop.to()).point(), hop.direction(), tuple.source().address(),
                    tuple.destination().address());
        }

        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof HostsAtHop that && from == that.from && to == that.to && direction == that.direction
                    && sender.equals(that.sender) && receiver.equals(that.receiver);
        }

        @Override
        public int hashCode() {
            return 31 * (31 * (31 * from + to) + sender.hashCode()) + receiver.hashCode();
        }
    }

    /** Payload in bytes, and when the last connection ended that had such a packet delivered. */
    private static final class Largest {
        private int bytes;
        private long end = Long.MIN_VALUE;
    }

    FullSizePackets(CaptureSet captures) {
        this.captures = captures;
    }

    void add(Flow flow, FlowHop hop) {
        if (hop.mostDeliveredBytes() < CutOff.FULL_SIZE || !flow.tcp()) {
            return;
        }
        Largest largest = passed.computeIfAbsent(HostsAtHop.of(flow, hop), h -> new Largest());
        if (hop.mostDeliveredBytes() > largest.bytes) {
            largest.bytes = hop.mostDeliveredBytes();
            largest.end = Long.MIN_VALUE;
        }
        if (hop.mostDeliveredBytes() == largest.bytes) {
            Sign narrowed = CutOff.narrowed(flow, hop);
            long end = captures.aligned(narrowed == null ? flow.end() : narrowed.frames().get(0));
            largest.end = Math.max(largest.end, end);
        }
    }

    /** Whether packets as large as those that a hop lost arrived in another connection of the same hosts that was open then, or later. */
    boolean passed(Flow flow, FlowHop broken, long since) {
        Largest largest = passed.get(HostsAtHop.of(flow, broken));
        return largest != null && largest.bytes >= broken.loss().leastBytes() && largest.end > since;
    }
}
