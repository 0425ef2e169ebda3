package io.nattrail.deviation;

import java.util.List;

/** Deviations of connections that broke or slowed after they were established: what each code means, whatever the flow. */
public final class EstablishedTypes {
    /** What to check where a silence came before the segment: no tolerance of windows helps a node that has no entry. */
    static final String NODE_FORGOT = "After a silence, compare it with how long conntrack keeps connections: `sysctl -a 2>/dev/null | "
            + "grep nf_conntrack_tcp_timeout` (close_wait and fin_wait once one side has said FIN); keep-alives below it, or a longer "
            + "time, help. See who else deletes entries: `conntrack -E -e DESTROY --orig-src {client}`.";

    public static final DeviationType NODE_RESET_ON_INVALID = new DeviationType("node-reset-on-invalid", Severity.ERROR,
            "Node-1's own kernel reset a connection, because conntrack called a segment INVALID",
            "A segment of the pod reaches node1-eth0 and is not translated back to the client; at once a RST leaves N1:M -> "
                    + "pod that no client sent, with the sequence number that the segment acknowledged. The pod drops the connection, "
                    + "and the client learns of it later: its next segment is answered with RST, or it waits. The same the other way "
                    + "round: a segment of the client has no translated twin, and a RST with an untouched TTL leaves N1:nodePort -> "
                    + "client that no pod sent. Not this: a RST that the client sent and Node-1 translated (reset-by-client), or a "
                    + "segment that is dropped without RST (invalid-dropped).",
            List.of("A segment outside the window that conntrack tracks: late or reordered (older kernels), or window scaling "
                            + "not seen",
                    "The rule that drops INVALID packets is missing in INPUT or FORWARD, so that the segment reaches the "
                            + "node's own stack",
                    "Packets lost between conntrack and the client, so that conntrack's view of the window lags",
                    "Checksums that conntrack finds wrong (nf_conntrack_checksum), with offloading of tunnels",
                    "No conntrack entry any more: it expired in a silence, or was deleted"),
            List.of("Make conntrack tolerant of segments outside the window: `sysctl -w "
                            + "net.netfilter.nf_conntrack_tcp_be_liberal=1` on the nodes, lastingly conntrack.tcpBeLiberal in "
                            + "kube-proxy's configuration.",
                    "Or drop what is INVALID before the stack answers: `iptables -t filter -I INPUT -p tcp -m conntrack "
                            + "--ctstate INVALID -j DROP`; see whether kube-proxy's own rule counts: `iptables-save -c -t filter | grep "
                            + "'ctstate INVALID'`.",
                    "Have the kernel tell why: `sysctl -w net.netfilter.nf_conntrack_log_invalid=6`, then `dmesg | grep "
                            + "nf_ct_proto_6`.",
                    "Count them: `conntrack -S | grep -o 'invalid=[0-9]*'`, twice.",
                    NODE_FORGOT),
            List.of("kubernetes/kubernetes#74839, #74840 and #117924",
                    "Kubernetes blog, 29 March 2019: kube-proxy Subtleties: Debugging an Intermittent Connection Reset",
                    "Linux kernel: Documentation/networking/nf_conntrack-sysctl.rst (nf_conntrack_tcp_be_liberal)"));

    public static final DeviationType INVALID_DROPPED = new DeviationType("invalid-dropped", Severity.WARNING,
            "Node-1 dropped single answers that conntrack called INVALID",
            "A segment of the pod reaches node1-eth0 without a translated twin, no RST follows, and a later copy of the same "
                    + "bytes passes. It costs a retransmission, no more. Not this: a segment without later copy (reply-not-forwarded), "
                    + "loss between the nodes, where the segment never reaches node1-eth0, or a keep-alive or duplicate ACK that nobody "
                    + "needs.",
            List.of("A segment that conntrack cannot place: beyond the tracked window, or acknowledging what it has not seen",
                    "A wrong checksum: conntrack leaves such a segment alone, and the node's stack drops it (checksum-bad)",
                    "kube-proxy's rule drops INVALID in the FORWARD chain, as it should",
                    "Segments after the close, when the entry is already in TIME_WAIT or gone"),
            List.of("Nothing, if rare: this is the harmless variant; see how often the rule counts: `iptables-save -c -t "
                            + "filter | grep 'ctstate INVALID'`.",
                    "Look for the reordering or loss that causes it: `tshark -r node1-eth0.pcap -Y 'tcp.analysis.out_of_order "
                            + "|| tcp.analysis.retransmission'`.",
                    "If it delays, make conntrack tolerant: `sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1`.",
                    "Have the kernel tell why: `sysctl -w net.netfilter.nf_conntrack_log_invalid=6`, then `dmesg | grep "
                            + "nf_ct_proto_6`."),
            List.of("kubernetes/kubernetes#74840 and #94861",
                    "Linux kernel: Documentation/networking/nf_conntrack-sysctl.rst"));

    /** What to check where the endpoint had closed in good order and the client used the connection once more. */
    static final String POOL_GIVES_UP_FIRST = "Compare the server's keep-alive timeout with the client's pause: the client's pool must "
            + "give up first. Where many connections got the FIN at one moment, the process ended: `kubectl -n {pod_namespace} describe "
            + "pod {pod} | grep -A8 'Last State'`.";

    public static final DeviationType RESET_BY_POD = new DeviationType("reset-by-pod", Severity.ERROR,
            "The pod reset the established connection",
            "A RST with the pod's address appears first at node2-cbr0 (or in the pod), in sequence, and is carried back to the "
                    + "client through Node-1. Its TTL and IP identification fit the pod's other packets. On a quiet connection, at least "
                    + "200 ms after an answer that the client has acknowledged, it cuts nothing off and is a warning; in answer to the "
                    + "client's FIN, after all data, a remark. Not this: a RST before the handshake is complete (connection-refused), or "
                    + "one that first appears at a node or between two points (node-reset-on-invalid, reset-midstream).",
            List.of("The application closed with unread data in the socket, or with SO_LINGER 0",
                    "The process ended or was killed (OOM, eviction, rolling update) while the connection was open",
                    "Idle timeout of the server or of its sidecar, and the client wrote in that moment",
                    "The pod does not know the connection: it was restarted, or the translation changed underneath "
                            + "(nat-remapped-midflow)"),
            List.of("Look at the pod at that very time: `kubectl -n {pod_namespace} describe pod {pod} | grep -A8 'Last State'` and "
                            + "`kubectl -n {pod_namespace} logs {pod} --previous --timestamps | tail`.",
                    "Look for kills and evictions: `kubectl -n {namespace} get events --sort-by=.lastTimestamp | grep -E "
                            + "'Killing|OOM|Evicted|Unhealthy'`.",
                    POOL_GIVES_UP_FIRST,
                    "Tell why the kernel reset: `kubectl -n {pod_namespace} exec {pod} -- nstat -az TcpExtTCPAbortOnData "
                            + "TcpExtTCPAbortOnClose TcpExtTCPAbortOnTimeout`."),
            List.of("RFC 9293, section 3.5.2",
                    "RFC 2525, section 2.17 (failure to RST on close with data pending)",
                    "Kubernetes: Pod Lifecycle, termination of Pods"));

