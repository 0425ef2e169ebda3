package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any capture in gzip, zstd or lz4. */
class CompressedFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.COMPRESSED.survives(input);
    }
}
