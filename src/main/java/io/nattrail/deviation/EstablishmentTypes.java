package io.nattrail.deviation;

import java.util.List;

/** Deviations of connections that were never established: what each code means, whatever the flow. */
public final class EstablishmentTypes {
    public static final DeviationType REQUEST_LOST_BEFORE_NODE1 = new DeviationType("request-lost-before-node1", Severity.ERROR,
            "The request left the client and never reached Node-1",
            "The SYN (or datagram) is at the client, usually again after 1, 3 and 7 seconds, and never at node1-eth0 inside "
                    + "the overlapping capture windows. Nothing comes back: no SYN-ACK, no RST, no ICMP error. Not this: a capture "
                    + "filter on Node-1 that hides the client's packets, a load balancer that changed the source address so that the "
                    + "packet is there under another tuple, or a Node-1 capture that began late.",
            List.of("A network security group or firewall between client and node drops the node port",
                    "The client uses an address or port that leads elsewhere: a node that is gone, a load balancer without "
                            + "healthy backend",
                    "No route from the client's network to the node's: missing peering, wrong user-defined route, a firewall "
                            + "appliance that drops",
                    "The node's interface drops before the capture's tap: wrong VLAN, a switch port or security policy of the "
                            + "hypervisor"),
            List.of("Test the path as the fabric sees it: `az network watcher test-ip-flow --vm VM -g RG --direction Inbound --protocol "
                            + "{protocol} --local '{address}:{port}' --remote '{client}:{client_port}'`; elsewhere read the "
                            + "firewall's log for the client's address.",
                    "Read the effective security rules of the node's interface, priority by priority: `az network nic "
                            + "list-effective-nsg -g RG -n NIC`.",
                    "Ask for the next hop on the client's side, `ip route get {address}`, and in the fabric: `az network watcher "
                            + "show-next-hop --vm VM -g RG --source-ip {client} --dest-ip {address}`.",
                    "Compare the address the client dials with the node's and the service's: `kubectl get nodes -o wide` and "
                            + "`kubectl get svc -A -o wide`.",
                    "Capture at both ends at once with a filter that cannot hide the packet: `tcpdump -ni eth0 -w node1-eth0.pcap 'host "
                            + "{client} or port {port}'`."),
            List.of("RFC 6298, sections 2 and 5 (why the SYN comes again after 1, 3, 7 seconds)",
                    "Azure: Network security groups, how traffic is evaluated; Network Watcher, IP flow verify and next hop",
                    "Kubernetes: Debug Services"));

    /** What to check where a port may be closed as well. */
    static final String RULE_OF_NODE_PORT = "Look for the rule on the node: `iptables-save -t nat | grep -- '--dport {port}'`, in "
            + "nftables mode `nft list map ip kube-proxy service-nodeports`, in IPVS mode `ipvsadm -Ln | grep {port}`.";

    /** What to check where the node takes others' calls of the port to a service all the while. */
    static final String RULE_SKIPPED = "Where others' calls of the port are served meanwhile, look for what keeps this one from "
            + "kube-proxy's rules: `iptables-save -t raw | grep -E 'NOTRACK|CT '`, `iptables-save -t nat | grep -- '-A PREROUTING'` and "
            + "`nft list ruleset | grep -E 'notrack|accept'`.";

    public static final DeviationType NODE_PORT_CLOSED = new DeviationType("node-port-closed", Severity.ERROR,
            "Node-1 itself refused the connection: nothing answers on this node port",
            "The SYN reaches node1-eth0 and a RST,ACK from N1:nodePort goes back at once with acknowledgement ISN+1; no "
                    + "translated packet leaves in between and the answer's TTL is a node's own (64 before it travels). A datagram "
                    + "is answered with ICMP port unreachable. Not this: a RST that arrived from the pod first and was only translated "
                    + "(connection-refused), or the ICMP port unreachable of a service without endpoints (no-endpoints-reject).",
            List.of("The client uses a port that no service has, or the service got another node port when it was created anew",
                    "kube-proxy does not run on this node, or has not yet synchronised its rules",
                    "kube-proxy serves node ports on other addresses only (nodePortAddresses), or the service is not of type "
                            + "NodePort or LoadBalancer",
                    "The rules are there but are skipped: another nftables or iptables chain accepts the packet before "
                            + "KUBE-SERVICES"),
            List.of("Compare the port with the service's: `kubectl get svc -A -o wide | grep {port}`.",
                    RULE_OF_NODE_PORT,
                    RULE_SKIPPED,
                    "See whether kube-proxy runs there and what it says: `kubectl -n kube-system get pods -o wide | grep "
                            + "kube-proxy` and `kubectl -n kube-system logs KUBE-PROXY-POD | tail`.",
                    "Read when it last synchronised: `curl -s http://localhost:10249/metrics | grep "
                            + "sync_proxy_rules_last_timestamp` on the node.",
                    "Read nodePortAddresses of its configuration: `kubectl -n kube-system get configmap kube-proxy -o yaml | "
                            + "grep -A3 nodePortAddresses`."),
            List.of("RFC 9293, section 3.5.2 (a connection that does not exist is answered with RST; the RST acknowledges the "
                            + "SYN)",
                    "Kubernetes: Service, type NodePort; kube-proxy configuration, nodePortAddresses",
                    "Kubernetes: Virtual IPs and Service Proxies"));

