package io.nattrail.path;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.Folding;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A box in front of the nodes translates what clients call to node ports: the flow's translation is kube-proxy's all the same. */
class BalancersTest {
    private static final String CLIENT = "192.168.1.50:40001";
    private static final String BALANCER = "20.1.2.3:443";
    private static final String NODE_PORT = "10.240.0.4:32000";
    private static final String POD = "10.244.1.2:8443";
    private static final long MILLISECOND = 1_000_000;
    private static final long HOP = 100_000;
    private static final List<CapturePoint> POINTS = List.of(Folding.point("client", PointRole.CLIENT, null),
            Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"), Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2"));

    private final Tape client = new Tape();
    private final Tape node1 = new Tape();
    private final Tape node2 = new Tape();
    private long now;

    @Test
    void whatWasTranslatedBeforeItCameToTheNodeIsNotTheNodesTranslation() throws IOException {
        request(CLIENT, BALANCER, "10.241.0.4:40001", NODE_PORT, "10.240.0.4:52001", "S", 1000, 0);
        answer(CLIENT, BALANCER, "10.241.0.4:40001", NODE_PORT, "10.240.0.4:52001", "SA", 5000, 1001);
        request(CLIENT, BALANCER, "10.241.0.4:40001", NODE_PORT, "10.240.0.4:52001", "A", 1001, 5001);

        FlowTrace trace = traces().get(0);

        assertThat(trace.template()).isSameAs(PathTemplates.NODEPORT);
        assertThat(trace.flow().called()).hasToString(CLIENT + " -> " + BALANCER);
        assertThat(trace.flow().original()).hasToString("10.241.0.4:40001 -> " + NODE_PORT);
        assertThat(trace.flow().translated()).hasToString("10.240.0.4:52001 -> " + POD);
        assertThat(trace.spots()).containsExactly(Spot.CLIENT, Spot.ENTRY_IN, Spot.ENTRY_OUT, Spot.TARGET_BRIDGE);
        assertThat(trace.steps()).extracting(Step::status).doesNotContain(StepStatus.MISSING);
    }

    @Test
    void ofAPodOnTheNodeTheNodePortIsNoEndpoint() throws IOException {
        request(CLIENT, BALANCER, CLIENT, NODE_PORT, null, "S", 1000, 0);
        answer(CLIENT, BALANCER, CLIENT, NODE_PORT, null, "SA", 5000, 1001);
        request(CLIENT, BALANCER, CLIENT, NODE_PORT, null, "A", 1001, 5001);

        FlowTrace trace = traces().get(0);

        assertThat(trace.flow().translated()).isNull();
        assertThat(trace.endpoint()).isNull();
        assertThat(trace.entryNode()).isEqualTo("node-1");
        assertThat(trace.placeAt(Spot.ENTRY_IN)).isEqualTo(1);
    }

    @Test
    void aGatewayThatMasqueradesTheClientLeavesTheServiceAsItIs() throws IOException {
        request(CLIENT, "10.240.0.4:443", "10.241.0.4:1024", "10.240.0.4:443", null, "S", 1000, 0);
        answer(CLIENT, "10.240.0.4:443", "10.241.0.4:1024", "10.240.0.4:443", null, "SA", 5000, 1001);
        request("192.168.1.50:40002", "10.240.0.4:443", "10.241.0.4:1025", "10.240.0.4:443", "10.240.0.4:52001", "S", 2000, 0);

        List<FlowTrace> traces = traces();

        assertThat(traces.get(0).endpoint()).isNull();
        assertThat(traces.get(0).flow().called().source()).hasToString(CLIENT);
        assertThat(traces.get(1).endpoint()).hasToString(POD);
    }

    @Test
    void whatTheClientAloneShowsWasForTheNodeThatTheOthersCameTo() throws IOException {
        request(CLIENT, BALANCER, CLIENT, NODE_PORT, "10.240.0.4:52001", "S", 1000, 0);
        answer(CLIENT, BALANCER, CLIENT, NODE_PORT, "10.240.0.4:52001", "SA", 5000, 1001);
        lost("192.168.1.50:40002", 3000);

        FlowTrace trace = traces().get(1);

        assertThat(trace.template()).isSameAs(PathTemplates.NODEPORT);
        assertThat(trace.entryNode()).isEqualTo("node-1");
        assertThat(trace.flow().original().destination()).hasToString(NODE_PORT);
        assertThat(trace.flow().called().destination()).hasToString(BALANCER);
    }

    @Test
    void whereOthersAreAnsweredByANodeThatWasNotCapturedNothingTellsWhichOneItWasFor() throws IOException {
        request(CLIENT, BALANCER, CLIENT, NODE_PORT, "10.240.0.4:52001", "S", 1000, 0);
        answer(CLIENT, BALANCER, CLIENT, NODE_PORT, "10.240.0.4:52001", "SA", 5000, 1001);
        lost("192.168.1.50:40002", 3000);
        lost("192.168.1.50:40003", 4000);
        client.at(now, TestPacket.tcp(BALANCER, "192.168.1.50:40003", "SA").seq(7000).ack(4001).ttl(62));

        FlowTrace trace = traces().get(1);

        assertThat(trace.template()).isSameAs(PathTemplates.NODEPORT);
        assertThat(trace.entryNode()).isNull();
    }

    @Test
    void aPodThatListensAmongTheNodePortsIsAnEndpointWhereItsBridgeShowsIt() throws IOException {
        TestPacket syn = TestPacket.tcp(CLIENT, NODE_PORT, "S").seq(1000).mss(1460).timestamps(7, 0).id(5);
        client.at(0, syn);
        node1.at(HOP, syn.translated("10.240.0.4:52001", "10.244.1.2:31000"));
        node2.at(2 * HOP, syn.translated("10.240.0.4:52001", "10.244.1.2:31000").ttl(62));

        assertThat(traces().get(0).endpoint()).hasToString("10.244.1.2:31000");
    }

    private void request(String from, String called, String arrivedFrom, String arrivedAt, String masquerade, String flags, int seq,
            int ack) {
        TestPacket sent = TestPacket.tcp(from, called, flags).seq(seq).ack(ack).mss(1460).timestamps(seq, ack).id(seq);
        TestPacket arrived = sent.translated(arrivedFrom, arrivedAt);
        client.at(now, sent);
        node1.at(now + HOP, arrived);
        if (masquerade != null) {
            node1.at(now + 2 * HOP, arrived.translated(masquerade, POD));
            node2.at(now + 3 * HOP, arrived.translated(masquerade, POD).ttl(61));
        }
        now += MILLISECOND;
    }

    private void answer(String from, String called, String arrivedFrom, String arrivedAt, String masquerade, String flags, int seq,
            int ack) {
        TestPacket sent = TestPacket.tcp(POD, masquerade == null ? "10.244.0.1:52001" : masquerade, flags).seq(seq).ack(ack).mss(1460)
                .timestamps(seq, ack).id(seq);
        if (masquerade != null) {
            node2.at(now, sent);
            node1.at(now + HOP, sent.ttl(63));
        }
        TestPacket reversed = sent.translated(arrivedAt, arrivedFrom).ttl(62);
        node1.at(now + 2 * HOP, reversed);
        client.at(now + 3 * HOP, reversed.translated(called, from));
        now += MILLISECOND;
    }

    private void lost(String from, int seq) {
        client.at(now, TestPacket.tcp(from, BALANCER, "S").seq(seq).mss(1460).timestamps(seq, 0).id(seq));
        now += MILLISECOND;
    }

    private List<FlowTrace> traces() throws IOException {
        return LocatedFlows.of(Folding.of(List.of(client.sorted(), node1.sorted(), node2.sorted()), POINTS)).traces();
    }
}
