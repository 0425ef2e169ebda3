package io.nattrail.path;

import io.nattrail.leg.FrameRef;
import java.util.List;

/**
 * One numbered step of one flow.
 *
 * @param number e.g. {@code 1.2.1}
 * @param title what happens, one line
 * @param tuple source -> destination after the step, or null if unknown
 * @param evidence the first frame of this step at each point that shows it; not empty exactly if observed
 * @param packets how many packets show this step at its first place; 0 unless observed
 * @param latencyNanos from the previous observed place to this one on the aligned clock, the median; null if it cannot be told
 * @param latencyUncertaintyNanos what the clocks add to the latency; 0 inside one file, null without latency
 * @param reason why the status is not plainly observed, or null
 */
public record Step(String number, String title, String tuple, StepStatus status, List<FrameRef> evidence, long packets, Long latencyNanos,
        Long latencyUncertaintyNanos, String reason) {
    public Step {
        evidence = List.copyOf(evidence);
        if (evidence.isEmpty() == (status == StepStatus.OBSERVED)) {
            throw new IllegalArgumentException("step " + number + " is " + status + " with " + evidence.size() + " frames");
        }
    }
}
