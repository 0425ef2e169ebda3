package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Catalogue;
import io.nattrail.deviation.DeviationType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExplainCommandTest {
    @Test
    void tellsAllOfACode() {
        CommandRun run = run("request-lost-between-nodes");
        DeviationType type = Catalogue.of("request-lost-between-nodes");

        assertThat(run.status()).isZero();
        assertThat(words(run.out())).containsSubsequence(List.of(type.code(), "error", words(type.title()), "On the wire",
                "1. " + words(type.causes().get(0)).substring(0, 20), "2. " + words(type.causes().get(1)).substring(0, 20)));
    }

    @Test
    void listsAllCodesTheMostSevereFirst() {
        assertThat(run().out()).containsSubsequence("error", "request-lost-between-nodes", "info", "clock-skew")
                .contains(Catalogue.ALL.stream().map(DeviationType::code).toList());
    }

    @Test
    void suggestsWhatWasMeant() {
        CommandRun run = run("clok-skew");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("no deviation has the code 'clok-skew'; did you mean clock-skew");
    }

    @Test
    void knowsAPartOfACode() {
        assertThat(run("beetwen").err()).containsSubsequence("did you mean", "request-lost-between-nodes");
        assertThat(run("lost-between").err()).containsSubsequence("did you mean", "request-lost-between-nodes");
    }

    @Test
    void whatResemblesNothingIsAnsweredWithTheList() {
        assertThat(run("xyzzy").err()).contains("no deviation has the code 'xyzzy'; nattrail explain lists them");
    }

    private static String words(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private static CommandRun run(String... args) {
        return CommandRun.of(CommandRun.alone(new ExplainCommand(CommandRun.PIPE)), args);
    }
}
