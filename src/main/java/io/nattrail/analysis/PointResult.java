package io.nattrail.analysis;

import io.nattrail.leg.CapturePoint;
import java.util.List;

/**
 * A capture point of the case with its files and its clock.
 *
 * @param copies frames that are copies made by capturing, folded
 * @param otherPackets packets that belong to no flow of the path
 */
public record PointResult(CapturePoint point, List<FileResult> files, ClockResult clock, long copies, long otherPackets) {
    public PointResult {
        files = List.copyOf(files);
    }

    /**
     * One file.
     *
     * @param firstTimeNanos of the first packet with a time stamp, null without any
     * @param damage one sentence each, empty if sound
     * @param dropped packets that the capture itself lost, as the file says; null if it does not say
     */
    public record FileResult(String file, String format, String compression, List<String> linkTypes, long packets, long capturedBytes,
            long wireBytes, Long firstTimeNanos, Long lastTimeNanos, List<DamageResult> damage, Long dropped, Integer snapLength) {
    }

    /** Damage: place and what was lost. */
    public record DamageResult(long fileOffset, long frameNumber, String kind, String lost) {
    }

    /**
     * How the point's clock stands to the reference's.
     *
     * @param offsetNanos how far this clock is ahead at the point's first packet: aligned time = time - offset; null if unknown
     * @param driftPpm how much it gains, parts per million
     * @param uncertaintyNanos half the width of the guaranteed interval; null if unbounded
     * @param quality {@code reference}, {@code bounded}, {@code one-sided}, {@code unknown}, {@code contradictory}
     * @param minOffsetNanos lower end of the guaranteed interval, null if unbounded
     * @param maxOffsetNanos upper end of the guaranteed interval, null if unbounded
     */
    public record ClockResult(Long offsetNanos, double driftPpm, Long uncertaintyNanos, boolean reference, String quality,
            Long minOffsetNanos, Long maxOffsetNanos) {
    }
}
