package io.nattrail.analysis;

import static io.nattrail.packets.TestPacket.udp;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nattrail.capture.UnreadableInputException;
import io.nattrail.packets.Tape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CaseFinderTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path folder;

    @Test
    void filesOfARingAreOnePointInTheOrderOfTheirTimeNotOfTheirNames() throws IOException {
        capture("client.pcap0", 20);
        capture("client.pcap1", 0);
        capture("client.pcap2", 10);
        capture("node1-eth0.pcap", 5);

        CaseFinder finder = find();

        assertThat(finder.sources()).extracting(CaseFinder.Source::name).containsExactly("client", "node1-eth0");
        assertThat(finder.sources().get(0).files()).extracting(file -> file.getFileName().toString())
                .containsExactly("client.pcap1", "client.pcap2", "client.pcap0");
        assertThat(finder.notes()).isEmpty();
    }

    @Test
    void ofFilesInSeveralFoldersTheFoldersTellThePoint() throws IOException {
        for (String file : List.of("client/eth0.pcap", "node1/eth0.pcap", "node2/cbr0.pcap", "node2/node3-eth0.pcap", "b/x.pcap")) {
            Files.createDirectories(folder.resolve(file).getParent());
            capture(file, 0);
        }

        List<Path> inputs = List.of(folder.resolve("client"), folder.resolve("node1/eth0.pcap"), folder.resolve("node2"),
                folder.resolve("b"));
        CaseFinder finder = CaseFinder.find(new CaseRequest(inputs, Map.of(), null, null, FlowSelection.ALL, 1, false), Map.of());

        assertThat(finder.sources()).extracting(CaseFinder.Source::name).containsExactly("client", "node1-eth0", "node2-cbr0",
                "node3-eth0", "x");
    }

    @Test
    void aFolderAloneDoesNotTellThePointsOfItsFiles() throws IOException {
        Files.createDirectories(folder.resolve("client"));
        capture("client/a.pcap", 0);
        capture("client/b.pcap", 0);

        CaseFinder finder = CaseFinder.find(CaseRequest.of(folder.resolve("client")), Map.of());

        assertThat(finder.sources()).extracting(CaseFinder.Source::name).containsExactly("a", "b");
    }

    @Test
    void aFolderTellsNoPointWhereTheOtherOneHoldsTheDumpsOnly() throws IOException {
        Files.createDirectories(folder.resolve("client-resets"));
        Files.createDirectories(folder.resolve("state"));
        capture("client-resets/a.pcap", 0);
        capture("client-resets/b.pcap", 0);
        Files.writeString(folder.resolve("state/get.json"), "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[]}");

        List<Path> inputs = List.of(folder.resolve("client-resets"), folder.resolve("state/get.json"));
        CaseFinder finder = CaseFinder.find(new CaseRequest(inputs, Map.of(), null, null, FlowSelection.ALL, 1, false), Map.of());

        assertThat(finder.dumps()).hasSize(1);
        assertThat(finder.sources()).extracting(CaseFinder.Source::name).containsExactly("a", "b");
    }

    @Test
    void aCopyOfACaptureIsLeftOut() throws IOException {
        Path client = capture("client.pcap", 0);
        try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(folder.resolve("client.pcap.gz")))) {
            Files.copy(client, out);
        }
        Files.copy(client, folder.resolve("client (1).pcap"));
        capture("node1-eth0.pcap", 5);

        CaseFinder finder = find();

        assertThat(finder.sources()).extracting(CaseFinder.Source::name).containsExactly("client", "node1-eth0");
        assertThat(finder.sources().get(0).files()).containsExactly(client);
        assertThat(finder.notes()).containsExactlyInAnyOrder("client.pcap.gz: holds no packet that client.pcap does not hold, left out",
                "client (1).pcap: holds no packet that client.pcap does not hold, left out");
    }

    @Test
    void ofACaptureThatWasFetchedTwiceTheLongerOneIsKept() throws IOException {
        capture("client.pcap", 0);
        Path longer = new Tape().at(0, udp("10.0.0.1:1000", "10.0.0.2:2000", "x")).at(SECOND, udp("10.0.0.1:1000", "10.0.0.2:2000", "y"))
                .write(folder.resolve("client-2.pcap"));

        CaseFinder finder = CaseFinder.find(new CaseRequest(List.of(), Map.of("client", List.of(folder.resolve("client.pcap"), longer)),
                null, null, FlowSelection.ALL, 1, false), Map.of());

        assertThat(finder.sources().get(0).files()).containsExactly(longer);
        assertThat(finder.notes()).containsExactly("client.pcap: holds no packet that client-2.pcap does not hold, left out");
    }

    @Test
    void aFileThatIsNamedTwiceIsReadOnce() throws IOException {
        Path client = capture("client.pcap", 0);

        CaseFinder finder = CaseFinder.find(new CaseRequest(List.of(client, client), Map.of(), null, null, FlowSelection.ALL, 1, false),
                Map.of());

        assertThat(finder.sources().get(0).files()).containsExactly(client);
        assertThat(finder.notes()).containsExactly("client.pcap: named twice, read once");
    }

    @Test
    void filesThatBeginAlikeAndGoOnDifferentlyAreNoCopies() throws IOException {
        for (String last : List.of("y", "z")) {
            new Tape().at(0, udp("10.0.0.1:1000", "10.0.0.2:2000", "x")).at(SECOND, udp("10.0.0.1:1000", "10.0.0.2:2000", last))
                    .write(folder.resolve("client.pcap" + last.charAt(0)));
        }

        CaseFinder finder = find();

        assertThat(finder.sources().stream().mapToInt(source -> source.files().size()).sum()).isEqualTo(2);
        assertThat(finder.notes()).isEmpty();
    }

    @Test
    void theSamePacketsUnderTheNamesOfTwoPointsAreKeptAndNoted() throws IOException {
        packets("client.pcap", 3);
        packets("node1-eth0.pcap", 3);

        CaseFinder finder = find();

        assertThat(finder.sources()).extracting(CaseFinder.Source::name).containsExactly("client", "node1-eth0");
        assertThat(finder.notes()).containsExactly("node1-eth0.pcap: the same packets as in client.pcap, which is another point's; "
                + "was the wrong file copied?");
    }

    @Test
    void aFileOfARingWithoutPacketsComesLast() throws IOException {
        new Tape().write(folder.resolve("client.pcap0"));
        capture("client.pcap1", 0);

        assertThat(find().sources().get(0).files()).extracting(file -> file.getFileName().toString())
                .containsExactly("client.pcap1", "client.pcap0");
    }

    @Test
    void dumpsAreToldFromCapturesByWhatIsInThem() throws IOException {
        capture("client.pcap", 0);
        for (String dump : List.of("kubectl-get.json", "node-1.iptables-save", "node-1.conntrack")) {
            Files.copy(Path.of("captures/lost-between-nodes").resolve(dump), folder.resolve(dump));
        }
        Files.copy(Path.of("captures/happy-nftables/node-2.nft"), folder.resolve("rules.txt"));

        CaseFinder finder = find();

        assertThat(finder.dumps()).extracting(file -> file.getFileName().toString()).containsExactlyInAnyOrder("kubectl-get.json",
                "node-1.iptables-save", "node-1.conntrack", "rules.txt");
        assertThat(finder.sources()).hasSize(1);
        assertThat(finder.notes()).isEmpty();
    }

    @Test
    void aFileThatIsNeitherIsNotedAndStopsNothing() throws IOException {
        capture("client.pcap", 0);
        Files.write(folder.resolve("screenshot.png"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 0});
        Files.writeString(folder.resolve(".hidden"), "not looked at");

        CaseFinder finder = find();

        assertThat(finder.sources()).hasSize(1);
        assertThat(finder.notes()).singleElement().asString().startsWith("screenshot.png: neither a capture nor cluster state");
    }

    @Test
    void anEmptyDumpMayBeRightAndAnEmptyCaptureIsNot() throws IOException {
        capture("client.pcap", 0);
        Files.createFile(folder.resolve("node-1.conntrack"));
        Files.createFile(folder.resolve("node1-eth0.pcap0"));

        assertThat(find().notes()).containsExactly(
                "node-1.conntrack: is empty: there was nothing to list, or the command that wrote it failed",
                "node1-eth0.pcap0: is empty, without even a capture's header; capture again, or fetch it again once tcpdump has ended");
    }

    /** PowerShell writes the mark of its encoding even where there is nothing else. */
    @Test
    void theMarkOfAnEncodingAloneIsNothing() throws IOException {
        capture("client.pcap", 0);
        Files.write(folder.resolve("node-1.conntrack"), new byte[] {(byte) 0xff, (byte) 0xfe});

        assertThat(find().notes()).containsExactly(
                "node-1.conntrack: is empty: there was nothing to list, or the command that wrote it failed");
    }

    @Test
    void whatIsPrintedForPeopleSaysWhatToRunInstead() throws IOException {
        capture("client.pcap", 0);
        String kubectl = "make it with: kubectl get nodes,services,endpointslices,pods -A -o json";
        Map<String, String> made = new TreeMap<>();
        made.put("NAMESPACE   NAME         TYPE        CLUSTER-IP   EXTERNAL-IP   PORT(S)   AGE   SELECTOR\n"
                + "default     kubernetes   ClusterIP   172.31.0.1   <none>        443/TCP   9d    <none>\n", kubectl);
        made.put("NAME     STATUS   ROLES    AGE   VERSION   INTERNAL-IP\r\nnode-1   Ready    <none>   9d    v1.30.5\r\n", kubectl);
        made.put("Name:                     web\nNamespace:                default\nLabels:                   app=web\n", kubectl);
        made.put("Chain PREROUTING (policy ACCEPT 0 packets, 0 bytes)\n pkts bytes target\n", "make it with: iptables-save -c");
        made.put("-P PREROUTING ACCEPT\n-N KUBE-SERVICES\n-A PREROUTING -j KUBE-SERVICES\n", "make it with: iptables-save -c");
        made.put("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<conntrack>\n<flow></flow>\n</conntrack>\n",
                "make it with: conntrack -L -o extended,id");

        for (Map.Entry<String, String> form : made.entrySet()) {
            Files.writeString(folder.resolve("dump.txt"), form.getKey());

            assertThat(find().notes()).singleElement().asString().startsWith("dump.txt: ").endsWith(form.getValue());
        }
    }

    @Test
    void stateInSubFoldersIsNamedOnce() throws IOException {
        capture("client.pcap", 0);
        Path core = Files.createDirectories(folder.resolve("must-gather").resolve("namespaces").resolve("default"));
        Files.writeString(core.resolve("services.yaml"), "apiVersion: v1\nkind: ServiceList\nitems: []\n");
        Files.writeString(Files.createDirectories(folder.resolve("other")).resolve("readme.txt"), "nothing of use\n");

        assertThat(find().notes()).containsExactly("cluster state in sub-folders was left out: must-gather; "
                + "name each folder that holds some, beside that of the captures");
    }

    @Test
    void whatACommandComplainedOfIsQuoted() throws IOException {
        capture("client.pcap", 0);
        Files.writeString(folder.resolve("node-1.conntrack"),
                "conntrack v1.4.6 (conntrack-tools): Operation failed: sorry, you must be root or get CAP_NET_ADMIN capability\n");

        assertThat(find().notes()).singleElement().asString().startsWith("node-1.conntrack: neither a capture nor cluster state").contains(
                "the text \"conntrack v1.4.6 (conntrack-tools): Operation failed: sorry, you must be root or...\"");
    }

    @Test
    void aFolderWithoutCapturesIsRefusedWithWhatToDo() {
        assertThatThrownBy(this::find).isInstanceOfSatisfying(UnreadableInputException.class, refusal -> {
            assertThat(refusal.getMessage()).contains(folder.toString(), "no capture in this folder");
            assertThat(refusal.remedy()).contains("client.pcap", "node1-eth0.pcap", "node2-cbr0.pcap");
        });
    }

    @Test
    void ofFilesOfWhichNoneIsACaptureOneIsToldWhatItLooksLike() throws IOException {
        Path picture = Files.write(folder.resolve("client.pcap"), new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 0});
        Path empty = Files.createFile(folder.resolve("node1-eth0.pcap"));

        CaseRequest request = new CaseRequest(List.of(picture, empty), Map.of(), null, null, FlowSelection.ALL, 1, false);

        assertThatThrownBy(() -> CaseFinder.find(request, Map.of())).isInstanceOf(UnreadableInputException.class)
                .hasMessageStartingWith(picture + " and 1 more: no capture among these files; client.pcap: starts with 89 50 4e 47");
    }

    @Test
    void ofAnArchiveThatWasUnpackedTheUserReadsItsOwnName() {
        assertThatThrownBy(() -> CaseFinder.find(CaseRequest.of(folder), Map.of(folder, Path.of("case.zip"))))
                .isInstanceOf(UnreadableInputException.class).hasMessage("case.zip: no capture in this archive");
    }

    @Test
    void ofAFileThatIsNoCaptureItIsSaidWhatItIs() throws IOException {
        Path archive = Files.write(folder.resolve("trace.pcap"), "%PDF-1.7 whatever".getBytes());

        assertThatThrownBy(() -> CaseFinder.find(CaseRequest.of(archive), Map.of())).isInstanceOf(UnreadableInputException.class)
                .hasMessageContaining("trace.pcap").hasMessageContaining("PDF");
    }

    @Test
    void anInputThatDoesNotExistIsNamed() {
        assertThatThrownBy(() -> CaseFinder.find(CaseRequest.of(folder.resolve("nowhere")), Map.of()))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining("nowhere");
    }

    @Test
    void whatTheCommandLineSaysOfAPointIsNotGuessedAgain() throws IOException {
        Path trace = capture("node2-cbr0.pcap", 0);
        Map<String, List<Path>> points = new LinkedHashMap<>();
        points.put("node1-eth0", List.of(trace));

        CaseFinder finder = CaseFinder.find(new CaseRequest(List.of(), points, null, null, FlowSelection.ALL, 1, false), Map.of());

        assertThat(finder.sources()).singleElement().satisfies(source -> {
            assertThat(source.name()).isEqualTo("node1-eth0");
            assertThat(source.toldBy()).isEqualTo("command line");
        });
    }

    @Test
    void aFileThatTheCommandLineSaysAPointOfIsNoFurtherOneOfItsFolder() throws IOException {
        Path client = capture("node1-eth0.pcap", 0);
        Path node = capture("client.pcap", 10);
        Map<String, List<Path>> points = Map.of("client", List.of(client), "node1-eth0", List.of(node));

        CaseFinder finder = CaseFinder.find(new CaseRequest(List.of(folder), points, null, null, FlowSelection.ALL, 1, false), Map.of());

        assertThat(finder.sources()).extracting(CaseFinder.Source::name).containsExactly("client", "node1-eth0");
        assertThat(finder.sources()).extracting(CaseFinder.Source::files).containsExactly(List.of(client), List.of(node));
        assertThat(finder.notes()).isEmpty();
    }

    @Test
    void aCaptureThatIsThereTwiceIsOnePoint() throws IOException {
        Path capture = packets("node2-cbr0.pcap", 40);
        Files.copy(capture, folder.resolve("a copy.pcap"));
        Files.write(folder.resolve("node2-cbr0.pcap.gz"), gzip(Files.readAllBytes(capture)));
        Files.createSymbolicLink(folder.resolve("link.pcap"), capture);

        CaseFinder finder = find();

        assertThat(finder.sources()).singleElement().satisfies(source -> {
            assertThat(source.name()).isEqualTo("node2-cbr0");
            assertThat(source.files()).containsExactly(capture);
        });
        assertThat(finder.notes()).containsExactlyInAnyOrder("a copy.pcap: holds no packet that node2-cbr0.pcap does not hold, left out",
                "node2-cbr0.pcap.gz: holds no packet that node2-cbr0.pcap does not hold, left out",
                "link.pcap: holds no packet that node2-cbr0.pcap does not hold, left out");
    }

    @Test
    void capturesThatOnlyBeginAlikeOrHoldNothingAreSeveral() throws IOException {
        packets("a.pcap", 40);
        packets("b.pcap", 41);
        packets("c.pcap", 0);
        packets("d.pcap", 0);

        assertThat(find().sources()).extracting(CaseFinder.Source::name).containsExactly("a", "b", "c", "d");
    }

    private Path packets(String name, int count) {
        Tape tape = new Tape();
        for (int i = 0; i < count; i++) {
            tape.at(i * SECOND, udp("10.0.0.1:1000", "10.0.0.2:2000", "x" + i));
        }
        return tape.write(folder.resolve(name));
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            gzip.write(plain);
        }
        return bytes.toByteArray();
    }

    private CaseFinder find() throws IOException {
        return CaseFinder.find(CaseRequest.of(folder), Map.of());
    }

    private Path capture(String name, long second) {
        return new Tape().at(second * SECOND, udp("10.0.0.1:1000", "10.0.0.2:2000", "x")).write(folder.resolve(name));
    }
}
