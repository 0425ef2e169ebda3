package io.nattrail.deviation;

import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.OwnConnections.OwnConnection;
import java.util.List;

/** The node answered the client itself and asked the pod in a connection of its own: equal content, other sequence numbers. */
final class ProxyNotNat implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign relayed = flow.sign(Sign.Kind.RELAYED);
        if (relayed != null) {
            return List.of(Finding.of(TranslationTypes.PROXY_NOT_NAT, "1.2", Frames.pointOf(trace, relayed.frames().get(0)),
                    "%s answered the client's SYN itself, by another number than %s did, as netfilter's SYNPROXY does".formatted(
                            Frames.entryNode(trace), Frames.endpoint(trace)),
                    Frames.join(Frames.first(trace), Frames.of(trace, relayed.frames()))));
        }
        if (!flow.tcp() || flow.translated() != null || !flow.story().clientSawSynAck() || trace.entryNode() == null
                || !answeredByNode(flow)) {
            return List.of();
        }
        OwnConnection second = facts.cluster().ownConnections().carryingOn(flow, trace.entryNode());
        if (second == null) {
            return List.of();
        }
        return List.of(Finding.of(TranslationTypes.PROXY_NOT_NAT, "1.2", Frames.pointOf(trace, second.first()),
                "%s ends the connection and asks %s in one of its own, %s, with the same content".formatted(trace.entryNode(),
                        second.tuple().destination(), second.tuple()), Frames.of(trace, List.of(flow.start(), second.first()))));
    }

    /** A pod behind the node answers in the node's name as well, from one router further away. */
    private static boolean answeredByNode(Flow flow) {
        FlowLeg answers = flow.replyLeg(flow.places().get(flow.places().size() - 1));
        return answers != null && Ttl.fresh(answers.replyTtl());
    }
}
