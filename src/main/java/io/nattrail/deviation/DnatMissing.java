package io.nattrail.deviation;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/** A packet for the node port, or the load balancer's address, that the node let through as it came. */
final class DnatMissing implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        boolean service = trace.template() == PathTemplates.NODEPORT || trace.template() == PathTemplates.LOADBALANCER;
        if (!service || flow.translated() != null) {
            return List.of();
        }
        List<SeenFrame> frames = new ArrayList<>();
        String where = null;
        Sign forwarded = flow.sign(Sign.Kind.FORWARDED);
        if (forwarded != null && trace.captures().role(flow.legs().get(forwarded.leg()).point()) != PointRole.CLIENT) {
            frames.addAll(forwarded.frames());
            where = trace.captures().point(flow.legs().get(forwarded.leg()).point()).name();
        }
        for (FlowLeg leg : flow.legs()) {
            if (atCaller(trace, leg)) {
                continue;
            }
            // Of a leg with nothing but a RST it is not known that it was translated; its tuple tells that it was.
            if (leg.relation() == Relation.REMAPPED || !leg.tuple().destination().equals(flow.original().destination())) {
                continue;
            }
            String node = trace.captures().node(leg.point());
            boolean beyond = node != null && trace.entryNode() != null && !node.equals(trace.entryNode()) && leg.firstRequest() != null
                    && !asFresh(trace, leg);
            boolean onBridge = trace.captures().role(leg.point()) == PointRole.BRIDGE && leg.firstRequest() != null;
            if (beyond && facts.cluster().nodeOf(flow.original().destination().address()) != null || onBridge) {
                frames.add(leg.firstRequest());
                where = trace.captures().point(leg.point()).name();
            }
        }
        if (where == null) {
            return List.of();
        }
        Finding finding = Finding.of(TranslationTypes.DNAT_MISSING, "1.2", where,
                "%s let %s through untranslated: no rule took it to an endpoint".formatted(Frames.entryNode(trace), flow.original()),
                Frames.of(trace, frames))
                .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED,
                        TranslationTypes.LOADBALANCER_FLOATING_IP, EstablishmentTypes.NO_REPLY_FROM_POD,
                        EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, EstablishmentTypes.CONNTRACK_TABLE_FULL,
                        EstablishedTypes.ICMP_UNREACHABLE);
        return List.of(flow.story().clientSawSynAck() ? finding : finding.failing("1.2"));
    }

    /** Whether what a leg shows has lost no TTL since the entry node showed it: that node did not forward it, it came from there. */
    private static boolean asFresh(FlowTrace trace, FlowLeg leg) {
        for (FlowLeg other : trace.flow().legs()) {
            boolean atEntry = trace.entryNode().equals(trace.captures().node(other.point())) && other.tuple().equals(leg.tuple());
            if (atEntry && other.requestTtl() >= 0 && leg.requestTtl() >= other.requestTtl()) {
                return true;
            }
        }
        return false;
    }

    /** Where the call began, perhaps in a pod or a process on another node: there nothing is translated yet. */
    private static boolean atCaller(FlowTrace trace, FlowLeg leg) {
        for (int p = 0; p < trace.flow().places().size(); p++) {
            boolean begins = trace.isAt(p, Spot.CLIENT) || trace.isAt(p, Spot.CALLER_BRIDGE) && Ttl.fresh(leg.requestTtl());
            if (begins && trace.flow().requestLeg(trace.flow().places().get(p)) == leg) {
                return true;
            }
        }
        return false;
    }
}
