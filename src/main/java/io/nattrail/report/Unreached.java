package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.leg.Direction;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.util.BitSet;

/** Steps that a flow never came to: a capture would have shown nothing there, since all was lost before, or its node sent nothing on. */
final class Unreached {
    private static final String IN_NODE = "1.2";

    private Unreached() {
    }

    /** By their places among the flow's steps. */
    static BitSet of(FlowResult flow) {
        boolean allLost = flow.hops().stream().anyMatch(hop -> hop.direction() == Direction.REQUEST && hop.lostAll());
        BitSet unreached = new BitSet();
        boolean ended = false;
        for (int i = 0; i < flow.steps().size(); i++) {
            Step step = flow.steps().get(i);
            boolean failed = step.number().equals(flow.failedStep());
            unreached.set(i, ended && !failed && step.status() == StepStatus.NOT_CAPTURED);
            ended |= failed && allLost || step.status() == StepStatus.MISSING && step.number().startsWith(IN_NODE);
        }
        return unreached;
    }

    /** What a report says of a step's status. */
    static String status(Step step, boolean failed, boolean unreached) {
        if (unreached) {
            return "not reached";
        }
        if (!failed) {
            return step.status().label();
        }
        // Of a step whose packets go past all captures it is still told that the flow failed there.
        return step.status() == StepStatus.NOT_APPLICABLE ? "failed here" : step.status().label() + ", failed here";
    }
}
