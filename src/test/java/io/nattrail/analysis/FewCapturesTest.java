package io.nattrail.analysis;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCase;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.deviation.Verdict;
import io.nattrail.net.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Some of a case's captures alone, and nothing of the cluster's state: what they cannot show accuses nobody. */
class FewCapturesTest {
    private static final Path CASES = Path.of("src/test/resources/cases");

    @TempDir
    Path folder;

    @Test
    void theInterfaceOfAnotherNodeIsNotWhereTheClientsRequestsAreMissing() throws IOException {
        CaseResult result = analyze("lost-before-node2-eth0", "client", "node2-eth0");

        assertThatCase(result).hasNoDeviation("request-lost-before-node1");
        assertThat(result.flows()).noneMatch(flow -> "node-2".equals(flow.entryNode()));
    }

    @Test
    void answersThatOnlyTheInterfaceOfTheirOwnNodeShowsWereNotLeftThereByTheNodeThatWasCalled() throws IOException {
        assertThatCase(analyze("pod-calls-without-bridges", "pod", "node2-eth0")).hasNoDeviation("reply-not-forwarded");
    }

    @Test
    void aRefusalThatNobodyRoutedIsNoPods() throws IOException {
        CaseResult result = analyze("mixed-faults", "client", "node2-cbr0");

        assertThat(result.flows()).filteredOn(flow -> flow.service().port() == 32_001).hasSize(2)
                .allSatisfy(flow -> assertThat(flow.deviations()).anyMatch(d -> d.type().code().equals("node-port-closed")));
    }

    /** Of another pod's silence nothing tells that the node sent on what it got for this one; its bridge was not captured. */
    @Test
    void aServiceThatNeverAnswersMayHaveASilentPodOnTheNodeThatIsCalled() throws IOException {
        assertThatCase(analyze("udp-one-way", "client", "node1-eth0")).hasNoDeviation("request-not-forwarded");
    }

    @Test
    void policyLocalIsToldByTheOtherNodesThatKeepTheirClientsAddresses() throws IOException {
        CaseResult result = analyze("local-policy-three-nodes", "client", "node1-eth0", "node2-eth0", "node2-cbr0");

        assertThatCase(result).hasNoDeviation("request-not-forwarded");
        assertThat(result.flows()).filteredOn(flow -> "node-1".equals(flow.entryNode())).hasSize(3)
                .allSatisfy(flow -> assertThat(flow.deviations()).extracting(d -> d.type().code())
                        .containsExactly("local-policy-no-endpoint"));
    }

    @Test
    void whereNoOtherNodeWasCapturedPolicyLocalIsNotTold() throws IOException {
        assertThatCase(analyze("local-policy-three-nodes", "client", "node1-eth0")).hasNoDeviation("local-policy-no-endpoint");
    }

    @Test
    void callsBetweenPodsAreToldByTheRouterBetweenThem() throws IOException {
        CaseResult result = analyze("pod-to-pod-lost", "pod", "node1-cbr0", "node1-eth0", "node2-cbr0");

        assertThatCase(result).hasFlows(4);
        assertThat(result.flows()).allMatch(flow -> flow.path().equals("pod-to-pod"));
    }

    @Test
    void whatOneBridgeAloneShowsIsNoCallBetweenPods() throws IOException {
        assertThatCase(analyze("pod-to-pod-lost", "node2-cbr0")).hasFlows(0);
    }

    @Test
    void anAnswerThatLeftItsNodeUntranslatedIsNotLostInsideIt() throws IOException {
        assertThatCase(analyze("reset-on-stray-packet", "node1-eth0", "node1-cbr0")).hasNoDeviation("loss-inside-node")
                .hasNoDeviation("reset-by-client").hasDeviation("reset-by-client-on-stray-packet");
    }

    /** NodeLocal DNSCache: the one endpoint on the node is the service's, and nothing went to it. */
    @Test
    void whatTheNodeAnswersItselfWentToNoPod() throws IOException {
        Files.copy(CASES.resolve("node-local-dns/kubectl-get.json"), folder.resolve("kubectl-get.json"));
        CaseResult result = analyze("node-local-dns", "pod", "node1-cbr0", "node1-eth0");

        assertThat(result.flows()).filteredOn(flow -> flow.service().port() == 53).hasSize(5)
                .allSatisfy(flow -> assertThat(flow.endpoint().address()).isNull())
                .allSatisfy(flow -> assertThat(flow.endpoint().node()).isEqualTo("node-1"));
    }

