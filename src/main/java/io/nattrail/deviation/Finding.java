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
 * @param since when it began to act, on the common clock; {@link Long#MIN_VALUE} if that is not known
 * @param until when the last of it happened, on the common clock; {@link Long#MAX_VALUE} if that is not known: what was over before another
 *     began to act does not follow from it
 */
public record Finding(DeviationType type, Severity severity, String step, String point, String message, List<FrameRef> evidence,
        String failedStep, List<String> explains, Advice advice, long since, long until) {
    private static final long UNKNOWN = Long.MIN_VALUE;
    private static final long OPEN = Long.MAX_VALUE;
    /** What happens so close together may have one cause, and clocks are not set apart so well. */
    private static final long MARGIN_NANOS = 100_000_000L;

    public Finding {
        evidence = List.copyOf(evidence);
        explains = List.copyOf(explains);
        if (evidence.isEmpty()) {
            throw new IllegalArgumentException(type.code() + " without a frame that proves it");
        }
    }

    /** Something that went wrong without ending the flow. */
    static Finding of(DeviationType type, String step, String point, String message, List<FrameRef> evidence) {
        return new Finding(type, type.severity(), step, point, message, evidence, null, List.of(), null, UNKNOWN, OPEN);
    }

    /** What ended the flow. */
    static Finding fatal(DeviationType type, String step, String point, String message, List<FrameRef> evidence) {
        return new Finding(type, type.severity(), step, point, message, evidence, step, List.of(), null, UNKNOWN, OPEN);
    }

    /** The same with another severity. */
    Finding as(Severity other) {
        return new Finding(type, other, step, point, message, evidence, failedStep, explains, advice, since, until);
    }

    /** The same, taking what follows from it along. */
    Finding explaining(DeviationType... others) {
        List<String> codes = new ArrayList<>(explains);
        for (DeviationType other : others) {
            codes.add(other.code());
        }
        return new Finding(type, severity, step, point, message, evidence, failedStep, codes, advice, since, until);
    }

    /** The same, ending the flow at a step. */
    Finding failing(String atStep) {
        return new Finding(type, severity, step, point, message, evidence, atStep, explains, advice, since, until);
    }

    /** The same with the one of the type's checks that fits what was seen; null for the first. */
    Finding checking(String fitting) {
        return advised(fitting == null ? null : new Advice(fitting, null));
    }

    /** The same with the check that fits what was seen, and its cause. */
    Finding advised(Advice fitting) {
        return new Finding(type, severity, step, point, message, evidence, failedStep, explains, fitting, since, until);
    }

    /** The same, of which is known when it began to act. */
    Finding since(long begin) {
        return new Finding(type, severity, step, point, message, evidence, failedStep, explains, advice, begin, until);
    }

    /** The same, of which is known when it was over. */
    Finding until(long end) {
        return new Finding(type, severity, step, point, message, evidence, failedStep, explains, advice, since, end);
    }

    /** Whether it was over before others of a code began to act, and so does not follow from them. */
    boolean overBefore(String code, List<Finding> findings) {
        for (Finding other : findings) {
            if (other.type.code().equals(code) && !other.beganAfter(until)) {
                return false;
            }
        }
        return true;
    }

    /** Whether it surely began to act only after a moment on the common clock. */
    boolean beganAfter(long end) {
        return since != UNKNOWN && end <= since - MARGIN_NANOS;
    }
}
