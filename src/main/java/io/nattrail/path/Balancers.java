package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.NodePortRange;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.IpAddress;
import io.nattrail.net.TransportEndpoint;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What stands in front of the nodes and translates: a load balancer that hands connections to node ports, a gateway that masquerades the
 * clients. The translation of a flow is kube-proxy's: what happened before it is none of the node's.
 */
final class Balancers {
    private final ClusterIndex told;
    private final CaptureSet captures;
    /** Where connections to an address that clients call came to a node. */
    private final Map<TransportEndpoint, Set<Endpoint>> targets = new HashMap<>();
    /** What clients called and got answers from, without any captured node in between. */
    private final Set<TransportEndpoint> answeredElsewhere = new HashSet<>();

    Balancers(ClusterIndex told, CaptureSet captures) {
        this.told = told;
        this.captures = captures;
    }

    /** The flow as the node knows it; the same one if nothing translated it before. */
    Flow arrived(Flow flow) {
        if (flow.translated() == null) {
            return flow;
        }
        Place arrival = arrival(flow);
        return arrival == null || !beforeKubeProxy(flow, arrival) ? flow
                : flow.arrivedAs(flow.requestLeg(arrival).tuple(), arrival.level());
    }

    /** Takes a flow into account, as the node knows it. */
    void add(Flow flow) {
        TransportEndpoint called = new TransportEndpoint(flow.protocol(), flow.called().destination());
        if (!flow.original().destination().equals(called.endpoint())) {
            targets.computeIfAbsent(called, c -> new HashSet<>()).add(flow.original().destination());
        } else if (flow.story().clientSawSynAck() && captures.atClientsOnly(flow)) {
            answeredElsewhere.add(called);
        }
    }

    /** The same, all flows being known: what the client's capture alone shows was for the node that the others came to. */
    Flow expected(Flow flow) {
        Flow arrived = arrived(flow);
        Set<Endpoint> known = targets.get(new TransportEndpoint(flow.protocol(), flow.original().destination()));
        boolean open = arrived != flow || known == null || known.size() > 1 || isSpread(flow) || !captures.atClientsOnly(flow);
        return open ? arrived : flow.arrivedAs(new FiveTuple(flow.protocol(), flow.original().source(), known.iterator().next()), 0);
    }

    /** Whether what a client calls may come to any of several nodes. */
    boolean isSpread(Flow flow) {
        TransportEndpoint called = new TransportEndpoint(flow.protocol(), flow.original().destination());
        Set<Endpoint> known = targets.get(called);
        return known != null && (known.size() > 1 || answeredElsewhere.contains(called));
    }

    /** Where a connection from a captured client shows first on a node, already translated; null if it is not known to come there so. */
    private Place arrival(Flow flow) {
        Place arrival = null;
        boolean atClient = false;
        for (Place place : flow.places()) {
            if (place.level() == 0) {
                if (captures.role(place.point()) != PointRole.CLIENT) {
                    return null;
                }
                atClient = true;
            } else if (flow.requestLeg(place) != null && (arrival == null || place.level() < arrival.level())) {
                arrival = place;
            }
        }
        return atClient && arrival != null && captures.showsNodeInterface(arrival.point()) ? arrival : null;
    }

    /** Whether a tuple is for the node itself: it goes on as another one, or is known, or looks, as what the node is called by. */
    private boolean beforeKubeProxy(Flow flow, Place arrival) {
        Endpoint destination = flow.requestLeg(arrival).tuple().destination();
        if (destination.equals(flow.original().destination()) || told.frontOf(flow.protocol(), destination) != null) {
            return true;
        }
        boolean passedOn = false;
        for (Place place : flow.places()) {
            FlowLeg leg = flow.requestLeg(place);
            if (place.level() == arrival.level() && captures.showsPods(place.point())) {
                return false;
            }
            passedOn |= place.level() > arrival.level() && place.point() == arrival.point() && leg != null
                    && !leg.tuple().destination().equals(destination);
        }
        return passedOn || NodePortRange.contains(destination) && mayBeNode(destination.address());
    }

    private boolean mayBeNode(IpAddress address) {
        return told.state().nodes().isEmpty() ? !told.isPodAddress(address) : told.nodeOfAddress(address) != null;
    }
}
