package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import java.util.List;

/**
 * A flow on its path: what detectors judge.
 *
 * @param id number of the flow in the reports
 * @param spots where each place of the flow is on the path, in the order of the places
 * @param front the service as the cluster's state tells it, or null
 * @param clusterIp null if nothing tells
 * @param entryNode the node that received the packet, null if nothing tells
 * @param endpoint the pod that was chosen, null if unknown
 * @param endpointNode its node, null if unknown
 * @param local whether the endpoint is on the entry node, null if unknown
 * @param told the translation as conntrack's dump tells it where no wire shows it, or null
 */
public record FlowTrace(int id, Flow flow, PathTemplate template, List<Spot> spots, List<Step> steps, CaptureSet captures,
        ClusterIndex.Front front, Endpoint clusterIp, String entryNode, Endpoint endpoint, String endpointNode, Boolean local,
        Told told) {
    /** Source and destination after NAT. */
    public record Told(Endpoint source, Endpoint destination) {
    }

    public FlowTrace {
        spots = List.copyOf(spots);
        steps = List.copyOf(steps);
    }

    /** The same with another number. */
    public FlowTrace numbered(int number) {
        return new FlowTrace(number, flow, template, spots, steps, captures, front, clusterIp, entryNode, endpoint, endpointNode, local,
                told);
    }

    FlowTrace withSteps(List<Step> all) {
        return new FlowTrace(id, flow, template, spots, all, captures, front, clusterIp, entryNode, endpoint, endpointNode, local, told);
    }

    /** The step with a number; null if the path has none. */
    public Step step(String number) {
        for (Step step : steps) {
            if (step.number().equals(number)) {
                return step;
            }
        }
        return null;
    }

    /** Index of the flow's place at a spot, or -1. */
    public int placeAt(Spot spot) {
        return spots.indexOf(spot);
    }

    /**
     * Index of the place that shows what is delivered to the endpoint, or -1: its pod's interface or its bridge, which may be the caller's
     * too, or all interfaces of its node, if they show that the node passed it on.
     */
    public int placeAtEndpoint() {
        for (Spot spot : List.of(Spot.ENDPOINT_POD, Spot.TARGET_BRIDGE)) {
            if (placeAt(spot) >= 0) {
                return placeAt(spot);
            }
        }
        if (Boolean.TRUE.equals(local)) {
            int out = placeAt(Spot.ENTRY_OUT);
            int shared = placeAt(Spot.CALLER_BRIDGE);
            if (onAllInterfaces(out)) {
                return out;
            }
            FlowLeg call = shared < 0 ? null : leg(shared, Direction.REQUEST);
            if (call != null && call.tuple().destination().equals(endpoint)) {
                return shared;
            }
        }
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.FORWARDED && isAt(sign.place(), Spot.TARGET_ETH0) && onAllInterfaces(sign.place())) {
                return sign.place();
            }
        }
        return -1;
    }

    private boolean onAllInterfaces(int place) {
        return place >= 0 && captures.role(flow.places().get(place).point()) == PointRole.ANY;
    }

    /** Whether packets of a direction were seen at a spot. */
    public boolean seen(Spot spot, Direction direction) {
        return leg(spot, direction) != null;
    }

    /** Packets of a direction at a spot, each counted once. */
    public long packets(Spot spot, Direction direction) {
        FlowLeg leg = leg(spot, direction);
        return leg == null ? 0 : leg.distinct(direction);
    }

    /** The leg with a direction's packets at a spot, or null. */
    public FlowLeg leg(Spot spot, Direction direction) {
        int place = placeAt(spot);
        return place < 0 ? null : leg(place, direction);
    }

    /** The leg with a direction's packets at one of the flow's places, or null. */
    public FlowLeg leg(int place, Direction direction) {
        Place at = flow.places().get(place);
        if (direction == Direction.REQUEST) {
            return flow.requestLeg(at);
        }
        FlowLeg replies = flow.replyLeg(at);
        // A bridge shows a local pod's answers half translated: on all interfaces together they have not left the node yet.
        boolean inside = replies != null && replies.relation() == Relation.REPLY_UNTRANSLATED && spots.get(place) == Spot.ENTRY_IN
                && onAllInterfaces(place);
        return inside ? null : replies;
    }

    /** The first frame of a direction at one of the flow's places, or null. */
    public SeenFrame firstFrame(int place, Direction direction) {
        FlowLeg leg = leg(place, direction);
        return leg == null ? null : direction == Direction.REQUEST ? leg.firstRequest() : leg.firstReply();
    }

    /** Whether the entry node had the endpoint's answer on its way to the client, whether or not it came there. */
    public boolean answeredAtEntry() {
        FlowLeg leg = leg(Spot.ENTRY_IN, Direction.REPLY);
        return leg != null && leg.answered();
    }

    /** Whether the endpoint's own bridge or the endpoint itself shows the request. */
    public boolean delivered() {
        return seen(Spot.TARGET_BRIDGE, Direction.REQUEST) || seen(Spot.ENDPOINT_POD, Direction.REQUEST);
    }

    /** Whether the endpoint itself refused the connection, as far as RST and ICMP tell that were seen before any translation. */
    public boolean refusedByEndpoint() {
        return Refusal.routersPassed(flow, captures, entryNode) > 0
                || template == PathTemplates.CLUSTERIP && Refusal.ofCall(flow, captures);
    }

    /** Whether the answers took another way than by the entry node, as far as that one's capture would have shown them. */
    public boolean directServerReturn() {
        return answeredUnseen() && !captures.answersMayBeHidden(leg(Spot.ENTRY_OUT, Direction.REQUEST).point());
    }

    /**
     * Whether the answers reached the client under the right tuple, as its capture or its acknowledgements tell, although the entry node,
     * which saw the requests both before and after the translation of the destination, saw none of them. Those of a pod on that node pass
     * it, so that its capture does not show all.
     */
    public boolean answeredUnseen() {
        FlowLeg client = leg(Spot.CLIENT, Direction.REPLY);
        FlowLeg in = leg(Spot.ENTRY_IN, Direction.REQUEST);
        FlowLeg out = leg(Spot.ENTRY_OUT, Direction.REQUEST);
        return flow.translated() != null && !Boolean.TRUE.equals(local) && flow.translated().source().equals(flow.original().source())
                && (client != null && client.replies() > 1 && client.tuple().equals(flow.called())
                        || acknowledged(leg(Spot.CLIENT, Direction.REQUEST)) || acknowledged(in))
                && out != null && out.replies() == 0
                && (in == null ? captures.originalBlind(out.point())
                        : in.replies() == 0 && leg(Spot.ENTRY_IN, Direction.REPLY) == null);
    }

    /**
     * Whether the client, under the tuple that it called, went on after its SYN, be that in the capture or not: of a stranger's SYN-ACK it
     * knows nothing.
     */
    private boolean acknowledged(FlowLeg asked) {
        return flow.tcp() && asked != null && (asked.history().contains("A") || asked.history().contains("D"));
    }

    /** Whether the capture point of a place was taken at the spot. */
    public boolean isAt(int place, Spot spot) {
        return place >= 0 && place < spots.size() && spots.get(place) == spot;
    }

    /** Delay of a hop on the common clock: its raw median less what the clocks differed just then. */
    public long alignedMedian(FlowHop hop) {
        return aligned(hop, hop.delay().medianNanos(), hop.delay().medianAt());
    }

    /** Delay of the first packet that a hop delivered, on the common clock. */
    public long alignedFirst(FlowHop hop) {
        SeenFrame arrived = firstFrame(hop.to(), hop.direction());
        return aligned(hop, hop.delay().firstNanos(), arrived == null ? hop.delay().medianAt() : arrived.timeNanos());
    }

    private long aligned(FlowHop hop, long delay, long arrived) {
        int from = flow.places().get(hop.from()).point();
        int to = flow.places().get(hop.to()).point();
        return delay - captures.clockDifference(from, arrived - delay, to, arrived);
    }

    /** What the clocks leave open of a hop's delay; {@code Long.MAX_VALUE} if nothing bounds it. */
    public long uncertainty(FlowHop hop) {
        return captures.uncertainty(flow.places().get(hop.from()).point(), flow.places().get(hop.to()).point());
    }
}
