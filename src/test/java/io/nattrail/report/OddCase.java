package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseResult;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Flows that are not the usual ones: never seen at Node-1, refused with ICMP for want of endpoints, UDP by ClusterIP from a pod, a point
 * whose clock nothing tells.
 */
final class OddCase {
    private static final long START = SampleCases.START;
    private static final long MILLI = 1_000_000L;
    private static final List<String> POINTS = List.of("client", "node1-eth0", "pod", "node2-any");

    private static final DeviationType UNSEEN = new DeviationType("request-lost-before-node1", Severity.ERROR, "The request never came",
            "The SYN is at the client and never at Node-1.", List.of("a firewall before the node"), List.of("Check the security group."),
                    List.of());
    private static final DeviationType NONE = new DeviationType("no-endpoints-reject", Severity.ERROR, "The service has no endpoints",
            "ICMP port unreachable.", List.of("no pod is ready"), List.of("kubectl get endpointslices"), List.of());

    private OddCase() {
    }

    static CaseResult result() {
        PointResult.ClockResult reference = new PointResult.ClockResult(0L, 0, 0L, true, "reference", 0L, 0L);
        PointResult.ClockResult bounded = new PointResult.ClockResult(0L, 0, 30_000L, false, "bounded", -30_000L, 30_000L);
        PointResult.ClockResult unknown = new PointResult.ClockResult(null, 0, null, false, "unknown", null, null);
        CaseHeader header = new CaseHeader("odd", "0.1.0", List.of(point("client", PointRole.CLIENT, null, reference),
                point("node1-eth0", PointRole.NODE_INTERFACE, "node-1", bounded), point("pod", PointRole.POD, "node-1", bounded),
                point("node2-any", PointRole.ANY, "node-2", unknown)), List.of(), List.of());
        List<FlowResult> flows = List.of(unseen(1), refused(2), unseen(3), byClusterIp(4), byClusterIp(5));
        List<CaseFindings.RootCause> causes = List.of(
                new CaseFindings.RootCause(UNSEEN.code(), "error", "1.1", 2, List.of(1, 3), START, List.of(), List.of("node-1"),
                        List.of("10.241.0.4"), "2 requests never came to Node-1", UNSEEN.remedy()),
                new CaseFindings.RootCause(NONE.code(), "error", "1.2", 1, List.of(2), START, List.of(), List.of("node-1"),
                        List.of("10.241.0.4"), "1 request was refused: the service has no endpoints", NONE.remedy()));
        return new CaseResult(header, flows, new CaseFindings(List.of(), new CaseFindings.Summary(5, 2, 0, 3, 0, causes)));
    }

    /** One flow that sends so many packets of 1000 bytes, of which one is lost. */
    static CaseResult longFlow(int packets, int lost) {
        CaseResult odd = result();
        List<TracedPacket> trail = new ArrayList<>();
        for (int i = 0; i < packets; i++) {
            List<TracedPacket.Sighting> sightings = new ArrayList<>();
            for (int leg = 0; leg < (i == lost ? 1 : 2); leg++) {
                sightings.add(new TracedPacket.Sighting(leg, POINTS.get(leg) + ".pcap", i + 1L, START + i * 300_000L + leg * 90_000L));
            }
            trail.add(new TracedPacket(Direction.REQUEST, "tcp", 16, i * 1000L, 1, 1000, i == lost ? "lost" : "", sightings));
        }
        String tuple = "10.241.0.4:40001 -> 10.240.0.4:32000";
        FlowResult flow = flow(1, "nodeport", Protocol.TCP, Verdict.DEGRADED, null, null, List.of(), List.of(),
                List.of(leg(0, 1, tuple, "original"), leg(1, 1, tuple, "original")), List.of(), trail);
        return new CaseResult(odd.header(), List.of(flow),
                new CaseFindings(List.of(), new CaseFindings.Summary(1, 0, 1, 0, 0, List.of())));
    }

