package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ProgressBarTest {
    private static final long HOUR_NANOS = 3_600_000_000_000L;

    private final StringWriter err = new StringWriter();

    @Test
    void isNotSeenDuringShortWork() {
        try (ProgressBar bar = new ProgressBar(new PrintWriter(err), "reading", false, HOUR_NANOS)) {
            bar.progress(1, 2);
            bar.progress(2, 2);
        }

        assertThat(err.toString()).isEmpty();
    }

    @Test
    void showsShareAndRateDuringLongWorkAndVanishes() throws InterruptedException {
        try (ProgressBar bar = new ProgressBar(new PrintWriter(err), "reading", false)) {
            Thread.sleep(750);
            bar.progress(50_000_000, 100_000_000);
        }

        assertThat(err.toString()).contains("reading  ===============---------------  50 %  50 MB").endsWith("\r");
    }
}
