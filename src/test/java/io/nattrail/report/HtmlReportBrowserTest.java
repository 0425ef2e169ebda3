package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.nattrail.analysis.CaseAnalyzer;
import io.nattrail.analysis.CaseRequest;
import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.Progress;
import io.nattrail.packets.ServicePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The report as somebody sees it who opens it in a browser. Screenshots are kept in target/screenshots. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HtmlReportBrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    @RegisterExtension
    static Browser browser = new Browser();

    @TempDir
    static Path folder;
    private Path busy;

    @BeforeAll
    void write() throws IOException {
        busy = folder.resolve("busy.html");
        try (HtmlReport report = new HtmlReport(busy)) {
            new BusyCase(60).sendTo(report);
        }
    }

    @AfterEach
    void consoleIsSilent() {
        assertThat(browser.complaints()).isEmpty();
    }

    private Path write(String name, CaseResult result) throws IOException {
        Path file = folder.resolve(name + ".html");
        try (HtmlReport report = new HtmlReport(file)) {
            result.sendTo(report);
        }
        return file;
    }

    @Test
    void beginsWithTheVerdictTheRootCauseAndTheBrokenStepOfThePath() throws IOException {
        browser.media("screen", "light");
        browser.open(busy, "");
        assertThat(browser.text("h1")).contains("of 60 flows fail at step 1.5");
        assertThat(browser.text(".cause")).contains("request-lost-between-nodes", "never reached Node-2's bridge", "Do: ", "since 15:34:");
        assertThat(browser.evaluate("document.querySelector('.picture .p-break').textContent").asText()).contains("end here");
        assertThat(browser.count(".p-badge.s-failed")).isEqualTo(1);
        browser.screenshot(SCREENSHOTS.resolve("overview-light.png"), true);
        browser.assertAccessible("overview, light");
        browser.media("screen", "dark");
        browser.screenshot(SCREENSHOTS.resolve("overview-dark.png"), true);
        browser.assertAccessible("overview, dark");
        browser.media("screen", "light");
    }

    @ParameterizedTest
    @CsvSource({"captures/forward-drop, 1.3", "src/test/resources/cases/dropped-inside-node1, 1.3 2.0",
        "src/test/resources/cases/dropped-between-pods-of-one-node, 1.3",
        "src/test/resources/cases/pod-beside-the-caller-falls-silent, 1.6"})
    void thePictureShowsEveryStepWhereFlowsEndWhetherOrNotAnEndpointWasReached(Path folder, String steps) throws IOException {
        browser.open(analyzed(folder.getFileName().toString(), folder), "");

        assertThat(browser.evaluate("[...new Set([...document.querySelectorAll('.picture .p-badge.s-failed text')]"
                + ".map(e => e.textContent))].sort().join(' ')").asText()).isEqualTo(steps);
        assertThat(browser.evaluate("[...document.querySelectorAll('.picture .p-break')].map(e => e.textContent).join()").asText())
                .as("it says so in words, be it between the boxes or inside of one").matches("✕ .* ends? here");
    }

    @Test
    void theTableSortsAndChoosesFlows() throws IOException {
        browser.open(busy, "#flows");
        assertThat(browser.text(".table-status")).isEqualTo("60 flows");
        browser.screenshot(SCREENSHOTS.resolve("flows.png"), false);
        browser.assertAccessible("flows");
        browser.click("[data-key=start] .sort");
        assertThat(browser.text(".rows-space .row[aria-rowindex='2'] .c-id")).isEqualTo("1");
        browser.click("[data-key=start] .sort");
        assertThat(browser.text(".rows-space .row[aria-rowindex='2'] .c-id")).isEqualTo("60");
        browser.click("#filter-text");
        browser.type("fd00:241");
        assertThat(browser.text(".table-status")).isEqualTo("3 of 60 flows");
        browser.evaluate("document.querySelector('.filters .plain').click()");
        for (String[] filter : new String[][] {{"verdict", "failed"}, {"step", "1.5"}, {"code", "request-lost-between-nodes"},
            {"endpoint", "default/web-2"}}) {
            browser.evaluate("(() => { const e = document.querySelector('#filter-" + filter[0] + "'); e.value = '" + filter[1]
                    + "'; e.dispatchEvent(new Event('change')); })()");
            browser.settle();
            assertThat(browser.text(".table-status")).as(filter[0]).contains(" of 60 flows").doesNotStartWith("0 ");
            assertThat(browser.evaluate("location.hash").asText()).contains(filter[0] + "=");
        }
    }

    @Test
    void aCauseThatStrikesAtSeveralStepsLeadsToTheFlowsOfItsOwn() throws IOException {
        browser.open(analyzed("loss-inside-node", Path.of("src/test/resources/cases/loss-inside-node")), "");
        assertThat(browser.evaluate("[...document.querySelectorAll('.cause')].map(e => e.querySelector('.step-number').textContent + ' '"
                + " + e.querySelector('.plain').textContent).join()").asText()).isEqualTo("2.0 3 flows,1.3 1 flow");
        browser.click(".cause:nth-child(2) .plain");
        browser.await("document.querySelector('.table-status')");
        assertThat(browser.text(".table-status")).startsWith("1 of ");
        assertThat(browser.evaluate("document.querySelector('#filter-code').selectedOptions[0].textContent").asText())
                .isEqualTo("loss-inside-node at step 1.3 (1)");
        assertThat(browser.text(".rows-space .c-codes")).as("a finding is shown without its step").isEqualTo("loss-inside-node");
    }

    @Test
    void eachButtonThatCopiesSaysWhat() {
        browser.open(busy, "#flows?verdict=failed");
        browser.click(".rows-space .row[aria-rowindex='2']");
        browser.await("document.querySelector('.ladder')");
        assertThat(browser.evaluate("(() => { const names = [...document.querySelectorAll('main .copy')].filter(e => e.offsetWidth)"
                + ".map(e => e.getAttribute('aria-label')); return names.length > 3 && new Set(names).size === names.length"
                + " && names.every(name => name.startsWith('Copy ')); })()").asBoolean()).isTrue();
    }

    @Test
    void aRowThatIsPressedStaysInThePageWhileTheWindowChanges() {
        browser.open(busy, "#flows");
        browser.evaluate("window.pressed = document.querySelector(\".rows-space .row[aria-rowindex='2']\"); 0");
        browser.size(1280, 700);
        browser.settle();
        assertThat(browser.evaluate("window.pressed.isConnected").asBoolean()).isTrue();
        browser.size(400, 700);
        browser.settle();
        assertThat(browser.evaluate("window.pressed.isConnected").asBoolean()).as("its rows are higher").isFalse();
        assertThat(browser.evaluate("(() => { const [a, b] = document.querySelectorAll('.rows-space .row');"
                + " return b.getBoundingClientRect().top - a.getBoundingClientRect().top; })()").asInt()).isEqualTo(64);
        browser.size(1440, 900);
    }

    @Test
    void theTableIsWalkedWithTheKeyboard() {
        browser.open(busy, "#flows");
        browser.evaluate("document.querySelector('.grid').focus()");
        browser.key("ArrowDown", 40);
        browser.key("ArrowDown", 40);
        String chosen = browser.text(".row[aria-selected=true] .c-id");
        browser.key("Enter", 13);
        browser.await("document.querySelector('.flow-view')");
        assertThat(browser.text("h1")).contains("Flow " + chosen);
    }

    @Test
    void addressesAndPortsAreInTheOrderOfTheirNumbers() {
        browser.open(busy, "#flows");
        browser.click("[data-key=client] .sort");
        browser.settle();
        JsonNode clients = browser.evaluate("[...document.querySelectorAll('.rows-space .c-client')].map(e => e.lastChild.data)"
                + ".filter(text => !text.startsWith('['))");
        List<Long> numbers = new ArrayList<>();
        for (JsonNode client : clients) {
            long number = 0;
            for (String part : client.asText().split("[.:]")) {
                number = (number << (part.length() > 3 ? 16 : 8)) + Long.parseLong(part);
            }
            numbers.add(number);
        }
        assertThat(numbers).hasSizeGreaterThan(20).isSorted();
    }

    @Test
    void whoComesBackFromAFlowFindsTheTableAsItWas() {
        browser.size(1280, 700);
        browser.open(busy, "#flows");
        browser.click("[data-key=id] .sort");
        browser.evaluate("document.querySelector('.grid').focus()");
        for (int i = 0; i < 3; i++) {
            browser.key("PageDown", 34);
        }
        String chosen = browser.text(".row[aria-selected=true] .c-id");
        browser.key("Enter", 13);
        browser.await("document.querySelector('.flow-view')");
        browser.evaluate("history.back()");
        browser.await("document.querySelector('.grid')");
        browser.settle();

        assertThat(browser.text(".row[aria-selected=true] .c-id")).isEqualTo(chosen);
        assertThat(browser.evaluate("document.activeElement.className").asText()).isEqualTo("grid");
        assertThat(browser.evaluate("(() => { const row = document.querySelector('.row[aria-selected=true]').getBoundingClientRect(), "
                + "grid = document.querySelector('.grid').getBoundingClientRect(); "
                + "return row.top > grid.top && row.bottom < grid.bottom; })()").asBoolean()).isTrue();
        browser.size(1440, 900);
    }

    @Test
    void theTableNeedsNoScrollingSidewaysAndItsHeadStandsAboveWhatItNames() {
        String edges = "JSON.stringify([...document.querySelectorAll('WHERE .cell')].filter(e => e.offsetWidth)"
                + ".map(e => [e.className, Math.round(e.getBoundingClientRect().left)]))";
        for (int[] size : new int[][] {{1280, 800}, {400, 800}, {718, 800}}) {
            browser.size(size[0], size[1]);
            browser.open(busy, "#flows");
            browser.settle();
            assertThat(browser.evaluate("(() => { const grid = document.querySelector('.grid'); "
                    + "return grid.scrollWidth - grid.clientWidth; })()").asInt()).as("width %d", size[0]).isZero();
            assertThat(browser.evaluate(edges.replace("WHERE", ".row.head")).asText()).as("width %d", size[0])
                    .isEqualTo(browser.evaluate(edges.replace("WHERE", ".rows-space .row[aria-rowindex=\"2\"]")).asText());
        }
        assertThat(browser.evaluate("document.documentElement.scrollHeight > innerHeight").asBoolean()).isTrue();
        browser.size(1280, 800);
        browser.settle();
        assertThat(browser.evaluate("document.documentElement.scrollHeight").asInt()).isLessThanOrEqualTo(800);
        browser.size(1440, 900);
    }

    @Test
    void onAPageOfPaperTheFlowsHaveAllTheirColumnsAndAHead() {
        browser.size(718, 1000);
        browser.open(busy, "#flows");
        browser.media("print", "light");
        browser.evaluate("window.dispatchEvent(new Event('beforeprint'))");
        browser.settle();
        for (String row : new String[] {".printed-rows .head", ".printed-rows .row:nth-child(2)"}) {
            assertThat(browser.evaluate("[...document.querySelectorAll('" + row + " .cell')].filter(e => e.offsetWidth > 0).length")
                    .asInt()).isEqualTo(12);
        }
        browser.evaluate("window.dispatchEvent(new Event('afterprint'))");
        browser.media("screen", "light");
        browser.size(1440, 900);
    }

    @Test
    void aFlowShowsWhatWentWrongItsStepsAndItsPacketsOnTheirWay() throws IOException {
        browser.open(busy, "#flows?verdict=failed");
        browser.click(".rows-space .row[aria-rowindex='2']");
        browser.await("document.querySelector('.ladder')");
        assertThat(browser.text(".deviations")).contains("request-lost-between-nodes", "left Node-1 4 times");
        assertThat(browser.text(".st-failed")).contains("1.5", "missing, failed here");
        assertThat(browser.count(".arrow.a-lost .l-cross")).isEqualTo(4);
        assertThat(browser.count(".l-gap")).isEqualTo(3);
        browser.screenshot(SCREENSHOTS.resolve("flow-lost.png"), true);
        browser.assertAccessible("a lost flow");
        browser.click(".steps button.frame-chip");
        assertThat(browser.text(".inspector")).contains("client.pcap", "frame.number == ");
    }

    @Test
    void aPacketIsFollowedThroughTheLadder() throws IOException {
        browser.open(busy, "#flows?verdict=degraded");
        browser.click(".rows-space .row[aria-rowindex='2']");
        browser.await("document.querySelector('.ladder')");
        assertThat(browser.text(".l-heads")).contains("client", "node1-eth0", "NAT", ":32000", "after NAT");
        assertThat(browser.count(".arrow.a-again")).isEqualTo(1);
        browser.evaluate("document.querySelector('.ladder-scroll').focus()");
        for (int i = 0; i < 4; i++) {
            browser.key("ArrowDown", 40);
        }
        assertThat(browser.text(".inspector h3")).contains("PSH ACK");
        assertThat(browser.count(".chart")).isEqualTo(2);
        browser.screenshot(SCREENSHOTS.resolve("flow-degraded.png"), true);
        browser.evaluate("document.querySelector('#ladder-title').closest('section').scrollIntoView(); window.scrollBy(0, -60)");
        browser.screenshot(SCREENSHOTS.resolve("ladder.png"), false);
        browser.media("screen", "dark");
        browser.screenshot(SCREENSHOTS.resolve("flow-degraded-dark.png"), true);
        browser.assertAccessible("a degraded flow, dark");
        browser.media("screen", "light");
        browser.evaluate("(() => { const e = document.querySelector('#ladder-zoom'); e.value = '2';"
                + " e.dispatchEvent(new Event('input')); })()");
        browser.settle();
        assertThat(browser.count(".arrow")).isPositive();
    }

    @Test
    void wiresharkUnderstandsItsFilters() throws IOException, InterruptedException {
        Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/tshark")), "no tshark here");
        for (int flow : new int[] {4, 17, 25}) {
            browser.open(busy, "#flow/" + flow);
            JsonNode filters = browser.evaluate("[...document.querySelectorAll('code.filter')].map(e => e.textContent)");
            assertThat(filters).isNotEmpty();
            for (JsonNode filter : filters) {
                Path capture = Path.of("captures/kubeproxy-happy-cross-node/client.pcap");
                Process tshark = new ProcessBuilder("tshark", "-r", capture.toString(), "-Y", filter.asText())
                        .redirectErrorStream(true).start();
                String said = new String(tshark.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(tshark.waitFor()).as(filter.asText() + ": " + said).isZero();
            }
        }
    }

    @Test
    void ofALongFlowBeginEndAndWhatIsRemarkableAreDrawnAndTheRestIsCounted() throws IOException {
        Path file = write("long", OddCase.longFlow(20_000, 12_000));
        browser.open(file, "#flow/1");
        assertThat(browser.count(".arrow")).as("only what is in sight is drawn").isLessThan(120);
        browser.evaluate("document.querySelector('.ladder-scroll').focus()");
        browser.key("End", 35);
        assertThat(browser.text(".inspector h3")).contains("seq 19999000");
        Set<String> leftOut = new TreeSet<>();
        JsonNode ladder = browser.evaluate("(() => { const e = document.querySelector('.ladder-scroll'); e.scrollTop = 0;"
                + " return [e.scrollHeight, e.clientHeight]; })()");
        for (int y = 0; y < ladder.get(0).asInt(); y += ladder.get(1).asInt()) {
            browser.evaluate("document.querySelector('.ladder-scroll').scrollTop = " + y);
            browser.frame();
            browser.evaluate("[...document.querySelectorAll('.l-gap .l-label')].map(t => t.textContent).filter(t => /left out/.test(t))")
                    .forEach(label -> leftOut.add(label.asText()));
        }
        assertThat(leftOut).hasSize(2);
        assertThat(browser.count(".q-lost")).isEqualTo(1);
    }

    @Test
    void aLinkOpensTheStepItNames() {
        browser.open(busy, "#flow/5/step/1.2.1");
        browser.await("document.querySelector('.step.target')");
        assertThat(browser.text(".step.target .step-number")).isEqualTo("1.2.1");
    }

    @Test
    void theRowThatIsWalkedToIsMarkedInForcedColoursToo() throws IOException {
        browser.open(busy, "#flows");
        browser.forcedColors();
        browser.evaluate("document.querySelector('.grid').focus()");
        browser.key("ArrowDown", 40);
        browser.settle();
        assertThat(browser.evaluate("['true', 'false'].map(chosen => getComputedStyle(document.querySelector("
                + "`.rows-space .row[aria-selected=${chosen}]`)).outlineStyle).join(' ')").asText()).isEqualTo("solid none");
        browser.screenshot(SCREENSHOTS.resolve("flows-forced-colours.png"), false);
        browser.media("screen", "light");
    }

    @Test
    void whoSkipsTheHeadStaysWhereHeIs() {
        browser.open(busy, "#flow/12");
        browser.evaluate("document.querySelector('.skip').focus()");
        browser.key("Enter", 13, "\r");
        browser.settle();
        assertThat(browser.text("h1")).contains("Flow 12");
        assertThat(browser.evaluate("location.hash + ' ' + document.activeElement.id").asText()).isEqualTo("#flow/12 main");
    }

    @Test
    void anAddressThatNamesNothingIsNoFaultOfTheReport() {
        browser.open(busy, "#flow/%");
        assertThat(browser.text("main")).contains("Flow %", "does not hold this flow");
        browser.open(busy, "#flow/twelve/step/1.2");
        assertThat(browser.text("main")).contains("Flow twelve", "does not hold this flow");
    }

    @Test
    void showsTheCapturesAndWhatIsKnownOfTheCluster() throws IOException {
        browser.open(busy, "#captures");
        assertThat(browser.text("main")).contains("All points share", "node2-cbr0.pcapng.gz", "± 64.0 µs", "All files are sound");
        browser.screenshot(SCREENSHOTS.resolve("captures.png"), true);
        browser.assertAccessible("captures");
        browser.click("[data-view=cluster]");
        browser.await("document.querySelector('.cluster')");
        assertThat(browser.text("main")).contains("default/web:https", "inferred from packets");
        browser.screenshot(SCREENSHOTS.resolve("cluster.png"), true);
        browser.assertAccessible("cluster");
        Path damaged = write("damaged", SampleCases.lostBetweenNodes());
        browser.open(damaged, "#captures");
        assertThat(browser.text("main")).contains("the last record ends 12 bytes early");
    }

    @Test
    void readsOnANarrowScreenAndOnPaper() throws IOException {
        browser.size(390, 844);
        browser.open(busy, "");
        browser.screenshot(SCREENSHOTS.resolve("narrow-overview.png"), false);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(390);
        browser.go("#flows");
        browser.screenshot(SCREENSHOTS.resolve("narrow-flows.png"), false);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(390);
        browser.click(".rows-space .row[aria-rowindex='2']");
        browser.await("document.querySelector('.ladder')");
        browser.screenshot(SCREENSHOTS.resolve("narrow-flow.png"), true);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(390);
        browser.size(1440, 900);
        browser.open(busy, "");
        browser.pdf(SCREENSHOTS.resolve("overview.pdf"));
        assertThat(SCREENSHOTS.resolve("overview.pdf")).isNotEmptyFile();
        browser.size(1000, 700);
        for (String view : new String[] {"overview", "flows", "flow/25"}) {
            browser.open(busy, "#" + view);
            browser.media("print", "dark");
            browser.evaluate("window.dispatchEvent(new Event('beforeprint'))");
            browser.screenshot(SCREENSHOTS.resolve("print-" + view.replace("/", "-") + ".png"), true);
            assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor").asText()).isEqualTo("rgb(255, 255, 255)");
            browser.evaluate("window.dispatchEvent(new Event('afterprint'))");
            browser.media("screen", "light");
        }
        browser.size(1440, 900);
    }

    @Test
    void theThemeCanBeChosen() {
        browser.open(busy, "");
        String before = browser.evaluate("getComputedStyle(document.body).backgroundColor").asText();
        browser.click("#theme");
        browser.click("#theme");
        assertThat(browser.text("#theme")).isEqualTo("Theme: dark");
        assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor").asText()).isNotEqualTo(before);
        browser.click("#theme");
    }

    @Test
    void markupFromACaptureStaysText() throws IOException {
        String attack = "</script><img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>";
        Path file = write("hostile", SampleCases.hostile(attack));
        assertThat(Files.readString(file)).doesNotContain("<img", "<script>window", "onerror=\"");
        for (String view : new String[] {"#overview", "#flows", "#flow/1", "#captures", "#cluster"}) {
            browser.open(file, view);
            browser.settle();
            assertThat(browser.evaluate("window.hit === undefined").asBoolean()).as(view).isTrue();
            assertThat(browser.count("main img, main script")).as(view).isZero();
            assertThat(browser.text("body")).as(view).contains("<img src=x");
        }
    }

    /** The report of a case with its captures. */
    private static Path analyzed(String name, Path input) throws IOException {
        Path file = folder.resolve(name + ".html");
        try (HtmlReport report = new HtmlReport(file)) {
            CaseAnalyzer.plain().run(CaseRequest.of(input), report, Progress.NONE);
        }
        return file;
    }

    /** Labels of the tree's items that are to be seen. */
    private String tree() {
        return browser.evaluate("[...document.querySelectorAll('[role=treeitem]')].filter(e => e.offsetParent !== null)"
                + ".map(e => e.getAttribute('aria-label')).join('\\n')").asText();
    }

    private String focused() {
        return browser.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent").asText();
    }

    @Test
    void aFrameThatProvesSomethingIsTakenApartOnClick() throws IOException {
        Path file = analyzed("dissected", Path.of("captures/lost-between-nodes"));
        browser.open(file, "#flow/2");
        browser.await("document.querySelector('.ladder')");
        assertThat(browser.text("[aria-label=Hops]")).contains("node1-eth0 before NAT", "node1-eth0 after NAT");
        browser.click(".deviation .frame-chip");
        browser.await("document.querySelector('.dissection')");
        assertThat(browser.text(".inspector h3")).contains("SYN");
        assertThat(browser.text("[role=tab][aria-selected=true]")).isEqualTo("node1-eth0 after NAT #15");
        assertThat(tree()).contains("Frame 15: 74 bytes on the wire, all captured", "Ethernet II: 22:be:32:98:bd:3c → 12:34:56:78:9a:bc",
                "Source: 10.240.0.4; was 10.241.0.4 at node1-eth0 before NAT", "Destination: 10.244.1.2; was 10.240.0.4",
                "Time to live: 63; was 64", "Source port: 10556; was 45465", "Destination port: 8443; was 32000",
                "Sequence number: 1289097716; relative 0", "Flags: 0x002 (SYN)", "Maximum segment size: 1460 bytes",
                "Timestamps: TSval 637989796, TSecr 0", "Window scale: 10", "Checksum: 0x7376 (correct)");
        browser.screenshot(SCREENSHOTS.resolve("dissection.png"), false);
        browser.assertAccessible("a dissection");
        browser.media("screen", "dark");
        browser.screenshot(SCREENSHOTS.resolve("dissection-dark.png"), false);
        browser.assertAccessible("a dissection, dark");
        browser.media("screen", "light");
        // A field points to its bytes, and a byte to its field.
        browser.click("[role=treeitem][aria-label^='Destination port'] .t-name");
        assertThat(browser.evaluate("[...document.querySelectorAll('.b-dump .b.b-marked')].map(e => e.textContent).join('')").asText())
                .startsWith("20fb");
        browser.click(".b-dump [data-i='22']");
        assertThat(browser.evaluate("document.querySelector('[role=treeitem][aria-selected=true]').ariaLabel").asText())
                .startsWith("Time to live: 63");
        browser.click("[role=tab]");
        browser.await("document.querySelector('[role=tree]').ariaLabel === 'Layers of frame 14 of client.pcap'");
        assertThat(tree()).contains("Source: 10.241.0.4", "Destination port: 32000").doesNotContain("was ");
    }

    @Test
    void aPacketIsTakenApartWithTheKeyboardAlone() throws IOException {
        Path file = analyzed("keyboard", Path.of("captures/lost-between-nodes"));
        browser.open(file, "#flow/2");
        browser.evaluate("document.querySelector('.ladder-scroll').focus()");
        browser.key("ArrowDown", 40);
        browser.key("Enter", 13);
        browser.await("document.activeElement.getAttribute('role') === 'treeitem'");
        assertThat(focused()).startsWith("Frame ");
        assertThat(browser.evaluate("document.activeElement.getAttribute('aria-expanded')").asText()).isEqualTo("false");
        browser.key("ArrowRight", 39);
        assertThat(browser.evaluate("document.activeElement.getAttribute('aria-expanded')").asText()).isEqualTo("true");
        browser.key("ArrowRight", 39);
        assertThat(focused()).isEqualTo("File: client.pcap");
        browser.key("ArrowLeft", 37);
        browser.key("ArrowLeft", 37);
        browser.key("ArrowDown", 40);
        assertThat(focused()).startsWith("Ethernet II");
        browser.key("End", 35);
        browser.key("ArrowUp", 38);
        assertThat(focused()).isEqualTo("No operation: padding");
        browser.key("Home", 36);
        browser.key("*", 106, "*");
        assertThat(tree()).contains("SYN: set", "ACK: not set", "Don't fragment: set");
        browser.key("Escape", 27);
        assertThat(browser.evaluate("document.activeElement.className").asText()).isEqualTo("ladder-scroll");
        // From a frame in the evidence and back.
        browser.evaluate("document.querySelector('.steps .frame-chip').focus()");
        browser.key("Enter", 13, "\r");
        browser.await("document.activeElement.getAttribute('role') === 'treeitem'");
        browser.key("Escape", 27);
        assertThat(browser.evaluate("document.activeElement.className").asText()).isEqualTo("frame-chip");
    }

    @Test
    void aFrameThatIsLeftOutSaysWhereToFindIt() throws IOException {
        browser.open(busy, "#flows?verdict=failed");
        browser.click(".rows-space .row[aria-rowindex='2']");
        browser.await("document.querySelector('.ladder')");
        browser.click(".steps .frame-chip");
        browser.await("document.querySelector('.absent')");
        assertThat(browser.text(".absent")).contains("of client.pcap is not taken apart here", "Wireshark shows it", "frame.number == ");
        browser.assertAccessible("a frame that is left out");
    }

    @Test
    void aDissectionReadsOnANarrowScreenAndOnPaper() throws IOException {
        Path file = analyzed("narrow", Path.of("captures/lost-between-nodes"));
        browser.size(390, 844);
        browser.open(file, "#flow/2");
        browser.click(".deviation .frame-chip");
        browser.await("document.querySelector('.dissection')");
        browser.screenshot(SCREENSHOTS.resolve("narrow-dissection.png"), false);
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(390);
        browser.size(1000, 700);
        browser.media("print", "dark");
        browser.screenshot(SCREENSHOTS.resolve("print-dissection.png"), true);
        assertThat(tree()).as("all is open on paper").contains("SYN: set", "Don't fragment: set", "Link type: EN10MB");
        browser.media("screen", "light");
        browser.size(1440, 900);
    }

    @Test
    void markupInAPayloadStaysText() throws IOException {
        String attack = "</script><img src=x onerror=\"window.hit=1\"><script>window.hit=1</script>";
        ServicePath path = ServicePath.create();
        path.connect(1).handshake().ask(attack).answer(attack).close();
        Path input = Files.createDirectories(folder.resolve("payload"));
        List<String> names = List.of("client", "node1-eth0", "node2-cbr0");
        for (int i = 0; i < names.size(); i++) {
            path.tapes().get(i).write(input.resolve(names.get(i) + ".pcap"));
        }
        Path file = analyzed("payload", input);
        assertThat(Files.readString(file)).doesNotContain("<img", "<script>window");
        browser.open(file, "#flow/1");
        browser.evaluate("document.querySelector('.ladder-scroll').focus()");
        for (int i = 0; i < 4; i++) {
            browser.key("ArrowDown", 40);
        }
        browser.await("document.querySelector('.b-dump')?.textContent.includes('</script><')");
        assertThat(browser.text(".b-dump")).contains("src=x onerror=");
        assertThat(browser.count("main img, main script")).isZero();
        assertThat(browser.evaluate("window.hit === undefined").asBoolean()).isTrue();
    }

    @Test
    void flowsOfSeveralPathsAndUnknownEndpointsAreDrawnAsWhatTheyAre() throws IOException {
        Path file = write("odd", OddCase.result());
        browser.open(file, "");
        assertThat(browser.text("h1")).contains("3 of 5 flows fail at steps 1.1 and 1.2");
        assertThat(browser.count(".segment")).isEqualTo(2);
        assertThat(browser.text(".segment[aria-pressed=true]")).contains("nodeport");
        browser.screenshot(SCREENSHOTS.resolve("odd-overview.png"), true);
        browser.click(".segment[aria-pressed=false]");
        browser.screenshot(SCREENSHOTS.resolve("odd-clusterip.png"), true);
        browser.open(file, "#flow/2");
        assertThat(browser.count(".arrow.a-icmp")).isEqualTo(1);
        browser.screenshot(SCREENSHOTS.resolve("odd-icmp.png"), true);
        browser.open(file, "#flow/5");
        assertThat(browser.text(".data")).contains("clock unknown");
        browser.screenshot(SCREENSHOTS.resolve("odd-clock.png"), true);
    }

    @Test
    void aCaseWithoutFlowsSaysSo() throws IOException {
        browser.open(write("empty", SampleCases.empty()), "");
        assertThat(browser.text("h1")).contains("No connection");
        browser.go("#flows");
        assertThat(browser.text(".grid")).contains("No flow fits");
    }

    @Test
    void ofAHundredThousandFlowsOnlyWhatIsInSightIsLaidOut(TestReporter measured) throws IOException {
        Path large = folder.resolve("large.html");
        try (HtmlReport report = new HtmlReport(large)) {
            new BusyCase(100_000).sendTo(report);
        }
        assertThat(Files.size(large)).isLessThan(25_000_000L);
        measured.publishEntry("milliseconds to open 100,000 flows", Long.toString(browser.open(large, "#flows")));
        assertThat(browser.text(".table-status")).isEqualTo("100,000 flows");
        assertThat(browser.count(".rows-space .row")).isLessThan(120);
        assertThat(browser.text(".left-out")).contains("Left out");
        for (int step : new int[] {120, 20_000}) {
            double[] times = new double[40];
            for (int i = 0; i < times.length; i++) {
                browser.evaluate("window.from = performance.now(); document.querySelector('.grid').scrollTop += " + step);
                browser.frame();
                times[i] = browser.evaluate("performance.now() - window.from").asDouble();
            }
            Arrays.sort(times);
            measured.publishEntry("milliseconds to scroll by " + step, Double.toString(times[times.length / 2]));
        }
        browser.screenshot(SCREENSHOTS.resolve("large-flows.png"), false);
        browser.go("#overview");
        browser.await("document.querySelector('.verdict')");
        browser.screenshot(SCREENSHOTS.resolve("large-overview.png"), true);
    }
}
