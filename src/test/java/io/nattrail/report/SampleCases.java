package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.FlowResult.PacketCount;
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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Results written by hand, on the addresses of the specification: what the engine would say of small cases. */
public final class SampleCases {
    /** 2026-11-23T15:34:12.750914Z, the first packet of every sample. */
    public static final long START = 1_795_448_052_750_914_000L;

    /** Where the frames of a result written by hand would be. */
    static final PointResult.Source GONE = new PointResult.Source(Path.of("gone.pcap"), null);

    private static final long MILLI = 1_000_000L;

    private static final DeviationType LOST = new DeviationType("request-lost-between-nodes", Severity.ERROR,
            "The request is lost between the nodes", "B leaves node1-eth0 and never shows at node2-cbr0",
            List.of("no route for the pod CIDR of the endpoint's node", "a security group between the nodes"),
            List.of("Compare the effective routes of Node-1 with the pod CIDR of the endpoint's node.", "Capture eth0 there."),
            List.of("RFC 1812"));
    private static final DeviationType RETRANSMITTED = new DeviationType("syn-retransmitted", Severity.WARNING,
            "The client had to repeat its SYN", "the same SYN again after 1, 3, 7 s", List.of("the request or its answer was lost"),
            List.of("See the hop that lost it."), List.of("RFC 6298"));
    private static final DeviationType SKEW = new DeviationType("clock-skew", Severity.INFO, "The clocks of two points differ",
            "every crossing is early or late by the same time", List.of("no time synchronisation"), List.of("Synchronise the clocks."),
                    List.of());

    private SampleCases() {
    }

    /** One flow to a pod on the other node, all well. */
    public static CaseResult happy() {
        return new CaseResult(header("happy-cross-node", "10.244.1.2"), List.of(answered(1)), findings(List.of(), 1, 0, 0, 0, List.of()));
    }

    /** Two flows are lost between the nodes, one had to repeat its SYN, one is well, of one the captures do not tell; a clock is off. */
    public static CaseResult lostBetweenNodes() {
        List<FlowResult> flows = List.of(answered(1), lost(2), repeated(3), lost(4), unknown(5));
        CaseFindings.RootCause cause = new CaseFindings.RootCause(LOST.code(), "error", "1.5", 2, List.of(2, 4), START + 1000 * MILLI,
                List.of("10.244.1.2:8443"), List.of("node-2"), List.of("10.241.0.4"),
                "2 of 5 flows left Node-1 for 10.244.1.2:8443 and never reached node2-cbr0", LOST.remedy());
        Deviation skew = new Deviation(SKEW, Severity.INFO, null, "node2-cbr0", "the clock of node2-cbr0 is 1.5 ms ahead of client's",
                List.of(), List.of());
        return new CaseResult(header("lost-between-nodes", "10.244.1.2"), flows, findings(List.of(skew), 1, 1, 2, 1, List.of(cause)));
    }

    /** Nothing but captures: no flow was found. */
    public static CaseResult empty() {
        return new CaseResult(header("empty", "-"), List.of(), findings(List.of(), 0, 0, 0, 0, List.of()));
    }

    /** Every text that a capture, its file's name or the cluster's state may hold is this one. */
    public static CaseResult hostile(String text) {
        FrameRef frame = new FrameRef(text, text, 1, START);
        DeviationType type = new DeviationType("icmp-unreachable", Severity.ERROR, text, text, List.of(text), List.of(text), List.of(text));
        Deviation deviation = new Deviation(type, Severity.ERROR, "1.1", text, text, List.of(frame), List.of(text));
        Step step = new Step("1.1", text, text, StepStatus.OBSERVED, List.of(frame), 1, 5L, 1L, text);
        FlowResult.LegResult leg = new FlowResult.LegResult(text, text, "original", "S", 1, 0, frame, frame);
        Hop hop = new Hop(text, text, Direction.REQUEST, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, List.of(frame));
        FlowResult flow = new FlowResult(1, "nodeport", Protocol.TCP, client(1), Endpoint.parse("10.240.0.4:32000"), null, text, text, null,
                null, new FlowResult.FlowEndpoint(null, text, text, null), 0.5, List.of(text), Verdict.FAILED, "1.1", text, START,
                START + MILLI, List.of(step), List.of(deviation), Map.of(text, new PacketCount(1, 0)), 0, 0, List.of(leg), List.of(hop),
                        null);
        PointResult.FileResult file = new PointResult.FileResult(text, text, text, List.of(text), 1, 1, 1, null, null,
                List.of(new PointResult.DamageResult(0, 0, text, text)), null, null, GONE);
        PointResult point = new PointResult(new CapturePoint(text, PointRole.CLIENT, text, text), List.of(file),
                new PointResult.ClockResult(null, 0, null, false, "unknown", null, null), 0, 0);
        CaseHeader header = new CaseHeader(text, "1.0", List.of(point), List.of(text),
                List.of(new CaseHeader.ClusterFact(text, text, text, "told")));
        CaseFindings.RootCause cause = new CaseFindings.RootCause(type.code(), "error", "1.1", 1, List.of(1), START, List.of(text),
                List.of(text), List.of(text), text, text);
        return new CaseResult(header, List.of(flow), findings(List.of(deviation), 0, 0, 1, 0, List.of(cause)));
    }

