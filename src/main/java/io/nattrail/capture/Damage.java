package io.nattrail.capture;

/**
 * Something in a capture file that could not be read as it should. Damage is data: what came before it counts, and reading goes on where
 * that is safe.
 *
 * @param file the file as the user named it
 * @param fileOffset where it begins, in the uncompressed stream
 * @param frameNumber number that the frame there has or would have
 * @param kind short and stable: {@code cut}, {@code bad-length}, {@code bad-block}, {@code bad-section}, {@code unknown-interface},
 *        {@code compression}, {@code zeros}, {@code bad-option}, {@code bad-time}, {@code too-many-interfaces}, {@code version}
 * @param lost what was found there, and what was lost by it
 */
public record Damage(String file, long fileOffset, long frameNumber, String kind, String lost) {
    /** Whether the capture is known only up to there: packets that came later may have been captured all the same. */
    public boolean endsCapture() {
        return switch (kind) {
            case "bad-option", "bad-time", "version" -> false;
            default -> true;
        };
    }
}
