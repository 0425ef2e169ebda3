package io.nattrail.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SequenceNumberTest {
    @Test
    void comparesAcrossTheWrap() {
        assertThat(SequenceNumber.isAfter(5, 0xfffffff0)).isTrue();
        assertThat(SequenceNumber.isBefore(0xfffffff0, 5)).isTrue();
        assertThat(SequenceNumber.isAfter(7, 7)).isFalse();
        assertThat(SequenceNumber.isAfterOrEqual(7, 7)).isTrue();
        assertThat(SequenceNumber.latest(5, 0xfffffff0)).isEqualTo(5);
    }
}