    private static PointResult point(String name, PointRole role, String node, PointResult.ClockResult clock) {
        PointResult.FileResult file = new PointResult.FileResult(name + ".pcap", "pcap", null, List.of("EN10MB"), 40, 4000, 4000, START,
                START + 9000 * MILLI, List.of(), null, 128, SampleCases.GONE);
        return new PointResult(new CapturePoint(name, role, node, "from the command line"), List.of(file), clock, 3, 0);
    }

    private static FlowResult unseen(int id) {
        FrameRef frame = frame(0, id, 0);
        Deviation deviation = new Deviation(UNSEEN, Severity.ERROR, "1.1", "node1-eth0", "the SYN never came to node1-eth0", List.of(frame),
                List.of());
        List<TracedPacket> trail = List.of(new TracedPacket(Direction.REQUEST, "tcp", 2, 0, 0, 0, "lost", List.of(sighting(0, 0, id, 0))),
                new TracedPacket(Direction.REQUEST, "tcp", 2, 0, 0, 0, "retransmission, lost", List.of(sighting(0, 0, id, 1000))));
        Step sent = new Step("1.1", "the client opens a connection to the node port", "10.241.0.4:4000" + id + " -> 10.240.0.4:32000",
                StepStatus.OBSERVED, List.of(frame), 2, null, null, null);
        return flow(id, "nodeport", Protocol.TCP, Verdict.FAILED, "1.1", null, steps(sent, StepStatus.NOT_CAPTURED), List.of(deviation),
                List.of(leg(0, id, "10.241.0.4:4000" + id + " -> 10.240.0.4:32000", "original")),
                List.of(new Hop("client", "node1-eth0", Direction.REQUEST, 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, List.of(frame))), trail);
    }

    private static FlowResult refused(int id) {
        FrameRef frame = frame(1, id, 0);
        Deviation deviation = new Deviation(NONE, Severity.ERROR, "1.2", "node1-eth0", "Node-1 answered ICMP port unreachable",
                List.of(frame(1, id, 1)), List.of());
        List<TracedPacket> trail = List.of(
                new TracedPacket(Direction.REQUEST, "tcp", 2, 0, 0, 0, "", List.of(sighting(0, 0, id, 0), sighting(1, 1, id, 0))),
                new TracedPacket(Direction.REPLY, "icmp 3/3", 0, 0, 0, 28, "", List.of(sighting(0, 0, id, 1), sighting(1, 1, id, 1))));
        Step sent = new Step("1.1", "the client opens a connection to the node port", "10.241.0.4:40002 -> 10.240.0.4:32000",
                StepStatus.OBSERVED, List.of(frame(0, id, 0), frame), 1, 90_000L, 30_000L, null);
        return flow(id, "nodeport", Protocol.TCP, Verdict.FAILED, "1.2", null, steps(sent, StepStatus.MISSING), List.of(deviation),
                List.of(leg(0, id, "10.241.0.4:40002 -> 10.240.0.4:32000", "original"), leg(1, id, "10.241.0.4:40002 -> 10.240.0.4:32000",
                        "original")), List.of(), trail);
    }

