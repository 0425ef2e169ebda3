package io.nattrail.deviation;

import static io.nattrail.deviation.Severity.INFO;

import io.nattrail.scenario.HealthyTraffic;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/**
 * Healthy traffic of any shape raises no warning: addresses, ports, sizes, offload, jitter, clocks, habits of clients and servers are drawn at
 * random, and the captures begin and end where they like.
 */
class HealthyTrafficProperties {
    @Property(tries = 150)
    void raisesNoWarning(@ForAll long seed, @ForAll @IntRange(min = 1, max = 12) int connections) {
        new HealthyTraffic(new Random(seed)).connections(connections, true).wrongClocks().scenario().analyze().hasNoDeviationsWorseThan(INFO);
    }

    @Property(tries = 150)
    void raisesNoWarningHoweverTheCapturesBeginAndEnd(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int connections) {
        new HealthyTraffic(new Random(seed)).connections(connections, false).capturedInPart().wrongClocks().scenario().analyze()
                .hasNoDeviationsWorseThan(INFO);
    }

    @Property(tries = 150)
    void raisesNoWarningWhereverItIsCaptured(@ForAll long seed, @ForAll @IntRange(min = 2, max = 12) int connections) {
        new HealthyTraffic(new Random(seed)).anyCaptures().connections(connections, true).wrongClocks().scenario().analyze()
                .hasNoDeviationsWorseThan(INFO, "capture-missing");
    }

    void findsTheOneFault(long seed, int connections) {
    }
}
