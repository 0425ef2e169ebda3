package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.LegTable;
import io.nattrail.leg.Rows;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Packets sent through a network whose faults are known: what the matcher says of them must be just that. */
class PacketMatcherProperties {
    private static final String BEFORE = "10.241.0.4:38636";
    private static final String SERVICE = "10.240.0.4:32000";
    private static final String AFTER = "10.240.0.4:52481";
    private static final String POD = "10.244.1.2:8443";

    private final PacketMatcher matcher = new PacketMatcher();

    /** What became of each packet sent, and where what arrived comes from. */
    private static final class Truth {
        private final List<TestPacket> sent = new ArrayList<>();
        private final List<TestPacket> arrived = new ArrayList<>();
        private boolean ofTcp = true;
        /** Index of the packet sent, for each that arrived. */
        private final List<Integer> origin = new ArrayList<>();
        private final List<Boolean> copy = new ArrayList<>();
        private final List<Integer> altered = new ArrayList<>();

        int reordered() {
            int furthest = -1;
            int late = 0;
            for (int j = 0; j < origin.size(); j++) {
                if (!copy.get(j)) {
                    boolean counts = !ofTcp || arrived.get(j).payload().length > 0;
                    late += counts && origin.get(j) < furthest ? 1 : 0;
                    furthest = Math.max(furthest, origin.get(j));
                }
            }
            return late;
        }
    }

    @Property(tries = 150)
    void everyTwinIsFoundWhateverTheTuple(@ForAll @IntRange(min = 1, max = 60) int packets, @ForAll long seed) {
        Truth truth = network(packets, new Random(seed), 0, 0, 0, 0);
        match(truth, true);
        for (int i = 0; i < packets; i++) {
            assertThat(matcher.downOf(i)).isEqualTo(i);
            assertThat(matcher.upOf(i)).isEqualTo(i);
        }
        assertThat(matcher.delivered()).isEqualTo(packets);
        assertThat(matcher.reordered() + matcher.alteredCount()).isZero();
        assertThat(matcher.resegmented()).isFalse();
    }

    @Property(tries = 300)
    void lossDuplicationReorderingAndAlterationAreCountedAsTheyHappened(@ForAll @IntRange(min = 1, max = 60) int packets,
            @ForAll long seed) {
        Truth truth = network(packets, new Random(seed), 10, 10, 15, 8);

        match(truth, true);

        assertFates(truth);
    }

    @Property(tries = 150)
    void ofDatagramsToo(@ForAll @IntRange(min = 1, max = 40) int packets, @ForAll long seed) {
        Truth truth = datagrams(packets, new Random(seed));

        match(truth, false);

        assertFates(truth);
    }

    /** Offload merges and splits: no byte is lost, whatever the sizes, in whichever direction. */
    @Property(tries = 200)
    void mergedAndSplitSegmentsAreDelivered(@ForAll @IntRange(min = 2, max = 40) int segments, @ForAll boolean merging, @ForAll long seed) {
        Random random = new Random(seed);
        List<TestPacket> small = new ArrayList<>();
        List<TestPacket> large = new ArrayList<>();
        int seq = random.nextInt();
        int id = 1;
        boolean mergedAny = false;
        for (int i = 0; i < segments;) {
            int run = Math.min(segments - i, 1 + random.nextInt(4));
            byte[] all = bytes(random, run * 50);
            for (int k = 0; k < run; k++) {
                small.add(segment(seq + k * 50, id + k, Arrays.copyOfRange(all, k * 50, k * 50 + 50)));
            }
            large.add(segment(seq, id, all));
            mergedAny |= run > 1;
            seq += all.length;
            id += run;
            i += run;
        }
        Truth truth = new Truth();
        truth.sent.addAll(merging ? small : large);
        truth.arrived.addAll(merging ? large : small);

        match(truth, true);

        assertThat(matcher.delivered()).isEqualTo(truth.sent.size());
        assertThat(matcher.resegmented()).isEqualTo(mergedAny);
        for (int i = 0; i < truth.sent.size(); i++) {
            assertThat(matcher.downOf(i)).isNotEqualTo(PacketMatcher.LOST);
        }
        for (int j = 0; j < truth.arrived.size(); j++) {
            assertThat(matcher.upOf(j)).isNotEqualTo(PacketMatcher.LOST);
        }
        assertThat(matcher.alteredCount()).isZero();
    }

