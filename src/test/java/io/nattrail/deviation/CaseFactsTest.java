package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.nat.Folding;
import io.nattrail.packets.ServicePath;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.LocatedFlows;
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
        LocatedFlows located = LocatedFlows.of(folding);
        List<FlowTrace> traces = new ArrayList<>(located.traces());
        Collections.reverse(traces);
        CyclicBarrier atOnce = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            for (int round = 0; round < 100; round++) {
                CaseFacts facts = new CaseFacts(located.cluster(), folding.captures());
                traces.forEach(facts::add);
                facts.seal();
                Callable<List<Long>> arrivals = () -> {
                    atOnce.await();
                    return facts.arrivalsAt("node-1").stream().map(FlowFact::arrived).toList();
                };
                for (Future<List<Long>> read : threads.invokeAll(Collections.nCopies(THREADS, arrivals))) {
                    assertThat(read.get()).hasSize(FLOWS).isSorted();
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
