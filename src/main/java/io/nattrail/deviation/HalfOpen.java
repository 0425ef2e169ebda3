package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.List;

/**
 * A handshake whose last packet never came. Nothing is said while the capture ended too early for the other side to have asked again, and
 * where the client reset: a probe or scan does that on purpose.
 */
final class HalfOpen implements Detector {
    /** The SYN-ACK is repeated after the initial retransmission timeout (RFC 6298, section 2). */
    private static final long FIRST_REPETITION_NANOS = 1_000_000_000L;
    private static final int LEAST_ASKED = 2;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        if (!neverFinished(trace, facts) || !repeated(trace) && !facts.points().showsMoreThanSyns(trace.flow().places().get(0).point())) {
            return List.of();
        }
        Sign repeated = trace.flow().sign(Sign.Kind.SYN_ACK_REPEATED);
        List<FrameRef> evidence = Frames.join(Frames.first(trace), Frames.replies(trace, firstAnswered(trace)));
        if (repeated != null) {
            evidence = Frames.join(evidence, Frames.of(trace, repeated.frames()));
        }
        int inVain = clientCaptured(trace) ? 0 : askedAfterTheAnswer(trace);
        if (inVain >= LEAST_ASKED) {
            return List.of(Finding.fatal(EstablishedTypes.REPLY_LOST_BEFORE_CLIENT, "2.0", Frames.pointOf(trace, 0),
                    "the SYN-ACK left %s %s, and after it the client sent its SYN %s more: it did not get it".formatted(
                            Frames.entryNode(trace), Frames.times(trace.packets(Spot.ENTRY_IN, Direction.REPLY)), Frames.times(inVain)),
                    evidence).explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RETRANSMISSION));
        }
        String again = repeated == null ? "" : ", though the SYN-ACK was sent again " + Frames.times(repeated.count());
        Finding finding = Finding.of(EstablishmentTypes.HALF_OPEN, clientCaptured(trace) ? "1.1" : "2.0", Frames.pointOf(trace, 0),
                "the SYN-ACK reached %s and the handshake was never finished%s".formatted(Frames.pointOf(trace, 0), again), evidence)
                .explaining(EstablishedTypes.SYN_RETRANSMITTED);
        return List.of(clientCaptured(trace) ? finding.failing("1.1") : finding);
    }

    /**
     * How often the client asked again though the SYN-ACK had left the entry node. Whoever has a SYN-ACK sends no SYN again (RFC 9293,
     * section 3.10.7.3). Once could be a way that takes longer than the first timeout.
     */
    private static int askedAfterTheAnswer(FlowTrace trace) {
        Sign again = trace.flow().sign(Sign.Kind.SYN_REPEATED);
        if (again == null || again.place() != 0 || !trace.isAt(0, Spot.ENTRY_IN)) {
            return 0;
        }
        long answered = trace.flow().replyLeg(trace.flow().places().get(0)).firstReply().timeNanos();
        int count = 0;
        for (SeenFrame frame : again.frames()) {
            count += frame.timeNanos() > answered + FIRST_REPETITION_NANOS / 2 ? 1 : 0;
        }
        return count;
    }

    /** Whether the handshake was not finished, and no capture at the client shows whose fault that is. */
    static boolean proofMissing(FlowTrace trace, CaseFacts facts) {
        return neverFinished(trace, facts) && !clientCaptured(trace);
    }

    private static boolean clientCaptured(FlowTrace trace) {
        return trace.seen(Spot.CLIENT, Direction.REPLY) || trace.seen(Spot.CALLER_POD, Direction.REPLY);
    }

    private static Spot firstAnswered(FlowTrace trace) {
        return trace.spots().get(0);
    }

    /** A SYN-ACK that nobody sends again was acknowledged, unless the capture shows what has no SYN. */
    private static boolean repeated(FlowTrace trace) {
        return trace.flow().sign(Sign.Kind.SYN_ACK_REPEATED) != null;
    }

    /** A pod sends data once it has the client's acknowledgement, and not before, though a filter may hide all that the client sent. */
    private static boolean podSpoke(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (leg.history().indexOf('d') >= 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean neverFinished(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (!flow.tcp() || !flow.story().clientSawSynAck() || flow.story().established() || flow.story().midstream()
                || flow.sign(Sign.Kind.RESET) != null || flow.sign(Sign.Kind.CHALLENGE_ACK) != null || podSpoke(flow)) {
            return false;
        }
        FlowLeg answered = flow.replyLeg(flow.places().get(0));
        return repeated(trace) || facts.holes().shownAfter(answered.firstReply()) > 2 * FIRST_REPETITION_NANOS;
    }
}
