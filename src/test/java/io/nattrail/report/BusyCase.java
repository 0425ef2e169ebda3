package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.DeviationType;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.Hop;
import io.nattrail.nat.TracedPacket;
import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A case of any size with all that a report has to show: endpoints on two nodes, the way to one of them broken from a moment on, lost and
 * repeated packets, UDP, IPv6, long silences, skewed clocks. The same seed makes the same case.
 */
final class BusyCase {
    static final long START = SampleCases.START;
    private static final long MILLI = 1_000_000L;
    private static final long NODE1_AHEAD = 40_000;
    private static final long NODE2_AHEAD = 1_500_000;
    private static final int SYN = 2;
    private static final int ACK = 16;
    private static final int PSH = 8;
    private static final int FIN = 1;

    static final DeviationType LOST = new DeviationType("request-lost-between-nodes", Severity.ERROR,
            "The request is lost between the nodes",
            "The translated request leaves Node-1's eth0 and never shows at the bridge of the endpoint's node.",
            List.of("no route for the pod CIDR of the endpoint's node", "a security group between the nodes drops forwarded packets",
                    "IP forwarding is off on the endpoint node's network interface"),
            List.of("Compare the effective routes of Node-1 with the pod CIDR 10.244.1.0/24: ip route get 10.244.1.2",
                    "Capture eth0 of the endpoint's node: tcpdump -ni eth0 -w node2-eth0.pcap net 10.244.1.0/24"),
            List.of("Kubernetes: The Kubernetes network model", "RFC 1812, section 5.2"));
    static final DeviationType SYN_AGAIN = new DeviationType("syn-retransmitted", Severity.WARNING, "The client had to repeat its SYN",
            "The same SYN again after 1, 3, 7 s.", List.of("the request or its answer was lost"), List.of("See the hop that lost it."),
            List.of("RFC 6298"));
    static final DeviationType LOSS = new DeviationType("loss", Severity.WARNING, "Packets were lost and sent again",
            "Single packets whose twin is missing at the next point while a later copy passes.", List.of("overload of a link", "a policer"),
            List.of("Look at the counters of the interfaces on this hop: ip -s link"), List.of());
    static final DeviationType SKEW = new DeviationType("clock-skew", Severity.INFO, "The clocks of two points differ",
            "Every crossing is early or late by the same time.", List.of("no time synchronisation"), List.of("Synchronise the clocks."),
            List.of());

    private final int flows;
    private final Random random = new Random(7);
    private final long[] frames = new long[3];
    private long failed;
    private long degraded;
    private final List<Integer> failedIds = new ArrayList<>();
    private long firstFailure;

    BusyCase(int flows) {
        this.flows = flows;
    }

    void sendTo(CaseSink sink) throws IOException {
        sink.begin(header());
        long time = START;
        for (int id = 1; id <= flows; id++) {
            time += (long) (random.nextDouble() * 60 * MILLI) + 1;
            sink.flow(flow(id, time));
        }
        CaseFindings.RootCause cause = new CaseFindings.RootCause(LOST.code(), "error", "1.5", failed, failedIds.subList(0,
                Math.min(5, failedIds.size())), firstFailure, List.of("10.244.1.2:8443"), List.of("node-2"), List.of("10.241.0.4"),
                failed + " flows left Node-1 for 10.244.1.2:8443 and never reached Node-2's bridge, while"
                        + " the pod on Node-1 goes on answering",
                LOST.remedy());
        Deviation skew = new Deviation(SKEW, Severity.INFO, null, "node2-cbr0", "the clock of node2-cbr0 is 1.50 ms ahead of the client's",
                List.of(), List.of());
        sink.end(new CaseFindings(List.of(skew), new CaseFindings.Summary(flows, flows - failed - degraded, degraded, failed, 0,
                failed == 0 ? List.of() : List.of(cause))));
    }

