package io.nattrail.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class InspectCommandTest {
    private static final Path CLIENT = Path.of("captures/kubeproxy-happy-cross-node/client.pcap");

    @TempDir
    Path folder;

    @Test
    void printsTheFactsAsOneJsonObject() throws IOException {
        CommandRun run = run("--json", CLIENT.toString());

        JsonNode facts = new ObjectMapper().readTree(run.out());
        assertThat(run.status()).isZero();
        assertThat(facts.fieldNames()).toIterable().contains("format", "compression", "byteOrder", "timeResolutions", "linkTypes",
                "packets",
                "capturedBytes", "wireBytes", "firstTimeNanos", "lastTimeNanos", "protocols", "network", "tcpFlags", "conversations",
                "damage");
        assertThat(facts.get("packets").asInt()).isEqualTo(80);
        assertThat(facts.get("tcpFlags").toString()).isEqualTo("{\"syn\":6,\"synAck\":6,\"fin\":12,\"rst\":0}");
        assertThat(facts.get("damage").isNull()).isTrue();
    }

    @Test
    void printsTheKeysThatAreDocumentedInTheirOrder() throws IOException {
        String page = Files.readString(Path.of("docs/captures.md"));
        String table = page.substring(page.indexOf("## nattrail inspect"));
        List<String> documented = Pattern.compile("(?m)^\\| `([A-Za-z]+)` \\|").matcher(table).results().map(row -> row.group(1)).toList();

        JsonNode facts = new ObjectMapper().readTree(run("--json", CLIENT.toString()).out());

        assertThat(facts.fieldNames()).toIterable().containsExactlyElementsOf(documented);
    }

    @Test
    void printsTheFactsForPeople() {
        CommandRun run = run(CLIENT.toString());

        assertThat(run.status()).isZero();
        assertThat(run.out()).containsSubsequence("80 packets in 559 ms", "pcap, little-endian, microseconds", "EN10MB; snap length 262144",
                "IPv4 78, ARP 2", "SYN 6, SYN ACK 6, FIN 12", "TCP 6");
    }

    @Test
    void tellsDamageAndDoesNotCallItAnError() throws IOException {
        byte[] file = Files.readAllBytes(CLIENT);
        Path cut = Files.write(folder.resolve("cut.pcap"), Arrays.copyOf(file, file.length - 3));

        CommandRun text = run(cut.toString());
        CommandRun json = run("--json", cut.toString());

        assertThat(text.status()).isZero();
        assertThat(text.out()).contains("damage at byte ", "(frame 80): the file ends inside a record");
        JsonNode damage = new ObjectMapper().readTree(json.out()).get("damage").get(0);
        assertThat(damage.get("file").asText()).isEqualTo(cut.toString());
        assertThat(damage.get("frame").asInt()).isEqualTo(80);
        assertThat(damage.get("kind").asText()).isEqualTo("cut");
    }

    /** Its bytes are Latin-1 where names are UTF-8: Java's arguments then hold U+FFFD in the place of what it could not read. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void findsAFileWhoseNameIsNotInTheUsersEncoding() throws Exception {
        String shell = "d=$(printf 'K\\344fig') && mkdir -p \"$1/$d\" && cp \"$2\" \"$1/$d/$(printf 'caf\\351.pcap')\"";
        Process made = new ProcessBuilder("sh", "-c", shell, "sh", folder.toString(), CLIENT.toString()).inheritIO().start();
        assertThat(made.waitFor()).isZero();
        String name = folder + "/K\ufffdfig/caf\ufffd.pcap";

        assertThat(run("--json", name).out()).contains("\"packets\": 80");
        assertThat(run(folder + "/K\ufffdfig/caf\ufffd\ufffd.pcap").err()).contains("no such file or folder");
        assertThat(new PointFile.Converter().convert("client=" + name).file()).exists();
    }

    @Test
    void readsStandardInput() throws IOException {
        try (InputStream in = Files.newInputStream(CLIENT)) {
            CommandRun run = CommandRun.of(CommandRun.alone(new InspectCommand(CommandRun.PIPE, in)), "--json", "-");

            assertThat(new ObjectMapper().readTree(run.out()).get("packets").asInt()).isEqualTo(80);
        }
    }

    @Test
    void saysWhatAFileIsThatIsNoCaptureAndGoesOn() throws IOException {
        Path text = Files.writeString(folder.resolve("rules.pcap"), "*nat\n:PREROUTING ACCEPT [0:0]\n");

        CommandRun run = run("--json", text.toString(), folder.resolve("missing.pcap").toString(), CLIENT.toString());

        assertThat(run.status()).isEqualTo(ExitStatus.USAGE);
        assertThat(run.err()).contains("rules.pcap: byte 0: starts with 2a 6e 61 74", "output of iptables-save, not a capture",
                "missing.pcap: no such file");
        assertThat(objects(run.out())).extracting(node -> node.get("packets").asInt()).containsExactly(80);
    }

    @Test
    void printsAnObjectForEachFile() throws IOException {
        CommandRun run = run("--json", CLIENT.toString(), CLIENT.toString());

        assertThat(objects(run.out())).hasSize(2);
    }

    private static List<JsonNode> objects(String text) throws IOException {
        try (MappingIterator<JsonNode> nodes = new ObjectMapper().readerFor(JsonNode.class).readValues(text)) {
            return nodes.readAll();
        }
    }

    private static CommandRun run(String... args) {
        InputStream none = new ByteArrayInputStream(new byte[0]);
        return CommandRun.of(CommandRun.alone(new InspectCommand(CommandRun.PIPE, none)), args);
    }
}
