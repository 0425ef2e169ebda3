package io.nattrail.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * Loads the classes that usual runs need. The launcher runs it once to record them in an archive (class data sharing), from which later
 * runs start in half the time.
 */
@Command(name = "warm-up", hidden = true, versionProvider = VersionFacts.class, mixinStandardHelpOptions = true,
        description = "Load what usual runs load, for the launcher to record. Prints nothing.",
        footer = {"", "Example: nattrail warm-up"})
final class WarmUpCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
        CommandLine root = spec.root().commandLine();
        root.usage(nowhere);
        for (CommandLine command : root.getSubcommands().values()) {
            command.usage(nowhere);
        }
        return ExitStatus.OK;
    }
}
