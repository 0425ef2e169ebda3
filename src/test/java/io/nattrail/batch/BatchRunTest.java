package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.capture.TemporaryFileException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchRunTest {
    @TempDir
    private Path folder;

    private final WrittenCases analysis = new WrittenCases();

    private Path out() {
        return folder.resolve("out");
    }

    private List<BatchCase> cases(String... nameAndContent) throws IOException {
        for (String one : nameAndContent) {
            String[] parts = one.split("=");
            WrittenCases.write(folder.resolve("cases"), parts[0], parts[1]);
        }
        return CaseFolders.find(List.of(folder.resolve("cases")), out()).cases();
    }

    private BatchResult run(List<BatchCase> cases, boolean resume) throws IOException {
        return new BatchRun(analysis, WrittenCases.options(out(), 2, resume), BatchListener.NONE).run(cases);
    }

    @Test
    void everyCaseHasItsReportsAndARowTheWorstFirst() throws IOException {
        BatchResult result = run(cases("a=happy", "b=lost", "c=empty"), false);

        assertThat(result.rows()).extracting(CaseRow::name).containsExactly("b", "c", "a");
        assertThat(result.rows()).extracting(CaseRow::state).containsExactly(CaseState.FAILED, CaseState.EMPTY, CaseState.OK);
        assertThat(out().resolve("cases/b")).isDirectoryContaining("glob:**/report.json").isDirectoryContaining("glob:**/report.html")
                .isDirectoryContaining("glob:**/junit.xml");
        JsonNode report = BatchJson.MAPPER.readTree(out().resolve("cases/b/report.json").toFile());
        assertThat(report.at("/case/name").asText()).as("the case's name in the batch").isEqualTo("b");
    }

    @Test
    void aRowTellsCountsTheRootCauseAndWhatTheCapturesHold() throws IOException {
        CaseRow row = run(cases("b=lost"), false).rows().get(0);

        assertThat(row.flows()).isEqualTo(5);
        assertThat(new long[] {row.ok(), row.degraded(), row.failed(), row.undetermined()}).containsExactly(1, 1, 2, 1);
        assertThat(row.cause().code()).isEqualTo("request-lost-between-nodes");
        assertThat(row.cause().step()).isEqualTo("1.5");
        assertThat(row.deviations()).containsExactly(Map.entry("clock-skew", 1L), Map.entry("request-lost-between-nodes", 2L),
                Map.entry("syn-retransmitted", 1L));
        assertThat(row.points()).containsExactly("client", "node1-eth0", "node2-cbr0");
        assertThat(row.packets()).isEqualTo(360);
    }

    @ParameterizedTest
    @CsvSource({"garbage, UNREADABLE, not a capture, name a capture", "fault, BROKEN, broken invariant, report it",
        "deep, BROKEN, StackOverflowError, report it", "greedy, BROKEN, not enough memory, NATTRAIL_OPTS=-Xmx4g"})
    void aBrokenCaseIsARowWithItsReasonAndStopsNoOther(String content, CaseState state, String error, String remedy) throws IOException {
        BatchResult result = run(cases("bad=" + content, "good=happy"), false);

        assertThat(result.rows()).extracting(CaseRow::state).containsExactly(state, CaseState.OK);
        assertThat(result.rows().get(0).error()).contains(error);
        assertThat(result.rows().get(0).remedy()).contains(remedy);
        assertThat(names(out().resolve("cases/bad"))).as("no half-written report").containsExactly("case.json");
        assertThat(out().resolve("cases/good/report.json")).exists();
        assertThat(names(out())).containsExactly("cases", "index.html", "junit.xml", "summary.csv", "summary.json");
    }

    @Test
    void aMissingFolderIsARow() throws IOException {
        BatchCase missing = new BatchCase("gone", "gone", List.of(folder.resolve("gone")), Map.of());

        BatchResult result = run(List.of(missing), false);

        CaseRow row = result.rows().get(0);
        assertThat(result.reused()).as("rows of an earlier run").isZero();
        assertThat(row.state()).isEqualTo(CaseState.UNREADABLE);
        assertThat(row.error()).endsWith("gone: no such file or folder");
    }

    @Test
    void aFolderForTemporaryFilesIsNotMadeReadable() throws IOException {
        Path none = Path.of(System.getProperty("java.io.tmpdir"), "none");
        BatchResult result = new BatchRun((request, sink, progress) -> {
            throw new TemporaryFileException(none, new NoSuchFileException(none.toString()));
        }, WrittenCases.options(out(), 1, false), BatchListener.NONE).run(cases("a=happy"));

        CaseRow row = result.rows().get(0);
        assertThat(row.error()).endsWith("no such folder; another folder is used with NATTRAIL_OPTS=-Djava.io.tmpdir=DIR");
        assertThat(row.remedy()).isEqualTo("make room there or name another, and run the batch again with --resume");
    }

    @Test
    void theCaseThatDidNotFitBesideOthersIsTriedAlone() throws IOException {
        AtomicInteger times = new AtomicInteger();
        List<BatchCase> cases = cases("a=happy", "b=happy", "c=happy");
        BatchResult result = new BatchRun((request, sink, progress) -> {
            if (request.inputs().get(0).endsWith("b") && times.incrementAndGet() == 1) {
                // As threads of the analysis hand it on.
                throw new IllegalStateException("reader died", new OutOfMemoryError());
            }
            analysis.run(request, sink, progress);
        }, WrittenCases.options(out(), 2, false), BatchListener.NONE).run(cases);

        assertThat(result.rows()).extracting(CaseRow::state).containsOnly(CaseState.OK);
        assertThat(times).hasValue(2);
    }

    @Test
    void resumedItRedoesNothingThatIsFinished() throws IOException {
        List<BatchCase> cases = cases("a=happy", "b=lost", "c=garbage");
        run(cases, false);
        Map<String, String> before = contents(out());
        analysis.analyzed.clear();

        BatchResult result = run(cases, true);

        assertThat(analysis.analyzed).isEmpty();
        assertThat(result.reused()).isEqualTo(3);
        assertThat(contents(out())).isEqualTo(before);
    }

    @Test
    void withoutResumeEverythingIsDoneAgain() throws IOException {
        List<BatchCase> cases = cases("a=happy", "b=lost");
        run(cases, false);

        assertThat(run(cases, false).reused()).isZero();
        assertThat(analysis.analyzed).hasSize(4);
    }

    @Test
    void resumedItRedoesWhatChanged() throws IOException {
        List<BatchCase> cases = cases("grown=happy", "same=happy", "touched=happy", "more=happy");
        run(cases, false);
        analysis.analyzed.clear();
        Files.writeString(folder.resolve("cases/grown/client.pcap"), "lost\nand more");
        Files.setLastModifiedTime(folder.resolve("cases/touched/client.pcap"), FileTime.fromMillis(1_000_000_000_000L));
        Files.writeString(folder.resolve("cases/more/node-1.conntrack"), "");

        BatchResult result = run(cases, true);

        assertThat(analysis.analyzed).containsExactlyInAnyOrder("grown", "touched", "more");
        assertThat(result.rows().get(0).name()).isEqualTo("grown");
        assertThat(result.rows().get(0).state()).isEqualTo(CaseState.FAILED);
    }

    @Test
    void resumedWithOtherOptionsOrAnotherVersionItRedoesAll() throws IOException {
        List<BatchCase> cases = cases("a=happy");
        BatchOptions first = WrittenCases.options(out(), 2, true);
        List<BatchOptions> others = List.of(
                new BatchOptions(out(), 2, 2, 1 << 30, true, List.of("json"), first.failOn(), first.version()),
                new BatchOptions(out(), 2, 2, 1 << 30, true, first.formats(), null, first.version()),
                new BatchOptions(out(), 2, 2, 1 << 30, true, first.formats(), first.failOn(), "2.0"));
        for (BatchOptions other : others) {
            new BatchRun(analysis, first, BatchListener.NONE).run(cases);
            assertThat(new BatchRun(analysis, other, BatchListener.NONE).run(cases).reused()).isZero();
        }
        BatchOptions fewerJobs = new BatchOptions(out(), 1, 1, 1 << 28, true, others.get(2).formats(), first.failOn(), "2.0");
        assertThat(new BatchRun(analysis, fewerJobs, BatchListener.NONE).run(cases).reused()).as("jobs change no report").isEqualTo(1);
    }

    @Test
    void resumedItTriesAgainWhatMayHaveBeenRepaired() throws IOException {
        List<BatchCase> cases = cases("a=fault");
        run(cases, false);

        assertThat(run(cases, true).reused()).isZero();
    }

    @Test
    void aMarkerThatSomebodyDamagedMeansThatTheCaseIsDoneAgain() throws IOException {
        List<BatchCase> cases = cases("a=happy", "b=happy", "c=happy");
        run(cases, false);
        Files.writeString(out().resolve("cases/a/case.json"), "{");
        Files.writeString(out().resolve("cases/b/case.json"), "null");
        Files.writeString(out().resolve("cases/c/case.json"), "{\"fingerprint\": null, \"row\": null}");

        BatchResult result = run(cases, true);

        assertThat(result.reused()).isZero();
        assertThat(result.rows()).hasSize(3);
    }

    @Test
    void aCaseThatBrokeKeepsNoReportOfAnEarlierRun() throws IOException {
        run(cases("a=happy"), false);

        run(cases("a=garbage"), true);

        assertThat(names(out().resolve("cases/a"))).containsExactly("case.json");
    }

    @Test
    void aCaseWhoseNameEndsInOldIsNotInTheWayOfAnother() throws IOException {
        BatchCase web = new BatchCase("web", "web", List.of(folder), Map.of());
        BatchCase old = new BatchCase("web.old", "web.old", List.of(folder), Map.of());
        ReportFolder.Marker marker = new ReportFolder.Marker("f", CaseRow.withoutResult(web, CaseState.UNREADABLE, "e", "r"));
        try (ReportFolder reports = new ReportFolder(out())) {
            reports.begin(web);
            reports.finish(web, marker);
            Files.writeString(reports.begin(old).resolve("report.json"), "half");
            reports.begin(web);
            reports.finish(web, marker);
            reports.finish(old, marker);
        }

        assertThat(out().resolve("cases/web.old/report.json")).hasContent("half");
    }

    @Test
    void twoBatchesDoNotWriteToOneFolder() throws IOException {
        List<BatchCase> cases = cases("a=happy");
        try (ReportFolder other = new ReportFolder(out())) {
            assertThat(other).isNotNull();
            assertThatThrownBy(() -> run(cases, false)).isInstanceOf(FileSystemException.class)
                    .hasMessageContaining("another batch is writing to it");
        }
        assertThat(run(cases, false).rows()).hasSize(1);
    }

    @Test
    void casesRunSideBySideButNotMoreThanMemoryAllows() throws Exception {
        List<BatchCase> cases = cases("a=happy", "b=happy", "c=happy", "d=happy");
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch twoAtOnce = new CountDownLatch(2);
        BatchOptions roomForTwo = new BatchOptions(out(), 4, 4, 100L << 20, false, List.of("json"), null, "1.0");
        new BatchRun((request, sink, progress) -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            twoAtOnce.countDown();
            try {
                assertThat(twoAtOnce.await(120, java.util.concurrent.TimeUnit.SECONDS)).as("two cases at once").isTrue();
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            analysis.run(request, sink, progress);
            now.decrementAndGet();
        }, roomForTwo, BatchListener.NONE).run(cases);

        assertThat(most).hasValue(2);
    }

    @Test
    void progressEndsAtAllBytesAndAllCases() throws IOException {
        List<BatchCase> cases = cases("a=happy", "b=garbage", "c=greedy");
        AtomicLong bytes = new AtomicLong();
        AtomicInteger finished = new AtomicInteger();
        int[] last = new int[2];
        new BatchRun(analysis, WrittenCases.options(out(), 1, false), new BatchListener() {
            @Override
            public void progress(int doneCases, int allCases, long doneBytes, long allBytes) {
                last[0] = doneCases;
                last[1] = allCases;
                assertThat(doneBytes).isBetween(0L, allBytes);
                bytes.set(allBytes - doneBytes);
            }

            @Override
            public void finished(CaseRow row) {
                finished.incrementAndGet();
            }
        }).run(cases);

        assertThat(last).containsExactly(3, 3);
        assertThat(bytes).hasValue(0);
        assertThat(finished).hasValue(3);
    }

    @Test
    void theSummaryIsTheSameWhateverTheOrder() throws IOException {
        List<BatchCase> cases = new ArrayList<>(cases("a=happy", "b=lost", "c=empty", "d=garbage", "e=lost"));
        run(cases, false);
        Map<String, String> first = contents(out());
        Collections.reverse(cases);
        Path other = folder.resolve("other");
        new BatchRun(analysis, WrittenCases.options(other, 1, false), BatchListener.NONE).run(cases);

        assertThat(contents(other)).isEqualTo(first);
    }

    @Test
    void theTableAndTheJsonAndTheJunitFileTellTheSame() throws IOException {
        run(cases("a=happy", "b=lost", "c=empty", "d=garbage"), false);

        assertThat(Files.readAllLines(out().resolve("summary.csv"))).hasSize(5)
                .anySatisfy(line -> assertThat(line).startsWith("b,failed,5,1,1,2,1,error,request-lost-between-nodes,1.5,2,")
                        .contains("clock-skew=1 request-lost-between-nodes=2", "client node1-eth0 node2-cbr0")
                        .endsWith("cases/b/report.html"))
                .anySatisfy(line -> assertThat(line).startsWith("d,unreadable,,,,,,").contains("not a capture", "name a capture"));
        JsonNode json = BatchJson.MAPPER.readTree(out().resolve("summary.json").toFile());
        assertThat(json.at("/summary/cases").asInt()).isEqualTo(4);
        assertThat(json.at("/summary/failed").asInt()).isEqualTo(1);
        assertThat(json.at("/summary/unreadable").asInt()).isEqualTo(1);
        assertThat(json.at("/cases/0/state").asText()).isEqualTo("unreadable");
        assertThat(json.at("/cases/1/worst").asText()).isEqualTo("error");
        assertThat(Files.readString(out().resolve("junit.xml")))
                .contains("tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\"")
                .contains("<failure type=\"request-lost-between-nodes\"", "<error type=\"unreadable\"", "name=\"c\"");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    static Map<String, String> contents(Path folder) throws IOException {
        Map<String, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(folder.relativize(file).toString(), Files.readString(file));
            }
        }
        return contents;
    }
}
