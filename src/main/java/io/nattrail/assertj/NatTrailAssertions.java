package io.nattrail.assertj;

import io.nattrail.analysis.CaseResult;
import java.nio.file.Path;

/**
 * Where assertions over captures begin.
 *
 * <pre>{@code
 * import static io.nattrail.assertj.NatTrailAssertions.*;
 *
 * assertThatCapture("src/test/captures/web").flow(from("10.241.0.4").to("default/web")).reaches(step("2.0"));
 * assertThatCapture("src/test/captures/lost").onlyFlow().hasVerdict(FAILED).failedAtStep("1.5")
 *         .hasDeviation("request-lost-between-nodes").provenBy("node1-eth0#2");
 * }</pre>
 */
public final class NatTrailAssertions {
    private NatTrailAssertions() {
    }

    /**
     * Analyzes a case and begins an assertion about it.
     *
     * @param path folder of the case, or one capture file
     */
    public static CaseAssert assertThatCapture(Path path) {
        return new CaseAssert(CaptureCases.analyze(path));
    }

    /**
     * Analyzes a case and begins an assertion about it.
     *
     * @param path folder of the case, or one capture file; also one in the class path
     */
    public static CaseAssert assertThatCapture(String path) {
        return assertThatCapture(CaptureCases.find(path));
    }

    /** Begins an assertion about a case that was analyzed already. */
    public static CaseAssert assertThatCase(CaseResult result) {
        return new CaseAssert(result);
    }

    /**
     * Flows of a client.
     *
     * @param client {@code 10.0.0.1}, {@code 10.0.0.0/24}, {@code 10.0.0.1:80}
     */
    public static FlowQuery from(String client) {
        return FlowQuery.ANY.from(client);
    }

    /**
     * Flows to a service.
     *
     * @param service {@code namespace/name}, {@code 10.0.0.1:80}, {@code :32000}
     */
    public static FlowQuery to(String service) {
        return FlowQuery.ANY.to(service);
    }

    /**
     * Flows that were given to an endpoint.
     *
     * @param endpoint {@code namespace/pod}, {@code 10.244.1.2}, {@code 10.244.1.2:8443}
     */
    public static FlowQuery via(String endpoint) {
        return FlowQuery.ANY.via(endpoint);
    }

    /**
     * A step of the path.
     *
     * @param number e.g. {@code 1.2.1} or {@code 2.0}
     */
    public static StepNumber step(String number) {
        return new StepNumber(number);
    }
}
