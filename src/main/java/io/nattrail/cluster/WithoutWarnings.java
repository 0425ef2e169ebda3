package io.nattrail.cluster;

import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;

/**
 * Passes over what kubectl writes before its output when both go into one file: lines {@code Warning: ...}, {@code Error from server ...}
 * of a kind that may not be read, and those of its log, as {@code I1127 13:05:20.123456 4242 request.go:697] Waited for 1.1s due to
 * client-side throttling}.
 */
final class WithoutWarnings extends Reader {
    private static final String WARNING = "Warning: ";
    private static final String ERROR = "Error from server";

    private final PushbackReader in;
    private boolean begun;

    WithoutWarnings(Reader in) {
        this.in = new PushbackReader(in, ERROR.length());
    }

    /** Whether such a line begins here. */
    static boolean begins(String text, int at) {
        return text.startsWith(WARNING, at) || text.startsWith(ERROR, at) || logged(text, at);
    }

    /** The head of a line of klog: severity, month and day, a blank, the hour. */
    private static boolean logged(String text, int at) {
        if (text.length() < at + 9 || "IWEF".indexOf(text.charAt(at)) < 0 || text.charAt(at + 5) != ' ' || text.charAt(at + 8) != ':') {
            return false;
        }
        return Values.number(text.substring(at + 1, at + 5)) >= 0 && Values.number(text.substring(at + 6, at + 8)) >= 0;
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
        char[] first = new char[ERROR.length()];
        while (true) {
            int length = 0;
            while (length < first.length) {
                int n = in.read(first, length, first.length - length);
                if (n < 0) {
                    break;
                }
                length += n;
            }
            String text = new String(first, 0, length);
            in.unread(first, 0, length);
            if (length < first.length || !begins(text, 0)) {
                return;
            }
            for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
                // the rest of the line
            }
        }
    }
}
