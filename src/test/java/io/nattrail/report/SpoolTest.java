package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
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
}
