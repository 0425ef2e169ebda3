package io.nattrail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;

/** Limits of what work takes of a processor, which other work on the machine does not change. */
public final class ProcessorTime {
    private ProcessorTime() {
    }

    /** Work of one thread. */
    @FunctionalInterface
    public interface Work {
        void run() throws Exception;
    }

    /** What would never end is ended after some minutes. */
    public static void within(Duration limit, Work work) {
        assertTimeoutPreemptively(Duration.ofMinutes(5), () -> {
            ThreadMXBean threads = ManagementFactory.getThreadMXBean();
            long begun = threads.getCurrentThreadCpuTime();
            work.run();
            assertThat(Duration.ofNanos(threads.getCurrentThreadCpuTime() - begun)).isLessThan(limit);
        });
    }
}
