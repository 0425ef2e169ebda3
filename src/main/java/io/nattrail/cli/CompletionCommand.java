package io.nattrail.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "completion", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class,
        description = "Print a script that makes a shell complete commands, options and their values.",
        footer = {"", "Examples:",
            "  nattrail completion bash > ~/.local/share/bash-completion/completions/nattrail",
            "  nattrail completion zsh > ~/.zfunc/_nattrail   # in fpath, before compinit",
            "  nattrail completion fish > ~/.config/fish/completions/nattrail.fish",
            "  source <(nattrail completion bash)              # only for this shell"})
final class CompletionCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell;

    @Spec
    private CommandSpec spec;

    enum Shell {
        BASH, ZSH, FISH;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    CompletionCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.print(script(shell, Main.commandLine(terminal)));
        out.flush();
        return ExitStatus.OK;
    }

    static String script(Shell shell, CommandLine root) {
        return switch (shell) {
            case BASH -> AutoComplete.bash(root.getCommandName(), root);
            case ZSH -> new ZshCompletion(root).script();
            case FISH -> new FishCompletion(root).script();
        };
    }
}
