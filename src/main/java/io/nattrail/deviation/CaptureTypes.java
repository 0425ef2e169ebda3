package io.nattrail.deviation;

import java.util.List;

/** Deviations of the captures themselves: what each code means, whatever the case. */
public final class CaptureTypes {
    public static final DeviationType CLOCK_SKEW = new DeviationType("clock-skew", Severity.INFO,
            "The clock of this point differs from the reference's",
            "Packets that cross in both directions show that this point's clock is ahead or behind, by more than its "
                    + "uncertainty; the true offset lies in the interval [-least reverse difference, +least forward difference]. All "
                    + "times are corrected by it, and matching does not depend on it. Not this: a path that is slow in one direction "
                    + "only, which hides inside the interval, or a clock that jumps (clock-step).",
            List.of("No time synchronisation on this machine, or it has not settled",
                    "Different time sources: chrony on the nodes, the hypervisor's clock at the client",
                    "A virtual machine that was paused or migrated"),
            List.of("Synchronise the clocks before the next capture: `chronyc tracking` and `chronyc -n sources` on each "
                            + "machine (or `timedatectl timesync-status`).",
                    "On Azure use the host's clock: `cat /sys/class/ptp/ptp0/clock_name` says hyperv; chrony then needs the "
                            + "line refclock PHC /dev/ptp_hyperv.",
                    "Capture traffic in both directions at every point: the interval narrows with each exchange."),
            List.of("RFC 7679, section 2.2 and RFC 5905 (offset and delay of clocks)",
                    "Azure: Time sync for Linux VMs"));

    public static final DeviationType CLOCK_STEP = new DeviationType("clock-step", Severity.WARNING,
            "A clock was set during the capture",
            "Between two frames of this point's file the offsets to all other points leap: packets before agree on one, packets after "
                    + "on another. The times after it are taken back by the leap, so that order and latencies stay right; frames are named "
                    + "with the times of their files. Where no leap explains what the packets say, no order across this point is claimed. "
                    + "Not this: slow drift, which one straight line fits, or timestamps that run backwards for single packets "
                    + "(capture-order).",
            List.of("ntpd, chrony (makestep) or an administrator set the clock",
                    "A virtual machine was migrated or resumed",
                    "Files of different captures were put together under one name"),
            List.of("Look for the step on that machine: `journalctl -u chronyd -u systemd-timesyncd | grep -iE "
                            + "'step|adjust|System clock'`.",
                    "Let the clock settle before capturing: `chronyc waitsync 10 0.001`.",
                    "If no leap could be found, capture again, or analyze parts of the time alone: `editcap -A START -B END "
                            + "node2-cbr0.pcap part.pcap`."),
            List.of("RFC 5905, section 11.3 (clock discipline)",
                    "chrony.conf(5), makestep"));

    public static final DeviationType CAPTURE_MISSING = new DeviationType("capture-missing", Severity.WARNING,
            "A standard capture point is absent",
            "None of the files holds the packets of this point (client, node1-eth0 or node2-cbr0). The steps that only it "
                    + "could show are not-captured or inferred, and a loss can only be narrowed down to the stretch between its "
                    + "neighbours. Not this: a point whose file is there and empty, or whose filter hid the packets "
                    + "(capture-filter-hides-leg).",
            List.of("The capture was not taken, or its file not handed over",
                    "The endpoint lies on another node than the one where the bridge was captured",
                    "The file's name does not tell the point, and its contents did not either"),
            List.of("Take all three at once: client `tcpdump -ni any -w client.pcap host {address}`, Node-1 `tcpdump -ni eth0 -w "
                            + "node1-eth0.pcap`, the endpoint's node `tcpdump -ni cbr0 -w node2-cbr0.pcap`.",
                    "If the file is there, name its point: `nattrail analyze --point node2-cbr0=FILE ...`.",
                    "Find the endpoint's node and bridge first: `kubectl -n {namespace} get pods -o wide`, on that node `ip route get "
                            + "{pod_ip}`."),
            List.of("tcpdump(1)",
                    "Kubernetes: kubectl debug node (a shell on a node without SSH)"));

