package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.leg.LegTable;
import io.nattrail.leg.PointRole;
import io.nattrail.packets.TestPacket;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What is a copy where a node was captured on all interfaces, above all without identification, as of IPv6: a pod's packet shows on its own
 * interface, on the bridge, and, with one hop less, on eth0.
 */
class LoadedLegTest {
    private static final int IN = 0;
    private static final int OUT = 4;
    private static final int ETH0 = 2;
    private static final int BRIDGE = 3;
    private static final int VETH = 4;
    private static final int TUNNEL = 5;
    private static final long SECOND = 1_000_000_000L;
    private static final long MILLI = 1_000_000L;

    private final LegTable table = new LegTable();
    private int frames;
    /** Whether as tcpdump wrote it before 4.99: frames do not name their interface. */
    private boolean old;

    private void seen(long nanos, int device, int type, TestPacket packet) {
        byte[] ethernet = packet.frame();
        if (old) {
            ByteBuffer cooked = ByteBuffer.allocate(ethernet.length + 2);
            cooked.putShort((short) type).putShort((short) 1).putShort((short) 6).putLong(0).putShort((short) 0x800);
            add(nanos, cooked.put(ethernet, 14, ethernet.length - 14), LinkType.LINUX_SLL);
            return;
        }
        ByteBuffer cooked = ByteBuffer.allocate(ethernet.length + 6);
        cooked.putShort((short) 0x800).putShort((short) 0).putInt(device).putShort((short) 1).put((byte) type).put((byte) 6).putLong(0);
        cooked.put(ethernet, 14, ethernet.length - 14);
        add(nanos, cooked, LinkType.LINUX_SLL2);
    }

    private void add(long nanos, ByteBuffer frame, int linkType) {
        FrameView view = new FrameView();
        view.set(frame.array(), 0, frame.capacity(), frame.capacity(), nanos, true, ++frames, 0, linkType, 0);
        table.add(view, 0);
    }

    /** From the pod to where it leaves the node, which may have to find its next hop's address first. */
    private void leaving(long nanos, long held, TestPacket packet) {
        seen(nanos, VETH, IN, packet);
        seen(nanos + 3_000, BRIDGE, IN, packet);
        if (held >= 0) {
            seen(nanos + 6_000 + held, ETH0, OUT, packet.ttl(63));
        }
    }

    private void arriving(long nanos, TestPacket packet) {
        seen(nanos, ETH0, IN, packet.ttl(63));
        seen(nanos + 3_000, BRIDGE, OUT, packet.ttl(62));
        seen(nanos + 5_000, VETH, OUT, packet.ttl(62));
    }

    private static TestPacket answer(String text) {
        return TestPacket.udp("10.244.1.2:5353", "10.240.0.4:41000", text).id(0);
    }

    private static TestPacket segment(String flags) {
        return TestPacket.tcp("10.240.0.4:41000", "10.244.1.2:8443", flags).seq(1000).ack(2000).timestamps(77, 88).id(0);
    }

    private long packets() {
        LoadedLeg loaded = new LoadedLeg();
        loaded.load(table.legs().get(0));
        return loaded.requests().count() + loaded.replies().count();
    }

    private Sign ttlChanged() {
        Flow flow = Folding.ofTables(List.of(table), List.of(Folding.point("node2-any", PointRole.ANY, "node-2"))).onlyFlow();
        return flow.sign(Sign.Kind.TTL_CHANGED);
    }

    private TestPacket numbered(int packet) {
        return TestPacket.tcp("10.240.0.4:41000", "10.244.1.2:8443", packet == 0 ? "S" : "A").seq(1000).ack(2000 + packet).id(7 + packet);
    }

    /** The bridge's copy has one hop less than that of eth0, which the capture missed. */
    @Test
    void aCopyWhoseOriginalTheCaptureMissedHasNoOtherTtl() {
        arriving(0, numbered(0));
        arriving(MILLI, numbered(1));
        seen(2 * MILLI, BRIDGE, OUT, numbered(2).ttl(62));
        arriving(3 * MILLI, numbered(3));
        assertThat(ttlChanged()).isNull();
    }

