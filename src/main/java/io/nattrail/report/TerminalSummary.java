package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseFindings.RootCause;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.net.Duration;
import io.nattrail.report.TerminalStyle.Ink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a tired engineer understands in ten seconds: how many connections fail, the root causes with what to do, one flow step by step with
 * both tuples and the frames, and what is wrong with the captures.
 */
public final class TerminalSummary implements CaseSink {
    private static final int MOST_CAUSES = 5;
    private static final int MOST_FLOWS = 8;
    private static final int MOST_NAMES = 4;
    private static final int LEAST_WIDTH_OF_COUNTS = 70;

    private final TerminalPage page;
    private final TerminalStyle style;
    private final TerminalMarks marks;
    private final Exemplars exemplars = new Exemplars();
    private final Unexplained unexplained = new Unexplained();
    private CaseHeader header;
    private long firstNanos = Long.MAX_VALUE;
    private long lastNanos = Long.MIN_VALUE;

    public TerminalSummary(Appendable out, TerminalStyle style) {
        this.page = new TerminalPage(out, style);
        this.style = style;
        this.marks = new TerminalMarks(style);
    }

    @Override
    public void begin(CaseHeader header) {
        this.header = header;
        for (PointResult point : header.points()) {
            for (PointResult.FileResult file : point.files()) {
                if (file.firstTimeNanos() != null && file.lastTimeNanos() != null) {
                    firstNanos = Math.min(firstNanos, file.firstTimeNanos());
                    lastNanos = Math.max(lastNanos, file.lastTimeNanos());
                }
            }
        }
    }

    @Override
    public void flow(FlowResult flow) {
        exemplars.add(flow);
        unexplained.add(flow);
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        page.line("");
        headline(findings.summary());
        causes(findings.summary());
        FlowResult flow = exemplars.best(findings);
        if (flow != null) {
            new TerminalFlow(page, style, flow).print();
        }
        new TerminalCaptures(page, style, header).print(findings);
    }

    /** Last line: where the reports are. */
    public void reports(String folder, List<String> files) throws IOException {
        String start = " " + style.paint(Ink.BOLD, "Reports") + "  " + style.paint(Ink.CYAN, style.safe(folder));
        String names = "  " + String.join("  ", files);
        if (" Reports  ".length() + style.safe(folder).length() + names.length() < style.width()) {
            page.line(start + style.paint(Ink.DIM, names));
        } else {
            page.line(start);
            page.paragraph("          ", "          ", String.join(" ", files), Ink.DIM);
        }
    }

    private void headline(CaseFindings.Summary summary) throws IOException {
        List<String> facts = new ArrayList<>();
        facts.add(TerminalMarks.count(header.points().size(), "capture point"));
        facts.add(TerminalMarks.count(packets(), "packet"));
        if (lastNanos > firstNanos) {
            facts.add(style.safe(Duration.of(lastNanos - firstNanos)));
        }
        page.twoSides(" ", " ", 1, style.safe(header.name()), Ink.BOLD_CYAN, String.join(marks.dot(), facts), Ink.DIM);
        page.line("");
        sentence(summary);
        if (summary.flows() > 0) {
            page.line("");
            bar(summary);
            counts(summary);
        }
        page.line("");
    }

    private void sentence(CaseFindings.Summary summary) throws IOException {
        String flows = TerminalMarks.number(summary.flows());
        String sentence;
        Ink ink = Ink.BOLD_YELLOW;
        if (summary.flows() == 0) {
            sentence = "No connection of a service path was found in these captures.";
        } else if (summary.failed() > 0) {
            sentence = summary.failed() == summary.flows() && summary.flows() > 1 ? "All " + flows + " connections fail."
                    : TerminalMarks.number(summary.failed()) + " of " + TerminalMarks.count(summary.flows(), "connection")
                            + (summary.failed() == 1 ? " fails." : " fail.");
            ink = Ink.BOLD_RED;
        } else if (summary.degraded() > 0) {
            sentence = "No connection fails, but " + TerminalMarks.number(summary.degraded()) + " of " + flows
                    + (summary.degraded() == 1 ? " is" : " are") + " degraded.";
        } else if (summary.undetermined() > 0) {
            sentence = "No connection is seen to fail; of " + TerminalMarks.number(summary.undetermined()) + " the captures do not tell.";
        } else {
            sentence = summary.flows() == 1 ? "The one connection went there and back, and nothing deviates."
                    : "All " + flows + " connections went there and back, and nothing deviates.";
            ink = Ink.BOLD_GREEN;
        }
        page.line(" " + style.paint(ink, sentence));
    }

    private void counts(CaseFindings.Summary summary) throws IOException {
        List<String> counts = new ArrayList<>();
        verdictCount(counts, Verdict.FAILED, summary.failed());
        verdictCount(counts, Verdict.DEGRADED, summary.degraded());
        verdictCount(counts, Verdict.UNDETERMINED, summary.undetermined());
        verdictCount(counts, Verdict.OK, summary.ok());
        boolean oneLine = style.width() >= LEAST_WIDTH_OF_COUNTS;
        page.line(" " + String.join(oneLine ? "    " : "\n ", counts));
    }

    private void verdictCount(List<String> counts, Verdict verdict, long count) {
        if (count > 0) {
            String text = marks.sign(verdict) + " " + TerminalMarks.number(count) + " " + verdict.label();
            counts.add(style.paint(TerminalMarks.ink(verdict), text));
        }
    }

