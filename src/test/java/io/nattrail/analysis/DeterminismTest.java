package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.FrameFilter;
import io.nattrail.deviation.Severity;
import io.nattrail.packets.ServicePath;
import io.nattrail.report.ReportOptions;
import io.nattrail.report.ReportSet;
import io.nattrail.report.ReportWriters;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same input gives the same bytes of every report, whatever the threads do. */
class DeterminismTest {
    /** More than the blocks in which flows are folded and judged in parallel, some of them lost. */
    private static final int CONNECTIONS = 1300;

    @TempDir
    Path folder;

    @Test
    void threadsAndSlowReadersChangeNoByteOfAnyReport() throws IOException {
        ServicePath path = ServicePath.withClocksAhead(0, 3_000_000, -7_000_000);
        for (int i = 0; i < CONNECTIONS; i++) {
            ServicePath.Connection connection = path.connect(i % 1000);
            if (i % 7 == 0) {
                connection.request(connection.syn().seq(i), ServicePath.Place.NODE1_AFTER_NAT);
            } else if (i % 11 == 0) {
                connection.handshake();
                connection.request(connection.plain("PA").payload("lost"), ServicePath.Place.NODE1_BEFORE_NAT).ask("lost").answer("found")
                        .close();
            } else if (i < 1000) {
                connection.handshake().close();
            }
        }
        Path captures = Files.createDirectories(folder.resolve("captures"));
        List<String> points = List.of("client", "node1-eth0", "node2-cbr0");
        for (int i = 0; i < points.size(); i++) {
            path.tapes().get(i).write(captures.resolve(points.get(i) + ".pcap"));
        }

        Map<String, String> alone = reports(captures, 1, null);

        assertThat(alone.get("report.json")).contains("10.244.1.2:8443");
        assertThat(reports(captures, 1, null)).as("a second run").isEqualTo(alone);
        assertThat(reports(captures, 2, null)).as("two threads").isEqualTo(alone);
        assertThat(reports(captures, 4, new Random(1))).as("four threads, readers that stop now and then").isEqualTo(alone);
        assertThat(reports(captures, 3, new Random(2))).as("three threads, readers that stop now and then").isEqualTo(alone);
    }

    /** The content of every report, by file; bytes as Latin-1. */
    private Map<String, String> reports(Path captures, int threads, Random delays) throws IOException {
        Path out = Files.createTempDirectory(folder, "out");
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> delayed(new Random(delays.nextLong())),
                InputStream.nullInputStream());
        CaseRequest request = new CaseRequest(List.of(captures), Map.of(), null, delays == null ? null : "delayed", FlowSelection.ALL,
                threads, true);
        try (ReportSet reports = new ReportSet(out, ReportWriters.formats(), new ReportOptions(Severity.ERROR))) {
            analyzer.run(request, reports, Progress.NONE);
        }
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
            }
        }
        assertThat(contents).hasSize(ReportWriters.ALL.size());
        return contents;
    }

    /** Accepts every frame, some of them late. */
    private static FrameFilter delayed(Random random) {
        return frame -> {
            if (random.nextInt(500) == 0) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(8)));
            }
            return true;
        };
    }
}
