package io.nattrail.path;

import java.util.List;

/** All paths that are known. */
public final class PathTemplates {
    public static final PathTemplate NODEPORT = NodePortPath.TEMPLATE;
    public static final PathTemplate LOADBALANCER = LoadBalancerPath.TEMPLATE;
    public static final PathTemplate CLUSTERIP = ClusterIpPath.TEMPLATE;
    public static final PathTemplate POD_TO_POD = PodToPodPath.TEMPLATE;
    public static final PathTemplate EGRESS = EgressPath.TEMPLATE;

    public static final List<PathTemplate> ALL = List.of(NODEPORT, LOADBALANCER, CLUSTERIP, POD_TO_POD, EGRESS);

    private PathTemplates() {
    }
}
