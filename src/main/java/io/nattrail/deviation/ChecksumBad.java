package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/**
 * Wrong checksums of packets that came over the wire. Where the sender itself captures, the card has not yet filled them in; segments that
 * offload put together are left out already.
 */
final class ChecksumBad implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        List<Finding> findings = new ArrayList<>(0);
        for (Direction direction : Direction.values()) {
            Sign first = trace.flow().firstSign(Sign.Kind.CHECKSUM_WRONG, direction);
            if (first != null && !facts.edited().isEdited(trace.flow().places().get(first.place()).point()) && fromTheWire(trace, first)
                    && few(trace, first)) {
                findings.add(finding(trace, first));
            }
        }
        return findings;
    }

    /** The sender's own capture shows a TTL that no router has touched; the node's own output comes from its other side. */
    private static boolean fromTheWire(FlowTrace trace, Sign sign) {
        FlowLeg leg = trace.flow().legs().get(sign.leg());
        int ttl = sign.direction() == Direction.REQUEST ? leg.requestTtl() : leg.replyTtl();
        Spot spot = trace.spots().get(sign.place());
        boolean nodesOutput = sign.direction() == Direction.REQUEST ? spot == Spot.ENTRY_OUT || spot == Spot.TARGET_BRIDGE
                : spot == Spot.ENTRY_IN || spot == Spot.CALLER_BRIDGE;
        boolean sentHere = Ttl.fresh(ttl) && !arrives(trace.flow(), sign);
        return !sentHere && !nodesOutput;
    }

    private static boolean arrives(Flow flow, Sign sign) {
        for (FlowHop hop : flow.hops()) {
            if (hop.to() == sign.place() && hop.direction() == sign.direction()) {
                return true;
            }
        }
        return false;
    }

    /** Damage hits single packets; where most are wrong, somebody on the way leaves the sum to hardware. */
    private static boolean few(FlowTrace trace, Sign sign) {
        FlowLeg leg = trace.flow().legs().get(sign.leg());
        return sign.count() * 2 <= leg.distinct(sign.direction());
    }

    private static Finding finding(FlowTrace trace, Sign sign) {
        String point = Frames.pointOf(trace, sign.place());
        return Finding.of(EstablishedTypes.CHECKSUM_BAD, Frames.stepOf(trace, -1, sign.place(), sign.direction()), point,
                "%s %s to %s with a wrong checksum".formatted(sign.count() == 1 ? "one packet" : sign.count() + " packets",
                        sign.direction() == Direction.REQUEST ? "of the client came"
                                : "of the " + Frames.answerer(trace) + " came", point),
                Frames.of(trace, sign.frames()))
                .explaining(EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.INVALID_DROPPED, EstablishedTypes.RETRANSMISSION);
    }
}
