package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.FrameFilter;
import io.nattrail.packets.ServicePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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

        Reported alone = reports(captures, 1, null);

        assertThat(new String(alone.file("report.json"), StandardCharsets.UTF_8)).contains("10.244.1.2:8443");
        reports(captures, 1, null).isEqualTo(alone, "a second run");
        reports(captures, 2, null).isEqualTo(alone, "two threads");
        reports(captures, 4, new Random(1)).isEqualTo(alone, "four threads, readers that stop now and then");
        reports(captures, 3, new Random(2)).isEqualTo(alone, "three threads, readers that stop now and then");
    }

    /** @param delays when the readers' filter, which accepts everything, lets them wait; null for never */
    private Reported reports(Path captures, int threads, Random delays) throws IOException {
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> delays == null ? frame -> true
                : delayed(new Random(delays.nextLong())), InputStream.nullInputStream());
        return Reported.of(analyzer, new CaseRequest(List.of(captures), Map.of(), null, "all", FlowSelection.ALL, threads, true), folder);
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
