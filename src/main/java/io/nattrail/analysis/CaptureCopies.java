package io.nattrail.analysis;

import io.nattrail.capture.CaptureReader;
import io.nattrail.capture.UnreadableInputException;
import io.nattrail.wire.FrameView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** Tells copies of captures: one that was compressed and kept, saved once more, or fetched while it still grew shows each packet again. */
final class CaptureCopies {
    private CaptureCopies() {
    }

    /**
     * Which of two files can be left out, since the other one holds all of its frames, in their order, from the first one on. Files that
     * begin with different frames, as almost all do, are told apart by these.
     *
     * @param fewest frames that a copy has at least
     * @return the second one if they hold the same; null if neither can be left out
     */
    static Path spare(Path one, Path other, int fewest) {
        FrameView a = new FrameView();
        FrameView b = new FrameView();
        try (CaptureReader first = CaptureReader.open(one); CaptureReader second = CaptureReader.open(other)) {
            for (long frames = 0;; frames++) {
                boolean more = first.next(a);
                if (!second.next(b)) {
                    return frames >= fewest ? other : null;
                }
                if (!more) {
                    return frames >= fewest ? one : null;
                }
                if (!same(a, b)) {
                    return null;
                }
            }
        } catch (IOException | UnreadableInputException e) {
            // It is opened again to be read; what is wrong with it is said there.
            return null;
        }
    }

    private static boolean same(FrameView a, FrameView b) {
        return a.timeNanos() == b.timeNanos() && a.originalLength() == b.originalLength() && a.linkType() == b.linkType()
                && Arrays.equals(a.buffer(), a.start(), a.start() + a.capturedLength(), b.buffer(), b.start(),
                        b.start() + b.capturedLength());
    }
}
