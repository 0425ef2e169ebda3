package io.nattrail.analysis;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.capture.CaptureFacts;
import io.nattrail.nat.Silence;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which numbers of two files, the one captured after the other, say that files between them are missing. */
class RingGapsTest {
    @ParameterizedTest
    @CsvSource({"client.pcap, client.pcap2", "client.pcap0, client.pcap2", "client.pcap03.gz, client.pcap05.gz",
        "client.pcap4, client.pcap1",
        "client_00001_20261123153412.pcapng, client_00003_20261123153512.pcapng",
        "client_00007_20261123153412.pcapng, client_00002_20261123153512.pcapng"})
    void aNumberThatIsSkippedIsAFileThatIsMissing(String before, String after) {
        List<CaptureFacts> files = List.of(file(before, 0), file(after, 20));
        assertThat(RingGaps.of(files)).containsExactly(new Silence(10, 20, true));
        assertThat(RingGaps.note("client", files)).startsWith("client: files are missing between " + before + " and " + after + ",");
    }

    /** tcpdump begins with no number or with 0, and dumpcap with 1. */
    @ParameterizedTest
    @CsvSource({"client.pcap, client.pcap1", "client.pcap0, client.pcap1", "client.pcap9, client.pcap0", "client.pcap9, client.pcap",
        "client-20261123-153412.pcap, client-20261123-163412.pcap",
        "client.pcap20261130, client.pcap20261201",
        "client_00001_20261123153412.pcapng, client_00002_20261123153512.pcapng",
        "client_00007_20261123153412.pcapng, client_00001_20261123163412.pcapng",
        "client_99999_20261123153412.pcapng, client_00000_20261123153512.pcapng",
        "client_00000_20261123153412.pcapng, client_00001_20261123153512.pcapng"})
    void aRingThatGoesOnOrBeginsAnewLacksNoFile(String before, String after) {
        List<CaptureFacts> files = List.of(file(before, 0), file(after, 20));
        assertThat(RingGaps.of(files)).isEmpty();
        assertThat(RingGaps.note("client", files)).isNull();
    }

    private static CaptureFacts file(String name, long first) {
        return new CaptureFacts(name, "pcap", "none", "little-endian", List.of(), List.of(), 2, 0, 0, first, first + 10, List.of(), null,
                null, List.of());
    }
}
