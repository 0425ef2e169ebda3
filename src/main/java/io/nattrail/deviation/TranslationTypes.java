package io.nattrail.deviation;

import java.util.List;

/** Deviations of translation and path: what each code means, whatever the flow. */
public final class TranslationTypes {
    public static final DeviationType DNAT_MISSING = new DeviationType("dnat-missing", Severity.ERROR,
            "Node-1 forwarded a packet for its node port without translating it",
            "A packet whose destination is still N1:nodePort (or the load balancer's address) leaves Node-1 or appears at a "
                    + "bridge, where a translated one should be. Not this: the packet as it arrives at node1-eth0, which always carries "
                    + "the node port, a copy of it in a capture on `any`, or Node-1 refusing it itself (node-port-closed).",
            List.of("The service's DNAT rule is missing or comes after a rule that accepts the packet",
                    "The packet is exempt from connection tracking (NOTRACK) or was called INVALID, and NAT never sees such "
                            + "packets",
                    "Another device or network namespace routes the node's address onward"),
            List.of("Look for the rule and its counter on the node: `iptables-save -c -t nat | grep -- '--dport {port}'`, in nftables "
                            + "mode `nft list map ip kube-proxy service-nodeports`, in IPVS mode `ipvsadm -Ln --stats | grep {port}`.",
                    "Look for exemptions: `iptables-save -t raw | grep -E 'NOTRACK|CT '` and `nft list ruleset | grep notrack`.",
                    "See that KUBE-SERVICES comes first: `iptables -t nat -L PREROUTING -n --line-numbers`.",
                    "Follow the packet through the rules: `iptables -t raw -I PREROUTING -p {protocol} --dport {port} -j TRACE` and "
                            + "`xtables-monitor --trace`, in nftables mode `nft monitor trace`."),
            List.of("Kubernetes: Virtual IPs and Service Proxies",
                    "iptables-extensions(8): CT, NOTRACK, TRACE"));

    public static final DeviationType DNAT_UNEXPECTED_ENDPOINT = new DeviationType("dnat-unexpected-endpoint", Severity.ERROR,
            "Node-1 translated to an address that is no endpoint of this service",
            "The translated packet goes to an address or port that no EndpointSlice of the service lists. The connection may "
                    + "even be answered: by a pod of another service or another version. Not this: an endpoint that changed between the "
                    + "capture and the moment the cluster was asked, or a named targetPort that differs between pods.",
            List.of("The rules on Node-1 are stale and the address has been given to another pod",
                    "Two services share the node port through leftovers of an earlier kube-proxy mode (iptables rules left "
                            + "while nftables or IPVS is active)",
                    "An EndpointSlice was changed by hand, or two controllers write the same service's slices",
                    "The cluster's state was collected too long before or after the captures"),
            List.of("Compare the address with the slices: `kubectl get endpointslices -A -o wide | grep {pod_ip}` and `kubectl get pods "
                            + "-A -o wide | grep {pod_ip}`.",
                    "Find the rule that chose it: `iptables-save -t nat | grep -B2 -A2 {pod_ip}`, `nft list ruleset | grep {pod_ip}` or "
                            + "`ipvsadm -Ln`.",
                    "Look for leftovers of another mode: `iptables-save | grep -c KUBE-` beside `nft list table ip kube-proxy` "
                            + "and `ipvsadm -Ln`; clean with `kube-proxy --cleanup`.",
                    "Collect the state during the capture: `kubectl get nodes,services,endpointslices,pods -A -o json > "
                            + "kubectl-get.json`."),
            List.of("Kubernetes: EndpointSlices",
                    "Kubernetes: kube-proxy, --cleanup",
                    "Kubernetes: Virtual IPs and Service Proxies"));

