package io.nattrail.serve;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.analysis.Analysis;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/** A server on a free port of this machine, and clients of it. */
final class TestServer implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    static final Limits LIMITS = Limits.DEFAULT;
    private static final String BOUNDARY = "----boundary-of-the-test";

    final CaseServer server;
    final List<String> log = new CopyOnWriteArrayList<>();
    final List<Throwable> faults = new CopyOnWriteArrayList<>();
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestServer(Path data, Analysis analysis) throws IOException {
        this(data, analysis, LIMITS, null, InetAddress.getLoopbackAddress());
    }

    TestServer(Path data, Analysis analysis, Limits limits) throws IOException {
        this(data, analysis, limits, null, InetAddress.getLoopbackAddress());
    }

    TestServer(Path data, Analysis analysis, Limits limits, String token, InetAddress bind) throws IOException {
        this(new ServeSettings(bind, 0, data, token, List.of("nattrail.example"), 2, limits, "0.1.0"), analysis);
    }

    TestServer(ServeSettings settings, Analysis analysis) throws IOException {
        server = new CaseServer(settings, analysis, (line, fault) -> {
            log.add(line);
            if (fault != null) {
                faults.add(fault);
            }
        });
    }

    /** Limits with some changed. */
    static Limits limits(Map<String, Long> changed) {
        Limits d = LIMITS;
        return new Limits(changed.getOrDefault("uploadBytes", d.uploadBytes()), changed.getOrDefault("files", (long) d.files()).intValue(),
                changed.getOrDefault("uploads", (long) d.uploads()).intValue(),
                changed.getOrDefault("waiting", (long) d.waiting()).intValue(), changed.getOrDefault("cases", (long) d.cases()).intValue(),
                changed.getOrDefault("dataBytes", d.dataBytes()), changed.getOrDefault("freeBytes", d.freeBytes()),
                changed.getOrDefault("bytesPerSecond", d.bytesPerSecond()),
                Duration.ofMillis(changed.getOrDefault("stall", d.stall().toMillis())),
                Duration.ofMillis(changed.getOrDefault("uploadTime", d.uploadTime().toMillis())),
                Duration.ofMillis(changed.getOrDefault("analysisTime", d.analysisTime().toMillis())));
    }

    URI uri(String path) {
        return URI.create(server.address()).resolve(path);
    }

    int port() {
        return uri("/").getPort();
    }

    /** A part of a form; a file if it has a file name. */
    record Part(String name, String fileName, byte[] content) {
        static Part file(String fileName, String content) {
            return new Part("file", fileName, content.getBytes(StandardCharsets.UTF_8));
        }

        static Part option(String name, String value) {
            return new Part(name, null, value.getBytes(StandardCharsets.UTF_8));
        }
    }

    static byte[] form(Part... parts) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Part part : parts) {
            String head = "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + part.name() + "\""
                    + (part.fileName() == null ? "" : "; filename=\"" + part.fileName() + "\"") + "\r\n\r\n";
            body.writeBytes(head.getBytes(StandardCharsets.UTF_8));
            body.writeBytes(part.content());
            body.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        body.writeBytes(("--" + BOUNDARY + "--\r\n").getBytes(StandardCharsets.US_ASCII));
        return body.toByteArray();
    }

    static String formType() {
        return "multipart/form-data; boundary=" + BOUNDARY;
    }

    HttpResponse<String> post(Part... parts) throws IOException, InterruptedException {
        return send("POST", "/api/cases", formType(), form(parts), Map.of());
    }

    HttpResponse<String> send(String method, String path, String type, byte[] body, Map<String, String> headers) throws IOException,
            InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).timeout(Duration.ofSeconds(60))
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (type != null) {
            request.header("Content-Type", type);
        }
        headers.forEach(request::header);
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return send("GET", path, null, null, Map.of());
    }

    JsonNode json(String path) throws IOException, InterruptedException {
        return JSON.readTree(get(path).body());
    }

    /** Uploads a case and gives its id. */
    String upload(Part... parts) throws IOException, InterruptedException {
        HttpResponse<String> answer = post(parts);
        if (answer.statusCode() != 201) {
            throw new IllegalStateException(answer.statusCode() + " " + answer.body());
        }
        return JSON.readTree(answer.body()).get("id").asText();
    }

    /** Waits until the case is as wanted. */
    JsonNode await(String id, Predicate<JsonNode> wanted) throws IOException, InterruptedException {
        long end = System.nanoTime() + 120_000_000_000L;
        while (true) {
            JsonNode found = json("/api/cases/" + id);
            if (wanted.test(found)) {
                return found;
            }
            if (System.nanoTime() > end) {
                throw new IllegalStateException("never so: " + found + " " + log);
            }
            Thread.sleep(10);
        }
    }

    JsonNode awaitState(String id, String state) throws IOException, InterruptedException {
        return await(id, found -> found.path("state").asText().equals(state));
    }

    /** What the server answers to these very bytes, until it closes or is silent. */
    String raw(String request) throws IOException {
        return raw(request.getBytes(StandardCharsets.UTF_8));
    }

    String raw(byte[] request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port())) {
            socket.setSoTimeout(5000);
            socket.getOutputStream().write(request);
            socket.getOutputStream().flush();
            socket.shutdownOutput();
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
