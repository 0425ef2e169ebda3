package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorrelatorTest {
    /** The firewall between the points gives the connection other numbers; of its answer, which is not read yet, nobody knows those. */
    @Test
    void whatIsNotFoldedYetHasTheNumbersThatItsPointShows() {
        TestPacket syn = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", "S").mss(1460).timestamps(1000, 0).id(5);
        LegTable client = new Tape().then(syn.seq(77)).table(0);
        LegTable node1 = new Tape().then(syn.seq(1_000_077).ttl(63)).table(1);

        Correlator correlator = new Correlator(List.of(client, node1), new Correlator.Settled());
        assertThat(correlator.count()).isEqualTo(1);
        assertThat(client.legs().get(0).clientIsn()).isEqualTo(node1.legs().get(0).clientIsn());
        correlator.leaveOpen();

        assertThat(List.of(client, node1)).flatExtracting(LegTable::legs).extracting(Leg::clientIsn).containsExactly(77, 1_000_077);
    }
}