    public static final DeviationType CAPTURE_WINDOWS_DISJOINT = new DeviationType("capture-windows-disjoint", Severity.ERROR,
            "Two captures have no time in common",
            "After alignment of the clocks, or with the clocks as they are where nothing crosses, the last packet of one point "
                    + "is earlier than the first of the other. Nothing can be said about packets between them. Not this: windows that "
                    + "overlap in part, where only the packets outside are undetermined.",
            List.of("The captures were taken one after the other, or belong to different attempts",
                    "One capture ended early: count limit (-c), rotation overwrote the beginning (-W), disk full",
                    "One machine's clock is off by hours (a time zone taken for UTC)"),
            List.of("Hand over files of one and the same attempt, which have their times in common: `capinfos -ae client.pcap "
                            + "node1-eth0.pcap node2-cbr0.pcap`. If there are none, capture again at all points at once, start the "
                            + "farthest first, and reproduce the fault in between.",
                    "If only a clock is wrong, look: `date -u` on both machines, then `editcap -t SECONDS in.pcap out.pcap`.",
                    "Let ring buffers be long enough: `tcpdump -ni eth0 -C 100 -W 20 -w node1-eth0.pcap`."),
            List.of("tcpdump(1), options -C, -G, -W",
                    "editcap(1), capinfos(1)"));

    public static final DeviationType CAPTURE_STARTS_MIDSTREAM = new DeviationType("capture-starts-midstream", Severity.INFO,
            "The capture began while connections were already open",
            "A connection's first packets here are data or ACKs without a handshake. Options such as window scale and the "
                    + "initial sequence numbers are unknown, so these flows are matched by sequence numbers and payload, with less "
                    + "certainty. Not this: a handshake that is missing at one point only because it took another way.",
            List.of("The capture was started after the connections",
                    "Long-lived connections: pools, HTTP/2, databases",
                    "Rotation overwrote the beginning (-W)"),
            List.of("Start capturing before the client connects, or make the client reconnect: restart it or its pool while the capture "
                            + "runs (`kubectl -n NAMESPACE rollout restart deployment NAME` for a client in the cluster).",
                    "See what was already open: `ss -tno state established` at the client, `conntrack -L -p {protocol} --orig-port-dst "
                            + "{port}` on Node-1.",
                    "Keep the beginning: a larger ring, `tcpdump -ni eth0 -C 100 -W 20 -w node1-eth0.pcap`."),
            List.of("RFC 7323, section 2.2 (window scale is told in SYN segments only)",
                    "tcpdump(1)"));

    public static final DeviationType CAPTURE_TRUNCATED = new DeviationType("capture-truncated", Severity.WARNING,
            "The snap length cut what had to be compared",
            "Captured length is below the length on the wire, and the cut falls into headers or into payload that had to be "
                    + "compared. Matching then rests on what is left: sequence numbers, identification, lengths. Not this: frames that "
                    + "are short on the wire, or a cut behind everything that is compared.",
            List.of("tcpdump was run with a small snap length (-s 64, -s 96)",
                    "The capturing tool or appliance limits it (network watcher packet capture: bytes per packet)",
                    "A mirror that truncates"),
            List.of("Capture whole packets: `tcpdump -s 0 -ni eth0 -w node1-eth0.pcap`; at least 128 bytes for headers and "
                            + "options, more for payload.",
                    "See the limit of a file: `capinfos -l FILE`.",
                    "On Azure: `az network watcher packet-capture create -g RG --vm VM -n NAME --capture-size 0 "
                            + "--storage-account SA`."),
            List.of("tcpdump(1), option -s",
                    "pcapng, Interface Description Block (SnapLen)"));

    public static final DeviationType CAPTURE_DROPS = new DeviationType("capture-drops", Severity.WARNING,
            "The capture itself lost packets",
            "The drop counters of the file's statistics are not zero, data are acknowledged that no point shows, or a capture shows "
                    + "nothing at all for a time in which connections passed that others show. Packets "
                    + "missing here may have been on the wire all the same; nothing missing is called lost around it. Not this: packets "
                    + "that the next point shows as lost, where the receiver asks for them again.",
            List.of("The capture's buffer was too small for the rate, or the disk too slow",
                    "It was stopped and started again, or a file of its ring is missing",
                    "The CPU was busy, on a node under load",
                    "No filter: everything of the node was captured"),
            List.of("Give the capture a larger buffer and less to write: `tcpdump -B 65536 -s 256 -ni eth0 -w node1-eth0.pcap 'host "
                            + "{client} or net PODCIDR'`, and read its last lines (dropped by kernel).",
                    "Write to memory first: `tcpdump -ni eth0 -w /dev/shm/node1-eth0.pcap`.",
                    "See the counters of a pcapng: `capinfos FILE` (number of packets dropped by interface), `tshark -r FILE "
                            + "-q -z io,stat,0`."),
            List.of("tcpdump(1), option -B and its closing report",
                    "pcapng, Interface Statistics Block (isb_ifdrop, isb_osdrop)"));

