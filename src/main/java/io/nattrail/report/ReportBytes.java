package io.nattrail.report;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * UTF-8 bytes on their way into a large text report: numbers, times and texts that come again and again are written without making
 * strings of them. What a text looks like in the format, with quotes and escapes, is the subclass's.
 */
abstract class ReportBytes {
    static final int SIZE = 1 << 16;
    /** The longest text whose bytes are remembered. */
    static final int LONGEST_KNOWN = 120;
    /** The longest thing that is written without asking for room again: a known text of which every character is escaped, and some. */
    static final int RESERVE = 6 * LONGEST_KNOWN + 160;

    private static final int KNOWN = 1 << 10;
    private static final int KNOWN_FILES = 1 << 6;
    private static final int BILLION = 1_000_000_000;
    /** The numbers below 100, each in two digits. */
    private static final byte[] PAIRS = new byte[200];

    static {
        for (int i = 0; i < 100; i++) {
            PAIRS[2 * i] = (byte) ('0' + i / 10);
            PAIRS[2 * i + 1] = (byte) ('0' + i % 10);
        }
    }

    final byte[] buffer = new byte[SIZE];
    int at;

    private final String[] knownTexts = new String[KNOWN];
    private final byte[][] knownBytes = new byte[KNOWN][];
    private final String[] knownFiles = new String[KNOWN_FILES];
    private final String[] pointsOfFiles = new String[KNOWN_FILES];
    private final byte[][] bytesOfFiles = new byte[KNOWN_FILES][];
    private long day = Long.MIN_VALUE;
    /** The second of the last time, in nanoseconds, and what {@link IsoTime} writes before its fraction: times come near each other. */
    private long second = Long.MIN_VALUE;
    private byte[] moment;

    /** Where the bytes go. */
    abstract OutputStream stream() throws IOException;

    /** Writes a text as the format has it; at the beginning there is room for {@link #LONGEST_KNOWN} characters. */
    abstract void encode(String text) throws IOException;

    /** Writes a text that many share as one object; its bytes are remembered. */
    final void known(String text) throws IOException {
        if (text.length() > LONGEST_KNOWN) {
            encode(text);
        } else {
            raw(bytes(text));
        }
    }

    /** The bytes of such a text, which is no longer than {@link #LONGEST_KNOWN}. */
    final byte[] bytes(String text) throws IOException {
        // The text keeps its own hash; equal texts in other objects take turns in the slot, which is only slower.
        int slot = text.hashCode() & KNOWN - 1;
        if (knownTexts[slot] == text) {
            return knownBytes[slot];
        }
        int start = start(text.length());
        encode(text);
        byte[] bytes = taken(start);
        knownTexts[slot] = text;
        knownBytes[slot] = bytes;
        return bytes;
    }

    /**
     * What stands before the number of a frame: its point and file. At the beginning there is room for {@link #LONGEST_KNOWN} characters.
     */
    abstract void encodeFile(String point, String file) throws IOException;

    /** Writes the same, the bytes of which are remembered: flows have dozens of frames, cases few files. */
    final void knownFile(String point, String file) throws IOException {
        if (point.length() + file.length() > LONGEST_KNOWN) {
            encodeFile(point, file);
            return;
        }
        int slot = point.hashCode() + 31 * file.hashCode() & KNOWN_FILES - 1;
        if (knownFiles[slot] != file || pointsOfFiles[slot] != point) {
            int start = start(point.length() + file.length());
            encodeFile(point, file);
            bytesOfFiles[slot] = taken(start);
            knownFiles[slot] = file;
            pointsOfFiles[slot] = point;
        }
        raw(bytesOfFiles[slot]);
    }

    /** Where texts of that length begin that are to be remembered; they are not interrupted by flushing. */
    private int start(int length) throws IOException {
        if (at + 6 * length > SIZE - 2 * RESERVE) {
            flush();
        }
        return at;
    }

    /** Takes back what was written since a start. */
    private byte[] taken(int start) {
        byte[] bytes = Arrays.copyOfRange(buffer, start, at);
        at = start;
        return bytes;
    }

    final void raw(byte[] bytes) {
        System.arraycopy(bytes, 0, buffer, at, bytes.length);
        at += bytes.length;
    }

    final void ascii(String text) {
        for (int i = 0; i < text.length(); i++) {
            buffer[at++] = (byte) text.charAt(i);
        }
    }

    final void decimal(long value) {
        if (value >= 0 && value < 10) {
            // Most numbers in a report are small counts.
            buffer[at++] = (byte) ('0' + value);
        } else if (value < 0) {
            if (value == Long.MIN_VALUE) {
                ascii(Long.toString(value));
                return;
            }
            buffer[at++] = '-';
            decimal(-value);
        } else if (value > Integer.MAX_VALUE) {
            decimal(value / BILLION);
            digits((int) (value % BILLION), 9);
        } else {
            int width = 1;
            for (long bound = 10; value >= bound; bound *= 10) {
                width++;
            }
            digits((int) value, width);
        }
    }

    /** Nanoseconds since 1970 as {@link IsoTime} has them. */
    final void isoTime(long nanos) {
        long fraction = nanos - second;
        if (nanos < 0 || fraction < 0 || fraction >= BILLION) {
            turnTo(nanos);
            fraction = nanos < 0 ? Math.floorMod(nanos, BILLION) : nanos - second;
        }
        raw(moment);
        digits((int) fraction, 9);
        buffer[at++] = 'Z';
    }

    /** Turns {@link #moment} to the second of a time. */
    private void turnTo(long nanos) {
        long today = Math.floorDiv(nanos, IsoTime.NANOS_PER_DAY);
        if (today != day) {
            day = today;
            moment = IsoTime.of(nanos).substring(0, 20).getBytes(StandardCharsets.US_ASCII);
        }
        // Not remembered before 1970: the second of the earliest time begins before any number of nanoseconds.
        second = nanos < 0 ? Long.MIN_VALUE : nanos - nanos % BILLION;
        int ofDay = (int) (Math.floorMod(nanos, IsoTime.NANOS_PER_DAY) / BILLION);
        pair(ofDay / 3600, moment, 11);
        pair(ofDay / 60 % 60, moment, 14);
        pair(ofDay % 60, moment, 17);
    }

    private void digits(int value, int width) {
        int rest = value;
        int i = at + width;
        at = i;
        for (int left = width; left > 1; left -= 2) {
            // A hundredth by multiplication: the compiler of short runs divides by a constant no quicker than by anything else.
            int hundredth = (int) (rest * 1_374_389_535L >>> 37);
            i -= 2;
            pair(rest - 100 * hundredth, buffer, i);
            rest = hundredth;
        }
        if ((width & 1) != 0) {
            buffer[i - 1] = (byte) ('0' + rest);
        }
    }

    private static void pair(int value, byte[] target, int index) {
        target[index] = PAIRS[2 * value];
        target[index + 1] = PAIRS[2 * value + 1];
    }

    /** Makes room for {@link #RESERVE} bytes. */
    final void room() throws IOException {
        if (at > SIZE - RESERVE) {
            flush();
        }
    }

    final void flush() throws IOException {
        stream().write(buffer, 0, at);
        at = 0;
    }
}
