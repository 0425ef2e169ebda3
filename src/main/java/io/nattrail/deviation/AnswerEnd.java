package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.Duration;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/** Answered: the first place of the way back that the answer did not get beyond. */
final class AnswerEnd extends UnansweredFlow {
    /** A node passes on far sooner what it passes on at all; what came last to a capture that ended may have been next. */
    private static final long PASSED_ON_NANOS = 10_000_000L;

    AnswerEnd(FlowTrace trace, CaseFacts facts) {
        super(trace, facts);
    }

    /** Null if the captures could not have shown what became of it. */
    Finding decide() {
        Finding bypass = bypass();
        if (bypass != null) {
            return bypass;
        }
        if (answeredAt(Spot.ENTRY_IN)) {
            return answeredAt(Spot.CLIENT) ? null : lostBeforeClient();
        }
        if (answeredAt(Spot.ENTRY_OUT)) {
            String message = "the answer of %s came back to %s, which sent nothing on to the client";
            boolean wouldShow = clientSideCaptured() && seen(Spot.ENTRY_IN) && !mayHide(entryPoint(), false, Direction.REPLY);
            return wouldShow ? replyNotForwarded(Spot.ENTRY_OUT, message) : notHandedToCaller();
        }
        Spot source = answeredAt(Spot.TARGET_ETH0) ? Spot.TARGET_ETH0 : answeredAt(Spot.TARGET_BRIDGE) ? Spot.TARGET_BRIDGE
                : Spot.ENDPOINT_POD;
        FlowLeg replies = trace.leg(source, Direction.REPLY);
        return replies == null ? null : neverAtEntry(source, replies, entryPoint());
    }

    /** The answer shows nowhere nearer to the client than where the endpoint is. */
    private Finding neverAtEntry(Spot source, FlowLeg replies, int entry) {
        if (Boolean.TRUE.equals(trace.local()) && entry >= 0) {
            return keptOnItsNode(source, replies, entry);
        }
        if (entry < 0 || captures.translatedBlind(entry) || hidesPodsSide(entry)) {
            return lostOnTheWayBack(source, replies);
        }
        if (!answersCovered(replies, entry, trace.leg(Spot.ENTRY_OUT, Direction.REQUEST)) && !otherAnswersLostToo(replies, entry)) {
            return null;
        }
        return Finding.fatal(EstablishedTypes.REPLY_LOST_BETWEEN_NODES, "1.6", captures.point(entry).name(),
                neverReached(source, entry), Frames.replies(trace, source)).explaining(consequences())
                .checking(trace.template() == PathTemplates.EGRESS ? EstablishedTypes.ROUTE_FROM_OUTSIDE : null);
    }

    /**
     * Between a pod's bridge and eth0 of the same node lies nothing but the node itself. There the answer shows as it goes to the client,
     * in the name of what was called: what a filter hides of the pods' side says nothing.
     */
    private Finding keptOnItsNode(Spot source, FlowLeg replies, int entry) {
        boolean hidden = captures.answersMayBeHidden(entry) || mayHide(entry, false, Direction.REPLY);
        boolean wouldShow = !hidden && seen(Spot.ENTRY_IN) && answersCovered(replies, entry, trace.leg(Spot.ENTRY_IN, Direction.REQUEST));
        return wouldShow ? replyNotForwarded(source, "%s answered, and %s, its own node, sent nothing on to the client") : null;
    }

    /** What the entry node itself said of the endpoint's datagrams that came to the port it masquerades with: no socket has it. */
    private List<Complaint> refusedByEntryNode() {
        List<Complaint> refused = new ArrayList<>(0);
        for (Complaint complaint : Complaint.of(flow)) {
            if (flow.protocol() == Protocol.UDP && flow.translated() != null && !complaint.error().quotedFromOpener()
                    && complaint.error().portUnreachable() && complaint.error().sender().equals(flow.translated().source().address())) {
                refused.add(complaint);
            }
        }
        return refused;
    }

