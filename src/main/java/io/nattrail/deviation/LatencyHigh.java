package io.nattrail.deviation;

import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * A hop that takes this flow's packets much longer than the other flows' packets: both were stamped by the same two clocks, so their
 * difference is exact whatever the clocks' offset. What the clocks drifted apart in between is no delay.
 */
final class LatencyHigh implements Detector {
    /** Fewer flows make no usual delay. */
    private static final int LEAST_FLOWS = 5;
    static final long LEAST_EXCESS_NANOS = 10_000_000L;
    /** What a single moment cannot delay: packets of which the later wait for answers to the earlier. */
    private static final int LEAST_PACKETS = 3;
    private static final int LEAST_SLOW_MOMENTS = 3;
    /** Applications differ from request to request; only what stands out from many is more than a remark. */
    private static final int MANY_FLOWS = 30;
    private static final int FAR_OUT = 20;
    /** No network keeps a datagram longer: beyond it one was taken for a later one of equal contents. */
    private static final long LONGEST_WAIT_NANOS = 2_000_000_000L;
    private static final int LEAST_OF_ENDPOINT = 5;
    private static final long LEAST_SLOWER_NANOS = 100_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        FlowHop worst = null;
        long worstExcess = 0;
        for (FlowHop hop : trace.flow().hops()) {
            HopPace pace = hop.delay().slowest() == null ? null : facts.pace(trace, hop);
            if (pace == null || pace.flows() < LEAST_FLOWS) {
                continue;
            }
            long excess = trace.alignedMedian(hop) - pace.usual();
            boolean confused = !trace.flow().tcp() && excess > LONGEST_WAIT_NANOS;
            if (!confused && excess > Math.max(LEAST_EXCESS_NANOS, 5 * pace.spread()) + grain(trace, hop) && excess > worstExcess) {
                worst = hop;
                worstExcess = excess;
            }
        }
        if (worst == null) {
            return thought(trace, facts);
        }
        List<FrameRef> evidence = Frames.bothEnds(trace, worst, worst.delay().slowest());
        Finding finding = Finding.of(EstablishedTypes.LATENCY_HIGH, Frames.stepOf(trace, worst.from(), worst.to(), worst.direction()),
                Frames.pointOf(trace, worst.to()), "packets took %s longer %s than those of most flows".formatted(Duration.of(worstExcess),
                        HopTroubles.between(trace, worst)), evidence);
        return List.of(lasted(trace, worst, facts) ? finding : finding.as(Severity.INFO));
    }

    /**
     * Whether more than a moment was slow: every packet of the flow, or flows at several moments. One stall of a CPU or of a queue holds
     * back what passes just then, and short flows may have their median in it.
     */
    private static boolean lasted(FlowTrace trace, FlowHop hop, CaseFacts facts) {
        HopPace pace = facts.pace(trace, hop);
        long quickest = trace.alignedMedian(hop) - hop.delay().medianNanos() + hop.delay().leastNanos();
        return hop.delivered() >= LEAST_PACKETS && pace.isSlow(quickest) || pace.slowMoments() >= LEAST_SLOW_MOMENTS;
    }

    static long grain(FlowTrace trace, FlowHop hop) {
        return trace.captures().grain(trace.flow().places().get(hop.from()).point(), trace.flow().places().get(hop.to()).point());
    }

    /** The pod took far longer to answer than for the others: measured on one clock, with no network in between. */
    private static List<Finding> thought(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign sign = flow.sign(Sign.Kind.THOUGHT_LONG);
        TransportEndpoint front = new TransportEndpoint(flow.protocol(), flow.original().destination());
        Thoughts thoughts = facts.thoughts();
        Answerer who = Answerer.of(trace, front);
        Answerer leftBehind = Answerer.leftBehind(trace, front);
        long own = who == null ? -1 : thoughts.of(who, LEAST_OF_ENDPOINT);
        long others = who == null ? -1 : thoughts.ofOthers(front, who, leftBehind, LEAST_OF_ENDPOINT);
        if (others >= 0 && own - others > LEAST_SLOWER_NANOS && own > FAR_OUT * others && flow.story().thoughtNanos() > own / 2
                && thoughts.slowForAReason(front, who, leftBehind, own / 2)) {
            return List.of(Finding.of(EstablishedTypes.LATENCY_HIGH, "1.6", Frames.pointOf(trace, flow.places().size() - 1),
                    "%s took %s to answer, and %s for most: no other endpoint of %s takes more than %s; no network lies in between"
                            .formatted(who, Duration.of(flow.story().thoughtNanos()), Duration.of(own),
                                    flow.original().destination(), Duration.of(others)),
                    sign == null ? Frames.first(trace) : Frames.of(trace, sign.frames())));
        }
        if (sign == null || thoughts.count(front) < LEAST_FLOWS) {
            return List.of();
        }
        long usual = thoughts.quantile(front, 0.5);
        long mostTake = thoughts.quantile(front, 0.9);
        int point = sign.frames().get(0).point();
        if (sign.value() < FAR_OUT * usual || sign.value() <= trace.captures().grain(point, point)) {
            return List.of();
        }
        boolean standsOut = thoughts.count(front) >= MANY_FLOWS && sign.value() > FAR_OUT * mostTake;
        Finding finding = Finding.of(EstablishedTypes.LATENCY_HIGH, "1.6", Frames.pointOf(trace, sign.place()),
                "%s took %s to answer, where half of the connections to %s wait less than %s; no network lies in between".formatted(
                        Frames.endpoint(trace), Duration.of(sign.value()), flow.original().destination(),
                        Duration.of(usual)), Frames.of(trace, sign.frames()));
        return List.of(standsOut ? finding : finding.as(Severity.INFO));
    }
}
