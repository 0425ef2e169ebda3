package io.nattrail.baseline;

import io.nattrail.baseline.Difference.Change;
import io.nattrail.deviation.Severity;
import io.nattrail.net.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** Holds each entry of a baseline against the flows that it is about, and puts into words what differs. */
final class Comparer {
    private static final String CAPTURES = "captures";
    private static final int MOST_CODES = 3;

    private final Baseline baseline;
    private final CaseProfile profile;
    private final SortedMap<Target, FlowGroup> groups;
    private final List<Comparison.Check> checks = new ArrayList<>();

    Comparer(Baseline baseline, CaseProfile profile) {
        this.baseline = baseline;
        this.profile = profile;
        this.groups = profile.groups(baseline.by());
    }

    Comparison compare() {
        Set<Target> known = new LinkedHashSet<>();
        for (Expectation entry : baseline.expectations()) {
            FlowGroup flows = new FlowGroup();
            groups.forEach((target, group) -> {
                if (entry.isAbout(target)) {
                    known.add(target);
                    flows.addAll(group);
                }
            });
            checks.add(new Comparison.Check(entry.title(), new Entry(entry, flows).compare()));
        }
        if (baseline.complete()) {
            groups.forEach((target, group) -> {
                if (!known.contains(target)) {
                    unexpected(target, group);
                }
            });
        }
        if (baseline.captureDeviations() != null) {
            captures();
        }
        return new Comparison(checks);
    }

    private void unexpected(Target target, FlowGroup group) {
        String where = target.endpoint() == null ? target.service() : target.service() + " (" + target.endpoint() + ")";
        List<String> parts = new ArrayList<>();
        group.outcomes().forEach((outcome, number) -> parts.add(number + " " + outcome + codes(group, outcome)));
        Difference difference = new Difference(target.toString(), 0, List.of(new Change("flows", null, Long.toString(group.flows())),
                new Change("outcomes", null, counts(group.outcomes(), group.flows()))),
                List.of(flows(group.flows()) + " to " + where + ", which the baseline does not know: " + String.join(", ", parts)));
        checks.add(new Comparison.Check(target.toString(), difference));
    }

    private void captures() {
        List<String> meaning = new ArrayList<>();
        Map<String, Count> expected = baseline.captureDeviations();
        Set<String> wrong = wrong(expected, profile.captureDeviations(), 0);
        for (String code : wrong) {
            long actual = profile.captureDeviations().getOrDefault(code, 0L);
            meaning.add(actual == 0 ? "the captures no longer show " + code : code + " is now found " + times(actual)
                    + " in the captures, expected "
                    + expectedOf(expected, code).text());
        }
        Difference difference = wrong.isEmpty() ? null
                : new Difference(CAPTURES, 0, List.of(change("deviations", expected, profile.captureDeviations(), 0, "none")), meaning);
        checks.add(new Comparison.Check(CAPTURES, difference));
    }

    /** One entry of the baseline with its flows. */
    private final class Entry {
        private final Expectation entry;
        private final FlowGroup flows;
        private final List<Change> changes = new ArrayList<>();
        private final List<String> meaning = new ArrayList<>();
        /** What the sentences about outcomes have said already. */
        private final Set<String> explainedCodes = new LinkedHashSet<>();
        private boolean outcomesDiffer;

        Entry(Expectation entry, FlowGroup flows) {
            this.entry = entry;
            this.flows = flows;
        }

        /** The difference, or null. */
        Difference compare() {
            Count number = entry.flows() == null ? null : entry.flows().within(baseline.counts(), flows.flows());
            if (flows.flows() == 0) {
                if (number == null || !number.holds(0)) {
                    changes.add(new Change("flows", number == null ? "some" : entry.flows().text(), "0"));
                    meaning.add("no flow" + where() + " any more");
                }
            } else {
                outcomes();
                translation();
                steps();
                deviations();
                number(number);
                latency();
            }
            return changes.isEmpty() ? null : new Difference(entry.title(), entry.line(), changes, meaning);
        }

