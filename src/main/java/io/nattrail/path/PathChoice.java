package io.nattrail.path;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.NodePortRange;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;

/** Tells which path a flow takes: by what the dumps tell of its destination, else by what flows show of it. */
final class PathChoice {
    private final ClusterView cluster;
    private final CaptureSet captures;

    PathChoice(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
    }

    /** The path that a flow takes; null for traffic that is none of the service's, nor of pods. */
    PathTemplate of(Flow flow) {
        ClusterIndex.Front front = cluster.toldFront(flow.protocol(), flow.original().destination());
        if (front != null) {
            return switch (front.kind()) {
                case NODE_PORT -> PathTemplates.NODEPORT;
                case CLUSTER_IP -> PathTemplates.CLUSTERIP;
                case EXTERNAL -> PathTemplates.LOADBALANCER;
            };
        }
        if (cluster.translates(flow.protocol(), flow.original().destination())) {
            return ofTranslated(flow);
        }
        if (cluster.isSpread(flow)) {
            return PathTemplates.NODEPORT;
        }
        if (flow.translated() == null && flow.original().isLoopback()) {
            // As between a sidecar and its pod's server, where all interfaces of the pod were captured.
            return null;
        }
        IpAddress source = flow.original().source().address();
        IpAddress destination = flow.original().destination().address();
        boolean toPod = cluster.isPod(destination);
        if (flow.translated() != null) {
            return toPod ? PathTemplates.POD_TO_POD : PathTemplates.EGRESS;
        }
        if (toPod) {
            return cluster.isPod(source) && !source.equals(destination) ? PathTemplates.POD_TO_POD : null;
        }
        // Where the services are told, and it is none of them, the node rejects it for another reason.
        PathTemplate inVain = cluster.told().state().services().isEmpty() ? ofCallInVain(flow) : null;
        return inVain != null ? inVain : reachedNode(flow) ? PathTemplates.NODEPORT : null;
    }

    private PathTemplate ofTranslated(Flow flow) {
        Endpoint destination = flow.original().destination();
        boolean fromPod = cluster.isPod(flow.original().source().address());
        // A pod may call a node port, too; hardly any service has a port of its own in their range.
        if (fromPod && cluster.calledByPodsOnly(flow.protocol(), destination) && !cluster.isNodeAddress(destination.address())
                && !NodePortRange.contains(destination)) {
            return PathTemplates.CLUSTERIP;
        }
        // Also by another port than a node port, as by a pod's hostPort: a node's own address is no load balancer's.
        boolean atNode = NodePortRange.contains(destination) || cluster.masqueradeAddresses().contains(destination.address())
                || cluster.told().nodeOfAddress(destination.address()) != null
                || cluster.told().state().nodes().isEmpty() && !fromPod
                && !cluster.calledByForeignAddress(flow.protocol(), destination);
        return atNode ? PathTemplates.NODEPORT : PathTemplates.LOADBALANCER;
    }

    /** Of what no rule took to an endpoint, but which tells by its end that a service was meant; else null. */
    private PathTemplate ofCallInVain(Flow flow) {
        boolean unanswered = flow.legs().stream().allMatch(leg -> leg.replies() == 0);
        if (Refusal.byNodeOfCaller(flow, captures) || unanswered && cluster.rejectedToPods(flow)
                && flow.legs().stream().anyMatch(leg -> Refusal.leftPod(leg, captures))) {
            return PathTemplates.CLUSTERIP;
        }
        if (cluster.callsUntoldService(flow)) {
            return PathTemplates.CLUSTERIP;
        }
        boolean rejectedOrPassedOn = Refusal.byNodeOfArrival(flow, captures) || unanswered && cluster.rejectedToClients(flow)
                || cluster.passedOnInVain(flow);
        return rejectedOrPassedOn && !cluster.isPod(flow.original().source().address())
                && !NodePortRange.contains(flow.original().destination()) ? PathTemplates.LOADBALANCER : null;
    }

    /** Nothing translated it and nothing tells of it, but a node was called where only node ports are. */
    private boolean reachedNode(Flow flow) {
        Endpoint destination = flow.original().destination();
        if (!NodePortRange.contains(destination)) {
            return false;
        }
        if (cluster.isPod(flow.original().source().address())) {
            return cluster.isNodeAddress(destination.address()) && askedByPod(flow);
        }
        return cluster.isNodeAddress(destination.address()) || knownNowhere(flow) || leftClientForNeighbour(flow)
                || arrivedAtNode(flow) && cluster.isNodesPort(flow.protocol(), destination.port())
                || Refusal.byNodeCalled(flow, captures);
    }

    /** Nodes masquerade by ports in the range of node ports, too: what an endpoint sends there may be answers. */
    private boolean askedByPod(Flow flow) {
        return !cluster.isChosen(flow.protocol(), flow.original().source())
                && flow.legs().stream().anyMatch(leg -> leg.requests() > 0 && Refusal.leftPod(leg, captures));
    }

    private boolean arrivedAtNode(Flow flow) {
        return flow.places().stream().anyMatch(place -> captures.showsNodeInterface(place.point()));
    }

    /** A client's own capture shows it on its way to an address beside a known node's: to another node, of which nothing was captured. */
    private boolean leftClientForNeighbour(Flow flow) {
        return flow.places().stream().anyMatch(place -> captures.role(place.point()) == PointRole.CLIENT)
                && cluster.mayBeNode(flow.original().destination());
    }

    /** No node's address of its kind is known: the one that was called may be any's. */
    private boolean knownNowhere(Flow flow) {
        boolean v6 = flow.original().destination().address().v6();
        return cluster.nodesByAddress().keySet().stream().noneMatch(address -> address.v6() == v6)
                && flow.places().stream().anyMatch(p -> captures.role(p.point()) != PointRole.BRIDGE);
    }
}
