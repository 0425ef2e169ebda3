package io.nattrail.deviation;

import io.nattrail.leg.FrameRef;
import io.nattrail.nat.FlowHop;
import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * A hop that takes this flow's packets much longer than the other flows' packets: both were stamped by the same two clocks, so their
 * difference is exact whatever the clocks' offset.
 */
final class LatencyHigh implements Detector {
    /** Fewer flows make no usual delay. */
    private static final int LEAST_FLOWS = 5;
    private static final long LEAST_EXCESS_NANOS = 10_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        FlowHop worst = null;
        long worstExcess = 0;
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.delivered() == 0 || facts.passed(trace, hop) < LEAST_FLOWS) {
                continue;
            }
            long usual = facts.delayQuantile(trace, hop, 0.5);
            long spread = facts.delayQuantile(trace, hop, 0.75) - facts.delayQuantile(trace, hop, 0.25);
            long excess = hop.medianDelayNanos() - usual;
            if (excess > Math.max(LEAST_EXCESS_NANOS, 5 * spread) && excess > worstExcess) {
                worst = hop;
                worstExcess = excess;
            }
        }
        if (worst == null) {
            return List.of();
        }
        List<FrameRef> evidence = worst.slowest() == null ? Frames.first(trace) : Frames.of(trace, List.of(worst.slowest()));
        return List.of(Finding.of(EstablishedTypes.LATENCY_HIGH, Frames.stepOf(trace, worst.from(), worst.to(), worst.direction()),
                Frames.pointOf(trace, worst.to()), "packets took %s longer %s than those of most flows".formatted(Frames.time(worstExcess),
                        HopTroubles.between(trace, worst)), evidence));
    }
}
