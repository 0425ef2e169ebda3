package io.nattrail.truth;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.Progress;
import io.nattrail.deviation.Deviation;
import io.nattrail.packets.Renumbering;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nothing that is found depends on particular addresses and ports, nor on the order of frames that have one time. */
class RenumberingTest {
    private static final Renumbering ELSEWHERE = new Renumbering(
            Map.of("10.240", "100.64", "10.241", "203.0", "10.244", "10.99", "172.31", "10.96"),
            Map.of(32000, 30777, 32010, 31999, 8443, 9091, 443, 7001));

    @TempDir
    Path folder;

    private int sharedTimes;

    @ParameterizedTest
    @ValueSource(strings = {"lost-between-nodes", "syn-lost-once", "no-endpoints", "forward-drop", "kubeproxy-mixed-endpoints",
        "kubeproxy-happy-cross-node"})
    void theSameCaseInAnotherClusterHasTheSameFindings(String name) throws IOException {
        Path original = Path.of("captures", name);
        Path copy = Files.createDirectories(folder.resolve(name));
        ELSEWHERE.copy(original, copy);

        List<String> renamed = findings(copy, Function.identity());

        assertThat(renamed).isEqualTo(findings(original, ELSEWHERE::text));
        assertThat(String.join("\n", renamed)).doesNotContain("10.240.", "10.241.", "10.244.", ":32000 ", ":8443");
    }

    @ParameterizedTest
    @ValueSource(strings = {"lost-between-nodes", "syn-lost-once", "kubeproxy-mixed-endpoints"})
    void framesOfOneTimeInTheOtherOrderChangeNothing(String name) throws IOException {
        Path original = Path.of("captures", name);
        Path coarse = coarse(original, Files.createDirectories(folder.resolve("coarse").resolve(name)), false);
        Path turned = coarse(original, Files.createDirectories(folder.resolve("turned").resolve(name)), true);

        assertThat(findings(turned, Function.identity())).containsExactlyElementsOf(findings(coarse, Function.identity()));
        assertThat(sharedTimes).as("frames that share their time with another").isPositive();
    }

    /** With times of 20 microseconds' resolution, as slow clocks give them: a packet before and after the NAT often has one time. */
    private Path coarse(Path from, Path to, boolean turn) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                byte[] content = Files.readAllBytes(file);
                Files.write(to.resolve(file.getFileName()), file.toString().endsWith(".pcap") ? coarse(content, turn) : content);
            }
        }
        return to;
    }

    private byte[] coarse(byte[] file, boolean turn) {
        ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.allocate(file.length).order(ByteOrder.LITTLE_ENDIAN).put(file, 0, 24);
        List<ByteBuffer> sameTime = new ArrayList<>();
        int turned = 0;
        for (int at = 24; at < file.length; at += 16 + in.getInt(at + 8)) {
            in.putInt(at + 4, in.getInt(at + 4) / 20 * 20);
            ByteBuffer record = ByteBuffer.wrap(file, at, 16 + in.getInt(at + 8)).slice();
            if (!sameTime.isEmpty() && sameTime.get(0).getLong(0) != record.getLong(0)) {
                turned += put(sameTime, turn, out);
            }
            sameTime.add(record);
        }
        turned += put(sameTime, turn, out);
        sharedTimes += turned;
        return out.array();
    }

    private static int put(List<ByteBuffer> records, boolean turn, ByteBuffer out) {
        if (turn) {
            Collections.reverse(records);
        }
        records.forEach(record -> out.put(record.duplicate()));
        int count = records.size();
        records.clear();
        return count > 1 ? count : 0;
    }

    /** Every finding as a line, its addresses and ports renamed. */
    private static List<String> findings(Path input, Function<String, String> names) throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(input), collector, Progress.NONE);
        CaseResult result = collector.result();
        List<String> lines = new ArrayList<>();
        for (FlowResult flow : result.flows()) {
            lines.add(flow.path() + " " + flow.client() + " -> " + flow.service() + " " + flow.clusterIp() + " " + flow.serviceName()
                    + " via "
                    + flow.entryNode() + " " + flow.translated() + " to " + flow.endpoint() + " " + flow.confidence() + " "
                            + flow.matchedBy()
                    + " " + flow.verdict() + " " + flow.failedStep() + " " + flow.packets() + " "
                    + flow.steps().stream().map(step -> step.number() + " " + step.status() + " " + step.tuple() + " " + step.packets())
                            .toList());
            flow.deviations().forEach(deviation -> lines.add("  " + line(deviation)));
        }
        result.findings().deviations().forEach(deviation -> lines.add(line(deviation)));
        result.findings().summary().rootCauses().forEach(cause -> lines.add(cause.code() + " " + cause.step() + " " + cause.flows() + " "
                + cause.endpoints() + " " + cause.nodes() + " " + cause.clients()));
        return lines.stream().map(names).sorted().toList();
    }

    private static String line(Deviation deviation) {
        return deviation.type().code() + " " + deviation.severity() + " " + deviation.step() + " " + deviation.point() + " "
                + deviation.message();
    }
}
