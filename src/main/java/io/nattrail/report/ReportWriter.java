package io.nattrail.report;

import io.nattrail.analysis.CaseSink;
import java.io.Closeable;

/**
 * Writes one report file while the case is being analyzed. The file appears under its name only at {@link #end}, complete; closing before
 * that discards what was written. Memory does not grow with the number of flows.
 */
public interface ReportWriter extends CaseSink, Closeable {
}