    /** What to do where it is no filter that hides the pods' side. */
    static final String WHERE_IT_IS_PLAIN = "Where the nodes encrypt for each other (IPsec, WireGuard), capture what is still plain, on "
            + "the pods' bridge, `tcpdump -ni cbr0 -w node1-cbr0.pcap`, on a pod's own interface, or on that of WireGuard, which "
            + "`ip -br link show type wireguard` names.";

    public static final DeviationType CAPTURE_FILTER_HIDES_LEG = new DeviationType("capture-filter-hides-leg", Severity.WARNING,
            "A capture's filter hid packets that passed there",
            "Node-1's file holds the packets between client and node port of many flows and not one translated packet of any "
                    + "of them (or the reverse), although their answers prove that the translated ones existed: steps 1.2 to 1.6 cannot "
                    + "be told there. Or a file shows nothing of connections that must have passed, as they were answered, beside others "
                    + "that it shows; or one direction only. What may be hidden is not called lost. Not this: one flow "
                    + "that was not forwarded (request-not-forwarded) beside others that were, or "
                    + "endpoints that are all on Node-1 and show at its bridge only.",
            List.of("The filter names the node port, which no translated packet carries, or the client's address, which masquerading "
                            + "replaces",
                    "The filter names the pod's port or CIDR and hides the client's side",
                    "The filter names one client, pod or port of several",
                    "The capture took one direction only (`tcpdump -Q in`)",
                    "The nodes encrypt what they send each other (IPsec, WireGuard): no filter would show it"),
            List.of("Capture both sides in one file: `tcpdump -ni eth0 -w node1-eth0.pcap 'port {port} or net PODCIDR'`, or without any "
                            + "filter.",
                    "See what a capture was filtered by: `capinfos -F FILE` for pcapng (capture filter), else ask who took it.",
                    "If files are all there is, take the translations from Node-1: `conntrack -L -p {protocol} --orig-port-dst {port} > "
                            + "node-1.conntrack` and hand them over with the captures.",
                    WHERE_IT_IS_PLAIN),
            List.of("pcap-filter(7)",
                    "Kubernetes: Virtual IPs and Service Proxies"));

    public static final DeviationType CAPTURE_DUPLICATES = new DeviationType("capture-duplicates", Severity.INFO,
            "The capture holds copies of packets; they were folded",
            "Several frames are one packet: same IP identification, sequence, length and payload within about a millisecond, "
                    + "as a capture on `any` (once per interface), on a promiscuous bridge, or on Azure's virtual function beside its "
                    + "synthetic device makes them. They are counted once. Not this: retransmissions (a new identification, later), or a "
                    + "packet that the network itself delivered twice (duplicate-packet).",
            List.of("The capture was taken on `any`",
                    "A bridge and its ports, or a bond and its members, were captured together",
                    "Azure accelerated networking: the same packet at the synthetic and the virtual function interface",
                    "A mirror port that copies both directions"),
            List.of("Capture on the one interface that is meant: `tcpdump -ni eth0` instead of `-i any`; list them with "
                            + "`tcpdump -D`.",
                    "See the interfaces of one packet: `tshark -r FILE -Y 'ip.id==0xID' -T fields -e frame.number -e "
                            + "sll.pkttype -e frame.interface_name`.",
                    "On Azure see the pairs: `ip -br link` (enP... is the virtual function of eth0), capture on eth0."),
            List.of("tcpdump(1), pcap-linktype(7) (LINUX_SLL2)",
                    "Azure: How Accelerated Networking works in Linux VMs"));

    public static final DeviationType CAPTURE_EDITED = new DeviationType("capture-edited", Severity.INFO,
            "Payloads or addresses were overwritten in the capture's file",
            "Nearly every payload at this point differs from the same packet's in the other captures, or does not fit its checksum, in "
                    + "both directions, and the connections went on all the same. A receiver drops what does not fit its checksum, and "
                    + "no device changes all that passes: the file was edited after it was taken. Its packets are "
                    + "compared by their headers. Or ICMP errors quote packets of other addresses than they went to: addresses were "
                    + "replaced in headers only. Not this: single packets or one direction that arrive with other bytes "
                    + "(payload-altered), or payloads that are cut off (capture-truncated).",
            List.of("Payloads were blanked or scrambled before the file was handed over, to keep secrets",
                    "A tool that anonymizes or rewrites captures, with or without new checksums",
                    "The file is of a replay with other contents"),
            List.of("Nothing to mend for connections and translations. To hand over captures without payloads, cut them off in all "
                            + "files alike: `editcap -s 96 in.pcap out.pcap`, or capture with `tcpdump -s 96`.",
                    "To find altered payloads, analyze the captures as they were taken.",
                    "See what is left of payloads: `tshark -r FILE -Y 'tcp.len > 0' -T fields -e frame.number -e tcp.payload`."),
            List.of("tcprewrite(1), editcap(1)",
                    "RFC 9293, section 3.1 (checksum)"));

