package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * With br_netfilter the caller's bridge shows a call translated already. By packets alone, only the answers of another node's pod tell
 * there what was called.
 */
class BridgedCallsTest {
    private static final String CLUSTER_IP = "172.31.0.5:443";
    private static final String POD = "10.244.1.2:8443";

    @TempDir
    Path folder;

    private final Tape bridge = new Tape();
    private final Tape node = new Tape();
    private long now = 1_000_000_000L;

    /** A packet of the caller, which the bridge shows as it is on the wire, or under another destination. */
    private void asks(TestPacket packet, String onBridge) {
        TestPacket shown = onBridge.equals(POD) ? packet : packet.translated(packet.source().toString(), onBridge);
        bridge.at(now, shown.ttl(64));
        node.at(now + 20_000, packet.ttl(63));
        now += 1_000_000;
    }

    private void answers(TestPacket packet, String onBridge) {
        node.at(now, packet.ttl(63));
        bridge.at(now + 20_000, packet.translated(onBridge, packet.destination().toString()).ttl(62));
        now += 1_000_000;
    }

    private void connection(String caller, String asked, String answered) {
        asks(TestPacket.tcp(caller, POD, "S").seq(100).id(1), asked);
        answers(TestPacket.tcp(POD, caller, "SA").seq(900).ack(101).id(7), answered);
        asks(TestPacket.tcp(caller, POD, "A").seq(101).ack(901).id(2), asked);
        asks(TestPacket.tcp(caller, POD, "PA").seq(101).ack(901).id(3).payload("GET /"), asked);
        answers(TestPacket.tcp(POD, caller, "PA").seq(901).ack(106).id(8).payload("200 OK"), answered);
        asks(TestPacket.tcp(caller, POD, "FA").seq(106).ack(907).id(4), asked);
        answers(TestPacket.tcp(POD, caller, "FA").seq(907).ack(107).id(9), answered);
        asks(TestPacket.tcp(caller, POD, "A").seq(107).ack(908).id(5), asked);
    }

    private List<FlowResult> flows(boolean withNode) throws IOException {
        bridge.sorted().write(folder.resolve("node1-cbr0.pcap"));
        if (withNode) {
            node.sorted().write(folder.resolve("node1-eth0.pcap"));
        }
        CaseResult.Collector collector = new CaseResult.Collector();
        CaseAnalyzer.plain().run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result().flows();
    }

    private FlowResult analyzed(boolean withNode) throws IOException {
        List<FlowResult> flows = flows(withNode);
        assertThat(flows).hasSize(1);
        return flows.get(0);
    }

    @Test
    void answersInTheNameOfAClusterIpTellThatItWasCalled() throws IOException {
        connection("10.244.0.7:41000", POD, CLUSTER_IP);

        FlowResult flow = analyzed(true);

        assertThat(flow.path()).isEqualTo("clusterip");
        assertThat(flow.service()).hasToString(CLUSTER_IP);
        assertThat(flow.translated().source()).hasToString("10.244.0.7:41000");
        assertThat(flow.translated().destination()).hasToString(POD);
        assertThat(flow.endpoint().address()).hasToString(POD);
        assertThat(flow.verdict().label()).isEqualTo("ok");
    }

    @Test
    void whoGoesOnAfterAnAnswerInAnotherNameHadCalledThat() throws IOException {
        connection("10.244.0.7:41000", POD, CLUSTER_IP);

        assertThat(analyzed(false).service()).hasToString(CLUSTER_IP);
    }

    @Test
    void aRefusalInTheNameOfAClusterIpTellsTheSame() throws IOException {
        asks(TestPacket.tcp("10.244.0.7:41000", POD, "S").seq(100).id(1), POD);
        answers(TestPacket.tcp(POD, "10.244.0.7:41000", "RA").seq(0).ack(101).id(7), CLUSTER_IP);

        FlowResult flow = analyzed(true);

        assertThat(flow.service()).hasToString(CLUSTER_IP);
        assertThat(flow.deviations()).extracting(d -> d.code()).containsExactly("connection-refused");
    }

    @Test
    void datagramsTellTheSame() throws IOException {
        String caller = "10.244.0.7:41000";
        asks(TestPacket.udp(caller, POD, "who is web").id(1), POD);
        answers(TestPacket.udp(POD, caller, "web is 10.0.0.1").id(7), CLUSTER_IP);

        assertThat(analyzed(true).service()).hasToString(CLUSTER_IP);
    }

