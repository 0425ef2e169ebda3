package io.nattrail.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseArchive;
import io.nattrail.analysis.CaptureInspection;
import io.nattrail.analysis.CaptureInspector;
import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damaged files never crash, hang or fool readers and decoder. Short here; longer with {@code -Dnattrail.fuzz.seconds=600}, from another
 * start with {@code -Dnattrail.fuzz.seed=7}. A file that does is written to {@code target/fuzz}; put it into {@code src/test/resources/fuzz},
 * which is tried first.
 */
class FuzzTest {
    private static final long SECONDS = Long.getLong("nattrail.fuzz.seconds", 3);
    private static final long SEED = Long.getLong("nattrail.fuzz.seed", 1);
    private static final int LARGEST_SEED = 100_000;

    private final PacketDecoder decoder = new PacketDecoder();
    private final PacketView packet = new PacketView();
    private final PacketView quoted = new PacketView();

    @TempDir
    Path folder;

    @Test
    void earlierFindingsStayFixed() throws IOException {
        for (byte[] file : files(Path.of("src/test/resources/fuzz"))) {
            read(file);
        }
    }

    @Test
    void damagedCapturesAreReadUpToTheDamage() throws IOException {
        List<byte[]> seeds = files(Path.of("captures"));
        seeds.addAll(files(shared("formats/made")));
        seeds.addAll(files(shared("formats/real/pcapng-test-generator")));
        SplittableRandom random = new SplittableRandom(SEED);
        long end = System.nanoTime() + SECONDS * 1_000_000_000L;
        int tried = 0;
        while (System.nanoTime() < end) {
            byte[] seed = seeds.get(random.nextInt(seeds.size()));
            byte[] file = new Mutator(random.nextLong()).mutate(seed, seeds.get(random.nextInt(seeds.size())));
            attempt(random.nextInt(8) == 0 ? gzip(file) : file);
            tried++;
        }
        assertThat(tried).isGreaterThan(100);
    }

    @Test
    void damagedArchivesAreUnpackedUpToTheDamage() throws IOException {
        List<byte[]> seeds = List.of(tar(), gzip(tar()), zip());
        SplittableRandom random = new SplittableRandom(SEED);
        long end = System.nanoTime() + SECONDS * 1_000_000_000L / 3;
        while (System.nanoTime() < end) {
            byte[] damaged = new Mutator(random.nextLong()).mutate(seeds.get(random.nextInt(seeds.size())), seeds.get(0));
            Path file = Files.write(folder.resolve("case.tar"), damaged);
            try {
                if (CaseArchive.isArchive(file)) {
                    CaseArchive.unpack(file).close();
                }
            } catch (UnreadableInputException e) {
                assertThat(e.remedy()).isNotEmpty();
            } catch (IOException | RuntimeException e) {
                throw new AssertionError("see " + keep(damaged), e);
            }
        }
    }

    private void attempt(byte[] file) {
        try {
            read(file);
        } catch (IOException | RuntimeException | AssertionError e) {
            throw new AssertionError("see " + keep(file), e);
        }
    }

    private void read(byte[] file) throws IOException {
        long frames = 0;
        long captured = 0;
        try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(file), "fuzz")) {
            FrameView frame = new FrameView();
            long number = 0;
            long offset = -1;
            while (reader.next(frame)) {
                frames++;
                captured += frame.capturedLength();
                assertThat(frame.number() > number && frame.fileOffset() > offset).isTrue();
                assertThat(frame.capturedLength() >= 0 && frame.start() + frame.capturedLength() <= frame.buffer().length).isTrue();
                assertThat(frame.interfaceId() < reader.frames() + 1_000_000).isTrue();
                number = frame.number();
                offset = frame.fileOffset();
                decode(frame);
            }
            assertThat(reader.facts().packets()).isEqualTo(frames);
            assertThat(reader.facts().capturedBytes()).isEqualTo(captured);
        } catch (UnreadableInputException e) {
            assertThat(e.remedy()).isNotEmpty();
            return;
        }
        try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(file), "fuzz")) {
            CaptureInspection inspection = CaptureInspector.inspect(reader);
            assertThat(inspection.facts().packets()).isEqualTo(frames);
        }
    }

    /** What the decoder says lies inside the frame. */
    private void decode(FrameView frame) {
        decoder.decode(frame, packet);
        inside(packet, frame);
        if (packet.quoting() && decoder.decodeQuoted(packet, quoted)) {
            inside(quoted, frame);
        }
    }

    private static void inside(PacketView packet, FrameView frame) {
        int end = frame.start() + frame.capturedLength();
        boolean whole = packet.payloadCaptured() >= 0 && packet.payloadLength() >= 0 && packet.payloadStart() >= frame.start()
                && (packet.payloadCaptured() == 0 || packet.payloadStart() + packet.payloadCaptured() <= end)
                && packet.networkStart() >= frame.start()
                && (!packet.quoting() || packet.quotedStart() >= frame.start() && packet.quotedLimit() <= end);
        if (!whole) {
            throw new AssertionError("frame " + frame.number() + ": payload " + packet.payloadStart() + " + " + packet.payloadCaptured()
                    + ", frame " + frame.start() + " to " + end);
        }
    }

    private static Path keep(byte[] file) {
        try {
            Path kept = Path.of("target/fuzz", "finding-" + Integer.toHexString(Arrays.hashCode(file)));
            Files.createDirectories(kept.getParent());
            return Files.write(kept, file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path shared(String name) {
        return Path.of(System.getProperty("NATTRAIL_SHARED", System.getenv().getOrDefault("NATTRAIL_SHARED", "../shared"))).resolve(name);
    }

    private static List<byte[]> files(Path folder) throws IOException {
        List<byte[]> files = new ArrayList<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> walk = Files.walk(folder)) {
                for (Path file : walk.filter(Files::isRegularFile).sorted().toList()) {
                    if (Files.size(file) <= LARGEST_SEED) {
                        files.add(Files.readAllBytes(file));
                    }
                }
            }
        }
        return files;
    }

    private static byte[] gzip(byte[] file) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(file);
        }
        return bytes.toByteArray();
    }

    private static byte[] tar() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
            for (String name : List.of("case/client.pcap", "case/" + "n".repeat(150) + ".pcap")) {
                TarArchiveEntry entry = new TarArchiveEntry(name);
                entry.setSize(1000);
                tar.putArchiveEntry(entry);
                tar.write(new byte[1000]);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] zip() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(bytes)) {
            for (String name : List.of("case/client.pcap", "case/node1-eth0.pcap")) {
                zip.putArchiveEntry(new ZipArchiveEntry(name));
                zip.write(new byte[1000]);
                zip.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }
}
