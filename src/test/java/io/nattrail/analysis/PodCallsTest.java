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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A pod of Node-1 calls a ClusterIP; its own interface and Node-1's eth0 were captured, and that of one pod beside it. */
class PodCallsTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    private final Tape pod = new Tape();
    private final Tape web = new Tape();
    private final Tape node1 = new Tape();

    @BeforeEach
    void theNodeTalksToAnother() {
        node1.at(0, TestPacket.tcp("10.240.0.4:51000", "10.240.0.9:6443", "A").seq(5).ack(6).id(3).ttl(64));
        for (int i = 0; i < 80; i++) {
            node1.at(i * SECOND / 10, TestPacket.udp("10.240.0.4:123", "10.240.0.9:123", "time " + i).id(700 + i).ttl(64));
        }
    }

    private void answered(long begin, int port) {
        TestPacket call = TestPacket.tcp("10.244.0.7:" + port, "172.31.0.5:443", "S").seq(port).id(port).ttl(64);
        TestPacket answer = TestPacket.tcp("10.244.0.3:8443", "10.244.0.7:" + port, "SA").seq(9 + port).ack(port + 1).id(1 + port).ttl(64);
        pod.at(begin, call).at(begin + 400_000, answer.translated("172.31.0.5:443", "10.244.0.7:" + port));
        web.at(begin + 100_000, call.translated("10.244.0.7:" + port, "10.244.0.3:8443")).at(begin + 200_000, answer);
    }

    private void askedInVain(long begin, int port) {
        for (long after : new long[] {0, 1, 3}) {
            pod.at(begin + after * SECOND, TestPacket.tcp("10.244.0.7:" + port, "172.31.0.5:443", "S").seq(port)
                    .id(port + (int) after).ttl(64));
        }
    }

    private CaseResult analyze(ClusterText cluster) throws IOException {
        pod.sorted().write(folder.resolve("pod.pcap"));
        web.sorted().write(folder.resolve("pod-web.pcap"));
        node1.sorted().write(folder.resolve("node1-eth0.pcap"));
        if (cluster != null) {
            Files.writeString(folder.resolve("kubectl-get.json"), cluster.json());
        }
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result();
    }

    private static ClusterText nodes() {
        return ClusterText.web().node("node-1", "10.240.0.4", "10.244.0.0/24").node("node-2", "10.240.0.5", "10.244.1.0/24");
    }

    @Test
    void aCallThatTheOnlyEndpointOfItsNodeDoesNotGetWasNotForwarded() throws IOException {
        answered(0, 41_000);
        askedInVain(SECOND, 41_001);
        answered(7 * SECOND, 41_002);

        CaseResult result = analyze(nodes().endpoint("10.244.0.3", "node-1", true).endpoint("10.244.1.2", "node-2", true));

        assertThatCase(result).hasNoDeviation("syn-retransmitted").hasDeviation("request-not-forwarded");
        assertThat(result.flows()).filteredOn(flow -> flow.client().port() == 41_001).allMatch(flow -> "1.3".equals(flow.failedStep()));
    }

    @Test
    void anotherEndpointOfItsNodeMayHaveGotItAndBeSilent() throws IOException {
        answered(0, 41_000);
        askedInVain(SECOND, 41_001);
        answered(7 * SECOND, 41_002);

        assertThatCase(analyze(nodes().endpoint("10.244.0.3", "node-1", true).endpoint("10.244.0.4", "node-1", true)))
                .hasNoDeviation("request-not-forwarded");
    }

    /** Pictures are drawn from left to right in this order: by the points' names the caller would stand last. */
    @Test
    void theLegsOfACallStandInTheOrderOfItsPath() throws IOException {
        Tape out = new Tape();
        Tape in = new Tape();
        for (int port = 41_000; port < 41_003; port++) {
            long begin = (port - 41_000) * SECOND;
            TestPacket call = TestPacket.tcp("10.244.0.7:" + port, "172.31.0.5:443", "S").seq(port).id(port).ttl(64);
            TestPacket asked = call.translated("10.244.0.7:" + port, "10.244.1.2:8443");
            TestPacket answer = TestPacket.tcp("10.244.1.2:8443", "10.244.0.7:" + port, "SA").seq(9 + port).ack(port + 1).id(1 + port)
                    .ttl(64);
            pod.at(begin, call).at(begin + 700_000, answer.translated("172.31.0.5:443", "10.244.0.7:" + port));
            node1.at(begin + 100_000, asked.ttl(63)).at(begin + 600_000, answer.ttl(63));
            out.at(begin + 200_000, asked.ttl(63)).at(begin + 500_000, answer.ttl(63));
            in.at(begin + 300_000, asked.ttl(62)).at(begin + 400_000, answer);
        }
        out.sorted().write(folder.resolve("node2-eth0.pcap"));
        in.sorted().write(folder.resolve("node2-cbr0.pcap"));

        CaseResult result = analyze(nodes().endpoint("10.244.1.2", "node-2", true));

        assertThat(result.flows()).hasSize(3).allSatisfy(flow -> {
            assertThat(flow.steps().get(0).reason()).as("translated before eth0, as it should be").isNull();
            assertThat(flow.legs()).extracting(FlowResult.LegResult::point)
                    .containsExactly("pod", "node1-eth0", "node2-eth0", "node2-cbr0");
            assertThat(flow.trail().get(0).sightings()).extracting(s -> flow.legs().get(s.leg()).point())
                    .containsExactly("pod", "node1-eth0", "node2-eth0", "node2-cbr0");
        });
    }

    private void resetByItsNode(int port) {
        pod.at(SECOND, TestPacket.tcp("10.244.0.7:" + port, "172.31.0.5:443", "S").seq(port).id(port).ttl(64));
        pod.at(SECOND + 100_000, TestPacket.tcp("172.31.0.5:443", "10.244.0.7:" + port, "RA").ack(port + 1).ttl(64));
    }

    @Test
    void aCallOfAServiceWithoutEndpointsThatItsNodeResetsIsRejected() throws IOException {
        resetByItsNode(41_001);

        assertThatCase(analyze(nodes().endpoint("10.244.1.2", "node-2", false))).onlyFlow().failedAtStep("1.2")
                .hasNoDeviation("connection-refused").hasDeviation("no-endpoints-reject");
    }

    @Test
    void aCallOfAServiceWithAnEndpointThatIsResetIsRefusedByIt() throws IOException {
        resetByItsNode(41_001);

        assertThatCase(analyze(nodes().endpoint("10.244.0.3", "node-1", true))).onlyFlow().failedAtStep("1.6")
                .hasDeviation("connection-refused");
    }

    @Test
    void whoseInterfacesLieNoMoreThanOneRouterApartAreOnOneNode() throws IOException {
        answered(0, 41_000);
        answered(SECOND, 41_002);
        Files.copy(Path.of("src/test/resources/cases/dropped-between-pods-of-one-node/node2-cbr0.pcap.gz"),
                folder.resolve("node2-cbr0.pcap.gz"));

        assertThat(analyze(null).flows()).hasSize(2).allSatisfy(flow -> assertThat(flow.endpoint().local()).isTrue());
    }

    /** Node-1 has no rules, and what stands for the ClusterIP's route hands it to Node-2. */
    @Test
    void aCallThatAnotherNodeTranslatedNeverHadToShowTranslatedWhereItLeft() throws IOException {
        Tape node2 = new Tape();
        Tape bridge2 = new Tape();
        for (int i = 0; i < 4; i++) {
            String caller = "10.244.0.7:" + (41_000 + i);
            TestPacket syn = TestPacket.tcp(caller, "172.31.0.5:443", "S").seq(100 + i).id(i + 1);
            TestPacket synAck = TestPacket.tcp("10.244.1.2:8443", caller, "SA").seq(900 + i).ack(101 + i).id(0);
            TestPacket ask = TestPacket.tcp(caller, "172.31.0.5:443", "PA").seq(101 + i).ack(901 + i).id(i + 20).payload("question");
            TestPacket answer = TestPacket.tcp("10.244.1.2:8443", caller, "PA").seq(901 + i).ack(109 + i).id(i + 40).payload("answer");
            long time = (2 + i) * SECOND;
            for (TestPacket packet : List.of(syn, synAck, ask, answer)) {
                boolean request = packet == syn || packet == ask;
                pod.at(request ? time : time + 500_000, request ? packet.ttl(64) : packet.translated("172.31.0.5:443", caller).ttl(62));
                node1.at(request ? time + 100_000 : time + 400_000, request ? packet.ttl(63)
                        : packet.translated("172.31.0.5:443", caller).ttl(63));
                node2.at(request ? time + 200_000 : time + 350_000, request ? packet.ttl(63)
                        : packet.translated("172.31.0.5:443", caller).ttl(63));
                bridge2.at(time + 300_000, request ? packet.translated(caller, "10.244.1.2:8443").ttl(62) : packet.ttl(64));
                time += request ? 0 : 1_000_000;
            }
        }
        node2.sorted().write(folder.resolve("node2-eth0.pcap"));
        bridge2.sorted().write(folder.resolve("node2-cbr0.pcap"));

        assertThatCase(analyze(nodes().endpoint("10.244.1.2", "node-2", true))).hasFlows(4).hasNoDeviation("capture-filter-hides-leg")
                .hasDeviation("clusterip-on-the-wire");
    }
}
