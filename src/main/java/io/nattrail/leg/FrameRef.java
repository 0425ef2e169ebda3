package io.nattrail.leg;

/**
 * A frame as the user finds it in Wireshark: the proof of a statement.
 *
 * @param point name of the capture point
 * @param file name of the file within the case
 * @param number frame number as Wireshark counts, from 1
 * @param timeNanos nanoseconds since 1970 on that point's own clock
 */
public record FrameRef(String point, String file, long number, long timeNanos) {
}
