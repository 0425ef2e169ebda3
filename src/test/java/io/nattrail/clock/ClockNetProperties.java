package io.nattrail.clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** Packets cross between points whose clocks' errors are known; what is concluded from the time stamps alone must agree. */
class ClockNetProperties {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long START = 1_795_448_052L * SECOND;
    private static final long HOUR = 3600 * SECOND;

    /** A clock's reading at a true time. */
    @FunctionalInterface
    private interface Clock {
        long at(long trueTime);
    }

    @Property(tries = 300)
    void theTrueOffsetIsAlwaysInsideTheInterval(@ForAll @LongRange(min = -HOUR, max = HOUR) long ahead,
            @ForAll @IntRange(min = 1, max = 50) int packets, @ForAll long seed) {
        ClockNet net = new ClockNet(2);
        Clock other = time -> time + ahead;
        cross(net, 0, 1, time -> time, other, packets, 20 * SECOND, new Random(seed), true, true);

        ClockFit fit = exact(net).clocks(0, new long[] {START, START + ahead})[1];

        assertThat(fit.quality()).isEqualTo(ClockQuality.BOUNDED);
        assertThat(fit.drift()).isZero();
        assertThat(ahead).isBetween(fit.minOffset(), fit.maxOffset());
        assertThat(Math.abs(fit.offsetNanos() - ahead)).isLessThanOrEqualTo(fit.uncertaintyNanos());
    }

    /** A converter that keeps milliseconds or seconds rounds each stamp down, at one point by more than at the other. */
    @Property(tries = 100)
    void stampsOfWholeGrainsContradictNothing(@ForAll @LongRange(min = -HOUR, max = HOUR) long ahead,
            @ForAll @IntRange(min = 1, max = 1000) int millis, @ForAll boolean atReference, @ForAll long seed) {
        ClockNet net = new ClockNet(2);
        long grain = millis * MILLI;
        Clock coarse = time -> Math.floorDiv(time, grain) * grain;
        Clock reference = atReference ? coarse : time -> time;
        Clock other = atReference ? time -> time + ahead : time -> coarse.at(time + ahead);
        cross(net, 0, 1, reference, other, 500, 20 * SECOND, new Random(seed), true, true);

        PairFits fits = net.fits(atReference ? new long[] {grain, 0} : new long[] {0, grain});
        ClockFit fit = fits.clocks(0, new long[] {START, START + ahead})[1];

        assertThat(fits.contradictory()).isFalse();
        assertThat(fit.quality()).isEqualTo(ClockQuality.BOUNDED);
        assertThat(ahead).isBetween(fit.minOffset(), fit.maxOffset());
    }

    @Property(tries = 100)
    void aDriftIsFollowedToWithinTheDelays(@ForAll @IntRange(min = -200, max = 200) int ppm, @ForAll @LongRange(min = -HOUR,
            max = HOUR) long ahead,
            @ForAll long seed) {
        ClockNet net = new ClockNet(2);
        Clock other = time -> time + ahead + (time - START) * ppm / 1_000_000;
        long duration = 300 * SECOND;
        cross(net, 0, 1, time -> time, other, 2000, duration, new Random(seed), true, true);

        ClockFit fit = exact(net).clocks(0, new long[] {START, other.at(START)})[1];

        assertThat(fit.quality()).isEqualTo(ClockQuality.BOUNDED);
        for (long time = START; time <= START + duration; time += 10 * SECOND) {
            assertThat(fit.aligned(other.at(time))).isCloseTo(time, within(3 * MILLI));
        }
    }

    @Property(tries = 300)
    void theTrueOffsetOfAClockThatDriftsIsInsideTheIntervalAsLongAsPacketsCross(@ForAll @IntRange(min = -450, max = 450) int ppm,
            @ForAll @IntRange(min = 2, max = 60) int packets, @ForAll @IntRange(min = 1, max = 600) int seconds, @ForAll long seed) {
        ClockNet net = new ClockNet(2);
        Clock other = time -> time + SECOND + (time - START) * ppm / 1_000_000;
        cross(net, 0, 1, time -> time, other, packets, seconds * SECOND, new Random(seed), true, true);

        ClockFit fit = exact(net).clocks(0, new long[] {START, other.at(START)})[1];

        if (fit.drift() != 0) {
            for (long time : new long[] {START, START + seconds * SECOND / 2, START + seconds * SECOND}) {
                assertThat(Math.abs(fit.aligned(other.at(time)) - time)).isLessThanOrEqualTo(fit.uncertaintyNanos() + 1_000);
            }
        }
    }

