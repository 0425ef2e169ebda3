package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.net.Duration;
import io.nattrail.net.Endpoint;
import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * Two connections of one client to one front of a service with session affinity, on one entry node and within the affinity's time, that
 * went to different endpoints although the first was still there.
 */
final class AffinityBroken implements Detector {
    private static final long SECOND = 1_000_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        ClusterIndex.Front front = trace.front();
        if (front == null || front.service().affinitySeconds() <= 0 || trace.endpoint() == null) {
            return List.of();
        }
        FlowFact previous = facts.fronts().of(trace.flow().original()).repliedBefore(trace.flow().original().source().address(),
                trace.entryNode(), trace.id());
        if (previous == null || previous.endpoint().equals(trace.endpoint()) || gone(previous.endpoint(), front, facts)) {
            return List.of();
        }
        long apart = trace.captures().aligned(trace.flow().start()) - previous.start();
        if (apart >= front.service().affinitySeconds() * SECOND) {
            return List.of();
        }
        return List.of(Finding.of(TranslationTypes.AFFINITY_BROKEN, "1.2.1", Frames.firstPoint(trace),
                "went to %s, where the connection %s before it, of the same client, had gone to %s; sessionAffinity of %s holds %d s"
                        .formatted(trace.endpoint(), Duration.of(apart), previous.endpoint(), front.service().key(),
                                front.service().affinitySeconds()),
                Frames.first(trace)));
    }

    private static boolean gone(Endpoint endpoint, ClusterIndex.Front front, CaseFacts facts) {
        if (!facts.cluster().told().knowsEndpoints(front.service(), front.port())) {
            return false;
        }
        for (ClusterState.ServiceEndpoint known : facts.cluster().told().endpointsOf(front.service(), front.port())) {
            if (known.address().equals(endpoint)) {
                return !known.ready();
            }
        }
        return true;
    }
}