    public static final DeviationType NO_ENDPOINTS_REJECT = new DeviationType("no-endpoints-reject", Severity.ERROR,
            "Node-1 rejected the request: the service has no ready endpoint",
            "The request reaches node1-eth0; an ICMP (or ICMPv6) port unreachable that quotes it, or a RST where the rule "
                    + "rejects with tcp-reset, goes back at once, and no translated packet leaves. The client's connect fails with "
                    + "\"connection refused\" without waiting. Not this: an ICMP error that comes from a pod's address or arrives "
                    + "through the translation (connection-refused for UDP, icmp-unreachable), or a silent drop "
                    + "(local-policy-no-endpoint).",
            List.of("No pod matches the service's selector",
                    "Pods match but none is ready: failing readiness probe, still starting, all terminating",
                    "The service has no selector and its EndpointSlice is missing or empty",
                    "kube-proxy on this node has not yet seen endpoints that exist"),
            List.of("List what the service resolves to: `kubectl -n {namespace} get endpointslices -l "
                            + "kubernetes.io/service-name={service} -o wide`; an empty list or an endpoint that is not ready is the "
                            + "cause.",
                    "Compare selector and labels: `kubectl -n {namespace} get svc {service} -o jsonpath='{.spec.selector}'` and "
                            + "`kubectl -n {namespace} get pods --show-labels`.",
                    "See why pods are not ready: `kubectl -n {pod_namespace} describe pod {pod} | sed -n '/Conditions/,$p'`.",
                    "Confirm it on the node: `iptables-save -t filter | grep 'has no endpoints'` (chains KUBE-SERVICES and "
                            + "KUBE-EXTERNAL-SERVICES), in nftables mode `nft list map ip kube-proxy no-endpoint-services`."),
            List.of("RFC 792 (type 3, code 3) and RFC 4443, section 3.1 (ICMPv6 type 1, code 4)",
                    "Kubernetes: Debug Services, \"Does the Service have any EndpointSlices?\"",
                    "Kubernetes: Virtual IPs and Service Proxies"));

    /** What to check of a pod's call: nothing sends it to another node. */
    static final String INTERNAL_POLICY = "For a call from inside the cluster: compare policy and placement: `kubectl -n {namespace} get "
            + "svc {service} -o jsonpath='{.spec.internalTrafficPolicy}'` and `kubectl -n {namespace} get endpointslices -l "
            + "kubernetes.io/service-name={service} -o wide`; run an endpoint on each node that calls, or set the policy to Cluster.";

