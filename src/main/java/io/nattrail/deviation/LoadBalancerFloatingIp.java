package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.leg.Direction;
import io.nattrail.nat.FlowLeg;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.List;

/** The packet came to the node with the load balancer's address still in it: a variant of the path. */
final class LoadBalancerFloatingIp implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        FlowLeg in = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        boolean told = trace.front() != null && trace.front().kind() == ClusterIndex.Kind.EXTERNAL;
        if (trace.template() != PathTemplates.LOADBALANCER || in == null
                || !told && trace.flow().translated() == null) {
            return List.of();
        }
        return List.of(Finding.of(TranslationTypes.LOADBALANCER_FLOATING_IP, "1.1", Frames.point(trace, Spot.ENTRY_IN),
                "it reached %s with the load balancer's address %s as destination".formatted(Frames.entryNode(trace),
                        trace.flow().original().destination()), Frames.of(trace, List.of(in.firstRequest()))));
    }
}
