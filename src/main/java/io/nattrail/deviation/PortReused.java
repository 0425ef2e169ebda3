package io.nattrail.deviation;

import io.nattrail.nat.Flow;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import java.util.List;

/** The client used its port again: several connections of one tuple, told apart by sequence numbers, or by SCTP's initiate tags. */
final class PortReused implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        // What only errors quote is at no place, and each of its packets looks like a connection of its own.
        if (!flow.tcp() && flow.protocol() != Protocol.SCTP || flow.places().isEmpty() || !facts.usedAgain(trace)) {
            return List.of();
        }
        return List.of(Finding.of(TranslationTypes.PORT_REUSED, "1.1", Frames.pointOf(trace, 0),
                "%s was used for %d connections".formatted(flow.original(), facts.uses(flow.original())), Frames.first(trace)));
    }
}
