package io.nattrail.cli;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What completion scripts and manual pages tell of commands, taken from the commands themselves. */
final class CommandFacts {
    private CommandFacts() {
    }

    /** Commands that the help lists, in its order. */
    static List<CommandLine> listed(CommandLine root) {
        List<CommandLine> commands = new ArrayList<>();
        for (CommandLine command : root.getSubcommands().values()) {
            if (!command.getCommandSpec().usageMessage().hidden()) {
                commands.add(command);
            }
        }
        return commands;
    }

    static List<OptionSpec> options(CommandLine command) {
        List<OptionSpec> options = new ArrayList<>();
        for (OptionSpec option : command.getCommandSpec().options()) {
            if (!option.hidden()) {
                options.add(option);
            }
        }
        return options;
    }

    /** In a few words, what a command does. */
    static String brief(CommandLine command) {
        String[] header = command.getCommandSpec().usageMessage().header();
        return brief(header.length > 0 ? paragraph(header) : description(command));
    }

    /** The description of a command, with variables and line breaks resolved, as one paragraph. */
    static String description(CommandLine command) {
        return paragraph(command.getCommandSpec().usageMessage().description());
    }

    static String description(ArgSpec argument) {
        return paragraph(argument.description());
    }

    static String brief(OptionSpec option) {
        return brief(description(option));
    }

    private static String paragraph(String[] lines) {
        return String.format(String.join(" ", lines)).strip().replaceAll("\\s+", " ");
    }

    /** The beginning of a description, as far as it says what something is: up to a colon, a parenthesis, a semicolon or a full stop. */
    private static String brief(String description) {
        return description.split("(?<=\\S)(: | \\(|; |\\.( |$))", 2)[0];
    }

    /** What can be written for an argument, if that is a short list; else nothing. */
    static List<String> candidates(ArgSpec argument) {
        List<String> candidates = new ArrayList<>();
        if (argument.completionCandidates() != null) {
            argument.completionCandidates().forEach(candidates::add);
        }
        return candidates;
    }

    /** True for a file or a folder, as its label in the help says. */
    static boolean isPath(ArgSpec argument) {
        return argument.paramLabel().matches("FILE|DIR|DIR\\|FILE|CSV|REPORTS");
    }

    /** True if an argument is a folder and nothing else. */
    static boolean isFolder(ArgSpec argument) {
        return argument.paramLabel().matches("DIR|REPORTS");
    }

    static boolean takesValue(OptionSpec option) {
        return option.arity().max() > 0;
    }
}
