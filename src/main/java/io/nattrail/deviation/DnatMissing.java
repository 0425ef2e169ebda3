package io.nattrail.deviation;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.Flow;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
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
        Sign forwarded = flow.sign(Sign.Kind.FORWARDED);
        int point = forwarded == null ? -1 : flow.legs().get(forwarded.leg()).point();
        if (point < 0 || trace.captures().role(point) == PointRole.CLIENT) {
            return List.of();
        }
        Finding finding = Finding.of(TranslationTypes.DNAT_MISSING, "1.2", trace.captures().point(point).name(),
                "%s let %s through untranslated: no rule took it to an endpoint".formatted(Frames.entryNode(trace), flow.original()),
                Frames.of(trace, forwarded.frames()))
                .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED,
                        TranslationTypes.LOADBALANCER_FLOATING_IP, EstablishmentTypes.NO_REPLY_FROM_POD,
                        EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, EstablishmentTypes.CONNTRACK_TABLE_FULL,
                        EstablishedTypes.ICMP_UNREACHABLE);
        return List.of(flow.story().clientSawSynAck() ? finding : finding.failing("1.2"));
    }
}
