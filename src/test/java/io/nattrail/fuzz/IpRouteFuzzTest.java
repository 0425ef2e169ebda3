package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code ip route}. */
class IpRouteFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.IP_ROUTE.survives(input);
    }
}
