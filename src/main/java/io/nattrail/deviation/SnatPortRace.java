package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.List;

/**
 * The first SYN vanished inside Node-1 in the very moment in which another new flow to the same endpoint got its translation, and the next
 * SYN went through: conntrack confirms one of two entries that clash and drops the other's packet. Such a chance does not meet all that a
 * client asks for some time: where a busy node let nothing of it through, somebody else's flow in that moment tells nothing.
 */
final class SnatPortRace implements Detector {
    /** Two packets race on two CPUs: what is further apart met no one. */
    private static final long AT_ONCE_NANOS = 5_000_000L;
    private static final int LEAST_STOPPED = 3;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        int in = trace.placeAt(Spot.ENTRY_IN);
        FlowLeg leg = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        if (!flow.tcp() || in < 0 || leg == null || flow.translated() == null || trace.endpoint() == null || leg.syns() < 2) {
            return List.of();
        }
        FlowHop hop = flow.hopFrom(in, Direction.REQUEST);
        boolean firstLost = hop != null && trace.isAt(hop.to(), Spot.ENTRY_OUT) && hop.delivered() > 0 && !hop.loss().frames().isEmpty()
                && hop.loss().frames().get(0).equals(leg.firstRequest());
        if (!firstLost || ConntrackTableFull.within(trace, facts) || clientStopped(facts.stretches().ofCaller(trace.id()))) {
            return List.of();
        }
        FlowFact other = facts.fronts().of(flow.original()).forwardedAt(trace.endpoint(),
                trace.captures().aligned(leg.firstRequest()), AT_ONCE_NANOS, trace.id());
        if (other == null) {
            return List.of();
        }
        List<SeenFrame> frames = List.of(leg.firstRequest(), TranslationChecks.translatedLeg(flow).firstRequest());
        return List.of(Finding.of(EstablishmentTypes.SNAT_PORT_RACE, "1.2.2", Frames.point(trace, Spot.ENTRY_IN),
                "the first SYN vanished inside %s while %s was translated to the same endpoint within %s; the next one went through"
                        .formatted(Frames.entryNode(trace), other.original(),
                                Duration.of(Math.abs(other.sent() - trace.captures().aligned(leg.firstRequest())))),
                Frames.of(trace, frames))
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.LOSS));
    }

    private static boolean clientStopped(Stretches.Stretch stretch) {
        return stretch != null && stretch.count() >= LEAST_STOPPED && stretch.end() - stretch.begin() > AT_ONCE_NANOS;
    }
}
