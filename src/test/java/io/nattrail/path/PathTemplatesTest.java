package io.nattrail.path;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

class PathTemplatesTest {
    static final List<PathTemplate> ALL = PathTemplates.ALL;

    @ParameterizedTest
    @FieldSource("ALL")
    void numbersAreUniqueAndInOrder(PathTemplate template) {
        assertThat(template.steps()).extracting(StepTemplate::number).doesNotHaveDuplicates()
                .isSortedAccordingTo(Comparator.comparing(PathTemplatesTest::parts, Arrays::compare))
                .startsWith("1.1").endsWith("2.0");
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void requestsComeBeforeAnswersAndWhatIsOnAWireSaysWhere(PathTemplate template) {
        assertThat(template.steps()).extracting(StepTemplate::direction).isSorted();
        assertThat(template.steps()).filteredOn(step -> step.tuple() == StepTemplate.TupleKind.CLUSTER_IP
                || step.tuple() == StepTemplate.TupleKind.DESTINATION_CHOSEN).allMatch(StepTemplate::inKernel);
        assertThat(template.steps().get(0).inKernel()).isFalse();
    }

    @Test
    void namesAreUnique() {
        assertThat(ALL).extracting(PathTemplate::name).doesNotHaveDuplicates();
    }

    /** Those of the specification; stages inside the kernel in brackets. */
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', value = {
        "nodeport     | 1.1 (1.2) (1.2.1) (1.2.2) 1.3 1.4 1.5 1.6 2.0",
        "loadbalancer | 1.1 (1.2) (1.2.1) (1.2.2) 1.3 1.4 1.5 1.6 2.0",
        "clusterip    | 1.1 (1.2) 1.3 1.4 1.5 1.6 2.0",
        "pod-to-pod   | 1.1 1.3 1.4 1.5 1.6 2.0",
        "egress       | 1.1 (1.2) 1.3 1.6 2.0"})
    void haveTheStepsOfTheSpecification(String name, String steps) {
        PathTemplate template = ALL.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();

        assertThat(template.steps()).extracting(step -> step.inKernel() ? "(" + step.number() + ")" : step.number())
                .containsExactly(steps.split(" "));
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"nodeport,1.2.1,1.2.1", "nodeport,2.0,2.0", "clusterip,1.2.1,1.2", "clusterip,1.2.2,1.2", "clusterip,1.3,1.3",
        "pod-to-pod,1.2.1,1.1", "egress,1.5,1.3"})
    void whatAPathHasNoStepOfItsOwnForBelongsToTheOneBefore(String name, String asked, String step) {
        PathTemplate template = ALL.stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();

        assertThat(template.stepOf(asked)).isEqualTo(step);
    }

    private static int[] parts(String number) {
        return Arrays.stream(number.split("\\.")).mapToInt(Integer::parseInt).toArray();
    }
}
