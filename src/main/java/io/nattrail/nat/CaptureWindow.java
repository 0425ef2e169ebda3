package io.nattrail.nat;

import java.util.List;

/**
 * When a point captured, on its own clock.
 *
 * @param first {@code Long.MAX_VALUE} without frames
 * @param last {@code Long.MIN_VALUE} without frames
 * @param longestSilence between two frames
 * @param cutShort whether damage ended the last file: what came after may have been captured all the same
 * @param silences the longest of them
 */
public record CaptureWindow(long first, long last, long longestSilence, boolean cutShort, List<Silence> silences) {
    public CaptureWindow {
        silences = List.copyOf(silences);
    }

    public boolean empty() {
        return last == Long.MIN_VALUE;
    }
}
