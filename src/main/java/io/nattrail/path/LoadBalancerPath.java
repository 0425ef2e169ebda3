package io.nattrail.path;

/** A client reaches a pod through a load balancer: the node receives the packet with the load balancer's address still as destination. */
final class LoadBalancerPath {
    static final PathTemplate TEMPLATE = new PathTemplate("loadbalancer", NodePortPath.steps(
            "the client opens a connection to the load balancer, which hands it to the node as it is",
            "kube-proxy's rules take the load balancer's address to the service's ClusterIP"));

    private LoadBalancerPath() {
    }
}
