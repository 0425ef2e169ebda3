package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.FlowResult;
import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExemplarsTest {
    private final Exemplars exemplars = new Exemplars();

    @Test
    void theFirstRootCauseChoosesTheFlow() {
        SampleCases.lostBetweenNodes().flows().forEach(exemplars::add);

        assertThat(exemplars.best(SampleCases.lostBetweenNodes().findings()).id()).isEqualTo(2);
    }

    @Test
    void withoutACauseTheWorstVerdictDoes() {
        exemplars.add(SampleCases.answered(1));
        exemplars.add(SampleCases.repeated(2));

        assertThat(exemplars.best(SampleCases.empty().findings()).id()).isEqualTo(2);
    }

    @Test
    void thereIsNoneWithoutFlows() {
        assertThat(exemplars.best(SampleCases.empty().findings())).isNull();
    }

    @Test
    void flowsThatAreNoExampleAreForgotten() {
        exemplars.add(SampleCases.answered(1));
        FlowResult second = SampleCases.answered(2);
        exemplars.add(second);
        WeakReference<FlowResult> reference = new WeakReference<>(second);
        second = null;
        List<byte[]> waste = new java.util.ArrayList<>();
        for (int i = 0; i < 50 && reference.get() != null; i++) {
            waste.add(new byte[1 << 20]);
            System.gc();
        }

        assertThat(reference.get()).isNull();
        assertThat(exemplars.best(SampleCases.empty().findings()).id()).isEqualTo(1);
    }
}
