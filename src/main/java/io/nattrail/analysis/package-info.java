/**
 * The three movements over one case: gather, join, judge.
 *
 * <p>{@link io.nattrail.analysis.CaseAnalyzer} leads through them. {@code CaseFinder} and {@code PointRoles} tell what the files are,
 * {@code Gathering} reads all points side by side, {@code Joining} folds connections while they are read. What comes out goes flow by flow
 * to a {@link io.nattrail.analysis.CaseSink}.
 */
package io.nattrail.analysis;