    public static final DeviationType LOCAL_POLICY_NO_ENDPOINT = new DeviationType("local-policy-no-endpoint", Severity.ERROR,
            "Node-1 dropped the request on purpose: policy Local and no endpoint on this node",
            "The request reaches node1-eth0 and nothing follows: no translated packet, no RST, no ICMP error; the same service "
                    + "answers on nodes that hold an endpoint. The client repeats its SYN until it times out. Not this: "
                    + "request-not-forwarded, where an endpoint may be used on this node; without the policy and the endpoints both look "
                    + "the same on the wire, unless other nodes show that clients' addresses are kept there for pods of their own.",
            List.of("externalTrafficPolicy is Local and the service's pods run on other nodes",
                    "The load balancer does not probe the health-check node port and sends to every node",
                    "A pod of this node became unready or moved away, and the load balancer has not yet noticed",
                    "internalTrafficPolicy is Local and the calling pod's node has no endpoint"),
            List.of("Compare policy and placement: `kubectl -n {namespace} get svc {service} -o jsonpath='{.spec.externalTrafficPolicy} "
                            + "{.spec.healthCheckNodePort}'` and `kubectl -n {namespace} get endpointslices -l "
                            + "kubernetes.io/service-name={service} -o wide`; send only to nodes that hold an endpoint, or run one on "
                            + "each.",
                    "Ask the node as the load balancer would: `curl -i 'http://{address}:{health_port}/healthz'`; 503 says that it holds "
                            + "no endpoint.",
                    "Confirm the drop on the node: `iptables-save -c -t filter | grep 'has no local endpoints'`, in nftables "
                            + "mode `nft list map ip kube-proxy no-endpoint-nodeports`.",
                    "On AKS, check that the load balancer's probe uses that port: `az network lb probe list -g MC_RG --lb-name "
                            + "kubernetes -o table`.",
                    "Spread the pods, or give up the client's address: a DaemonSet, topologySpreadConstraints, or `kubectl -n "
                            + "{namespace} patch svc {service} -p '{\"spec\":{\"externalTrafficPolicy\":\"Cluster\"}}'`.",
                    INTERNAL_POLICY),
            List.of("Kubernetes: Create an External Load Balancer, \"Preserving the client source IP\"",
                    "Kubernetes: Virtual IPs and Service Proxies, traffic policies",
                    "Kubernetes: Using Source IP"));

    static final Advice ON_PURPOSE = new Advice("Where nothing tells of the service, ask first whether this is on purpose: `kubectl get "
            + "svc -A -o yaml | grep -E 'externalTrafficPolicy: Local|nodePort: {port}'`; under policy Local a node drops what comes from "
            + "outside for a service of which it has no endpoint.",
            "externalTrafficPolicy Local and no endpoint on this node, which only the cluster's state would tell");

    public static final DeviationType REQUEST_NOT_FORWARDED = new DeviationType("request-not-forwarded", Severity.ERROR,
            "Node-1 took the request and neither sent it on nor refused it",
            "The request is at node1-eth0, no translated packet is in the same capture, and Node-1 answers nothing itself. "
                    + "Retransmissions fare the same. Not this: a capture filter on the node port that hides every translated packet "
                    + "(capture-filter-hides-leg), an endpoint on Node-1 itself whose packets show at node1-cbr0 only, or a first SYN "
                    + "that was lost while its retransmission was forwarded (snat-port-race).",
            List.of("A rule in the FORWARD chain drops it: a firewall with policy DROP, a NetworkPolicy of the pod or a host "
                            + "policy of the CNI",
                    "IP forwarding is off on the node, or reverse path filtering is strict and the route back to the client does not lead "
                            + "through eth0 (counter TcpExt IPReversePathFilter)",
                    "No route to the endpoint's pod CIDR, or the neighbour does not answer ARP; usually followed by ICMP host "
                            + "unreachable",
                    "conntrack could not take the entry: table full, insertion failed",
                    ON_PURPOSE.cause()),
            List.of("Read the drop counters of Node-1's forwarding rules while the client retries: `iptables-save -c -t filter | "
                            + "grep -E 'FORWARD|DROP|REJECT'`, in nftables mode `nft list ruleset | grep -E 'hook forward|drop|reject'`.",
                    "Check forwarding and reverse path filtering: `sysctl net.ipv4.ip_forward net.ipv4.conf.all.rp_filter "
                            + "net.ipv4.conf.eth0.rp_filter` and `nstat -az TcpExtIPReversePathFilter`.",
                    "Ask the kernel where it would send it: `ip route get {pod_ip} from {client} iif eth0` and `ip neigh show`.",
                    "List the policies that select the endpoint: `kubectl get networkpolicies -A`.",
                    "Look for refused entries: `conntrack -S` (drop, insert_failed) and `dmesg | grep nf_conntrack`.",
                    ON_PURPOSE.check()),
            List.of("Linux kernel: Documentation/networking/ip-sysctl.rst (ip_forward, rp_filter)",
                    "RFC 3704, section 2 (strict and loose reverse path forwarding)",
                    "Kubernetes: Network Policies"));

