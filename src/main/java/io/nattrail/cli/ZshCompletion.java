package io.nattrail.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The completion script for zsh, which unlike that for bash also shows what each option is for. */
final class ZshCompletion {
    private final CommandLine root;
    private final String name;
    private final StringBuilder text = new StringBuilder();

    ZshCompletion(CommandLine root) {
        this.root = root;
        name = root.getCommandName();
    }

    String script() {
        line("#compdef " + name);
        line("# Completes " + name + " in zsh; made by: " + name + " completion zsh");
        line("_" + name + "() {");
        line("    local curcontext=$curcontext state line");
        line("    local -a commands");
        line("    commands=(");
        for (CommandLine command : CommandFacts.listed(root)) {
            String brief = CommandFacts.brief(command);
            line("        " + quote(command.getCommandName() + ":" + brief.replace(":", "\\:")));
        }
        line("    )");
        StringBuilder first = new StringBuilder("    _arguments -C");
        for (OptionSpec option : CommandFacts.options(root)) {
            first.append(" \\\n        ").append(option(option));
        }
        line(first.append(" \\\n        '1: :->command' '*:: :->argument'").toString());
        line("    case $state in");
        line("        command) _describe -t commands command commands ;;");
        line("        argument)");
        line("            case $line[1] in");
        for (CommandLine command : CommandFacts.listed(root)) {
            line("                " + command.getCommandName() + ") _arguments -s" + arguments(command) + " ;;");
        }
        line("            esac ;;");
        line("    esac");
        line("}");
        line("# Works as a file in fpath, and when it is sourced.");
        line("if [ \"$funcstack[1]\" = _" + name + " ]; then _" + name + " \"$@\"; else compdef _" + name + " " + name + "; fi");
        return text.toString();
    }

    private static String arguments(CommandLine command) {
        StringBuilder all = new StringBuilder();
        String indent = " \\\n                        ";
        for (OptionSpec option : CommandFacts.options(command)) {
            all.append(indent).append(option(option));
        }
        for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
            String place = parameter.arity().max() > 1 ? "*" : Integer.toString(parameter.index().min() + 1);
            all.append(indent).append(quote(place + ":" + word(parameter) + ":" + values(parameter)));
        }
        return all.toString();
    }

    /** In the language of {@code _arguments}; spellings of one option exclude each other, unless it may be repeated. */
    private static String option(OptionSpec option) {
        String explanation = "[" + CommandFacts.brief(option).replace("[", "\\[").replace("]", "\\]") + "]";
        String value = CommandFacts.takesValue(option) ? ":" + word(option) + ":" + values(option) : "";
        String[] spellings = option.names();
        if (option.isMultiValue()) {
            StringBuilder each = new StringBuilder();
            for (String spelling : spellings) {
                each.append(each.isEmpty() ? "" : " ").append(quote("*" + spelling + explanation + value));
            }
            return each.toString();
        }
        String exclusion = "(" + String.join(" ", spellings) + ")";
        if (spellings.length == 1) {
            return quote(exclusion + spellings[0] + explanation + value);
        }
        return quote(exclusion) + "{" + String.join(",", spellings) + "}" + quote(explanation + value);
    }

    private static String word(ArgSpec argument) {
        return argument.paramLabel().replace(":", "\\:");
    }

    private static String values(ArgSpec argument) {
        List<String> candidates = CommandFacts.candidates(argument);
        if (!candidates.isEmpty()) {
            return "(" + String.join(" ", candidates) + ")";
        }
        if (CommandFacts.isFolder(argument)) {
            return "_files -/";
        }
        return CommandFacts.isPath(argument) ? "_files" : "";
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private static String quote(String words) {
        return "'" + words.replace("'", "'\\''") + "'";
    }
}