    /** The answer to a pod's call came back to the pod's own node, and neither the bridge there nor the pod's interface shows it. */
    private Finding notHandedToCaller() {
        FlowLeg replies = trace.leg(Spot.ENTRY_OUT, Direction.REPLY);
        if (replies == null || answeredAt(Spot.CALLER_BRIDGE) || answeredAt(Spot.CALLER_POD)
                || facts.fronts().answeredInAnotherName(flow)) {
            return null;
        }
        for (Spot spot : List.of(Spot.CALLER_BRIDGE, Spot.CALLER_POD)) {
            FlowLeg asking = trace.leg(spot, Direction.REQUEST);
            // The bridge shows the call translated already where the bridge hook did it.
            if (asking != null && !captures.answersBlind(asking.point())
                    && !mayHide(asking.point(), asking.relation() != Relation.ORIGINAL, Direction.REPLY)
                    && answersCovered(replies, asking.point(), asking)) {
                return replyNotForwarded(Spot.ENTRY_OUT, "the answer of %s came back to %s, which sent nothing on to the pod that called");
            }
        }
        return null;
    }

    /** Whether the entry node's capture may not show the answer, as it does not show the request that it must have sent on. */
    private boolean hidesPodsSide(int entry) {
        return mayHide(entry, true, Direction.REPLY)
                || Boolean.FALSE.equals(trace.local()) && !seen(Spot.ENTRY_OUT) && facts.cluster().translatedAt(entry) > 0
                && !facts.cluster().showsAlike(flow, entry, true, Direction.REPLY);
    }

    private Finding replyNotForwarded(Spot shown, String message) {
        FlowLeg asked = trace.leg(shown, Direction.REQUEST);
        FlowLeg answered = trace.leg(shown, Direction.REPLY);
        List<Complaint> refused = refusedByEntryNode();
        if (refused.isEmpty() && answered != null
                && facts.holes().shownAfter(answered.firstReply()) < PASSED_ON_NANOS) {
            return null;
        }
        if (!refused.isEmpty() && shown == Spot.ENTRY_OUT && asked != null && answered != null && asked.point() == answered.point()) {
            // One clock: how late the answer was is exact.
            return Finding.fatal(EstablishedTypes.REPLY_NOT_FORWARDED, "2.0", Frames.point(trace, shown),
                    ("the answer of %s came back %s after the question to %s, which sent nothing on to the client and told the pod port "
                            + "unreachable, as a node does that knows the translation no more").formatted(Frames.endpoint(trace),
                            Duration.of(answered.firstReply().timeNanos() - asked.firstRequest().timeNanos()), nodeText()),
                    Frames.join(Frames.replies(trace, shown), Complaint.frames(trace, refused))).explaining(consequences())
                    .explaining(EstablishedTypes.ICMP_UNREACHABLE).checking(EstablishedTypes.DATAGRAM_FORGOTTEN);
        }
        return Finding.fatal(EstablishedTypes.REPLY_NOT_FORWARDED, "2.0", Frames.point(trace, shown),
                message.formatted(Frames.endpoint(trace), nodeText()), Frames.replies(trace, shown)).explaining(consequences());
    }

    /** At the node that was called nothing was captured, or nothing of the pods' side: where the answers were lost is open. */
    private Finding lostOnTheWayBack(Spot source, FlowLeg replies) {
        Spot caller = trace.spots().get(0);
        FlowLeg asking = caller == Spot.CLIENT || caller == Spot.CALLER_POD ? trace.leg(caller, Direction.REQUEST) : null;
        if (asking == null || answeredAt(caller) || captures.answersBlind(asking.point()) || mayHide(asking.point(), false, Direction.REPLY)
                || !answersCovered(replies, asking.point(), asking)) {
            return null;
        }
        return Finding.fatal(EstablishedTypes.LOSS, "1.6", captures.point(asking.point()).name(),
                neverReached(source, asking.point()) + "; no capture in between tells where", Frames.replies(trace, source))
                .as(Severity.ERROR).explaining(consequences()).checking(EstablishedTypes.CAPTURE_IN_BETWEEN);
    }

    private String neverReached(Spot source, int point) {
        long answers = trace.packets(source, Direction.REPLY);
        return "%s answered %s, and the %s never reached %s".formatted(Frames.endpoint(trace), Frames.times(answers),
                answers == 1 ? "answer" : "answers", captures.point(point).name());
    }

