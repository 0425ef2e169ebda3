/** Many cases in one run: finding them, sharing the machine among them, and what is said of them together. */
package io.nattrail.batch;
