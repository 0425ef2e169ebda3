package io.nattrail.batch;

import io.nattrail.capture.UnreadableInputException;
import io.nattrail.cluster.ClusterFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * Cases listed in a CSV file with the columns {@code name} and {@code path}, and perhaps one for each capture point, named as the point,
 * with its files separated by {@code ;}. Relative paths begin at the list's folder; those of points at the case's path, if it has one.
 */
public final class CaseList {
    private static final CSVFormat FORMAT = CSVFormat.RFC4180.builder().setIgnoreSurroundingSpaces(true).setIgnoreEmptyLines(true)
            .setAllowMissingColumnNames(true).setCommentMarker('#').get();
    private static final String EXAMPLE = "the first line must name the columns, separated by commas, for example: name,path or "
            + "name,path,client,node1-eth0";
    /** Where Commons CSV says it, which is said in front of its words. */
    private static final Pattern PLACE = Pattern.compile("\\(startline \\d+\\) | at line: .*");

    private final Path file;

    private CaseList(Path file) {
        this.file = file;
    }

    /**
     * Reads a list.
     *
     * @throws UnreadableInputException if it is not as described; it names the line
     */
    public static List<BatchCase> read(Path file) throws IOException {
        return new CaseList(file).read();
    }

    private List<BatchCase> read() throws IOException {
        if (Files.isDirectory(file)) {
            throw new UnreadableInputException(file.toString(), -1, "is a folder, not a list of cases",
                    "to have its cases found, name it without --list");
        }
        // As a whole first: reading it bit by bit would hide in its exceptions that it is no text.
        String text;
        try {
            text = Files.readString(file);
        } catch (CharacterCodingException e) {
            throw broken(1, "is not UTF-8 text", "save it as CSV in UTF-8");
        }
        try (CSVParser parser = CSVParser.parse(text, FORMAT)) {
            try {
                return cases(parser);
            } catch (UncheckedIOException e) {
                // A quote that does not end, or text after one.
                throw broken(parser.getCurrentLineNumber(), "is not CSV: " + PLACE.matcher(e.getCause().getMessage()).replaceAll(""),
                        "quote a cell that has a comma or a quote, as RFC 4180 says");
            }
        }
    }

    private List<BatchCase> cases(CSVParser parser) {
        List<String> columns = null;
        List<BatchCase> cases = new ArrayList<>();
        Set<String> names = new HashSet<>();
        CaseNames folders = new CaseNames();
        for (CSVRecord record : parser) {
            if (columns == null) {
                columns = columns(record);
            } else {
                BatchCase item = item(columns, record, line(parser, record), folders);
                if (!names.add(item.name())) {
                    throw broken(line(parser, record), "has the case name '" + item.name() + "' a second time",
                            "give each case its own name");
                }
                cases.add(item);
            }
        }
        if (columns == null) {
            throw broken(1, "is empty", EXAMPLE);
        }
        if (cases.isEmpty()) {
            throw broken(1, "names no case", "write a line for each case below it");
        }
        return cases;
    }

    /** The parser counts lines as it reads, and stands at the end of the record: exact unless a cell spans lines. */
    private static long line(CSVParser parser, CSVRecord record) {
        return Math.max(record.getRecordNumber(), parser.getCurrentLineNumber());
    }

    private List<String> columns(CSVRecord header) {
        List<String> columns = new ArrayList<>();
        for (String cell : header) {
            // A byte order mark is what spreadsheets put before UTF-8.
            String name = cell.replace("\ufeff", "").strip();
            if (columns.contains(name)) {
                throw broken(1, "names the column '" + name + "' twice", "name each column once");
            }
            columns.add(name);
        }
        if (!columns.contains("name") || !columns.contains("path") && columns.size() < 2) {
            throw broken(1, "does not name the columns", EXAMPLE);
        }
        return columns;
    }

    private BatchCase item(List<String> columns, CSVRecord record, long line, CaseNames folders) {
        if (record.size() > columns.size()) {
            throw broken(line, "has " + record.size() + " cells, the first line names " + columns.size() + " columns",
                    "quote a cell that has a comma, or name the column");
        }
        String name = "";
        String path = "";
        Map<String, String> points = new LinkedHashMap<>();
        for (int i = 0; i < record.size(); i++) {
            String cell = record.get(i).strip();
            switch (columns.get(i)) {
                case "name" -> name = cell;
                case "path" -> path = cell;
                default -> {
                    if (!cell.isEmpty()) {
                        points.put(columns.get(i), cell);
                    }
                }
            }
        }
        if (name.isEmpty()) {
            throw broken(line, "has no name", "fill the column 'name'");
        }
        if (path.isEmpty() && points.isEmpty()) {
            throw broken(line, "has neither a path nor a file of a point", "fill the column 'path' with the case's folder");
        }
        Path base = file.toAbsolutePath().getParent();
        Path folder = path.isEmpty() ? base : resolve(base, path, line);
        Map<String, List<Path>> files = new LinkedHashMap<>();
        points.forEach((point, cell) -> {
            List<Path> ofPoint = new ArrayList<>();
            for (String part : cell.split(";")) {
                if (!part.isBlank()) {
                    ofPoint.add(resolve(folder, part.strip(), line));
                }
            }
            files.put(point, ofPoint);
        });
        // Points say all of the captures; a path beside them is where they lie, and the dumps of the cluster's state.
        List<Path> inputs = files.isEmpty() ? List.of(folder) : path.isEmpty() ? List.of() : dumps(folder);
        return new BatchCase(name, folders.folder(name), inputs, files);
    }

    /** Dumps in a folder; none if it cannot be looked into, which the files of the points will tell. */
    private static List<Path> dumps(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> dumps = new ArrayList<>();
            for (Path one : files.filter(Files::isRegularFile).sorted().toList()) {
                if (ClusterFiles.looksLikeDump(one)) {
                    dumps.add(one);
                }
            }
            return dumps;
        } catch (IOException e) {
            return List.of();
        }
    }

    private Path resolve(Path base, String text, long line) {
        try {
            return base.resolve(text);
        } catch (InvalidPathException e) {
            throw broken(line, "has '" + text + "', which cannot be a path", "correct it: " + e.getReason());
        }
    }

    private UnreadableInputException broken(long line, String what, String remedy) {
        return UnreadableInputException.atLine(file.toString(), line, what, remedy);
    }
}
