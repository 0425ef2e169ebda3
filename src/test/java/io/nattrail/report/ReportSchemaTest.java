package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.nattrail.analysis.CaseResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportSchemaTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    @TempDir
    private Path folder;

    private Schema schema;

    @BeforeEach
    void readTheSchema() throws IOException {
        schema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(ReportSchema.text());
    }

    @Test
    void everyReportFits() throws IOException {
        assertThat(errors(report(SampleCases.happy()))).isEmpty();
        assertThat(errors(report(SampleCases.lostBetweenNodes()))).isEmpty();
        assertThat(errors(report(SampleCases.empty()))).isEmpty();
        assertThat(errors(report(SampleCases.hostile("<script>")))).isEmpty();
    }

    @Test
    void aMissingKeyDoesNotFit() throws IOException {
        JsonNode report = report(SampleCases.happy());
        ((ObjectNode) report.at("/flows/0")).remove("failedStep");

        assertThat(errors(report)).singleElement().asString().contains("failedStep");
    }

    @Test
    void anObservedStepWithoutAFrameDoesNotFit() throws IOException {
        JsonNode report = report(SampleCases.happy());
        ((ObjectNode) report.at("/flows/0/steps/0")).putArray("evidence");

        assertThat(errors(report)).isNotEmpty();
    }

    @Test
    void itDescribesEveryKeyThatIsWritten() throws IOException {
        JsonNode definitions = MAPPER.readTree(ReportSchema.text()).at("/$defs");
        JsonNode report = report(SampleCases.lostBetweenNodes());

        assertThat(keys(report.at("/flows/0"))).isEqualTo(keys(definitions.at("/flow/properties")));
        assertThat(keys(report.at("/flows/1/steps/0"))).isEqualTo(keys(definitions.at("/step/properties")));
        assertThat(keys(report.at("/flows/1/deviations/0"))).isEqualTo(keys(definitions.at("/deviation/properties")));
        assertThat(keys(report.at("/flows/0/hops/0"))).isEqualTo(keys(definitions.at("/hop/properties")));
        assertThat(keys(report.at("/flows/0/legs/0"))).isEqualTo(keys(definitions.at("/leg/properties")));
        assertThat(keys(report.at("/points/0"))).isEqualTo(keys(definitions.at("/point/properties")));
        assertThat(keys(report.at("/points/0/files/0"))).isEqualTo(keys(definitions.at("/file/properties")));
        assertThat(keys(report.at("/summary/rootCauses/0"))).isEqualTo(keys(definitions.at("/rootCause/properties")));
    }

    private JsonNode report(CaseResult result) throws IOException {
        Path file = folder.resolve("report.json");
        try (JsonReport report = new JsonReport(file)) {
            result.sendTo(report);
        }
        return MAPPER.readTree(file.toFile());
    }

    private List<Error> errors(JsonNode report) {
        return schema.validate(report);
    }

    private static TreeSet<String> keys(JsonNode node) {
        TreeSet<String> keys = new TreeSet<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }
}
