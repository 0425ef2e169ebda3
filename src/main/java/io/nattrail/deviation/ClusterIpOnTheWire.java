package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.List;

/**
 * A ClusterIP between nodes, where no route knows it: the node that sent it has no rules for it. What no router has touched did not come
 * through a node, unless it is one that calls: then the capture is nearer to the caller than it seems.
 */
final class ClusterIpOnTheWire implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (trace.template() != PathTemplates.CLUSTERIP || announced(trace)) {
            return List.of();
        }
        for (Place place : flow.places()) {
            FlowLeg leg = flow.requestLeg(place);
            if (place.level() == 0 && leg != null && trace.captures().role(place.point()) == PointRole.NODE_INTERFACE
                    && (!Ttl.fresh(leg.requestTtl()) || facts.cluster().isNodeAddress(flow.original().source().address()))) {
                String point = trace.captures().point(place.point()).name();
                if (translatedBefore(trace, place, leg)) {
                    return List.of(forgotten(trace, leg, point));
                }
                Finding finding = Finding.of(TranslationTypes.CLUSTERIP_ON_THE_WIRE, "1.2", point,
                        "%s is on the wire at %s: nothing translated it before%s".formatted(flow.original(), point, doubt(trace, facts)),
                        Frames.of(trace, List.of(leg.firstRequest())))
                        .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED,
                                EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, EstablishedTypes.ICMP_UNREACHABLE,
                                EstablishmentTypes.NO_REPLY_FROM_POD);
                return List.of(flow.story().clientSawSynAck() ? finding : finding.failing("1.2"));
            }
        }
        return List.of();
    }

    /** Where neither the cluster's state nor a translation tells that a service is called. */
    private static String doubt(FlowTrace trace, CaseFacts facts) {
        boolean known = trace.front() != null || facts.cluster().translates(trace.flow().protocol(), trace.flow().original().destination());
        return known ? "" : ". That it is a ClusterIP is only concluded: it lies beside services, or near no client, pod or node";
    }

    /** Whether the same interface had shown the connection translated before it showed it as it was called. */
    private static boolean translatedBefore(FlowTrace trace, Place untranslated, FlowLeg leg) {
        Flow flow = trace.flow();
        if (!flow.story().clientSawSynAck() || leg.syns() > 0) {
            return false;
        }
        for (Place place : flow.places()) {
            FlowLeg before = place.point() == untranslated.point() && place.level() > 0 ? flow.requestLeg(place) : null;
            if (before != null && before.firstRequest().timeNanos() < leg.firstRequest().timeNanos()) {
                return true;
            }
        }
        return false;
    }

    /** A strict conntrack takes no connection up again in its middle: what comes of it is INVALID, and no rule of the NAT sees it. */
    private static Finding forgotten(FlowTrace trace, FlowLeg leg, String point) {
        Sign silence = trace.flow().sign(Sign.Kind.SILENCE);
        Finding finding = Finding.of(TranslationTypes.CLUSTERIP_ON_THE_WIRE, "1.2", point,
                "data went on untranslated at %s, as %s%s: the node had forgotten the translation".formatted(point, leg.tuple(),
                        silence == null ? "" : " after %s of silence".formatted(Duration.of(silence.value()))),
                Frames.of(trace, List.of(leg.firstRequest())))
                .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES,
                        EstablishedTypes.RETRANSMISSION, EstablishedTypes.IDLE_TIMEOUT_DROP, EstablishedTypes.RESET_BY_CLIENT,
                        EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE)
                .checking(TranslationTypes.NAT_REMAPPED_MIDFLOW.checks().get(0));
        return trace.flow().sign(Sign.Kind.SENT_IN_VAIN) == null ? finding : finding.as(Severity.ERROR).failing("1.2");
    }

    /** Some networks route ClusterIPs to the nodes on purpose (BGP); then a client outside calls them, and a node translates. */
    private static boolean announced(FlowTrace trace) {
        return trace.seen(Spot.CLIENT, Direction.REQUEST) && trace.flow().translated() != null && trace.flow().story().clientSawSynAck();
    }
}
