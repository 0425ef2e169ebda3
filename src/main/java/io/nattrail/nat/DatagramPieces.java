package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.Crc32c;
import java.util.Arrays;

/**
 * Datagrams that one place shows one by one and another as one: a sender hands the kernel many at once (UDP_SEGMENT, as QUIC does), and it
 * cuts them where the first card cannot; a receiver has the kernel merge what comes (UDP_GRO), also to forward it. A capture shows them as
 * they pass it. Found by the bytes: what several hold one after the other is what the others hold.
 */
final class DatagramPieces {
    /** So many datagrams make the largest one (Linux, UDP_MAX_SEGMENTS). */
    private static final int MOST_PIECES = 128;
    private static final int MOST_BYTES = 0xffff;
    /** So many datagrams that have no twin lie between a datagram and its pieces, where some were lost. */
    private static final int AHEAD = 32;

    private final Crc32c crc = new Crc32c();
    private Rows up;
    private Rows down;
    /** Rows of the second side that have no twin. */
    private int[] strangers = new int[64];
    private int upEnd;
    private int downEnd;

    /**
     * Marks what is in other datagrams of the other side as {@link PacketMatcher#RESEGMENTED}.
     *
     * @param downOf the fate of each row of the first side
     * @param upOf the origin of each row of the second
     * @return how many of the first side were found
     */
    int find(Rows up, Rows down, int[] downOf, int[] upOf) {
        this.up = up;
        this.down = down;
        int count = strangers(upOf);
        int found = 0;
        int next = 0;
        int from = 0;
        for (int i = 0; i < up.count() && next < count; i++) {
            if (downOf[i] >= 0) {
                from = Math.max(from, downOf[i] + 1);
            }
            if (downOf[i] != PacketMatcher.LOST) {
                continue;
            }
            while (next < count && strangers[next] < from) {
                next++;
            }
            for (int candidate = next; candidate < Math.min(count, next + AHEAD); candidate++) {
                int j = strangers[candidate];
                if (joins(i, downOf, j, upOf)) {
                    found += mark(i, upEnd, downOf);
                    mark(j, downEnd, upOf);
                    from = downEnd;
                    break;
                }
            }
        }
        return found;
    }

    /** Lists the rows of the second side that have no twin; how many there are. */
    private int strangers(int[] upOf) {
        int count = 0;
        for (int j = 0; j < down.count(); j++) {
            if (upOf[j] == PacketMatcher.LOST) {
                if (count == strangers.length) {
                    strangers = Arrays.copyOf(strangers, count * 2);
                }
                strangers[count++] = j;
            }
        }
        return count;
    }

    private static int mark(int first, int end, int[] fates) {
        for (int row = first; row < end; row++) {
            fates[row] = PacketMatcher.RESEGMENTED;
        }
        return end - first;
    }

    /** Whether as many datagrams from two rows on hold the same bytes; all of them have no twin, and lie one after the other. */
    private boolean joins(int i, int[] downOf, int j, int[] upOf) {
        if (up.length(i) == down.length(j) || !mayBePiece(up, i) || !mayBePiece(down, j)) {
            return false;
        }
        int upBytes = up.length(i);
        int downBytes = down.length(j);
        upEnd = i + 1;
        downEnd = j + 1;
        while (upBytes != downBytes) {
            boolean ofUp = upBytes < downBytes;
            Rows rows = ofUp ? up : down;
            int row = ofUp ? upEnd++ : downEnd++;
            if (row >= rows.count() || (ofUp ? downOf : upOf)[row] != PacketMatcher.LOST || !mayBePiece(rows, row)
                    || upEnd - i > MOST_PIECES || downEnd - j > MOST_PIECES) {
                return false;
            }
            upBytes += ofUp ? rows.length(row) : 0;
            downBytes += ofUp ? 0 : rows.length(row);
            if (Math.max(upBytes, downBytes) > MOST_BYTES) {
                return false;
            }
        }
        return allWhole(up, i, upEnd) && allWhole(down, j, downEnd) ? sum(up, i, upEnd) == sum(down, j, downEnd)
                : cutAlike(up, i, upEnd, down, j) || cutAlike(down, j, downEnd, up, i);
    }

    private static boolean allWhole(Rows rows, int first, int end) {
        for (int row = first; row < end; row++) {
            if (!rows.whole(row)) {
                return false;
            }
        }
        return true;
    }

    /** The checksum of the bytes of several rows, one after the other. */
    private int sum(Rows rows, int first, int end) {
        int sum = rows.crc(first);
        for (int row = first + 1; row < end; row++) {
            sum = crc.join(sum, rows.crc(row), rows.length(row));
        }
        return sum;
    }

    private static boolean mayBePiece(Rows rows, int row) {
        return rows.length(row) > 0 && !rows.fragment(row);
    }

    /**
     * Whether rows, whose bytes were not all captured, are what one large datagram is cut into: all of one length, but the last, which is
     * no longer; the first has the large one's identification.
     */
    private static boolean cutAlike(Rows pieces, int first, int end, Rows large, int row) {
        for (int piece = first + 1; piece < end; piece++) {
            if (pieces.length(piece) != pieces.length(first) && (piece < end - 1 || pieces.length(piece) > pieces.length(first))) {
                return false;
            }
        }
        return end - first > 1 && pieces.identification(first) == large.identification(row);
    }
}