    /** The same of datagrams, which have no numbers: what each place shows as one is any run of those that were sent. */
    @Property(tries = 200)
    void mergedAndSplitDatagramsAreDelivered(@ForAll @IntRange(min = 2, max = 40) int datagrams, @ForAll long seed) {
        Random random = new Random(seed);
        byte[] all = bytes(random, datagrams * 50);
        Truth truth = new Truth();
        truth.sent.addAll(runs(all, random));
        truth.arrived.addAll(runs(all, random));

        match(truth, false);

        assertThat(matcher.delivered()).isEqualTo(truth.sent.size());
        for (int i = 0; i < truth.sent.size(); i++) {
            assertThat(matcher.downOf(i)).isNotEqualTo(PacketMatcher.LOST);
        }
        for (int j = 0; j < truth.arrived.size(); j++) {
            assertThat(matcher.upOf(j)).isNotEqualTo(PacketMatcher.LOST);
        }
    }

    private static List<TestPacket> runs(byte[] all, Random random) {
        List<TestPacket> runs = new ArrayList<>();
        for (int at = 0; at < all.length;) {
            int end = Math.min(all.length, at + 50 * (1 + random.nextInt(4)));
            runs.add(TestPacket.udp(BEFORE, SERVICE, "").payload(Arrays.copyOfRange(all, at, end)).id(1 + at / 50));
            at = end;
        }
        return runs;
    }

    /** Another datagram between is none of the pieces; neither are as many bytes that are others. */
    @Example
    void datagramsOfOtherBytesAreLostThoughThereAreAsMany() {
        Random random = new Random(1);
        Truth truth = new Truth();
        TestPacket whole = TestPacket.udp(BEFORE, SERVICE, "").payload(bytes(random, 100)).id(1);
        truth.sent.add(whole);
        truth.arrived.addAll(List.of(whole.payload(bytes(random, 50)), whole.payload(bytes(random, 50)).id(2)));

        match(truth, false);

        assertThat(matcher.delivered()).isZero();
        assertThat(matcher.downOf(0)).isEqualTo(PacketMatcher.LOST);
    }

    /** Where bytes were cut off, sizes tell: the kernel makes all pieces but the last of one, and the first has the number of the whole. */
    @Example
    void datagramsWhoseBytesWereCutOffAreMergedAndSplitAsTheKernelDoes() {
        TestPacket large = TestPacket.udp(BEFORE, SERVICE, "x".repeat(120)).id(7);
        for (boolean merging : List.of(true, false)) {
            assertThat(deliveredCut(merging, large, 7, 50, 50, 20)).as("merging %s", merging).isTrue();
            assertThat(deliveredCut(merging, large, 7, 50, 20, 50)).as("another size in between").isFalse();
            assertThat(deliveredCut(merging, large, 7, 40, 30, 50)).as("a larger one at the end").isFalse();
            assertThat(deliveredCut(merging, large, 17, 50, 50, 20)).as("another number").isFalse();
            assertThat(deliveredCut(merging, large, 7, 50, 50, 30)).as("more bytes").isFalse();
        }
    }

    private boolean deliveredCut(boolean merging, TestPacket large, int id, int... sizes) {
        List<TestPacket> pieces = new ArrayList<>();
        for (int size : sizes) {
            pieces.add(large.payload("x".repeat(size)).id(id + pieces.size()));
        }
        Rows one = cutRows(List.of(large), BEFORE, SERVICE);
        Rows several = cutRows(pieces, AFTER, POD);
        matcher.match(merging ? several : one, merging ? one : several, false);
        return matcher.delivered() == (merging ? sizes.length : 1);
    }

