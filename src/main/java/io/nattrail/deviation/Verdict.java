package io.nattrail.deviation;

import java.util.Locale;

/** What became of a flow. */
public enum Verdict {
    /** The exchange was complete, nothing of severity warning or worse. */
    OK,
    /** Answered, with deviations of severity warning or worse. */
    DEGRADED,
    /** No answer, refused, reset before the exchange was complete, or cut off. */
    FAILED,
    /** The captures do not tell; the report says what is missing. */
    UNDETERMINED;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