    public static final DeviationType SNAT_MISSING = new DeviationType("snat-missing", Severity.ERROR,
            "Node-1 did not masquerade: the request still carries the client's address",
            "Under externalTrafficPolicy Cluster, the translated request leaves Node-1 (or reaches the pod) with the client's "
                    + "source address. The pod then answers the client directly, past Node-1, and the client resets what it never asked "
                    + "for (reply-bypasses-node1). Not this: policy Local, where the client's address is kept on purpose "
                    + "(source-preserved), a pod's call to a ClusterIP inside the cluster, or direct server return.",
            List.of("The masquerade rule does not see the packet: KUBE-POSTROUTING missing, or a RETURN or ACCEPT before it",
                    "ip-masq-agent or the CNI exempts the client's network (nonMasqueradeCIDRs) or kube-proxy takes it for a "
                            + "pod (clusterCIDR too wide)",
                    "The mark was lost between KUBE-MARK-MASQ and POSTROUTING: another component overwrites 0x4000",
                    "The rules were being rewritten at that moment"),
            List.of("Look at the chain and its counters on Node-1: `iptables-save -c -t nat | grep -E "
                            + "'KUBE-POSTROUTING|KUBE-MARK-MASQ|MASQUERADE'`, in nftables mode `nft list chain ip kube-proxy "
                            + "masquerading`.",
                    "Read the exceptions: `kubectl -n kube-system get configmap -o yaml | grep -B2 -A8 -i nonMasqueradeCIDRs`.",
                    "Compare clusterCIDR with the client's network: `kubectl -n kube-system get configmap kube-proxy -o yaml | "
                            + "grep -iE 'clusterCIDR|masqueradeAll'`.",
                    "Look for other users of the mark: `iptables-save | grep -E '0x4000|CONNMARK|set-xmark'`."),
            List.of("Kubernetes: Using Source IP",
                    "Kubernetes: IP Masquerade Agent User Guide",
                    "Kubernetes: Virtual IPs and Service Proxies"));

    public static final DeviationType SNAT_UNEXPECTED_SOURCE = new DeviationType("snat-unexpected-source", Severity.WARNING,
            "The request was masqueraded to an address that is not the node's",
            "The translated request carries a source that is neither an address of Node-1 nor of its bridge. Answers come back "
                    + "only where that address leads to Node-1. Not this: the bridge's own address for an endpoint on the same node, a "
                    + "second address of the node, or an address of its tunnel interface (flannel.1, tunl0), all of which masquerading "
                    + "uses when the packet leaves there.",
            List.of("The packet leaves through another interface than expected and takes its first address",
                    "A further NAT lies between: a SNAT rule with a fixed address, an egress gateway, a NAT gateway of the "
                            + "cloud",
                    "The node has several addresses and the primary one is not the one the cluster knows"),
            List.of("List the node's addresses and the rule that applied: `ip -br addr` and `iptables-save -c -t nat | grep -E "
                            + "'SNAT|MASQUERADE'` on Node-1.",
                    "Ask which source the kernel takes: `ip route get {pod_ip}`.",
                    "Compare with what the cluster knows: `kubectl get node {entry_node} -o jsonpath='{.status.addresses}'`.",
                    "Look for egress gateways: `kubectl get crd | grep -iE 'egress|gateway'`."),
            List.of("iptables-extensions(8), MASQUERADE and SNAT",
                    "RFC 6724, section 5 (source address selection, IPv6); ip-route(8), attribute src"));

    public static final DeviationType SOURCE_PRESERVED = new DeviationType("source-preserved", Severity.INFO,
            "The pod sees the client's own address, as externalTrafficPolicy Local intends",
            "The translated packet keeps the client's address and port; only the destination changed, and the endpoint lies on "
                    + "the node that received the packet. This is the wanted behaviour of policy Local. Not this: the client's address "
                    + "under policy Cluster (snat-missing).",
            List.of("externalTrafficPolicy is Local",
                    "The service is meant to see its clients' addresses (allow lists, logs)",
                    "A load balancer in front leaves the client's address as well"),
            List.of("Confirm that it is wanted: `kubectl -n {namespace} get svc {service} -o jsonpath='{.spec.externalTrafficPolicy}'`.",
                    "See that the load balancer leaves out nodes without endpoint: `kubectl -n {namespace} get svc {service} -o "
                            + "jsonpath='{.spec.healthCheckNodePort}'`, then `curl -i http://NODE:{health_port}/healthz` on each node.",
                    "Remember it in policies: a NetworkPolicy of the pod must allow the clients' networks, `kubectl -n {namespace} get "
                            + "networkpolicies -o yaml`."),
            List.of("Kubernetes: Using Source IP",
                    "Kubernetes: Create an External Load Balancer, \"Preserving the client source IP\""));

