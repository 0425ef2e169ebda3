package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Picks the frames that prove a finding. */
final class Frames {
    /** A SYN is sent again after the initial retransmission timeout of a second (RFC 6298, section 2), less what timers are early. */
    static final long FIRST_REPETITION_NANOS = 950_000_000L;
    /** More of the same prove nothing more. */
    private static final int MOST = 8;

    private Frames() {
    }

    /** The requests at a spot, as many as a proof holds: all where they are few, else the first and the last. */
    static List<FrameRef> requests(FlowTrace trace, Spot spot) {
        List<SeenFrame> frames = shown(trace, spot, Direction.REQUEST);
        if (frames.isEmpty()) {
            FlowLeg leg = trace.leg(spot, Direction.REQUEST);
            if (leg != null) {
                frames.add(leg.firstRequest());
            }
            int place = trace.placeAt(spot);
            for (Sign sign : trace.flow().signs()) {
                if (sign.kind() == Sign.Kind.SYN_REPEATED && sign.place() == place) {
                    frames.addAll(sign.frames());
                }
            }
            if (leg != null && leg.replies() == 0) {
                frames.add(leg.last());
            }
        }
        return trace.captures().refs(frames);
    }

    /** The answers at a spot, in the same way. */
    static List<FrameRef> replies(FlowTrace trace, Spot spot) {
        List<SeenFrame> frames = shown(trace, spot, Direction.REPLY);
        FlowLeg leg = trace.leg(spot, Direction.REPLY);
        if (frames.isEmpty() && leg != null) {
            frames.add(leg.firstReply());
        }
        return trace.captures().refs(frames);
    }

    /** The packets of a direction at a spot, where they were kept one by one. */
    private static List<SeenFrame> shown(FlowTrace trace, Spot spot, Direction direction) {
        List<SeenFrame> frames = new ArrayList<>();
        int place = trace.placeAt(spot);
        if (place < 0 || trace.flow().trail() == null) {
            return frames;
        }
        for (Flow.TrailPacket packet : trace.flow().trail()) {
            SeenFrame frame = packet.direction() == direction ? at(trace.flow(), packet, place) : null;
            if (frame != null) {
                frames.add(frame);
            }
        }
        frames.sort((a, b) -> a.file() != b.file() ? Integer.compare(a.file(), b.file()) : Long.compare(a.number(), b.number()));
        if (frames.size() > MOST) {
            frames.subList(MOST - 1, frames.size() - 1).clear();
        }
        return frames;
    }

    private static SeenFrame at(Flow flow, Flow.TrailPacket packet, int place) {
        Place at = flow.places().get(place);
        int leg = packet.direction() == Direction.REQUEST ? at.requestLeg() : at.replyLeg();
        for (Flow.TrailSighting sighting : packet.sightings()) {
            if (sighting.leg() == leg) {
                return sighting.frame();
            }
        }
        return null;
    }

    /** A packet that a hop delivered: where it was sent, if that is known, and where it arrived. */
    static List<FrameRef> bothEnds(FlowTrace trace, FlowHop hop, SeenFrame arrived) {
        List<SeenFrame> frames = new ArrayList<>();
        for (Flow.TrailPacket packet : trace.flow().trail() == null ? List.<Flow.TrailPacket>of() : trace.flow().trail()) {
            boolean same = packet.direction() == hop.direction() && arrived.equals(at(trace.flow(), packet, hop.to()));
            SeenFrame sent = same ? at(trace.flow(), packet, hop.from()) : null;
            if (sent != null) {
                frames.add(sent);
            }
        }
        frames.add(arrived);
        return trace.captures().refs(frames);
    }

    /** The flow's first frame: proof at least that it was. */
    static List<FrameRef> first(FlowTrace trace) {
        return trace.captures().refs(List.of(trace.flow().start()));
    }

    static List<FrameRef> of(FlowTrace trace, List<SeenFrame> frames) {
        return trace.captures().refs(frames);
    }

    /** Both, file after file, each file's frames in their order. */
    static List<FrameRef> join(List<FrameRef> a, List<FrameRef> b) {
        Map<String, List<FrameRef>> byFile = new LinkedHashMap<>();
        for (List<FrameRef> some : List.of(a, b)) {
            for (FrameRef frame : some) {
                List<FrameRef> ofFile = byFile.computeIfAbsent(frame.point() + '/' + frame.file(), file -> new ArrayList<>());
                if (!ofFile.contains(frame)) {
                    ofFile.add(frame);
                }
            }
        }
        List<FrameRef> all = new ArrayList<>(a.size() + b.size());
        for (List<FrameRef> ofFile : byFile.values()) {
            ofFile.sort((one, other) -> Long.compare(one.number(), other.number()));
            all.addAll(ofFile);
        }
        return all;
    }

    /** The name of a spot's capture point for this flow, or null. */
    static String point(FlowTrace trace, Spot spot) {
        int place = trace.placeAt(spot);
        return place < 0 ? null : pointOf(trace, place);
    }

    /** What a hop lost, as it is said of one thing: two places of one capture are inside a node, and it left neither for the other. */
    static String lostOn(FlowTrace trace, FlowHop hop, String times) {
        return lostOn(trace, hop, times, "was");
    }

    /** @param were was or were */
    static String lostOn(FlowTrace trace, FlowHop hop, String times, String were) {
        String from = pointOf(trace, hop.from());
        return samePoint(trace, hop.from(), hop.to()) ? "came to " + nodeOf(trace, hop.from()) + times + " and " + were + " not passed on"
                : "left " + from + times + " and never reached " + pointOf(trace, hop.to());
    }

