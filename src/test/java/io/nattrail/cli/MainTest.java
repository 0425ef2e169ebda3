package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Catalogue;
import io.nattrail.deviation.DeviationType;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class MainTest {
    @Test
    void theHelpOfEveryCommandHasAnExample() {
        assertThat(run("--help").out()).contains("Examples:");
        for (String name : Main.commandLine(CommandRun.PIPE).getSubcommands().keySet()) {
            if (!name.equals("help")) {
                CommandRun help = run(name, "--help");
                assertThat(help.status()).as(name).isZero();
                assertThat(help.out()).as(name).containsPattern("Examples?:").contains("nattrail " + name)
                        .doesNotContainPattern("[Aa]nalys(e|ed|ing)\\b");
                // A command that is broken in two at the edge of a terminal cannot be copied.
                assertThat(help.out().lines().filter(line -> line.matches("  [a-z]+ .*[-<|].*"))).as(name)
                        .allMatch(line -> line.length() <= 80);
            }
        }
    }

    @Test
    void theVersionNamesWhatAFindingDependsOn() {
        assertThat(run("--version").out()).startsWith("nattrail ").contains("Java " + System.getProperty("java.version"));
    }

    @Test
    void withoutACommandItSaysWhatToDoAndReturns2() {
        CommandRun run = run();

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).isEqualToNormalizingNewlines("""
                nattrail: which command? For example: nattrail analyze DIR
                  see: nattrail --help
                """);
    }

    @Test
    void aMistypedNameIsAnsweredWithTheOneThatWasMeant() {
        assertThat(run("analyze", "captures/no-endpoints", "--fial-on", "error").err()).isEqualToNormalizingNewlines("""
                nattrail: Unknown option: '--fial-on'; did you mean --fail-on?
                  see: nattrail analyze --help
                """);
        assertThat(run("inspect", "--jason=x", "client.pcap").err())
                .startsWith("nattrail: Unknown option: '--jason=x'; did you mean --json?");
        assertThat(run("inspect", "--nothing", "client.pcap").err())
                .startsWith("nattrail: Unknown option: '--nothing'" + System.lineSeparator());
        assertThat(run("analyse", "captures/no-endpoints").err()).isEqualToNormalizingNewlines("""
                nattrail: there is no command 'analyse'; did you mean nattrail analyze?
                  see: nattrail --help
                """);
        assertThat(run("help", "analyse").err()).isEqualToNormalizingNewlines("""
                nattrail: there is no command 'analyse'; did you mean nattrail analyze?
                  see: nattrail --help
                """);
        assertThat(run("help", "nothing").err()).startsWith("nattrail: there is no command 'nothing'" + System.lineSeparator());
        assertThat(run("explain", "--color", "never", "no-endpoints-reject").status()).isZero();
    }

    @Test
    void aWrongValueIsAnsweredWithTheRightOnes() {
        assertThat(run("analyze", "captures/no-endpoints", "--fail-on", "bad").err())
                .startsWith("nattrail: --fail-on: 'bad' is none of info, warning, error, never");
    }

    /** As of a variable that was not set: {@code --out "$REPORTS"}. Java takes it for the current folder. */
    @Test
    void anEmptyNameIsNotTheCurrentFolder() {
        for (String[] arguments : new String[][] {{"analyze", "captures/no-endpoints", "--out", ""}, {"analyze", ""}, {"inspect", ""},
            {"batch", "captures", "--out", ""}, {"demo", "-o", ""}, {"check", "captures/no-endpoints", "--baseline", ""}}) {
            CommandRun run = run(arguments);

            assertThat(run.status()).as(arguments[0]).isEqualTo(ExitStatus.USAGE);
            assertThat(run.err()).as(arguments[0]).contains("without a name").contains("  see: nattrail " + arguments[0] + " --help");
        }
    }

    @Test
    void whatCannotBeWrittenIsNoSuccessUnlessNobodyReadsIt() {
        StringWriter err = new StringWriter();

        assertThat(runInto("No space left on device", err)).isEqualTo(ExitStatus.USAGE);
        assertThat(err.toString()).startsWith("nattrail: standard output cannot be written: No space left on device");
        assertThat(runInto("Broken pipe", err)).isZero();
    }

    private static int runInto(String failure, StringWriter err) {
        OutputFailure stdout = new OutputFailure(new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                throw new IOException(failure);
            }
        });
        return Main.run(new String[] {"schema"}, CommandRun.PIPE, stdout, new PrintWriter(err));
    }

    @Test
    void aMistypedCommandIsAnsweredWithTheOneThatWasMeant() {
        CommandRun run = run("schem");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("schem").contains("nattrail schema");
    }

    @Test
    void theSchemaIsPrinted() {
        CommandRun run = run("schema");

        assertThat(run.status()).isZero();
        assertThat(run.out()).startsWith("{").contains("https://json-schema.org/draft/2020-12/schema");
    }

    @Test
    void everyCodeOfTheCatalogueIsExplained() {
        assertThat(run("explain").out()).contains(Catalogue.ALL.stream().map(DeviationType::code).toList());
        for (DeviationType type : Catalogue.ALL) {
            CommandRun run = run("explain", type.code());
            assertThat(run.status()).as(type.code()).isZero();
            assertThat(run.out()).as(type.code()).contains(type.code(), type.severity().label(), "On the wire", "Likely causes",
                    "What to check");
        }
    }

    @Test
    void nothingIsColouredAwayFromATerminal() {
        assertThat(run("--help").out() + run("schem").err()).doesNotContain("\u001b");
    }

    private static CommandRun run(String... args) {
        return CommandRun.of(Main.commandLine(CommandRun.PIPE), args);
    }
}
