package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What became of the flows to each destination that clients call, and of all destinations at which a service's port is reached. */
final class Fronts {
    private static final FrontFacts NONE = new FrontFacts();

    private final ClusterIndex told;
    private final CaptureSet captures;
    private final Map<TransportEndpoint, FrontFacts> byFront = new HashMap<>();
    /** By service and its port. */
    private final Map<List<Record>, List<FrontFacts>> ofServices = new HashMap<>();
    /** By protocol and port, and then by entry node: when the first and the last flow that was answered began. */
    private final Map<Integer, Map<String, long[]>> servedPorts = new HashMap<>();

    Fronts(ClusterIndex told, CaptureSet captures) {
        this.told = told;
        this.captures = captures;
    }

    /** @param fromOutside whether its client is none of the cluster */
    void add(FlowTrace trace, FlowFact fact, boolean fromOutside) {
        TransportEndpoint front = new TransportEndpoint(trace.flow().protocol(), trace.flow().original().destination());
        FrontFacts facing = byFront.get(front);
        if (facing == null) {
            facing = new FrontFacts();
            byFront.put(front, facing);
            if (trace.front() != null) {
                ofServices.computeIfAbsent(List.of(trace.front().service(), trace.front().port()), s -> new ArrayList<>()).add(facing);
            }
        }
        facing.add(fact, fromOutside, trace.front() != null && trace.front().service().affinitySeconds() > 0);
        if (fact.answered() && fact.entryNode() != null) {
            FrontFacts.noteServed(servedPorts.computeIfAbsent(protocolAndPort(trace.flow()), p -> new HashMap<>(2)), fact);
        }
    }

    /** Ends the first walk. */
    void seal() {
        for (FrontFacts front : byFront.values()) {
            front.seal();
        }
    }

    /** The flows to the destination of one of them. */
    FrontFacts of(FiveTuple original) {
        return byFront.getOrDefault(new TransportEndpoint(original.protocol(), original.destination()), NONE);
    }

    /** The same of all destinations at which its service's port is reached, if the cluster's state tells them: they share the endpoints. */
    List<FrontFacts> allOf(FlowTrace trace) {
        List<FrontFacts> all = trace.front() == null ? null : ofServices.get(List.of(trace.front().service(), trace.front().port()));
        return all == null ? List.of(of(trace.flow().original())) : all;
    }

    /** All destinations with their flows. */
    Map<TransportEndpoint, FrontFacts> all() {
        return byFront;
    }

    /**
     * Whether datagrams came to the port that a flow's client asked from, in another name than the flow's: they may be its answers. A
     * bridge shows a call as it was translated there, and the answer in the name of what was called.
     */
    boolean answeredInAnotherName(Flow flow) {
        return !flow.tcp() && byFront.containsKey(new TransportEndpoint(flow.protocol(), flow.original().source()));
    }

    /**
     * Whether the cluster's state is of another time than a flow, at which the entry node had no endpoint: before it served its first flow,
     * or after its last, an endpoint that the state does not name answered at another node.
     */
    boolean hadNoEndpointThen(FlowTrace trace) {
        List<FrontFacts> fronts = allOf(trace);
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        for (FrontFacts front : fronts) {
            long[] served = front.served(trace.entryNode());
            first = served == null ? first : Math.min(first, served[0]);
            last = served == null ? last : Math.max(last, served[1]);
        }
        long start = captures.aligned(trace.flow().start());
        for (FrontFacts front : fronts) {
            if (start < first && anyElsewhere(trace, front.firstAnswered(), Long.MIN_VALUE, first)
                    || start > last && anyElsewhere(trace, front.lastAnswered(), last, Long.MAX_VALUE)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether a node port was served by one node after the other, as by a pod that moves, and a flow came to its entry node before that
     * served it, or when it did no longer.
     */
    boolean servedThereInTurn(FlowTrace trace) {
        Map<String, long[]> served = servedPorts.getOrDefault(protocolAndPort(trace.flow()), Map.of());
        long[] here = served.get(trace.entryNode());
        long start = captures.aligned(trace.flow().start());
        for (long[] there : served.values()) {
            if (here != null && (start < here[0] && there[1] < here[0] || start > here[1] && there[0] > here[1])) {
                return true;
            }
        }
        return false;
    }

    /** Whether the entry node took calls of a flow's port to a service before it and after it. */
    boolean servedBeforeAndAfter(FlowTrace trace) {
        long[] here = servedPorts.getOrDefault(protocolAndPort(trace.flow()), Map.of()).get(trace.entryNode());
        long start = captures.aligned(trace.flow().start());
        return here != null && here[0] < start && start < here[1];
    }

    private boolean anyElsewhere(FlowTrace trace, Map<Endpoint, FlowFact> answered, long after, long before) {
        for (Map.Entry<Endpoint, FlowFact> one : answered.entrySet()) {
            FlowFact fact = one.getValue();
            if (one.getKey() != null && fact.start() > after && fact.start() < before && fact.endpointNode() != null
                    && !fact.endpointNode().equals(trace.entryNode()) && !isNamed(trace.front(), one.getKey())) {
                return true;
            }
        }
        return false;
    }

    private boolean isNamed(ClusterIndex.Front front, Endpoint endpoint) {
        for (ClusterState.ServiceEndpoint named : told.endpointsOf(front.service(), front.port())) {
            if (named.address().equals(endpoint)) {
                return true;
            }
        }
        return false;
    }

    private static int protocolAndPort(Flow flow) {
        return flow.protocol().number() << 16 | flow.original().destination().port();
    }
}
