package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.serve.TestServer.Part;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** openapi.yaml tells what the server does: every path, every status seen here, every answer's shape. */
class OpenApiTest {
    @TempDir
    private Path data;
    private final FakeAnalysis analysis = new FakeAnalysis();
    private TestServer server;
    private JsonNode api;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(data.resolve("cases"), analysis);
        api = new YAMLMapper().readTree(server.get("/openapi.yaml").body());
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void everyRouteIsDocumentedAndEveryDocumentedPathExists() {
        List<String> documented = new ArrayList<>();
        api.get("paths").fields().forEachRemaining(path -> path.getValue().fieldNames().forEachRemaining(method -> {
            if (!method.equals("parameters")) {
                documented.add(method.toUpperCase(java.util.Locale.ROOT) + " " + path.getKey());
            }
        }));

        assertThat(server.server.routes().stream().filter(route -> !route.path().equals("/") && !route.path().startsWith("/assets/"))
                .map(route -> route.method() + " " + route.path())).containsExactlyInAnyOrderElementsOf(documented);
        for (Route route : server.server.routes()) {
            JsonNode operation = api.get("paths").path(route.path()).path(route.method().toLowerCase(java.util.Locale.ROOT));
            if (!operation.isMissingNode()) {
                assertThat(operation.has("security")).as(route.path() + ": without the token").isEqualTo(route.open());
                assertThat(operation.get("responses").has("401")).as(route.path())
                        .isEqualTo(!route.open() || route.method().equals("POST"));
            }
        }
    }

    @Test
    void whatTheServerTellsHasTheDocumentedShape() throws Exception {
        check("Info", server.get("/api/info"));
        check("Health", server.get("/health"));
        check("Problem", server.get("/nothing"));
        analysis.gate = new CountDownLatch(1);
        HttpResponse<String> made = server.post(Part.file("client.pcap", "1"), new Part("pod", "b", new byte[1]));
        check("Case", made);
        String id = TestServer.JSON.readTree(made.body()).get("id").asText();
        server.awaitState(id, "running");
        check("Case", server.get("/api/cases/" + id));
        analysis.gate.countDown();
        server.awaitState(id, "done");
        check("Case", server.get("/api/cases/" + id));
        analysis.failure = request -> {
            throw new UnreadableInputException("a", 0, "no capture", "another");
        };
        String failed = server.upload(Part.file("a", "1"));
        server.awaitState(failed, "failed");
        check("Case", server.get("/api/cases/" + failed));
    }

    @Test
    void theGuideNamesEveryPathAndEveryLimit() throws Exception {
        String guide = Files.readString(Path.of("docs/serve.md"));

        for (Route route : server.server.routes()) {
            if (!route.path().startsWith("/assets/")) {
                assertThat(guide).contains("`" + route.method() + " " + route.path() + "`");
            }
        }
        assertThat(guide).contains("`nattrail_cases`", "`nattrail_uploads_total`", "`nattrail_analysis_seconds`");
        for (String line : server.get("/metrics").body().lines().filter(line -> line.startsWith("# TYPE")).toList()) {
            assertThat(guide).contains("`" + line.split(" ")[2] + "`");
        }
    }

    private void check(String name, HttpResponse<String> answer) throws Exception {
        ObjectNode schema = api.get("components").get("schemas").get(name).deepCopy();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        Schema compiled = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema.toString(), InputFormat.JSON);
        assertThat(compiled.validate(answer.body(), InputFormat.JSON)).as(name + ": " + answer.body()).isEmpty();
    }
}
