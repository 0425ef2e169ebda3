package io.nattrail.analysis;

import io.nattrail.wire.FrameView;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Frames that several files of one point hold: one capture began before the one before it was stopped, or a file of a ring was fetched
 * while it grew and another time later. The kernel stamps a packet once, whoever captures it, so that such a frame has the same time and
 * the same bytes in both. It is told by a hash of them; only frames from the time on at which the next file begins are kept in mind.
 */
final class SharedFrames {
    /** Eight megabytes and a few more; two captures that ran side by side for long may share more. */
    private static final int MOST = 1 << 18;

    private final List<Path> files;
    private final Set<Long> earlier = new HashSet<>();
    private final Set<Long> own = new HashSet<>();
    private final CRC32C crc = new CRC32C();
    private long from = Long.MAX_VALUE;
    private long count;

    /** @param files in the order of their first frames */
    SharedFrames(List<Path> files) {
        this.files = files;
    }

    /** Another file begins. */
    void begin(int number) {
        earlier.addAll(own);
        own.clear();
        count = 0;
        from = number + 1 < files.size() ? firstTime(files.get(number + 1)) : Long.MAX_VALUE;
    }

    /** Whether a file before this one holds the frame. */
    boolean holds(FrameView frame) {
        if (earlier.isEmpty() && frame.timeNanos() < from) {
            return false;
        }
        long hash = hash(frame);
        if (frame.timeNanos() >= from && earlier.size() + own.size() < MOST) {
            own.add(hash);
        }
        boolean known = earlier.contains(hash);
        count += known ? 1 : 0;
        return known;
    }

    /** How many frames of the file that is read now others hold. */
    long count() {
        return count;
    }

    private long hash(FrameView frame) {
        crc.reset();
        crc.update(frame.buffer(), frame.start(), frame.capturedLength());
        long contents = crc.getValue() << 32 ^ frame.originalLength() << 8 ^ frame.interfaceId();
        return (frame.timeNanos() ^ contents * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L;
    }

    private static long firstTime(Path file) {
        FrameView first = CaseFinder.firstFrame(file);
        return first != null && first.timed() ? first.timeNanos() : Long.MAX_VALUE;
    }
}
