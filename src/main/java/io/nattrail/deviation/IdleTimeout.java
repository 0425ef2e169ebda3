package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;

/**
 * Whether something between the captures forgot a connection while it was silent: all was well before the silence, nothing passed after it,
 * or a reset came that neither end sent.
 */
final class IdleTimeout {
    /** The shortest time after which a stateful device forgets by default: conntrack's nf_conntrack_udp_timeout. */
    private static final long SHORTEST_DEFAULT_NANOS = 30_000_000_000L;
    private static final long AT_ONCE_NANOS = 1_000_000_000L;

    private IdleTimeout() {
    }

    /** Whether a flow's packets got no further, or were reset from in between, from the end of its longest silence on. */
    static boolean cutAfterSilence(FlowTrace trace) {
        Flow flow = trace.flow();
        Sign silence = flow.sign(Sign.Kind.SILENCE);
        if (silence == null || !flow.tcp() || !flow.story().clientSawSynAck()) {
            return false;
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.loss().data() >= 2 && lostMeanwhile(trace, silence, hop)) {
                return false;
            }
        }
        for (Direction direction : Direction.values()) {
            FlowHop broken = CutOff.worstHop(flow, direction);
            if (broken != null && !broken.lastArrived() && !CutOff.complainedOf(trace, broken)
                    && CutOff.afterSilence(trace, silence, broken) && !passedOtherWay(flow, silence, broken)) {
                return true;
            }
        }
        Sign reset = Resets.first(trace);
        return reset != null && fromInBetween(flow, reset) && follows(trace, reset, silence);
    }

    /** Whether a hop lost what was sent since the longest silence, up to the last, though it be too little to tell of a cut. */
    static boolean lostSince(FlowTrace trace) {
        Sign silence = trace.flow().sign(Sign.Kind.SILENCE);
        if (silence == null) {
            return false;
        }
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.loss().data() > 0 && !hop.lastArrived() && CutOff.afterSilence(trace, silence, hop)) {
                return true;
            }
        }
        return false;
    }

    /** A client that waits for what is lost again and again on its way is silent for that. */
    private static boolean lostMeanwhile(FlowTrace trace, Sign silence, FlowHop hop) {
        long begin = trace.captures().aligned(silence.frames().get(0));
        long end = trace.captures().aligned(silence.frames().get(1)) - CutOff.MARGIN_NANOS;
        for (SeenFrame frame : hop.loss().frames()) {
            long time = trace.captures().aligned(frame);
            if (time > begin && time < end) {
                return true;
            }
        }
        return false;
    }

    /** What let the other side's packet pass that ended the silence had not forgotten the connection. */
    private static boolean passedOtherWay(Flow flow, Sign silence, FlowHop broken) {
        for (FlowHop hop : flow.hops()) {
            boolean other = hop.direction() == silence.direction() && hop.direction() != broken.direction();
            if (other && hop.from() == broken.to() && hop.to() == broken.from() && hop.loss().packets() == 0 && hop.loss().hidden() == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean fromInBetween(Flow flow, Sign reset) {
        for (FlowHop hop : flow.hops()) {
            if (hop.to() == reset.place() && hop.direction() == reset.direction() && hop.sent() > 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean follows(FlowTrace trace, Sign reset, Sign silence) {
        long since = trace.captures().aligned(reset.frames().get(0)) - trace.captures().aligned(silence.frames().get(1));
        return since > -AT_ONCE_NANOS / 10 && since < AT_ONCE_NANOS;
    }

    /**
     * Whether a time-out explains it: the silence is longer than the shortest default of any stateful device, or several flows were cut
     * after a silence while none that was silent as long went on.
     */
    static boolean plausible(long silence, FlowTrace trace, CaseFacts facts) {
        if (outage(silence, trace, facts)) {
            return false;
        }
        if (silence >= SHORTEST_DEFAULT_NANOS) {
            return true;
        }
        long shortestCut = Math.min(silence, facts.shortestFatalSilence());
        long survived = facts.longestSurvivedSilence();
        return facts.fatalSilences() >= 2 && survived >= 0 && survived < shortestCut;
    }

    /**
     * Whether all that took the way ended on it at one moment, whatever their silence: some of them without any, or after one that is too
     * short for any default. What forgets idle connections lets others pass.
     */
    private static boolean outage(long silence, FlowTrace trace, CaseFacts facts) {
        Ending ending = Ending.of(trace);
        return ending != null && facts.ways().endedForAll(ending, trace)
                && (silence < SHORTEST_DEFAULT_NANOS || facts.ways().anyWithoutSilence(ending, trace));
    }

    /** The finding for a reset that neither end sent, if it followed a silence that explains it; else null. */
    static Finding reset(FlowTrace trace, Sign reset, String step, CaseFacts facts) {
        Sign silence = trace.flow().sign(Sign.Kind.SILENCE);
        if (silence == null || !follows(trace, reset, silence) || !plausible(silence.value(), trace, facts)) {
            return null;
        }
        return Finding.fatal(EstablishedTypes.IDLE_TIMEOUT_DROP, step, Frames.pointOf(trace, reset.place()),
                ("after %s of silence the next packet was answered with a RST that neither end sent: something in between had forgotten "
                        + "the connection").formatted(Duration.of(silence.value())),
                Frames.join(Frames.of(trace, silence.frames()), Frames.of(trace, reset.frames())))
                .explaining(EstablishedTypes.RESET_MIDSTREAM, EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RESET_BY_POD,
                        EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE);
    }
}
