package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Severity;
import io.nattrail.report.ReportOptions;
import io.nattrail.report.ReportSet;
import io.nattrail.report.ReportWriters;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The bytes of every report of an analysis, by file. */
final class Reported {
    private final Map<String, byte[]> files = new TreeMap<>();

    private Reported() {
    }

    /** @param parent where a folder for the reports is made */
    static Reported of(CaseAnalyzer analyzer, CaseRequest request, Path parent) throws IOException {
        Path out = Files.createTempDirectory(parent, "out");
        try (ReportSet reports = new ReportSet(out, ReportWriters.formats(), new ReportOptions(Severity.ERROR))) {
            analyzer.run(request, reports, Progress.NONE);
        }
        Reported reported = new Reported();
        try (Stream<Path> written = Files.list(out)) {
            for (Path file : written.toList()) {
                reported.files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        assertThat(reported.files).hasSize(ReportWriters.ALL.size());
        return reported;
    }

    byte[] file(String name) {
        return files.get(name);
    }

    /** Says where a file differs, not how: as texts of a failure whole reports would fill the memory. */
    void isEqualTo(Reported expected, String what) {
        assertThat(files.keySet()).as(what).isEqualTo(expected.files.keySet());
        files.forEach((name, bytes) -> assertThat(Arrays.mismatch(bytes, expected.files.get(name)))
                .as("%s: offset where %s differs, of %d bytes", what, name, bytes.length).isEqualTo(-1));
    }
}
