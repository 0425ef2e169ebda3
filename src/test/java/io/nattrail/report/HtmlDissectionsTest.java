package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.analysis.Progress;
import io.nattrail.capture.FrameIndex;
import io.nattrail.packets.ServicePath;
import io.nattrail.packets.ServicePath.Connection;
import io.nattrail.packets.ServicePath.Place;
import io.nattrail.packets.Tape;
import io.nattrail.wire.FrameView;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The frames that the report holds in full. */
class HtmlDissectionsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> FILES = List.of("client.pcap", "node1-eth0.pcap", "node2-cbr0.pcap");

    @TempDir
    Path folder;

    /** What a page holds: its head, and the frames of its blocks in order. */
    private record Held(JsonNode head, List<JsonNode> frames, List<List<String>> texts) {
        /** Numbers of a file's frames. */
        Set<Long> numbers(String file) {
            Set<Long> numbers = new TreeSet<>();
            for (JsonNode part : head.get("dissected").get("files")) {
                if (part.get("file").asText().equals(file)) {
                    long number = 0;
                    for (JsonNode difference : part.get("numbers")) {
                        number += difference.asLong();
                        numbers.add(number);
                    }
                }
            }
            return numbers;
        }

        String unread(String file) {
            for (JsonNode part : head.get("dissected").get("files")) {
                if (part.get("file").asText().equals(file) && part.has("unread")) {
                    return part.get("unread").asText();
                }
            }
            return null;
        }
    }

    private Path write(ServicePath path) throws IOException {
        Path input = Files.createDirectories(folder.resolve("case"));
        List<Tape> tapes = path.tapes();
        for (int i = 0; i < FILES.size(); i++) {
            tapes.get(i).write(input.resolve(FILES.get(i)));
        }
        return input;
    }

    private Held analyze(Path input) throws IOException {
        return analyze(input, () -> { });
    }

    private interface Meanwhile {
        void happens() throws IOException;
    }

    private Held analyze(Path input, Meanwhile beforeTheEnd) throws IOException {
        Path page = folder.resolve("report.html");
        try (HtmlReport report = new HtmlReport(page)) {
            CaseAnalyzer.plain().run(CaseRequest.of(input), new CaseSink() {
                @Override
                public void begin(CaseHeader header) throws IOException {
                    report.begin(header);
                }

                @Override
                public void flow(FlowResult flow) throws IOException {
                    report.flow(flow);
                }

                @Override
                public void end(CaseFindings findings) throws IOException {
                    beforeTheEnd.happens();
                    report.end(findings);
                }
            }, Progress.NONE);
        }
        return held(page);
    }

    private static Held held(Path page) throws IOException {
        Matcher blocks = Pattern.compile("<script type=\"text/plain\" id=\"([a-z0-9-]+)\">([^<]*)</script>")
                .matcher(Files.readString(page));
        JsonNode head = null;
        List<JsonNode> frames = new ArrayList<>();
        List<List<String>> texts = new ArrayList<>();
        while (blocks.find()) {
            try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(blocks.group(2))))) {
                JsonNode block = JSON.readTree(in.readAllBytes());
                if (blocks.group(1).equals("head")) {
                    head = block;
                } else if (block.has("frames")) {
                    List<String> ofBlock = new ArrayList<>();
                    block.get("texts").forEach(text -> ofBlock.add(text.asText()));
                    for (JsonNode frame : block.get("frames")) {
                        frames.add(frame);
                        texts.add(ofBlock);
                    }
                }
            }
        }
        return new Held(head, frames, texts);
    }

    /** SYNs that leave Node-1 and never come to Node-2. */
    private static void lose(ServicePath path, int number, int times) {
        Connection connection = path.connect(number);
        for (int i = 0; i < times; i++) {
            connection.request(connection.syn(), Place.NODE1_AFTER_NAT);
            path.pause(1_000_000_000L << i);
        }
    }

    private static void exchange(ServicePath path, int number) {
        path.connect(number).handshake().ask("GET / HTTP/1.1\r\n\r\n").answer("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(1000)).close();
    }

    @Test
    void whatProvesADeviationIsHeldInFullAtEveryPlace() throws IOException {
        ServicePath path = ServicePath.create();
        exchange(path, 1);
        lose(path, 2, 3);
        exchange(path, 3);
        Held held = analyze(write(path));

        assertThat(held.numbers("client.pcap")).contains(9L, 10L, 11L);
        assertThat(held.numbers("node1-eth0.pcap")).contains(17L, 18L, 19L, 20L, 21L, 22L);
        assertThat(held.frames()).hasSize(held.numbers("client.pcap").size() + held.numbers("node1-eth0.pcap").size()
                + held.numbers("node2-cbr0.pcap").size());
        assertThat(held.head().get("dissected").get("limited").asBoolean()).isFalse();
    }

    @Test
    void headersAndTheBeginOfThePayloadAreKeptTheRestIsCounted() throws IOException {
        ServicePath path = ServicePath.create();
        exchange(path, 1);
        Held held = analyze(write(path));

        JsonNode longest = held.frames().stream().max((a, b) -> a.get(0).asInt() - b.get(0).asInt()).orElseThrow();
        assertThat(longest.get(0).asInt()).isGreaterThan(1000);
        byte[] kept = longest.get(3).binaryValue();
        int payloadStart = longest.get(longest.size() - 1).get(2).asInt();
        assertThat(kept).hasSize(payloadStart + HtmlDissections.PAYLOAD);
        assertThat(held.texts().get(0)).contains("Internet Protocol Version 4", "Transmission Control Protocol", "Source port");
    }

    @Test
    void aLateFrameOfALongFileIsFoundWithoutTheOthers() throws IOException {
        ServicePath path = ServicePath.create();
        for (int i = 0; i < 900; i++) {
            exchange(path, i);
        }
        lose(path, 2000, 3);
        exchange(path, 2001);
        Path input = write(path);
        assertThat(Files.size(input.resolve("client.pcap"))).isGreaterThan(1_000_000);
        Held held = analyze(input);

        long first = 900 * 8L + 1;
        assertThat(held.numbers("client.pcap")).contains(first, first + 1, first + 2);
        assertThat(held.frames().size()).isLessThan(700);
        assertThat(held.unread("client.pcap")).isNull();
    }

    @Test
    void compressedFilesAreReadInOneWalk() throws IOException {
        ServicePath path = ServicePath.create();
        for (int i = 0; i < 300; i++) {
            exchange(path, i);
        }
        lose(path, 2000, 3);
        exchange(path, 2001);
        Path input = write(path);
        for (String file : FILES) {
            try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(input.resolve(file + ".gz")))) {
                Files.copy(input.resolve(file), out);
            }
            Files.delete(input.resolve(file));
        }
        Held held = analyze(input);

        assertThat(held.numbers("client.pcap.gz")).contains(2401L, 2402L, 2403L);
    }

    @Test
    void noMoreThanTheLimitAndTheFirstFlowsOfAFindingBeforeOthers() throws IOException {
        ServicePath path = ServicePath.create();
        exchange(path, 1);
        for (int i = 2; i < 400; i++) {
            lose(path, i, 3);
        }
        exchange(path, 401);
        Held held = analyze(write(path));

        assertThat(held.frames()).hasSize(FrameChoice.LIMIT);
        assertThat(held.head().get("dissected").get("limited").asBoolean()).isTrue();
        assertThat(held.numbers("client.pcap")).contains(9L, 10L, 11L);
    }

    @Test
    void aFileThatIsGoneIsSaidAndTheReportIsWritten() throws IOException {
        ServicePath path = ServicePath.create();
        exchange(path, 1);
        lose(path, 2, 3);
        exchange(path, 3);
        Path input = write(path);
        Held held = analyze(input, () -> Files.delete(input.resolve("client.pcap")));

        assertThat(held.unread("client.pcap")).isEqualTo("the file could not be read again");
        assertThat(held.numbers("node1-eth0.pcap")).isNotEmpty();
    }

    @Test
    void aFileThatIsNoCaptureAnyMoreIsSaidAndTheReportIsWritten() throws IOException {
        ServicePath path = ServicePath.create();
        exchange(path, 1);
        lose(path, 2, 3);
        Path input = write(path);
        Held held = analyze(input, () -> Files.write(input.resolve("client.pcap"), new byte[0]));

        assertThat(held.unread("client.pcap")).isEqualTo("the file could not be read again");
        assertThat(held.numbers("node1-eth0.pcap")).isNotEmpty();
    }

    @Test
    void aFileThatHasBecomeAnotherIsNotShown() throws IOException {
        ServicePath path = ServicePath.create();
        exchange(path, 1);
        lose(path, 2, 3);
        exchange(path, 3);
        Path input = write(path);
        ServicePath other = ServicePath.withClocksAhead(77_000_000, 0, 0);
        exchange(other, 9);
        Held held = analyze(input, () -> other.tapes().get(0).write(input.resolve("client.pcap")));

        assertThat(held.unread("client.pcap")).isEqualTo("the file has changed since it was analyzed");
        assertThat(held.numbers("client.pcap")).isEmpty();
    }

    @Test
    void aCompressedFileIsNotUnpackedForLong() throws IOException {
        FrameIndex index = new FrameIndex();
        FrameView frame = new FrameView();
        frame.set(new byte[0], 0, 0, 0, 0, true, 1, 24, 1, 0);
        index.add(frame, 1);
        frame.set(new byte[0], 0, 0, 0, 0, true, 30, 3L << 30, 1, 0);
        index.add(frame, 1);
        CaseHeader header = SampleCases.header("far", "10.244.1.2");
        List<PointResult> points = new ArrayList<>();
        for (PointResult point : header.points()) {
            PointResult.FileResult file = point.files().get(0);
            PointResult.Source source = new PointResult.Source(folder.resolve("gone"), null, null, index);
            points.add(new PointResult(point.point(), List.of(new PointResult.FileResult(file.file(), "pcap", "gzip", file.linkTypes(),
                    1000, 4L << 30, 4L << 30, file.firstTimeNanos(), file.lastTimeNanos(), List.of(), null, null, source)), point.clock(),
                    0, 0));
        }
        Path page = folder.resolve("far.html");
        try (HtmlReport report = new HtmlReport(page)) {
            report.begin(new CaseHeader(header.name(), "1", points, List.of(), List.of()));
            report.flow(SampleCases.lost(2));
            report.end(SampleCases.findings(List.of(), 0, 0, 1, 0, List.of()));
        }

        assertThat(held(page).unread("node1-eth0.pcap")).contains("so far into a compressed file");
    }
}
