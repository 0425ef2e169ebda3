package io.nattrail.analysis;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is to be analyzed, and how.
 *
 * @param inputs folders and files whose points are to be concluded
 * @param points files by the name of the point they were said to be; {@code -} is standard input
 * @param reference name of the point whose clock is the reference, or null to choose one
 * @param filter BPF expression that frames must match, or null
 * @param threads how many threads to use at most
 * @param keepTrails whether the packets of every flow are needed one by one
 */
public record CaseRequest(List<Path> inputs, Map<String, List<Path>> points, String reference, String filter, FlowSelection selection,
        int threads, boolean keepTrails) {
    public CaseRequest {
        inputs = List.copyOf(inputs);
    }

    /** A folder, or a single file, as it is. */
    public static CaseRequest of(Path input) {
        return new CaseRequest(List.of(input), Map.of(), null, null, FlowSelection.ALL, Runtime.getRuntime().availableProcessors(), false);
    }
}
