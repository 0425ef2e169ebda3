package io.nattrail.report;

import io.nattrail.leg.FrameRef;
import java.io.Closeable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import org.apache.commons.csv.CSVFormat;

/**
 * A CSV file as RFC 4180 has it, in UTF-8, with a header line. Every row is one line. A text that a spreadsheet would take for a formula
 * gets an apostrophe in front, as OWASP advises; numbers stay numbers.
 */
public final class CsvSheet implements Closeable {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180;
    private static final int BUFFER = 1 << 16;

    private final ReportFile file;
    private final byte[] buffer = new byte[BUFFER];
    private int used;
    private boolean rowBegun;

    /** Opens the file and writes the header line. */
    public CsvSheet(Path target, List<String> columns) throws IOException {
        file = new ReportFile(target);
        for (String column : columns) {
            text(column);
        }
        endRow();
    }

    /** Adds a cell of text; empty for null. */
    public CsvSheet text(Object value) throws IOException {
        String text = value == null ? "" : value.toString();
        if (!plain(text)) {
            String shown = PlainText.of(text);
            quoted(looksLikeFormula(shown) ? "'" + shown : shown);
        }
        return this;
    }

    /** Adds a cell with several texts, separated by spaces. */
    public CsvSheet texts(List<String> values) throws IOException {
        return text(String.join(" ", values));
    }

    /** Adds a cell with a number or a truth value; empty for null. */
    public CsvSheet value(Object value) throws IOException {
        String text = value == null ? "" : value.toString();
        if (!plain(text)) {
            quoted(text);
        }
        return this;
    }

    /** Adds a cell with all frames as {@code point:file#number}, separated by spaces. */
    CsvSheet frames(List<FrameRef> frames) throws IOException {
        StringJoiner joined = new StringJoiner(" ");
        for (FrameRef frame : frames) {
            joined.add(frame.point() + ":" + frame.file() + "#" + frame.number());
        }
        return text(joined.toString());
    }

    /** Ends the row. */
    public void endRow() throws IOException {
        room(2);
        buffer[used++] = '\r';
        buffer[used++] = '\n';
        rowBegun = false;
    }

    /** Makes the file appear under its name. */
    public void commit() throws IOException {
        flush();
        file.commit();
    }

    /**
     * Writes a cell as it is, if it is one of the many that need neither quotes nor escapes: letters, digits and harmless marks, beginning
     * with a letter or digit.
     *
     * @return whether it was
     */
    private boolean plain(String text) throws IOException {
        int length = text.length();
        if (length == 0) {
            if (rowBegun) {
                separator();
                return true;
            }
            return false;
        }
        char first = text.charAt(0);
        boolean alphanumeric = first >= 'a' && first <= 'z' || first >= '0' && first <= '9' || first >= 'A' && first <= 'Z';
        if (!alphanumeric || text.charAt(length - 1) <= ' ' || length > BUFFER / 2) {
            return false;
        }
        room(length + 1);
        int at = used + (rowBegun ? 1 : 0);
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == ',' || c == '"') {
                return false;
            }
            buffer[at++] = (byte) c;
        }
        separator();
        used = at;
        return true;
    }

    /** Writes a cell as Commons CSV has it. */
    private void quoted(String text) throws IOException {
        byte[] bytes = (text.isEmpty() ? "\"\"" : FORMAT.format(text)).getBytes(StandardCharsets.UTF_8);
        separator();
        flush();
        file.stream().write(bytes);
    }

    private void separator() throws IOException {
        if (rowBegun) {
            room(1);
            buffer[used++] = ',';
        }
        rowBegun = true;
    }

    private void room(int bytes) throws IOException {
        if (buffer.length - used < bytes) {
            flush();
        }
    }

    private void flush() throws IOException {
        file.stream().write(buffer, 0, used);
        used = 0;
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
