package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.DeviationType;
import io.nattrail.deviation.Severity;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainCommandTest {
    private static final List<DeviationType> CATALOGUE = List.of(
            new DeviationType("clock-skew", Severity.INFO, "The clocks differ", "early or late by the same time", List.of("no NTP"),
                    List.of("Synchronise."), List.of()),
            new DeviationType("request-lost-between-nodes", Severity.ERROR, "The request is lost between the nodes",
                    "B leaves node1-eth0 and never shows at node2-cbr0", List.of("no route", "a security group"),
                            List.of("Compare the routes.",
                    "Capture eth0."), List.of("RFC 1812")));

    @Test
    void tellsAllOfACode() {
        CommandRun run = run("request-lost-between-nodes");

        assertThat(run.status()).isZero();
        assertThat(run.out()).containsSubsequence("request-lost-between-nodes", "error", "The request is lost between the nodes",
                "On the wire",
                "B leaves node1-eth0", "1.  no route", "2.  a security group", "1.  Compare the routes.", "RFC 1812");
    }

    @Test
    void listsAllCodesTheMostSevereFirst() {
        assertThat(run().out()).containsSubsequence("error", "request-lost-between-nodes", "info", "clock-skew", "The clocks differ");
    }

    @Test
    void suggestsWhatWasMeant() {
        CommandRun run = run("clok-skew");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("no deviation has the code 'clok-skew'; did you mean clock-skew?");
    }

    @Test
    void knowsAPartOfACode() {
        assertThat(run("beetwen").err()).contains("did you mean request-lost-between-nodes?");
        assertThat(run("lost-between").err()).contains("did you mean request-lost-between-nodes?");
    }

    private static CommandRun run(String... args) {
        return CommandRun.of(CommandRun.alone(new ExplainCommand(() -> CATALOGUE, CommandRun.PIPE)), args);
    }
}
