package io.nattrail.report;

import io.nattrail.analysis.CaseFindings.RootCause;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Failed flows of which no error says why, nor, where the captures leave nothing open, a warning of the step at which they ended: where
 * that was must not stand behind a mere symptom.
 */
public final class Unexplained {
    private static final int MOST_IDS = 8;

    private final Map<String, Group> byStep = new TreeMap<>();
    private boolean judged;

    /**
     * Those that ended at one step.
     *
     * @param step null if unknown
     * @param ids numbers of the first few of them
     * @param why what is known of it, from the first
     */
    record Group(String step, long flows, List<Integer> ids, String why) {
        private Group with(int id) {
            List<Integer> more = ids;
            if (ids.size() < MOST_IDS) {
                more = new ArrayList<>(ids);
                more.add(id);
            }
            return new Group(step, flows + 1, more, why);
        }

        int firstFlow() {
            return ids.get(0);
        }

        /** Empty if the step is unknown. */
        String atStep() {
            return step == null ? "" : " at step " + step;
        }
    }

    public void add(FlowResult flow) {
        judged |= flow.verdict() == Verdict.FAILED || flow.verdict() == Verdict.DEGRADED;
        if (flow.verdict() != Verdict.FAILED || flow.deviations().stream().anyMatch(d -> explains(d, flow))) {
            return;
        }
        String step = flow.failedStep();
        Group known = byStep.get(step == null ? "" : step);
        String why = flow.undetermined() == null ? "no finding says why" : flow.undetermined();
        byStep.put(step == null ? "" : step, known == null ? new Group(step, 1, List.of(flow.id()), why) : known.with(flow.id()));
    }

    private static boolean explains(Deviation deviation, FlowResult flow) {
        return deviation.severity() == Severity.ERROR || deviation.severity() == Severity.WARNING && flow.undetermined() == null
                && deviation.step() != null && deviation.step().equals(flow.failedStep());
    }

    /**
     * The cause to name where there is room for one only; null if what ended without one comes before it, or there is none. What is found
     * in flows of which the captures do not tell how they went is a cause of nothing.
     */
    public RootCause first(List<RootCause> causes) {
        return causes.isEmpty() || !judged || rank(causes) == 0 ? null : causes.get(0);
    }

    /** How many causes come before these flows: errors that explain more flows than have no explanation; all if every flow has one. */
    int rank(List<RootCause> causes) {
        long flows = 0;
        for (Group group : byStep.values()) {
            flows += group.flows;
        }
        int rank = 0;
        while (rank < causes.size() && (flows == 0 || causes.get(rank).severity().equals(Severity.ERROR.label())
                && causes.get(rank).flows() > flows)) {
            rank++;
        }
        return rank;
    }

    List<Group> groups() {
        return new ArrayList<>(byStep.values());
    }
}
