package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.Crc32c;
import io.nattrail.wire.SequenceNumber;

/** Compares the bytes of TCP segments with those of the pieces into which offload cut them, or from which it merged them. */
final class PiecePayloads {
    private static final int NONE = -1;

    private final Crc32c crc = new Crc32c();

    /**
     * The row of the other side that shows a part of a segment with other bytes: the piece whose checksum is wrong, or else the first of
     * those that together differ. -1 if the bytes are the same, or if the pieces are not all there once, whole and one after the other.
     */
    int alteredPiece(Rows rows, int row, Rows other, int[] twin) {
        int start = rows.seq(row);
        int end = start + rows.length(row);
        int need = start;
        int joined = 0;
        int altered = NONE;
        boolean wrong = false;
        int misses = 0;
        for (int k = ByteRanges.scanStart(other, start); k < other.count() && misses < ByteRanges.AHEAD; k++) {
            misses++;
            if (twin[k] != PacketMatcher.RESEGMENTED || rows.sharedBytes(row, other, k) == 0) {
                continue;
            }
            if (other.seq(k) != need || !other.whole(k) || SequenceNumber.isAfter(need + other.length(k), end)) {
                return NONE;
            }
            joined = crc.join(joined, other.crc(k), other.length(k));
            need += other.length(k);
            misses = 0;
            if (altered == NONE || !wrong && other.checksum(k) == Rows.CHECKSUM_WRONG) {
                altered = k;
                wrong = other.checksum(k) == Rows.CHECKSUM_WRONG;
            }
        }
        return need == end && joined != rows.crc(row) ? altered : NONE;
    }
}