    public static final DeviationType SNAT_UNDER_LOCAL_POLICY = new DeviationType("snat-under-local-policy", Severity.WARNING,
            "The client's address was masqueraded though the policy is Local",
            "With externalTrafficPolicy Local the translated request carries an address of the node or its bridge instead of "
                    + "the client's. Connections work; logs, allow lists and affinity by client address do not. Not this: requests from "
                    + "pods of the cluster or from the node itself, which may be masqueraded, and a load balancer that already replaced "
                    + "the client's address before Node-1.",
            List.of("The CNI, ip-masq-agent or a host firewall masquerades in addition to kube-proxy",
                    "kube-proxy runs with masqueradeAll, or the client lies in a network that it treats specially",
                    "The service was switched to Local and old conntrack entries live on"),
            List.of("Find the rule that masquerades: `iptables-save -c -t nat | grep -E 'MASQUERADE|SNAT'` on Node-1; only "
                            + "KUBE-POSTROUTING's own, for marked packets, is kube-proxy's.",
                    "Read kube-proxy's setting: `kubectl -n kube-system get configmap kube-proxy -o yaml | grep -i masquerade`.",
                    "Confirm the policy: `kubectl -n {namespace} get svc {service} -o jsonpath='{.spec.externalTrafficPolicy}'`.",
                    "Drop entries from before the change: `conntrack -D -p {protocol} --orig-port-dst {port}` (cuts these connections)."),
            List.of("Kubernetes: Using Source IP",
                    "Kubernetes: kube-proxy configuration, iptables.masqueradeAll"));

    public static final DeviationType REMOTE_ENDPOINT_UNDER_LOCAL_POLICY = new DeviationType(
            "remote-endpoint-under-local-policy", Severity.ERROR,
            "Policy Local, yet the request went to an endpoint on another node",
            "With externalTrafficPolicy Local (internalTrafficPolicy for traffic from pods) the translated request leaves "
                    + "Node-1 for a pod on another node. Without masquerading the answer then bypasses Node-1. Not this: a pod's call "
                    + "under a policy Cluster for internal traffic; and kube-proxy treats calls to the external address from inside the "
                    + "cluster as Cluster.",
            List.of("The rules on this node are from before the policy was changed",
                    "The pod's address belongs to this node in the cluster's view, but the node's pod CIDR is routed elsewhere",
                    "A conntrack entry from before the change carries the connection",
                    "Another proxy than kube-proxy ignores the policy"),
            List.of("Compare policy, placement and rules: `kubectl -n {namespace} get svc {service} -o yaml | grep -i TrafficPolicy`, "
                            + "`kubectl -n {namespace} get endpointslices -l kubernetes.io/service-name={service} -o jsonpath='{range "
                            + ".items[*].endpoints[*]}{.addresses[0]} {.nodeName}{\"\\n\"}{end}'`, and on Node-1 `iptables-save -t nat "
                            + "| grep KUBE-SVL`.",
                    "See whether kube-proxy keeps up: `kubectl -n kube-system logs KUBE-PROXY-POD | tail`; restart it on that "
                            + "node if it does not.",
                    "See whether an old entry carries it: `conntrack -L -p {protocol} --orig-port-dst {port}`."),
            List.of("Kubernetes: Virtual IPs and Service Proxies, traffic policies",
                    "Kubernetes: Service Internal Traffic Policy"));

    public static final DeviationType REPLY_BYPASSES_NODE1 = new DeviationType("reply-bypasses-node1", Severity.ERROR,
            "The pod's answer went to the client past Node-1, untranslated",
            "The answer leaves node2-cbr0 towards the client's address (or reaches the client) from pod:P instead of "
                    + "N1:nodePort; Node-1 never sees it. The client knows no such connection and answers RST to the pod, or a firewall "
                    + "drops it. Not this: an answer that reaches the client with the node port's tuple but not through Node-1 "
                    + "(direct-server-return), or one that went through Node-1 untranslated (reply-leaks-untranslated).",
            List.of("Node-1 did not masquerade under policy Cluster (snat-missing)",
                    "Policy Local, and the endpoint's node routes its answers through another gateway",
                    "The pod has a second interface or a policy route by which it reaches the client directly"),
            List.of("Look at the request's source at node2-cbr0: if it is the client's address, repair the masquerading on "
                            + "Node-1: `iptables-save -c -t nat | grep -E 'KUBE-POSTROUTING|KUBE-MARK-MASQ|MASQUERADE'`.",
                    "Ask for the pod's route back: `kubectl -n {pod_namespace} exec {pod} -- ip route get {client}`, and on its node "
                            + "`ip route get {client} from {pod_ip} iif cbr0` and `ip rule`.",
                    "Read the exceptions of masquerading: `kubectl -n kube-system get configmap -o yaml | grep -B2 -A8 -i "
                            + "nonMasqueradeCIDRs`.",
                    "See that the client resets it: `tshark -r client.pcap -Y tcp.flags.reset==1 | grep {pod_ip}`."),
            List.of("Kubernetes: Using Source IP",
                    "RFC 9293, section 3.5.2"));

