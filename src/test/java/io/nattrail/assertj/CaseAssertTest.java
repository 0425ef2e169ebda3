package io.nattrail.assertj;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCapture;
import static io.nattrail.assertj.NatTrailAssertions.assertThatCase;
import static io.nattrail.assertj.NatTrailAssertions.from;
import static io.nattrail.assertj.NatTrailAssertions.step;
import static io.nattrail.assertj.NatTrailAssertions.to;
import static io.nattrail.assertj.NatTrailAssertions.via;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.analysis.CaseResult;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.path.StepStatus;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CaseAssertTest {
    private static final CaseResult HAPPY = SampleCases.happy();
    private static final CaseResult LOST = SampleCases.lostBetweenNodes();
    private static final CaseResult ONE_LOST = new CaseResult(SampleCases.header("one-lost", "10.244.1.2"), List.of(SampleCases.lost(1)),
            SampleCases.findings(List.of(), 0, 0, 1, 0, List.of()));

    /** What AssertJ would show to whoever wrote the test. */
    private static String complaint(Consumer<CaseResult> assertion, CaseResult about) {
        try {
            assertion.accept(about);
        } catch (AssertionError e) {
            return e.getMessage().strip();
        }
        throw new AssertionError("nothing was complained of");
    }

    @Test
    void whatHoldsIsNotComplainedOf() {
        assertThatCase(HAPPY).hasNoDeviations().hasFlows(1).hasNoDeviation("clock-skew").onlyFlow().isOk().reaches(step("2.0"))
                .reaches(step("1.2")).hasStep(step("1.2"), StepStatus.INFERRED).hasNoDeviations().isMasqueraded().goesTo("default/web-2")
                .hasLatencyAtMost(step("1.5"), Duration.ofNanos(240_000));
        assertThatCase(ONE_LOST).onlyFlow().hasVerdict(Verdict.FAILED).failedAtStep("1.4").doesNotReach(step("2.0"))
                .hasDeviation("request-lost-between-nodes").provenBy("node1-eth0#22",
                        "node1-eth0#24").provenBy("node1-eth0#24").atStep("1.5")
                .hasSeverity(Severity.ERROR).atPoint("node2-cbr0").and().hasNoDeviation("clock-skew")
                        .hasNoDeviationsWorseThan(Severity.ERROR);
        assertThatCase(LOST).hasRootCause("request-lost-between-nodes").hasDeviation("clock-skew").hasSeverity(Severity.INFO).and()
                .hasFlows(5).hasNoFlow(to("default/api"));
        assertThatCase(LOST).flow(3).hasVerdict(Verdict.DEGRADED);
        assertThatCase(LOST).flow(from("10.241.0.4:38637").to(":32000").via("10.244.1.2:8443")).failedAtStep("1.4");
        assertThatCase(LOST).flows(from("10.241.0.0/16").to("default/web")).hasSize(5);
        assertThatCase(LOST).flows(from("10.241.0.4:38637")).failedAtStep("1.4").haveVerdict(Verdict.FAILED)
                .haveDeviation("request-lost-between-nodes");
        assertThatCase(HAPPY).allFlows().reach(step("2.0")).haveNoDeviationsWorseThan(Severity.INFO);
    }

    @Test
    void anUnexpectedDeviationIsShownWithItsFlowAndItsProof() {
        assertThat(complaint(one -> assertThatCase(one).hasNoDeviations(), ONE_LOST)).isEqualToNormalizingNewlines("""
                Expecting case one-lost
                to have no deviations, but it has 1:
                flow 1: nodeport tcp 10.241.0.4:38636 -> 10.240.0.4:32000 (default/web:https) via default/web-2: failed at step 1.4
                  error request-lost-between-nodes at step 1.5: 10.240.0.4:20001 -> 10.244.1.2:8443 left Node-1 3 times and never reached \
                node2-cbr0 [node1-eth0#22 node1-eth0#24]""");
    }

    @Test
    void aWrongVerdictIsShownWithAllSteps() {
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().isOk(), ONE_LOST)).isEqualToNormalizingNewlines("""
                Expecting flow 1 of case one-lost
                to have the verdict ok, but it is failed at step 1.4

                flow 1: nodeport tcp 10.241.0.4:38636 -> 10.240.0.4:32000 (default/web:https) via default/web-2: failed at step 1.4
                  1.1 observed: client#21 node1-eth0#21
                  1.2 inferred: inside the kernel
                  1.2.1 inferred: inside the kernel
                  1.2.2 inferred: inside the kernel
                  1.3 observed: node1-eth0#22
                  1.4 missing: never seen at node2-cbr0
                  1.5 missing: never seen at node2-cbr0
                  1.6 not-captured
                  2.0 not-captured
                  error request-lost-between-nodes at step 1.5: 10.240.0.4:20001 -> 10.244.1.2:8443 left Node-1 3 times and never reached \
                node2-cbr0 [node1-eth0#22 node1-eth0#24]""");
    }

    @Test
    void everyComplaintSaysWhatWasThere() {
        assertThat(complaint(one -> assertThatCase(one).hasNoDeviationsWorseThan(Severity.INFO), LOST)).contains("it has 3",
                "syn-retransmitted")
                .doesNotContain("clock-skew");
        assertThat(complaint(one -> assertThatCase(one).hasNoDeviation("clock-skew"), LOST)).contains("the captures:", "1.5 ms ahead");
        assertThat(complaint(one -> assertThatCase(one).hasDeviation("no-endpoints-reject"), HAPPY)).contains("without deviations");
        assertThat(complaint(one -> assertThatCase(one).hasRootCause("no-endpoints-reject"),
                LOST)).contains("it is request-lost-between-nodes: 2 of 5");
        assertThat(complaint(one -> assertThatCase(one).hasRootCause("no-endpoints-reject"), HAPPY)).contains("none was found");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow(), LOST)).contains("to have 1 flow, but there are 5", "flow 5: ",
                "undetermined");
        assertThat(complaint(one -> assertThatCase(one).allFlows(), SampleCases.empty())).contains("none was found");
        assertThat(complaint(one -> assertThatCase(one).flow(9), LOST)).contains("a flow 9, but there are", "flow 5: ");
        assertThat(complaint(one -> assertThatCase(one).flow(to("default/api")), LOST)).contains("one flow to default/api, but there are 0",
                "flow 5: ");
        assertThat(complaint(one -> assertThatCase(one).flow(from("10.241.0.4").via("default/web-2")), LOST))
                .contains("one flow from 10.241.0.4 via default/web-2, but there are 5", "flows(...)");
        assertThat(complaint(one -> assertThatCase(one).flows(via("10.9.9.9")), LOST)).contains("flows via 10.9.9.9, but there are only");
        assertThat(complaint(one -> assertThatCase(one).hasNoFlow(to("default/web")), HAPPY)).contains("no flow to default/web");
        assertThat(complaint(one -> assertThatCase(one).allFlows().reach(step("2.0")), LOST)).contains("all 5 flows", "not so are 3",
                "The first of them:", "1.4 missing");
        assertThat(complaint(one -> assertThatCase(one).allFlows().hasSize(3), LOST)).contains("there are 5");
    }

    /** Else a mistyped code would let every case pass. */
    @Test
    void refusesCodesThatNoDeviationHas() {
        for (ThrowingCallable claim : List.<ThrowingCallable>of(() -> assertThatCase(HAPPY).hasNoDeviation("clok-skew"),
                () -> assertThatCase(HAPPY).onlyFlow().hasNoDeviation("clok-skew"), () -> assertThatCase(LOST).hasRootCause("clok-skew"),
                () -> assertThatCase(LOST).hasDeviation("clok-skew"))) {
            assertThatThrownBy(claim).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("no deviation has the code 'clok-skew'; did you mean clock-skew");
        }
    }

    @Test
    void everyComplaintAboutAFlowSaysWhatItIs() {
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().reaches(step("1.5")), ONE_LOST))
                .contains("to reach step 1.5, but step 1.5 is missing (never seen at node2-cbr0)");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().reaches(step("1.9")),
                HAPPY)).contains("the path nodeport has no such step");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().doesNotReach(step("2.0")), HAPPY)).contains("step 2.0 is observed");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().failedAtStep("1.5"), ONE_LOST)).contains("it is failed at step 1.4");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().hasDeviation("pod-cidr-route-missing"),
                ONE_LOST)).contains("it has request-lost-between");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().hasDeviation("pod-cidr-route-missing"), HAPPY)).contains("it has none");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().keepsSourceAddress(),
                HAPPY)).contains("after NAT it is 10.240.0.4:20001");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().goesTo("default/web-1"), HAPPY)).contains("it goes to default/web-2");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().hasLatencyAtMost(step("1.5"), Duration.ofNanos(200_000)), HAPPY))
                .contains("it takes 180000 ns, give or take 60000 ns");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().hasLatencyAtMost(step("1.2"), Duration.ofDays(1)), HAPPY))
                .contains("no latency is known of it");
        assertThat(complaint(one -> assertThatCase(one).onlyFlow().hasDeviation("request-lost-between-nodes").provenBy("client#1"),
                ONE_LOST))
                .contains("its proof is node1-eth0#22 node1-eth0#24, without client#1");
        assertThat(complaint(one -> assertThatCase(one).hasDeviation("clock-skew").provenBy("client#1"),
                LOST)).contains("its proof is empty");
        assertThat(complaint(one -> assertThatCase(one).hasDeviation("clock-skew").atStep("1.1"), LOST)).contains("it is at none");
    }

    @Test
    void namesInCapturesCannotBreakTheMessage() {
        assertThat(complaint(one -> assertThatCase(one).hasNoDeviations(), SampleCases.hostile("100 %s %n %d"))).contains("100 %s %n %d");
    }

    @Test
    void aDescriptionOfTheTestsAuthorComesFirst() {
        assertThat(complaint(one -> assertThatCase(one).as("after the upgrade").hasNoDeviations(),
                ONE_LOST)).startsWith("[after the upgrade]");
    }

    @Test
    void aBaselineOfNattrailCheckIsAnAssertion(@TempDir Path folder) throws IOException {
        Path baseline = folder.resolve("web.yaml");
        Files.writeString(baseline, "nattrail-baseline: 1\nflows: [{service: default/web*, outcomes: ok}]\n");

        assertThatCase(HAPPY).matchesBaseline(baseline);
        assertThat(complaint(one -> assertThatCase(one).matchesBaseline(baseline), ONE_LOST)).contains("-  outcomes: ok",
                "+  outcomes: failed at 1.4", "now fails at step 1.4: request-lost-between-nodes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "one", "1", "1.", "1.5.", "step 1.5"})
    void aStepThatCannotBeIsRefusedAtOnce(String number) {
        assertThatThrownBy(() -> step(number)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("is no step such as 1.5");
    }

    @Test
    void aCaseThatIsNotThereSaysWhereItWasLookedFor() {
        assertThatThrownBy(() -> assertThatCapture("src/test/captures/nowhere")).isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(Path.of("src/test/captures/nowhere").toAbsolutePath().toString())
                .hasMessageContaining("nor in the class path");
    }
}
