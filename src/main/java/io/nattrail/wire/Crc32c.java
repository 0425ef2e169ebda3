package io.nattrail.wire;

/**
 * CRC-32C (RFC 9260, appendix A) of bytes that lie apart. The CRC of two pieces in a row follows from theirs: that of the first, multiplied
 * by x to the number of bits of the second, modulo the polynomial, plus that of the second. The inversions before and after cancel out.
 */
public final class Crc32c {
    /** The polynomial without its highest term; the highest bit is the lowest power. */
    private static final int POLYNOMIAL = 0x82f63b78;
    private static final int ONE = 0x80000000;
    /** x to the 8, 16, 32, ... : moves by 1, 2, 4, ... bytes. */
    private static final int[] MOVES = new int[31];

    static {
        MOVES[0] = ONE >>> 8;
        for (int i = 1; i < MOVES.length; i++) {
            MOVES[i] = product(MOVES[i - 1], MOVES[i - 1]);
        }
    }

    /** Pieces are mostly of one length. */
    private int lastLength;
    private int lastMove = ONE;

    /** The CRC of a piece and the next, whose {@code length} bytes have the CRC {@code next}. */
    public int join(int crc, int next, int length) {
        if (length != lastLength) {
            lastMove = ONE;
            for (int bit = 0; length >>> bit != 0; bit++) {
                lastMove = (length >>> bit & 1) == 0 ? lastMove : product(lastMove, MOVES[bit]);
            }
            lastLength = length;
        }
        return product(lastMove, crc) ^ next;
    }

    private static int product(int a, int b) {
        int sum = 0;
        int term = b;
        for (int rest = a; rest != 0; rest <<= 1) {
            sum ^= rest < 0 ? term : 0;
            term = term >>> 1 ^ -(term & 1) & POLYNOMIAL;
        }
        return sum;
    }
}
