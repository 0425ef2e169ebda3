package io.nattrail.report;

import io.nattrail.leg.FrameRef;
import io.nattrail.net.Endpoint;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/**
 * Writes JSON (RFC 8259) as UTF-8 bytes, made for large reports: a case of 100,000 flows is half a gigabyte, and a general generator
 * takes longer to write it than the analysis to find it. People read it too: what is begun as spread has its entries on lines of their
 * own, everything else is on one line, so a step or a deviation of a flow is one line.
 */
final class JsonOut extends ReportBytes {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NULL = "null".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] TRUE = "true".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FALSE = "false".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] FRAME_POINT = quoted("{'point':");
    private static final byte[] FRAME_FILE = quoted(",'file':");
    private static final byte[] FRAME_NUMBER = quoted(",'frame':");
    private static final byte[] FRAME_TIME = quoted(",'time':'");
    private static final byte[] FRAME_END = quoted("'}");

    private final OutputStream out;
    /** Whether each of the open objects and arrays is spread, and whether the innermost is. */
    private boolean[] spread = new boolean[16];
    private boolean lines;
    private int level;
    private boolean first = true;
    private boolean afterName;

    JsonOut(OutputStream out) {
        this.out = out;
    }

    private static byte[] quoted(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    OutputStream stream() {
        return out;
    }

    /** Begins an object on one line. */
    void object() throws IOException {
        begin('{', false);
    }

    /** Begins an object with a line for each entry. */
    void spreadObject() throws IOException {
        begin('{', true);
    }

    void endObject() throws IOException {
        end('}');
    }

    /** Begins an array on one line. */
    void array() throws IOException {
        begin('[', false);
    }

    /** Begins an array with a line for each value. */
    void spreadArray() throws IOException {
        begin('[', true);
    }

    void endArray() throws IOException {
        end(']');
    }

    /** The name of the next value; best a literal, whose bytes are remembered. */
    JsonOut name(String name) throws IOException {
        separate();
        known(name);
        buffer[at++] = ':';
        if (lines) {
            buffer[at++] = ' ';
        }
        afterName = true;
        return this;
    }

    /** A text, or null. */
    void string(String text) throws IOException {
        separate();
        if (text == null) {
            raw(NULL);
        } else {
            encode(text);
        }
    }

    /** A text that many values share as one object, such as a title or a file's name; or null. Its bytes are remembered. */
    void shared(String text) throws IOException {
        separate();
        if (text == null) {
            raw(NULL);
        } else {
            known(text);
        }
    }

    /** An address and a port as one text, or null. */
    void endpoint(Endpoint endpoint) throws IOException {
        separate();
        if (endpoint == null) {
            raw(NULL);
        } else {
            buffer[at++] = '"';
            at = endpoint.write(buffer, at);
            buffer[at++] = '"';
        }
    }

    void number(long value) throws IOException {
        separate();
        decimal(value);
    }

    /** An array of the first of these numbers, without blanks. */
    void numbers(long[] values, int count) throws IOException {
        separate();
        buffer[at++] = '[';
        for (int i = 0; i < count; i++) {
            if (i > 0) {
                buffer[at++] = ',';
            }
            room();
            decimal(values[i]);
        }
        buffer[at++] = ']';
    }

    /** A number, or null. */
    void number(Long value) throws IOException {
        if (value == null) {
            nothing();
        } else {
            number(value.longValue());
        }
    }

    /** A finite number; JSON has no other. */
    void number(double value) throws IOException {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            throw new IllegalArgumentException("JSON has no number " + value);
        }
        separate();
        ascii(value == 1.0 ? "1.0" : Double.toString(value));
    }

    /** A truth value, or null. */
    void bool(Boolean value) throws IOException {
        separate();
        raw(value == null ? NULL : value ? TRUE : FALSE);
    }

    void nothing() throws IOException {
        separate();
        raw(NULL);
    }

    /** Nanoseconds since 1970 as ISO 8601 text. */
    void time(long nanos) throws IOException {
        separate();
        buffer[at++] = '"';
        isoTime(nanos);
        buffer[at++] = '"';
    }

    /** The same, or null. */
    void time(Long nanos) throws IOException {
        if (nanos == null) {
            nothing();
        } else {
            time(nanos.longValue());
        }
    }

    /** The first bytes of an array as base64. */
    void base64(byte[] bytes, int length) throws IOException {
        string(new String(Base64.getEncoder().encode(Arrays.copyOf(bytes, length)), StandardCharsets.ISO_8859_1));
    }

    /** A frame as an object on one line, or null. */
    void frame(FrameRef frame) throws IOException {
        separate();
        if (frame == null) {
            raw(NULL);
            return;
        }
        knownFile(frame.point(), frame.file());
        room();
        decimal(frame.number());
        raw(FRAME_TIME);
        isoTime(frame.timeNanos());
        raw(FRAME_END);
    }

    @Override
    void encodeFile(String point, String file) throws IOException {
        raw(FRAME_POINT);
        encode(point);
        raw(FRAME_FILE);
        encode(file);
        raw(FRAME_NUMBER);
    }

    /** Ends the text with a line feed and hands everything to the stream. */
    void finish() throws IOException {
        if (level != 0) {
            throw new IllegalStateException(level + " objects or arrays are open");
        }
        buffer[at++] = '\n';
        flush();
    }

    private void begin(char bracket, boolean onLines) throws IOException {
        separate();
        buffer[at++] = (byte) bracket;
        level++;
        if (level == spread.length) {
            spread = Arrays.copyOf(spread, 2 * level);
        }
        spread[level] = onLines;
        lines = onLines;
        first = true;
    }

    private void end(char bracket) throws IOException {
        boolean onLines = lines && !first;
        level--;
        lines = spread[level];
        room();
        if (onLines) {
            newLine();
        }
        buffer[at++] = (byte) bracket;
        first = false;
    }

    /** What stands before a name, or before a value without one. */
    private void separate() throws IOException {
        room();
        if (afterName) {
            afterName = false;
            return;
        }
        if (level == 0) {
            return;
        }
        if (!first) {
            buffer[at++] = ',';
        }
        first = false;
        if (lines) {
            newLine();
        }
    }

    private void newLine() {
        buffer[at++] = '\n';
        for (int i = 0; i < level; i++) {
            buffer[at++] = ' ';
        }
    }

    @Override
    void encode(String text) throws IOException {
        buffer[at++] = '"';
        int length = text.length();
        int i = 0;
        while (i < length) {
            // As much as fits even if every character is escaped.
            int until = Math.min(length, i + (SIZE - RESERVE - at) / 6);
            while (i < until) {
                i = plain(text, i, until);
                if (i < until) {
                    char c = text.charAt(i++);
                    if (Character.isHighSurrogate(c) && i < length && Character.isLowSurrogate(text.charAt(i))) {
                        pair(Character.toCodePoint(c, text.charAt(i++)));
                    } else {
                        special(c);
                    }
                }
            }
            if (i < length) {
                flush();
            }
        }
        room();
        buffer[at++] = '"';
    }

    /** Copies what needs no escape; gives the index of the first character that does. */
    private int plain(String text, int from, int until) {
        byte[] bytes = buffer;
        int offset = at - from;
        int i = from;
        for (; i < until; i++) {
            char c = text.charAt(i);
            if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') {
                break;
            }
            bytes[offset + i] = (byte) c;
        }
        at = offset + i;
        return i;
    }

    private void special(char c) {
        if (c == '"' || c == '\\') {
            buffer[at++] = '\\';
            buffer[at++] = (byte) c;
        } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c)) {
            buffer[at++] = '\\';
            buffer[at++] = 'u';
            for (int shift = 12; shift >= 0; shift -= 4) {
                buffer[at++] = HEX[c >>> shift & 0xf];
            }
        } else if (c < 0x800) {
            buffer[at++] = (byte) (0xc0 | c >>> 6);
            buffer[at++] = (byte) (0x80 | c & 0x3f);
        } else {
            buffer[at++] = (byte) (0xe0 | c >>> 12);
            buffer[at++] = (byte) (0x80 | c >>> 6 & 0x3f);
            buffer[at++] = (byte) (0x80 | c & 0x3f);
        }
    }

    private void pair(int codePoint) {
        buffer[at++] = (byte) (0xf0 | codePoint >>> 18);
        buffer[at++] = (byte) (0x80 | codePoint >>> 12 & 0x3f);
        buffer[at++] = (byte) (0x80 | codePoint >>> 6 & 0x3f);
        buffer[at++] = (byte) (0x80 | codePoint & 0x3f);
    }
}
