package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/** Picks the frames that prove a finding. */
final class Frames {
    private Frames() {
    }

    /** Frames of a leg's requests that are worth showing: the first, those that repeat it where they are noted, and the last
     * where nothing answered. */
    static List<FrameRef> requests(FlowTrace trace, Spot spot) {
        FlowLeg leg = trace.leg(spot, Direction.REQUEST);
        List<SeenFrame> frames = new ArrayList<>();
        if (leg != null && leg.firstRequest() != null) {
            frames.add(leg.firstRequest());
        }
        int place = trace.placeAt(spot);
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() == Sign.Kind.SYN_REPEATED && sign.place() == place) {
                frames.addAll(sign.frames());
            }
        }
        if (leg != null && leg.replies() == 0 && leg.last() != null) {
            frames.add(leg.last());
        }
        return trace.captures().refs(frames);
    }

    static List<FrameRef> replies(FlowTrace trace, Spot spot) {
        FlowLeg leg = trace.leg(spot, Direction.REPLY);
        return leg == null || leg.firstReply() == null ? List.of() : trace.captures().refs(List.of(leg.firstReply()));
    }

    /** The flow's first frame: proof at least that it was. */
    static List<FrameRef> first(FlowTrace trace) {
        return trace.captures().refs(List.of(trace.flow().start()));
    }

    static List<FrameRef> of(FlowTrace trace, List<SeenFrame> frames) {
        return trace.captures().refs(frames);
    }

    static List<FrameRef> join(List<FrameRef> a, List<FrameRef> b) {
        List<FrameRef> all = new ArrayList<>(a);
        for (FrameRef frame : b) {
            if (!all.contains(frame)) {
                all.add(frame);
            }
        }
        return all;
    }

    /** The name of a spot's capture point for this flow, or null. */
    static String point(FlowTrace trace, Spot spot) {
        int place = trace.placeAt(spot);
        return place < 0 ? null : pointOf(trace, place);
    }

    static String pointOf(FlowTrace trace, int place) {
        return trace.captures().point(trace.flow().places().get(place).point()).name();
    }

    /** The step that a hop into a place belongs to. */
    static String stepOf(FlowTrace trace, int from, int to, Direction direction) {
        Spot end = trace.spots().get(to);
        if (direction == Direction.REQUEST) {
            return switch (end) {
                case CLIENT, CALLER_POD, CALLER_BRIDGE, ENTRY_IN -> "1.1";
                case ENTRY_OUT -> "1.3";
                case TARGET_ETH0 -> "1.4";
                case TARGET_BRIDGE, ENDPOINT_POD -> trace.placeAt(Spot.TARGET_ETH0) >= 0 || Boolean.TRUE.equals(trace.local())
                        || from >= 0 && trace.spots().get(from) == Spot.TARGET_BRIDGE ? "1.5" : "1.4";
            };
        }
        return switch (end) {
            case CLIENT, CALLER_POD, CALLER_BRIDGE, ENTRY_IN -> "2.0";
            case ENTRY_OUT, TARGET_ETH0, TARGET_BRIDGE, ENDPOINT_POD -> "1.6";
        };
    }

    /** Whether the packets of the flow were ever seen at a spot, in any direction. */
    static boolean touched(FlowTrace trace, Spot spot) {
        return trace.seen(spot, Direction.REQUEST) || trace.seen(spot, Direction.REPLY);
    }

    /** Bytes of IP and transport header before the data: a TCP that stamps its segments adds twelve (RFC 7323, appendix A). */
    static int headers(Flow flow) {
        int ip = flow.original().source().address().v6() ? 40 : 20;
        boolean stamped = false;
        for (FlowLeg leg : flow.legs()) {
            stamped |= leg.lastStamp() != 0;
        }
        return ip + (flow.tcp() ? stamped ? 32 : 20 : 8);
    }

    static String text(Flow flow) {
        return flow.original().toString();
    }

    /** For people: 850 us, 12.4 ms, 3.1 s. */
    static String time(long nanos) {
        double abs = Math.abs((double) nanos);
        if (abs < 1e6) {
            return String.format(java.util.Locale.ROOT, "%.0f us", nanos / 1e3);
        }
        if (abs < 1e9) {
            return String.format(java.util.Locale.ROOT, "%.1f ms", nanos / 1e6);
        }
        return String.format(java.util.Locale.ROOT, "%.2f s", nanos / 1e9);
    }

    static String times(long count) {
        return count == 1 ? "once" : count == 2 ? "twice" : count + " times";
    }
}
