package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.serve.TestServer.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server that ends at any moment leaves what the next one can go on with. */
class ServeRecoveryTest {
    @TempDir
    private Path folder;
    private Path data;

    @BeforeEach
    void place() {
        data = folder.resolve("data");
    }

    private static JsonNode call(ServerProcess server, String method, String path, Part... parts) throws IOException, InterruptedException {
        HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.address()).resolve(path))
                .header("Content-Type", TestServer.formType())
                .method(method, HttpRequest.BodyPublishers.ofByteArray(parts.length == 0 ? new byte[0] : TestServer.form(parts))).build(),
                HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 299);
        return answer.body().isEmpty() ? null : TestServer.JSON.readTree(answer.body());
    }

    private static JsonNode await(ServerProcess server, String id, String state) throws IOException, InterruptedException {
        JsonNode found = call(server, "GET", "/api/cases/" + id);
        while (!found.get("state").asText().equals(state)) {
            Thread.sleep(20);
            found = call(server, "GET", "/api/cases/" + id);
        }
        return found;
    }

    @Test
    void afterKillMinus9TheNextStartRemovesHalfUploadsAndAnalysesWhatWasComplete() throws Exception {
        String done;
        String running;
        String queued;
        try (ServerProcess server = new ServerProcess(data)) {
            done = call(server, "POST", "/api/cases", Part.file("client.pcap", "1")).get("id").asText();
            await(server, done, "done");
            server.kill();
        }
        try (ServerProcess server = new ServerProcess(data, "-Dendless=true")) {
            running = call(server, "POST", "/api/cases", Part.file("client.pcap", "2")).get("id").asText();
            await(server, running, "running");
            queued = call(server, "POST", "/api/cases", Part.file("client.pcap", "3")).get("id").asText();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                byte[] form = TestServer.form(Part.file("half.pcap", "x".repeat(100_000)));
                socket.getOutputStream().write(("POST /api/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + TestServer.formType()
                        + "\r\nContent-Length: " + form.length + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(form, 0, 50_000);
                socket.getOutputStream().flush();
                while (Folders.entries(data.resolve("incoming")).isEmpty()) {
                    Thread.sleep(10);
                }
                server.kill();
            }
        }
        assertThat(data.resolve("incoming")).as("what the kill left").isNotEmptyDirectory();

        try (ServerProcess server = new ServerProcess(data)) {
            assertThat(data.resolve("incoming")).isEmptyDirectory();
            await(server, queued, "done");
            assertThat(await(server, running, "done").get("attempts").asInt()).isEqualTo(2);
            assertThat(await(server, done, "done").get("attempts").asInt()).isEqualTo(1);
            assertThat(call(server, "GET", "/api/cases").get("cases").findValuesAsText("id"))
                    .containsExactlyInAnyOrder(done, running, queued);
            assertThat(data.resolve("cases").resolve(running).resolve("input/client.pcap")).hasContent("2");
        }
    }

    @Test
    void aCaseThatTookTheServerDownTwiceIsNotTriedAThirdTime() throws Exception {
        String id;
        try (ServerProcess server = new ServerProcess(data, "-Dendless=true")) {
            id = call(server, "POST", "/api/cases", Part.file("client.pcap", "2")).get("id").asText();
            await(server, id, "running");
            server.kill();
        }
        try (ServerProcess server = new ServerProcess(data, "-Dendless=true")) {
            await(server, id, "running");
            server.kill();
        }
        try (ServerProcess server = new ServerProcess(data)) {
            assertThat(await(server, id, "failed").get("problem").get("what").asText()).contains("ended twice");
            call(server, "DELETE", "/api/cases/" + id);
        }
    }

    @Test
    void aServerThatIsStoppedInOrderGoesOnLaterWithoutCountingIt() throws Exception {
        String id;
        try (ServerProcess server = new ServerProcess(data, "-Dendless=true")) {
            id = call(server, "POST", "/api/cases", Part.file("client.pcap", "2")).get("id").asText();
            await(server, id, "running");
            assertThat(server.terminate()).as("143: ended by SIGTERM").isEqualTo(143);
        }
        JsonNode kept = TestServer.JSON.readTree(data.resolve("cases").resolve(id).resolve("case.json").toFile());
        assertThat(kept.get("state").asText()).isEqualTo("queued");
        assertThat(kept.get("attempts").asInt()).isZero();
        assertThat(data.resolve("cases").resolve(id).resolve("reports.new")).doesNotExist();
        try (ServerProcess server = new ServerProcess(data)) {
            await(server, id, "done");
        }
    }

    @Test
    void halfWrittenReportsAndDeletionsAreRemovedAndForeignFoldersAreLeftAlone() throws Exception {
        String id;
        try (TestServer server = new TestServer(data, new FakeAnalysis())) {
            id = server.upload(Part.file("client.pcap", "2"));
            server.awaitState(id, "done");
        }
        Path halfReport = Files.createDirectories(data.resolve("cases").resolve(id).resolve("reports.new")).resolve("report.json");
        Files.writeString(halfReport, "{");
        Files.writeString(Files.createDirectories(data.resolve("trash/abc/input")).resolve("client.pcap"), "2");
        Path foreign = Files.writeString(Files.createDirectories(data.resolve("cases/mine")).resolve("notes"), "mine");

        try (TestServer server = new TestServer(data, new FakeAnalysis())) {
            assertThat(halfReport.getParent()).doesNotExist();
            assertThat(data.resolve("trash")).isEmptyDirectory();
            assertThat(foreign).hasContent("mine");
            assertThat(server.log).anyMatch(line -> line.contains("cases/mine is no case of this server"));
            assertThat(server.json("/api/cases").get("cases").findValuesAsText("id")).containsExactly(id);
            assertThat(server.get("/api/cases/" + id + "/reports/report.json").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aFullDiskDoesNotKeepTheServerFromStartingWithFinishedCases() throws Exception {
        String id;
        try (TestServer server = new TestServer(data, new FakeAnalysis())) {
            id = server.upload(Part.file("client.pcap", "2"));
            server.awaitState(id, "done");
        }
        // Nothing can be written beside the record.
        Files.createDirectories(data.resolve("cases").resolve(id).resolve("case.json.new/x"));

        try (TestServer server = new TestServer(data, new FakeAnalysis())) {
            assertThat(server.get("/api/cases/" + id + "/reports/report.json").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aDamagedRecordIsACaseThatCanBeDeleted() throws Exception {
        String cut;
        String gone;
        try (TestServer server = new TestServer(data, new FakeAnalysis())) {
            cut = server.upload(Part.file("client.pcap", "2"));
            gone = server.upload(Part.file("client.pcap", "2"));
            server.awaitState(cut, "done");
            server.awaitState(gone, "done");
        }
        Files.writeString(data.resolve("cases").resolve(cut).resolve("case.json"), "{\"id\": \"" + cut + "\", \"na");
        Files.delete(data.resolve("cases").resolve(gone).resolve("case.json"));

        try (TestServer server = new TestServer(data, new FakeAnalysis())) {
            for (String id : List.of(cut, gone)) {
                assertThat(server.json("/api/cases/" + id).get("problem").get("what").asText()).contains("damaged");
                assertThat(server.send("DELETE", "/api/cases/" + id, null, null, java.util.Map.of()).statusCode()).isEqualTo(204);
            }
            assertThat(data.resolve("cases")).isEmptyDirectory();
        }
    }
}
