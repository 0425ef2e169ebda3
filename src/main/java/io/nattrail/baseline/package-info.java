/** Regression: what is expected of a case, in a file that people review, and what differs from it. */
package io.nattrail.baseline;
