package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.serve.TestServer.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients cannot take more of the machine than they were given: size, count, time, disk. */
class ServeLimitsTest {
    private static final int DRIPS = 1000;
    private static final long DRIP_MILLIS = 50;
    /** What is not cut short takes longer. */
    private static final long LEAST_DRIPPING_NANOS = DRIPS * DRIP_MILLIS * 1_000_000;

    @TempDir
    private Path folder;
    private final FakeAnalysis analysis = new FakeAnalysis();
    private TestServer server;

    private void start(Map<String, Long> limits) throws IOException {
        server = new TestServer(folder.resolve("data"), analysis, TestServer.limits(limits));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertThat(server.faults).isEmpty();
        assertThat(folder.resolve("data/incoming")).isEmptyDirectory();
    }

    @Test
    void aCaseMayBeSoLargeAndNoLarger() throws Exception {
        start(Map.of("uploadBytes", 100_000L));

        assertThat(server.post(new Part("file", "a.pcap", new byte[100_000])).statusCode()).isEqualTo(201);
        HttpResponse<String> larger = server.post(new Part("file", "a.pcap", new byte[60_000]),
                new Part("file", "b.pcap", new byte[40_001]));
        assertThat(larger.statusCode()).isEqualTo(413);
        assertThat(larger.body()).contains("98 KB", "--max-upload");
        assertThat(server.post(new Part("file", "a.pcap", new byte[20_000_000])).statusCode()).as("told by its length").isEqualTo(413);
        assertThat(server.json("/api/info").get("usedBytes").asLong()).as("what was refused takes no room").isLessThan(2_000_000);
    }

    @Test
    void aCaseMayHaveSoManyFiles() throws Exception {
        start(Map.of("files", 3L));

        assertThat(server.post(Part.file("a", "1"), Part.file("b", "2"), Part.file("c", "3")).statusCode()).isEqualTo(201);
        assertThat(server.post(Part.file("a", "1"), Part.file("b", "2"), Part.file("c", "3"), Part.file("d", "4")).statusCode())
                .isEqualTo(413);
        Part[] options = new Part[200];
        java.util.Arrays.fill(options, Part.option("name", "x"));
        assertThat(server.post(options).statusCode()).as("nor endless options").isEqualTo(400);
        assertThat(server.post(Part.option("name", "x".repeat(5000)), Part.file("a", "1")).statusCode()).isEqualTo(413);
    }

    @Test
    void soManyCasesAreKept() throws Exception {
        start(Map.of("cases", 2L));
        String first = server.upload(Part.file("a", "1"));
        server.upload(Part.file("a", "2"));

        HttpResponse<String> third = server.post(Part.file("a", "3"));
        assertThat(third.statusCode()).isEqualTo(507);
        assertThat(third.body()).contains("2 cases", "--max-cases");
        server.awaitState(first, "done");
        server.send("DELETE", "/api/cases/" + first, null, null, Map.of());
        server.upload(Part.file("a", "3"));
    }

    @Test
    void theCasesTakeNoMoreOfTheDiskThanGiven() throws Exception {
        start(Map.of("dataBytes", 3_000_000L));
        String first = server.upload(new Part("file", "a", new byte[1_500_000]));
        server.awaitState(first, "done");

        HttpResponse<String> second = server.post(new Part("file", "a", new byte[1_500_000]));
        assertThat(second.statusCode()).isEqualTo(507);
        assertThat(second.body()).contains("--max-disk");
        server.send("DELETE", "/api/cases/" + first, null, null, Map.of());
        assertThat(server.json("/api/info").get("usedBytes").asLong()).isZero();
        server.upload(new Part("file", "a", new byte[1_500_000]));
    }

    @Test
    void theDiskIsNotFilled() throws Exception {
        start(Map.of("freeBytes", Long.MAX_VALUE / 4));

        assertThat(server.post(new Part("file", "a", new byte[10])).statusCode()).isEqualTo(507);
        assertThat(server.get("/health").statusCode()).isEqualTo(503);
    }

    @Test
    void whenTooManyCasesWaitOthersAreAskedToComeAgain() throws Exception {
        start(Map.of("waiting", 1L));
        analysis.gate = new CountDownLatch(1);
        List<String> ids = new ArrayList<>();
        for (int running = 0; running < 2; running++) {
            ids.add(server.upload(Part.file("a", "1")));
            server.awaitState(ids.get(running), "running");
        }
        ids.add(server.upload(Part.file("a", "waits")));

        HttpResponse<String> more = server.post(Part.file("a", "4"));
        assertThat(more.statusCode()).isEqualTo(429);
        assertThat(more.headers().firstValue("Retry-After")).hasValue("30");
        analysis.gate.countDown();
        for (String id : ids) {
            server.awaitState(id, "done");
        }
        server.upload(Part.file("a", "4"));
    }

