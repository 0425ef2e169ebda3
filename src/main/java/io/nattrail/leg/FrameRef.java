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
    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof FrameRef that && number == that.number && timeNanos == that.timeNanos && point.equals(that.point)
                && file.equals(that.file);
    }

    @Override
    public int hashCode() {
        return (31 * point.hashCode() + file.hashCode()) * 31 + Long.hashCode(number);
    }
}
