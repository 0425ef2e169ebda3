package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.report.ReportWriters;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A batch of the captures of this repository, with the real analysis and all formats. */
class CapturesBatchTest {
    @TempDir
    private Path folder;

    @Test
    void isTheSameToTheByteWithOneJobAndWithMany() throws IOException {
        BatchResult one = run("one", 1);
        BatchResult many = run("many", 4);

        assertThat(one.rows()).isEqualTo(many.rows()).hasSizeGreaterThan(5)
                .noneMatch(row -> row.error() != null).anyMatch(row -> row.state() == CaseState.OK)
                .anySatisfy(row -> assertThat(row.cause().code()).isEqualTo("request-lost-between-nodes"));
        assertThat(hashes("many")).isEqualTo(hashes("one"));
    }

    private BatchResult run(String out, int jobs) throws IOException {
        List<BatchCase> cases = CaseFolders.find(List.of(Path.of("captures")), folder).cases();
        return new BatchRun(CaseAnalyzer.plain(), new BatchOptions(folder.resolve(out), jobs, jobs, 1 << 30, false,
                ReportWriters.formats(), null, "1.0"), BatchListener.NONE).run(cases);
    }

    private List<String> hashes(String out) throws IOException {
        Path root = folder.resolve(out);
        try (var files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).sorted().map(file -> {
                try {
                    return root.relativize(file) + " " + Arrays.hashCode(Files.readAllBytes(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }).toList();
        }
    }
}
