package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.report.SampleCases;
import io.nattrail.serve.TestServer.Part;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrentUploadsTest {
    private static final int CLIENTS = 50;

    @TempDir
    private Path data;

    /** Random but known bytes: what arrives must be these very ones. */
    private static byte[] content(int seed) {
        byte[] bytes = new byte[2000 + seed * 997 % 300_000];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void ofManyUploadsAtOnceNothingIsLostOrMixedUp() throws Exception {
        FakeAnalysis analysis = new FakeAnalysis();
        analysis.result = SampleCases.happy();
        try (TestServer server = new TestServer(data.resolve("cases"), analysis)) {
            ExecutorService pool = Executors.newFixedThreadPool(CLIENTS);
            List<Future<String>> uploads = new ArrayList<>();
            for (int i = 0; i < 2 * CLIENTS; i++) {
                int number = i;
                uploads.add(pool.submit(() -> {
                    Part[] form = {Part.option("name", "case " + number), new Part("client", "same-name.pcap", content(number)),
                        new Part("file", "same-name.pcap", content(number + 1000))};
                    HttpResponse<String> answer = server.post(form);
                    while (answer.statusCode() == 429) {
                        Thread.sleep(ThreadLocalRandom.current().nextInt(50));
                        answer = server.post(form);
                    }
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
                    return TestServer.JSON.readTree(answer.body()).get("id").asText();
                }));
            }
            Set<String> ids = new HashSet<>();
            for (int i = 0; i < uploads.size(); i++) {
                String id = uploads.get(i).get();
                assertThat(ids.add(id)).isTrue();
                JsonNode done = server.awaitState(id, "done");
                assertThat(done.get("name").asText()).isEqualTo("case " + i);
                Path input = data.resolve("cases/cases").resolve(id).resolve("input");
                assertThat(input.resolve("same-name.pcap")).hasBinaryContent(content(i));
                assertThat(input.resolve("same-name-2.pcap")).hasBinaryContent(content(i + 1000));
                assertThat(done.get("reports")).hasSize(7);
            }
            pool.shutdown();
            assertThat(server.json("/api/cases").get("cases").findValuesAsText("id")).containsExactlyInAnyOrderElementsOf(ids);
            long bytes = 0;
            for (JsonNode one : server.json("/api/cases").get("cases")) {
                bytes += one.get("inputBytes").asLong() + one.get("reportBytes").asLong();
            }
            assertThat(server.json("/api/info").get("usedBytes").asLong()).isEqualTo(bytes);
            for (String id : ids) {
                assertThat(server.send("DELETE", "/api/cases/" + id, null, null, Map.of()).statusCode()).isEqualTo(204);
            }
            assertThat(server.json("/api/info").get("usedBytes").asLong()).isZero();
            assertThat(server.faults).isEmpty();
        }
    }

    /** The server, in a JVM of its own whose heap is far smaller than what is sent to it at once. */
    @Test
    void uploadsLargerThanTheHeapGoToTheDiskAsTheyCome() throws Exception {
        long size = 64L << 20;
        int clients = 4;
        try (ServerProcess server = new ServerProcess(data.resolve("cases"), "-Xmx40m", "-XX:MaxDirectMemorySize=24m")) {
            ExecutorService pool = Executors.newFixedThreadPool(clients);
            List<Future<JsonNode>> uploads = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                int seed = i;
                uploads.add(pool.submit(() -> {
                    HttpResponse<String> answer = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(server.address()
                            + "api/cases")).header("Content-Type", TestServer.formType())
                            .POST(HttpRequest.BodyPublishers.ofInputStream(() -> largeForm(seed, size))).build(),
                            HttpResponse.BodyHandlers.ofString());
                    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
                    return TestServer.JSON.readTree(answer.body());
                }));
            }
            for (int i = 0; i < clients; i++) {
                String id = uploads.get(i).get().get("id").asText();
                Path file = data.resolve("cases/cases").resolve(id).resolve("input/large.pcap");
                assertThat(Files.size(file)).isEqualTo(size);
                assertThat(crc(Files.newInputStream(file))).isEqualTo(crc(new Pattern(i, size)));
            }
            pool.shutdown();
            assertThat(server.isAlive()).isTrue();
        }
    }

    private static InputStream largeForm(int seed, long size) {
        byte[] form = TestServer.form(new Part("file", "large.pcap", "CONTENT".getBytes(StandardCharsets.US_ASCII)));
        String text = new String(form, StandardCharsets.US_ASCII);
        int at = text.indexOf("CONTENT");
        return new SequenceInputStream(java.util.Collections.enumeration(List.of(new ByteArrayInputStream(form, 0, at),
                new Pattern(seed, size), new ByteArrayInputStream(form, at + 7, form.length - at - 7))));
    }

    private static long crc(InputStream in) throws java.io.IOException {
        CRC32C crc = new CRC32C();
        byte[] buffer = new byte[1 << 16];
        try (in) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                crc.update(buffer, 0, n);
            }
        }
        return crc.getValue();
    }

    /** Bytes that differ from place to place and from upload to upload, with line ends and dashes as boundaries have them. */
    private static final class Pattern extends InputStream {
        private static final byte[] DISTURBING = "\r\n------boundary-of-the-tes\r\n--".getBytes(StandardCharsets.US_ASCII);
        private final int seed;
        private final long size;
        private long at;

        Pattern(int seed, long size) {
            this.seed = seed;
            this.size = size;
        }

        private byte value(long position) {
            int inBlock = (int) (position % 1021);
            return inBlock < DISTURBING.length ? DISTURBING[inBlock] : (byte) (position * 31 + position / 1021 + seed);
        }

        @Override
        public int read() {
            return at >= size ? -1 : value(at++) & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            int n = (int) Math.min(length, size - at);
            for (int i = 0; i < n; i++) {
                buffer[offset + i] = value(at++);
            }
            return n == 0 ? -1 : n;
        }
    }
}
