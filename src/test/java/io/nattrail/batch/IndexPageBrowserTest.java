package io.nattrail.batch;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.report.Browser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The index of a batch as somebody sees it in a browser. Screenshots are kept in target/screenshots. */
class IndexPageBrowserTest {
    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    @RegisterExtension
    static Browser browser = new Browser();

    @TempDir
    private Path folder;

    @Test
    void sortsFiltersAndRemembers() throws Exception {
        Path page = folder.resolve("index.html");
        Files.writeString(page, IndexPageTest.html(IndexPageTest.rows()));
        browser.media("screen", "light");
        browser.open(page, "");
        assertThat(names()).containsExactly("broken", "api", "web/tuesday", "dns", "nothing", "web/monday");
        assertThat(browser.text("#status")).isEqualTo("6 cases");
        browser.screenshot(SCREENSHOTS.resolve("index-light.png"), true);
        browser.assertAccessible("the index, light");

        browser.click("th:nth-child(5) button");
        assertThat(names()).startsWith("api", "web/monday", "web/tuesday");
        browser.click("th:nth-child(5) button");
        assertThat(names()).endsWith("web/tuesday", "web/monday", "api");
        browser.click("th:nth-child(5) button");
        assertThat(names()).as("a third click gives the first order").startsWith("broken", "api");
        browser.click("th:nth-child(1) button");
        assertThat(names()).startsWith("api", "broken", "dns");

        browser.click("#filter-text");
        browser.type("lost-between web");
        assertThat(names()).containsExactly("web/tuesday");
        assertThat(browser.text("#status")).isEqualTo("1 of 6 cases");
        browser.type(" nowhere");
        assertThat(browser.text("#cases tbody")).isEqualTo("No case fits.");

        browser.open(page, "#text=web&column=0&down=1");
        assertThat(names()).containsExactly("web/tuesday", "web/monday");
        browser.media("screen", "dark");
        browser.screenshot(SCREENSHOTS.resolve("index-dark.png"), true);
        browser.assertAccessible("the index, dark");
        assertThat(browser.complaints()).isEmpty();
    }

    @Test
    void casesWithNumbersAreInTheOrderOfNumbersAndThePageIsNoWiderThanAPhone() throws Exception {
        Path page = folder.resolve("index.html");
        Files.writeString(page, IndexPageTest.html(List.of(IndexPageTest.row("case-10", CaseState.OK, 0, 2),
                IndexPageTest.row("case-9", CaseState.FAILED, 1, 2), IndexPageTest.row("case-100", CaseState.OK, 0, 2))));
        browser.size(400, 800);
        browser.open(page, "#column=0");
        assertThat(names()).containsExactly("case-9", "case-10", "case-100");
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(400);
    }

    /** Portrait A4 is some 794 pixels wide, and whoever reads at night prints on white paper. */
    @Test
    void isPrintedLightAndWithAllColumns() throws Exception {
        Path page = folder.resolve("index.html");
        Files.writeString(page, IndexPageTest.html(IndexPageTest.rows()));
        browser.size(794, 1123);
        browser.media("print", "dark");
        browser.open(page, "");
        assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt()).isLessThanOrEqualTo(794);
        assertThat(browser.evaluate("getComputedStyle(document.body).backgroundColor").asText()).isEqualTo("rgb(255, 255, 255)");
        browser.screenshot(SCREENSHOTS.resolve("index-paper.png"), true);
    }

    private static List<String> names() {
        List<String> names = new ArrayList<>();
        browser.evaluate("[...document.querySelectorAll('#cases tbody .case')].map(cell => cell.textContent)")
                .forEach(one -> names.add(one.asText()));
        return names;
    }
}
