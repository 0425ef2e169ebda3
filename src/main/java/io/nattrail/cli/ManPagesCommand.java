package io.nattrail.cli;

import io.nattrail.report.ReportFile;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(name = "man-pages", hidden = true, mixinStandardHelpOptions = true, versionProvider = VersionFacts.class,
        description = "Write manual pages, one for each command.",
        footer = {"", "Example: nattrail man-pages ~/.local/share/man/man1"})
final class ManPagesCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(paramLabel = "DIR", description = "folder for the pages, made if needed")
    private Path folder;

    @Spec
    private CommandSpec spec;

    ManPagesCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        ReportFile.makeFolder(folder);
        for (Map.Entry<String, String> page : ManPage.all(Main.commandLine(terminal)).entrySet()) {
            Path file = folder.resolve(page.getKey());
            Files.writeString(file, page.getValue());
            out.println(file);
        }
        out.flush();
        return ExitStatus.OK;
    }
}
