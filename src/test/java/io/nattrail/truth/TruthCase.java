package io.nattrail.truth;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.Progress;
import io.nattrail.cluster.ClusterFiles;
import io.nattrail.report.JsonReport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** A captured case with the truth about it. The analysis only ever sees a copy of it, without the truth. */
record TruthCase(Path folder) {
    private static final String TRUTH = "truth.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** All cases of a folder, by name. */
    static List<TruthCase> in(Path folder) {
        try (Stream<Path> cases = Files.list(folder)) {
            return cases.filter(one -> Files.exists(one.resolve(TRUTH))).sorted().map(TruthCase::new).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String name() {
        return folder.getFileName().toString();
    }

    JsonNode truth() throws IOException {
        return JSON.readTree(folder.resolve(TRUTH).toFile());
    }

    /**
     * The report.json of the case.
     *
     * @param packetsOnly leave out what the cluster knows
     * @param workplace an empty folder
     */
    JsonNode report(boolean packetsOnly, Path workplace) throws IOException {
        Path copy = Files.createDirectories(workplace.resolve(name()));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                boolean told = file.getFileName().toString().equals(TRUTH) || packetsOnly && ClusterFiles.looksLikeDump(file);
                if (!told) {
                    Files.copy(file, copy.resolve(file.getFileName()));
                }
            }
        }
        Path report = workplace.resolve("report.json");
        try (JsonReport json = new JsonReport(report)) {
            CaseAnalyzer.plain().run(CaseRequest.of(copy), json, Progress.NONE);
        }
        return JSON.readTree(report.toFile());
    }
}
