package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.clock.ClockFit;
import io.nattrail.clock.ClockNet;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whether a capture could have shown a packet: the difference between lost and unknown. */
class CaptureSetTest {
    private static final long MILLI = 1_000_000L;
    private static final long SECOND = 1_000 * MILLI;
    private static final long AHEAD = 40 * SECOND;
    private static final long BUSY = 1000;

    /** Two points; the second, 40 s ahead, captured from second 100 to 200 of the first's clock, with silences of 5 s. */
    private final CaptureSet captures = captures(new CaptureWindow(100 * SECOND + AHEAD, 200 * SECOND + AHEAD, BUSY, 5 * SECOND, false,
            List.of()));

    @ParameterizedTest(name = "at {0} ms: {1}")
    @CsvSource({"150000, SURE", "100001, SURE", "199900, SURE", "199999, LIKELY", "203000, LIKELY", "97000, LIKELY", "94000, NO",
            "206000, NO",
        "0, NO"})
    void insideIsSureJustOutsideLikelyBeyondTheSilencesNo(long atMillis, Coverage coverage) {
        assertThat(captures.coverage(0, atMillis * MILLI, 1)).isEqualTo(coverage);
    }

    @Test
    void aPointWithoutPacketsMayHaveCapturedAllTheTime() {
        CaptureSet empty = captures(window(Long.MAX_VALUE, Long.MIN_VALUE));

        assertThat(empty.coverage(0, 150 * SECOND, 1)).isEqualTo(Coverage.LIKELY);
    }

    @Test
    void onePacketAloneDoesNotTellWhenThePointWasCaptured() {
        CaptureSet quiet = captures(window(150 * SECOND, 150 * SECOND));

        assertThat(quiet.coverage(0, 147 * SECOND, 1)).isEqualTo(Coverage.LIKELY);
    }

    /** As where two interfaces show the same one. */
    @Test
    void framesOfOneMomentTellNoMoreThanOne() {
        CaptureSet quiet = captures(new CaptureWindow(150 * SECOND, 150 * SECOND, 2, 0, false, List.of()));

        assertThat(quiet.coverage(0, 110 * SECOND - AHEAD, 1)).isEqualTo(Coverage.LIKELY);
    }

    @ParameterizedTest(name = "{0} frames, {1} s before the first: {2}")
    @CsvSource({"1, 55, LIKELY", "2, 37, LIKELY", "2, 39, NO", "4, 3, LIKELY", "4, 7, NO", "1000, 3, NO"})
    void theFewerFramesTheLessIsTheirLongestSilenceABound(long frames, long secondsBefore, Coverage coverage) {
        CaptureSet quiet = captures(new CaptureWindow(150 * SECOND, 152 * SECOND, frames, 2 * SECOND, false, List.of()));

        assertThat(quiet.coverage(0, (150 - secondsBefore) * SECOND - AHEAD, 1)).isEqualTo(coverage);
    }

    @Test
    void clocksThatNothingBoundsLeaveNothingSure() {
        CaptureSet unknown = captures(window(100 * SECOND, 200 * SECOND), LeftOut.NOTHING,
                new ClockFit[] {ClockFit.UNKNOWN, ClockFit.UNKNOWN});

        assertThat(unknown.coverage(0, 150 * SECOND, 1)).isEqualTo(Coverage.LIKELY);
        assertThat(unknown.coverage(0, 199 * SECOND, 1)).isEqualTo(Coverage.LIKELY);
        assertThat(unknown.uncertainty(0, 1)).isEqualTo(Long.MAX_VALUE);
        assertThat(unknown.uncertainty(1, 1)).isZero();
    }

