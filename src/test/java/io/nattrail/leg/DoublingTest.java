package io.nattrail.leg;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoublingTest {
    private static final long MICRO = 1_000L;

    @ParameterizedTest
    @CsvSource({"10.241.0.4, 10.240.0.4, 300", "10.241.0.4, 10.240.0.4, 1000000", "[fd00::4], [fd01::4], 300",
            "[fd00::4], [fd01::4], 1000000"})
    void sayingTheSameAgainIsNoDoubling(String client, String node, long microsApart) {
        Tape tape = new Tape();
        for (int i = 0; i < 100; i++) {
            tape.at(i * microsApart * MICRO, counter(client, node));
        }
        assertThat(tape.table().showsAllTwice()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"10.241.0.4, 10.240.0.4", "[fd00::4], [fd01::4]"})
    void neitherAreHeartbeatsThatAreAnswered(String client, String node) {
        Tape tape = new Tape();
        for (int i = 0; i < 100; i++) {
            tape.at(i * 1_000_000 * MICRO, counter(client, node));
            tape.at((i * 1_000_000 + 400) * MICRO, TestPacket.udp(node + ":8125", client + ":40001", "ok").id(0));
        }
        assertThat(tape.table().showsAllTwice()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void twoDevicesThatHandOverEachFrameAreOne(boolean numbered, boolean sameWords) {
        Tape tape = new Tape();
        for (int i = 0; i < 100; i++) {
            TestPacket packet = counter("10.241.0.4", "10.240.0.4").id(numbered ? i + 1 : 0).payload(sameWords ? "c:1|c" : "c:" + i + "|c");
            tape.at(i * 20_000 * MICRO, packet).at((i * 20_000 + 4) * MICRO, packet);
        }
        assertThat(tape.table().showsAllTwice()).isTrue();
    }

    @Test
    void aMirrorWhoseQueueIsLongShowsEachFrameAgainLater() {
        Tape tape = new Tape();
        for (int i = 0; i < 100; i++) {
            tape.at(i * 7_000 * MICRO, counter("10.241.0.4", "10.240.0.4").id(i + 1));
            if (i >= 3) {
                tape.at((i * 7_000 + 20) * MICRO, counter("10.241.0.4", "10.240.0.4").id(i - 2));
            }
        }
        assertThat(tape.table().showsAllTwice()).isTrue();
        assertThat(tape.table().copyNanos()).isBetween(21_000 * MICRO, 50_000 * MICRO);
    }

    /** Of a busy link: more packets than those that are looked through lie between a packet and its copy 400 microseconds later. */
    @Test
    void aMirrorThatIsSoonButBusyShowsEachFrameAgain() {
        Tape tape = new Tape();
        for (int i = 0; i < 400; i++) {
            tape.at(i * 10 * MICRO, counter("10.241.0.4", "10.240.0.4").id(i + 1));
            if (i >= 40) {
                tape.at((i * 10 + 5) * MICRO, counter("10.241.0.4", "10.240.0.4").id(i - 39));
            }
        }
        assertThat(tape.table().showsAllTwice()).isTrue();
        assertThat(tape.table().copyNanos()).isEqualTo(1_000 * MICRO);
    }

    /** Whoever sends many packets a second has used all identifications within moments. */
    @Test
    void anIdentificationThatComesAgainMuchLaterIsOfAnotherPacket() {
        Tape tape = new Tape();
        for (int i = 0; i < 100; i++) {
            tape.at(i * 20_000 * MICRO, counter("10.241.0.4", "10.240.0.4").id(i + 1));
            tape.at((i * 20_000 + 150_010) * MICRO, counter("10.241.0.4", "10.240.0.4").id(i + 1));
        }
        assertThat(tape.table().showsAllTwice()).isFalse();
    }

    @Test
    void onePacketThatTheNetworkDuplicatesDoesNotTellHowLongCopiesTake() {
        Tape tape = new Tape();
        for (int i = 0; i < 100; i++) {
            tape.at(i * 7_000 * MICRO, counter("10.241.0.4", "10.240.0.4").id(i + 1));
        }
        tape.at(99 * 7_000 * MICRO + 20_000 * MICRO, counter("10.241.0.4", "10.240.0.4").id(100));
        assertThat(tape.table().showsAllTwice()).isFalse();
        assertThat(tape.table().copyNanos()).isEqualTo(1_000 * MICRO);
    }

    /** As small devices do, which give all that they send one identification. */
    @Test
    void oneIdentificationForAllIsNoDoubling() {
        Tape tape = new Tape();
        for (int i = 0; i < 100; i++) {
            tape.at(i * 20_000 * MICRO, counter("10.241.0.4", "10.240.0.4").id(77));
        }
        assertThat(tape.table().showsAllTwice()).isFalse();
    }

    private static TestPacket counter(String client, String node) {
        return TestPacket.udp(client + ":40001", node + ":8125", "c:1|c").id(0);
    }
}