    public static final DeviationType RESET_BY_CLIENT = new DeviationType("reset-by-client", Severity.WARNING,
            "The client reset the connection",
            "A RST with the client's address appears first at the client and is carried through Node-1 to the pod. It is a "
                    + "deviation if answers were outstanding; many clients end a finished exchange this way on purpose. Not this: a RST "
                    + "towards the pod that no client sent (node-reset-on-invalid), or one that answers a stray untranslated segment "
                    + "(reset-by-client-on-stray-packet).",
            List.of("The client's timeout: it gave up waiting for the answer",
                    "The client closed with unread data, or with SO_LINGER 0",
                    "The client's process ended",
                    "A security appliance or proxy on the client's host"),
            List.of("Compare the time from request to RST with the client's timeout: `tshark -r {file} -Y "
                            + "'tcp.flags.reset==1' -T fields -e frame.time_relative -e tcp.time_delta`; a round number is a setting.",
                    "If it waited, find where: the latencies of the steps tell whether the pod or a hop took the time.",
                    "Read the client's log at that time, and its connection pool's settings."),
            List.of("RFC 9293, section 3.5.2",
                    "RFC 2525, section 2.17"));

    public static final DeviationType RESET_MIDSTREAM = new DeviationType("reset-midstream", Severity.ERROR,
            "Something between two capture points reset the connection",
            "The RST appears at one point and at no point nearer to its alleged sender; its TTL or IP identification is unlike "
                    + "that of the sender's other packets, often both ends get one. Not this: a RST that Node-1's kernel sends on an "
                    + "INVALID segment (node-reset-on-invalid), and a load balancer that announces its idle timeout by RST "
                    + "(idle-timeout-drop).",
            List.of("A firewall, intrusion prevention or proxy appliance that ends the connection by policy",
                    "A stateful device that has lost the connection: failover, restart, asymmetric path",
                    "A security policy in the cluster with action reject (REJECT --reject-with tcp-reset)",
                    "A load balancer with TCP reset on idle or on backend removal"),
            List.of("Count the hops from the RST's TTL to find the device: `tshark -r {file} -Y tcp.flags.reset==1 -T fields -e "
                            + "ip.src -e ip.ttl -e ip.id`, then `traceroute -T -p {port} {address}`.",
                    "Read the log of the devices on this hop for both addresses at that time; on Azure: `az monitor log-analytics query "
                            + "-w WORKSPACE --analytics-query \"AZFWNetworkRule | where SourceIp == '{client}'\"`.",
                    "Look for reject rules on the nodes: `iptables-save -c | grep tcp-reset` and `nft list ruleset | grep "
                            + "'reject with tcp reset'`.",
                    "Check that both directions take the same way: `az network nic show-effective-route-table -g RG -n NIC -o "
                            + "table` on both sides."),
            List.of("RFC 9293, section 3.5.3; RFC 5961, section 3 (only resets exactly in sequence are believed)",
                    "RFC 3360 (inappropriate TCP resets)",
                    "Azure Load Balancer: TCP Reset and idle timeout"));

    public static final DeviationType RESET_BY_CLIENT_ON_STRAY_PACKET = new DeviationType("reset-by-client-on-stray-packet", Severity.ERROR,
            "The client reset a packet that came to it untranslated",
            "A segment with the pod's address reaches the client instead of the node port's; the client knows no such "
                    + "connection and answers RST to the pod's address. The RST goes straight to the pod or to Node-1, and if it is in "
                    + "sequence the pod ends the real connection. Not this: a RST on the connection itself (reset-by-client), or a whole "
                    + "handshake that bypasses Node-1 (reply-bypasses-node1).",
            List.of("Node-1's conntrack called the pod's segment INVALID and forwarded it untranslated "
                            + "(reply-leaks-untranslated)",
                    "The conntrack entry had expired or was deleted",
                    "The pod's node routes some answers past Node-1"),
            List.of("Look at how the stray segment came: `tcpdump -nr client.pcap src host {pod_ip}`; if it is at node1-eth0 too, make "
                            + "conntrack there tolerant: `sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1`.",
                    "Or drop INVALID packets on Node-1: `iptables-save -c -t filter | grep 'ctstate INVALID'` shows whether "
                            + "kube-proxy's rule is there and counts.",
                    "Keep the entry alive: `sysctl net.netfilter.nf_conntrack_tcp_timeout_established`, keep-alives in the "
                            + "application below it.",
                    "If it did not pass Node-1, compare routes: `ip route get {client} from {pod_ip} iif cbr0` on the endpoint's node."),
            List.of("kubernetes/kubernetes#74839",
                    "Kubernetes blog, 29 March 2019: kube-proxy Subtleties: Debugging an Intermittent Connection Reset",
                    "RFC 9293, section 3.5.2"));

