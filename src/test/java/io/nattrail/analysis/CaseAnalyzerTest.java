package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.FrameFilter;
import io.nattrail.capture.PcapngWriter;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import io.nattrail.packets.ServicePath;
import io.nattrail.packets.Tape;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One case in many clothes: however the same packets come, the findings are the same. */
class CaseAnalyzerTest {
    private static final Path CASE = Path.of("captures/lost-between-nodes");
    /** Behind an Ethernet header. */
    private static final int IPV4_PROTOCOL = 14 + 9;
    private static final List<String> POINTS = List.of("client", "node1-eth0", "node2-cbr0");

    @TempDir
    Path folder;

    @Test
    void allPointsInOnePcapngAreAsGoodAsAFileForEach() throws IOException {
        copyDumps();
        try (OutputStream file = Files.newOutputStream(folder.resolve("all.pcapng"))) {
            PcapngWriter writer = new PcapngWriter(file, "test", null);
            List<Frame> frames = new ArrayList<>();
            for (String point : POINTS) {
                int number = writer.addInterface(point, null, LinkType.ETHERNET);
                read(CASE.resolve(point + ".pcap")).forEach(frame -> frames.add(new Frame(frame.time, frame.bytes, number)));
            }
            frames.sort((a, b) -> Long.compare(a.time, b.time));
            for (Frame frame : frames) {
                FrameView view = new FrameView();
                view.set(frame.bytes, 0, frame.bytes.length, frame.bytes.length, frame.time, true, 1, 0, LinkType.ETHERNET, frame.point);
                writer.packet(frame.point, frame.time, view, null);
            }
            writer.flush();
        }

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(result.header().points()).extracting(point -> point.point().name()).containsExactlyInAnyOrderElementsOf(POINTS);
        assertThat(findings(result)).isEqualTo(findings(analyze(CaseRequest.of(CASE))));
    }

    @Test
    void sectionsOfOneCapturePutTogetherAreOnePoint() throws IOException {
        copyDumps();
        for (String point : POINTS) {
            List<Frame> frames = read(CASE.resolve(point + ".pcap"));
            try (OutputStream file = Files.newOutputStream(folder.resolve(point + ".pcapng"))) {
                section(file, frames.subList(0, frames.size() / 3));
                section(file, frames.subList(frames.size() / 3, frames.size()));
            }
        }

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(result.header().points()).extracting(point -> point.point().name()).containsExactlyElementsOf(POINTS);
        assertThat(findings(result)).isEqualTo(findings(analyze(CaseRequest.of(CASE))));
    }

    /** The next capture was started before the one before it was stopped, and once more: both of the last two hold all of the middle. */
    @Test
    void whatSeveralFilesOfAPointHoldIsTakenOnce() throws IOException {
        copyDumps();
        copy(CASE, folder, "node2-cbr0.pcap");
        for (String point : POINTS.subList(0, 2)) {
            List<Frame> frames = read(CASE.resolve(point + ".pcap"));
            int third = frames.size() / 3;
            tape(frames.subList(0, third + 9)).write(folder.resolve(point + "_00001.pcap"));
            tape(frames.subList(third, 2 * third + 7)).write(folder.resolve(point + "_00002.pcap"));
            tape(frames.subList(third + 5, frames.size())).write(folder.resolve(point + "_00003.pcap"));
        }

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(findings(result)).isEqualTo(findings(analyze(CaseRequest.of(CASE))));
        assertThat(result.header().notes()).anyMatch(note -> note.equals("client_00002.pcap: 9 of its frames are in other files of this "
                + "point, too, and were taken once"));
    }

    @Test
    void sectionsThatGoBackInTimeAreSeveralPoints() throws IOException {
        copyDumps();
        try (OutputStream file = Files.newOutputStream(folder.resolve("all.pcapng"))) {
            for (String point : POINTS) {
                section(file, read(CASE.resolve(point + ".pcap")));
            }
        }

        assertThat(analyze(CaseRequest.of(folder)).header().points()).hasSize(3);
    }

