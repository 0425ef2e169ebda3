package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    @TempDir
    Path folder;

    private String written(int flows, long limit) throws IOException {
        Path file = folder.resolve("report.html");
        try (HtmlReport report = new HtmlReport(file, limit)) {
            new BusyCase(flows).sendTo(report);
        }
        return Files.readString(file);
    }

    @Test
    void isOneFileThatAsksForNothingElse() throws IOException {
        String html = written(50, HtmlReport.SIZE_LIMIT);
        assertThat(html).doesNotContainPattern("(src|href)=\"[^#\"]").doesNotContainPattern("url\\([^#]")
                .doesNotContain("@import", "fetch(", "import(", "innerHTML");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("report.html"));
        }
    }

    @Test
    void allowsItsOwnScriptAndStyleAndNoOther() throws Exception {
        String html = written(3, HtmlReport.SIZE_LIMIT);
        assertThat(html).contains("default-src 'none'").doesNotContain("unsafe-inline", "unsafe-eval");
        for (String element : new String[] {"style", "script type=\"module\""}) {
            String closing = element.split(" ")[0];
            Matcher matcher = Pattern.compile("<" + element + ">(.*?)</" + closing + ">", Pattern.DOTALL).matcher(html);
            assertThat(matcher.find()).isTrue();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
            assertThat(html).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
        }
    }

    @Test
    void staysBelowItsLimitAndLeavesOutHealthyFlowsFirst() throws IOException {
        long limit = 600_000;
        String html = written(4000, limit);
        assertThat(html.length()).isLessThan((int) limit);
        assertThat(written(4000, HtmlReport.SIZE_LIMIT).length()).isGreaterThan((int) limit);
    }

    @Test
    void isTheSameInEveryRun() throws IOException {
        assertThat(written(300, HtmlReport.SIZE_LIMIT)).isEqualTo(written(300, HtmlReport.SIZE_LIMIT));
    }

    @Test
    void leavesNothingBehindWhenTheCaseIsNotFinished() throws IOException {
        Path file = folder.resolve("report.html");
        try (HtmlReport report = new HtmlReport(file)) {
            report.begin(SampleCases.header("cut off", "10.244.1.2"));
            report.flow(SampleCases.answered(1));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void saysTheResultAlsoWhereScriptsDoNotRun() throws IOException {
        Path file = folder.resolve("report.html");
        try (HtmlReport report = new HtmlReport(file)) {
            SampleCases.lostBetweenNodes().sendTo(report);
        }
        assertThat(Files.readString(file).split("<noscript>|</noscript>")[1])
                .contains("5 flows: 1 ok, 1 degraded, 2 failed", "<strong>request-lost-between-nodes</strong>: ", ".<br>Do: ")
                .doesNotContain("`");
    }

    /** Folders and files may be called anything. */
    @Test
    void controlCharactersInTheNameOfTheCaseAreShownAsEscapes() throws IOException {
        Path file = folder.resolve("report.html");
        CaseResult lost = SampleCases.lostBetweenNodes();
        try (HtmlReport report = new HtmlReport(file)) {
            new CaseResult(SampleCases.header("a\u0001\u202e<b>", "10.244.1.2"), lost.flows(), lost.findings()).sendTo(report);
        }
        assertThat(Files.readString(file)).contains("<title>a\\x01\\u202e&lt;b&gt; - NatTrail</title>")
                .doesNotContain("\u0001", "\u202e");
    }
}
