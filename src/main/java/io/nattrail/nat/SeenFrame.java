package io.nattrail.nat;

import io.nattrail.leg.Rows;

/**
 * A frame by numbers; names are put to it when it is reported.
 *
 * @param point number of the capture point
 * @param file number of the file among the point's files
 * @param number frame number as Wireshark counts
 * @param timeNanos on the point's own clock
 */
public record SeenFrame(int point, int file, long number, long timeNanos) {
    static SeenFrame of(Rows rows, int row, int point) {
        return new SeenFrame(point, rows.file(row), rows.number(row), rows.time(row));
    }

    // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

    @Override
    public boolean equals(Object other) {
        return other instanceof SeenFrame that && number == that.number && point == that.point && file == that.file
                && timeNanos == that.timeNanos;
    }

    @Override
    public int hashCode() {
        return (31 * point + file) * 31 + Long.hashCode(number);
    }
}
