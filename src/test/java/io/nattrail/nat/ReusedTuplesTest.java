package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.ProcessorTime;
import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReusedTuplesTest {
    private static final long SECOND = 1_000_000_000L;
    private static final int CLIENTS = 2000;
    private static final int BEATS = 150;

    /** What is sent without identification, as over IPv6, is alike wherever its words are: whoever looks one up finds all. */
    @Test
    void heartbeatsWithTheSameWordsDoNotTakeTheSquareOfTheirNumber() {
        Tape tape = new Tape();
        byte[][] beats = new byte[CLIENTS][];
        for (int i = 0; i < CLIENTS; i++) {
            beats[i] = TestPacket.udp("10.241.0.4:" + (20_000 + i), "10.240.0.4:32000", "ping").id(0).frame();
        }
        for (int beat = 0; beat < BEATS; beat++) {
            for (int i = 0; i < CLIENTS; i++) {
                tape.at(beat * 15 * SECOND + i, beats[i]);
            }
        }
        LegTable table = tape.table();

        ProcessorTime.within(Duration.ofSeconds(20), () -> ReusedTuples.divide(List.of(table)));

        assertThat(table.legs()).hasSize(CLIENTS).extracting(Leg::rowCount).containsOnly(BEATS);
    }
}
