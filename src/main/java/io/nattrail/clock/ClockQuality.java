package io.nattrail.clock;

/** How sure the offset of a clock is; the best first. */
public enum ClockQuality {
    /** It is the clock that the others are compared with. */
    REFERENCE("reference"),
    /** Packets crossed in both directions: the interval is guaranteed. */
    BOUNDED("bounded"),
    /** Packets crossed in one direction only. */
    ONE_SIDED("one-sided"),
    /** No line fits: a clock was set, or the two were not one clock. */
    CONTRADICTORY("contradictory"),
    /** Nothing crossed. */
    UNKNOWN("unknown");

    private final String label;

    ClockQuality(String label) {
        this.label = label;
    }

    /** The word in reports. */
    public String label() {
        return label;
    }
}
