package io.nattrail.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
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
    public Integer call() throws IOException {
        PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
        CommandLine root = Main.commandLine(terminal).setOut(nowhere).setErr(nowhere);
        root.execute("--version");
        root.execute("--help");
        for (String name : root.getSubcommands().keySet()) {
            root.execute(name, "--help");
        }
        Path folder = Files.createTempDirectory("nattrail-warm-up");
        try {
            return root.execute("demo", "--no-open", "--out", folder.toString());
        } finally {
            delete(folder);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> inside = Files.walk(folder)) {
            for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
