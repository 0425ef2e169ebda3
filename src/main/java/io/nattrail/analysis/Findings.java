package io.nattrail.analysis;

import io.nattrail.deviation.CaseJudge;
import io.nattrail.deviation.RootCauses;
import java.util.ArrayList;
import java.util.List;

/** What is known of a case after its flows, as reports show it. */
final class Findings {
    private Findings() {
    }

    static CaseFindings of(CaseJudge judge) {
        List<CaseFindings.RootCause> causes = new ArrayList<>();
        for (RootCauses.Cause cause : judge.rootCauses()) {
            causes.add(new CaseFindings.RootCause(cause.code(), cause.severity().label(), cause.step(), cause.flows(), cause.flowIds(),
                    cause.since(), cause.endpoints(), cause.nodes(), cause.clients(), cause.message(), cause.remedy()));
        }
        CaseJudge.Counts counts = judge.counts();
        return new CaseFindings(judge.deviations(), new CaseFindings.Summary(counts.flows(), counts.ok(), counts.degraded(),
                counts.failed(), counts.undetermined(), causes));
    }
}
