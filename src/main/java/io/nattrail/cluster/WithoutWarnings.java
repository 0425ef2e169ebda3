package io.nattrail.cluster;

import java.io.FilterReader;
import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;

/** Passes over the lines {@code Warning: ...} that kubectl writes before its output when both go into one file. */
final class WithoutWarnings extends FilterReader {
    private static final String WARNING = "Warning: ";

    private boolean begun;

    WithoutWarnings(Reader in) {
        super(new PushbackReader(in, WARNING.length()));
    }

    @Override
    public int read() throws IOException {
        begin();
        return in.read();
    }

    @Override
    public int read(char[] to, int offset, int length) throws IOException {
        begin();
        return in.read(to, offset, length);
    }

    private void begin() throws IOException {
        if (begun) {
            return;
        }
        begun = true;
        char[] first = new char[WARNING.length()];
        while (true) {
            int length = 0;
            while (length < first.length) {
                int n = in.read(first, length, first.length - length);
                if (n < 0) {
                    break;
                }
                length += n;
            }
            if (length < first.length || !WARNING.equals(new String(first))) {
                ((PushbackReader) in).unread(first, 0, length);
                return;
            }
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                // the rest of the warning
            }
        }
    }
}
