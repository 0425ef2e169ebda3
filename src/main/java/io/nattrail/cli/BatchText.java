package io.nattrail.cli;

import io.nattrail.batch.BatchResult;
import io.nattrail.batch.CaseRow;
import io.nattrail.batch.CaseState;
import io.nattrail.report.TerminalPage;
import io.nattrail.report.TerminalStyle;
import io.nattrail.report.TerminalStyle.Ink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What the terminal shows of a batch: the counts, the worst cases with their reason, and where the index is. */
final class BatchText {
    private static final int MOST_CASES = 15;

    private final TerminalStyle style;
    private final TerminalPage page;

    BatchText(Appendable out, TerminalStyle style) {
        this.style = style;
        this.page = new TerminalPage(out, style);
    }

    void print(BatchResult result, Path out) throws IOException {
        List<CaseRow> rows = result.rows();
        page.line("");
        page.heading("Batch", rows.size() + (rows.size() == 1 ? " case" : " cases"));
        List<String> counts = new ArrayList<>();
        for (CaseState state : CaseState.values()) {
            if (result.count(state) > 0) {
                counts.add(result.count(state) + " " + state.label());
            }
        }
        page.paragraph("   ", "   ", counts.isEmpty() ? "no case" : String.join(", ", counts), Ink.BOLD);
        if (result.reused() > 0) {
            page.paragraph("   ", "   ", result.reused() + " of them finished in an earlier run", Ink.DIM);
        }
        page.line("");
        int shown = 0;
        for (CaseRow row : rows) {
            if (row.state() != CaseState.OK && shown < MOST_CASES) {
                print(row);
                shown++;
            }
        }
        long notOk = rows.size() - result.count(CaseState.OK);
        if (notOk > shown) {
            page.paragraph("   ", "   ", "and " + (notOk - shown) + " more, in the index", Ink.DIM);
        }
        if (shown > 0) {
            page.line("");
        }
        page.line(" " + style.paint(Ink.BOLD, "Index") + "  " + style.safe(out.resolve("index.html").toString()));
        page.line("");
    }

    private void print(CaseRow row) throws IOException {
        String sign = switch (row.state()) {
            case BROKEN, UNREADABLE, FAILED -> style.choose("\u2717", "x");
            case DEGRADED -> "!";
            default -> style.choose("\u00b7", "-");
        };
        Ink ink = switch (row.state()) {
            case BROKEN, UNREADABLE, FAILED -> Ink.RED;
            case DEGRADED -> Ink.YELLOW;
            default -> Ink.DIM;
        };
        page.paragraph("   " + style.paint(ink, sign) + " ", "     ", style.safe(row.name()), Ink.BOLD);
        page.paragraph("       ", "       ", style.safe(reason(row)), null);
        if (row.remedy() != null) {
            page.paragraph("       ", "       ", style.safe(row.remedy()), Ink.DIM);
        }
    }

    /** The first sentence; the index has the rest. */
    private static String first(String message) {
        int end = message.indexOf(". ");
        return end < 0 ? message : message.substring(0, end);
    }

    private static String reason(CaseRow row) {
        if (row.error() != null) {
            return row.error();
        }
        CaseRow.Cause cause = row.cause();
        if (cause != null) {
            return cause.code() + (cause.step() == null ? "" : " at step " + cause.step()) + ": " + first(cause.message());
        }
        if (row.unexplained() != null) {
            return row.unexplained();
        }
        return String.join(", ", row.deviations().keySet());
    }
}
