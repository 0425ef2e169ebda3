package io.nattrail.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.Progress;
import io.nattrail.deviation.Deviation;
import io.nattrail.packets.Renumbering;
import io.nattrail.path.Step;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Nothing hangs on particular addresses and ports: a case that is numbered otherwise has the same findings, proven by the same frames. */
class RenumberedCasesTest {
    private static final Renumbering ELSEWHERE = new Renumbering(
            Map.of("10.240", "100.64", "10.241", "203.0", "10.244", "10.99", "172.31", "10.96"),
            Map.of(32_000, 30_777, 32_010, 31_999, 30_053, 30_444, 8443, 9091, 443, 7001));

    /** IPv6, packets inside a tunnel, pcapng, cooked captures, a record that is cut: the rewriter does not know them. */
    private static final Set<String> BEYOND_THE_REWRITER = Set.of("lost-between-nodes-v6", "no-endpoints-v6",
            "reply-lost-before-client-v6", "fragmentation-needed-by-node1", "mtu-told-and-only-sent-packets-captured",
            "over-vxlan", "happy-nftables", "damaged-file", "all-interfaces", "all-interfaces-lost", "all-interfaces-silent-pod",
            "udp-answers-lost-on-all-interfaces", "falls-silent-on-all-interfaces", "all-interfaces-udp-unnumbered",
            "hangs-on-all-interfaces-beside-eth0", "local-pod-silent-on-all-interfaces", "local-answers-dropped-on-all-interfaces",
            "pod-calls-itself-on-all-interfaces", "all-interfaces-over-vxlan", "all-interfaces-without-bridges", "sidecar",
            "bridge-hands-over-what-it-sent");

    @TempDir
    Path temporary;

    @TestFactory
    Stream<DynamicTest> haveTheSameFindings() throws IOException {
        List<Path> cases = new ArrayList<>();
        for (Path root : List.of(Path.of("captures"), Path.of("src/test/resources/cases"))) {
            try (Stream<Path> folders = Files.list(root)) {
                folders.filter(Files::isDirectory).filter(RenumberedCasesTest::plain).sorted().forEach(cases::add);
            }
        }
        assertThat(cases).hasSizeGreaterThan(10);
        return cases.stream().map(one -> dynamicTest(one.getFileName().toString(), () -> compare(one)));
    }

    private static boolean plain(Path folder) {
        return !BEYOND_THE_REWRITER.contains(folder.getFileName().toString());
    }

    private void compare(Path folder) throws IOException {
        Path unpacked = Files.createDirectories(temporary.resolve("as").resolve(folder.getFileName()));
        Path other = Files.createDirectories(temporary.resolve("renumbered").resolve(folder.getFileName()));
        unpack(folder, unpacked);
        ELSEWHERE.copy(unpacked, other);
        CaseResult as = analyze(unpacked);
        CaseResult renumbered = analyze(other);
        assertThat(renumbered.flows()).extracting(FlowResult::service).doesNotContainAnyElementsOf(as.flows().stream()
                .map(FlowResult::service).toList());
        assertThat(findings(renumbered)).isEqualTo(findings(as));
    }

    private static void unpack(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                try (InputStream in = name.endsWith(".gz") ? new GZIPInputStream(Files.newInputStream(file)) : Files.newInputStream(file)) {
                    if (!name.equals("truth.json")) {
                        Files.copy(in, to.resolve(name.replace(".gz", "")));
                    }
                }
            }
        }
    }

    private static CaseResult analyze(Path folder) throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result();
    }

    private static List<String> findings(CaseResult result) {
        List<String> lines = new ArrayList<>();
        for (FlowResult flow : result.flows()) {
            StringBuilder line = new StringBuilder("%d %s %s %s".formatted(flow.id(), flow.path(), flow.verdict(), flow.failedStep()));
            for (Step step : flow.steps()) {
                line.append(' ').append(step.number()).append(step.status());
            }
            flow.deviations().forEach(deviation -> line.append(text(deviation)));
            lines.add(line.toString());
        }
        result.findings().deviations().forEach(deviation -> lines.add(text(deviation)));
        return lines;
    }

    private static String text(Deviation deviation) {
        StringBuilder text = new StringBuilder(" %s %s %s".formatted(deviation.code(), deviation.severity(), deviation.step()));
        deviation.evidence().forEach(frame -> text.append(' ').append(frame.point()).append('#').append(frame.number()));
        return text.toString();
    }
}