        /** Begins with a blank; empty if the entry is about all flows. */
        private String where() {
            if (entry.service() != null) {
                return " to " + entry.service() + (entry.endpoint() == null ? "" : " (" + entry.endpoint() + ")");
            }
            if (entry.endpoint() != null) {
                return " to " + entry.endpoint();
            }
            return entry.path() == null ? "" : " on path " + entry.path();
        }

        private void number(Count number) {
            if (number != null && !number.holds(flows.flows())) {
                changes.add(0, new Change("flows", entry.flows().text(), Long.toString(flows.flows())));
                meaning.add(flows(flows.flows()) + where() + ", expected " + entry.flows().text());
            }
        }

        private void outcomes() {
            if (entry.outcomes() == null) {
                return;
            }
            Set<String> wrong = wrong(entry.outcomes(), flows.outcomes(), flows.flows());
            if (wrong.isEmpty()) {
                return;
            }
            outcomesDiffer = true;
            changes.add(change("outcomes", entry.outcomes(), flows.outcomes(), flows.flows(), null));
            List<String> better = new ArrayList<>();
            boolean worse = false;
            for (String outcome : wrong) {
                long actual = flows.outcomes().getOrDefault(outcome, 0L);
                Count expected = expectedOf(entry.outcomes(), outcome);
                long most = expected.within(baseline.counts(), flows.flows()).max();
                if (actual <= most) {
                    if (!outcome.equals("ok")) {
                        better.add(outcome(outcome, actual, "no longer " + (actual == 0 ? "any" : "as many"), expected));
                    }
                    continue;
                }
                String sentence = now(outcome, actual, expected);
                if (outcome.equals("ok")) {
                    better.add(sentence);
                } else {
                    worse = true;
                    meaning.add(sentence + codes(flows, outcome));
                    explainedCodes.addAll(flows.codesOf(outcome).keySet());
                }
            }
            // That fewer are well is said by what became of them.
            meaning.addAll(better);
            if (!worse && better.isEmpty()) {
                long ok = flows.outcomes().getOrDefault("ok", 0L);
                meaning.add("only " + flows(ok) + where() + " " + (ok == 1 ? "is" : "are") + " ok, expected "
                        + expectedOf(entry.outcomes(), "ok").text());
            }
        }

        private String now(String outcome, long actual, Count expected) {
            boolean all = actual == flows.flows() && actual > 1;
            String subject = (all ? "all " : "") + flows(actual) + where() + " now ";
            String predicate;
            if (outcome.startsWith("failed at ")) {
                predicate = (actual == 1 ? "fails" : "fail") + " at step " + outcome.substring("failed at ".length());
            } else if (outcome.equals("failed")) {
                predicate = actual == 1 ? "fails" : "fail";
            } else {
                predicate = (actual == 1 ? "is " : "are ") + outcome;
            }
            boolean none = expected.kind() == Count.Kind.NUMBER && expected.max() == 0;
            return subject + predicate + (none ? "" : ", expected " + expected.text());
        }

        private String outcome(String outcome, long actual, String change, Count expected) {
            String what = outcome.startsWith("failed") ? outcome.replace("failed", "failures") : outcome + " flows";
            return change + " " + what.replace("failures at ", "failures at step ") + where() + ": " + actual + ", expected "
                    + expected.text();
        }

