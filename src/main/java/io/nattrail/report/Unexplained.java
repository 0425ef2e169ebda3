package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Failed flows of which no finding of severity error says why: where they ended must not stand behind a mere symptom. */
final class Unexplained {
    private final Map<String, Group> byStep = new TreeMap<>();

    /**
     * Those that ended at one step.
     *
     * @param step null if unknown
     * @param firstFlow number of the first of them
     * @param why what is known of it, from the first
     */
    record Group(String step, long flows, int firstFlow, String why) {
        /** Empty if the step is unknown. */
        String atStep() {
            return step == null ? "" : " at step " + step;
        }
    }

    void add(FlowResult flow) {
        if (flow.verdict() != Verdict.FAILED || flow.deviations().stream().anyMatch(d -> d.severity() == Severity.ERROR)) {
            return;
        }
        String step = flow.failedStep();
        String why = flow.undetermined() == null ? "no finding says why" : flow.undetermined();
        byStep.merge(step == null ? "" : step, new Group(step, 1, flow.id(), why),
                (known, one) -> new Group(step, known.flows + 1, known.firstFlow, known.why));
    }

    List<Group> groups() {
        return new ArrayList<>(byStep.values());
    }
}
