package io.nattrail.report;

import io.nattrail.deviation.DeviationType;
import io.nattrail.deviation.Severity;
import io.nattrail.report.TerminalStyle.Ink;
import java.io.IOException;
import java.util.List;

/** Entries of the catalogue of deviations on the terminal: one in full, or all in short. */
public final class CataloguePage {
    private final TerminalPage page;
    private final TerminalStyle style;

    public CataloguePage(Appendable out, TerminalStyle style) {
        this.page = new TerminalPage(out, style);
        this.style = style;
    }

    /** What a code means, how it looks on the wire, its causes, what to check. */
    public void entry(DeviationType type) throws IOException {
        page.line("");
        page.twoSides(" " + style.paint(TerminalPage.ink(type.severity()), page.sign(type.severity())) + " ", "   ", 3, type.code(),
                Ink.BOLD_CYAN,
                type.severity().label(), TerminalPage.ink(type.severity()));
        page.paragraph("   ", "   ", style.safe(type.title()), Ink.BOLD);
        page.line("");
        section("On the wire");
        page.paragraph("   ", "   ", style.safe(type.wire()), null);
        page.line("");
        section("Likely causes, the likeliest first");
        for (int i = 0; i < type.causes().size(); i++) {
            numbered(i + 1, type.causes().get(i));
        }
        page.line("");
        section("What to check or change");
        List<String> checks = type.checksInGeneral();
        for (int i = 0; i < checks.size(); i++) {
            String start = (i + 1) + ".";
            page.withCommands("   " + start + TerminalPage.pad(4 - start.length()), "       ", style.safe(checks.get(i)));
        }
        if (!type.references().isEmpty()) {
            page.line("");
            section("References");
            for (String reference : type.references()) {
                page.paragraph("   " + style.choose("\u00b7", "-") + " ", "     ", style.safe(reference), null);
            }
        }
        page.line("");
    }

    /** Every code with its title, the most severe first. */
    public void list(List<DeviationType> types) throws IOException {
        int widest = 0;
        for (DeviationType type : types) {
            widest = Math.max(widest, type.code().length());
        }
        for (Severity severity : new Severity[] {Severity.ERROR, Severity.WARNING, Severity.INFO}) {
            page.line("");
            page.line(" " + style.paint(Ink.BOLD, severity.label()));
            for (DeviationType type : types) {
                if (type.severity() == severity) {
                    String code = type.code() + " ".repeat(widest - type.code().length());
                    String sign = style.paint(TerminalPage.ink(severity), page.sign(severity));
                    page.paragraph("   " + sign + " " + style.paint(Ink.CYAN, code) + "  ",
                            " ".repeat(widest + 7), style.safe(type.title()), null);
                }
            }
        }
        page.line("");
    }

    private void section(String title) throws IOException {
        page.line(" " + style.paint(Ink.BOLD, title));
    }

    private void numbered(int number, String text) throws IOException {
        String start = number + ".";
        page.paragraph("   " + start + TerminalPage.pad(4 - start.length()), "       ", style.safe(text), null);
    }
}
