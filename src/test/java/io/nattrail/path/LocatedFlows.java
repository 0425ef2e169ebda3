package io.nattrail.path;

import io.nattrail.cluster.ClusterFiles;
import io.nattrail.cluster.ClusterIndex;
import io.nattrail.nat.Flow;
import io.nattrail.nat.Folding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Flows with their steps. */
public record LocatedFlows(ClusterView cluster, List<FlowTrace> traces) {
    /** By packets alone. */
    public static LocatedFlows of(Folding folding) throws IOException {
        return of(folding, List.of());
    }

    /** With what files tell of the cluster. */
    public static LocatedFlows of(Folding folding, List<Path> files) throws IOException {
        Set<String> nodes = new HashSet<>();
        for (int point : folding.captures().find(null, null)) {
            nodes.add(folding.captures().node(point));
        }
        nodes.remove(null);
        ClusterIndex told = new ClusterIndex(ClusterFiles.read(files, nodes));
        ClusterView.Builder seen = ClusterView.builder(told, folding.captures());
        folding.flows().forEach(seen::add);
        ClusterView cluster = seen.build();
        Reconstructor reconstructor = new Reconstructor(cluster, folding.captures());
        List<FlowTrace> traces = new ArrayList<>();
        for (Flow folded : folding.flows()) {
            Flow flow = cluster.arrived(folded);
            PathTemplate template = reconstructor.path(flow);
            if (template != null) {
                traces.add(reconstructor.complete(reconstructor.locate(traces.size() + 1, flow, template)));
            }
        }
        return new LocatedFlows(cluster, traces);
    }
}
