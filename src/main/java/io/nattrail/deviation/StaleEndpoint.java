package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.FrameRef;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import java.util.List;

/** A translation to a pod that is gone. */
final class StaleEndpoint extends UnansweredFlow {
    private final List<Complaint> complaints;

    StaleEndpoint(FlowTrace trace, CaseFacts facts) {
        super(trace, facts);
        complaints = Complaint.of(flow);
    }

    /** Whether the cluster's state does not know the endpoint any more, or all others answer and it is said to be unreachable. */
    boolean is() {
        Endpoint endpoint = trace.endpoint();
        if (endpoint == null || trace.template() == PathTemplates.EGRESS) {
            return false;
        }
        ClusterIndex.Front front = trace.front();
        if (front != null && knowsEndpoints(front)) {
            for (ClusterState.ServiceEndpoint known : facts.cluster().told().endpointsOf(front.service(), front.port())) {
                if (known.address().equals(endpoint)) {
                    return false;
                }
            }
            return true;
        }
        EndpointFacts seen = facts.endpoint(endpoint);
        boolean unreachable = false;
        for (Complaint complaint : complaints) {
            unreachable |= complaint.error().hostUnreachable();
        }
        return unreachable && seen != null && seen.replied() == 0 && facts.front(flow.original()).answersWithout(endpoint);
    }

    Finding finding(List<FrameRef> evidence, String point) {
        boolean told = trace.front() != null && knowsEndpoints(trace.front());
        String how = told ? "is in no EndpointSlice of " + serviceText() : "answers no one, while other endpoints of the service do";
        return Finding.fatal(EstablishmentTypes.STALE_ENDPOINT, "1.5", point,
                "translated to %s, which %s%s".formatted(trace.endpoint(), how, saidOfEndpoint()),
                evidence.isEmpty() ? Frames.first(trace) : evidence)
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, TranslationTypes.DNAT_UNEXPECTED_ENDPOINT,
                        EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.ICMP_UNREACHABLE);
    }

    /** Who answered in the endpoint's place; nearest to it, since the way back translates the sender too. */
    private String saidOfEndpoint() {
        Complaint nearest = null;
        for (Complaint complaint : complaints) {
            boolean nearer = nearest == null || complaint.rank(flow) > nearest.rank(flow);
            nearest = complaint.error().hostUnreachable() && nearer ? complaint : nearest;
        }
        if (nearest == null || nearest.leg().level() == 0) {
            return "";
        }
        IpAddress sender = nearest.error().sender();
        String node = facts.cluster().nodeOf(sender);
        return "; %s%s answered with ICMP %s".formatted(sender, node == null ? "" : " (" + node + ")", nearest.error().text());
    }
}
