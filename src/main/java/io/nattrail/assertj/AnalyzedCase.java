package io.nattrail.assertj;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Fills a parameter or a field of a JUnit 5 test with an analyzed case. Its type is {@link io.nattrail.analysis.CaseResult} or
 * {@link CaseAssert}. A case is analyzed once for each test class, however many tests use it.
 *
 * <pre>{@code
 * @Test
 * void theServiceAnswers(@AnalyzedCase("src/test/captures/web") CaseAssert web) {
 *     web.hasNoDeviationsWorseThan(Severity.INFO);
 * }
 * }</pre>
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.PARAMETER, ElementType.FIELD})
@ExtendWith(AnalyzedCaseExtension.class)
public @interface AnalyzedCase {
    /** Folder of the case, or one capture file: from the folder in which the tests run, or in the class path. */
    String value();
}
