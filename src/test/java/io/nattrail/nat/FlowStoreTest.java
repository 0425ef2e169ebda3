package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.PointRole;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

class FlowStoreTest {
    /** One is ambiguous, one was refused, one is in fragments, and of one a router complains. */
    @Test
    void flowsComeBackFromBytesAsTheyWere() throws IOException {
        Tape node = new Tape();
        for (int i = 0; i < 3; i++) {
            TestPacket question = TestPacket.udp("10.241.0.4:" + (40_000 + i), "10.240.0.4:30053", "same question").id(0);
            node.then(question).then(question.translated("10.240.0.4:" + (60_000 + i), "10.244.1.2:53"));
        }
        TestPacket syn = TestPacket.tcp("10.241.0.4:41000", "10.240.0.4:32000", "S").seq(-5).mss(1460).timestamps(-7, 0).id(9);
        node.then(syn).then(syn.unreachable("10.240.0.9", 1, 60));
        node.then(TestPacket.udp("10.241.0.4:42000", "10.240.0.4:30053", "x".repeat(3000)).id(7).fragment(0, 1480));
        node.then(TestPacket.tcp("10.240.0.4:32001", "10.241.0.4:41001", "RA").seq(0).ack(77).id(0));
        List<Flow> flows = Folding.of(List.of(node), List.of(Folding.point("node1-eth0", PointRole.NODE_INTERFACE, "node-1"))).flows();
        assertThat(flows).anySatisfy(flow -> assertThat(flow.rivals()).isNotEmpty())
                .anySatisfy(flow -> assertThat(flow.legs().get(0).errors()).isNotEmpty())
                .anySatisfy(flow -> assertThat(flow.legs().get(0).gaps()).isNotEmpty())
                .anySatisfy(flow -> assertThat(flow.signs()).isNotEmpty());

        for (long inMemory : new long[] {Long.MAX_VALUE, 0}) {
            try (FlowStore store = new FlowStore(2, inMemory)) {
                for (Flow flow : flows) {
                    FlowStore.Batch batch = store.batch();
                    batch.add(flow);
                    store.add(batch);
                }
                store.seal();
                for (int i = 0; i < flows.size(); i++) {
                    assertThat(store.get(i)).isEqualTo(flows.get(i));
                }
            }
        }
    }
}
