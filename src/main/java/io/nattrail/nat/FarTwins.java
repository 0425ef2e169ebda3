package io.nattrail.nat;

import io.nattrail.leg.Rows;
import java.util.Arrays;

/** What an outage parted: each packet takes the first twin that is left, wherever it lies. Reused. */
final class FarTwins {
    private final PacketTwins twins;
    /** What the packets of the first place that have no twin hold, as a number, and their rows; sorted. */
    private long[] keys = new long[64];
    /** For each key the next that has no twin yet, or one before that. */
    private int[] left = new int[65];

    FarTwins(PacketTwins twins) {
        this.twins = twins;
    }

    void match(Rows up, Rows down) {
        int count = 0;
        if (keys.length < up.count()) {
            keys = new long[up.count() * 2];
            left = new int[keys.length + 1];
        }
        boolean numbered = !twins.numberedAnew && allNumbered(up, twins.downOf) && allNumbered(down, twins.upOf);
        int wholeBelow = Math.min(wholeBelow(up, twins.downOf), wholeBelow(down, twins.upOf));
        for (int i = 0; i < up.count(); i++) {
            if (twins.downOf[i] == PacketMatcher.LOST) {
                keys[count++] = (long) contents(up, i, numbered, wholeBelow) << 32 | i;
            }
        }
        Arrays.sort(keys, 0, count);
        for (int k = 0; k <= count; k++) {
            left[k] = k;
        }
        for (int j = 0; j < down.count(); j++) {
            if (twins.upOf[j] != PacketMatcher.LOST) {
                continue;
            }
            int hash = contents(down, j, numbered, wholeBelow);
            for (int k = left(lowerBound(count, hash)); k < count && (int) (keys[k] >> 32) == hash; k = left(k + 1)) {
                int i = (int) keys[k];
                if (up.samePacket(i, down, j) && twins.mayBeTwins(up.identification(i), down.identification(j))) {
                    twins.pair(i, j);
                    left[k] = k + 1;
                    break;
                }
            }
        }
    }

    /** The first key from one on that has no twin yet; the way there gets shorter each time. */
    private int left(int key) {
        int k = key;
        while (left[k] != k) {
            left[k] = left[left[k]];
            k = left[k];
        }
        return k;
    }

    private static boolean allNumbered(Rows rows, int[] fates) {
        for (int row = 0; row < rows.count(); row++) {
            if (fates[row] == PacketMatcher.LOST && rows.identification(row) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Payloads that are shorter were all captured whole. */
    private static int wholeBelow(Rows rows, int[] fates) {
        int least = Integer.MAX_VALUE;
        for (int row = 0; row < rows.count(); row++) {
            if (fates[row] == PacketMatcher.LOST && rows.length(row) > 0 && !rows.whole(row)) {
                least = Math.min(least, rows.length(row));
            }
        }
        return least;
    }

    /** The same number for twins. Of datagrams, which have no sequence numbers, nothing but the payload tells those of one length apart. */
    private static int contents(Rows rows, int row, boolean numbered, int wholeBelow) {
        int payload = rows.length(row) > 0 && rows.length(row) < wholeBelow ? rows.crc(row) : 0;
        int name = numbered ? rows.identification(row) : 0;
        return (int) (RowFacts.mix((long) RowFacts.numbersHash(rows, row) << 32 ^ payload ^ (long) name << 32) >>> 32);
    }

    private int lowerBound(int count, int hash) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if ((int) (keys[middle] >> 32) < hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
