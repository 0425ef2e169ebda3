package io.nattrail.cli;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import java.util.List;
import java.util.Locale;

/** From which severity on a deviation makes the exit status 1; a failed connection counts as an error. */
enum FailOn {
    INFO(Severity.INFO), WARNING(Severity.WARNING), ERROR(Severity.ERROR), NEVER(null);

    private final Severity severity;

    FailOn(Severity severity) {
        this.severity = severity;
    }

    /** The severity, or null for never. */
    Severity severity() {
        return severity;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Watches a case go by and remembers whether anything in it is that severe. */
    static final class Watch implements CaseSink {
        private final Severity threshold;
        private boolean reached;

        Watch(FailOn failOn) {
            threshold = failOn.severity;
        }

        @Override
        public void begin(CaseHeader header) {
            reached = false;
        }

        @Override
        public void flow(FlowResult flow) {
            // A connection that failed is an error, whether or not a finding says why.
            reached |= threshold != null && flow.verdict() == Verdict.FAILED;
            look(flow.deviations());
        }

        @Override
        public void end(CaseFindings findings) {
            look(findings.deviations());
        }

        int exitStatus() {
            return reached ? ExitStatus.DEVIATIONS : ExitStatus.OK;
        }

        private void look(List<Deviation> deviations) {
            if (threshold == null || reached) {
                return;
            }
            for (Deviation deviation : deviations) {
                reached |= deviation.severity().compareTo(threshold) >= 0;
            }
        }
    }
}
