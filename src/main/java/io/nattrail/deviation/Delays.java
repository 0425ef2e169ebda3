package io.nattrail.deviation;

import java.util.Arrays;

/** Times that many packets or answers took, with their quantiles. */
final class Delays {
    private long[] values = new long[16];
    private int count;

    void add(long value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = value;
    }

    Delays copy() {
        Delays copy = new Delays();
        copy.values = Arrays.copyOf(values, count);
        copy.count = count;
        return copy;
    }

    int count() {
        return count;
    }

    void sort() {
        Arrays.sort(values, 0, count);
    }

    /** In the order of their numbers: as added, and by size once they are sorted. */
    long get(int number) {
        return values[number];
    }

    /** Of sorted values. */
    long quantile(double share) {
        return values[(int) Math.min(count - 1, Math.floor(share * count))];
    }

    /** Of sorted values. */
    int above(long limit) {
        return Ways.above(values, count, limit);
    }
}
