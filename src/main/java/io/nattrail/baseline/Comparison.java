package io.nattrail.baseline;

import java.util.List;
import java.util.Objects;

/**
 * A case held against a baseline.
 *
 * @param checks one for each entry, and for all flows that no entry is about, in order
 */
public record Comparison(List<Check> checks) {
    public Comparison {
        checks = List.copyOf(checks);
    }

    /** Compares what a case is with what is expected of it. */
    public static Comparison of(Baseline baseline, CaseProfile profile) {
        return new Comparer(baseline, profile).compare();
    }

    /** What is not as expected; empty if all is. */
    public List<Difference> differences() {
        return checks.stream().map(Check::difference).filter(Objects::nonNull).toList();
    }

    /**
     * One comparison.
     *
     * @param title which flows
     * @param difference null if they are as expected
     */
    public record Check(String title, Difference difference) {
    }
}
