package io.nattrail.leg;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A clock was set while its point captured, between two frames of one file.
 *
 * @param point number of the capture point
 * @param file number of the file among the point's files
 * @param lastBefore the last frame before it that is known, as Wireshark counts; 0 if it may be the file's first
 * @param timeBefore that frame's time
 * @param firstAfter the first frame after it that is known
 * @param timeAfter that frame's time
 * @param aheadNanos how far the clock was set ahead; negative if back
 */
public record ClockStep(int point, int file, long lastBefore, long timeBefore, long firstAfter, long timeAfter, long aheadNanos) {
    /** Whether a frame of the point was captured after it. */
    public boolean before(int frameFile, long frame) {
        return frameFile > file || frameFile == file && frame >= firstAfter;
    }

    /**
     * The same step between those two frames in the doubtful stretch between which the time leaps most.
     *
     * @param undone how far ahead other steps were that the times of the legs' rows were freed of; the times told are the file's
     */
    ClockStep sharpened(List<Leg> legs, long undone) {
        SortedMap<Long, Long> times = new TreeMap<>();
        Rows held = new Rows();
        for (Leg leg : legs) {
            held.clear();
            leg.copyRows(held);
            for (int row = 0; row < held.count(); row++) {
                if (held.file(row) == file && held.number(row) >= lastBefore && held.number(row) <= firstAfter) {
                    times.put(held.number(row), held.time(row));
                }
            }
        }
        long before = lastBefore;
        long beforeNanos = timeBefore;
        long after = firstAfter;
        long afterNanos = timeAfter;
        long most = Long.MIN_VALUE;
        long previous = 0;
        long previousTime = 0;
        for (Map.Entry<Long, Long> frame : times.entrySet()) {
            long leap = Long.signum(aheadNanos) * (frame.getValue() - previousTime);
            if (previous > 0 && leap > most) {
                most = leap;
                before = previous;
                beforeNanos = previousTime;
                after = frame.getKey();
                afterNanos = frame.getValue();
            }
            previous = frame.getKey();
            previousTime = frame.getValue();
        }
        return new ClockStep(point, file, before, beforeNanos + undone, after, afterNanos + undone, aheadNanos);
    }
}
