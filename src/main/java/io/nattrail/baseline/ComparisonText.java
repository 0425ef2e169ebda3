package io.nattrail.baseline;

import io.nattrail.report.JunitSuite;
import io.nattrail.report.TerminalStyle;
import io.nattrail.report.TerminalStyle.Ink;
import java.io.IOException;

/** Differences as a diff with their meaning, for the terminal and for JUnit. */
public final class ComparisonText {
    private final Comparison comparison;
    private final TerminalStyle style;

    public ComparisonText(Comparison comparison, TerminalStyle style) {
        this.comparison = comparison;
        this.style = style;
    }

    /**
     * Writes all differences.
     *
     * @param baseline name of the baseline's file
     * @param input name of the case
     */
    public void print(Appendable out, String baseline, String input) throws IOException {
        line(out, Ink.BOLD, "--- " + baseline);
        line(out, Ink.BOLD, "+++ " + input);
        for (Difference difference : comparison.differences()) {
            out.append('\n');
            print(out, difference);
        }
    }

    private void print(Appendable out, Difference difference) throws IOException {
        String where = difference.line() > 0 ? " line " + difference.line() : "";
        line(out, Ink.CYAN, "@@ " + difference.title() + " @@" + where);
        for (Difference.Change change : difference.changes()) {
            if (change.expected() != null) {
                line(out, Ink.RED, "-  " + change.key() + ": " + change.expected());
            }
            if (change.actual() != null) {
                line(out, Ink.GREEN, "+  " + change.key() + ": " + change.actual());
            }
        }
        for (String sentence : difference.meaning()) {
            line(out, null, "   " + sentence);
        }
    }

    private void line(Appendable out, Ink ink, String text) throws IOException {
        out.append(style.paint(ink, style.safe(text))).append('\n');
    }

    /** A test for each entry of the baseline, and for all flows that it does not know. */
    public JunitSuite junit(String caseName, String version) throws IOException {
        JunitSuite suite = new JunitSuite("nattrail check: " + caseName, version);
        for (Comparison.Check check : comparison.checks()) {
            String title = check.title();
            Difference difference = check.difference();
            if (difference == null) {
                suite.add(caseName, title, JunitSuite.Outcome.PASSED, "", "", "");
            } else {
                StringBuilder details = new StringBuilder();
                new ComparisonText(comparison, TerminalStyle.PLAIN).print(details, difference);
                suite.add(caseName, title, JunitSuite.Outcome.FAILED, "difference", difference.meaning().get(0), details.toString());
            }
        }
        return suite;
    }
}