    private static FlowResult byClusterIp(int id) {
        List<TracedPacket> trail = List.of(
                new TracedPacket(Direction.REQUEST, "udp", 0, 0, 0, 44, "", List.of(sighting(0, 2, id, 0), sighting(1, 1, id, 1),
                        sighting(2, 3, id, 400_000))),
                new TracedPacket(Direction.REPLY, "udp", 0, 0, 0, 180, "duplicate", List.of(sighting(0, 2, id, 5), sighting(1, 1, id, 4),
                        sighting(2, 3, id, 400_001))));
        List<Step> steps = List.of(
                new Step("1.1", "the pod opens a connection to the ClusterIP", "10.244.0.7:5353 -> 172.31.0.10:53", StepStatus.OBSERVED,
                        List.of(frame(2, id, 0)), 1, null, null, null),
                new Step("1.2", "destination NAT to the chosen endpoint", "10.244.0.7:5353 -> 10.244.1.9:53", StepStatus.INFERRED,
                        List.of(), 0,
                        null, null, "inside the kernel"),
                new Step("1.3", "out of Node-1's eth0", null, StepStatus.OBSERVED, List.of(frame(1, id, 1)), 1, 50_000L, 30_000L, null),
                new Step("1.4", "to Node-2", null, StepStatus.INFERRED, List.of(), 0, null, null, null),
                new Step("1.5", "through Node-2's bridge to the pod", null, StepStatus.OBSERVED, List.of(frame(3, id, 400_000)), 1, null,
                        null, null),
                new Step("1.6", "the pod answers", null, StepStatus.OBSERVED, List.of(frame(3, id, 400_001)), 1, 20_000L, 0L, null),
                new Step("2.0", "Node-1 reverses the translation", null, StepStatus.OBSERVED, List.of(frame(2, id, 5)), 1, 20_000L,
                        30_000L, null));
        return flow(id, "clusterip", Protocol.UDP, Verdict.OK, null, new FlowResult.FlowEndpoint(Endpoint.parse("10.244.1.9:53"),
                "kube-system/coredns-7d8f9-abcde", "node-2", false), steps, List.of(),
                List.of(leg(2, id, "10.244.0.7:5353 -> 172.31.0.10:53", "original"), leg(1, id, "10.244.0.7:5353 -> 10.244.1.9:53",
                        "translated"),
                        leg(3, id, "10.244.0.7:5353 -> 10.244.1.9:53", "translated")),
                List.of(new Hop("node1-eth0", "node2-any", Direction.REQUEST, 1, 1, 0, 0, 0, 0, 0, 9, 9, 9, List.of())), trail);
    }

    private static List<Step> steps(Step first, StepStatus later) {
        List<Step> steps = new ArrayList<>(List.of(first));
        for (String number : List.of("1.2", "1.2.1", "1.2.2", "1.3", "1.4", "1.5", "1.6", "2.0")) {
            steps.add(new Step(number, "the step " + number, null, later, List.of(), 0, null, null, "nothing was seen"));
        }
        return steps;
    }

    private static FlowResult flow(int id, String path, Protocol protocol, Verdict verdict, String failedStep,
            FlowResult.FlowEndpoint endpoint,
            List<Step> steps, List<Deviation> deviations, List<FlowResult.LegResult> legs, List<Hop> hops, List<TracedPacket> trail) {
        boolean udp = protocol == Protocol.UDP;
        return new FlowResult(id, path, protocol, Endpoint.parse(udp ? "10.244.0.7:5353" : "10.241.0.4:4000" + id),
                Endpoint.parse(udp ? "172.31.0.10:53" : "10.240.0.4:32000"), null, null, "node-1", null, null, endpoint, 0.9, List.of(),
                        verdict,
                failedStep, null, START + id * MILLI, START + id * MILLI + 5 * MILLI, steps, deviations,
                Map.of("client", new FlowResult.PacketCount(1, 1)), 0, 0, legs, hops, trail);
    }

    private static FlowResult.LegResult leg(int point, int id, String tuple, String relation) {
        return new FlowResult.LegResult(POINTS.get(point), tuple, relation, "S", 1, 1, frame(point, id, 0), frame(point, id, 1));
    }

    private static FrameRef frame(int point, int id, long millis) {
        return new FrameRef(POINTS.get(point), POINTS.get(point) + ".pcap", id * 10L + millis % 7, START + (id + millis) * MILLI
                + point * 90_000);
    }

    private static TracedPacket.Sighting sighting(int leg, int point, int id, long millis) {
        FrameRef frame = frame(point, id, millis);
        return new TracedPacket.Sighting(leg, frame.file(), frame.number(), frame.timeNanos());
    }
}
