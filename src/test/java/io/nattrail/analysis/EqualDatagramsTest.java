package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Verdict;
import io.nattrail.scenario.Connection;
import io.nattrail.scenario.Scenario;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Heartbeats, counters, health checks: many clients say the same words to a service, and each has its flow. */
class EqualDatagramsTest {
    @ParameterizedTest
    @CsvSource({"5,true", "5,false", "60,true", "60,false", "400,true", "400,false"})
    void eachClientsIsAFlowOfItsOwn(int clients, boolean numbered) {
        Scenario scenario = Scenario.nodePort();
        for (int i = 0; i < clients; i++) {
            Connection c = scenario.connect().udp().from("10.241.0." + (4 + i % 7), 40_000 + i).pod("10.244.1." + (2 + i % 3), 8125)
                    .masqueradedTo("10.240.0.4", 20_000 + i);
            if (!numbered) {
                c.unnumbered();
            }
            c.ask("up:1|c").answer("ok");
            scenario.pause(6);
        }

        assertThat(scenario.analyze().actual().flows()).hasSize(clients).allSatisfy(flow -> {
            assertThat(flow.verdict()).isEqualTo(Verdict.OK);
            assertThat(flow.translated().source().port()).isEqualTo(flow.client().port() - 20_000);
            assertThat(flow.deviations()).isEmpty();
        });
    }

    /** A silence of three minutes is at the client a little shorter than behind the node: it ends the leg of neither. */
    @Test
    void heartbeatsEveryThreeMinutesAreOneFlowEverywhere() {
        Scenario scenario = Scenario.nodePort().wire(500);
        Connection c = scenario.connect().udp();
        for (int i = 0; i < 6; i++) {
            c.ask(40 + i).answer(80 + i).pause(179_998 + i % 3);
        }

        scenario.analyze().hasNoDeviation("capture-drops").onlyFlow().isOk();
    }
}
