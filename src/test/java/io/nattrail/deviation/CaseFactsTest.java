package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.cluster.ClusterFiles;
import io.nattrail.cluster.ClusterIndex;
import io.nattrail.nat.Flow;
import io.nattrail.nat.Folding;
import io.nattrail.packets.ServicePath;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Reconstructor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What all flows tell together is read by all threads that judge. */
class CaseFactsTest {
    private static final int FLOWS = 500;
    private static final int THREADS = 4;

    @Test
    void arrivalsAreInTheirOrderForEveryThreadThatAsksAtOnce() throws Exception {
        ServicePath path = ServicePath.create();
        for (int i = 0; i < FLOWS; i++) {
            path.connect(i).handshake().close();
        }
        Folding folding = Folding.of(path.tapes());
        ClusterView cluster = cluster(folding);
        List<FlowTrace> traces = traces(folding, cluster);
        Collections.reverse(traces);
        CyclicBarrier atOnce = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < 100; round++) {
                CaseFacts facts = new CaseFacts(cluster, folding.captures());
                traces.forEach(facts::add);
                facts.seal();
                Callable<List<Long>> arrivals = () -> {
                    atOnce.await();
                    return facts.arrivalsAt("node-1").stream().map(CaseFacts.FlowFact::arrived).toList();
                };
                for (Future<List<Long>> read : threads.invokeAll(Collections.nCopies(THREADS, arrivals))) {
                    assertThat(read.get()).hasSize(FLOWS).isSorted();
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static ClusterView cluster(Folding folding) throws IOException {
        ClusterView.Builder seen = ClusterView.builder(new ClusterIndex(ClusterFiles.read(List.of())), folding.captures());
        folding.flows().forEach(seen::add);
        return seen.build();
    }

    private static List<FlowTrace> traces(Folding folding, ClusterView cluster) {
        Reconstructor reconstructor = new Reconstructor(cluster, folding.captures());
        List<FlowTrace> traces = new ArrayList<>();
        for (Flow flow : folding.flows()) {
            traces.add(reconstructor.complete(reconstructor.locate(traces.size() + 1, flow, reconstructor.path(flow))));
        }
        return traces;
    }
}
