package io.nattrail.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of a command, in the language of man(7), made from what its help says. */
final class ManPage {
    private static final String EXIT_STATUS = "Exit status:";

    private final CommandLine root;
    private final CommandLine command;
    private final StringBuilder text = new StringBuilder();

    private ManPage(CommandLine root, CommandLine command) {
        this.root = root;
        this.command = command;
    }

    /** Pages by file name: that of the tool, and that of each command that its help lists. */
    static Map<String, String> all(CommandLine root) {
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put(title(root) + ".1", new ManPage(root, root).page());
        for (CommandLine command : commands(root)) {
            pages.put(title(command) + ".1", new ManPage(root, command).page());
        }
        return pages;
    }

    /** Those that do something: a page about help helps nobody. */
    private static List<CommandLine> commands(CommandLine root) {
        List<CommandLine> commands = CommandFacts.listed(root);
        commands.removeIf(command -> command.getCommand() instanceof CommandLine.HelpCommand);
        return commands;
    }

    private String page() {
        String description = CommandFacts.description(command);
        line(".TH " + quote(title(command).toUpperCase(Locale.ROOT)) + " 1 \"" + VersionFacts.date() + "\" "
                + quote("nattrail " + VersionFacts.version()) + " \"NatTrail Manual\"");
        // No hyphenation, no filling up to the right margin: names must stay what can be typed.
        line(".nh");
        line(".ad l");
        section("NAME");
        line(escape(title(command)) + " \\- " + escape(lowerFirst(CommandFacts.brief(command))));
        section("SYNOPSIS");
        synopsis();
        section("DESCRIPTION");
        line(escape(description));
        List<PositionalParamSpec> parameters = command.getCommandSpec().positionalParameters();
        if (!parameters.isEmpty()) {
            section("ARGUMENTS");
            for (PositionalParamSpec parameter : parameters) {
                term("\\fI" + escape(parameter.paramLabel()) + "\\fR", parameter);
            }
        }
        section("OPTIONS");
        for (OptionSpec option : CommandFacts.options(command)) {
            term(spellings(option), option);
        }
        if (command == root) {
            section("COMMANDS");
            for (CommandLine listed : commands(root)) {
                term("\\fB" + escape(title(listed)) + "\\fR(1)", CommandFacts.description(listed));
            }
        }
        footer();
        if (command == root) {
            surroundings();
        }
        seeAlso();
        return text.toString();
    }

    private void synopsis() {
        String spaced = command.getCommandSpec().qualifiedName(" ");
        line(".B " + escape(spaced));
        StringBuilder arguments = new StringBuilder("[\\fIOPTION\\fR]...");
        for (PositionalParamSpec parameter : command.getCommandSpec().positionalParameters()) {
            String label = "\\fI" + escape(parameter.paramLabel()) + "\\fR";
            String one = parameter.arity().min() == 0 ? "[" + label + "]" : label;
            arguments.append(' ').append(one).append(parameter.arity().max() > 1 ? "..." : "");
        }
        if (command == root) {
            arguments.append(" \\fICOMMAND\\fR");
        }
        line(arguments.toString());
    }

    private static String spellings(OptionSpec option) {
        List<String> spellings = new ArrayList<>();
        for (String name : option.names()) {
            String value = CommandFacts.takesValue(option)
                    ? (name.startsWith("--") ? "=" : " ") + "\\fI" + escape(option.paramLabel()) + "\\fR" : "";
            spellings.add("\\fB" + escape(name) + "\\fR" + value);
        }
        return String.join(", ", spellings);
    }

