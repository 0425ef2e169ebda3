package io.nattrail.capture;

import static io.nattrail.capture.Captures.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapTest {
    private static final long NANOS = TIME * 1_000_000_000L;

    @ParameterizedTest
    @CsvSource({"little, microseconds, 5000", "big, microseconds, 5000", "little, nanoseconds, 5", "big, nanoseconds, 5"})
    void isReadInBothByteOrdersAndResolutions(String order, String resolution, long expected) {
        Captures.Read read = Captures.pcap(order(order), resolution.equals("nanoseconds") ? Captures.NANOSECONDS : Captures.MICROSECONDS,
                113, 96).record(TIME, 5, 3, 1500, "abc").read();

        assertThat(read.frames()).containsExactly(new Captures.Frame(1, 24, NANOS + expected, true, 3, 1500, 113, 0, "abc"));
        assertThat(read.facts()).isEqualTo(new CaptureFacts("test.pcap", "pcap", "none", order, List.of(resolution),
                List.of("LINUX_SLL"), 1, 3, 1500, NANOS + expected, NANOS + expected, List.of(), null, 96,
                List.of(new CaptureInterface(null, null, null, 113, 96, null, 0))));
    }

    @Test
    void ofTheModifiedKindHasLongerRecordHeaders() {
        Captures.Read read = Captures.pcap(ByteOrder.BIG_ENDIAN, Captures.MODIFIED, 1, 65_535).record(TIME, 1, "first")
                .record(TIME, 2, "second").read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("first", "second");
        assertThat(read.frames()).extracting(Captures.Frame::offset).containsExactly(24L, 24L + 24 + 5);
        assertThat(read.facts().damage()).isEmpty();
    }

    /** Nokia's IPSO, Red Hat 6.1 and SuSE 6.3: nothing in the file's header tells of what their records have more. */
    @ParameterizedTest
    @CsvSource({"little, plain, 4", "big, plain, 4", "little, plain, 8", "little, modified, 12", "big, modified, 12"})
    void mayHaveLongerRecordHeadersThanItsMagicNumberSays(String order, String kind, int tail) {
        Captures file = Captures.pcap(order(order), kind.equals("plain") ? Captures.MICROSECONDS : Captures.MODIFIED, 1, 65_535)
                .withTail(tail).record(TIME, 1, "first").record(TIME, 999_999, "second").record(TIME + 1, 17, "third");

        Captures.Read read = file.read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("first", "second", "third");
        assertThat(read.facts().damage()).isEmpty();
        Captures.Read cut = Captures.read(Arrays.copyOf(file.record(TIME + 2, 0, "fourth").bytes(), file.bytes().length - 1));
        assertThat(cut.frames()).hasSize(3);
        assertThat(cut.facts().damage()).extracting(Damage::kind).containsExactly("cut");
    }

    /** Four bytes too many in one place are damage. */
    @Test
    void hasTheRecordHeadersOfItsMagicNumberWhereOneRecordIsWrong() {
        Captures.Read read = Captures.pcap().withTail(4).record(TIME, 0, "first").withTail(0).record(TIME, 1, "second")
                .record(TIME, 2, "third").record(TIME, 3, "fourth").read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes).first().isEqualTo("\0\0\0\0f");
        assertThat(read.facts().damage()).isNotEmpty();
    }

    @Test
    void ofVersion23MayHaveTheLengthsTheOtherWayRound() {
        byte[] file = Captures.pcap().record(TIME, 0, 60, 3, "abc").record(TIME, 1, 3, 60, "def").bytes();
        file[6] = 3;

        assertThat(Captures.read(file).frames()).extracting(Captures.Frame::captured, Captures.Frame::original, Captures.Frame::bytes)
                .containsExactly(tuple(3, 60L, "abc"), tuple(3, 60L, "def"));
    }

    @Test
    void hasFrameCheckSequenceBitsAboveTheLinkType() {
        // f = 1, length 2 words of 16 bits (draft-ietf-opsawg-pcap, section 4).
        assertThat(Captures.pcap(ByteOrder.LITTLE_ENDIAN, Captures.MICROSECONDS, 0x2400_0001, 65_535).record(TIME, 0, "x").read().frames())
                .extracting(Captures.Frame::linkType).containsExactly(1);
    }

    @Test
    void hasTimesAfter2038() {
        assertThat(Captures.pcap().record(0xf000_0000, 0, "x").read().frames()).extracting(Captures.Frame::timeNanos)
                .containsExactly(0xf000_0000L * 1_000_000_000L);
    }

    @Test
    void isReadUpToACutAndTheCutIsTold() {
        byte[] file = Captures.pcap().record(TIME, 0, "first").record(TIME, 1, "second").bytes();

        Captures.Read read = Captures.read(Arrays.copyOf(file, file.length - 2));

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("first");
        assertThat(read.facts().damage()).containsExactly(new Damage("test.pcap", 45, 2, "cut",
                "the file ends inside a record: 20 of 22 bytes are there"));
    }

    @ParameterizedTest
    @ValueSource(ints = {262_145, 0x7fff_ffff, 0x8000_0000, -1})
    void isReadUpToALengthThatCannotBe(int length) {
        Captures.Read read = Captures.pcap().record(TIME, 0, "first").record(TIME, 1, length, 60, "second").record(TIME, 2, "third").read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("first");
        assertThat(read.facts().damage()).singleElement().satisfies(damage -> {
            assertThat(damage.fileOffset()).isEqualTo(45);
            assertThat(damage.frameNumber()).isEqualTo(2);
            assertThat(damage.kind()).isEqualTo("bad-length");
            assertThat(damage.lost()).contains("a record claims " + (length & 0xffffffffL) + " bytes, at most 262144 are possible");
        });
    }

    @Test
    void isReadUpToAPacketThatNoOtherReaderTakesWhateverItsSnapLength() {
        String large = "L".repeat(300_000);

        Captures.Read read = Captures.pcap(ByteOrder.LITTLE_ENDIAN, Captures.MICROSECONDS, 1, 1 << 20).record(TIME, 0, "first")
                .record(TIME, 1, large).read();

        assertThat(read.frames()).extracting(Captures.Frame::captured).containsExactly(5);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::lost).asString()
                .contains("a record claims 300000 bytes, at most 262144 are possible");
    }

    @Test
    void mayHoldLongerRecordsWhereTheyAreNoPackets() {
        Captures.Read read = Captures.pcap(ByteOrder.LITTLE_ENDIAN, Captures.MICROSECONDS, LinkType.USBPCAP, 1 << 20)
                .record(TIME, 0, "L".repeat(300_000)).record(TIME, 1, "small").read();

        assertThat(read.frames()).extracting(Captures.Frame::captured).containsExactly(300_000, 5);
        assertThat(read.facts().damage()).isEmpty();
    }

    @Test
    void tellsOfTheFrameThatDamageFollows() throws IOException {
        byte[] sound = Captures.pcap().record(TIME, 0, "first").record(TIME, 1, "second").bytes();
        for (byte[] damage : List.of(new byte[100], "tcpdump: 2 packets captured\n".getBytes(StandardCharsets.US_ASCII), new byte[0])) {
            List<Boolean> before = new ArrayList<>();
            try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(Captures.join(sound, damage)), "test.pcap")) {
                FrameView frame = new FrameView();
                while (reader.next(frame)) {
                    before.add(reader.beforeDamage());
                }
            }
            assertThat(before).startsWith(false, damage.length > 0);
            assertThat(before.subList(2, before.size())).doesNotContain(true);
        }
    }

    @Test
    void thatWasAppendedToAnotherIsNamed() {
        byte[] one = Captures.pcap().record(TIME, 0, "first").bytes();

        Captures.Read read = Captures.read(Captures.join(one, one));

        assertThat(read.facts().damage()).singleElement().extracting(Damage::lost).asString()
                .contains("at byte 45 another pcap file seems to be appended (frame 2 is its header)");
    }

    @Test
    void tellsOfAnAppendedFileHoweverItIsReadInPieces() throws IOException {
        byte[] file = Captures.join(Captures.pcap().record(TIME, 0, "x".repeat(600)).bytes(), Captures.pcap().record(TIME, 0, "y").bytes());
        for (int piece = 1; piece < 40; piece++) {
            int most = piece;
            InputStream in = new FilterInputStream(new ByteArrayInputStream(file)) {
                @Override
                public int read(byte[] buffer, int offset, int length) throws IOException {
                    return super.read(buffer, offset, Math.min(length, most));
                }
            };
            try (CaptureReader reader = CaptureReader.open(in, "test.pcap")) {
                FrameView frame = new FrameView();
                while (reader.next(frame)) {
                    assertThat(frame.number()).isLessThan(3);
                }
                assertThat(reader.facts().damage()).singleElement().extracting(Damage::lost).asString()
                        .contains("another pcap file seems to be appended");
            }
        }
    }

    @Test
    void endsInSpaceThatWasNeverWritten() {
        Captures.Read read = Captures.pcap().record(TIME, 0, "first").raw(new byte[16 * 3]).read();

        assertThat(read.frames()).extracting(Captures.Frame::number, Captures.Frame::timed, Captures.Frame::timeNanos)
                .containsExactly(tuple(1L, true, NANOS), tuple(2L, false, NANOS), tuple(3L, false, NANOS), tuple(4L, false, NANOS));
        assertThat(read.facts().lastTimeNanos()).isEqualTo(NANOS);
        assertThat(read.facts().damage()).containsExactly(new Damage("test.pcap", 45, 2, "zeros",
                "3 records are nothing but zeros: space that was reserved and never written"));
    }

    @Test
    void isNotReadThroughZerosWithoutEnd() throws IOException {
        InputStream endless = new SequenceInputStream(new ByteArrayInputStream(Captures.pcap().bytes()), new ByteArrayInputStream(
                new byte[100 << 20]));

        try (CaptureReader reader = CaptureReader.open(endless, "zeros.pcap")) {
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                assertThat(frame.capturedLength()).isZero();
            }
            assertThat(reader.facts().damage()).extracting(Damage::kind).containsExactly("zeros", "zeros");
            assertThat(reader.frames()).isEqualTo((64 << 20) / 16 - 1);
        }
    }

    @Test
    void withoutPacketsIsNoDamage() {
        Captures.Read read = Captures.pcap().read();

        assertThat(read.frames()).isEmpty();
        assertThat(read.facts().damage()).isEmpty();
        assertThat(read.facts().firstTimeNanos()).isNull();
        assertThat(read.facts().lastTimeNanos()).isNull();
    }

    @Test
    void whoseHeaderIsCutYieldsNothing() {
        byte[] file = Arrays.copyOf(Captures.pcap().bytes(), 20);

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(file))
                .withMessage("test.pcap: byte 20: the file ends inside the pcap file header: 20 of 24 bytes are there");
    }

    @Test
    void ofVersion1IsRefused() {
        byte[] file = Captures.pcap().bytes();
        file[4] = 1;

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(file))
                .withMessageContaining("version 1.4");
    }

    @Test
    void ofALaterVersionIsReadAndTheDoubtTold() {
        byte[] file = Captures.pcap().record(TIME, 0, "x").bytes();
        file[4] = 99;

        assertThat(Captures.read(file).frames()).hasSize(1);
        assertThat(Captures.read(file).facts().damage()).singleElement().extracting(Damage::kind).isEqualTo("version");
    }

    private static ByteOrder order(String name) {
        return name.equals("little") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }
}
