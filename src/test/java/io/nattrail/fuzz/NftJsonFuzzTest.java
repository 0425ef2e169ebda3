package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code nft -j list ruleset}. */
class NftJsonFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.NFT_JSON.survives(input);
    }
}
