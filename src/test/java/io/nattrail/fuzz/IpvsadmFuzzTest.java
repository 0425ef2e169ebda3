package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code ipvsadm -Ln} or {@code ipvsadm -Sn}. */
class IpvsadmFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.IPVSADM.survives(input);
    }
}
