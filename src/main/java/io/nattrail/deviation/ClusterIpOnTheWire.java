package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
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
            if (place.level() == 0 && leg != null && leg.firstRequest() != null
                    && trace.captures().role(place.point()) == PointRole.NODE_INTERFACE && (!Ttl.fresh(leg.requestTtl())
                    || facts.cluster().isNodeAddress(flow.original().source().address()))) {
                String point = trace.captures().point(place.point()).name();
                Finding finding = Finding.of(TranslationTypes.CLUSTERIP_ON_THE_WIRE, "1.2", point,
                        "%s is on the wire at %s: nothing translated it before".formatted(flow.original(), point),
                        Frames.of(trace, List.of(leg.firstRequest())))
                        .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED,
                                EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, EstablishedTypes.ICMP_UNREACHABLE,
                                EstablishmentTypes.NO_REPLY_FROM_POD);
                return List.of(flow.story().clientSawSynAck() ? finding : finding.failing("1.2"));
            }
        }
        return List.of();
    }

    /** Some networks route ClusterIPs to the nodes on purpose (BGP); then a client outside calls them, and a node translates. */
    private static boolean announced(FlowTrace trace) {
        return trace.seen(Spot.CLIENT, Direction.REQUEST) && trace.flow().translated() != null && trace.flow().story().clientSawSynAck();
    }
}
