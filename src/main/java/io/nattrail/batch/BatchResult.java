package io.nattrail.batch;

import java.util.List;

/**
 * A batch that came to its end.
 *
 * @param rows one for each case, the worst first
 * @param reused how many of them an earlier run had finished
 */
public record BatchResult(List<CaseRow> rows, int reused) {
    public BatchResult {
        rows = rows.stream().sorted(CaseRow.WORST_FIRST).toList();
    }

    /** How many cases are in a state. */
    public long count(CaseState state) {
        return rows.stream().filter(row -> row.state() == state).count();
    }
}
