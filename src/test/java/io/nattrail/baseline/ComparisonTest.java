package io.nattrail.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.FlowResult;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import io.nattrail.report.SampleCases;
import io.nattrail.report.TerminalStyle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ComparisonTest {
    private static final Baseline ALL_WELL = Baseline.of(Cases.profile("oooo"), Grouping.ENDPOINT);

    private static List<String> meaning(Baseline baseline, CaseProfile profile) {
        return Comparison.of(baseline, profile).differences().stream().flatMap(one -> one.meaning().stream()).toList();
    }

    private static Baseline written(String entries) throws IOException {
        return BaselineFile.parse("web.yaml", "nattrail-baseline: 1\n" + entries);
    }

    private static String diff(Baseline baseline, CaseProfile profile) throws IOException {
        StringBuilder text = new StringBuilder();
        new ComparisonText(Comparison.of(baseline, profile), TerminalStyle.PLAIN).print(text, "web.yaml", "web");
        return text.toString();
    }

    @Test
    void theSameAgainIsNoDifference() {
        assertThat(meaning(ALL_WELL, Cases.profile("oooo"))).isEmpty();
    }

    @Test
    void saysAtWhichStepFlowsNowFailAndWhy() {
        assertThat(meaning(ALL_WELL, Cases.profile("olll"))).containsExactly(
                "3 flows to default/web:https (default/web-2) now fail at step 1.4: request-lost-between-nodes");
        assertThat(meaning(ALL_WELL, Cases.profile("llll")).get(0)).startsWith("all 4 flows to default/web:https");
        assertThat(meaning(ALL_WELL, Cases.profile("oool")).get(0)).startsWith("1 flow to default/web:https (default/web-2) now fails at");
    }

    @Test
    void printsADiffWithItsMeaning() throws IOException {
        Baseline read = BaselineFile.parse("web.yaml", BaselineFile.text(ALL_WELL));

        assertThat(diff(read, Cases.profile("oolr"))).isEqualTo("""
                --- web.yaml
                +++ web

                @@ nodeport tcp default/web:https -> default/web-2 @@ line 10
                -  outcomes: ok
                +  outcomes: {degraded: 1, failed at 1.4: 1, ok: 2}
                -  steps: {1.4: inferred, 1.5: observed, 1.6: observed, 2.0: observed}
                +  steps: {1.4: {inferred: 3, missing: 1}, 1.5: {missing: 1, observed: 3}, 1.6: {not-captured: 1, observed: 3}, \
                2.0: {not-captured: 1, observed: 3}}
                -  deviations: none
                +  deviations: {request-lost-between-nodes: 1, syn-retransmitted: 1}
                   1 flow to default/web:https (default/web-2) now is degraded: syn-retransmitted
                   1 flow to default/web:https (default/web-2) now fails at step 1.4: request-lost-between-nodes
                """);
    }

    @Test
    void flowsThatAreMissingOrTooManyAreDifferences() {
        assertThat(meaning(ALL_WELL, Cases.profile("ooo"))).containsExactly("3 flows to default/web:https (default/web-2), expected 4");
        assertThat(meaning(ALL_WELL, Cases.profile("ooooo"))).containsExactly("5 flows to default/web:https (default/web-2), expected 4");
        assertThat(meaning(ALL_WELL, Cases.profile(""))).containsExactly("no flow to default/web:https (default/web-2) any more");
    }

    @Test
    void flowsThatNoEntryKnowsAreADifferenceOfACompleteBaselineOnly() throws IOException {
        List<FlowResult> flows = new ArrayList<>(Cases.flows("oooo"));
        flows.add(Cases.to(SampleCases.lost(9), "default/api:http", "default/api-1"));
        CaseProfile more = Cases.profile(flows, List.of());

        assertThat(meaning(ALL_WELL, more)).containsExactly("1 flow to default/api:http (default/api-1), which the baseline does not know: "
                + "1 failed at 1.4: request-lost-between-nodes");
        assertThat(meaning(written("flows: [{service: default/web*, outcomes: ok}]"), more)).isEmpty();
    }

    @Test
    void whatIsBetterIsADifferenceTooSinceTheBaselineIsOutOfDate() {
        Baseline broken = Baseline.of(Cases.profile("llrr"), Grouping.ENDPOINT);

        assertThat(meaning(broken, Cases.profile("oooo"))).contains(
                "no longer any failures at step 1.4 to default/web:https (default/web-2): 0, expected 2",
                "all 4 flows to default/web:https (default/web-2) now are ok",
                "no flow to default/web:https (default/web-2) has request-lost-between-nodes any more, expected 2");
    }

    /** As where the flows of a service take another path now. */
    @Test
    void aStepThatNoFlowHasAnyMoreIsADifferenceThoughAllOfThemWereExpectedToShowIt() throws IOException {
        List<FlowResult> flows = Cases.flows("oo").stream().map(flow -> Cases.withSteps(flow, flow.steps().stream().filter(
                step -> !step.number().equals("1.5")).toList())).toList();

        assertThat(meaning(written("flows: [{service: default/web*, steps: {1.5: observed, 1.6: observed}}]"), Cases.profile(flows,
                List.of()))).containsExactly("step 1.5 of the flows to default/web* is now none of their path, expected observed");
        assertThat(meaning(written("flows: [{service: default/web*, steps: {1.5: {observed: 0}}}]"), Cases.profile(flows, List.of())))
                .isEmpty();
    }

    @Test
    void byServiceAStepIsComparedOnlyForTheFlowsThatTakeIt() throws IOException {
        List<FlowResult> mixed = List.of(SampleCases.answered(1), onItsNode(2));
        Baseline byService = BaselineFile.parse("x.yaml", BaselineFile.text(Baseline.of(Cases.profile("oo"), Grouping.SERVICE)));

        assertThat(meaning(byService, Cases.profile(mixed, List.of()))).isEmpty();
        assertThat(meaning(byService, Cases.profile(List.of(onItsNode(1), onItsNode(2)), List.of()))).isEmpty();
        assertThat(meaning(Baseline.of(Cases.profile(mixed, List.of()), Grouping.SERVICE), Cases.profile("oo"))).isEmpty();
        Baseline byEndpoint = Baseline.of(Cases.profile(List.of(onItsNode(1)), List.of()), Grouping.ENDPOINT);
        assertThat(meaning(byEndpoint, Cases.profile("o"))).as("not-applicable is said there, and held fast").isNotEmpty();
    }

    /** As if the endpoint were on the entry node. */
    private static FlowResult onItsNode(int id) {
        FlowResult flow = SampleCases.answered(id);
        List<Step> steps = new ArrayList<>(flow.steps());
        steps.replaceAll(step -> step.number().matches("1[.][3-6]") ? new Step(step.number(), step.title(), null, StepStatus.NOT_APPLICABLE,
                List.of(), 0, null, null, null) : step);
        return Cases.withSteps(flow, steps);
    }

    @Test
    void whoChoosesEndpointsAtRandomIsComparedByService() {
        List<FlowResult> flows = new ArrayList<>();
        for (int i = 1; i <= 4; i++) {
            flows.add(Cases.to(SampleCases.answered(i), "default/web:https", "default/web-" + i));
        }
        Baseline byService = Baseline.of(Cases.profile("oooo"), Grouping.SERVICE);

        assertThat(meaning(byService, Cases.profile(flows, List.of()))).isEmpty();
        assertThat(meaning(ALL_WELL, Cases.profile(flows, List.of()))).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"10.240.0.4:999, 10.244.1.2:8443, dnat+snat, ''",
        "10.241.0.4:38636, 10.244.1.2:8443, dnat (source preserved), keeps its source",
        "10.240.0.4:7, 10.240.0.4:32000, snat, in the source only", "10.241.0.4:38636, 10.240.0.4:32000, none, no longer translated",
        ", , unknown, no longer show the translation"})
    void tellsTheKindsOfTranslationApart(String source, String destination, String kind, String sentence) {
        FlowResult flow = Cases.translated(SampleCases.answered(1), source, destination);

        assertThat(FlowGroup.translation(flow)).isEqualTo(kind);
        List<String> meaning = meaning(Baseline.of(Cases.profile("o"), Grouping.ENDPOINT), Cases.profile(List.of(flow), List.of()));
        if (sentence.isEmpty()) {
            assertThat(meaning).isEmpty();
        } else {
            assertThat(meaning).singleElement().asString().contains(sentence, "expected dnat+snat");
        }
    }

    @Test
    void aStepThatIsSeenOtherwiseIsADifferenceOfItsOwn() {
        FlowResult flow = SampleCases.answered(1);
        List<Step> steps = new ArrayList<>(flow.steps());
        steps.replaceAll(step -> step.number().equals("1.5") ? SampleCases.lost(1).steps().get(6) : step);

        assertThat(meaning(Baseline.of(Cases.profile("o"), Grouping.ENDPOINT), Cases.profile(List.of(Cases.withSteps(flow, steps)),
                List.of())))
                .containsExactly("step 1.5 of the flows to default/web:https (default/web-2) is now missing in all, expected observed");
    }

    @Test
    void onlyASurelyLongerMedianIsSlower() throws IOException {
        // Of step 1.5 the sample knows 180 µs, give or take 60 µs for the clocks; of 1.3, inside one capture, 22 µs exactly.
        assertThat(meaning(written("flows: [{latency: {1.5: 50us}}]"), Cases.profile("oo"))).singleElement().asString()
                .contains("step 1.5", "now takes 172 µs", "at most 50.0 µs", "2 times");
        assertThat(meaning(written("flows: [{latency: {1.5: 60us}}]"), Cases.profile("oo"))).as("120 µs may be all").isEmpty();
        assertThat(meaning(written("flows: [{latency: {1.3: 5us..10us}}]"), Cases.profile("oo"))).isNotEmpty();
        assertThat(meaning(written("tolerances: {latency: 5}\nflows: [{latency: {1.3: 5us}}]"), Cases.profile("oo"))).isEmpty();
        assertThat(meaning(written("flows: [{latency: {1.3: 1ms..2ms}}]"), Cases.profile("oo"))).singleElement().asString()
                .contains("at least 1.00 ms");
    }

    @ParameterizedTest
    @CsvSource({"exact, 4, true", "exact, 5, false", "1, 5, true", "1, 6, false", "±1, 3, true", "25%, 5, true", "25%, 3, true",
            "25%, 6, false",
        "10%, 5, true"})
    void theToleranceOfTheFileAppliesToPlainNumbers(String tolerance, int flows, boolean same) throws IOException {
        Baseline baseline = written("tolerances: {counts: " + tolerance + "}\nflows: [{flows: 4}]");

        assertThat(meaning(baseline, Cases.profile("o".repeat(flows))).isEmpty()).isEqualTo(same);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{ok: 2, failed at 1.4: 1}", "{ok: 1..2, failed at 1.4: 1..}", "{ok: ..9, others: any}", "{others: any}",
        "{ok: any, failed at 1.4: 2 ±1}", "{ok: 3 ±34%, failed at 1.4: 1}"})
    void countsHoldAsRangesAndAsParts(String outcomes) throws IOException {
        assertThat(meaning(written("flows: [{outcomes: " + outcomes + "}]"), Cases.profile("ool"))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ok", "{ok: 2}", "{ok: 3, others: any}", "{ok: 2, failed at 1.4: 2..}", "{ok: 2, others: 0}",
            "{failed at 1.4: 1}"})
    void whatIsNotNamedIsExpectedOfNone(String outcomes) throws IOException {
        assertThat(meaning(written("flows: [{outcomes: " + outcomes + "}]"), Cases.profile("ool"))).isNotEmpty();
    }

    @ParameterizedTest
    @CsvSource({"path: nodeport, true", "path: clusterip, false", "service: default/web*, true", "service: default/we, false",
        "endpoint: '*-2', true", "protocol: tcp, true", "protocol: udp, false", "service: '*web*h*s', true", "service: '*', true"})
    void anEntryIsAboutTheFlowsThatItsPatternsFit(String pattern, boolean fits) throws IOException {
        List<String> meaning = meaning(written("flows:\n- " + pattern + "\n  outcomes: degraded"), Cases.profile("oo"));

        assertThat(meaning.get(meaning.size() - 1)).contains(fits ? "now are ok" : "any more");
    }

    @Test
    void noFlowsCanBeExpected() throws IOException {
        Baseline none = written("flows: [{service: default/old, flows: 0}]");

        assertThat(meaning(none, Cases.profile("oo"))).isEmpty();
        assertThat(meaning(none, Cases.profile(List.of(Cases.to(SampleCases.answered(1), "default/old", "default/old-1")), List.of())))
                .containsExactly("1 flow to default/old, expected 0");
    }

    @Test
    void whatTheCapturesAsSuchShowIsCompared() throws IOException {
        CaseProfile skewed = new CaseProfile();
        SampleCases.lostBetweenNodes().sendTo(skewed);

        assertThat(meaning(written("captures: {deviations: none}"), skewed)).containsExactly(
                "clock-skew is now found once in the captures, expected 0");
        assertThat(meaning(written("captures: {deviations: {clock-skew: any}}"), skewed)).isEmpty();
        assertThat(meaning(written("captures: {deviations: {clock-skew: 1}}"), Cases.profile("o"))).containsExactly(
                "the captures no longer show clock-skew");
        assertThat(meaning(written("flows: []"), skewed)).as("not stated").isEmpty();
    }

    @Test
    void aFlowOfWhichLittleIsKnownHasATargetToo() {
        CaseProfile profile = Cases.profile(List.of(Cases.without(SampleCases.answered(1))), List.of());

        assertThat(profile.groups(Grouping.ENDPOINT).keySet()).extracting(Target::toString)
                .containsExactly("nodeport tcp 10.240.0.4:32000 -> unknown");
    }

    @Test
    void junitHasATestForEachEntryAndForEachUnknownTarget() throws IOException {
        List<FlowResult> flows = new ArrayList<>(Cases.flows("ol"));
        flows.add(Cases.to(SampleCases.answered(7), "default/api", "default/api-1"));
        Baseline baseline = written("complete: yes\nflows:\n- {service: default/web*, outcomes: ok}\n"
                + "- {service: default/web*, flows: 2}\n");
        Path file = Files.createTempFile("check", ".xml");

        new ComparisonText(Comparison.of(baseline, Cases.profile(flows, List.of())), TerminalStyle.PLAIN).junit("web", "1.0").write(file);

        assertThat(Files.readString(file)).contains("tests=\"3\" failures=\"2\" errors=\"0\" skipped=\"0\"")
                .contains("<failure type=\"difference\" "
                        + "message=\"1 flow to default/web* now fails at step 1.4: request-lost-between-nodes\"")
                .contains("-  outcomes: ok\n+  outcomes: {failed at 1.4: 1, ok: 1}")
                .contains("name=\"nodeport tcp default/api -&gt; default/api-1\"");
        Files.delete(file);
    }
}
