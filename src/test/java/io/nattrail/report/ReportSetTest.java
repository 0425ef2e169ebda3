package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportSetTest {
    @TempDir
    private Path folder;

    @Test
    void aReportAppearsOnlyWhenItIsComplete() throws IOException {
        try (ReportSet reports = all()) {
            reports.begin(SampleCases.happy().header());
            reports.flow(SampleCases.answered(1));
            assertThat(folder).isDirectoryNotContaining(file -> !file.getFileName().toString().endsWith(".tmp"));

            reports.end(SampleCases.happy().findings());
        }

        assertThat(names()).containsExactlyInAnyOrderElementsOf(ReportWriters.ALL.stream().map(ReportWriters.Entry::file).toList());
    }

    @Test
    void abandonedReportsLeaveNothingAndAnEarlierOneStays() throws IOException {
        Files.writeString(folder.resolve("report.json"), "earlier");

        try (ReportSet reports = all()) {
            reports.begin(SampleCases.happy().header());
            reports.flow(SampleCases.answered(1));
        }

        assertThat(names()).containsExactly("report.json");
        assertThat(folder.resolve("report.json")).hasContent("earlier");
    }

    @Test
    void theFolderIsMade() throws IOException {
        Path deeper = folder.resolve("a/b");
        try (ReportSet reports = new ReportSet(deeper, List.of("json"), ReportOptions.DEFAULT)) {
            SampleCases.empty().sendTo(reports);
        }

        assertThat(deeper.resolve("report.json")).exists();
    }

    @Test
    void anUnknownFormatIsRefusedWithThoseThatExist() {
        List<String> unknown = List.of("doc");

        assertThatThrownBy(() -> new ReportSet(folder, unknown, ReportOptions.DEFAULT)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'doc'").hasMessageContaining("json, csv");
    }

    private ReportSet all() {
        return new ReportSet(folder, ReportWriters.formats(), ReportOptions.DEFAULT);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
