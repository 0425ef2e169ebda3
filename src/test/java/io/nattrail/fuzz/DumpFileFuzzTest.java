package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any file that is handed over as a dump: of any kind, in gzip, in UTF-16. */
class DumpFileFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.DUMP_FILE.survives(input);
    }
}
