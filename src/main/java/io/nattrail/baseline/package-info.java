/**
 * Regression: what is expected of a case, in a file that people review, and what differs from it.
 *
 * <p>A {@link io.nattrail.baseline.CaseProfile} is what a case shows now, a {@link io.nattrail.baseline.Baseline} what is expected,
 * {@link io.nattrail.baseline.BaselineFile} its YAML, and a {@link io.nattrail.baseline.Comparison} the differences between the two.
 */
package io.nattrail.baseline;
