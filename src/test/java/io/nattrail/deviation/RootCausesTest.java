package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.nat.Folding;
import io.nattrail.packets.ServicePath;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.LocatedFlows;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is told of a cause does not hang on which of its flows came first. */
class RootCausesTest {
    @Test
    void aCauseIsAsBadAsItsWorstFlow() throws Exception {
        ServicePath path = ServicePath.create();
        for (int i = 0; i < 4; i++) {
            path.connect(i).handshake().close();
        }
        Folding folding = Folding.of(path.tapes());
        List<FlowTrace> traces = LocatedFlows.of(folding).traces();
        RootCauses causes = new RootCauses(folding.captures());

        causes.add(traces.get(0), judged(Verdict.DEGRADED, EstablishedTypes.LOSS, Severity.WARNING, "one was lost"));
        causes.add(traces.get(1), judged(Verdict.DEGRADED, EstablishedTypes.RESET_BY_POD, Severity.ERROR, "reset after its answer"));
        causes.add(traces.get(2), judged(Verdict.FAILED, EstablishedTypes.LOSS, Severity.ERROR, "cut off"));
        causes.add(traces.get(3), judged(Verdict.DEGRADED, EstablishedTypes.LOSS, Severity.WARNING, "another was lost"));

        assertThat(causes.all()).extracting(RootCauses.Cause::code).containsExactly("loss", "reset-by-pod");
        assertThat(causes.all().get(0)).satisfies(worst -> {
            assertThat(worst.severity()).isEqualTo(Severity.ERROR);
            assertThat(worst.message()).startsWith("Nothing got through").contains("cut off");
            assertThat(worst.flows()).isEqualTo(3);
        });
    }

    private static Judgement judged(Verdict verdict, DeviationType type, Severity severity, String message) {
        return new Judgement(verdict, verdict == Verdict.FAILED ? "1.4" : null, null,
                List.of(new Deviation(type, severity, "1.4", "node2-cbr0", message, List.of(), List.of())));
    }
}
