package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.serve.TestServer.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A case from its upload to its deletion, over HTTP. */
class CaseServerTest {
    @TempDir
    private Path data;
    private final FakeAnalysis analysis = new FakeAnalysis();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(data.resolve("cases"), analysis);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertThat(server.faults).isEmpty();
    }

    @Test
    void aCaseIsUploadedAnalysedAndReported() throws Exception {
        HttpResponse<String> answer = server.post(Part.option("name", "web times out"), Part.file("client.pcap", "one"),
                new Part("node1-eth0", "b.pcap", new byte[] {2}), Part.file("kubectl-get.json", "{}"));

        assertThat(answer.statusCode()).isEqualTo(201);
        String id = TestServer.JSON.readTree(answer.body()).get("id").asText();
        assertThat(answer.headers().firstValue("Location")).hasValue("/api/cases/" + id);
        JsonNode done = server.awaitState(id, "done");
        assertThat(done.get("name").asText()).isEqualTo("web times out");
        assertThat(done.get("summary").get("failed").asLong()).isPositive();
        assertThat(done.get("cause").get("code").asText()).isEqualTo("request-lost-between-nodes");
        assertThat(done.get("progress").isNull()).isTrue();
        assertThat(done.get("reports").findValuesAsText("file")).contains("report.html", "report.json", "flows.csv", "steps.csv",
                "deviations.csv", "report.md", "junit.xml").doesNotContain("annotated.pcapng");
        for (JsonNode report : done.get("reports")) {
            HttpResponse<String> file = server.get("/api/cases/" + id + "/reports/" + report.get("file").asText());
            assertThat(file.statusCode()).isEqualTo(200);
            assertThat(file.body().getBytes(StandardCharsets.UTF_8)).hasSize(report.get("bytes").asInt());
        }
        assertThat(server.json("/api/cases/" + id + "/reports/report.json").get("case").get("name").asText()).isEqualTo("web times out");
    }

    @Test
    void theAnalysisGetsTheFilesUnderNamesMadeHereAndThePointsAsTheClientSaid() throws Exception {
        String id = server.upload(Part.file("../../../tmp/client.pcap", "one"), new Part("node2-cbr0", "client.pcap", new byte[] {2}),
                new Part("node2-cbr0", "client.pcap", new byte[] {3}));
        server.awaitState(id, "done");

        CaseRequest request = analysis.requests.get(0);
        Path input = data.toRealPath().resolve("cases/cases/" + id + "/input");
        assertThat(request.inputs()).containsExactly(input.resolve("client.pcap"));
        assertThat(request.points()).containsExactly(Map.entry("node2-cbr0",
                List.of(input.resolve("client-2.pcap"), input.resolve("client-3.pcap"))));
        assertThat(input.resolve("client-3.pcap")).hasBinaryContent(new byte[] {3});
        assertThat(server.json("/api/cases/" + id).get("files").findValuesAsText("label"))
                .containsExactly("../../../tmp/client.pcap", "client.pcap", "client.pcap");
    }

    @Test
    void onlyTheUserCanReadTheCases() throws Exception {
        String id = server.upload(Part.file("client.pcap", "one"));

        for (String folder : List.of("", "cases", "cases/" + id, "cases/" + id + "/input", "incoming", "trash")) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data.resolve("cases").resolve(folder))))
                    .as(folder).isEqualTo("rwx------");
        }
    }

    @Test
    void progressIsToldWhileItIsAnalysed() throws Exception {
        analysis.gate = new CountDownLatch(1);
        String id = server.upload(Part.file("client.pcap", "one"));

        JsonNode running = server.await(id, found -> found.path("progress").path("total").asLong() == 100);
        assertThat(running.get("state").asText()).isEqualTo("running");
        assertThat(running.get("progress").get("phase").asText()).isEqualTo("reading");
        assertThat(running.get("summary").isNull()).isTrue();
        assertThat(server.get("/api/cases/" + id + "/reports/report.html").statusCode()).isEqualTo(404);
        analysis.gate.countDown();
        server.awaitState(id, "done");
    }

    @Test
    void theListIsSentAgainOnlyWhenItChanged() throws Exception {
        String first = server.upload(Part.file("client.pcap", "one"));
        server.awaitState(first, "done");
        HttpResponse<String> list = server.get("/api/cases");
        String tag = list.headers().firstValue("ETag").orElseThrow();

        assertThat(server.send("GET", "/api/cases", null, null, Map.of("If-None-Match", tag)).statusCode()).isEqualTo(304);
        String second = server.upload(Part.file("client.pcap", "one"));
        server.awaitState(second, "done");
        HttpResponse<String> changed = server.send("GET", "/api/cases", null, null, Map.of("If-None-Match", tag));
        assertThat(changed.statusCode()).isEqualTo(200);
        assertThat(TestServer.JSON.readTree(changed.body()).get("cases").findValuesAsText("id")).containsExactly(second, first);
    }

    @Test
    void aDeletedCaseIsGoneFromTheListAndTheDisk() throws Exception {
        String id = server.upload(Part.file("client.pcap", "one"));
        server.awaitState(id, "done");

        assertThat(server.send("DELETE", "/api/cases/" + id, null, null, Map.of()).statusCode()).isEqualTo(204);
        assertThat(server.get("/api/cases/" + id).statusCode()).isEqualTo(404);
        assertThat(server.get("/api/cases/" + id + "/reports/report.html").statusCode()).isEqualTo(404);
        assertThat(server.send("DELETE", "/api/cases/" + id, null, null, Map.of()).statusCode()).isEqualTo(404);
        assertNothingLeft();
    }

    @Test
    void aCaseThatIsDeletedWhileItIsAnalysedStops() throws Exception {
        analysis.gate = new CountDownLatch(1);
        String running = server.upload(Part.file("client.pcap", "one"));
        server.awaitState(running, "running");
        String second = server.upload(Part.file("client.pcap", "two"));
        server.awaitState(second, "running");
        String queued = server.upload(Part.file("client.pcap", "three"));

        for (String id : List.of(queued, running, second)) {
            assertThat(server.send("DELETE", "/api/cases/" + id, null, null, Map.of()).statusCode()).isEqualTo(204);
            assertThat(server.get("/api/cases/" + id).statusCode()).isEqualTo(404);
        }
        long end = System.nanoTime() + 120_000_000_000L;
        while (!(Folders.entries(data.resolve("cases/cases")).isEmpty() && Folders.entries(data.resolve("cases/trash")).isEmpty())
                && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        assertNothingLeft();
        analysis.gate.countDown();
        String next = server.upload(Part.file("client.pcap", "four"));
        assertThat(server.awaitState(next, "done").get("summary").isNull()).as("the worker goes on").isFalse();
        assertThat(analysis.requests).as("what waited was never begun").hasSize(3);
    }

    @Test
    void whatCannotBeReadIsToldWithItsRemedyAndWithoutTheServersFolders() throws Exception {
        analysis.failure = request -> {
            throw new UnreadableInputException(request.inputs().get(0).toString(), 0, "starts with 7b 7d, JSON, not a capture",
                    "name a capture instead of " + request.inputs().get(0));
        };
        String id = server.upload(Part.file("client.pcap", "{}"));

        JsonNode failed = server.awaitState(id, "failed");
        assertThat(failed.get("problem").get("what").asText()).isEqualTo("client.pcap: byte 0: starts with 7b 7d, JSON, not a capture");
        assertThat(failed.get("problem").get("remedy").asText()).isEqualTo("name a capture instead of client.pcap");
        assertThat(server.send("DELETE", "/api/cases/" + id, null, null, Map.of()).statusCode()).isEqualTo(204);
    }

    @Test
    void aFaultOfTheProgramFailsItsCaseIsLoggedAndStopsNothing() throws Exception {
        analysis.failure = request -> {
            throw new IllegalStateException("an observed step without evidence");
        };
        String id = server.upload(Part.file("client.pcap", "one"));
        assertThat(server.awaitState(id, "failed").get("problem").get("what").asText()).contains("internal error", "without evidence");
        assertThat(server.faults).hasSize(1);
        server.faults.clear();

        analysis.failure = request -> {
            throw new OutOfMemoryError("Java heap space");
        };
        String second = server.upload(Part.file("client.pcap", "one"));
        assertThat(server.awaitState(second, "failed").get("problem").get("remedy").asText()).contains("-Xmx");

        analysis.failure = request -> {
            throw new UnsatisfiedLinkError("no zstd-jni in java.library.path");
        };
        String third = server.upload(Part.file("client.pcap", "one"));
        assertThat(server.awaitState(third, "failed").get("problem").get("what").asText()).contains("no zstd-jni");
        assertThat(server.faults).hasSize(1);
        server.faults.clear();

        analysis.failure = null;
        server.awaitState(server.upload(Part.file("client.pcap", "one")), "done");
    }

    @Test
    void anAnalysisThatTakesTooLongIsStopped() throws Exception {
        server.close();
        server = new TestServer(data.resolve("cases"), analysis, TestServer.limits(Map.of("analysisTime", 2000L)));
        analysis.gate = new CountDownLatch(1);
        String id = server.upload(Part.file("client.pcap", "one"));

        assertThat(server.awaitState(id, "failed").get("problem").get("what").asText()).isEqualTo("the analysis took longer than 2 s");
        assertThat(data.resolve("cases/cases/" + id)).isDirectoryNotContaining("glob:**/reports*");
    }

    @Test
    void uploadsSayWhatIsWrongWithThem() throws Exception {
        assertRefused(server.send("POST", "/api/cases", "application/json", "{}".getBytes(StandardCharsets.UTF_8), Map.of()), 415,
                "multipart/form-data");
        assertRefused(server.post(Part.option("name", "nothing else")), 400, "no file");
        assertRefused(server.post(new Part("Node 1", "a.pcap", new byte[1])), 400, "'Node 1' is no capture point");
        assertRefused(server.post(Part.file("a", "1"), Part.option("filters", "tcp")), 400, "no option 'filters'");
        assertRefused(server.post(Part.file("a", "1"), Part.option("annotate", "yes")), 400, "annotate");
        byte[] form = TestServer.form(Part.file("a.pcap", "content"));
        String nameless = new String(form, StandardCharsets.UTF_8).replace("; name=\"file\"", "");
        assertRefused(server.send("POST", "/api/cases", TestServer.formType(), nameless.getBytes(StandardCharsets.UTF_8), Map.of()), 400,
                "a part has no name");
        // Wherever it is cut before the two dashes that end it.
        for (int length = 0; length <= form.length - 4; length++) {
            assertRefused(server.send("POST", "/api/cases", TestServer.formType(), Arrays.copyOf(form, length), Map.of()), 400,
                    "no valid multipart/form-data: unexpected EOF");
        }
        assertRefused(server.send("POST", "/api/cases", TestServer.formType(), "no form".getBytes(StandardCharsets.UTF_8), Map.of()), 400,
                "");
        assertNothingLeft();
        assertThat(analysis.requests).isEmpty();
    }

    @Test
    void anArchiveIsUnpackedForAsLongAsItIsAnalysed() throws Exception {
        analysis.gate = new CountDownLatch(1);
        String id = server.upload(new Part("file", "monday.tar.gz", tar("web/client.pcap", "one", "web/../../../evil", "two")),
                Part.file("kubectl-get.json", "{}"));
        server.await(id, found -> found.path("progress").path("total").asLong() == 100);

        CaseRequest request = analysis.requests.get(0);
        Path folder = request.inputs().get(0);
        assertThat(folder).startsWith(data.toRealPath().resolve("cases/cases/" + id + "/unpacked"));
        assertThat(folder.resolve("client.pcap")).hasContent("one");
        assertThat(request.inputs().get(1).getFileName()).hasToString("kubectl-get.json");
        analysis.gate.countDown();
        assertThat(server.awaitState(id, "done").get("notes").toString()).contains("evil: its name leads out of the archive");
        assertThat(data.resolve("cases/cases/" + id)).isDirectoryNotContaining("glob:**/unpacked");
        assertThat(server.get("/api/cases/" + id + "/reports/report.json").body()).contains("evil: its name leads out");
    }

    @Test
    void whatIsWrongInAnArchiveIsToldWithoutTheServersFolders() throws Exception {
        analysis.failure = request -> {
            throw new UnreadableInputException(request.inputs().get(0).resolve("client.pcap").toString(), 0, "is empty",
                    "look at " + request.inputs().get(0));
        };
        String id = server.upload(new Part("file", "monday.tar.gz", tar("web/client.pcap", "")));

        JsonNode problem = server.awaitState(id, "failed").get("problem");
        assertThat(problem.get("what").asText()).isEqualTo("web/client.pcap: byte 0: is empty");
        assertThat(problem.get("remedy").asText()).isEqualTo("look at web");
    }

    @Test
    void whatToDoIsToldInTheWordsOfAPageNotOfACommandLine() throws Exception {
        analysis.failure = request -> {
            throw new UnreadableInputException("notes.txt", 0, "is text", "name a capture", "send a capture");
        };
        String id = server.upload(Part.file("notes.txt", "once upon a time"));

        assertThat(server.awaitState(id, "failed").get("problem").get("remedy").asText()).isEqualTo("send a capture");
    }

    @Test
    void aCaseWhoseRecordCannotBeWrittenSaysSo() throws Exception {
        analysis.gate = new CountDownLatch(1);
        String first = server.upload(Part.file("client.pcap", "1"));
        String second = server.upload(Part.file("client.pcap", "2"));
        server.awaitState(first, "running");
        server.awaitState(second, "running");
        String waits = server.upload(Part.file("client.pcap", "3"));
        // As on a disk that is full.
        Path inTheWay = Files.createDirectories(data.resolve("cases/cases/" + waits + "/case.json.new/x"));
        analysis.gate.countDown();

        assertThat(server.awaitState(waits, "failed").get("problem").get("what").asText()).contains("cannot be written");
        Files.delete(inTheWay);
        assertThat(server.send("DELETE", "/api/cases/" + waits, null, null, Map.of()).statusCode()).isEqualTo(204);
        assertThat(data.resolve("cases/cases/" + waits)).doesNotExist();
    }

    @Test
    void anArchiveThatIsMadeToFillADiskIsRefused() throws Exception {
        String id = server.upload(new Part("file", "bomb.tar.gz", zeros(400)));

        JsonNode failed = server.awaitState(id, "failed");
        assertThat(failed.get("problem").get("what").asText()).startsWith("bomb.tar.gz: ").contains("made to fill a disk");
        assertThat(data.resolve("cases/cases/" + id)).isDirectoryNotContaining("glob:**/unpacked");
        assertThat(analysis.requests).isEmpty();
    }

    /** A tar of so many megabytes of nothing; a thousandth of it in gzip. */
    private static byte[] zeros(int megabytes) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            TarArchiveEntry entry = new TarArchiveEntry("client.pcap");
            entry.setSize((long) megabytes << 20);
            tar.putArchiveEntry(entry);
            for (int i = 0; i < megabytes; i++) {
                tar.write(new byte[1 << 20]);
            }
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }

    private static byte[] tar(String... namesAndContents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            for (int i = 0; i < namesAndContents.length; i += 2) {
                TarArchiveEntry entry = new TarArchiveEntry(namesAndContents[i], true);
                byte[] content = namesAndContents[i + 1].getBytes(StandardCharsets.ISO_8859_1);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    @Test
    void anEmptyFileIsAFileToo() throws Exception {
        String id = server.upload(Part.file("client.pcap", ""));

        assertThat(server.awaitState(id, "done").get("files").get(0).get("bytes").asLong()).isZero();
    }

    @Test
    void pathsAndMethodsThatAreNoneSayWhatThereIs() throws Exception {
        assertRefused(server.get("/nothing"), 404, "nothing at this path");
        HttpResponse<String> wrong = server.send("PUT", "/api/cases", null, null, Map.of());
        assertRefused(wrong, 405, "does not know the method PUT");
        assertThat(wrong.headers().firstValue("Allow")).hasValue("GET, POST");
        HttpResponse<String> head = server.send("HEAD", "/api/cases", null, null, Map.of());
        assertThat(head.statusCode()).isEqualTo(200);
    }

    @Test
    void healthAndMetricsAreTold() throws Exception {
        server.awaitState(server.upload(Part.file("client.pcap", "seven b")), "done");
        server.get("/nothing");

        assertThat(server.json("/health").get("status").asText()).isEqualTo("ok");
        HttpResponse<String> metrics = server.get("/metrics");
        assertThat(metrics.headers().firstValue("Content-Type")).hasValue("text/plain; version=0.0.4; charset=utf-8");
        assertThat(metrics.body()).contains("nattrail_build_info{version=\"0.1.0\"} 1\n", "nattrail_uploads_total{result=\"accepted\"} 1\n",
                "nattrail_upload_bytes_total 7\n", "nattrail_analyses_total{result=\"done\"} 1\n", "nattrail_cases{state=\"done\"} 1\n",
                "nattrail_analysis_seconds_bucket{le=\"+Inf\"} 1\n", "nattrail_analysis_seconds_count 1\n",
                "nattrail_http_requests_total{method=\"POST\",route=\"/api/cases\",status=\"201\"} 1\n",
                "nattrail_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1\n");
        assertThat(metrics.body().lines()).allMatch(line -> line.matches("# (HELP|TYPE) [a-z_]+ .+")
                || line.matches("[a-z_]+(\\{[a-z]+=\"[^\"]*\"(,[a-z]+=\"[^\"]*\")*})? -?[0-9.E+-]+"));
        assertThat(metrics.body().lines().filter(line -> line.startsWith("# TYPE"))).doesNotHaveDuplicates();
    }

    @Test
    void aSecondServerDoesNotTakeTheSameFolderOrPort() {
        assertThatThrownBy(() -> new TestServer(data.resolve("cases"), analysis)).isInstanceOf(IOException.class)
                .hasMessageContaining("another nattrail serve uses this folder").hasMessageContaining("--data");
        assertThatThrownBy(() -> new TestServer(new ServeSettings(InetAddress.getLoopbackAddress(), server.port(), data.resolve("other"),
                null, List.of(), 1, Limits.DEFAULT, "1"), analysis)).isInstanceOf(IOException.class)
                .hasMessageContaining("cannot listen on").hasMessageContaining("--port");
    }

    private static void assertRefused(HttpResponse<String> answer, int status, String words) throws IOException {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        JsonNode problem = TestServer.JSON.readTree(answer.body());
        assertThat(problem.get("title").asText()).contains(words);
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("remedy").asText()).isNotEmpty();
    }

    private void assertNothingLeft() throws IOException {
        for (String folder : List.of("cases", "incoming", "trash")) {
            try (Stream<Path> entries = Files.list(data.resolve("cases").resolve(folder))) {
                assertThat(entries).as(folder).isEmpty();
            }
        }
    }
}
