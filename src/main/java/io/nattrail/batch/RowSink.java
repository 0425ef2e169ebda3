package io.nattrail.batch;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.report.Unexplained;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/** Sums a case up while it goes by. */
final class RowSink implements CaseSink {
    private final SortedMap<String, Long> deviations = new TreeMap<>();
    private final List<String> points = new ArrayList<>();
    private final Unexplained unexplained = new Unexplained();
    private long packets;
    private long bytes;
    private Severity worst;
    private CaseFindings findings;

    @Override
    public void begin(CaseHeader header) {
        for (PointResult point : header.points()) {
            points.add(point.point().name());
            for (PointResult.FileResult file : point.files()) {
                packets += file.packets();
                bytes += file.capturedBytes();
            }
        }
    }

    @Override
    public void flow(FlowResult flow) {
        flow.deviations().forEach(this::count);
        unexplained.add(flow);
    }

    @Override
    public void end(CaseFindings findings) {
        this.findings = findings;
        findings.deviations().forEach(this::count);
    }

    /**
     * The row, once the case has ended.
     *
     * @param files names of the reports
     */
    CaseRow row(BatchCase item, List<String> files) {
        CaseFindings.Summary summary = findings.summary();
        CaseFindings.RootCause first = unexplained.first(summary.rootCauses());
        CaseRow.Cause cause = first == null ? null : new CaseRow.Cause(first.code(),
                Severity.valueOf(first.severity().toUpperCase(Locale.ROOT)), first.step(), first.flows(), first.message(), first.remedy());
        return new CaseRow(item.name(), item.folder(), files, state(summary), summary.flows(), summary.ok(), summary.degraded(),
                summary.failed(), summary.undetermined(), worst, cause, deviations, points, packets, bytes, null, null);
    }

    private static CaseState state(CaseFindings.Summary summary) {
        if (summary.failed() > 0) {
            return CaseState.FAILED;
        }
        if (summary.degraded() > 0) {
            return CaseState.DEGRADED;
        }
        if (summary.undetermined() > 0) {
            return CaseState.UNDETERMINED;
        }
        return summary.flows() > 0 ? CaseState.OK : CaseState.EMPTY;
    }

    private void count(Deviation deviation) {
        deviations.merge(deviation.code(), 1L, Long::sum);
        if (worst == null || deviation.severity().compareTo(worst) > 0) {
            worst = deviation.severity();
        }
    }
}
