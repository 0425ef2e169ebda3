package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What is usual on a hop, and how often it was slow. */
class HopPaceTest {
    private static final long MILLI = 1_000_000L;

    private final HopPace pace = new HopPace(10 * MILLI);

    @Test
    void whatTakesTheSlowOneOfSeveralPathsDoesNotWidenTheUsual() {
        flows(0, 15, 20, 1);
        flows(5, 11, 20, 61);
        pace.seal();

        assertThat(pace.usual()).isEqualTo(MILLI);
        assertThat(pace.spread()).isZero();
        assertThat(pace.slowMoments()).isEqualTo(3);
    }

    @Test
    void delaysOfAllSizesAreUsualTogether() {
        for (int i = 0; i < 20; i++) {
            flow(i * 20L, 1 + i * 3L);
        }
        pace.seal();

        assertThat(pace.spread()).isEqualTo(30 * MILLI);
    }

    @Test
    void aStallIsOneMomentHoweverManyFlowsWereInIt() {
        flows(0, 20, 10, 1);
        for (int i = 0; i < 9; i++) {
            long sent = 500 + i * 10;
            flow(sent, 600 - sent);
        }
        pace.seal();

        assertThat(pace.slowMoments()).isEqualTo(1);
    }

    @Test
    void nothingWasSlow() {
        flows(0, 20, 10, 1);
        pace.seal();

        assertThat(pace.slowMoments()).isZero();
    }

    /** A flow every so many milliseconds. */
    private void flows(long first, int count, long apart, long delay) {
        for (int i = 0; i < count; i++) {
            flow(first + i * apart, delay);
        }
    }

    private void flow(long sent, long delay) {
        pace.add(delay * MILLI, (sent + delay) * MILLI);
    }
}
