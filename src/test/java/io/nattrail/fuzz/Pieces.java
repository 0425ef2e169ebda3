package io.nattrail.fuzz;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Hands a stream on in pieces of a few bytes, as a pipe may. */
final class Pieces extends FilterInputStream {
    private int turn;

    Pieces(InputStream in) {
        super(in);
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
        turn = (turn + 1) % 7;
        return super.read(buffer, offset, Math.min(length, 1 + turn * turn * 5));
    }
}
