package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpoolTest {
    /** All in memory; the last in memory; each longer than what is kept there. */
    @ParameterizedTest
    @ValueSource(ints = {10, 50_000, 700_000})
    void givesBackWhatWasWrittenFromMemoryAndFromTheFile(int longest) throws IOException {
        Random random = new Random(longest);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        try (Spool spool = new Spool("spool-test")) {
            for (int i = 0; i < 40; i++) {
                byte[] piece = new byte[random.nextInt(longest) + 1];
                random.nextBytes(piece);
                assertThat(spool.length()).isEqualTo(all.size());
                spool.write(piece);
                all.write(piece);
                int from = random.nextInt(all.size());
                int length = random.nextInt(all.size() - from + 1);
                assertThat(spool.read(from, length)).isEqualTo(Arrays.copyOfRange(all.toByteArray(), from, from + length));
            }
            ByteArrayOutputStream copy = new ByteArrayOutputStream();
            spool.copyTo(copy);
            assertThat(copy.toByteArray()).isEqualTo(all.toByteArray());
        }
    }

    /** Runs in a JVM of its own: the folder is read once. */
    static final class Spooling {
        private Spooling() {
        }

        public static void main(String[] args) throws IOException {
            try (Spool spool = new Spool("spool-test")) {
                spool.write(new byte[1 << 18]);
                spool.write(new byte[1]);
            } catch (IOException e) {
                System.out.print(e.getMessage());
            }
        }
    }

    @Test
    void saysWhereThereIsNoFolderForIt(@TempDir Path folder) throws IOException {
        Path missing = folder.resolve("none");
        Process run = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + missing, "-cp", System.getProperty("java.class.path"), Spooling.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT).start();

        assertThat(new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("cannot keep temporary files in "
                + missing + ": no such folder; another folder is used with NATTRAIL_OPTS=-Djava.io.tmpdir=DIR");
    }
}