    /** The caller's own node masquerades what is for a port of its own, behind the bridge. */
    @Test
    void answersInTheNameOfTheNodeTellThatItsOwnPortWasCalled() throws IOException {
        TestPacket question = TestPacket.udp("10.244.0.7:41000", POD, "who is web").id(1);
        bridge.at(now, question.ttl(64));
        node.at(now + 20_000, question.translated("10.240.0.4:50123", POD).ttl(63));
        TestPacket answer = TestPacket.udp(POD, "10.240.0.4:50123", "web is 10.0.0.1").id(7);
        node.at(now + 1_000_000, answer.ttl(63));
        bridge.at(now + 1_020_000, answer.translated("10.240.0.4:30053", "10.244.0.7:41000").ttl(62));

        FlowResult flow = analyzed(true);

        assertThat(flow.path()).isEqualTo("nodeport");
        assertThat(flow.service()).hasToString("10.240.0.4:30053");
        assertThat(flow.entryNode()).isEqualTo("node-1");
        assertThat(flow.translated().source()).hasToString("10.240.0.4:50123");
        assertThat(flow.verdict().label()).isEqualTo("ok");
        assertThat(flow.deviations()).isEmpty();
    }

    /** A bridge shows what its node masquerades under the bridge's name, and the answers to it under the client's, which no capture has. */
    @Test
    void answersToClientsThatNoCaptureShowsAreThoseToTheQuestionsBefore() throws IOException {
        StringBuilder listing = new StringBuilder();
        for (int i = 0; i < 3; i++) {
            int masquerade = 50_000 + 17 * i;
            bridge.at(now, TestPacket.udp("10.244.0.1:" + masquerade, "10.244.0.3:5353", "who is " + i).id(11 + i).ttl(63));
            bridge.at(now + 400_000, TestPacket.udp("10.244.0.3:5353", "10.241.0.4:" + (41_000 + i), i + " is up").id(31 + i).ttl(64));
            now += 50_000_000;
            listing.append(("udp 17 29 src=10.241.0.4 dst=10.240.0.4 sport=%d dport=30053 src=10.244.0.3 dst=10.244.0.1 sport=5353 "
                    + "dport=%d mark=0 use=1\n").formatted(41_000 + i, masquerade));
        }
        Files.writeString(folder.resolve("node-1.conntrack"), listing);

        assertThat(flows(false)).hasSize(3).allSatisfy(flow -> {
            assertThat(flow.service()).hasToString("10.240.0.4:30053");
            assertThat(flow.deviations()).isEmpty();
            assertThat(flow.verdict().label()).isEqualTo("ok");
        });
    }

    /** A router behind the node knows the pod only; conntrack gives the quote back the name under which the caller knows its packet. */
    private void complaint(TestPacket packet) {
        node.at(now, packet.error("10.240.0.1", 11, 0, 0, 64));
        bridge.at(now + 20_000, packet.translated(packet.source().toString(), CLUSTER_IP).error("172.31.0.5", 11, 0, 0, 63));
        now += 1_000_000;
    }

    @Test
    void anErrorThatQuotesAClusterIpTellsTheSame() throws IOException {
        TestPacket first = TestPacket.tcp("10.244.0.7:41000", POD, "S").seq(100).id(1);
        asks(first, POD);
        complaint(first);

        FlowResult flow = analyzed(true);

        assertThat(flow.path()).isEqualTo("clusterip");
        assertThat(flow.service()).hasToString(CLUSTER_IP);
        assertThat(flow.translated().destination()).hasToString(POD);
        assertThat(flow.deviations()).singleElement().satisfies(d -> {
            assertThat(d.code()).isEqualTo("icmp-unreachable");
            assertThat(d.message()).startsWith("10.240.0.1 answered");
        });
    }

    @Test
    void anErrorAboutADatagramDoesToo() throws IOException {
        TestPacket question = TestPacket.udp("10.244.0.7:41000", POD, "who is web").id(1);
        asks(question, POD);
        complaint(question);

        assertThat(analyzed(true).service()).hasToString(CLUSTER_IP);
    }

    @Test
    void anErrorThatQuotesAnotherPacketOfThePortIsAnotherFlows() throws IOException {
        asks(TestPacket.udp("10.244.0.7:41000", POD, "who is web").id(1), POD);
        complaint(TestPacket.udp("10.244.0.7:41000", POD, "who is web").id(2));

        assertThat(flows(true)).noneMatch(flow -> CLUSTER_IP.equals(flow.service().toString()) && flow.translated() != null);
    }

    @Test
    void aNodePortThatAPodCallsIsOne() throws IOException {
        connection("10.244.0.7:41000", POD, "10.240.0.4:32000");

        FlowResult flow = analyzed(true);

        assertThat(flow.path()).isEqualTo("nodeport");
        assertThat(flow.service()).hasToString("10.240.0.4:32000");
    }

    @Test
    void aPodThatIsCalledItselfAnswersInItsOwnName() throws IOException {
        connection("10.244.0.7:41000", POD, POD);

        assertThat(flows(true)).noneMatch(flow -> flow.path().equals("clusterip"));
    }

    @Test
    void answersThatLeakInAPodsNameDoNotMakeThePodTheOneThatWasCalled() throws IOException {
        connection("10.244.0.7:41000", CLUSTER_IP, POD);

        assertThat(analyzed(true).service()).hasToString(CLUSTER_IP);
    }
}
