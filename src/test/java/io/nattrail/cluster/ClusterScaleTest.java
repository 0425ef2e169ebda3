package io.nattrail.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.ProcessorTime;
import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Large clusters and hostile files: the bounds are ten times what a slow machine needs, and far below what anything quadratic would
 * take.
 */
class ClusterScaleTest {
    private static final int SERVICES = 5_000;
    private static final int ENDPOINTS = 10;

    @TempDir
    Path folder;

    private interface Text {
        void to(Writer writer) throws IOException;
    }

    private Path file(String name, Text text) {
        Path file = folder.resolve(name);
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            text.to(writer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static String pod(int service, int endpoint) {
        int n = service * ENDPOINTS + endpoint;
        return "10." + (128 + (n >> 16)) + "." + (n >> 8 & 255) + "." + (n & 255);
    }

    private static String clusterIp(int service) {
        return "172.31." + (service >> 8) + "." + (service & 255);
    }

    private Path kubectl() {
        String managed = "\"managedFields\": [{\"manager\": \"kubelet\", \"fieldsV1\": {\"f:status\": {\"k\": \"" + "x".repeat(600)
                + "\"}}}]";
        return file("kubectl.json", w -> {
            w.write("{\"apiVersion\": \"v1\", \"items\": [\n");
            for (int s = 0; s < SERVICES; s++) {
                w.write("{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"metadata\": {\"name\": \"s" + s + "\", \"namespace\": \"ns\", "
                        + managed
                        + "}, \"spec\": {\"clusterIP\": \"" + clusterIp(s)
                                + "\", \"ports\": [{\"name\": \"http\", \"port\": 80, \"nodePort\": "
                        + (30_000 + s) + "}]}},\n");
                w.write("{\"apiVersion\": \"discovery.k8s.io/v1\", \"kind\": \"EndpointSlice\", \"addressType\": \"IPv4\", "
                        + "\"metadata\": {\"name\": \"s"
                        + s + "-x\", \"namespace\": \"ns\", \"labels\": {\"kubernetes.io/service-name\": \"s" + s + "\"}, " + managed
                        + "}, \"ports\": [{\"name\": \"http\", \"port\": 8080}], \"endpoints\": [");
                for (int e = 0; e < ENDPOINTS; e++) {
                    w.write((e == 0 ? "" : ",") + "{\"addresses\": [\"" + pod(s, e) + "\"], \"nodeName\": \"node-" + e + "\"}");
                }
                w.write("]},\n");
                for (int e = 0; e < ENDPOINTS; e++) {
                    w.write("{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"s" + s + "-" + e
                            + "\", \"namespace\": \"ns\", "
                            + managed + "}, \"spec\": {\"nodeName\": \"node-" + e
                                    + "\"}, \"status\": {\"phase\": \"Running\", \"podIP\": \"" + pod(s, e)
                            + "\", \"hostIP\": \"10.240.0." + e + "\"}}" + (s == SERVICES - 1 && e == ENDPOINTS - 1 ? "\n" : ",\n"));
                }
            }
            w.write("], \"kind\": \"List\"}\n");
        });
    }

    private Path iptables() {
        return file("node-3.iptables-save", w -> {
            w.write("*nat\n:KUBE-SERVICES - [0:0]\n");
            for (int s = 0; s < SERVICES; s++) {
                w.write("-A KUBE-SERVICES -d " + clusterIp(s) + "/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-" + s + "\n");
                w.write("-A KUBE-NODEPORTS -p tcp -m tcp --dport " + (30_000 + s) + " -j KUBE-EXT-" + s + "\n");
                w.write("-A KUBE-EXT-" + s + " -j KUBE-MARK-MASQ\n-A KUBE-EXT-" + s + " -j KUBE-SVC-" + s + "\n");
                for (int e = 0; e < ENDPOINTS; e++) {
                    w.write("-A KUBE-SVC-" + s + " -m statistic --mode random --probability 0.1 -j KUBE-SEP-" + s + "-" + e + "\n");
                    w.write("-A KUBE-SEP-" + s + "-" + e + " -p tcp -m tcp -j DNAT --to-destination " + pod(s, e) + ":8080\n");
                }
            }
            w.write("COMMIT\n");
        });
    }

    private Path conntrack() {
        return file("node-3.conntrack", w -> {
            for (int i = 0; i < 100_000; i++) {
                w.write("tcp      6 431999 ESTABLISHED src=10.241." + (i >> 12 & 255) + ".4 dst=10.240.0.3 sport=" + (1024 + i % 60_000)
                        + " dport="
                        + (30_000 + i % SERVICES) + " src=" + pod(i % SERVICES, 1) + " dst=10.240.0.3 sport=8080 dport=" + (1024
                                + i % 60_000)
                        + " [ASSURED] mark=0 use=1\n");
            }
        });
    }

    @Test
    void aClusterOfFiveThousandServicesIsReadAndAskedQuickly() {
        List<Path> files = List.of(kubectl(), iptables(), conntrack());

        ProcessorTime.within(Duration.ofSeconds(30), () -> {
            ClusterIndex index = new ClusterIndex(ClusterFiles.read(files));
            assertThat(index.state().notes()).isEmpty();
            assertThat(index.state().services()).hasSize(SERVICES);
            assertThat(index.state().endpoints()).hasSize(SERVICES * ENDPOINTS);
            assertThat(index.state().rules()).hasSize(2 * SERVICES).allMatch(rule -> rule.node().equals("node-3"));
            for (int round = 0; round < 2; round++) {
                for (int s = 0; s < SERVICES; s++) {
                    Endpoint called = Endpoint.parse("10.240.0.3:" + (30_000 + s));
                    ClusterIndex.Front front = index.frontOf(Protocol.TCP, called);
                    assertThat(index.endpointsOf(front.service(), front.port()).size()).isEqualTo(ENDPOINTS);
                    assertThat(index.ruleOf("node-3", Protocol.TCP, called, true).endpoints().size()).isEqualTo(ENDPOINTS);
                }
            }
        });
    }

    static List<String> hostile() {
        int much = 1_500_000;
        StringBuilder chains = new StringBuilder("*nat\n:KUBE-SERVICES - [0:0]\n"
                + "-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp --dport 80 -j KUBE-0\n");
        for (int i = 0; i < 30_000; i++) {
            chains.append("-A KUBE-").append(i).append(" -j KUBE-").append(i + 1).append("\n-A KUBE-").append(i).append(" -j KUBE-")
                    .append(i + 2)
                    .append('\n');
        }
        StringBuilder wide = new StringBuilder("*nat\n:KUBE-SERVICES - [0:0]\n");
        for (int i = 0; i < 4_000; i++) {
            wide.append("-A KUBE-SERVICES -d 10.0.").append(i >> 8).append('.').append(i & 255)
                    .append("/32 -p tcp -m comment --comment n/s").append(i).append(" --dport 80 -j KUBE-ALL\n-A KUBE-ALL -j KUBE-SEP-")
                            .append(i).append("\n-A KUBE-SEP-").append(i)
                    .append(" -p tcp -j DNAT --to-destination 10.1.").append(i >> 8).append('.').append(i & 255).append(":80\n");
        }
        return List.of(
                "{\"apiVersion\": " + "[".repeat(much),
                "{\"apiVersion\": \"" + "x".repeat(much) + "\"}",
                "{\"apiVersion\": " + "9".repeat(much) + "}",
                "{\"nftables\": " + "{\"a\": ".repeat(much / 6),
                "apiVersion: " + "[".repeat(much / 10),
                "apiVersion: v1\n" + "- ".repeat(much / 100),
                "apiVersion: v1\nkind: \"" + "\\x".repeat(much / 10),
                "table ip kube-proxy {\n chain a {\n" + " { ".repeat(much / 3),
                "table ip kube-proxy {\n map service-ips {\n elements = { " + "1.2.3.4 . tcp . 80 : goto x, ".repeat(much / 30),
                "*nat\n:A B [0:0]\n-A KUBE-SERVICES " + "! -d ".repeat(much / 5),
                "*nat\n:A B [0:0]\n-A KUBE-SERVICES --comment \"" + "a/b ".repeat(much / 4),
                "*nat\n:A B [0:0]\n-A KUBE-SERVICES -d 10.0.0.1/32 -p tcp --dport 80 -j KUBE-X --comment \"" + "a ".repeat(much) + "/\"",
                "table ip kube-proxy {\n chain a {\n" + "a ".repeat(much) + "\n",
                "tcp 6 1 X src=1.2.3.4 dst=1.2.3.4 sport=1 dport=1 src=1.2.3.4 dst=1.2.3.4 sport=1 dport=1 " + "a=b ".repeat(much / 4),
                "tcp 6 1 X src=1.2.3.4 dst=1.2.3.4 sport=1 dport=1 src=1.2.3.4 dst=1.2.3.4 sport=1 dport=1\n" + "src=".repeat(much),
                "IP Virtual Server version\n" + "TCP ".repeat(much / 4),
                "default via 10.0.0.1 dev eth0\n" + "via ".repeat(much / 4),
                chains.toString(), wide.toString());
    }

    /** Two megabytes that unpack to five hundred, which would be as much memory again and more. */
    @Test
    void aFileThatUnpacksToFarMoreThanAnyDumpIsReadOnlyToABound() throws IOException {
        String line = "tcp 6 1 X src=1.2.3.4 dst=1.2.3.5 sport=1 dport=1 src=1.2.3.6 dst=1.2.3.4 sport=1 dport=1\n";
        byte[] lines = line.repeat(10_000).getBytes(StandardCharsets.US_ASCII);
        Path file = folder.resolve("node-1.conntrack.gz");
        try (OutputStream gzip = new GZIPOutputStream(Files.newOutputStream(file))) {
            for (int i = 0; i < (500 << 20) / lines.length; i++) {
                gzip.write(lines);
            }
        }

        ProcessorTime.within(Duration.ofSeconds(30), () -> {
            ClusterState state = ClusterFiles.read(List.of(file));
            assertThat(state.connections()).hasSize(1);
            assertThat(state.notes()).anyMatch(note -> note.contains("unpacks to more than 100 times its size"));
        });
    }

    @ParameterizedTest
    @MethodSource("hostile")
    void aHostileFileCostsNoMoreThanItsSize(String text) {
        Path file = file("dump", w -> w.write(text));

        ProcessorTime.within(Duration.ofSeconds(10), () -> {
            assertThat(ClusterFiles.looksLikeDump(file)).isTrue();
            ClusterFiles.read(List.of(file));
        });
    }
}