    /** A header with the three standard points. */
    public static CaseHeader header(String name, String pod) {
        List<CaseHeader.ClusterFact> cluster = List.of(new CaseHeader.ClusterFact("node", "node-1", "10.240.0.4", "inferred"),
                new CaseHeader.ClusterFact("service", "default/web:https", "172.31.0.5:443", "told"),
                new CaseHeader.ClusterFact("endpoint", "default/web-2", pod, "told"));
        PointResult client = point("client", PointRole.CLIENT, null, "client.pcap", new PointResult.ClockResult(0L, 0, 0L, true,
                "reference",
                0L, 0L), List.of());
        PointResult node1 = point("node1-eth0", PointRole.NODE_INTERFACE, "node-1", "node1-eth0.pcap", new PointResult.ClockResult(40_000L,
                0.25,
                60_000L, false, "bounded", -20_000L, 100_000L), List.of());
        PointResult node2 = point("node2-cbr0", PointRole.BRIDGE, "node-2", "node2-cbr0.pcapng.gz", new PointResult.ClockResult(1_500_000L,
                0,
                80_000L, false, "bounded", 1_420_000L, 1_580_000L),
                List.of(new PointResult.DamageResult(4096, 37, "truncated", "the last record ends 12 bytes early")));
        return new CaseHeader(name, "0.1.0", List.of(client, node1, node2), List.of("notes.txt: neither a capture nor cluster state"),
                cluster);
    }

    /** A connection that went there and back. */
    public static FlowResult answered(int id) {
        return flow(id, Verdict.OK, null, null, steps(id, StepStatus.OBSERVED), List.of(), 7);
    }

    /** A connection whose translated request left Node-1 and did not come to Node-2. */
    public static FlowResult lost(int id) {
        Deviation lost = new Deviation(LOST, Severity.ERROR, "1.5", "node2-cbr0",
                "10.240.0.4:" + source(id) + " -> 10.244.1.2:8443 left Node-1 3 times and never reached node2-cbr0",
                List.of(frame("node1-eth0", id, 2), frame("node1-eth0", id, 4)), List.of("syn-retransmitted"));
        return flow(id, Verdict.FAILED, "1.4", null, steps(id, StepStatus.MISSING), List.of(lost), 0);
    }

    /** A connection that came through at the second attempt. */
    public static FlowResult repeated(int id) {
        Deviation repeated = new Deviation(RETRANSMITTED, Severity.WARNING, "1.1", "client", "the SYN was sent again after 1.02 s",
                List.of(frame("client", id, 1), frame("client", id, 2)), List.of());
        return flow(id, Verdict.DEGRADED, null, null, steps(id, StepStatus.OBSERVED), List.of(repeated), 7);
    }

    /** A connection of which warnings were found before an error. */
    static CaseResult warningsThenAnError() {
        Deviation warning = repeated(1).deviations().get(0);
        List<Deviation> found = List.of(warning, warning, warning, warning, warning, lost(1).deviations().get(0));
        FlowResult flow = flow(1, Verdict.DEGRADED, null, null, steps(1, StepStatus.OBSERVED), found, 7);
        return new CaseResult(header("much-in-one", "10.244.1.2"), List.of(flow), findings(List.of(), 0, 1, 0, 0, List.of()));
    }

    /** A connection that the captures do not tell enough of. */
    public static FlowResult unknown(int id) {
        return flow(id, Verdict.UNDETERMINED, null, "the capture at node2-cbr0 ended before the request could arrive",
                steps(id, StepStatus.NOT_CAPTURED), List.of(), 0);
    }

