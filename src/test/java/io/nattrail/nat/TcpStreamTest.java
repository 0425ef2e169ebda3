package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThatCode;

import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import org.junit.jupiter.api.Test;

class TcpStreamTest {
    /**
     * A filter that lets data alone through shows no SYN between the connections of a tuple, whose numbers have nothing to do with each
     * other: what lies between them overlaps.
     */
    @Test
    void oneSegmentMayLieInSeveralGaps() {
        Tape tape = new Tape();
        for (long number : new long[] {0, 1_500_000_000L, 3_000_000_000L, 4_500_000_000L, 100_000_000L}) {
            tape.then(TestPacket.tcp("10.241.0.4:41000", "10.240.0.4:32000", "PA").seq((int) number).payload("data").frame());
        }
        assertThatCode(() -> TcpStream.of(Tape.rows(tape.table().legs().get(0)))).doesNotThrowAnyException();
    }
}
