package io.nattrail.nat;

import static io.nattrail.packets.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.packets.Tape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class RowFactsTest {
    private static final int MORE_FRAGMENTS = 0x2000;

    /** A tunnel's own packets are too large for the network, which cuts them in two: nothing is missing of what they carry. */
    @Test
    void whatATunnelCarriesInFragmentsOfItsOwnIsNotCutByTheCapture() {
        byte[] frame = udp("10.244.0.2:40000", "10.244.1.2:5353", "x".repeat(1400)).frame();
        byte[] part = Arrays.copyOf(frame, frame.length - 60);
        assertThat(cut(tunnelled(frame, frame.length, 0))).isFalse();
        assertThat(cut(tunnelled(part, frame.length, 0))).as("by the snap length").isTrue();
        assertThat(cut(tunnelled(part, part.length, MORE_FRAGMENTS))).isFalse();
    }

    private static boolean cut(byte[] frame) {
        return RowFacts.cut(Tape.rows(new Tape().then(frame).table().legs().get(0)));
    }

    /** Inside VXLAN (RFC 7348). */
    private static byte[] tunnelled(byte[] captured, int length, int fragment) {
        ByteBuffer outer = ByteBuffer.allocate(14 + 20 + 8 + 8 + captured.length);
        outer.put(captured, 0, 12).putShort((short) 0x0800);
        outer.put((byte) 0x45).put((byte) 0).putShort((short) (36 + length)).putShort((short) 1).putShort((short) fragment);
        outer.put((byte) 64).put((byte) 17).putShort((short) 0).putInt(0x0af00004).putInt(0x0af00005);
        outer.putShort((short) 50_000).putShort((short) 4789).putShort((short) (16 + length)).putShort((short) 0);
        outer.putInt(0x08000000).putInt(0x100);
        return outer.put(captured).array();
    }
}
