package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.capture.UnreadableInputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CaseListTest {
    @TempDir
    private Path folder;

    private List<BatchCase> read(String text) throws IOException {
        Path list = folder.resolve("cases.csv");
        Files.writeString(list, text);
        return CaseList.read(list);
    }

    @Test
    void namesCasesAndTheirFolders() throws IOException {
        List<BatchCase> cases = read("""
                # ours
                name,path
                web,captures/web
                "dns, slow",/data/dns
                """);

        assertThat(cases).extracting(BatchCase::name).containsExactly("web", "dns, slow");
        assertThat(cases.get(0).inputs()).containsExactly(folder.resolve("captures/web"));
        assertThat(cases.get(1).inputs()).containsExactly(Path.of("/data/dns"));
        assertThat(cases.get(1).folder()).isEqualTo("dns,_slow");
    }

    @Test
    void columnsMayNameThePointsWithOneOrMoreFiles() throws IOException {
        List<BatchCase> cases = read("""
                \ufeffname,path,client,node1-eth0
                web,captures,c.pcap,n.pcap0;n.pcap1
                dns,,/tmp/c.pcap,
                """);

        assertThat(cases.get(0).points()).isEqualTo(Map.of("client", List.of(folder.resolve("captures/c.pcap")), "node1-eth0",
                List.of(folder.resolve("captures/n.pcap0"), folder.resolve("captures/n.pcap1"))));
        assertThat(cases.get(0).inputs()).isEmpty();
        assertThat(cases.get(1).points()).isEqualTo(Map.of("client", List.of(Path.of("/tmp/c.pcap"))));
    }

    @Test
    void besidePointsThePathGivesTheDumpsOfTheCluster() throws IOException {
        Files.createDirectories(folder.resolve("web"));
        Files.writeString(folder.resolve("web/node-1.iptables-save"), "*nat\n:KUBE-SERVICES - [0:0]\nCOMMIT\n");
        Files.writeString(folder.resolve("web/client.pcap"), "not even a dump");

        BatchCase item = read("name,path,client\nweb,web,client.pcap\n").get(0);

        assertThat(item.inputs()).containsExactly(folder.resolve("web/node-1.iptables-save"));
        assertThat(item.points()).containsOnlyKeys("client");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                          | line 1: is empty",
        "web,captures                | line 1: does not name the columns",
        "name,path\\na,b\\na,c       | line 3: has the case name 'a' a second time",
        "name,path\\n,b              | line 2: has no name",
        "name,path\\na,b\\nb,        | line 3: has neither a path nor a file",
        "name,path\\na,b,c           | line 2: has 3 cells, the first line names 2 columns",
        "name,path,path\\na,b,c      | line 1: names the column 'path' twice",
        "name,path\\na,\"b           | line 2: is not CSV: EOF reached before encapsulated token finished",
        "name,path\\na,b\\nc,\"d\"e   | line 3: is not CSV: Invalid character between encapsulated token and delimiter",
        "name,path                   | line 1: names no case",
        "name;path\\na;b             | line 1: does not name the columns",
    })
    void saysWhatIsWrongInWhichLine(String text, String message) {
        assertThatThrownBy(() -> read(text.replace("\\n", "\n"))).isInstanceOf(UnreadableInputException.class).hasMessageContaining(message)
                .hasMessageContaining("cases.csv: line ").satisfies(e -> assertThat(((UnreadableInputException) e).remedy()).isNotBlank());
    }

    @Test
    void refusesAFolder() {
        assertThatThrownBy(() -> CaseList.read(folder)).isInstanceOf(UnreadableInputException.class)
                .hasMessage(folder + ": is a folder, not a list of cases");
    }

    @Test
    void refusesWhatIsNoText() throws IOException {
        Path list = folder.resolve("cases.csv");
        Files.write(list, "name,path\nw\u00e9b,x\n".getBytes(StandardCharsets.ISO_8859_1));

        assertThatThrownBy(() -> CaseList.read(list)).hasMessageContaining("is not UTF-8 text");
    }
}
