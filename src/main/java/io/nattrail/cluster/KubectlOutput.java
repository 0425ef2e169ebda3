package io.nattrail.cluster;

import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.util.function.Predicate;

/**
 * Passes over what stands before kubectl's output in a file: the prompt and the command, warnings, errors of a kind that may not be read,
 * its log.
 */
final class KubectlOutput extends Reader {
    /** Characters by which the output's first line is known. */
    private static final int FIRST = 16;

    private final PushbackReader in;
    private final Predicate<String> begins;
    private boolean begun;

    /** @param begins whether the output begins with a line, by its first characters; true for one line of it at least */
    KubectlOutput(Reader in, Predicate<String> begins) {
        this.in = new PushbackReader(in, FIRST);
        this.begins = begins;
    }

    @Override
    public int read(char[] to, int offset, int length) throws IOException {
        begin();
        return in.read(to, offset, length);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }

    private void begin() throws IOException {
        if (begun) {
            return;
        }
        begun = true;
        char[] first = new char[FIRST];
        while (true) {
            int length = 0;
            while (length < first.length) {
                int n = in.read(first, length, first.length - length);
                if (n < 0) {
                    break;
                }
                length += n;
            }
            in.unread(first, 0, length);
            if (length == 0 || begins.test(new String(first, 0, length))) {
                return;
            }
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                // the rest of the line
            }
        }
    }
}
