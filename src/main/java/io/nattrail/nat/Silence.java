package io.nattrail.nat;

/**
 * A time in which a capture shows nothing at all.
 *
 * @param from time of the frame before it, on the capture's own clock
 * @param to time of the frame after it
 * @param fileMissing whether files between those two frames are known to be missing
 */
public record Silence(long from, long to, boolean fileMissing) {
}
