/** The result of a case as files and on the terminal. Writers are projections of one stream of results: none computes. */
package io.nattrail.report;
