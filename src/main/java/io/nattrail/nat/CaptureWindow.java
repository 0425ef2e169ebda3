package io.nattrail.nat;

import java.util.List;

/**
 * When a point captured, on its own clock.
 *
 * @param first {@code Long.MAX_VALUE} without frames
 * @param last {@code Long.MIN_VALUE} without frames
 * @param frames that it shows
 * @param longestSilence between two frames
 * @param cutShort whether damage ended the last file: what came after may have been captured all the same
 * @param silences the longest of them
 */
public record CaptureWindow(long first, long last, long frames, long longestSilence, boolean cutShort, List<Silence> silences) {
    public CaptureWindow {
        silences = List.copyOf(silences);
    }

    public boolean empty() {
        return last == Long.MIN_VALUE;
    }

    /**
     * How long the point may have captured before its first frame, or after its last, and yet shown nothing; in nanoseconds. A busy point
     * is hardly ever silent for longer than it once was; the fewer silences there are to go by, as at a bridge without traffic, the less
     * the longest of them says of the next one. Of frames that come at random, with a mean silence m, one in twenty of the next silences is
     * longer than 19 m where one silence is known, 5 m where three are, 3 m where many are, and the longest of these is as much.
     */
    long silenceBeyond() {
        if (frames < 2 || first == last) {
            return Long.MAX_VALUE;
        }
        double known = frames - 1;
        return (long) (longestSilence * (1 + 18 / (known * known)));
    }
}
