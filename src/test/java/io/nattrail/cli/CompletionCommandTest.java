package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nattrail.cli.CompletionCommand.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Each script is asked by its own shell, where that is installed. */
class CompletionCommandTest {
    private static final CommandLine ROOT = Main.commandLine(CommandRun.PIPE);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @EnumSource(Shell.class)
    void everyShellCanReadItsScript(Shell shell) throws Exception {
        assertThat(ask(shell, "-n", script(shell).toString())).isEmpty();
    }

    @Test
    void bashCompletesCommandsOptionsAndValues() throws Exception {
        assertThat(bash("nattrail", "sch")).containsExactly("schema");
        assertThat(bash("nattrail", "inspect", "--col")).containsExactly("--color");
        assertThat(bash("nattrail", "inspect", "--color", "al")).containsExactly("always");
        assertThat(bash("nattrail", "explain", "syn-retr")).contains("syn-retransmitted");
    }

    @Test
    void fishCompletesCommandsOptionsAndValuesAndSaysWhatTheyAreFor() throws Exception {
        assertThat(fish("nattrail sch")).containsExactly("schema\tPrint the JSON Schema");
        assertThat(fish("nattrail inspect --js")).containsExactly("--json\tprint a JSON object for each file instead of text");
        assertThat(fish("nattrail inspect --color al")).hasSize(1).allMatch(line -> line.startsWith("always\t"));
        assertThat(fish("nattrail explain syn-retr")).contains("syn-retransmitted");
        Files.createFile(folder.resolve("a.pcap"));
        assertThat(fish("nattrail inspect a")).containsExactly("a.pcap");
        assertThat(fish("nattrail schema a")).as("takes no file").isEmpty();
    }

    @Test
    void zshCompletesCommandsOptionsAndValues() throws Exception {
        assertThat(zsh("nattrail sch", "schema")).isTrue();
        assertThat(zsh("nattrail inspect --col", "inspect --color")).isTrue();
        assertThat(zsh("nattrail inspect --color al", "inspect --color always")).isTrue();
        assertThat(zsh("nattrail explain syn-retransmi", "explain syn-retransmitted")).isTrue();
    }

    /** Whatever its label is in the help. */
    @Test
    void everyFileAndFolderIsCompleted() {
        for (CommandLine command : CommandFacts.listed(ROOT)) {
            for (OptionSpec option : CommandFacts.options(command)) {
                if (option.type() == Path.class) {
                    assertThat(CommandFacts.isPath(option)).as(command.getCommandName() + " " + option.longestName()).isTrue();
                }
            }
        }
        assertThat(CompletionCommand.script(Shell.ZSH, ROOT))
                .contains("{-o,--out}'[folder for the index and the reports, made if needed]:REPORTS:_files -/'");
    }

    @Test
    void anUnknownShellIsAnsweredWithThoseThatAreKnown() {
        CommandRun run = CommandRun.of(Main.commandLine(CommandRun.PIPE), "completion", "csh");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("bash, zsh, fish");
    }

    private List<String> bash(String... words) throws Exception {
        // Outside of a completion compopt complains on standard error; nothing else may.
        String line = "source %s; compopt() { :; }; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_nattrail; printf '%%s\\n' \"${COMPREPLY[@]}\""
                .formatted(script(Shell.BASH), String.join(" ", words), words.length - 1);
        return ask(Shell.BASH, "-c", line).lines().map(String::strip).filter(reply -> !reply.isEmpty()).toList();
    }

    private List<String> fish(String line) throws Exception {
        return ask(Shell.FISH, "-c", "source %s; complete -C '%s'".formatted(script(Shell.FISH), line)).lines().toList();
    }

    /** Types into an interactive zsh (it completes only there), presses Tab and Enter, and waits for the command as it was run. */
    private boolean zsh(String line, String expected) throws Exception {
        Path probe = Files.writeString(folder.resolve("probe.zsh"), """
                zmodload zsh/zpty
                zpty z zsh -f -i
                zpty -w z "PS1='%% '; autoload -U compinit; compinit -u -D; source {script}"
                zpty -w z "nattrail() { print -r -- 'r'un: \\$* }; print -r -- re''ady"
                zpty -r -m z seen $'*ready\\r*'
                zpty -w -n z $'{line}\\t\\n'
                zpty -r -m z seen '*run: {expected}*' && print shown
                zpty -d z
                """.replace("{script}", script(Shell.ZSH).toString()).replace("{line}", line).replace("{expected}", expected));
        return ask(Shell.ZSH, "-f", probe.toString()).contains("shown");
    }

    private Path script(Shell shell) throws IOException {
        return Files.writeString(folder.resolve("script-" + shell), CompletionCommand.script(shell, ROOT));
    }

    private String ask(Shell shell, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(shell.toString()));
        command.addAll(List.of(args));
        assumeTrue(installed(shell), shell + " is not installed");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile()).start();
        process.getOutputStream().close();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroy();
        }
        return Files.readString(folder.resolve("said"));
    }

    private static boolean installed(Shell shell) {
        return List.of(System.getenv("PATH").split(":")).stream().anyMatch(bin -> Files.isExecutable(Path.of(bin, shell.toString())));
    }
}
