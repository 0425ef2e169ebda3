package io.nattrail.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The dumps beside the shared captures, read and compared with the truth that was written down when the captures were made. */
class SharedDumpsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static Path captures() {
        String told = System.getProperty("NATTRAIL_SHARED", System.getenv("NATTRAIL_SHARED"));
        return Path.of(told == null ? "../shared" : told).resolve("captures");
    }

    static Stream<Path> cases() throws IOException {
        if (!Files.isDirectory(captures())) {
            return Stream.of(captures());
        }
        try (Stream<Path> cases = Files.list(captures())) {
            return cases.filter(c -> Files.exists(c.resolve("kubectl-get.json"))).sorted().toList().stream();
        }
    }

    private static List<Path> dumps(Path folder) throws IOException {
        List<Path> dumps = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.sorted().toList()) {
                if (ClusterFiles.looksLikeDump(file)) {
                    dumps.add(file);
                }
            }
        }
        return dumps;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void dumpsAreToldFromCapturesByTheirContents(Path folder) throws IOException {
        assumeThat(folder.resolve("kubectl-get.json")).as("the shared captures").exists();
        try (Stream<Path> files = Files.list(folder)) {
            // An empty list of connections is nothing to recognise.
            assertThat(dumps(folder)).isEqualTo(files.sorted().filter(f -> f.toFile().length() > 0)
                    .filter(f -> f.toString().matches(".*(kubectl-get\\.json|-save|\\.nft|\\.conntrack|\\.conntrack-events)")).toList());
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void everythingIsUnderstoodAndNothingContradicts(Path folder) throws IOException {
        assumeThat(folder.resolve("kubectl-get.json")).as("the shared captures").exists();

        assertThat(ClusterFiles.read(dumps(folder)).notes()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theOrderOfTheFilesDoesNotMatter(Path folder) throws IOException {
        assumeThat(folder.resolve("kubectl-get.json")).as("the shared captures").exists();
        List<Path> dumps = dumps(folder);
        List<Path> shuffled = new ArrayList<>(dumps);
        Collections.shuffle(shuffled, new Random(1));

        assertThat(ClusterFiles.read(shuffled)).isEqualTo(ClusterFiles.read(dumps));
    }

    /** Where a connection was translated, the cluster's dumps must know what the client called and allow the endpoint it got. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void agreesWithTheTruth(Path folder) throws IOException {
        assumeThat(folder.resolve("kubectl-get.json")).as("the shared captures").exists();
        ClusterIndex index = new ClusterIndex(ClusterFiles.read(dumps(folder)));
        for (JsonNode flow : JSON.readTree(folder.resolve("truth.json").toFile()).path("flows")) {
            if (!flow.hasNonNull("serviceName") || !flow.hasNonNull("endpoint")) {
                continue;
            }
            Protocol protocol = Protocol.valueOf(flow.path("protocol").asText("tcp").toUpperCase(Locale.ROOT));
            Endpoint called = Endpoint.parse(flow.path("service").asText());
            ClusterIndex.Front front = index.frontOf(protocol, called);
            assertThat(front).as("front of %s in %s", called, flow).isNotNull();
            assertThat(front.service().key() + ":" + front.port().name()).isEqualTo(flow.path("serviceName").asText());
            ClusterState.Node entry = index.nodeOfAddress(called.address());
            boolean nodePort = front.kind() == ClusterIndex.Kind.NODE_PORT;
            ClusterState.ServiceRule rule = index.ruleOf(entry == null ? null : entry.name(), protocol, called, nodePort);
            if (rule != null) {
                assertThat(rule.service()).isEqualTo(flow.path("serviceName").asText());
                assertThat(rule.endpoints()).as("endpoints by the rules of %s", rule.node())
                        .contains(Endpoint.parse(address(flow.path("endpoint"))));
                if (nodePort) {
                    assertThat(rule.masquerade()).isEqualTo(!front.service().externalLocal());
                }
            }
            for (ClusterState.Connection c : index
                    .connectionsOf(new FiveTuple(protocol, Endpoint.parse(flow.path("client").asText()), called))) {
                assertThat(c.node()).as("node of %s", c).isEqualTo(entry == null ? c.node() : entry.name());
            }
        }
    }

    private static String address(JsonNode endpoint) {
        return endpoint.isTextual() ? endpoint.asText() : endpoint.path("address").asText();
    }
}
