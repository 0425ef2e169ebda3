package io.nattrail.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All report files that can be written. A new one is a {@link ReportWriter} and a line here. */
public final class ReportWriters {
    /** In the order in which they are listed to the user. */
    public static final List<Entry> ALL = List.of(
            new Entry("json", JsonReport.FILE, (file, options) -> new JsonReport(file)),
            new Entry("csv", FlowsCsv.FILE, (file, options) -> new FlowsCsv(file)),
            new Entry("csv", StepsCsv.FILE, (file, options) -> new StepsCsv(file)),
            new Entry("csv", DeviationsCsv.FILE, (file, options) -> new DeviationsCsv(file)),
            new Entry("html", HtmlReport.FILE, (file, options) -> new HtmlReport(file)),
            new Entry("md", MarkdownReport.FILE, (file, options) -> new MarkdownReport(file)),
            new Entry("junit", JunitReport.FILE, JunitReport::new),
            new Entry("pcapng", AnnotatedPcapng.FILE, (file, options) -> new AnnotatedPcapng(file)));

    private ReportWriters() {
    }

    /**
     * One report file.
     *
     * @param format what {@code --formats} calls it; several files may make up one format
     * @param file its name in the output directory
     */
    public record Entry(String format, String file, Factory factory) {
        public ReportWriter create(Path folder, ReportOptions options) {
            return factory.create(folder.resolve(file), options);
        }
    }

    /** Makes a writer; nothing is opened before its case begins. */
    @FunctionalInterface
    public interface Factory {
        ReportWriter create(Path file, ReportOptions options);
    }

    /** The names of the formats, each once. */
    public static List<String> formats() {
        Set<String> names = new LinkedHashSet<>();
        for (Entry entry : ALL) {
            names.add(entry.format());
        }
        return new ArrayList<>(names);
    }

    /** The files of a format. */
    public static List<Entry> of(String format) {
        List<Entry> found = new ArrayList<>();
        for (Entry entry : ALL) {
            if (entry.format().equals(format)) {
                found.add(entry);
            }
        }
        if (found.isEmpty()) {
            throw new IllegalArgumentException("no report format '" + format + "'; there are " + String.join(", ", formats()));
        }
        return found;
    }
}
