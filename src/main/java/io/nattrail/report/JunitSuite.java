package io.nattrail.report;

import static io.nattrail.report.JunitXml.HEAD;
import static io.nattrail.report.JunitXml.attribute;
import static io.nattrail.report.JunitXml.counts;
import static io.nattrail.report.JunitXml.property;
import static io.nattrail.report.JunitXml.text;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A small file in JUnit's XML format with one suite, kept in memory until it is written: for uses that judge more or less than one case.
 */
public final class JunitSuite {
    private final String name;
    private final String version;
    private final List<Test> tests = new ArrayList<>();

    /** How a test came out. */
    public enum Outcome {
        PASSED, FAILED, ERROR, SKIPPED
    }

    private record Test(String group, String name, Outcome outcome, String type, String message, String details) {
    }

    /**
     * @param name of the suite
     * @param version of NatTrail
     */
    public JunitSuite(String name, String version) {
        this.name = name;
        this.version = version;
    }

    /**
     * Adds a test.
     *
     * @param group what JUnit calls the class
     * @param type of the failure, one word; ignored if it passed
     * @param message one sentence; ignored if it passed
     * @param details several lines, may be empty
     */
    public void add(String group, String name, Outcome outcome, String type, String message, String details) {
        tests.add(new Test(group, name, outcome, type, message, details));
    }

    /** Writes the file; it appears under its name only when complete. */
    public void write(Path target) throws IOException {
        StringBuilder xml = new StringBuilder(HEAD).append("<testsuites name=\"nattrail\"");
        totals(xml);
        xml.append(">\n  <testsuite");
        attribute(xml, "name", name);
        totals(xml);
        xml.append(">\n    <properties>\n");
        property(xml, "nattrail.version", version);
        xml.append("    </properties>\n");
        for (Test test : tests) {
            xml.append("    <testcase");
            attribute(xml, "classname", test.group);
            attribute(xml, "name", test.name);
            attribute(xml, "time", "0.000");
            body(xml, test);
        }
        xml.append("  </testsuite>\n</testsuites>\n");
        try (ReportFile file = new ReportFile(target)) {
            file.stream().write(xml.toString().getBytes(StandardCharsets.UTF_8));
            file.commit();
        }
    }

    private void totals(StringBuilder xml) {
        counts(xml, tests.size(), number(Outcome.FAILED), number(Outcome.ERROR), number(Outcome.SKIPPED), "0.000");
    }

    private int number(Outcome outcome) {
        return (int) tests.stream().filter(test -> test.outcome == outcome).count();
    }

    private static void body(StringBuilder xml, Test test) {
        String element = switch (test.outcome) {
            case PASSED -> "system-out";
            case FAILED -> "failure";
            case ERROR -> "error";
            case SKIPPED -> "skipped";
        };
        if (test.outcome == Outcome.PASSED && test.details.isEmpty()) {
            xml.append("/>\n");
            return;
        }
        xml.append(">\n      <").append(element);
        if (test.outcome != Outcome.PASSED) {
            if (test.outcome != Outcome.SKIPPED) {
                attribute(xml, "type", test.type);
            }
            attribute(xml, "message", test.message);
        }
        xml.append('>');
        test.details.lines().forEach(line -> {
            text(xml, line);
            xml.append('\n');
        });
        xml.append("</").append(element).append(">\n    </testcase>\n");
    }
}
