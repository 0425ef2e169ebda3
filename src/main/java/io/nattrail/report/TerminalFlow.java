package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
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
import java.util.List;

/** One flow on the terminal: its hops as a picture, its steps with the tuples and frames, and what ended it. */
final class TerminalFlow {
    private static final int MOST_DEVIATIONS = 3;
    private static final int MOST_PLACES = 4;
    private static final int STEP_INDENT = 12;

    private final TerminalPage page;
    private final TerminalStyle style;
    private final TerminalMarks marks;
    private final FlowResult flow;
    /** The tuple in force at the step before; null at the first. */
    private String tuple;

    TerminalFlow(TerminalPage page, TerminalStyle style, FlowResult flow) {
        this.page = page;
        this.style = style;
        this.marks = new TerminalMarks(style);
        this.flow = flow;
    }

    void print() throws IOException {
        heading();
        pictures();
        BitSet unreached = Unreached.of(flow);
        for (int i = 0; i < flow.steps().size(); i++) {
            step(flow.steps().get(i), unreached.get(i));
        }
        page.line("");
        end();
        List<Deviation> deviations = Deviation.worstFirst(flow.deviations());
        for (Deviation deviation : deviations.subList(0, Math.min(MOST_DEVIATIONS, deviations.size()))) {
            deviation(deviation);
        }
        if (deviations.size() > MOST_DEVIATIONS) {
            String more = "and " + TerminalMarks.count(deviations.size() - MOST_DEVIATIONS, "more deviation");
            page.line("     " + style.paint(Ink.DIM, more));
        }
        page.line("");
    }

    private void heading() throws IOException {
        List<String> facts = new ArrayList<>();
        facts.add(style.safe(flow.path()));
        facts.add(flow.protocol().label());
        if (flow.serviceName() != null) {
            facts.add(style.safe(flow.serviceName()));
        }
        page.heading("Flow " + flow.id(), String.join(marks.dot(), facts));
    }

    private void pictures() throws IOException {
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
    }

    private void step(Step step, boolean unreached) throws IOException {
        StepStatus status = step.status();
        boolean failed = step.number().equals(flow.failedStep());
        boolean last = step == flow.steps().get(flow.steps().size() - 1);
        String gutter = "   " + (last ? " " : style.paint(Ink.DIM, style.choose("\u2502", "|"))) + " ".repeat(STEP_INDENT - 4);
        // A tuple is repeated only when it changes, so a translation stands out.
        String now = step.tuple();
        boolean changed = now != null && !now.equals(tuple) && status != StepStatus.NOT_APPLICABLE;
        String latency = step.latencyNanos() == null ? "" : latency(step);
        boolean latencyBesideTuple = changed && STEP_INDENT + length(now) + 2 + latency.length() < style.width();

        Ink ink = failed ? Ink.BOLD_RED : TerminalMarks.ink(status);
        String sign = failed ? marks.sign(Verdict.FAILED) : marks.sign(unreached ? StepStatus.NOT_APPLICABLE : status);
        String number = style.paint(failed ? Ink.BOLD_RED : Ink.BOLD, String.format("%-6s", style.safe(step.number())));
        String right = status == StepStatus.OBSERVED ? places(step.evidence())
                : Unreached.status(step, failed, unreached);
        if (!latencyBesideTuple && !latency.isEmpty()) {
            right += "  " + latency;
        }
        Ink dim = failed ? Ink.BOLD_RED : Ink.DIM;
        page.twoSides("   " + style.paint(ink, sign) + " " + number + " ", gutter, STEP_INDENT, style.safe(step.title()),
                status == StepStatus.OBSERVED ? null : dim, right, dim);
        if (changed) {
            String tail = latencyBesideTuple
                    ? TerminalPage.pad(style.width() - 1 - STEP_INDENT - length(now) - latency.length()) + style.paint(Ink.DIM, latency)
                    : "";
            page.line(gutter + tuple(now, tuple) + tail);
            tuple = now;
        }
        boolean toldWhy = status == StepStatus.MISSING || failed && status == StepStatus.OBSERVED;
        if (toldWhy && step.reason() != null) {
            page.paragraph(gutter, gutter, style.safe(step.reason()), failed ? Ink.RED : Ink.DIM);
        }
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

    /** Columns that a tuple takes: its arrow may be one character. */
    private int length(String tuple) {
        String text = style.safe(tuple);
        return style.unicode() && tuple.contains(" -> ") ? text.length() - 1 : text.length();
    }

    private String latency(Step step) {
        String text = (step.latencyNanos() < 0 ? "" : "+") + Duration.of(step.latencyNanos());
        if (step.latencyUncertaintyNanos() != null && step.latencyUncertaintyNanos() > 0) {
            text += " \u00b1 " + Duration.of(step.latencyUncertaintyNanos());
        }
        return style.safe(text);
    }

    private String places(List<FrameRef> evidence) {
        List<String> places = new ArrayList<>();
        for (FrameRef frame : evidence.subList(0, Math.min(MOST_PLACES, evidence.size()))) {
            places.add(style.safe(frame.point()) + " #" + frame.number());
        }
        return String.join("  ", places) + (evidence.size() > MOST_PLACES ? "  " + marks.ellipsis() : "");
    }

    private void end() throws IOException {
        String end = switch (flow.verdict()) {
            case OK -> "ok: there and back";
            case DEGRADED -> "degraded: answered, with deviations";
            case FAILED -> flow.failedStep() == null ? "failed" : "failed at step " + style.safe(flow.failedStep());
            case UNDETERMINED -> "undetermined";
        };
        if (flow.undetermined() != null) {
            end += ": " + style.safe(flow.undetermined());
        }
        if (flow.endpoint() != null && flow.endpoint().pod() != null) {
            end += marks.dot() + "endpoint " + style.safe(flow.endpoint().pod());
        }
        if (flow.endpoint() != null && flow.endpoint().node() != null) {
            end += marks.dot() + "on " + style.safe(flow.endpoint().node());
        }
        Ink ink = TerminalMarks.ink(flow.verdict());
        page.paragraph("   " + style.paint(ink, marks.sign(flow.verdict())) + " ", "     ", end, ink);
    }

    private void deviation(Deviation deviation) throws IOException {
        String sign = style.paint(TerminalPage.ink(deviation.severity()), page.sign(deviation.severity()));
        String where = deviation.step() == null ? "" : " at step " + style.safe(deviation.step());
        page.paragraph("   " + sign + " ", "     ", style.safe(deviation.code()) + where + ": " + style.safe(deviation.message()), null);
        for (FrameFilter frames : FrameFilter.of(deviation.evidence())) {
            page.line("     " + style.paint(Ink.DIM, style.safe(frames.file()) + "  " + frames.filter()
                    + (frames.more() > 0 ? " and " + frames.more() + " more" : "")));
        }
    }
}