    /** The node that a place's capture was taken on; the capture's name where nobody knows that. */
    static String nodeOf(FlowTrace trace, int place) {
        String node = trace.captures().node(trace.flow().places().get(place).point());
        return node == null ? pointOf(trace, place) : node;
    }

    /** The point nearest to the caller; of a flow that only errors quote, and so is at no place, the one that shows the first of them. */
    static String firstPoint(FlowTrace trace) {
        return trace.flow().places().isEmpty() ? pointOf(trace, trace.flow().start()) : pointOf(trace, 0);
    }

    static String pointOf(FlowTrace trace, SeenFrame frame) {
        return trace.captures().point(frame.point()).name();
    }

    static String pointOf(FlowTrace trace, int place) {
        return trace.captures().point(trace.flow().places().get(place).point()).name();
    }

    /** The step that a hop into a place belongs to. */
    static String stepOf(FlowTrace trace, int from, int to, Direction direction) {
        Spot end = trace.spots().get(to);
        if (direction == Direction.REQUEST) {
            return switch (end) {
                // A bridge whose hook translates shows both what it translated and what it did not: the node had it either way.
                case CLIENT, CALLER_POD, CALLER_BRIDGE, ENTRY_IN -> from >= 0 && samePoint(trace, from, to) ? "1.3" : "1.1";
                // Where the capture does not show what comes to the node, it need not have come there.
                case ENTRY_OUT -> from >= 0 && trace.spots().get(from) == Spot.CLIENT ? "1.1" : "1.3";
                case TARGET_ETH0 -> "1.4";
                case TARGET_BRIDGE, ENDPOINT_POD -> from >= 0 && insideEntryNode(trace, from, to) ? "1.3"
                        : trace.placeAt(Spot.TARGET_ETH0) >= 0 || Boolean.TRUE.equals(trace.local())
                                || from >= 0 && trace.spots().get(from) == Spot.TARGET_BRIDGE ? "1.5" : "1.4";
            };
        }
        return switch (end) {
            case CLIENT, CALLER_POD, CALLER_BRIDGE, ENTRY_IN -> "2.0";
            case ENTRY_OUT, TARGET_ETH0, TARGET_BRIDGE, ENDPOINT_POD -> "1.6";
        };
    }

    static boolean samePoint(FlowTrace trace, int from, int to) {
        return trace.flow().places().get(from).point() == trace.flow().places().get(to).point();
    }

    /** The endpoint as messages name it. */
    static String endpoint(FlowTrace trace) {
        return trace.endpoint() != null ? trace.endpoint().toString()
                : trace.template() == PathTemplates.EGRESS ? trace.flow().original().destination().toString() : "the pod";
    }

    /** Who answers: outside of the cluster it is no pod. */
    static String answerer(FlowTrace trace) {
        return trace.template() == PathTemplates.EGRESS ? "server" : "pod";
    }

    /**
     * Whether nothing but the node that was called lies between two places: they are one capture, two of its own interfaces, or those of
     * two of its pods. A pod's interface and its bridge are as near to each other on any node; that is the pod's link.
     */
    static boolean insideEntryNode(FlowTrace trace, int from, int to) {
        int a = trace.flow().places().get(from).point();
        int b = trace.flow().places().get(to).point();
        if (a == b || Boolean.TRUE.equals(trace.local()) && betweenPods(trace, from, to)) {
            return true;
        }
        CaptureSet captures = trace.captures();
        boolean link = captures.role(a) != PointRole.NODE_INTERFACE && captures.role(b) != PointRole.NODE_INTERFACE;
        return !link && trace.entryNode() != null && trace.entryNode().equals(captures.node(a))
                && trace.entryNode().equals(captures.node(b));
    }

    private static boolean betweenPods(FlowTrace trace, int from, int to) {
        return trace.isAt(from, Spot.CALLER_POD) && trace.isAt(to, Spot.ENDPOINT_POD)
                || trace.isAt(from, Spot.ENDPOINT_POD) && trace.isAt(to, Spot.CALLER_POD);
    }

    /**
     * The first of the steps that a hop goes over where it passes the entry node without showing there: what is lost on it is lost at any
     * of them. Null for a hop of one step.
     */
    static String firstOfSeveral(FlowTrace trace, FlowHop hop) {
        boolean request = hop.direction() == Direction.REQUEST;
        Spot inner = trace.spots().get(request ? hop.to() : hop.from());
        boolean atTarget = beyondEntry(inner);
        Spot outer = trace.spots().get(request ? hop.from() : hop.to());
        // A capture of the entry node that shows the caller's side alone tells as little of an answer that it does not show.
        boolean passed = outer == Spot.CLIENT && (atTarget || inner == Spot.ENTRY_OUT)
                || !request && atTarget && outer != Spot.ENTRY_OUT && !beyondEntry(outer) && Boolean.FALSE.equals(trace.local());
        if (!passed) {
            return null;
        }
        return request ? "1.1" : inner == Spot.ENTRY_OUT ? "2.0" : "1.6";
    }

    private static boolean beyondEntry(Spot spot) {
        return spot == Spot.TARGET_ETH0 || spot == Spot.TARGET_BRIDGE || spot == Spot.ENDPOINT_POD;
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

    /** The entry node as sentences name it. */
    static String entryNode(FlowTrace trace) {
        return trace.entryNode() == null ? "the node" : trace.entryNode();
    }

    static String times(long count) {
        return count == 1 ? "once" : count == 2 ? "twice" : count + " times";
    }
}
