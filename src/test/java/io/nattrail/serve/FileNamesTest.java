package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileNamesTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "client.pcap,                 client.pcap",
        "node1-eth0.pcapng.gz,        node1-eth0.pcapng.gz",
        "../../etc/passwd,            passwd",
        "C:\\captures\\client.pcap,   client.pcap",
        "..,                          file",
        "-,                           file",
        ".hidden,                     hidden",
        "--out=x,                     out_x",
        "my capture (1).pcap,         my_capture__1_.pcap",
        "évident.pcap,                _vident.pcap",
        "nul.pcap,                    _nul.pcap",
        "a%2f..%2fb,                  a_2f.._2fb",
        "name.,                       name",
    })
    void aNameIsMadeOfWhatTheClientSays(String label, String name) {
        assertThat(FileNames.make(label, new HashSet<>())).isEqualTo(name);
    }

    @Test
    void noTwoFilesOfACaseHaveOneNameNotEvenWhereCaseDoesNotCount() {
        Set<String> used = new HashSet<>();

        assertThat(FileNames.make("client.pcap.gz", used)).isEqualTo("client.pcap.gz");
        assertThat(FileNames.make("Client.pcap.gz", used)).isEqualTo("Client-2.pcap.gz");
        assertThat(FileNames.make("/other/client.pcap.gz", used)).isEqualTo("client-3.pcap.gz");
    }

    @Test
    void aLongNameKeepsItsBeginningAndItsEnding() {
        String name = FileNames.make("node1-eth0-" + "x".repeat(500) + ".pcap.zst", new HashSet<>());

        assertThat(name).hasSize(100).startsWith("node1-eth0-").endsWith(".pcap.zst");
    }

    @Test
    void aLabelIsWhatPeopleCanRead() {
        assertThat(FileNames.label("  Fälle \u202egnp.exe\u0000\u001b[31m\n ")).isEqualTo("Fälle gnp.exe[31m");
        assertThat(FileNames.label("😀".repeat(300))).isEqualTo("😀".repeat(200) + "…");
    }
}
