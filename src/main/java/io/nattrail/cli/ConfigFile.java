package io.nattrail.cli;

import io.nattrail.net.Similarity;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * Defaults for options that the user keeps in files: one for all cases, {@code ~/.config/nattrail/config.properties}, and over it one of
 * the folder where nattrail is run, {@code .nattrail.properties}. Both are Java properties in UTF-8. A key is the long name of an option,
 * {@code fail-on}, for every command that has it, or with the command in front, {@code analyze.fail-on}, which counts more.
 */
final class ConfigFile implements IDefaultValueProvider {
    /** The file of the folder where nattrail is run. */
    static final Path OF_FOLDER = Path.of(".nattrail.properties");
    /** Names another file instead of the user's. */
    static final String VARIABLE = "NATTRAIL_CONFIG";

    private final Map<String, Setting> settings;

    /**
     * One line of a file.
     *
     * @param value what the option gets
     * @param file where it is written
     */
    private record Setting(String value, Path file) {
    }

    private ConfigFile(Map<String, Setting> settings) {
        this.settings = settings;
    }

    /** What the files that exist say; nothing if there are none. */
    static ConfigFile read(Terminal terminal) throws ConfigException {
        Map<String, Setting> settings = new LinkedHashMap<>();
        String named = terminal.variable(VARIABLE);
        Path ofUser = named.isEmpty() ? ofUser(terminal) : Path.of(named);
        if (ofUser != null && (Files.exists(ofUser) || !named.isEmpty())) {
            add(settings, ofUser, terminal);
        }
        if (Files.exists(OF_FOLDER)) {
            add(settings, OF_FOLDER, terminal);
        }
        return new ConfigFile(settings);
    }

    /** As the XDG base directory specification has it; null where there is no home. */
    private static Path ofUser(Terminal terminal) {
        String base = terminal.variable("XDG_CONFIG_HOME");
        if (base.isEmpty()) {
            String home = terminal.variable("HOME");
            if (home.isEmpty()) {
                return null;
            }
            base = home + "/.config";
        }
        return Path.of(base, "nattrail", "config.properties");
    }

    private static void add(Map<String, Setting> settings, Path file, Terminal terminal) throws ConfigException {
        Properties properties = new Properties();
        try (Reader in = Files.newBufferedReader(file)) {
            properties.load(in);
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + ": is not UTF-8", "save it as UTF-8");
        } catch (IllegalArgumentException e) {
            throw new ConfigException(file + ": " + e.getMessage(), "write a backslash twice: \\\\");
        } catch (IOException e) {
            throw new ConfigException(file + ": cannot be read: " + e.getMessage(), "make it readable, or set " + VARIABLE + "=/dev/null");
        }
        TreeSet<String> known = keys(Main.commandLine(terminal));
        for (String key : new TreeSet<>(properties.stringPropertyNames())) {
            if (!known.contains(key)) {
                throw new ConfigException(file + ": no option is called '" + key + "'", hint(key, known));
            }
            settings.put(key, new Setting(properties.getProperty(key).strip(), file));
        }
    }

    /** All that can be set: each option of each command that is listed in the help, with and without the command. */
    static TreeSet<String> keys(CommandLine root) {
        TreeSet<String> keys = new TreeSet<>();
        for (CommandLine command : root.getSubcommands().values()) {
            if (command.getCommandSpec().usageMessage().hidden()) {
                continue;
            }
            for (OptionSpec option : command.getCommandSpec().options()) {
                if (!option.usageHelp() && !option.versionHelp() && !option.hidden()) {
                    keys.add(key(option));
                    keys.add(command.getCommandName() + "." + key(option));
                }
            }
        }
        return keys;
    }

    private static String hint(String key, TreeSet<String> known) {
        TreeSet<String> similar = new TreeSet<>();
        for (String other : known) {
            if (Similarity.close(key, other)) {
                similar.add(other);
            }
        }
        return similar.isEmpty() ? "keys are the long names of options, such as fail-on or analyze.fail-on: nattrail analyze --help"
                : "did you mean " + String.join(", ", similar) + "?";
    }

    private static String key(OptionSpec option) {
        String name = option.longestName();
        int from = 0;
        while (from < name.length() && name.charAt(from) == '-') {
            from++;
        }
        return name.substring(from);
    }

    @Override
    public String defaultValue(ArgSpec argument) {
        Setting setting = setting(argument);
        return setting == null ? null : setting.value;
    }

    /** The file that gives this option its value, or null. */
    Path origin(ArgSpec argument) {
        Setting setting = setting(argument);
        return setting == null ? null : setting.file;
    }

    private Setting setting(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option)) {
            return null;
        }
        Setting general = settings.get(key(option));
        Setting special = settings.get(option.command().name() + "." + key(option));
        return special != null ? special : general;
    }
}
