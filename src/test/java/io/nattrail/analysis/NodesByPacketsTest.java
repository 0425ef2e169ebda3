package io.nattrail.analysis;

import static io.nattrail.assertj.NatTrailAssertions.assertThatCase;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which addresses are nodes, as calls tell that nothing was translated for. */
class NodesByPacketsTest {
    private static final long SECOND = 1_000_000_000L;
    private static final String CLIENT = "10.241.0.4:46000";

    @TempDir
    Path folder;

    private final Tape client = new Tape();
    private final Tape node1 = new Tape();
    private final Tape node2 = new Tape();

    private CaseResult analyzed() throws IOException {
        client.sorted().write(folder.resolve("client.pcap"));
        node1.sorted().write(folder.resolve("node1-eth0.pcap"));
        node2.sorted().write(folder.resolve("node2-eth0.pcap"));
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result();
    }

    /** A connection with a question and an answer, where it shows; the answer leaves with this TTL, at which it is seen. */
    private static void connection(long begin, String from, String to, int isn, int replyTtl, Tape... tapes) {
        for (int i = 0; i < tapes.length; i++) {
            long at = begin + i * 50_000L;
            tapes[i].at(at, TestPacket.tcp(from, to, "S").seq(isn).id(isn).ttl(64));
            tapes[i].at(at + 200_000, TestPacket.tcp(to, from, "SA").seq(isn + 5000).ack(isn + 1).id(isn + 1).ttl(replyTtl));
            tapes[i].at(at + 400_000, TestPacket.tcp(from, to, "A").seq(isn + 1).ack(isn + 5001).id(isn + 2).ttl(64));
            tapes[i].at(at + 600_000, TestPacket.tcp(from, to, "PA").seq(isn + 1).ack(isn + 5001).id(isn + 3).payload("GET /").ttl(64));
            tapes[i].at(at + 5_000_000, TestPacket.tcp(to, from, "PA").seq(isn + 5001).ack(isn + 6).id(isn + 4).payload("200 OK")
                    .ttl(replyTtl));
        }
    }

    /** A client's connection that Node-2 takes to a pod of its own. */
    private void translated(long begin, int isn) {
        TestPacket syn = TestPacket.tcp("10.241.0.4:47000", "10.240.0.5:32000", "S").seq(isn).id(isn);
        TestPacket answer = TestPacket.tcp("10.244.2.2:8443", "10.240.0.5:52000", "SA").seq(isn + 5000).ack(isn + 1).id(isn + 1);
        client.at(begin, syn.ttl(64));
        node2.at(begin + 50_000, syn.ttl(64));
        node2.at(begin + 60_000, syn.translated("10.240.0.5:52000", "10.244.2.2:8443").ttl(63));
        node2.at(begin + 400_000, answer.ttl(63));
        node2.at(begin + 410_000, answer.translated("10.240.0.5:32000", "10.241.0.4:47000").ttl(62));
        client.at(begin + 500_000, answer.translated("10.240.0.5:32000", "10.241.0.4:47000").ttl(62));
    }

    @Test
    void whoAnswersAClientWithATtlThatNobodyLoweredIsTheNodeThatAsksAPodAnew() throws IOException {
        connection(SECOND, CLIENT, "10.240.0.4:32000", 100, 64, client, node1);
        connection(SECOND + 1_500_000, "10.240.0.4:40760", "10.244.1.2:8443", 70_000, 63, node1);

        assertThatCase(analyzed()).hasFlows(1).hasDeviation("proxy-not-nat");
    }

    @Test
    void whatIsAnsweredBehindTheNodeIsNotTheNodes() throws IOException {
        connection(SECOND, CLIENT, "10.240.0.4:32000", 100, 63, client, node1);
        connection(SECOND + 1_500_000, "10.240.0.4:40760", "10.244.1.2:8443", 70_000, 63, node1);

        assertThatCase(analyzed()).hasNoDeviation("proxy-not-nat");
    }

    @Test
    void aHealthCheckNodePortIsOneOnEveryNode() throws IOException {
        translated(SECOND, 100);
        connection(2 * SECOND, "168.63.129.16:41000", "10.240.0.5:30999", 3000, 64, node2);
        connection(3 * SECOND, "168.63.129.16:42000", "10.240.0.4:30999", 20_000, 64, node1);

        assertThat(analyzed().flows()).extracting(flow -> flow.path() + " " + flow.service())
                .containsExactly("nodeport 10.240.0.5:32000", "nodeport 10.240.0.5:30999", "nodeport 10.240.0.4:30999");
    }

    @Test
    void aPortOfThatRangeAtAnAddressThatNoNodeHasIsNoNodePort() throws IOException {
        translated(SECOND, 100);
        connection(2 * SECOND, "10.240.0.5:41000", "10.9.9.9:30777", 3000, 60, node2);

        assertThat(analyzed().flows()).extracting(flow -> flow.service().toString()).containsExactly("10.240.0.5:32000");
    }

    @Test
    void aNodesCallOfAServiceMayBeMasqueradedToAnyPort() throws IOException {
        translated(SECOND, 100);
        connection(2 * SECOND, "10.240.0.5:30549", "10.244.2.2:8443", 3000, 63, node2);

        assertThatCase(analyzed()).hasNoDeviation("node-port-in-ephemeral-range");
    }

    @Test
    void aNodesCallOfOthersKeepsThePortThatItTook() throws IOException {
        translated(SECOND, 100);
        connection(2 * SECOND, "10.240.0.5:30549", "10.9.9.9:6443", 3000, 60, node2);

        assertThatCase(analyzed()).hasDeviation("node-port-in-ephemeral-range");
    }
}
