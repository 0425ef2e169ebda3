package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection that the client never got an answer to, or was refused: the first place of the path where its packets, or the answers, go no
 * further. The findings exclude each other, so one decision makes them all.
 *
 * <p>Nothing is said of a place that the captures could not have shown; {@link Judge} then calls the flow undetermined.
 */
final class WhereItEnded implements Detector {
    /** A SYN is sent again after the initial retransmission timeout of a second (RFC 6298, section 2), less what timers are early. */
    private static final long FIRST_REPETITION_NANOS = 950_000_000L;
    /** Kernels answer a SYN at once; an application that takes longer for a datagram is slow by itself. */
    private static final long LONG_WAIT_NANOS = 500_000_000L;
    private static final int LEAST_SILENCES = 3;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (flow.story().clientSawSynAck()) {
            return List.of();
        }
        Decision decision = new Decision(trace, facts);
        Finding finding = decision.decide();
        Finding silenced = finding == null ? null : decision.refusalLost();
        return finding == null ? List.of() : silenced == null ? List.of(finding) : List.of(finding, silenced);
    }

    /** Errors that a flow's packets caused. */
    record Complaint(FlowLeg leg, QuotedError error) {
        SeenFrame frame() {
            return new SeenFrame(leg.point(), error.file(), error.number(), error.timeNanos());
        }
    }

    /** Errors about the flow's requests, oldest first in the order of legs; harmless ones are left out. */
    static List<Complaint> complaints(Flow flow) {
        List<Complaint> found = new ArrayList<>();
        for (FlowLeg leg : flow.legs()) {
            for (QuotedError error : leg.errors()) {
                if (!error.harmless()) {
                    found.add(new Complaint(leg, error));
                }
            }
        }
        return found;
    }

    static List<FrameRef> frames(FlowTrace trace, List<Complaint> complaints) {
        List<SeenFrame> frames = new ArrayList<>();
        for (Complaint complaint : complaints) {
            if (frames.size() < 6) {
                frames.add(complaint.frame());
            }
        }
        return trace.captures().refs(frames);
    }

    /** One flow's decision. */
    private static final class Decision {
        private final FlowTrace trace;
        private final CaseFacts facts;
        private final Flow flow;
        private final CaptureSet captures;
        private final List<Complaint> complaints;

        Decision(FlowTrace trace, CaseFacts facts) {
            this.trace = trace;
            this.facts = facts;
            this.flow = trace.flow();
            this.captures = trace.captures();
            this.complaints = complaints(flow);
        }

        Finding decide() {
            Finding refused = refusedByReset();
            if (refused != null) {
                return refused;
            }
            Finding complained = complained();
            if (complained != null) {
                return complained;
            }
            if (arrivedAtEntry()) {
                return afterEntry();
            }
            return beforeEntry();
        }

        /** The client waits in vain: the RST that refuses it is lost on its way back, as any other answer would be. */
        Finding refusalLost() {
            Sign reset = refusal();
            if (reset == null || trace.isAt(reset.place(), Spot.CLIENT) || trace.isAt(reset.place(), Spot.CALLER_POD)) {
                return null;
            }
            Finding lost = replyEnded();
            return lost == null || lost.type() == TranslationTypes.REPLY_BYPASSES_NODE1 ? null : lost;
        }

        private boolean arrivedAtEntry() {
            return seen(Spot.ENTRY_IN) || flow.translated() != null
                    || trace.template() != PathTemplates.NODEPORT && trace.template() != PathTemplates.LOADBALANCER;
        }

        private boolean seen(Spot spot) {
            return trace.seen(spot, Direction.REQUEST);
        }

        private boolean answeredAt(Spot spot) {
            return trace.seen(spot, Direction.REPLY);
        }

        // Refused

        private Sign refusal() {
            Sign reset = null;
            for (Sign sign : flow.signs()) {
                if (sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && sign.place() >= 0) {
                    reset = sign;
                }
            }
            return reset;
        }

        private Finding refusedByReset() {
            Sign reset = refusal();
            if (reset == null) {
                return null;
            }
            List<FrameRef> evidence = Frames.join(Frames.first(trace), Frames.of(trace, reset.frames()));
            Spot origin = trace.spots().get(reset.place());
            String point = Frames.pointOf(trace, reset.place());
            if ((origin == Spot.ENTRY_OUT || origin == Spot.TARGET_ETH0) && neverReachedEndpoint(origin, reset)) {
                return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, seen(Spot.TARGET_ETH0) ? "1.5" : "1.4", point,
                        "the SYN was answered with RST in the name of %s, and never reached %s: something before it refused the connection"
                                .formatted(Frames.endpoint(trace), captures.point(targetPoint()).name()), evidence)
                        .explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.LOSS);
            }
            if (flow.story().midstream() && origin != Spot.CLIENT && (origin != Spot.ENTRY_IN || !Ttl.fresh(reset.value()))) {
                return Finding.fatal(EstablishedTypes.RESET_BY_POD, "1.6", point,
                        "%s answered what came of a connection older than the captures with RST: it had ended it, or did not know it"
                                .formatted(Frames.endpoint(trace)), evidence);
            }
            return switch (origin) {
                case TARGET_BRIDGE, ENDPOINT_POD, TARGET_ETH0, ENTRY_OUT -> Finding.fatal(
                        EstablishmentTypes.CONNECTION_REFUSED, "1.6", point,
                        "%s answered the SYN with RST: nothing listens there".formatted(Frames.endpoint(trace)), evidence)
                        .explaining(EstablishedTypes.RESET_BY_POD);
                case ENTRY_IN -> resetByNode(reset, evidence, point);
                case CLIENT -> resetAtClientOnly(reset, evidence, point);
                case CALLER_POD, CALLER_BRIDGE -> Finding.fatal(EstablishmentTypes.CONNECTION_REFUSED, "1.6", point,
                        "the connection to %s was refused with RST".formatted(flow.original().destination()), evidence)
                        .explaining(EstablishedTypes.RESET_BY_POD);
            };
        }

        /**
         * Whether the bridge of the endpoint's node was captured and shows nothing of it, all the while, or the RST comes to the entry node
         * with a TTL that its own node would have lowered if the pod had sent it. Where no connection shows there, and so the captures'
         * clocks cannot be compared, only a TTL that is not lowered by one either adds certainty. What may be the node itself, by packets
         * alone, shows at no bridge.
         */
        private boolean neverReachedEndpoint(Spot origin, Sign reset) {
            int target = targetPoint();
            boolean byNodeItself = origin == Spot.ENTRY_OUT && Ttl.fresh(reset.value());
            if (target >= 0 && captures.role(target) == PointRole.BRIDGE && facts.cluster().mayBeNode(trace.endpoint())) {
                return false;
            }
            return target >= 0 && !seen(Spot.TARGET_BRIDGE) && !seen(Spot.ENDPOINT_POD) && !answeredAt(Spot.TARGET_BRIDGE)
                    && (byNodeItself || covered(trace.leg(Spot.ENTRY_OUT, Direction.REQUEST), target)
                            || origin == Spot.ENTRY_OUT && Ttl.routersPassed(reset.value()) != 1 && noneArrived(target));
        }

        /** Seen first at the entry node's eth0 before the NAT: from the node itself, or from a pod on it, one hop further away. */
        private Finding resetByNode(Sign reset, List<FrameRef> evidence, String point) {
            boolean byPod = flow.translated() != null || trace.refusedByEndpoint() || Boolean.TRUE.equals(trace.local());
            if (byPod) {
                return Finding.fatal(EstablishmentTypes.CONNECTION_REFUSED, "1.6", point,
                        "%s answered the SYN with RST: nothing listens on the target port".formatted(podText()), evidence)
                        .explaining(EstablishedTypes.RESET_BY_POD);
            }
            if (toldWithoutEndpoints()) {
                return Finding.fatal(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2", point,
                        "%s refused the connection itself: service %s has no ready endpoint".formatted(nodeText(), serviceText()),
                        evidence);
            }
            return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                    "%s answered %s with RST itself: no rule takes this port to a service"
                            .formatted(nodeText(), flow.original().destination()), evidence);
        }

        private Finding resetAtClientOnly(Sign reset, List<FrameRef> evidence, String point) {
            boolean entryCaptured = clientSideCaptured();
            if (entryCaptured && !seen(Spot.ENTRY_IN)) {
                return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, "1.1", point,
                        "a RST reached the client although its SYN never reached %s: something in between refused it".formatted(nodeText()),
                        evidence);
            }
            if (entryCaptured) {
                return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, "1.1", point,
                        "a RST reached the client that %s never sent".formatted(nodeText()), evidence);
            }
            if (noEndpointGotIt()) {
                return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                        "%s was refused with RST, and none of its endpoints got the request: %s refused it itself, or something before it"
                                .formatted(flow.original().destination(), nodeText()), evidence);
            }
            // What a pod sends was routed by its node at least.
            boolean unknownService = noServiceTold() || trace.front() == null && Ttl.fresh(reset.value());
            DeviationType type = unknownService ? EstablishmentTypes.NODE_PORT_CLOSED : EstablishmentTypes.CONNECTION_REFUSED;
            return Finding.fatal(type, unknownService ? "1.2" : "1.6", point,
                    "%s was refused with RST; no capture behind the client shows who sent it".formatted(flow.original().destination()),
                    evidence);
        }

        /** Whether captures that ran all the while would show the request on its way to whichever endpoint the service has. */
        private boolean noEndpointGotIt() {
            ClusterIndex.Front front = trace.front();
            if (front == null || trace.entryNode() == null || flow.translated() != null || !knowsEndpoints(front)) {
                return false;
            }
            boolean any = false;
            for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(front.service(), front.port())) {
                if (endpoint.address().address().v6() == flow.original().destination().address().v6()) {
                    // One that was not ready when it was asked for may have been when it refused.
                    if (!watched(endpoint)) {
                        return false;
                    }
                    any |= endpoint.ready();
                }
            }
            return any;
        }

        private boolean watched(ClusterState.ServiceEndpoint endpoint) {
            if (endpoint.node() == null || facts.cluster().isHostNetwork(endpoint.address())) {
                return false;
            }
            for (int point : captures.find(null, endpoint.node())) {
                boolean shows = captures.role(point) == PointRole.BRIDGE
                        || captures.showsNodeInterface(point) && !endpoint.node().equals(trace.entryNode());
                if (shows && facts.cluster().translatedAt(point) > 0 && !captures.mayHide(flow.original(), point)
                        && covered(trace.leg(Spot.CLIENT, Direction.REQUEST), point)) {
                    return true;
                }
            }
            return false;
        }

        // ICMP

        private Finding complained() {
            Complaint first = null;
            for (Complaint complaint : complaints) {
                if (!complaint.error().packetTooBig() && complaint.error().quotedFromOpener() && (first == null
                        || rank(complaint) > rank(first))) {
                    first = complaint;
                }
            }
            if (first == null) {
                return null;
            }
            List<FrameRef> evidence = Frames.join(Frames.first(trace), frames(trace, complaints));
            QuotedError error = first.error();
            String point = captures.point(first.leg().point()).name();
            boolean translatedSeen = flow.translated() != null;
            if (!translatedSeen && (arrivedAtEntry() || fromCalledNode(error)) && mayBeReject(error) && fromEntryNode(error)) {
                if (error.prohibited() && !toldWithoutEndpoints()) {
                    return Finding.fatal(EstablishedTypes.ICMP_UNREACHABLE, "1.3", point,
                            "%s refused to forward it: ICMP %s".formatted(nodeText(), error.text()), evidence)
                            .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED);
                }
                if (flow.protocol() == Protocol.UDP && error.portUnreachable() && noServiceTold()) {
                    return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                            "%s answered %s with ICMP %s itself: no service has this port"
                                    .formatted(nodeText(), flow.original().destination(), error.text()), evidence)
                            .explaining(EstablishedTypes.ICMP_UNREACHABLE);
                }
                return Finding.fatal(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2", point,
                        "%s answered with ICMP %s and sent nothing on: the service has no ready endpoint"
                                .formatted(nodeText(), error.text()), evidence).explaining(EstablishedTypes.ICMP_UNREACHABLE);
            }
            if (!arrivedAtEntry()) {
                return Finding.fatal(EstablishedTypes.ICMP_UNREACHABLE, "1.1", point,
                        "%s answered with ICMP %s".formatted(error.sender(), error.text()), evidence);
            }
            if (error.hostUnreachable() && isStale()) {
                return stale(Frames.join(Frames.requests(trace, Spot.ENTRY_OUT), evidence), point)
                        .explaining(EstablishedTypes.ICMP_UNREACHABLE);
            }
            boolean byEndpoint = trace.endpoint() != null && error.sender().equals(trace.endpoint().address())
                    || seen(Spot.TARGET_BRIDGE) || seen(Spot.ENDPOINT_POD) || byPod(error);
            String step = byEndpoint ? "1.6" : seen(Spot.TARGET_ETH0) ? "1.5" : translatedSeen ? "1.4" : "1.3";
            String sender = !translatedSeen && byPod(error) ? podText() : error.sender().toString();
            return Finding.fatal(EstablishedTypes.ICMP_UNREACHABLE, step, point, "%s answered with ICMP %s".formatted(sender, error.text()),
                    evidence);
        }

        /** Whether services were told, and none of them is called so. */
        private boolean noServiceTold() {
            return trace.front() == null && !facts.cluster().told().state().services().isEmpty();
        }

        /**
         * Whether an error can be the entry node's own reject. Of others' about the translated packet only the filter may hide that; and
         * kube-proxy's rules reject with port unreachable: a host that cannot be reached is the endpoint.
         */
        private boolean mayBeReject(QuotedError error) {
            if (byPod(error) || trace.told() != null && !toldWithoutEndpoints()) {
                return false;
            }
            boolean hidden = entryPoint() >= 0 && captures.translatedBlind(entryPoint());
            return error.prohibited() || error.portUnreachable() && (toldWithoutEndpoints() || !hidden);
        }

        /** The NAT gives a pod's error the name of the node that was called; only the TTL tells that it came from behind. */
        private boolean byPod(QuotedError error) {
            return error.portUnreachable() && trace.refusedByEndpoint();
        }

        /** Only the node that was called can have sent it, so it got the request, whether or not its capture shows that. */
        private boolean fromCalledNode(QuotedError error) {
            return error.portUnreachable() && error.sender().equals(flow.original().destination().address())
                    && facts.cluster().isNodeAddress(error.sender()) && !seen(Spot.ENTRY_OUT);
        }

        /** Errors seen nearer to their origin tell more: what stands in front of the node may have given them its own name. */
        private int rank(Complaint complaint) {
            FlowLeg leg = complaint.leg();
            return leg.level() > 0 ? 1 + leg.level() : leg.tuple().equals(flow.original()) ? 1 : 0;
        }

        private boolean fromEntryNode(QuotedError error) {
            return error.sender().equals(flow.original().destination().address())
                    || trace.entryNode() != null && trace.entryNode().equals(facts.cluster().nodeOf(error.sender()))
                    || !seen(Spot.ENTRY_OUT) && Ttl.fresh(error.ttl());
        }

        private boolean toldWithoutEndpoints() {
            ClusterIndex.Front front = trace.front();
            if (front == null || !facts.cluster().told().knowsEndpoints(front.service(), front.port())) {
                return false;
            }
            for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(front.service(), front.port())) {
                if (endpoint.ready()) {
                    return false;
                }
            }
            return true;
        }

        // Silence

        private Finding beforeEntry() {
            if (!seen(Spot.CLIENT) || !clientSideCaptured()) {
                return null;
            }
            int point = entryPoint();
            if (!covered(trace.leg(Spot.CLIENT, Direction.REQUEST), point)) {
                return null;
            }
            List<FrameRef> evidence = Frames.requests(trace, Spot.CLIENT);
            return Finding.fatal(EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1, "1.1", captures.point(point).name(),
                    "%s left the client %s and never reached %s".formatted(flow.called(), Frames.times(trace.packets(Spot.CLIENT,
                            Direction.REQUEST)), captures.point(point).name()), evidence)
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION);
        }

        /** Whether the entry node was captured with a filter that shows what comes from the client. */
        private boolean clientSideCaptured() {
            return entryPoint() >= 0 && !captures.originalBlind(entryPoint());
        }

        private int entryPoint() {
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

        /** Whether a point could have shown what a leg's packets became; just beyond its edge, only if they were sent again in vain. */
        private boolean covered(FlowLeg leg, int point) {
            if (leg == null || leg.firstRequest() == null) {
                return false;
            }
            Coverage coverage = captures.coverage(leg.point(), leg.firstRequest().timeNanos(), point);
            return coverage == Coverage.SURE || coverage == Coverage.LIKELY && (askedAgain(leg) || repeatedInside(leg, point)
                    || facts.passedAround(leg.point(), leg.firstRequest().timeNanos(), point));
        }

        /** Whether the last of what was sent again and again falls where the other capture surely ran. */
        private boolean repeatedInside(FlowLeg leg, int point) {
            Sign repeated = flow.sign(Sign.Kind.RETRANSMITTED);
            return repeated != null && repeated.direction() == Direction.REQUEST && repeated.count() > 1 && leg.replies() == 0
                    && captures.coverage(leg.point(), leg.last().timeNanos(), point) == Coverage.SURE;
        }

        /** Whether a question was sent again once the sender's timer had run out; several requests in a row are no repetition. */
        private boolean askedAgain(FlowLeg leg) {
            return leg.requests() > 1 && !flow.story().midstream()
                    && leg.last().timeNanos() - leg.firstRequest().timeNanos() >= FIRST_REPETITION_NANOS;
        }

        /** The same of a leg's answers: just beyond the edge, only if the SYN-ACK was sent again, or the question. */
        private boolean answersCovered(FlowLeg leg, int point, FlowLeg asking) {
            Coverage coverage = captures.coverage(leg.point(), leg.firstReply().timeNanos(), point);
            return coverage == Coverage.SURE || coverage == Coverage.LIKELY && (leg.synAcks() > 1
                    || asking != null && askedAgain(asking)
                    || facts.passedAround(leg.point(), leg.firstReply().timeNanos(), point));
        }

        /** An acknowledgement alone asks for nothing. */
        private boolean asks(FlowLeg leg) {
            String letters = leg.history();
            return !flow.tcp() || letters.indexOf('S') >= 0 || letters.indexOf('D') >= 0 || letters.indexOf('F') >= 0;
        }

        /**
         * Whether an answer was due where requests were seen: to what takes a sequence number, or a datagram, once it was sent again or the
         * capture went on for longer than answers take.
         */
        private boolean answerDue(FlowLeg leg) {
            return asks(leg) && (leg.requests() > 1
                    || captures.window(leg.point()).last() - leg.firstRequest().timeNanos() >= LONG_WAIT_NANOS);
        }

        private Finding afterEntry() {
            if (flow.translated() == null && trace.template() != PathTemplates.POD_TO_POD) {
                return answeredAt(Spot.ENTRY_IN) && !answeredAt(Spot.CLIENT) ? lostBeforeClient() : notForwarded();
            }
            if (replySeenAnywhere()) {
                return replyEnded();
            }
            Spot spot = deliveredAt();
            if (spot != null) {
                if (!answerDue(trace.leg(spot, Direction.REQUEST)) && !silentToOthers()) {
                    return null;
                }
                return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.point(trace, spot),
                        "%s got the request %s and never answered".formatted(Frames.endpoint(trace), Frames.times(trace.packets(spot,
                                Direction.REQUEST))), Frames.requests(trace, spot))
                        .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.HALF_OPEN, EstablishedTypes.RETRANSMISSION,
                                EstablishedTypes.LOSS);
            }
            if (isStale()) {
                return stale(Frames.requests(trace, Spot.ENTRY_OUT), Frames.point(trace, Spot.ENTRY_OUT));
            }
            if (stayedInside()) {
                return Finding.fatal(EstablishmentTypes.REQUEST_NOT_FORWARDED, "1.3", captures.point(entryPoint()).name(),
                        "%s translated it to %s on %s and did not send it there"
                                .formatted(nodeText(), trace.endpoint(), trace.endpointNode()), Frames.requests(trace, Spot.CALLER_BRIDGE))
                        .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS,
                                EstablishedTypes.LOSS_INSIDE_NODE);
            }
            int target = targetPoint();
            Spot last = seen(Spot.ENTRY_OUT) ? Spot.ENTRY_OUT : Spot.TARGET_ETH0;
            FlowLeg out = trace.leg(last, Direction.REQUEST);
            CaseFacts.EndpointFacts endpoint = trace.endpoint() == null ? null : facts.endpoint(trace.endpoint());
            // A pod that the bridge never showed may be another node's: then its answer would have told.
            boolean told = out != null && (answerDue(out) || endpoint != null && endpoint.delivered() > 0);
            if (target < 0 || facts.passedUnseen(target) || out != null && !asks(out)
                    || !(told && covered(out, target)) && !othersLostToo(target)) {
                return null;
            }
            String step = seen(Spot.TARGET_ETH0) ? "1.5" : "1.4";
            List<FrameRef> evidence = Frames.requests(trace, last);
            CaseFacts.NodeFacts node = facts.node(trace.endpointNode());
            boolean wholeNode = node != null && node.reached() == 0 && facts.anotherRemoteNodeWorks(trace.endpointNode());
            if (wholeNode && step.equals("1.4")) {
                return Finding.fatal(EstablishmentTypes.POD_CIDR_ROUTE_MISSING, step, captures.point(target).name(),
                        "%s left %s %s and never reached %s, as all %d flows to pods of %s, while pods of other nodes answer".formatted(
                                sent(), nodeText(), Frames.times(trace.packets(Spot.ENTRY_OUT, Direction.REQUEST)),
                                captures.point(target).name(), node.sent(), trace.endpointNode()), evidence)
                        .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION);
            }
            return Finding.fatal(EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, step, captures.point(target).name(),
                    "%s %s %s and never reached %s".formatted(sent(), last == Spot.ENTRY_OUT || out == null ? "left " + nodeText()
                            : "came to " + captures.point(out.point()).name(), Frames.times(trace.packets(last, Direction.REQUEST)),
                            captures.point(target).name()), evidence.isEmpty() ? Frames.first(trace) : evidence)
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION);
        }

        /** What leaves the entry node for the endpoint: between pods the call itself. */
        private FiveTuple sent() {
            return flow.translated() == null ? flow.original() : flow.translated();
        }

        /** The place that shows the request on its way to the pod; null if there is none. */
        private Spot deliveredAt() {
            int place = trace.placeAtEndpoint();
            return place < 0 || !seen(trace.spots().get(place)) ? null : trace.spots().get(place);
        }

        /** Of several requests that came to the endpoint it answered none, however soon the captures ended. */
        private boolean silentToOthers() {
            CaseFacts.EndpointFacts endpoint = trace.endpoint() == null ? null : facts.endpoint(trace.endpoint());
            return endpoint != null && endpoint.delivered() >= LEAST_SILENCES && endpoint.replied() == 0;
        }

        /** One question alone may have missed a quiet capture; several flows of which none came to the endpoint's node did not. */
        private boolean othersLostToo(int target) {
            CaseFacts.NodeFacts node = facts.node(trace.endpointNode());
            boolean atInterface = captures.showsNodeInterface(target);
            return node != null && (atInterface ? node.reached() : node.delivered()) == 0 && ofSeveral(node, target);
        }

        /** The same of what was refused on the way: a RST in the pod's name is no proof that the request came there. */
        private boolean noneArrived(int target) {
            CaseFacts.NodeFacts node = facts.node(trace.endpointNode());
            return node != null && node.arrived() == 0 && ofSeveral(node, target);
        }

        private boolean ofSeveral(CaseFacts.NodeFacts node, int target) {
            FlowLeg leg = trace.leg(Spot.ENTRY_OUT, Direction.REQUEST);
            return leg != null && leg.firstRequest() != null && node.sent() > 1
                    && captures.coverage(leg.point(), leg.firstRequest().timeNanos(), target) != Coverage.NO;
        }

        /** A pod's call, translated on its bridge already, for another node, and never out of eth0. */
        private boolean stayedInside() {
            int entry = entryPoint();
            FlowLeg inside = trace.leg(Spot.CALLER_BRIDGE, Direction.REQUEST);
            return Boolean.FALSE.equals(trace.local()) && inside != null && entry >= 0 && !captures.translatedBlind(entry)
                    && !seen(Spot.ENTRY_OUT) && !seen(Spot.TARGET_ETH0) && covered(inside, entry);
        }

        /** The next captured point on the way to an endpoint on another node, beyond the last that saw anything of it; -1 for none. */
        private int targetPoint() {
            String node = trace.endpointNode();
            if (trace.endpoint() == null || Boolean.TRUE.equals(trace.local())) {
                return -1;
            }
            if (node != null && !seen(Spot.TARGET_ETH0) && !answeredAt(Spot.TARGET_ETH0)) {
                for (int point : captures.find(null, node)) {
                    if (captures.showsNodeInterface(point) && facts.cluster().showsDeliveries(point)
                            && !captures.mayHide(flow.original(), point)) {
                        return point;
                    }
                }
            }
            if (facts.cluster().isHostNetwork(trace.endpoint())) {
                return -1;
            }
            if (node != null) {
                for (int point : captures.find(PointRole.BRIDGE, node)) {
                    return captures.mayHide(flow.original(), point) ? -1 : point;
                }
            }
            int pod = facts.cluster().podPoint(trace.endpoint());
            return pod >= 0 && captures.mayHide(flow.original(), pod) ? -1 : pod;
        }

        private Finding notForwarded() {
            if (trace.template() == PathTemplates.CLUSTERIP) {
                return internalPolicy();
            }
            FlowLeg in = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
            if (in == null) {
                return null;
            }
            String point = Frames.point(trace, Spot.ENTRY_IN);
            List<FrameRef> evidence = Frames.requests(trace, Spot.ENTRY_IN);
            ClusterIndex.Front front = trace.front();
            if (front != null && front.service().externalLocal() && knowsEndpoints(front) && !hasEndpointOn(front, trace.entryNode())) {
                return Finding.fatal(EstablishmentTypes.LOCAL_POLICY_NO_ENDPOINT, "1.2", point,
                        "%s dropped it on purpose: externalTrafficPolicy of %s is Local and no endpoint is on this node"
                                .formatted(nodeText(), serviceText()), evidence)
                        .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.REQUEST_NOT_FORWARDED,
                                EstablishedTypes.RETRANSMISSION);
            }
            // What goes to a pod on the node itself does not show again: only the missing answer tells.
            if (captures.translatedBlind(in.point()) || !answerDue(in)) {
                return null;
            }
            if (trace.told() != null && Boolean.TRUE.equals(trace.local())) {
                return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", point,
                        "conntrack on %s took it to %s on the same node, and no answer came"
                                .formatted(nodeText(), trace.told().destination()), evidence)
                        .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.HALF_OPEN,
                                EstablishedTypes.RETRANSMISSION);
            }
            if (toldWithoutEndpoints() && !facts.front(flow.original()).answers()) {
                return Finding.fatal(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2", point,
                        "%s sent nothing on: service %s has no ready endpoint; the reject itself is in no capture".formatted(nodeText(),
                                serviceText()), evidence)
                        .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishmentTypes.CONNTRACK_TABLE_FULL,
                                EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION);
            }
            if (mayBeSilentPodHere()) {
                return null;
            }
            String open = toldWithoutEndpoints() ? "; the service has no ready endpoint"
                    : facts.cluster().translates(flow.protocol(), flow.original().destination())
                            ? " while other connections to it are translated" : "";
            return Finding.fatal(EstablishmentTypes.REQUEST_NOT_FORWARDED, "1.3", point,
                    "%s got it %s and sent nothing on%s"
                            .formatted(nodeText(), Frames.times(trace.packets(Spot.ENTRY_IN, Direction.REQUEST)), open), evidence)
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION);
        }

        /**
         * A pod on the entry node that never answers looks the same, unless its bridge or conntrack would show it. The only one there is
         * not silent if it answers others.
         */
        private boolean mayBeSilentPodHere() {
            if (!captures.find(PointRole.BRIDGE, trace.entryNode()).isEmpty() || !facts.cluster().told().state().connections().isEmpty()) {
                return false;
            }
            FrontFacts others = facts.front(flow.original());
            boolean answersHere = others.answersUntranslated();
            ClusterIndex.Front front = trace.front();
            if (front != null && knowsEndpoints(front)) {
                return endpointsOn(front, trace.entryNode()) > (answersHere ? 1 : 0);
            }
            return others.delivers() && !others.answers();
        }

        /** kube-proxy drops a pod's call under internalTrafficPolicy Local where its node has no endpoint. */
        private Finding internalPolicy() {
            ClusterIndex.Front front = trace.front();
            if (front == null || !front.service().internalLocal() || trace.entryNode() == null || !knowsEndpoints(front)
                    || hasEndpointOn(front, trace.entryNode())) {
                return null;
            }
            return Finding.fatal(EstablishmentTypes.LOCAL_POLICY_NO_ENDPOINT, "1.2", Frames.pointOf(trace, 0),
                    "%s dropped it on purpose: internalTrafficPolicy of %s is Local and no endpoint is on this node".formatted(nodeText(),
                            serviceText()), Frames.join(Frames.first(trace), Frames.requests(trace, Spot.CALLER_POD)))
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.REQUEST_NOT_FORWARDED,
                            EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS);
        }

        private boolean knowsEndpoints(ClusterIndex.Front front) {
            return facts.cluster().told().knowsEndpoints(front.service(), front.port());
        }

        private boolean hasEndpointOn(ClusterIndex.Front front, String node) {
            return endpointsOn(front, node) > 0;
        }

        /** Ready endpoints of a service on a node. */
        private int endpointsOn(ClusterIndex.Front front, String node) {
            int count = 0;
            for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(front.service(), front.port())) {
                count += node != null && node.equals(endpoint.node()) && endpoint.ready() ? 1 : 0;
            }
            return count;
        }

        // A pod that is gone

        private boolean isStale() {
            Endpoint endpoint = trace.endpoint();
            if (endpoint == null || trace.template() == PathTemplates.EGRESS) {
                return false;
            }
            ClusterIndex.Front front = trace.front();
            if (front != null && knowsEndpoints(front)) {
                for (ClusterState.ServiceEndpoint known : facts.cluster().told().endpointsOf(front.service(), front.port())) {
                    if (known.address().equals(endpoint)) {
                        return false;
                    }
                }
                return true;
            }
            CaseFacts.EndpointFacts seen = facts.endpoint(endpoint);
            boolean unreachable = false;
            for (Complaint complaint : complaints) {
                unreachable |= complaint.error().hostUnreachable();
            }
            return unreachable && seen != null && seen.replied() == 0 && facts.front(flow.original()).answersWithout(endpoint);
        }

        private Finding stale(List<FrameRef> evidence, String point) {
            boolean told = trace.front() != null && knowsEndpoints(trace.front());
            String how = told ? "is in no EndpointSlice of " + serviceText() : "answers no one, while other endpoints of the service do";
            return Finding.fatal(EstablishmentTypes.STALE_ENDPOINT, "1.5", point,
                    "translated to %s, which %s%s".formatted(trace.endpoint(), how, saidOfEndpoint()),
                    evidence.isEmpty() ? Frames.first(trace) : evidence)
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, TranslationTypes.DNAT_UNEXPECTED_ENDPOINT,
                            EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.ICMP_UNREACHABLE);
        }

        /** Who answered in the endpoint's place; nearest to it, since the way back translates the sender too. */
        private String saidOfEndpoint() {
            Complaint nearest = null;
            for (Complaint complaint : complaints) {
                boolean nearer = nearest == null || rank(complaint) > rank(nearest);
                nearest = complaint.error().hostUnreachable() && nearer ? complaint : nearest;
            }
            if (nearest == null || nearest.leg().level() == 0) {
                return "";
            }
            IpAddress sender = nearest.error().sender();
            String node = facts.cluster().nodeOf(sender);
            return "; %s%s answered with ICMP %s".formatted(sender, node == null ? "" : " (" + node + ")", nearest.error().text());
        }

        // The answer

        private boolean replySeenAnywhere() {
            for (FlowLeg leg : flow.legs()) {
                if (leg.replies() > 0) {
                    return true;
                }
            }
            return false;
        }

        private Finding replyEnded() {
            Finding bypass = bypass();
            if (bypass != null) {
                return bypass;
            }
            if (answeredAt(Spot.ENTRY_IN)) {
                return answeredAt(Spot.CLIENT) ? null : lostBeforeClient();
            }
            if (answeredAt(Spot.ENTRY_OUT)) {
                String message = "the answer of %s came back to %s, which sent nothing on to the client";
                return clientSideCaptured() ? replyNotForwarded(Spot.ENTRY_OUT, message) : null;
            }
            Spot source = answeredAt(Spot.TARGET_ETH0) ? Spot.TARGET_ETH0 : answeredAt(Spot.TARGET_BRIDGE) ? Spot.TARGET_BRIDGE
                    : Spot.ENDPOINT_POD;
            int entry = entryPoint();
            FlowLeg replies = trace.leg(source, Direction.REPLY);
            if (entry < 0 && replies != null) {
                return lostOnTheWayBack(source, replies);
            }
            if (entry < 0 || replies == null || captures.translatedBlind(entry) || !answersCovered(replies, entry, trace.leg(Spot.ENTRY_OUT,
                    Direction.REQUEST)) && !otherAnswersLostToo(replies, entry)) {
                return null;
            }
            if (Boolean.TRUE.equals(trace.local())) {
                // Between a pod's bridge and eth0 of the same node lies nothing but the node itself.
                String message = "%s answered, and %s, its own node, sent nothing on to the client";
                return seen(Spot.ENTRY_IN) ? replyNotForwarded(source, message) : null;
            }
            return Finding.fatal(EstablishedTypes.REPLY_LOST_BETWEEN_NODES, "1.6", captures.point(entry).name(),
                    "%s answered %s, and the answers never reached %s".formatted(Frames.endpoint(trace), Frames.times(trace.packets(source,
                            Direction.REPLY)), captures.point(entry).name()), Frames.replies(trace, source)).explaining(consequences());
        }

        private Finding replyNotForwarded(Spot shown, String message) {
            return Finding.fatal(EstablishedTypes.REPLY_NOT_FORWARDED, "2.0", Frames.point(trace, shown),
                    message.formatted(Frames.endpoint(trace), nodeText()), Frames.replies(trace, shown)).explaining(consequences());
        }

        /** Nothing was captured at the node that was called: the answers are missing at the caller, and where they were lost is open. */
        private Finding lostOnTheWayBack(Spot source, FlowLeg replies) {
            Spot caller = trace.spots().get(0);
            FlowLeg asking = caller == Spot.CLIENT || caller == Spot.CALLER_POD ? trace.leg(caller, Direction.REQUEST) : null;
            if (asking == null || answeredAt(caller) || captures.answersBlind(asking.point())
                    || !answersCovered(replies, asking.point(), asking)) {
                return null;
            }
            return Finding.fatal(EstablishedTypes.LOSS, "1.6", captures.point(asking.point()).name(),
                    "%s answered %s, and the answers never reached %s; no capture in between tells where".formatted(Frames.endpoint(trace),
                            Frames.times(trace.packets(source, Direction.REPLY)), captures.point(asking.point()).name()),
                    Frames.replies(trace, source)).as(Severity.ERROR).explaining(consequences());
        }

        private boolean otherAnswersLostToo(FlowLeg replies, int entry) {
            CaseFacts.NodeFacts node = facts.node(trace.endpointNode());
            return node != null && node.answered() > 1 && node.cameBack() == 0
                    && captures.coverage(replies.point(), replies.firstReply().timeNanos(), entry) != Coverage.NO;
        }

        private Finding lostBeforeClient() {
            int client = -1;
            for (int point : captures.find(PointRole.CLIENT, null)) {
                if (facts.cluster().isClientAt(point, flow.called().source().address())) {
                    client = point;
                }
            }
            FlowLeg replies = trace.leg(Spot.ENTRY_IN, Direction.REPLY);
            if (client < 0 || captures.answersBlind(client)
                    || !answersCovered(replies, client, trace.leg(Spot.CLIENT, Direction.REQUEST))) {
                return null;
            }
            return Finding.fatal(EstablishedTypes.REPLY_LOST_BEFORE_CLIENT, "2.0", captures.point(client).name(),
                    "the answer left %s %s and never reached the client".formatted(nodeText(), Frames.times(trace.packets(Spot.ENTRY_IN,
                            Direction.REPLY))), Frames.replies(trace, Spot.ENTRY_IN)).explaining(consequences());
        }

        /** The pod's answer comes to the client untranslated: it took another way than the request. */
        private Finding bypass() {
            for (FlowLeg leg : flow.legs()) {
                boolean stray = leg.relation() != Relation.ORIGINAL && leg.replies() > 0 && captures.role(leg.point()) == PointRole.CLIENT
                        && leg.tuple().source().address().equals(flow.original().source().address());
                if (stray && StrayReply.fromNobody(trace, leg)) {
                    return StrayReply.mismatch(trace, leg).failing("2.0").explaining(consequences());
                }
                if (stray) {
                    return Finding.fatal(TranslationTypes.REPLY_BYPASSES_NODE1, "2.0", captures.point(leg.point()).name(),
                            "the answer came to the client as %s, not through %s: the client does not know that sender".formatted(
                                    leg.tuple().reversed(), nodeText()), Frames.of(trace, List.of(leg.firstReply())))
                            .explaining(consequences()).explaining(EstablishedTypes.RESET_BY_CLIENT,
                                    EstablishedTypes.RESET_BY_CLIENT_ON_STRAY_PACKET, EstablishedTypes.REPLY_LOST_BETWEEN_NODES);
                }
            }
            return null;
        }

        private static DeviationType[] consequences() {
            return new DeviationType[] {EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION, EstablishmentTypes.HALF_OPEN,
                EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.INVALID_DROPPED};
        }

        private String nodeText() {
            return trace.entryNode() == null ? "the node" : trace.entryNode();
        }

        private String serviceText() {
            return trace.front() == null ? flow.original().destination().toString() : trace.front().service().key();
        }

        /** A pod whose translated packets no capture shows. */
        private String podText() {
            return (Boolean.TRUE.equals(trace.local()) ? "a pod on " : "a pod behind ") + nodeText();
        }
    }

    /** Whether a step is missing where a capture proves it. */
    static boolean missing(FlowTrace trace, String step) {
        Step s = trace.step(step);
        return s != null && s.status() == StepStatus.MISSING;
    }

    /** The hop with the most lost packets of a direction, or null. */
    static FlowHop worst(Flow flow, Direction direction) {
        FlowHop worst = null;
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == direction && hop.lost() > 0 && (worst == null || hop.lost() > worst.lost())) {
                worst = hop;
            }
        }
        return worst;
    }
}
