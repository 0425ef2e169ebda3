package io.nattrail.path;

import static io.nattrail.leg.Direction.REPLY;
import static io.nattrail.leg.Direction.REQUEST;
import static io.nattrail.path.StepTemplate.Condition.ALWAYS;
import static io.nattrail.path.StepTemplate.Condition.REMOTE_ENDPOINT;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL_REPLY;
import static io.nattrail.path.StepTemplate.TupleKind.TRANSLATED;
import static io.nattrail.path.StepTemplate.TupleKind.TRANSLATED_REPLY;

import java.util.List;

/** A pod calls a service by its ClusterIP. */
final class ClusterIpPath {
    static final PathTemplate TEMPLATE = new PathTemplate("clusterip", List.of(
            new StepTemplate("1.1", "the pod opens a connection to the ClusterIP; it enters the node through the bridge", ORIGINAL, REQUEST,
                    List.of(Spot.CALLER_POD, Spot.CALLER_BRIDGE, Spot.ENTRY_IN), ALWAYS),
            new StepTemplate("1.2", "destination NAT to the chosen endpoint", TRANSLATED, REQUEST, List.of(), ALWAYS),
            new StepTemplate("1.3", "the endpoint is outside the local pod CIDR: the packet leaves through Node-1's eth0", TRANSLATED,
                    REQUEST, List.of(Spot.ENTRY_OUT), REMOTE_ENDPOINT),
            new StepTemplate("1.4", "the packet travels from Node-1 to Node-2", TRANSLATED, REQUEST, List.of(Spot.TARGET_ETH0),
                    REMOTE_ENDPOINT),
            new StepTemplate("1.5", "Node-2 delivers it to the pod through cbr0", TRANSLATED, REQUEST,
                    List.of(Spot.TARGET_BRIDGE, Spot.ENDPOINT_POD), REMOTE_ENDPOINT),
            new StepTemplate("1.6", "the pod answers with source and destination exchanged", TRANSLATED_REPLY, REPLY,
                    List.of(Spot.ENDPOINT_POD, Spot.TARGET_BRIDGE, Spot.TARGET_ETH0, Spot.ENTRY_OUT), REMOTE_ENDPOINT),
            new StepTemplate("2.0", "Node-1 reverses the translation; the answer comes from the ClusterIP", ORIGINAL_REPLY, REPLY,
                    List.of(Spot.CALLER_BRIDGE, Spot.CALLER_POD), ALWAYS)));

    private ClusterIpPath() {
    }
}
