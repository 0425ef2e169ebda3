package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Severity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The index of a batch as text. */
class IndexPageTest {
    static CaseRow row(String name, CaseState state, long failed, long flows) {
        CaseRow.Cause cause = failed == 0 ? null : new CaseRow.Cause("request-lost-between-nodes", Severity.ERROR, "1.5", failed,
                failed + " of " + flows + " flows left Node-1 for 10.244.1.2:8443 and never reached node2-cbr0", "Compare the routes.");
        boolean error = state == CaseState.UNREADABLE;
        long ok = state == CaseState.OK ? flows : flows - failed;
        TreeMap<String, Long> codes = new TreeMap<>();
        if (state == CaseState.DEGRADED) {
            codes.put("syn-retransmitted", 2L);
        }
        return new CaseRow(name, name.replaceAll("[^a-z0-9%-]", "_"), error ? List.of() : List.of("report.html", "report.json"), state,
                flows, ok, 0,
                failed, 0, codes.isEmpty() ? null : Severity.WARNING, cause, codes, List.of("client"), 10 * flows, 1500 * flows,
                error ? "client.pcap: byte 0: not a capture" : null, error ? "name a capture" : null);
    }

    static List<CaseRow> rows() {
        return new BatchResult(List.of(row("web/monday", CaseState.OK, 0, 120), row("web/tuesday", CaseState.FAILED, 3, 40),
                row("dns", CaseState.DEGRADED, 0, 9), row("api", CaseState.FAILED, 30, 1000), row("broken", CaseState.UNREADABLE, 0, 0),
                row("nothing", CaseState.EMPTY, 0, 0)), 0).rows();
    }

    static String html(List<CaseRow> rows) throws IOException {
        return new IndexPage(rows, "1.0").html();
    }

    @Test
    void aCaseThatNothingExplainsSaysSoAndNamesNoSymptom() throws IOException {
        TreeMap<String, Long> codes = new TreeMap<>(Map.of("syn-retransmitted", 2L));
        CaseRow row = new CaseRow("mute", "mute", List.of("report.html"), CaseState.FAILED, 3, 1, 0, 2, 0, Severity.WARNING, null, codes,
                List.of("client"), 30, 4500, null, null);

        assertThat(html(List.of(row))).contains("2 of 3 flows failed, and no finding says why for most or all of them")
                .doesNotContain("syn-retransmitted");
    }

    @Test
    void aCaseOfWhichTheCapturesDoNotTellSaysSoAndNamesNoSymptom() throws IOException {
        TreeMap<String, Long> codes = new TreeMap<>(Map.of("syn-retransmitted", 1L));
        CaseRow open = new CaseRow("open", "open", List.of("report.html"), CaseState.UNDETERMINED, 3, 2, 0, 0, 1, Severity.WARNING, null,
                codes, List.of("client"), 30, 4500, null, null);

        assertThat(html(List.of(open))).contains("Of 1 case, 1 cannot be judged", "1 of 3 flows: the captures do not tell")
                .doesNotContain("syn-retransmitted");
        assertThat(html(List.of(row("nothing", CaseState.EMPTY, 0, 0)))).contains("no flow was found");
    }

    @Test
    void numbersAreGroupedAsInReportsAndSortedAsTheyAre() throws IOException {
        assertThat(html(rows())).contains("data-key=\"1000\">1,000</td>", "data-key=\"10000\">10,000</td>");
    }

    @Test
    void aRemarkBesideAWarningIsShownAsOne() throws IOException {
        TreeMap<String, Long> codes = new TreeMap<>(Map.of("capture-missing", 1L, "clock-skew", 1L));
        CaseRow row = new CaseRow("well", "well", List.of("report.html"), CaseState.OK, 3, 3, 0, 0, 0, Severity.WARNING, null, codes,
                List.of("client"), 30, 4500, null, null);

        assertThat(html(List.of(row))).contains("sev-warning\">capture-missing", "sev-info\">clock-skew");
    }

    @Test
    void canBeReadWithoutScripts() throws IOException {
        String html = html(rows());

        assertThat(html).contains("Of 6 cases, 2 have failed flows, 1 is degraded, 1 could not be analyzed");
        assertThat(html).containsSubsequence("<tr data-verdict=\"unreadable\"", "not a capture", "<tr data-verdict=\"failed\"",
                "<a href=\"cases/api/report.html\">api</a>", "30 of 1000 flows",
                        "<a href=\"cases/web_tuesday/report.html\">web/tuesday</a>",
                "<tr data-verdict=\"degraded\"", "syn-retransmitted", "<tr data-verdict=\"ok\"");
        assertThat(html(List.of(row("a", CaseState.OK, 0, 1)))).contains("1 case, none with failed flows");
    }

    @Test
    void asksForNothingElseAndAllowsItsOwnScriptAndStyleOnly() throws Exception {
        String html = html(rows());

        assertThat(html).contains("default-src 'none'").doesNotContain("unsafe-inline", "@import", "fetch(", "innerHTML")
                .doesNotContainPattern("src=\"").doesNotContainPattern("url\\(").doesNotContain("{{");
        for (String element : new String[] {"style", "script type=\"module\""}) {
            Matcher matcher = Pattern.compile("<" + element + ">(.*?)</" + element.split(" ")[0] + ">", Pattern.DOTALL).matcher(html);
            assertThat(matcher.find()).isTrue();
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(matcher.group(1).getBytes(StandardCharsets.UTF_8));
            assertThat(html).contains("'sha256-" + Base64.getEncoder().encodeToString(digest) + "'");
        }
    }

    @Test
    void aNameCannotBecomeMarkupOrLeadElsewhere() throws IOException {
        String html = html(List.of(row("<img src=x onerror=alert(1)>\u202e{{content}}%2f", CaseState.FAILED, 1, 1)));

        assertThat(html).doesNotContain("<img").contains("&lt;img src=x onerror=alert(1)&gt;\\u202e{{content}}%2f")
                .contains("%252f/report.html");
    }
}
