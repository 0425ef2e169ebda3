package io.nattrail.nat;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.clock.ClockFit;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.CutQuote;
import io.nattrail.leg.DatagramId;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import io.nattrail.packets.Tape;
import io.nattrail.packets.TestPacket;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class QuotesFoundTest {
    private static final long SECOND = 1_000_000_000L;
    private static final IpAddress CLIENT = IpAddress.parse("10.241.0.4");
    private static final IpAddress NODE = IpAddress.parse("10.240.0.4");

    /** Some senders number all alike; errors, which are limited, are no more for that. */
    @Test
    void eachErrorIsTakenOnceThoughAllDatagramsHaveOneIdentification() {
        assertThat(errors(List.of(7, 7, 7), 7, SECOND / 10, SECOND + SECOND / 10)).extracting(QuotedError::timeNanos)
                .containsExactly(Tape.START + SECOND / 10, Tape.START + SECOND + SECOND / 10);
    }

    @Test
    void anErrorQuotesWhatCameBeforeIt() {
        assertThat(errors(List.of(7, 8), 8, SECOND / 10, SECOND + SECOND / 10)).extracting(QuotedError::timeNanos)
                .containsExactly(Tape.START + SECOND + SECOND / 10);
    }

    @Test
    void whatWasSentLongBeforeIsNotComplainedOf() {
        assertThat(errors(List.of(7, 8), 7, 6 * SECOND)).isEmpty();
    }

    /** What another point shows of the same error says more. */
    @Test
    void aSnapLengthMayBeShorterThanThatOfAnotherPoint() {
        assertThat(errors(List.of(7), List.of(quote(1, NODE, 7, SECOND / 20), quote(0, null, 7, SECOND / 10))))
                .extracting(QuotedError::timeNanos).containsExactly(Tape.START + SECOND / 10);
    }

    private static CutQuote quote(int point, IpAddress destination, int quoted, long time) {
        return new CutQuote(point, new DatagramId(CLIENT, destination, Protocol.UDP.number(), quoted),
                new QuotedError(0, 100, Tape.START + time, 3, 3, 0, NODE, CLIENT, 64, true, 0, quoted));
    }

    private static List<QuotedError> errors(List<Integer> identifications, int quoted, long... errorsAt) {
        return errors(identifications, LongStream.of(errorsAt).mapToObj(time -> quote(0, NODE, quoted, time)).toList());
    }

    /** Of a client that sends a datagram in each second, all unanswered. */
    private static List<QuotedError> errors(List<Integer> identifications, List<CutQuote> quotes) {
        Tape tape = new Tape();
        for (int i = 0; i < identifications.size(); i++) {
            tape.at(i * SECOND, TestPacket.udp(CLIENT + ":40000", NODE + ":32000", "who?").id(identifications.get(i)));
        }
        LegTable table = tape.table();
        CaptureSet captures = new CaptureSet(List.of(new PointCapture(new CapturePoint("client", PointRole.CLIENT, null, "test"),
                new CaptureWindow(table.firstTime(), table.latestTime(), table.frames(), SECOND, false, List.of()),
                new LeftOut(null, false, false, List.of(), quotes, List.of(), List.of(), 0), List.of("client.pcap"))),
                new ClockFit[] {ClockFit.UNKNOWN}, List.of());
        LoadedLeg leg = new LoadedLeg();
        leg.load(table.legs().get(0));
        return QuotesFound.errors(captures, leg);
    }
}
