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
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.List;

/** Not refused: the first place of the path that the request did not get beyond, or the pod that got it and never answered. */
final class RequestEnd extends UnansweredFlow {
    /** Kernels answer a SYN at once; an application that takes longer for a datagram is slow by itself. */
    private static final long LONG_WAIT_NANOS = 500_000_000L;
    /** A node's own rules reject at once. */
    private static final long AT_ONCE_NANOS = 50_000_000L;
    private static final int LEAST_SILENCES = 3;

    RequestEnd(FlowTrace trace, CaseFacts facts) {
        super(trace, facts);
    }

    /** Null if the captures could not have shown what became of it. */
    Finding decide() {
        return arrivedAtEntry() ? afterEntry() : beforeEntry();
    }

    private Finding beforeEntry() {
        if (!seen(Spot.CLIENT) || !clientSideCaptured()) {
            return null;
        }
        int point = entryPoint();
        if (captures.questionsBlind(point) || !covered(trace.leg(Spot.CLIENT, Direction.REQUEST), point)) {
            return null;
        }
        List<FrameRef> evidence = Frames.requests(trace, Spot.CLIENT);
        return Finding.fatal(EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1, "1.1", captures.point(point).name(),
                "%s left the client %s and never reached %s".formatted(flow.called(), Frames.times(trace.packets(Spot.CLIENT,
                        Direction.REQUEST)), captures.point(point).name()), evidence)
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION);
    }

    private Finding afterEntry() {
        if (flow.translated() == null && trace.template() != PathTemplates.POD_TO_POD) {
            return answeredAt(Spot.ENTRY_IN) && !answeredAt(Spot.CLIENT) ? new AnswerEnd(trace, facts).lostBeforeClient() : notForwarded();
        }
        if (replySeenAnywhere()) {
            return new AnswerEnd(trace, facts).decide();
        }
        Spot delivered = deliveredAt();
        if (delivered != null) {
            return neverAnswered(delivered);
        }
        StaleEndpoint stale = new StaleEndpoint(trace, facts);
        if (stale.is()) {
            return stale.finding(Frames.requests(trace, Spot.ENTRY_OUT), Frames.point(trace, Spot.ENTRY_OUT));
        }
        return stayedInside() ? notSentOut() : lostBetweenNodes();
    }

    private Finding neverAnswered(Spot delivered) {
        if (OneWay.is(trace, facts)) {
            return OneWay.cutOff(trace);
        }
        if (captures.answersMayBeHidden(trace.leg(delivered, Direction.REQUEST).point()) || answerQuoted()) {
            return null;
        }
        FlowLeg anew = delivered != Spot.ENDPOINT_POD && trace.template() == PathTemplates.CLUSTERIP ? chosenAnew() : null;
        if (anew != null) {
            return Finding.fatal(EstablishmentTypes.REQUEST_NOT_FORWARDED, "1.3", Frames.point(trace, delivered),
                    "%s translated the SYN for %s and, when it came again, for %s: it had dropped the first, or it had kept its choice"
                            .formatted(nodeText(), trace.endpoint(), anew.tuple().destination()),
                    Frames.join(Frames.requests(trace, delivered), Frames.of(trace, List.of(anew.firstRequest()))))
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.HALF_OPEN, EstablishedTypes.LOSS,
                            EstablishedTypes.LOSS_INSIDE_NODE);
        }
        if (!answerDue(trace.leg(delivered, Direction.REQUEST)) && !silentToOthers() || goesOnUnanswered()) {
            return null;
        }
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.point(trace, delivered),
                "%s got the request %s and never answered%s".formatted(Frames.endpoint(trace), Frames.times(trace.packets(delivered,
                        Direction.REQUEST)), OneWay.doubt(trace, facts)), Frames.requests(trace, delivered))
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.HALF_OPEN, EstablishedTypes.RETRANSMISSION,
                        EstablishedTypes.LOSS)
                .advised(flow.protocol() == Protocol.UDP ? EstablishmentTypes.POD_READS_NO_DATAGRAMS : null);
    }

    /**
     * The same SYN, translated for another endpoint when it came again, of a call from a pod to one on the same bridge, which shows what
     * is translated as it comes in; null if it was not. The kernel keeps a translation once the packet leaves for its target
     * (nf_conntrack_confirm is the last hook); what a rule drops before that is forgotten.
     */
    private FlowLeg chosenAnew() {
        if (!Boolean.TRUE.equals(trace.local())) {
            return null;
        }
        for (FlowLeg leg : flow.legs()) {
            if (leg.relation() == Relation.REMAPPED && leg.syns() > 0 && leg.firstRequest() != null
                    && !leg.tuple().destination().equals(trace.endpoint())) {
                return leg;
            }
        }
        return null;
    }

    private Finding notSentOut() {
        return Finding.fatal(EstablishmentTypes.REQUEST_NOT_FORWARDED, "1.3", captures.point(entryPoint()).name(),
                "%s got it %s for %s on %s and did not send it there".formatted(nodeText(), Frames.times(trace.packets(Spot.CALLER_BRIDGE,
                        Direction.REQUEST)), trace.endpoint(), trace.endpointNode()), Frames.requests(trace, Spot.CALLER_BRIDGE))
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS,
                        EstablishedTypes.LOSS_INSIDE_NODE);
    }

    private Finding lostBetweenNodes() {
        int target = targetPoint();
        Spot last = seen(Spot.ENTRY_OUT) ? Spot.ENTRY_OUT : Spot.TARGET_ETH0;
        FlowLeg out = trace.leg(last, Direction.REQUEST);
        if (target < 0 || out == null || !asks(out) || facts.points().passedUnseen(target) || notCaptured(out, target)) {
            return null;
        }
        // A pod that the bridge never showed may be another node's: then its answer would have told.
        boolean told = answerDue(out) || facts.endpoint(trace.endpoint()).delivered() > 0;
        if (!(told && covered(out, target)) && !othersLostToo(target)) {
            return null;
        }
        boolean atNode = seen(Spot.TARGET_ETH0);
        String to = captures.point(target).name();
        String times = Frames.times(trace.packets(last, Direction.REQUEST));
        List<FrameRef> evidence = Frames.requests(trace, last);
        NodeFacts node = facts.node(trace.endpointNode());
        // One connection alone tells nothing of a whole node.
        boolean wholeNode = node != null && node.sent() > 1 && node.reached() == 0 && facts.anotherRemoteNodeWorks(trace.endpointNode());
        if (wholeNode && !atNode) {
            return Finding.fatal(EstablishmentTypes.POD_CIDR_ROUTE_MISSING, "1.4", to,
                    "%s left %s %s and never reached %s, as all %d flows to pods of %s, while pods of other nodes answer".formatted(
                            sent(), nodeText(), times, to, node.sent(), trace.endpointNode()), evidence)
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION);
        }
        String way = last == Spot.TARGET_ETH0 ? "came to " + Frames.point(trace, last) + " " + times
                : "left " + nodeText() + " " + times + (atNode ? ", came to " + Frames.point(trace, Spot.TARGET_ETH0) : "");
        return Finding.fatal(EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, atNode ? "1.5" : "1.4", to,
                "%s %s and never reached %s".formatted(sent(), way, to), evidence)
                .checking(atNode ? EstablishmentTypes.ARRIVED_AT_NODE : null)
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION);
    }

    /** Whether an ICMP error quotes an answer, which no capture shows. */
    private boolean answerQuoted() {
        for (FlowLeg leg : flow.legs()) {
            for (QuotedError error : leg.errors()) {
                if (!error.quotedFromOpener()) {
                    return true;
                }
            }
        }
        return false;
    }

    private boolean replySeenAnywhere() {
        for (FlowLeg leg : flow.legs()) {
            if (leg.replies() > 0) {
                return true;
            }
        }
        return false;
    }

    /** What leaves the entry node for the endpoint: between pods the call itself. */
    private FiveTuple sent() {
        return flow.translated() == null ? flow.original() : flow.translated();
    }

    private boolean notCaptured(FlowLeg leg, int point) {
        return facts.holes().hide(leg.firstRequest(), leg.last(), point);
    }

    /** The place that shows the request on its way to the pod; null if there is none. */
    private Spot deliveredAt() {
        int place = trace.placeAtEndpoint();
        return place < 0 || !seen(trace.spots().get(place)) ? null : trace.spots().get(place);
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
        return asks(leg) && (leg.asked() > 1
                || facts.holes().shownAfter(leg.firstRequest()) >= LONG_WAIT_NANOS);
    }

    /**
     * Whether a connection that had begun before the captures goes on, without a word that was sent again: its answers are hidden, or
     * translated by halves, as those of a node's own pod on its bridge.
     */
    private boolean goesOnUnanswered() {
        return flow.tcp() && flow.story().midstream() && flow.sign(Sign.Kind.RETRANSMITTED) == null
                && flow.sign(Sign.Kind.SENT_IN_VAIN) == null;
    }

    /** Of several requests that came to the endpoint it answered none, however soon the captures ended. */
    private boolean silentToOthers() {
        EndpointFacts endpoint = facts.endpoint(trace.endpoint());
        return endpoint != null && endpoint.delivered() >= LEAST_SILENCES && endpoint.replied() == 0;
    }

    /** One question alone may have missed a quiet capture; several flows of which none came to the endpoint's node did not. */
    private boolean othersLostToo(int target) {
        NodeFacts node = facts.node(trace.endpointNode());
        boolean atInterface = captures.showsNodeInterface(target);
        return node != null && (atInterface ? node.reached() : node.delivered()) == 0 && ofSeveral(node, target);
    }

    /** A pod's call for a pod of another node, directly or translated on its bridge already, and never out of eth0. */
    private boolean stayedInside() {
        int entry = entryPoint();
        FlowLeg inside = trace.leg(Spot.CALLER_BRIDGE, Direction.REQUEST);
        return Boolean.FALSE.equals(trace.local()) && inside != null && entry >= 0 && !captures.translatedBlind(entry)
                && !mayHide(entry, true, Direction.REQUEST)
                && !seen(Spot.ENTRY_OUT) && !seen(Spot.TARGET_ETH0) && covered(inside, entry);
    }

    private Finding notForwarded() {
        if (trace.template() == PathTemplates.CLUSTERIP) {
            Finding onPurpose = internalPolicy();
            if (onPurpose == null && facts.refusals().unspoken(trace)) {
                return rejectedUnspoken(Frames.pointOf(trace, 0), Frames.first(trace));
            }
            return onPurpose != null ? onPurpose : callNotForwarded();
        }
        return arrivedNotForwarded(trace.leg(Spot.ENTRY_IN, Direction.REQUEST));
    }

    private Finding arrivedNotForwarded(FlowLeg in) {
        if (withoutLocalEndpoint()) {
            return onPurpose("%s sent nothing on: externalTrafficPolicy of %s is Local".formatted(nodeText(), serviceText()));
        }
        boolean atOnceDue = facts.holes().shownAfter(in.firstRequest()) >= AT_ONCE_NANOS;
        if (atOnceDue && facts.refusals().unspoken(trace)) {
            return rejectedUnspoken(Frames.point(trace, Spot.ENTRY_IN), Frames.requests(trace, Spot.ENTRY_IN));
        }
        if (captures.translatedBlind(in.point()) || mayHide(in.point(), true, Direction.REQUEST)) {
            return null;
        }
        if (atOnceDue && !Boolean.FALSE.equals(trace.local()) && facts.refusals().unspokenByPodHere(trace)
                && !facts.fronts().of(flow.original()).answersUntranslated()) {
            return atEntry(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6",
                    "%s sent it to no other node and nobody answered: a pod on it refuses others to %s by ICMP, which it says six times at "
                            .formatted(nodeText(), flow.original().destination()) + "once, then once in a second")
                    .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED).advised(EstablishedTypes.ICMP_CLOSED_PORT);
        }
        // What goes to a pod on the node itself does not show again: only the missing answer tells.
        if (!answerDue(in)) {
            return null;
        }
        boolean oneWay = OneWay.is(trace, facts);
        if (trace.told() != null && Boolean.TRUE.equals(trace.local())) {
            return oneWay ? null : atEntry(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6",
                    "conntrack on %s took it to %s on the same node, and no answer came%s"
                            .formatted(nodeText(), trace.told().destination(), OneWay.doubt(trace, facts)))
                    .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.HALF_OPEN,
                            EstablishedTypes.RETRANSMISSION)
                    .advised(flow.protocol() == Protocol.UDP ? EstablishmentTypes.POD_READS_NO_DATAGRAMS : null);
        }
        if (toldWithoutEndpoints() && !facts.fronts().of(flow.original()).answers()) {
            return atEntry(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2",
                    "%s sent nothing on for %s; the reject itself is in no capture".formatted(nodeText(), serviceText()))
                    .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishmentTypes.CONNTRACK_TABLE_FULL,
                            EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION);
        }
        return (OneWay.perhaps(trace, facts) ? mayBePodHere() : mayBeSilentPodHere()) ? null : dropped();
    }

    /** The node got it and no pod of its own did: it dropped it, be it on purpose. */
    private Finding dropped() {
        String times = Frames.times(trace.packets(Spot.ENTRY_IN, Direction.REQUEST));
        String sign = mostLikelyOnPurpose();
        if (sign != null) {
            return onPurpose("%s got it %s and sent nothing on, most likely on purpose: %s".formatted(nodeText(), times, sign));
        }
        boolean translated = facts.cluster().translates(flow.protocol(), flow.original().destination());
        String known = toldWithoutEndpoints() ? "; the service has no ready endpoint"
                : translated ? " while other connections to it are translated"
                : trace.front() != null && knowsEndpoints(trace.front()) ? ", though %s has endpoints".formatted(serviceText()) : "";
        return atEntry(EstablishmentTypes.REQUEST_NOT_FORWARDED, "1.3",
                "%s got it %s and sent nothing on%s".formatted(nodeText(), times, known))
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION)
                .advised(!translated && mayBeOnPurpose() ? EstablishmentTypes.ON_PURPOSE : null);
    }

    private Finding onPurpose(String message) {
        return atEntry(EstablishmentTypes.LOCAL_POLICY_NO_ENDPOINT, "1.2", message).explaining(EstablishedTypes.SYN_RETRANSMITTED,
                EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.RETRANSMISSION);
    }

    private Finding atEntry(DeviationType type, String step, String message) {
        return Finding.fatal(type, step, Frames.point(trace, Spot.ENTRY_IN), message, Frames.requests(trace, Spot.ENTRY_IN));
    }

    /**
     * Whether the policy Local keeps it from pods of other nodes, and the entry node has none: by the endpoints, or by that node's rules,
     * of which kube-proxy writes one that drops ("has no local endpoints") for no other reason. It is for who comes from outside.
     */
    private boolean withoutLocalEndpoint() {
        ClusterIndex.Front front = trace.front();
        if (front == null || !front.service().externalLocal() || TranslationChecks.fromInside(trace, facts)) {
            return false;
        }
        return knowsEndpoints(front) ? !hasEndpointOn(front, trace.entryNode()) : isDroppedByRule();
    }

    /** Whether nothing tells that the policy is not Local, or that the entry node has an endpoint. */
    private boolean mayBeOnPurpose() {
        ClusterIndex.Front front = trace.front();
        return (trace.template() == PathTemplates.NODEPORT || trace.template() == PathTemplates.LOADBALANCER)
                && !TranslationChecks.fromInside(trace, facts)
                && (front == null || front.service().externalLocal() && !knowsEndpoints(front));
    }

    private boolean isDroppedByRule() {
        ClusterState.ServiceRule rule = trace.entryNode() == null ? null : facts.cluster().told().ruleOf(trace.entryNode(),
                flow.protocol(), flow.original().destination(), trace.template() == PathTemplates.NODEPORT);
        return rule != null && rule.fate() == ClusterState.Fate.DROP;
    }

    private Finding rejectedUnspoken(String point, List<FrameRef> evidence) {
        if (portClosedToDatagrams()) {
            return Finding.fatal(EstablishmentTypes.NODE_PORT_CLOSED, "1.2", point,
                    "%s sent nothing on, as it refuses others to %s by ICMP, which it says six times at once, then once in a second: "
                            .formatted(nodeText(), flow.original().destination())
                            + (noServiceTold() ? "no service has this port" : "no rule takes this port to a service"), evidence)
                    .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED);
        }
        return Finding.fatal(EstablishmentTypes.NO_ENDPOINTS_REJECT, "1.2", point,
                "%s sent nothing on, as it rejects others to %s by ICMP: it may tell one client of six at once, then of one in a second"
                        .formatted(nodeText(), serviceText()), evidence)
                .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishmentTypes.CONNTRACK_TABLE_FULL,
                        EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION);
    }

    /**
     * What tells of the policy Local, and of no endpoint on the entry node at the time, though no state of the cluster does; null if
     * nothing. For pods and the node itself the policy is not.
     */
    private String mostLikelyOnPurpose() {
        ClusterIndex.Front front = trace.front();
        if (trace.entryNode() == null || TranslationChecks.fromInside(trace, facts)) {
            return null;
        }
        int port = flow.original().destination().port();
        boolean open = front == null ? !noServiceTold() : front.service().externalLocal() && !knowsEndpoints(front);
        if (open && !facts.fronts().of(flow.original()).answers()
                && facts.cluster().servedLocallyElsewhere(flow.protocol(), flow.original().destination(), trace.entryNode())) {
            return "other nodes serve port %d as under externalTrafficPolicy Local, and no endpoint was seen on this one".formatted(port);
        }
        if (open && facts.cluster().servedLocally(flow.protocol(), flow.original().destination())
                && facts.fronts().servedThereInTurn(trace)) {
            return "nodes serve port %d as under externalTrafficPolicy Local, one after the other, and this one did not at the time"
                    .formatted(port);
        }
        if (front != null && front.service().externalLocal() && facts.fronts().hadNoEndpointThen(trace)) {
            return ("externalTrafficPolicy of %s is Local, and the cluster's state, which names an endpoint on this node, is of another "
                    + "time: it does not name one that answered on another node").formatted(serviceText());
        }
        return null;
    }

    /**
     * A pod on the entry node that never answers looks the same, unless its bridge or conntrack would show it. The only one there is
     * not silent if it answers others.
     */
    private boolean mayBeSilentPodHere() {
        if (bridgeWouldShow() || facts.cluster().told().listsConnectionsOf(trace.entryNode())) {
            return false;
        }
        FrontFacts others = facts.fronts().of(flow.original());
        boolean answersHere = others.answersUntranslated();
        ClusterIndex.Front front = trace.front();
        if (front != null && knowsEndpoints(front)) {
            return endpointsOn(front, trace.entryNode()) > (answersHere ? 1 : 0);
        }
        return others.delivers() && !others.answers();
    }

    /** Whether the bridge of the entry node was captured, with no filter that is known to hide some of what goes to its pods. */
    private boolean bridgeWouldShow() {
        for (int bridge : captures.find(PointRole.BRIDGE, trace.entryNode())) {
            if (!mayHide(bridge, true, Direction.REQUEST)) {
                return true;
            }
        }
        return false;
    }

    /** The same of a pod that need not answer. */
    private boolean mayBePodHere() {
        ClusterIndex.Front front = trace.front();
        return !bridgeWouldShow()
                && (front == null || !knowsEndpoints(front) || endpointsOn(front, trace.entryNode()) > 0);
    }

    /** kube-proxy drops a pod's call under internalTrafficPolicy Local where its node has no endpoint, and by rule for nothing else. */
    private Finding internalPolicy() {
        ClusterIndex.Front front = trace.front();
        boolean told = front != null && front.service().internalLocal() && trace.entryNode() != null && knowsEndpoints(front)
                && !hasEndpointOn(front, trace.entryNode());
        if (front == null || !told && !isDroppedByRule()) {
            return null;
        }
        return Finding.fatal(EstablishmentTypes.LOCAL_POLICY_NO_ENDPOINT, "1.2", Frames.firstPoint(trace),
                "%s sent nothing on: internalTrafficPolicy of %s is Local".formatted(nodeText(), serviceText()),
                Frames.join(Frames.first(trace), Frames.requests(trace, Spot.CALLER_POD)))
                .checking(EstablishmentTypes.INTERNAL_POLICY)
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishmentTypes.REQUEST_NOT_FORWARDED,
                        EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS);
    }

    /**
     * A pod's call that its node got, did not send out of its interface and took to none of the pods on the node itself: the captures of
     * their bridge, or of each of them that is an endpoint, would show it.
     */
    private Finding callNotForwarded() {
        FlowLeg call = flow.places().isEmpty() || !captures.showsPods(flow.places().get(0).point()) ? null
                : flow.requestLeg(flow.places().get(0));
        int entry = entryPoint();
        if (call == null || !answerDue(call) || entry < 0 || !facts.cluster().wouldShowTranslated(flow, trace.entryNode())
                || !covered(call, entry) || toldWithoutEndpoints() || !endpointsHereWatched(call)) {
            return null;
        }
        return Finding.fatal(EstablishmentTypes.REQUEST_NOT_FORWARDED, "1.3", captures.point(call.point()).name(),
                "%s got it %s and sent it on neither to another node nor to a pod of its own".formatted(nodeText(),
                        Frames.times(call.asked())), Frames.first(trace))
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS);
    }

    /** Whether captures would show it on its way to whichever endpoint the entry node has. */
    private boolean endpointsHereWatched(FlowLeg call) {
        for (int bridge : captures.find(PointRole.BRIDGE, trace.entryNode())) {
            if (bridge != call.point() && facts.cluster().translatedAt(bridge) > 0 && !hidesDelivery(bridge)
                    && covered(call, bridge)) {
                return true;
            }
        }
        ClusterIndex.Front front = trace.front();
        if (front == null || !knowsEndpoints(front)) {
            return false;
        }
        for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(front.service(), front.port())) {
            if (endpoint.node() == null || facts.cluster().isHostNetwork(endpoint.address())) {
                return false;
            }
            int pod = endpoint.node().equals(trace.entryNode()) ? facts.cluster().podPoint(endpoint.address()) : call.point();
            if (pod < 0 || hidesDelivery(pod) || pod != call.point() && !covered(call, pod)) {
                return false;
            }
        }
        return true;
    }

    private boolean hasEndpointOn(ClusterIndex.Front front, String node) {
        return endpointsOn(front, node) > 0;
    }

    /** Endpoints of a service on a node that new connections may go to. */
    private int endpointsOn(ClusterIndex.Front front, String node) {
        int count = 0;
        for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(front.service(), front.port())) {
            count += node != null && node.equals(endpoint.node()) && endpoint.takesNew() ? 1 : 0;
        }
        return count;
    }
}