    /** A connection that failed, and the captures do not tell why. */
    static FlowResult failedOpenly(int id) {
        Deviation repeated = new Deviation(RETRANSMITTED, Severity.WARNING, "1.1", "client", "the SYN was sent again after 1.02 s",
                List.of(frame("client", id, 1), frame("client", id, 2)), List.of());
        return flow(id, Verdict.FAILED, "1.4", "no answer was seen, and step 1.4 was not captured", steps(id, StepStatus.NOT_CAPTURED),
                List.of(repeated), 0);
    }

    /** A connection that failed at the step of its one finding, a warning, and the captures leave nothing open. */
    static FlowResult failedByWarning(int id) {
        Deviation repeated = new Deviation(RETRANSMITTED, Severity.WARNING, "1.1", "client", "the SYN was sent again after 1.02 s",
                List.of(frame("client", id, 1), frame("client", id, 2)), List.of());
        return flow(id, Verdict.FAILED, "1.1", null, steps(id, StepStatus.NOT_CAPTURED), List.of(repeated), 0);
    }

    /** Connections that were lost between the nodes, and others that failed without an explanation. */
    static CaseResult lostAndFailedOpenly(int lost, int open) {
        List<FlowResult> flows = new ArrayList<>();
        List<Integer> ids = new ArrayList<>();
        for (int id = 1; id <= lost; id++) {
            flows.add(lost(id));
            ids.add(id);
        }
        for (int id = lost + 1; id <= lost + open; id++) {
            flows.add(failedOpenly(id));
        }
        CaseFindings.RootCause cause = new CaseFindings.RootCause(LOST.code(), "error", "1.5", lost, ids, START, List.of(), List.of(),
                List.of(), "they never reached node2-cbr0", LOST.remedy());
        CaseFindings.RootCause symptom = new CaseFindings.RootCause(RETRANSMITTED.code(), "warning", "1.1", open, List.of(lost + 1), START,
                List.of(), List.of(), List.of(), "the SYN was sent again", RETRANSMITTED.remedy());
        return new CaseResult(header("mixed", "10.244.1.2"), flows, findings(List.of(), 0, 0, lost + open, 0,
                lost == 0 ? List.of(symptom) : List.of(cause, symptom)));
    }

    /** One cause at two steps, with the same to do. */
    static CaseResult lostAtTwoSteps() {
        CaseFindings.RootCause between = new CaseFindings.RootCause("loss", "warning", "1.4", 1, List.of(1), START, List.of(), List.of(),
                List.of(), "one packet did not arrive", "Read the drop counters: `ip -s link show eth0`");
        CaseFindings.RootCause before = new CaseFindings.RootCause("loss", "warning", "2.0", 1, List.of(2), START, List.of(), List.of(),
                List.of(), "one packet did not arrive", between.remedy());
        return new CaseResult(header("losses", "10.244.1.2"), List.of(repeated(1), repeated(2)), findings(List.of(), 0, 2, 0, 0,
                List.of(between, before)));
    }

    /** A connection of which the captures do not tell how it went, with something found in it. */
    static CaseResult openWithASymptom() {
        CaseFindings.RootCause symptom = new CaseFindings.RootCause(RETRANSMITTED.code(), "warning", "1.1", 1, List.of(1), START, List.of(),
                List.of(), List.of(), "the SYN was sent again", RETRANSMITTED.remedy());
        return new CaseResult(header("open", "10.244.1.2"), List.of(unknown(1)), findings(List.of(), 0, 0, 0, 1, List.of(symptom)));
    }

    /** A cause that names so many clients. */
    static CaseResult affecting(int clients) {
        List<String> names = IntStream.rangeClosed(1, clients).mapToObj(n -> "10.241.0." + n).toList();
        CaseFindings.RootCause cause = new CaseFindings.RootCause(LOST.code(), "error", "1.5", 1, List.of(1), START, List.of(), List.of(),
                names, "they never reached node2-cbr0", LOST.remedy());
        return new CaseResult(header("affecting", "10.244.1.2"), List.of(lost(1)), findings(List.of(), 0, 0, 1, 0, List.of(cause)));
    }

    /** The same flow with its first packets one by one: a SYN, its copy after a second, and the answer. */
    public static FlowResult traced(FlowResult flow) {
        int id = flow.id();
        List<TracedPacket> trail = List.of(
                new TracedPacket(Direction.REQUEST, "tcp", 0x02, 0, 0, 0, "", List.of(sighting(0, "client", id, 1),
                        sighting(1, "node1-eth0", id, 2))),
                new TracedPacket(Direction.REQUEST, "tcp", 0x02, 0, 0, 0, "retransmission", List.of(sighting(0, "client", id, 3),
                        sighting(1, "node1-eth0", id, 4))),
                new TracedPacket(Direction.REPLY, "tcp", 0x12, 0, 1, 0, "", List.of(sighting(1, "node1-eth0", id, 5))));
        return tracedBy(flow, trail);
    }