    /** The shares of the verdicts at a glance; says nothing where it cannot be coloured. */
    private void bar(CaseFindings.Summary summary) throws IOException {
        if (!style.color() || !style.unicode() || summary.flows() < 2) {
            return;
        }
        int cells = Math.min(60, style.width() - 2);
        StringBuilder text = new StringBuilder(" ");
        long[] shares = {summary.failed(), summary.degraded(), summary.undetermined(), summary.ok()};
        Ink[] inks = {Ink.RED, Ink.YELLOW, Ink.DIM, Ink.GREEN};
        int drawn = 0;
        long passed = 0;
        for (int i = 0; i < shares.length; i++) {
            passed += shares[i];
            int until = (int) Math.round((double) cells * passed / summary.flows());
            // What is there must be seen, however few.
            int length = shares[i] == 0 ? 0 : Math.max(1, until - drawn);
            length = Math.min(length, cells - drawn);
            text.append(style.paint(inks[i], "\u2501".repeat(length)));
            drawn += length;
        }
        page.line(text.toString());
    }

    private void causes(CaseFindings.Summary summary) throws IOException {
        List<RootCause> causes = summary.rootCauses();
        List<Unexplained.Group> ended = unexplained.groups();
        if (causes.isEmpty() && ended.isEmpty()) {
            return;
        }
        page.heading(summary.headingOfCauses(causes.size() + ended.size()), "");
        int rank = Math.min(MOST_CAUSES, unexplained.rank(causes));
        for (RootCause cause : causes.subList(0, rank)) {
            cause(cause, causes, summary.flows());
        }
        for (Unexplained.Group group : ended) {
            ended(group, summary.flows());
        }
        for (RootCause cause : causes.subList(rank, Math.min(MOST_CAUSES, causes.size()))) {
            cause(cause, causes, summary.flows());
        }
        if (causes.size() > MOST_CAUSES) {
            String more = "and " + TerminalMarks.count(causes.size() - MOST_CAUSES, "more cause") + " in the reports";
            page.line("   " + style.paint(Ink.DIM, more));
            page.line("");
        }
    }

    /** What the verdict tells, where no error does. */
    private void ended(Unexplained.Group group, long flows) throws IOException {
        String step = group.step() == null ? "" : "step " + style.safe(group.step()) + marks.dot();
        page.twoSides(" " + style.paint(Ink.RED, page.sign(Severity.ERROR)) + " ", "   ", 3, "failed", Ink.BOLD_RED,
                step + TerminalMarks.number(group.flows()) + " of " + TerminalMarks.count(flows, "flow"), Ink.BOLD);
        page.paragraph("   ", "   ", style.safe(group.why()), null);
        flows(group.flows(), group.ids());
        page.line("");
    }

    private void cause(RootCause cause, List<RootCause> causes, long flows) throws IOException {
        Severity severity = severity(cause.severity());
        String share = (cause.step() == null ? "" : "step " + cause.step() + marks.dot())
                + TerminalMarks.number(cause.flows()) + " of " + TerminalMarks.count(flows, "flow");
        page.twoSides(" " + style.paint(TerminalPage.ink(severity), page.sign(severity)) + " ", "   ", 3, style.safe(cause.code()),
                bold(severity), style.safe(share), Ink.BOLD);
        page.paragraph("   ", "   ", style.safe(cause.message()), null);
        if (cause.since() > 0) {
            page.labelled("since", IsoTime.dayAndTime(cause.since()) + " UTC");
        }
        List<String> affected = new ArrayList<>();
        names(affected, "endpoint", cause.endpoints());
        names(affected, "node", cause.nodes());
        names(affected, "client", cause.clients());
        if (!affected.isEmpty()) {
            page.labelled("affects", String.join(marks.dot(), affected));
        }
        if (!cause.flowIds().isEmpty()) {
            flows(cause.flows(), cause.flowIds());
        }
        String said = cause.remedyOf(causes);
        if (said != null) {
            page.labelled("do", "as for " + style.safe(said));
        } else if (cause.remedy() != null) {
            page.labelledCommands("do", style.safe(cause.remedy()));
        }
        page.line("");
    }

    private void flows(long count, List<Integer> firstIds) throws IOException {
        List<Integer> shown = firstIds.subList(0, Math.min(MOST_FLOWS, firstIds.size()));
        StringBuilder ids = new StringBuilder();
        for (int id : shown) {
            ids.append(ids.isEmpty() ? "" : ", ").append(id);
        }
        page.labelled(count == 1 ? "flow" : "flows", ids + (count > shown.size() ? ", " + marks.ellipsis() : ""));
    }

    private void names(List<String> affected, String kind, List<String> names) {
        if (names.isEmpty()) {
            return;
        }
        StringBuilder text = new StringBuilder(kind).append(names.size() == 1 ? " " : "s ");
        for (int i = 0; i < Math.min(MOST_NAMES, names.size()); i++) {
            text.append(i == 0 ? "" : ", ").append(style.safe(names.get(i)));
        }
        affected.add(text + RootCause.beyond(MOST_NAMES, names));
    }

    private long packets() {
        long packets = 0;
        for (PointResult point : header.points()) {
            for (PointResult.FileResult file : point.files()) {
                packets += file.packets();
            }
        }
        return packets;
    }

    private static Ink bold(Severity severity) {
        return switch (severity) {
            case ERROR -> Ink.BOLD_RED;
            case WARNING -> Ink.BOLD_YELLOW;
            case INFO -> Ink.BOLD;
        };
    }

    private static Severity severity(String label) {
        for (Severity severity : Severity.values()) {
            if (severity.label().equals(label)) {
                return severity;
            }
        }
        throw new IllegalArgumentException("no severity: " + label);
    }
}
