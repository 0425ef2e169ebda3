package io.nattrail.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.Progress;
import io.nattrail.deviation.Deviation;
import io.nattrail.path.Step;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Nothing hangs on particular addresses and ports: a case that is numbered otherwise has the same findings, proven by the same frames. */
class RenumberedCasesTest {
    @TempDir
    Path temporary;

    @TestFactory
    Stream<DynamicTest> haveTheSameFindings() throws IOException {
        List<Path> cases = new ArrayList<>();
        for (Path root : List.of(Path.of("captures"), Path.of("src/test/resources/cases"))) {
            try (Stream<Path> folders = Files.list(root)) {
                for (Path folder : folders.filter(Files::isDirectory).sorted().toList()) {
                    if (Renumbering.possible(folder)) {
                        cases.add(folder);
                    }
                }
            }
        }
        assertThat(cases).hasSizeGreaterThan(10);
        return cases.stream().map(one -> dynamicTest(one.getFileName().toString(), () -> compare(one)));
    }

    private void compare(Path folder) throws IOException {
        Path other = Files.createDirectory(temporary.resolve(folder.getFileName()));
        Renumbering.copy(folder, other);
        CaseResult as = analyze(folder);
        CaseResult renumbered = analyze(other);
        assertThat(renumbered.flows()).extracting(FlowResult::service).doesNotContainAnyElementsOf(as.flows().stream()
                .map(FlowResult::service).toList());
        assertThat(findings(renumbered)).isEqualTo(findings(as));
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