    public static final DeviationType DIRECT_SERVER_RETURN = new DeviationType("direct-server-return", Severity.INFO,
            "The answer reached the client with the right addresses without passing Node-1",
            "The client gets answers from the node port's (or load balancer's) tuple that Node-1 never sent: they left the "
                    + "endpoint's node directly. Request and answer are complete at the client and one-sided at node1-eth0. Not this: a "
                    + "Node-1 capture that lost or filtered the answers, or answers with the pod's address (reply-bypasses-node1).",
            List.of("Cilium with load balancing in mode dsr or hybrid",
                    "IPVS with direct routing (gatewaying) or tunnelling",
                    "A cloud load balancer with direct server return (Azure: floating IP)"),
            List.of("See whether it is meant: `cilium config view | grep -E 'bpf-lb-mode|loadbalancer-mode'`, or `ipvsadm -Ln` "
                            + "(column Forward: Route or Tunnel), on Azure `az network lb rule list -g MC_RG --lb-name kubernetes -o "
                            + "table` (enableFloatingIP).",
                    "Allow asymmetric paths: stateful firewalls between node and client see one direction only; `az network "
                            + "watcher show-next-hop` for both directions.",
                    "Capture the answers where they leave: `tcpdump -ni eth0 -w node2-eth0.pcap host {client}`."),
            List.of("Cilium: Kubernetes Without kube-proxy, \"Direct Server Return (DSR)\"",
                    "Azure Load Balancer: floating IP",
                    "Linux Virtual Server: direct routing, ipvsadm(8)"));

    public static final DeviationType REVERSE_NAT_MISMATCH = new DeviationType("reverse-nat-mismatch", Severity.ERROR,
            "Node-1 translated the answer back to something other than what the client had called",
            "The answer at node1-eth0 or at the client carries the right bytes but a source or port that is not the exact "
                    + "inverse of the request: another port, another address of the node, the ClusterIP. The client answers RST. Not "
                    + "this: an untranslated answer (reply-leaks-untranslated), or two connections with the same ports one after another.",
            List.of("A further NAT rule applies to the answers: SNAT or MASQUERADE on the way to the client",
                    "The node has several addresses and a policy-based NAT rewrites the source",
                    "Two translators work on one connection: kube-proxy and a CNI's eBPF, or two kube-proxy modes",
                    "A fault of kernel or CNI"),
            List.of("Compare both tuples of Node-1's entry: `conntrack -L -p {protocol} --orig-port-dst {port} -o extended`; the reply "
                            + "tuple must be pod:P -> masquerade:S.",
                    "Look for further NAT: `iptables-save -c -t nat | grep -E 'SNAT|MASQUERADE|NETMAP'` and `nft list ruleset "
                            + "| grep -E 'snat|masquerade'`.",
                    "See whether eBPF translates too: `tc filter show dev eth0 ingress`, `bpftool net` and `kubectl -n "
                            + "kube-system get pods -o wide | grep -iE 'cilium|calico'`.",
                    "Compare kernel and CNI versions of good and bad nodes: `kubectl get nodes -o wide`."),
            List.of("RFC 5382, section 4.1 (address and port mapping)",
                    "Kubernetes: Virtual IPs and Service Proxies"));

    public static final DeviationType REPLY_LEAKS_UNTRANSLATED = new DeviationType("reply-leaks-untranslated", Severity.ERROR,
            "Node-1 let a single answer through without translating it back",
            "A segment from pod:P leaves node1-eth0 or reaches the client with the pod's address, while other segments of the "
                    + "same connection are translated. The client answers RST to the pod's address, which may end the connection "
                    + "(reset-by-client-on-stray-packet). Not this: every answer bypassing Node-1 (reply-bypasses-node1), or a duplicate "
                    + "in a capture on `any`, where the packet before its translation is also seen.",
            List.of("conntrack called the segment INVALID (outside the window, late retransmission, after a close) and NAT "
                            + "leaves INVALID packets alone",
                    "The conntrack entry expired or was deleted while the connection was alive",
                    "The rule that drops INVALID packets is missing, or disabled with nf_conntrack_tcp_be_liberal"),
            List.of("Make conntrack tolerant of segments outside the window: `sysctl -w "
                            + "net.netfilter.nf_conntrack_tcp_be_liberal=1` on the node, lastingly conntrack.tcpBeLiberal in "
                            + "kube-proxy's configuration.",
                    "Or drop what is INVALID before it is forwarded, as kube-proxy's iptables mode does: `iptables-save -c -t "
                            + "filter | grep 'ctstate INVALID'` shows whether the rule is there and counts.",
                    "Have the kernel tell why: `sysctl -w net.netfilter.nf_conntrack_log_invalid=6`, then `dmesg | grep "
                            + "nf_ct_proto_6`.",
                    "Watch entries vanish: `conntrack -E -e DESTROY -p {protocol} --orig-port-dst {port}`."),
            List.of("kubernetes/kubernetes#74839 and #74840",
                    "Kubernetes blog, 29 March 2019: kube-proxy Subtleties: Debugging an Intermittent Connection Reset",
                    "Linux kernel: Documentation/networking/nf_conntrack-sysctl.rst (nf_conntrack_tcp_be_liberal, "
                            + "nf_conntrack_log_invalid)"));

