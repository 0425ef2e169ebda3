package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.Crc32c;

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
        int found = 0;
        int from = 0;
        for (int i = 0; i < up.count() && from < down.count(); i++) {
            if (downOf[i] >= 0) {
                from = Math.max(from, downOf[i] + 1);
            }
            if (downOf[i] != PacketMatcher.LOST) {
                continue;
            }
            int candidates = 0;
            for (int j = from; j < down.count() && candidates < AHEAD; j++) {
                if (upOf[j] != PacketMatcher.LOST) {
                    continue;
                }
                candidates++;
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
        int upSum = up.crc(i);
        int downSum = down.crc(j);
        boolean whole = up.whole(i) && down.whole(j);
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
            if (ofUp) {
                upBytes += up.length(row);
                upSum = crc.join(upSum, up.crc(row), up.length(row));
            } else {
                downBytes += down.length(row);
                downSum = crc.join(downSum, down.crc(row), down.length(row));
            }
            whole &= rows.whole(row);
            if (Math.max(upBytes, downBytes) > MOST_BYTES) {
                return false;
            }
        }
        return whole ? upSum == downSum : cutAlike(up, i, upEnd, down, j) || cutAlike(down, j, downEnd, up, i);
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
