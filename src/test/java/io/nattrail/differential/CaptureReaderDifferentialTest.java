package io.nattrail.differential;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.CaptureReader;
import io.nattrail.truth.Shared;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Number, time and lengths of every frame as tshark has them: what a report says of a frame must be found in Wireshark. */
class CaptureReaderDifferentialTest {
    @Test
    void agreesWithTsharkOnTheCapturesOfTheProject() throws IOException, InterruptedException {
        compareAll(Path.of("captures"), "client\\.pcap.*|node2-cbr0\\.pcapng\\.gz");
    }

    @Test
    void agreesWithTsharkOnPcapngOfAllKinds() throws IOException, InterruptedException {
        compareAll(Shared.path("formats/real/pcapng-test-generator"), ".*\\.pcapng");
    }

    @Test
    void agreesWithTsharkOnBlocksThatAreFramesButNoPackets() throws IOException, InterruptedException {
        compareAll(Shared.path("formats/made"), "pcapng-(all|journal)-blocks\\.pcapng");
    }

    private static void compareAll(Path folder, String name) throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(path -> path.getFileName().toString().matches(name)).sorted().toList();
        }
        assertThat(files).isNotEmpty();
        for (Path file : files) {
            assertThat(ours(file)).as(file.toString()).isEqualTo(theirs(file));
        }
    }

    private static List<String> ours(Path file) throws IOException {
        List<String> frames = new ArrayList<>();
        try (CaptureReader reader = CaptureReader.open(file)) {
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                frames.add(frame.number() + " " + (frame.timed() ? frame.timeNanos() : "-") + " " + frame.capturedLength() + " "
                        + frame.originalLength());
            }
        }
        return frames;
    }

    private static List<String> theirs(Path file) throws IOException, InterruptedException {
        List<String> frames = new ArrayList<>();
        for (String[] row : Tshark.rows(file, "frame.number", "frame.time_epoch", "frame.cap_len", "frame.len", "frame.encap_type")) {
            // Without an encapsulation it is a block that is no packet.
            if (!row[4].isEmpty()) {
                String time = row[1].isEmpty() ? "-" : new BigDecimal(row[1]).movePointRight(9).toBigInteger().toString();
                frames.add(row[0] + " " + time + " " + row[2] + " " + row[3]);
            }
        }
        return frames;
    }
}
