package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.CaptureReader;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.Rows;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Captures whose frames are not in the order of their times, and those of a clock that was set back. */
class FrameOrderTest {
    private static final Path CAPTURES = Path.of("captures");
    private static final Path CASES = Path.of("src/test/resources/cases");
    private static final long MILLISECOND = 1_000_000L;

    @TempDir
    Path folder;

    private final LegTable table = new LegTable();

    // Frames

    @Test
    void framesInOrderGoOnAtOnce() {
        FrameOrder order = new FrameOrder(table, 0);
        add(order, 1, 2, 2, 3);

        assertThat(order.outOfOrder()).isFalse();
        assertThat(order.backwards()).isZero();
        assertThat(numbers()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void framesThatAreMixedUpAgainAndAgainAreToldAndSorted() {
        FrameOrder order = new FrameOrder(table, 10 * MILLISECOND);
        add(order, 4, 2, 1, 3, 8, 5, 7, 6, 9);
        order.flush();

        assertThat(order.outOfOrder()).isTrue();
        assertThat(order.backwards()).isEqualTo(4);
        assertThat(order.greatestStepBack()).isEqualTo(3 * MILLISECOND);
        assertThat(order.unsorted()).isZero();
        assertThat(numbers()).containsExactly(3, 2, 4, 1, 6, 8, 7, 5, 9);
    }

    @Test
    void framesOfOneTimeKeepTheOrderOfTheFile() {
        FrameOrder order = new FrameOrder(table, 10 * MILLISECOND);
        add(order, 2, 2, 1, 2, 1);
        order.flush();

        assertThat(numbers()).containsExactly(3, 5, 1, 2, 4);
    }

    @Test
    void aClockThatWasSetBackIsNoDisorder() {
        FrameOrder soon = new FrameOrder(table, 0);
        add(soon, 100, 101, 102, 52, 60, 70, 80, 90, 103, 104, 105);
        FrameOrder late = new FrameOrder(table, 0);
        add(late, 100_000, 100_001, 1, 2, 3, 4, 5, 6);

        assertThat(soon.outOfOrder()).isFalse();
        assertThat(late.outOfOrder()).isFalse();
    }

    @Test
    void framesMixedUpAfterAClockWasSetBackAreTold() {
        FrameOrder order = new FrameOrder(table, 0);
        add(order, 100_000, 100_001, 1, 3, 2, 4, 6, 5, 7);

        assertThat(order.outOfOrder()).isTrue();
    }

    @Test
    void whatCameBeforeAClockWasSetBackFarIsNotMixedWithWhatCameAfter() {
        FrameOrder order = new FrameOrder(table, 10 * MILLISECOND);
        add(order, 100_002, 100_001, 2, 1, 3);
        order.flush();

        assertThat(numbers()).containsExactly(2, 1, 4, 3, 5);
    }

    @Test
    void noMoreIsHeldThanAFewHundredFrames() {
        FrameOrder order = new FrameOrder(table, 10 * MILLISECOND);
        add(order, new int[1_000]);

        assertThat(table.frames()).isEqualTo(1_000 - 256);
    }

    @Test
    void framesWaitForThoseThatComeLateAndNoLonger() {
        FrameOrder order = new FrameOrder(table, 3 * MILLISECOND);
        add(order, 1, 4, 5, 2, 9, 1, 10);

        assertThat(numbers()).containsExactly(1, 4, 2, 3, 5, 6);
        order.flush();
        assertThat(numbers()).containsExactly(1, 4, 2, 3, 5, 6, 7);
    }

    @Test
    void whereItShowsLateTheRestIsSorted() {
        FrameOrder order = new FrameOrder(table, 0);
        add(order, 2, 1, 4, 3, 5);
        order.sort();
        add(order, 7, 6, 8);
        order.flush();

        assertThat(order.unsorted()).isEqualTo(5);
        assertThat(numbers()).containsExactly(1, 2, 3, 4, 5, 2, 1, 3);
    }

    // Cases

    @Test
    void aCaseIsJudgedAsIfItsFramesWereInOrder() throws IOException {
        for (Path original : List.of(CAPTURES.resolve("lost-between-nodes"), CAPTURES.resolve("syn-lost-once"),
                CAPTURES.resolve("kubeproxy-mixed-endpoints"), CASES.resolve("translations-flushed"))) {
            List<String> inOrder = judged(analyze(CaseRequest.of(original)));
            for (int group : new int[] {2, 4, 16}) {
                Path mixed = Files.createDirectory(folder.resolve(original.getFileName() + "-" + group));
                copy(original, mixed, group);

                CaseResult result = analyze(CaseRequest.of(mixed));

                assertThat(judged(result)).as(mixed.toString()).isEqualTo(inOrder);
                assertThat(codes(result)).contains("capture-order");
                assertThat(result.header().notes()).noneMatch(note -> note.contains("order of their times"));
            }
        }
    }

    @Test
    void filesInRotationAreOneCapture() throws IOException {
        Path original = CAPTURES.resolve("lost-between-nodes");
        copy(original, folder, 4);
        List<Tape.Frame> frames = mixed(frames(folder.resolve("node1-eth0.pcap")), 4);
        Files.delete(folder.resolve("node1-eth0.pcap"));
        // Groups that are mixed up lie across the files' borders.
        tape(frames.subList(0, 42)).write(folder.resolve("node1-eth0.pcap0"));
        tape(frames.subList(42, 83)).write(folder.resolve("node1-eth0.pcap1"));
        tape(frames.subList(83, frames.size())).write(folder.resolve("node1-eth0.pcap2"));

        assertThat(judged(analyze(CaseRequest.of(folder)))).isEqualTo(judged(analyze(CaseRequest.of(original))));
    }

    @Test
    void aClockThatWasSetBackStaysAClockStep() throws IOException {
        Path original = CASES.resolve("clock-set-back");
        copy(original, folder, 1);
        List<Tape.Frame> frames = frames(folder.resolve("node1-eth0.pcap"));
        for (int i = 1; i < frames.size(); i += 2) {
            // As several queues do it: only what is close.
            if (Math.abs(frames.get(i).timeNanos() - frames.get(i - 1).timeNanos()) < MILLISECOND) {
                Collections.swap(frames, i - 1, i);
            }
        }
        tape(frames).write(folder.resolve("node1-eth0.pcap"));

        CaseResult result = analyze(CaseRequest.of(folder));

        assertThat(codes(analyze(CaseRequest.of(original)))).contains("clock-step");
        assertThat(codes(result)).contains("clock-step", "capture-order");
        assertThat(judged(result)).isEqualTo(judged(analyze(CaseRequest.of(original))));
    }

    @Test
    void standardInputIsJudgedAsIfItsFramesWereInOrder() throws IOException {
        Path original = CAPTURES.resolve("lost-between-nodes");
        Path mixed = Files.createDirectory(folder.resolve("mixed"));
        copy(original, mixed, 4);
        InputStream input = new ByteArrayInputStream(Files.readAllBytes(mixed.resolve("node1-eth0.pcap")));
        Files.delete(mixed.resolve("node1-eth0.pcap"));
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> null, input);
        CaseResult.Collector collector = new CaseResult.Collector();

        analyzer.run(new CaseRequest(List.of(mixed), Map.of("node1-eth0", List.of(Path.of("-"))), null, null, FlowSelection.ALL, 2, false),
                collector, Progress.NONE);

        assertThat(judged(collector.result())).isEqualTo(judged(analyze(CaseRequest.of(original))));
        assertThat(collector.result().header().notes()).noneMatch(note -> note.contains("showed late"));
    }

    private static void add(FrameOrder order, int... milliseconds) {
        FrameView view = new FrameView();
        byte[] frame = TestPacket.udp("10.241.0.4:5000", "10.240.0.4:32000", "a").frame();
        for (int i = 0; i < milliseconds.length; i++) {
            long time = Tape.START + milliseconds[i] * MILLISECOND;
            view.set(frame, 0, frame.length, frame.length, time, true, i + 1, 0, LinkType.ETHERNET, 0);
            order.add(view, 0);
        }
    }

    private List<Integer> numbers() {
        Rows rows = Tape.rows(table.legs().get(0));
        List<Integer> numbers = new ArrayList<>();
        for (int row = 0; row < rows.count(); row++) {
            numbers.add((int) rows.number(row));
        }
        return numbers;
    }

    /** Copies a case, the frames of its captures mixed up within groups of so many. */
    private static void copy(Path from, Path to, int group) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.sorted().toList()) {
                String name = file.getFileName().toString();
                if (name.contains(".pcap")) {
                    tape(mixed(frames(file), group)).write(to.resolve(name.replace(".gz", "")));
                } else if (!name.equals("truth.json")) {
                    Files.copy(file, to.resolve(name));
                }
            }
        }
    }

    private static List<Tape.Frame> mixed(List<Tape.Frame> frames, int group) {
        List<Tape.Frame> mixed = new ArrayList<>(frames);
        Random random = new Random(group);
        for (int i = 0; i < mixed.size(); i += group) {
            Collections.shuffle(mixed.subList(i, Math.min(mixed.size(), i + group)), random);
        }
        return mixed;
    }

    private static Tape tape(List<Tape.Frame> frames) {
        Tape tape = new Tape();
        frames.forEach(frame -> tape.at(frame.timeNanos() - Tape.START, frame.bytes()));
        return tape;
    }

    private static List<Tape.Frame> frames(Path file) throws IOException {
        List<Tape.Frame> frames = new ArrayList<>();
        FrameView frame = new FrameView();
        try (CaptureReader reader = CaptureReader.open(file)) {
            while (reader.next(frame)) {
                frames.add(new Tape.Frame(frame.timeNanos(), Arrays.copyOfRange(frame.buffer(), frame.start(),
                        frame.start() + frame.capturedLength())));
            }
        }
        return frames;
    }

    private static CaseResult analyze(CaseRequest request) throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(request, collector, Progress.NONE);
        return collector.result();
    }

    private static List<String> codes(CaseResult result) {
        return result.findings().deviations().stream().map(deviation -> deviation.type().code()).toList();
    }

    /** What does not hang on frame numbers. */
    private static List<String> judged(CaseResult result) {
        List<String> judged = new ArrayList<>();
        for (FlowResult flow : result.flows()) {
            judged.add(flow.path() + " " + flow.client() + " " + flow.service() + " " + flow.translated() + " " + flow.endpoint() + " "
                    + flow.verdict() + " " + flow.failedStep() + " " + flow.packets() + " "
                    + flow.steps().stream().map(step -> step.number() + step.status() + step.packets()).toList() + " "
                    + flow.deviations().stream().map(deviation -> deviation.type().code() + deviation.step()).toList());
        }
        codes(result).stream().filter(code -> !code.equals("capture-order")).forEach(judged::add);
        return judged;
    }
}