    private CaseHeader header() {
        return new CaseHeader("web-timeouts", "0.1.0", List.of(
                point("client", PointRole.CLIENT, null, "client.pcap", 0, 0, true),
                point("node1-eth0", PointRole.NODE_INTERFACE, "node-1", "node1-eth0.pcap", NODE1_AHEAD, 21_000, false),
                point("node2-cbr0", PointRole.BRIDGE, "node-2", "node2-cbr0.pcapng.gz", NODE2_AHEAD, 64_000, false)),
                List.of("readme.txt: neither a capture nor cluster state"),
                List.of(new CaseHeader.ClusterFact("node", "node-1", "10.240.0.4", "told"),
                        new CaseHeader.ClusterFact("node", "node-2", "10.240.0.5", "told"),
                        new CaseHeader.ClusterFact("pod-cidr", "node-1", "10.244.0.0/24", "told"),
                        new CaseHeader.ClusterFact("pod-cidr", "node-2", "10.244.1.0/24", "told"),
                        new CaseHeader.ClusterFact("service", "default/web:https", "172.31.0.5:443, node port 32000", "told"),
                        new CaseHeader.ClusterFact("endpoint", "default/web-1", "10.244.0.3:8443 on node-1", "told"),
                        new CaseHeader.ClusterFact("endpoint", "default/web-2", "10.244.1.2:8443 on node-2", "told"),
                        new CaseHeader.ClusterFact("masquerade-address", "node-1", "10.240.0.4", "inferred")));
    }

    private static PointResult point(String name, PointRole role, String node, String file, long ahead, long uncertainty,
            boolean reference) {
        return new PointResult(new CapturePoint(name, role, node, "from the file's name, and the contents agree"), List.of(
                new PointResult.FileResult(file, file.contains("pcapng") ? "pcapng" : "pcap", file.endsWith("gz") ? "gzip" : null,
                        List.of("EN10MB"), 4120, 390_112, 390_112, START + ahead, START + ahead + 2900 * MILLI, List.of(), 0L, 262_144,
                        SampleCases.GONE)),
                new PointResult.ClockResult(ahead, reference ? 0 : 0.31, reference ? 0 : uncertainty, reference,
                        reference ? "reference" : "bounded", ahead - uncertainty, ahead + uncertainty), 0, 12);
    }

    private FlowResult flow(int id, long start) {
        boolean local = random.nextInt(3) == 0;
        boolean broken = !local && id > flows / 3 && random.nextInt(4) != 0;
        boolean repeated = !broken && random.nextInt(9) == 0;
        boolean v6 = id % 17 == 0;
        Endpoint client = Endpoint.parse((v6 ? "[fd00:241::4]:" : "10.241.0.4:") + (32768 + (id * 7919) % 28000));
        Endpoint service = Endpoint.parse(v6 ? "[fd00:240::4]:32000" : "10.240.0.4:32000");
        Endpoint source = Endpoint.parse((v6 ? "[fd00:240::4]:" : local ? "10.244.0.1:" : "10.240.0.4:") + (1024 + random.nextInt(60000)));
        Endpoint pod = Endpoint.parse(v6 ? local ? "[fd00:244::3]:8443" : "[fd00:244:1::2]:8443" : local ? "10.244.0.3:8443"
                : "10.244.1.2:8443");
        Trail trail = new Trail(start, local);
        if (broken) {
            for (int i = 0; i < 4; i++) {
                trail.at(i == 0 ? 0 : ((1L << i) - 1) * 1000 * MILLI);
                trail.packet(Direction.REQUEST, SYN, 0, 0, 0, i == 0 ? "lost" : "retransmission, lost", local ? 2 : 3);
            }
        } else {
            trail.exchange(repeated);
        }
        Verdict verdict = broken ? Verdict.FAILED : repeated ? Verdict.DEGRADED : Verdict.OK;
        List<Deviation> deviations = new ArrayList<>();
        if (broken) {
            failed++;
            if (failedIds.isEmpty()) {
                firstFailure = start;
            }
            if (failedIds.size() < 10) {
                failedIds.add(id);
            }
            deviations.add(new Deviation(LOST, Severity.ERROR, "1.5", "node2-cbr0", source + " -> " + pod
                    + " left Node-1 4 times and never reached node2-cbr0", trail.framesOf(2), List.of("half-open")));
            deviations.add(new Deviation(SYN_AGAIN, Severity.WARNING, "1.1", "client", "the SYN was repeated 3 times, after 1, 3 and 7 s",
                    trail.framesOf(0).subList(1, 4), List.of()));
        } else if (repeated) {
            degraded++;
            deviations.add(new Deviation(LOSS, Severity.WARNING, local ? "1.1" : "1.5", "node1-eth0",
                    "1 of 4 requests with data was lost and sent again after 212 ms", trail.lost, List.of("retransmission")));
        }
        Map<String, FlowResult.PacketCount> counts = new LinkedHashMap<>();
        counts.put("client", new FlowResult.PacketCount(trail.requests, trail.replies));
        counts.put("node1-eth0", new FlowResult.PacketCount(trail.requests * 2, trail.replies * 2));
        List<FlowResult.LegResult> legs = new ArrayList<>(List.of(
                leg("client", client + " -> " + service, "original", trail, 0), leg("node1-eth0", client + " -> " + service, "original",
                        trail, 1),
                leg("node1-eth0", source + " -> " + pod, "translated", trail, 2)));
        if (!local && !broken) {
            legs.add(leg("node2-cbr0", source + " -> " + pod, "translated", trail, 3));
        }
        List<Hop> hops = new ArrayList<>();
        hops.add(new Hop("client", "node1-eth0", Direction.REQUEST, trail.requests, trail.requests, 0, 0, 0, 0, 0, 160_000, 176_000,
                301_000,
                List.of()));
        if (!local) {
            hops.add(new Hop("node1-eth0", "node2-cbr0", Direction.REQUEST, trail.requests, broken ? 0 : trail.requests - (repeated ? 1
                    : 0),
                    broken ? trail.requests : repeated ? 1 : 0, 0, 0, 0, 0, broken ? 0 : 1_600_000, broken ? 0 : 1_655_000,
                    broken ? 0 : 1_900_000, broken ? trail.framesOf(2) : trail.lost));
        }
        boolean kept = verdict != Verdict.OK || id % 5 == 0;
        return new FlowResult(id, "nodeport", Protocol.TCP, client, service, Endpoint.parse(v6 ? "[fd00:31::5]:443" : "172.31.0.5:443"),
                "default/web:https", "node-1", new FlowResult.Translated(source, pod), null,
                new FlowResult.FlowEndpoint(pod, local ? "default/web-1" : "default/web-2", local ? "node-1" : "node-2", local), 1.0,
                List.of("tcp-isn", "tcp-timestamp", "payload"), verdict, broken ? "1.5" : null, null, start, start + trail.arrival,
                steps(trail, client, service, source, pod, local, broken), deviations, counts, broken ? 0 : 1402, broken ? 0 : 48_211,
                        legs, hops,
                kept ? trail.packets : null);
    }

