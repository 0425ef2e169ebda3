package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.Endpoint;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/**
 * An answer that came to an established connection's client under another tuple than it had called: untranslated, or translated to
 * something else. The client knows no such connection and resets. Where the client was not captured, the interface that it left by tells.
 */
final class StrayReply implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (!flow.tcp() || !flow.story().clientSawSynAck()) {
            return List.of();
        }
        for (FlowLeg leg : flow.legs()) {
            if (leg.replies() > 0 && strayed(trace, leg)) {
                return List.of(fromNobody(trace, leg) ? mismatch(trace, leg) : leaked(trace, leg));
            }
        }
        for (FlowLeg leg : flow.legs()) {
            if (leg.replies() > 0 && leftUntranslated(trace, leg)) {
                return List.of(leaked(trace, leg));
            }
        }
        return List.of();
    }

    /**
     * Answers of a pod on the entry node, at that node's interface, in the pod's own name beside those in the name of what was called: to a
     * pod that sees the client's own address, nothing ever comes or goes there so.
     */
    private static boolean leftUntranslated(FlowTrace trace, FlowLeg leg) {
        Flow flow = trace.flow();
        boolean onEntry = Boolean.TRUE.equals(trace.local()) && trace.captures().role(leg.point()) == PointRole.NODE_INTERFACE
                && trace.entryNode() != null && trace.entryNode().equals(trace.captures().node(leg.point()))
                && trace.seen(Spot.ENTRY_IN, Direction.REPLY);
        if (!onEntry || leg.relation() == Relation.REMAPPED || !leg.tuple().source().equals(flow.original().source())) {
            return false;
        }
        return flow.translated() != null ? leg.tuple().equals(flow.translated())
                : leg.relation() == Relation.REPLY_UNTRANSLATED && !fromNobody(trace, leg)
                        && !leg.tuple().destination().equals(flow.original().destination());
    }

    /**
     * Answers to the client at its own interface that are none of what it called, on a leg that is no place of the path. What goes to
     * another address only passes a point that is not the client's.
     */
    private static boolean strayed(FlowTrace trace, FlowLeg leg) {
        PointRole role = trace.captures().role(leg.point());
        boolean caller = (role == PointRole.CLIENT || role == PointRole.POD)
                && leg.tuple().source().address().equals(trace.flow().original().source().address());
        if (!caller || leg.relation() == Relation.ORIGINAL || leg.relation() == Relation.REMAPPED || !callsFrom(trace, leg.point())) {
            return false;
        }
        int index = trace.flow().legs().indexOf(leg);
        for (Place place : trace.flow().places()) {
            if (place.requestLeg() == index || place.replyLeg() == index) {
                return false;
            }
        }
        return true;
    }

    private static boolean callsFrom(FlowTrace trace, int point) {
        Place first = trace.flow().places().get(0);
        return first.point() == point && first.level() == 0;
    }

    /** Whether the sender is neither whom the client called nor the endpoint; the called address with another port is neither. */
    static boolean fromNobody(FlowTrace trace, FlowLeg leg) {
        Endpoint sender = leg.tuple().destination();
        Endpoint called = trace.flow().original().destination();
        Endpoint endpoint = trace.flow().translated() == null ? trace.endpoint() : trace.flow().translated().destination();
        return !sender.equals(called) && !sender.equals(endpoint) && (endpoint != null || sender.address().equals(called.address()));
    }

    static Finding mismatch(FlowTrace trace, FlowLeg leg) {
        return Finding.of(TranslationTypes.REVERSE_NAT_MISMATCH, "2.0", trace.captures().point(leg.point()).name(),
                "the client called %s and got the answer as %s".formatted(trace.flow().original().destination(), leg.tuple().reversed()),
                Frames.join(Frames.first(trace), Frames.of(trace, List.of(leg.firstReply()))))
                .explaining(TranslationTypes.REPLY_BYPASSES_NODE1, EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RESET_MIDSTREAM,
                        EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.LOSS,
                        EstablishedTypes.REPLY_NOT_FORWARDED);
    }

    private static Finding leaked(FlowTrace trace, FlowLeg leg) {
        boolean reset = leg.history().contains("R");
        List<SeenFrame> frames = new ArrayList<>();
        frames.add(leg.firstReply());
        if (leg.firstRequest() != null) {
            frames.add(leg.firstRequest());
        }
        String point = trace.captures().point(leg.point()).name();
        String what = "%s of the answer came to %s as %s, untranslated, while the others were translated".formatted(
                leg.answers() == 1 ? "a segment" : leg.answers() + " segments", point, leg.tuple().reversed());
        Finding finding = reset
                ? Finding.fatal(EstablishedTypes.RESET_BY_CLIENT_ON_STRAY_PACKET, "2.0", point, what + "; the client answered "
                        + (leg.answers() == 1 ? "it" : "them") + " with RST",
                        Frames.of(trace, frames)).explaining(TranslationTypes.REPLY_LEAKS_UNTRANSLATED)
                : Finding.of(TranslationTypes.REPLY_LEAKS_UNTRANSLATED, "2.0", point, what, Frames.of(trace, frames));
        return finding.explaining(EstablishedTypes.RESET_MIDSTREAM, EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RESET_BY_POD,
                EstablishedTypes.NODE_RESET_ON_INVALID, EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.LOSS,
                EstablishedTypes.RETRANSMISSION, EstablishedTypes.INVALID_DROPPED, EstablishedTypes.REPLY_NOT_FORWARDED,
                EstablishedTypes.IDLE_TIMEOUT_DROP, EstablishmentTypes.NO_REPLY_FROM_POD);
    }
}
