package io.nattrail.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The command {@code nattrail}. Declared without annotations, as {@link AnalyzeCommand} is and for the same reason. */
public final class Main implements Runnable {
    private static final List<String> HELP = List.of("-h", "--help", "-V", "--version");
    private static final int LEAST_HELP_WIDTH = 80;
    private static final int GREATEST_HELP_WIDTH = 110;

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);

    Main() {
        PlainCommand.describe(spec, "nattrail")
                .description("Finds where connections to a Kubernetes service break: matches packet captures of several points through "
                        + "the NAT and rebuilds every connection step by step.%n")
                .synopsisSubcommandLabel("COMMAND")
                .commandListHeading("%nCommands:%n")
                .footer("", "Examples:",
                        "  nattrail analyze captures/lost-between-nodes",
                        "  nattrail analyze --point client=c.pcap --point node1-eth0=n1.pcapng.gz",
                        "  nattrail inspect client.pcap",
                        "  nattrail explain request-lost-between-nodes",
                        "", "Exit status: 0 nothing to complain of, 1 deviations, 2 wrong usage or unreadable input, 3 internal error.");
        PlainCommand.addHelp(spec);
    }

    /** Runs a command and ends the process with its status. */
    public static void main(String[] args) {
        Terminal terminal = Terminal.ofProcess();
        OutputFailure stdout = new OutputFailure(new FileOutputStream(FileDescriptor.out));
        PrintWriter err = terminal.writer(System.err);
        System.exit(run(args, terminal, stdout, err));
    }

    static int run(String[] args, Terminal terminal, OutputFailure stdout, PrintWriter err) {
        int status = run(args, terminal, terminal.writer(stdout), err);
        return stdout.failure() == null ? status : ErrorHandler.notWritten(stdout.failure(), err);
    }

    static int run(String[] args, Terminal terminal, PrintWriter out, PrintWriter err) {
        try {
            CommandLine command = commandLine(terminal, commandsFor(args)).setOut(out).setErr(err);
            if (!asksForHelp(args)) {
                command.setDefaultValueProvider(ConfigFile.read(terminal));
            }
            return command.execute(args);
        } catch (ConfigException e) {
            return ErrorHandler.wrongConfiguration(e, err);
        } catch (OutOfMemoryError e) {
            return ErrorHandler.outOfMemory(err);
        } finally {
            out.flush();
            err.flush();
        }
    }

    /** With all commands. */
    static CommandLine commandLine(Terminal terminal) {
        return commandLine(terminal, Commands.NAMES);
    }

    private static CommandLine commandLine(Terminal terminal, List<String> commands) {
        ErrorHandler errors = new ErrorHandler();
        Ansi ansi = terminal.color(ColorChoice.AUTO) ? Ansi.ON : Ansi.OFF;
        CommandLine commandLine = new CommandLine(new Main().spec);
        for (String name : commands) {
            commandLine.addSubcommand(Commands.make(name, terminal));
        }
        for (CommandLine subcommand : commandLine.getSubcommands().values()) {
            spaceOut(subcommand.getCommandSpec());
        }
        return commandLine
                .registerConverter(Path.class, FileNames::path)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors)
                .setColorScheme(CommandLine.Help.defaultColorScheme(ansi))
                .setUsageHelpLongOptionsMaxWidth(30)
                .setUsageHelpWidth(Math.max(LEAST_HELP_WIDTH, Math.min(GREATEST_HELP_WIDTH, terminal.width())));
    }

    /** Sets the description apart from what follows it in the help of the command, but not in the list of commands. */
    private static void spaceOut(CommandSpec command) {
        if (command.positionalParameters().isEmpty()) {
            command.usageMessage().optionListHeading("%n");
        } else {
            command.usageMessage().parameterListHeading("%n");
        }
    }

    /** The one command that is wanted, or all: for the help, and to say what a wrong name may have meant. */
    private static List<String> commandsFor(String[] args) {
        return args.length > 0 && Commands.standsAlone(args[0]) ? List.of(args[0]) : Commands.NAMES;
    }

    /** Then a wrong configuration is not a reason to refuse. */
    private static boolean asksForHelp(String[] args) {
        return args.length == 0 || args[0].equals("help") || !Collections.disjoint(List.of(args), HELP);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command? For example: nattrail analyze DIR");
    }
}