    public static final DeviationType SNAT_PORT_RACE = new DeviationType("snat-port-race", Severity.WARNING,
            "The first SYN vanished inside Node-1 while it chose a source port",
            "The first SYN is at node1-eth0 without a translated packet; its retransmission about a second later is translated "
                    + "and everything goes on. Within milliseconds of the lost SYN another new connection to the same endpoint was "
                    + "translated. Not this: a SYN lost before Node-1 or after it left (the twin is missing at another place), or a full "
                    + "conntrack table, which stops every new flow for a while (conntrack-table-full).",
            List.of("Two new connections were given the same masquerade port on two CPUs; conntrack confirms one and drops the "
                            + "other's packet",
                    "The MASQUERADE rule lacks --random-fully: a rule of the CNI or ip-masq-agent, or an old iptables",
                    "Bursts of new connections from few clients to one endpoint raise the odds"),
            List.of("See whether insertions fail as this happens: `conntrack -S | grep -o 'insert_failed=[0-9]*'`, twice, some "
                            + "seconds apart; if the number grows, make every masquerade rule fully random.",
                    "Find masquerade rules without it: `iptables-save -t nat | grep MASQUERADE | grep -v random-fully`, or "
                            + "`nft list ruleset | grep masquerade | grep -v fully-random`.",
                    "Reuse connections instead of opening one per request: keep-alive and pools in the client.",
                    "Compare the kernel's version on the nodes: `kubectl get nodes -o wide`; later kernels resolve more of "
                            + "these clashes (counter clash_resolve)."),
            List.of("kubernetes/kubernetes#76699 (slow connect via NodePort) and #78547 (kube-proxy masquerades with "
                            + "--random-fully)",
                    "kubernetes/kubernetes#56903 (the same race for UDP: DNS delays)",
                    "iptables-extensions(8), MASQUERADE --random-fully"));

    public static final DeviationType CONNTRACK_TABLE_FULL = new DeviationType("conntrack-table-full", Severity.ERROR,
            "Node-1 took no new connection: its conntrack table was full",
            "Over a stretch of time every new flow has its request at node1-eth0 and no translated packet, while packets of "
                    + "flows that already exist are still translated both ways. It ends as suddenly as it began. Not this: a single SYN "
                    + "that is lost (snat-port-race), or a drop rule, which stops the old flows as well or one service only.",
            List.of("nf_conntrack_max is too small for the number of connections",
                    "Entries live too long: established connections that ended without FIN keep their entry for hours",
                    "A burst of short connections or a scan; entries stay two minutes in TIME_WAIT",
                    "DNS or other UDP at a high rate through the same node"),
            List.of("Compare the fill with the limit on the node: `sysctl net.netfilter.nf_conntrack_count "
                            + "net.netfilter.nf_conntrack_max`; raise the limit in kube-proxy's configuration (conntrack.maxPerCore, "
                            + "conntrack.min).",
                    "Look for the kernel's own words: `dmesg -T | grep 'nf_conntrack: table full, dropping packet'`.",
                    "See what fills it: `conntrack -L -p tcp 2>/dev/null | awk '{print $4}' | sort | uniq -c` (by state) and "
                            + "`conntrack -L 2>/dev/null | grep -o 'dst=[^ ]*' | sort | uniq -c | sort -n | tail`.",
                    "Compare the timeouts: `sysctl net.netfilter.nf_conntrack_tcp_timeout_established "
                            + "net.netfilter.nf_conntrack_tcp_timeout_time_wait`.",
                    "On AKS set it per node pool: `az aks nodepool add ... --linux-os-config FILE` with "
                            + "netNetfilterNfConntrackMax."),
            List.of("Linux kernel: Documentation/networking/nf_conntrack-sysctl.rst (nf_conntrack_max, nf_conntrack_buckets)",
                    "kubernetes/kubernetes#18604 (conntrack limits and timeouts)",
                    "AKS: Customize node configuration, Linux OS custom configuration"));

    /** What to check where the endpoint's node got it: no route between the nodes explains that. */
    static final String ARRIVED_AT_NODE = "If it arrives at Node-2, read its counters: `nstat -az TcpExtIPReversePathFilter` and "
            + "`iptables-save -c | grep -E 'DROP|REJECT'`.";

