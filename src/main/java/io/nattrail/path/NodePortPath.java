package io.nattrail.path;

import static io.nattrail.leg.Direction.REPLY;
import static io.nattrail.leg.Direction.REQUEST;
import static io.nattrail.path.Spot.CLIENT;
import static io.nattrail.path.Spot.ENDPOINT_POD;
import static io.nattrail.path.Spot.ENTRY_IN;
import static io.nattrail.path.Spot.ENTRY_OUT;
import static io.nattrail.path.Spot.TARGET_BRIDGE;
import static io.nattrail.path.Spot.TARGET_ETH0;
import static io.nattrail.path.StepTemplate.Condition.ALWAYS;
import static io.nattrail.path.StepTemplate.Condition.MASQUERADED;
import static io.nattrail.path.StepTemplate.Condition.REMOTE_ENDPOINT;
import static io.nattrail.path.StepTemplate.TupleKind.CLUSTER_IP;
import static io.nattrail.path.StepTemplate.TupleKind.DESTINATION_CHOSEN;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL;
import static io.nattrail.path.StepTemplate.TupleKind.ORIGINAL_REPLY;
import static io.nattrail.path.StepTemplate.TupleKind.TRANSLATED;
import static io.nattrail.path.StepTemplate.TupleKind.TRANSLATED_REPLY;

import java.util.List;

/** An external client reaches a pod through a node port. */
final class NodePortPath {
    static final PathTemplate TEMPLATE = new PathTemplate("nodeport", steps("the client opens a connection to the node port",
            "kube-proxy's rules take the node port to the service's ClusterIP"));

    private NodePortPath() {
    }

    /** The steps after the first two are those of every service that is reached from outside through a node. */
    static List<StepTemplate> steps(String opening, String lookup) {
        return List.of(
                new StepTemplate("1.1", opening, ORIGINAL, REQUEST, List.of(CLIENT, ENTRY_IN), ALWAYS),
                new StepTemplate("1.2", lookup, CLUSTER_IP, REQUEST, List.of(), ALWAYS),
                new StepTemplate("1.2.1", "destination NAT from the ClusterIP to the chosen endpoint", DESTINATION_CHOSEN, REQUEST,
                        List.of(), ALWAYS),
                new StepTemplate("1.2.2", "source NAT (masquerade) to the node, so that the answer comes back through it", TRANSLATED,
                        REQUEST, List.of(), MASQUERADED),
                new StepTemplate("1.3", "the endpoint is outside the local pod CIDR: the packet leaves through Node-1's eth0", TRANSLATED,
                        REQUEST, List.of(ENTRY_OUT), REMOTE_ENDPOINT),
                new StepTemplate("1.4", "the packet travels from Node-1 to Node-2", TRANSLATED, REQUEST, List.of(TARGET_ETH0),
                        REMOTE_ENDPOINT),
                new StepTemplate("1.5", "Node-2 delivers it to the pod through cbr0", TRANSLATED, REQUEST,
                        List.of(TARGET_BRIDGE, ENDPOINT_POD), REMOTE_ENDPOINT),
                new StepTemplate("1.6", "the pod answers with source and destination exchanged", TRANSLATED_REPLY, REPLY,
                        List.of(ENDPOINT_POD, TARGET_BRIDGE, TARGET_ETH0, ENTRY_OUT), REMOTE_ENDPOINT),
                new StepTemplate("2.0", "Node-1 reverses both translations and the answer reaches the client", ORIGINAL_REPLY, REPLY,
                        List.of(ENTRY_IN, CLIENT), ALWAYS));
    }
}
