/**
 * Detectors, the catalogue of deviations, verdicts and root causes.
 *
 * <p>{@link io.nattrail.deviation.CaseFacts} is filled in a first walk over all flows. In the second each {@code Detector} looks at one
 * flow with these facts beside it, {@link io.nattrail.deviation.Judge} folds consequences into causes and reaches the verdict, and
 * {@link io.nattrail.deviation.CaseJudge} sums up the case. {@link io.nattrail.deviation.Catalogue} holds what is to be said of each type.
 */
package io.nattrail.deviation;
