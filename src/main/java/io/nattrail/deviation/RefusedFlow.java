package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.List;

/** Refused by RST or ICMP: who it was, and at which step. */
final class RefusedFlow extends UnansweredFlow {
    RefusedFlow(FlowTrace trace, CaseFacts facts) {
        super(trace, facts);
    }

    /** Null if nobody refused it, or what is seen of that tells nothing. */
    Finding decide() {
        Finding byReset = byReset();
        return byReset != null ? byReset : byError();
    }

    /**
     * The client waits in vain: the RST that refuses it is lost on its way back, as any other answer would be. Null if it is not so: one
     * that does not ask again has got it, or has given up.
     */
    Finding lostOnItsWay() {
        Sign reset = reset();
        // What shows at the place nearest to the caller came to it, as far as anybody can tell.
        boolean asks = flow.legs().stream().anyMatch(this::askedAgain);
        if (reset == null || answeredAt(trace.spots().get(0)) || !asks || !refusedAgain() && resetMayBeHidden()) {
            return null;
        }
        Finding lost = new AnswerEnd(trace, facts).decide();
        // What went past the node is told by what lets it go there.
        return lost != null && lost.type() == TranslationTypes.REPLY_BYPASSES_NODE1 ? null : lost;
    }

    /** Whether the endpoint had taken the connection before it refused what came again: that, had it come, was what the client wanted. */
    boolean tookItFirst() {
        return flow.legs().stream().anyMatch(leg -> leg.synAcks() > 0);
    }

    /** Whether a SYN came after a refusal: who gets one asks no further, so it never came, whatever a filter may hide. */
    private boolean refusedAgain() {
        for (FlowLeg leg : flow.legs()) {
            if (askedAgain(leg) && leg.answers() > 1) {
                return true;
            }
        }
        return false;
    }

    /** Whether a capture that shows the SYN and no answer may have a filter of flags, which lets SYNs through and no RST. */
    private boolean resetMayBeHidden() {
        for (FlowLeg leg : flow.legs()) {
            if (leg.requests() > 0 && leg.replies() == 0 && !facts.points().showsMoreThanSyns(leg.point())) {
                return true;
            }
        }
        return false;
    }

