package io.nattrail.deviation;

import io.nattrail.nat.Flow;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * A connection that the client never got an answer to, or was refused: the first place of the path where its packets, or the answers, go no
 * further. The findings exclude each other, so one decision makes them all; only a refusal may be lost on its way besides.
 *
 * <p>Nothing is said of a place that the captures could not have shown; {@link Judge} then calls the flow undetermined.
 */
final class WhereItEnded implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        if (trace.flow().story().clientSawSynAck()) {
            return behindProxy(trace, facts);
        }
        RefusedFlow refused = new RefusedFlow(trace, facts);
        Finding refusal = refused.decide();
        if (refusal == null) {
            Finding end = FragmentsLost.orWhole(new RequestEnd(trace, facts).decide(), trace, facts);
            return end == null ? List.of() : List.of(end);
        }
        Finding lost = refused.lostOnItsWay();
        if (lost != null && refused.tookItFirst()) {
            return List.of(lost);
        }
        return lost == null ? List.of(refusal) : List.of(refusal, lost);
    }

    /** A proxy in the kernel had answered the client before it asked an endpoint that refused, or never answered. */
    private static List<Finding> behindProxy(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign relayed = flow.sign(Sign.Kind.RELAYED);
        if (relayed == null || flow.legs().stream().anyMatch(leg -> leg.level() > 0 && leg.synAcks() > 0)) {
            return List.of();
        }
        Finding refusal = new RefusedFlow(trace, facts).decide();
        if (refusal != null) {
            return List.of(refusal.explaining(EstablishedTypes.RESET_MIDSTREAM));
        }
        return !trace.delivered() ? List.of() : List.of(Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6",
                Frames.pointOf(trace, relayed.frames().get(0)),
                "%s got the request that %s sent once it had answered the client, and never answered".formatted(Frames.endpoint(trace),
                        Frames.entryNode(trace)), Frames.join(Frames.first(trace), Frames.of(trace, relayed.frames())))
                .explaining(EstablishedTypes.RETRANSMISSION));
    }
}
