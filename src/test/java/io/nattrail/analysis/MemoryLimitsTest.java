package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Severity;
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
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How much is kept in memory is nobody's business but the machine's: with hardly any the reports are the same, byte for byte. */
class MemoryLimitsTest {
    /** Flows as bytes, all but the first few of them in a file. */
    private static final MemoryLimits HARDLY_ANY = new MemoryLimits(100, 4_000_000, 2, 1000, 20_000);

    @TempDir
    Path folder;

    static List<Path> cases() throws IOException {
        try (Stream<Path> own = Files.list(Path.of("src/test/resources/cases")); Stream<Path> examples = Files.list(Path.of("captures"))) {
            return Stream.concat(own, examples).filter(Files::isDirectory).sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theReportsDoNotHangOnIt(Path captures) throws IOException {
        Map<String, String> usual = reports(captures, MemoryLimits.USUAL);

        assertThat(reports(captures, HARDLY_ANY)).isEqualTo(usual);
    }

    /** The content of every report, by file; bytes as Latin-1. */
    private Map<String, String> reports(Path captures, MemoryLimits limits) throws IOException {
        Path out = Files.createTempDirectory(folder, "out");
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> frame -> true, InputStream.nullInputStream(), limits);
        CaseRequest request = new CaseRequest(List.of(captures), Map.of(), null, null, FlowSelection.ALL, 2, true);
        try (ReportSet reports = new ReportSet(out, ReportWriters.formats(), new ReportOptions(Severity.ERROR))) {
            analyzer.run(request, reports, Progress.NONE);
        }
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.ISO_8859_1));
            }
        }
        return contents;
    }
}
