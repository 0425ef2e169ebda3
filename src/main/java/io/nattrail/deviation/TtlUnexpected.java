package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/**
 * The TTL of one sender's packets changed on the way while the flow was alive: the path became longer or shorter, or another machine sent.
 */
final class TtlUnexpected implements Detector {
    private static final int LEAST_TO_STAND_OUT = 2;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        List<Finding> findings = new ArrayList<>(0);
        if (trace.flow().sign(Sign.Kind.RELAYED) != null) {
            // The node made the handshake itself, in either end's name.
            return findings;
        }
        for (Direction direction : Direction.values()) {
            Sign first = trace.flow().firstSign(Sign.Kind.TTL_CHANGED, direction);
            if (first != null) {
                changed(trace, first, findings);
            }
        }
        insideNode(trace, findings);
        return findings;
    }

    private static void changed(FlowTrace trace, Sign sign, List<Finding> findings) {
        FlowLeg leg = trace.flow().legs().get(sign.leg());
        int usual = sign.direction() == Direction.REQUEST ? leg.requestTtl() : leg.replyTtl();
        boolean sendersOwnChoice = Ttl.fresh(usual) && Ttl.fresh(sign.value());
        if (sendersOwnChoice || sign.direction() == Direction.REPLY && twoEndpointsAnswered(trace)) {
            return;
        }
        String point = Frames.pointOf(trace, sign.place());
        findings.add(Finding.of(EstablishedTypes.TTL_UNEXPECTED, Frames.stepOf(trace, -1, sign.place(), sign.direction()), point,
                "the TTL of %s at %s is %d, and %d in %s".formatted(sign.direction() == Direction.REQUEST ? "the client's packets"
                        : "the answers", point, usual, sign.value(), sign.count() == 1 ? "one of them" : sign.count() + " of them"),
                Frames.of(trace, sign.frames())));
    }

    /** Whether a SYN was answered by another endpoint than the one that it went to when it came again. */
    private static boolean twoEndpointsAnswered(FlowTrace trace) {
        for (FlowLeg leg : trace.flow().legs()) {
            if (leg.relation() == Relation.REMAPPED && leg.syns() > 0 && leg.replies() > 0) {
                return true;
            }
        }
        return false;
    }

    /** From one side of a node's translation to the other it is forwarded once; more is a loop, or further machines on the node. */
    private static void insideNode(FlowTrace trace, List<Finding> findings) {
        FlowLeg in = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        FlowLeg out = trace.leg(Spot.ENTRY_OUT, Direction.REQUEST);
        if (in == null || out == null || in.point() != out.point() || in.requestTtl() < 0 || out.requestTtl() < 0) {
            return;
        }
        int fell = in.requestTtl() - out.requestTtl();
        if (fell >= LEAST_TO_STAND_OUT) {
            findings.add(Finding.of(EstablishedTypes.TTL_UNEXPECTED, "1.2", Frames.point(trace, Spot.ENTRY_OUT),
                    "the TTL fell by %d inside the node, from %d to %d".formatted(fell, in.requestTtl(), out.requestTtl()),
                    Frames.of(trace, List.of(in.firstRequest(), out.firstRequest()))).as(Severity.INFO));
        }
    }
}
