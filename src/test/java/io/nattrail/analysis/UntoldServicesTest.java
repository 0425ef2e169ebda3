package io.nattrail.analysis;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCase;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import io.nattrail.scenario.ClusterText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod calls in vain, and nothing tells of services: by packets alone it is a ClusterIP that nothing translates, or not. */
class UntoldServicesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String CALLER = "10.244.0.7:41000";
    private static final String CLUSTER_IP = "172.31.0.5:443";

    @TempDir
    Path folder;

    private final Tape bridge = new Tape();
    private final Tape node = new Tape();
    private final ClusterText web = ClusterText.web().node("node-1", "10.240.0.4", "10.244.0.0/24");

    private void asks(String called) {
        for (int i = 0; i < 3; i++) {
            TestPacket syn = TestPacket.tcp(CALLER, called, "S").seq(100).id(1 + i);
            bridge.at((1 + i) * SECOND, syn.ttl(64));
            node.at((1 + i) * SECOND + 20_000, syn.ttl(63));
        }
    }

    private void asksOnce(String called, int port, long begin) {
        TestPacket question = TestPacket.udp("10.244.0.7:" + port, called, "who is web").id(port);
        bridge.at(begin, question.ttl(64));
        node.at(begin + 20_000, question.ttl(63));
    }

    /** Another client of the bridge is answered by a service, so both captures show what they can. */
    private void serviceAnswers(long begin) {
        TestPacket syn = TestPacket.tcp("10.244.0.8:42000", CLUSTER_IP, "S").seq(7000).id(70);
        bridge.at(begin, syn.ttl(64));
        node.at(begin + 20_000, syn.translated("10.244.0.8:42000", "10.244.1.2:8443").ttl(63));
        TestPacket answer = TestPacket.tcp("10.244.1.2:8443", "10.244.0.8:42000", "SA").seq(9000).ack(7001).id(71);
        node.at(begin + 400_000, answer.ttl(63));
        bridge.at(begin + 420_000, answer.translated(CLUSTER_IP, "10.244.0.8:42000").ttl(62));
    }

    private CaseResult analyzed(ClusterText told) throws IOException {
        bridge.sorted().write(folder.resolve("node1-cbr0.pcap"));
        node.sorted().write(folder.resolve("node1-eth0.pcap"));
        if (told != null) {
            Files.writeString(folder.resolve("kubectl-get.json"), told.json());
        }
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result();
    }

    private List<FlowResult> flowsOfCaller() throws IOException {
        return analyzed(null).flows().stream().filter(flow -> flow.client().address().toString().equals("10.244.0.7")).toList();
    }

    @Test
    void whatLeavesTheNodeAsItWasCalledAndIsNearNobodyIsTakenForAClusterIp() throws IOException {
        asks(CLUSTER_IP);

        CaseResult result = analyzed(null);

        assertThatCase(result).hasFlows(1).hasDeviation("clusterip-on-the-wire");
        FlowResult flow = result.flows().get(0);
        assertThat(flow.path()).isEqualTo("clusterip");
        assertThat(flow.verdict().label()).isEqualTo("failed");
        assertThat(flow.failedStep()).isEqualTo("1.2");
        assertThat(flow.deviations().get(0).message()).contains("only concluded");
    }

    @Test
    void whereTheServiceIsToldNothingIsConcluded() throws IOException {
        asks(CLUSTER_IP);

        assertThat(analyzed(web).flows().get(0).deviations().get(0).message()).doesNotContain("concluded");
    }

    @Test
    void whereServicesAreToldWhatIsNoneOfThemIsNone() throws IOException {
        asks("172.31.0.99:443");

        assertThat(analyzed(web).flows()).isEmpty();
    }

    @Test
    void datagramsToWhatIsBesideAServiceAreForAService() throws IOException {
        serviceAnswers(SECOND);
        asksOnce("172.31.0.77:514", 43_000, 2 * SECOND);

        assertThat(flowsOfCaller()).extracting(FlowResult::path).containsExactly("clusterip");
    }

    @Test
    void datagramsToOthersNeedNoAnswerUnlessTheyAskForNames() throws IOException {
        asksOnce("192.168.7.9:514", 43_000, SECOND);
        asksOnce("192.168.7.9:53", 43_001, SECOND);
        asksOnce("192.168.7.9:53", 43_002, 3 * SECOND);

        assertThat(flowsOfCaller()).extracting(flow -> flow.service().toString() + " " + flow.client().port())
                .containsExactly("192.168.7.9:53 43001");
    }

    @Test
    void addressesNearPodsAndClientsAreNoServices() throws IOException {
        asks("10.244.9.9:443");

        assertThat(flowsOfCaller()).isEmpty();
    }

    @Test
    void addressesOfTheInternetAreNoServices() throws IOException {
        asks("93.184.216.34:443");

        assertThat(flowsOfCaller()).isEmpty();
    }

    @Test
    void anAnswerMayComeAfterTheCaptureEnded() throws IOException {
        TestPacket syn = TestPacket.tcp(CALLER, CLUSTER_IP, "S").seq(100).id(1);
        bridge.at(SECOND, syn.ttl(64));
        node.at(SECOND + 20_000, syn.ttl(63));

        assertThat(flowsOfCaller()).isEmpty();
    }

    @Test
    void whoeverAnswersIsCalledItself() throws IOException {
        asks("192.168.7.9:5432");
        TestPacket answer = TestPacket.tcp("192.168.7.9:5432", CALLER, "SA").seq(900).ack(101).id(9);
        node.at(4 * SECOND, answer.ttl(60));
        bridge.at(4 * SECOND + 20_000, answer.ttl(59));

        assertThat(flowsOfCaller()).isEmpty();
    }
}
