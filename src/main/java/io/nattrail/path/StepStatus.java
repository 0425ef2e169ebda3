package io.nattrail.path;

/** What is known of one step of one flow. */
public enum StepStatus {
    /** Packets of this step are in a capture. */
    OBSERVED("observed"),
    /** Inside the kernel or at a point that was not captured; concluded from packets before and after it. */
    INFERRED("inferred"),
    /** A point that was captured should have shown it and did not. */
    MISSING("missing"),
    /** The path does not take this step for this flow. */
    NOT_APPLICABLE("not-applicable"),
    /** Nothing was captured that could show it, and nothing after it proves it. */
    NOT_CAPTURED("not-captured");

    private final String label;

    StepStatus(String label) {
        this.label = label;
    }

    /** The word in reports. */
    public String label() {
        return label;
    }
}
