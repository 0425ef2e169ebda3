/**
 * Assertions over captures for JUnit 5 tests: begin at {@link io.nattrail.assertj.NatTrailAssertions}, or have a test's parameter filled by
 * {@link io.nattrail.assertj.AnalyzedCase}. Whoever uses them brings AssertJ and JUnit.
 */
package io.nattrail.assertj;
