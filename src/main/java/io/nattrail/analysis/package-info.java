/** The three movements over one case: gather, join, judge. */
package io.nattrail.analysis;
