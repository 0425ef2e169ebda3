package io.nattrail.report;

import io.nattrail.deviation.Verdict;
import io.nattrail.path.StepStatus;
import io.nattrail.report.TerminalStyle.Ink;
import java.util.Locale;

/** The characters and colours by which verdicts and steps are told apart, and how counts are written. */
final class TerminalMarks {
    private final TerminalStyle style;

    TerminalMarks(TerminalStyle style) {
        this.style = style;
    }

    String sign(Verdict verdict) {
        return switch (verdict) {
            case OK -> style.choose("\u2713", "+");
            case DEGRADED -> "!";
            case FAILED -> style.choose("\u2717", "x");
            case UNDETERMINED -> "?";
        };
    }

    String sign(StepStatus status) {
        return switch (status) {
            case OBSERVED -> style.choose("\u25cf", "*");
            case INFERRED -> style.choose("\u25cb", "o");
            case MISSING -> style.choose("\u2717", "x");
            case NOT_APPLICABLE -> style.choose("\u00b7", "-");
            case NOT_CAPTURED -> "?";
        };
    }

    static Ink ink(Verdict verdict) {
        return switch (verdict) {
            case OK -> Ink.GREEN;
            case DEGRADED -> Ink.YELLOW;
            case FAILED -> Ink.RED;
            case UNDETERMINED -> Ink.DIM;
        };
    }

    static Ink ink(StepStatus status) {
        return switch (status) {
            case OBSERVED -> Ink.GREEN;
            case INFERRED -> Ink.CYAN;
            case MISSING -> Ink.RED;
            case NOT_APPLICABLE, NOT_CAPTURED -> Ink.DIM;
        };
    }

    /** What stands between facts of one line. */
    String dot() {
        return style.choose(" \u00b7 ", ", ");
    }

    String ellipsis() {
        return style.choose("\u2026", "...");
    }

    static String count(long count, String thing) {
        return number(count) + " " + thing + (count == 1 ? "" : "s");
    }

    static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