    private Sign reset() {
        Sign reset = null;
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && sign.place() >= 0) {
                reset = sign;
            }
        }
        return reset;
    }

    private Finding byReset() {
        Sign reset = reset();
        if (reset == null) {
            return null;
        }
        List<FrameRef> evidence = Frames.join(Frames.first(trace), Frames.of(trace, reset.frames()));
        Spot origin = trace.spots().get(reset.place());
        String point = Frames.pointOf(trace, reset.place());
        if ((origin == Spot.ENTRY_OUT || origin == Spot.TARGET_ETH0) && neverReachedEndpoint(origin, reset)) {
            return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, seen(Spot.TARGET_ETH0) ? "1.5" : "1.4", point,
                    said("the SYN was answered with RST in the name of %s, and never reached %s").formatted(
                            Frames.endpoint(trace), captures.point(targetPoint()).name()), evidence)
                    .explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.LOSS);
        }
        if (origin == Spot.ENTRY_OUT && notFromThere(reset)) {
            return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, "1.4", point,
                    said("the SYN was answered with RST in the name of %s, with TTL %d, which nothing has that comes from there")
                            .formatted(Frames.endpoint(trace), reset.value()), evidence)
                    .explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.LOSS);
        }
        if (flow.story().midstream() && origin != Spot.CLIENT && (origin != Spot.ENTRY_IN || !Ttl.fresh(reset.value()))) {
            return Finding.fatal(EstablishedTypes.RESET_BY_POD, "1.6", point,
                    said("%s answered what came of a connection older than the captures with RST: it had ended it, or did not know it")
                            .formatted(Frames.endpoint(trace)), evidence);
        }
        return switch (origin) {
            case TARGET_BRIDGE, ENDPOINT_POD, TARGET_ETH0, ENTRY_OUT -> Finding.fatal(
                    EstablishmentTypes.CONNECTION_REFUSED, "1.6", point,
                    said("%s answered the SYN with RST").formatted(Frames.endpoint(trace)), evidence)
                    .explaining(EstablishedTypes.RESET_BY_POD)
                    .checking(trace.template() == PathTemplates.EGRESS ? EstablishmentTypes.TRY_WITHOUT_SERVICE : null);
            case ENTRY_IN -> resetByNode(reset, evidence, point);
            case CLIENT -> resetAtClientOnly(reset, evidence, point);
            case CALLER_POD, CALLER_BRIDGE -> resetAtCaller(reset, evidence, point);
        };
    }

    /** Nothing shows who sent it but the TTL: what comes from another node was routed. */
    private Finding resetAtCaller(Sign reset, List<FrameRef> evidence, String point) {
        if (flow.translated() == null && toldWithoutEndpoints() && Ttl.fresh(reset.value())) {
            return Finding.fatal(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2", point,
                    said("%s refused the call to %s with RST itself").formatted(nodeText(), serviceText()),
                    evidence).explaining(EstablishedTypes.RESET_BY_POD);
        }
        return Finding.fatal(EstablishmentTypes.CONNECTION_REFUSED, "1.6", point,
                said("the connection to %s was refused with RST").formatted(flow.original().destination()), evidence)
                .explaining(EstablishedTypes.RESET_BY_POD);
    }

    /**
     * Whether the bridge of the endpoint's node was captured and shows nothing of it, until the RST came, or that comes to the entry node
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
                        && captures.ranAt(reset.frames().get(0), target)
                        || origin == Spot.ENTRY_OUT && Ttl.routersPassed(reset.value()) != 1 && noneArrived(target));
    }

    /**
     * Whether the TTL of a RST, where the entry node gets it, is none that the endpoint's can have: SYN-ACKs of that endpoint have passed
     * another number of routers; or it answered nobody, is in no node's own network, and no router has lowered the TTL as one does that of
     * all other pods. Where tunnels begin in the pod's interface, as Cilium's do, none lowers it.
     */
    private boolean notFromThere(Sign reset) {
        if (trace.endpoint() == null || !Boolean.FALSE.equals(trace.local()) || flow.story().midstream() || seen(Spot.TARGET_BRIDGE)
                || seen(Spot.ENDPOINT_POD) || answeredAt(Spot.TARGET_ETH0)) {
            return false;
        }
        EndpointFacts known = facts.endpoint(trace.endpoint());
        if (known != null && known.routersPassed() != EndpointFacts.UNKNOWN) {
            return known.routersPassed() != EndpointFacts.SEVERAL && known.routersPassed() != Ttl.routersPassed(reset.value());
        }
        return Ttl.fresh(reset.value()) && facts.answersAreRouted() && facts.cluster().isRoutedTo(trace.endpoint());
    }

    /** The same of what was refused on the way: a RST in the pod's name is no proof that the request came there. */
    private boolean noneArrived(int target) {
        NodeFacts node = facts.node(trace.endpointNode());
        return node != null && node.arrived() == 0 && ofSeveral(node, target);
    }

    /** Seen first at the entry node's eth0 before the NAT: from the node itself, or from a pod on it, one hop further away. */
    private Finding resetByNode(Sign reset, List<FrameRef> evidence, String point) {
        Finding byOther = resetByAnother(reset, evidence, point);
        if (byOther != null) {
            return byOther;
        }
        boolean byPod = flow.translated() != null || trace.refusedByEndpoint() || Boolean.TRUE.equals(trace.local());
        if (byPod) {
            return Finding.fatal(EstablishmentTypes.CONNECTION_REFUSED, "1.6", point,
                    said("%s answered the SYN with RST").formatted(podText()), evidence)
                    .explaining(EstablishedTypes.RESET_BY_POD);
        }
        if (toldWithoutEndpoints()) {
            return Finding.fatal(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2", point,
                    "%s refused the connection to %s itself".formatted(nodeText(), serviceText()),
                    evidence);
        }
        boolean othersServed = facts.fronts().servedBeforeAndAfter(trace);
        return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                said(othersServed
                        ? "%s answered %s with RST itself: no rule took this call to a service, though calls before and after it were taken"
                        : "%s answered %s with RST itself: no rule takes this port to a service")
                        .formatted(nodeText(), flow.original().destination()), evidence)
                .checking(othersServed ? EstablishmentTypes.RULE_SKIPPED : null);
    }

    /**
     * The RST came to the node in another's name than that of whom the client called, and acknowledges its SYN: the node's capture shows
     * what comes in, not what leaves it (tcpdump -Q in), and the node did send the request on. Null of others.
     */
    private Finding resetByAnother(Sign reset, List<FrameRef> evidence, String point) {
        for (FlowLeg leg : flow.legs()) {
            boolean untranslated = leg.relation() == Relation.REPLY_UNTRANSLATED && leg.replies() > 0 && leg.requests() == 0
                    && leg.point() == flow.places().get(reset.place()).point();
            if (untranslated && flow.translated() == null) {
                Endpoint sender = leg.tuple().destination();
                return Finding.fatal(EstablishmentTypes.CONNECTION_REFUSED, "1.6", point,
                        "the SYN was answered with RST in the name of %s".formatted(sender), evidence)
                        .explaining(EstablishedTypes.RESET_BY_POD);
            }
        }
        return null;
    }

    private Finding resetAtClientOnly(Sign reset, List<FrameRef> evidence, String point) {
        // Where the capture before it had ended, or not begun, the node may have got the SYN all the same, and the RST be its own.
        boolean entryCaptured = clientSideCaptured() && !captures.questionsBlind(entryPoint()) && !captures.answersBlind(entryPoint())
                && captures.ranAt(reset.frames().get(0), entryPoint()) && !mayLack(reset, entryPoint());
        if (entryCaptured) {
            boolean arrived = seen(Spot.ENTRY_IN);
            return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, arrived ? "2.0" : "1.1", point,
                    said(arrived ? "a RST reached the client that %s, which got its SYN, never sent: something in between refused it"
                            : "a RST reached the client although its SYN never reached %s: something in between refused it")
                            .formatted(nodeText()), evidence);
        }
        if (noEndpointGotIt()) {
            return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                    said("%s was refused with RST, and none of its endpoints got the request: %s refused it itself, or something before it")
                            .formatted(flow.original().destination(), nodeText()), evidence);
        }
        // What a pod sends was routed by its node at least.
        boolean unknownService = noServiceTold() || trace.front() == null && Ttl.fresh(reset.value());
        DeviationType type = unknownService ? EstablishmentTypes.NODE_PORT_CLOSED : EstablishmentTypes.CONNECTION_REFUSED;
        return Finding.fatal(type, unknownService ? "1.2" : "1.6", point,
                said("%s was refused with RST; no capture behind the client shows who sent it").formatted(flow.original().destination()),
                evidence);
    }

    /** Whether a point's capture was interrupted from the SYN to its refusal, or lacks other packets, and so may lack these two. */
    private boolean mayLack(Sign reset, int point) {
        return facts.points().mayHaveMissed(reset.frames().get(0), point)
                || facts.holes().hide(flow.start(), reset.frames().get(0), point);
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
            if (shows && facts.cluster().translatedAt(point) > 0 && !hidesDelivery(point)
                    && covered(trace.leg(Spot.CLIENT, Direction.REQUEST), point)) {
                return true;
            }
        }
        return false;
    }

    private Finding byError() {
        List<Complaint> complaints = Complaint.of(flow);
        Complaint refusal = refusal(complaints);
        if (refusal == null) {
            return null;
        }
        List<FrameRef> evidence = Frames.join(Frames.first(trace), Complaint.frames(trace, complaints));
        String point = captures.point(refusal.leg().point()).name();
        Finding byNode = flow.translated() == null ? byEntryNode(refusal.error(), complaints, point, evidence) : null;
        return byNode != null ? byNode : byAnother(refusal.error(), point, evidence);
    }

    /** The error that refused the request, where it was seen nearest to its origin; null if none did. */
    private Complaint refusal(List<Complaint> complaints) {
        Complaint nearest = null;
        for (Complaint complaint : complaints) {
            if (!complaint.error().packetTooBig() && complaint.error().quotedFromOpener() && (nearest == null
                    || complaint.rank(flow) > nearest.rank(flow))) {
                nearest = complaint;
            }
        }
        return nearest;
    }

    /** The error as the entry node's own word of what it did not translate; null if it is not that. */
    private Finding byEntryNode(QuotedError error, List<Complaint> complaints, String point, List<FrameRef> evidence) {
        if (error.protocolUnreachable() && fromEntryNode(error) && (noServiceTold() || leftEntryFresh(complaints))) {
            return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                    "%s answered %s with ICMP %s itself: no rule takes this port to a service, and nothing on the node speaks %s".formatted(
                            nodeText(), flow.original().destination(), error.text(), flow.protocol()), evidence)
                    .explaining(EstablishedTypes.ICMP_UNREACHABLE);
        }
        if (!arrivedAtEntry() && !fromCalledNode(error) || !mayBeReject(error) || !fromEntryNode(error)) {
            return null;
        }
        if (error.prohibited() && !toldWithoutEndpoints()) {
            return Finding.fatal(EstablishedTypes.ICMP_UNREACHABLE, "1.3", point,
                    "%s refused to forward it: ICMP %s".formatted(nodeText(), error.text()), evidence)
                    .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED)
                    .advised(EstablishedTypes.ICMP_REJECT_RULE);
        }
        if (error.portUnreachable() && portClosedToDatagrams()) {
            String why = noServiceTold() ? "no service has this port"
                    : "no rule takes this port to a service, as of TCP, which it resets though there are endpoints";
            return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                    "%s answered %s with ICMP %s itself: %s".formatted(nodeText(), flow.original().destination(), error.text(), why),
                    evidence).explaining(EstablishedTypes.ICMP_UNREACHABLE);
        }
        boolean orClosed = orPortClosed(error);
        return Finding.fatal(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2", point,
                "%s answered with ICMP %s and sent nothing on%s".formatted(nodeText(), error.text(), orClosed
                        ? "; of datagrams, a port that no rule takes to a service and that nothing listens on looks the same"
                        : trace.front() == null ? "" : " for " + serviceText()), evidence).explaining(EstablishedTypes.ICMP_UNREACHABLE)
                .explaining(repeatedInVain())
                .checking(orClosed ? EstablishmentTypes.RULE_OF_NODE_PORT : null);
    }

    /** The error as the word of a router on the way, of the endpoint, or of who has it or should. */
    private Finding byAnother(QuotedError error, String point, List<FrameRef> evidence) {
        boolean behindCalled = !arrivedAtEntry() && inCalledNameButBehind(error);
        if (!arrivedAtEntry() && !throughCalledNode(error) && !behindCalled) {
            return unreachable("1.1", point, error.sender().toString(), error, evidence);
        }
        StaleEndpoint stale = new StaleEndpoint(trace, facts);
        if (error.hostUnreachable() && stale.is()) {
            return stale.finding(Frames.join(Frames.requests(trace, Spot.ENTRY_OUT), evidence), point)
                    .explaining(EstablishedTypes.ICMP_UNREACHABLE);
        }
        boolean translatedSeen = flow.translated() != null;
        boolean byEndpoint = trace.endpoint() != null && error.sender().equals(trace.endpoint().address())
                || seen(Spot.TARGET_BRIDGE) || seen(Spot.ENDPOINT_POD) || byPod(error);
        ClusterIndex.Front front = trace.front();
        // A node with endpoints for it does not call the port closed.
        byEndpoint |= throughCalledNode(error) && error.portUnreachable() && front != null && knowsEndpoints(front);
        boolean closedThere = throughCalledNode(error) && error.portUnreachable();
        boolean fromAfar = behindCalled && !Ttl.fresh(error.ttl());
        String step = byEndpoint ? "1.6" : closedThere ? "1.2" : seen(Spot.TARGET_ETH0) ? "1.5"
                : translatedSeen || fromAfar ? "1.4" : "1.3";
        String sender = !translatedSeen && byPod(error) ? podText() : error.sender().toString();
        return unreachable(step, point, sender, error, evidence);
    }

    /**
     * Whether an error is in the called node's own name and yet cannot be about that: nobody calls himself out of reach, or too far away.
     * The node got the request and sent it on; its NAT gives its name to who says so behind it (RFC 5508, section 4.2).
     */
    private boolean inCalledNameButBehind(QuotedError error) {
        return trace.template() == PathTemplates.NODEPORT && flow.translated() == null && (error.hostUnreachable() || error.timeExceeded())
                && error.sender().equals(flow.original().destination().address());
    }

    /**
     * Whether a datagram was refused in the name that was called, and nothing tells of a service there: the kernel calls a port where
     * nobody listens unreachable with the same error as kube-proxy's rules do. A TCP port it resets.
     */
    private boolean orPortClosed(QuotedError error) {
        return flow.protocol() == Protocol.UDP && trace.front() == null && error.portUnreachable()
                && error.sender().equals(flow.original().destination().address()) && !facts.isServed(trace);
    }

    /** A kernel limits how often it says so by ICMP: the SYN that nothing answered came to it as well, unless a capture shows that not. */
    private DeviationType[] repeatedInVain() {
        boolean lost = flow.hops().stream().anyMatch(hop -> hop.loss().packets() > 0);
        return lost ? new DeviationType[0] : new DeviationType[] {EstablishedTypes.SYN_RETRANSMITTED};
    }

    /** A router asks for a neighbour's address for some seconds before it gives up: until then the client asks again. */
    private Finding unreachable(String step, String point, String sender, QuotedError error, List<FrameRef> evidence) {
        return Finding.fatal(EstablishedTypes.ICMP_UNREACHABLE, step, point, "%s answered with ICMP %s%s".formatted(sender, error.text(),
                flow.protocol() == Protocol.UDP && error.portUnreachable() && step.equals("1.6") ? ": nothing listens on the port" : ""),
                evidence).explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION)
                .advised(IcmpErrors.advice(error, trace, step));
    }

    /**
     * Whether an error can be the entry node's own reject. Of others' about the translated packet only the filter may hide that; and
     * kube-proxy's rules reject with port unreachable: a host that cannot be reached is the endpoint.
     */
    private boolean mayBeReject(QuotedError error) {
        if (byPod(error) || trace.told() != null && !toldWithoutEndpoints()) {
            return false;
        }
        if (throughCalledNode(error) && error.portUnreachable()) {
            return surelyRejected();
        }
        boolean hidden = entryPoint() >= 0
                && (captures.translatedBlind(entryPoint()) || mayHide(entryPoint(), true, Direction.REQUEST));
        return error.prohibited() || error.portUnreachable() && (!hidden || surelyRejected());
    }

    /** Whether the entry node's capture shows a protocol called unreachable with a TTL that no router has lowered: by the node itself. */
    private boolean leftEntryFresh(List<Complaint> complaints) {
        return complaints.stream().anyMatch(complaint -> complaint.error().protocolUnreachable() && Ttl.fresh(complaint.error().ttl())
                && complaint.leg().point() == entryPoint());
    }

    /** The NAT gives a pod's error the name of the node that was called; only the TTL tells that it came from behind. */
    private boolean byPod(QuotedError error) {
        return error.portUnreachable() && trace.refusedByEndpoint() && !rejectedBehind();
    }

    /** Whether behind the NAT another says so than the endpoint, as of a port of TCP or SCTP only a rule does: a host resets it. */
    private boolean rejectedBehind() {
        return flow.protocol() != Protocol.UDP && trace.endpoint() != null && Complaint.of(flow).stream().anyMatch(
                complaint -> complaint.leg().level() > 0 && complaint.error().portUnreachable()
                        && !complaint.error().sender().equals(trace.endpoint().address()));
    }

    /** Only the node that was called can have sent it, so it got the request, whether or not its capture shows that. */
    private boolean fromCalledNode(QuotedError error) {
        return error.portUnreachable() && error.sender().equals(flow.original().destination().address())
                && facts.cluster().isNodeAddress(error.sender()) && !seen(Spot.ENTRY_OUT) || throughCalledNode(error);
    }

    /**
     * Whether that can only be kube-proxy's reject. A host tells by RST that a TCP port is closed, and a UDP port may be closed at the pod
     * as well; a service that answers others has endpoints.
     */
    private boolean surelyRejected() {
        ClusterIndex.Front front = trace.front();
        return toldWithoutEndpoints()
                || flow.tcp() && !facts.fronts().of(flow.original()).answers() && (front == null || !knowsEndpoints(front));
    }

    private boolean fromEntryNode(QuotedError error) {
        return error.sender().equals(flow.original().destination().address())
                || trace.entryNode() != null && trace.entryNode().equals(facts.cluster().nodeOf(error.sender()))
                || !seen(Spot.ENTRY_OUT) && Ttl.fresh(error.ttl());
    }

    /** What TCP calls SYN and RST is INIT and ABORT in SCTP. */
    private String said(String ofTcp) {
        return flow.tcp() ? ofTcp : ofTcp.replace("SYN", "INIT").replace("RST", "ABORT");
    }
}