    public static final DeviationType CAPTURE_FILE_DAMAGED = new DeviationType("capture-file-damaged", Severity.WARNING,
            "A capture file is damaged",
            "At a byte offset the file ends inside a record, or a record claims an impossible length; what was read before it "
                    + "is used, what was lost is told. The packets behind it may have existed. Not this: a file that is cut exactly "
                    + "between two records, which cannot be seen, or one that is no capture at all (an error of its own).",
            List.of("The capture was killed or copied while it was written; the disk was full",
                    "A transfer in text mode or an archive that was not unpacked whole",
                    "Storage failed"),
            List.of("Take the file again after tcpdump has ended: stop it with `kill -INT PID`, write packets at once with "
                            + "`tcpdump -U`, compare `sha256sum` on both sides of the copy.",
                    "See how far other tools read: `capinfos FILE`, `tshark -r FILE | tail -1`.",
                    "Rescue the rest: `pcapfix FILE`."),
            List.of("pcap and pcapng file formats (draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng)",
                    "tcpdump(1), option -U"));

    public static final DeviationType CAPTURE_ORDER = new DeviationType("capture-order", Severity.INFO,
            "Timestamps run backwards inside a file",
            "A frame is stamped earlier than the frame before it. The packets are taken by their times where they are close "
                    + "and by their order else; a delay computed across it may be off by as much. Not this: a clock that was set (all "
                    + "later packets are shifted), or packets that the network itself reordered.",
            List.of("Several interfaces or receive queues write into one file (any, pcapng with several interfaces)",
                    "Files were joined one behind the other (`cat`, mergecap -a)",
                    "The clock was set back a little while capturing"),
            List.of("Put the frames into order if another tool needs it: `reordercap FILE ordered.pcapng`.",
                    "Join files by time: `mergecap -w all.pcapng a.pcap b.pcap` (without -a).",
                    "Capture on one interface with the hardware's or the host's stamps: `tcpdump -j host -ni eth0`, kinds with "
                            + "`tcpdump -J`."),
            List.of("reordercap(1), mergecap(1)",
                    "pcap-tstamp(7)"));

    public static final DeviationType AMBIGUOUS_MATCH = new DeviationType("ambiguous-match", Severity.WARNING,
            "The evidence cannot tell these flows apart",
            "Several flows at one point could each be the twin of one at the other point: same sizes and times, no sequence "
                    + "numbers, identifications or payload that differ. All candidates are named and none is taken. Not this: a match "
                    + "that is merely weak, which is made and given its confidence.",
            List.of("UDP or ICMP with equal payloads at the same time (health checks, DNS queries, benchmarks)",
                    "A snap length or filter took away what would tell them apart",
                    "A capture that starts midstream, without handshakes",
                    "A device that rewrites identification and timestamps (SYNPROXY, scrubbing firewall)"),
            List.of("Hand over the translations with the captures: `conntrack -E -o timestamp,id -p udp > node-1.conntrack` "
                            + "while capturing, or `conntrack -L` right after it.",
                    "Capture whole packets: `tcpdump -s 0 -ni eth0 -w node1-eth0.pcap`.",
                    "Add the missing point or begin before the clients connect; the finding names the candidates."),
            List.of("RFC 6864 (IPv4 identification)",
                    "conntrack(8)"));

    /** This group, in the order of the page. */
    static final List<DeviationType> ALL = List.of(
            CLOCK_SKEW, CLOCK_STEP, CAPTURE_MISSING, CAPTURE_WINDOWS_DISJOINT, CAPTURE_STARTS_MIDSTREAM, CAPTURE_TRUNCATED,
            CAPTURE_DROPS, CAPTURE_FILTER_HIDES_LEG, CAPTURE_DUPLICATES, CAPTURE_EDITED, CAPTURE_FILE_DAMAGED, CAPTURE_ORDER,
            AMBIGUOUS_MATCH);

    private CaptureTypes() {
    }
}
