package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.List;

/** The answer took the straight way to the client, under the right addresses: Cilium, IPVS and some load balancers do that on purpose. */
final class DirectServerReturn implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        if (!trace.directServerReturn()
                || trace.captures().translatedBlind(trace.leg(Spot.ENTRY_OUT, Direction.REQUEST).point())) {
            return List.of();
        }
        List<FrameRef> replies = Frames.replies(trace, Spot.CLIENT);
        Finding finding = Finding.of(TranslationTypes.DIRECT_SERVER_RETURN, "2.0", Frames.point(trace, Spot.CLIENT),
                "the answer reached the client as %s without passing %s".formatted(trace.flow().called().reversed(),
                        trace.entryNode() == null ? "the node it had called" : trace.entryNode()),
                replies.isEmpty() ? Frames.requests(trace, Spot.ENTRY_OUT) : replies)
                .explaining(TranslationTypes.SNAT_MISSING, TranslationTypes.SOURCE_PRESERVED, EstablishedTypes.REPLY_LOST_BETWEEN_NODES);
        // Where the client shows what arrived, losses are those of the straight way.
        return List.of(replies.isEmpty() ? finding.explaining(EstablishedTypes.LOSS) : finding);
    }
}
