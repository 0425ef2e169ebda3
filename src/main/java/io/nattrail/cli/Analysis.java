package io.nattrail.cli;

import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowSelection;
import io.nattrail.analysis.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The analysis of one case, as the command calls it. */
@FunctionalInterface
interface Analysis {
    /** Reads the captures and sends the result to the sink. */
    void run(Request request, CaseSink sink, Progress progress) throws IOException;

    /**
     * What the user asked for.
     *
     * @param inputs folders and files whose points are to be concluded
     * @param points files by the name of the point they were said to be; {@code -} is standard input
     * @param reference name of the point whose clock is the reference, or null to choose one
     * @param filter BPF expression that frames must match, or null
     * @param threads how many threads to use at most
     * @param keepTrails whether the packets of every flow are needed one by one
     */
    record Request(List<Path> inputs, Map<String, List<Path>> points, String reference, String filter, FlowSelection selection, int threads,
            boolean keepTrails) {
    }
}
