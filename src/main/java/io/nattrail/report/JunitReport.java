package io.nattrail.report;

import static io.nattrail.report.JunitXml.HEAD;
import static io.nattrail.report.JunitXml.attribute;
import static io.nattrail.report.JunitXml.counts;
import static io.nattrail.report.JunitXml.property;
import static io.nattrail.report.JunitXml.seconds;
import static io.nattrail.report.JunitXml.text;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.FrameRef;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code junit.xml}: the case for CI systems, in the format that Jenkins, GitLab and GitHub's reporters read. One test case for each
 * flow, and one for the captures. A flow fails if its verdict is failed or a deviation reaches the threshold of {@code --fail-on}; an
 * undetermined one is skipped. Many CI systems read the whole file into memory, so flows beyond a limit are counted, not listed.
 */
final class JunitReport implements ReportWriter {
    static final String FILE = "junit.xml";
    /** Test cases that pass, and as many that do not. */
    static final int MOST_CASES = 5_000;

    private static final int MOST_FRAMES = 20;

    private final Path target;
    private final Severity failOn;
    private ReportFile file;
    private CaseHeader header;
    /** The test cases; their counts, known only at the end, stand before them. */
    private final Spool cases = new Spool("nattrail-junit");
    private long startNanos = Long.MAX_VALUE;
    private long endNanos = Long.MIN_VALUE;
    private int passed;
    private int failed;
    private int skipped;
    private long leftOut;

    JunitReport(Path target, ReportOptions options) {
        this.target = target;
        this.failOn = options.failOn();
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        this.header = header;
        file = new ReportFile(target);
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        startNanos = Math.min(startNanos, flow.startNanos());
        endNanos = Math.max(endNanos, flow.endNanos());
        boolean fails = flow.verdict() == Verdict.FAILED || reaches(flow.deviations());
        boolean undetermined = flow.verdict() == Verdict.UNDETERMINED && !fails;
        if ((fails || undetermined ? failed + skipped : passed) >= MOST_CASES) {
            leftOut++;
            return;
        }
        StringBuilder xml = new StringBuilder("    <testcase");
        attribute(xml, "classname", header.name());
        attribute(xml, "name", "flow " + flow.id() + ": " + flow.protocol().label() + " " + flow.client() + " -> " + flow.service());
        attribute(xml, "time", seconds(flow.endNanos() - flow.startNanos()));
        if (fails) {
            failed++;
            failure(xml, flow.deviations(), flow.failedStep() == null ? flow.verdict().label() : "failed at step " + flow.failedStep());
        } else if (undetermined) {
            skipped++;
            xml.append(">\n      <skipped");
            attribute(xml, "message", flow.undetermined() == null ? "the captures do not tell" : flow.undetermined());
            xml.append("/>\n    </testcase>\n");
        } else {
            passed++;
            output(xml, flow.deviations());
        }
        cases.write(xml.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        boolean capturesFail = reaches(findings.deviations());
        String time = seconds(Math.max(0, endNanos - startNanos));
        int flows = passed + failed + skipped;
        StringBuilder xml = new StringBuilder(HEAD + "<testsuites name=\"nattrail\"");
        counts(xml, flows + 1, failed + (capturesFail ? 1 : 0), 0, skipped, time);
        xml.append(">\n  <testsuite");
        attribute(xml, "name", header.name() + ": flows");
        counts(xml, flows, failed, 0, skipped, time);
        if (startNanos != Long.MAX_VALUE) {
            attribute(xml, "timestamp", IsoTime.of(startNanos).substring(0, 19));
        }
        xml.append(">\n    <properties>\n");
        property(xml, "nattrail.version", header.toolVersion());
        property(xml, "nattrail.flows", Long.toString(findings.summary().flows()));
        property(xml, "nattrail.flows.left.out", Long.toString(leftOut));
        xml.append("    </properties>\n");
        write(xml);
        cases.copyTo(file.stream());
        xml.setLength(0);
        xml.append("  </testsuite>\n  <testsuite");
        attribute(xml, "name", header.name() + ": captures");
        counts(xml, 1, capturesFail ? 1 : 0, 0, 0, "0.000");
        xml.append(">\n    <testcase");
        attribute(xml, "classname", header.name());
        attribute(xml, "name", "captures");
        attribute(xml, "time", "0.000");
        if (capturesFail) {
            failure(xml, findings.deviations(), "captures");
        } else {
            output(xml, findings.deviations());
        }
        xml.append("  </testsuite>\n</testsuites>\n");
        write(xml);
        file.commit();
        close();
    }

    @Override
    public void close() throws IOException {
        try (ReportFile unfinished = file) {
            cases.close();
        }
    }

    private void write(StringBuilder xml) throws IOException {
        file.stream().write(xml.toString().getBytes(StandardCharsets.UTF_8));
    }

    private boolean reaches(List<Deviation> deviations) {
        for (Deviation deviation : deviations) {
            if (failOn != null && deviation.severity().compareTo(failOn) >= 0) {
                return true;
            }
        }
        return false;
    }

    private static void failure(StringBuilder xml, List<Deviation> deviations, String otherwise) {
        Deviation worst = null;
        for (Deviation deviation : deviations) {
            if (worst == null || deviation.severity().compareTo(worst.severity()) > 0) {
                worst = deviation;
            }
        }
        xml.append(">\n      <failure");
        attribute(xml, "type", worst == null ? "failed" : worst.code());
        attribute(xml, "message", worst == null ? otherwise : worst.code() + ": " + worst.message());
        xml.append('>');
        text(xml, otherwise);
        xml.append('\n');
        explain(xml, deviations);
        xml.append("</failure>\n    </testcase>\n");
    }

    private static void output(StringBuilder xml, List<Deviation> deviations) {
        if (deviations.isEmpty()) {
            xml.append("/>\n");
            return;
        }
        xml.append(">\n      <system-out>");
        explain(xml, deviations);
        xml.append("</system-out>\n    </testcase>\n");
    }

    private static void explain(StringBuilder xml, List<Deviation> deviations) {
        for (Deviation deviation : Deviation.worstFirst(deviations)) {
            String where = deviation.step() == null ? "" : " at step " + deviation.step();
            text(xml, deviation.severity().label() + ": " + deviation.code() + where + ": " + deviation.message());
            xml.append('\n');
            for (String cause : deviation.causes()) {
                text(xml, "  cause: " + cause);
                xml.append('\n');
            }
            text(xml, "  do: " + deviation.remedy());
            xml.append('\n');
            List<FrameRef> frames = deviation.evidence();
            for (FrameRef frame : frames.subList(0, Math.min(MOST_FRAMES, frames.size()))) {
                text(xml, "  frame: " + frame.point() + " " + frame.file() + " #" + frame.number() + " " + IsoTime.of(frame.timeNanos()));
                xml.append('\n');
            }
        }
    }
}
