package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.Progress;
import io.nattrail.report.Browser;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Captures of a real cluster, dropped on the page, analyzed by the real engine. */
class RealCasesBrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final CaseAnalyzer ANALYZER = new CaseAnalyzer("0.1.0", expression -> frame -> true, InputStream.nullInputStream());

    @RegisterExtension
    static Browser browser = new Browser();

    @TempDir
    private Path folder;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(Files.createTempDirectory(folder, "data"), ANALYZER);
        browser.size(1280, 900);
        browser.open(server.uri("/"));
    }

    @AfterEach
    void stop() throws IOException {
        // Before the server goes away, which the page would complain of.
        browser.evaluate("location.href = 'about:blank'");
        server.close();
        assertThat(browser.complaints()).isEmpty();
        assertThat(server.faults).isEmpty();
    }

    @Test
    void eachFolderOfCapturesBecomesItsReport() throws Exception {
        List<Path> folders;
        try (Stream<Path> entries = Files.list(Path.of("captures"))) {
            folders = entries.filter(Files::isDirectory).sorted().toList();
        }
        for (int i = 0; i < folders.size(); i++) {
            browser.drop("#zone", List.of(folders.get(i)));
            browser.await("document.querySelector('#start')");
            assertThat(browser.evaluate("document.querySelector('#case-name').value").asText())
                    .isEqualTo(folders.get(i).getFileName().toString());
            assertThat(browser.evaluate("[...document.querySelectorAll('.point')].map(i => i.value)")).extracting(JsonNode::asText)
                    .containsExactlyInAnyOrder("client", "node1-eth0", "node2-cbr0");
            browser.click("#start");
            browser.await("document.querySelectorAll('.case a.primary').length === " + (i + 1));
        }
        for (JsonNode one : server.json("/api/cases").get("cases")) {
            CaseResult direct = analyze(Path.of("captures", one.get("name").asText()));
            assertThat(one.get("summary").get("failed").asLong()).as(one.get("name").asText())
                    .isEqualTo(direct.findings().summary().failed());
            assertThat(one.get("summary").get("flows").asLong()).isEqualTo(direct.flows().size());
        }
        assertThat(browser.count(".case.v-failed")).isPositive();
        assertThat(browser.count(".case.v-ok")).isPositive();
        browser.evaluate("window.scrollTo(0, 0)");
        browser.screenshot(SCREENSHOTS.resolve("serve-real.png"), true);
        browser.size(1280, 880);
        browser.screenshot(SCREENSHOTS.resolve("serve-real-first.png"), false);
        browser.open(URI.create(browser.evaluate("document.querySelector('.case.v-failed a.primary').href").asText()));
        assertThat(browser.text("h1")).contains("fail");
        browser.screenshot(SCREENSHOTS.resolve("serve-report.png"), true);
    }

    private static CaseResult analyze(Path folder) throws IOException {
        CaseResult.Collector collector = new CaseResult.Collector();
        ANALYZER.run(CaseRequest.of(folder), collector, Progress.NONE);
        return collector.result();
    }

    @Test
    void anArchiveIsACase() throws Exception {
        Path archive = folder.resolve("monday.tar.gz");
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(Files.newOutputStream(archive)));
                Stream<Path> files = Files.list(Path.of("captures", "lost-between-nodes"))) {
            for (Path file : files.sorted().toList()) {
                tar.putArchiveEntry(new TarArchiveEntry(file, "monday/" + file.getFileName()));
                Files.copy(file, tar);
                tar.closeArchiveEntry();
            }
        }
        browser.drop("#zone", List.of(archive));
        browser.await("document.querySelector('#start')");
        assertThat(browser.text(".chosen tbody")).contains("archive", "told by the names inside");
        browser.click("#start");
        browser.await("document.querySelector('.case.v-failed')");
        assertThat(browser.text(".case h3")).isEqualTo("monday");
        assertThat(browser.text(".case-verdict")).contains("1 of 10 flows fails at step 1.4");
    }

    /** What the page shows as told by the name must be what the analysis makes of it. */
    @Test
    void thePageReadsPointsFromNamesAsTheAnalysisDoes() throws Exception {
        List<String> names = List.of("client.pcap", "client-2.pcap", "client-a.pcapng.gz", "clients.pcap", "pod.pcap.zst", "pod-web-1.pcap",
                "node1-eth0.pcap", "node-2_cbr0.pcap.lz4", "NODE3-ETH1.PCAP", "node1-eth0.pcap12", "node1-eth0_00001_20261123153412.pcapng",
                "node1-eth0-20261123-153412.pcap", "node2-cbr0.1.pcap", "node2-veth12ab.pcap", "node1-any.dmp", "node1.pcap", "eth0.pcap",
                "trace.pcap", "a.pcap", "node9-wlan0.cap", "node1-br-lan.pcap", "node1-eth0-client.pcap", "Node-1 eth0.pcap",
                "node1.eth0.pcap", "client-20261123-153412.pcap", "client-482913-20261123.pcap", "client-482913.pcap", "client-093000.pcap",
                "client_00002_20261123153412.pcapng", "node1-eth0-2-2026-11-23.pcap", "pod-web-1-1795448052.pcap",
                "client-2_00001_20261123153412.pcapng");
        Path capture = Path.of("captures", "lost-between-nodes", "client.pcap");
        Map<String, String> read = new TreeMap<>();
        for (String name : names) {
            Path file = Files.copy(capture, Files.createDirectory(folder.resolve("names-" + read.size())).resolve(name));
            CaseResult result = analyze(file);
            String point = result.header().points().get(0).point().name();
            read.put(name, point);
        }
        Map<String, String> guessed = new TreeMap<>();
        JsonNode found = browser.evaluate("import('/assets/files.js').then(m => " + names.stream().map(Browser::quote)
                .collect(Collectors.joining(",", "[", "]")) + ".map(m.guessPoint))");
        for (int i = 0; i < names.size(); i++) {
            guessed.put(names.get(i), found.get(i).asText());
        }
        List<String> differ = new ArrayList<>();
        guessed.forEach((name, guess) -> {
            if (!guess.isEmpty() && !guess.equalsIgnoreCase(read.get(name))) {
                differ.add(name + ": the page says " + guess + ", the analysis " + read.get(name));
            }
        });
        assertThat(differ).isEmpty();
        assertThat(guessed).containsEntry("node1-eth0-20261123-153412.pcap", "node1-eth0").containsEntry("trace.pcap", "")
                .containsEntry("node1-eth0_00001_20261123153412.pcapng", "node1-eth0").containsEntry("client-a.pcapng.gz", "client-a")
                .containsEntry("client-2_00001_20261123153412.pcapng", "client-2");
        assertThat(Collections.frequency(guessed.values(), "")).isEqualTo(7);
    }
}
