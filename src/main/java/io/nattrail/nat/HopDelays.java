package io.nattrail.nat;

import io.nattrail.leg.Rows;
import java.util.Arrays;

/** How long the packets of one hop took, by clocks as far apart as they were at its first packets. Reused; not for several threads. */
final class HopDelays {
    private static final int CROSSINGS_BLOCK = 32;
    private static final long LEAST_DRIFT_NANOS = 1_000_000L;

    private final FoldContext context;
    private final PacketMatcher matcher;
    private HopSides hop;
    private Rows up;
    private Rows down;
    private boolean drifting;
    private long[] delays = new long[64];
    private int count;
    private long first;
    private int slowest;
    private long slowestDelay;
    private int quickest;

    HopDelays(FoldContext context, PacketMatcher matcher) {
        this.context = context;
        this.matcher = matcher;
    }

    void begin(HopSides sides) {
        hop = sides;
        up = sides.up();
        down = sides.down();
        if (delays.length < up.count()) {
            delays = new long[up.count() * 2];
        }
        drifting = drifting();
        count = 0;
        first = 0;
        slowest = -1;
        quickest = -1;
    }

    /** Whether clocks drifted so far apart meanwhile that it tells among the delays; of a few packets less is easily thought. */
    private boolean drifting() {
        if (down.count() == 0) {
            return false;
        }
        int from = hop.a().point();
        int to = hop.b().point();
        long begin = context.drifted(from, up.time(0), to, down.time(0));
        return Math.abs(context.drifted(from, up.time(up.count() - 1), to, down.time(down.count() - 1)) - begin) > LEAST_DRIFT_NANOS;
    }

    /** Takes a packet that arrived. Only the quickest packet of a block bounds the clocks. */
    void delivered(int row) {
        long delay = delay(row);
        if (count == 0) {
            first = delay;
        }
        // The packets of a long flow are compared by clocks that do not drift.
        long steady = delay - drifted(row);
        delays[count++] = steady;
        if (slowest < 0 || steady > slowestDelay) {
            slowest = matcher.downOf(row);
            slowestDelay = steady;
        }
        if (!matcher.doubtful(row) && (quickest < 0 || delay < delay(quickest))) {
            quickest = row;
        }
        if (count % CROSSINGS_BLOCK == 0) {
            bound();
        }
    }

    private void bound() {
        if (quickest >= 0 && hop.a().point() != hop.b().point()) {
            context.crossed(hop.a().point(), up.time(quickest), hop.b().point(), down.time(matcher.downOf(quickest)));
        }
        quickest = -1;
    }

    /** What the packets took, behind the last of them. */
    HopDelay end() {
        bound();
        if (count == 0) {
            return HopDelay.NONE;
        }
        Arrays.sort(delays, 0, count);
        long median = delays[count / 2];
        int row = tookSteadily(median);
        long drift = drifted(row);
        return new HopDelay(delays[0] + drift, median + drift, down.time(matcher.downOf(row)), delays[count - 1] + drift, first,
                SeenFrame.of(down, slowest, hop.b().point()));
    }

    /** The first packet that took so long by clocks that do not drift. */
    private int tookSteadily(long delay) {
        int row = 0;
        while (matcher.downOf(row) < 0 || delay(row) - drifted(row) != delay) {
            row++;
        }
        return row;
    }

    private long delay(int row) {
        return down.time(matcher.downOf(row)) - up.time(row);
    }

    private long drifted(int row) {
        return !drifting ? 0 : context.drifted(hop.a().point(), up.time(row), hop.b().point(), down.time(matcher.downOf(row)));
    }
}
