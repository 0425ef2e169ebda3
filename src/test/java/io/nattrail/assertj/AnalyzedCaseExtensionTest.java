package io.nattrail.assertj;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.nattrail.analysis.CaseResult;
import io.nattrail.report.SampleCases;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;

class AnalyzedCaseExtensionTest {
    private static final String HAPPY = "captures/kubeproxy-happy-cross-node";

    /** What was analyzed, in order. */
    private static final List<Path> ANALYZED = new java.util.concurrent.CopyOnWriteArrayList<>();
    private static final ConcurrentLinkedQueue<CaseResult> SEEN = new ConcurrentLinkedQueue<>();

    @BeforeEach
    void forget() {
        ANALYZED.clear();
        SEEN.clear();
    }

    private static Events run(Class<?> tests) {
        return EngineTestKit.engine("junit-jupiter").selectors(selectClass(tests)).configurationParameter("testkit", "true")
                .execute().testEvents();
    }

    /** With an analysis that only notes what it was asked for: the cases are told apart by it, not read. */
    static class Noting {
        @RegisterExtension
        static final AnalyzedCaseExtension EXTENSION = new AnalyzedCaseExtension(path -> {
            ANALYZED.add(path);
            return SampleCases.happy();
        });
    }

    static class Users extends Noting {
        @AnalyzedCase(HAPPY)
        private static CaseResult shared;

        @AnalyzedCase(HAPPY)
        private CaseResult own;

        @AnalyzedCase(HAPPY)
        private CaseAssert claims;

        @BeforeAll
        static void isFilledBeforeAll(@AnalyzedCase(HAPPY) CaseResult parameter) {
            assertThat(shared).isNotNull().isSameAs(parameter);
        }

        @Test
        void first(@AnalyzedCase(HAPPY) CaseResult parameter, @AnalyzedCase("captures/lost-between-nodes") CaseResult other) {
            assertThat(own).isSameAs(parameter).isSameAs(shared).isNotSameAs(other);
            claims.hasNoDeviations();
            SEEN.add(own);
        }

        @Test
        void second() {
            SEEN.add(own);
        }

        @Nested
        class Inner {
            @Test
            void third(@AnalyzedCase(HAPPY) CaseResult parameter) {
                SEEN.add(parameter);
            }
        }
    }

    @Test
    void aCaseIsAnalyzedOnceForAClassHoweverManyUseIt() {
        run(Users.class).assertStatistics(stats -> stats.succeeded(3).failed(0));

        assertThat(ANALYZED).containsExactlyInAnyOrder(Path.of(HAPPY), Path.of("captures/lost-between-nodes"));
        assertThat(SEEN).hasSize(3).allSatisfy(one -> assertThat(one).isSameAs(SEEN.peek()));
    }

    static class WrongType extends Noting {
        @Test
        void test(@AnalyzedCase(HAPPY) String text) {
            assertThat(text).isNull();
        }
    }

    static class NoCase extends Noting {
        @Test
        void test(@AnalyzedCase("captures/none") CaseResult none) {
            assertThat(none).isNull();
        }
    }

    static class Final extends Noting {
        @AnalyzedCase(HAPPY)
        private final CaseResult never = null;

        @Test
        void test() {
            assertThat(never).isNull();
        }
    }

    @Test
    void whatCannotBeFilledSaysWhy() {
        assertThat(failure(WrongType.class)).contains("neither a CaseResult nor a CaseAssert");
        assertThat(failure(NoCase.class)).contains(Path.of("captures/none").toAbsolutePath().toString());
        assertThat(failure(Final.class)).contains("is final");
    }

    private static String failure(Class<?> tests) {
        return run(tests).failed().stream().map(event -> event.getRequiredPayload(org.junit.platform.engine.TestExecutionResult.class)
                .getThrowable().orElseThrow()).map(thrown -> {
                    StringBuilder text = new StringBuilder();
                    for (Throwable at = thrown; at != null; at = at.getCause()) {
                        text.append(at.getMessage()).append('\n');
                    }
                    return text.toString();
                }).findFirst().orElse("nothing failed");
    }
}
