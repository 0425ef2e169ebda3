package io.nattrail.leg;

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
}
