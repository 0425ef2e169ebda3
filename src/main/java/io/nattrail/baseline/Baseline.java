package io.nattrail.baseline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is expected of a case.
 *
 * @param by how finely flows are told apart
 * @param complete whether flows that no entry is about are a difference
 * @param counts tolerance of plain numbers
 * @param latencyFactor by how much a median may exceed its band; at least 1
 * @param captureDeviations how often each code is expected of the captures as such, or null if that is not compared
 */
public record Baseline(Grouping by, boolean complete, Tolerance counts, double latencyFactor, Map<String, Count> captureDeviations,
        List<Expectation> expectations) {
    /** What a baseline has that nobody edited. */
    static final double USUAL_LATENCY_FACTOR = 2;

    public Baseline {
        expectations = List.copyOf(expectations);
        if (!(latencyFactor >= 1)) {
            throw new IllegalArgumentException("a factor below 1 would refuse what was measured");
        }
    }

    /** What is true of a case now. */
    public static Baseline of(CaseProfile profile, Grouping by) {
        return of(profile, by, Tolerance.EXACT, USUAL_LATENCY_FACTOR);
    }

    /** The same with the settings of an earlier one. */
    public static Baseline updated(CaseProfile profile, Baseline earlier) {
        return of(profile, earlier.by, earlier.counts, earlier.latencyFactor);
    }

    /** The same settings with another way to tell flows apart; without entries, which would not fit it. */
    public Baseline by(Grouping other) {
        return new Baseline(other, complete, counts, latencyFactor, captureDeviations, List.of());
    }

    private static Baseline of(CaseProfile profile, Grouping by, Tolerance counts, double latencyFactor) {
        List<Expectation> all = new ArrayList<>();
        profile.groups(by).forEach((target, group) -> {
            Map<String, Map<String, Count>> steps = new LinkedHashMap<>();
            group.steps().forEach((number, statuses) -> {
                SortedMap<String, Long> taken = new TreeMap<>(statuses);
                if (by == Grouping.SERVICE) {
                    // Which flows stay on their node is chance where the endpoint is.
                    taken.remove(FlowGroup.NOT_APPLICABLE);
                }
                if (!taken.isEmpty()) {
                    steps.put(number, counts(taken, taken.values().stream().mapToLong(Long::longValue).sum()));
                }
            });
            Map<String, LatencyBand> latency = new LinkedHashMap<>();
            group.latencies().forEach((number, values) -> latency.put(number, LatencyBand.above(values.medianNanos())));
            all.add(new Expectation(0, Expectation.literally(target.path()), target.protocol(), Expectation.literally(target.service()),
                    Expectation.literally(target.endpoint()), Count.of(group.flows()),
                    counts(group.outcomes(), group.flows()), counts(group.translations(), group.flows()), steps,
                    counts(group.deviations(), 0), latency.isEmpty() ? null : latency));
        });
        return new Baseline(by, true, counts, latencyFactor, counts(profile.captureDeviations(), 0), all);
    }

    /** @param flows of the group, to say of all of them that they are alike; 0 to give numbers always */
    private static Map<String, Count> counts(SortedMap<String, Long> numbers, long flows) {
        Map<String, Count> counts = new LinkedHashMap<>();
        numbers.forEach((key, number) -> counts.put(key, number == flows ? Count.ALL : Count.of(number)));
        return counts;
    }
}
