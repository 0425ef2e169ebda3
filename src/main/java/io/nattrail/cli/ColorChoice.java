package io.nattrail.cli;

import java.util.Locale;

/** When to use colours. */
enum ColorChoice {
    AUTO, ALWAYS, NEVER;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
