package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any pcapng file. */
class PcapngFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.PCAPNG.survives(input);
    }
}
