package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.PointResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ReportSetTest {
    @TempDir
    private Path folder;

    @Test
    void aReportAppearsOnlyWhenItIsComplete() throws IOException {
        try (ReportSet reports = all()) {
            reports.begin(withoutFiles(SampleCases.happy().header()));
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

    /** Runs in a JVM of its own, and is ended as by Ctrl-C: nothing is closed. */
    static final class Interrupted {
        private Interrupted() {
        }

        public static void main(String[] args) throws IOException {
            ReportSet reports = new ReportSet(Path.of(args[0]), ReportWriters.formats(), ReportOptions.DEFAULT);
            reports.begin(SampleCases.happy().header());
            reports.flow(SampleCases.answered(1));
            System.exit(130);
        }
    }

    @Test
    void anInterruptedRunLeavesNothing() throws Exception {
        Process run = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("java.class.path"), Interrupted.class.getName(), folder.toString()).inheritIO().start();

        assertThat(run.waitFor()).isEqualTo(130);
        assertThat(folder).isEmptyDirectory();
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
    void whereNothingIsToBeWrittenNoFolderIsMade() throws IOException {
        Path none = folder.resolve("none");
        try (ReportSet reports = new ReportSet(none, List.of(), ReportOptions.DEFAULT)) {
            SampleCases.empty().sendTo(reports);
        }

        assertThat(none).doesNotExist();
    }

    /** Its own words are "No space left on device", and nothing of which device or file. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDiskIsToldWithTheFileThatFoundNoRoom() throws IOException {
        Path target = folder.resolve("report.json");
        Files.createSymbolicLink(folder.resolve(".report.json." + ProcessHandle.current().pid() + ".tmp"), Path.of("/dev/full"));

        assertThatThrownBy(() -> {
            try (ReportSet reports = new ReportSet(folder, List.of("json"), ReportOptions.DEFAULT)) {
                SampleCases.happy().sendTo(reports);
            }
        }).isInstanceOfSatisfying(IOException.class, e -> assertThat(ErrorText.of(e))
                .isEqualTo(target + ": cannot be written: No space left on device"));
    }

    /** The system's own word is that the folder that is to be made does not exist. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void whatCannotBeMadeIsNotSaidToBeMissing() {
        assertThatThrownBy(() -> {
            try (ReportSet reports = new ReportSet(Path.of("/proc/reports"), List.of("json"), ReportOptions.DEFAULT)) {
                SampleCases.happy().sendTo(reports);
            }
        }).isInstanceOfSatisfying(IOException.class, e -> assertThat(ErrorText.of(e)).isIn(
                "/proc/reports: no folder can be made here", "/proc: permission denied"));
        assertThatThrownBy(() -> new ReportFile(Path.of("/proc/report.json")).close()).isInstanceOfSatisfying(IOException.class,
                e -> assertThat(ErrorText.of(e)).isIn("/proc/report.json: no file can be made here",
                        "/proc/report.json: permission denied"));
    }

    @Test
    void anUnknownFormatIsRefusedWithThoseThatExist() {
        List<String> unknown = List.of("doc");

        assertThatThrownBy(() -> new ReportSet(folder, unknown, ReportOptions.DEFAULT)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'doc'").hasMessageContaining("json, csv");
    }

    /** What copies frames finds none. */
    private static CaseHeader withoutFiles(CaseHeader header) {
        return new CaseHeader(header.name(), header.toolVersion(), header.points().stream().map(point -> new PointResult(point.point(),
                List.of(), point.clock(), point.copies(), point.otherPackets())).toList(), header.notes(), header.cluster());
    }

    private ReportSet all() throws IOException {
        return new ReportSet(folder, ReportWriters.formats(), ReportOptions.DEFAULT);
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }
}
