package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.net.Duration;
import io.nattrail.report.TerminalStyle.Ink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What is to be known of the captures on the terminal: what is wrong with them, and how far their clocks are apart. */
final class TerminalCaptures {
    private static final int MOST_REMARKS = 8;
    private static final int MOST_CLOCKS = 8;

    private final TerminalPage page;
    private final TerminalStyle style;
    private final CaseHeader header;

    private record Remark(Severity severity, String text) {
    }

    TerminalCaptures(TerminalPage page, TerminalStyle style, CaseHeader header) {
        this.page = page;
        this.style = style;
        this.header = header;
    }

    void print(CaseFindings findings) throws IOException {
        List<Remark> remarks = remarks(findings.deviations());
        String clocks = clocks();
        if (remarks.isEmpty() && clocks.isEmpty()) {
            return;
        }
        page.heading("Captures", "");
        for (Remark remark : remarks.subList(0, Math.min(MOST_REMARKS, remarks.size()))) {
            String sign = style.paint(TerminalPage.ink(remark.severity()), page.sign(remark.severity()));
            page.paragraph("   " + sign + " ", "     ", remark.text(), null);
        }
        if (remarks.size() > MOST_REMARKS) {
            String more = "and " + TerminalMarks.count(remarks.size() - MOST_REMARKS, "more remark") + " in the reports";
            page.line("     " + style.paint(Ink.DIM, more));
        }
        if (!clocks.isEmpty()) {
            page.paragraph("   " + style.paint(Ink.DIM, style.choose("\u00b7", "-")) + " ", "     ", clocks, Ink.DIM);
        }
        page.line("");
    }

    /** The worst first. */
    private List<Remark> remarks(List<Deviation> deviations) {
        List<Remark> remarks = new ArrayList<>();
        boolean damageTold = false;
        for (Severity severity : new Severity[] {Severity.ERROR, Severity.WARNING, Severity.INFO}) {
            for (Deviation deviation : deviations) {
                if (deviation.severity() == severity) {
                    damageTold |= deviation.code().equals("capture-file-damaged");
                    remarks.add(new Remark(severity, style.safe(deviation.code()) + ": " + style.safe(deviation.message())));
                }
            }
        }
        if (!damageTold) {
            damage(remarks);
        }
        for (String note : header.notes()) {
            remarks.add(new Remark(Severity.INFO, style.safe(note)));
        }
        return remarks;
    }

    private void damage(List<Remark> remarks) {
        for (PointResult point : header.points()) {
            for (PointResult.FileResult file : point.files()) {
                for (PointResult.DamageResult damage : file.damage()) {
                    String place = style.safe(file.file()) + ": byte " + damage.fileOffset() + " (frame " + damage.frameNumber() + "): ";
                    String what = style.safe(damage.kind()) + ": " + style.safe(damage.lost());
                    remarks.add(new Remark(Severity.WARNING, place + what));
                }
            }
        }
    }

    private String clocks() {
        List<String> parts = new ArrayList<>();
        for (PointResult point : header.points()) {
            PointResult.ClockResult clock = point.clock();
            String name = style.safe(point.point().name());
            if (clock == null || clock.reference()) {
                continue;
            }
            if (clock.offsetNanos() == null) {
                parts.add(name + " unknown");
            } else {
                String error = clock.uncertaintyNanos() == null ? " (one-sided)" : " \u00b1 " + Duration.of(clock.uncertaintyNanos());
                parts.add(name + " " + (clock.offsetNanos() < 0 ? "" : "+") + style.safe(Duration.of(clock.offsetNanos()) + error));
            }
        }
        if (parts.isEmpty()) {
            return "";
        }
        int more = parts.size() - MOST_CLOCKS;
        return "clocks against " + reference() + ": " + String.join(", ", parts.subList(0, Math.min(MOST_CLOCKS, parts.size())))
                + (more > 0 ? " and " + more + " more in the reports" : "");
    }

    private String reference() {
        for (PointResult point : header.points()) {
            if (point.clock() != null && point.clock().reference()) {
                return style.safe(point.point().name());
            }
        }
        return "the reference";
    }
}
