package io.nattrail.cli;

import io.nattrail.analysis.Analysis;
import io.nattrail.report.PlainText;
import io.nattrail.report.ReportFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(name = "demo", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class, sortOptions = false,
        description = "Analyze a case that comes with NatTrail, and open the report: everything for one pod is lost between the nodes, "
                + "while the pod on Node-1 still answers.",
        footer = {"", "Examples:", "  nattrail demo", "  nattrail demo --out /tmp/demo --no-open"})
final class DemoCommand implements Callable<Integer> {
    /** Files of the case, as they lie in the jar. */
    static final List<String> FILES = List.of("client.pcap", "kubectl-get.json", "node-1.conntrack", "node-1.iptables-save",
            "node-2.conntrack", "node-2.iptables-save", "node1-eth0.pcap", "node2-cbr0.pcap");
    private static final String CASE = "lost-between-nodes";

    private final Analysis analysis;
    private final Terminal terminal;

    @Option(names = {"-o", "--out"}, paramLabel = "DIR",
            description = "folder for the captures and the reports, made if needed (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("nattrail-demo");

    @Option(names = "--no-open", description = "do not open the report in a browser")
    private boolean stayClosed;

    @Spec
    private CommandSpec spec;

    DemoCommand(Analysis analysis, Terminal terminal) {
        this.analysis = analysis;
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws IOException {
        Path captures = out.resolve(CASE);
        unpack(captures);
        CommandLine self = spec.commandLine();
        PrintWriter stdout = self.getOut();
        say(stdout, "$ nattrail analyze " + captures + " --out " + out);
        int status = new CommandLine(new AnalyzeCommand(analysis, terminal).spec()).setOut(stdout).setErr(self.getErr())
                .setParameterExceptionHandler(self.getParameterExceptionHandler())
                .setExecutionExceptionHandler(self.getExecutionExceptionHandler())
                .execute(captures.toString(), "--out", out.toString(), "--fail-on", "never");
        if (status != ExitStatus.OK) {
            return status;
        }
        Path report = out.resolve("report.html");
        stdout.println();
        if (!stayClosed && terminal.outInteractive() && Desktop.of(terminal).open(report)) {
            say(stdout, "Opened " + report + " in the browser.");
        } else {
            say(stdout, "Open " + report + " in a browser.");
        }
        stdout.println("Then your own case: put its captures into one folder, named as in " + PlainText.of(captures.toString())
                + ", and run: nattrail analyze FOLDER");
        stdout.flush();
        return ExitStatus.OK;
    }

    private static void unpack(Path folder) throws IOException {
        ReportFile.makeFolder(folder);
        for (String name : FILES) {
            try (InputStream in = DemoCommand.class.getResourceAsStream("demo/" + name)) {
                if (in == null) {
                    throw new IllegalStateException("the jar lacks demo/" + name);
                }
                Files.copy(in, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void say(PrintWriter out, String line) {
        out.println(PlainText.of(line));
    }
}