    @Test
    void whenTooManyUploadAtOnceOthersAreAskedToComeAgain() throws Exception {
        start(Map.of("uploads", 1L));
        byte[] form = TestServer.form(Part.file("a", "slow"));
        try (Socket slow = open(form.length)) {
            slow.getOutputStream().write(form, 0, 20);
            slow.getOutputStream().flush();
            while (!server.get("/metrics").body().contains("nattrail_uploads_running 1")) {
                Thread.sleep(10);
            }
            HttpResponse<String> other = server.post(Part.file("a", "other"));
            assertThat(other.statusCode()).isEqualTo(429);
            assertThat(other.headers().firstValue("Retry-After")).isPresent();
            slow.getOutputStream().write(form, 20, form.length - 20);
            assertThat(answer(slow)).startsWith("HTTP/1.1 201 ");
        }
        server.upload(Part.file("a", "other"));
    }

    @Test
    void anUploadThatFallsSilentEnds() throws Exception {
        start(Map.of("stall", 500L));
        byte[] form = TestServer.form(Part.file("a", "x".repeat(1000)));
        try (Socket socket = open(form.length)) {
            socket.getOutputStream().write(form, 0, 500);
            assertThat(answer(socket)).startsWith("HTTP/1.1 408 ").contains("nothing came");
        }
        assertThat(server.json("/api/cases").get("cases")).isEmpty();
    }

    @Test
    void anUploadThatDripsEnds() throws Exception {
        start(Map.of("stall", 3000L, "bytesPerSecond", 1000L));
        byte[] form = TestServer.form(Part.file("a", "x".repeat(1000)));
        try (Socket socket = open(form.length)) {
            drip(socket, form);
            assertThat(answer(socket)).startsWith("HTTP/1.1 408 ").contains("slower than");
        }
        assertThat(server.json("/api/cases").get("cases")).isEmpty();
    }

    @Test
    void headersThatDripEnd() throws Exception {
        start(Map.of("stall", 1500L));
        long begin = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(120_000);
            drip(socket, ("GET /health HTTP/1.1\r\nHost: localhost\r\nX: " + "x".repeat(DRIPS)).getBytes(StandardCharsets.US_ASCII));
            assertThat(answer(socket)).isEmpty();
        }
        assertThat(System.nanoTime() - begin).isBetween(1_500_000_000L, LEAST_DRIPPING_NANOS);
        begin = System.nanoTime();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(120_000);
            socket.getOutputStream().write("GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().read()).isEqualTo('H');
            drip(socket, ("GET /health HTTP/1.1\r\nX: " + "x".repeat(DRIPS)).getBytes(StandardCharsets.US_ASCII));
            answer(socket);
        }
        assertThat(System.nanoTime() - begin).as("the second request of a connection").isBetween(1_500_000_000L, LEAST_DRIPPING_NANOS);
    }

    @Test
    void anUploadThatIsBrokenOffLeavesNothing() throws Exception {
        start(Map.of());
        byte[] form = TestServer.form(Part.file("a", "x".repeat(100_000)));
        try (Socket socket = open(form.length)) {
            socket.getOutputStream().write(form, 0, 50_000);
            socket.getOutputStream().flush();
            while (!server.get("/metrics").body().contains("nattrail_uploads_running 1")) {
                Thread.sleep(10);
            }
        }
        while (server.get("/metrics").body().contains("nattrail_uploads_running 1")) {
            Thread.sleep(10);
        }
        assertThat(server.get("/metrics").body()).contains("nattrail_uploads_total{result=\"aborted\"} 1");
        assertThat(server.json("/api/cases").get("cases")).isEmpty();
        assertThat(server.json("/api/info").get("usedBytes").asLong()).isZero();
    }

    private Socket open(int length) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
        socket.setSoTimeout(120_000);
        socket.getOutputStream().write(("POST /api/cases HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + TestServer.formType()
                + "\r\nContent-Length: " + length + "\r\nConnection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    /** A byte now and then, until the server has had enough. */
    private static void drip(Socket socket, byte[] bytes) throws InterruptedException {
        try {
            OutputStream out = socket.getOutputStream();
            for (byte one : bytes) {
                out.write(one);
                out.flush();
                if (socket.getInputStream().available() > 0) {
                    return;
                }
                Thread.sleep(DRIP_MILLIS);
            }
        } catch (IOException e) {
            // The server has closed the connection.
        }
    }

    private static String answer(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        StringBuilder text = new StringBuilder();
        try {
            for (int b = in.read(); b >= 0; b = in.read()) {
                text.append((char) b);
            }
        } catch (java.net.SocketException e) {
            // Reset: what came before is the answer.
        }
        return text.toString();
    }
}