    /** The same of a leg's answers: just beyond the edge, only if the SYN-ACK was sent again, or the question after the answer. */
    private boolean answersCovered(FlowLeg leg, int point, FlowLeg asking) {
        Coverage coverage = captures.coverage(leg.point(), leg.firstReply().timeNanos(), point);
        boolean again = leg.synAcks() > 1 || asking != null && askedAgain(asking)
                && captures.aligned(asking.last()) > captures.aligned(leg.firstReply());
        SeenFrame last = leg.replies() == 1 ? leg.firstReply() : leg.last();
        if (facts.points().mayHaveMissed(leg.firstReply(), point) && !again || facts.holes().hide(leg.firstReply(), last, point)) {
            // A capture that lacks other packets may lack a single answer, and an interrupted one all that came meanwhile.
            return false;
        }
        return coverage == Coverage.SURE || coverage == Coverage.LIKELY
                && (again || facts.points().passedAround(leg.point(), leg.firstReply().timeNanos(), point));
    }

    private boolean otherAnswersLostToo(FlowLeg replies, int entry) {
        NodeFacts node = facts.node(trace.endpointNode());
        return node != null && node.answered() > 1 && node.cameBack() == 0
                && !facts.holes().hide(replies.firstReply(), replies.last(), entry)
                && captures.coverage(replies.point(), replies.firstReply().timeNanos(), entry) != Coverage.NO;
    }

    Finding lostBeforeClient() {
        int client = clientPoint();
        if (client < 0) {
            return null;
        }
        FlowLeg replies = trace.leg(Spot.ENTRY_IN, Direction.REPLY);
        FlowLeg asking = trace.leg(Spot.CLIENT, Direction.REQUEST);
        // What the client's capture hides may have come, unless its SYN went out again.
        boolean mayHaveCome = captures.answersBlind(client) && !(flow.tcp() && asking != null && askedAgain(asking));
        // A client whose capture does not show the question, though it shows others', has a filter.
        boolean hidden = !seen(Spot.CLIENT) && facts.cluster().originalsAt(client) > 0
                && !facts.cluster().showsAlike(flow, client, false, Direction.REPLY);
        if (hidden || mayHaveCome || mayHide(client, false, Direction.REPLY) || !answersCovered(replies, client, asking)) {
            return null;
        }
        if (replies.relation() != Relation.ORIGINAL) {
            // Of what the node sent its capture shows nothing: the answer came to it.
            return Finding.fatal(EstablishedTypes.LOSS, "2.0", captures.point(client).name(),
                    "the answer came to %s %s and never reached the client; no capture in between tells where".formatted(nodeText(),
                            Frames.times(trace.packets(Spot.ENTRY_IN, Direction.REPLY))), Frames.replies(trace, Spot.ENTRY_IN))
                    .as(Severity.ERROR).explaining(consequences()).checking(EstablishedTypes.CAPTURE_IN_BETWEEN);
        }
        return Finding.fatal(EstablishedTypes.REPLY_LOST_BEFORE_CLIENT, "2.0", captures.point(client).name(),
                "the answer left %s %s and never reached the client".formatted(nodeText(), Frames.times(trace.packets(Spot.ENTRY_IN,
                        Direction.REPLY))), Frames.replies(trace, Spot.ENTRY_IN)).explaining(consequences());
    }

    /** The capture at who called, be it a pod or another node; where it does not show the call, the one of its address; -1 for none. */
    private int clientPoint() {
        FlowLeg asking = trace.leg(Spot.CLIENT, Direction.REQUEST);
        if (asking != null) {
            return asking.point();
        }
        for (int point : captures.find(PointRole.CLIENT, null)) {
            if (facts.cluster().isClientAt(point, flow.called().source().address())) {
                return point;
            }
        }
        return -1;
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
                                EstablishedTypes.RESET_BY_CLIENT_ON_STRAY_PACKET, EstablishedTypes.REPLY_LOST_BETWEEN_NODES,
                                EstablishedTypes.ICMP_UNREACHABLE);
            }
        }
        return null;
    }

    private static DeviationType[] consequences() {
        return new DeviationType[] {EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION, EstablishmentTypes.HALF_OPEN,
            EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.INVALID_DROPPED};
    }
}
