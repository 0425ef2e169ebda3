package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseFindings.RootCause;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.net.Duration;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import io.nattrail.report.TerminalStyle.Ink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a tired engineer understands in ten seconds: how many connections fail, the root causes with what to do, one flow step by step with
 * both tuples and the frames, and what is wrong with the captures.
 */
public final class TerminalSummary implements CaseSink {
    private static final int MOST_CAUSES = 5;
    private static final int MOST_DEVIATIONS = 3;
    private static final int MOST_FRAMES = 8;
    private static final int MOST_REMARKS = 8;
    private static final int MOST_NAMES = 4;
    private static final int MOST_CLOCKS = 8;
    private static final int STEP_INDENT = 12;
    private static final int LEAST_WIDTH_OF_COUNTS = 70;

    private final TerminalPage page;
    private final TerminalStyle style;
    private final Exemplars exemplars = new Exemplars();
    private final Unexplained unexplained = new Unexplained();
    private CaseHeader header;
    private long firstNanos = Long.MAX_VALUE;
    private long lastNanos = Long.MIN_VALUE;

    public TerminalSummary(Appendable out, TerminalStyle style) {
        this.page = new TerminalPage(out, style);
        this.style = style;
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
            walk(flow);
        }
        captures(findings);
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
        facts.add(count(header.points().size(), "capture point"));
        facts.add(count(packets(), "packet"));
        if (lastNanos > firstNanos) {
            facts.add(style.safe(Duration.of(lastNanos - firstNanos)));
        }
        page.twoSides(" ", " ", 1, style.safe(header.name()), Ink.BOLD_CYAN, String.join(dot(), facts), Ink.DIM);
        page.line("");
        String sentence;
        Ink ink;
        if (summary.flows() == 0) {
            sentence = "No connection of a service path was found in these captures.";
            ink = Ink.BOLD_YELLOW;
        } else if (summary.failed() > 0) {
            sentence = summary.failed() == summary.flows() && summary.flows() > 1
                    ? "All " + number(summary.flows()) + " connections fail."
                    : number(summary.failed()) + " of " + count(summary.flows(), "connection")
                            + (summary.failed() == 1 ? " fails." : " fail.");
            ink = Ink.BOLD_RED;
        } else if (summary.degraded() > 0) {
            sentence = "No connection fails, but " + number(summary.degraded()) + " of " + number(summary.flows())
                    + (summary.degraded() == 1 ? " is" : " are") + " degraded.";
            ink = Ink.BOLD_YELLOW;
        } else if (summary.undetermined() > 0) {
            sentence = "No connection is seen to fail; of " + number(summary.undetermined()) + " the captures do not tell.";
            ink = Ink.BOLD_YELLOW;
        } else {
            sentence = summary.flows() == 1 ? "The one connection went there and back, and nothing deviates."
                    : "All " + number(summary.flows()) + " connections went there and back, and nothing deviates.";
            ink = Ink.BOLD_GREEN;
        }
        page.line(" " + style.paint(ink, sentence));
        if (summary.flows() > 0) {
            page.line("");
            bar(summary);
            List<String> counts = new ArrayList<>();
            verdictCount(counts, Verdict.FAILED, summary.failed());
            verdictCount(counts, Verdict.DEGRADED, summary.degraded());
            verdictCount(counts, Verdict.UNDETERMINED, summary.undetermined());
            verdictCount(counts, Verdict.OK, summary.ok());
            boolean oneLine = style.width() >= LEAST_WIDTH_OF_COUNTS;
            page.line(" " + String.join(oneLine ? "    " : "\n ", counts));
        }
        page.line("");
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

