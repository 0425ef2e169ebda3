package io.nattrail.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The completion script for fish; picocli makes only that for bash. */
final class FishCompletion {
    private final CommandLine root;
    private final String name;
    private final StringBuilder text = new StringBuilder();

    FishCompletion(CommandLine root) {
        this.root = root;
        name = root.getCommandName();
    }

    String script() {
        text.append("# Completes ").append(name).append(" in fish; made by: ").append(name).append(" completion fish\n");
        complete("-f");
        for (OptionSpec option : CommandFacts.options(root)) {
            option("__fish_use_subcommand", option);
        }
        for (CommandLine command : CommandFacts.listed(root)) {
            complete("-n __fish_use_subcommand -a " + command.getCommandName() + " -d "
                    + quote(CommandFacts.brief(command)));
        }
        for (CommandLine command : CommandFacts.listed(root)) {
            String seen = "'__fish_seen_subcommand_from " + command.getCommandName() + "'";
            for (OptionSpec option : CommandFacts.options(command)) {
                option(seen, option);
            }
            for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
                String values = values(parameter);
                if (!values.isEmpty()) {
                    complete("-n " + seen + values);
                }
            }
        }
        return text.toString();
    }

    private void option(String when, OptionSpec option) {
        StringBuilder line = new StringBuilder("-n ").append(when);
        for (String spelling : option.names()) {
            line.append(spelling.startsWith("--") ? " -l " + spelling.substring(2) : " -s " + spelling.substring(1));
        }
        if (CommandFacts.takesValue(option)) {
            line.append(" -r").append(values(option));
        }
        complete(line.append(" -d ").append(quote(CommandFacts.brief(option))).toString());
    }

    private static String values(ArgSpec argument) {
        List<String> candidates = CommandFacts.candidates(argument);
        if (!candidates.isEmpty()) {
            return " -a " + quote(String.join(" ", candidates));
        }
        if (CommandFacts.isFolder(argument)) {
            return " -a '(__fish_complete_directories)'";
        }
        return CommandFacts.isPath(argument) ? " -F" : "";
    }

    private void complete(String arguments) {
        text.append("complete -c ").append(name).append(' ').append(arguments).append('\n');
    }

    private static String quote(String words) {
        return "'" + words.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
