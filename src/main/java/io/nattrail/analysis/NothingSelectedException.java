package io.nattrail.analysis;

import java.io.IOException;
import java.time.Instant;
import java.util.Locale;

/** What the user asked for leaves nothing to tell of: silence would look like health. */
public final class NothingSelectedException extends IOException {
    private static final long serialVersionUID = 1L;
    private static final long SECOND = 1_000_000_000L;

    private final String time;

    /** All packets of the captures, which the filter rejected. */
    static NothingSelectedException packets(long count) {
        return new NothingSelectedException(count, "packet", null);
    }

    /**
     * Connections, of which none is selected.
     *
     * @param startNanos first packet of them, nanoseconds since 1970
     * @param endNanos last packet
     */
    static NothingSelectedException connections(long count, long startNanos, long endNanos) {
        return new NothingSelectedException(count, "connection",
                Instant.ofEpochSecond(Math.floorDiv(startNanos, SECOND)) + ".."
                        + Instant.ofEpochSecond(Math.floorDiv(endNanos, SECOND) + 1));
    }

    private NothingSelectedException(long count, String what, String time) {
        super(String.format(Locale.ROOT, "none of %,d %s%s fits", count, what, count == 1 ? "" : "s"));
        this.time = time;
    }

    /** When the connections were, in full seconds, as {@code FROM..TO}; null of packets. */
    public String time() {
        return time;
    }

    /** Whether it was the filter of packets, not the selection of flows. */
    public boolean byFilter() {
        return time == null;
    }
}
