package io.nattrail.nat;

/**
 * A frame by numbers; names are put to it when it is reported.
 *
 * @param point number of the capture point
 * @param file number of the file among the point's files
 * @param number frame number as Wireshark counts
 * @param timeNanos on the point's own clock
 */
public record SeenFrame(int point, int file, long number, long timeNanos) {
}
