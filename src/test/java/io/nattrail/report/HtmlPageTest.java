package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlPageTest {
    @Test
    void thePageThatTheBuildLeftInTheProgramIsThatOfTheSources() throws IOException {
        assertThat(HtmlPageTest.class.getResource("html/page-0.html")).as("of the build").isNotNull();
        assertThat(HtmlPage.parts()).containsExactlyElementsOf(HtmlPage.putTogether());
    }

    @Test
    void itIsOnePageWithGapsForTitleSummaryAndData() throws IOException {
        List<String> parts = HtmlPage.parts().stream().map(part -> new String(part, StandardCharsets.UTF_8)).toList();
        assertThat(parts).hasSize(4);
        assertThat(parts.get(0)).startsWith("<!DOCTYPE html>").contains("script-src 'sha256-").endsWith("<title>");
        assertThat(parts.get(1)).contains("<style>").endsWith("can be read without.</p>");
        assertThat(parts.get(2)).startsWith("</noscript>");
        assertThat(parts.get(3)).contains("<script type=\"module\">").doesNotContain("\nimport ", "\nexport ").endsWith("</html>\n");
    }
}
