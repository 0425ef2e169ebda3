package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the tests in a browser rely on: a page that crashes costs a second try, and nothing else does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BrowserTest {
    @RegisterExtension
    static Browser browser = new Browser();

    private boolean prepared;
    private int tries;

    @BeforeEach
    void prepare() {
        prepared = true;
    }

    @Test
    void aTestWhosePageCrashesIsPreparedAndRunOnceMoreInANewOne(@TempDir Path folder) throws Exception {
        tries++;
        assertThat(prepared).as("before each try").isTrue();
        prepared = false;
        if (tries == 1) {
            browser.crash();
        }
        Path page = Files.writeString(folder.resolve("page.html"), "<html data-ready=true><body><p>here</p></body></html>");
        browser.open(page, "");

        assertThat(browser.text("p")).isEqualTo("here");
        assertThat(tries).isEqualTo(2);
    }

    @Test
    void anExpressionThatFailsIsTheFaultOfThePage() {
        assertThat(assertThrows(IllegalStateException.class, () -> browser.evaluate("missing()"))).hasMessageContaining("missing");
        assertThat(browser.evaluate("1 + 1").asInt()).isEqualTo(2);
    }
}
