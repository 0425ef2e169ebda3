package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.Analysis;
import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnalyzeCommandTest {
    private static final String CASE = "captures/lost-between-nodes/";

    @TempDir
    private Path folder;

    private final List<CaseRequest> requests = new ArrayList<>();

    @Test
    void writesTheReportsAndPrintsTheSummary() {
        CommandRun run = run(SampleCases.happy(), "case");

        assertThat(run.status()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("The one connection went there and back").contains(" Reports  " + folder.resolve("out"));
        assertThat(folder.resolve("out")).isDirectoryContaining("glob:**/report.json").isDirectoryContaining("glob:**/flows.csv");
    }

    @ParameterizedTest
    @CsvSource({"info, 1", "warning, 1", "error, 1", "never, 0", "ERROR, 1"})
    void theStatusFollowsTheWorstDeviation(String failOn, int status) {
        assertThat(run(SampleCases.lostBetweenNodes(), "case", "--fail-on", failOn).status()).isEqualTo(status);
        assertThat(run(SampleCases.happy(), "case", "--fail-on", failOn).status()).isZero();
    }

    @Test
    void quietPrintsNothing() {
        CommandRun run = run(SampleCases.lostBetweenNodes(), "case", "--quiet");

        assertThat(run.out() + run.err()).isEmpty();
        assertThat(run.status()).isEqualTo(ExitStatus.DEVIATIONS);
        assertThat(folder.resolve("out/report.json")).exists();
    }

    @Test
    void writesOnlyTheFormatsThatAreWanted() {
        run(SampleCases.happy(), "case", "--formats", "csv");

        assertThat(folder.resolve("out/steps.csv")).exists();
        assertThat(folder.resolve("out/report.json")).doesNotExist();
    }

    @Test
    void coloursOnlyWhenToldToOrOnATerminalThatWantsThem() {
        Map<String, String> utf8 = Map.of("LANG", "C.UTF-8", "TERM", "xterm");

        assertThat(run(SampleCases.happy(), "case").out()).doesNotContain("\u001b");
        assertThat(run(SampleCases.happy(), "case", "--color", "always").out()).contains("\u001b[");
        assertThat(new Terminal(utf8, true, true).color(ColorChoice.AUTO)).isTrue();
        assertThat(new Terminal(utf8, true, true).color(ColorChoice.NEVER)).isFalse();
        assertThat(new Terminal(Map.of("TERM", "dumb"), true, true).color(ColorChoice.AUTO)).isFalse();
        assertThat(new Terminal(Map.of("NO_COLOR", "1"), true, true).color(ColorChoice.AUTO)).isFalse();
        assertThat(new Terminal(Map.of("NO_COLOR", ""), true, true).color(ColorChoice.AUTO)).isTrue();
        assertThat(new Terminal(Map.of("NO_COLOR", "1"), true, true).color(ColorChoice.ALWAYS)).isTrue();
    }

    @Test
    void passesOnWhatWasAskedFor() {
        run(SampleCases.happy(), "--point", "client=a.pcap0", "--point", "client=a.pcap1", "--point", "node1-eth0=-", "--reference",
                "client",
                "--threads", "3", "--filter", "tcp port 80");

        CaseRequest request = requests.get(0);
        assertThat(request.points()).containsExactly(Map.entry("client", List.of(Path.of("a.pcap0"), Path.of("a.pcap1"))),
                Map.entry("node1-eth0", List.of(Path.of("-"))));
        assertThat(request.reference()).isEqualTo("client");
        assertThat(request.threads()).isEqualTo(3);
        assertThat(request.filter()).isEqualTo("tcp port 80");
        assertThat(request.keepTrails()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"--client, 10.241.0.4, true", "--client, 10.241.0.0/16, true", "--client, 10.241.0.4:38636, true",
            "--client, 10.9.9.9, false",
        "--service, :32000, true", "--service, 172.31.0.5:443, true", "--service, default/web, true", "--service, default/we, false",
        "--endpoint, default/web-2, true", "--endpoint, 10.244.1.0/24, true", "--endpoint, :80, false", "--client, '[fd00::1]:80', false",
        "--between, 15:34:00..15:36:00, true", "--between, ..15:34:00, false", "--between, 2026-11-23T15:34:12Z.., true",
        "--between, 2026-11-24T00:00:00Z.., false"})
    void selectsFlows(String option, String pattern, boolean selected) {
        run(SampleCases.happy(), "case", option, pattern);

        assertThat(requests.get(0).selection().accepts(SampleCases.answered(1))).isEqualTo(selected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"--client=10.0.0.300", "--client=10.0.0.0/33", "--service=:70000", "--between=15:00", "--between=16:00..15:00",
        "--between=a..b", "--threads=0", "--formats=doc", "--fail-on=fatal", "--point=client", "--point==x", "--colour=no"})
    void refusesWhatMakesNoSenseAndReturns2(String argument) {
        CommandRun run = run(SampleCases.happy(), "case", argument);

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: ").contains("  see: analyze --help");
        assertThat(run.err().lines().count()).isLessThanOrEqualTo(3);
        assertThat(requests).isEmpty();
    }

    @Test
    void asksForACase() {
        assertThat(run(SampleCases.happy()).err()).startsWith("nattrail: name the folder of the case");
    }

    @Test
    void anUnreadableFileIsStatus2InOneSentence() {
        CommandRun run = run((request, sink, progress) -> {
            throw new NoSuchFileException("missing.pcap");
        }, "missing.pcap");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).isEqualToNormalizingNewlines("nattrail: missing.pcap: no such file or folder\n");
    }

    @Test
    void aPointsFileThatIsMissingIsStatus2InOneSentence() {
        CommandRun run = run(CaseAnalyzer.plain(), CASE + "client.pcap", "--point", "node1-eth0=nowhere.pcap");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).isEqualToNormalizingNewlines("nattrail: nowhere.pcap: no such file or folder\n");
    }

    @Test
    void ofAPointsFilesThoseThatAreThereAreAnalysed() {
        CommandRun run = run(CaseAnalyzer.plain(), "--point", "client=" + CASE + "client.pcap", "--point", "client=nowhere.pcap");

        assertThat(run.out()).contains("nowhere.pcap: no such file, left out").contains("connection");
    }

    @Test
    void aConnectionThatFailedIsAnErrorAlsoWhenNoFindingSaysWhy() {
        CommandRun run = run(CaseAnalyzer.plain(), CASE + "client.pcap", CASE + "node1-eth0.pcap");

        assertThat(run.out()).contains("1 of 10 connections fails.");
        assertThat(run.status()).isEqualTo(ExitStatus.DEVIATIONS);
    }

    @Test
    void aReferenceThatIsNoPointIsStatus2WithThePointsThatThereAre() {
        CommandRun run = run(CaseAnalyzer.plain(), CASE, "--reference", "nope");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: --reference nope: no such point; there are: client, node1-eth0, node2-cbr0");
    }

    @Test
    void aSelectionThatFitsNothingIsNotTakenForHealth() {
        CommandRun run = run(CaseAnalyzer.plain(), CASE, "--client", "1.2.3.4", "--service", ":1");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: none of 10 connections fits --client 1.2.3.4 --service :1");
        assertThat(folder.resolve("out/report.json")).doesNotExist();
    }

    @Test
    void aSpanOfTimeThatFitsNothingIsAnsweredWithTheOneThatThereIs() {
        CommandRun run = run(CaseAnalyzer.plain(), CASE, "--between", "01:00..02:00");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).startsWith("nattrail: none of 10 connections fits --between 01:00..02:00; "
                + "they are of 2026-11-24T00:33:33Z..2026-11-24T00:33:36Z");
        assertThat(run(CaseAnalyzer.plain(), CASE, "--between", "2026-11-24T00:33:33Z..2026-11-24T00:33:36Z").out())
                .contains("1 of 10 connections fails");
    }

    /** What is copied from a report's "since" is taken as it is. */
    @Test
    void aSpanOfTimeMayBeWrittenAsReportsPrintIt() {
        assertThat(run(CaseAnalyzer.plain(), CASE, "--between", "2026-11-24 00:33:33.152332 UTC..2026-11-24 00:33:34").out())
                .contains("1 of ");
    }

    @Test
    void aNameWithoutItsNamespaceIsAnsweredWithHowItIsWritten() {
        assertThat(run(SampleCases.happy(), "case", "--service", "web").err())
                .startsWith("nattrail: --service: 'web' is no IP address; a name goes with its namespace, as in default/web");
        assertThat(run(SampleCases.happy(), "case", "--client", "fe80").err()).startsWith("nattrail: --client: 'fe80' is no IP address\n");
    }

    @Test
    void aFolderThatCannotBeWrittenIsToldBeforeAnythingIsRead() throws IOException {
        Path file = Files.writeString(folder.resolve("out"), "a file");

        CommandRun run = run(SampleCases.happy(), "case");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).isEqualToNormalizingNewlines("nattrail: " + file + ": a file of this name is in the way\n");
        assertThat(requests).isEmpty();
    }

    @Test
    void standardInputAloneAsksForThePoint() {
        CommandRun run = run(SampleCases.happy(), "-");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("--point client=-");
    }

    @Test
    void aFolderOfFoldersSaysWhereTheCapturesAre() throws IOException {
        Path cases = Files.createDirectories(folder.resolve("cases"));
        Files.copy(Path.of(CASE + "client.pcap"), Files.createDirectories(cases.resolve("monday")).resolve("client.pcap"));

        CommandRun run = run(CaseAnalyzer.plain(), cases.toString());

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("cases: no capture in this folder itself, only in its sub-folders: monday", "nattrail batch")
                .doesNotContain("byte 0");
    }

    @Test
    void whatIsLeftOutBesideCapturesIsNoted() throws IOException {
        Path mixed = Files.createDirectories(folder.resolve("mixed"));
        Files.copy(Path.of(CASE + "client.pcap"), mixed.resolve("client.pcap"));
        Files.copy(Path.of(CASE + "client.pcap"), Files.createDirectories(mixed.resolve("node1")).resolve("eth0.pcap"));
        Files.createSymbolicLink(mixed.resolve("gone.pcap"), Path.of("nowhere"));

        assertThat(run(CaseAnalyzer.plain(), mixed.toString()).out()).contains("gone.pcap: a link to a file that is not there",
                "captures in sub-folders were left out: node1");
    }

    @Test
    void aFileThatIsNoCaptureIsStatus2WithTheRemedyBelow() {
        CommandRun run = run((request, sink, progress) -> {
            throw new UnreadableInputException("bundle.pcap", 0, "starts with 2e 2f 63 6c, a tar archive, not a capture",
                    "unpack it and name the folder: nattrail analyze DIR");
        }, "bundle.pcap");

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).isEqualToNormalizingNewlines("""
                nattrail: bundle.pcap: byte 0: starts with 2e 2f 63 6c, a tar archive, not a capture
                  unpack it and name the folder: nattrail analyze DIR
                """);
    }

    @Test
    void aFileNameCannotSendControlCharacters() {
        CommandRun run = run((request, sink, progress) -> {
            throw new NoSuchFileException("a\u001b[2Jb");
        }, "x");

        assertThat(run.err()).contains("a\\x1b[2Jb").doesNotContain("\u001b");
    }

    @Test
    void aFaultOfOursIsStatus3AndLeavesNoHalfWrittenReport() throws IOException {
        CommandRun run = run((request, sink, progress) -> {
            sink.begin(SampleCases.happy().header());
            sink.flow(SampleCases.answered(1));
            throw new IllegalStateException("broken invariant");
        }, "case");

        assertThat(run.status()).isEqualTo(ExitStatus.INTERNAL);
        assertThat(run.err()).contains("internal error", "broken invariant", "please report it");
        try (var files = Files.list(folder.resolve("out"))) {
            assertThat(files).isEmpty();
        }
    }

    private CommandRun run(CaseResult result, String... args) {
        return run((request, sink, progress) -> {
            requests.add(request);
            result.sendTo(sink);
        }, args);
    }

    private CommandRun run(Analysis analysis, String... args) {
        List<String> all = new ArrayList<>(List.of("--out", folder.resolve("out").toString()));
        Collections.addAll(all, args);
        return CommandRun.of(CommandRun.alone(new AnalyzeCommand(analysis, CommandRun.PIPE).spec()), all.toArray(new String[0]));
    }
}