    static FlowResult tracedBy(FlowResult flow, List<TracedPacket> trail) {
        return new FlowResult(flow.id(), flow.path(), flow.protocol(), flow.client(), flow.service(), flow.clusterIp(), flow.serviceName(),
                flow.entryNode(), flow.translated(), flow.told(), flow.endpoint(), flow.confidence(), flow.matchedBy(), flow.verdict(),
                flow.failedStep(), flow.undetermined(), flow.startNanos(), flow.endNanos(), flow.steps(), flow.deviations(), flow.packets(),
                flow.requestBytes(), flow.replyBytes(), flow.legs(), flow.hops(), trail);
    }

    private static TracedPacket.Sighting sighting(int leg, String point, int id, int number) {
        FrameRef frame = frame(point, id, number);
        return new TracedPacket.Sighting(leg, frame.file(), frame.number(), frame.timeNanos());
    }

    /** Findings of a case. */
    public static CaseFindings findings(List<Deviation> deviations, long ok, long degraded, long failed, long undetermined,
            List<CaseFindings.RootCause> causes) {
        return new CaseFindings(deviations, new CaseFindings.Summary(ok + degraded + failed + undetermined, ok, degraded, failed,
                undetermined,
                causes));
    }

    private static FlowResult flow(int id, Verdict verdict, String failedStep, String undetermined, List<Step> steps,
            List<Deviation> deviations, long replies) {
        Endpoint service = Endpoint.parse("10.240.0.4:32000");
        Endpoint masquerade = Endpoint.parse("10.240.0.4:" + source(id));
        Endpoint pod = Endpoint.parse("10.244.1.2:8443");
        Map<String, PacketCount> packets = new LinkedHashMap<>();
        packets.put("client", new PacketCount(6, replies));
        packets.put("node1-eth0", new PacketCount(12, 2 * replies));
        packets.put("node2-cbr0", new PacketCount(replies == 0 ? 0 : 6, replies));
        List<FlowResult.LegResult> legs = new ArrayList<>();
        legs.add(new FlowResult.LegResult("client", client(id) + " -> " + service, "original", replies == 0 ? "SSS" : "ShADadFf", 6,
                replies,
                frame("client", id, 1), frame("client", id, 6)));
        legs.add(new FlowResult.LegResult("node1-eth0", masquerade + " -> " + pod, "translated", replies == 0 ? "SSS" : "ShADadFf", 6,
                replies,
                frame("node1-eth0", id, 2), frame("node1-eth0", id, 12)));
        List<Hop> hops = new ArrayList<>(List.of(
                new Hop("client", "node1-eth0", Direction.REQUEST, 6, 6, 0, 0, 0, 0, 0, 150_000, 160_000, 190_000, List.of()),
                new Hop("node1-eth0", "node1-eth0", Direction.REQUEST, 6, 6, 0, 0, 0, 0, 0, 21_000, 22_000, 40_000, List.of())));
        if (replies == 0) {
            hops.add(new Hop("node1-eth0", "node2-cbr0", Direction.REQUEST, 6, 0, 6, 0, 0, 0, 0, 0, 0, 0, List.of(frame("node1-eth0", id,
                    2))));
        } else {
            hops.add(new Hop("node1-eth0", "node2-cbr0", Direction.REQUEST, 6, 6, 0, 0, 0, 0, 0, 1_700_000, 1_720_000, 1_800_000,
                    List.of()));
            hops.add(new Hop("node2-cbr0", "node1-eth0", Direction.REPLY, 7, 7, 0, 0, 0, 0, 0, -1_300_000, -1_290_000, -1_200_000,
                    List.of()));
            hops.add(new Hop("node1-eth0", "node1-eth0", Direction.REPLY, 7, 7, 0, 0, 0, 0, 0, 18_000, 19_000, 25_000, List.of()));
            hops.add(new Hop("node1-eth0", "client", Direction.REPLY, 7, 7, 0, 0, 0, 0, 0, 140_000, 150_000, 170_000, List.of()));
        }
        return new FlowResult(id, "nodeport", Protocol.TCP, client(id), service, Endpoint.parse("172.31.0.5:443"), "default/web:https",
                "node-1",
                new FlowResult.Translated(masquerade, pod), null, new FlowResult.FlowEndpoint(pod, "default/web-2", "node-2", false), 1.0,
                List.of("tcp-isn", "tcp-timestamp", "payload"), verdict, failedStep, undetermined, at(id, 0), at(id, 40), steps, deviations,
                packets, 1200, replies == 0 ? 0 : 5600, legs, hops, null);
    }

