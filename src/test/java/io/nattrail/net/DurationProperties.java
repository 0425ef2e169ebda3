package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.RoundingMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;

/** Digits are those of the exact value, rounded half up, whatever the size. */
class DurationProperties {
    @Property(tries = 5000)
    void threeDigitsThatMatterRoundedHalfUp(@ForAll @LongRange(min = -119_999_999_999L, max = 119_999_999_999L) long nanos) {
        String[] parts = Duration.of(nanos).split(" ");
        int exponent = switch (parts[1]) {
            case "ns" -> 0;
            case "µs" -> 3;
            case "ms" -> 6;
            default -> 9;
        };
        BigDecimal shown = new BigDecimal(parts[0]);
        assertThat(shown).isEqualByComparingTo(BigDecimal.valueOf(nanos, exponent).setScale(shown.scale(), RoundingMode.HALF_UP));
        assertThat(exponent == 0 || shown.precision() == 3).as("three digits in %s", parts[0]).isTrue();
    }
}
