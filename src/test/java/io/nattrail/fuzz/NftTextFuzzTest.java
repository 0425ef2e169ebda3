package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code nft list ruleset}. */
class NftTextFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.NFT_TEXT.survives(input);
    }
}
