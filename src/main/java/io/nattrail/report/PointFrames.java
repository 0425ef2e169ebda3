package io.nattrail.report;

import io.nattrail.analysis.PointResult;
import io.nattrail.capture.CaptureReader;
import io.nattrail.wire.FrameView;
import java.io.Closeable;
import java.io.IOException;

/** The frames of a point's files, one after the other, with the time that they have on the reference clock. */
final class PointFrames implements Closeable {
    private final PointResult result;
    private final FrameView frame = new FrameView();
    private final long offsetNanos;
    private final double driftPpm;
    private final long firstNanos;
    private int next;
    private CaptureReader reader;
    private PointResult.FileResult file;
    private boolean present;
    private long alignedNanos;
    private int lastLinkType = -1;
    private int lastInterface = -1;

    PointFrames(PointResult result) {
        this.result = result;
        PointResult.ClockResult clock = result.clock();
        boolean aligned = clock != null && clock.offsetNanos() != null;
        offsetNanos = aligned ? clock.offsetNanos() : 0;
        driftPpm = aligned ? clock.driftPpm() : 0;
        firstNanos = result.files().stream().filter(f -> f.firstTimeNanos() != null).mapToLong(PointResult.FileResult::firstTimeNanos).min()
                .orElse(0);
    }

    /** Goes to the next frame; afterwards {@link #present} tells whether there is one. */
    void advance() throws IOException {
        while (true) {
            if (reader == null && !open()) {
                present = false;
                return;
            }
            while (reader.next(frame)) {
                if (file.source().holds(frame)) {
                    present = true;
                    long time = frame.timeNanos();
                    alignedNanos = time - offsetNanos - Math.round((time - firstNanos) * driftPpm / 1e6);
                    return;
                }
            }
            reader.close();
            reader = null;
        }
    }

    private boolean open() throws IOException {
        if (next == result.files().size()) {
            return false;
        }
        file = result.files().get(next++);
        reader = CaptureReader.open(file.source().path());
        return true;
    }

    PointResult result() {
        return result;
    }

    boolean present() {
        return present;
    }

    FrameView frame() {
        return frame;
    }

    /** Name of the file of the frame. */
    String file() {
        return file.file();
    }

    long alignedNanos() {
        return alignedNanos;
    }

    /** Link type of the interface that was last used for this point, or -1. */
    int lastLinkType() {
        return lastLinkType;
    }

    int lastInterface() {
        return lastInterface;
    }

    void remember(int linkType, int interfaceId) {
        lastLinkType = linkType;
        lastInterface = interfaceId;
    }

    @Override
    public void close() throws IOException {
        if (reader != null) {
            reader.close();
        }
    }
}
