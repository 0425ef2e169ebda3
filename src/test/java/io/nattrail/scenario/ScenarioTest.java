package io.nattrail.scenario;

import static io.nattrail.assertj.NatTrailAssertions.step;

import org.junit.jupiter.api.Test;

/** The builder itself: a plain exchange is a whole, healthy path. */
class ScenarioTest {
    @Test
    void anExchangeTakesTheWholePathAndHasNoDeviation() {
        Scenario s = Scenario.nodePort();
        s.connect().open().ask(100).answer(4000).close();
        s.analyze().hasNoDeviations().onlyFlow().isOk().isMasqueraded().goesTo("10.244.1.2:8443").reaches(step("1.5")).reaches(step("2.0"));
    }

    @Test
    void anExchangeOfDatagramsTakesIt() {
        Scenario s = Scenario.nodePort();
        s.connect().udp().ask(40).answer(300);
        s.analyze().hasNoDeviations().onlyFlow().isOk().reaches(step("1.5"));
    }

    @Test
    void aLocalPodIsHiddenFromNode1sInterface() {
        Scenario s = Scenario.nodePort();
        s.connect().local().open().ask(100).answer(300).close();
        s.analyze().hasNoDeviations().onlyFlow().isOk();
    }
}
