package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.capture.CaptureFacts;
import io.nattrail.capture.CaptureInterface;
import io.nattrail.capture.CaptureReader;
import io.nattrail.differential.Tshark;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.PointRole;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnnotatedPcapngTest {
    private static final Path CASE = Path.of("captures/kubeproxy-happy-cross-node");
    private static final long NODE1_AHEAD = 1_500_000_000L;

    @TempDir
    Path folder;

    private Path file;

    /** A frame of the case as it is to be found in the file. */
    private record Expected(String point, String source, long number, long aligned, int length) {
    }

    @BeforeEach
    void setUp() {
        file = folder.resolve("annotated.pcapng");
    }

    @Test
    void holdsEveryFrameOfEveryPointInOrderOfTheAlignedClock() throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        write(header(clock(0, 0, true), clock(NODE1_AHEAD, 0, false), clock(-250_000, 20, false)), List.of());

        assertThat(Tshark.complaints(file)).isEmpty();
        assertThat(shown()).isEqualTo(expected(0, NODE1_AHEAD, -250_000, 20));
    }

    @Test
    void saysOfEveryFrameOfAFlowWhichFlowStepAndDeviationItBelongsTo() throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        write(header(clock(0, 0, true), clock(0, 0, false), clock(0, 0, false)), List.of(SampleCases.traced(SampleCases.lost(2))));

        List<String> comments = new ArrayList<>();
        for (String[] row : Tshark.rows(file, "frame.interface_name", "frame.comment")) {
            if (!row[1].isEmpty()) {
                comments.add(row[0] + ": " + row[1]);
            }
        }
        assertThat(comments).contains(
                "client: flow 2: tcp 10.241.0.4:38637 -> 10.240.0.4:32000 => 10.244.1.2:8443; step 1.1; client.pcap frame 41")
                .anySatisfy(comment -> assertThat(comment).startsWith("node1-eth0: flow 2: ")
                        .endsWith("; step 1.3; request-lost-between-nodes; node1-eth0.pcap frame 42"));
        assertThat(comments).hasSizeLessThan(20);
    }

    @Test
    void describesThePointsAsInterfaces() throws IOException {
        write(header(clock(0, 0, true), clock(NODE1_AHEAD, 0, false),
                new PointResult.ClockResult(null, 0, null, false, "unknown", null, null)),
                List.of());

        assertThat(facts().interfaces()).extracting(CaptureInterface::name).containsExactly("client", "node1-eth0", "node2-cbr0");
        assertThat(facts().interfaces()).extracting(CaptureInterface::description).containsExactly(
                "from client.pcap; reference clock", "on node-1; from node1-eth0.pcap; clock moved by -1.50 s \u00b1 80.0 \u00b5s",
                "on node-2; from node2-cbr0.pcap; clock unknown, times as captured");
    }

    @Test
    void namesPodsServicesAndNodes() throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        write(header(clock(0, 0, true), clock(0, 0, false), clock(0, 0, false)), List.of(SampleCases.answered(1)));

        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).contains("\12\364\1\2web-2.default\0",
                "\12\360\0\4node-1\0");
        assertThat(Tshark.resolvedRows(file, "ip.dst_host")).extracting(row -> row[0]).contains("node-1");
    }

    @Test
    void keepsFramesOfOtherInterfacesOfTheSameFileForTheirOwnPoint() throws IOException {
        write(header(clock(0, 0, true), clock(0, 0, false), clock(0, 0, false)), List.of());
        Path merged = Files.move(file, folder.resolve("all.pcapng"));
        PointResult client = point("client", PointRole.CLIENT, null, clock(0, 0, true), merged, Set.of(0));
        PointResult bridge = point("node2-cbr0", PointRole.BRIDGE, "node-2", clock(0, 0, false), merged, Set.of(2));

        write(new CaseHeader("again", "1", List.of(client, bridge), List.of(), List.of()), List.of());

        assertThat(facts().packets()).isEqualTo(packets("client.pcap") + packets("node2-cbr0.pcap"));
    }

    @Test
    void leavesNothingBehindIfAFileIsGone() throws IOException {
        PointResult gone = point("client", PointRole.CLIENT, null, clock(0, 0, true), folder.resolve("gone.pcap"), null);
        CaseHeader header = new CaseHeader("gone", "1", List.of(gone), List.of(), List.of());

        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> write(header, List.of()));

        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    private void write(CaseHeader header, List<FlowResult> flows) throws IOException {
        try (AnnotatedPcapng report = new AnnotatedPcapng(file)) {
            new CaseResult(header, flows, SampleCases.findings(List.of(), 0, 0, 0, 0, List.of())).sendTo(report);
        }
    }

    private CaptureFacts facts() throws IOException {
        try (CaptureReader reader = CaptureReader.open(file)) {
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                assertThat(frame.timed()).isTrue();
            }
            return reader.facts();
        }
    }

    private static long packets(String name) throws IOException {
        try (CaptureReader reader = CaptureReader.open(CASE.resolve(name))) {
            FrameView frame = new FrameView();
            long count = 0;
            while (reader.next(frame)) {
                count++;
            }
            return count;
        }
    }

    private List<String> shown() throws IOException, InterruptedException {
        List<String> shown = new ArrayList<>();
        for (String[] row : Tshark.rows(file, "frame.interface_name", "frame.time_epoch", "frame.len")) {
            shown.add(row[0] + " " + new BigDecimal(row[1]).movePointRight(9).toBigInteger() + " " + row[2]);
        }
        return shown;
    }

    private static List<String> expected(long client, long node1, long node2, double node2Drift) throws IOException {
        List<Expected> all = new ArrayList<>();
        for (String point : List.of("client", "node1-eth0", "node2-cbr0")) {
            try (CaptureReader reader = CaptureReader.open(CASE.resolve(point + ".pcap"))) {
                FrameView frame = new FrameView();
                long first = -1;
                while (reader.next(frame)) {
                    first = first < 0 ? frame.timeNanos() : first;
                    long offset = point.equals("client") ? client : point.equals("node1-eth0") ? node1
                            : node2 + Math.round((frame.timeNanos() - first) * node2Drift / 1e6);
                    all.add(new Expected(point, point + ".pcap", frame.number(), frame.timeNanos() - offset, (int) frame.originalLength()));
                }
            }
        }
        all.sort(Comparator.comparingLong(Expected::aligned));
        List<String> lines = new ArrayList<>();
        for (Expected one : all) {
            lines.add(one.point() + " " + one.aligned() + " " + one.length());
        }
        return lines;
    }

    private static CaseHeader header(PointResult.ClockResult... clocks) throws IOException {
        return new CaseHeader("happy", "1", List.of(
                point("client", PointRole.CLIENT, null, clocks[0], CASE.resolve("client.pcap"), null),
                point("node1-eth0", PointRole.NODE_INTERFACE, "node-1", clocks[1], CASE.resolve("node1-eth0.pcap"), null),
                point("node2-cbr0", PointRole.BRIDGE, "node-2", clocks[2], CASE.resolve("node2-cbr0.pcap"), null)), List.of(),
                List.of(new CaseHeader.ClusterFact("node", "node-1", "10.240.0.4", "told")));
    }

    private static PointResult.ClockResult clock(long offset, double drift, boolean reference) {
        return new PointResult.ClockResult(offset, drift, 80_000L, reference, reference ? "reference" : "bounded", null, null);
    }

    private static PointResult point(String name, PointRole role, String node, PointResult.ClockResult clock, Path source,
            Set<Integer> interfaces) throws IOException {
        Long first = null;
        if (Files.exists(source)) {
            try (CaptureReader reader = CaptureReader.open(source)) {
                FrameView frame = new FrameView();
                first = reader.next(frame) ? frame.timeNanos() : null;
            }
        }
        PointResult.FileResult part = new PointResult.FileResult(source.getFileName().toString(), "pcap", "none", List.of("EN10MB"), 1, 1,
                1, first, first, List.of(), null, null, new PointResult.Source(source, interfaces));
        return new PointResult(new CapturePoint(name, role, node, "from the file's name"), List.of(part), clock, 0, 0);
    }
}
