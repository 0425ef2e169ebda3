/**
 * The result of a case as files and on the terminal. Writers are projections of one stream of results: none computes.
 *
 * <p>{@link io.nattrail.report.ReportSet} writes the files that were asked for, each by a {@link io.nattrail.report.ReportWriter} that
 * {@link io.nattrail.report.ReportWriters} lists. {@code Html...} classes make {@code report.html}, whose scripts and styles are resources;
 * {@code Terminal...} classes the summary on the terminal.
 */
package io.nattrail.report;
