package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProtocolTest {
    @ParameterizedTest
    @CsvSource({"1, icmp", "6, tcp", "17, udp", "58, icmpv6", "132, sctp"})
    void hasItsIanaNumberAndItsNameInReports(int number, String label) {
        assertThat(Protocol.ofNumber(number).label()).isEqualTo(label);
    }

    @ParameterizedTest
    @EnumSource
    void isFoundByItsNumber(Protocol protocol) {
        assertThat(Protocol.ofNumber(protocol.number())).isSameAs(protocol);
    }

    @Test
    void aProtocolThatIsNotFollowedHasNone() {
        assertThatIllegalArgumentException().isThrownBy(() -> Protocol.ofNumber(47)).withMessageContaining("47");
    }
}
