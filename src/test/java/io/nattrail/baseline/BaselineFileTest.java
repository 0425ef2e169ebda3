package io.nattrail.baseline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.capture.UnreadableInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaselineFileTest {
    @TempDir
    private Path folder;

    @Test
    void isSmallSortedAndWithoutWhatAlwaysDiffers() {
        String text = BaselineFile.text(Baseline.of(Cases.profile("oool"), Grouping.ENDPOINT));

        assertThat(text).isEqualTo("""
                # What nattrail check expects of this case. Written by: nattrail check DIR --baseline FILE --update
                # Numbers of flows may be 12, 8..16, 8.., 12 ±20%, all, any; what is left out is not compared. See docs/regression.md.
                nattrail-baseline: 1
                by: endpoint
                complete: yes
                tolerances: {counts: exact, latency: 2}
                captures:
                  deviations: none
                flows:
                - path: nodeport
                  protocol: tcp
                  service: default/web:https
                  endpoint: default/web-2
                  flows: 4
                  outcomes: {failed at 1.4: 1, ok: 3}
                  translation: dnat+snat
                  steps: {1.1: observed, 1.2: inferred, 1.2.1: inferred, 1.2.2: inferred, 1.3: observed, 1.4: {inferred: 3, missing: 1},
                      1.5: {missing: 1, observed: 3}, 1.6: {not-captured: 1, observed: 3}, 2.0: {not-captured: 1, observed: 3}}
                  deviations: {request-lost-between-nodes: 1}
                  latency: {1.1: 1ms, 1.3: 1ms, 1.5: 1ms, 1.6: 1ms, 2.0: 1ms}
                """);
        assertThat(text).doesNotContain("38636", "10.241.0.4", "2026");
    }

    @Test
    void doesNotDependOnTheOrderOfFlowsNorOnTheirNumber() {
        assertThat(BaselineFile.text(Baseline.of(Cases.profile("lrou"), Grouping.ENDPOINT)))
                .isEqualTo(BaselineFile.text(Baseline.of(Cases.profile("uorl"), Grouping.ENDPOINT)));
    }

    @Test
    void readsWhatWasWrittenByHand() throws IOException {
        Baseline baseline = BaselineFile.parse("web.yaml", """
                nattrail-baseline: 1
                by: service
                tolerances:
                  counts: ±10%
                  latency: 3x
                flows:
                - service: default/web:https
                  outcomes: ok
                  flows: 10..
                - service: "default/*"
                  deviations: none
                  latency:
                    1.5: 50us .. 1.5 ms
                """);

        assertThat(baseline.by()).isEqualTo(Grouping.SERVICE);
        assertThat(baseline.complete()).isFalse();
        assertThat(baseline.counts()).isEqualTo(new Tolerance(0, 10));
        assertThat(baseline.latencyFactor()).isEqualTo(3);
        assertThat(baseline.captureDeviations()).isNull();
        Expectation first = baseline.expectations().get(0);
        assertThat(first.line()).isEqualTo(7);
        assertThat(first.outcomes()).isEqualTo(Map.of("ok", Count.ALL));
        assertThat(first.steps()).isNull();
        assertThat(first.flows().min()).isEqualTo(10);
        Expectation second = baseline.expectations().get(1);
        assertThat(second.deviations()).isEmpty();
        assertThat(second.latency()).isEqualTo(Map.of("1.5", new LatencyBand(50_000, 1_500_000)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                                                     | 1 | is no baseline",
        "[]                                                     | 1 | is no baseline",
        "flows: []                                              | 1 | is no baseline",
        "nattrail-baseline: 2                                   | 1 | is a baseline of version 2",
        "nattrail-baseline: 1\\nflow: []                        | 2 | has the key 'flow', which is not known",
        "nattrail-baseline: 1\\nflows: 3                        | 2 | flows is '3', not a list",
        "nattrail-baseline: 1\\nflows: {a: 1}                   | 2 | flows is a map, not a list",
        "nattrail-baseline: 1\\nflows:\\n- outcome: ok          | 3 | has the key 'outcome', which is not known",
        "nattrail-baseline: 1\\nflows:\\n- flows: many          | 3 | flows: 'many' is no number of flows",
        "nattrail-baseline: 1\\nflows:\\n- flows: 9..3          | 3 | flows: '9..3' ends before it begins",
        "nattrail-baseline: 1\\nflows:\\n- flows: -3            | 3 | flows: '-3' is no number of flows",
        "nattrail-baseline: 1\\nflows:\\n- flows: ..            | 3 | flows: '..' is no number of flows",
        "nattrail-baseline: 1\\nflows:\\n- service:             | 3 | service has no value",
        "nattrail-baseline: 1\\nflows:\\n- service: [a, b]      | 3 | service is a list, not one value",
        "nattrail-baseline: 1\\nflows:\\n- service: a\\n  outcomes: [ok]   | 4 | outcomes is a list",
        "nattrail-baseline: 1\\nflows:\\n- latency: {1.5: soon} | 3 | 1.5: 'soon' is no time",
        "nattrail-baseline: 1\\nflows:\\n- latency: {1.5: 3ms..2ms} | 3 | 1.5: ends before it begins",
        "nattrail-baseline: 1\\nflows:\\n- steps: ok            | 3 | steps is 'ok', not a map",
        "nattrail-baseline: 1\\nby: pod                         | 2 | by: 'pod' is neither endpoint nor service",
        "nattrail-baseline: 1\\ncomplete: maybe                 | 2 | complete: 'maybe' is neither yes nor no",
        "nattrail-baseline: 1\\ntolerances: {counts: some}      | 2 | counts: 'some' is no tolerance",
        "nattrail-baseline: 1\\ntolerances: {latency: 0.5}      | 2 | latency: '0.5' is no factor",
        "nattrail-baseline: 1\\nby: service\\nby: service       | 3 | has 'by' a second time",
        "nattrail-baseline: 1\\nflows:\\n- service: *web        | 3 | refers to an anchor",
        "nattrail-baseline: 1\\nflows:\\n- service: &a x\\n- service: *a | 4 | refers to an anchor",
        "nattrail-baseline: 1\\n\\tby: service                  | 2 | is not YAML",
        "nattrail-baseline: 1\\nflows: [                        | 2 | is not YAML",
        "nattrail-baseline: 1\\nby: service\\nflows: [{endpoint: a}] | 3 | names an endpoint",
        "nattrail-baseline: 1\\n---\\nby: service               | 3 | begins a second document",
        "nattrail-baseline: 1\\ncaptures:\\n  deviations: {clock-skw: 1} | 3 | did you mean clock-skew",
        "nattrail-baseline: 1\\nflows:\\n- outcomes: ok\\n  deviations: syn-retransmited | 4 | did you mean syn-retransmitted",
    })
    void saysWhatIsWrongInWhichLineAndHowItShouldBe(String text, int line, String message) {
        assertThatThrownBy(() -> BaselineFile.parse("web.yaml", text.replace("\\n", "\n").replace("\\t", "\t")))
                .isInstanceOf(UnreadableInputException.class).hasMessageStartingWith("web.yaml: line " + line
                        + ": ").hasMessageContaining(message)
                .satisfies(e -> assertThat(((UnreadableInputException) e).remedy()).isNotBlank());
    }

    @Test
    void isNotFooledByDepthOrByBytes() throws IOException {
        assertThatThrownBy(() -> BaselineFile.parse("web.yaml", "[".repeat(40) + "]".repeat(40))).hasMessageContaining("levels deep");
        Path binary = folder.resolve("client.pcap");
        Files.write(binary, new byte[] {(byte) 0xd4, (byte) 0xc3, (byte) 0xb2, (byte) 0xa1, 0, 1});
        assertThatThrownBy(() -> BaselineFile.read(binary)).isInstanceOf(UnreadableInputException.class)
                .hasMessageContaining("is not UTF-8 text");
        Path latin = folder.resolve("latin.yaml");
        Files.write(latin, "# \u00e4".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> BaselineFile.read(latin)).hasMessageContaining("is not UTF-8 text");
    }

    @Test
    void appearsUnderItsNameOnlyWhenComplete() throws IOException {
        Path file = folder.resolve("new/folder/web.yaml");

        BaselineFile.write(Baseline.of(Cases.profile("o"), Grouping.SERVICE), file);

        assertThat(BaselineFile.read(file).by()).isEqualTo(Grouping.SERVICE);
        assertThat(file.getParent()).isDirectoryNotContaining("glob:**/.*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1ns", "200us", "1.5ms", "2s", "50us..200us", "1ns..1s"})
    void timesKeepTheirText(String text) {
        assertThat(LatencyBand.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @CsvSource({"0, 1ms", "176000, 1ms", "1000000, 1ms", "1000001, 2ms", "2000001, 5ms", "999999999, 1s", "1000000001, 2s"})
    void aBandEndsAtARoundTime(long nanos, String band) {
        assertThat(LatencyBand.above(nanos)).hasToString(band);
    }
}
