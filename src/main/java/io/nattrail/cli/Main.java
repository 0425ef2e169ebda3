package io.nattrail.cli;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.capture.FrameFilter;
import io.nattrail.dissect.BpfFilter;
import io.nattrail.dissect.FilterException;
import java.io.IOException;
import io.nattrail.deviation.Catalogue;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code nattrail}. */
@Command(name = "nattrail", mixinStandardHelpOptions = true, versionProvider = VersionFacts.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Finds where connections to a Kubernetes service break: matches packet captures of several points through the NAT "
                + "and rebuilds every connection step by step.%n",
        commandListHeading = "%nCommands:%n",
        footer = {"", "Examples:",
            "  nattrail analyze captures/lost-between-nodes",
            "  nattrail analyze --point client=c.pcap --point node1-eth0=n1.pcapng.gz",
            "  nattrail inspect client.pcap",
            "  nattrail explain request-lost-between-nodes",
            "", "Exit status: 0 nothing to complain of, 1 deviations, 2 wrong usage or unreadable input, 3 internal error."})
public final class Main implements Runnable {
    private static final int LEAST_HELP_WIDTH = 80;
    private static final int GREATEST_HELP_WIDTH = 110;

    @Spec
    private CommandSpec spec;

    Main() {
    }

    /** Runs a command and ends the process with its status. */
    public static void main(String[] args) {
        Terminal terminal = Terminal.ofProcess();
        PrintWriter out = terminal.writer(System.out);
        PrintWriter err = terminal.writer(System.err);
        System.exit(run(args, terminal, out, err));
    }

    static int run(String[] args, Terminal terminal, PrintWriter out, PrintWriter err) {
        try {
            return commandLine(terminal).setOut(out).setErr(err).execute(args);
        } catch (OutOfMemoryError e) {
            return ErrorHandler.outOfMemory(err);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** All commands. They are made here, not found by reflection, so that each gets what it needs and nothing else is loaded. */
    static CommandLine commandLine(Terminal terminal) {
        ErrorHandler errors = new ErrorHandler();
        Ansi ansi = terminal.color(ColorChoice.AUTO) ? Ansi.ON : Ansi.OFF;
        CaseAnalyzer analyzer = new CaseAnalyzer(VersionFacts.version(), Main::filter, System.in);
        return new CommandLine(new Main())
                .addSubcommand(new AnalyzeCommand(analyzer, terminal))
                .addSubcommand(new ExplainCommand(() -> Catalogue.ALL, terminal))
                .addSubcommand(new InspectCommand(terminal, System.in))
                .addSubcommand(new SchemaCommand())
                .addSubcommand(new WarmUpCommand())
                .addSubcommand(new CommandLine.HelpCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .setColorScheme(CommandLine.Help.defaultColorScheme(ansi))
                .setUsageHelpLongOptionsMaxWidth(30)
                .setUsageHelpWidth(Math.max(LEAST_HELP_WIDTH, Math.min(GREATEST_HELP_WIDTH, terminal.width())));
    }

    private static FrameFilter filter(String expression) throws IOException {
        try {
            return BpfFilter.compile(expression);
        } catch (FilterException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? For example: nattrail analyze DIR");
    }
}
