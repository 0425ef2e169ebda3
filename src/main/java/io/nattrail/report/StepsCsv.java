package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.path.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code steps.csv}: one row for each step of each flow, with the first frame that shows it; {@code evidence} names the frames of all
 * points.
 */
final class StepsCsv implements ReportWriter {
    static final String FILE = "steps.csv";
    static final List<String> COLUMNS = List.of("flow", "path", "number", "title", "status", "tuple", "packets", "latencyNanos",
            "latencyUncertaintyNanos", "point", "file", "frame", "time", "evidence", "reason");

    private final Path target;
    private CsvSheet sheet;

    StepsCsv(Path target) {
        this.target = target;
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        sheet = new CsvSheet(target, COLUMNS);
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        for (Step step : flow.steps()) {
            sheet.value(flow.id()).shared(flow.path()).shared(step.number()).shared(step.title()).shared(step.status().label())
                    .shared(step.tuple()).value(step.packets()).value(step.latencyNanos()).value(step.latencyUncertaintyNanos())
                    .firstFrame(step.evidence()).frames(step.evidence()).shared(step.reason()).endRow();
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        sheet.commit();
    }

    @Override
    public void close() throws IOException {
        if (sheet != null) {
            sheet.close();
        }
    }
}
