package io.nattrail.path;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Ttl;

/**
 * What a pod called where the bridge hook of br_netfilter translates: its bridge shows the requests translated already. Answers from
 * another node come through the node's own stack, which gives them the name of what was called before it hands them to the bridge.
 */
public final class BridgedCalls {
    private BridgedCalls() {
    }

    /** The flow as its caller opened it, where only answers on the caller's bridge tell that; else as it is. */
    public static Flow opened(Flow flow, CaptureSet captures) {
        for (Place place : flow.places()) {
            if (place.level() > 0) {
                return flow;
            }
            FlowLeg answers = answersInCalledName(flow, place, captures);
            if (answers != null && (takenByCaller(flow, place, answers) || answeredBeyond(flow, place, captures))) {
                return flow.openedAs(answers.tuple());
            }
            FlowLeg quoted = quotedInCalledName(flow, place, captures);
            if (quoted != null) {
                return flow.openedAs(quoted.tuple());
            }
        }
        return flow;
    }

    /** Whether the caller is a pod on a bridge that translates. */
    static boolean fromPod(Flow flow, CaptureSet captures) {
        return flow.translated() != null && (translatedBetweenPorts(flow, captures) || answeredInCalledName(flow, captures));
    }

    /**
     * Whether all interfaces of a node show a call on both sides of its translation, and no router before or after: it was translated
     * between two ports of a bridge, where pods are. What comes from outside is translated and then routed.
     */
    private static boolean translatedBetweenPorts(Flow flow, CaptureSet captures) {
        if (flow.sign(Sign.Kind.RELAYED) != null) {
            return false;
        }
        int called = -1;
        for (Place place : flow.places()) {
            FlowLeg asked = flow.requestLeg(place);
            if (captures.role(place.point()) == PointRole.ANY && asked != null && Ttl.fresh(asked.requestTtl())) {
                if (place.level() > 0 && place.point() == called) {
                    return true;
                }
                called = place.level() == 0 ? place.point() : called;
            }
        }
        return false;
    }

    /** Whether a bridge shows a caller's requests translated, and the answers, or errors about them, as it gets them. */
    private static boolean answeredInCalledName(Flow flow, CaptureSet captures) {
        for (Place place : flow.places()) {
            FlowLeg answers = answersInCalledName(flow, place, captures);
            FlowLeg heard = answers != null ? answers : quotedInCalledName(flow, place, captures);
            if (heard != null && heard.tuple().equals(flow.original())) {
                return true;
            }
        }
        return false;
    }

    /** Answers that a bridge shows in another name than that which the requests have there, which came fresh from a pod; or null. */
    private static FlowLeg answersInCalledName(Flow flow, Place place, CaptureSet captures) {
        FlowLeg requests = flow.requestLeg(place);
        FlowLeg replies = flow.replyLeg(place);
        boolean apart = requests != null && replies != null && requests != replies && requests.replies() == 0
                && replies.relation() == Relation.REPLY_UNTRANSLATED && captures.role(place.point()) == PointRole.BRIDGE;
        boolean toCaller = apart && replies.tuple().source().equals(requests.tuple().source())
                && !replies.tuple().destination().equals(requests.tuple().destination());
        return toCaller && Ttl.fresh(requests.requestTtl()) && flow.sign(Sign.Kind.RELAYED) == null ? replies : null;
    }

    /**
     * ICMP errors that a bridge shows about requests which came fresh from a pod, and which quote them in another name than they have
     * there: that which the pod called, to which conntrack translates the quote back; or null.
     */
    private static FlowLeg quotedInCalledName(Flow flow, Place place, CaptureSet captures) {
        FlowLeg requests = flow.requestLeg(place);
        if (requests == null || captures.role(place.point()) != PointRole.BRIDGE || !Ttl.fresh(requests.requestTtl())) {
            return null;
        }
        for (FlowLeg leg : flow.legs()) {
            if (leg.point() == place.point() && leg.requests() == 0 && leg.replies() == 0 && !leg.errors().isEmpty()
                    && leg.tuple().source().equals(requests.tuple().source())
                    && !leg.tuple().destination().equals(requests.tuple().destination())) {
                return leg;
            }
        }
        return null;
    }

    /** Who gets a SYN-ACK in another name than that which it called does not go on with the connection: it resets it. */
    private static boolean takenByCaller(Flow flow, Place place, FlowLeg answers) {
        return flow.tcp() && answers.synAcks() > 0 && flow.requestLeg(place).wentOn();
    }

    /** Whether the same answers show elsewhere, as they leave the other end, which the requests on the bridge are for. */
    private static boolean answeredBeyond(Flow flow, Place bridge, CaptureSet captures) {
        String node = captures.node(bridge.point());
        for (Place place : flow.places()) {
            boolean beyond = captures.role(place.point()) == PointRole.NODE_INTERFACE
                    || captures.showsPods(place.point()) && node != null && !node.equals(captures.node(place.point()));
            FlowLeg replies = beyond ? flow.replyLeg(place) : null;
            if (replies != null && replies.tuple().destination().equals(flow.requestLeg(bridge).tuple().destination())) {
                return true;
            }
        }
        return false;
    }
}
