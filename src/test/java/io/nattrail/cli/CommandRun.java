package io.nattrail.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import picocli.CommandLine;

/** A command that was run in the test's process, with what it printed. */
record CommandRun(int status, String out, String err) {
    /** A UTF-8 locale, and neither stream is a terminal. */
    static final Terminal PIPE = new Terminal(Map.of("LANG", "C.UTF-8", "COLUMNS", "100"), false, false);

    static CommandRun of(CommandLine command, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
        return new CommandRun(status, out.toString(), err.toString());
    }

    /** A single command with the error handling of all. */
    static CommandLine alone(Object command) {
        ErrorHandler errors = new ErrorHandler();
        return new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true).setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors);
    }
}
