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
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every captured case whose truth is known, from the captures to report.json. What packets prove is right to the last flow and packet, with
 * and without the cluster's state; what is judged is right as far as {@link Floors} says.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
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

    @TempDir
    Path folder;

    private final Map<String, Score> scores = new TreeMap<>();

    /**
     * The least that a collection must reach: what is true today, raised with what detectors learn, never lowered.
     *
     * @param steps share of step statuses
     * @param verdict share of verdicts
     * @param failedStep share of failed flows whose step is right
     * @param f1 of the deviations' codes
     */
    private record Floors(double steps, double verdict, double failedStep, double f1) {
        static final Floors SHARED = new Floors(1, 0.99, 0.99, 0.98);
        static final Floors OWN = new Floors(1, 0.99, 0.99, 0.98);
    }

    @TestFactory
    Stream<DynamicTest> sharedCases() {
        return tests("shared", Shared.path("captures"), Floors.SHARED);
    }

    @TestFactory
    Stream<DynamicTest> ownCases() {
        return tests("own", OWN, Floors.OWN);
    }

    private Stream<DynamicTest> tests(String collection, Path cases, Floors floors) {
        List<TruthCase> all = TruthCase.in(cases);
        assertThat(all).isNotEmpty();
        Stream<DynamicTest> facts = all.stream().map(one -> dynamicTest(one.name(), () -> {
            Score score = score(collection, one, false);
            assertThat(score.notes(PROVEN_BY_PACKETS)).isEmpty();
            if (floors.steps == 1) {
                assertThat(score.notes(EnumSet.of(Field.STEPS))).isEmpty();
            }
        }));
        Stream<DynamicTest> withoutState = all.stream().filter(one -> !TOLD_ONLY.contains(one.name())).map(one -> dynamicTest(one.name()
                + " without the cluster's state", () -> {
            Score score = score(collection, one, true);
            assertThat(score.notes(PROVEN_BY_PACKETS)).isEmpty();
        }));
        DynamicTest totals = dynamicTest("all together", () -> {
            Score total = Score.none();
            for (TruthCase one : all) {
                total.add(score(collection, one, false));
            }
            String figures = total + "\n" + String.join("\n", total.notes());
            assertThat(total.rate(Field.STEPS)).as(figures).isGreaterThanOrEqualTo(floors.steps);
            assertThat(total.rate(Field.VERDICT)).as(figures).isGreaterThanOrEqualTo(floors.verdict);
            assertThat(total.rate(Field.FAILED_STEP)).as(figures).isGreaterThanOrEqualTo(floors.failedStep);
            assertThat(total.f1()).as(figures).isGreaterThanOrEqualTo(floors.f1);
            assertThat(total.extraFlows()).as(figures).isZero();
        });
        return Stream.concat(Stream.concat(facts, withoutState), Stream.of(totals));
    }

    private Score score(String collection, TruthCase one, boolean packetsOnly) throws IOException {
        String key = collection + "/" + one.name() + "/" + packetsOnly;
        Score known = scores.get(key);
        if (known == null) {
            JsonNode report = one.report(packetsOnly, Files.createTempDirectory(folder, "case"));
            assertThat(unexplained(report)).as("failed flows that nothing explains").isEmpty();
            known = Score.of(one.truth(), report);
            scores.put(key, known);
        }
        return known;
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
