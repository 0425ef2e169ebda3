package io.nattrail.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A short run of each target in every run of the tests, the same each time: so many damaged copies of its inputs, without Jazzer's agent in
 * the process that all other tests share. The long runs are Jazzer's.
 */
class ShortFuzzTest {
    private static final int TRIES = 150;

    @ParameterizedTest
    @EnumSource(Target.class)
    void damagedInputsAreSurvived(Target target) throws Exception {
        List<byte[]> inputs = target.inputs();
        assertThat(inputs).isNotEmpty();
        SplittableRandom random = new SplittableRandom(target.name().hashCode());
        for (int i = 0; i < TRIES; i++) {
            byte[] one = inputs.get(random.nextInt(inputs.size()));
            byte[] input = new Mutator(random.nextLong()).mutate(one, inputs.get(random.nextInt(inputs.size())));
            try {
                target.survives(input);
            } catch (RuntimeException | AssertionError e) {
                Path kept = Path.of("target/fuzz", target + "-" + Integer.toHexString(Arrays.hashCode(input)));
                Files.createDirectories(kept.getParent());
                throw new AssertionError("see " + Files.write(kept, input), e);
            }
        }
    }
}
