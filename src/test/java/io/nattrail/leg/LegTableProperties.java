package io.nattrail.leg;

import static io.nattrail.packets.TestPacket.tcp;
import static io.nattrail.packets.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.ProcessorTime;
import io.nattrail.packets.Tape;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.UniqueElements;

class LegTableProperties {
    private static final int LEGS = 3000;
    private static final int MOST_ROWS = 40;

    /** Two addresses and ports in any order, and packets of either side in any order, are one leg. */
    @Property(tries = 300)
    void anyOrderOfTwoDirectionsMeetsInOneLeg(@ForAll int first, @ForAll int second, @ForAll @IntRange(min = 1, max = 65535) int firstPort,
            @ForAll @IntRange(min = 1, max = 65535) int secondPort, @ForAll @Size(min = 1, max = 8) List<Boolean> directions) {
        String a = address(first) + ":" + firstPort;
        String b = address(second) + ":" + secondPort;
        Tape tape = new Tape();
        for (boolean forward : directions) {
            tape.then(udp(forward ? a : b, forward ? b : a, "x"));
        }

        List<Leg> legs = tape.table().legs();

        assertThat(legs).hasSize(1);
        Leg leg = legs.get(0);
        assertThat(leg.tuple().source()).hasToString(directions.get(0) ? a : b);
        Rows rows = Tape.rows(leg);
        assertThat(rows.count()).isEqualTo(directions.size());
        if (!a.equals(b)) {
            for (int row = 0; row < rows.count(); row++) {
                assertThat(rows.fromSecond(row) == leg.openedBySecond()).isEqualTo(directions.get(row).equals(directions.get(0)));
            }
        }
    }

    /** Whatever the ports: as many legs as connections, each with its own packets in order. */
    @Property(tries = 50)
    void interleavedConnectionsKeepTheirPackets(
            @ForAll @UniqueElements @Size(min = 2, max = 30) List<@IntRange(min = 1, max = 65535) Integer> ports, @ForAll Random random) {
        Tape tape = new Tape();
        Map<Integer, Integer> sent = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            int port = ports.get(random.nextInt(ports.size()));
            int number = sent.merge(port, 1, Integer::sum);
            tape.then(tcp("10.0.0.1:" + port, "10.0.0.2:443", number == 1 ? "S" : "A").seq(number));
        }

        List<Leg> legs = tape.table().legs();

        assertThat(legs).hasSize(sent.size());
        for (Leg leg : legs) {
            Rows rows = Tape.rows(leg);
            assertThat(rows.count()).isEqualTo(sent.get(leg.tuple().source().port()));
            assertThat(IntStream.range(0, rows.count()).map(rows::seq)).containsExactlyElementsOf(
                    IntStream.rangeClosed(1, rows.count()).boxed().toList());
        }
    }

    /** Rows go in, out and back in any order of thousands of legs; what is copied is what was appended, and nothing else is held. */
    @Property(tries = 10)
    void rowsComeBackAsTheyWentIn(@ForAll Random random) {
        RowStore store = new RowStore();
        List<Leg> legs = new ArrayList<>();
        List<List<Long>> model = new ArrayList<>();
        for (int i = 0; i < LEGS; i++) {
            legs.add(new Leg(null, 6, false, i, i, 0));
            model.add(new ArrayList<>());
        }
        long held = 0;
        for (int i = 0; i < LEGS * 20; i++) {
            int leg = random.nextInt(LEGS);
            List<Long> rows = model.get(leg);
            if (rows.size() >= MOST_ROWS || !rows.isEmpty() && random.nextInt(30) == 0) {
                held -= rows.size();
                store.release(legs.get(leg));
                rows.clear();
            } else {
                long word = random.nextLong();
                store.append(legs.get(leg), word, word + 1, word + 2, word + 3, word + 4, word + 5);
                rows.add(word);
                held++;
            }
            assertThat(store.rows()).isEqualTo(held);
        }
        Rows into = new Rows();
        for (int leg = 0; leg < LEGS; leg++) {
            into.clear();
            store.copy(legs.get(leg), Integer.MAX_VALUE, into);
            assertThat(into.count()).isEqualTo(model.get(leg).size());
            for (int row = 0; row < into.count(); row++) {
                for (int word = 0; word < Rows.WORDS; word++) {
                    assertThat(into.words()[row * Rows.WORDS + word]).isEqualTo(model.get(leg).get(row) + word);
                }
            }
        }
    }

    /** At the end rows go for good, in any order; those of the other connections stay what they are. */
    @Property(tries = 20)
    void discardedRowsTakeNothingWithThem(@ForAll Random random) {
        RowStore store = new RowStore();
        List<Leg> legs = new ArrayList<>();
        for (int i = 0; i < LEGS; i++) {
            legs.add(new Leg(null, 6, false, i, i, 0));
        }
        for (int i = 0; i < LEGS * 400; i++) {
            Leg leg = legs.get(random.nextInt(LEGS));
            if (random.nextInt(500) == 0) {
                store.release(leg);
            } else {
                store.append(leg, leg.ports, leg.rowCount, 0, 0, 0, 0);
            }
        }
        Collections.shuffle(legs, random);
        Rows into = new Rows();
        for (Leg leg : legs) {
            into.clear();
            store.copy(leg, Integer.MAX_VALUE, into);
            assertThat(into.count()).isEqualTo(leg.rowCount);
            for (int row = 0; row < into.count(); row++) {
                assertThat(into.words()[row * Rows.WORDS]).isEqualTo(leg.ports);
                assertThat(into.words()[row * Rows.WORDS + 1]).isEqualTo(row);
            }
            store.discard(leg);
        }
        assertThat(store.rows()).isZero();
    }

    /** The rows of a connection that are given back are room for the next one's: memory follows what is open. */
    @Example
    void memoryIsUsedAgain() {
        RowStore store = new RowStore();
        int highestChunk = 0;
        for (int round = 0; round < 20_000; round++) {
            for (int i = 0; i < 5; i++) {
                Leg leg = new Leg(null, 6, false, i, i, 0);
                for (int row = 0; row < 30; row++) {
                    store.append(leg, row, row, row, row, row, row);
                }
                highestChunk = Math.max(highestChunk, leg.lastChunk);
                store.release(leg);
            }
        }
        assertThat(store.rows()).isZero();
        assertThat(highestChunk).isLessThan(30);
    }

    /** Addresses and ports in arithmetic progression, as scanners and attackers choose them: a table that clusters would take minutes. */
    @Example
    void ordersOfAddressesAndPortsDoNotSlowTheTable() {
        byte[] frame = udp("10.0.0.0:1024", "10.0.0.255:53", "x").frame();
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        ProcessorTime.within(Duration.ofSeconds(10), () -> {
            for (int stride : new int[] {1, 1 << 8, 1 << 16, 0x01010101}) {
                LegTable table = new LegTable();
                FrameView view = new FrameView();
                for (int i = 0; i < 60_000; i++) {
                    bytes.putInt(26, 0x0a000000 + i * stride);
                    bytes.putShort(34, (short) (1024 + (i & 0x3f)));
                    view.set(frame, 0, frame.length, frame.length, Tape.START, true, i + 1, 0, LinkType.ETHERNET, 0);
                    table.add(view, 0);
                }
                assertThat(table.legs()).hasSize(60_000);
            }
        });
    }

    private static String address(int number) {
        return (number >>> 24) + "." + (number >>> 16 & 255) + "." + (number >>> 8 & 255) + "." + (number & 255);
    }
}
