package io.nattrail.cli;

import io.nattrail.capture.UnreadableInputException;
import io.nattrail.dissect.FilterException;
import io.nattrail.net.Similarity;
import io.nattrail.report.ErrorText;
import io.nattrail.report.PlainText;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The one place where what went wrong becomes a message and an exit status: what, where, and what to do now. */
final class ErrorHandler implements IParameterExceptionHandler, IExecutionExceptionHandler {
    @Override
    public int handleParseException(ParameterException e, String[] args) {
        CommandLine command = e.getCommandLine();
        PrintWriter err = command.getErr();
        say(err, message(e));
        if (e.getArgSpec() != null && command.getDefaultValueProvider() instanceof ConfigFile config
                && config.origin(e.getArgSpec()) != null) {
            err.println("  unless it was given on the command line, the value comes from " + config.origin(e.getArgSpec()));
        }
        err.println("  see: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitStatus.USAGE;
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return report(e, command.getErr());
    }

    /** Says what went wrong with one of several things; the exit status it asks for. */
    static int report(Exception e, PrintWriter err) {
        try {
            return status(e, err);
        } finally {
            err.flush();
        }
    }

    static int wrongConfiguration(ConfigException e, PrintWriter err) {
        say(err, e.getMessage());
        err.println("  " + PlainText.of(e.remedy()));
        return ExitStatus.USAGE;
    }

    /** Not even an exception: the heap is too small for the case. */
    static int outOfMemory(PrintWriter err) {
        say(err, "not enough memory: the Java heap of " + Runtime.getRuntime().maxMemory() / (1 << 20) + " MB is full");
        err.println("  give it more: NATTRAIL_OPTS=-Xmx4g nattrail ...");
        err.flush();
        return ExitStatus.INTERNAL;
    }

    /** Standard output, which a report may have gone to. */
    static int notWritten(IOException e, PrintWriter err) {
        say(err, "standard output cannot be written: " + ErrorText.of(e));
        err.flush();
        return ExitStatus.USAGE;
    }

    private static int status(Exception e, PrintWriter err) {
        if (e instanceof UnreadableInputException unreadable) {
            say(err, unreadable.getMessage());
            err.println("  " + PlainText.of(unreadable.remedy()));
            return ExitStatus.USAGE;
        }
        if (e instanceof IOException io) {
            // A filter's message has its remedy on a line below.
            String[] lines = io.getCause() instanceof FilterException ? io.getMessage().split("\n", 2) : new String[] {ErrorText.of(io)};
            say(err, lines[0]);
            if (lines.length > 1) {
                err.println("  " + PlainText.of(lines[1].strip()));
            }
            return ExitStatus.USAGE;
        }
        say(err, "internal error: " + e);
        err.println("  this is a fault of NatTrail, not of your captures; please report it with what follows");
        e.printStackTrace(err);
        return ExitStatus.INTERNAL;
    }

    /** Picocli names the values of an enum as Java does; help and completion name them as they are written. */
    private static String message(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched && !unmatched.getUnmatched().isEmpty()) {
            return unmatched(unmatched);
        }
        if (e.getMessage().startsWith("Unknown subcommand '") && e.getValue() != null) {
            // As picocli's help command says it, which is given commands as its arguments.
            return meant("there is no command '" + e.getValue() + "'", e.getValue(), commands(e.getCommandLine()),
                    e.getCommandLine().getCommandSpec().qualifiedName() + " ");
        }
        ArgSpec argument = e.getArgSpec();
        if (argument == null || e.getValue() == null || !argument.type().isEnum()) {
            // An int is Java's; what people write are numbers.
            return e.getMessage().replaceFirst("is not an int$", "is no whole number");
        }
        String name = argument instanceof OptionSpec option ? option.longestName() : argument.paramLabel();
        return "%s: '%s' is none of %s".formatted(name, e.getValue(), Arrays.stream(argument.type().getEnumConstants())
                .map(Object::toString).collect(Collectors.joining(", ")));
    }

    /** A name that nothing has, and what was perhaps meant. (Picocli's own suggestions go by shared letters.) */
    private static String unmatched(UnmatchedArgumentException e) {
        CommandLine command = e.getCommandLine();
        String written = e.getUnmatched().get(0);
        if (written.isEmpty()) {
            // An empty name among several files is refused as an unmatched argument.
            return FileNames.NAMELESS;
        }
        String message = e.getMessage();
        Stream<String> known = Stream.empty();
        if (e.isUnknownOption()) {
            known = command.getCommandSpec().options().stream().filter(option -> !option.hidden()).map(OptionSpec::longestName);
        } else if (command.getSubcommands().size() > 1 && command.getCommandSpec().positionalParameters().isEmpty()) {
            known = commands(command);
            message = "there is no command '" + written + "'";
        }
        int value = written.indexOf('=');
        String name = value < 0 ? written : written.substring(0, value);
        String before = e.isUnknownOption() ? "" : command.getCommandSpec().qualifiedName() + " ";
        return meant(message, name, known, before);
    }

    private static Stream<String> commands(CommandLine command) {
        return command.getSubcommands().keySet().stream().sorted();
    }

    private static String meant(String message, String name, Stream<String> known, String before) {
        String meant = known.filter(one -> Similarity.close(name, one))
                .sorted(Comparator.comparingInt(one -> Similarity.distance(name, one)))
                .limit(2).map(one -> before + one).collect(Collectors.joining(" or "));
        return meant.isEmpty() ? message : message + "; did you mean " + meant + "?";
    }

    private static void say(PrintWriter err, String text) {
        err.println("nattrail: " + PlainText.of(text));
    }
}
