package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.nattrail.cli.CompletionCommand.Shell;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

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
        assertThat(bash("nattrail", "analyze", "--fail")).containsExactly("--fail-on");
        assertThat(bash("nattrail", "analyze", "--fail-on", "w")).containsExactly("warning");
    }

    @Test
    void fishCompletesCommandsOptionsAndValuesAndSaysWhatTheyAreFor() throws Exception {
        assertThat(fish("nattrail sch")).containsExactly("schema\tPrint the JSON Schema");
        assertThat(fish("nattrail analyze --fail")).containsExactly("--fail-on\texit with 1 from this severity on");
        assertThat(fish("nattrail analyze --fail-on w")).containsExactly("warning\texit with 1 from this severity on");
        Files.createDirectory(folder.resolve("a-case"));
        Files.createFile(folder.resolve("a.pcap"));
        assertThat(fish("nattrail analyze --out a")).as("folders only").hasSize(1).allMatch(line -> line.startsWith("a-case/"));
        assertThat(fish("nattrail schema a")).as("takes no file").isEmpty();
    }

    @Test
    void zshCompletesCommandsOptionsAndValues() throws Exception {
        assertThat(zsh("nattrail sch")).contains("nattrail schema");
        assertThat(zsh("nattrail analyze --fail")).contains("nattrail analyze --fail-on");
        assertThat(zsh("nattrail analyze --fail-on w")).contains("nattrail analyze --fail-on warning");
    }

    @Test
    void anUnknownShellIsAnsweredWithThoseThatAreKnown() {
        CommandRun run = CommandRun.of(Main.commandLine(CommandRun.PIPE), "completion", "csh");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("BASH, ZSH, FISH");
    }

    private List<String> bash(String... words) throws Exception {
        String line = "source %s; COMP_WORDS=(%s); COMP_CWORD=%d; _complete_nattrail; printf '%%s\\n' \"${COMPREPLY[@]}\""
                .formatted(script(Shell.BASH), String.join(" ", words), words.length - 1);
        return ask(Shell.BASH, "-c", line).lines().map(String::strip).filter(reply -> !reply.isEmpty()).toList();
    }

    private List<String> fish(String line) throws Exception {
        return ask(Shell.FISH, "-c", "source %s; complete -C '%s'".formatted(script(Shell.FISH), line)).lines().toList();
    }

    /** Types into an interactive zsh, presses Tab, and returns the screen: zsh completes only there. */
    private String zsh(String line) throws Exception {
        Path probe = Files.writeString(folder.resolve("probe.zsh"), """
                zmodload zsh/zpty
                zpty z zsh -f -i
                zpty -w z "PS1=; autoload -U compinit; compinit -u -D; unsetopt list_beep; source %s; echo re''ady"
                zpty -r -m z seen '*ready*'
                zpty -w -n z $'%s\\t'
                sleep 1
                zpty -w -n z $'\\x15exit\\n'
                while zpty -r z seen; do print -r -- $seen; done
                """.formatted(script(Shell.ZSH), line));
        return ask(Shell.ZSH, "-f", probe.toString());
    }

    private Path script(Shell shell) throws IOException {
        return Files.writeString(folder.resolve("script-" + shell), CompletionCommand.script(shell, ROOT));
    }

    private String ask(Shell shell, String... args) throws Exception {
        List<String> command = new ArrayList<>(List.of(shell.toString()));
        command.addAll(List.of(args));
        assumeTrue(installed(shell), shell + " is not installed");
        Process process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static boolean installed(Shell shell) {
        return List.of(System.getenv("PATH").split(":")).stream().anyMatch(bin -> Files.isExecutable(Path.of(bin, shell.toString())));
    }
}