    /** A capture of a machine that lost power: the blocks that were not on the disk yet are zeros. */
    @Test
    void aPacketThatDamageBeginsInsideOfWasNotAlteredOnTheWay() throws IOException {
        Path sound = Path.of("captures/happy-nftables");
        List<Frame> frames = read(sound.resolve("node1-eth0.pcapng.gz"));
        int largest = 0;
        for (int i = 0; i < frames.size(); i++) {
            largest = frames.get(i).bytes.length > frames.get(largest).bytes.length ? i : largest;
        }
        for (byte filling : new byte[] {0, (byte) 0xee}) {
            Path damaged = Files.createDirectory(folder.resolve("filled-with-" + filling));
            copy(sound, damaged, "client.pcapng.gz", "node2-cbr0.pcapng.gz");
            byte[] file = Files.readAllBytes(tape(frames).write(folder.resolve("whole.pcap")));
            int from = Files.readAllBytes(tape(frames.subList(0, largest + 1)).write(folder.resolve("part.pcap"))).length - 20;
            Arrays.fill(file, from, file.length, filling);
            Files.write(damaged.resolve("node1-eth0.pcap"), file);

            CaseResult result = analyze(CaseRequest.of(damaged));

            assertThat(result.findings().deviations()).extracting(deviation -> deviation.type().code()).contains("capture-file-damaged");
            assertThat(result.flows()).flatExtracting(FlowResult::deviations).isEmpty();
            String left = "node1-eth0.pcap: frame " + (largest + 1) + " was left out";
            assertThat(result.header().notes()).anyMatch(note -> note.startsWith(left));
        }
    }

    @Test
    void standardInputIsAPointLikeAnyFile() throws IOException {
        copyDumps();
        Map<String, List<Path>> points = Map.of("client", List.of(CASE.resolve("client.pcap")), "node1-eth0", List.of(Path.of("-")),
                "node2-cbr0", List.of(CASE.resolve("node2-cbr0.pcap")));
        CaseAnalyzer analyzer = new CaseAnalyzer("test", CaseAnalyzerTest::noFilter,
                new ByteArrayInputStream(Files.readAllBytes(CASE.resolve("node1-eth0.pcap"))));

        CaseResult result = analyze(analyzer, new CaseRequest(List.of(folder), points, null, null, FlowSelection.ALL, 2, false));

        assertThat(findings(result)).isEqualTo(findings(analyze(CaseRequest.of(CASE))));
    }

    @Test
    void twoFilesOfOnePointAreOneCaptureWhicheverIsNamedFirst() throws IOException {
        copyDumps();
        List<Frame> frames = read(CASE.resolve("client.pcap"));
        Path early = tape(frames.subList(0, frames.size() / 2)).write(folder.resolve("z.pcap"));
        Path late = tape(frames.subList(frames.size() / 2, frames.size())).write(folder.resolve("a.pcap"));
        Path rest = Files.createDirectories(folder.resolve("rest"));
        copy(CASE, rest, "node1-eth0.pcap", "node2-cbr0.pcap");
        copy(CASE, rest, dumps());

        CaseResult result = analyze(new CaseRequest(List.of(rest), Map.of("client", List.of(late, early)), null, null, FlowSelection.ALL, 1,
                false));

        assertThat(findings(result)).isEqualTo(findings(analyze(CaseRequest.of(CASE))));
        assertThat(result.header().points().get(0).files()).extracting(PointResult.FileResult::file).containsExactly("z.pcap", "a.pcap");
        assertThat(result.findings().deviations()).noneMatch(deviation -> deviation.type().code().contains("backwards"));
    }

    @Test
    void filesWhoseNamesSayNothingAreToldByTheirContents() throws IOException {
        Path named = Path.of("captures/syn-lost-once");
        copy(named, folder, "kubectl-get.json", "node-1.conntrack", "node-2.conntrack", "node-1.iptables-save", "node-2.iptables-save");
        Files.copy(named.resolve("client.pcap"), folder.resolve("trace-b.pcap"));
        Files.copy(named.resolve("node1-eth0.pcap"), folder.resolve("trace-c.pcap"));
        Files.copy(named.resolve("node2-cbr0.pcap"), folder.resolve("trace-a.pcap"));

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(result.header().points()).extracting(point -> point.point().name()).containsExactlyInAnyOrderElementsOf(POINTS);
        assertThat(result.header().notes()).anyMatch(note -> note.startsWith("trace-b is taken for client: "));
        assertThat(findings(result)).isEqualTo(findings(analyze(CaseRequest.of(named))));
    }

    @Test
    void ofACaptureWhoseNameAndContentsSayNothingThatIsSaid() throws IOException {
        copyDumps();
        copy(CASE, folder, "client.pcap", "node1-eth0.pcap");
        Files.copy(CASE.resolve("node2-cbr0.pcap"), folder.resolve("trace-a.pcap"));

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(result.header().points()).filteredOn(point -> point.point().name().equals("trace-a")).singleElement()
                .satisfies(point -> {
                    assertThat(point.point().role()).isNull();
                    assertThat(point.point().concluded()).contains("nothing");
                });
        assertThat(result.flows()).hasSize(10);
    }

    @Test
    void aFilterIsMadeForEachReaderAndKeepsFramesOut() throws IOException {
        AtomicInteger compiled = new AtomicInteger();
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> {
            assertThat(expression).isEqualTo("even frames");
            compiled.incrementAndGet();
            return frame -> frame.number() % 2 == 0;
        }, InputStream.nullInputStream());
        CaseResult all = analyze(CaseRequest.of(CASE));