    public static final DeviationType IDLE_TIMEOUT_DROP = new DeviationType("idle-timeout-drop", Severity.ERROR,
            "The connection was forgotten on the way while it was silent",
            "After a silence of T the next data are not answered, or are answered with a RST that neither end sent; before the "
                    + "silence all was well. Over several flows T is alike and just above a round value: 4 minutes for an Azure load "
                    + "balancer. Not this: an application that closes idle connections itself (FIN, or RST of the pod), or a loss that a "
                    + "retransmission heals.",
            List.of("A load balancer's or firewall's idle timeout is shorter than the pause",
                    "The conntrack entry on a node expired",
                    "Outbound NAT of the cloud forgot the connection",
                    "A VPN or NAT at the client's side"),
            List.of("Send keep-alives more often than the finding's silence: `sysctl -w net.ipv4.tcp_keepalive_time=120` helps only "
                            + "sockets with SO_KEEPALIVE, so set it in the application or its pool.",
                    "Raise the timeout where it is: on AKS `kubectl -n {namespace} annotate svc {service} "
                            + "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout=30`, see it with `az network lb rule "
                            + "list -g MC_RG --lb-name kubernetes --query '[].{n:name,idle:idleTimeoutInMinutes,reset:enableTcpReset}' "
                            + "-o table`.",
                    "Read the nodes' own: `sysctl net.netfilter.nf_conntrack_tcp_timeout_established "
                            + "net.netfilter.nf_conntrack_tcp_timeout_close_wait`.",
                    "Let it be announced instead of silent: TCP reset of the load balancer (enableTcpReset)."),
            List.of("Azure Load Balancer: TCP Reset and idle timeout",
                    "RFC 5382, section 5 (REQ-5: not less than 2 hours 4 minutes)",
                    "RFC 9293, section 3.8.4 (keep-alives)"));

    /** Outside of the cluster nobody has a pod's bridge, nor need it be in the same fabric. */
    static final String ROUTE_FROM_OUTSIDE = "Ask the server that answered, which is outside the cluster, for its route back: "
            + "`ip route get {source} from {pod_ip}`, and read what filters answers on the way to the node: "
            + "`az network nic list-effective-nsg -g RG -n NIC`.";

    public static final DeviationType REPLY_LOST_BETWEEN_NODES = new DeviationType("reply-lost-between-nodes", Severity.ERROR,
            "The pod's answer left its node and never came back to Node-1",
            "The answer is at node2-cbr0, again and again, and missing at node1-eth0 inside the overlapping windows. The "
                    + "request's direction works. Not this: an answer that goes to the client's address past Node-1 "
                    + "(reply-bypasses-node1), a capture filter on Node-1 that hides pod addresses (capture-filter-hides-leg), or single "
                    + "losses (loss).",
            List.of("The endpoint's node has no route back to Node-1's address, or uses another interface",
                    "A security group or firewall allows one direction only, being stateless or not having seen the request",
                    "Source checks: IP forwarding is off on the interface of the endpoint's node, so that packets with pod "
                            + "addresses are not let out",
                    "Egress NetworkPolicy or FORWARD policy on the endpoint's node"),
            List.of("Ask for the route on the endpoint's node: `ip route get {source} from {pod_ip} iif cbr0`, and in the fabric `az "
                            + "network nic show-effective-route-table -g RG -n NIC -o table`.",
                    "See whether its interface forwards: `az network nic show -g RG -n NIC --query enableIPForwarding`.",
                    "Read the security rules of both interfaces for the pod's address as source: `az network nic "
                            + "list-effective-nsg -g RG -n NIC`.",
                    "Split the hop: `tcpdump -ni eth0 -w node2-eth0.pcap host {source}` on the endpoint's node; and its drop counters: "
                            + "`iptables-save -c | grep -E 'DROP|REJECT'`.",
                    ROUTE_FROM_OUTSIDE),
            List.of("Azure: Virtual network traffic routing; Enable or disable IP forwarding",
                    "Kubernetes: Cluster Networking; Network Policies"));

    /** What to check where the node itself told the pod that nobody has the port: it had no translation for the answer. */
    static final String DATAGRAM_FORGOTTEN = "For a datagram that the node refused: compare the pod's time with how long conntrack waits "
            + "for an answer: `sysctl net.netfilter.nf_conntrack_udp_timeout net.netfilter.nf_conntrack_udp_timeout_stream`, and see who "
            + "else deletes entries: `conntrack -E -e DESTROY -p udp --orig-src {client}`.";

    public static final DeviationType REPLY_NOT_FORWARDED = new DeviationType("reply-not-forwarded", Severity.ERROR,
            "Node-1 got the pod's answer and did not pass it on to the client",
            "The answer reaches node1-eth0, again and again, and no translated answer leaves it. Not this: a capture filter "
                    + "that hides the client's side, single segments dropped as INVALID (invalid-dropped), an answer passed on "
                    + "untranslated (reply-leaks-untranslated), or Node-1 resetting the pod (node-reset-on-invalid).",
            List.of("No conntrack entry any more: expired, deleted, or created under another zone",
                    "A rule in FORWARD drops answers: no ESTABLISHED rule before the policy DROP",
                    "Reverse path filtering: the route to the pod does not lead through the interface the answer came in by",
                    "No route to the client"),
            List.of("Look for the entry on Node-1: `conntrack -L -p {protocol} --orig-src {client} --orig-port-dst {port}`, and watch it "
                            + "go with `conntrack -E -e DESTROY --orig-src {client}`.",
                    "Read counters in the forwarding path: `iptables-save -c -t filter | grep -E 'FORWARD|DROP|REJECT'`, or "
                            + "`nft list ruleset | grep -E 'hook forward|drop'`.",
                    "Check the route and the filter: `ip route get {client} from {pod_ip} iif eth0` and `nstat -az "
                            + "TcpExtIPReversePathFilter`.",
                    "Count what conntrack refuses: `conntrack -S | grep -oE '(invalid|drop)=[0-9]*'`.",
                    DATAGRAM_FORGOTTEN),
            List.of("Linux kernel: Documentation/networking/nf_conntrack-sysctl.rst; ip-sysctl.rst (rp_filter)",
                    "kubernetes/kubernetes#74840"));

    public static final DeviationType REPLY_LOST_BEFORE_CLIENT = new DeviationType("reply-lost-before-client", Severity.ERROR,
            "Node-1 sent the answer and it never reached the client",
            "The translated answer leaves node1-eth0 and is missing at the client inside the overlapping windows, each time it "
                    + "is repeated. The client keeps sending its request. Not this: a client capture with a filter, a client behind NAT "
                    + "whose packets have other addresses there, or single losses (loss).",
            List.of("A firewall or security group on the way back or at the client",
                    "The route back differs: Node-1 sends through another gateway than the request came by, and a stateful "
                            + "device drops it",
                    "The client's host filters: firewall, rp_filter",
                    "No route to the client's network at Node-1's gateway"),
            List.of("Ask for the route back: `ip route get {client}` on Node-1, and `az network nic show-effective-route-table -g RG -n "
                            + "NIC -o table`.",
                    "Read outbound rules of the node and inbound rules of the client: `az network nic list-effective-nsg -g RG "
                            + "-n NIC`, on the client `iptables-save -c | grep -E 'DROP|REJECT'`.",
                    "Test as the fabric sees it: `az network watcher test-ip-flow --vm VM -g RG --direction Outbound --protocol "
                            + "{protocol} --local '{address}:{port}' --remote '{client}:{client_port}'`.",
                    "Capture at the client without filter on ports: `tcpdump -ni any -w client.pcap host {address}`."),
            List.of("Azure: Network Watcher, IP flow verify; Virtual network traffic routing",
                    "RFC 3704, section 2"));

