package io.nattrail.truth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.truth.Score.Field;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every captured case whose truth is known, from the captures to report.json: all that the truth tells of each flow, and without the
 * cluster's state what packets alone prove.
 */
class SharedCasesTest {
    private static final Path OWN = Path.of("src/test/resources/cases");
    /** What must not depend on what the cluster says of itself. */
    private static final Set<Field> PROVEN_BY_PACKETS = EnumSet.of(Field.FLOWS, Field.TRANSLATION, Field.ENDPOINT, Field.PACKETS,
            Field.CLOCKS);

    /**
     * A node's calls of its own address stay inside it, and a NAT of the node's gives a client behind it another name: only conntrack can
     * tell what was called before it was translated. And what the node's own DNS cache answers is not translated at all: only the API tells
     * that it is a service.
     */
    private static final Set<String> TOLD_ONLY = Set.of("node-calls-itself", "client-gone-behind-node1", "node-local-dns");

    /** Where the truth does not tell all that happened: what the report has otherwise, with the reason. */
    private static final Map<String, List<String>> OTHERWISE = Map.of("dual-stack", List.of(
            // The first SYN-ACK was under way for a second between the nodes, so that the client sent its SYN again. The truth has no word
            // of it.
            "VERDICT: tcp [fd00:241::4]:42083 -> [fd00:240::4]:32000: degraded instead of ok",
            "deviation wrong: tcp [fd00:241::4]:42083 -> [fd00:240::4]:32000: syn-retransmitted"));

    @TempDir
    Path folder;

    @TestFactory
    Stream<DynamicTest> sharedCases() {
        return tests(Shared.path("captures"));
    }

    @TestFactory
    Stream<DynamicTest> ownCases() {
        return tests(OWN);
    }

    private Stream<DynamicTest> tests(Path cases) {
        List<TruthCase> all = TruthCase.in(cases);
        assertThat(all).isNotEmpty();
        Stream<DynamicTest> withState = all.stream().map(one -> dynamicTest(one.name(), () ->
                assertThat(score(one, false).notes()).isEqualTo(OTHERWISE.getOrDefault(one.name(), List.of()))));
        Stream<DynamicTest> withoutState = all.stream().filter(one -> !TOLD_ONLY.contains(one.name())).map(one -> dynamicTest(one.name()
                + " without the cluster's state", () -> assertThat(score(one, true).notes(PROVEN_BY_PACKETS)).isEmpty()));
        return Stream.concat(withState, withoutState);
    }

    private Score score(TruthCase one, boolean packetsOnly) throws IOException {
        JsonNode report = one.report(packetsOnly, Files.createTempDirectory(folder, "case"));
        assertThat(unexplained(report)).as("failed flows that nothing explains").isEmpty();
        return Score.of(one.truth(), report);
    }

    /** A failed flow has a finding that says why, at the step where it failed, or a reason why there is none. */
    private static List<String> unexplained(JsonNode report) {
        List<String> found = new ArrayList<>();
        for (JsonNode flow : report.get("flows")) {
            boolean explained = !flow.get("verdict").asText().equals("failed") || flow.hasNonNull("undetermined");
            for (JsonNode deviation : flow.get("deviations")) {
                explained |= !deviation.get("severity").asText().equals("info") && deviation.get("step").equals(flow.get("failedStep"));
            }
            if (!explained) {
                found.add(flow.get("client").asText());
            }
        }
        return found;
    }
}