    public static final DeviationType REQUEST_LOST_BETWEEN_NODES = new DeviationType("request-lost-between-nodes", Severity.ERROR,
            "The translated request left Node-1 and never reached the endpoint's node",
            "The translated packet is at node1-eth0 and is missing at node2-cbr0 inside the overlapping windows, each time the "
                    + "client sends it again. With a capture at node2-eth0 the hop splits: missing there, the network between the nodes "
                    + "lost it; present there, Node-2 did not deliver it. Not this: a pod on another node than the one captured, an "
                    + "overlay that shows the packet inside VXLAN or Geneve at eth0, or single losses that a retransmission heals (loss).",
            List.of("The route table has no route for the pod CIDR of the endpoint's node, or it names a wrong next hop",
                    "A network security group or firewall between the nodes drops traffic with pod addresses",
                    "IP forwarding is off on the node's network interface in the cloud, so that packets for addresses other "
                            + "than its own are dropped",
                    "Node-2 drops it: rp_filter, FORWARD policy, NetworkPolicy at the pod",
                    "The overlay's tunnel is blocked: UDP 4789 or 8472 (VXLAN), 6081 (Geneve), IP protocol 4"),
            List.of("Compare the routes with the pod CIDRs: `kubectl get nodes -o "
                            + "'custom-columns=IP:.status.addresses[0].address,CIDR:.spec.podCIDR'` and `az network "
                            + "route-table route list -g MC_RG --route-table-name RT -o table`, elsewhere `ip route` on Node-1.",
                    "Read the effective routes and rules of Node-1's interface: `az network nic show-effective-route-table -g "
                            + "RG -n NIC -o table` and `az network nic list-effective-nsg -g RG -n NIC`.",
                    "Split the hop: `tcpdump -ni eth0 -w node2-eth0.pcap 'host {pod_ip} or udp port 4789 or udp port 8472'` on Node-2, "
                            + "together with the others.",
                    ARRIVED_AT_NODE,
                    "See whether the interface forwards: `az network nic show -g RG -n NIC --query enableIPForwarding`."),
            List.of("Kubernetes: Cluster Networking",
                    "Azure: Virtual network traffic routing, user-defined routes; AKS: kubenet networking",
                    "RFC 7348 (VXLAN), RFC 8926 (Geneve)"));

    public static final DeviationType POD_CIDR_ROUTE_MISSING = new DeviationType("pod-cidr-route-missing", Severity.ERROR,
            "No packet for any pod of this node arrives there: its pod CIDR has no route",
            "As request-lost-between-nodes, for every endpoint of one node, while endpoints of other nodes answer through the "
                    + "same Node-1. One service therefore fails for a part of its connections, about the share of endpoints that the "
                    + "node holds. Not this: one pod that is silent while its neighbours on the node answer, or a node that gets the "
                    + "packets and drops them.",
            List.of("The route for this node's pod CIDR is missing: the node was added or renamed while the route controller "
                            + "failed",
                    "The route table is not attached to the subnet of the nodes, or another one replaced it",
                    "The route points to an address that the node no longer has",
                    "With BGP or a CNI daemon: the peer or the agent on this node is down and its route was withdrawn"),
            List.of("Look for the node's CIDR among the routes: `kubectl get node {endpoint_node} -o jsonpath='{.spec.podCIDR}'`, then "
                            + "`az network route-table route list -g MC_RG --route-table-name RT -o table`; elsewhere `ip route get "
                            + "{pod_ip}` on Node-1.",
                    "See whether the table serves the nodes' subnet: `az network vnet subnet show -g RG --vnet-name VNET -n "
                            + "SUBNET --query routeTable.id`.",
                    "Read the node's condition: `kubectl describe node {endpoint_node} | grep -A8 Conditions` (NetworkUnavailable, "
                            + "reason NoRouteCreated).",
                    "With a CNI daemon, see whether it runs there: `kubectl -n kube-system get pods -o wide --field-selector "
                            + "spec.nodeName={endpoint_node}`."),
            List.of("AKS: Use kubenet networking, \"Bring your own subnet and route table\"",
                    "Kubernetes: Cloud Controller Manager, route controller",
                    "Azure: Virtual network traffic routing"));

    static final String TRY_WITHOUT_SERVICE = "Try it from the node, without the service: `nc -vz {pod_ip} {pod_port}`.";