    /** What a snap length of 60 bytes leaves of them. */
    private static Rows cutRows(List<TestPacket> packets, String source, String destination) {
        LegTable table = new LegTable();
        FrameView view = new FrameView();
        for (int i = 0; i < packets.size(); i++) {
            byte[] frame = packets.get(i).translated(source, destination).frame();
            view.set(frame, 0, 60, frame.length, Tape.START + i * 100_000L, true, i + 1, 0, LinkType.ETHERNET, 0);
            table.add(view, 0);
        }
        return Tape.rows(table.legs().get(0));
    }

    /** One bit that turned in one of the pieces is found, whether these were cut, even if they overtook each other, or merged. */
    @Property(tries = 200)
    void aBitThatTurnsInAPieceIsFound(@ForAll @IntRange(min = 1, max = 12) int segments, @ForAll boolean merging, @ForAll long seed) {
        Random random = new Random(seed);
        Truth truth = new Truth();
        int at = random.nextInt(segments);
        int seq = random.nextInt();
        int id = 1;
        for (int i = 0; i < segments; i++) {
            int pieces = 2 + random.nextInt(4);
            byte[] all = bytes(random, pieces * 50 - random.nextInt(50));
            byte[] arrived = all.clone();
            if (i == at) {
                arrived[random.nextInt(arrived.length)] ^= 1 << random.nextInt(8);
            }
            (merging ? truth.arrived : truth.sent).add(segment(seq, id, merging ? arrived : all));
            for (int k = 0; k < all.length; k += 50) {
                byte[] piece = Arrays.copyOfRange(merging ? all : arrived, k, Math.min(all.length, k + 50));
                (merging ? truth.sent : truth.arrived).add(segment(seq + k, id++, piece));
            }
            if (!merging && random.nextBoolean()) {
                int last = truth.arrived.size() - 1;
                Collections.swap(truth.arrived, last, last - 1);
            }
            seq += all.length;
        }

        match(truth, true);

        assertThat(matcher.delivered()).isEqualTo(truth.sent.size());
        assertThat(matcher.alteredCount()).isEqualTo(1);
        for (int i = 0; i < truth.sent.size(); i++) {
            if (matcher.altered(i)) {
                TestPacket sent = truth.sent.get(i);
                TestPacket arrived = truth.arrived.get(matcher.alteredTo(i));
                assertThat(merging ? arrived.seq() : sent.seq()).isEqualTo(merging ? sent.seq() : arrived.seq());
            }
        }
    }

    /** Pieces of a split segment that overtake each other are all there; a piece that was lost is not, though its bytes came later. */
    @Property(tries = 200)
    void piecesInDisorderAreDeliveredAndAHoleAmongThemStaysOne(@ForAll @IntRange(min = 3, max = 40) int pieces, @ForAll boolean hole,
            @ForAll long seed) {
        Random random = new Random(seed);
        byte[] all = bytes(random, pieces * 50 - random.nextInt(50));
        int seq = random.nextInt();
        int id = random.nextInt(65_536);
        Truth truth = new Truth();
        truth.sent.add(segment(seq, id, all));
        for (int k = 0; k < pieces; k++) {
            byte[] piece = Arrays.copyOfRange(all, k * 50, Math.min(all.length, k * 50 + 50));
            truth.arrived.add(Math.min(truth.arrived.size(), k - random.nextInt(Math.min(k + 1, 5))),
                    segment(seq + k * 50, id + k & 0xffff, piece));
        }
        if (hole) {
            TestPacket missing = segment(seq + 50 * random.nextInt(pieces - 2), 0, new byte[0]);
            truth.arrived.removeIf(piece -> piece.seq() == missing.seq());
            truth.sent.add(segment(missing.seq(), id + pieces & 0xffff, bytes(random, 100)));
            truth.arrived.add(segment(missing.seq(), id + pieces & 0xffff, bytes(random, 60)));
            truth.arrived.add(segment(missing.seq() + 60, id + pieces + 1 & 0xffff, bytes(random, 40)));
        }

        match(truth, true);

        assertThat(matcher.downOf(0)).isEqualTo(hole ? PacketMatcher.LOST : PacketMatcher.RESEGMENTED);
    }