        CaseResult half = analyze(analyzer, new CaseRequest(List.of(CASE), Map.of(), null, "even frames", FlowSelection.ALL, 2, false));

        assertThat(compiled).hasValue(3);
        assertThat(packets(half)).isLessThan(packets(all) * 6 / 10).isPositive();
    }

    @Test
    void aFilterThatCannotBeCompiledStopsTheAnalysis() {
        assertThatThrownBy(() -> analyze(new CaseRequest(List.of(CASE), Map.of(), null, "tcp prot", FlowSelection.ALL, 1, false)))
                .isInstanceOf(IOException.class).hasMessageContaining("tcp prot");
    }

    @Test
    void aCaptureThatCannotBeReadIsNotedAndTheOthersAreAnalyzed() throws IOException {
        copy(CASE, folder, "client.pcap", "node1-eth0.pcap");
        copyDumps();
        Files.write(folder.resolve("node2-cbr0.pcap"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9});

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(result.header().notes()).anyMatch(note -> note.startsWith("node2-cbr0.pcap: "));
        assertThat(result.flows()).hasSize(10);
        assertThat(result.header().points()).hasSize(2);
    }

    @Test
    void aCaptureOfNothingButItsHeaderIsNoted() throws IOException {
        copy(CASE, folder, "client.pcap", "node1-eth0.pcap", "node2-cbr0.pcap");
        Path bridge = folder.resolve("node2-cbr0.pcap");
        Files.write(bridge, Arrays.copyOf(Files.readAllBytes(bridge), 24));

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(result.header().notes()).anyMatch(note -> note.startsWith("node2-cbr0.pcap holds no packet"));
    }

    @Test
    void aCaptureWithoutPacketsIsAPointThatSawNothing() throws IOException {
        copy(CASE, folder, "client.pcap", "node1-eth0.pcap");
        copyDumps();
        new Tape().write(folder.resolve("node2-cbr0.pcap"));

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(result.header().points()).hasSize(3);
        assertThat(result.flows()).hasSize(10);
    }

    @Test
    void theReferenceClockCanBeChosen() throws IOException {
        ServicePath path = ServicePath.withClocksAhead(5_000_000_000L, 0, 0);
        path.connect(1).handshake().ask("x").answer("y").close();
        write(path);

        CaseResult result = analyze(new CaseRequest(List.of(folder), Map.of(), "node2-cbr0", null, FlowSelection.ALL, 1, false));

        assertThat(result.header().points()).filteredOn(point -> point.clock().reference()).extracting(point -> point.point().name())
                .containsExactly("node2-cbr0");
        assertThat(result.header().points()).filteredOn(point -> point.point().name().equals("client"))
                .allSatisfy(point -> assertThat(point.clock().offsetNanos()).isCloseTo(5_000_000_000L, within(1_000_000L)));
    }

    @Test
    void flowsAreNumberedByTimeWhateverTheFilesAreCalled() throws IOException {
        ServicePath path = ServicePath.create();
        for (int i = 0; i < 20; i++) {
            path.connect(100 - i).handshake().ask("x").answer("y").close();
        }
        write(path);

        List<FlowResult> flows = analyze(CaseRequest.of(folder)).flows();

        assertThat(flows).extracting(FlowResult::id).isSorted().startsWith(1).endsWith(20);
        assertThat(flows).extracting(FlowResult::startNanos).isSorted();
        assertThat(flows.get(0).client()).hasToString("10.241.0.4:38100");
    }

    private record Frame(long time, byte[] bytes, int point) {
    }

    /** With one interface without a name, as a pcap file has that was made a pcapng. */
    private static void section(OutputStream file, List<Frame> frames) throws IOException {
        PcapngWriter writer = new PcapngWriter(file, "test", null);
        int number = writer.addInterface(null, null, LinkType.ETHERNET);
        for (Frame frame : frames) {
            FrameView view = new FrameView();
            view.set(frame.bytes, 0, frame.bytes.length, frame.bytes.length, frame.time, true, 1, 0, LinkType.ETHERNET, number);
            writer.packet(number, frame.time, view, null);
        }
        writer.flush();
    }

    private void write(ServicePath path) {
        for (int i = 0; i < POINTS.size(); i++) {
            path.tapes().get(i).write(folder.resolve(POINTS.get(i) + ".pcap"));
        }
    }

    private void copyDumps() throws IOException {
        copy(CASE, folder, dumps());
    }

    private static String[] dumps() throws IOException {
        try (Stream<Path> files = Files.list(CASE)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> !name.endsWith(".pcap")).toArray(String[]::new);
        }
    }

    private static void copy(Path from, Path to, String... names) throws IOException {
        for (String name : names) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
    }

    private static Tape tape(List<Frame> frames) {
        Tape tape = new Tape();
        frames.forEach(frame -> tape.at(frame.time - Tape.START, frame.bytes));
        return tape;
    }

    private static List<Frame> read(Path file) throws IOException {
        List<Frame> frames = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(file)) {
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                frames.add(new Frame(frame.timeNanos(), Arrays.copyOfRange(frame.buffer(), frame.start(), frame.start()
                        + frame.capturedLength()),
                        0));
            }
        }
        return frames;
    }

    /** As a capture filter that lets nothing but ICMP through leaves it: connections are known by what errors quote, at no place. */
    @Test
    void connectionsThatOnlyErrorsQuoteAreToldOf() throws IOException {
        CaseAnalyzer errorsOnly = new CaseAnalyzer("test", expression -> frame -> frame.buffer()[frame.start() + IPV4_PROTOCOL] == 1,
                InputStream.nullInputStream());
        Path quoting = Path.of("src/test/resources/cases/endpoint-removed");

        CaseResult result = analyze(errorsOnly, new CaseRequest(List.of(quoting), Map.of(), null, "icmp", FlowSelection.ALL, 2, false));

        assertThat(result.flows()).extracting(FlowResult::verdict).isNotEmpty().doesNotContain(Verdict.OK);
        assertThat(result.header().notes()).anyMatch(note -> note.matches("--filter 'icmp' left out [0-9,]+ of [0-9,]+ frames; .*"));
    }

    @Test
    void nothingIsMissingInAReportWhoseFilterLeftNoFrameOut() throws IOException {
        CaseAnalyzer all = new CaseAnalyzer("test", expression -> frame -> true, InputStream.nullInputStream());

        CaseResult result = analyze(all, new CaseRequest(List.of(Path.of("src/test/resources/cases/endpoint-removed")), Map.of(), null,
                "ip or arp", FlowSelection.ALL, 2, false));

        assertThat(result.header().notes()).noneMatch(note -> note.startsWith("--filter"));
    }

    /** They are their own clients, and all interfaces of their node show what they send. */
    @Test
    void podsThatCallOnACaptureOfAllInterfacesNeedNoClientsCapture() throws IOException {
        assertThat(missing("pod-calls-itself-on-all-interfaces")).isEmpty();
        assertThat(missing("all-interfaces-silent-pod")).singleElement().asString().startsWith("client: no capture there");
    }

    private static List<String> missing(String name) throws IOException {
        Path folder = Path.of("src/test/resources/cases", name);
        List<Path> nodes = List.of(folder.resolve("node1-any.pcap.gz"), folder.resolve("node2-any.pcap.gz"));
        return analyze(new CaseRequest(nodes, Map.of(), null, null, FlowSelection.ALL, 2, false)).findings().deviations().stream()
                .filter(found -> found.type().code().equals("capture-missing")).map(Deviation::message).toList();
    }

    private static FrameFilter noFilter(String expression) throws IOException {
        throw new IOException("no filter was asked for: " + expression);
    }

    private static CaseResult analyze(CaseRequest request) throws IOException {
        return analyze(CaseAnalyzer.plain(), request);
    }

    private static CaseResult analyze(CaseAnalyzer analyzer, CaseRequest request) throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        analyzer.run(request, collector, Progress.NONE);
        return collector.result();
    }

    /** What must not depend on how the packets came: everything but names of files, frame numbers and how points were concluded. */
    private static List<String> findings(CaseResult result) {
        List<String> findings = new ArrayList<>();
        for (FlowResult flow : result.flows()) {
            findings.add(flow.id() + " " + flow.path() + " " + flow.client() + " " + flow.service() + " " + flow.translated() + " "
                    + flow.endpoint() + " " + flow.verdict() + " " + flow.failedStep() + " " + flow.packets() + " "
                    + flow.steps().stream().map(step -> step.number() + step.status() + step.packets() + step.latencyNanos()).toList() + " "
                    + flow.deviations().stream().map(deviation -> deviation.type().code() + deviation.step()).toList());
        }
        result.findings().deviations().forEach(deviation -> findings.add(deviation.type().code() + " " + deviation.point()));
        result.findings().summary().rootCauses().forEach(cause -> findings.add(cause.code() + " " + cause.step() + " " + cause.flowIds()));
        return findings;
    }

    private static long packets(CaseResult result) {
        long packets = result.header().points().stream().mapToLong(PointResult::otherPackets).sum();
        for (FlowResult flow : result.flows()) {
            packets += flow.packets().values().stream().mapToLong(count -> count.request() + count.reply()).sum();
        }
        return packets;
    }
}
