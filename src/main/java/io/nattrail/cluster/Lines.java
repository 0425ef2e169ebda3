package io.nattrail.cluster;

import java.io.IOException;
import java.io.Reader;

/** The lines of a text of any size. Memory stays bounded: of a line longer than the limit the rest is passed over. */
final class Lines {
    /** Characters. The longest real line is an nft verdict map: some hundred characters for each endpoint of one service. */
    static final int LIMIT = 4 << 20;

    private final Reader reader;
    private final char[] buffer = new char[1 << 15];
    private final StringBuilder line = new StringBuilder(256);
    private int at;
    private int end;
    private long number;

    Lines(Reader reader) {
        this.reader = reader;
    }

    /** The next line without its end; null after the last. */
    String next() throws IOException {
        line.setLength(0);
        boolean any = false;
        while (true) {
            if (at == end) {
                end = Math.max(0, reader.read(buffer, 0, buffer.length));
                at = 0;
                if (end == 0) {
                    return any ? finished() : null;
                }
            }
            any = true;
            int from = at;
            while (at < end && buffer[at] != '\n') {
                at++;
            }
            line.append(buffer, from, Math.min(at - from, LIMIT - line.length()));
            if (at < end) {
                at++;
                return finished();
            }
        }
    }

    private String finished() {
        number++;
        int length = line.length();
        if (length > 0 && line.charAt(length - 1) == '\r') {
            line.setLength(length - 1);
        }
        return line.toString();
    }

    /** Of the line that {@link #next} gave, from 1. */
    long number() {
        return number;
    }
}