    /** A hole in the stream stays a hole, although its neighbours were merged. */
    @Property(tries = 200)
    void mergingHidesNoLoss(@ForAll @IntRange(min = 2, max = 15) int runs, @ForAll long seed) {
        Random random = new Random(seed);
        Truth truth = new Truth();
        List<Boolean> lost = new ArrayList<>();
        int seq = random.nextInt();
        int id = 1;
        for (int run = 0; run < runs; run++) {
            int count = 1 + random.nextInt(3);
            boolean drop = random.nextInt(3) == 0;
            byte[] all = bytes(random, count * 50);
            for (int k = 0; k < count; k++) {
                truth.sent.add(segment(seq + k * 50, id + k, Arrays.copyOfRange(all, k * 50, k * 50 + 50)));
                lost.add(drop);
            }
            if (!drop) {
                truth.arrived.add(segment(seq, id, all));
            }
            seq += all.length;
            id += count;
        }

        match(truth, true);

        for (int i = 0; i < lost.size(); i++) {
            assertThat(matcher.downOf(i) == PacketMatcher.LOST).as("packet %d of %s", i, lost).isEqualTo(lost.get(i));
        }
    }

    /** A burst of a thousand losses is beyond any window of neighbours. */
    @Example
    void whatComesAfterALongGapIsFound() {
        Truth truth = new Truth();
        for (int i = 0; i < 1200; i++) {
            TestPacket packet = segment(i * 10, i, new byte[] {(byte) i, 1, 2, 3, 4, 5, 6, 7, 8, 9});
            truth.sent.add(packet);
            if (i < 50 || i >= 1100) {
                truth.arrived.add(packet);
            }
        }

        match(truth, true);

        assertThat(matcher.delivered()).isEqualTo(150);
        assertThat(matcher.downOf(1100)).isEqualTo(50);
        assertThat(matcher.downOf(1199)).isEqualTo(149);
        assertThat(matcher.downOf(600)).isEqualTo(PacketMatcher.LOST);
    }

    /** It acknowledges what the one before it acknowledges as well, and takes no room in the stream. */
    @Example
    void anAcknowledgementThatWasOvertakenIsNotOutOfOrder() {
        assertInOrderThoughOvertaken(segment(1, 1, new byte[0]).ack(10), segment(1, 2, new byte[] {9}).ack(20));
    }

    /** Its receiver misses no byte: the acknowledgement takes none. */
    @Example
    void dataThatOnlyAnAcknowledgementOfBeforeOvertookAreNotOutOfOrder() {
        assertInOrderThoughOvertaken(segment(1, 2, new byte[] {9}).ack(20), segment(1, 1, new byte[0]).ack(10));
    }

    private void assertInOrderThoughOvertaken(TestPacket first, TestPacket second) {
        Truth truth = new Truth();
        TestPacket last = segment(2, 3, new byte[] {8});
        truth.sent.addAll(List.of(first, second, last));
        truth.arrived.addAll(List.of(second, first, last));

        match(truth, true);

        assertThat(matcher.delivered()).isEqualTo(3);
        assertThat(matcher.reordered()).isZero();
    }

    /** The first sending of these bytes was lost; the second, with another identification, is the one that arrived. */
    @Example
    void theRetransmissionThatArrivedIsNotTakenForTheLostOriginal() {
        Truth truth = new Truth();
        byte[] data = {1, 2, 3};
        truth.sent.addAll(List.of(segment(1, 1, new byte[] {9}), segment(2, 2, data), segment(2, 3, data), segment(5, 4, new byte[] {8})));
        truth.arrived.addAll(List.of(truth.sent.get(0), truth.sent.get(2), truth.sent.get(3)));

        match(truth, true);

        assertThat(List.of(matcher.downOf(0), matcher.downOf(1), matcher.downOf(2), matcher.downOf(3)))
                .containsExactly(0, PacketMatcher.LOST, 1, 2);
    }

