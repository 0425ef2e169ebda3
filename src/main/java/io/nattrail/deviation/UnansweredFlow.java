package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.Sign;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;

/** A flow whose client never got an answer: what is asked of it to tell where it ended. */
abstract class UnansweredFlow {
    /** Kernels' timers are late by some milliseconds, and what they send has a way to go. */
    private static final long LATEST_REPETITION_NANOS = 1_100_000_000L;

    final FlowTrace trace;
    final CaseFacts facts;
    final Flow flow;
    final CaptureSet captures;

    UnansweredFlow(FlowTrace trace, CaseFacts facts) {
        this.trace = trace;
        this.facts = facts;
        this.flow = trace.flow();
        this.captures = trace.captures();
    }

    boolean arrivedAtEntry() {
        return seen(Spot.ENTRY_IN) || flow.translated() != null
                || trace.template() != PathTemplates.NODEPORT && trace.template() != PathTemplates.LOADBALANCER;
    }

    boolean seen(Spot spot) {
        return trace.seen(spot, Direction.REQUEST);
    }

    boolean answeredAt(Spot spot) {
        return trace.seen(spot, Direction.REPLY);
    }

    /** Whether the entry node was captured with a filter that shows what comes from the client. */
    boolean clientSideCaptured() {
        return entryPoint() >= 0 && !captures.originalBlind(entryPoint()) && !mayHide(entryPoint(), false, Direction.REQUEST);
    }

    /** Whether a point's filter may hide one side and direction of the flow. */
    boolean mayHide(int point, boolean translatedSide, Direction way) {
        return facts.cluster().mayHide(flow, point, translatedSide, way);
    }

    int entryPoint() {
        if (trace.entryNode() == null) {
            return -1;
        }
        for (int point : captures.find(null, trace.entryNode())) {
            if (captures.showsNodeInterface(point) && !captures.mayHide(flow.original(), point)) {
                return point;
            }
        }
        return -1;
    }

    /**
     * Whether an error is in the name of the node that was called, of which nothing was captured: it sent that itself, or the NAT there
     * gave its name to somebody's behind it. Routers on the way use addresses of their own.
     */
    boolean throughCalledNode(QuotedError error) {
        return trace.template() == PathTemplates.NODEPORT && entryPoint() < 0 && flow.translated() == null
                && error.sender().equals(flow.original().destination().address());
    }

    /** The next captured point on the way to an endpoint on another node, beyond the last that saw anything of it; -1 for none. */
    int targetPoint() {
        String node = trace.endpointNode();
        if (trace.endpoint() == null || Boolean.TRUE.equals(trace.local())) {
            return -1;
        }
        if (node != null && !seen(Spot.TARGET_ETH0) && !answeredAt(Spot.TARGET_ETH0)) {
            for (int point : captures.find(null, node)) {
                if (captures.showsNodeInterface(point) && facts.cluster().showsDeliveries(point)
                        && !hidesDelivery(point)) {
                    return point;
                }
            }
        }
        if (facts.cluster().isHostNetwork(trace.endpoint())) {
            return -1;
        }
        if (node != null) {
            for (int point : captures.find(PointRole.BRIDGE, node)) {
                return hidesDelivery(point) ? -1 : point;
            }
        }
        int pod = facts.cluster().podPoint(trace.endpoint());
        return pod >= 0 && hidesDelivery(pod) ? -1 : pod;
    }

    /** Whether a capture may hide that a request came out there translated. */
    boolean hidesDelivery(int point) {
        return captures.mayHide(flow.original(), point) || mayHide(point, true, Direction.REQUEST);
    }

    /** Whether a point could have shown what a leg's packets became; just beyond its edge, only if they were sent again in vain. */
    boolean covered(FlowLeg leg, int point) {
        if (leg == null) {
            return false;
        }
        Coverage coverage = captures.coverage(leg.point(), leg.firstRequest().timeNanos(), point);
        if (facts.points().mayHaveMissed(leg.firstRequest(), point) && !askedAgain(leg) || mayComeAgain(leg, point)
                || facts.holes().hide(leg.firstRequest(), leg.last(), point)) {
            // A capture that lacks other packets may lack a single one of this flow, and an interrupted one all that came meanwhile.
            return false;
        }
        return coverage == Coverage.SURE || coverage == Coverage.LIKELY && (askedAgain(leg) || repeatedInside(leg, point)
                || facts.points().passedAround(leg.point(), leg.firstRequest().timeNanos(), point));
    }

    /**
     * Whether the captures that show a SYN, and the one where it is missing, were over before it could be sent again: it was lost, and the
     * next one may not have been.
     */
    private boolean mayComeAgain(FlowLeg leg, int point) {
        long end = captures.end(point);
        for (Place place : flow.places()) {
            end = Math.max(end, captures.end(place.point()));
        }
        return leg.syns() > 0 && !askedAgain(leg) && end - captures.aligned(leg.firstRequest()) < LATEST_REPETITION_NANOS;
    }

    /** Whether the last of what was sent again and again falls where the other capture surely ran. */
    private boolean repeatedInside(FlowLeg leg, int point) {
        Sign repeated = flow.sign(Sign.Kind.RETRANSMITTED);
        return repeated != null && repeated.direction() == Direction.REQUEST && repeated.count() > 1 && leg.replies() == 0
                && captures.coverage(leg.point(), leg.last().timeNanos(), point) == Coverage.SURE;
    }

    /** Whether a question was sent again once the sender's timer had run out; several requests in a row are no repetition. */
    boolean askedAgain(FlowLeg leg) {
        return leg.requests() > 1 && !flow.story().midstream()
                && leg.last().timeNanos() - leg.firstRequest().timeNanos() >= Frames.FIRST_REPETITION_NANOS;
    }

    boolean ofSeveral(NodeFacts node, int target) {
        FlowLeg leg = trace.leg(Spot.ENTRY_OUT, Direction.REQUEST);
        return leg != null && node.sent() > 1
                && captures.coverage(leg.point(), leg.firstRequest().timeNanos(), target) != Coverage.NO;
    }

    /** Whether services were told, and none of them is called so. */
    boolean noServiceTold() {
        return trace.front() == null && !facts.cluster().told().state().services().isEmpty();
    }

    /** Whether a datagram that the node itself refused met no rule: a closed port is called unreachable as kube-proxy's reject is. */
    boolean portClosedToDatagrams() {
        return flow.protocol() == Protocol.UDP && (noServiceTold() || facts.isServed(trace) && facts.refusals().withoutRules(trace));
    }

    boolean toldWithoutEndpoints() {
        ClusterIndex.Front front = trace.front();
        return front != null && knowsEndpoints(front) && !facts.cluster().told().hasReadyEndpoint(front.service(), front.port());
    }

    boolean knowsEndpoints(ClusterIndex.Front front) {
        return facts.cluster().told().knowsEndpoints(front.service(), front.port());
    }

    String nodeText() {
        return Frames.entryNode(trace);
    }

    String serviceText() {
        return trace.front() == null ? flow.original().destination().toString() : trace.front().service().key();
    }

    /** A pod whose translated packets no capture shows. */
    String podText() {
        return (Boolean.TRUE.equals(trace.local()) ? "a pod on " : "a pod behind ") + nodeText();
    }
}
