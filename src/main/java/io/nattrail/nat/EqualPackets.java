package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.Arrays;

/**
 * Packets that nothing in them tells apart. Packets without identification (RFC 6864) and timestamps are equal if they say the same:
 * keep-alives, what answers them, window updates, what is sent again, and what answers a SYN that is sent again, a RST or the SYN-ACK for a
 * client without timestamps. Where a place shows fewer of them than the other, the order alone pairs the wrong ones; the right ones took
 * about as long as the packets that are told apart did, or as the clocks say where there are none.
 */
final class EqualPackets {
    /** What took so much longer than others may be another that says the same. */
    private static final long LEAST_DOUBT_NANOS = 10_000_000L;
    private static final long LONGEST_WAIT_NANOS = 2_000_000_000L;

    private final PacketTwins twins;
    private boolean[] doubtful = new boolean[64];
    private boolean anyDoubt;

    EqualPackets(PacketTwins twins) {
        this.twins = twins;
    }

    void reset() {
        anyDoubt = false;
    }

    /** Whether another packet at one of the places is equal in all that both show, so that the pair may be a wrong one. */
    boolean doubtful(int up) {
        return anyDoubt && doubtful[up];
    }

    /** @param expected what a packet takes by the clocks; {@code Long.MIN_VALUE} if they do not tell */
    void settle(Rows up, Rows down, long expected) {
        if (!anyStranger(up, down)) {
            return;
        }
        long usual = usualDelay(up, down);
        boolean known = usual != Long.MIN_VALUE;
        if (!known && expected == Long.MIN_VALUE) {
            return;
        }
        anyDoubt = true;
        if (doubtful.length < up.count()) {
            doubtful = new boolean[up.count() * 2];
        }
        Arrays.fill(doubtful, 0, up.count(), false);
        long[] ups = equalPacketsByContent(up);
        long[] downs = equalPacketsByContent(down);
        int j = 0;
        for (int i = 0; i < ups.length;) {
            int hash = (int) (ups[i] >> 32);
            while (j < downs.length && (int) (downs[j] >> 32) < hash) {
                j++;
            }
            Alike sent = new Alike(up, ups, i, endOf(ups, i, hash));
            Alike came = new Alike(down, downs, j, endOf(downs, j, hash));
            // A single SYN-ACK or RST has no equal, and may take its time.
            boolean single = sent.end - i == 1 && came.end - j == 1 && opensOrResets(up, sent.row(i));
            if (!single) {
                pairByTime(sent, came, known ? usual : expected, known);
            }
            i = sent.end;
            j = came.end;
        }
    }

    private static int endOf(long[] order, int from, int hash) {
        int end = from;
        while (end < order.length && (int) (order[end] >> 32) == hash) {
            end++;
        }
        return end;
    }

    /** Whether one of them is left without twin, or so late that others overtook it. */
    private boolean anyStranger(Rows up, Rows down) {
        for (int j = 0; j < down.count(); j++) {
            if (!twins.mayHaveEqual(down, j)) {
                continue;
            }
            int i = twins.upOf[j];
            if (i == PacketMatcher.LOST || i >= 0 && overtaken(up, i, j)) {
                return true;
            }
        }
        for (int i = 0; i < up.count(); i++) {
            if (twins.downOf[i] == PacketMatcher.LOST && twins.mayHaveEqual(up, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean overtaken(Rows up, int i, int j) {
        return i > 0 && twins.downOf[i - 1] > j || i + 1 < up.count() && twins.downOf[i + 1] >= 0 && twins.downOf[i + 1] < j;
    }

    /** A packet of a connection's course that another one of the same sender may equal in everything; of SYN and RST few have a second. */
    static boolean nameless(Rows rows, int row) {
        return rows.identification(row) == 0 && !rows.timestamps(row) && !opensOrResets(rows, row);
    }

    private static boolean opensOrResets(Rows rows, int row) {
        return (rows.flags(row) & (PacketView.SYN | PacketView.RST)) != 0;
    }

    /** The median delay of packets that are told apart, as data are unless sent again; {@code Long.MIN_VALUE} without any. */
    private long usualDelay(Rows up, Rows down) {
        long[] delays = new long[up.count()];
        int count = 0;
        for (int i = 0; i < up.count(); i++) {
            if (twins.downOf[i] >= 0 && (up.length(i) > 0 || !twins.mayHaveEqual(up, i))) {
                delays[count++] = down.time(twins.downOf[i]) - up.time(i);
            }
        }
        Arrays.sort(delays, 0, count);
        return count == 0 ? Long.MIN_VALUE : delays[count / 2];
    }

    private long[] equalPacketsByContent(Rows rows) {
        long[] found = new long[rows.count()];
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            if (twins.mayHaveEqual(rows, row)) {
                found[count++] = (long) (RowFacts.numbersHash(rows, row) ^ rows.flags(row) * 0x9e3779b1) << 32 | row;
            }
        }
        Arrays.sort(found, 0, count);
        return Arrays.copyOf(found, count);
    }

    /** Packets of one place that equal each other, in their order: the rows from {@code from} to before {@code end} of {@code order}. */
    private record Alike(Rows rows, long[] order, int from, int end) {
        private int row(int k) {
            return (int) order[k];
        }

        private long time(int k) {
            return rows.time(row(k));
        }
    }

    /** Pairs equal packets in their order, leaving out those whose neighbour fits the usual delay better. */
    private void pairByTime(Alike up, Alike down, long usual, boolean known) {
        for (int k = up.from; k < up.end; k++) {
            int i = up.row(k);
            if (twins.downOf[i] >= 0 && twins.alteredTo[i] < 0 && twins.mayHaveEqual(down.rows, twins.downOf[i])) {
                twins.part(i);
            }
        }
        int k = up.from;
        int l = down.from;
        while (k < up.end && l < down.end) {
            int i = up.row(k);
            int j = down.row(l);
            long off = Math.abs(down.time(l) - up.time(k) - usual);
            // What answers packets that came in a burst is one, too: there the order tells more than the moment.
            boolean inTurn = off <= LEAST_DOUBT_NANOS && opensOrResets(up.rows, i);
            boolean moreDown = down.end - l > up.end - k;
            boolean moreUp = up.end - k > down.end - l;
            if (!inTurn && l + 1 < down.end && fitsBetter(Math.abs(down.time(l + 1) - up.time(k) - usual), off, moreDown)) {
                l++;
            } else if (!inTurn && k + 1 < up.end && fitsBetter(Math.abs(down.time(l) - up.time(k + 1) - usual), off, moreUp)) {
                k++;
            } else {
                boolean free = twins.downOf[i] == PacketMatcher.LOST && twins.upOf[j] == PacketMatcher.LOST;
                if (free && up.rows.samePacket(i, down.rows, j) && (!known || off <= LONGEST_WAIT_NANOS)) {
                    twins.pair(i, j);
                    doubtful[i] = !known || off > LEAST_DOUBT_NANOS;
                }
                k++;
                l++;
            }
        }
    }

    /**
     * Whether the next one is the likelier twin. Where the other place has as many left, so that none has to be left out, the order tells
     * more than what all waited in a queue, unless the next is where it should be.
     */
    private static boolean fitsBetter(long next, long off, boolean surplus) {
        return next < off && (surplus || off > LEAST_DOUBT_NANOS && next <= LEAST_DOUBT_NANOS);
    }
}