    @Test
    void packetsOneWayAreEnoughToKnowTheMiddleOfACapture() {
        ClockNet net = new ClockNet(2);
        net.crossed(0, 110 * SECOND, 1, 110 * SECOND + AHEAD);
        CaptureSet oneWay = captures(new CaptureWindow(100 * SECOND + AHEAD, 200 * SECOND + AHEAD, BUSY, 5 * SECOND, false, List.of()),
                LeftOut.NOTHING, fit(net));

        assertThat(oneWay.coverage(0, 150 * SECOND, 1)).isEqualTo(Coverage.SURE);
        assertThat(oneWay.coverage(0, 101 * SECOND, 1)).as("the packets may have been under way for long").isEqualTo(Coverage.LIKELY);
        assertThat(oneWay.uncertainty(0, 1)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void framesAreNamedOnceEach() {
        SeenFrame frame = new SeenFrame(1, 0, 7, 150 * SECOND);

        assertThat(captures.refs(List.of(frame, frame))).singleElement().satisfies(ref -> {
            assertThat(ref.point()).isEqualTo("node2-cbr0");
            assertThat(ref.file()).isEqualTo("b.pcap");
            assertThat(ref.number()).isEqualTo(7);
        });
    }

    @Test
    void pointsAreFoundByRoleAndNode() {
        assertThat(captures.find(PointRole.BRIDGE, "node-2")).containsExactly(1);
        assertThat(captures.find(PointRole.BRIDGE, "node-1")).isEmpty();
        assertThat(captures.find(null, null)).containsExactly(0, 1);
    }

    @Test
    void whatAPointCouldNotHaveShownItMayHide() {
        FiveTuple v6 = tuple(Protocol.TCP, "[fd00:241::4]:5000", "[fd00:240::4]:32000");
        FiveTuple v4 = tuple(Protocol.TCP, "10.241.0.4:5000", "10.240.0.4:32000");
        FiveTuple datagrams = tuple(Protocol.UDP, "10.241.0.4:5000", "10.240.0.4:32000");
        CaptureSet onlyTcp = captures(new LeftOut(Protocol.TCP, false, false, List.of(), List.of(), List.of(), List.of(), 0));
        CaptureSet cut = captures(new LeftOut(null, true, false, List.of(), List.of(), List.of(), List.of(), 0));

        assertThat(List.of(onlyTcp.mayHide(v4, 1), onlyTcp.mayHide(datagrams, 1))).containsExactly(false, true);
        assertThat(List.of(cut.mayHide(v4, 1), cut.mayHide(v6, 1))).containsExactly(false, true);
        assertThat(captures.mayHide(v6, 1)).isFalse();
    }

    private static FiveTuple tuple(Protocol protocol, String source, String destination) {
        return new FiveTuple(protocol, Endpoint.parse(source), Endpoint.parse(destination));
    }

    private static CaptureSet captures(CaptureWindow second) {
        return captures(second, LeftOut.NOTHING, fit(bothWays()));
    }

    private static CaptureSet captures(LeftOut bySecond) {
        return captures(window(0, SECOND), bySecond, fit(bothWays()));
    }

    private static CaptureSet captures(CaptureWindow second, LeftOut bySecond, ClockFit[] clocks) {
        return new CaptureSet(List.of(
                new PointCapture(Folding.point("client", PointRole.CLIENT, null), window(0, 300 * SECOND), LeftOut.NOTHING,
                        List.of("a.pcap")),
                new PointCapture(Folding.point("node2-cbr0", PointRole.BRIDGE, "node-2"), second, bySecond, List.of("b.pcap"))),
                clocks, List.of());
    }

    private static CaptureWindow window(long first, long last) {
        return new CaptureWindow(first, last, first == last ? 1 : BUSY, SECOND, false, List.of());
    }

    private static ClockNet bothWays() {
        ClockNet net = new ClockNet(2);
        net.crossed(0, 110 * SECOND, 1, 110 * SECOND + AHEAD + MILLI / 10);
        net.crossed(1, 111 * SECOND + AHEAD, 0, 111 * SECOND + MILLI / 10);
        return net;
    }

    private static ClockFit[] fit(ClockNet net) {
        return net.fits(new long[2]).clocks(0, new long[] {0, 100 * SECOND + AHEAD});
    }
}
