package io.nattrail.assertj;

import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions about one deviation.
 *
 * @param <O> what it was found in
 */
public final class DeviationAssert<O> extends AbstractAssert<DeviationAssert<O>, Deviation> {
    private final O owner;

    DeviationAssert(Deviation actual, O owner) {
        super(actual, DeviationAssert.class);
        this.owner = owner;
    }

    /**
     * All these frames are among its proof.
     *
     * @param frames as {@code point#number}, e.g. {@code node1-eth0#2}; numbers as Wireshark counts
     */
    public DeviationAssert<O> provenBy(String... frames) {
        List<String> proof = actual.evidence().stream().map(Facts::frame).toList();
        List<String> absent = new ArrayList<>(List.of(frames));
        absent.removeAll(proof);
        return check(absent.isEmpty(), "to be proven by " + String.join(" ", frames), "its proof is " + (proof.isEmpty() ? "empty"
                : String.join(" ", proof)) + ", without " + String.join(" ", absent));
    }

    /** The step it belongs to. */
    public DeviationAssert<O> atStep(String number) {
        StepNumber step = new StepNumber(number);
        return check(step.number().equals(actual.step()), "to be at step " + step, actual.step() == null ? "it is at none"
                : "it is at step " + actual.step());
    }

    /** How much it matters. */
    public DeviationAssert<O> hasSeverity(Severity severity) {
        return check(actual.severity() == severity, "to be of severity " + severity.label(), "it is of severity "
                + actual.severity().label());
    }

    /** The capture point it is about. */
    public DeviationAssert<O> atPoint(String point) {
        return check(Objects.equals(actual.point(), point), "to be about the point " + point, "it is about " + actual.point());
    }

    /** Goes on with the flow, or the case, that has the deviation. */
    public O and() {
        return owner;
    }

    private DeviationAssert<O> check(boolean holds, String claim, String found) {
        if (!holds) {
            failWithMessage("%nExpecting the deviation %s%n%s, but %s%n  %s", actual.code(), claim, found, Facts.deviation(actual));
        }
        return this;
    }
}
