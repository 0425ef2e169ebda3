package io.nattrail.batch;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.nattrail.deviation.Severity;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the summary of a batch says of one case. It holds no time of day and no duration of the run, so that it depends on the input alone.
 *
 * @param name of the case
 * @param folder of its reports, below {@code cases}
 * @param files names of its reports; empty if there are none
 * @param state what became of it
 * @param flows number of flows; 0 if it could not be analyzed
 * @param worst severity of its worst deviation, null without any
 * @param cause the root cause that explains most flows, null if there is none
 * @param deviations how often each code was reported, over all flows and the case itself
 * @param points names of the capture points
 * @param packets frames in all captures
 * @param bytes captured bytes
 * @param error why it could not be analyzed, or null
 * @param remedy what to do about the error, or null
 */
@JsonPropertyOrder({"name", "folder", "files", "state", "flows", "ok", "degraded", "failed", "undetermined", "worst", "cause", "deviations",
    "points", "packets", "bytes", "error", "remedy"})
public record CaseRow(String name, String folder, List<String> files, CaseState state, long flows, long ok, long degraded, long failed,
        long undetermined, Severity worst, Cause cause, SortedMap<String, Long> deviations, List<String> points, long packets, long bytes,
        String error, String remedy) {
    /**
     * The worst cases first; among equals those with more failed, then more degraded flows, then the worse deviation, which may be of the
     * captures; then by name.
     */
    public static final Comparator<CaseRow> WORST_FIRST = Comparator.comparing(CaseRow::state)
            .thenComparing(CaseRow::failed, Comparator.reverseOrder()).thenComparing(CaseRow::degraded, Comparator.reverseOrder())
            .thenComparing(CaseRow::undetermined, Comparator.reverseOrder())
            .thenComparing(CaseRow::worst, Comparator.nullsLast(Comparator.reverseOrder())).thenComparing(CaseRow::name);

    public CaseRow {
        files = List.copyOf(files);
        points = List.copyOf(points);
        deviations = Collections.unmodifiableSortedMap(new TreeMap<>(deviations));
        if ((error == null) == (state == CaseState.BROKEN || state == CaseState.UNREADABLE)) {
            throw new IllegalArgumentException("case " + name + " is " + state + " with the error " + error);
        }
    }

    /**
     * The root cause that explains most.
     *
     * @param step where it strikes, or null
     * @param flows how many it affects
     */
    public record Cause(String code, Severity severity, String step, long flows, String message, String remedy) {
    }

    /** A case that could not be analyzed. */
    static CaseRow withoutResult(BatchCase item, CaseState state, String error, String remedy) {
        return new CaseRow(item.name(), item.folder(), List.of(), state, 0, 0, 0, 0, 0, null, null, new TreeMap<>(), List.of(), 0, 0, error,
                remedy);
    }

    /** What to say where there is no cause to name: of failed flows that nothing explains, of what the captures do not tell; or null. */
    @JsonIgnore
    public String unexplained() {
        if (cause != null) {
            return null;
        }
        return switch (state) {
            case FAILED -> share(failed) + " failed, and no finding says why for most or all of them";
            case UNDETERMINED -> share(undetermined) + ": the captures do not tell";
            case EMPTY -> "no flow was found";
            default -> null;
        };
    }

    private String share(long some) {
        return some + " of " + flows + (flows == 1 ? " flow" : " flows");
    }

    /** Where to read more, from the index: a report if there is one, else null. */
    @JsonIgnore
    public String link() {
        for (String wanted : List.of("report.html", "report.md", "report.json")) {
            if (files.contains(wanted)) {
                return "cases/" + folder + "/" + wanted;
            }
        }
        return null;
    }
}
