package io.nattrail.report;

import io.nattrail.leg.FrameRef;
import java.io.BufferedWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * A CSV file as RFC 4180 has it, in UTF-8, with a header line. Every row is one line. A text that a spreadsheet would take for a formula
 * gets an apostrophe in front, as OWASP advises; numbers stay numbers.
 */
public final class CsvSheet implements Closeable {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180;

    private final ReportFile file;
    private final CSVPrinter printer;

    /** Opens the file and writes the header line. */
    public CsvSheet(Path target, List<String> columns) throws IOException {
        file = new ReportFile(target);
        printer = new CSVPrinter(new BufferedWriter(new OutputStreamWriter(file.stream(), StandardCharsets.UTF_8)), FORMAT);
        printer.printRecord(columns);
    }

    /** Adds a cell of text; empty for null. */
    public CsvSheet text(Object value) throws IOException {
        String text = value == null ? "" : PlainText.of(value.toString());
        printer.print(looksLikeFormula(text) ? "'" + text : text);
        return this;
    }

    /** Adds a cell with several texts, separated by spaces. */
    public CsvSheet texts(List<String> values) throws IOException {
        return text(String.join(" ", values));
    }

    /** Adds a cell with a number or a truth value; empty for null. */
    public CsvSheet value(Object value) throws IOException {
        printer.print(value == null ? "" : value.toString());
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
        printer.println();
    }

    /** Makes the file appear under its name. */
    public void commit() throws IOException {
        printer.flush();
        file.commit();
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
