package io.nattrail.report;

import io.nattrail.deviation.Severity;

/**
 * What the user chose that changes what reports say.
 *
 * @param failOn deviations from this severity on count as failures; null if none do
 */
public record ReportOptions(Severity failOn) {
    /** As without any option. */
    public static final ReportOptions DEFAULT = new ReportOptions(Severity.ERROR);
}
