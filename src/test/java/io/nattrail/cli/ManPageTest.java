package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManPageTest {
    private static final Map<String, String> PAGES = ManPage.all(Main.commandLine(CommandRun.PIPE));

    @TempDir
    private Path folder;

    @Test
    void everyCommandOfTheHelpHasAPage() {
        assertThat(PAGES).containsKeys("nattrail.1", "nattrail-schema.1", "nattrail-completion.1")
                .doesNotContainKeys("nattrail-warm-up.1", "nattrail-help.1");
    }

    @Test
    void aPageSaysWhatTheHelpSays() {
        assertThat(PAGES.get("nattrail-completion.1")).contains(".SH \"SYNOPSIS\"\n.B nattrail completion\n", "bash, zsh, fish",
                ".SH \"EXAMPLES\"");
        assertThat(PAGES.get("nattrail.1")).contains(".SH \"EXIT STATUS\"\n.TP\n\\fB0\\fR\n", "\\fB\\-\\-version\\fR", "NATTRAIL_OPTS");
    }

    /** A release's pages are read on other machines than the one that made them. */
    @Test
    void noPageTellsOfTheMachineThatMadeIt() {
        String processors = "default: " + Runtime.getRuntime().availableProcessors() + ",";

        assertThat(PAGES.values()).allSatisfy(page -> assertThat(page).doesNotContain(System.getProperty("user.home"), processors));
        assertThat(PAGES.get("nattrail-analyze.1")).contains("(default: as many as there are processors)");
    }

    @Test
    void eachExitStatusHasItsLine() {
        assertThat(PAGES.get("nattrail-batch.1")).contains("\nthe greatest of all cases:\n.TP\n\\fB0\\fR\nno deviation", ".TP\n\\fB2\\fR\n",
                ".TP\n\\fB3\\fR\n");
        assertThat(PAGES.get("nattrail-inspect.1")).contains(".TP\n\\fB2\\fR\none could not be read");
        assertThat(PAGES.get("nattrail-serve.1")).contains("Runs until Ctrl\\-C.\n.SH \"EXIT STATUS\"\n.TP\n\\fB2\\fR\n",
                ".TP\n\\fB130\\fR\nended by Ctrl\\-C\n.TP\n\\fB143\\fR\nended by SIGTERM");
    }

    @Test
    void thePagesAreWellFormed() throws Exception {
        Path mandoc = Path.of("/usr/bin/mandoc");
        assumeTrue(Files.isExecutable(mandoc), "mandoc is not installed");
        List<String> command = new ArrayList<>(List.of(mandoc.toString(), "-T", "lint", "-W", "warning"));
        for (Map.Entry<String, String> page : PAGES.entrySet()) {
            command.add(Files.writeString(folder.resolve(page.getKey()), page.getValue()).toString());
        }
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).isEmpty();
        assertThat(process.waitFor()).isZero();
    }
}
