package io.nattrail.analysis;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCase;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.CaptureReader;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import io.nattrail.wire.FrameView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One file into which captures of several places were merged, as mergecap does, and files that only look like one. */
class MergedCapturesTest {
    private static final Path CASES = Path.of("src/test/resources/cases");
    private static final int COOKED = 113;

    @TempDir
    Path folder;

    private record Frame(long timeNanos, long wireLength, byte[] bytes) {
    }

    @Test
    void theFileIsTakenApartByMacAddresses() throws IOException {
        CaseResult result = analyze(CASES.resolve("merged-file"));

        assertThat(points(result)).containsExactlyInAnyOrder("client", "node1-eth0", "node2-cbr0");
        assertThat(result.header().notes()).anySatisfy(note -> assertThat(note).contains("captures of 3 places merged into one"));
        assertThatCase(result).hasNoDeviation("retransmission").hasNoDeviation("ttl-unexpected").hasNoDeviation("loss-inside-node");
    }

    @Test
    void connectionsAreJudgedAsIfEachCaptureHadBeenHandedOver() throws IOException {
        for (String name : List.of("healthy-manners", "fin-lost", "ttl-unexpected", "ephemeral-tuple-reused", "loss-inside-node")) {
            Path separate = Files.createDirectory(folder.resolve(name));
            copyDumps(CASES.resolve(name), separate);
            Path merged = Files.createDirectory(folder.resolve(name + "-merged"));
            copyDumps(CASES.resolve(name), merged);
            List<Frame> frames = new ArrayList<>();
            for (Path capture : captures(CASES.resolve(name))) {
                Files.copy(capture, separate.resolve(capture.getFileName()));
                frames.addAll(frames(capture));
            }
            write(merged.resolve("all.pcap"), frames, 1);

            assertThat(judged(analyze(merged))).as(name).isEqualTo(judged(analyze(separate)));
        }
    }

    /** Nodes on one link, of which both were captured: what one sends the other shows at both ends, with the same addresses. */
    @Test
    void aLinkWhoseTwoEndsWereCapturedShowsEachPacketAtBoth() throws IOException {
        for (String name : List.of("healthy-manners", "fin-lost", "loss-inside-node")) {
            Path separate = Files.createDirectory(folder.resolve(name));
            copyDumps(CASES.resolve(name), separate);
            Path merged = Files.createDirectory(folder.resolve(name + "-merged"));
            copyDumps(CASES.resolve(name), merged);
            List<Frame> node1 = frames(CASES.resolve(name).resolve("node1-eth0.pcap.gz"));
            List<Frame> node2 = new ArrayList<>();
            for (Frame frame : node1) {
                boolean toPod = isOfPods(frame.bytes, 30);
                if (toPod || isOfPods(frame.bytes, 26)) {
                    Arrays.fill(frame.bytes, toPod ? 0 : 6, toPod ? 6 : 12, (byte) 0x22);
                    node2.add(new Frame(frame.timeNanos + (toPod ? 20_000 : -20_000), frame.wireLength, frame.bytes));
                }
            }
            List<Frame> all = new ArrayList<>(node1);
            all.addAll(node2);
            write(separate.resolve("node1-eth0.pcap"), node1, 1);
            write(separate.resolve("node2-eth0.pcap"), node2, 1);
            for (String point : List.of("client", "node2-cbr0")) {
                List<Frame> frames = frames(CASES.resolve(name).resolve(point + ".pcap.gz"));
                all.addAll(frames);
                write(separate.resolve(point + ".pcap"), frames, 1);
            }
            write(merged.resolve("all.pcap"), all, 1);

            CaseResult result = analyze(merged);

            assertThat(points(result)).as(name).containsExactlyInAnyOrder("client", "node1-eth0", "node2-eth0", "node2-cbr0");
            assertThat(judged(result)).as(name).isEqualTo(judged(analyze(separate)));
        }
    }

