/**
 * What the cluster says about itself: Kubernetes objects, iptables-save, nft, conntrack, ipvsadm, ip addr and ip route. All optional.
 *
 * <p>Each {@code ClusterSource} recognises one kind of dump and reads it into {@code DumpFacts}; {@code ProxyChains} asks the rules of
 * kube-proxy, whichever tool printed them, what they do with each service; {@code ClusterJoin} makes one
 * {@link io.nattrail.cluster.ClusterState} of all files, and {@link io.nattrail.cluster.ClusterIndex} answers questions about it.
 */
package io.nattrail.cluster;
