package io.nattrail.deviation;

import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.net.FiveTuple;
import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * A masqueraded tuple that was opened again while the endpoint still held its last connection: the SYN is answered with an ACK of the old
 * numbers (RFC 5961, section 4; RFC 9293, section 3.10.7.4), a reset follows, and only a later SYN succeeds.
 */
final class EphemeralTupleReused implements Detector {
    private static final long TIME_WAIT_NANOS = 60_000_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign challenge = flow.sign(Sign.Kind.CHALLENGE_ACK);
        if (challenge == null || flow.translated() == null) {
            return List.of();
        }
        FiveTuple held = held(flow, challenge);
        FlowFact previous = null;
        FlowFact own = null;
        for (FlowFact fact : facts.translatedTo(held)) {
            if (fact.id() == trace.id()) {
                own = fact;
            } else if (fact.id() < trace.id()) {
                previous = fact;
            }
        }
        boolean masqueraded = !held.source().equals(flow.original().source());
        boolean ownPorts = previous != null && previous.original().equals(flow.original());
        if (!masqueraded || ownPorts || previous != null && own != null && own.start() - previous.end() > TIME_WAIT_NANOS) {
            return List.of();
        }
        FlowLeg leg = TranslationChecks.translatedLeg(flow);
        boolean stampsFell = previous != null && leg != null && previous.lastStamp() != 0 && leg.firstStamp() != 0
                && leg.firstStamp() - previous.lastStamp() < 0;
        long since = previous == null || own == null ? 0 : own.start() - previous.end();
        String before = previous == null ? "a connection that the pod still held" : "the connection of %s, %s".formatted(
                previous.original().source(), since > 0 ? Duration.of(since) + " before" : "which was not over yet");
        return List.of(Finding.of(TranslationTypes.EPHEMERAL_TUPLE_REUSED, "1.2.2", Frames.pointOf(trace, challenge.place()),
                "%s was given the tuple of %s: the pod answered the SYN with an ACK of old numbers%s".formatted(held, before,
                        stampsFell ? "; its TSval is lower than the last one of that tuple, so that TIME-WAIT could not be recycled" : ""),
                Frames.of(trace, challenge.frames()))
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RESET_MIDSTREAM,
                        EstablishedTypes.NODE_RESET_ON_INVALID, EstablishmentTypes.HALF_OPEN, EstablishedTypes.LOSS,
                        EstablishedTypes.LOSS_INSIDE_NODE));
    }

    /** The tuple of the SYN that was answered so: the client's side shows the answer too, and a later SYN may have another translation. */
    private static FiveTuple held(Flow flow, Sign challenge) {
        for (FlowLeg leg : flow.places().get(challenge.place()).level() > 0 ? List.<FlowLeg>of() : flow.legs()) {
            if (leg.relation() == Relation.REMAPPED && leg.level() > 0 && leg.syns() > 0 && leg.synAcks() == 0) {
                return leg.tuple();
            }
        }
        return flow.translated();
    }
}
