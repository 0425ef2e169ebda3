package io.nattrail.deviation;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.scenario.HealthyTraffic;
import io.nattrail.scenario.Scenario;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/**
 * Healthy traffic of any shape raises no warning: addresses, ports, sizes, offload, jitter, clocks, habits of clients and servers are drawn
 * at random, the captures begin and end where they like, and are more or fewer than the standard ones.
 */
class HealthyTrafficProperties {
    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void raisesNoWarning(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int connections) {
        isAccusedOfNothing(new HealthyTraffic(new Random(seed)).connections(connections, true).wrongClocks().scenario());
    }

    @Property(tries = 120, shrinking = ShrinkingMode.OFF)
    void raisesNoWarningHoweverTheCapturesBeginAndEnd(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int connections) {
        isAccusedOfNothing(new HealthyTraffic(new Random(seed)).connections(connections, false).capturedInPart().wrongClocks().scenario());
    }

    @Property(tries = 100, shrinking = ShrinkingMode.OFF)
    void raisesNoWarningWhereverItIsCaptured(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int connections) {
        isAccusedOfNothing(new HealthyTraffic(new Random(seed)).anyCaptures().connections(connections, true).wrongClocks().scenario(),
                "capture-missing");
    }

    private static void isAccusedOfNothing(Scenario scenario, String... but) {
        scenario.analyze().satisfies(result -> assertThat(Accusations.of(result, but)).isEmpty());
    }
}
