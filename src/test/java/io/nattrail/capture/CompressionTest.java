package io.nattrail.capture;

import static io.nattrail.capture.Captures.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStream;
import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream.Parameters;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
    private static final byte[] PLAIN = Captures.pcap().record(TIME, 0, "first").record(TIME, 1, "second").bytes();

    @ParameterizedTest
    @EnumSource(Compression.class)
    void isToldByTheContentNotTheName(Compression compression) throws IOException {
        Captures.Read read = Captures.read(compress(compression, PLAIN), "misnamed.pcap.bz2");

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("first", "second");
        assertThat(read.facts().compression()).isEqualTo(compression.label());
        assertThat(read.facts().damage()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void mayBeInSeveralMembers(Compression compression) throws IOException {
        byte[] file = Captures.join(compress(compression, Arrays.copyOf(PLAIN, 30)),
                compress(compression, Arrays.copyOfRange(PLAIN, 30, PLAIN.length)));

        Captures.Read read = Captures.read(file);

        assertThat(read.frames()).extracting(Captures.Frame::bytes).containsExactly("first", "second");
        assertThat(read.facts().damage()).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void thatIsCutAtItsEndIsDamageBehindAllFrames(Compression compression) throws IOException {
        byte[] file = compress(compression, PLAIN);

        Captures.Read read = Captures.read(Arrays.copyOf(file, file.length - 2));

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::kind, Damage::fileOffset, Damage::frameNumber)
                .containsExactly("compression", (long) PLAIN.length, 3L);
    }

    /** zstd-jni takes the end of the file inside a later frame for the end of the data. */
    @ParameterizedTest
    @EnumSource(value = Compression.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void thatIsCutInALaterMemberIsDamage(Compression compression) throws IOException {
        byte[] first = compress(compression, PLAIN);
        byte[] third = Captures.pcap().record(TIME, 0, "third").bytes();
        byte[] second = compress(compression, Arrays.copyOfRange(third, 24, third.length));

        for (int cut = 1; cut < second.length - 5; cut++) {
            Captures.Read read = Captures.read(Captures.join(first, Arrays.copyOf(second, second.length - cut)));

            assertThat(read.facts().damage()).extracting(Damage::kind).containsExactly("compression");
            assertThat(read.frames()).extracting(Captures.Frame::bytes).startsWith("first", "second");
        }
    }

    @Test
    void ofZstdWithAnotherChecksumKeepsWhatWasDecompressed() {
        byte[] file = Zstd.compress(PLAIN, 3);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(bytes)) {
            zstd.setChecksum(true);
            zstd.write(PLAIN);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] broken = bytes.toByteArray();
        broken[broken.length - 1] ^= 1;

        assertThat(Captures.read(file).facts().damage()).isEmpty();
        assertThat(Captures.read(bytes.toByteArray()).facts().damage()).isEmpty();
        assertThat(Captures.read(broken).frames()).extracting(Captures.Frame::bytes).containsExactly("first", "second");
        assertThat(Captures.read(broken).facts().damage()).singleElement().extracting(Damage::kind).isEqualTo("compression");
    }

    @ParameterizedTest
    @EnumSource(value = Compression.class, names = "NONE", mode = EnumSource.Mode.EXCLUDE)
    void thatIsFollowedBySomethingElseIsDamageBehindAllFrames(Compression compression) throws IOException {
        Captures.Read read = Captures.read(Captures.join(compress(compression, PLAIN), "and some text".getBytes()));

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::kind).isEqualTo("compression");
    }

    @Test
    void thatBreaksInTheMiddleKeepsEveryFrameBeforeThat() {
        Captures made = Captures.pcap();
        for (int i = 0; i < 3000; i++) {
            made.record(TIME + i, i * 7919 % 1_000_000, "packet " + i * 7919L * 7919);
        }
        byte[] file = Captures.gzip(made.bytes());
        byte[] broken = file.clone();
        Arrays.fill(broken, file.length / 2, file.length / 2 + 64, (byte) 0xff);

        List<Captures.Frame> all = made.read().frames();
        Captures.Read read = Captures.read(broken);

        assertThat(read.frames().size()).isBetween(1000, 2000);
        assertThat(read.frames().subList(0, 1000)).isEqualTo(all.subList(0, 1000));
        assertThat(read.facts().damage()).isNotEmpty();
    }

    @Test
    void ofGzipMayEndInZeros() {
        assertThat(Captures.read(Captures.join(Captures.gzip(PLAIN), new byte[1000])).facts().damage()).isEmpty();
    }

    @Test
    void ofGzipMayNameTheFile() {
        byte[] member = Captures.gzip(PLAIN);
        byte[] named = Captures.join(Arrays.copyOf(member, 10), "client.pcap\0a comment\0".getBytes(),
                Arrays.copyOfRange(member, 10, member.length));
        named[3] = 8 | 16;

        assertThat(Captures.read(named).frames()).hasSize(2);
    }

    /** An extra field, as BGZF has it, and a checksum of the header. */
    @Test
    void ofGzipMayHaveAllThatAHeaderCanHold() {
        byte[] member = Captures.gzip(PLAIN);
        byte[] full = Captures.join(Arrays.copyOf(member, 10), new byte[] {6, 0, 'B', 'C', 2, 0, 0, 0}, "client.pcap\0".getBytes(),
                new byte[] {1, 2}, Arrays.copyOfRange(member, 10, member.length));
        full[3] = 4 | 8 | 2;

        Captures.Read read = Captures.read(full);

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().damage()).isEmpty();
    }

    @Test
    void ofGzipChecksWhatWasDecompressed() {
        byte[] file = Captures.gzip(PLAIN);
        file[file.length - 6] ^= 1;

        assertThat(Captures.read(file).facts().damage()).singleElement().extracting(Damage::lost).asString()
                .startsWith("gzip data: checksum of member 1 differs");
    }

    @Test
    void ofZstdMayBeginWithAFrameToSkip() {
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};

        assertThat(Captures.read(Captures.join(skippable, Zstd.compress(PLAIN))).frames()).hasSize(2);
    }

    @Test
    void ofLz4MayBeginWithAFrameToSkip() throws IOException {
        byte[] skippable = {0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};

        Captures.Read read = Captures.read(Captures.join(skippable, skippable, compress(Compression.LZ4, PLAIN)));

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().compression()).isEqualTo("lz4");
    }

    @Test
    void mayHaveFramesToSkipBetweenOthers() throws IOException {
        byte[] skippable = {0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
        for (Compression compression : List.of(Compression.LZ4, Compression.ZSTD)) {
            byte[] first = compress(compression, Arrays.copyOf(PLAIN, 30));
            byte[] second = compress(compression, Arrays.copyOfRange(PLAIN, 30, PLAIN.length));

            Captures.Read read = Captures.read(Captures.join(first, skippable, second, skippable));
            assertThat(read.frames()).as(compression.label()).hasSize(2);
            assertThat(read.facts().damage()).isEmpty();

            Captures.Read cut = Captures.read(Captures.join(first, second, Arrays.copyOf(skippable, 10)));
            assertThat(cut.frames()).as(compression.label()).hasSize(2);
            assertThat(cut.facts().damage()).extracting(Damage::kind).containsExactly("compression");
        }
    }

    /** What cannot be compressed lies in the frame as it is. */
    @Test
    void ofLz4MayHoldBlocksThatAreNotCompressed() throws IOException {
        byte[] noise = new byte[6_000_000];
        new Random(7).nextBytes(noise);

        try (InputStream in = Decompression.open(new ByteArrayInputStream(compress(Compression.LZ4, noise)), "noise.lz4")) {
            assertThat(in.readAllBytes()).isEqualTo(noise);
        }
    }

    @Test
    void ofLz4WithADictionaryIsRefused() throws IOException {
        byte[] file = compress(Compression.LZ4, PLAIN);
        file[4] |= 1;

        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(file))
                .withMessageContaining("a frame needs a dictionary");
    }

    @Test
    void ofLz4WhoseLengthIsNotWhatTheFrameSaysIsDamageBehindAllFrames() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (LZ4FrameOutputStream lz4 = new LZ4FrameOutputStream(bytes, LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB, PLAIN.length + 1L,
                LZ4FrameOutputStream.FLG.Bits.CONTENT_SIZE, LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE)) {
            lz4.write(PLAIN);
        }

        Captures.Read read = Captures.read(bytes.toByteArray());

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().damage()).extracting(Damage::lost).asString().contains("length of a frame differs");
    }

    /** In a block of linked ones whatever is damaged gives an error and never more than the block may hold. */
    @Test
    void ofLz4WithADamagedLinkedBlockIsDamage() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Parameters linked = new Parameters(FramedLZ4CompressorOutputStream.BlockSize.K64, false, false, true);
        byte[] many = Captures.join(PLAIN, "once more ".repeat(20_000).getBytes());
        try (FramedLZ4CompressorOutputStream lz4 = new FramedLZ4CompressorOutputStream(bytes, linked)) {
            lz4.write(many);
        }
        byte[] file = bytes.toByteArray();
        int failed = 0;
        for (int i = 11; i < Math.min(file.length, 600); i++) {
            for (int bit : new int[] {1, 0x10, 0xff}) {
                byte[] broken = file.clone();
                broken[i] ^= (byte) bit;
                try (InputStream in = Decompression.open(new ByteArrayInputStream(broken), "broken.lz4")) {
                    assertThat(in.readAllBytes().length).isLessThanOrEqualTo(many.length + (1 << 16));
                } catch (IOException e) {
                    failed++;
                }
            }
        }
        assertThat(failed).isPositive();
    }

    @Test
    void ofNothingButFramesToSkipIsEmpty() {
        byte[] skippable = {0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 'a', 'b', 'c'};
        for (int length = 4; length <= skippable.length; length++) {
            byte[] cut = Arrays.copyOf(skippable, length);
            assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(cut))
                    .withMessageContaining("zstd data");
        }
    }

    @Test
    void ofLz4MayUseBlocksThatNeedThoseBeforeThem() throws IOException {
        // As Wireshark writes its files.
        Captures made = Captures.pcap();
        for (int i = 0; i < 3000; i++) {
            made.record(TIME + i, 0, "the same packet again and again, so that blocks refer to those before them");
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Parameters linked = new Parameters(FramedLZ4CompressorOutputStream.BlockSize.K64, true, false, true);
        try (FramedLZ4CompressorOutputStream lz4 = new FramedLZ4CompressorOutputStream(bytes, linked)) {
            lz4.write(made.bytes());
        }

        Captures.Read read = Captures.read(bytes.toByteArray());

        assertThat(read.frames()).hasSize(3000);
        assertThat(read.facts().compression()).isEqualTo("lz4");
        assertThat(read.facts().damage()).isEmpty();
    }

    @Test
    void ofLz4WithAHeaderThatCannotBeIsDamage() throws IOException {
        byte[] second = compress(Compression.LZ4, PLAIN);
        second[5] = (byte) 0xff;

        Captures.Read read = Captures.read(Captures.join(compress(Compression.LZ4, PLAIN), second));

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().damage()).singleElement().extracting(Damage::kind).isEqualTo("compression");
        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(second))
                .withMessageContaining("nothing can be decompressed: lz4 data");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void ofLz4MayHaveBlocksOfAnySizeAndChecksums(boolean dependent) throws IOException {
        Random random = new Random(7);
        byte[] plain = new byte[600_000];
        for (int i = 0; i < plain.length; i++) {
            // Runs, repetitions near and far, and noise.
            plain[i] = (byte) (i % 50_000 < 20_000 ? i >> 9 : i > 70_000 && i % 3_000 < 2_000 ? plain[i - 60_000] : random.nextInt());
        }
        for (FramedLZ4CompressorOutputStream.BlockSize size : FramedLZ4CompressorOutputStream.BlockSize.values()) {
            if (dependent && size == FramedLZ4CompressorOutputStream.BlockSize.K256) {
                // What Commons Compress 1.28 writes of this data so is wrong: lz4 itself finds that its checksum differs.
                continue;
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream lz4 = new FramedLZ4CompressorOutputStream(bytes,
                    new FramedLZ4CompressorOutputStream.Parameters(size, true, !dependent, dependent))) {
                lz4.write(plain);
            }
            try (InputStream in = Decompression.open(new ByteArrayInputStream(bytes.toByteArray()), "plain.lz4")) {
                assertThat(in.readAllBytes()).isEqualTo(plain);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Compression.class)
    void skipsWhatWasDecompressedNotWhatIsRead(Compression compression) throws IOException {
        byte[] file = compress(compression, PLAIN);

        try (InputStream in = Decompression.open(new ByteArrayInputStream(file), "file")) {
            in.skipNBytes(30);
            assertThat(in.readAllBytes()).isEqualTo(Arrays.copyOfRange(PLAIN, 30, PLAIN.length));
        }
    }

    @Test
    void ofLz4InManyEmptyFramesCostsLittle() throws IOException {
        byte[] empty = compress(Compression.LZ4, new byte[0]);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(compress(Compression.LZ4, PLAIN));
        for (int i = 0; i < 20_000; i++) {
            bytes.write(empty);
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());

        assertThat(Captures.read(bytes.toByteArray()).frames()).hasSize(2);

        assertThat(threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before).isLessThan(64L << 20);
    }

    @Test
    void thatUnpacksToFarMoreThanAnyCaptureEnds() throws IOException {
        // Blocks of pcapng, two gigabytes of them, in some kilobytes of zstd.
        byte[] block = Captures.pcapng().block(10, new byte[(1 << 20) - 12]).bytes();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZstdOutputStream zstd = new ZstdOutputStream(bytes)) {
            zstd.setLevel(1);
            zstd.write(block);
            for (int i = 0; i < 2048; i++) {
                zstd.write(block, 28, block.length - 28);
            }
        }

        Captures.Read read = Captures.read(bytes.toByteArray());

        assertThat(read.facts().damage()).singleElement().satisfies(damage -> {
            assertThat(damage.kind()).isEqualTo("compression");
            assertThat(damage.lost()).contains("unpacks to more than 5000 times its size");
            assertThat(damage.fileOffset()).isBetween(1L << 30, (1L << 30) + (2 << 20));
        });
    }

    @Test
    void insideCompressionIsNotOpened() {
        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(Captures.gzip(Captures.gzip(PLAIN))))
                .withMessageContaining("compressed with gzip once more");
    }

    @Test
    void thatYieldsNothingIsNoCapture() {
        assertThatExceptionOfType(UnreadableInputException.class).isThrownBy(() -> Captures.read(Arrays.copyOf(Zstd.compress(PLAIN), 20)))
                .withMessageContaining("nothing can be decompressed: zstd data");
    }

    @Test
    void doesNotHideThatTheMediumCannotBeRead() {
        byte[] file = Captures.gzip(PLAIN);
        InputStream failing = new FilterInputStream(new ByteArrayInputStream(file)) {
            private int left = file.length - 4;

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                if (left == 0) {
                    throw new IOException("Input/output error");
                }
                int count = in.read(buffer, offset, Math.min(left, length));
                left -= count;
                return count;
            }
        };

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> CaptureReader.open(failing, "disk.pcap.gz"))
                .withMessage("disk.pcap.gz: cannot be read: Input/output error");
    }

    private static byte[] compress(Compression compression, byte[] plain) throws IOException {
        return switch (compression) {
            case NONE -> plain;
            case GZIP -> Captures.gzip(plain);
            case ZSTD -> Captures.zstd(plain);
            case LZ4 -> {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                try (LZ4FrameOutputStream lz4 = new LZ4FrameOutputStream(bytes)) {
                    lz4.write(plain);
                }
                yield bytes.toByteArray();
            }
        };
    }
}
