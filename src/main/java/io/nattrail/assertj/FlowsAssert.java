package io.nattrail.assertj;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import java.util.List;
import java.util.function.Predicate;
import org.assertj.core.api.AbstractAssert;

/** Assertions about several flows at once. */
public final class FlowsAssert extends AbstractAssert<FlowsAssert, List<FlowResult>> {
    private final String of;

    FlowsAssert(List<FlowResult> actual, String of) {
        super(actual, FlowsAssert.class);
        this.of = of;
    }

    /** There are so many. */
    public FlowsAssert hasSize(int number) {
        if (actual.size() != number) {
            failWithMessage("%nExpecting %s flows of %s, but there are %s:%n%s", number, of, actual.size(), Facts.flows(actual));
        }
        return this;
    }

    /** Each has this verdict. */
    public FlowsAssert haveVerdict(Verdict verdict) {
        return all(flow -> flow.verdict() == verdict, "to have the verdict " + verdict.label());
    }

    /** Each failed at this step. */
    public FlowsAssert failedAtStep(String number) {
        StepNumber step = new StepNumber(number);
        return all(flow -> step.number().equals(flow.failedStep()), "to have failed at step " + step);
    }

    /** Of each this step was seen, or is concluded from what came before and after. */
    public FlowsAssert reach(StepNumber step) {
        return all(flow -> FlowAssert.reached(flow, step), "to reach step " + step);
    }

    /** Each has a deviation of this code. */
    public FlowsAssert haveDeviation(String code) {
        Facts.known(code);
        return all(flow -> flow.deviations().stream().anyMatch(one -> one.code().equals(code)), "to have the deviation " + code);
    }

    /** None has a deviation that is worse. */
    public FlowsAssert haveNoDeviationsWorseThan(Severity worst) {
        return all(flow -> flow.deviations().stream().allMatch(one -> one.severity().compareTo(worst) <= 0),
                "to have no deviations worse than " + worst.label());
    }

    private FlowsAssert all(Predicate<FlowResult> claim, String words) {
        List<FlowResult> wrong = actual.stream().filter(claim.negate()).toList();
        if (!wrong.isEmpty()) {
            failWithMessage("%nExpecting all %s flows of %s%n%s, but not so are %s:%n%sThe first of them:%s", actual.size(), of, words,
                    wrong.size(), Facts.flows(wrong), Facts.story(wrong.get(0)));
        }
        return this;
    }
}
