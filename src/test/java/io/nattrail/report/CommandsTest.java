package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Catalogue;
import io.nattrail.deviation.DeviationType;
import java.io.IOException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** A command can be copied as it is. */
class CommandsTest {
    private static final String RULE = "iptables-save -t nat | grep -- '--dport 32001'";

    private static String shown(String text) {
        return Commands.of(text).stream().map(part -> (part.command() ? "$ " : "") + part.text()).collect(Collectors.joining("\n"));
    }

    @Test
    void eachCommandStandsAloneAndWhatJoinedThemIsLeftOut() {
        assertThat(shown("Look for the rule: `" + RULE + "`, in IPVS mode `ipvsadm -Ln | grep 32001`."))
                .isEqualTo("Look for the rule:\n$ " + RULE + "\nin IPVS mode\n$ ipvsadm -Ln | grep 32001");
    }

    @Test
    void aCommandInBracketsLeavesNoHalfBracket() {
        assertThat(shown("reconnect it (`kubectl rollout restart` for a client in the cluster).")).isEqualTo(
                "reconnect it\n$ kubectl rollout restart\nfor a client in the cluster.");
    }

    @Test
    void aWordOrAnOptionStaysInItsSentence() {
        assertThat(shown("Capture on one interface, not `-i any`, and look into `dmesg`.")).isEqualTo(
                "Capture on one interface, not `-i any`, and look into `dmesg`.");
    }

    @Test
    void everyCommandOfTheCatalogueIsFoundWhole() {
        for (DeviationType type : Catalogue.ALL) {
            for (String check : type.checksInGeneral()) {
                assertThat(Commands.of(check)).filteredOn(Commands.Part::command).allMatch(part -> check.contains("`" + part.text() + "`"));
                assertThat(Commands.of(check)).filteredOn(part -> !part.command()).noneMatch(part -> part.text().endsWith("("));
            }
        }
    }

    @Test
    void theTerminalBreaksNoCommand() throws IOException {
        for (DeviationType type : Catalogue.ALL) {
            StringBuilder out = new StringBuilder();
            new CataloguePage(out, new TerminalStyle(false, false, 60)).entry(type);
            for (String check : type.checksInGeneral()) {
                Commands.of(check).stream().filter(Commands.Part::command).forEach(part -> assertThat(out.toString().lines())
                        .anyMatch(line -> line.strip().equals(part.text())));
            }
        }
    }
}
