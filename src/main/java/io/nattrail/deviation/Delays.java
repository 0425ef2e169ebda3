package io.nattrail.deviation;

import java.util.Arrays;

/** Times that many packets or answers took, with their quantiles. */
final class Delays {
    /** In widths of the middle half of the values. */
    private static final int FAR_APART = 5;

    private long[] values = new long[16];
    private int count;
    /** How many of the sorted values are those of the usual way. */
    private int usual;

    void add(long value) {
        if (count == values.length) {
            values = Arrays.copyOf(values, count * 2);
        }
        values[count++] = value;
    }

    int count() {
        return count;
    }

    void sort() {
        Arrays.sort(values, 0, count);
        usual = usual();
    }

    /**
     * A gap that is much wider than the usual values lie apart parts a slower group from them, such as what takes a slow one of several
     * equal paths. More than half are usual, whatever gaps there are.
     */
    private int usual() {
        int part = count;
        for (int i = count / 2 + 1; i < count; i++) {
            if (part == count || values[i] - values[i - 1] > values[part] - values[part - 1]) {
                part = i;
            }
        }
        return part < count && values[part] - values[part - 1] > FAR_APART * middleHalf(part) ? part : count;
    }

    /** Of sorted values. */
    long quantile(double share) {
        return values[(int) Math.min(count - 1, Math.floor(share * count))];
    }

    /** How far the middle half of the usual ones among sorted values lie apart. */
    long spread() {
        return middleHalf(usual);
    }

    private long middleHalf(int first) {
        return values[(int) (0.75 * first)] - values[(int) (0.25 * first)];
    }

    /** Of sorted values. */
    int above(long limit) {
        return Ways.above(values, count, limit);
    }
}
