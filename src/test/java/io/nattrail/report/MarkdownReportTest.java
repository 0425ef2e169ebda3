package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.PointResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MarkdownReportTest {
    @TempDir
    private Path folder;

    @Test
    void beginsWithTheVerdictAndTheRootCauses() throws IOException {
        assertThat(write(SampleCases.lostBetweenNodes())).startsWith("# lost-between-nodes: 2 of 5 connections fail\n")
                .containsSubsequence("| 5 | 1 | 1 | 2 | 1 |", "## Root cause\n",
                        "1. **`request-lost-between-nodes`** (error, step 1.5), 2 of 5 flows: 2 of 5 flows left Node-1 for",
                        "   - endpoints: `10.244.1.2:8443`", "   - **do:** Compare the effective routes");
    }

    @Test
    void saysOnceWhatToDoAboutOneCauseAtSeveralSteps() throws IOException {
        assertThat(write(SampleCases.lostAtTwoSteps())).containsSubsequence("## Root causes", "1. **`loss`** (warning, step 1.4)",
                "ip -s link show eth0", "2. **`loss`** (warning, step 2.0)", "   - **do:** as for loss at step 1.4\n")
                .containsOnlyOnce("ip -s link");
    }

    @Test
    void whatIsFoundWhereTheCapturesDoNotTellIsNoCause() throws IOException {
        assertThat(write(SampleCases.openWithASymptom())).contains("## Finding\n", "1 of 1 flow:").doesNotContain("Root cause");
    }

    /** As the page says it: the flow's verdict is another thing. */
    @Test
    void whatTheCapturesDoNotTellOfAFailedFlowDoesNotMakeItUndetermined() throws IOException {
        assertThat(write(SampleCases.lostAndFailedOpenly(0, 1))).containsSubsequence(": failed",
                "\nNot to be told from these captures: no ").doesNotContain("Undetermined");
    }

    @Test
    void ofManyFindingsTheWorstComeFirst() throws IOException {
        assertThat(write(SampleCases.warningsThenAnError())).containsSubsequence("- **`request-lost-between-nodes`**",
                "- **`syn-retransmitted`**", "- and 1 more");
    }

    @Test
    void oneConnectionFailsAndTwoFail() throws IOException {
        assertThat(write(SampleCases.affecting(1))).startsWith("# affecting: 1 of 1 connection fails\n");
    }

    @Test
    void showsTheStepsOfAnExampleWithItsFrames() throws IOException {
        assertThat(write(SampleCases.lostBetweenNodes())).contains("## Flow 2: failed at step 1.4",
                "| 1.1 | ✅ observed | the client opens a connection to the node port | `10.241.0.4:38637 -> 10.240.0.4:32000` | "
                        + "`client #41`, `node1-eth0 #41` | 150 µs ± 60.0 µs |",
                "| 1.4 | ❌ missing, failed here | the packet travels from Node-1 to Node-2: never seen at node2-cbr0 |",
                "  - frames in `node1-eth0.pcap`: `frame.number in {42,44}`");
    }

    @Test
    void drawsTheWalkUpToWhereItEnded() throws IOException {
        assertThat(write(SampleCases.lostBetweenNodes())).contains("""
                ```mermaid
                sequenceDiagram
                  participant P0 as client
                  participant P1 as node1-eth0
                  participant P2 as node2-cbr0
                  P0->>P1: 1.1 10.241.0.4:38637 → 10.240.0.4:32000
                  Note over P1: 1.2 10.241.0.4:38637 → 172.31.0.5:443 (inferred)
                  Note over P1: 1.2.1 10.241.0.4:38637 → 10.244.1.2:8443 (inferred)
                  Note over P1: 1.2.2 10.240.0.4:20002 → 10.244.1.2:8443 (inferred)
                  Note over P1: 1.3 10.240.0.4:20002 → 10.244.1.2:8443
                  P1-xP2: 1.4 failed: 0 of 6 arrived
                ```
                """);
    }

    @Test
    void drawsTheAnswerBackToTheClient() throws IOException {
        assertThat(write(SampleCases.happy())).contains("P1->>P2: 1.5 ", "P2-->>P1: 1.6 ", "P1-->>P0: 2.0 ").doesNotContain("-x");
    }

    @Test
    void drawsThePointsInTheOrderOfThePath() throws IOException {
        CaseResult happy = SampleCases.happy();
        CaseHeader header = happy.header();
        List<PointResult> backwards = new ArrayList<>(header.points());
        Collections.reverse(backwards);
        CaseHeader other = new CaseHeader(header.name(), header.toolVersion(), backwards, header.notes(), header.cluster());

        assertThat(write(new CaseResult(other, happy.flows(), happy.findings()))).contains("participant P0 as client\n",
                "P1->>P2: 1.5 ", "P2-->>P1: 1.6 ");
    }

    @Test
    void tellsAboutTheCaptures() throws IOException {
        assertThat(write(SampleCases.lostBetweenNodes())).contains(
                "| node2-cbr0 | node-2 | `node2-cbr0.pcapng.gz` | 120 | 2026-11-23 15:34:12.750914 | 12.4 s | +1.50 ms ± 80.0 µs |",
                "- **`clock-skew`** (info): the clock of node2-cbr0 is 1.5 ms ahead", "- notes.txt: neither a capture");
    }

    @ParameterizedTest
    @ValueSource(strings = {"<script>alert(1)</script>", "![x](http://evil/x.png)", "a | b", "`code` ``more``", "@team",
            "http://evil.example",
        "www.evil.example", "line\n# heading", "\u001b[31m", "*bold*"})
    void noTextFromInputIsMarkup(String text) throws IOException {
        String markdown = write(SampleCases.hostile(text));
        String withoutCode = markdown.replaceAll("(`+)(?!`).+?(?<!`)\\1(?!`)", "").replaceAll("(?s)```mermaid.*?```", "");

        assertThat(withoutCode).doesNotContain(text).doesNotContain("<script").doesNotContain("http://").doesNotContain("\u001b")
                .doesNotContain("\n# heading").doesNotContain("www.").doesNotContain("@team");
        assertThat(markdown.lines().filter(line -> line.startsWith("| 1.1 ")).findFirst().orElseThrow().replace("\\|", "")
                .chars().filter(c -> c == '|').count()).isEqualTo(7);
    }

    @Test
    void noTextFromInputEndsAMermaidStatement() {
        assertThat(MarkdownText.mermaid("a;b#c\nP0->>P1: x%%{")).isEqualTo("a#59;b#35;c#92;x0aP0-#62;#62;P1: x#37;#37;#123;");
    }

    private String write(CaseResult result) throws IOException {
        Path file = folder.resolve("report.md");
        try (MarkdownReport report = new MarkdownReport(file)) {
            result.sendTo(report);
        }
        return Files.readString(file);
    }
}
