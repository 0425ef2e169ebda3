package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** {@code deviations.csv}: one row for each deviation of each flow, then those of the case, whose {@code flow} is empty. */
final class DeviationsCsv implements ReportWriter {
    static final String FILE = "deviations.csv";
    static final List<String> COLUMNS = List.of("flow", "client", "service", "code", "severity", "step", "point", "message", "remedy",
            "evidencePoint", "file", "frame", "time", "evidence", "consequences");

    private final Path target;
    private CsvSheet sheet;

    DeviationsCsv(Path target) {
        this.target = target;
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        sheet = new CsvSheet(target, COLUMNS);
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        for (Deviation deviation : flow.deviations()) {
            sheet.value(flow.id()).endpoint(flow.client()).endpoint(flow.service());
            rest(deviation);
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        for (Deviation deviation : findings.deviations()) {
            sheet.value(null).text(null).text(null);
            rest(deviation);
        }
        sheet.commit();
    }

    @Override
    public void close() throws IOException {
        if (sheet != null) {
            sheet.close();
        }
    }

    private void rest(Deviation deviation) throws IOException {
        sheet.shared(deviation.code()).shared(deviation.severity().label()).shared(deviation.step()).shared(deviation.point())
                .text(deviation.message()).text(deviation.remedy())
                .firstFrame(deviation.evidence()).frames(deviation.evidence()).texts(deviation.consequences()).endRow();
    }
}