    @Test
    void aPacketOfTheSameInterfaceWithAnotherTtlHasOne() {
        arriving(0, numbered(0));
        arriving(MILLI, numbered(1));
        seen(2 * MILLI, ETH0, IN, numbered(2).ttl(60));
        arriving(3 * MILLI, numbered(3));
        assertThat(ttlChanged()).isNotNull();
    }

    @Test
    void aDatagramThatWaitsForItsNeighboursAddressIsOne() {
        leaving(0, SECOND, answer("once"));
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void theSameDatagramSentAgainIsAnother() {
        leaving(0, 0, answer("twice"));
        leaving(SECOND, 0, answer("twice"));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void theSameDatagramTwiceWithinAMillisecondIsTwo() {
        leaving(0, 0, answer("twice"));
        leaving(300_000, 0, answer("twice"));
        assertThat(packets()).isEqualTo(2);
    }

    /** Each of the node's interfaces shows it, then each shows it once more. */
    @Test
    void aNumberedSegmentThatTheNetworkDoubledIsTwo() {
        arriving(0, numbered(1));
        arriving(300_000, numbered(1));
        arriving(2 * MILLI, numbered(2));
        assertThat(packets()).isEqualTo(3);
    }

    @Test
    void aNumberedSegmentWhoseFirstInterfaceTheCaptureMissedIsNoFurtherOne() {
        seen(0, BRIDGE, OUT, numbered(1).ttl(62));
        seen(2000, VETH, OUT, numbered(1).ttl(62));
        arriving(300_000, numbered(1));
        assertThat(packets()).isEqualTo(2);
    }

    /** The tunnel's device sends it at once; what it is inside of then waits for the other node's address. */
    @Test
    void aSegmentThatWaitsInsideATunnelIsOne() {
        seen(0, VETH, IN, numbered(1));
        seen(3_000, BRIDGE, IN, numbered(1));
        seen(6_000, TUNNEL, OUT, numbered(1).ttl(63));
        seen(2 * MILLI, ETH0, OUT, numbered(1).ttl(63));
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void aSegmentThatATunnelSendsOnAgainIsAnother() {
        seen(0, BRIDGE, IN, numbered(1));
        seen(6_000, TUNNEL, OUT, numbered(1).ttl(63));
        seen(9_000, ETH0, OUT, numbered(1).ttl(63));
        seen(2 * MILLI, ETH0, OUT, numbered(1).ttl(63));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void twoThatWaitTogetherAreTwo() {
        leaving(0, -1, answer("twice"));
        leaving(400 * MILLI, -1, answer("twice"));
        seen(SECOND, ETH0, OUT, answer("twice").ttl(63));
        seen(SECOND + 4_000, ETH0, OUT, answer("twice").ttl(63));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void theSameAcknowledgementTwiceAtOnceIsTwo() {
        arriving(0, segment("A"));
        arriving(130_000, segment("A"));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void oneThatTheNodeItselfSendsAgainIsAnother() {
        seen(0, BRIDGE, OUT, segment("PA").payload("data"));
        seen(2_000, VETH, OUT, segment("PA").payload("data"));
        seen(200 * MILLI, BRIDGE, OUT, segment("PA").payload("data"));
        seen(200 * MILLI + 2_000, VETH, OUT, segment("PA").payload("data"));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void withoutTheirNamesABridgeAndItsPortShowOnePacketAllTheSame() {
        old = true;
        arriving(0, segment("PA").payload("question").id(7));
        leaving(MILLI, 0, TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:41000", "PA").seq(2000).ack(1008).payload("answer").id(8));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void soTheyDoWithoutIdentification() {
        old = true;
        arriving(0, TestPacket.udp("10.240.0.4:41000", "10.244.1.2:5353", "question").id(0));
        leaving(MILLI, 0, answer("answer"));
        assertThat(packets()).isEqualTo(2);
    }

    private void onBridge(long nanos, String mac, TestPacket packet) {
        ByteBuffer frame = ByteBuffer.wrap(packet.mac(mac).frame());
        add(nanos, frame, LinkType.ETHERNET);
    }

    /** A bridge shows what came to its address as it came, and as it hands it to another port. */
    @Test
    void whatABridgeHandsOnFromItsOwnAddressIsOneThoughNothingNumbersIt() {
        for (int i = 0; i < 2; i++) {
            onBridge(i * MILLI / 2, "02:00:00:00:00:01", answer("the same"));
            onBridge(i * MILLI / 2 + 20_000, "02:00:00:00:00:02", answer("the same"));
        }
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void whatOneCardSendsTwiceAreTwo() {
        onBridge(0, "02:00:00:00:00:01", answer("the same"));
        onBridge(20_000, "02:00:00:00:00:01", answer("the same"));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void andWhatTheNodeSendsToItsOwnPodIsOne() {
        old = true;
        seen(0, BRIDGE, OUT, answer("once").id(9));
        seen(2_000, VETH, OUT, answer("once").id(9));
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void withoutNamesTheSameAcknowledgementTwiceIsTwo() {
        old = true;
        arriving(0, segment("A"));
        arriving(130_000, segment("A"));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void whatIsDoubledInOneDirectionOnlyIsSeenThrough() {
        old = true;
        for (int i = 0; i < 3; i++) {
            TestPacket question = TestPacket.udp("10.244.0.1:41000", "10.244.0.3:5353", "question " + i).id(9 + i).ttl(63);
            seen(i * MILLI, BRIDGE, OUT, question);
            seen(i * MILLI + 2_000, VETH, OUT, question);
            seen(i * MILLI + 90_000, VETH, IN, TestPacket.udp("10.244.0.3:5353", "10.244.0.1:41000", "answer " + i).id(70 + i));
        }
        assertThat(packets()).isEqualTo(6);
    }

    // Where one interface shows a segment whole and another its pieces, as segmentation offload has it

    private static final int PIECE = 100;
    private static final int PIECES = 5;

    /** Bytes of the pod's answer from an offset on; as the kernel cuts it, the pieces are numbered one after the other. */
    private TestPacket part(int offset, int length, int identification) {
        String text = "0123456789".repeat(100).substring(offset, offset + length);
        return TestPacket.tcp("10.244.1.2:8443", "10.240.0.4:41000", "A").seq(5000 + offset).ack(2000).timestamps(77, 88).payload(text)
                .id(identification);
    }

    private void inPieces(long nanos, int device, int type, int ttl, int identification) {
        for (int i = 0; i < PIECES; i++) {
            seen(nanos + i * 1_000, device, type, part(i * PIECE, PIECE, identification == 0 ? 0 : identification + i).ttl(ttl));
        }
    }

    private void leavingInPieces(long nanos, int identification) {
        seen(nanos, VETH, IN, part(0, PIECES * PIECE, identification));
        seen(nanos + 3_000, BRIDGE, IN, part(0, PIECES * PIECE, identification));
        inPieces(nanos + 9_000, ETH0, OUT, 63, identification);
    }

    @Test
    void aSegmentThatLeavesInPiecesIsOne() {
        leavingInPieces(0, 7);
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void soItIsWithoutIdentification() {
        leavingInPieces(0, 0);
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void andWithoutTheNamesOfInterfaces() {
        old = true;
        leavingInPieces(0, 7);
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void aSegmentThatIsPutTogetherFromPiecesIsNoFurtherPacket() {
        // Out of a tunnel: eth0 shows what the tunnel carries, the tunnel's own device what was merged of it.
        inPieces(0, ETH0, IN, 63, 7);
        seen(9_000, BRIDGE, IN, part(0, PIECES * PIECE, 7).ttl(63));
        assertThat(packets()).isEqualTo(PIECES);
    }

    @Test
    void piecesThatTheQueueOfTheCardHeldAreCopiesToo() {
        seen(0, VETH, IN, part(0, PIECES * PIECE, 7));
        seen(3_000, BRIDGE, IN, part(0, PIECES * PIECE, 7));
        inPieces(20 * MILLI, ETH0, OUT, 63, 7);
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void aPieceThatThePodSendsAgainAtOnceIsAnother() {
        leavingInPieces(0, 7);
        leaving(300_000, 0, part(200, PIECE, 12));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void aPieceThatComesTwiceAtOnceWithoutIdentificationIsAnother() {
        leavingInPieces(0, 0);
        leaving(300_000, 0, part(200, PIECE, 0));
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void aWholeSegmentThatThePodSendsAgainAtOnceIsAnother() {
        leavingInPieces(0, 0);
        leavingInPieces(300_000, 0);
        assertThat(packets()).isEqualTo(2);
    }

    @Test
    void whatNoOtherInterfaceShowedWhollyStays() {
        seen(0, VETH, IN, part(0, 2 * PIECE, 7));
        seen(1_000, VETH, IN, part(3 * PIECE, 2 * PIECE, 10));
        inPieces(9_000, ETH0, OUT, 63, 7);
        assertThat(packets()).isEqualTo(3);
    }

    @Test
    void whatTheSameInterfaceShowedWholeBeforeStays() {
        seen(0, ETH0, IN, part(0, PIECES * PIECE, 7));
        inPieces(20_000, ETH0, IN, 64, 12);
        assertThat(packets()).isEqualTo(1 + PIECES);
    }

    @Test
    void whatTheSenderSentAtAnotherTimeStays() {
        seen(0, VETH, IN, part(0, PIECES * PIECE, 7));
        seen(50_000, ETH0, OUT, part(0, PIECE, 7).timestamps(78, 88).ttl(63));
        assertThat(packets()).isEqualTo(2);
    }

    // Datagrams in fragments: conntrack puts them together for the bridge, and cuts them anew for the card

    private static TestPacket large(int identification) {
        return TestPacket.udp("10.244.1.2:5353", "10.240.0.4:41000", "0123456789".repeat(400)).id(identification);
    }

    private void inFragments(long nanos, int device, int type, TestPacket packet) {
        for (int offset = 0; offset < 4008; offset += 1480) {
            byte[] ethernet = packet.fragment(offset, 1480);
            ByteBuffer cooked = ByteBuffer.allocate(ethernet.length + 6);
            cooked.putShort((short) 0x800).putShort((short) 0).putInt(device).putShort((short) 1).put((byte) type).put((byte) 6).putLong(0);
            cooked.put(ethernet, 14, ethernet.length - 14);
            add(nanos + offset, cooked, LinkType.LINUX_SLL2);
        }
    }

    @Test
    void aDatagramThatIsWholeHereAndInFragmentsThereIsOne() {
        inFragments(0, VETH, IN, large(7));
        seen(6_000, BRIDGE, IN, large(7));
        inFragments(9_000, ETH0, OUT, large(7).ttl(63));
        // As many as it came in at first.
        assertThat(packets()).isEqualTo(3);
        LoadedLeg loaded = new LoadedLeg();
        loaded.load(table.legs().get(0));
        assertThat(loaded.requestCopies()).as("once at the bridge, once at eth0").isEqualTo(2);
    }

    @Test
    void aWholeDatagramThatIsCutForTheCardIsOne() {
        seen(0, BRIDGE, IN, large(7));
        inFragments(9_000, ETH0, OUT, large(7).ttl(63));
        assertThat(packets()).isEqualTo(1);
    }

    /** It waits for the address of its next hop, and has a hop less then. */
    @Test
    void aWholeDatagramThatIsCutForTheCardLaterIsOneIfTheNodeSentItOn() {
        seen(0, BRIDGE, IN, large(7));
        inFragments(SECOND, ETH0, OUT, large(7).ttl(63));
        assertThat(packets()).isEqualTo(1);
    }

    @Test
    void soItIsNotIfItCameFromElsewhereOrTooLate() {
        seen(0, BRIDGE, IN, large(7));
        inFragments(SECOND, ETH0, OUT, large(7));
        assertThat(packets()).as("no router took of its TTL").isEqualTo(4);
        inFragments(20 * SECOND, ETH0, OUT, large(7).ttl(63));
        assertThat(packets()).as("nobody waits so long").isEqualTo(7);
    }

    @Test
    void fragmentsOfTheNextDatagramAreNoCopies() {
        seen(0, BRIDGE, IN, large(7));
        inFragments(9_000, ETH0, OUT, large(8).ttl(63));
        assertThat(packets()).isEqualTo(4);
    }
}
