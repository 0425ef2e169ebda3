package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;
import java.util.List;

/** A client that reset a silent connection because nothing came back to its keep-alive probes: the connection had been cut off before. */
final class KeepAlives {
    private static final long MARGIN_NANOS = 500_000_000L;
    private static final int LEAST_LOST = 2;

    private KeepAlives() {
    }

    /** What became of the probes, or of the answers to them; null for a reset that does not follow from that. */
    static Finding inVain(FlowTrace trace, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign probes = flow.sign(Sign.Kind.PROBED_IN_VAIN);
        return probes == null || !Resets.byClient(trace, reset) || flow.windowClosed() ? null : cutOff(trace, probes, reset, facts)
                .explaining(EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                        EstablishedTypes.INVALID_DROPPED);
    }

    private static Finding cutOff(FlowTrace trace, Sign probes, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        for (Direction direction : Direction.values()) {
            for (FlowHop hop : flow.hops()) {
                boolean lost = hop.loss().packets() >= LEAST_LOST || hop.loss().packets() > 0 && !hop.lastArrived();
                FlowHop telling = hop.direction() == direction && lost ? FlagsOnly.telling(trace, hop, facts) : null;
                if (telling != null && onlySince(trace, probes.frames().get(0), hop)) {
                    return lost(trace, probes, telling, facts);
                }
            }
        }
        List<FrameRef> evidence = Frames.join(Frames.of(trace, probes.frames()), Frames.of(trace, reset.frames()));
        int last = trace.placeAtEndpoint();
        boolean atEndpoint = last >= 0 && flow.requestLeg(flow.places().get(last)) != null;
        boolean delivered = atEndpoint && flow.replyLeg(flow.places().get(last)) != null
                && flow.hops().stream().allMatch(hop -> hop.loss().packets() + hop.loss().hidden() == 0);
        if (delivered) {
            return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, last),
                    "%s got %d keep-alive probes of the client and answered none; the client then reset the connection".formatted(
                            Frames.endpoint(trace), probes.count()), evidence).advised(EstablishmentTypes.POD_LEFT_CONNECTION);
        }
        return Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", Frames.pointOf(trace, reset.place()),
                "the client ended the connection with RST, since nothing came back to %d keep-alive probes over %s".formatted(
                        probes.count(), Duration.of(probes.value())), evidence)
                .as(Severity.ERROR).failing(lastKnown(trace, atEndpoint));
    }

    private static Finding lost(FlowTrace trace, Sign probes, FlowHop hop, CaseFacts facts) {
        String what = (hop.direction() == Direction.REQUEST ? "" : "answers to ") + "the client's keep-alive probes were lost "
                + HopTroubles.where(trace, hop);
        Sign silence = trace.flow().sign(Sign.Kind.SILENCE);
        boolean endedIt = silence != null && silence.frames().get(1).equals(probes.frames().get(0));
        if (endedIt && IdleTimeout.plausible(silence.value(), trace, facts)) {
            return Finding.fatal(EstablishedTypes.IDLE_TIMEOUT_DROP, CutOff.stepOf(trace, hop), Frames.pointOf(trace, hop.to()),
                    "after %s of silence %s: something in between had forgotten the connection".formatted(
                            Duration.of(silence.value()), what),
                    Frames.join(Frames.of(trace, silence.frames()), Frames.of(trace, hop.loss().frames())));
        }
        return CutOff.lost(trace, hop, "the connection was cut off: " + what, Frames.of(trace, hop.loss().frames()));
    }

    /** Whether a hop lost nothing before a moment: where empty segments were missing all the while, the capture's filter may hide them. */
    private static boolean onlySince(FlowTrace trace, SeenFrame begin, FlowHop hop) {
        for (SeenFrame frame : hop.loss().frames()) {
            if (trace.captures().aligned(frame) < trace.captures().aligned(begin) - MARGIN_NANOS) {
                return false;
            }
        }
        return true;
    }

    /** The step behind the last one that the probes, or their answers, are known to have taken. */
    private static String lastKnown(FlowTrace trace, boolean atEndpoint) {
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.loss().hidden() > 0 && !hop.lastArrived()) {
                return Frames.stepOf(trace, hop.from(), hop.to(), hop.direction());
            }
        }
        String beyond = Judge.stepBeyond(Judge.lastRequestPlace(trace), trace);
        return atEndpoint ? "1.6" : beyond == null ? "1.1" : beyond;
    }
}
