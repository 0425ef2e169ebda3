package io.nattrail.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
    @ParameterizedTest
    @CsvSource({"1, 1", "4096, 4096", "500M, 524288000", "4g, 4294967296", "1T, 1099511627776"})
    void readsASizeWithAUnit(String text, long bytes) {
        assertThat(Sizes.parse(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "M", "1.5G", "10 MB", "999999999999999T"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> Sizes.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'" + text + "'");
    }

    @Test
    void writesThreeFigures() {
        assertThat(Sizes.of(999)).isEqualTo("999 bytes");
        assertThat(Sizes.of(1536)).isEqualTo("1.5 KB");
        assertThat(Sizes.of(20_480L << 20)).isEqualTo("20 GB");
    }
}
