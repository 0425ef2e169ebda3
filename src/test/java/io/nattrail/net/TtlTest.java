package io.nattrail.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TtlTest {
    @ParameterizedTest(name = "{0} passed {1} routers")
    @CsvSource({"64, 0", "63, 1", "1, 63", "128, 0", "127, 1", "65, 63", "255, 0", "254, 1", "129, 126"})
    void tellsTheRoutersPassed(int ttl, int routers) {
        assertThat(Ttl.routersPassed(ttl)).isEqualTo(routers);
        assertThat(Ttl.fresh(ttl)).isEqualTo(routers == 0);
    }
}
