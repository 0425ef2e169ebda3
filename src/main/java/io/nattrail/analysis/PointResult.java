package io.nattrail.analysis;

import io.nattrail.capture.FrameIndex;
import io.nattrail.capture.FrameNumbers;
import io.nattrail.leg.CapturePoint;
import io.nattrail.wire.FrameView;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;

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
     * @param source where to read its frames again. No report prints it.
     */
    public record FileResult(String file, String format, String compression, List<String> linkTypes, long packets, long capturedBytes,
            long wireBytes, Long firstTimeNanos, Long lastTimeNanos, List<DamageResult> damage, Long dropped, Integer snapLength,
            Source source) {
        public FileResult {
            Objects.requireNonNull(source);
        }
    }

    /**
     * The frames of a point in a file on this machine.
     *
     * @param interfaces numbers of the file's interfaces whose frames are the point's; null for all
     * @param frames numbers of the file's frames that are the point's, where the captures of several were merged; null for all
     * @param index where some of the file's frames begin; null if that was not noted
     */
    public record Source(Path path, Set<Integer> interfaces, FrameNumbers frames, FrameIndex index) {
        public Source {
            interfaces = interfaces == null ? null : Set.copyOf(interfaces);
        }

        /** A file of which nothing was noted. */
        public Source(Path path, Set<Integer> interfaces) {
            this(path, interfaces, null, null);
        }

        /** Whether a frame of the file is the point's. */
        public boolean holds(FrameView frame) {
            return (interfaces == null || interfaces.contains(frame.interfaceId())) && (frames == null || frames.contains(frame.number()));
        }
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
