package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.FlowLeg;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.List;

/**
 * A stretch of time in which every new flow ends inside Node-1 without a word while flows from before it are still translated. A rule that
 * drops stops old flows too, unless it lets known connections pass; a full table ends as suddenly as it began.
 */
final class ConntrackTableFull implements Detector {
    private static final int LEAST_FLOWS = 3;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        FlowLeg in = trace.leg(Spot.ENTRY_IN, Direction.REQUEST);
        if (trace.flow().story().clientSawSynAck() || in == null || trace.captures().translatedBlind(in.point())) {
            return List.of();
        }
        Stretch stretch = stretch(trace.id(), facts.arrivalsAt(trace.entryNode()));
        if (stretch == null || !stretch.plausible(facts)) {
            return List.of();
        }
        return List.of(Finding.fatal(EstablishmentTypes.CONNTRACK_TABLE_FULL, "1.2", Frames.point(trace, Spot.ENTRY_IN),
                "%s sent nothing on for any of %d new flows in a row over %s, while older ones went on: %s".formatted(
                        trace.entryNode(), stretch.count(), Duration.of(stretch.end() - stretch.begin()), stretch.ended()
                                ? "its conntrack table was full" : "most likely its conntrack table was full"),
                Frames.requests(trace, Spot.ENTRY_IN))
                .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION));
    }

    /** Whether a flow whose first request was lost inside the node is one of such a stretch, although it came through later. */
    static boolean within(FlowTrace trace, CaseFacts facts) {
        Stretch stretch = stretch(trace.id(), facts.arrivalsAt(trace.entryNode()));
        return stretch != null && stretch.plausible(facts);
    }

    /** The new flows around one of which none went through at first. */
    private static Stretch stretch(int id, List<FlowFact> arrivals) {
        int at = -1;
        for (int i = 0; i < arrivals.size() && at < 0; i++) {
            at = arrivals.get(i).id() == id ? i : -1;
        }
        if (at < 0 || !stopped(arrivals.get(at))) {
            return null;
        }
        int first = at;
        int last = at;
        while (first > 0 && stopped(arrivals.get(first - 1))) {
            first--;
        }
        while (last + 1 < arrivals.size() && stopped(arrivals.get(last + 1))) {
            last++;
        }
        return new Stretch(arrivals, first, last);
    }

    private static boolean stopped(FlowFact fact) {
        return fact.arrived() != Long.MAX_VALUE && !fact.passedEntry() && !fact.rejected()
                && (fact.swallowed() || fact.sent() != Long.MAX_VALUE);
    }

    /** Neighbours in the order of arrival, from {@code first} to {@code last}. */
    private record Stretch(List<FlowFact> arrivals, int first, int last) {
        int count() {
            return last - first + 1;
        }

        long begin() {
            return arrivals.get(first).arrived();
        }

        long end() {
            return arrivals.get(last).arrived();
        }

        boolean plausible(CaseFacts facts) {
            return served(facts) >= LEAST_FLOWS && oldFlowsWentOn();
        }

        /** Flows to what answers at other times: what never does fails by itself, and says nothing of the table. */
        private int served(CaseFacts facts) {
            int served = 0;
            for (int i = first; i <= last; i++) {
                served += facts.front(arrivals.get(i).original()).answers() ? 1 : 0;
            }
            return served;
        }

        /** Whether later flows went through again: a rule that was put in does not do that. */
        boolean ended() {
            return last + 1 < arrivals.size() && arrivals.get(last + 1).arrived() != Long.MAX_VALUE;
        }

        private boolean oldFlowsWentOn() {
            for (int i = 0; i < first; i++) {
                FlowFact old = arrivals.get(i);
                if (old.passedEntry() && old.lastForwarded() > begin()) {
                    return true;
                }
            }
            return false;
        }
    }
}
