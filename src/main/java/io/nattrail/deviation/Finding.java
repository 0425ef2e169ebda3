package io.nattrail.deviation;

import io.nattrail.leg.FrameRef;
import java.util.ArrayList;
import java.util.List;

/**
 * What a detector says of a flow.
 *
 * @param failedStep the step at which the flow failed because of it; null if it did not fail because of it
 * @param explains codes of other findings that follow from this one and are folded into it
 * @param advice what to check of what was seen; null for the first of the type's checks
 * @param side where it lies beside the flow's longest silence: what was over before follows from nothing that acts since
 */
public record Finding(DeviationType type, Severity severity, String step, String point, String message, List<FrameRef> evidence,
        String failedStep, List<String> explains, Advice advice, Healed.Side side) {
    public Finding {
        evidence = List.copyOf(evidence);
        explains = List.copyOf(explains);
        if (evidence.isEmpty()) {
            throw new IllegalArgumentException(type.code() + " without a frame that proves it");
        }
    }

    /** Something that went wrong without ending the flow. */
    static Finding of(DeviationType type, String step, String point, String message, List<FrameRef> evidence) {
        return new Finding(type, type.severity(), step, point, message, evidence, null, List.of(), null, Healed.Side.ANY);
    }

    /** What ended the flow. */
    static Finding fatal(DeviationType type, String step, String point, String message, List<FrameRef> evidence) {
        return new Finding(type, type.severity(), step, point, message, evidence, step, List.of(), null, Healed.Side.ANY);
    }

    /** The same with another severity. */
    Finding as(Severity other) {
        return new Finding(type, other, step, point, message, evidence, failedStep, explains, advice, side);
    }

    /** The same, taking what follows from it along. */
    Finding explaining(DeviationType... others) {
        List<String> codes = new ArrayList<>(explains);
        for (DeviationType other : others) {
            codes.add(other.code());
        }
        return new Finding(type, severity, step, point, message, evidence, failedStep, codes, advice, side);
    }

    /** The same, ending the flow at a step. */
    Finding failing(String atStep) {
        return new Finding(type, severity, step, point, message, evidence, atStep, explains, advice, side);
    }

    /** The same with the one of the type's checks that fits what was seen; null for the first. */
    Finding checking(String fitting) {
        return advised(fitting == null ? null : new Advice(fitting, null));
    }

    /** The same with the check that fits what was seen, and its cause. */
    Finding advised(Advice fitting) {
        return new Finding(type, severity, step, point, message, evidence, failedStep, explains, fitting, side);
    }

    /** The same on a side of the flow's longest silence. */
    Finding on(Healed.Side beside) {
        return new Finding(type, severity, step, point, message, evidence, failedStep, explains, advice, beside);
    }
}
