package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code iptables-save}. */
class IptablesSaveFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.IPTABLES_SAVE.survives(input);
    }
}
