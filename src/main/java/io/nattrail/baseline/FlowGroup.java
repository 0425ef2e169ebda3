package io.nattrail.baseline;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.net.Endpoint;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** What became of the flows to one target, as counts: nothing in it depends on ports, times or ids. */
final class FlowGroup {
    /** Translations of addresses; whether ports changed too is chance. */
    static final String BOTH = "dnat+snat";
    static final String DESTINATION = "dnat (source preserved)";
    static final String SOURCE = "snat";
    static final String NONE = "none";
    static final String UNKNOWN = "unknown";
    static final String NOT_APPLICABLE = StepStatus.NOT_APPLICABLE.label();

    private long flows;
    private final SortedMap<String, Long> outcomes = new TreeMap<>();
    private final SortedMap<String, Long> translations = new TreeMap<>();
    private final SortedMap<String, SortedMap<String, Long>> steps = new TreeMap<>(StepOrder.INSTANCE);
    private final SortedMap<String, Long> deviations = new TreeMap<>();
    private final SortedMap<String, Severity> severities = new TreeMap<>();
    private final SortedMap<String, Latencies> latencies = new TreeMap<>(StepOrder.INSTANCE);
    private final SortedMap<String, Latencies> leastLatencies = new TreeMap<>(StepOrder.INSTANCE);
    private final SortedMap<String, SortedMap<String, Long>> codesOfOutcomes = new TreeMap<>();

    void add(FlowResult flow) {
        flows++;
        String outcome = outcome(flow.verdict(), flow.failedStep());
        outcomes.merge(outcome, 1L, Long::sum);
        translations.merge(translation(flow), 1L, Long::sum);
        for (Step step : flow.steps()) {
            steps.computeIfAbsent(step.number(), number -> new TreeMap<>()).merge(step.status().label(), 1L, Long::sum);
            if (step.latencyNanos() != null) {
                long uncertainty = step.latencyUncertaintyNanos() == null ? 0 : step.latencyUncertaintyNanos();
                latencies.computeIfAbsent(step.number(), number -> new Latencies()).add(step.latencyNanos());
                leastLatencies.computeIfAbsent(step.number(), number -> new Latencies()).add(step.latencyNanos() - uncertainty);
            }
        }
        Set<String> codes = new HashSet<>();
        for (Deviation deviation : flow.deviations()) {
            severities.merge(deviation.code(), deviation.severity(), (a, b) -> a.compareTo(b) > 0 ? a : b);
            if (codes.add(deviation.code())) {
                deviations.merge(deviation.code(), 1L, Long::sum);
                codesOfOutcomes.computeIfAbsent(outcome, name -> new TreeMap<>()).merge(deviation.code(), 1L, Long::sum);
            }
        }
    }

    void addAll(FlowGroup other) {
        flows += other.flows;
        merge(outcomes, other.outcomes);
        merge(translations, other.translations);
        other.steps.forEach((number, counts) -> merge(steps.computeIfAbsent(number, n -> new TreeMap<>()), counts));
        merge(deviations, other.deviations);
        other.severities.forEach((code, severity) -> severities.merge(code, severity, (a, b) -> a.compareTo(b) > 0 ? a : b));
        other.latencies.forEach((number, values) -> latencies.computeIfAbsent(number, n -> new Latencies()).addAll(values));
        other.leastLatencies.forEach((number, values) -> leastLatencies.computeIfAbsent(number, n -> new Latencies()).addAll(values));
        other.codesOfOutcomes.forEach((outcome, counts) -> merge(codesOfOutcomes.computeIfAbsent(outcome, n -> new TreeMap<>()), counts));
    }

    private static void merge(Map<String, Long> into, Map<String, Long> from) {
        from.forEach((key, count) -> into.merge(key, count, Long::sum));
    }

    /** {@code ok}, {@code degraded}, {@code undetermined}, {@code failed at 1.5}, or {@code failed} where no step is to blame. */
    static String outcome(Verdict verdict, String failedStep) {
        return verdict == Verdict.FAILED && failedStep != null ? "failed at " + failedStep : verdict.label();
    }

    /** What NAT did to the addresses, as seen on a wire or else told by conntrack. */
    static String translation(FlowResult flow) {
        FlowResult.Translated after = flow.translated() == null ? flow.told() : flow.translated();
        if (after == null) {
            // The endpoint was addressed directly: there was nothing to translate.
            Endpoint endpoint = flow.endpoint() == null ? null : flow.endpoint().address();
            return endpoint != null && endpoint.equals(flow.service()) ? NONE : UNKNOWN;
        }
        boolean source = !after.source().address().equals(flow.client().address());
        boolean destination = !after.destination().equals(flow.service());
        if (source) {
            return destination ? BOTH : SOURCE;
        }
        return destination ? DESTINATION : NONE;
    }

    long flows() {
        return flows;
    }

    SortedMap<String, Long> outcomes() {
        return outcomes;
    }

    SortedMap<String, Long> translations() {
        return translations;
    }

    SortedMap<String, SortedMap<String, Long>> steps() {
        return steps;
    }

    /** How many flows have each code. */
    SortedMap<String, Long> deviations() {
        return deviations;
    }

    Severity severity(String code) {
        return severities.get(code);
    }

    /** Steps with a latency, and its median. */
    SortedMap<String, Latencies> latencies() {
        return latencies;
    }

    /** The same less what the clocks leave open. */
    SortedMap<String, Latencies> leastLatencies() {
        return leastLatencies;
    }

    /** Codes of the flows with an outcome. */
    SortedMap<String, Long> codesOf(String outcome) {
        return codesOfOutcomes.getOrDefault(outcome, new TreeMap<>());
    }
}
