package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;

/**
 * Where the packets of a TCP connection went no further for good, so that those of several can be compared ({@link Ways}): what ends all
 * of a way at one moment is an outage of the way.
 *
 * @param from the last place that showed them
 * @param since the first that went no further, on the common clock
 * @param fresh whether it never was answered at all
 */
public record Ending(Spot from, Direction direction, long since, boolean fresh) {
    /** Null where a flow did not end so. */
    static Ending of(FlowTrace trace) {
        Flow flow = trace.flow();
        if (!flow.tcp()) {
            return null;
        }
        if (!flow.story().clientSawSynAck()) {
            return flow.sign(Sign.Kind.SYN_REPEATED) == null || flow.sign(Sign.Kind.RESET) != null
                    || !Complaint.of(flow).isEmpty() ? null : unanswered(trace);
        }
        for (Direction direction : Direction.values()) {
            FlowHop broken = CutOff.worstHop(flow, direction);
            if (broken != null && !broken.lastArrived() && !CutOff.complainedOf(trace, broken)) {
                return new Ending(trace.spots().get(broken.from()), direction,
                        trace.captures().aligned(broken.loss().frames().get(0)), false);
            }
        }
        return null;
    }

    private static Ending unanswered(FlowTrace trace) {
        Flow flow = trace.flow();
        for (int place = 0; place < flow.places().size(); place++) {
            FlowLeg leg = flow.replyLeg(flow.places().get(place));
            if (leg != null) {
                return new Ending(trace.spots().get(place), Direction.REPLY, trace.captures().aligned(leg.firstReply()), true);
            }
        }
        int last = flow.places().size() - 1;
        return new Ending(trace.spots().get(last), Direction.REQUEST, trace.captures().aligned(trace.firstFrame(last, Direction.REQUEST)),
                true);
    }

    /** When a packet of a flow was last known to pass its whole way, on the common clock; MIN_VALUE if nothing tells. */
    static long lastPassed(FlowTrace trace, Ending ending) {
        Sign silence = trace.flow().sign(Sign.Kind.SILENCE);
        if (!trace.flow().story().clientSawSynAck()) {
            return Long.MIN_VALUE;
        }
        if (ending == null && trace.flow().sign(Sign.Kind.SENT_IN_VAIN) == null && trace.flow().sign(Sign.Kind.ANSWERED_IN_VAIN) == null) {
            return trace.captures().aligned(trace.flow().end());
        }
        return silence == null ? Long.MIN_VALUE : trace.captures().aligned(silence.frames().get(0));
    }

    /** Whether it is on the client's side of the entry node: what took the same way is the client's, not the endpoint's. */
    boolean atCaller() {
        return direction == Direction.REQUEST ? beforeEntry(from) : from == Spot.ENTRY_IN;
    }

    private static boolean beforeEntry(Spot spot) {
        return spot == Spot.CLIENT || spot == Spot.CALLER_POD || spot == Spot.CALLER_BRIDGE;
    }
}
