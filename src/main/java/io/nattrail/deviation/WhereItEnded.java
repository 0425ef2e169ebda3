package io.nattrail.deviation;

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
            return List.of();
        }
        RefusedFlow refused = new RefusedFlow(trace, facts);
        Finding refusal = refused.decide();
        if (refusal == null) {
            Finding end = new RequestEnd(trace, facts).decide();
            return end == null ? List.of() : List.of(end);
        }
        Finding lost = refused.lostOnItsWay();
        return lost == null ? List.of(refusal) : List.of(refusal, lost);
    }
}
