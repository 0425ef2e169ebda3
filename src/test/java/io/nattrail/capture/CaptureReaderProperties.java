package io.nattrail.capture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

/** Whatever happens to a file on its way, reading it ends, gives what is whole, and says what is not. */
class CaptureReaderProperties {
    /** Some packet of some kind of file. */
    record Packet(int kind, int size, long micros) {
    }

    @Provide
    Arbitrary<List<Packet>> packets() {
        return Combinators.combine(Arbitraries.integers().between(0, 6), Arbitraries.integers().between(0, 300),
                Arbitraries.longs().between(1, Long.MAX_VALUE / 1000)).as(Packet::new).list().ofMaxSize(12);
    }

    @Provide
    Arbitrary<Boolean> pcapng() {
        return Arbitraries.of(true, false);
    }

    @Property(tries = 300)
    void everyFrameIsFoundWhereItLies(@ForAll("packets") List<Packet> packets, @ForAll("pcapng") boolean pcapng) {
        byte[] file = file(packets, pcapng);

        Captures.Read read = Captures.read(file);

        assertThat(read.facts().packets()).isEqualTo(read.frames().size());
        assertThat(read.facts().capturedBytes()).isEqualTo(read.frames().stream().mapToLong(Captures.Frame::captured).sum());
        assertThat(read.facts().damage()).isEmpty();
        long end = 0;
        for (Captures.Frame frame : read.frames()) {
            assertThat(frame.offset()).isGreaterThanOrEqualTo(end);
            end = frame.offset() + frame.captured();
        }
        assertThat(end).isLessThanOrEqualTo(file.length);
    }

    @Property(tries = 500)
    void aPrefixOfAFileGivesAPrefixOfItsFrames(@ForAll("packets") List<Packet> packets, @ForAll("pcapng") boolean pcapng,
            @ForAll @IntRange(max = 10_000) int cut, @ForAll @IntRange(max = 2) int compression) {
        byte[] file = file(packets, pcapng);
        byte[] packed = pack(file, compression);
        byte[] prefix = Arrays.copyOf(packed, cut % (packed.length + 1));

        List<Captures.Frame> all = Captures.read(file).frames();
        Captures.Read read = readOrNothing(prefix);

        if (read != null) {
            assertThat(read.frames()).isEqualTo(all.subList(0, read.frames().size()));
            if (read.frames().size() < all.size() && compression > 0) {
                assertThat(read.facts().damage()).isNotEmpty();
            }
        }
    }

    @Property(tries = 1000)
    void aFlippedByteIsSurvived(@ForAll("packets") List<Packet> packets, @ForAll("pcapng") boolean pcapng,
            @ForAll @IntRange(max = 10_000) int where, @ForAll @IntRange(min = 1, max = 255) int flip,
            @ForAll @IntRange(max = 2) int compression) {
        byte[] file = pack(file(packets, pcapng), compression);
        file[where % file.length] ^= (byte) flip;

        Captures.Read read = readOrNothing(file);

        if (read != null && compression > 0 && read.facts().compression().equals(compression == 1 ? "gzip" : "zstd")) {
            // The checksum tells, unless the byte says nothing about the data (time and system of the gzip header).
            assertThat(!read.facts().damage().isEmpty() || read.frames().equals(Captures.read(file(packets, pcapng)).frames())).isTrue();
        }
    }

    @Property(tries = 300)
    void anyBytesBehindAMagicAreSurvived(@ForAll byte[] bytes, @ForAll @IntRange(max = 6) int magic) {
        byte[][] magics = {{}, {(byte) 0xd4, (byte) 0xc3, (byte) 0xb2, (byte) 0xa1, 2, 0, 4, 0},
            {(byte) 0xa1, (byte) 0xb2, 0x3c, 0x4d, 0, 2, 0, 4}, Captures.pcapng().bytes(), {0x1f, (byte) 0x8b, 8, 0},
            {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd}, {0x04, 0x22, 0x4d, 0x18, 0x64, 0x40, (byte) 0xa7}};

        readOrNothing(Captures.join(magics[magic], bytes));
    }

    private static Captures.Read readOrNothing(byte[] file) {
        try {
            return Captures.read(file);
        } catch (UnreadableInputException e) {
            assertThat(e.remedy()).isNotEmpty();
            return null;
        }
    }

    private static byte[] pack(byte[] file, int compression) {
        return switch (compression) {
            case 1 -> Captures.gzip(file);
            case 2 -> Captures.zstd(file);
            default -> file.clone();
        };
    }

    private static byte[] file(List<Packet> packets, boolean pcapng) {
        return pcapng ? pcapng(packets) : pcap(packets);
    }

    private static byte[] pcap(List<Packet> packets) {
        Captures made = Captures.pcap(packets.size() % 2 == 0 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN, Captures.MICROSECONDS, 1,
                0);
        for (Packet packet : packets) {
            made.record((int) (packet.micros() / 1_000_000), (int) (packet.micros() % 1_000_000), "p".repeat(packet.size()));
        }
        return made.bytes();
    }

    private static byte[] pcapng(List<Packet> packets) {
        Captures made = Captures.pcapng().device(1, 0);
        for (Packet packet : packets) {
            String text = "p".repeat(packet.size());
            switch (packet.kind()) {
                case 0 -> made.enhanced(0, packet.micros(), text, made.option(1, "a comment"));
                case 1 -> made.old(0, 0, packet.micros(), text);
                case 2 -> made.simple(text.length(), text);
                case 3 -> made.block(0xbad, new byte[packet.size() & ~3]);
                case 4 -> made.statistics(0, made.option(5, packet.micros()));
                case 5 -> made = made.turned().section().device(113, 96);
                default -> made.enhanced(0, packet.micros(), text);
            }
        }
        return made.bytes();
    }
}
