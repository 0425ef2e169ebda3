package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseResult;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CheckCommandTest {
    @TempDir
    private Path folder;

    private Path baseline() {
        return folder.resolve("case.yaml");
    }

    private CommandRun run(CaseResult result, String... args) {
        List<String> all = new ArrayList<>(List.of("case", "--baseline", baseline().toString()));
        Collections.addAll(all, args);
        return CommandRun.of(CommandRun.alone(new CheckCommand((request, sink, progress) -> result.sendTo(sink), CommandRun.PIPE)),
                all.toArray(new String[0]));
    }

    @Test
    void updateWritesTheBaselineAndTheSameCaseIsAsItSays() throws IOException {
        CommandRun update = run(SampleCases.lostBetweenNodes(), "--update");

        assertThat(update.status()).isZero();
        assertThat(update.out()).isEqualTo("wrote " + baseline() + ": 5 flows in 1 entry\n");
        CommandRun check = run(SampleCases.lostBetweenNodes());
        assertThat(check.status()).isZero();
        assertThat(check.out()).isEqualTo("5 flows, all as " + baseline() + " says\n");
    }

    @Test
    void aDifferenceIsPrintedWithItsMeaningAndIsStatus1() {
        run(SampleCases.happy(), "--update");

        CommandRun run = run(SampleCases.lostBetweenNodes());

        assertThat(run.status()).isEqualTo(ExitStatus.DEVIATIONS);
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).containsSubsequence("--- " + baseline(), "+++ lost-between-nodes", "@@ nodeport tcp default/web:https",
                "-  outcomes: ok", "+  outcomes: {degraded: 1, failed at 1.4: 2, ok: 1, undetermined: 1}",
                "2 flows to default/web:https (default/web-2) now fail at step 1.4: request-lost-between-nodes",
                "2 differences; if it is as it should be now, run this again with --update");
    }

    @Test
    void updateSaysWhatChangedAndKeepsTheTolerances() throws IOException {
        run(SampleCases.happy(), "--update");
        Files.writeString(baseline(), Files.readString(baseline()).replace("counts: exact, latency: 2", "counts: 10%, latency: 4"));

        CommandRun run = run(SampleCases.lostBetweenNodes(), "--update");

        assertThat(run.status()).isZero();
        assertThat(run.out()).contains("now fail at step 1.4", "wrote ");
        assertThat(Files.readString(baseline())).contains("tolerances: {counts: 10%, latency: 4}");
        assertThat(run(SampleCases.lostBetweenNodes()).status()).isZero();
    }

    @Test
    void aNewBaselineCanTellFlowsApartByService() throws IOException {
        run(SampleCases.happy(), "--update", "--by", "service");
        assertThat(Files.readString(baseline())).contains("by: service").doesNotContain("endpoint:");

        run(SampleCases.happy(), "--update", "--by", "endpoint");
        assertThat(Files.readString(baseline())).contains("by: endpoint").contains("endpoint: default/web-2");
    }

    @Test
    void writesJunit() throws IOException {
        run(SampleCases.happy(), "--update");

        CommandRun run = run(SampleCases.lostBetweenNodes(), "--junit", folder.resolve("ci/check.xml").toString(), "--quiet");

        assertThat(run.out()).isEmpty();
        assertThat(run.status()).isEqualTo(ExitStatus.DEVIATIONS);
        assertThat(Files.readString(folder.resolve("ci/check.xml"))).contains("tests=\"2\" failures=\"2\"", "now fail at step 1.4");
    }

    @Test
    void whatWasWrittenByHandIsNotOverwritten() throws IOException {
        Files.writeString(baseline(), "nattrail-baseline: 1\nflows: [{service: default/web*, outcomes: ok}]\n");

        CommandRun run = run(SampleCases.happy(), "--update");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("is written by hand").contains("name another file");
        assertThat(run(SampleCases.happy()).status()).isZero();
    }

    @Test
    void aBrokenBaselineIsStatus2WithLineAndRemedy() throws IOException {
        Files.writeString(baseline(), "nattrail-baseline: 1\nflows:\n- outcome: ok\n");

        CommandRun run = run(SampleCases.happy());

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).isEqualToNormalizingNewlines("nattrail: " + baseline()
                + ": line 3: has the key 'outcome', which is not known\n"
                + "  known here are path, protocol, service, endpoint, flows, outcomes, translation, steps, deviations, latency\n");
    }

    @Test
    void aCaseMustBeNamed() {
        CommandRun run = CommandRun.of(CommandRun.alone(new CheckCommand((request, sink, progress) -> { }, CommandRun.PIPE)), "--baseline",
                baseline().toString());

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: name the folder of the case, its files, or points");
    }

    @Test
    void aFolderIsNoBaseline() throws IOException {
        Files.createDirectory(baseline());

        CommandRun run = run(SampleCases.happy(), "--update");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: " + baseline() + ": is a folder; --baseline names a file, as ");
    }

    @ParameterizedTest
    @CsvSource({"'', no such baseline; make it with --update", "--by service, --by is for --update",
            "--update --junit x.xml, not for --update",
        "--by pod, --by"})
    void refusesWhatMakesNoSense(String arguments, String message) {
        CommandRun run = run(SampleCases.happy(), arguments.isEmpty() ? new String[0] : arguments.split(" "));

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: ").contains(message);
    }
}