    /** What to check where the connection moved to another node. */
    static final String KEEP_ON_ONE_NODE = "Keep a client on one node at the load balancer: `az network lb rule list -g MC_RG --lb-name "
            + "kubernetes -o table` (loadDistribution).";

    public static final DeviationType NAT_REMAPPED_MIDFLOW = new DeviationType("nat-remapped-midflow", Severity.ERROR,
            "The translation of a living connection changed without a new handshake",
            "The client goes on with the same connection, but its data leaves Node-1 with another source port or to another "
                    + "endpoint, without a SYN in between. The endpoint knows no such connection and answers RST. Not this: a new "
                    + "connection with the same client port (port-reused), which begins with a SYN, or several services behind one "
                    + "client port.",
            List.of("The conntrack entry expired during a silence and the next packet was taken as new (nf_conntrack_tcp_loose)",
                    "Entries were deleted or flushed: `conntrack -F`, a restart of a firewall or of the node's network, a "
                            + "failover to another node",
                    "The connection moved to another entry node: a load balancer rehashed it",
                    "For UDP: the timeout of 30 s (120 s for streams) is shorter than the pause between datagrams"),
            List.of("Compare the silence with Node-1's timeouts: `sysctl net.netfilter.nf_conntrack_tcp_timeout_established "
                            + "net.netfilter.nf_conntrack_udp_timeout net.netfilter.nf_conntrack_udp_timeout_stream`, and set "
                            + "keep-alives below the shortest.",
                    "Watch entries being destroyed and created: `conntrack -E -p {protocol} --orig-port-dst {port} -o timestamp`.",
                    "See whether entries are picked up in the middle: `sysctl net.netfilter.nf_conntrack_tcp_loose`.",
                    "Look for what flushes: `journalctl -u firewalld -u NetworkManager -u kubelet --since -1h`.",
                    KEEP_ON_ONE_NODE),
            List.of("Linux kernel: Documentation/networking/nf_conntrack-sysctl.rst",
                    "RFC 5382, section 5 (REQ-5: idle timeout of established connections) and RFC 4787, section 4.3 (UDP)"));

    public static final DeviationType CLUSTERIP_ON_THE_WIRE = new DeviationType("clusterip-on-the-wire", Severity.WARNING,
            "A packet with the ClusterIP left or reached a node untranslated",
            "At a node's eth0 a packet has the ClusterIP as source or destination. ClusterIPs exist only in the rules of each "
                    + "node; the network has no route to them, so the packet is lost or answered with ICMP. Not this: the ClusterIP at "
                    + "the pod or its bridge before the node has translated it, or networks that announce ClusterIPs by BGP on purpose "
                    + "(Calico serviceClusterIPs).",
            List.of("kube-proxy does not run on the sending node, or has not synchronised this service",
                    "The service was deleted, or its port is not one the service has: no rule matches",
                    "A pod with hostNetwork or a namespace sends past the rules; or packets are exempt from tracking",
                    "A client outside the cluster dials a ClusterIP"),
            List.of("See whether the sending node has the rule: `iptables-save -t nat | grep CLUSTERIP`, `nft list map ip "
                            + "kube-proxy service-ips`, or `ipvsadm -Ln | grep -A3 CLUSTERIP` and `ip addr show kube-ipvs0`.",
                    "See whether kube-proxy runs there: `kubectl -n kube-system get pods -o wide --field-selector "
                            + "spec.nodeName={client_node} | grep kube-proxy`.",
                    "Compare address and port with the services: `kubectl get svc -A | grep CLUSTERIP`.",
                    "See whether the network is meant to carry it: `kubectl get bgpconfigurations.crd.projectcalico.org -o "
                            + "yaml | grep -A2 serviceClusterIPs`."),
            List.of("Kubernetes: Virtual IPs and Service Proxies",
                    "Kubernetes: Debug Services, \"Is the kube-proxy working?\""));

