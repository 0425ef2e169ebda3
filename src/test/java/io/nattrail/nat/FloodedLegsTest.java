package io.nattrail.nat;

import static io.nattrail.packets.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.packets.Tape;
import java.util.List;
import org.junit.jupiter.api.Test;

class FloodedLegsTest {
    private static final String POD = "10.244.1.7:40001";
    private static final String SERVICE = "172.31.0.10:53";
    private static final String GONE = "10.244.1.2:5353";
    private static final String NODE = "10.240.0.4:51000";

    private final Tape tape = new Tape();

    @Test
    void whatABridgeFloodsToAPodIsNotThePods() {
        tape.then(udp(POD, SERVICE, "question")).then(udp(SERVICE, POD, "answer").ttl(62));
        tape.then(udp(NODE, GONE, "for another").ttl(62));

        assertThat(left()).extracting(leg -> leg.tuple().source()).hasToString("[" + POD + "]");
    }

    /** A pod that never sends anything may be the one. */
    @Test
    void whatComesToASilentPodIsIts() {
        tape.then(udp(NODE, GONE, "question").ttl(62)).then(udp(POD, GONE, "of its neighbour"));

        assertThat(left()).hasSize(2);
    }

    @Test
    void whatThePodIsAskedIsIts() {
        tape.then(udp(NODE, GONE, "question").ttl(62)).then(udp(GONE, NODE, "answer"));
        tape.then(udp("10.240.0.5:51000", GONE, "in vain").ttl(62));

        assertThat(left()).hasSize(2);
    }

    /** Its address of the other family may be silent. */
    @Test
    void whatComesByTheOtherFamilyIsIts() {
        tape.then(udp(POD, SERVICE, "question")).then(udp(SERVICE, POD, "answer").ttl(62));
        tape.then(udp("[fd00:240::4]:51000", "[fd00:244::2]:5353", "question").ttl(62));

        assertThat(left()).hasSize(2);
    }

    private List<Leg> left() {
        LegTable table = tape.table();
        FloodedLegs.leaveOut(table);
        return table.legs();
    }
}
