package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any tar, plain or compressed, and any zip. */
class ArchiveFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.ARCHIVE.survives(input);
    }
}
