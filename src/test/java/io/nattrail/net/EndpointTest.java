package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndpointTest {
    @ParameterizedTest
    @ValueSource(strings = {"10.240.0.4:32000", "10.0.0.1:0", "10.0.0.1:65535", "[fd00::1]:443", "[::]:0"})
    void isReadAndWrittenTheSameWay(String text) {
        assertThat(Endpoint.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "10.0.0.1:", ":80", "10.0.0.1:65536", "10.0.0.1:-1", "10.0.0.1:http", "fd00::1:443", "[fd00::1]",
            "host:80"})
    void whatIsNoEndpointIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Endpoint.parse(text));
    }

    @Test
    void isOrderedByAddressThenByPortAsNumbers() {
        assertThat(Stream.of("[::1]:1", "10.0.0.2:1", "10.0.0.1:443", "10.0.0.1:80").map(Endpoint::parse).sorted().map(Endpoint::toString))
                .containsExactly("10.0.0.1:80", "10.0.0.1:443", "10.0.0.2:1", "[::1]:1");
    }

    @Test
    void theAnswersTupleHasTheEndsExchanged() {
        FiveTuple request = new FiveTuple(Protocol.TCP, Endpoint.parse("10.241.0.4:38636"), Endpoint.parse("10.240.0.4:32000"));

        assertThat(request).hasToString("10.241.0.4:38636 -> 10.240.0.4:32000");
        assertThat(request.reversed()).hasToString("10.240.0.4:32000 -> 10.241.0.4:38636");
        assertThat(request.reversed().reversed()).isEqualTo(request);
    }
}
