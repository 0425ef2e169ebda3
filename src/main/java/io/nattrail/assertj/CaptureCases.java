package io.nattrail.assertj;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Finds and analyzes the cases of tests. */
final class CaptureCases {
    private CaptureCases() {
    }

    /**
     * Analyzes a case.
     *
     * @throws UncheckedIOException if it cannot be read
     */
    static CaseResult analyze(Path path) {
        CaseResult.Collector collector = new CaseResult.Collector();
        try {
            CaseAnalyzer.plain().run(CaseRequest.of(path), collector, Progress.NONE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return collector.result();
    }

    /**
     * The path as the file system has it, from the folder in which the tests run; else as the class path has it.
     *
     * @throws UncheckedIOException if neither has it
     */
    static Path find(String path) {
        Path file = Path.of(path);
        if (Files.exists(file)) {
            return file;
        }
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        URL resource = loader == null ? null : loader.getResource(path);
        if (resource != null && resource.getProtocol().equals("file")) {
            try {
                return Path.of(resource.toURI());
            } catch (URISyntaxException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new UncheckedIOException(new NoSuchFileException(file.toAbsolutePath().toString(), null,
                resource == null ? "no such case, neither there nor in the class path" : "it is inside an archive; unpack it"));
    }
}
