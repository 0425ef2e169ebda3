package io.nattrail.capture;

import static io.nattrail.capture.Captures.TIME;
import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading again with an index gives the frames that reading all gives, and reads less. */
class FrameIndexTest {
    private static final int FRAMES = 6000;

    @TempDir
    Path folder;

    private static String packet(int number) {
        return number + ":" + "x".repeat(900 + number % 300);
    }

    private static byte[] pcap() {
        Captures made = Captures.pcap();
        for (int i = 1; i <= FRAMES; i++) {
            made.record(TIME, i, packet(i));
        }
        return made.bytes();
    }

    /** The second interface is described in the middle. */
    private static byte[] pcapng() {
        Captures made = Captures.pcapng().device(1, 0);
        for (int i = 1; i <= FRAMES; i++) {
            if (i == FRAMES / 2) {
                made.device(1, 0);
            }
            made.enhanced(i < FRAMES / 2 ? 0 : 1, i, packet(i));
        }
        return made.bytes();
    }

    private static FrameIndex index(Path file) throws IOException {
        FrameIndex index = new FrameIndex();
        try (CaptureReader reader = CaptureReader.open(file)) {
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                if (frame.fileOffset() >= index.next()) {
                    index.add(frame, reader.interfaces().size());
                }
            }
        }
        return index;
    }

    private static long read(Path file, FrameIndex index, List<Integer> wanted) throws IOException {
        List<Integer> found = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(file)) {
            FrameView frame = new FrameView();
            int next = 0;
            while (next < wanted.size() && reader.next(frame)) {
                if (frame.number() == wanted.get(next)) {
                    String text = new String(frame.buffer(), frame.start(), frame.capturedLength(), StandardCharsets.US_ASCII);
                    assertThat(text).isEqualTo(packet(wanted.get(next)));
                    found.add(wanted.get(next++));
                }
                if (next < wanted.size()) {
                    reader.skipTowards(index, wanted.get(next));
                }
            }
            assertThat(found).isEqualTo(wanted);
            return reader.consumedBytes();
        }
    }

    @Test
    void findsFramesOfAPcapFileAndReadsLittleElse() throws IOException {
        Path file = Files.write(folder.resolve("a.pcap"), pcap());
        FrameIndex index = index(file);

        assertThat(read(file, index, List.of(5500))).isLessThan(Files.size(file) / 4);
        assertThat(read(file, index, List.of(1, 2, 700, 701, 3000, FRAMES))).isLessThan(Files.size(file));
    }

    @Test
    void findsFramesOfAPcapngFileBehindADescriptionInTheMiddle() throws IOException {
        Path file = Files.write(folder.resolve("a.pcapng"), pcapng());
        FrameIndex index = index(file);

        assertThat(read(file, index, List.of(2500))).isLessThan(Files.size(file) / 2);
        read(file, index, List.of(1, 2500, 2999, 3000, 3001, 5500, FRAMES));
    }

    @Test
    void walksThroughACompressedFile() throws IOException {
        Path file = Files.write(folder.resolve("a.pcap.gz"), Captures.gzip(pcap()));
        FrameIndex index = index(file);

        read(file, index, List.of(3, 5500));
        assertThat(index.offsetBefore(5500)).isGreaterThan(5_000_000);
    }
}