    private static boolean isOfPods(byte[] frame, int at) {
        return frame.length > at + 1 && frame[at] == 10 && (frame[at + 1] & 0xff) == 244;
    }

    /** No packet of it shows twice under one tuple, and the host that translates is none of those that send. */
    @Test
    void twoSidesOfATranslationThatWereMergedWithoutTheNodeBetweenAreTakenApart() throws IOException {
        for (String name : List.of("healthy-manners", "local-policy-three-nodes", "pod-falls-silent",
                "remote-endpoint-under-local-policy")) {
            Path merged = Files.createDirectory(folder.resolve(name));
            copyDumps(CASES.resolve(name), merged);
            List<Frame> frames = new ArrayList<>();
            for (Path capture : captures(CASES.resolve(name))) {
                String of = capture.getFileName().toString();
                if (of.startsWith("client.") || of.startsWith("node2-cbr0.")) {
                    frames.addAll(frames(capture));
                } else {
                    Files.copy(capture, merged.resolve(of));
                }
            }
            write(merged.resolve("both.pcap"), frames, 1);

            assertThat(judged(analyze(merged))).as(name).isEqualTo(judged(analyze(CASES.resolve(name))));
        }
    }

    @Test
    void whatTheFileIsCalledSaysNothingOfItsPlaces() throws IOException {
        copyDumps(CASES.resolve("merged-file"), folder);
        Files.copy(CASES.resolve("merged-file/merged.pcap.gz"), folder.resolve("client.pcap.gz"));

        assertThat(points(analyze(folder))).containsExactlyInAnyOrder("client", "node1-eth0", "node2-cbr0");
    }

    @Test
    void framesAreReadAgainEachAtItsOwnPlace() throws IOException {
        CaseResult result = analyze(CASES.resolve("merged-file"));

        List<PointResult.Source> sources = result.header().points().stream().map(point -> point.files().get(0).source()).toList();
        FrameView frame = new FrameView();
        try (CaptureReader reader = CaptureReader.open(CASES.resolve("merged-file/merged.pcap.gz"))) {
            while (reader.next(frame)) {
                assertThat(sources.stream().filter(source -> source.holds(frame)).count()).isLessThan(2);
            }
        }
        assertThat(result.flows()).allSatisfy(flow -> flow.steps().forEach(step -> step.evidence().forEach(
                evidence -> assertThat(evidence.file()).isEqualTo("merged.pcap.gz"))));
    }

    @Test
    void aSingleCaptureIsLeftAsItIs() throws IOException {
        for (String name : List.of("pod-calls-itself", "dnat-missing", "over-vxlan", "background-traffic", "syn-duplicated-late",
                "pod-to-pod")) {
            for (Path capture : captures(CASES.resolve(name))) {
                assertThat(MergedCaptures.of(List.of(capture))).as(capture.toString()).isNull();
            }
        }
    }

    @Test
    void aMirrorThatShowsEveryFrameTwiceIsOnePlace() throws IOException {
        List<Frame> doubled = new ArrayList<>();
        for (Frame frame : frames(CASES.resolve("healthy-manners/node1-eth0.pcap.gz"))) {
            doubled.add(frame);
            doubled.add(new Frame(frame.timeNanos + 2_000, frame.wireLength, frame.bytes));
        }
        Path mirror = folder.resolve("mirror.pcap");
        write(mirror, doubled, 1);

        assertThat(MergedCaptures.of(List.of(mirror))).isNull();
    }

    @Test
    void aCaptureWhoseAddressesWereAllMadeTheSameIsOnePlace() throws IOException {
        List<Frame> frames = frames(CASES.resolve("healthy-manners/node1-eth0.pcap.gz"));
        for (Frame frame : frames) {
            Arrays.fill(frame.bytes, 0, 6, (byte) 2);
            Arrays.fill(frame.bytes, 6, 12, (byte) 4);
        }
        Path anonymous = folder.resolve("anonymous.pcap");
        write(anonymous, frames, 1);

        assertThat(MergedCaptures.of(List.of(anonymous))).isNull();
    }

