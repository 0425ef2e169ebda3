package io.nattrail.deviation;

import java.util.Locale;

/** How much a deviation matters; in rising order. */
public enum Severity {
    INFO, WARNING, ERROR;

    private final String label = name().toLowerCase(Locale.ROOT);

    /** {@code info}, {@code warning}, {@code error}. */
    public String label() {
        return label;
    }
}
