package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.CaptureInterface;
import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.PcapngWriter;
import io.nattrail.differential.Tshark;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole analysis of a case in unusual clothes, and its frames in Wireshark. */
class AnalyzeInputsTest {
    private static final Path CASE = Path.of("captures/lost-between-nodes");

    @TempDir
    Path folder;

    @Test
    void anArchiveGivesTheReportOfItsFolder() throws IOException {
        Path archive = folder.resolve("lost-between-nodes.tar.gz");
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)));
                Stream<Path> files = Files.list(CASE)) {
            for (Path file : files.sorted().toList()) {
                TarArchiveEntry entry = new TarArchiveEntry("lost-between-nodes/" + file.getFileName());
                entry.setSize(Files.size(file));
                tar.putArchiveEntry(entry);
                Files.copy(file, tar);
                tar.closeArchiveEntry();
            }
        }

        String ofFolder = report(CASE, "folder");
        String ofArchive = report(archive, "archive");

        assertThat(ofArchive).isEqualTo(ofFolder);
    }

    @Test
    void theAnnotatedFileHoldsEveryFrameAndSaysWhereTheRequestWasLost() throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        Path out = folder.resolve("annotated");
        assertThat(run("analyze", CASE.toString(), "--annotate", "--quiet", "--out", out.toString())).isEqualTo(ExitStatus.DEVIATIONS);
        Path file = out.resolve("annotated.pcapng");

        List<String[]> rows = Tshark.rows(file, "frame.interface_name", "frame.comment", "tcp.flags.syn");

        assertThat(Tshark.complaints(file)).isEmpty();
        assertThat(rows).hasSize(frames("client") + frames("node1-eth0") + frames("node2-cbr0"));
        assertThat(rows).extracting(row -> row[0]).contains("client", "node1-eth0", "node2-cbr0");
        assertThat(rows).anySatisfy(row -> {
            assertThat(row[0]).isEqualTo("node1-eth0");
            assertThat(row[1]).startsWith("flow 2: tcp 10.241.0.4:").contains("; step 1.3; ", "request-lost-between-nodes",
                    "node1-eth0.pcap frame ");
        });
        assertThat(rows).filteredOn(row -> row[2].equals("1") || row[2].equals("True")).allSatisfy(row ->
                assertThat(row[1]).startsWith("flow "));
    }

    @Test
    void pointsThatAreSectionsOfOneFileHaveTheirOwnFramesEachOnce() throws IOException {
        Path both = folder.resolve("both.pcapng");
        try (OutputStream out = Files.newOutputStream(both)) {
            rewrite("client", out);
            rewrite("node1-eth0", out);
        }
        Path reports = folder.resolve("both");
        run("analyze", both.toString(), "--annotate", "--quiet", "--out", reports.toString());

        int[] frames = new int[2];
        try (CaptureReader reader = CaptureReader.open(reports.resolve("annotated.pcapng"))) {
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                frames[frame.interfaceId()]++;
            }
            assertThat(reader.interfaces()).extracting(CaptureInterface::name).containsExactly("client", "node1-eth0");
        }
        assertThat(frames).containsExactly(frames("client"), frames("node1-eth0"));
    }

    @Test
    void aFileCannotFillTheMemoryWithPoints() throws IOException {
        Path file = folder.resolve("many.pcapng");
        try (OutputStream out = Files.newOutputStream(file); CaptureReader reader = CaptureReader.open(CASE.resolve("client.pcap"))) {
            PcapngWriter writer = new PcapngWriter(out, null, null);
            FrameView frame = new FrameView();
            assertThat(reader.next(frame)).isTrue();
            for (int i = 0; i < 300; i++) {
                writer.packet(writer.addInterface("veth" + i, null, frame.linkType()), frame.timeNanos(), frame, null);
            }
            writer.flush();
        }

        assertThat(report(file, "many")).contains("many.pcapng: more than 256 interfaces; 44 frames of the others were left out");
    }

    private static void rewrite(String point, OutputStream out) throws IOException {
        try (CaptureReader reader = CaptureReader.open(CASE.resolve(point + ".pcap"))) {
            PcapngWriter writer = new PcapngWriter(out, null, null);
            writer.addInterface(point, null, 1);
            FrameView frame = new FrameView();
            while (reader.next(frame)) {
                writer.packet(0, frame.timeNanos(), frame, null);
            }
            writer.flush();
        }
    }

    private String report(Path input, String name) throws IOException {
        Path out = folder.resolve(name);
        run("analyze", input.toString(), "--formats", "json", "--quiet", "--out", out.toString());
        return Files.readString(out.resolve("report.json"));
    }

    private static int run(String... args) {
        StringWriter err = new StringWriter();
        int status = Main.run(args, CommandRun.PIPE, new PrintWriter(new StringWriter()), new PrintWriter(err));
        assertThat(err.toString()).isEmpty();
        return status;
    }

    private static int frames(String point) throws IOException {
        try (CaptureReader reader = CaptureReader.open(CASE.resolve(point + ".pcap"))) {
            FrameView frame = new FrameView();
            int count = 0;
            while (reader.next(frame)) {
                count++;
            }
            return count;
        }
    }
}
