package io.nattrail.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import io.nattrail.differential.Tshark;
import io.nattrail.net.IpAddress;
import io.nattrail.wire.FrameView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PcapngWriterTest {
    private static final long TIME = 1_790_000_000_123_456_789L;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final FrameView frame = new FrameView();

    @TempDir
    Path folder;

    @Test
    void writesWhatTheReaderReads() throws IOException {
        PcapngWriter writer = new PcapngWriter(bytes, "NatTrail", "a case");
        int client = writer.addInterface("client", "from client.pcap", 1);
        int node = writer.addInterface("node1-eth0", null, 113);
        writer.names(Map.of(IpAddress.parse("10.244.1.2"), List.of("web-2.default")));
        writer.packet(node, TIME, packet("one", 60), "flow 1");
        writer.packet(client, TIME - 1, packet("other", 5), null);
        writer.flush();

        Captures.Read read = Captures.read(bytes.toByteArray());

        assertThat(read.frames()).extracting(Captures.Frame::bytes, Captures.Frame::timeNanos, Captures.Frame::original,
                Captures.Frame::interfaceId, Captures.Frame::linkType).containsExactly(
                        tuple("one", TIME, 60L, 1, 113),
                        tuple("other", TIME - 1, 5L, 0, 1));
        assertThat(read.facts().interfaces()).containsExactly(new CaptureInterface("client", "from client.pcap", null, 1, 0, null, 0),
                new CaptureInterface("node1-eth0", null, null, 113, 0, null, 0));
        assertThat(read.facts().timeResolutions()).containsExactly("nanoseconds");
        assertThat(read.facts().damage()).isEmpty();
    }

    @Property(tries = 200)
    void writesPacketsAndCommentsOfEveryLength(@ForAll @Size(max = 20) List<@IntRange(max = 70_000) Integer> sizes,
            @ForAll @StringLength(max = 300) String comment) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PcapngWriter writer = new PcapngWriter(out, null, null);
        writer.addInterface("any", null, 1);
        for (int size : sizes) {
            writer.packet(0, TIME, packet("x".repeat(size), size), size % 3 == 0 ? null : comment);
        }
        writer.flush();

        Captures.Read read = Captures.read(out.toByteArray());

        assertThat(read.frames()).extracting(Captures.Frame::captured).containsExactlyElementsOf(sizes);
        assertThat(read.facts().damage()).isEmpty();
    }

    @Test
    void cutsACommentThatIsTooLongNotInTheMiddleOfACharacter() throws IOException {
        PcapngWriter writer = new PcapngWriter(bytes, null, null);
        writer.addInterface("any", null, 1);
        writer.packet(0, TIME, packet("x", 1), "a" + "\u00e9".repeat(40_000));
        writer.packet(0, TIME, packet("y", 1), null);
        writer.flush();

        Captures.Read read = Captures.read(bytes.toByteArray());

        assertThat(read.frames()).hasSize(2);
        assertThat(read.facts().damage()).isEmpty();
        // Code 1, length 65531: an "a" and 32765 whole characters of two bytes.
        assertThat(new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1)).contains("\1\0\u00fb\u00ffa\u00c3\u00a9");
    }

    @Test
    void refusesAPacketOfAnInterfaceItWasNotTold() throws IOException {
        PcapngWriter writer = new PcapngWriter(bytes, null, null);

        assertThatIllegalArgumentException().isThrownBy(() -> writer.packet(0, TIME, packet("x", 1), null))
                .withMessage("no interface 0, there are 0");
    }

    @Test
    void writesNamesThatTsharkShows() throws IOException, InterruptedException {
        Tshark.assumeInstalled();
        PcapngWriter writer = new PcapngWriter(bytes, "NatTrail", "a case");
        writer.addInterface("client", "from client.pcap", 101);
        Map<IpAddress, List<String>> names = new LinkedHashMap<>();
        for (int i = 0; i < 5000; i++) {
            names.put(IpAddress.v4(0x0af40000 + i), List.of("pod-" + i + ".default"));
        }
        names.put(IpAddress.parse("fd00::1"), List.of("web.default.svc", "second"));
        writer.names(names);
        byte[] ip = new byte[20];
        System.arraycopy(new byte[] {0x45, 0, 0, 20, 0, 0, 0, 0, 64, 17, 0, 0, 10, (byte) 244, 0x12, 0x34, 10, (byte) 244, 0, 1}, 0, ip, 0,
                20);
        frame.set(ip, 0, 20, 20, 0, true, 1, 0, 101, 0);
        writer.packet(0, TIME, frame, "a comment");
        writer.flush();
        Path file = Files.write(folder.resolve("names.pcapng"), bytes.toByteArray());

        assertThat(Tshark.complaints(file)).isEmpty();
        assertThat(Tshark.resolvedRows(file, "ip.src_host", "ip.dst_host", "frame.interface_name", "frame.interface_description",
                "frame.comment")).containsExactly(new String[] {"pod-4660.default", "pod-1.default", "client", "from client.pcap",
                    "a comment"});
    }

    private FrameView packet(String text, int original) {
        FrameView view = new FrameView();
        view.set(text.getBytes(StandardCharsets.ISO_8859_1), 0, text.length(), original, 0, true, 1, 0, 1, 0);
        return view;
    }
}
