package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.batch.WrittenCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchCommandTest {
    @TempDir
    private Path folder;

    private CommandRun run(String... args) {
        return run(CommandRun.PIPE, args);
    }

    private CommandRun run(Terminal terminal, String... args) {
        List<String> all = new ArrayList<>(List.of("--out", folder.resolve("out").toString()));
        Collections.addAll(all, args);
        return CommandRun.of(CommandRun.alone(new BatchCommand(new WrittenCases(), terminal)), all.toArray(new String[0]));
    }

    private String cases(String... contents) throws IOException {
        for (String content : contents) {
            WrittenCases.write(folder.resolve("cases"), content, content);
        }
        return folder.resolve("cases").toString();
    }

    @Test
    void printsTheCountsTheWorstCasesAndWhereTheIndexIs() throws IOException {
        CommandRun run = run(cases("happy", "lost", "garbage"));

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).containsSubsequence("Batch", "3 cases", "1 unreadable, 1 failed, 1 ok", "garbage", "starts with 67 61",
                "lost",
                "request-lost-between-nodes at step 1.5", "Index  " + folder.resolve("out/index.html"));
        assertThat(run.out()).doesNotContain("happy\n");
        assertThat(folder.resolve("out")).isDirectoryContaining("glob:**/index.html").isDirectoryContaining("glob:**/summary.csv")
                .isDirectoryContaining("glob:**/summary.json").isDirectoryContaining("glob:**/junit.xml");
    }

    @ParameterizedTest
    @CsvSource({"happy, error, 0", "lost, error, 1", "lost, never, 0", "garbage, never, 2", "fault, never, 3", "happy, info, 0"})
    void theStatusIsTheGreatestOfAllCases(String content, String failOn, int status) throws IOException {
        assertThat(run(cases("happy", content), "--fail-on", failOn).status()).isEqualTo(status);
    }

    @Test
    void resumedItSaysHowManyWereFinished() throws IOException {
        String cases = cases("happy", "lost");
        run(cases);

        assertThat(run(cases, "--resume").out()).contains("2 of them finished in an earlier run");
    }

    @Test
    void readsAList() throws IOException {
        cases("happy", "lost");
        Path list = folder.resolve("list.csv");
        Files.writeString(list, "name,path\nours,cases/happy\ngone,cases/gone\n");

        CommandRun run = run("--list", list.toString());

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.out()).contains("1 unreadable, 1 ok", "gone: no such file or folder");
        assertThat(folder.resolve("out/cases/ours/report.json")).exists();
    }

    @Test
    void showsAnyNumberOfCasesOnOnePage() throws IOException {
        for (int i = 0; i < 40; i++) {
            WrittenCases.write(folder.resolve("cases"), "case" + i, "lost");
        }

        assertThat(run(folder.resolve("cases").toString(), "--formats", "none").out()).contains("and 25 more, in the index");
    }

    @Test
    void quietPrintsNothing() throws IOException {
        CommandRun run = run(cases("lost"), "-q");

        assertThat(run.out() + run.err()).isEmpty();
        assertThat(run.status()).isEqualTo(ExitStatus.DEVIATIONS);
    }

    @Test
    void aTerminalSeesABarThatVanishes() throws IOException {
        Terminal watched = new Terminal(Map.of("LANG", "C.UTF-8", "TERM", "xterm", "COLUMNS", "100"), true, true);

        assertThat(run(watched, cases("happy"), "--color", "never").status()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"'', name the folder of the cases", "'--jobs 0 x', --jobs must be at least 1", "'--list a.csv x', not both",
        "'x --formats doc', no report format 'doc'", "'/nowhere/at/all', no such file or folder"})
    void refusesWhatMakesNoSense(String arguments, String message) {
        CommandRun run = run(arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: ").contains(message);
    }

    @Test
    void refusesToWriteAmongTheCases() throws IOException {
        String cases = cases("happy");

        CommandRun run = CommandRun.of(CommandRun.alone(new BatchCommand(new WrittenCases(), CommandRun.PIPE)), cases, "--out",
                cases + "/.");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("is the folder of the cases; name another one for the reports");
    }

    @Test
    void saysWhenThereIsNothingToDo() throws IOException {
        Path empty = Files.createDirectories(folder.resolve("empty"));

        CommandRun run = run(empty.toString());

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("no capture files below", "client.pcap");
    }
}
