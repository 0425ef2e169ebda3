package io.nattrail.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.nattrail.analysis.CaseResult;
import io.nattrail.deviation.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

class JunitReportTest {
    @TempDir
    private Path folder;

    @Test
    void hasATestCaseForEachFlowAndOneForTheCaptures() throws Exception {
        Element root = write(SampleCases.lostBetweenNodes(), Severity.ERROR);

        assertThat(elements(root, "testcase")).extracting(test -> test.getAttribute("name")).containsExactly(
                "flow 1: tcp 10.241.0.4:38636 -> 10.240.0.4:32000", "flow 2: tcp 10.241.0.4:38637 -> 10.240.0.4:32000",
                "flow 3: tcp 10.241.0.4:38638 -> 10.240.0.4:32000", "flow 4: tcp 10.241.0.4:38639 -> 10.240.0.4:32000",
                "flow 5: tcp 10.241.0.4:38640 -> 10.240.0.4:32000", "captures");
    }

    @Test
    void aFailureCarriesTheExplanation() throws Exception {
        Element failure = elements(write(SampleCases.lostBetweenNodes(), Severity.ERROR), "failure").get(0);

        assertThat(failure.getAttribute("type")).isEqualTo("request-lost-between-nodes");
        assertThat(failure.getAttribute("message")).contains("never reached node2-cbr0");
        assertThat(failure.getTextContent()).contains("failed at step 1.4", "cause: no route", "do: Compare the effective routes",
                "frame: node1-eth0 node1-eth0.pcap #42");
    }

    @Test
    void countsAgreeWithTheTestCases() throws Exception {
        Element root = write(SampleCases.lostBetweenNodes(), Severity.ERROR);

        assertThat(counts(root)).containsExactly("6", "2", "0", "1");
        for (Element suite : elements(root, "testsuite")) {
            assertThat(counts(suite)).containsExactly(Integer.toString(elements(suite, "testcase").size()),
                    Integer.toString(elements(suite, "failure").size()), "0", Integer.toString(elements(suite, "skipped").size()));
        }
    }

    @Test
    void theThresholdDecidesWhatIsAFailure() throws Exception {
        assertThat(elements(write(SampleCases.lostBetweenNodes(), Severity.WARNING), "failure")).hasSize(3);
        assertThat(elements(write(SampleCases.lostBetweenNodes(), Severity.INFO), "failure")).hasSize(4);
        // A connection that failed is a failure even if no deviation counts as one.
        assertThat(elements(write(SampleCases.lostBetweenNodes(), null), "failure")).hasSize(2);
    }

    @Test
    void isBoundedAndSaysWhatItLeftOut() throws Exception {
        Path file = folder.resolve("junit.xml");
        try (JunitReport report = new JunitReport(file, ReportOptions.DEFAULT)) {
            report.begin(SampleCases.header("big", "-"));
            for (int id = 1; id <= JunitReport.MOST_CASES + 500; id++) {
                report.flow(SampleCases.answered(id));
            }
            report.flow(SampleCases.lost(9_999));
            report.end(SampleCases.findings(List.of(), JunitReport.MOST_CASES + 500, 0, 1, 0, List.of()));
        }
        Element root = parse(file);

        assertThat(elements(root, "testcase")).hasSize(JunitReport.MOST_CASES + 2);
        assertThat(elements(root, "failure")).hasSize(1);
        assertThat(elements(root, "property")).filteredOn(p -> p.getAttribute("name").equals("nattrail.flows.left.out"))
                .singleElement().satisfies(p -> assertThat(p.getAttribute("value")).isEqualTo("500"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"</failure><x>", "\"/><x a=\"", "]]>", "&lt;&bogus;", "\u0000\u001b\ufffe", "\ud800", "<!--"})
    void isWellFormedWhateverTheTexts(String text) throws Exception {
        Element root = write(SampleCases.hostile(text), Severity.ERROR);

        assertThat(elements(root, "x")).isEmpty();
        assertThat(elements(root, "failure").get(0).getTextContent()).contains(PlainText.of(text));
    }

    private Element write(CaseResult result, Severity failOn) throws IOException, SAXException, ParserConfigurationException {
        Path file = folder.resolve("junit.xml");
        try (JunitReport report = new JunitReport(file, new ReportOptions(failOn))) {
            result.sendTo(report);
        }
        return parse(file);
    }

    private static Element parse(Path file) throws IOException, SAXException, ParserConfigurationException {
        return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(Files.newInputStream(file)).getDocumentElement();
    }

    private static List<String> counts(Element element) {
        return List.of(element.getAttribute("tests"), element.getAttribute("failures"), element.getAttribute("errors"),
                element.getAttribute("skipped"));
    }

    private static List<Element> elements(Element root, String name) {
        NodeList found = root.getElementsByTagName(name);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            elements.add((Element) found.item(i));
        }
        return elements;
    }
}
