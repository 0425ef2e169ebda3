package io.nattrail.deviation;

import io.nattrail.analysis.CaseResult;
import java.util.ArrayList;
import java.util.List;

/** What a case is accused of: its deviations of severity warning or worse, as lines of text. */
final class Accusations {
    private Accusations() {
    }

    /** @param except codes to leave out */
    static List<String> of(CaseResult result, String... except) {
        List<String> found = new ArrayList<>();
        result.findings().deviations().forEach(one -> add(found, "the captures", one, List.of(except)));
        result.flows().forEach(flow -> flow.deviations()
                .forEach(one -> add(found, flow.client() + " " + flow.verdict(), one, List.of(except))));
        return found;
    }

    private static void add(List<String> found, String whose, Deviation deviation, List<String> except) {
        if (deviation.severity().compareTo(Severity.INFO) > 0 && !except.contains(deviation.code())) {
            found.add("%s: %s at %s: %s %s".formatted(whose, deviation.code(), deviation.step(), deviation.message(),
                    deviation.evidence()));
        }
    }
}
