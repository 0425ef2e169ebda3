/** Detectors, the catalogue of deviations, verdicts and root causes. */
package io.nattrail.deviation;
