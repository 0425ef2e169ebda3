package io.nattrail.path;

import static io.nattrail.leg.Direction.REPLY;
import static io.nattrail.leg.Direction.REQUEST;
import static io.nattrail.path.StepTemplate.Condition.ALWAYS;
import static io.nattrail.path.StepTemplate.Condition.REMOTE_ENDPOINT;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL_REPLY;

import java.util.List;

/** A pod calls another pod by its own address: no NAT. */
final class PodToPodPath {
    static final PathTemplate TEMPLATE = new PathTemplate("pod-to-pod", List.of(
            new StepTemplate("1.1", "the pod opens a connection to another pod's address; it enters the node through the bridge", ORIGINAL,
                    REQUEST, List.of(Spot.CALLER_POD, Spot.CALLER_BRIDGE), ALWAYS),
            new StepTemplate("1.3", "the other pod is outside the local pod CIDR: the packet leaves through Node-1's eth0", ORIGINAL,
                    REQUEST, List.of(Spot.ENTRY_OUT), REMOTE_ENDPOINT),
            new StepTemplate("1.4", "the packet travels from Node-1 to Node-2", ORIGINAL, REQUEST, List.of(Spot.TARGET_ETH0),
                    REMOTE_ENDPOINT),
            new StepTemplate("1.5", "Node-2 delivers it to the pod through cbr0", ORIGINAL, REQUEST,
                    List.of(Spot.TARGET_BRIDGE, Spot.ENDPOINT_POD), REMOTE_ENDPOINT),
            new StepTemplate("1.6", "the pod answers with source and destination exchanged", ORIGINAL_REPLY, REPLY,
                    List.of(Spot.ENDPOINT_POD, Spot.TARGET_BRIDGE, Spot.TARGET_ETH0, Spot.ENTRY_OUT), REMOTE_ENDPOINT),
            new StepTemplate("2.0", "the answer reaches the pod that asked", ORIGINAL_REPLY, REPLY,
                    List.of(Spot.CALLER_BRIDGE, Spot.CALLER_POD), ALWAYS)));

    private PodToPodPath() {
    }
}
