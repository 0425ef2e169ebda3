package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigFileTest {
    @TempDir
    private Path folder;

    @Test
    void aKeyIsTheLongNameOfAnOptionWithOrWithoutItsCommand() {
        assertThat(ConfigFile.keys(Main.commandLine(CommandRun.PIPE))).contains("color", "explain.color")
                .doesNotContain("help", "version", "warm-up.help");
    }

    @Test
    void theFileOfTheUserGivesDefaults() throws IOException {
        assertThat(run("color = always", "explain").out()).contains("\u001b");
        assertThat(run("color = never", "explain").out()).doesNotContain("\u001b");
    }

    @Test
    void theCommandLineCountsMoreThanTheFile() throws IOException {
        assertThat(run("color = always", "explain", "--color", "never").out()).doesNotContain("\u001b");
    }

    @Test
    void aKeyWithItsCommandCountsMoreThanOneWithout() throws IOException {
        assertThat(run("color = always\nexplain.color = never", "explain").out()).doesNotContain("\u001b");
    }

    @Test
    void aKeyThatIsNoOptionIsAnErrorThatNamesTheFileAndWhatMayHaveBeenMeant() throws IOException {
        CommandRun run = run("colour = never", "schema");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(folder.resolve("nattrail/config.properties") + ": no option is called 'colour'")
                .contains("did you mean color");
    }

    @Test
    void aWrongValueIsAnErrorThatNamesTheFile() throws IOException {
        CommandRun run = run("color = sometimes", "explain");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("--color").contains("sometimes").contains(folder.resolve("nattrail/config.properties").toString());
    }

    @Test
    void helpIsGivenWhateverTheFileSays() throws IOException {
        assertThat(run("colour = never", "schema", "--help").status()).isZero();
        assertThat(run("colour = never", "--version").status()).isZero();
    }

    @Test
    void aFileThatIsNoTextIsAnErrorThatNamesIt() throws IOException {
        Files.createDirectories(folder.resolve("nattrail"));
        Files.write(folder.resolve("nattrail/config.properties"), "color = \u00e4".getBytes(StandardCharsets.ISO_8859_1));
        CommandRun run = main(Map.of("XDG_CONFIG_HOME", folder.toString()), "schema");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("config.properties: is not UTF-8");
    }

    @Test
    void anotherFileCanBeNamedInsteadAndMustThenExist() throws IOException {
        Path other = Files.writeString(folder.resolve("other.properties"), "color = always");

        assertThat(main(Map.of(ConfigFile.VARIABLE, other.toString()), "explain").out()).contains("\u001b");
        assertThat(main(Map.of(ConfigFile.VARIABLE, folder.resolve("none").toString()), "explain").status()).isEqualTo(ExitStatus.USAGE);
    }

    private CommandRun run(String config, String... args) throws IOException {
        Files.createDirectories(folder.resolve("nattrail"));
        Files.writeString(folder.resolve("nattrail/config.properties"), config);
        return main(Map.of("XDG_CONFIG_HOME", folder.toString()), args);
    }

    private static CommandRun main(Map<String, String> environment, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = Main.run(args, new Terminal(environment, false, false), new PrintWriter(out), new PrintWriter(err));
        return new CommandRun(status, out.toString(), err.toString());
    }
}