    public static final DeviationType AFFINITY_BROKEN = new DeviationType("affinity-broken", Severity.WARNING,
            "Connections of one client went to different endpoints in spite of session affinity",
            "With sessionAffinity ClientIP, two connections of the same client address to the same service port, less than the "
                    + "affinity time apart, were translated to different endpoints. Not this: different ports of the service or "
                    + "different entry nodes, each of which keeps its own affinity; connections farther apart than the timeout (default "
                    + "10800 s); or an endpoint that was removed in between.",
            List.of("The client came in through different nodes: kube-proxy keeps affinity per node",
                    "A NAT or load balancer before the node gives the client changing addresses",
                    "kube-proxy restarted or rewrote its rules, and the recent list of the old endpoint was lost",
                    "The endpoint in use became unready"),
            List.of("Read affinity and its time: `kubectl -n {namespace} get svc {service} -o jsonpath='{.spec.sessionAffinity} "
                            + "{.spec.sessionAffinityConfig}'`; for affinity across nodes the load balancer must keep a client on one "
                            + "node as well (Azure: loadDistribution SourceIP, `az network lb rule list -g MC_RG --lb-name kubernetes "
                            + "-o table`).",
                    "See what the node remembers: `cat /proc/net/xt_recent/KUBE-SEP-*` (iptables), `nft list ruleset | grep "
                            + "-A8 affinity` (nftables), `ipvsadm -Ln --persistent-conn` (IPVS).",
                    "See whether the rules contain it: `iptables-save -t nat | grep -- '--rcheck'`.",
                    "Look for restarts of kube-proxy and changes of endpoints at that time: `kubectl -n kube-system get pods | grep "
                            + "kube-proxy` and `kubectl -n {namespace} get events --sort-by=.lastTimestamp`."),
            List.of("Kubernetes: Virtual IPs and Service Proxies, session affinity",
                    "iptables-extensions(8), recent"));

    public static final DeviationType UNEVEN_ENDPOINTS = new DeviationType("uneven-endpoints", Severity.INFO,
            "New connections are spread over the endpoints far from evenly",
            "Over at least 30 new connections the counts per endpoint differ more than chance explains (chi-square test "
                    + "against equal shares). It is told once per service, with the counts. Not this: few connections, session affinity, "
                    + "policy Local (each node serves only its own), or endpoints that came up in the middle of the capture.",
            List.of("Long-lived connections: HTTP/2 or gRPC clients open few of them, and each stays where it is",
                    "An endpoint was added late or was unready for a part of the time",
                    "Session affinity or a client behind one NAT address",
                    "Topology-aware routing prefers endpoints in the same zone",
                    "IPVS with a scheduler or weights other than round robin"),
            List.of("Compare with the endpoints and their age: `kubectl -n {namespace} get endpointslices -l "
                            + "kubernetes.io/service-name={service} -o yaml | grep -E 'addresses|ready|hints|zone' -A1` and `kubectl -n "
                            + "{namespace} get pods -o wide`.",
                    "Read the shares in the rules: `iptables-save -t nat | grep -E 'KUBE-SVC.*probability'`; n endpoints have "
                            + "probabilities 1/n, 1/(n-1), ..., in IPVS mode `ipvsadm -Ln`.",
                    "For HTTP/2 and gRPC balance by request: a headless service with client-side balancing, or an L7 proxy; `kubectl -n "
                            + "{namespace} get svc {service} -o jsonpath='{.spec.clusterIP}'`.",
                    "Read affinity and topology: `kubectl -n {namespace} get svc {service} -o yaml | grep -E "
                            + "'sessionAffinity|trafficDistribution|topology-mode'`."),
            List.of("Kubernetes: Virtual IPs and Service Proxies, proxy mode iptables; Topology Aware Routing",
                    "iptables-extensions(8), statistic"));

