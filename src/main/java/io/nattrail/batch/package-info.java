/**
 * Many cases in one run: finding them, sharing the machine among them, and what is said of them together.
 *
 * <p>{@link io.nattrail.batch.BatchRun} leads through it; a {@code ReportFolder} holds what is finished, so that a later run can go on.
 */
package io.nattrail.batch;