    /** The steps of a flow to the other node; from 1.4 on with the status that is given. */
    private static List<Step> steps(int id, StepStatus beyond) {
        String before = client(id) + " -> 10.240.0.4:32000";
        String chosen = client(id) + " -> 10.244.1.2:8443";
        String after = "10.240.0.4:" + source(id) + " -> 10.244.1.2:8443";
        String answer = "10.244.1.2:8443 -> 10.240.0.4:" + source(id);
        boolean arrived = beyond == StepStatus.OBSERVED;
        StepStatus later = arrived ? StepStatus.OBSERVED : StepStatus.NOT_CAPTURED;
        return List.of(
                step("1.1", "the client opens a connection to the node port", before, StepStatus.OBSERVED, 150_000L, null,
                        frame("client", id, 1), frame("node1-eth0", id, 1)),
                step("1.2", "kube-proxy's rules take the node port to the service's ClusterIP", client(id) + " -> 172.31.0.5:443",
                        StepStatus.INFERRED, null, "inside the kernel"),
                step("1.2.1", "destination NAT from the ClusterIP to the chosen endpoint", chosen, StepStatus.INFERRED, null,
                        "inside the kernel"),
                step("1.2.2", "source NAT (masquerade) to the node, so that the answer comes back through it", after, StepStatus.INFERRED,
                        null,
                        "inside the kernel"),
                step("1.3", "the endpoint is outside the local pod CIDR: the packet leaves through Node-1's eth0", after,
                        StepStatus.OBSERVED,
                        22_000L, null, frame("node1-eth0", id, 2)),
                step("1.4", "the packet travels from Node-1 to Node-2", after, arrived ? StepStatus.INFERRED : beyond, null,
                        arrived ? "node2-eth0 was not captured" : "never seen at node2-cbr0"),
                step("1.5", "Node-2 delivers it to the pod through cbr0", after, arrived ? StepStatus.OBSERVED : beyond, 180_000L,
                        arrived ? null : "never seen at node2-cbr0", frame("node2-cbr0", id, 1)),
                step("1.6", "the pod answers with source and destination exchanged", answer, later, 90_000L, null, frame("node2-cbr0", id,
                        2),
                        frame("node1-eth0", id, 3)),
                step("2.0", "Node-1 reverses both translations and the answer reaches the client", "10.240.0.4:32000 -> " + client(id),
                        later,
                        210_000L, null, frame("node1-eth0", id, 4), frame("client", id, 2)));
    }

    private static Step step(String number, String title, String tuple, StepStatus status, Long latency, String reason,
            FrameRef... evidence) {
        boolean observed = status == StepStatus.OBSERVED;
        return new Step(number, title, tuple, status, observed ? List.of(evidence) : List.of(), observed ? 6 : 0, observed ? latency : null,
                observed && latency != null ? Long.valueOf(number.equals("1.3") ? 0 : 60_000) : null, observed ? null : reason);
    }

    private static PointResult point(String name, PointRole role, String node, String file, PointResult.ClockResult clock,
            List<PointResult.DamageResult> damage) {
        boolean compressed = file.endsWith(".gz");
        PointResult.FileResult part = new PointResult.FileResult(file, file.contains("pcapng") ? "pcapng" : "pcap", compressed ? "gzip"
                : null,
                List.of("EN10MB"), 120, 9_000, 14_000, START, START + 12_400 * MILLI, damage, compressed ? Long.valueOf(0) : null, 262_144,
                GONE);
        return new PointResult(new CapturePoint(name, role, node, "from the file's name"), List.of(part), clock, 0, 3);
    }

    private static FrameRef frame(String point, int id, int number) {
        String file = point.equals("node2-cbr0") ? point + ".pcapng.gz" : point + ".pcap";
        return new FrameRef(point, file, 20L * id + number, at(id, number));
    }

    private static long at(int id, int millis) {
        return START + (id - 1) * 1000L * MILLI + millis * MILLI;
    }

    private static Endpoint client(int id) {
        return Endpoint.parse("10.241.0.4:" + (38_635 + id % 26_000));
    }

    private static int source(int id) {
        return 20_000 + id % 40_000;
    }
}
