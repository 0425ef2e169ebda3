package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseFindings.RootCause;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Failed flows without an explanation, among those that have one. */
class UnexplainedTest {
    @Test
    void whatExplainsMoreFlowsThanAreUnexplainedComesFirst() throws IOException {
        assertThat(show(SampleCases.lostAndFailedOpenly(3, 2))).containsSubsequence("Root causes", "request-lost-between-nodes",
                "step 1.4 \u00b7 2 of 5 flows", "no answer was seen", "flows    4, 5", "syn-retransmitted");
    }

    @Test
    void whatExplainsFewerComesBehindAsDoesWhatIsNoError() throws IOException {
        assertThat(show(SampleCases.lostAndFailedOpenly(1, 10))).containsSubsequence("Root causes", "no answer was seen",
                "flows    2, 3, 4, 5, 6, 7, 8, 9, \u2026", "request-lost-between-nodes");
        assertThat(show(SampleCases.lostAndFailedOpenly(0, 1))).containsSubsequence("no answer was seen", "flow     1",
                "syn-retransmitted");
    }

    @Test
    void aSymptomIsNotNamedAsTheCause() {
        CaseResult open = SampleCases.lostAndFailedOpenly(0, 2);

        assertThat(of(open.flows()).first(open.findings().summary().rootCauses())).isNull();
    }

    @Test
    void whereTheCapturesDoNotTellASymptomIsTheCauseOfNothing() {
        List<RootCause> symptom = SampleCases.lostAndFailedOpenly(0, 1).findings().summary().rootCauses();

        assertThat(of(List.of(SampleCases.unknown(1))).first(symptom)).isNull();
        assertThat(of(List.of(SampleCases.unknown(1), SampleCases.repeated(2))).first(symptom)).isSameAs(symptom.get(0));
    }

    @Test
    void theCauseThatExplainsMostIsNamed() {
        CaseResult mixed = SampleCases.lostAndFailedOpenly(3, 2);
        List<RootCause> causes = mixed.findings().summary().rootCauses();

        assertThat(of(mixed.flows()).first(causes)).isSameAs(causes.get(0));
        assertThat(new Unexplained().first(List.of())).isNull();
    }

    @Test
    void aWarningExplainsWhereTheCapturesLeaveNothingOpen() {
        assertThat(of(List.of(SampleCases.failedByWarning(1))).groups()).isEmpty();
        assertThat(of(List.of(SampleCases.failedOpenly(1))).groups()).hasSize(1);
    }

    private static Unexplained of(List<FlowResult> flows) {
        Unexplained unexplained = new Unexplained();
        flows.forEach(unexplained::add);
        return unexplained;
    }

    private static String show(CaseResult result) throws IOException {
        StringBuilder out = new StringBuilder();
        result.sendTo(new TerminalSummary(out, new TerminalStyle(false, true, 100)));
        return out.toString();
    }
}
