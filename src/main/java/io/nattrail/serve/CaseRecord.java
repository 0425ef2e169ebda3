package io.nattrail.serve;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import io.nattrail.analysis.CaseFindings;
import java.util.List;

/**
 * What is known of a case: {@code case.json} in its folder, and with its progress what the API tells. What is not known yet is null.
 *
 * @param id made by the server, random
 * @param name what the client called it
 * @param created when its upload was complete, ISO 8601, UTC
 * @param finished when its analysis ended
 * @param attempts how many analyses were begun and not stopped in order
 * @param annotate whether annotated.pcapng is wanted
 * @param inputBytes of its files
 * @param reportBytes of its reports
 * @param notes what the analysis remarks about the files
 * @param cause the root cause that explains most flows
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record CaseRecord(String id, String name, CaseState state, String created, String finished, int attempts, boolean annotate,
        List<InputFile> files, long inputBytes, List<OutputFile> reports, long reportBytes, Counts summary, Cause cause, List<String> notes,
        Fault problem) {
    CaseRecord {
        files = files == null ? List.of() : List.copyOf(files);
        reports = reports == null ? List.of() : List.copyOf(reports);
        notes = notes == null ? List.of() : List.copyOf(notes);
    }

    /**
     * An uploaded file.
     *
     * @param file its name here and in the reports
     * @param label what the client called it
     * @param point the capture point that the client said it is from, or null to let name and contents tell
     */
    record InputFile(String file, String label, String point, long bytes) {
    }

    /** A report. */
    record OutputFile(String file, long bytes) {
    }

    /**
     * Flows by verdict.
     *
     * @param failedSteps the steps where flows failed, in their order
     */
    record Counts(long flows, long ok, long degraded, long failed, long undetermined, List<String> failedSteps) {
        Counts {
            // A record that an earlier version wrote has none.
            failedSteps = failedSteps == null ? List.of() : List.copyOf(failedSteps);
        }
    }

    /**
     * A root cause.
     *
     * @param step where it strikes, or null
     */
    record Cause(String code, String severity, String step, long flows, String message) {
        static Cause of(CaseFindings.RootCause cause) {
            return cause == null ? null : new Cause(cause.code(), cause.severity(), cause.step(), cause.flows(), cause.message());
        }
    }

    /** Why there are no reports, and what to do. */
    record Fault(String what, String remedy) {
    }

    static CaseRecord uploaded(String id, String name, String created, boolean annotate, List<InputFile> files, long bytes) {
        return new CaseRecord(id, name, CaseState.QUEUED, created, null, 0, annotate, files, bytes, List.of(), 0, null, null,
                List.of(), null);
    }

    CaseRecord queued() {
        return with(CaseState.QUEUED, null, Math.max(0, attempts - 1), null);
    }

    CaseRecord running() {
        return with(CaseState.RUNNING, null, attempts + 1, null);
    }

    CaseRecord failed(String when, Fault fault) {
        return with(CaseState.FAILED, when, attempts, fault);
    }

    CaseRecord done(String when, List<OutputFile> written, Counts found, CaseFindings.RootCause cause, List<String> remarks) {
        long bytes = written.stream().mapToLong(OutputFile::bytes).sum();
        return new CaseRecord(id, name, CaseState.DONE, created, when, attempts, annotate, files, inputBytes, written, bytes,
                found, Cause.of(cause), remarks, null);
    }

    private CaseRecord with(CaseState next, String when, int tried, Fault fault) {
        return new CaseRecord(id, name, next, created, when, tried, annotate, files, inputBytes, List.of(), 0, null, null,
                List.of(), fault);
    }

    /** Whether it was started several times and took the server down each time. */
    boolean exhausted() {
        return attempts >= 2;
    }

    long bytes() {
        return inputBytes + reportBytes;
    }
}
