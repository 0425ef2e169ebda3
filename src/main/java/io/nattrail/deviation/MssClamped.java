package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.path.FlowTrace;
import java.util.List;

/** The MSS option of a SYN or SYN-ACK that is smaller at a later place: a router or rule lowered it. */
final class MssClamped implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (!flow.tcp()) {
            return List.of();
        }
        for (Direction direction : Direction.values()) {
            FlowLeg before = null;
            int beforeMss = 0;
            for (int i = 0; i < flow.places().size(); i++) {
                int place = direction == Direction.REQUEST ? i : flow.places().size() - 1 - i;
                Place at = flow.places().get(place);
                FlowLeg leg = direction == Direction.REQUEST ? flow.requestLeg(at) : flow.replyLeg(at);
                int mss = leg == null ? 0 : direction == Direction.REQUEST ? leg.mss() : leg.replyMss();
                if (mss == 0) {
                    continue;
                }
                if (before != null && mss < beforeMss) {
                    return List.of(finding(trace, place, direction, before, leg, beforeMss, mss));
                }
                before = leg;
                beforeMss = mss;
            }
        }
        return List.of();
    }

    private static Finding finding(FlowTrace trace, int place, Direction direction, FlowLeg before, FlowLeg after, int from, int to) {
        boolean request = direction == Direction.REQUEST;
        List<SeenFrame> frames = List.of(request ? before.firstRequest() : before.firstReply(), request ? after.firstRequest()
                : after.firstReply());
        String left = trace.captures().point(before.point()).name();
        String point = Frames.pointOf(trace, place);
        String where = left.equals(point) ? "the MSS of the %s is %d as it comes to %s and %d as it leaves there"
                : "the MSS of the %s is %d at %s and %d at %s";
        return Finding.of(EstablishedTypes.MSS_CLAMPED, Frames.stepOf(trace, -1, place, direction), point,
                where.formatted(request ? "SYN" : "SYN-ACK", from, left, to, point), Frames.of(trace, frames));
    }
}
