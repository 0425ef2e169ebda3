package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any frame of any link type. */
class DecoderFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.DECODER.survives(input);
    }
}