    public static final DeviationType CONNECTION_REFUSED = new DeviationType("connection-refused", Severity.ERROR,
            "The pod refused the connection: nothing listens on the target port",
            "The SYN reaches node2-cbr0; from the pod's address comes a RST,ACK with acknowledgement ISN+1 (for UDP an ICMP "
                    + "port unreachable) within microseconds, goes back through Node-1 and reaches the client translated. Not this: a "
                    + "RST that Node-1 sends without a translated packet before it (node-port-closed), or a RST after the handshake "
                    + "(reset-by-pod).",
            List.of("The service's targetPort is not the port on which the container listens",
                    "The process listens on 127.0.0.1 only",
                    "The process has not started, has crashed, or is being restarted",
                    "A sidecar or host firewall rejects with tcp-reset"),
            List.of("Compare what is asked with what listens: `kubectl -n {namespace} get svc {service} -o jsonpath='{.spec.ports}'` "
                            + "and `kubectl -n {pod_namespace} exec {pod} -- ss -ltnp` (the local address must be 0.0.0.0, [::] or the "
                            + "pod's).",
                    TRY_WITHOUT_SERVICE,
                    "See whether the container restarts: `kubectl -n {pod_namespace} get pod {pod} -o wide` and `kubectl -n "
                            + "{pod_namespace} logs {pod} --previous | tail`.",
                    "Keep unready pods out of the service with a readiness probe on that very port: `kubectl -n {pod_namespace} get pod "
                            + "{pod} -o jsonpath='{.spec.containers[*].readinessProbe}'`."),
            List.of("RFC 9293, sections 3.5.2 and 3.10.7.1 (state CLOSED)",
                    "RFC 1122, section 4.1.3.1 (UDP: port unreachable)",
                    "Kubernetes: Debug Services, \"Are the Pods working?\""));

    private static final String CAUSE_STALLED = "The process or its CPU quota is stalled (throttling, garbage collection, debugger); for "
            + "UDP the process reads nothing";
    private static final String CAUSE_GONE = "The pod is gone: it was deleted or evicted while the connection was open";
    /** A backlog is of new connections: what to check of datagrams, of a connection that was open, and of one that was acknowledged. */
    static final Advice POD_READS_NO_DATAGRAMS = new Advice("For datagrams: see whether the process reads what comes: `kubectl -n "
            + "{pod_namespace} exec {pod} -- ss -lunp` (Recv-Q) and `kubectl -n {pod_namespace} exec {pod} -- nstat -az UdpInErrors "
            + "UdpRcvbufErrors`.", CAUSE_STALLED);
    static final Advice POD_LEFT_CONNECTION = new Advice("For a connection that was open: not even the pod's kernel acknowledges any more; "
            + "see whether the pod is still there, and since when: `kubectl -n {pod_namespace} get pod {pod} -o wide` and `kubectl -n "
            + "{pod_namespace} describe pod {pod} | tail -20`.", CAUSE_GONE);
    static final Advice POD_TOOK_QUESTION = new Advice("For a question that the pod's kernel took: see what the process waits for: "
            + "`kubectl -n {pod_namespace} logs {pod} --timestamps | tail -50`, and whether it is throttled: `kubectl -n {pod_namespace} "
            + "exec {pod} -- cat /sys/fs/cgroup/cpu.stat` (nr_throttled).", CAUSE_STALLED);

    public static final DeviationType NO_REPLY_FROM_POD = new DeviationType("no-reply-from-pod", Severity.ERROR,
            "The request went to the pod, which answered nothing",
            "The request, usually again after 1, 3 and 7 seconds, is at node2-cbr0 and no packet comes back from the pod; "
                    + "other connections to the same pod may work. Or the pod's kernel acknowledges a question (HTTP, TLS, or what "
                    + "others were soon answered), and not one byte comes until the client gives up or the pod closes. Not this: an answer "
                    + "that leaves the bridge and is lost later (reply-lost-between-nodes), an address that no pod has any more "
                    + "(stale-endpoint; ARP requests without answer and ICMP host unreachable after about three seconds show it), or a "
                    + "capture of the request's direction only.",
            List.of("The listen backlog is full: the process accepts too slowly, and the kernel drops SYNs",
                    "A NetworkPolicy or firewall drops between bridge and container",
                    CAUSE_STALLED,
                    "The pod routes its answer out of another interface, or has no default route",
                    CAUSE_GONE),
            List.of("Look for overflowing backlogs in the pod: `kubectl -n {pod_namespace} exec {pod} -- ss -ltn` (Recv-Q at Send-Q) "
                            + "and `kubectl -n {pod_namespace} exec {pod} -- nstat -az TcpExtListenOverflows TcpExtListenDrops`.",
                    "List the policies that select it: `kubectl -n {namespace} get networkpolicies -o wide`, and read drop counters on "
                            + "its node: `iptables-save -c | grep -E 'DROP|REJECT'`.",
                    "Capture inside the pod to see whether the packet gets that far: `nsenter -t $(pgrep -o PROCESS) -n tcpdump -ni "
                            + "eth0 -w pod.pcap port {pod_port}`.",
                    "Check the route back: `kubectl -n {pod_namespace} exec {pod} -- ip route get {source}`.",
                    POD_READS_NO_DATAGRAMS.check(), POD_LEFT_CONNECTION.check(), POD_TOOK_QUESTION.check()),
            List.of("listen(2) and tcp(7): somaxconn, tcp_abort_on_overflow; Documentation/networking/ip-sysctl.rst",
                    "RFC 6298, section 5",
                    "Kubernetes: Network Policies"));

