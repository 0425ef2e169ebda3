package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs every command that docs/batch.md and docs/regression.md show, on the captures of this repository, and compares what they show. */
class UsesDocumentationTest {
    /** Options whose value is a file or folder that a command writes, or one that the page shows. */
    private static final Set<String> FILES = Set.of("--out", "--baseline", "--junit", "--list");

    @TempDir
    private Path folder;

    /** A fenced block: its language, its text, and the line of text before it. */
    private record Block(String language, String text, String before) {
    }

    @Test
    void theCommandsOfTheBatchPageWork() throws IOException {
        Map<String, CommandRun> runs = run(Path.of("docs/batch.md"));

        assertThat(runs).hasSize(3);
        List<CommandRun> inOrder = new ArrayList<>(runs.values());
        assertThat(inOrder.get(0).status()).as(inOrder.get(0).err()).isEqualTo(ExitStatus.DEVIATIONS);
        assertThat(inOrder.get(1).out()).contains("finished in an earlier run");
        assertThat(inOrder.get(2).status()).as(inOrder.get(2).out()).isZero();
        assertThat(inOrder.get(2).out()).contains("2 cases");
        for (String name : List.of("index.html", "summary.csv", "summary.json", "junit.xml", "cases/lost/report.html",
                "cases/monday/report.json")) {
            assertThat(folder.resolve("reports").resolve(name)).exists();
        }
    }

    @Test
    void theCommandsOfTheRegressionPageWorkAndPrintWhatItShows() throws IOException {
        Map<String, CommandRun> runs = run(Path.of("docs/regression.md"));
        String page = Files.readString(Path.of("docs/regression.md"));

        assertThat(runs).hasSize(3);
        List<CommandRun> inOrder = new ArrayList<>(runs.values());
        assertThat(inOrder.get(0).status()).isZero();
        assertThat(page).contains("```yaml\n" + Files.readString(folder.resolve("web.yaml")) + "```\n");
        assertThat(inOrder.get(1).status()).isEqualTo(ExitStatus.DEVIATIONS);
        assertThat(page).contains("```\n" + inOrder.get(1).out().replace(folder + "/", "") + "```\n");
        assertThat(folder.resolve("check.xml")).exists();
        assertThat(inOrder.get(2).status()).as(inOrder.get(2).out()).isZero();
    }

    @Test
    void theMistakeOfTheRegressionPageIsAnsweredAsItShows() throws IOException {
        Path baseline = folder.resolve("smoke.yaml");
        Files.writeString(baseline, "nattrail-baseline: 1\nflows:\n- outcome: ok\n");

        String err = command("./nattrail check captures/lost-between-nodes --baseline smoke.yaml").err();

        assertThat(Files.readString(Path.of("docs/regression.md"))).contains("```\n" + err.replace(folder + "/", "") + "```\n");
    }

    /** All commands of a page in order; files that it shows are written first. */
    private Map<String, CommandRun> run(Path page) throws IOException {
        Map<String, CommandRun> runs = new LinkedHashMap<>();
        for (Block block : blocks(page)) {
            if (block.language().equals("csv") || block.language().equals("yaml") && block.before().contains("`")) {
                String name = block.before().replaceAll(".*`([a-z]+\\.[a-z]+)`.*", "$1");
                if (name.matches("[a-z]+\\.[a-z]+")) {
                    // Its relative paths begin at its own folder, which for the reader is that of the repository.
                    String captures = Path.of("captures").toAbsolutePath() + "/";
                    Files.writeString(folder.resolve(name), block.text().replace(",captures/", "," + captures));
                }
            }
            if (block.language().equals("sh")) {
                block.text().lines().filter(line -> line.startsWith("./nattrail ")).forEach(line -> runs.put(line, command(line)));
            }
        }
        return runs;
    }

    private CommandRun command(String line) {
        String[] words = line.split(" +");
        List<String> arguments = new ArrayList<>();
        for (int i = 1; i < words.length; i++) {
            arguments.add(i > 1 && FILES.contains(words[i - 1]) ? folder.resolve(words[i]).toString() : words[i]);
        }
        return CommandRun.of(Main.commandLine(CommandRun.PIPE), arguments.toArray(new String[0]));
    }

    private static List<Block> blocks(Path page) throws IOException {
        List<Block> blocks = new ArrayList<>();
        String language = null;
        String before = "";
        StringBuilder text = new StringBuilder();
        String paragraph = "";
        for (String line : Files.readAllLines(page)) {
            if (language == null && line.startsWith("```")) {
                language = line.substring(3);
                before = paragraph;
                text.setLength(0);
            } else if (language != null && line.equals("```")) {
                blocks.add(new Block(language, text.toString(), before));
                language = null;
                paragraph = "";
            } else if (language != null) {
                text.append(line).append('\n');
            } else {
                paragraph = line.isEmpty() ? paragraph : paragraph.isEmpty() ? line : paragraph + " " + line;
            }
        }
        return blocks;
    }
}
