package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Hop;
import io.nattrail.nat.TracedPacket;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The walk of a flow as a sequence diagram between the capture points, in the language of Mermaid. A step that shows at a further point is
 * an arrow to it, one inside the kernel a note, one that is missing an arrow that ends in a cross; what follows it did not happen.
 */
final class MermaidDiagram {
    private static final int RST = 4;

    private final FlowResult flow;
    private final List<String> points;
    private final StringBuilder body = new StringBuilder();
    /** The point that the walk has come to; null before the first. */
    private String current;

    MermaidDiagram(FlowResult flow, List<PointResult> points) {
        this.flow = flow;
        this.points = participants(points);
    }

    /** The points that saw the flow in the order of its path, then where all was lost, then the others. */
    private List<String> participants(List<PointResult> all) {
        Set<String> names = new LinkedHashSet<>(flow.packets().keySet());
        Hop silent = silent();
        if (silent != null) {
            names.add(silent.to());
        }
        for (PointResult point : all) {
            names.add(point.point().name());
        }
        return List.copyOf(names);
    }

    /** The diagram as a block of Markdown; empty if there is nothing to draw. */
    String text() {
        for (Step step : flow.steps()) {
            String label = step.number() + " " + (step.tuple() == null ? step.title() : step.tuple().replace(" -> ", " \u2192 "));
            boolean drawn = arrows(step, label);
            if (current != null && ended(step)) {
                break;
            }
            boolean there = step.status() == StepStatus.OBSERVED || step.status() == StepStatus.INFERRED;
            if (current != null && !drawn && there) {
                line("  Note over P" + points.indexOf(current), label, step.status() == StepStatus.INFERRED ? " (inferred)" : "");
            }
        }
        if (body.length() == 0) {
            return "";
        }
        body.append(refusal());
        StringBuilder text = new StringBuilder("```mermaid\nsequenceDiagram\n");
        for (int i = 0; i < points.size(); i++) {
            text.append("  participant P").append(i).append(" as ").append(MarkdownText.mermaid(points.get(i))).append('\n');
        }
        return text.append(body).append("```\n\n").toString();
    }

    /** Draws a step's way to each further point that shows it; false if there is none. */
    private boolean arrows(Step step, String label) {
        boolean drawn = false;
        for (FrameRef frame : step.evidence()) {
            int to = points.indexOf(frame.point());
            if (to < 0) {
                continue;
            }
            if (current != null && !current.equals(frame.point())) {
                int from = points.indexOf(current);
                line("  P" + from + (to < from ? "-->>P" : "->>P") + to, label, "");
                drawn = true;
            }
            current = frame.point();
        }
        return drawn;
    }

    /** Draws how the walk ended, if it did at this step. */
    private boolean ended(Step step) {
        Hop silent = step.number().equals(flow.failedStep()) ? silent() : null;
        if (silent != null && points.contains(silent.to())) {
            line("  P" + points.indexOf(silent.from()) + "-xP" + points.indexOf(silent.to()),
                    step.number() + " failed: 0 of " + silent.sent() + " arrived", "");
            return true;
        }
        if (step.status() == StepStatus.MISSING) {
            int at = points.indexOf(current);
            int expected = expectedAt(step, at);
            line(expected < 0 ? "  Note over P" + at : "  P" + at + "-xP" + expected,
                    step.number() + " missing" + (step.reason() == null ? "" : ": " + step.reason()), "");
            return true;
        }
        return false;
    }

    /** The point that should have shown a missing step, in its reason; -1 if that is none, or where the packet is already. */
    private int expectedAt(Step step, int at) {
        for (int i = 0; i < points.size(); i++) {
            if (i != at && step.reason() != null && step.reason().startsWith(points.get(i) + " ")) {
                return i;
            }
        }
        return -1;
    }

    private void line(String arrow, String label, String end) {
        body.append(arrow).append(": ").append(MarkdownText.mermaid(label)).append(end).append('\n');
    }

    /** The hop that lost all requests on their way to a place that never saw the flow, or null. */
    private Hop silent() {
        for (Hop hop : flow.hops()) {
            boolean seen = flow.legs().stream().anyMatch(leg -> leg.point().equals(hop.to()));
            if (hop.direction() == Direction.REQUEST && hop.lostAll() && !seen) {
                return hop;
            }
        }
        return null;
    }

    /** The first ICMP error or RST that came back about a failed flow, from where it was first seen. */
    private String refusal() {
        for (TracedPacket packet : flow.trail() == null || flow.verdict() != Verdict.FAILED ? List.<TracedPacket>of() : flow.trail()) {
            boolean reset = packet.kind().equals("tcp") && (packet.flags() & RST) != 0;
            if (packet.direction() != Direction.REPLY || !reset && !packet.kind().startsWith("icmp")) {
                continue;
            }
            List<Integer> way = new ArrayList<>();
            for (TracedPacket.Sighting sighting : packet.sightings()) {
                int at = points.indexOf(flow.legs().get(sighting.leg()).point());
                if (at >= 0 && !way.contains(at)) {
                    way.add(at);
                }
            }
            way.sort(Comparator.reverseOrder());
            String label = MarkdownText.mermaid(reset ? "RST" : packet.kind().replaceFirst("^icmp", "ICMP"));
            StringBuilder arrows = new StringBuilder();
            for (int i = 1; i < way.size(); i++) {
                arrows.append("  P").append(way.get(i - 1)).append("-->>P").append(way.get(i)).append(": ").append(label).append('\n');
            }
            return way.size() == 1 ? "  Note over P" + way.get(0) + ": " + label + "\n" : arrows.toString();
        }
        return "";
    }
}