    /** Where all was lost, and several parts of the way may have done it. */
    static final String CAPTURE_IN_BETWEEN = "Where nothing got through and no capture tells where, capture on the nodes between the two "
            + "points as well: `tcpdump -ni eth0 -w node1-eth0.pcap`, without a filter.";

    public static final DeviationType LOSS = new DeviationType("loss", Severity.WARNING,
            "Single packets were lost between two points",
            "A packet is at one point, missing at the next inside the overlapping windows, and a later copy of the same bytes "
                    + "passes; the counts per hop and direction are told. Not this: packets that the capture dropped (capture-drops: "
                    + "acknowledged but never seen), segments merged or split by offloading, where the bytes are there in other pieces, "
                    + "or a hop that passes nothing at all.",
            List.of("Congestion or a policer on the link, a limit of the virtual machine's size",
                    "An overloaded node: ring buffer, softirq, or CPU steal",
                    "A bad cable, transceiver or radio",
                    "A queueing discipline with limit on the way (tc)"),
            List.of("Read the drop counters on both sides of that hop: `ethtool -S eth0 | grep -iE 'drop|miss|err|full'`, `ip "
                            + "-s link show eth0`, `tc -s qdisc show dev eth0`.",
                    "Look for an overloaded CPU: `cat /proc/net/softnet_stat` (second column: drops) and `mpstat -P ALL 1 5`.",
                    "Compare with the limits of the machine's size: `az vm list-sizes -l REGION -o table`, metrics `az monitor "
                            + "metrics list --resource VM_ID --metric \"Network In Total\"`.",
                    "Measure the hop by itself: `iperf3 -c PEER -u -b 200M -t 10` at a quiet hour.",
                    CAPTURE_IN_BETWEEN),
            List.of("RFC 7680 (one-way loss metric)",
                    "RFC 9293, section 3.8.1; RFC 6298",
                    "Linux kernel: Documentation/networking/scaling.rst"));

    public static final DeviationType LOSS_INSIDE_NODE = new DeviationType("loss-inside-node", Severity.WARNING,
            "Packets were lost inside Node-1",
            "The packet entered by node1-eth0 and its translated twin is missing in the same file on the same clock, while a "
                    + "later copy passes; the counts per direction are told. Not this: the first SYN of a connection only "
                    + "(snat-port-race), segments called INVALID (invalid-dropped), merged segments (GRO), or a capture that dropped "
                    + "packets itself.",
            List.of("The node's CPUs are busy: softnet backlog overflows between receive and forward",
                    "A rate limit in the rules: hashlimit, limit, a policer by tc or the CNI's bandwidth plugin",
                    "The transmit queue is full: qdisc drops on the way out",
                    "conntrack refuses some: table nearly full, early drop"),
            List.of("Read the counters inside the node: `cat /proc/net/softnet_stat` (columns 2 and 3), `tc -s qdisc show dev "
                            + "eth0`, `nstat -az IpOutDiscards IpInDiscards`.",
                    "Look for limits in the rules: `iptables-save -c | grep -E 'limit|statistic'`, `tc -s filter show dev "
                            + "eth0` and pod annotations kubernetes.io/egress-bandwidth.",
                    "See who is at the drops: `dropwatch -l kas` or `perf record -e skb:kfree_skb -a -- sleep 10`.",
                    "Compare conntrack with its limit: `conntrack -S | grep -oE '(drop|early_drop|insert_failed)=[0-9]*'`."),
            List.of("Linux kernel: Documentation/networking/scaling.rst; admin-guide/sysctl/net.rst (netdev_max_backlog)",
                    "Kubernetes: Network Plugins, traffic shaping"));

    public static final DeviationType RETRANSMISSION = new DeviationType("retransmission", Severity.WARNING,
            "Segments were sent again",
            "The same bytes of a direction appear again at the point nearest to the sender (for TCP; a SYN has its own code). "
                    + "The hop where the first copy was lost is told, or that none was: then the answer was late, not the packet lost. "
                    + "Not this: copies of one packet in the capture (same IP identification within about a millisecond), keep-alives of "
                    + "one byte or none, or zero-window probes.",
            List.of("Loss on a hop, told with its counts",
                    "The acknowledgement was lost or late; the segment itself arrived (spurious retransmission)",
                    "The round-trip time jumped: a stalled pod, a queue",
                    "The capture shows it and the network is innocent: a sender with too small a timeout"),
            List.of("Where the finding, or a loss beside it, names the hop that lost the first copy, look there; where no hop lost it, "
                            + "look at the receiver: `nstat -az TcpExtTCPSpuriousRtxHostQueues TcpExtTCPDSACKRecv`.",
                    "Count them on the sender: `nstat -az TcpRetransSegs TcpExtTCPLostRetransmit TcpExtTCPTimeouts`, and per "
                            + "connection `ss -ti dst PEER`.",
                    "Follow them in Wireshark: `tshark -r client.pcap -Y 'tcp.analysis.retransmission || "
                            + "tcp.analysis.spurious_retransmission'`."),
            List.of("RFC 6298 (retransmission timer); RFC 6675 and RFC 8985 (loss recovery)",
                    "Wireshark: TCP Analysis, \"TCP Retransmission\""));

    public static final DeviationType DUPLICATE_PACKET = new DeviationType("duplicate-packet", Severity.WARNING,
            "The network delivered a packet twice",
            "One packet (same IP identification, sequence, length and payload) is once at the point before the hop and twice "
                    + "at the point after it, farther apart than copies made by the capture. Not this: a retransmission, which has a new "
                    + "identification and is there at both points, or copies made by the capture itself (capture-duplicates).",
            List.of("A switch or bridge floods it to two paths that both lead here",
                    "A tunnel or bonding driver repeats (broadcast mode, mirrored port that leads back)",
                    "A layer 2 retransmission after a lost acknowledgement (wireless)",
                    "A netem or test device on the way"),
            List.of("Find where it becomes two: capture on both sides of the hop named in the finding, `tcpdump -eni eth0 "
                            + "'host {peer}'`, and compare link-layer addresses of the copies.",
                    "Look for loops and bonding modes: `bridge fdb show | grep MAC`, `cat /proc/net/bonding/bond0 | grep "
                            + "Mode`, `bridge link`.",
                    "Look for mirroring: `tc filter show dev eth0 | grep mirred`, and TEE rules: `iptables-save | grep TEE`."),
            List.of("RFC 5560 (one-way packet duplication metric)",
                    "RFC 6864 (IPv4 identification)"));

