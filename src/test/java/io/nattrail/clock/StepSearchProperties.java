package io.nattrail.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nattrail.leg.ClockStep;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Three points in a row, of which one has its clock set: the frames' order must tell which, when, and by how much. */
class StepSearchProperties {
    private static final int POINTS = 3;
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long START = 1_795_448_052L * SECOND;

    @Property(tries = 300)
    void theClockThatWasSetIsFoundBetweenTwoOfItsFrames(@ForAll @IntRange(min = 0, max = 2) int set,
            @ForAll @IntRange(min = -100_000, max = 100_000) int stepMillis, @ForAll @IntRange(min = 10, max = 190) int round,
            @ForAll long seed) {
        long step = (stepMillis + (stepMillis < 0 ? -20 : 20)) * MILLI;
        Exchanges exchanges = new Exchanges(seed);
        exchanges.run(0, round);
        long last = exchanges.frames[set];
        exchanges.ahead[set] += step;
        exchanges.run(round, 200);

        ClockStep found = exchanges.search.first();

        assertThat(found.point()).isEqualTo(set);
        assertThat(found.lastBefore()).isEqualTo(last);
        assertThat(found.firstAfter()).isEqualTo(last + 1);
        assertThat(found.aheadNanos()).isCloseTo(step, within(3 * MILLI));
    }

    /** What comes one way earlier than ever before tells that a clock was set, though nothing comes the other way any more. */
    @Property(tries = 50)
    void packetsOfOneDirectionTellOfAClockThatMakesThemFaster(@ForAll @IntRange(min = 20, max = 100_000) int millis,
            @ForAll boolean requests, @ForAll long seed) {
        Exchanges exchanges = new Exchanges(seed);
        exchanges.run(0, 100);
        long step = (requests ? -millis : millis) * MILLI;
        exchanges.ahead[2] += step;
        exchanges.run(100, 200, requests, !requests);

        ClockStep found = exchanges.search.first();

        assertThat(found.point()).isEqualTo(2);
        assertThat(found.aheadNanos()).isCloseTo(step, within(3 * MILLI));
    }

    /** Two captures of a node disagree with the client alike: that makes it no likelier to have been set. */
    @Property(tries = 100)
    void capturesOfOneMachineAreOneClock(@ForAll @IntRange(min = 20, max = 100_000) int stepMillis,
            @ForAll @IntRange(min = 10, max = 190) int round, @ForAll long seed) {
        Exchanges exchanges = new Exchanges(seed, 0, 1, 1);
        exchanges.run(0, round);
        exchanges.ahead[1] += stepMillis * MILLI;
        exchanges.ahead[2] += stepMillis * MILLI;
        exchanges.run(round, 200);

        ClockStep found = exchanges.search.first();

        assertThat(found.point()).isPositive();
        assertThat(found.aheadNanos()).isCloseTo(stepMillis * MILLI, within(3 * MILLI));
    }

    @Property(tries = 100)
    void clocksThatNobodySetAreLeftAlone(@ForAll @IntRange(min = -200, max = 200) int ppm, @ForAll long seed) {
        Exchanges exchanges = new Exchanges(seed);
        for (int round = 0; round < 200; round++) {
            exchanges.run(round, round + 1);
            exchanges.ahead[1] += 30 * MILLI * ppm / 1_000_000;
        }

        assertThat(exchanges.search.first()).isNull();
    }

    /** What a converter or a clock of coarse ticks rounded down is nearly a grain too early, and the next frame may be exact. */
    @Property(tries = 50)
    void coarseStampsAreNoStep(@ForAll @IntRange(min = 3, max = 1000) int millis, @ForAll @IntRange(min = 0, max = 2) int point,
            @ForAll long seed) {
        long[] grains = new long[POINTS];
        grains[point] = millis * MILLI;
        Exchanges exchanges = new Exchanges(seed, grains, 0, 1, 2);
        exchanges.run(0, 200);

        assertThat(exchanges.search.first()).isNull();
    }

    /** Packets that were taken for others say nothing against all the rest. */
    @Property(tries = 50)
    void someStrayCrossingsAreNoStep(@ForAll @IntRange(min = 1, max = 3) int strays, @ForAll long seed) {
        Exchanges exchanges = new Exchanges(seed);
        exchanges.run(0, 100);
        for (int i = 0; i < strays; i++) {
            exchanges.search.crossed(exchanges.sight(0, START), exchanges.sight(1, START + 4000 * SECOND));
            exchanges.search.crossed(exchanges.sight(1, START), exchanges.sight(2, START - 9000 * SECOND));
        }
        exchanges.run(100, 200);

        assertThat(exchanges.search.first()).isNull();
    }

    /** Client, node and bridge, their clocks far apart. */
    private static final class Exchanges {
        private final long[] ahead = {0, 3600 * SECOND, -7 * SECOND};
        private final long[] frames = new long[POINTS];
        private final StepSearch search;
        private final Random random;
        private final long[] grains;

        Exchanges(long seed) {
            this(seed, 0, 1, 2);
        }

        /** @param machines the machine of each point */
        Exchanges(long seed, int... machines) {
            this(seed, new long[machines.length], machines);
        }

        Exchanges(long seed, long[] grains, int... machines) {
            this.grains = grains;
            search = new StepSearch(machines, grains);
            random = new Random(seed);
        }

        void run(int first, int end) {
            run(first, end, true, true);
        }

        void run(int first, int end, boolean requests, boolean answers) {
            for (int round = first; round < end; round++) {
                long time = START + round * 30 * MILLI;
                StepSearch.Sight[] there = new StepSearch.Sight[POINTS];
                for (int point = 0; point < POINTS; point++) {
                    there[point] = sight(point, time);
                    time += 50_000 + random.nextInt(400_000);
                }
                StepSearch.Sight[] back = new StepSearch.Sight[POINTS];
                for (int point = POINTS - 1; point >= 0; point--) {
                    back[point] = sight(point, time);
                    time += 50_000 + random.nextInt(400_000);
                }
                for (int a = 0; a < POINTS; a++) {
                    for (int b = a + 1; b < POINTS; b++) {
                        if (requests) {
                            search.crossed(there[a], there[b]);
                        }
                        if (answers) {
                            search.crossed(back[b], back[a]);
                        }
                    }
                }
            }
        }

        StepSearch.Sight sight(int point, long time) {
            long stamp = time + ahead[point];
            return new StepSearch.Sight(point, 0, ++frames[point], stamp - (grains[point] == 0 ? 0 : stamp % grains[point]));
        }
    }
}
