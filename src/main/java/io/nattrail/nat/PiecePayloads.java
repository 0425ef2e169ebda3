package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.Crc32c;
import io.nattrail.wire.SequenceNumber;
import java.util.Arrays;

/** Compares the bytes of TCP segments with those of the pieces into which offload cut them, or from which it merged them. */
final class PiecePayloads {
    private static final int NONE = -1;

    private final Crc32c crc = new Crc32c();
    private int[] pieces = new int[64];

    /**
     * The row of the other side that shows a part of a segment with other bytes: the piece whose checksum is wrong, or else the first of
     * those that together differ. -1 if the bytes are the same, or if the pieces are not all there once and whole.
     */
    int alteredPiece(Rows rows, int row, Rows other, int[] twin) {
        int count = collect(rows, row, other, twin);
        int need = rows.seq(row);
        int joined = 0;
        int altered = NONE;
        for (int i = 0; i < count; i++) {
            int piece = pieces[i];
            if (other.seq(piece) != need || !other.whole(piece)) {
                return NONE;
            }
            joined = crc.join(joined, other.crc(piece), other.length(piece));
            need += other.length(piece);
            if (altered == NONE || other.checksum(piece) == Rows.CHECKSUM_WRONG && other.checksum(altered) != Rows.CHECKSUM_WRONG) {
                altered = piece;
            }
        }
        return need == rows.seq(row) + rows.length(row) && joined != rows.crc(row) ? altered : NONE;
    }

    /** What may be pieces of a segment, in the order of their bytes: some may have overtaken others. */
    private int collect(Rows rows, int row, Rows other, int[] twin) {
        int count = 0;
        int misses = 0;
        for (int k = ByteRanges.scanStart(other, rows.seq(row)); k < other.count() && misses < ByteRanges.AHEAD; k++) {
            if (twin[k] != PacketMatcher.RESEGMENTED || rows.sharedBytes(row, other, k) == 0) {
                misses++;
                continue;
            }
            misses = 0;
            if (count == pieces.length) {
                pieces = Arrays.copyOf(pieces, count * 2);
            }
            int at = count++;
            for (; at > 0 && SequenceNumber.isAfter(other.seq(pieces[at - 1]), other.seq(k)); at--) {
                pieces[at] = pieces[at - 1];
            }
            pieces[at] = k;
        }
        return count;
    }
}
