package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.ProcessorTime;
import io.nattrail.leg.Rows;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of datagrams, of which a place lacks many: what each takes must not grow with their number. */
class PacketMatcherTest {
    private static final int MANY = 60_000;

    private final PacketMatcher matcher = new PacketMatcher();

    /** Without identification, as over IPv6, nothing but its bytes tells a datagram from others of its length. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aStreamGoesOnAfterAnOutage(boolean numbered) {
        Tape up = new Tape();
        Tape down = new Tape();
        for (int i = 0; i < MANY; i++) {
            byte[] frame = datagram(i, numbered);
            up.then(frame);
            if (i >= MANY / 2) {
                down.then(frame);
            }
        }

        match(up, down);

        assertThat(matcher.delivered()).isEqualTo(MANY / 2);
        assertThat(matcher.downOf(MANY / 2 - 1)).isEqualTo(PacketMatcher.LOST);
        for (int i = MANY / 2; i < MANY; i++) {
            assertThat(matcher.downOf(i)).isEqualTo(i - MANY / 2);
        }
    }

    /** What only one place shows is looked for among what only the other does, to see whether these are pieces of it. */
    @Test
    void aStreamLosesItsFirstHalfAndAStrangerComes() {
        Tape up = new Tape();
        Tape down = new Tape();
        down.then(TestPacket.udp("10.241.0.4:40000", "10.240.0.4:32000", "new").id(7));
        for (int i = 0; i < 3 * MANY; i++) {
            byte[] frame = datagram(i, true);
            up.then(frame);
            if (i >= 2 * MANY || i == 0) {
                down.then(frame);
            }
        }

        match(up, down);

        assertThat(matcher.delivered()).isEqualTo(MANY + 1);
        assertThat(matcher.upOf(0)).isEqualTo(PacketMatcher.LOST);
    }

    /**
     * What a connection sends last, once it has closed, has no identification: where a snap length cut the timestamps off, its numbers and
     * the order tell it, as they do over IPv6, and of several that say the same the usual delay.
     */
    @Test
    void findsThePacketsOfAConnectionWhereTheTimestampsWereCutOff() {
        long millisecond = 1_000_000;
        Tape up = new Tape();
        Tape down = new Tape();
        for (int i = 0; i < 6; i++) {
            boolean data = i == 2;
            TestPacket packet = TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", i == 0 ? "S" : "A").seq(i < 3 ? 1 : 101)
                    .ack(i == 0 ? 0 : 1).payload(data ? "a hundred bytes" : "").id(0);
            up.at(i * millisecond, packet.timestamps(700 + i, 7));
            if (i != 4) {
                down.at(i * millisecond + 10, packet);
            }
        }

        Rows sent = rows(up);
        Rows arrived = rows(down);
        matcher.match(sent, arrived, true);

        assertThat(matcher.delivered()).isEqualTo(5);
        assertThat(matcher.downOf(4)).isEqualTo(PacketMatcher.LOST);
        assertThat(matcher.downOf(5)).isEqualTo(4);
        matcher.match(arrived, sent, true);
        assertThat(matcher.delivered()).isEqualTo(5);
        assertThat(matcher.upOf(4)).isEqualTo(PacketMatcher.LOST);
    }

    /** A bridge that puts fragments together shows whole what leaves the node in pieces again. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aFirstFragmentThatComesTwiceIsADuplicateOfWhatWasCut(int sent) {
        TestPacket large = TestPacket.udp("10.244.1.2:5353", "10.240.0.4:40000", "x".repeat(3_000)).id(9);
        Tape up = new Tape();
        for (int i = 0; i < sent; i++) {
            up.then(large.frame());
        }
        Tape down = new Tape().then(large.fragment(1480, 1480)).then(large.fragment(2960, 1480)).then(large.fragment(0, 1480))
                .then(large.fragment(0, 1480));

        match(up, down);

        int first = 0;
        while (rows(down).laterFragment(first)) {
            first++;
        }
        assertThat(matcher.duplicateOf(first)).isEqualTo(-1);
        assertThat(matcher.duplicateOf(first + 1)).isEqualTo(sent == 1 ? 0 : -1);
    }

    /** What a queue held back comes at once: as many as were sent are the same ones, in their order, and none of them came twice. */
    @Test
    void pairsEqualPacketsInTheirOrderWhereAsManyCameTogetherAsWereSent() {
        long millisecond = 1_000_000;
        Tape up = new Tape();
        Tape down = new Tape();
        TestPacket answer = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "SA").seq(1).ack(1).id(0);
        long[] sent = {0, 1020, 1021};
        for (int i = 0; i < sent.length; i++) {
            up.at(sent[i] * millisecond, answer);
            down.at(1920 * millisecond + i * 1000, answer);
        }
        TestPacket acknowledgement = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "A").seq(2).ack(1).id(0);
        long[] later = {1930, 1932};
        for (long at : later) {
            up.at(at * millisecond, acknowledgement);
            down.at(at * millisecond + millisecond * 3 / 2, acknowledgement);
        }
        TestPacket data = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "PA").seq(2).ack(1).payload("data").id(0);
        up.at(1940 * millisecond, data);
        down.at(1940 * millisecond + 1000, data);
        // A RST that only the first place shows: packets that are equal are looked at again.
        up.at(1950 * millisecond, TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "R").seq(6).id(0));

        matcher.match(rows(up), rows(down), true);

        assertThat(matcher.delivered()).isEqualTo(6);
        for (int i = 0; i < 6; i++) {
            assertThat(matcher.downOf(i)).isEqualTo(i);
            assertThat(matcher.duplicateOf(i)).isEqualTo(-1);
        }
    }

    /**
     * A box that resets a connection numbers its RST, and the pod, whose own come later, does not: what keeps the zero of one packet fills
     * in that of no other.
     */
    @Test
    void aNumberedResetIsNoneOfThoseWithoutNumber() {
        long millisecond = 1_000_000;
        TestPacket answer = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "SA").seq(1).ack(1).id(0);
        TestPacket reset = TestPacket.tcp("10.240.0.4:32000", "10.241.0.4:40000", "R").seq(2).id(0);
        Tape up = new Tape().at(0, answer).at(40 * millisecond, reset).at(41 * millisecond, reset);
        Tape down = new Tape().at(10, answer).at(3 * millisecond, reset.id(0x1234)).at(40 * millisecond + 10, reset)
                .at(41 * millisecond + 10, reset);

        matcher.match(rows(up), rows(down), true);

        assertThat(matcher.upOf(1)).isEqualTo(PacketMatcher.LOST);
        assertThat(matcher.downOf(1)).isEqualTo(2);
        assertThat(matcher.downOf(2)).isEqualTo(3);
    }

    private static byte[] datagram(int number, boolean numbered) {
        return TestPacket.udp("10.241.0.4:40000", "10.240.0.4:32000", "%08d".formatted(number)).id(numbered ? 1 + number % 0xffff : 0)
                .frame();
    }

    private void match(Tape up, Tape down) {
        Rows sent = rows(up);
        Rows arrived = rows(down);
        ProcessorTime.within(Duration.ofSeconds(5), () -> matcher.match(sent, arrived, false));
    }

    private static Rows rows(Tape tape) {
        return Tape.rows(tape.table().legs().get(0));
    }
}
