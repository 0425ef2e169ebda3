package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.Rows;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import io.nattrail.wire.SequenceNumber;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** What a place shows of a byte stream, in any order, whatever number it begins with. */
class TcpStreamProperties {
    private static final int LONGEST = 8;

    /** Each segment begins at a tenth of its number and is as long as the last digit says, 8 at most. */
    @Property(tries = 300)
    void bytesAreCountedOnceAndTheRestIsMissing(@ForAll int isn, @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 999) Integer> sent) {
        BitSet bytes = new BitSet();
        bytes.set(0);
        Tape tape = new Tape().then(segment(isn, "S", "")).then(segment(isn + 1, "A", "x"));
        for (int one : sent) {
            int length = Math.min(LONGEST, one % 10);
            bytes.set(one / 10, one / 10 + length);
            tape.then(segment(isn + 1 + one / 10, "A", "x".repeat(length)));
        }

        TcpStream stream = TcpStream.of(rows(tape));

        assertThat(stream.bytes()).isEqualTo(bytes.cardinality());
        assertThat(stream.end() - stream.first()).isEqualTo(bytes.length());
        assertThat(stream.span()).isEqualTo(bytes.length());
        BitSet missing = new BitSet();
        for (int i = 0; i < stream.gaps().length; i += 2) {
            assertThat(missing.length()).as("in order and apart").isLessThanOrEqualTo(stream.gaps()[i] - stream.first());
            missing.set(stream.gaps()[i] - stream.first(), stream.gaps()[i + 1] - stream.first());
        }
        bytes.flip(0, bytes.length());
        assertThat(missing).isEqualTo(bytes);
    }

    @Example
    void gigabytesThatACaptureLacksAreNotTakenFromThoseThatItShows() {
        Tape tape = new Tape().then(segment(7, "S", ""));
        for (int gigabyte = 0; gigabyte < 7; gigabyte++) {
            tape.then(segment(8 + (gigabyte << 30), "A", "data"));
        }

        assertThat(TcpStream.of(rows(tape)).bytes()).isEqualTo(7 * 4);
    }

    /** Segments that carry bytes of one are found, and no others and no probes, wherever the numbers come round. */
    @Property(tries = 300)
    void whoCarriesTheSameBytesIsFound(@ForAll int isn, @ForAll @Size(min = 1, max = 40) List<@IntRange(max = 999) Integer> sent) {
        Tape tape = new Tape();
        for (int one : sent) {
            tape.then(segment(isn + one / 10, one % 7 == 0 ? "FA" : "A", "x".repeat(Math.min(LONGEST, one % 10))));
        }
        Rows rows = rows(tape);
        int[] fates = sent.stream().mapToInt(one -> one % 3 == 0 ? PacketMatcher.LOST : 0).toArray();
        CarriedBytes all = new CarriedBytes();
        all.note(rows, null);
        CarriedBytes arrived = new CarriedBytes();
        arrived.note(rows, fates);

        for (int row = 0; row < rows.count(); row++) {
            boolean another = false;
            boolean anotherArrived = false;
            for (int other = 0; other < rows.count(); other++) {
                boolean same = other != row && RowFacts.tells(rows, other) && !RowFacts.mayProbe(rows, other) && RowFacts.tells(rows, row)
                        && SequenceNumber.isBefore(rows.seq(other), RowFacts.sequenceEnd(rows, row))
                        && SequenceNumber.isAfter(RowFacts.sequenceEnd(rows, other), rows.seq(row));
                another |= same;
                anotherArrived |= same && fates[other] != PacketMatcher.LOST;
            }
            assertThat(all.another(row)).isEqualTo(another);
            assertThat(arrived.another(row)).isEqualTo(anotherArrived);
        }
    }

    private static TestPacket segment(int seq, String flags, String payload) {
        return TestPacket.tcp("10.241.0.4:40000", "10.240.0.4:32000", flags).seq(seq).payload(payload);
    }

    private static Rows rows(Tape tape) {
        return Tape.rows(tape.table().legs().get(0));
    }
}
