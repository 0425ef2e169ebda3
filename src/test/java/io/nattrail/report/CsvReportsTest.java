package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseResult;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvReportsTest {
    private static final CSVFormat WITH_HEADER = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();

    @TempDir
    private Path folder;

    @Test
    void flowsHaveARowForEachFlow() throws IOException {
        List<CSVRecord> rows = rows(SampleCases.lostBetweenNodes(), "flows.csv");

        assertThat(rows).extracting(row -> row.get("id")).containsExactly("1", "2", "3", "4", "5");
        CSVRecord lost = rows.get(1);
        assertThat(lost.get("client")).isEqualTo("10.241.0.4:38637");
        assertThat(lost.get("translatedDestination")).isEqualTo("10.244.1.2:8443");
        assertThat(lost.get("endpointLocal")).isEqualTo("false");
        assertThat(lost.get("matchedBy")).isEqualTo("tcp-isn tcp-timestamp payload");
        assertThat(lost.get("verdict")).isEqualTo("failed");
        assertThat(lost.get("durationNanos")).isEqualTo("40000000");
        assertThat(lost.get("packets")).isEqualTo("client=6/0 node1-eth0=12/0 node2-cbr0=0/0");
        assertThat(lost.get("deviations")).isEqualTo("request-lost-between-nodes");
    }

    @Test
    void stepsNameTheFramesThatShowThem() throws IOException {
        List<CSVRecord> rows = rows(SampleCases.happy(), "steps.csv");

        assertThat(rows).hasSize(9);
        CSVRecord first = rows.get(0);
        assertThat(first.get("number")).isEqualTo("1.1");
        assertThat(first.get("point")).isEqualTo("client");
        assertThat(first.get("frame")).isEqualTo("21");
        assertThat(first.get("evidence")).isEqualTo("client:client.pcap#21 node1-eth0:node1-eth0.pcap#21");
        assertThat(rows.get(1).get("status")).isEqualTo("inferred");
        assertThat(rows.get(1).get("frame")).isEmpty();
    }

    @Test
    void deviationsOfTheCaseComeLastWithoutAFlow() throws IOException {
        List<CSVRecord> rows = rows(SampleCases.lostBetweenNodes(), "deviations.csv");

        assertThat(rows).extracting(row -> row.get("flow")).containsExactly("2", "3", "4", "");
        assertThat(rows.get(3).get("code")).isEqualTo("clock-skew");
        assertThat(rows.get(3).get("point")).isEqualTo("node2-cbr0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", " =1", "\uff1d1"})
    void aTextThatASpreadsheetWouldExecuteIsShownInstead(String formula) throws IOException {
        assertThat(rows(SampleCases.hostile(formula), "flows.csv").get(0).get("serviceName")).isEqualTo("'" + formula);
        assertThat(rows(SampleCases.hostile(formula), "steps.csv").get(0).get("title")).isEqualTo("'" + formula);
        assertThat(rows(SampleCases.hostile(formula), "deviations.csv").get(0).get("message")).isEqualTo("'" + formula);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\n=1", "\"quoted\", with comma", "\ttab", "\u001b[31m"})
    void noTextBreaksARow(String text) throws IOException {
        CaseResult hostile = SampleCases.hostile(text);

        for (String file : List.of("flows.csv", "steps.csv", "deviations.csv")) {
            for (CSVRecord row : rows(hostile, file)) {
                assertThat(row.isConsistent()).isTrue();
            }
            String content = Files.readString(folder.resolve(file), StandardCharsets.UTF_8);
            assertThat(content.split("\r\n", -1)).as(file).hasSize(file.equals("deviations.csv") ? 4 : 3);
        }
    }

    /**
     * Cells are written by two ways, straight and through Commons CSV: whatever falls on the end of a buffer, the rows are those that were
     * put in.
     */
    @Test
    void rowsAreWholeWhateverFallsOnTheEndOfABuffer() throws IOException {
        Path target = folder.resolve("sheet.csv");
        try (CsvSheet sheet = new CsvSheet(target, List.of("a", "b", "c", "d"))) {
            for (int i = 0; i < 20_000; i++) {
                sheet.text("x".repeat(i % 13)).text(null).text(i % 7 == 0 ? "a,\"b\"" : "plain").value(i).endRow();
            }
            sheet.commit();
        }

        try (CSVParser parser = CSVParser.parse(target, StandardCharsets.UTF_8, WITH_HEADER)) {
            int i = 0;
            for (CSVRecord row : parser) {
                assertThat(row.values()).containsExactly("x".repeat(i % 13), "", i % 7 == 0 ? "a,\"b\"" : "plain", Integer.toString(i));
                i++;
            }
            assertThat(i).isEqualTo(20_000);
        }
    }

    private List<CSVRecord> rows(CaseResult result, String name) throws IOException {
        try (ReportSet reports = new ReportSet(folder, List.of("csv"), ReportOptions.DEFAULT)) {
            result.sendTo(reports);
        }
        try (CSVParser parser = CSVParser.parse(folder.resolve(name), StandardCharsets.UTF_8, WITH_HEADER)) {
            return parser.getRecords();
        }
    }
}
