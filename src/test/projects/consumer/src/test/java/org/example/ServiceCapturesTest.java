package org.example;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCapture;
import static io.nattrail.assertj.NatTrailAssertions.step;
import static io.nattrail.assertj.NatTrailAssertions.to;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.assertj.AnalyzedCase;
import io.nattrail.assertj.CaseAssert;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import org.junit.jupiter.api.Test;

class ServiceCapturesTest {
    @AnalyzedCase("src/test/captures/kubeproxy-happy-cross-node")
    private CaseAssert healthy;

    @Test
    void theServiceAnswers() {
        healthy.hasNoDeviationsWorseThan(Severity.INFO).allFlows().haveVerdict(Verdict.OK).reach(step("2.0"));
    }

    @Test
    void theLostRequestsAreFound(@AnalyzedCase("src/test/captures/lost-between-nodes") CaseAssert lost) {
        lost.hasRootCause("request-lost-between-nodes");
    }

    @Test
    void aWrongClaimIsRefusedWithWhatWasThere() {
        assertThatThrownBy(() -> assertThatCapture("src/test/captures/lost-between-nodes").flows(to(":32000")).haveVerdict(Verdict.OK))
                .isInstanceOf(AssertionError.class).hasMessageContaining("request-lost-between-nodes");
    }
}
