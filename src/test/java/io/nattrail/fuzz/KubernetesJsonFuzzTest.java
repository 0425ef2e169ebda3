package io.nattrail.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import org.junit.jupiter.api.Timeout;

/** Any {@code kubectl get -o json}. */
class KubernetesJsonFuzzTest {
    @Timeout(60)
    @FuzzTest
    void survives(byte[] input) {
        Target.KUBERNETES_JSON.survives(input);
    }
}
