package io.nattrail.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.FlowResult;
import io.nattrail.capture.UnreadableInputException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

class BaselineProperties {
    /** Flows of all kinds to services and pods with any names. */
    @Provide
    Arbitrary<List<FlowResult>> flows() {
        Arbitrary<String> name = Arbitraries.oneOf(Arbitraries.of("default/web:https", "default/api", "10.240.0.4:32000", "[fd00::1]:80",
                "none",
                "ok", "all", "any", "12", "1.5", "null", "true", "yes", "- a", "a: b", "a #b", "*", "~", "{x}", "'q'", "\"q\"", "a\\b", ""),
                Arbitraries.strings().ofMaxLength(12));
        Arbitrary<FlowResult> flow = Combinators.combine(Arbitraries.of("o", "l", "r", "u"), name, name)
                .as((kind, service, pod) -> Cases.to(Cases.flows(kind).get(0), service, pod));
        return flow.list().ofMaxSize(12);
    }

    @Property(tries = 300)
    void whatIsWrittenIsReadAgain(@ForAll("flows") List<FlowResult> flows, @ForAll Grouping by) throws IOException {
        Baseline baseline = Baseline.of(Cases.profile(flows, List.of()), by);

        Baseline read = BaselineFile.parse("x.yaml", BaselineFile.text(baseline));

        assertThat(BaselineFile.text(read)).isEqualTo(BaselineFile.text(baseline));
        assertThat(withoutLines(read)).isEqualTo(withoutLines(baseline));
    }

    @Property(tries = 300)
    void aCaseDoesNotDifferFromItsOwnBaseline(@ForAll("flows") List<FlowResult> flows, @ForAll Grouping by, @ForAll Random random)
            throws IOException {
        Baseline read = BaselineFile.parse("x.yaml", BaselineFile.text(Baseline.of(Cases.profile(flows, List.of()), by)));
        List<FlowResult> shuffled = new ArrayList<>(flows);
        Collections.shuffle(shuffled, random);

        assertThat(Comparison.of(read, Cases.profile(shuffled, List.of())).differences()).isEmpty();
    }

    @Property(tries = 300)
    void casesWithOtherBaselinesDiffer(@ForAll("flows") List<FlowResult> flows, @ForAll("flows") List<FlowResult> others) {
        Baseline one = Baseline.of(Cases.profile(flows, List.of()), Grouping.ENDPOINT);
        Baseline other = Baseline.of(Cases.profile(others, List.of()), Grouping.ENDPOINT);

        assertThat(Comparison.of(one, Cases.profile(others, List.of())).differences().isEmpty()).isEqualTo(one.equals(other));
    }

    @Property
    void aBrokenFileIsRefusedInOneLineOrReadAndNeverMore(@ForAll @Size(max = 300) String noise, @ForAll("flows") List<FlowResult> flows,
            @ForAll Random random) throws IOException {
        String text = BaselineFile.text(Baseline.of(Cases.profile(flows, List.of()), Grouping.ENDPOINT));
        int at = random.nextInt(text.length());
        for (String broken : List.of(noise, text.substring(0, at), text.substring(0, at) + noise + text.substring(at))) {
            try {
                BaselineFile.parse("x.yaml", broken);
            } catch (UnreadableInputException e) {
                assertThat(e).hasMessageStartingWith("x.yaml: line ");
                assertThat(e.remedy()).isNotBlank();
            }
        }
    }

    @Property
    void theMedianIsRightToASixteenth(@ForAll @Size(min = 1, max = 60) List<@LongRange(min = 0, max = 100_000_000_000L) Long> values) {
        Latencies latencies = new Latencies();
        values.forEach(latencies::add);
        List<Long> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        long median = sorted.get((sorted.size() - 1) / 2);

        assertThat(latencies.medianNanos()).isBetween(median - median / 16 - 1, median);
    }

    @Property
    void stepsAreInATotalOrder(@ForAll @Size(max = 6) List<String> numbers) {
        TreeMap<String, Integer> steps = new TreeMap<>(StepOrder.INSTANCE);
        numbers.forEach(number -> steps.put(number, 1));

        assertThat(steps.keySet()).containsExactlyInAnyOrderElementsOf(new java.util.HashSet<>(numbers));
        assertThat(List.of("2.0", "1.10", "1.2.1", "1.2", "1.1").stream().sorted(StepOrder.INSTANCE))
                .containsExactly("1.1", "1.2", "1.2.1", "1.10", "2.0");
    }

    private static Baseline withoutLines(Baseline baseline) {
        List<Expectation> entries = baseline.expectations().stream().map(one -> new Expectation(0, one.path(), one.protocol(),
                one.service(),
                one.endpoint(), one.flows(), one.outcomes(), one.translation(), one.steps(), one.deviations(), one.latency())).toList();
        return new Baseline(baseline.by(), baseline.complete(), baseline.counts(), baseline.latencyFactor(), baseline.captureDeviations(),
                entries);
    }
}
