package io.nattrail.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * Loads the classes that usual runs need. The launcher runs it once to record them in an archive (class data sharing), from which later
 * runs start in half the time.
 */
@Command(name = "warm-up", hidden = true, mixinStandardHelpOptions = true, versionProvider = VersionFacts.class,
        description = "Load what usual runs load, for the launcher to record. Prints nothing.",
        footer = {"", "Example: nattrail warm-up"})
final class WarmUpCommand implements Callable<Integer> {
    private final Terminal terminal;

    WarmUpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
        CommandLine root = Main.commandLine(terminal).setOut(nowhere).setErr(nowhere);
        root.execute("--version");
        root.execute("--help");
        for (String name : root.getSubcommands().keySet()) {
            root.execute(name, "--help");
        }
        return ExitStatus.OK;
    }
}