        private void translation() {
            if (entry.translation() == null) {
                return;
            }
            Set<String> wrong = wrong(entry.translation(), flows.translations(), flows.flows());
            if (wrong.isEmpty()) {
                return;
            }
            changes.add(change("translation", entry.translation(), flows.translations(), flows.flows(), null));
            String expected = String.join(", ", entry.translation().keySet());
            boolean said = false;
            for (String kind : wrong) {
                long actual = flows.translations().getOrDefault(kind, 0L);
                if (actual > expectedOf(entry.translation(), kind).within(baseline.counts(), flows.flows()).max()) {
                    String verb = actual == 1 ? " is" : " are";
                    String now = switch (kind) {
                        case FlowGroup.BOTH -> verb + " now translated in destination and source";
                        case FlowGroup.DESTINATION -> " now" + (actual == 1 ? " keeps its" : " keep their") + " source address";
                        case FlowGroup.SOURCE -> verb + " now translated in the source only";
                        case FlowGroup.NONE -> verb + " no longer translated";
                        default -> ": the captures no longer show the translation";
                    };
                    meaning.add(flows(actual) + where() + now + ", expected " + expected);
                    said = true;
                }
            }
            if (!said) {
                meaning.add("translation " + String.join(", ", wrong) + " in fewer flows" + where() + " than expected");
            }
        }

        private void steps() {
            if (entry.steps() == null) {
                return;
            }
            Map<String, String> expected = new LinkedHashMap<>();
            Map<String, String> actual = new LinkedHashMap<>();
            List<String> sentences = new ArrayList<>();
            for (Map.Entry<String, Map<String, Count>> step : entry.steps().entrySet()) {
                boolean known = flows.steps().containsKey(step.getKey());
                SortedMap<String, Long> statuses = new TreeMap<>(flows.steps().getOrDefault(step.getKey(), new TreeMap<>()));
                // Which flows do not take a step depends on the endpoint that chance chose; who wants to hold that fast says so.
                if (!step.getValue().containsKey(FlowGroup.NOT_APPLICABLE)) {
                    statuses.remove(FlowGroup.NOT_APPLICABLE);
                }
                long taken = statuses.values().stream().mapToLong(Long::longValue).sum();
                // All of none would be right of a step that no flow has.
                Set<String> wrong = known && taken == 0 ? Set.of() : wrong(step.getValue(), statuses, known ? taken : flows.flows());
                if (!wrong.isEmpty()) {
                    expected.put(step.getKey(), BaselineFile.counts(step.getValue(), null));
                    actual.put(step.getKey(), statuses.isEmpty() ? "no such step" : counts(statuses, taken));
                    List<String> parts = new ArrayList<>();
                    statuses.forEach((status, number) -> parts.add(status + " in " + (number == taken ? "all" : number)));
                    sentences.add("step " + step.getKey() + " of the flows" + where() + " is now "
                            + (parts.isEmpty() ? "none of their path" : String.join(", ", parts)) + ", expected " + words(step.getValue()));
                }
            }
            if (expected.isEmpty()) {
                return;
            }
            changes.add(new Change("steps", map(expected), map(actual)));
            // Where other outcomes explain other steps, the lines of the diff are enough.
            if (!outcomesDiffer) {
                meaning.addAll(sentences);
            }
        }

        private void deviations() {
            if (entry.deviations() == null) {
                return;
            }
            Set<String> wrong = wrong(entry.deviations(), flows.deviations(), flows.flows());
            if (wrong.isEmpty()) {
                return;
            }
            changes.add(change("deviations", entry.deviations(), flows.deviations(), 0, "none"));
            boolean said = false;
            for (String code : wrong) {
                long actual = flows.deviations().getOrDefault(code, 0L);
                Count expected = expectedOf(entry.deviations(), code);
                if (actual == 0) {
                    meaning.add("no flow" + where() + " has " + code + " any more, expected " + expected.text());
                    said = true;
                } else if (!explainedCodes.contains(code)) {
                    meaning.add(flows(actual) + where() + " now " + (actual == 1 ? "has " : "have ") + code + " ("
                            + flows.severity(code).label() + "), expected " + expected.text());
                    said = true;
                }
            }
            if (!said && meaning.isEmpty()) {
                meaning.add("other deviations of the flows" + where() + ": " + String.join(", ", wrong));
            }
        }

