package io.nattrail.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterFilesTest {
    private static final String CLUSTER = """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1"}, "spec": {"podCIDR": "10.244.0.0/24"},
             "status": {"addresses": [{"type": "InternalIP", "address": "10.240.0.4"}]}}
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-10"}, "spec": {"podCIDR": "10.244.1.0/24"},
             "status": {"addresses": [{"type": "InternalIP", "address": "10.240.0.5"}]}}
            """;
    private static final String ENTRY = "tcp      6 9 CLOSE src=10.241.0.4 dst=10.240.0.9 sport=1 dport=2 "
            + "src=10.240.0.9 dst=10.241.0.4 sport=2 dport=1\n";

    @TempDir
    Path folder;

    private boolean looksLikeDump(byte[] bytes) throws IOException {
        return ClusterFiles.looksLikeDump(Files.write(folder.resolve("x"), bytes));
    }

    private static byte[] gzip(String text) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return out.toByteArray();
    }

    @Test
    void capturesReportsAndTextAreNoDumps() throws IOException {
        assertThat(looksLikeDump(new byte[] {(byte) 0xd4, (byte) 0xc3, (byte) 0xb2, (byte) 0xa1, 2, 0, 4, 0})).isFalse();
        assertThat(looksLikeDump("{\"schemaVersion\": 1, \"flows\": [{\"kind\": \"x\"}]}".getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(looksLikeDump("# Captures\n\nMade on node-1 with tcpdump -i eth0.\n".getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(looksLikeDump(new byte[0])).isFalse();
        assertThat(looksLikeDump(new byte[] {0x1f, (byte) 0x8b, 8})).isFalse();
    }

    @Test
    void aDumpMayBeCompressedOrInTheEncodingOfPowerShell() throws IOException {
        assertThat(looksLikeDump(gzip(CLUSTER))).isTrue();
        assertThat(Dumps.in(folder).with("a.gz", gzip(CLUSTER)).read().nodes()).hasSize(2);

        byte[] utf16 = ("\uFEFF" + CLUSTER.replace("\n", "\r\n")).getBytes(StandardCharsets.UTF_16LE);
        assertThat(looksLikeDump(utf16)).isTrue();
        assertThat(Dumps.in(folder).with("a.json", utf16).read().nodes()).hasSize(2);
        assertThat(Dumps.in(folder).with("a.json", "\uFEFF" + CLUSTER).read().nodes()).hasSize(2);
    }

    @Test
    void textInTwoBytesACharacterNeedsNoByteOrderMark() throws IOException {
        assertThat(looksLikeDump(CLUSTER.getBytes(StandardCharsets.UTF_16LE))).isTrue();
        assertThat(Dumps.in(folder).with("a.json", CLUSTER.getBytes(StandardCharsets.UTF_16LE)).read().nodes()).hasSize(2);
        assertThat(Dumps.in(folder).with("a.json", CLUSTER.getBytes(StandardCharsets.UTF_16BE)).read().nodes()).hasSize(2);
        assertThat(looksLikeDump(new byte[] {'a', 0, 0, 'b', 'c', 'd'})).isFalse();
    }

    @Test
    void aListWithoutEntriesIsOneAllTheSame() throws IOException {
        String footer = "conntrack v1.4.7 (conntrack-tools): ";
        assertThat(looksLikeDump((footer + "0 flow entries have been shown.\n").getBytes(StandardCharsets.UTF_8))).isTrue();
        assertThat(looksLikeDump((footer + "Operation failed: Operation not permitted\n").getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(looksLikeDump("*nat\n".getBytes(StandardCharsets.UTF_8))).isTrue();
        assertThat(looksLikeDump("*nat\r\nCOMMIT\r\n".getBytes(StandardCharsets.UTF_8))).isTrue();
        assertThat(looksLikeDump("*note\nall is well\n".getBytes(StandardCharsets.UTF_8))).isFalse();
        assertThat(Dumps.in(folder).with("a.conntrack", footer + "0 flow entries have been shown.\n")
                .with("b.rules", "*nat\nCOMMIT\n").read().notes()).isEmpty();
    }

    @Test
    void aBrokenOrUnknownFileIsNotedAndNeverStopsTheOthers() throws IOException {
        byte[] zip = gzip(CLUSTER.repeat(200));
        Dumps dumps = Dumps.in(folder).with("good.json", CLUSTER).with("notes.txt", "all went well\n").with("empty.txt", "")
                .with("half.gz", java.util.Arrays.copyOf(zip, zip.length - 20));
        List<Path> files = new java.util.ArrayList<>(dumps.files());
        files.add(folder.resolve("missing.json"));
        files.add(folder);

        ClusterState state = ClusterFiles.read(files);

        assertThat(state.nodes()).hasSize(2);
        assertThat(state.notes()).anyMatch(n -> n.equals("notes.txt: is no dump of a cluster that is understood, and was not used"))
                .anyMatch(n -> n.equals("empty.txt: is empty"))
                .anyMatch(n -> n.startsWith("half.gz: cannot be read to its end"))
                .anyMatch(n -> n.startsWith("missing.json: cannot be read"));
    }

    @Test
    void theFilesNameTellsTheNodeAndTheLongerNameWins() {
        for (String name : List.of("node-10.conntrack", "conntrack_node-10.txt", "NODE-10", "node10-conntrack.txt", "dump.node10.txt")) {
            assertThat(Dumps.in(folder).with("c.json", CLUSTER).with(name, ENTRY).read().connections().get(0).node()).as(name)
                    .isEqualTo("node-10");
        }
        assertThat(Dumps.in(folder).with("c.json", CLUSTER).with("node-1.conntrack", ENTRY).read().connections().get(0).node())
                .isEqualTo("node-1");
    }

    private List<Path> inFolders(String file, String... folderAndText) throws IOException {
        List<Path> files = new java.util.ArrayList<>();
        for (int i = 0; i < folderAndText.length; i += 2) {
            Path inside = Files.createDirectories(folder.resolve(folderAndText[i]));
            files.add(Files.writeString(inside.resolve(file), folderAndText[i + 1]));
        }
        return files;
    }

    /** One folder for each node, in each the same names: {@code node-1/conntrack.txt}, {@code node-10/conntrack.txt}. */
    @Test
    void ofSeveralFoldersTheNameTellsTheNodeWhereTheFilesDoesNot() throws IOException {
        List<Path> files = inFolders("conntrack.txt", "node-1", ENTRY, "node-10", ENTRY.replace("sport=1 ", "sport=9 "));
        files.add(Files.writeString(folder.resolve("node-1").resolve("node-10.txt"), ENTRY.replace("sport=1 ", "sport=8 ")));
        files.add(Files.writeString(folder.resolve("c.json"), CLUSTER));

        ClusterState state = ClusterFiles.read(files);

        assertThat(state.connections()).extracting(c -> c.original().source().port() + " " + c.node())
                .containsExactlyInAnyOrder("1 node-1", "9 node-10", "8 node-10");
        assertThat(state.notes()).isEmpty();
    }

    @Test
    void rulesOfTheSameFileNameInSeveralFoldersAreOfSeveralNodes() throws IOException {
        String rules = """
                *nat
                :KUBE-SERVICES - [0:0]
                -A KUBE-SERVICES -d 172.31.0.5/32 -p tcp -m comment --comment "d/w cluster IP" -m tcp --dport 443 -j KUBE-SVC-A
                -A KUBE-SVC-A -j KUBE-SEP-1
                -A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 10.244.0.3:8443
                COMMIT
                """;
        ClusterState state = ClusterFiles.read(inFolders("iptables-save", "a", rules, "b", rules.replace("10.244.0.3", "10.244.1.2")));

        assertThat(state.rules()).hasSize(2);
        assertThat(state.notes()).isEmpty();
    }

    /** nft prints the rules of iptables without their comments, by which iptables-save names the services. */
    @Test
    void theSameRulesWithAndWithoutTheNamesOfServicesAreNoContradiction() {
        String named = """
                *nat
                :KUBE-SERVICES - [0:0]
                -A KUBE-SERVICES -d 172.31.0.5/32 -p tcp -m comment --comment "d/w:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-A
                -A KUBE-SVC-A -j KUBE-SEP-1
                -A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 10.244.0.3:8443
                COMMIT
                """;
        String bare = named.replaceAll("-m comment --comment \"[^\"]*\" ", "");

        for (String[] names : new String[][] {{"node-1.a", "node-1.b"}, {"x.a", "x.b"}}) {
            for (boolean namedFirst : new boolean[] {true, false}) {
                ClusterState state = Dumps.in(folder).with(names[0], namedFirst ? named : bare).with(names[1], namedFirst ? bare : named)
                        .with("c.json", CLUSTER).read();
                ClusterState.ServiceRule rule = new ClusterIndex(state).ruleOf("node-1", Protocol.TCP, Endpoint.parse("172.31.0.5:443"),
                        false);

                assertThat(rule.service()).isEqualTo("d/w:https");
                assertThat(state.notes()).noneMatch(note -> note.contains("told twice"));
            }
        }
    }

    @Test
    void aNameWithADomainIsFoundByItsFirstPart() {
        assertThat(DumpNodes.named("ip-10-0-1-5.conntrack", List.of("ip-10-0-1-5.ec2.internal", "ip-10-0-1-50.ec2.internal")))
                .isEqualTo("ip-10-0-1-5.ec2.internal");
    }

    @Test
    void otherNumbersAreOtherNodes() {
        assertThat(DumpNodes.named("node-2.conntrack", List.of("node-1", "node-10"))).isNull();
        assertThat(DumpNodes.named("webserver-iptables.txt", List.of("web", "web-2"))).isNull();
        assertThat(DumpNodes.named("node1-iptables.txt", List.of("node-1", "node-10"))).isEqualTo("node-1");
        assertThat(DumpNodes.named("iptables-node10.txt", List.of("node-1", "node-10"))).isEqualTo("node-10");
        assertThat(DumpNodes.named("node100.conntrack", List.of("node-1", "node-10"))).isNull();
    }

    @Test
    void elseATranslatedConnectionTellsTheNodeThatTranslatedIt() {
        assertThat(Dumps.in(folder).with("c.json", CLUSTER).with("conntrack.txt", """
                tcp 6 9 CLOSE src=10.241.0.4 dst=10.240.0.5 sport=1 dport=32000 src=10.244.0.3 dst=10.240.0.5 sport=8443 dport=7
                """).read().connections()).extracting(ClusterState.Connection::node).containsExactly("node-10");
    }

    @Test
    void elseConnectionsToPodsTellTheNodeThatAllHaveInCommon() {
        assertThat(Dumps.in(folder).with("c.json", CLUSTER).with("conntrack.txt", """
                tcp 6 9 CLOSE src=10.240.0.5 dst=10.244.0.3 sport=1 dport=8443 src=10.244.0.3 dst=10.240.0.5 sport=8443 dport=1
                tcp 6 9 CLOSE src=10.244.1.7 dst=10.244.0.3 sport=2 dport=8443 src=10.244.0.3 dst=10.244.1.7 sport=8443 dport=2
                """).read().connections()).extracting(ClusterState.Connection::node).containsOnly("node-1");
    }

    @Test
    void elseTheNodeIsUnknownAndTheNoteSaysWhatToDo() {
        ClusterState state = Dumps.in(folder).with("c.json", CLUSTER).with("conntrack.txt", ENTRY).read();

        assertThat(state.connections().get(0).node()).isNull();
        assertThat(state.notes()).containsExactly(
                "conntrack.txt: of which node it is cannot be told; put the node's name into the file's name");
    }

    @Test
    void ofTwoAccountsOfAnObjectTheNewerCountsAndTheDifferenceIsNoted() {
        String node = "{\"apiVersion\": \"v1\", \"kind\": \"Node\", \"metadata\": {\"name\": \"n\", \"resourceVersion\": \"%d\"}, "
                + "\"status\": {\"addresses\": [{\"type\": \"InternalIP\", \"address\": \"%s\"}]}}";
        ClusterState state = Dumps.in(folder).with("a.json", node.formatted(20, "10.0.0.2")).with("b.json", node.formatted(10, "10.0.0.1"))
                .read();

        assertThat(state.nodes().get(0).addresses()).containsExactly(IpAddress.parse("10.0.0.2"));
        assertThat(state.notes()).containsExactly("told twice and differently, the newer is used: node n");
    }

    @Test
    void endpointsAndSlicesOfAServiceAreOneAndADifferenceIsNoted() {
        String slice = """
                {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                 "metadata": {"name": "web-1", "namespace": "default", "labels": {"kubernetes.io/service-name": "web"}},
                 "endpoints": [{"addresses": ["10.244.0.3"], "conditions": {"ready": true}, "nodeName": "node-1"}],
                 "ports": [{"name": "https", "port": 8443}]}
                """;
        String endpoints = """
                {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "web", "namespace": "default"},
                 "subsets": [{"addresses": [{"ip": "10.244.0.3"}], "ports": [{"name": "https", "port": 8443}]}]}
                """;

        ClusterState same = Dumps.in(folder).with("a.json", slice + endpoints).read();
        assertThat(same.endpoints()).hasSize(1).allMatch(e -> e.node().equals("node-1"));
        assertThat(same.notes()).isEmpty();
        assertThat(Dumps.in(folder).with("a.json", slice + endpoints.replace("10.244.0.3", "10.244.0.9")).read().notes())
                .containsExactly("Endpoints and EndpointSlices differ, the EndpointSlices are used: default/web");
    }

    @Test
    void theSameDumpTwiceChangesNothing() {
        Dumps once = Dumps.in(folder).with("node-1.conntrack", ENTRY).with("c.json", CLUSTER);
        ClusterState expected = once.read();

        assertThat(once.with("node-1.conntrack.again", ENTRY).with("d.json", CLUSTER).read()).isEqualTo(expected);
    }
}