    public static final DeviationType STALE_ENDPOINT = new DeviationType("stale-endpoint", Severity.ERROR,
            "Node-1 sends to an endpoint that is gone",
            "The translated request goes to an address that is in no EndpointSlice of the service, or that answers no "
                    + "connection any more while the other endpoints do. Its node often answers ICMP host unreachable after about three "
                    + "seconds of unanswered ARP, and this comes back through the translation to the client. Not this: a live pod that "
                    + "is merely slow or refuses (no-reply-from-pod, connection-refused); without the cluster's state it stays a "
                    + "possibility.",
            List.of("kube-proxy on Node-1 lags behind or is stuck, and its rules still name the old pod",
                    "The pod was terminated before it left the rules of all nodes; its process ends on SIGTERM at once",
                    "IPVS reuses an old connection entry for a new connection from the same source port",
                    "An EndpointSlice kept by hand names an address that is no longer there"),
            List.of("Compare the address with the endpoints: `kubectl -n {namespace} get endpointslices -l "
                            + "kubernetes.io/service-name={service} -o wide` and `kubectl get pods -A -o wide | grep {pod_ip}`.",
                    "Compare with the rules on Node-1: `iptables-save -t nat | grep {pod_ip}`, `nft list ruleset | grep {pod_ip}` or "
                            + "`ipvsadm -Ln | grep {pod_ip}`.",
                    "See whether kube-proxy keeps up: `kubectl -n kube-system logs KUBE-PROXY-POD | tail` and `curl -s "
                            + "http://localhost:10249/metrics | grep -E "
                            + "'network_programming_duration_seconds_(sum|count)|sync_proxy_rules_last'` on the node.",
                    "Let pods drain: a preStop hook that sleeps 15 seconds and a terminationGracePeriodSeconds that outlasts "
                            + "the update of all nodes.",
                    "In IPVS mode: `sysctl net.ipv4.vs.conn_reuse_mode net.ipv4.vs.expire_nodest_conn` and `ipvsadm -Lnc | grep "
                            + "{pod_ip}`."),
            List.of("Kubernetes: Pod Lifecycle, termination of Pods; EndpointSlices, conditions",
                    "kubernetes/kubernetes#81775 and #71358 (IPVS: conn_reuse_mode, expire_nodest_conn)",
                    "RFC 1812, section 5.2.7.1 (host unreachable)"));

    public static final DeviationType HALF_OPEN = new DeviationType("half-open", Severity.WARNING,
            "The handshake began and was never finished",
            "A SYN was answered by a SYN-ACK, and the final ACK never came or never got through; the side that waits repeats "
                    + "its packet. Neither side's fault is proven by the captures at hand. Not this: a handshake whose loss is located "
                    + "at a hop (that hop's code is reported), a SYN scan or health probe that resets after the SYN-ACK on purpose, or a "
                    + "capture that ended in between.",
            List.of("The client gave up or vanished between SYN and ACK",
                    "The SYN-ACK or the ACK was lost where no capture could show it",
                    "The answer takes another way back and a firewall on the client's side drops it, having seen no SYN",
                    "A SYN flood or a scanner that never finishes"),
            List.of("Follow the SYN-ACK point by point: `tshark -r node1-eth0.pcap -Y 'tcp.flags.syn==1 && tcp.flags.ack==1'`, and "
                            + "capture also at the client: `tcpdump -ni any -w client.pcap host {address}`.",
                    "See how the endpoint counts it: `kubectl -n {pod_namespace} exec {pod} -- ss -tn state syn-recv`.",
                    "See how the node counts it: `conntrack -L -p tcp --state SYN_RECV`.",
                    "Compare both directions' routes: `ip route get {client}` on Node-1 and `ip route get {address}` at the client."),
            List.of("RFC 9293, sections 3.5 and 3.5.1",
                    "RFC 4987 (SYN flooding)",
                    "Linux kernel: Documentation/networking/ip-sysctl.rst (tcp_synack_retries, tcp_abort_on_overflow)"));