    public static final DeviationType OUT_OF_ORDER = new DeviationType("out-of-order", Severity.WARNING,
            "Packets changed their order between two points",
            "Two packets of a direction are in one order at the point before the hop and in the other after it; for TCP a "
                    + "segment arrives below the highest sequence number seen, and was not lost. Not this: a retransmission that fills a "
                    + "gap, an acknowledgement without data that was overtaken, two interfaces or queues of the capture that only stamped "
                    + "late (capture-order), or copies.",
            List.of("Several paths of unequal delay: per-packet balancing, bonding in round robin, a route change",
                    "Several receive queues or CPUs in a node for one flow (tunnels without flow hash, RPS changed while "
                            + "running)",
                    "Offloading that holds back small segments (GRO, LRO) beside large ones",
                    "Accelerated networking moves a flow from the virtual function to the synthetic device"),
            List.of("Find the hop in the finding, then look at how it spreads packets: `ethtool -x eth0`, `ethtool -n eth0 "
                            + "rx-flow-hash tcp4`, `cat /proc/net/bonding/bond0 | grep -E 'Mode|Hash'`.",
                    "See what the receiver thinks: `nstat -az TcpExtTCPOFOQueue TcpExtTCPSACKReorder TcpExtTCPTSReorder` and "
                            + "`ss -ti` (reordering).",
                    "Let the flow hash cover ports: `sysctl net.ipv4.fib_multipath_hash_policy`."),
            List.of("RFC 4737 (packet reordering metrics)",
                    "RFC 9293, section 3.10.7.4; RFC 8985 (RACK, reordering window)",
                    "Wireshark: TCP Analysis, \"TCP Out-Of-Order\""));

    public static final DeviationType ZERO_WINDOW = new DeviationType("zero-window", Severity.WARNING,
            "A receiver had no room: it advertised a window of zero",
            "A segment without SYN, FIN or RST carries window 0; the sender stops and probes until a window update comes, the "
                    + "time in between is told. The network is not at fault. Not this: the window field of a RST (often 0), or a small "
                    + "window before scaling when the SYN was not captured.",
            List.of("The receiving application does not read fast enough: blocked thread, slow consumer downstream, CPU limit",
                    "A client that stops reading on purpose (back pressure, a paused download)",
                    "The receive buffer is too small for the data",
                    "A stalled process: garbage collection, debugger, swapped out"),
            List.of("Look at the receiver's queue while it happens: `ss -tmi 'sport = :PORT'` in its pod or host; a full "
                            + "Recv-Q means that the process does not read.",
                    "Look for throttling of the container: `kubectl -n {pod_namespace} exec {pod} -- cat /sys/fs/cgroup/cpu.stat` and "
                            + "`kubectl -n {pod_namespace} top pod {pod} --containers`.",
                    "Count on that host: `nstat -az TcpExtTCPToZeroWindowAdv TcpExtTCPFromZeroWindowAdv "
                            + "TcpExtTCPZeroWindowDrop`.",
                    "Read the buffer limits: `sysctl net.ipv4.tcp_rmem net.core.rmem_max`."),
            List.of("RFC 9293, section 3.8.6 (managing the window; zero-window probing in 3.8.6.1)",
                    "Wireshark: TCP Analysis, \"TCP ZeroWindow\""));

    /** What to check where the first SYN was lost inside the node. */
    static final String SYN_LOST_INSIDE = "Look for failed insertions on Node-1: `conntrack -S | grep -oE '(insert_failed|drop)=[0-9]*'`, "
            + "and for rules that drop or limit new connections: `iptables-save -c -t filter | grep -E 'DROP|limit'`.";

    public static final DeviationType SYN_RETRANSMITTED = new DeviationType("syn-retransmitted", Severity.WARNING,
            "The client had to send its SYN again",
            "The same SYN (same sequence number) is sent again, by Linux after 1, 3 and 7 seconds, and the connect is late by "
                    + "as much; where the first was lost, or its answer, is told by the hop. A connect that takes 63 seconds has its own "
                    + "known cause. Not this: a new connection with the same ports (another sequence number), a copy in the capture, or "
                    + "a client that gives up (that step's code).",
            List.of("The first SYN or the SYN-ACK was lost on a hop",
                    "The listen backlog of the pod overflowed for a moment",
                    "The conntrack insert race dropped the first SYN (snat-port-race)",
                    "After 63 s: bad checksums of VXLAN packets that were masqueraded twice, fixed only when the "
                            + "retransmission falls out of offloading"),
            List.of("Where the finding names the hop that lost or delayed the first SYN or its answer, look there; where it names none, "
                            + "look at the pod's backlog: `kubectl -n {pod_namespace} exec {pod} -- nstat -az TcpExtListenOverflows "
                            + "TcpExtListenDrops`.",
                    SYN_LOST_INSIDE,
                    "With VXLAN and delays of 1, 3 or 63 s, try without checksum offload: `ethtool --offload flannel.1 rx off "
                            + "tx off` (or vxlan.calico).",
                    "Count on the client: `nstat -az TcpExtTCPSynRetrans TcpExtTCPTimeouts`."),
            List.of("RFC 6298, sections 2 and 5",
                    "kubernetes/kubernetes#76699; #88986, #90854 and #92035 (63 seconds); projectcalico/calico#3145",
                    "Linux kernel: Documentation/networking/ip-sysctl.rst (tcp_syn_retries)"));