        private void latency() {
            if (entry.latency() == null) {
                return;
            }
            Map<String, String> expected = new LinkedHashMap<>();
            Map<String, String> actual = new LinkedHashMap<>();
            entry.latency().forEach((number, band) -> {
                Latencies measured = flows.latencies().get(number);
                if (measured == null) {
                    return;
                }
                long limit = (long) Math.min(Long.MAX_VALUE, band.maxNanos() * baseline.latencyFactor());
                long least = flows.leastLatencies().get(number).medianNanos();
                long median = measured.medianNanos();
                // Slower only if it is so whatever the clocks' error.
                boolean slower = least > limit;
                boolean quicker = median < band.minNanos() / baseline.latencyFactor();
                if (slower || quicker) {
                    expected.put(number, band.toString());
                    actual.put(number, LatencyBand.roughly(median));
                    meaning.add("step " + number + " of the flows" + where() + " now takes " + Duration.of(median) + " (median), expected "
                            + (slower ? "at most " + Duration.of(band.maxNanos()) : "at least " + Duration.of(band.minNanos()))
                            + (baseline.latencyFactor() > 1 ? " with a tolerance of " + factor() : ""));
                }
            });
            if (!expected.isEmpty()) {
                changes.add(new Change("latency", map(expected), map(actual)));
            }
        }

        private String factor() {
            double factor = baseline.latencyFactor();
            return (factor == Math.rint(factor) ? Long.toString((long) factor) : Double.toString(factor)) + " times";
        }
    }

    /** Keys whose number is not as expected, those that are expected first. */
    private Set<String> wrong(Map<String, Count> expected, SortedMap<String, Long> actual, long flows) {
        Set<String> keys = new LinkedHashSet<>(expected.keySet());
        keys.remove(Expectation.OTHERS);
        keys.addAll(actual.keySet());
        Set<String> wrong = new LinkedHashSet<>();
        for (String key : keys) {
            if (!expectedOf(expected, key).within(baseline.counts(), flows).holds(actual.getOrDefault(key, 0L))) {
                wrong.add(key);
            }
        }
        return wrong;
    }

    private static Count expectedOf(Map<String, Count> expected, String key) {
        Count count = expected.get(key);
        return count != null ? count : expected.getOrDefault(Expectation.OTHERS, Count.ZERO);
    }

    /** The codes that most flows of an outcome have, the severest first: what is to blame. */
    private static String codes(FlowGroup flows, String outcome) {
        SortedMap<String, Long> codes = flows.codesOf(outcome);
        List<String> worst = codes.keySet().stream().filter(code -> flows.severity(code) != Severity.INFO)
                .sorted(Comparator.comparing((String code) -> flows.severity(code)).thenComparing(codes::get).reversed()
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST_CODES).toList();
        return worst.isEmpty() ? "" : ": " + String.join(", ", worst);
    }

    private static Change change(String key, Map<String, Count> expected, SortedMap<String, Long> actual, long flows, String none) {
        return new Change(key, BaselineFile.counts(expected, none), actual.isEmpty() && none != null ? none : counts(actual, flows));
    }

    private static String words(Map<String, Count> counts) {
        return BaselineFile.counts(counts, "none").replaceAll("[{}]", "");
    }

    /** @param flows of which these are parts, to say of all of them that they are alike; 0 to give numbers always */
    private static String counts(SortedMap<String, Long> numbers, long flows) {
        Map<String, Count> counts = new LinkedHashMap<>();
        numbers.forEach((key, number) -> counts.put(key, number == flows ? Count.ALL : Count.of(number)));
        return BaselineFile.counts(counts, null);
    }

    private static String map(Map<String, String> entries) {
        List<String> parts = new ArrayList<>();
        entries.forEach((key, value) -> parts.add(key + ": " + value));
        return "{" + String.join(", ", parts) + "}";
    }

    private static String flows(long number) {
        return number + (number == 1 ? " flow" : " flows");
    }

    private static String times(long number) {
        return number == 1 ? "once" : number + " times";
    }
}
