package io.nattrail.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.FlowSelection;
import io.nattrail.analysis.Progress;
import io.nattrail.deviation.Severity;
import io.nattrail.report.ReportOptions;
import io.nattrail.report.ReportSet;
import io.nattrail.report.TerminalStyle;
import io.nattrail.report.TerminalSummary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example reports in {@code reports/} are what the tool makes of {@code captures/}, byte for byte. After an intended change:
 * {@code ./mvnw test -Dtest=ReportsTest -Dnattrail.update=true}, then read the difference before it is committed.
 */
class ReportsTest {
    private static final Path CAPTURES = Path.of("captures");
    private static final Path REPORTS = Path.of("reports");
    private static final boolean UPDATE = Boolean.getBoolean("nattrail.update");
    /** Not the real one: a release changes no report. */
    private static final String VERSION = "example";
    private static final List<String> FORMATS = List.of("json", "csv", "md");
    /** These come with the page and the annotated capture, too; one of a success and one of a failure are enough for the repository. */
    private static final Set<String> COMPLETE = Set.of("happy-nftables", "lost-between-nodes");

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> areWhatTheToolMakesOfTheCaptures() throws IOException {
        List<Path> cases;
        try (Stream<Path> entries = Files.list(CAPTURES)) {
            cases = entries.filter(Files::isDirectory).sorted().toList();
        }
        assertThat(cases).isNotEmpty();
        return cases.stream().map(one -> dynamicTest(one.getFileName().toString(), () -> compare(one)));
    }

    @TestFactory
    Stream<DynamicTest> thereIsNoneWithoutItsCaptures() throws IOException {
        try (Stream<Path> entries = Files.list(REPORTS)) {
            return entries.filter(Files::isDirectory).sorted().map(report -> report.getFileName().toString()).toList().stream()
                    .map(name -> dynamicTest(name, () -> assertThat(CAPTURES.resolve(name)).isDirectory()));
        }
    }

    private void compare(Path one) throws IOException {
        Path made = folder.resolve(one.getFileName());
        analyze(one, made);
        Path kept = REPORTS.resolve(one.getFileName());
        Map<String, byte[]> now = contents(made);
        if (UPDATE) {
            Files.createDirectories(kept);
            for (String old : contents(kept).keySet()) {
                Files.delete(kept.resolve(old));
            }
            for (Map.Entry<String, byte[]> file : now.entrySet()) {
                Files.write(kept.resolve(file.getKey()), file.getValue());
            }
        }
        assertThat(kept).as("example reports; make them with -Dnattrail.update=true").isDirectory();
        Map<String, byte[]> before = contents(kept);
        assertThat(now.keySet()).isEqualTo(before.keySet());
        for (Map.Entry<String, byte[]> file : now.entrySet()) {
            if (!Arrays.equals(file.getValue(), before.get(file.getKey()))) {
                throw new AssertionError(difference(kept.resolve(file.getKey()), before.get(file.getKey()), file.getValue()));
            }
        }
    }

    private static String difference(Path file, byte[] before, byte[] now) {
        List<String> old = Arrays.asList(new String(before, StandardCharsets.UTF_8).split("\n", -1));
        List<String> made = Arrays.asList(new String(now, StandardCharsets.UTF_8).split("\n", -1));
        int line = 0;
        while (line < Math.min(old.size(), made.size()) && old.get(line).equals(made.get(line))) {
            line++;
        }
        int from = line < Math.min(old.size(), made.size()) ? firstDifference(old.get(line), made.get(line)) : 0;
        return "%s, line %d:\n  was %s\n  is  %s\nIf that is meant: ./mvnw test -Dtest=ReportsTest -Dnattrail.update=true".formatted(file,
                line + 1,
                lineAt(old, line, from), lineAt(made, line, from));
    }

    private static int firstDifference(String one, String other) {
        int at = 0;
        while (at < Math.min(one.length(), other.length()) && one.charAt(at) == other.charAt(at)) {
            at++;
        }
        return at;
    }

    /** The part of a line that matters, since lines of reports are long. */
    private static String lineAt(List<String> lines, int line, int from) {
        String text = line < lines.size() ? lines.get(line) : "(the end)";
        int start = Math.min(text.length(), Math.max(0, from - 60));
        return (start > 0 ? "..." : "") + text.substring(start, Math.min(text.length(), start + 300));
    }

    private static Map<String, byte[]> contents(Path folder) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }

    private static void analyze(Path input, Path out) throws IOException {
        boolean complete = COMPLETE.contains(input.getFileName().toString());
        List<String> formats = new ArrayList<>(FORMATS);
        if (complete) {
            formats.addAll(List.of("html", "junit", "pcapng"));
        }
        CaseAnalyzer analyzer = new CaseAnalyzer(VERSION, expression -> {
            throw new IOException("no filter is asked for");
        }, InputStream.nullInputStream());
        CaseRequest request = new CaseRequest(List.of(input), Map.of(), null, null, FlowSelection.ALL, 2, complete);
        StringBuilder text = new StringBuilder();
        try (ReportSet reports = new ReportSet(out, formats, new ReportOptions(Severity.ERROR))) {
            TerminalSummary summary = new TerminalSummary(text, TerminalStyle.PLAIN);
            analyzer.run(request, both(reports, summary), Progress.NONE);
        }
        Files.writeString(out.resolve("summary.txt"), text);
    }

    private static CaseSink both(CaseSink one, CaseSink other) {
        return new CaseSink() {
            @Override
            public void begin(CaseHeader header) throws IOException {
                one.begin(header);
                other.begin(header);
            }

            @Override
            public void flow(FlowResult flow) throws IOException {
                one.flow(flow);
                other.flow(flow);
            }

            @Override
            public void end(CaseFindings findings) throws IOException {
                one.end(findings);
                other.end(findings);
            }
        };
    }
}
