package io.nattrail.analysis;

import io.nattrail.leg.LegTable;
import io.nattrail.wire.FrameView;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * Hands a point's frames on to its leg table: as they come or, where several receive queues or writers mixed them up, in the order of their
 * times. Frames that were mixed up catch up soon, and it happens again; a clock that was set back goes on from there, and is left alone.
 */
final class FrameOrder {
    /** What is behind for longer is so because a clock was set back. The first also bounds what is held. */
    private static final int MOST_FRAMES = 256;
    private static final long MOST_NANOS = 10_000_000_000L;
    private static final long MOST_BYTES = 16 << 20;
    /** A single one may be a clock that was set back a little. */
    private static final int LEAST_MIXED_UP = 2;

    private final LegTable table;
    private final PriorityQueue<Held> held = new PriorityQueue<>();
    private boolean sorting;
    /** How late frames came that were mixed up, at most: frames wait so long for others. */
    private long lateBy;
    /** Frames that had been handed on as they came when sorting began. */
    private long unsorted;
    private long heldBytes;
    private long heldLatest;
    private long sequence;

    private long last = Long.MIN_VALUE;
    private long latest = Long.MIN_VALUE;
    /** Frames in a row whose times are before the latest. */
    private int behind;
    /** By how much, at most. */
    private long behindBy;
    private int mixedUp;
    private long backwards;
    private long greatestStepBack;

    /** A frame that waits for those that come late. */
    private static final class Held implements Comparable<Held> {
        private final FrameView frame = new FrameView();
        private final int file;
        private final long sequence;

        Held(FrameView view, int file, long sequence) {
            byte[] bytes = Arrays.copyOfRange(view.buffer(), view.start(), view.start() + view.capturedLength());
            frame.set(bytes, 0, bytes.length, view.originalLength(), view.timeNanos(), view.timed(), view.number(), view.fileOffset(),
                    view.linkType(), view.interfaceId());
            this.file = file;
            this.sequence = sequence;
        }

        @Override
        public int compareTo(Held other) {
            int order = Long.compare(frame.timeNanos(), other.frame.timeNanos());
            return order != 0 ? order : Long.compare(sequence, other.sequence);
        }
    }

    /** @param lateBy how late frames are known to come at most, nanoseconds; 0 if nothing is known of any */
    FrameOrder(LegTable table, long lateBy) {
        this.table = table;
        this.lateBy = lateBy;
        this.sorting = lateBy > 0;
    }

    /** Frames whose time is before that of the frame before. */
    long backwards() {
        return backwards;
    }

    /** The largest such step, nanoseconds. */
    long greatestStepBack() {
        return greatestStepBack;
    }

    /** Whether frames were mixed up, by no more than can be put right. */
    boolean outOfOrder() {
        return mixedUp >= LEAST_MIXED_UP;
    }

    /** How late frames came that were mixed up, at most, nanoseconds. */
    long lateBy() {
        return lateBy;
    }

    /** Frames that were handed on out of order, since it had not shown yet. */
    long unsorted() {
        return sorting ? unsorted : outOfOrder() ? table.frames() : 0;
    }

    /** From here on frames are put in order. */
    void sort() {
        if (!sorting) {
            sorting = true;
            unsorted = table.frames();
        }
    }

    void add(FrameView frame, int file) {
        long now = frame.timeNanos();
        if (now < latest) {
            fellBehind(now);
        } else {
            if (behind > 0) {
                caughtUp();
            }
            latest = now;
        }
        last = now;
        if (sorting) {
            hold(frame, file);
        } else {
            table.add(frame, file);
        }
    }

    private void fellBehind(long now) {
        if (now < last) {
            backwards++;
            greatestStepBack = Math.max(greatestStepBack, last - now);
        }
        behindBy = Math.max(behindBy, latest - now);
        if (++behind > MOST_FRAMES || behindBy > MOST_NANOS) {
            latest = now;
            behind = 0;
            behindBy = 0;
        }
    }

    private void caughtUp() {
        mixedUp++;
        lateBy = Math.max(lateBy, behindBy);
        behind = 0;
        behindBy = 0;
    }

    private void hold(FrameView frame, int file) {
        long now = frame.timeNanos();
        if (!held.isEmpty() && heldLatest - now > lateBy) {
            flush();
        }
        heldLatest = held.isEmpty() ? now : Math.max(heldLatest, now);
        held.add(new Held(frame, file, sequence++));
        heldBytes += frame.capturedLength();
        while (held.size() > MOST_FRAMES || heldBytes > MOST_BYTES || heldLatest - held.element().frame.timeNanos() > lateBy) {
            handOn(held.remove());
        }
    }

    /** Hands on what still waits. */
    void flush() {
        while (!held.isEmpty()) {
            handOn(held.remove());
        }
    }

    private void handOn(Held first) {
        heldBytes -= first.frame.capturedLength();
        table.add(first.frame, first.file);
    }
}
