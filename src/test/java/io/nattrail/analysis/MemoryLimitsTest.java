package io.nattrail.analysis;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
        reports(captures, HARDLY_ANY).isEqualTo(reports(captures, MemoryLimits.USUAL), captures.toString());
    }

    private Reported reports(Path captures, MemoryLimits limits) throws IOException {
        CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> frame -> true, InputStream.nullInputStream(), limits);
        return Reported.of(analyzer, new CaseRequest(List.of(captures), Map.of(), null, null, FlowSelection.ALL, 2, true), folder);
    }
}
