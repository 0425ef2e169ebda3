package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;

/**
 * Points that show no packet but SYN, FIN and RST, as a filter of flags does: they show data nowhere, so that what of it they lack is not
 * lost before them. A point further on may tell.
 */
final class FlagsOnly {
    private FlagsOnly() {
    }

    /**
     * A hop as far as captures tell what it lost: itself, or up to the next point that shows data and does not show these; null if every
     * point from its end on may hide them.
     */
    static FlowHop telling(FlowTrace trace, FlowHop hop, CaseFacts facts) {
        Flow flow = trace.flow();
        Place end = flow.places().get(hop.to());
        if (!flow.tcp() || facts.points().showsMoreThanSyns(end.point()) || handshakeRepeated(trace, hop)) {
            return hop;
        }
        int step = hop.direction() == Direction.REQUEST ? 1 : -1;
        for (int place = hop.to() + step; place >= 0 && place < flow.places().size(); place += step) {
            if (tells(trace, hop, place, facts)) {
                return hop.upTo(place);
            }
        }
        return null;
    }

    /** Why nobody knows what became of data that a hop may have lost, and what to capture; null where no filter of flags is the reason. */
    static String whyUnknown(FlowTrace trace, CaseFacts facts) {
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.loss().data() > hop.loss().flagged().size() && telling(trace, hop, facts) == null) {
                return "%s shows no segment but those with the flags SYN, FIN and RST, so that nobody knows whether the data that left %s "
                        .formatted(Frames.pointOf(trace, hop.to()), Frames.pointOf(trace, hop.from()))
                        + "came there; capture there again with a filter that shows all segments";
            }
        }
        return null;
    }

    private static boolean tells(FlowTrace trace, FlowHop hop, int place, CaseFacts facts) {
        Place at = trace.flow().places().get(place);
        FlowLeg leg = hop.direction() == Direction.REQUEST ? trace.flow().requestLeg(at) : trace.flow().replyLeg(at);
        if (leg == null || !facts.points().showsMoreThanSyns(at.point())) {
            return false;
        }
        for (SeenFrame frame : hop.loss().frames()) {
            if (trace.captures().coverage(frame.point(), frame.timeNanos(), at.point()) != Coverage.SURE) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether the endpoint sent its SYN-ACK again there after what the hop lost, which acknowledges it: the endpoint did not get that
     * (RFC 9293, section 3.10.7.3). No filter is at work where other protocols show.
     */
    private static boolean handshakeRepeated(FlowTrace trace, FlowHop hop) {
        Sign again = trace.flow().sign(Sign.Kind.SYN_ACK_REPEATED);
        int point = trace.flow().places().get(hop.to()).point();
        if (again == null || hop.loss().frames().isEmpty() || hop.direction() != Direction.REQUEST
                || again.place() < hop.to() || trace.captures().looksFiltered(point)) {
            return false;
        }
        SeenFrame last = again.frames().get(again.frames().size() - 1);
        return trace.captures().aligned(last) > trace.captures().aligned(hop.loss().frames().get(0));
    }
}
