package io.nattrail.deviation;

import java.util.Locale;

/** How much a deviation matters; in rising order. */
public enum Severity {
    INFO, WARNING, ERROR;

    /** {@code info}, {@code warning}, {@code error}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
