package io.nattrail.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** What commands have in common that are declared without annotations: the same as {@code mixinStandardHelpOptions} gives the others. */
final class PlainCommand {
    private PlainCommand() {
    }

    /** Names a command; what it gives is to be filled with what the help says of it. */
    static UsageMessageSpec describe(CommandSpec command, String name) {
        return command.name(name).versionProvider(new VersionFacts()).usageMessage();
    }

    /** Adds {@code --help} and {@code --version}. */
    static void addHelp(CommandSpec command) {
        command.addOption(OptionSpec.builder("-h", "--help").type(boolean.class).usageHelp(true)
                .description("Show this help message and exit.").build());
        command.addOption(OptionSpec.builder("-V", "--version").type(boolean.class).versionHelp(true)
                .description("Print version information and exit.").build());
    }
}
