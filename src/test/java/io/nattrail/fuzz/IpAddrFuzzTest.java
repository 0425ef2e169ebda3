package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code ip addr}. */
class IpAddrFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.IP_ADDR.survives(input);
    }
}
