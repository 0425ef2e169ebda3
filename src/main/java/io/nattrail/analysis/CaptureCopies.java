package io.nattrail.analysis;

import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Finds captures that are there twice: copied, compressed beside the original, downloaded again. Taken for two places they would show
 * packets where nothing was captured. What is the same in both is each frame's time and bytes, which no two places share.
 */
final class CaptureCopies {
    /** Enough to tell captures apart that are none; all frames are compared only where these agree. */
    private static final int BEGINNING = 16;
    /** One frame alone is too little to conclude anything from. */
    private static final int LEAST = 2;

    private final Map<Long, List<Path>> byBeginning = new HashMap<>();

    /** The capture among those asked for before that holds the same frames; null if there is none. */
    Path copyOf(Path capture) {
        Long beginning = beginning(capture);
        if (beginning == null) {
            return null;
        }
        List<Path> candidates = byBeginning.computeIfAbsent(beginning, b -> new ArrayList<>());
        for (Path candidate : candidates) {
            if (same(candidate, capture)) {
                return candidate;
            }
        }
        candidates.add(capture);
        return null;
    }

    /** What stands for the first frames; null if there are too few, or if they cannot be read. */
    private static Long beginning(Path capture) {
        try (CaptureReader reader = CaptureReader.open(capture)) {
            FrameView frame = new FrameView();
            CRC32 crc = new CRC32();
            int frames = 0;
            long times = 0;
            while (frames < BEGINNING && reader.next(frame)) {
                crc.update(frame.buffer(), frame.start(), frame.capturedLength());
                times = times * 31 + frame.timeNanos();
                frames++;
            }
            return frames < LEAST ? null : Long.valueOf(times ^ crc.getValue());
        } catch (IOException | UnreadableInputException e) {
            // It is opened again to be read; what is wrong with it is said there.
            return null;
        }
    }

    private static boolean same(Path one, Path other) {
        try (CaptureReader first = CaptureReader.open(one); CaptureReader second = CaptureReader.open(other)) {
            FrameView a = new FrameView();
            FrameView b = new FrameView();
            while (first.next(a)) {
                if (!second.next(b) || !same(a, b)) {
                    return false;
                }
            }
            return !second.next(b);
        } catch (IOException | UnreadableInputException e) {
            return false;
        }
    }

    private static boolean same(FrameView a, FrameView b) {
        return a.timeNanos() == b.timeNanos() && a.originalLength() == b.originalLength() && a.linkType() == b.linkType()
                && Arrays.equals(a.buffer(), a.start(), a.start() + a.capturedLength(), b.buffer(), b.start(),
                        b.start() + b.capturedLength());
    }
}
