package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Verdict;
import io.nattrail.packets.ServicePath;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A SYN flood does not make a report of millions of flows that are all the same, and hides no connection that came through it. */
class FloodTest {
    private static final int FLOOD = 60;
    private static final int LISTED = 10;
    private static final int HEALTHY = 30;

    @TempDir
    Path captures;
    private final List<FlowResult> flows = new ArrayList<>();
    private CaseHeader header;

    @BeforeEach
    void someConnectionsAmongManyThatNeverFinishTheirHandshake() throws IOException {
        ServicePath path = ServicePath.create();
        for (int i = 0; i < FLOOD; i++) {
            ServicePath.Connection spoofed = path.connect("10.241.7." + i + ":1025", "10.240.0.4:32000", "10.240.0.4:" + (2000 + i),
                    "10.244.1.2:8443");
            spoofed.request(spoofed.syn(), ServicePath.Place.NODE2);
            if (i % 2 == 0) {
                path.connect(i / 2).handshake().ask("who?").answer("me").close();
            }
            path.pause(1_000_000L);
        }
        List<String> names = List.of("client", "node1-eth0", "node2-cbr0");
        for (int i = 0; i < names.size(); i++) {
            path.tapes().get(i).write(captures.resolve(names.get(i) + ".pcap"));
        }
    }

    @Test
    void theFirstOfAFloodStandForAll() throws IOException {
        analyse(LISTED);

        List<FlowResult> unfinished = flows.stream().filter(flow -> flow.client().port() == 1025).toList();
        assertThat(unfinished).extracting(flow -> flow.client().address().toString())
                .containsExactly("10.241.7.0", "10.241.7.1", "10.241.7.2", "10.241.7.3", "10.241.7.4", "10.241.7.5", "10.241.7.6",
                        "10.241.7.7", "10.241.7.8", "10.241.7.9");
        assertThat(header.notes()).containsOnlyOnce("10.240.0.4:32000: 60 connections never got beyond their handshake, as in a SYN flood; "
                + "the first 10 are flows of this report and stand for the others, which are only counted");
    }

    @Test
    void whatCameThroughTheFloodIsThere() throws IOException {
        analyse(LISTED);

        assertThat(flows).hasSize(LISTED + HEALTHY);
        assertThat(flows).filteredOn(flow -> flow.verdict() == Verdict.OK).hasSize(HEALTHY);
    }

    @Test
    void everyPacketOfTheFloodIsCounted() throws IOException {
        analyse(LISTED);

        for (PointResult point : header.points()) {
            String name = point.point().name();
            long ofFlows = flows.stream().mapToLong(flow -> flow.packets().get(name).request() + flow.packets().get(name).reply()).sum();
            long ofFiles = point.files().stream().mapToLong(PointResult.FileResult::packets).sum();
            assertThat(ofFlows + point.otherPackets()).as(name).isEqualTo(ofFiles);
            assertThat(point.otherPackets()).as(name).isGreaterThanOrEqualTo(FLOOD - LISTED);
        }
    }

    @Test
    void asManyAsArePlentyAreAllFlows() throws IOException {
        analyse(FLOOD);

        assertThat(flows).hasSize(FLOOD + HEALTHY);
        assertThat(header.notes()).noneMatch(note -> note.contains("flood"));
    }

    private void analyse(int unfinished) throws IOException {
        MemoryLimits limits = new MemoryLimits(600_000, 4_000_000, 12_000, 48L << 20, unfinished);
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> frame -> true, InputStream.nullInputStream(), limits);
        analyzer.run(new CaseRequest(List.of(captures), Map.of(), null, null, FlowSelection.ALL, 2, true), new CaseSink() {
            @Override
            public void begin(CaseHeader begun) {
                header = begun;
            }

            @Override
            public void flow(FlowResult flow) {
                flows.add(flow);
            }

            @Override
            public void end(CaseFindings findings) {
                assertThat(findings.summary().flows()).isEqualTo(flows.size());
            }
        }, Progress.NONE);
    }
}
