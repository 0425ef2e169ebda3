package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.FlowLeg;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.List;

/**
 * A stretch of time in which every new flow ends inside Node-1 without a word while flows from before it are still translated. A rule that
 * drops stops old flows too, unless it lets known connections pass; a full table ends as suddenly as it began, and then takes those flows
 * as well that ask again.
 */
final class ConntrackTableFull implements Detector {
    private static final int LEAST_FLOWS = 3;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        int place = FlowFact.placeBeforeNat(trace);
        FlowLeg in = place < 0 ? null : trace.leg(place, Direction.REQUEST);
        if (trace.flow().story().clientSawSynAck() || in == null || trace.captures().translatedBlind(in.point())) {
            return List.of();
        }
        Stretches.Stretch stretch = facts.stretches().of(trace.id());
        boolean podsCall = trace.spots().get(place) != Spot.ENTRY_IN;
        if (!plausible(stretch) || podsCall && !(stretch.callers() > 1 && notForwarded(trace, facts))) {
            return List.of();
        }
        return List.of(Finding.fatal(EstablishmentTypes.CONNTRACK_TABLE_FULL, "1.2", Frames.pointOf(trace, place),
                "%s sent nothing on for any of %d new flows in a row over %s, while older ones went on: %s".formatted(
                        trace.entryNode(), stretch.count(), Duration.of(stretch.end() - stretch.begin()), stretch.ended()
                                ? "its conntrack table was full" : "most likely its conntrack table was full"),
                podsCall ? Frames.first(trace) : Frames.requests(trace, Spot.ENTRY_IN))
                .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION));
    }

    /** Whether captures would show a pod's call on every way that its node may have sent it. */
    private static boolean notForwarded(FlowTrace trace, CaseFacts facts) {
        Finding end = new RequestEnd(trace, facts).decide();
        return end != null && end.type() == EstablishmentTypes.REQUEST_NOT_FORWARDED;
    }

    /** Whether a flow whose first request was lost inside the node is one of such a stretch, although it came through later. */
    static boolean within(FlowTrace trace, CaseFacts facts) {
        return plausible(facts.stretches().of(trace.id()));
    }

    private static boolean plausible(Stretches.Stretch stretch) {
        return stretch != null && stretch.served() >= LEAST_FLOWS && stretch.oldFlowsWentOn() && !stretch.oldFlowsStopped()
                && !stretch.stoppedOn();
    }
}