    private static FlowResult.LegResult leg(String point, String tuple, String relation, Trail trail, int place) {
        List<FrameRef> frames = trail.framesOf(place);
        return new FlowResult.LegResult(point, tuple, relation, "ShADadfF", trail.requests, trail.replies, frames.get(0),
                frames.get(frames.size() - 1));
    }

    private static List<Step> steps(Trail trail, Endpoint client, Endpoint service, Endpoint source, Endpoint pod, boolean local,
            boolean broken) {
        List<Step> steps = new ArrayList<>();
        String before = client + " -> " + service;
        String after = source + " -> " + pod;
        StepStatus none = StepStatus.NOT_APPLICABLE;
        steps.add(seen("1.1", "the client opens a connection to the node port", before, trail, List.of(0, 1), 136_000L, 21_000L));
        steps.add(unseen("1.2", "the rules take the node port to the service's ClusterIP", client + " -> 172.31.0.5:443",
                StepStatus.INFERRED,
                "a stage of the rules, no packet carries it"));
        steps.add(unseen("1.2.1", "destination NAT to the chosen endpoint", client + " -> " + pod, StepStatus.INFERRED,
                "from the packets before and after"));
        steps.add(unseen("1.2.2", "source NAT (masquerade) to the node", after, StepStatus.INFERRED, "from the packets before and after"));
        if (local) {
            for (String number : List.of("1.3", "1.4", "1.5", "1.6")) {
                steps.add(unseen(number, "the way to another node", after, none, "the endpoint is on the entry node"));
            }
        } else {
            steps.add(seen("1.3", "the packet leaves through Node-1's eth0", after, trail, List.of(2), 18_400L, 0L));
            steps.add(unseen("1.4", "the packet travels to the endpoint's node", after, broken ? StepStatus.NOT_CAPTURED
                    : StepStatus.INFERRED,
                    broken ? "eth0 of Node-2 was not captured" : "seen behind it"));
            if (broken) {
                steps.add(unseen("1.5", "Node-2 delivers it to the pod through cbr0", after, StepStatus.MISSING,
                        "node2-cbr0 was capturing and never saw it"));
                steps.add(unseen("1.6", "the pod answers", pod + " -> " + source, StepStatus.MISSING, "nothing came to the pod"));
            } else {
                steps.add(seen("1.5", "Node-2 delivers it to the pod through cbr0", after, trail, List.of(3), 155_000L, 85_000L));
                steps.add(seen("1.6", "the pod answers", pod + " -> " + source, trail, List.of(3, 2), 402_000L, 0L));
            }
        }
        steps.add(broken ? unseen("2.0", "the answer reaches the client", service + " -> " + client, StepStatus.MISSING,
                "nothing came back")
                : seen("2.0", "Node-1 reverses the translation; the answer reaches the client", service + " -> " + client, trail,
                        List.of(1, 0),
                        171_000L, 21_000L));
        return steps;
    }