    public static final DeviationType LATENCY_HIGH = new DeviationType("latency-high", Severity.WARNING,
            "A hop or the pod took far longer than usual",
            "The time between a packet's twins at two points, or between a request at the bridge and the pod's answer, stands "
                    + "out against the median of the same hop or against the baseline. Times inside one file (node residence, the pod's "
                    + "think time) are exact; times between points carry the uncertainty of the clocks. Not this: a delay that is a "
                    + "retransmission timer (that has its own code), or an application that waits on purpose (long poll).",
            List.of("The application is slow: the time lies between request and answer at node2-cbr0",
                    "Queues on the link or a policer: the time lies between points and grows with load",
                    "A busy node: the time lies between A and B in node1-eth0",
                    "Delayed acknowledgement and Nagle together: steps of 40 or 200 ms"),
            List.of("Look at which part takes the time: the steps' latencies tell; if it is the pod, compare with its own log and "
                            + "`kubectl -n {pod_namespace} top pod {pod} --containers`.",
                    "If it is a hop, look at queues: `tc -s qdisc show dev eth0` (backlog) and `ping -c 20 PEER`.",
                    "If it is inside the node, look at its CPUs: `mpstat -P ALL 1 5`, `cat /proc/net/softnet_stat` (third "
                            + "column: time_squeeze).",
                    "For CPU limits: `kubectl -n {pod_namespace} exec {pod} -- cat /sys/fs/cgroup/cpu.stat` (nr_throttled, "
                            + "throttled_usec)."),
            List.of("RFC 7679 (one-way delay metric)",
                    "RFC 9293, sections 3.7.4 (Nagle) and 3.8.6.3 (delayed acknowledgements)"));

    public static final DeviationType PMTU_BLACKHOLE = new DeviationType("pmtu-blackhole", Severity.ERROR,
            "Full-size packets vanish while small ones pass, and nobody tells the sender",
            "Packets with DF set above some size are sent again and again and are missing at the next point, while smaller "
                    + "packets of the same flow pass; no ICMP fragmentation-needed (ICMPv6 packet-too-big) reaches the sender. The "
                    + "handshake works and the first large request or answer hangs. Not this: losses of all sizes (loss), frames above "
                    + "the MTU that are only a segmentation-offload artefact, or a sender that was told and adapts "
                    + "(fragmentation-needed).",
            List.of("A link with a smaller MTU on the way: VPN, VXLAN or other tunnel without its overhead subtracted",
                    "ICMP type 3 code 4 (ICMPv6 type 2) is filtered by a security group or firewall",
                    "The ICMP error goes to the masqueraded address, and Node-1 drops it or cannot tie it to the connection",
                    "Pods and nodes with different MTUs after a change of the CNI's setting"),
            List.of("Find the size that still passes, from the place that the packets left last: `tracepath -n {peer}`, or `ping -M do "
                            + "-s 1372 -c 2 {peer}` with rising sizes; set the pods' and tunnels' MTU to it.",
                    "Let ICMP through: type 3 code 4 and ICMPv6 type 2 in every firewall and security group on the way, `az "
                            + "network nic list-effective-nsg -g RG -n NIC`.",
                    "Compare MTUs: `ip link show eth0`, `ip link show cbr0`, `kubectl -n {pod_namespace} exec {pod} -- ip link show "
                            + "eth0`, tunnels with `ip -d link show type vxlan`.",
                    "Clamp the MSS as a stopgap: `iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS "
                            + "--clamp-mss-to-pmtu`.",
                    "Let the sender find out itself: `sysctl -w net.ipv4.tcp_mtu_probing=1`."),
            List.of("RFC 2923, section 2 (black hole detection)",
                    "RFC 1191, RFC 8201 (path MTU discovery), RFC 4821 (packetization layer)",
                    "Azure: TCP/IP performance tuning for Azure VMs (MTU)"));

    public static final DeviationType FRAGMENTATION_NEEDED = new DeviationType("fragmentation-needed", Severity.WARNING,
            "A router told the sender that its packets are too large for the next link",
            "ICMP type 3 code 4, or ICMPv6 packet too big, quotes a packet of the flow and names the next link's MTU; through "
                    + "the quotation it belongs to the flow on either side of the translation. The sender repeats the bytes in smaller "
                    + "segments. It is how path MTU discovery works, at the price of a round trip; a fault only where the sender does "
                    + "not react. Not this: a black hole, where this message is absent (pmtu-blackhole).",
            List.of("A link with a smaller MTU: tunnel, VPN, PPPoE",
                    "The pod's or client's interface has a larger MTU than the path",
                    "The path changed while the connection was open",
                    "A forged or looping router with an absurd MTU"),
            List.of("Compare the MTU named in the finding with the interfaces: `ip link show` on client, nodes and pods; set "
                            + "the larger to the smaller.",
                    "See that the sender adapted: `ip route get PEER` (cached mtu) and `ss -ti dst PEER` (pmtu, mss).",
                    "Find the router: the ICMP error's source, `tracepath -n PEER`.",
                    "Clamp the MSS if it cannot be changed: `iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j "
                            + "TCPMSS --clamp-mss-to-pmtu`."),
            List.of("RFC 1191, sections 3 and 4; RFC 8201; RFC 4443, section 3.2",
                    "RFC 5927 (ICMP attacks against TCP)",
                    "RFC 5508, section 4 (ICMP errors through NAT)"));

    public static final DeviationType FRAGMENTS_LOST = new DeviationType("fragments-lost", Severity.ERROR,
            "Fragments of a datagram are missing",
            "At one point some fragments of a datagram (same identification) are present and others never come, or all are at "
                    + "the point before and only some at the next; the receiver discards the rest, after 30 seconds with ICMP time "
                    + "exceeded code 1. Not this: a capture whose filter names ports and so sees first fragments only (later fragments "
                    + "carry no ports), or a snap length that cut them.",
            List.of("A firewall or security group that drops fragments without ports",
                    "conntrack reassembles, and gives up: one fragment came late or memory was short",
                    "Loss: any lost fragment costs the whole datagram",
                    "Fragments take different paths by a hash over ports"),
            List.of("Avoid fragments: smaller datagrams (DNS: EDNS buffer 1232), or a TCP transport; see what is sent: `tshark "
                            + "-r client.pcap -Y 'ip.flags.mf==1 || ip.frag_offset>0 || ipv6.fraghdr'`.",
                    "Count where they fail: `nstat -az IpReasmFails IpReasmTimeout IpFragFails Ip6ReasmFails` on each node.",
                    "Read limits: `sysctl net.ipv4.ipfrag_high_thresh net.ipv4.ipfrag_time`.",
                    "Capture so that fragments are seen: `tcpdump -ni eth0 -w node1-eth0.pcap 'host {client}'` without ports."),
            List.of("RFC 791, section 3.2; RFC 8200, section 4.5",
                    "RFC 8900 (IP fragmentation considered fragile)",
                    "RFC 792 (type 11, code 1)"));