    private void verdictCount(List<String> counts, Verdict verdict, long count) {
        if (count > 0) {
            counts.add(style.paint(ink(verdict), sign(verdict) + " " + number(count) + " " + verdict.label()));
        }
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
            page.line("   " + style.paint(Ink.DIM, "and " + count(causes.size() - MOST_CAUSES, "more cause") + " in the reports"));
            page.line("");
        }
    }

    /** What the verdict tells, where no error does. */
    private void ended(Unexplained.Group group, long flows) throws IOException {
        String step = group.step() == null ? "" : "step " + style.safe(group.step()) + dot();
        page.twoSides(" " + style.paint(Ink.RED, page.sign(Severity.ERROR)) + " ", "   ", 3, "failed", Ink.BOLD_RED,
                step + number(group.flows()) + " of " + count(flows, "flow"), Ink.BOLD);
        page.paragraph("   ", "   ", style.safe(group.why()), null);
        flows(group.flows(), group.ids());
        page.line("");
    }

    private void cause(RootCause cause, List<RootCause> causes, long flows) throws IOException {
        Severity severity = severity(cause.severity());
        String share = (cause.step() == null ? "" : "step " + cause.step() + dot()) + number(cause.flows()) + " of " + count(flows, "flow");
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
            page.labelled("affects", String.join(dot(), affected));
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
        List<Integer> shown = firstIds.subList(0, Math.min(MOST_FRAMES, firstIds.size()));
        StringBuilder ids = new StringBuilder();
        for (int id : shown) {
            ids.append(ids.isEmpty() ? "" : ", ").append(id);
        }
        page.labelled(count == 1 ? "flow" : "flows", ids + (count > shown.size() ? ", " + ellipsis() : ""));
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

    private void walk(FlowResult flow) throws IOException {
        List<String> facts = new ArrayList<>();
        facts.add(style.safe(flow.path()));
        facts.add(flow.protocol().label());
        if (flow.serviceName() != null) {
            facts.add(style.safe(flow.serviceName()));
        }
        page.heading("Flow " + flow.id(), String.join(dot(), facts));
        boolean drawn = false;
        for (Direction direction : Direction.values()) {
            String picture = HopPicture.of(flow.hops(), direction, style, style.width() - 4);
            if (picture != null) {
                page.line("   " + picture);
                drawn = true;
            }
        }
        if (drawn) {
            page.line("");
        }
        String tuple = null;
        BitSet unreached = Unreached.of(flow);
        for (int i = 0; i < flow.steps().size(); i++) {
            Step step = flow.steps().get(i);
            boolean failed = step.number().equals(flow.failedStep());
            tuple = step(step, failed, unreached.get(i), i == flow.steps().size() - 1, tuple);
        }
        page.line("");
        String end = switch (flow.verdict()) {
            case OK -> "ok: there and back";
            case DEGRADED -> "degraded: answered, with deviations";
            case FAILED -> flow.failedStep() == null ? "failed" : "failed at step " + style.safe(flow.failedStep());
            case UNDETERMINED -> "undetermined";
        };
        if (flow.undetermined() != null) {
            end += ": " + style.safe(flow.undetermined());
        }
        String sign = style.paint(ink(flow.verdict()), sign(flow.verdict()));
        if (flow.endpoint() != null && flow.endpoint().pod() != null) {
            end += dot() + "endpoint " + style.safe(flow.endpoint().pod());
        }
        if (flow.endpoint() != null && flow.endpoint().node() != null) {
            end += dot() + "on " + style.safe(flow.endpoint().node());
        }
        page.paragraph("   " + sign + " ", "     ", end, ink(flow.verdict()));
        List<Deviation> deviations = Deviation.worstFirst(flow.deviations());
        for (Deviation deviation : deviations.subList(0, Math.min(MOST_DEVIATIONS, deviations.size()))) {
            deviation(deviation);
        }
        if (deviations.size() > MOST_DEVIATIONS) {
            page.line("     " + style.paint(Ink.DIM, "and " + count(deviations.size() - MOST_DEVIATIONS, "more deviation")));
        }
        page.line("");
    }

    /** Prints a step and gives the tuple that is now in force: a tuple is repeated only when it changes, so a translation stands out. */
    private String step(Step step, boolean failed, boolean notReached, boolean last, String tuple) throws IOException {
        StepStatus status = step.status();
        Ink ink = failed ? Ink.BOLD_RED : ink(status);
        Ink dim = failed ? Ink.BOLD_RED : Ink.DIM;
        String now = step.tuple();
        boolean changed = now != null && !now.equals(tuple) && status != StepStatus.NOT_APPLICABLE;
        String latency = step.latencyNanos() == null ? "" : latency(step);
        boolean latencyBesideTuple = changed && STEP_INDENT + length(now) + 2 + latency.length() < style.width();
        String right = status == StepStatus.OBSERVED ? places(step.evidence())
                : Unreached.status(step, failed, notReached);
        if (!latencyBesideTuple && !latency.isEmpty()) {
            right += "  " + latency;
        }
        String mark = style.paint(ink, failed ? sign(Verdict.FAILED)
                : sign(notReached ? StepStatus.NOT_APPLICABLE : status));
        String number = style.paint(failed ? Ink.BOLD_RED : Ink.BOLD, String.format("%-6s", style.safe(step.number())));
        String gutter = "   " + (last ? " " : style.paint(Ink.DIM, style.choose("\u2502", "|"))) + " ".repeat(STEP_INDENT - 4);
        Ink titleInk = status == StepStatus.OBSERVED ? null : dim;
        page.twoSides("   " + mark + " " + number + " ", gutter, STEP_INDENT, style.safe(step.title()), titleInk, right, dim);
        if (changed) {
            String tail = latencyBesideTuple
                    ? TerminalPage.pad(style.width() - 1 - STEP_INDENT - length(now) - latency.length()) + style.paint(Ink.DIM, latency)
                            : "";
            page.line(gutter + tuple(now, tuple) + tail);
        }
        boolean toldWhy = status == StepStatus.MISSING || failed && status == StepStatus.OBSERVED;
        if (toldWhy && step.reason() != null) {
            page.paragraph(gutter, gutter, style.safe(step.reason()), failed ? Ink.RED : Ink.DIM);
        }
        return changed ? now : tuple;
    }

    /** The tuple; the side that was translated stands out. */
    private String tuple(String now, String before) {
        int cut = now.indexOf(" -> ");
        if (cut < 0) {
            return style.safe(now);
        }
        String[] sides = {now.substring(0, cut), now.substring(cut + 4)};
        String[] earlier = {null, null};
        int cutBefore = before == null ? -1 : before.indexOf(" -> ");
        if (cutBefore >= 0) {
            earlier[0] = before.substring(0, cutBefore);
            earlier[1] = before.substring(cutBefore + 4);
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            boolean known = sides[i].equals(earlier[0]) || sides[i].equals(earlier[1]);
            text.append(i == 0 ? "" : style.paint(Ink.DIM, style.choose(" \u2192 ", " -> ")))
                    .append(style.paint(known ? null : Ink.BOLD_CYAN, style.safe(sides[i])));
        }
        return text.toString();
    }

    private int length(String tuple) {
        String text = style.safe(tuple);
        return style.unicode() && tuple.contains(" -> ") ? text.length() - 1 : text.length();
    }

    private String latency(Step step) {
        String text = "+" + Duration.of(step.latencyNanos());
        if (step.latencyNanos() < 0) {
            text = Duration.of(step.latencyNanos());
        }
        if (step.latencyUncertaintyNanos() != null && step.latencyUncertaintyNanos() > 0) {
            text += " \u00b1 " + Duration.of(step.latencyUncertaintyNanos());
        }
        return style.safe(text);
    }

    private void deviation(Deviation deviation) throws IOException {
        String sign = style.paint(TerminalPage.ink(deviation.severity()), page.sign(deviation.severity()));
        String where = deviation.step() == null ? "" : " at step " + style.safe(deviation.step());
        page.paragraph("   " + sign + " ", "     ", style.safe(deviation.code()) + where + ": " + style.safe(deviation.message()), null);
        // One line for each file, as a display filter that can be pasted into Wireshark.
        Map<String, List<Long>> frames = new LinkedHashMap<>();
        for (FrameRef frame : deviation.evidence()) {
            frames.computeIfAbsent(frame.file(), file -> new ArrayList<>()).add(frame.number());
        }
        for (Map.Entry<String, List<Long>> file : frames.entrySet()) {
            StringBuilder filter = new StringBuilder();
            for (long number : file.getValue().subList(0, Math.min(MOST_FRAMES, file.getValue().size()))) {
                filter.append(filter.length() == 0 ? "" : ",").append(number);
            }
            int more = file.getValue().size() - MOST_FRAMES;
            page.line("     " + style.paint(Ink.DIM, style.safe(file.getKey()) + "  frame.number in {" + filter + "}"
                    + (more > 0 ? " and " + more + " more" : "")));
        }
    }

    private void captures(CaseFindings findings) throws IOException {
        List<String[]> remarks = new ArrayList<>();
        boolean damageTold = false;
        for (Severity severity : new Severity[] {Severity.ERROR, Severity.WARNING, Severity.INFO}) {
            for (Deviation deviation : findings.deviations()) {
                if (deviation.severity() == severity) {
                    damageTold |= deviation.code().equals("capture-file-damaged");
                    remarks.add(new String[] {severity.label(), style.safe(deviation.code()) + ": " + style.safe(deviation.message())});
                }
            }
        }
        if (!damageTold) {
            damage(remarks);
        }
        for (String note : header.notes()) {
            remarks.add(new String[] {Severity.INFO.label(), style.safe(note)});
        }
        String clocks = clocks();
        if (remarks.isEmpty() && clocks.isEmpty()) {
            return;
        }
        page.heading("Captures", "");
        for (String[] remark : remarks.subList(0, Math.min(MOST_REMARKS, remarks.size()))) {
            Severity severity = severity(remark[0]);
            page.paragraph("   " + style.paint(TerminalPage.ink(severity), page.sign(severity)) + " ", "     ", remark[1], null);
        }
        if (remarks.size() > MOST_REMARKS) {
            page.line("     " + style.paint(Ink.DIM, "and " + count(remarks.size() - MOST_REMARKS, "more remark") + " in the reports"));
        }
        if (!clocks.isEmpty()) {
            page.paragraph("   " + style.paint(Ink.DIM, style.choose("\u00b7", "-")) + " ", "     ", clocks, Ink.DIM);
        }
        page.line("");
    }

    private void damage(List<String[]> remarks) {
        for (PointResult point : header.points()) {
            for (PointResult.FileResult file : point.files()) {
                for (PointResult.DamageResult damage : file.damage()) {
                    String place = style.safe(file.file()) + ": byte " + damage.fileOffset() + " (frame " + damage.frameNumber() + "): ";
                    String what = style.safe(damage.kind()) + ": " + style.safe(damage.lost());
                    remarks.add(new String[] {Severity.WARNING.label(), place + what});
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
        int more = parts.size() - MOST_CLOCKS;
        return parts.isEmpty() ? "" : "clocks against " + reference() + ": " + String.join(", ", parts.subList(0, Math.min(MOST_CLOCKS,
                parts.size()))) + (more > 0 ? " and " + more + " more in the reports" : "");
    }

    private String reference() {
        for (PointResult point : header.points()) {
            if (point.clock() != null && point.clock().reference()) {
                return style.safe(point.point().name());
            }
        }
        return "the reference";
    }

    private String places(List<FrameRef> evidence) {
        List<String> places = new ArrayList<>();
        for (FrameRef frame : evidence.subList(0, Math.min(MOST_NAMES, evidence.size()))) {
            places.add(style.safe(frame.point()) + " #" + frame.number());
        }
        return String.join("  ", places) + (evidence.size() > MOST_NAMES ? "  " + ellipsis() : "");
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

    private String sign(Verdict verdict) {
        return switch (verdict) {
            case OK -> style.choose("\u2713", "+");
            case DEGRADED -> "!";
            case FAILED -> style.choose("\u2717", "x");
            case UNDETERMINED -> "?";
        };
    }

    private String sign(StepStatus status) {
        return switch (status) {
            case OBSERVED -> style.choose("\u25cf", "*");
            case INFERRED -> style.choose("\u25cb", "o");
            case MISSING -> style.choose("\u2717", "x");
            case NOT_APPLICABLE -> style.choose("\u00b7", "-");
            case NOT_CAPTURED -> "?";
        };
    }

    private static Ink ink(Verdict verdict) {
        return switch (verdict) {
            case OK -> Ink.GREEN;
            case DEGRADED -> Ink.YELLOW;
            case FAILED -> Ink.RED;
            case UNDETERMINED -> Ink.DIM;
        };
    }

    private static Ink bold(Severity severity) {
        return switch (severity) {
            case ERROR -> Ink.BOLD_RED;
            case WARNING -> Ink.BOLD_YELLOW;
            case INFO -> Ink.BOLD;
        };
    }

    private static Ink ink(StepStatus status) {
        return switch (status) {
            case OBSERVED -> Ink.GREEN;
            case INFERRED -> Ink.CYAN;
            case MISSING -> Ink.RED;
            case NOT_APPLICABLE, NOT_CAPTURED -> Ink.DIM;
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

    private String dot() {
        return style.choose(" \u00b7 ", ", ");
    }

    private String ellipsis() {
        return style.choose("\u2026", "...");
    }

    private static String count(long count, String thing) {
        return number(count) + " " + thing + (count == 1 ? "" : "s");
    }

    private static String number(long value) {
        return String.format(java.util.Locale.ROOT, "%,d", value);
    }
}
