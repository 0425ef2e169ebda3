package io.nattrail.deviation;

import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * A connection that the client never got an answer to, or was refused: the first place of the path where its packets, or the answers, go no
 * further. The findings exclude each other, so one decision makes them all.
 *
 * <p>Nothing is said of a place that the captures could not have shown; {@link Judge} then calls the flow undetermined.
 */
final class WhereItEnded implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        if (trace.flow().story().clientSawSynAck()) {
            return List.of();
        }
        Finding refused = new RefusedFlow(trace, facts).decide();
        Finding finding = refused != null ? refused : new RequestEnd(trace, facts).decide();
        return finding == null ? List.of() : List.of(finding);
    }
}
