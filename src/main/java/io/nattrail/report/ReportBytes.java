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
    static final int RESERVE = 6 * LONGEST_KNOWN + 100;

    private static final int KNOWN = 1 << 10;

    final byte[] buffer = new byte[SIZE];
    int at;

    private final String[] knownTexts = new String[KNOWN];
    private final byte[][] knownBytes = new byte[KNOWN][];
    private long day = Long.MIN_VALUE;
    private byte[] date;

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
        if (at + 6 * text.length() > SIZE - 2 * RESERVE) {
            flush();
        }
        int start = at;
        encode(text);
        byte[] bytes = Arrays.copyOfRange(buffer, start, at);
        at = start;
        knownTexts[slot] = text;
        knownBytes[slot] = bytes;
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
        if (value == Long.MIN_VALUE) {
            ascii(Long.toString(value));
            return;
        }
        long rest = value;
        if (rest < 0) {
            buffer[at++] = '-';
            rest = -rest;
        }
        int length = 1;
        for (long bound = 10; length < 19 && rest >= bound; bound *= 10) {
            length++;
        }
        for (int i = at + length - 1; i >= at; i--) {
            buffer[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        at += length;
    }

    /** Nanoseconds since 1970 as {@link IsoTime} has them. */
    final void isoTime(long nanos) {
        long today = Math.floorDiv(nanos, IsoTime.NANOS_PER_DAY);
        if (today != day) {
            day = today;
            date = IsoTime.of(nanos).substring(0, 11).getBytes(StandardCharsets.US_ASCII);
        }
        raw(date);
        long rest = Math.floorMod(nanos, IsoTime.NANOS_PER_DAY);
        int second = (int) (rest / 1_000_000_000);
        digits(second / 3600, 2);
        buffer[at++] = ':';
        digits(second / 60 % 60, 2);
        buffer[at++] = ':';
        digits(second % 60, 2);
        buffer[at++] = '.';
        digits((int) (rest % 1_000_000_000), 9);
        buffer[at++] = 'Z';
    }

    private void digits(int value, int width) {
        int rest = value;
        for (int i = at + width - 1; i >= at; i--) {
            buffer[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        at += width;
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
