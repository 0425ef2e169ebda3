package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseResult;
import io.nattrail.scenario.Scenario;
import io.nattrail.scenario.Stop;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TerminalSummaryTest {
    private static final TerminalStyle UNICODE = new TerminalStyle(false, true, 100);

    @Test
    void saysFirstHowManyFailThenWhyAndWhatToDo() throws IOException {
        String text = show(SampleCases.lostBetweenNodes(), UNICODE);

        assertThat(text).containsSubsequence("2 of 5 connections fail.", "✗ 2 failed", "! 1 degraded", "? 1 undetermined", "✓ 1 ok",
                "Root cause", "request-lost-between-nodes", "step 1.5 · 2 of 5 flows", "since    2026-11-23 15:34:13.750914 UTC",
                "affects  endpoint 10.244.1.2:8443 · node node-2 · client 10.241.0.4", "do       Compare the effective routes of Node-1",
                        "Flow 2");
    }

    @Test
    void walksTheFirstFlowOfTheFirstRootCauseAndMarksTheStepWhereItEnded() throws IOException {
        String text = show(SampleCases.lostBetweenNodes(), UNICODE);

        assertThat(text).contains(
                "   ● 1.1    the client opens a connection to the node port               client #41  node1-eth0 #41\n"
                        + "   │        10.241.0.4:38637 → 10.240.0.4:32000                                   +150 µs ± 60.0 µs\n"
                        + "   ○ 1.2    kube-proxy's rules take the node port to the service's ClusterIP               inferred\n"
                        + "   │        10.241.0.4:38637 → 172.31.0.5:443\n",
                "   │        10.240.0.4:20002 → 10.244.1.2:8443\n",
                "   ✗ 1.4    the packet travels from Node-1 to Node-2                           missing, failed here\n"
                        + "   │        never seen at node2-cbr0\n",
                "   ✗ failed at step 1.4 · endpoint default/web-2 · on node-2\n",
                "     node1-eth0.pcap  frame.number in {42,44}\n");
    }

    @Test
    void countsAffectedNamesOnlyWhereAllAreKept() throws IOException {
        assertThat(show(SampleCases.affecting(9), UNICODE)).contains("clients 10.241.0.1, 10.241.0.2, 10.241.0.3, 10.241.0.4 and 5 more");
        assertThat(show(SampleCases.affecting(10), UNICODE)).contains("10.241.0.4 and others\n");
    }

    @Test
    void saysOnceWhatToDoAboutOneCauseAtSeveralSteps() throws IOException {
        assertThat(show(SampleCases.lostAtTwoSteps(), UNICODE)).containsSubsequence("Root causes", "do       Read the drop counters",
                "ip -s link", "step 2.0", "do       as for loss at step 1.4\n").containsOnlyOnce("ip -s link");
    }

    @Test
    void whatIsFoundWhereTheCapturesDoNotTellIsNoCause() throws IOException {
        assertThat(show(SampleCases.openWithASymptom(), UNICODE)).contains(" Finding \u2500", "syn-retransmitted")
                .doesNotContain("Root cause");
    }

    @Test
    void repeatsATupleOnlyWhenItChanges() throws IOException {
        String text = show(SampleCases.happy(), UNICODE);

        assertThat(text.split("10.240.0.4:20001 → 10.244.1.2:8443", -1)).hasSize(2);
    }

    @Test
    void ofManyFindingsTheWorstComeFirst() throws IOException {
        assertThat(show(SampleCases.warningsThenAnError(), UNICODE)).containsSubsequence("\u2717 request-lost-between-nodes at step 1.5",
                "! syn-retransmitted at step 1.1", "and 3 more deviations");
    }

    @Test
    void isShortOfWordsWhenAllIsWell() throws IOException {
        assertThat(show(SampleCases.happy(), UNICODE)).contains("The one connection went there and back, and nothing deviates.", "Flow 1 ",
                "✓ ok: there and back").doesNotContain("Root cause");
    }

    @Test
    void saysSoWhenThereIsNoFlow() throws IOException {
        assertThat(show(SampleCases.empty(), UNICODE)).contains("No connection of a service path was found").doesNotContain("Flow ");
    }

    @Test
    void tellsWhatIsWrongWithTheCaptures() throws IOException {
        assertThat(show(SampleCases.lostBetweenNodes(), UNICODE)).contains("clock-skew: the clock of node2-cbr0 is 1.5 ms ahead",
                "! node2-cbr0.pcapng.gz: byte 4096 (frame 37)", "notes.txt: neither a capture nor cluster state",
                "clocks against client: node1-eth0 +40.0 µs ± 60.0 µs, node2-cbr0 +1.50 ms ± 80.0 µs");
    }

    @Test
    void endsWithThePlaceOfTheReports() throws IOException {
        StringBuilder out = new StringBuilder();
        TerminalSummary summary = new TerminalSummary(out, UNICODE);
        SampleCases.happy().sendTo(summary);
        summary.reports("out", List.of("report.json", "report.html"));

        assertThat(out.toString()).endsWith(" Reports  out  report.json  report.html\n");
        summary.reports("/a/folder/with/a/long/name", List.of("report.json", "flows.csv", "steps.csv", "report.html", "report.md",
                "junit.xml", "annotated.pcapng"));
        assertThat(out.toString()).endsWith("""
                 Reports  /a/folder/with/a/long/name
                          report.json flows.csv steps.csv report.html report.md junit.xml annotated.pcapng
                """);
    }

    @Test
    void isPlainAsciiWhereTheTerminalShowsNoMore() throws IOException {
        String text = show(SampleCases.lostBetweenNodes(), new TerminalStyle(true, false, 100));

        assertThat(text.chars()).allMatch(c -> c < 0x7f);
        assertThat(text).contains("10.241.0.4:38637", " -> ", "+150 us +/- 60.0 us");
    }

    @Test
    void hasNoColourWhereNoneIsWanted() throws IOException {
        assertThat(show(SampleCases.lostBetweenNodes(), UNICODE)).doesNotContain("\u001b");
        assertThat(show(SampleCases.lostBetweenNodes(), new TerminalStyle(true, true, 100)))
                .contains("\u001b[1;31m2 of 5 connections fail.");
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80, 100, 120, 200})
    void keepsToTheWidth(int width) throws IOException {
        TerminalStyle style = new TerminalStyle(false, true, width);

        // Only an address pair cannot be broken; it is 12 columns in.
        assertThat(show(SampleCases.lostBetweenNodes(), style).lines()).allMatch(line -> line.length() < style.width()
                || line.contains(" → ")
                || line.contains("frame.number"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u001b]0;owned\u0007", "a\rb", "\u001b[2J", "x\ny", "\u202e"})
    void neverSendsAControlCharacterFromTheInput(String text) throws IOException {
        for (TerminalStyle style : List.of(UNICODE, TerminalStyle.PLAIN)) {
            assertThat(show(SampleCases.hostile(text), style)).doesNotContain(text).matches("[\\n\\P{Cc}]*");
        }
    }

    @Test
    void whatARequestThatWasLostBeforeNode1NeverCameToIsNotReached() {
        Scenario s = Scenario.nodePort();
        s.connect().reaching(Stop.CLIENT).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.connect().open().ask(100).answer(300).close();

        s.analyze().satisfies(result -> assertThat(show(result, UNICODE)).containsPattern("✗ 1\\.1 .*\n.*\n.*not seen at node1-eth0")
                .containsPattern("· 1\\.4 .* not reached\n").containsPattern("· 1\\.6 .* not reached\n"));
    }

    @Test
    void whatANodeDidNotSendOnCameNoFurther() {
        Scenario s = Scenario.nodePort();
        s.connect().reaching(Stop.NODE_IN).syn().pause(1000).synAgain().pause(2000).synAgain();
        s.connect().open().ask(100).answer(300).close();

        s.analyze().satisfies(result -> assertThat(show(result, UNICODE)).containsPattern("✗ 1\\.2 .* missing")
                .containsPattern("· 1\\.4 .* not reached\n").containsPattern("· 1\\.6 .* not reached\n"));
    }

    private static String show(CaseResult result, TerminalStyle style) throws IOException {
        StringBuilder out = new StringBuilder();
        result.sendTo(new TerminalSummary(out, style));
        return out.toString();
    }
}
