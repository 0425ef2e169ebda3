package io.nattrail.assertj;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.AbstractAssert;

/** Assertions about one flow. When one fails, its message tells all steps of the flow with their frames, and its deviations. */
public final class FlowAssert extends AbstractAssert<FlowAssert, FlowResult> {
    private final String of;

    FlowAssert(FlowResult actual, String of) {
        super(actual, FlowAssert.class);
        this.of = of;
    }

    /** What became of it. */
    public FlowAssert hasVerdict(Verdict verdict) {
        return check(actual.verdict() == verdict, "to have the verdict " + verdict.label(), "it is " + Facts.verdict(actual));
    }

    /** The exchange was complete, nothing of severity warning or worse. */
    public FlowAssert isOk() {
        return hasVerdict(Verdict.OK);
    }

    /** It failed, and this is the first step that did not do its work. */
    public FlowAssert failedAtStep(String number) {
        StepNumber step = new StepNumber(number);
        return check(step.number().equals(actual.failedStep()), "to have failed at step " + step, "it is " + Facts.verdict(actual));
    }

    /** The step was seen, or is concluded from what came before and after. */
    public FlowAssert reaches(StepNumber step) {
        return check(reached(actual, step), "to reach step " + step, status(step));
    }

    /** The step was neither seen nor can it be concluded. */
    public FlowAssert doesNotReach(StepNumber step) {
        return check(!reached(actual, step), "not to reach step " + step, status(step));
    }

    /** What is known of a step. */
    public FlowAssert hasStep(StepNumber step, StepStatus status) {
        Step found = step(actual, step);
        return check(found != null && found.status() == status, "to have step " + step + " " + status.label(), status(step));
    }

    /** The median latency of a step is surely no longer, whatever the clocks' error. It fails if nothing was measured. */
    public FlowAssert hasLatencyAtMost(StepNumber step, Duration limit) {
        Step found = step(actual, step);
        Long latency = found == null ? null : found.latencyNanos();
        if (latency == null) {
            return check(false, "to take at most " + limit.toNanos() + " ns for step " + step, "no latency is known of it; "
                    + status(step));
        }
        long uncertainty = found.latencyUncertaintyNanos() == null ? 0 : found.latencyUncertaintyNanos();
        return check(latency + uncertainty <= limit.toNanos(), "to take at most " + limit.toNanos() + " ns for step " + step, "it takes "
                + latency + " ns, give or take " + uncertainty + " ns");
    }

    /**
     * It was given to this endpoint.
     *
     * @param endpoint {@code namespace/pod}, {@code 10.244.1.2}, {@code 10.244.1.2:8443}
     */
    public FlowAssert goesTo(String endpoint) {
        FlowResult.FlowEndpoint chosen = actual.endpoint();
        return check(!FlowQuery.ANY.via(endpoint).of(List.of(actual)).isEmpty(), "to go to " + endpoint, chosen == null
                ? "no endpoint is known" : "it goes to " + chosen.pod() + " (" + chosen.address() + ")");
    }

    /** The pod sees the client's address: destination NAT without source NAT. */
    public FlowAssert keepsSourceAddress() {
        return check(after() != null && after().source().address().equals(actual.client().address()), "to keep its source address",
                translation());
    }

    /** The source was translated to an address of the node. */
    public FlowAssert isMasqueraded() {
        return check(after() != null && !after().source().address().equals(actual.client().address()), "to be masqueraded", translation());
    }

    /** It has a deviation of this code; the next assertions are about the first of them. */
    public DeviationAssert<FlowAssert> hasDeviation(String code) {
        Facts.known(code);
        Deviation found = actual.deviations().stream().filter(one -> one.code().equals(code)).findFirst().orElse(null);
        check(found != null, "to have the deviation " + code, actual.deviations().isEmpty() ? "it has none" : "it has "
                + String.join(", ", actual.deviations().stream().map(Deviation::code).toList()));
        return new DeviationAssert<>(found, this);
    }

    /** It has no deviation of this code. */
    public FlowAssert hasNoDeviation(String code) {
        Facts.known(code);
        return check(actual.deviations().stream().noneMatch(one -> one.code().equals(code)), "not to have the deviation " + code, "it has");
    }

    /** It has no deviation, not even of severity info. */
    public FlowAssert hasNoDeviations() {
        return check(actual.deviations().isEmpty(), "to have no deviations", "it has " + actual.deviations().size());
    }

    /** All its deviations are of this severity or of a lesser one. */
    public FlowAssert hasNoDeviationsWorseThan(Severity worst) {
        long worse = actual.deviations().stream().filter(one -> one.severity().compareTo(worst) > 0).count();
        return check(worse == 0, "to have no deviations worse than " + worst.label(), "it has " + worse);
    }

    static boolean reached(FlowResult flow, StepNumber number) {
        Step step = step(flow, number);
        return step != null && (step.status() == StepStatus.OBSERVED || step.status() == StepStatus.INFERRED);
    }

    private static Step step(FlowResult flow, StepNumber number) {
        return flow.steps().stream().filter(one -> one.number().equals(number.number())).findFirst().orElse(null);
    }

    private String status(StepNumber number) {
        Step step = step(actual, number);
        if (step == null) {
            return "the path " + actual.path() + " has no such step";
        }
        return "step " + number + " is " + step.status().label() + (step.reason() == null ? "" : " (" + step.reason() + ")");
    }

    private FlowResult.Translated after() {
        return actual.translated() == null ? actual.told() : actual.translated();
    }

    private String translation() {
        return after() == null ? "no translation is known" : "after NAT it is " + after().source() + " -> " + after().destination();
    }

    private FlowAssert check(boolean holds, String claim, String found) {
        if (!holds) {
            failWithMessage("%nExpecting flow %s of %s%n%s, but %s%n%s", actual.id(), of, claim, found, Facts.story(actual));
        }
        return this;
    }
}
