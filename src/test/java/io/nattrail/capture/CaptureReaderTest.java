package io.nattrail.capture;

import static io.nattrail.capture.Captures.TIME;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import io.nattrail.wire.FrameView;
import io.nattrail.wire.LinkType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaptureReaderTest {
    @TempDir
    Path folder;

    @Test
    void allocatesNothingForAFrame() throws IOException {
        Captures made = Captures.pcapng().device(1, 0);
        for (int i = 0; i < 50_000; i++) {
            made.enhanced(0, i, "a packet of some length");
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        FrameView frame = new FrameView();
        try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(made.bytes()), "many.pcapng")) {
            long before = threads.getCurrentThreadAllocatedBytes();
            int frames = 0;
            while (reader.next(frame)) {
                frames++;
            }
            // The first assertion of a run loads classes, megabytes of them.
            long allocated = threads.getCurrentThreadAllocatedBytes() - before;
            assertThat(frames).isEqualTo(50_000);
            assertThat(allocated).isLessThan(frames);
        }
    }

    @Test
    void readsFramesThatCrossTheEndOfItsBuffer() {
        Captures made = Captures.pcap();
        for (int i = 0; i < 4000; i++) {
            made.record(TIME, i, i % 977 + ":" + "x".repeat(i % 977));
        }

        assertThat(made.read().frames()).hasSize(4000).allSatisfy(frame ->
                assertThat(frame.bytes()).startsWith(((frame.number() - 1) % 977) + ":"));
    }

    @Test
    void readsAStreamThatGivesAByteAtATime() throws IOException {
        byte[] file = Captures.gzip(Captures.pcap().record(TIME, 0, "first").record(TIME, 1, "second").bytes());
        InputStream slow = new ByteArrayInputStream(file) {
            @Override
            public synchronized int read(byte[] buffer, int offset, int length) {
                return super.read(buffer, offset, Math.min(1, length));
            }
        };

        try (CaptureReader reader = CaptureReader.open(slow, "-")) {
            FrameView frame = new FrameView();
            assertThat(reader.next(frame)).isTrue();
            assertThat(reader.next(frame)).isTrue();
            assertThat(reader.next(frame)).isFalse();
            assertThat(reader.next(frame)).isFalse();
            assertThat(reader.consumedBytes()).isEqualTo(file.length);
        }
    }

    @Test
    void namesTheFileThatItsMediumDoesNotGive() {
        byte[] begin = Captures.pcap().record(Captures.TIME, 0, "first").bytes();
        InputStream failing = new SequenceInputStream(new ByteArrayInputStream(begin), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("Input/output error");
            }
        });

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> CaptureReader.open(failing, "client.pcap"))
                .withMessage("client.pcap: cannot be read: Input/output error");
    }

    @Test
    void tellsHowMuchOfAFileWasNotReadBecauseOfDamage() throws IOException {
        byte[] file = Captures.pcap().record(TIME, 0, "first").record(TIME, 1, -1, 0, "second").record(TIME, 2, "third").bytes();
        Path path = Files.write(folder.resolve("damaged.pcap"), file);

        try (CaptureReader reader = CaptureReader.open(path)) {
            FrameView frame = new FrameView();
            assertThat(reader.next(frame)).isTrue();
            assertThat(reader.next(frame)).isFalse();
            assertThat(reader.facts().damage()).singleElement().satisfies(damage -> {
                assertThat(damage.file()).isEqualTo(path.toString());
                assertThat(damage.lost()).endsWith((file.length - 45) + " bytes from there on were not read");
            });
        }
    }

    @Test
    void doesNotAllocateWhatALengthClaims() throws IOException {
        byte[] file = Arrays.copyOf(Captures.pcap(ByteOrder.LITTLE_ENDIAN, Captures.MICROSECONDS, LinkType.USBPCAP, 1 << 24)
                .record(TIME, 0, 16_000_000, 16_000_000, "").bytes(), 100_000);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();

        try (CaptureReader reader = CaptureReader.open(new ByteArrayInputStream(file), "liar.pcap")) {
            assertThat(reader.next(new FrameView())).isFalse();
            assertThat(reader.facts().damage()).singleElement().extracting(Damage::kind).isEqualTo("cut");
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(2 << 20);
    }

    @Test
    void saysThatAFileIsMissing() {
        assertThatExceptionOfType(NoSuchFileException.class).isThrownBy(() -> CaptureReader.open(folder.resolve("none.pcap")));
    }
}
