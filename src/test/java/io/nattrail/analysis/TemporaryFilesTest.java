package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where the machine has no folder for temporary files, or no room in it, that is said, and what to do. */
class TemporaryFilesTest {
    private static final Path CASE = Path.of("captures/lost-between-nodes");

    @TempDir
    Path folder;

    /** Runs in a JVM of its own: the folder is read once. */
    static final class Analysis {
        private Analysis() {
        }

        public static void main(String[] args) {
            CaseRequest request = args[0].equals("-") ? new CaseRequest(List.of(), Map.of("client", List.of(Path.of("-"))), null, null,
                    FlowSelection.ALL, 1, false) : CaseRequest.of(Path.of(args[0]));
            CaseAnalyzer analyzer = new CaseAnalyzer("test", expression -> frame -> true, System.in,
                    new MemoryLimits(100, 4_000_000, 2, 1000, 20_000));
            try {
                analyzer.run(request, new CaseResult.Collector(), Progress.NONE);
            } catch (IOException e) {
                System.out.print(e.getMessage());
            }
        }
    }

    private String complaint(String input) throws Exception {
        Path missing = folder.resolve("none");
        Process run = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + missing, "-cp", System.getProperty("java.class.path"), Analysis.class.getName(), input)
                .redirectInput(CASE.resolve("client.pcap").toFile()).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (InputStream out = run.getInputStream()) {
            return new String(out.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String expected() {
        return "cannot keep temporary files in " + folder.resolve("none")
                + ": no such folder; another folder is used with NATTRAIL_OPTS=-Djava.io.tmpdir=DIR";
    }

    @Test
    void isSaidOfMoreFlowsThanMemoryHolds() throws Exception {
        assertThat(complaint(CASE.toString())).isEqualTo(expected());
    }

    @Test
    void isSaidOfStandardInput() throws Exception {
        assertThat(complaint("-")).isEqualTo(expected());
    }

    @Test
    void isSaidOfAnArchive() throws Exception {
        Path archive = folder.resolve("case.zip");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(archive))) {
            zip.putNextEntry(new ZipEntry("client.pcap"));
            Files.copy(CASE.resolve("client.pcap"), zip);
        }

        assertThat(complaint(archive.toString())).isEqualTo(expected());
    }
}
