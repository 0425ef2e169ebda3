package io.nattrail.analysis;

import java.io.IOException;
import java.util.Locale;

/** What the user asked for leaves nothing to tell of: silence would look like health. */
public final class NothingSelectedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final boolean byFilter;

    /**
     * @param count how many there were to select from
     * @param byFilter whether they are packets, and the filter rejected all of them; else connections, and none is selected
     */
    NothingSelectedException(long count, boolean byFilter) {
        super(String.format(Locale.ROOT, "none of %,d %s%s fits", count, byFilter ? "packet" : "connection", count == 1 ? "" : "s"));
        this.byFilter = byFilter;
    }

    /** Whether it was the filter of packets, not the selection of flows. */
    public boolean byFilter() {
        return byFilter;
    }
}
