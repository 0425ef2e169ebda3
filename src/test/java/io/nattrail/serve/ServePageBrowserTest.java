package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.report.Browser;
import io.nattrail.report.SampleCases;
import io.nattrail.serve.TestServer.Part;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The page as somebody uses it in a browser. Screenshots are kept in target/screenshots. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServePageBrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");
    private static final Path CASE = Path.of("captures", "lost-between-nodes");
    private static final String TOKEN = "0123456789abcdef-secret";

    @RegisterExtension
    static Browser browser = new Browser();

    @TempDir
    private Path folder;
    private FakeAnalysis analysis;
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        analysis = new FakeAnalysis();
        server = new TestServer(Files.createTempDirectory(folder, "data"), analysis);
        browser.size(1280, 900);
        browser.media("screen", "light");
    }

    @AfterEach
    void stop() throws IOException {
        // Before the server goes away, which the page would complain of.
        browser.evaluate("location.href = 'about:blank'");
        server.close();
        assertThat(browser.complaints()).isEmpty();
    }

    private void openPage() {
        browser.open(server.uri("/"));
    }

    private String focused() {
        return browser.evaluate("document.activeElement.id || document.activeElement.dataset.focus || document.activeElement.textContent")
                .asText();
    }

    @Test
    void droppedCapturesBecomeAReport() throws Exception {
        openPage();
        assertThat(browser.text("#zone")).contains("Drop the captures of one case here");
        browser.assertAccessible("the empty page");
        browser.screenshot(SCREENSHOTS.resolve("serve-empty.png"), true);

        browser.drop("#zone", List.of(CASE.resolve("client.pcap"), CASE.resolve("node1-eth0.pcap"), CASE.resolve("node2-cbr0.pcap"),
                CASE.resolve("kubectl-get.json")));
        browser.await("document.querySelectorAll('.chosen tbody tr').length === 4");
        assertThat(browser.evaluate("[...document.querySelectorAll('.chosen tbody tr')].map(r => r.cells[1].innerText + ' | ' "
                + "+ (r.cells[3].querySelector('input')?.value ?? r.cells[3].innerText))"))
                .extracting(JsonNode::asText).containsExactly("capture pcap | client", "capture pcap | node1-eth0",
                        "capture pcap | node2-cbr0", "cluster state | –");
        assertThat(focused()).isEqualTo("start");
        browser.assertAccessible("chosen files");
        browser.screenshot(SCREENSHOTS.resolve("serve-chosen.png"), true);

        analysis.gate = new CountDownLatch(1);
        browser.evaluate("document.querySelector('#case-name').focus()");
        browser.type("web times out");
        browser.click("#start");
        browser.await("document.querySelector('.case progress')?.value > 0");
        assertThat(browser.text(".case h3")).isEqualTo("web times out");
        assertThat(browser.text(".case .phase")).matches("reading, [0-9]+\u00a0% of 100\\u00a0bytes");
        assertThat(focused()).isEqualTo("title");
        assertThat(browser.count(".chosen")).isZero();
        browser.assertAccessible("an analysis under way");
        browser.screenshot(SCREENSHOTS.resolve("serve-running.png"), true);

        analysis.gate.countDown();
        browser.await("document.querySelector('.case.v-failed')");
        assertThat(browser.text(".case-verdict")).contains("fail at step 1.4");
        assertThat(browser.text(".case-cause")).contains("request-lost-between-nodes");
        assertThat(browser.text("#say")).contains("web times out: ", "at step 1.4");
        assertThat(analysis.requests.get(0).points()).as("what only the name told is left to the analysis").isEmpty();
        assertThat(analysis.requests.get(0).inputs()).extracting(p -> p.getFileName().toString())
                .containsExactly("client.pcap", "node1-eth0.pcap", "node2-cbr0.pcap", "kubectl-get.json");
        browser.assertAccessible("a report");

        browser.click(".case details.outputs summary");
        assertThat(browser.text(".case details.outputs")).contains("report.json", "flows.csv", "junit.xml");
        browser.screenshot(SCREENSHOTS.resolve("serve-done.png"), true);
        String href = browser.evaluate("document.querySelector('.case a.primary').href").asText();
        browser.open(URI.create(href));
        assertThat(browser.text("h1")).contains("flows fail at step 1.4");
        assertThat(browser.evaluate("origin").asText()).as("a report is no part of the server's origin").isEqualTo("null");
        assertThat(browser.evaluate("fetch('/api/cases').then(r => 'read ' + r.status, () => 'refused')").asText()).isEqualTo("refused");
        assertThat(browser.complaints()).as("the policy says so").isNotEmpty().allMatch(line -> line.contains("Content Security Policy")
                || line.contains("Content-Security-Policy"));
        browser.forgetComplaints();
    }

    @Test
    void aPointCanBeChangedAndAFolderDropped() throws Exception {
        openPage();
        Path dir = Files.createDirectory(folder.resolve("monday"));
        Files.copy(CASE.resolve("client.pcap"), dir.resolve("a.dump"));
        Files.copy(CASE.resolve("node1-eth0.pcap"), dir.resolve("Node1_eth0-001.pcap"));
        Files.writeString(dir.resolve(".DS_Store"), "x");
        browser.drop("#zone", List.of(dir));
        browser.await("document.querySelectorAll('.chosen tbody tr').length === 2");
        assertThat(browser.evaluate("document.querySelector('#case-name').value").asText()).isEqualTo("monday");
        assertThat(browser.evaluate("[...document.querySelectorAll('.point')].map(i => i.value)")).extracting(JsonNode::asText)
                .containsExactlyInAnyOrder("", "node1_eth0");

        browser.evaluate("document.querySelector('.point[aria-label*=\"a.dump\"]').focus()");
        browser.type("Client!");
        browser.click("#start");
        assertThat(browser.text("#problem")).contains("“client!” is no name of a capture point");
        browser.evaluate("(() => { const i = document.querySelector('.point[aria-label*=\"a.dump\"]'); i.value = 'client';"
                + " i.dispatchEvent(new Event('input')); })()");
        browser.click("#start");
        browser.await("document.querySelector('.case.v-failed')");
        assertThat(analysis.requests.get(0).points()).containsOnlyKeys("client");
        assertThat(analysis.requests.get(0).inputs()).hasSize(1);
    }

    @Test
    void allIsDoneWithTheKeyboard() throws Exception {
        openPage();
        browser.pick("#picker", List.of(CASE.resolve("client.pcap")));
        browser.await("document.querySelector('#start')");
        assertThat(focused()).isEqualTo("start");
        browser.key("Enter", 13, "\r");
        browser.await("document.querySelector('.case.v-failed')");
        assertThat(focused()).isEqualTo("title");
        browser.key("Tab", 9);
        assertThat(focused()).isEqualTo("delete");
        browser.key("Tab", 9);
        assertThat(focused()).isEqualTo("open");
        browser.key("Tab", 9);
        assertThat(focused()).isEqualTo("outputs");
        browser.evaluate("document.querySelector('[data-focus=delete]').focus()");
        browser.key("Enter", 13, "\r");
        browser.await("document.querySelector('dialog[open]')");
        browser.assertAccessible("the question before deleting");
        browser.screenshot(SCREENSHOTS.resolve("serve-delete.png"), false);
        browser.key("Escape", 27);
        browser.await("!document.querySelector('dialog[open]')");
        assertThat(focused()).as("keeping gives the focus back").isEqualTo("delete");
        browser.key("Enter", 13, "\r");
        browser.await("document.querySelector('dialog[open]')");
        assertThat(focused()).as("a hasty Enter keeps it").isEqualTo("Keep");
        browser.evaluate("document.querySelector('#really').focus()");
        browser.key("Enter", 13, "\r");
        browser.await("document.querySelectorAll('.case').length === 0");
        assertThat(focused()).isEqualTo("cases");
        assertThat(server.json("/api/cases").get("cases")).isEmpty();
    }

    @Test
    void earlierCasesAreListedWithWhatWasFound() throws Exception {
        fill();
        openPage();
        browser.await("document.querySelectorAll('.case').length === 9");
        assertThat(browser.count(".case.v-ok")).isPositive();
        assertThat(browser.count(".case.s-failed")).isEqualTo(1);
        assertThat(browser.text(".case.s-failed")).contains("JSON, not a capture", "Do: ");
        browser.screenshot(SCREENSHOTS.resolve("serve-list.png"), true);
        browser.assertAccessible("a list of cases");
        browser.media("screen", "dark");
        browser.settle();
        browser.screenshot(SCREENSHOTS.resolve("serve-list-dark.png"), true);
        browser.assertAccessible("a list of cases, dark");
        browser.evaluate("document.querySelector('.cases-head input').focus()");
        browser.type("monday");
        assertThat(browser.count(".case")).isEqualTo(2);
        browser.media("screen", "light");
        browser.size(390, 844);
        openPage();
        browser.await("document.querySelectorAll('.case').length === 9");
        browser.pick("#picker", List.of(CASE.resolve("client.pcap"), CASE.resolve("kubectl-get.json")));
        browser.await("document.querySelector('#start')");
        browser.screenshot(SCREENSHOTS.resolve("serve-narrow.png"), true);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(390);
        browser.assertAccessible("a narrow screen");
    }

    private void fill() throws IOException, InterruptedException {
        String[] names = {"checkout times out", "web, Monday", "web, Monday, again", "after the upgrade", "load test", "ingress", "dns",
            "staging"};
        for (int i = 0; i < names.length; i++) {
            analysis.result = i % 3 == 0 ? SampleCases.lostBetweenNodes() : i == 7 ? SampleCases.empty() : SampleCases.happy();
            server.awaitState(server.upload(Part.option("name", names[i]), Part.file("client.pcap", "x".repeat(i * 1000)),
                    Part.file("node1-eth0.pcap", "x")), "done");
        }
        analysis.failure = request -> {
            throw new UnreadableInputException(request.inputs().get(0).toString(), 0, "starts with 7b 22 6b, JSON, not a capture",
                    "add captures: client.pcap, node1-eth0.pcap, node2-cbr0.pcap");
        };
        server.awaitState(server.upload(Part.option("name", "state only"), Part.file("kubectl-get.json", "{}")), "failed");
        analysis.failure = null;
    }

    @Test
    void whatTheServerWouldRefuseIsSaidBeforeAnythingIsSent() throws Exception {
        server.close();
        server = new TestServer(Files.createTempDirectory(folder, "data"), analysis, TestServer.limits(Map.of("uploadBytes", 1000L)));
        openPage();
        browser.pick("#picker", List.of(CASE.resolve("node1-eth0.pcap"), CASE.resolve("kubectl-get.json")));
        browser.await("document.querySelector('#start')");
        browser.click("#start");
        assertThat(browser.text("#problem")).contains("1.0\u00a0KB are accepted", "--max-upload");
        assertThat(server.get("/metrics").body()).contains("nattrail_uploads_total{result=\"refused\"} 0");
        browser.screenshot(SCREENSHOTS.resolve("serve-refused.png"), true);
    }

    @Test
    void whatTheServerRefusesIsShownAndTheFilesStayChosen() throws Exception {
        server.close();
        server = new TestServer(Files.createTempDirectory(folder, "data"), analysis, TestServer.limits(Map.of("cases", 1L)));
        String first = server.upload(Part.file("client.pcap", "1"));
        server.awaitState(first, "done");
        openPage();
        Path large = folder.resolve("client.pcap");
        Files.write(large, new byte[20_000_000]);
        browser.pick("#picker", List.of(large));
        browser.await("document.querySelector('#start')");
        browser.click("#start");
        browser.await("document.querySelector('#problem .notice-bad')");
        assertThat(browser.text("#problem")).contains("there are 1 cases, as many as the server keeps", "--max-cases");
        assertThat(browser.count(".chosen tbody tr")).isEqualTo(1);
        assertThat(browser.complaints()).as("the browser logs answers of 507").allMatch(line -> line.contains("507"));
        browser.forgetComplaints();
        server.send("DELETE", "/api/cases/" + first, null, null, Map.of());
        browser.click("#start");
        browser.await("document.querySelector('.case.v-failed')");
    }

    @Test
    void namesWithMarkupStayText() throws Exception {
        String attack = "<img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>";
        analysis.result = SampleCases.hostile(attack);
        server.awaitState(server.upload(Part.option("name", attack), Part.file(attack.replace("\"", "'"), "1")), "done");
        openPage();
        browser.await("document.querySelector('.case')");
        browser.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)");
        browser.settle();
        assertThat(browser.evaluate("window.hit === undefined").asBoolean()).isTrue();
        assertThat(browser.count("main img, main script")).isZero();
        assertThat(browser.text(".case h3")).isEqualTo(attack);
    }

    @Test
    void withATokenThePageAsksForIt() throws Exception {
        server.close();
        server = new TestServer(Files.createTempDirectory(folder, "data"), analysis, Limits.DEFAULT, TOKEN,
                InetAddress.getLoopbackAddress());
        openPage();
        assertThat(browser.text("#login")).contains("A token is needed");
        browser.assertAccessible("the login");
        browser.screenshot(SCREENSHOTS.resolve("serve-token.png"), false);
        assertThat(focused()).isEqualTo("token");
        browser.type("wrong-wrong-wrong");
        browser.key("Enter", 13, "\r");
        browser.await("document.querySelector('#login .notice-bad')");
        assertThat(browser.text("#login")).contains("not the one of this server");
        browser.evaluate("document.querySelector('#token').select()");
        browser.type(TOKEN);
        browser.key("Enter", 13, "\r");
        browser.await("document.querySelector('#zone')");
        assertThat(browser.complaints()).as("the browser logs answers of 401").isNotEmpty().allMatch(line -> line.contains("401"));
        browser.forgetComplaints();
        browser.open(server.uri("/"));
        browser.await("document.querySelector('#zone')");
        assertThat(browser.evaluate("document.cookie").asText()).isEmpty();
    }

    @Test
    void theAddressWithTheTokenLogsInAndForgetsIt() throws Exception {
        server.close();
        server = new TestServer(Files.createTempDirectory(folder, "data"), analysis, Limits.DEFAULT, TOKEN,
                InetAddress.getLoopbackAddress());
        browser.open(URI.create(server.uri("/") + "#token=" + TOKEN));
        browser.await("document.querySelector('#zone')");
        assertThat(browser.evaluate("location.href").asText()).doesNotContain(TOKEN);
    }

    @Test
    void anotherSitesPageCannotReachIt() throws Exception {
        String id = server.upload(Part.file("client.pcap", "1"));
        server.awaitState(id, "done");
        // Another origin on this machine, as a development server or a rebound name would be.
        try (TestServer other = new TestServer(Files.createTempDirectory(folder, "data"), analysis)) {
            browser.open(URI.create("http://localhost:" + other.port() + "/"));
            String target = server.uri("/api/cases").toString();
            browser.evaluate("(() => { const f = document.createElement('form'); f.method = 'POST'; f.enctype = 'multipart/form-data';"
                    + " f.action = '" + target + "'; document.body.append(f); })()");
            JsonNode tried = browser.evaluate("Promise.all([fetch('" + target + "/" + id + "', {method: 'DELETE'}).catch(() => 'refused'),"
                    + " fetch('" + target + "', {method: 'POST', mode: 'no-cors', body: new FormData()}).catch(() => 'refused'),"
                    + " fetch('" + target + "').catch(() => 'refused')])");
            assertThat(tried).extracting(JsonNode::asText).containsExactly("refused", "refused", "refused");
            browser.evaluate("location.href = 'about:blank'");
        }
        assertThat(server.json("/api/cases").get("cases")).hasSize(1);
        browser.forgetComplaints();
    }
}