    public static final DeviationType PROXY_NOT_NAT = new DeviationType("proxy-not-nat", Severity.INFO,
            "A proxy terminates the connection here: same content, other TCP connection",
            "The payload of client and endpoint side is equal, but initial sequence numbers, options and segmentation differ, "
                    + "and the handshakes are independent of each other. What follows are two connections, each to be judged by itself. "
                    + "Not this: NAT with sequence adjustment or SYNPROXY, which changes the server's sequence numbers only.",
            List.of("An L7 proxy in the path: ingress controller, service mesh sidecar (Envoy), kube-proxy in userspace mode",
                    "SYNPROXY or SYN cookies of a firewall in front",
                    "An application gateway or a TCP-terminating load balancer of the cloud"),
            List.of("See what listens where the node port ends: `ss -ltnp 'sport = :{port}'` on the node and `kubectl -n {namespace} "
                            + "get pods -o jsonpath='{.items[*].spec.containers[*].name}'` for sidecars.",
                    "Look for interception rules: `iptables-save -t nat | grep -E 'REDIRECT|TPROXY|SYNPROXY'`, in the pod "
                            + "`nsenter -t PID -n iptables-save -t nat`.",
                    "Read the proxy's own log for the second half of the connection: `kubectl -n {pod_namespace} logs {pod} -c "
                            + "istio-proxy | tail`."),
            List.of("Kubernetes: Ingress; Istio: Traffic interception (sidecar)",
                    "iptables-extensions(8), SYNPROXY",
                    "RFC 4987, section 3.6 (SYN cookies)"));

    public static final DeviationType LOADBALANCER_FLOATING_IP = new DeviationType("loadbalancer-floating-ip", Severity.INFO,
            "The packet reached Node-1 with the load balancer's address still as destination",
            "At node1-eth0 the destination is the load balancer's frontend address and the service's port instead of the "
                    + "node's address and node port; kube-proxy translates it by its rule for that address. A variant of the path, not a "
                    + "fault. Not this: an address that no service has, or a packet in transit through the node.",
            List.of("A load balancer that leaves the destination alone: Azure with floating IP, MetalLB, direct server return",
                    "externalIPs of the service",
                    "A load balancer in Layer 2 mode on this very node"),
            List.of("See that the service has this address: `kubectl get svc -A -o wide | grep FRONTEND_IP` "
                            + "(status.loadBalancer.ingress or spec.externalIPs).",
                    "Look for the rule on the node: `iptables-save -t nat | grep FRONTEND_IP`, in nftables mode `nft list map "
                            + "ip kube-proxy service-ips`, in IPVS mode `ip addr show kube-ipvs0`.",
                    "On AKS, see the rule of the load balancer: `az network lb rule list -g MC_RG --lb-name kubernetes --query "
                            + "'[].{name:name,floating:enableFloatingIP,port:frontendPort,backend:backendPort}' -o table`."),
            List.of("Azure Load Balancer: floating IP",
                    "Kubernetes: Service, type LoadBalancer, ipMode"));

    public static final DeviationType EPHEMERAL_TUPLE_REUSED = new DeviationType("ephemeral-tuple-reused", Severity.WARNING,
            "A masqueraded port was used again before the endpoint had forgotten the last connection",
            "Towards the endpoint a SYN uses the tuple of a connection that ended less than 60 s ago; the endpoint, still in "
                    + "TIME-WAIT or holding the old connection, answers with an ACK of the old sequence numbers (challenge ACK), a RST "
                    + "follows, and the handshake succeeds only with the next SYN. A TSval lower than the tuple's last one makes it "
                    + "certain that TIME-WAIT could not be recycled. Not this: reuse of the client's own port before the translation "
                    + "(port-reused), or a SYN that is lost.",
            List.of("Many short connections from one node to one endpoint: the ports come round within a minute",
                    "Random choice of ports (--random-fully) meets a recent one",
                    "Timestamp offsets per connection behind MASQUERADE: the new TSval is lower than the old one, so RFC 6191 "
                            + "does not apply",
                    "A client that resets instead of closing, or the endpoint closes first and keeps TIME-WAIT"),
            List.of("Keep connections open: keep-alive and pooling in the client, more endpoints or source addresses; see the rate with "
                            + "`conntrack -L -p tcp --reply-src {pod_ip} 2>/dev/null | grep -c TIME_WAIT` on Node-1.",
                    "Count on the endpoint: `kubectl -n {pod_namespace} exec {pod} -- nstat -az TcpExtTCPChallengeACK "
                            + "TcpExtTCPSYNChallenge TcpExtTWRecycled` and `ss -tan state time-wait | wc -l`.",
                    "Compare kernels of nodes that show it with others that do not: `kubectl get nodes -o wide`.",
                    "Let the client close first, so that TIME-WAIT is not at the endpoint; `tshark -r node2-cbr0.pcap -Y "
                            + "tcp.flags.fin==1` shows who closes."),
            List.of("RFC 6191 (reducing TIME-WAIT with timestamps)",
                    "RFC 5961, section 4 (challenge ACK to a SYN)",
                    "RFC 9293, section 3.6 (closing a connection, TIME-WAIT)"));

