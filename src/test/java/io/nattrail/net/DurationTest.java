package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationTest {
    @ParameterizedTest
    @CsvSource({"0, 0 ns", "999, 999 ns", "1000, 1.00 µs", "21400, 21.4 µs", "999400, 999 µs", "999500, 1.00 ms", "1500000, 1.50 ms",
        "-1500000, -1.50 ms", "999499999, 999 ms", "3020000000, 3.02 s", "63000000000, 63.0 s", "312000000000, 5 min 12 s",
        "312600000000, 5 min 13 s", "-312000000000, -5 min 12 s", "7500000000000, 2 h 5 min",
        "-1763912040000000000, -20415 d 15 h"})
    void hasThreeDigitsInTheUnitThatFits(long nanos, String text) {
        assertThat(Duration.of(nanos)).isEqualTo(text);
    }
}