    private static Step seen(String number, String title, String tuple, Trail trail, List<Integer> places, Long latency, Long uncertainty) {
        List<FrameRef> evidence = places.stream().map(place -> trail.framesOf(place).get(0)).toList();
        return new Step(number, title, tuple, StepStatus.OBSERVED, evidence, trail.requests, latency, uncertainty, null);
    }

    private static Step unseen(String number, String title, String tuple, StepStatus status, String reason) {
        return new Step(number, title, tuple, status, List.of(), 0, null, null, reason);
    }

    /** Packets of one flow, with places 0 client, 1 and 2 node1-eth0 before and after NAT, 3 node2-cbr0. */
    private final class Trail {
        final List<TracedPacket> packets = new ArrayList<>();
        final List<FrameRef> lost = new ArrayList<>();
        final List<List<FrameRef>> places = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        final long start;
        final boolean local;
        long elapsed;
        long arrival;
        Direction before;
        int requests;
        int replies;

        Trail(long start, boolean local) {
            this.start = start;
            this.local = local;
        }

        void at(long nanos) {
            elapsed = nanos;
        }

        List<FrameRef> framesOf(int place) {
            return places.get(place);
        }

        void exchange(boolean repeated) {
            int last = local ? 3 : 4;
            packet(Direction.REQUEST, SYN, 0, 0, 0, "", last);
            packet(Direction.REPLY, SYN | ACK, 0, 1, 0, "", last);
            packet(Direction.REQUEST, ACK, 1, 1, 0, "", last);
            packet(Direction.REQUEST, PSH | ACK, 1, 1, 517, "", last);
            packet(Direction.REPLY, ACK, 1, 518, 0, "", last);
            for (int i = 0; i < 6; i++) {
                packet(Direction.REPLY, ACK, 1 + i * 1448L, 518, 1448, "", last);
                if (i == 3 && repeated) {
                    packet(Direction.REQUEST, PSH | ACK, 518, 5793, 400, "lost", 3);
                    elapsed += 212 * MILLI;
                    packet(Direction.REQUEST, PSH | ACK, 518, 5793, 400, "retransmission", last);
                }
            }
            packet(Direction.REQUEST, ACK, 918, 8689, 0, "", last);
            if (random.nextInt(3) == 0) {
                elapsed += 1500 * MILLI;
            }
            packet(Direction.REQUEST, FIN | ACK, 918, 8689, 0, "", last);
            packet(Direction.REPLY, FIN | ACK, 8689, 919, 0, "", last);
            packet(Direction.REQUEST, ACK, 919, 8690, 0, "", last);
        }

        void packet(Direction direction, int flags, long sequence, long acknowledgment, long length, String note, int last) {
            List<TracedPacket.Sighting> sightings = new ArrayList<>();
            // An answer waits for what it answers.
            elapsed = (direction == before ? elapsed : Math.max(elapsed, arrival)) + 30_000 + random.nextInt(90_000);
            before = direction;
            long time = elapsed;
            boolean request = direction == Direction.REQUEST;
            for (int i = 0; i < last; i++) {
                int place = request ? i : last - 1 - i;
                int point = place == 0 ? 0 : place == 3 ? 2 : 1;
                long stamp = start + time + (point == 0 ? 0 : point == 1 ? NODE1_AHEAD : NODE2_AHEAD);
                String file = point == 0 ? "client.pcap" : point == 1 ? "node1-eth0.pcap" : "node2-cbr0.pcapng.gz";
                FrameRef frame = new FrameRef(point == 0 ? "client" : point == 1 ? "node1-eth0" : "node2-cbr0", file, ++frames[point],
                        stamp);
                places.get(place).add(frame);
                sightings.add(new TracedPacket.Sighting(place, file, frame.number(), stamp));
                if (note.contains("lost") && i == last - 1) {
                    lost.add(frame);
                }
                boolean inside = request ? place == 1 : place == 2;
                time += inside ? 12_000 + random.nextInt(9_000) : 110_000 + random.nextInt(70_000);
            }
            arrival = time;
            if (request) {
                requests++;
            } else {
                replies++;
            }
            packets.add(new TracedPacket(direction, "tcp", flags, sequence, acknowledgment, length, note, sightings));
        }
    }
}
