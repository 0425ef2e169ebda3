/** What the cluster says about itself: Kubernetes objects, iptables-save, nft, conntrack, ipvsadm, ip addr and ip route. All optional. */
package io.nattrail.cluster;