    private static final String CAUSE_PROHIBITED = "Administratively prohibited: a firewall or an iptables REJECT rule";
    private static final String CAUSE_NO_ROUTE = "Network unreachable: no route";
    private static final String CAUSE_CLOSED_PORT = "Port unreachable: the UDP port is closed in the pod";
    private static final String CAUSE_LOOP = "Time exceeded: a routing loop";

    static final Advice ICMP_ROUTE = new Advice("Look at the error's source, type and code in the finding, then at that device: "
            + "`ip route get {pod_ip}` and `ip neigh show {pod_ip}` on it.", null);
    /** What to check where the error itself says what is wrong. */
    static final Advice ICMP_NO_ROUTE = new Advice(ICMP_ROUTE.check(), CAUSE_NO_ROUTE);
    static final Advice ICMP_REJECT_RULE = new Advice("For REJECT rules, on the device that sent the error: `iptables-save -c | "
            + "grep REJECT` and `nft list ruleset | grep reject`.", CAUSE_PROHIBITED);
    static final Advice ICMP_MISSING_ENDPOINT = new Advice("For a missing endpoint: `kubectl get pods -A -o wide | grep {pod_ip}`, and "
            + "on the node that sent the error `ip neigh show {pod_ip}`.", null);
    static final Advice ICMP_LOOP = new Advice("For a loop: `traceroute -n {pod_ip}`.", CAUSE_LOOP);
    static final Advice ICMP_CLOSED_PORT = new Advice("For a closed UDP port, compare what is asked with what listens: `kubectl -n "
            + "{namespace} get svc {service} -o jsonpath='{.spec.ports}'` and `kubectl -n {pod_namespace} exec {pod} -- ss -lunp`.",
            CAUSE_CLOSED_PORT);
    static final Advice ICMP_CLIENT_GONE = new Advice("For a client that had closed its port: compare how long it waits for an answer "
            + "with how long the answer takes, and see what the pod does meanwhile: `kubectl -n {pod_namespace} logs {pod} --timestamps | "
            + "tail`.", null);

    public static final DeviationType ICMP_UNREACHABLE = new DeviationType("icmp-unreachable", Severity.ERROR,
            "An ICMP error was sent about this flow",
            "An ICMP or ICMPv6 error other than packet-too-big quotes a packet of the flow, on either side of the translation: "
                    + "network, host, protocol or port unreachable, administratively prohibited, time exceeded. Its source is the device "
                    + "that gave up. Not this: the port unreachable by which Node-1 rejects a service without endpoints "
                    + "(no-endpoints-reject), or an error that quotes another connection.",
            List.of("Host unreachable: the endpoint is gone, nobody answers ARP for it (after about three seconds)",
                    CAUSE_PROHIBITED,
                    CAUSE_NO_ROUTE,
                    CAUSE_CLOSED_PORT,
                    CAUSE_LOOP),
            List.of(ICMP_ROUTE.check(), ICMP_REJECT_RULE.check(), ICMP_MISSING_ENDPOINT.check(), ICMP_LOOP.check(),
                    ICMP_CLOSED_PORT.check(), ICMP_CLIENT_GONE.check()),
            List.of("RFC 792; RFC 4443, section 3",
                    "RFC 1812, section 5.2.7",
                    "RFC 5508, section 4 (ICMP errors through NAT)"));

    public static final DeviationType MSS_CLAMPED = new DeviationType("mss-clamped", Severity.INFO,
            "The MSS option of the SYN was changed on the way",
            "The maximum segment size in a SYN or SYN-ACK is smaller at a later point than at an earlier one. Both ends then "
                    + "send segments that fit the narrower link: usually a remedy, not a fault. Not this: different values in the two "
                    + "directions, which are each end's own choice.",
            List.of("A TCPMSS rule on a node, put there by the CNI, a VPN or an administrator",
                    "A router or firewall that clamps, as VPN gateways do",
                    "SYNPROXY or a proxy that sets its own value (proxy-not-nat)"),
            List.of("Look for the rule: `iptables-save -t mangle | grep TCPMSS` and `nft list ruleset | grep 'maxseg size'`.",
                    "Compare the value with the path's MTU less 40 (IPv6: 60) bytes: `tracepath -n PEER`; far less wastes "
                            + "capacity.",
                    "Read both SYNs: `tshark -r client.pcap -Y tcp.flags.syn==1 -T fields -e ip.src -e tcp.options.mss_val`."),
            List.of("RFC 9293, section 3.7.1 (MSS option); RFC 6691",
                    "iptables-extensions(8), TCPMSS",
                    "Azure: VPN Gateway, MSS clamping"));

    static final String CORRUPTION = "Look for corruption: `ethtool -S eth0 | grep -iE 'crc|csum|err'`, switch offloads off on the suspect "
            + "side: `ethtool -K eth0 rx off tx off gro off`.";

    public static final DeviationType PAYLOAD_ALTERED = new DeviationType("payload-altered", Severity.ERROR,
            "The same bytes of the stream are different at the next point",
            "A byte range of the connection has one content before the hop and another after it, with valid checksums or "
                    + "without. Not this: different segmentation of the same bytes, a snap length that cut one of them, or a proxy whose "
                    + "two connections have each their own stream (proxy-not-nat).",
            List.of("A device that rewrites content: application gateway (FTP, SIP helper), proxy, header insertion",
                    "Corruption in memory or a driver before the checksum is computed, or behind offloading",
                    "A netfilter helper that changes addresses in the payload (nf_nat_ftp, nf_nat_sip)",
                    "A fault injector or test device"),
            List.of("Look at what changed and where: open both frames of the finding side by side, `tshark -r {file} -Y "
                            + "'frame.number=={frame}' -x`; an address that changed points to a helper.",
                    "List helpers: `lsmod | grep -E 'nf_nat_(ftp|sip|tftp|h323|irc)'` and `conntrack -L expect`.",
                    CORRUPTION,
                    "Use TLS end to end: then alteration cannot pass unnoticed."),
            List.of("RFC 1071; RFC 9293, section 3.1 (checksum)",
                    "netfilter: conntrack helpers; RFC 3027 (protocol complications with NAT)"));

