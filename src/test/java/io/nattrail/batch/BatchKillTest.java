package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.report.SampleCases;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A batch whose process is killed without warning, and what the next run makes of it. */
class BatchKillTest {
    private static final int BEFORE = 3;

    @TempDir
    private Path folder;

    /** Runs in a JVM of its own: analyzes cases one by one, and hangs in the middle of writing the fourth. */
    static final class Victim {
        private Victim() {
        }

        public static void main(String[] args) throws IOException {
            WrittenCases analysis = new WrittenCases();
            new BatchRun((request, sink, progress) -> {
                if (analysis.analyzed.size() == BEFORE) {
                    sink.begin(SampleCases.happy().header());
                    sink.flow(SampleCases.answered(1));
                    System.out.println("hanging");
                    hang();
                }
                analysis.run(request, sink, progress);
            }, WrittenCases.options(Path.of(args[1]), 1, false), BatchListener.NONE)
                    .run(CaseFolders.find(List.of(Path.of(args[0])), Path.of(args[1])).cases());
        }

        private static void hang() {
            try {
                Thread.sleep(60_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    @Timeout(300)
    void whatWasFinishedIsKeptAndNothingIsHalfWritten() throws Exception {
        Path cases = folder.resolve("cases");
        for (int i = 0; i < 8; i++) {
            WrittenCases.write(cases, "case" + i, i % 3 == 0 ? "lost" : "happy");
        }
        Path out = folder.resolve("out");
        killInTheMiddle(cases, out);

        try (Stream<Path> finished = Files.list(out.resolve("cases"))) {
            List<Path> folders = finished.toList();
            assertThat(folders).hasSize(BEFORE).allSatisfy(one -> assertThat(names(one)).as("%s", one)
                    .containsExactly("case.json", "junit.xml", "report.html", "report.json"));
        }
        assertThat(out.resolve("index.html")).as("an index of a part would look like one of all").doesNotExist();

        List<BatchCase> items = CaseFolders.find(List.of(cases), out).cases();
        WrittenCases analysis = new WrittenCases();
        BatchResult resumed = new BatchRun(analysis, WrittenCases.options(out, 2, true), BatchListener.NONE).run(items);

        assertThat(resumed.reused()).isEqualTo(BEFORE);
        assertThat(analysis.analyzed).hasSize(8 - BEFORE);
        Path clean = folder.resolve("clean");
        new BatchRun(analysis, WrittenCases.options(clean, 2, false), BatchListener.NONE).run(items);
        assertThat(BatchRunTest.contents(out)).as("as if it had not been killed").isEqualTo(BatchRunTest.contents(clean));
    }

    private static void killInTheMiddle(Path cases, Path out) throws Exception {
        Process victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Victim.class.getName(),
                        cases.toString(),
                out.toString()).redirectErrorStream(true).start();
        try (BufferedReader output = new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("hanging");
        } finally {
            victim.destroyForcibly().waitFor();
        }
    }

    private static TreeSet<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return new TreeSet<>(files.map(file -> file.getFileName().toString()).toList());
        }
    }
}
