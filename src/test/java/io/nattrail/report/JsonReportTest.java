package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.analysis.CaseResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonReportTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    @Test
    void hasTheKeysOfTheContractInItsOrder() throws IOException {
        JsonNode report = write(SampleCases.happy());

        assertThat(keys(report)).containsExactly("schemaVersion", "tool", "case", "points", "cluster", "flows", "deviations", "summary");
        assertThat(keys(report.at("/flows/0"))).containsSubsequence("id", "path", "protocol", "client", "service", "clusterIp",
                "serviceName",
                "entryNode", "translated", "endpoint", "confidence", "matchedBy", "verdict", "failedStep", "steps", "deviations",
                        "packets");
        assertThat(keys(report.at("/points/0/files/0"))).contains("file", "format", "linkTypes", "packets", "capturedBytes", "wireBytes",
                "firstTime", "lastTime", "damage");
        assertThat(keys(report.at("/points/0/clock"))).contains("offsetNanos", "driftPpm", "uncertaintyNanos", "reference");
        assertThat(keys(report.at("/summary"))).containsExactly("flows", "ok", "degraded", "failed", "undetermined", "rootCauses",
                "unexplained");
    }

    @Test
    void tellsAFlowAsItIs() throws IOException {
        JsonNode flow = write(SampleCases.happy()).at("/flows/0");

        assertThat(flow.at("/client").asText()).isEqualTo("10.241.0.4:38636");
        assertThat(flow.at("/translated/source").asText()).isEqualTo("10.240.0.4:20001");
        assertThat(flow.at("/endpoint/local").isBoolean()).isTrue();
        assertThat(flow.at("/verdict").asText()).isEqualTo("ok");
        assertThat(flow.at("/steps/0/evidence/0/time").asText()).isEqualTo("2026-11-23T15:34:12.751914000Z");
        assertThat(flow.at("/packets/node1-eth0/request").asInt()).isEqualTo(12);
    }

    @Test
    void writesWhatIsUnknownAsNull() throws IOException {
        JsonNode report = write(SampleCases.lostBetweenNodes());

        assertThat(report.at("/points/0/node").isNull()).isTrue();
        assertThat(report.at("/points/0/files/0/damage").isNull()).isTrue();
        assertThat(report.at("/flows/0/failedStep").isNull()).isTrue();
        assertThat(report.at("/flows/0/told").isNull()).isTrue();
        assertThat(report.at("/flows/1/steps/5/latencyNanos").isNull()).isTrue();
        assertThat(write(SampleCases.hostile("x")).at("/points/0/clock/driftPpm").isNull()).isTrue();
    }

    @Test
    void saysNoDelayOfAHopThatDeliveredNothing() throws IOException {
        JsonNode hop = write(SampleCases.lostBetweenNodes()).at("/flows/1/hops/2");

        assertThat(hop.at("/lost").asInt()).isEqualTo(6);
        assertThat(hop.at("/medianDelayNanos").isNull()).isTrue();
    }

    @Test
    void givesTheSameBytesEveryTime() throws IOException {
        write(SampleCases.lostBetweenNodes());
        byte[] first = Files.readAllBytes(folder.resolve("report.json"));
        write(SampleCases.lostBetweenNodes());

        assertThat(folder.resolve("report.json")).hasBinaryContent(first);
    }

    @Test
    void keepsAStepAndADeviationOnOneLine() throws IOException {
        write(SampleCases.lostBetweenNodes());

        assertThat(Files.readAllLines(folder.resolve("report.json")))
                .anyMatch(line -> line.contains("\"number\":\"1.2.1\"") && line.contains("\"status\":\"inferred\""))
                .anyMatch(line -> line.contains("\"code\":\"request-lost-between-nodes\"") && line.contains("\"remedy\""))
                .anyMatch(line -> line.strip().equals("\"verdict\": \"failed\","));
    }

    @Test
    void isValidJsonWhateverTheTexts() throws IOException {
        JsonNode report = write(SampleCases.hostile("\"\\</script>\u0000\u001b[31m\u202e\n=1+1"));

        assertThat(report.at("/case/name").asText()).isEqualTo("\"\\</script>\u0000\u001b[31m\u202e\n=1+1");
    }

    private JsonNode write(CaseResult result) throws IOException {
        Path file = folder.resolve("report.json");
        try (JsonReport report = new JsonReport(file)) {
            result.sendTo(report);
        }
        return MAPPER.readTree(file.toFile());
    }

    private static List<String> keys(JsonNode node) {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
