package io.nattrail.cli;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.capture.FrameFilter;
import io.nattrail.dissect.BpfFilter;
import io.nattrail.dissect.FilterException;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;

/**
 * The commands, in the order in which the help lists them. Each is made only when it is asked for, and by its constructor, not found by
 * reflection: so a run loads no more than its own command needs.
 */
final class Commands {
    /** Names of all commands, hidden ones too. */
    static final List<String> NAMES = List.of("analyze", "batch", "check", "serve", "inspect", "explain", "demo", "schema", "completion",
            "man-pages", "warm-up", "help");

    private Commands() {
    }

    /** A new object of the command of this name, one of {@link #NAMES}, or its description where it has no annotations. */
    static Object make(String name, Terminal terminal) {
        return switch (name) {
            case "analyze" -> new AnalyzeCommand(analyzer(), terminal).spec();
            case "batch" -> new BatchCommand(analyzer(), terminal);
            case "check" -> new CheckCommand(analyzer(), terminal);
            case "serve" -> new ServeCommand(analyzer());
            case "demo" -> new DemoCommand(analyzer(), terminal);
            case "explain" -> new ExplainCommand(terminal);
            case "inspect" -> new InspectCommand(terminal, System.in);
            case "schema" -> new SchemaCommand();
            case "completion" -> new CompletionCommand(terminal);
            case "man-pages" -> new ManPagesCommand(terminal);
            case "warm-up" -> new WarmUpCommand(terminal);
            case "help" -> new CommandLine.HelpCommand();
            default -> throw new IllegalArgumentException("no command " + name);
        };
    }

    private static CaseAnalyzer analyzer() {
        return new CaseAnalyzer(VersionFacts.version(), Commands::filter, System.in);
    }

    private static FrameFilter filter(String expression) throws IOException {
        try {
            return BpfFilter.compile(expression);
        } catch (FilterException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** True for what needs no other command beside it; help does. */
    static boolean standsAlone(String name) {
        return NAMES.contains(name) && !name.equals("help");
    }
}
