package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code conntrack -L} or {@code conntrack -E}. */
class ConntrackFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.CONNTRACK.survives(input);
    }
}
