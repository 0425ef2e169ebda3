package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.CloseAll;
import io.nattrail.analysis.FlowResult;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The report files that the user asked for, written together into one folder. Closing it before the end leaves no half-written file. */
public final class ReportSet implements CaseSink, Closeable {
    private final Path folder;
    private final List<String> files = new ArrayList<>();
    private final List<BackgroundWriter> writers = new ArrayList<>();

    /**
     * @param folder made when the case begins, if it does not exist and anything is to be written
     * @param formats names of formats
     * @throws IllegalArgumentException if there is no such format
     * @throws IOException if nothing can be written there, as far as that can be told now
     */
    public ReportSet(Path folder, List<String> formats, ReportOptions options) throws IOException {
        this.folder = folder;
        if (!formats.isEmpty()) {
            ReportFile.requireWritable(folder);
        }
        for (String format : formats) {
            List<ReportWriter> ofFormat = new ArrayList<>();
            for (ReportWriters.Entry entry : ReportWriters.of(format)) {
                if (!files.contains(entry.file())) {
                    files.add(entry.file());
                    ofFormat.add(entry.create(folder, options));
                }
            }
            writers.add(new BackgroundWriter(ofFormat));
        }
    }

    /** Names of the files, in the order of the formats. */
    public List<String> files() {
        return List.copyOf(files);
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        if (!writers.isEmpty()) {
            ReportFile.makeFolder(folder);
        }
        for (BackgroundWriter writer : writers) {
            writer.begin(header);
        }
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        for (BackgroundWriter writer : writers) {
            writer.flow(flow);
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        for (BackgroundWriter writer : writers) {
            writer.end(findings);
        }
    }

    @Override
    public void close() throws IOException {
        CloseAll.of(writers);
    }
}
