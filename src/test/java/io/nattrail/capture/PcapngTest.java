package io.nattrail.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PcapngTest {
    private static final int NAME = 2;
    private static final int DESCRIPTION = 3;
    private static final int RESOLUTION = 9;
    private static final int FILTER = 11;
    private static final int OFFSET = 14;
    private static final long MICROS = 1_790_000_000_000_005L;

    @ParameterizedTest
    @ValueSource(strings = {"little", "big"})
    void isReadInBothByteOrders(String name) {
        Captures made = Captures.pcapng(name.equals("little") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);

        Captures.Read read = made.device(1, 96, made.option(NAME, "eth0"), made.option(DESCRIPTION, "uplink"),
                made.option(FILTER, "\0tcp port 443")).enhanced(0, MICROS, "hello").read();

        assertThat(read.frames()).containsExactly(new Captures.Frame(1, 88, MICROS * 1000, true, 5, 5, 1, 0, "hello"));
        assertThat(read.facts()).isEqualTo(new CaptureFacts("test.pcap", "pcapng", "none", name, List.of("microseconds"), List.of("EN10MB"),
                1, 5, 5, MICROS * 1000, MICROS * 1000, List.of(), null, 96,
                List.of(new CaptureInterface("eth0", "uplink", "tcp port 443", 1, 96, null, 0))));
    }

    @Test
    void hasInterfacesThatEachHaveTheirOwnLinkTypeResolutionAndSnapLength() {
        Captures made = Captures.pcapng();

        Captures.Read read = made.device(1, 96).device(113, 0, made.option(RESOLUTION, new byte[] {9}))
                .enhanced(1, 1_790_000_000_123_456_789L, "b").enhanced(0, MICROS, "a").read();

        assertThat(read.frames()).extracting(Captures.Frame::interfaceId, Captures.Frame::linkType, Captures.Frame::timeNanos)
                .containsExactly(tuple(1, 113, 1_790_000_000_123_456_789L), tuple(0, 1, MICROS * 1000));
        assertThat(read.facts().timeResolutions()).containsExactly("microseconds", "nanoseconds");
        assertThat(read.facts().linkTypes()).containsExactly("EN10MB", "LINUX_SLL");
        assertThat(read.facts().snapLength()).isEqualTo(96);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1790000000, 1790000000000000000, seconds",
        "3, 1790000000123, 1790000000123000000, milliseconds",
        "8, 179000000012345678, 1790000000123456780, 1/100000000 s",
        "9, 1790000000123456789, 1790000000123456789, nanoseconds",
        "12, 1123456789012, 1123456789, picoseconds",
        "28, 9000000000000000000, 0, 1/10000000000000000000000000000 s",
        "27, 9000000000000000000, 9, 1/1000000000000000000000000000 s",
        "127, 9000000000000000000, 0, 1/1E+127 s",
        "128, 1790000000, 1790000000000000000, seconds",
        "138, 1832960000512, 1790000000500000000, 1/1024 s",
        "160, 7687991459840000000, 1790000000000000000, 1/4294967296 s",
        "191, 9000000000000000000, 975781955, 1/9223372036854775808 s",
        "255, 9000000000000000000, 0, 1/170141183460469231731687303715884105728 s"})
    void knowsEveryTimeResolution(int code, long ticks, long nanos, String name) {
        Captures made = Captures.pcapng();

        Captures.Read read = made.device(1, 0, made.option(RESOLUTION, new byte[] {(byte) code})).enhanced(0, ticks, "x").read();

        assertThat(read.frames()).extracting(Captures.Frame::timeNanos).containsExactly(nanos);
        assertThat(read.facts().timeResolutions()).hasSize(1);
        if (!name.contains("E+")) {
            assertThat(read.facts().timeResolutions()).containsExactly(name);
        }
        assertThat(read.facts().damage()).isEmpty();
    }

    @Test
    void takesTheFirstOfTwoTimeResolutions() {
        Captures made = Captures.pcapng();

        Captures.Read read = made.device(1, 0, made.option(RESOLUTION, new byte[] {9}), made.option(RESOLUTION, new byte[] {6}))
                .enhanced(0, 5, "x").read();

        assertThat(read.frames()).extracting(Captures.Frame::timeNanos).containsExactly(5L);
    }

    @Test
    void mayHoldStatisticsOfAnInterfaceThatIsNotDescribed() {
        Captures.Read read = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "a").statistics(7).enhanced(0, MICROS, "b").read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("a", "b");
        assertThat(read.facts().damage()).isEmpty();
    }

    @Test
    void isReadUpToAPacketThatNoOtherReaderTakes() {
        String large = "L".repeat(262_145);
        Captures begun = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "a").enhanced(0, MICROS, large.substring(1));
        byte[] before = begun.bytes();

        Captures.Read read = begun.enhanced(0, MICROS, large).read();

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().damage()).singleElement().satisfies(damage -> {
            assertThat(damage.fileOffset()).isEqualTo(before.length);
            assertThat(damage.lost()).contains("a packet claims 262145 bytes, at most 262144 are possible");
        });
    }

    @Test
    void addsTheTimeOffsetOfTheInterface() {
        Captures made = Captures.pcapng();

        assertThat(made.device(1, 0, made.option(OFFSET, 1_790_000_000L)).enhanced(0, 5, "x").read().frames())
                .extracting(Captures.Frame::timeNanos).containsExactly(1_790_000_000_000_005_000L);
    }

    @ParameterizedTest
    @CsvSource({"6, -1, 0", "9, -1, 0", "0, 10000000000, 0", "128, 10000000000, 0", "129, -1, 0", "6, 5, 9223372036854775807",
        "6, 5, -9223372036854775808", "9, 9000000000000000000, 9000000000"})
    void takesATimeThatCannotBeForNone(int resolution, long ticks, long offset) {
        Captures made = Captures.pcapng();

        Captures.Read read = made.device(1, 0).device(1, 0, made.option(RESOLUTION, new byte[] {(byte) resolution}),
                made.option(OFFSET, offset)).enhanced(0, MICROS, "a").enhanced(1, ticks, "b").read();

        assertThat(read.frames()).extracting(Captures.Frame::timeNanos, Captures.Frame::timed)
                .containsExactly(tuple(MICROS * 1000, true), tuple(MICROS * 1000, false));
        assertThat(read.facts().lastTimeNanos()).isEqualTo(MICROS * 1000);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::kind, Damage::frameNumber).containsExactly("bad-time", 2L);
    }

    @Test
    void startsTheInterfacesAnewWithEachSectionAndMayChangeTheByteOrder() {
        Captures.Read read = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "a").turned().section().device(101, 0)
                .enhanced(0, MICROS + 1, "b").read();

        assertThat(read.frames()).extracting(Captures.Frame::number, Captures.Frame::interfaceId, Captures.Frame::linkType)
                .containsExactly(tuple(1L, 0, 1), tuple(2L, 1, 101));
        assertThat(read.facts().byteOrder()).isEqualTo("mixed");
        assertThat(read.facts().interfaces()).hasSize(2);
    }

    @Test
    void hasSimplePacketsWithoutATimeCutToTheSnapLengthOfTheFirstInterface() {
        Captures.Read read = Captures.pcapng().device(1, 4).simple(60, "abcd").enhanced(0, MICROS, "e").simple(2, "fg").read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes, Captures.Frame::captured, Captures.Frame::original,
                Captures.Frame::timed, Captures.Frame::timeNanos).containsExactly(tuple("abcd", 4, 60L, false, 0L),
                        tuple("e", 1, 1L, true, MICROS * 1000), tuple("fg", 2, 2L, false, MICROS * 1000));
    }

    @Test
    void hasObsoletePackets() {
        Captures.Read read = Captures.pcapng().device(1, 0).device(9, 0).old(1, 3, MICROS, "abc").old(1, 0xffff, MICROS, "d").read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes, Captures.Frame::interfaceId)
                .containsExactly(tuple("abc", 1), tuple("d", 1));
        assertThat(read.facts().dropped()).isEqualTo(3);
    }

    @Test
    void tellsWhatTheCaptureLost() {
        Captures made = Captures.pcapng();

        Captures.Read read = made.device(1, 0).device(1, 0).device(1, 0).enhanced(1, MICROS, "a", made.option(4, 7L))
                .enhanced(1, MICROS, "b",
                made.option(4, 2L)).statistics(0, made.option(5, 10L), made.option(7, 1L)).statistics(0, made.option(5, 20L),
                        made.option(7, 3L)).read();

        assertThat(read.facts().interfaces()).extracting(CaptureInterface::dropped).containsExactly(23L, 9L, null);
        assertThat(read.facts().dropped()).isEqualTo(32);
    }

    @Test
    void countsBlocksAsFramesThatWiresharkShowsAsFrames() {
        byte[] some = new byte[8];

        Captures.Read read = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "a")
                .block(4, new byte[4]).block(10, some).block(0x70000001, some)
                .block(9, some).block(0xbad, some).block(0x40000bad, some)
                .enhanced(0, MICROS, "b").read();

        assertThat(read.frames()).extracting(Captures.Frame::number).containsExactly(1L, 5L);
        assertThat(read.facts().packets()).isEqualTo(2);
    }

    @Test
    void stepsOverBlocksLargerThanAnyPacketMayBe() {
        Captures.Read read = Captures.pcapng().device(1, 0).block(10, new byte[Feed.MAX_RECORD + 4]).enhanced(0, MICROS, "a").read();

        assertThat(read.frames()).hasSize(1);
        assertThat(read.facts().damage()).isEmpty();
    }

    @Test
    void isReadUpToABlockWhoseLengthsDiffer() {
        byte[] file = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "a").enhanced(0, MICROS, "b").bytes();
        file[file.length - 4] += 4;

        Captures.Read read = Captures.read(file);

        assertThat(read.frames()).hasSize(1);
        assertThat(read.facts().damage()).singleElement().satisfies(damage -> {
            assertThat(damage.kind()).isEqualTo("bad-block");
            assertThat(damage.fileOffset()).isEqualTo(84);
            assertThat(damage.frameNumber()).isEqualTo(2);
            assertThat(damage.lost()).startsWith("a block says length 36 before it and 40 after it");
        });
    }

    @Test
    void isReadUpToAPacketOfAnInterfaceThatIsNotDescribed() {
        Captures.Read read = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "a").enhanced(9, MICROS, "b").read();

        assertThat(read.frames()).hasSize(1);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::kind, Damage::fileOffset, Damage::endsCapture)
                .containsExactly("unknown-interface", 84L, true);
    }

    @Test
    void isReadUpToASectionOfAnUnknownVersion() {
        byte[] first = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "a").bytes();
        byte[] second = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "b").bytes();
        second[12] = 2;

        Captures.Read read = Captures.read(Captures.join(first, second));

        assertThat(read.frames()).hasSize(1);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::lost).asString().startsWith("a section of version 2.0");
    }

    @Test
    void losesOnlyTheOptionsThatReachPastTheirBlock() {
        Captures made = Captures.pcapng();
        byte[] tooLong = made.option(1, "comment").bytes();
        tooLong[2] = 100;

        Captures.Read read = made.device(1, 0).enhanced(0, MICROS, "a", made.option(1, "fine"))
                .block(6, join(MICROS, "b", tooLong)).enhanced(0, MICROS, "c").read();

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("a", "b", "c");
        assertThat(read.facts().damage()).singleElement().extracting(Damage::kind, Damage::frameNumber, Damage::endsCapture)
                .containsExactly("bad-option", 2L, false);
    }

    @Test
    void maySayALengthWithoutItsPadding() {
        // As some writers did; Wireshark reads on too.
        byte[] file = Captures.pcapng().device(1, 0).enhanced(0, MICROS, "abc").enhanced(0, MICROS, "d").bytes();
        file[48 + 4] -= 1;
        file[48 + 32] -= 1;

        assertThat(Captures.read(file).frames()).extracting(Captures.Frame::bytes).containsExactly("abc", "d");
    }

    @Test
    void whoseFirstBlockIsCutYieldsNothing() {
        byte[] file = Arrays.copyOf(Captures.pcapng().bytes(), 17);

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(file))
                .withMessageContaining("the file ends inside a block: 17 of 28 bytes are there");
    }

    @Test
    void cannotFillTheMemoryWithInterfaces() {
        Captures many = Captures.pcapng();
        for (int i = 0; i < 66_000; i++) {
            many.device(1, 0);
        }
        Captures.Read read = many.enhanced(0, MICROS, "a").read();

        assertThat(read.facts().interfaces()).hasSize(65_536);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::kind).isEqualTo("too-many-interfaces");
    }

    private static byte[] join(long ticks, String packet, byte[] options) {
        byte[] block = Captures.pcapng().enhanced(0, ticks, packet).bytes();
        return Captures.join(Arrays.copyOfRange(block, 28 + 8, block.length - 4), options);
    }
}
