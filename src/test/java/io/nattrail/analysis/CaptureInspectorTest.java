package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.CaptureReader;
import io.nattrail.wire.DecodeStatus;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CaptureInspectorTest {
    private static final int SYN = 2;
    private static final int ACK = 0x10;
    private static final int SYN_ACK = 0x12;
    private static final int RST_ACK = 0x14;
    private static final int FIN_ACK = 0x11;

    private final ByteBuffer file = ByteBuffer.allocate(1 << 18).order(ByteOrder.LITTLE_ENDIAN).putInt(0xa1b2c3d4).putShort((short) 2)
            .putShort((short) 4).putInt(0).putInt(0).putInt(65_535).putInt(101);
    private int time = 1_790_000_000;

    @Test
    void countsFlagsAndConversations() throws IOException {
        tcp(1000, 80, SYN, 1);
        tcp(80, 1000, SYN_ACK, 9);
        tcp(1000, 80, FIN_ACK, 2);
        tcp(1001, 80, SYN, 1);
        tcp(80, 1001, RST_ACK, 0);

        CaptureInspection inspection = inspect();

        assertThat(inspection.tcpFlags()).isEqualTo(new CaptureInspection.TcpFlags(2, 1, 1, 1));
        assertThat(inspection.conversations()).isEqualTo(new CaptureInspection.Conversations(2, 0));
        assertThat(inspection.protocols()).isEqualTo(new CaptureInspection.Protocols(5, 0, 0, 0, 0, 0));
        assertThat(inspection.network()).isEqualTo(new CaptureInspection.Network(5, 0));
    }

    @Test
    void countsAPortThatIsUsedAgainAsAnotherConversationButNoRetransmission() throws IOException {
        tcp(1000, 80, SYN, 1);
        tcp(1000, 80, SYN, 1);
        tcp(1000, 80, SYN, 7);

        assertThat(inspect().conversations().tcp()).isEqualTo(2);
    }

    @Test
    void countsAPortThatIsUsedAgainAfterAConnectionThatWasOpenBeforeTheCapture() throws IOException {
        tcp(1000, 80, ACK, 50_000_000);
        tcp(80, 1000, FIN_ACK, 9);
        tcp(1000, 80, SYN, 70_000_000);
        tcp(80, 1000, SYN_ACK, 1_000_000_000);

        assertThat(inspect().conversations().tcp()).isEqualTo(2);
    }

    @Test
    void countsAPortOfWhichTheOtherSideOpensTheNextConnection() throws IOException {
        tcp(1000, 80, SYN, 1);
        tcp(80, 1000, SYN_ACK, 1_000_000_000);
        tcp(80, 1000, SYN, 5);

        assertThat(inspect().conversations().tcp()).isEqualTo(2);
    }

    @Test
    void countsAConnectionOnceWhoseSynComesAfterItsData() throws IOException {
        tcp(1000, 80, ACK, 3000);
        tcp(1000, 80, ACK, 1001);
        tcp(1000, 80, SYN, 1000);

        assertThat(inspect().conversations().tcp()).isEqualTo(1);
    }

    @Test
    void countsManyConversations() throws IOException {
        for (int i = 0; i < 700; i++) {
            tcp(1000 + i, 80, SYN, i);
            tcp(80, 1000 + i, SYN_ACK, i);
        }

        assertThat(inspect().conversations().tcp()).isEqualTo(700);
    }

    @Test
    void tellsOfTimeThatRunsBackwardsAndOfPacketsItDoesNotUnderstand() throws IOException {
        tcp(1000, 80, SYN, 1);
        time -= 10;
        tcp(1000, 80, SYN, 1);
        packet(new byte[] {0x45, 0, 0});

        CaptureInspection inspection = inspect();

        assertThat(inspection.backwards()).isEqualTo(1);
        assertThat(inspection.notUnderstood()).isEqualTo(Map.of(DecodeStatus.HEADER_CUT, 1L));
    }

    /** Wireshark shows these flags, too, and finds them by filters; of a header that is too short it shows none. */
    @Test
    void countsFlagsOfAHeaderThatIsLongerThanItsPacketButNoConversation() throws IOException {
        tcp(1000, 80, 0xf000 | SYN, 1);
        tcp(1000, 80, 0xf000 | FIN_ACK, 1);
        tcp(1000, 80, 0xe000 | RST_ACK, 1);
        file.put(file.position() - 8, (byte) 0x30);

        CaptureInspection inspection = inspect();

        assertThat(inspection.tcpFlags()).isEqualTo(new CaptureInspection.TcpFlags(1, 0, 1, 0));
        assertThat(inspection.conversations().tcp()).isZero();
        assertThat(inspection.protocols().tcp()).isEqualTo(3);
        assertThat(inspection.notUnderstood()).isEqualTo(Map.of(DecodeStatus.BAD_HEADER_LENGTH, 3L));
    }

    @Test
    void findsWhatIsInACaptureOfTheProject() throws IOException {
        try (CaptureReader reader = CaptureReader.open(Path.of("captures/kubeproxy-happy-cross-node/client.pcap"))) {
            CaptureInspection inspection = CaptureInspector.inspect(reader);

            assertThat(inspection.facts().packets()).isEqualTo(80);
            assertThat(inspection.tcpFlags()).isEqualTo(new CaptureInspection.TcpFlags(6, 6, 12, 0));
            assertThat(inspection.conversations()).isEqualTo(new CaptureInspection.Conversations(6, 0));
            assertThat(inspection.protocols().arp()).isEqualTo(2);
        }
    }

    private CaptureInspection inspect() throws IOException {
        byte[] bytes = new byte[file.position()];
        file.flip().get(bytes);
        try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(bytes), "made.pcap")) {
            return CaptureInspector.inspect(reader);
        }
    }

    /** An IPv4 packet between two hosts; the lower port is on the second. */
    private void tcp(int source, int destination, int flags, int sequence) {
        boolean forward = source > destination;
        ByteBuffer packet = ByteBuffer.allocate(40).putInt(0x45000028).putInt(0).putInt(0x40060000)
                .putInt(forward ? 0x0a000001 : 0x0a000002)
                .putInt(forward ? 0x0a000002 : 0x0a000001).putShort((short) source).putShort((short) destination).putInt(sequence).putInt(0)
                .putShort((short) (0x5000 | flags)).putShort((short) 1024).putInt(0);
        packet(packet.array());
    }

    private void packet(byte[] packet) {
        file.putInt(time++).putInt(0).putInt(packet.length).putInt(packet.length).put(packet);
    }
}