    private void assertFates(Truth truth) {
        int[] wanted = new int[truth.sent.size()];
        Arrays.fill(wanted, PacketMatcher.LOST);
        for (int j = 0; j < truth.arrived.size(); j++) {
            if (!truth.copy.get(j)) {
                wanted[truth.origin.get(j)] = j;
            }
        }
        int[] fates = new int[wanted.length];
        for (int i = 0; i < fates.length; i++) {
            fates[i] = matcher.downOf(i);
        }
        assertThat(fates).isEqualTo(wanted);
        for (int j = 0; j < truth.arrived.size(); j++) {
            assertThat(matcher.upOf(j)).isEqualTo(truth.copy.get(j) ? PacketMatcher.LOST : truth.origin.get(j));
            assertThat(matcher.duplicateOf(j)).isEqualTo(truth.copy.get(j) ? truth.origin.get(j) : -1);
        }
        for (int i = 0; i < truth.sent.size(); i++) {
            assertThat(matcher.altered(i)).as("altered %d", i).isEqualTo(truth.altered.contains(i));
        }
        assertThat(matcher.alteredCount()).isEqualTo(truth.altered.size());
        assertThat(matcher.reordered()).isEqualTo(truth.reordered());
    }

    private void match(Truth truth, boolean tcp) {
        matcher.match(rows(truth.sent, BEFORE, SERVICE), rows(truth.arrived, AFTER, POD), tcp);
    }

    private static Rows rows(List<TestPacket> packets, String source, String destination) {
        Tape tape = new Tape();
        for (TestPacket packet : packets) {
            tape.then(packet.translated(source, destination));
        }
        return packets.isEmpty() ? new Rows() : Tape.rows(tape.table().legs().get(0));
    }

    /** Chances in percent. */
    private static Truth network(int packets, Random random, int loss, int duplication, int delay, int alteration) {
        Truth truth = new Truth();
        int seq = random.nextInt();
        for (int i = 0; i < packets; i++) {
            byte[] payload = bytes(random, random.nextInt(4) == 0 ? 0 : 1 + random.nextInt(100));
            // Two acknowledgements without data are told apart by what they acknowledge, as TCP's are, or by their identification.
            truth.sent.add(segment(seq, 1 + i, payload).ack(random.nextInt(3)));
            seq += payload.length;
        }
        carry(truth, random, loss, duplication, delay, alteration);
        return truth;
    }

    private static Truth datagrams(int packets, Random random) {
        Truth truth = new Truth();
        truth.ofTcp = false;
        for (int i = 0; i < packets; i++) {
            // Few different payloads: equal questions are told apart by identification and order.
            truth.sent.add(TestPacket.udp(BEFORE, SERVICE, "question " + random.nextInt(4)).id(1 + i));
        }
        carry(truth, random, 10, 10, 15, 0);
        return truth;
    }

    private static void carry(Truth truth, Random random, int loss, int duplication, int delay, int alteration) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < truth.sent.size(); i++) {
            order.add(i);
        }
        for (int i = 0; i + 1 < order.size(); i++) {
            if (random.nextInt(100) < delay) {
                int moved = order.remove(i);
                order.add(Math.min(order.size(), i + 1 + random.nextInt(6)), moved);
            }
        }
        for (int i : order) {
            if (random.nextInt(100) < loss) {
                continue;
            }
            TestPacket packet = truth.sent.get(i);
            if (packet.payload().length > 0 && random.nextInt(100) < alteration) {
                byte[] changed = packet.payload().clone();
                changed[random.nextInt(changed.length)] ^= 0x20;
                packet = packet.payload(changed);
                truth.altered.add(i);
            }
            boolean twice = random.nextInt(100) < duplication;
            for (int k = 0; k < (twice ? 2 : 1); k++) {
                truth.arrived.add(packet);
                truth.origin.add(i);
                truth.copy.add(k > 0);
            }
        }
    }

    private static TestPacket segment(int seq, int id, byte[] payload) {
        return TestPacket.tcp(BEFORE, SERVICE, "A").seq(seq).ack(1).timestamps(1000, 7).id(id).payload(payload);
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