    public static final DeviationType CHECKSUM_BAD = new DeviationType("checksum-bad", Severity.WARNING,
            "A checksum is wrong where offloading cannot explain it",
            "The IP, TCP, UDP or ICMP checksum does not fit the packet at a point that received it from the wire, and it is "
                    + "not merely the sum over the pseudo-header. The receiver drops such a packet, and conntrack does not translate it. "
                    + "Not this: packets captured on the sending machine before the network card fills the checksum in, packets merged "
                    + "by GRO, or packets cut by the snap length.",
            List.of("Corruption on the way: bad link, memory, driver",
                    "Offload of tunnel checksums that goes wrong (VXLAN with double NAT, old kernels)",
                    "A device that rewrites without adjusting the checksum",
                    "A virtual switch that passes a packet with partial checksum to a peer that does not know it"),
            List.of("Switch checksum offload off on the sender's side of the hop named in the finding and see whether it goes "
                            + "away: `ethtool -K eth0 tx off rx off`, for tunnels `ethtool -K flannel.1 tx-checksum-ip-generic off`.",
                    "Count what receivers reject: `nstat -az TcpInCsumErrors UdpInCsumErrors IcmpInCsumErrors "
                            + "IpExtInCsumErrors`.",
                    "See where it becomes wrong: `tshark -r FILE -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE -Y "
                            + "'tcp.checksum.status==0 || ip.checksum.status==0'` on each capture.",
                    "Read the card's counters: `ethtool -S eth0 | grep -iE 'csum|crc|err'`."),
            List.of("RFC 1071; RFC 9293, section 3.1; RFC 1624 (incremental update)",
                    "Linux kernel: Documentation/networking/checksum-offloads.rst",
                    "kubernetes/kubernetes#88986; projectcalico/calico#3145"));

    public static final DeviationType TTL_UNEXPECTED = new DeviationType("ttl-unexpected", Severity.WARNING,
            "The TTL fell by something else than one per forwarding node, or changed inside the flow",
            "Between two points the TTL (hop limit) of a packet's twins differs by other than the number of nodes that forward "
                    + "on this path, or packets of one sender at one point have different values. Not this: a bridge, which does not "
                    + "lower it, or RSTs and ICMP errors that are the sender's kernel with another initial value (64 beside 255).",
            List.of("The route changed while the flow was alive, or packets take paths of unequal length",
                    "A further router, firewall or tunnel end on the way",
                    "A packet that another machine made in the sender's name: a foreign RST",
                    "A rule that sets the TTL (TTL --ttl-set), or a routing loop that eats it up"),
            List.of("Compare the path with what is expected: `traceroute -n {peer}` from the point before, `ip route get {peer}`, "
                            + "and in the fabric `az network nic show-effective-route-table -g RG -n NIC -o table`.",
                    "List the values: `tshark -r FILE -Y 'ip.addr==PEER' -T fields -e frame.number -e ip.src -e ip.ttl -e "
                            + "ip.id`.",
                    "Look for rules that set it: `iptables-save -t mangle | grep -E 'TTL|HL'` and `nft list ruleset | grep -E "
                            + "'ttl set|hoplimit set'`.",
                    "See whether only RSTs differ: then look for a device that resets (reset-midstream)."),
            List.of("RFC 791, section 3.1; RFC 8200, section 3; RFC 1812, section 5.3.1",
                    "RFC 3360 (inappropriate TCP resets)"));

    public static final DeviationType UDP_STALE_CONNTRACK = new DeviationType("udp-stale-conntrack", Severity.ERROR,
            "A UDP flow stays pinned to an endpoint that is gone",
            "Datagrams from one client port keep being translated to an address that answers no more (or to the ClusterIP "
                    + "itself), while new flows go to living endpoints; each datagram renews the conntrack entry, so it never ends by "
                    + "itself. ICMP host or port unreachable may come back. Not this: an application that does not answer "
                    + "(no-reply-from-pod), or TCP, which makes a new connection.",
            List.of("The entry outlived its endpoint: kube-proxy did not delete it when the endpoint went away",
                    "The client sends from one port without pause (DNS resolver, statsd, SIP, VPN), so the entry never times "
                            + "out",
                    "The flow began while the service had no endpoints or no rules, and was let pass untranslated",
                    "kube-proxy was restarting while the endpoint was removed"),
            List.of("Delete the entries of the dead address on the node that translates: `conntrack -D -p udp --reply-src "
                            + "{pod_ip}` (or `--orig-port-dst {port}`), then look: `conntrack -L -p udp --orig-port-dst {port}`.",
                    "Compare with the living endpoints: `kubectl -n {namespace} get endpointslices -l "
                            + "kubernetes.io/service-name={service} -o wide`.",
                    "See which version of kube-proxy runs: `kubectl -n kube-system get pods -l k8s-app=kube-proxy -o "
                            + "jsonpath='{.items[0].spec.containers[0].image}'`; several versions had gaps in this clean-up.",
                    "Let the client use a new socket after silence; read the timeouts: `sysctl "
                            + "net.netfilter.nf_conntrack_udp_timeout net.netfilter.nf_conntrack_udp_timeout_stream`."),
            List.of("kubernetes/kubernetes#126130 (conntrack reconciler), #59368, #48370, #139628",
                    "Linux kernel: Documentation/networking/nf_conntrack-sysctl.rst (nf_conntrack_udp_timeout)",
                    "RFC 4787, section 4.3"));

    /** This group, in the order of the page. */
    static final List<DeviationType> ALL = List.of(
            NODE_RESET_ON_INVALID, INVALID_DROPPED, RESET_BY_POD, RESET_BY_CLIENT, RESET_MIDSTREAM,
            RESET_BY_CLIENT_ON_STRAY_PACKET, IDLE_TIMEOUT_DROP, REPLY_LOST_BETWEEN_NODES, REPLY_NOT_FORWARDED,
            REPLY_LOST_BEFORE_CLIENT, LOSS, LOSS_INSIDE_NODE, RETRANSMISSION, DUPLICATE_PACKET, OUT_OF_ORDER, ZERO_WINDOW,
            SYN_RETRANSMITTED, LATENCY_HIGH, PMTU_BLACKHOLE, FRAGMENTATION_NEEDED, FRAGMENTS_LOST, ICMP_UNREACHABLE, MSS_CLAMPED,
            PAYLOAD_ALTERED, CHECKSUM_BAD, TTL_UNEXPECTED, UDP_STALE_CONNTRACK);

    private EstablishedTypes() {
    }
}