    /** Examples and exit statuses stand at the end of the help; anything else there is a note. */
    private void footer() {
        List<String> examples = new ArrayList<>();
        List<String> statuses = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        for (String line : command.getCommandSpec().usageMessage().footer()) {
            String resolved = String.format(line);
            if (resolved.startsWith("  ")) {
                examples.add(resolved.strip());
            } else if (resolved.startsWith("Example: ")) {
                examples.add(resolved.substring("Example: ".length()));
            } else if (resolved.contains(EXIT_STATUS)) {
                int at = resolved.indexOf(EXIT_STATUS);
                statuses.add(resolved.substring(at + EXIT_STATUS.length()).strip());
                if (at > 0) {
                    notes.add(resolved.substring(0, at).strip());
                }
            } else if (!resolved.isBlank() && !resolved.equals("Examples:")) {
                notes.add(resolved);
            }
        }
        paragraphs("NOTES", notes);
        if (!statuses.isEmpty()) {
            section("EXIT STATUS");
            for (String status : String.join(", ", statuses).split("[,;:] (?=\\d+ )")) {
                String[] numberAndMeaning = status.split(" ", 2);
                if (Character.isDigit(status.charAt(0))) {
                    term("\\fB" + numberAndMeaning[0] + "\\fR", numberAndMeaning[1]);
                } else {
                    line(escape(status) + ":");
                }
            }
        }
        if (!examples.isEmpty()) {
            section("EXAMPLES");
            line(".nf");
            for (String example : examples) {
                line(escape(example));
            }
            line(".fi");
        }
    }

    private void surroundings() {
        section("FILES");
        term("\\fI~/.config/nattrail/config.properties\\fR", "defaults for options: a line 'fail-on = warning' for every command that has "
                + "--fail-on, or 'analyze.fail-on = warning' for one. XDG_CONFIG_HOME counts.");
        term("\\fI.nattrail.properties\\fR", "the same, in the folder where nattrail is run; it counts more");
        section("ENVIRONMENT");
        term("\\fB" + ConfigFile.VARIABLE + "\\fR", "another file instead of ~/.config/nattrail/config.properties");
        term("\\fBNATTRAIL_OPTS\\fR, \\fBJAVA_OPTS\\fR", "options for the Java virtual machine, such as -Xmx4g");
        term("\\fBJAVA_HOME\\fR", "the Java to run on, 17 or newer");
        term("\\fBNO_COLOR\\fR", "if set, nothing is coloured unless --color always says so");
    }

    private void seeAlso() {
        List<String> others = new ArrayList<>();
        if (command != root) {
            others.add("\\fB" + escape(title(root)) + "\\fR(1)");
        }
        for (String name : List.of("tcpdump(1)", "tshark(1)", "conntrack(8)")) {
            others.add("\\fB" + name.substring(0, name.length() - 3) + "\\fR" + name.substring(name.length() - 3));
        }
        section("SEE ALSO");
        line(String.join(", ", others));
    }

    private void paragraphs(String heading, List<String> paragraphs) {
        if (paragraphs.isEmpty()) {
            return;
        }
        section(heading);
        for (int i = 0; i < paragraphs.size(); i++) {
            if (i > 0) {
                line(".PP");
            }
            line(escape(paragraphs.get(i)));
        }
    }

    private void section(String heading) {
        line(".SH " + quote(heading));
    }

    private void term(String term, ArgSpec argument) {
        term(term, CommandFacts.description(argument));
    }

    private void term(String term, String description) {
        line(".TP");
        line(term);
        line(escape(description));
    }

    private void line(String line) {
        text.append(line).append('\n');
    }

    private static String title(CommandLine command) {
        return command.getCommandSpec().qualifiedName("-");
    }

    private static String lowerFirst(String sentence) {
        return sentence.substring(0, 1).toLowerCase(Locale.ROOT) + sentence.substring(1);
    }

    private static String quote(String words) {
        return "\"" + escape(words).replace("\"", "\\(dq") + "\"";
    }

    /** A backslash and a hyphen mean something to troff, and so does a dot or an apostrophe at the start of a line. */
    private static String escape(String words) {
        String escaped = words.replace("\\", "\\e").replace("-", "\\-");
        return escaped.startsWith(".") || escaped.startsWith("'") ? "\\&" + escaped : escaped;
    }
}
