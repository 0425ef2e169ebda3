package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any pcap file. */
class PcapFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.PCAP.survives(input);
    }
}