    /** Cooked frames name their sender only: what one host sent, another received. */
    @Test
    void ofCookedCapturesThatWereMergedOnlyAnswersAreJudged() throws IOException {
        List<Frame> frames = new ArrayList<>();
        for (Path capture : captures(CASES.resolve("loss-inside-node"))) {
            String host = capture.getFileName().toString().startsWith("client") ? "client" : "node";
            for (Frame frame : frames(capture)) {
                frames.add(cooked(frame, host.equals("client")));
            }
        }
        write(folder.resolve("all.pcap"), frames, COOKED);

        CaseResult result = analyze(folder);

        assertThat(result.header().notes()).anySatisfy(note -> assertThat(note).contains("captures of several hosts merged into one"));
        assertThat(result.flows()).isNotEmpty().allSatisfy(flow -> {
            assertThat(flow.verdict()).isIn(Verdict.OK, Verdict.UNDETERMINED);
            assertThat(flow.deviations()).isEmpty();
        });
    }

    /** As the client sends it, and the node receives it. */
    private static Frame cooked(Frame frame, boolean atClient) {
        byte[] bytes = frame.bytes;
        boolean request = bytes.length > 29 && bytes[26] == 10 && (bytes[27] & 0xff) == 241;
        byte[] made = new byte[bytes.length + 2];
        made[1] = (byte) (atClient == request ? 4 : 0);
        made[3] = 1;
        made[5] = 6;
        System.arraycopy(bytes, 6, made, 6, 6);
        System.arraycopy(bytes, 12, made, 14, bytes.length - 12);
        return new Frame(frame.timeNanos, frame.wireLength + 2, made);
    }

    private static List<String> points(CaseResult result) {
        return result.header().points().stream().map(point -> point.point().name()).toList();
    }

    private static List<String> judged(CaseResult result) {
        return result.flows().stream().map(flow -> String.join(" ", flow.client().toString(), flow.service().toString(),
                String.valueOf(flow.translated()), String.valueOf(flow.endpoint()), flow.verdict().toString(), flow.failedStep(),
                flow.deviations().stream().map(MergedCapturesTest::code).sorted().toList().toString())).sorted().toList();
    }

    private static String code(Deviation deviation) {
        return deviation.type().code();
    }

    private static List<Path> captures(Path from) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            return files.filter(file -> file.toString().contains(".pcap")).sorted().toList();
        }
    }

    private static void copyDumps(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.filter(f -> !f.toString().contains(".pcap") && !f.endsWith("truth.json")).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private static List<Frame> frames(Path capture) throws IOException {
        List<Frame> frames = new ArrayList<>();
        FrameView frame = new FrameView();
        try (CaptureReader reader = CaptureReader.open(capture)) {
            while (reader.next(frame)) {
                frames.add(new Frame(frame.timeNanos(), frame.originalLength(),
                        Arrays.copyOfRange(frame.buffer(), frame.start(), frame.start() + frame.capturedLength())));
            }
        }
        return frames;
    }

    private static void write(Path file, List<Frame> frames, int linkType) throws IOException {
        frames.sort(Comparator.comparingLong(Frame::timeNanos));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(words(0xa1b23c4d, 0x00040002, 0, 0, 262_144, linkType));
        for (Frame frame : frames) {
            out.write(words((int) (frame.timeNanos / 1_000_000_000L), (int) (frame.timeNanos % 1_000_000_000L), frame.bytes.length,
                    (int) frame.wireLength));
            out.write(frame.bytes);
        }
        Files.write(file, out.toByteArray());
    }

    private static byte[] words(int... words) {
        ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int word : words) {
            bytes.putInt(word);
        }
        return bytes.array();
    }

    private static CaseResult analyze(Path input) throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(input), collector, Progress.NONE);
        return collector.result();
    }
}
