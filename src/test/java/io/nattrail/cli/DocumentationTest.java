package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the documentation says is so. A block {@code console} holds commands after {@code $} and what they print: both are compared, and
 * rewritten by {@code -Dnattrail.update=true}; a line {@code ...} stands for any lines. A block {@code sh run} is run and must not fail. Of
 * other blocks {@code sh}, which need a cluster or root, the commands of nattrail are at least parsed.
 */
@DisabledOnOs(OS.WINDOWS)
class DocumentationTest {
    private static final boolean UPDATE = Boolean.getBoolean("nattrail.update");
    private static final Pattern FENCE = Pattern.compile("(?ms)^```([^\\n`]*)\\n(.*?)^```$");
    private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(#[^)]*)?\\)");
    private static final Path PROJECT = Path.of("").toAbsolutePath();

    @TempDir
    private static Path folder;

    /** A folder that looks like the checkout, with a nattrail that runs what was just compiled. */
    @BeforeAll
    static void aCheckout() throws IOException {
        for (String name : List.of("captures", "docs", "reports")) {
            if (Files.exists(PROJECT.resolve(name))) {
                copy(PROJECT.resolve(name), folder.resolve(name));
            }
        }
        Path nattrail = Files.writeString(folder.resolve("nattrail"), """
                #!/bin/sh
                exec "%s/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "%s" io.nattrail.cli.Main "$@"
                """.formatted(System.getProperty("java.home"), System.getProperty("java.class.path")));
        Files.setPosixFilePermissions(nattrail, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    /** A fenced block of a page. */
    private record Block(Path page, int line, String language, String text) {
        @Override
        public String toString() {
            return PROJECT.relativize(page) + ":" + line;
        }
    }

    static List<Path> pages() throws IOException {
        List<Path> pages = new ArrayList<>(List.of(PROJECT.resolve("README.md"), PROJECT.resolve("CONTRIBUTING.md")));
        for (String name : List.of("docs", "captures", "reports")) {
            if (Files.isDirectory(PROJECT.resolve(name))) {
                try (Stream<Path> files = Files.list(PROJECT.resolve(name))) {
                    files.filter(file -> file.toString().endsWith(".md")).sorted().forEach(pages::add);
                }
            }
        }
        return pages;
    }

    static Stream<Block> consoles() throws IOException {
        return blocks().filter(block -> block.language.equals("console"));
    }

    static Stream<Block> runs() throws IOException {
        return blocks().filter(block -> block.language.equals("sh run"));
    }

    static Stream<Block> others() throws IOException {
        return blocks().filter(block -> block.language.equals("sh") && block.text.contains("nattrail "));
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("consoles")
    void aCommandPrintsWhatThePageShows(Block block) throws Exception {
        StringBuilder actual = new StringBuilder();
        for (String command : commands(block.text)) {
            String said = shell(command).said;
            actual.append("$ ").append(command).append('\n').append(said).append(said.isEmpty() || said.endsWith("\n") ? "" : "\n");
        }
        if (UPDATE && !matches(block.text, actual.toString())) {
            Files.writeString(block.page, Files.readString(block.page).replace(block.text, actual));
        } else if (!matches(block.text, actual.toString())) {
            assertThat(actual.toString()).isEqualTo(block.text);
        }
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("runs")
    void aCommandOfThePageWorks(Block block) throws Exception {
        for (String command : block.text.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList()) {
            Ran ran = shell(command);
            assertThat(ran.status).as("status of %s, which said: %s", command, ran.said).isIn(ExitStatus.OK, ExitStatus.DEVIATIONS);
        }
    }

    @ParameterizedTest(name = "{0}", allowZeroInvocations = true)
    @MethodSource("others")
    void aCommandThatCannotBeRunHereIsAtLeastRightlyWritten(Block block) {
        Matcher command = Pattern.compile("(?:^|\\s|/|\\()nattrail ([a-z][^|>#)\\n\\\\]*)").matcher(block.text);
        while (command.find()) {
            String[] args = command.group(1).strip().replace("\"", "").replace("'", "").split("\\s+");
            assertThatCode(() -> Main.commandLine(CommandRun.PIPE).parseArgs(args)).as(String.join(" ", args)).doesNotThrowAnyException();
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void aLinkLeadsToAFile(Path page) throws IOException {
        Matcher link = LINK.matcher(FENCE.matcher(Files.readString(page)).replaceAll(""));
        while (link.find()) {
            if (!link.group(1).contains("://")) {
                assertThat(page.resolveSibling(link.group(1))).as("link of %s", page).exists();
            }
        }
    }

    /** The command is {@code analyze}: whoever searches a page for the word finds it everywhere. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("pages")
    void aPageSpellsAnalyzeAsTheCommandIsSpelt(Path page) throws IOException {
        assertThat(Files.readString(page)).doesNotContainPattern("[Aa]nalys(e|ed|ing)\\b");
    }

    private static List<String> commands(String console) {
        return console.lines().filter(line -> line.startsWith("$ ")).map(line -> line.substring(2)).toList();
    }

    private static boolean matches(String page, String actual) {
        StringBuilder pattern = new StringBuilder();
        for (String line : page.split("\n")) {
            pattern.append(line.strip().equals("...") ? "(?:.*\n)*?" : Pattern.quote(line) + "\n");
        }
        return Pattern.matches(pattern.toString(), actual);
    }

    private record Ran(int status, String said) {
    }

    private static Ran shell(String command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("bash", "-c", command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile()).redirectInput(Path.of("/dev/null").toFile());
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().put("COLUMNS", "100");
        builder.environment().put("HOME", folder.toString());
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process process = builder.start();
        assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ends within two minutes: %s", command).isTrue();
        return new Ran(process.exitValue(), Files.readString(folder.resolve("said")));
    }

    private static Stream<Block> blocks() throws IOException {
        List<Block> blocks = new ArrayList<>();
        for (Path page : pages()) {
            String text = Files.readString(page);
            Matcher fence = FENCE.matcher(text);
            while (fence.find()) {
                int line = 1 + (int) text.substring(0, fence.start()).chars().filter(c -> c == '\n').count();
                blocks.add(new Block(page, line, fence.group(1).strip(), fence.group(2)));
            }
        }
        return blocks.stream();
    }
}
