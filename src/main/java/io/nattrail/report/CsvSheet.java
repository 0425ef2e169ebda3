package io.nattrail.report;

import io.nattrail.leg.FrameRef;
import io.nattrail.net.Endpoint;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import org.apache.commons.csv.CSVFormat;

/**
 * A CSV file as RFC 4180 has it, in UTF-8, with a header line. Every row is one line. A text that a spreadsheet would take for a formula
 * gets an apostrophe in front, as OWASP advises; numbers stay numbers.
 */
public final class CsvSheet extends ReportBytes implements Closeable {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180;

    private final ReportFile file;
    private boolean rowBegun;

    /** Opens the file and writes the header line. */
    public CsvSheet(Path target, List<String> columns) throws IOException {
        file = new ReportFile(target);
        for (String column : columns) {
            text(column);
        }
        endRow();
    }

    @Override
    OutputStream stream() throws IOException {
        return file.stream();
    }

    /** Adds a cell of text; empty for null. */
    public CsvSheet text(Object value) throws IOException {
        String text = value == null ? "" : value.toString();
        if (cell(text.isEmpty())) {
            encode(text);
        }
        return this;
    }

    /** Adds a cell with an address and a port; empty for null. */
    CsvSheet endpoint(Endpoint endpoint) throws IOException {
        if (endpoint != null && endpoint.address().v6()) {
            // Its bracket needs a look.
            return text(endpoint);
        }
        if (cell(endpoint == null)) {
            at = endpoint.write(buffer, at);
        }
        return this;
    }

    /** Adds a cell with a text that many rows share as one object, such as a title or a file's name; empty for null. */
    CsvSheet shared(String text) throws IOException {
        if (cell(text == null || text.isEmpty())) {
            known(text);
        }
        return this;
    }

    /** Adds a cell with several texts, separated by spaces. */
    public CsvSheet texts(List<String> values) throws IOException {
        return text(String.join(" ", values));
    }

    /** Adds a cell with a number or a truth value; empty for null. */
    public CsvSheet value(Object value) throws IOException {
        if (value instanceof Long || value instanceof Integer) {
            long number = ((Number) value).longValue();
            if (number >= 0) {
                cell(false);
                decimal(number);
                return this;
            }
        }
        String text = value == null ? "" : value.toString();
        if (cell(text.isEmpty()) && !plain(text)) {
            quoted(text);
        }
        return this;
    }

    /** Adds a cell with a time in nanoseconds since 1970; empty for null. */
    CsvSheet time(Long nanos) throws IOException {
        if (cell(nanos == null)) {
            isoTime(nanos);
        }
        return this;
    }

    /** Adds four cells that name the first of these frames: point, file, number and time; empty if there is none. */
    CsvSheet firstFrame(List<FrameRef> frames) throws IOException {
        FrameRef first = frames.isEmpty() ? null : frames.get(0);
        return shared(first == null ? null : first.point())
                .shared(first == null ? null : first.file())
                .value(first == null ? null : first.number())
                .time(first == null ? null : first.timeNanos());
    }

    /** Adds a cell with all frames as {@code point:file#number}, separated by spaces. */
    CsvSheet frames(List<FrameRef> frames) throws IOException {
        for (FrameRef frame : frames) {
            if (!unquoted(frame.point()) || !unquoted(frame.file())) {
                return text(joined(frames));
            }
        }
        if (cell(frames.isEmpty())) {
            boolean first = true;
            for (FrameRef frame : frames) {
                room();
                if (!first) {
                    buffer[at++] = ' ';
                }
                first = false;
                knownFile(frame.point(), frame.file());
                room();
                decimal(frame.number());
            }
        }
        return this;
    }

    @Override
    void encodeFile(String point, String file) throws IOException {
        encode(point);
        buffer[at++] = ':';
        encode(file);
        buffer[at++] = '#';
    }

    private static String joined(List<FrameRef> frames) {
        StringJoiner joined = new StringJoiner(" ");
        for (FrameRef frame : frames) {
            joined.add(frame.point() + ":" + frame.file() + "#" + frame.number());
        }
        return joined.toString();
    }

    /** Whether a text that many share is written as it is, also within a cell. */
    private boolean unquoted(String text) throws IOException {
        return !text.isEmpty() && text.length() <= LONGEST_KNOWN && alphanumeric(text.charAt(0)) && bytes(text).length == text.length();
    }

    /** Ends the row. */
    public void endRow() throws IOException {
        room();
        buffer[at++] = '\r';
        buffer[at++] = '\n';
        rowBegun = false;
    }

    /** Makes the file appear under its name. */
    public void commit() throws IOException {
        flush();
        file.commit();
    }

    /** Begins a cell, and ends it too if it is empty; gives whether it is not. */
    private boolean cell(boolean empty) throws IOException {
        room();
        if (rowBegun) {
            buffer[at++] = ',';
        } else if (empty) {
            // A row with nothing but one empty cell would be an empty line.
            buffer[at++] = '"';
            buffer[at++] = '"';
        }
        rowBegun = true;
        return !empty;
    }

    @Override
    void encode(String text) throws IOException {
        if (!plain(text)) {
            String shown = PlainText.of(text);
            quoted(looksLikeFormula(shown) ? "'" + shown : shown);
        }
    }

    /**
     * Writes a text as it is, if it is one of the many that need neither quotes nor escapes: letters, digits and harmless marks, beginning
     * with a letter or digit.
     *
     * @return whether it was
     */
    private boolean plain(String text) throws IOException {
        int length = text.length();
        if (!alphanumeric(text.charAt(0)) || text.charAt(length - 1) <= ' ' || length > SIZE / 2) {
            return false;
        }
        if (at + length > SIZE - RESERVE) {
            flush();
        }
        int to = at;
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == ',' || c == '"') {
                return false;
            }
            buffer[to++] = (byte) c;
        }
        at = to;
        return true;
    }

    private static boolean alphanumeric(char c) {
        return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z';
    }

    /** Writes a text as Commons CSV has it. */
    private void quoted(String text) throws IOException {
        byte[] bytes = FORMAT.format(text).getBytes(StandardCharsets.UTF_8);
        if (bytes.length > SIZE - RESERVE - at) {
            flush();
        }
        if (bytes.length > SIZE - RESERVE) {
            stream().write(bytes);
        } else {
            raw(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    private static boolean looksLikeFormula(String text) {
        // Spreadsheets skip blanks before a formula.
        String start = text.stripLeading();
        if (start.isEmpty()) {
            return false;
        }
        return switch (start.charAt(0)) {
            // The wide forms are what an input method may turn into the plain ones.
            case '=', '+', '-', '@', '\uff1d', '\uff0b', '\uff0d', '\uff20' -> true;
            default -> false;
        };
    }
}