    public static final DeviationType SNAT_PORTS_EXHAUSTED = new DeviationType("snat-ports-exhausted", Severity.ERROR,
            "Node-1 ran out of source ports for this endpoint",
            "The number of live masqueraded ports from one node address to one endpoint comes near the range's size, and from "
                    + "then on new requests to that endpoint stay without a translated packet, while other endpoints work. Not this: a "
                    + "full conntrack table, which stops all destinations, or the SNAT exhaustion of a cloud load balancer for outbound "
                    + "traffic, which happens after the packet left the node.",
            List.of("Connections to one endpoint are opened faster than their entries expire (TIME_WAIT 120 s in conntrack)",
                    "A masquerade or SNAT rule with a narrow range (--to-ports)",
                    "Few endpoints behind many clients: the limit counts per node address and endpoint",
                    "Connections that are never closed"),
            List.of("Count the ports in use per endpoint on Node-1: `conntrack -L -p {protocol} 2>/dev/null | grep -o 'src={pod_ip} "
                            + "dst={source} sport=[0-9]* dport=[0-9]*' | sort -u | wc -l`; reuse connections or add endpoints to bring "
                            + "it down.",
                    "See whether the translation fails: `conntrack -S | grep -oE '(drop|insert_failed)=[0-9]*'`.",
                    "Look for a narrow range: `iptables-save -t nat | grep -E 'to-ports|to-source'` and `nft list ruleset | "
                            + "grep -E 'masquerade to|snat to'`.",
                    "For outbound traffic of AKS: `az monitor metrics list --resource LB_ID --metric "
                            + "SnatConnectionCount,UsedSnatPorts,AllocatedSnatPorts`; more ports with `az aks update "
                            + "--load-balancer-outbound-ports` or a NAT gateway."),
            List.of("iptables-extensions(8), MASQUERADE --to-ports",
                    "RFC 6056 (choice of ephemeral ports)",
                    "Azure: Use Source Network Address Translation (SNAT) for outbound connections"));

    public static final DeviationType PORT_REUSED = new DeviationType("port-reused", Severity.INFO,
            "The client used one port for several connections; they were told apart",
            "The same client address and port opens a further connection to the same service: a SYN with another initial "
                    + "sequence number after the first connection ended, or an INIT of SCTP with another initiate tag. Each is judged as a "
                    + "flow of its own. Not this: a retransmitted SYN, which has the same sequence number.",
            List.of("A client that binds a fixed source port",
                    "Many connections: the client's ephemeral range came round",
                    "Closing with RST frees the port at once"),
            List.of("Nothing to change unless deviations follow it; see the client's range: `sysctl "
                            + "net.ipv4.ip_local_port_range net.ipv4.tcp_tw_reuse`.",
                    "See who binds a fixed port: `ss -tanp 'sport = :{client_port}'` at the client.",
                    "Separate the connections in Wireshark: `tshark -r client.pcap -Y 'tcp.port=={client_port}' -T fields -e tcp.stream "
                            + "| sort -u`."),
            List.of("RFC 9293, section 3.6 (closing a connection, TIME-WAIT)",
                    "RFC 6056 (choice of ephemeral ports)"));

    /** This group, in the order of the page. */
    static final List<DeviationType> ALL = List.of(
            DNAT_MISSING, DNAT_UNEXPECTED_ENDPOINT, SNAT_MISSING, SNAT_UNEXPECTED_SOURCE, SOURCE_PRESERVED,
            SNAT_UNDER_LOCAL_POLICY, REMOTE_ENDPOINT_UNDER_LOCAL_POLICY, REPLY_BYPASSES_NODE1, DIRECT_SERVER_RETURN,
            REVERSE_NAT_MISMATCH, REPLY_LEAKS_UNTRANSLATED, NAT_REMAPPED_MIDFLOW, CLUSTERIP_ON_THE_WIRE, AFFINITY_BROKEN,
            UNEVEN_ENDPOINTS, PROXY_NOT_NAT, LOADBALANCER_FLOATING_IP, EPHEMERAL_TUPLE_REUSED, SNAT_PORTS_EXHAUSTED, PORT_REUSED);

    private TranslationTypes() {
    }
}
