package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.report.SampleCases;
import io.nattrail.serve.TestServer.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What other sites, other machines and hostile files try. */
class ServeSecurityTest {
    private static final String TOKEN = "0123456789abcdef-secret";

    @TempDir
    private Path folder;
    private final FakeAnalysis analysis = new FakeAnalysis();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(folder.resolve("data"), analysis);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        assertThat(server.faults).isEmpty();
    }

    private String get(String path, String... headers) throws IOException {
        return request("GET", path, "", headers);
    }

    private String request(String method, String path, String body, String... headers) throws IOException {
        String host = Stream.of(headers).anyMatch(h -> h.startsWith("Host:")) ? "" : "Host: 127.0.0.1:" + server.port() + "\r\n";
        return server.raw(method + " " + path + " HTTP/1.1\r\n" + host + "Connection: close\r\n" + String.join("\r\n", headers)
                + (headers.length == 0 ? "" : "\r\n") + "Content-Length: " + body.length() + "\r\n\r\n" + body);
    }

    private String post(String... headers) throws IOException {
        String[] all = Stream.concat(Stream.of(headers), Stream.of("Content-Type: " + TestServer.formType())).toArray(String[]::new);
        return request("POST", "/api/cases", new String(TestServer.form(Part.file("client.pcap", "one")), StandardCharsets.UTF_8), all);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "localhost", "LOCALHOST", "localhost.", "[::1]", "nattrail.example"})
    void answersUnderItsOwnNames(String host) throws IOException {
        assertThat(get("/api/cases", "Host: " + host + ":" + server.port())).startsWith("HTTP/1.1 200 ");
        assertThat(get("/api/cases", "Host: " + host)).as("through a tunnel on another port").startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[fd00::1]", ""})
    void doesNotAnswerToANameThatWasMadeToMeanThisMachine(String host) throws IOException {
        for (String path : List.of("/api/cases", "/", "/health", "/metrics")) {
            assertThat(get(path, "Host: " + host)).as(path).matches("(?s)HTTP/1.1 4(21|00) .*").doesNotContain("\"cases\"");
        }
    }

    @Test
    void theNameInTheRequestLineDoesNotHideAnotherHost() throws IOException {
        assertThat(get("http://127.0.0.1/api/cases", "Host: evil.example")).startsWith("HTTP/1.1 4");
        assertThat(get("http://evil.example/api/cases", "Host: 127.0.0.1")).startsWith("HTTP/1.1 4");
    }

    @Test
    void anotherSitesPageCannotUploadOrDelete() throws Exception {
        String id = server.upload(Part.file("client.pcap", "one"));

        for (String[] foreign : new String[][] {
            {"Origin: http://evil.example"},
            {"Origin: null"},
            {"Origin: http://127.0.0.1:1"},
            {"Origin: http://127.0.0.1:" + server.port() + ".evil.example"},
            {"Origin: https://evil.example#http://127.0.0.1:" + server.port()},
            {"Sec-Fetch-Site: cross-site"},
            {"Sec-Fetch-Site: same-site"},
            {"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"},
            {"Origin: http://127.0.0.1:" + server.port(), "Sec-Fetch-Site: cross-site"}}) {
            assertThat(post(foreign)).as(String.join(", ", foreign)).startsWith("HTTP/1.1 403 ");
            assertThat(request("DELETE", "/api/cases/" + id, "", foreign)).as(String.join(", ", foreign)).startsWith("HTTP/1.1 403 ");
        }
        assertThat(server.json("/api/cases").get("cases")).hasSize(1);
        assertThat(get("/api/cases", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: no-cors")).startsWith("HTTP/1.1 403 ");
        assertThat(request("OPTIONS", "/api/cases/" + id, "", "Origin: http://evil.example", "Access-Control-Request-Method: DELETE"))
                .startsWith("HTTP/1.1 403 ").doesNotContain("Access-Control-Allow");
        assertThat(get("/api/cases", "Origin: http://evil.example")).doesNotContain("Access-Control-Allow");
    }

    @Test
    void itsOwnPageAndProgramsCan() throws IOException {
        assertThat(post("Origin: http://127.0.0.1:" + server.port(), "Sec-Fetch-Site: same-origin")).startsWith("HTTP/1.1 201 ");
        assertThat(post()).startsWith("HTTP/1.1 201 ");
        assertThat(get("/", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"))
                .as("a link on another page").startsWith("HTTP/1.1 200 ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../case.json", "..%2fcase.json", "%2e%2e/case.json", "..%5ccase.json", "....//case.json",
        "../input/client.pcap", "%2fetc%2fpasswd", "/etc/passwd", "report.html%00.json", "REPORT.JSON", "", ".", "..", "report.json/",
        "report.json/.."})
    void noPathLeadsOutOfTheReports(String file) throws Exception {
        String id = server.upload(Part.file("client.pcap", "the capture"));
        server.awaitState(id, "done");

        assertThat(get("/api/cases/" + id + "/reports/" + file)).matches("(?s)HTTP/1.1 4(00|04|05) .*")
                .doesNotContain("the capture", "root:", "attempts");
        assertThat(get("/api/cases/" + id + "x/reports/report.json")).startsWith("HTTP/1.1 404 ");
        assertThat(get("/api/cases/../cases/" + id + "/../../../../etc/passwd")).startsWith("HTTP/1.1 4");
        assertThat(get("/assets/../openapi.yaml")).doesNotContain("root:");
        assertThat(get("/assets/%2e%2e/CaseServer.class")).startsWith("HTTP/1.1 4");
    }

    @Test
    void symbolicLinksAmongTheReportsAreNotFollowed() throws Exception {
        String id = server.upload(Part.file("client.pcap", "one"));
        server.awaitState(id, "done");
        Path secret = Files.writeString(folder.resolve("secret"), "the secret");
        Path report = folder.resolve("data/cases/" + id + "/reports/report.json");
        Files.delete(report);
        Files.createSymbolicLink(report, secret);

        HttpResponse<String> answer = server.get("/api/cases/" + id + "/reports/report.json");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).doesNotContain("the secret");

        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("kept"), "kept");
        Files.createSymbolicLink(report.resolveSibling("link"), outside);
        assertThat(server.send("DELETE", "/api/cases/" + id, null, null, Map.of()).statusCode()).isEqualTo(204);
        assertThat(outside.resolve("kept")).as("deleting a case deletes the link, not what it points to").hasContent("kept");
        assertThat(secret).hasContent("the secret");
    }

    @Test
    void symbolicLinksInPlaceOfItsFoldersAreNotTaken() throws Exception {
        server.close();
        Path outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("kept"), "kept");
        Path data = folder.resolve("data");
        Files.delete(data.resolve("trash"));
        Files.createSymbolicLink(data.resolve("trash"), outside);
        assertThatThrownBy(() -> new TestServer(data, analysis)).hasMessageContaining("trash is not a folder of its own");

        Files.delete(data.resolve("trash"));
        Files.createSymbolicLink(data.resolve("incoming/left"), outside);
        Files.createSymbolicLink(data.resolve("cases/abcdefghijklmnopqrstuvwxyz"), outside);
        server = new TestServer(data, analysis);
        assertThat(outside.resolve("kept")).hasContent("kept");
        assertThat(data.resolve("incoming")).isEmptyDirectory();
        assertThat(server.json("/api/cases").get("cases")).isEmpty();
    }

    @Test
    void scriptInNamesAndCapturesIsSentAsDataOnly() throws Exception {
        String attack = "<img src=x onerror=alert(1)>\"'";
        analysis.result = SampleCases.hostile("</script><script>alert(1)</script>");
        String id = server.upload(Part.option("name", attack), Part.file("<script>alert(1)</script>.pcap", "one"));
        server.awaitState(id, "done");

        HttpResponse<String> told = server.get("/api/cases/" + id);
        assertThat(told.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(told.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        assertThat(TestServer.JSON.readTree(told.body()).get("name").asText()).isEqualTo(attack);
        HttpResponse<String> html = server.get("/api/cases/" + id + "/reports/report.html");
        assertThat(html.body()).doesNotContain("<img", "<script>alert");
        assertThat(html.headers().firstValue("Content-Disposition").orElseThrow())
                .isEqualTo("inline; filename=\"_img_src_x_onerror_alert_1____-report.html\"");
    }

    @Test
    void everyAnswerForbidsSniffingFramingAndCaching() throws Exception {
        String id = server.upload(Part.file("client.pcap", "one"));
        server.awaitState(id, "done");

        for (String path : List.of("/api/cases", "/api/cases/" + id, "/api/cases/" + id + "/reports/report.html", "/health", "/metrics",
                "/nothing", "/api/cases/" + id + "/reports/flows.csv")) {
            HttpResponse<String> answer = server.get(path);
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).as(path).hasValue("nosniff");
            assertThat(answer.headers().firstValue("X-Frame-Options")).as(path).hasValue("DENY");
            assertThat(answer.headers().firstValue("Cross-Origin-Resource-Policy")).as(path).hasValue("same-origin");
            assertThat(answer.headers().firstValue("Cache-Control").orElseThrow()).as(path).startsWith("no-");
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow()).as(path)
                    .contains("default-src 'none'", "frame-ancestors 'none'", "sandbox").doesNotContain("allow-same-origin");
            assertThat(answer.headers().firstValue("Server")).as(path).isEmpty();
        }
        assertThat(server.get("/").headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'").doesNotContain("unsafe", "*");
    }

    @Test
    void elsewhereThanOnThisMachineATokenIsRequired() throws Exception {
        InetAddress everywhere = InetAddress.getByName("0.0.0.0");
        assertThatThrownBy(() -> new ServeSettings(everywhere, 0, folder, null, List.of(), 1, Limits.DEFAULT, "1"))
                .hasMessageContaining("a token is needed");
        assertThatThrownBy(() -> new ServeSettings(everywhere, 0, folder, "short", List.of(), 1, Limits.DEFAULT, "1"))
                .hasMessageContaining("needs 16");
    }

    @Test
    void withATokenNothingOfTheCasesIsToldWithoutIt() throws Exception {
        server.close();
        server = new TestServer(folder.resolve("data"), analysis, Limits.DEFAULT, TOKEN, InetAddress.getLoopbackAddress());
        Map<String, String> right = Map.of("Authorization", "Bearer " + TOKEN);
        String id = TestServer.JSON.readTree(server.send("POST", "/api/cases", TestServer.formType(),
                TestServer.form(Part.file("client.pcap", "one")), right).body()).get("id").asText();

        for (Map<String, String> headers : List.<Map<String, String>>of(Map.of(), Map.of("Authorization", "Bearer wrong"),
                Map.of("Authorization", TOKEN), Map.of("Authorization", "Bearer " + TOKEN + "x"),
                Map.of("Authorization", "Bearer " + TOKEN.substring(1)), Map.of("Cookie", "nattrail_" + server.port() + "=" + TOKEN))) {
            for (Route route : server.server.routes()) {
                if (!route.open()) {
                    String path = route.path().replace("{id}", id).replace("{file}", "report.json");
                    HttpResponse<String> answer = server.send(route.method(), path, null, null, headers);
                    assertThat(answer.statusCode()).as(headers + " " + route.method() + " " + path).isEqualTo(401);
                    assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"nattrail\"");
                }
            }
        }
        assertThat(server.server.routes().stream().filter(Route::open).map(Route::path).filter(path -> !path.startsWith("/assets/")))
                .containsExactlyInAnyOrder("/", "/health", "/openapi.yaml", "/api/session", "/api/session");
        assertThat(server.send("GET", "/api/cases/" + id, null, null, right).statusCode()).isEqualTo(200);
    }

    @Test
    void thePageChangesTheTokenForACookieThatScriptsCannotRead() throws Exception {
        server.close();
        server = new TestServer(folder.resolve("data"), analysis, Limits.DEFAULT, TOKEN, InetAddress.getLoopbackAddress());

        assertThat(logIn("{\"token\": \"wrong-wrong-wrong-wrong\"}").statusCode()).isEqualTo(401);
        assertThat(logIn("no json").statusCode()).isEqualTo(400);
        assertThat(logIn("{\"token\": 5}").statusCode()).isEqualTo(400);
        HttpResponse<String> right = logIn("{\"token\": \"" + TOKEN + "\"}");
        assertThat(right.statusCode()).isEqualTo(204);
        String cookie = right.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).contains("; HttpOnly", "; SameSite=Strict", "; Path=/").doesNotContain(TOKEN, "; Secure");
        String value = cookie.substring(0, cookie.indexOf(';'));
        assertThat(server.send("GET", "/api/cases", null, null, Map.of("Cookie", value)).statusCode()).isEqualTo(200);
        assertThat(post("Cookie: " + value, "Origin: http://evil.example")).as("a cookie does not help another site")
                .startsWith("HTTP/1.1 403 ");
        assertThat(server.send("DELETE", "/api/session", null, null, Map.of()).headers().firstValue("Set-Cookie").orElseThrow())
                .contains("Max-Age=0");
    }

    private HttpResponse<String> logIn(String body) throws IOException, InterruptedException {
        return server.send("POST", "/api/session", "application/json", body.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    @Test
    void requestsThatProxiesReadDifferentlyAreRefused() throws IOException {
        String host = "Host: 127.0.0.1\r\n";
        assertThat(server.raw("POST /api/session HTTP/1.1\r\n" + host + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"))
                .startsWith("HTTP/1.1 400 ");
        assertThat(server.raw("GET /health HTTP/1.1\r\n" + host + host + "\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(server.raw("GET /health HTTP/1.1\r\n" + host + "X: " + "x".repeat(20_000) + "\r\n\r\n")).startsWith("HTTP/1.1 431 ");
        assertThat(server.raw("OPTIONS * HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n")).startsWith("HTTP/1.1 404 ");
        assertThat(server.raw("CONNECT 127.0.0.1:80 HTTP/1.1\r\n" + host + "Connection: close\r\n\r\n")).startsWith("HTTP/1.1 4");
        assertThat(server.raw("TRACE /health HTTP/1.1\r\n" + host + "Connection: close\r\nX: secret\r\n\r\n"))
                .startsWith("HTTP/1.1 405 ").doesNotContain("secret");
        assertThat(server.raw("GET  /health HTTP/1.1\r\n" + host + "X : y\r\n\r\n")).startsWith("HTTP/1.1 400 ");
        assertThat(server.raw("NONSENSE\r\n\r\n")).startsWith("HTTP/1.1 400 ").doesNotContain("Jetty", "java.");
    }

    @Test
    void aReportIsAPlaceOfItsOwnForScripts() throws Exception {
        String id = server.upload(Part.file("client.pcap", "one"));
        JsonNode done = server.awaitState(id, "done");

        assertThat(done.get("reports").findValuesAsText("file")).contains("report.html");
        assertThat(server.get("/api/cases/" + id + "/reports/report.html").headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("sandbox allow-scripts")
                .doesNotContain("allow-same-origin", "connect-src", "allow-forms", "allow-top-navigation");
        assertThat(server.get("/api/cases/" + id + "/reports/junit.xml").headers().firstValue("Content-Disposition").orElseThrow())
                .startsWith("attachment");
    }
}