    @Property(tries = 100)
    void packetsOfOneDirectionBoundOneSide(@ForAll @LongRange(min = -HOUR, max = HOUR) long ahead, @ForAll boolean forward,
            @ForAll long seed) {
        ClockNet net = new ClockNet(2);
        cross(net, 0, 1, time -> time, time -> time + ahead, 20, 5 * SECOND, new Random(seed), forward, !forward);

        ClockFit fit = exact(net).clocks(0, new long[] {START, START + ahead})[1];

        assertThat(fit.quality()).isEqualTo(ClockQuality.ONE_SIDED);
        assertThat(fit.bounded()).isFalse();
        assertThat(fit.uncertaintyNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(forward ? fit.maxOffset() : -fit.minOffset()).isGreaterThanOrEqualTo(forward ? ahead : -ahead);
        assertThat(forward ? fit.minOffset() : fit.maxOffset()).isEqualTo(forward ? Long.MIN_VALUE : Long.MAX_VALUE);
    }

    @Example
    void stampsThatAreNotExactAreNoContradiction() {
        ClockNet net = new ClockNet(2);
        Clock coarse = time -> time - Math.floorMod(time, MILLI);
        for (int i = 0; i < 50; i++) {
            long sent = START + i * 17 * MILLI + i * 31_000;
            net.crossed(0, sent, 1, coarse.at(sent + 60_000));
            net.crossed(1, coarse.at(sent + 900_000), 0, sent + 960_000);
        }

        ClockFit fit = exact(net).clocks(0, new long[] {START, START})[1];

        assertThat(fit.quality()).isEqualTo(ClockQuality.BOUNDED);
        assertThat(fit.offsetNanos()).isCloseTo(0, within(MILLI));
    }

    @Example
    void aClockThatWasSetFitsNoLine() {
        ClockNet net = new ClockNet(2);
        cross(net, 0, 1, time -> time, time -> time + (time < START + 9 * SECOND ? 0 : 1700 * MILLI), 200, 20 * SECOND, new Random(1),
                true, true);

        assertThat(exact(net).clocks(0, new long[] {START, START})[1].quality()).isEqualTo(ClockQuality.CONTRADICTORY);
    }

    /** Once the clock was set no packet reached the third point any more: by way of it all clocks are known, as they were before. */
    @Example
    void aContradictionIsKnownWhereOtherPairsTellEveryClock() {
        ClockNet net = new ClockNet(3);
        Clock steps = time -> time + (time < START + 9 * SECOND ? 0 : 700 * MILLI);
        cross(net, 0, 2, time -> time, time -> time, 50, 5 * SECOND, new Random(1), true, true);
        cross(net, 1, 2, time -> time, time -> time, 50, 5 * SECOND, new Random(2), true, true);
        assertThat(exact(net).contradictory()).isFalse();
        cross(net, 0, 1, time -> time, steps, 200, 20 * SECOND, new Random(3), true, true);

        assertThat(exact(net).clocks(0, new long[] {START, START, START})).extracting(ClockFit::quality)
                .containsExactly(ClockQuality.REFERENCE, ClockQuality.BOUNDED, ClockQuality.BOUNDED);
        assertThat(exact(net).contradictory()).isTrue();
    }

    @Example
    void pointsThatAreCrossedInAnotherOrderThanWasSaidAreNoClocksThatWereSet() {
        ClockNet said = new ClockNet(2);
        ClockNet wronglySaid = new ClockNet(2);
        ClockNet set = new ClockNet(2);
        Clock steps = time -> time + (time < START + 9 * SECOND ? 0 : 1700 * MILLI);
        cross(said, 0, 1, time -> time, time -> time + 7 * SECOND, 200, 20 * SECOND, new Random(1), true, true);
        cross(set, 0, 1, time -> time, steps, 200, 20 * SECOND, new Random(1), true, true);
        for (int i = 0; i < 50; i++) {
            long left = START + i * 400 * MILLI;
            wronglySaid.crossed(1, left + MILLI, 0, left);
            wronglySaid.crossed(0, left + 2 * MILLI, 1, left + MILLI);
        }

        ClockNet otherwise = new ClockNet(2);
        cross(otherwise, 0, 1, time -> time, time -> time + HOUR, 200, 20 * SECOND, new Random(1), true, true);
        assertThat(offset(exact(wronglySaid).whereOrdered(exact(otherwise)), 1)).isCloseTo(HOUR, within(SECOND));
        assertThat(offset(exact(said).whereOrdered(exact(otherwise)), 1)).isCloseTo(7 * SECOND, within(SECOND));
        assertThat(exact(set).whereOrdered(exact(otherwise)).clocks(0, new long[2])[1].quality()).isEqualTo(ClockQuality.CONTRADICTORY);
    }

    /** Points 1 and 2 have each other's names. What is known of the third point's clock is as good as ever. */
    @Example
    void twoPointsThatAreCrossedInAnotherOrderSpoilNoThird() {
        ClockNet said = new ClockNet(4);
        ClockNet handshakes = new ClockNet(4);
        Random random = new Random(1);
        for (int i = 0; i < 50; i++) {
            long left = START + i * 400 * MILLI;
            said.crossed(2, left + MILLI, 1, left);
            said.crossed(1, left + 2 * MILLI, 2, left + MILLI);
        }
        cross(said, 0, 1, time -> time, time -> time + 7 * SECOND, 200, 20 * SECOND, random, true, true);
        cross(said, 0, 3, time -> time, time -> time + 3 * SECOND, 200, 20 * SECOND, random, true, true);
        cross(handshakes, 1, 2, time -> time, time -> time - 2 * SECOND, 5, SECOND, random, true, true);

        PairFits ordered = exact(said).whereOrdered(exact(handshakes));

        assertThat(offset(ordered, 3)).isCloseTo(3 * SECOND, within(MILLI));
        assertThat(offset(ordered, 2)).isCloseTo(5 * SECOND, within(100 * MILLI));
    }

    /** What crossings by exact stamps tell. */
    private static PairFits exact(ClockNet net) {
        return net.fits(new long[4]);
    }

    private static long offset(PairFits fits, int point) {
        long[] origins = new long[4];
        Arrays.fill(origins, START);
        return fits.clocks(0, origins)[point].offsetNanos();
    }

    /** node2 never exchanges a packet with the client; node1 does with both. */
    @Property(tries = 200)
    void aChainOverAMiddlePointIsAsGuaranteed(@ForAll @LongRange(min = -HOUR, max = HOUR) long first,
            @ForAll @LongRange(min = -HOUR, max = HOUR) long second, @ForAll @IntRange(min = 0, max = 2) int reference, @ForAll long seed) {
        Random random = new Random(seed);
        long[] ahead = {0, first, second};
        ClockNet net = new ClockNet(3);
        cross(net, 0, 1, time -> time, time -> time + first, 30, 20 * SECOND, random, true, true);
        cross(net, 1, 2, time -> time + first, time -> time + second, 30, 20 * SECOND, random, true, true);

        ClockFit[] fits = exact(net).clocks(reference, new long[] {START, START + first, START + second});

        for (int point = 0; point < 3; point++) {
            long truth = ahead[point] - ahead[reference];
            assertThat(truth).isBetween(fits[point].minOffset(), fits[point].maxOffset());
            assertThat(fits[point].quality()).isEqualTo(point == reference ? ClockQuality.REFERENCE : ClockQuality.BOUNDED);
        }
    }

    /** Blocks of flows are folded apart, each with crossings of its own. */
    @Property(tries = 50)
    void crossingsCollectedApartAreTheSameTogether(@ForAll @LongRange(min = -HOUR, max = HOUR) long ahead, @ForAll long seed) {
        ClockNet whole = new ClockNet(2);
        ClockNet one = new ClockNet(2);
        ClockNet other = new ClockNet(2);
        Random random = new Random(seed);
        for (int i = 0; i < 100; i++) {
            long left = START + random.nextInt(10_000) * MILLI;
            long arrived = left + ahead + random.nextInt(1000) * 1000L;
            boolean forward = random.nextBoolean();
            for (ClockNet net : new ClockNet[] {whole, random.nextBoolean() ? one : other}) {
                net.crossed(forward ? 0 : 1, left, forward ? 1 : 0, forward ? arrived : left - ahead + 500_000);
            }
        }
        one.addAll(other);

        assertThat(exact(one).clocks(0, new long[] {START, START})).isEqualTo(exact(whole).clocks(0, new long[] {START, START}));
    }

    @Example
    void aPointThatSharesNoPacketStaysUnknown() {
        ClockFit[] fits = exact(new ClockNet(2)).clocks(0, new long[] {START, START});

        assertThat(fits[0].quality()).isEqualTo(ClockQuality.REFERENCE);
        assertThat(fits[1].quality()).isEqualTo(ClockQuality.UNKNOWN);
        assertThat(fits[1].aligned(START)).isEqualTo(START);
    }

    /** Delays of 0.1 to 2.1 ms, as of a queue now and then. */
    private static void cross(ClockNet net, int a, int b, Clock ofA, Clock ofB, int packets, long duration, Random random, boolean forward,
            boolean backward) {
        for (int i = 0; i < packets; i++) {
            long sent = START + (packets == 1 ? 0 : duration * i / (packets - 1)) + random.nextInt(1000);
            long delay = 100_000 + (random.nextInt(4) == 0 ? random.nextInt(2_000_000) : random.nextInt(50_000));
            if (forward) {
                net.crossed(a, ofA.at(sent), b, ofB.at(sent + delay));
            }
            if (backward) {
                net.crossed(b, ofB.at(sent + delay + 50_000), a, ofA.at(sent + 2 * delay + 50_000));
            }
        }
    }
}
