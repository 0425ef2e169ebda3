package io.nattrail.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.FlowSelection;
import io.nattrail.analysis.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real captures: each is as its own baseline says, however many threads analyze it, and no two kinds of fault are taken for the same. */
class CapturesTest {
    static List<Path> cases() throws IOException {
        String told = System.getenv().getOrDefault("NATTRAIL_SHARED", "../shared");
        Path shared = Path.of(System.getProperty("NATTRAIL_SHARED", told), "captures");
        List<Path> cases = new ArrayList<>();
        for (Path folder : List.of(Path.of("captures"), shared)) {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> listed = Files.list(folder)) {
                    listed.filter(Files::isDirectory).sorted().forEach(cases::add);
                }
            }
        }
        return cases;
    }

    private static CaseProfile profile(Path folder, int threads) throws IOException {
        CaseProfile profile = new CaseProfile();
        CaseAnalyzer.plain().run(new CaseRequest(List.of(folder), Map.of(), null, null, FlowSelection.ALL, threads, false), profile,
                Progress.NONE);
        return profile;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void isAsItsOwnBaselineSays(Path folder) throws IOException {
        CaseProfile first = profile(folder, 1);
        CaseProfile again = profile(folder, 3);

        for (Grouping by : Grouping.values()) {
            String text = BaselineFile.text(Baseline.of(first, by));
            Baseline read = BaselineFile.parse("case.yaml", text);
            assertThat(Comparison.of(read, again).differences()).as(text).isEmpty();
            assertThat(BaselineFile.text(Baseline.of(again, by))).isEqualTo(text);
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void aFaultIsToldFromACaseWhereAllIsWell(Path folder) throws IOException {
        Baseline healthy = Baseline.of(profile(Path.of("captures/kubeproxy-happy-cross-node"), 1), Grouping.SERVICE);
        CaseProfile profile = profile(folder, 1);

        boolean allWell = profile.groups(Grouping.SERVICE).values().stream().allMatch(group -> group.outcomes().keySet().equals(
                Set.of("ok")));
        List<Difference> differences = Comparison.of(healthy, profile).differences();
        if (!allWell) {
            assertThat(differences).isNotEmpty();
            assertThat(differences.stream().flatMap(one -> one.meaning().stream())).anySatisfy(sentence -> assertThat(sentence)
                    .containsPattern("fail|degraded|undetermined|does not know"));
        }
    }
}
