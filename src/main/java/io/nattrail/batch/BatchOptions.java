package io.nattrail.batch;

import io.nattrail.deviation.Severity;
import java.nio.file.Path;
import java.util.List;

/**
 * How a batch is run.
 *
 * @param out folder for all that is written
 * @param jobs cases at once, at most
 * @param threads threads in all, shared by the cases
 * @param memory bytes of heap that the cases share
 * @param resume whether what an earlier run finished is kept
 * @param formats names of the report formats for each case
 * @param failOn deviations from this severity on count as failures; null if none do
 * @param version of NatTrail
 */
public record BatchOptions(Path out, int jobs, int threads, long memory, boolean resume, List<String> formats, Severity failOn,
        String version) {
    public BatchOptions {
        if (jobs < 1 || threads < 1 || memory < 1) {
            throw new IllegalArgumentException("a batch needs a job, a thread and memory");
        }
        formats = List.copyOf(formats);
    }
}
