package io.nattrail.path;

import static io.nattrail.leg.Direction.REPLY;
import static io.nattrail.leg.Direction.REQUEST;
import static io.nattrail.path.StepTemplate.Condition.ALWAYS;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL_REPLY;
import static io.nattrail.path.StepTemplate.TupleKind.TRANSLATED;
import static io.nattrail.path.StepTemplate.TupleKind.TRANSLATED_REPLY;

import java.util.List;

/** A pod reaches an address outside the cluster and is masqueraded to its node. */
final class EgressPath {
    static final PathTemplate TEMPLATE = new PathTemplate("egress", List.of(
            new StepTemplate("1.1", "the pod opens a connection to an address outside the cluster", ORIGINAL, REQUEST,
                    List.of(Spot.CALLER_POD, Spot.CALLER_BRIDGE), ALWAYS),
            new StepTemplate("1.2", "source NAT (masquerade) to the node", TRANSLATED, REQUEST, List.of(), ALWAYS),
            new StepTemplate("1.3", "the packet leaves the node through eth0", TRANSLATED, REQUEST, List.of(Spot.ENTRY_OUT), ALWAYS),
            new StepTemplate("1.6", "the destination answers to the node", TRANSLATED_REPLY, REPLY, List.of(Spot.ENTRY_OUT), ALWAYS),
            new StepTemplate("2.0", "the node reverses the translation and the answer reaches the pod", ORIGINAL_REPLY, REPLY,
                    List.of(Spot.CALLER_BRIDGE, Spot.CALLER_POD), ALWAYS)));

    private EgressPath() {
    }
}