    public static final DeviationType NODE_PORT_IN_EPHEMERAL_RANGE = new DeviationType("node-port-in-ephemeral-range", Severity.WARNING,
            "The node itself opens connections from ports that belong to node ports",
            "At node1-eth0 the node's own connections carry a source port inside the node-port range (default 30000-32767), "
                    + "though no service answers there. The next such connection may take the very port that a service is about to use, "
                    + "and its answers then meet the service's DNAT rule. Not this: a masqueraded client (Linux keeps a free source "
                    + "port, which may lie in the range), or an answer from a node port.",
            List.of("net.ipv4.ip_local_port_range was widened over 30000-32767 and ip_local_reserved_ports was not set",
                    "The node-port range was moved into the local port range (--service-node-port-range)",
                    "A process on the node binds such ports itself"),
            List.of("Compare the ranges on every node: `sysctl net.ipv4.ip_local_port_range net.ipv4.ip_local_reserved_ports`, "
                            + "and reserve the node ports: `sysctl -w net.ipv4.ip_local_reserved_ports=30000-32767`.",
                    "Read the cluster's node-port range: `kubectl -n kube-system get pod -l component=kube-apiserver -o yaml | "
                            + "grep service-node-port-range` (default 30000-32767).",
                    "See who uses such ports on the node: `ss -tnp sport ge :30000 and sport le :32767`.",
                    "On AKS set netIpv4IpLocalPortRange of the node pool outside of it: `az aks nodepool add ... "
                            + "--linux-os-config FILE`."),
            List.of("Linux kernel: Documentation/networking/ip-sysctl.rst (ip_local_port_range, ip_local_reserved_ports)",
                    "Kubernetes: kube-apiserver, --service-node-port-range",
                    "RFC 6056, section 2.1 (ephemeral ports)"));

    public static final DeviationType HEALTH_PROBE_FAILING = new DeviationType("health-probe-failing", Severity.WARNING,
            "Health probes to this node are not answered, or answered with failure",
            "Packets from the load balancer's probe source (on Azure 168.63.129.16) reach the node port or the "
                    + "healthCheckNodePort and get a RST, nothing, or HTTP 503. The load balancer then takes the node out, so that new "
                    + "client traffic does not come at all. Not this: a 503 from a node without local endpoint under "
                    + "externalTrafficPolicy Local, which is how the load balancer learns to leave it out; it is a fault only where "
                    + "every node says so.",
            List.of("No endpoint of the service is ready, or with policy Local none runs on this node",
                    "A security group or host firewall blocks the probe's source",
                    "The probe's protocol, port or path is wrong: HTTP path / of an application that answers 404 there",
                    "kube-proxy does not run on this node; its healthCheckNodePort and healthz do not answer"),
            List.of("Ask as the probe does: `curl -i 'http://{address}:{port}/healthz'`, or with the probe's own path where the policy is "
                            + "not Local, and compare with `az network lb probe list -g MC_RG --lb-name kubernetes -o table`.",
                    "Let the probe's source through: `az network nic list-effective-nsg -g RG -n NIC | grep -i "
                            + "AzureLoadBalancer`.",
                    "See whether the service has ready endpoints: `kubectl -n {namespace} get endpointslices -l "
                            + "kubernetes.io/service-name={service} -o wide`.",
                    "On AKS set the probe's path: `kubectl -n {namespace} annotate svc {service} "
                            + "service.beta.kubernetes.io/azure-load-balancer-health-probe-request-path=/healthz`.",
                    "Follow the metric of the load balancer: `az monitor metrics list --resource LB_ID --metric "
                            + "DipAvailability`."),
            List.of("Azure: Load Balancer health probes; What is IP address 168.63.129.16?",
                    "Kubernetes: Create an External Load Balancer, healthCheckNodePort",
                    "AKS: Use a public standard load balancer, annotations"));

    /** This group, in the order of the page. */
    static final List<DeviationType> ALL = List.of(
            REQUEST_LOST_BEFORE_NODE1, NODE_PORT_CLOSED, NO_ENDPOINTS_REJECT, LOCAL_POLICY_NO_ENDPOINT, REQUEST_NOT_FORWARDED,
            SNAT_PORT_RACE, CONNTRACK_TABLE_FULL, REQUEST_LOST_BETWEEN_NODES, POD_CIDR_ROUTE_MISSING, CONNECTION_REFUSED,
            NO_REPLY_FROM_POD, STALE_ENDPOINT, HALF_OPEN, NODE_PORT_IN_EPHEMERAL_RANGE, HEALTH_PROBE_FAILING);

    private EstablishmentTypes() {
    }
}
