package io.nattrail.leg;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How fine a capture's stamps are shows in the stamps. */
class GrainTest {
    private static final long START = 1_795_448_052_123_456_000L;

    private static long grain(int frames, long grain, long first) {
        Grain found = new Grain();
        Random random = new Random(frames);
        long time = first;
        for (int i = 0; i < frames; i++) {
            found.add(time / grain * grain);
            time += random.nextInt(300_000_000);
        }
        return found.nanos();
    }

    @ParameterizedTest
    @ValueSource(longs = {1_000_000_000, 10_000_000, 1_000_000})
    void wholeSecondsAndPartsOfThemAreTold(long grain) {
        assertThat(grain(100, grain, START)).isEqualTo(grain);
    }

    /** Windows counts its ticks from its own beginning. */
    @Test
    void ticksNeedNotBeginWithASecond() {
        Grain grain = new Grain();
        Random random = new Random(3);
        for (int i = 0; i < 100; i++) {
            grain.add(START + random.nextInt(1000) * 15_625_000L);
        }

        assertThat(grain.nanos()).isEqualTo(15_625_000);
    }

    @Test
    void microsecondsAreAsFineAsClocksAreCompared() {
        assertThat(grain(100, 1000, START)).isZero();
        assertThat(grain(100, 1, START)).isZero();
    }

    @Test
    void fewFramesTellNothing() {
        assertThat(grain(3, 1000, START)).isZero();
        assertThat(new Grain().nanos()).isZero();
    }
}