    /** The proxy's own connections come to the bridge of the pods, as those of their neighbours do. */
    @Test
    void aNodeWhoseProxyCallsPodsIsNoPod() throws IOException {
        CaseResult result = analyze("proxy-not-nat", "client", "node1-eth0", "node2-cbr0");

        assertThat(result.flows()).isNotEmpty().allMatch(flow -> flow.path().equals("nodeport"));
    }

    @Test
    void anAddressThatTheNodeDoesNotMasqueradeWithIsABalancers() throws IOException {
        assertThat(analyze("loadbalancer-address", "client", "node1-eth0", "node2-cbr0").flows()).isNotEmpty()
                .allMatch(flow -> flow.path().equals("loadbalancer"));
    }

    @Test
    void whereAnswersWereLostIsTheSameHoweverFarTheClocksAreApart() throws IOException {
        copy(CASES.resolve("pod-calls-without-bridges"), "pod", "node2-eth0");
        CaptureCopy.of(CASES.resolve("pod-calls-without-bridges/node1-eth0.pcap.gz")).later(350).to(folder.resolve("node1-eth0.pcap"));

        assertThatCase(run()).hasNoDeviation("reply-not-forwarded").hasDeviation("reply-lost-between-nodes");
    }

    @Test
    void whatOnlyTheCallersCaptureHasNoHandshakeOfWasNotForwardedThere() throws IOException {
        copy(CASES.resolve("client-on-another-node"), "node1-eth0", "node2-cbr0");
        CaptureCopy.of(CASES.resolve("client-on-another-node/node2-eth0.pcap")).without(49, 59).to(folder.resolve("node2-eth0.pcap"));

        assertThatCase(run()).hasNoDeviation("dnat-missing");
    }

    /** What tcpdump kept of a frame for long: behind IPv6 the TCP header up to its flags. */
    @ParameterizedTest
    @ValueSource(strings = {"lost-between-nodes-v6", "reply-lost-before-client-v6"})
    void connectionsBehindIpv6AreJudgedAsWellBySixtyEightBytesOfEachFrame(String name) throws IOException {
        List<String> whole = connections(analyze(name, "client", "node1-eth0", "node2-cbr0"));

        CaseResult result = shortened(name);

        assertThat(whole).isNotEmpty();
        assertThat(connections(result)).isEqualTo(whole);
        assertThatCase(result).hasDeviation("capture-truncated");
    }

    /** Sixty-eight bytes do not reach the addresses that an ICMPv6 error quotes. */
    @Test
    void whoIsRefusedByAnErrorThatWasCutBeforeItsQuoteIsNotSaidToBeLost() throws IOException {
        CaseResult result = shortened("no-endpoints-v6");

        assertThat(result.flows()).filteredOn(flow -> flow.client().address().v6() && flow.protocol() == Protocol.TCP).hasSize(3)
                .allSatisfy(flow -> assertThat(flow.verdict()).isEqualTo(Verdict.UNDETERMINED))
                .allSatisfy(flow -> assertThat(flow.deviations()).isEmpty());
    }

    private CaseResult shortened(String name) throws IOException {
        for (String point : List.of("client", "node1-eth0", "node2-cbr0")) {
            Path capture = CASES.resolve(name).resolve(point + ".pcap");
            Path cut = folder.resolve(point + ".pcap");
            CaptureCopy.of(Files.exists(capture) ? capture : CASES.resolve(name).resolve(point + ".pcap.gz")).shortened(68).to(cut);
            Files.deleteIfExists(folder.resolve(point + ".pcap.gz"));
        }
        return run();
    }

    private static List<String> connections(CaseResult result) {
        return result.flows().stream().filter(flow -> flow.protocol() == Protocol.TCP).map(flow -> "%s %s %s %s %s %s".formatted(
                flow.client(), flow.service(), flow.translated(), flow.verdict(), flow.failedStep(), flow.deviations().stream()
                        .map(deviation -> deviation.code() + deviation.step()).sorted().toList())).toList();
    }

    private CaseResult analyze(String name, String... points) throws IOException {
        return analyze(CASES.resolve(name), points);
    }

    private CaseResult analyze(Path from, String... points) throws IOException {
        copy(from, points);
        return run();
    }

    private void copy(Path from, String... points) throws IOException {
        for (String point : points) {
            Path capture = Files.exists(from.resolve(point + ".pcap")) ? from.resolve(point + ".pcap") : from.resolve(point + ".pcap.gz");
            Files.copy(capture, folder.resolve(capture.getFileName()));
        }
    }

    private CaseResult run() throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result();
    }
}
