package io.nattrail.cli;

import io.nattrail.analysis.Progress;
import java.io.Closeable;
import java.io.PrintWriter;
import java.util.Locale;

/** One line on standard error during long work; it appears only after a moment, and disappears at the end. */
final class ProgressBar implements Progress, Closeable {
    private static final long QUIET_NANOS = 700_000_000L;
    private static final long INTERVAL_NANOS = 100_000_000L;
    private static final int CELLS = 30;

    private final PrintWriter err;
    private String label;
    private final boolean unicode;
    private final long quietNanos;
    private final long start = System.nanoTime();
    private long last = start;
    private int shown;

    ProgressBar(PrintWriter err, String label, boolean unicode) {
        this(err, label, unicode, QUIET_NANOS);
    }

    /** @param quietNanos work that is done sooner shows no line */
    ProgressBar(PrintWriter err, String label, boolean unicode, long quietNanos) {
        this.err = err;
        this.label = label;
        this.unicode = unicode;
        this.quietNanos = quietNanos;
    }

    /** Changes what stands before the bar. */
    synchronized void label(String text) {
        label = text;
    }

    @Override
    public synchronized void progress(long done, long total) {
        long now = System.nanoTime();
        if (now - start < quietNanos || now - last < INTERVAL_NANOS) {
            return;
        }
        last = now;
        double seconds = (now - start) / 1e9;
        String rate = String.format(Locale.ROOT, "%.0f MB, %.0f MB/s", done / 1e6, done / 1e6 / seconds);
        String text = label + "  " + rate;
        if (total > 0) {
            double share = Math.min(1, (double) done / total);
            int full = (int) (share * CELLS);
            String bar = (unicode ? "\u2501" : "=").repeat(full) + (unicode ? "\u2500" : "-").repeat(CELLS - full);
            long left = share > 0 ? Math.round(seconds * (1 - share) / share) : 0;
            text = String.format(Locale.ROOT, "%s  %s %3.0f %%  %s, %s left", label, bar, share * 100, rate, time(left));
        }
        show(text);
    }

    /** Takes the line away. */
    @Override
    public synchronized void close() {
        if (shown > 0) {
            err.print("\r" + " ".repeat(shown) + "\r");
            err.flush();
            shown = 0;
        }
    }

    private static String time(long seconds) {
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7200 ? seconds / 60 + " min" : seconds / 3600 + " h " + seconds / 60 % 60 + " min";
    }

    private void show(String text) {
        err.print("\r" + text + " ".repeat(Math.max(0, shown - text.length())));
        err.flush();
        shown = text.length();
    }
}
