package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseFindings.RootCause;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.FrameRef;
import io.nattrail.net.Duration;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code report.md}: what fits into a ticket. Verdict, root causes, the steps of an example of each with a sequence diagram, the
 * captures.
 */
final class MarkdownReport implements ReportWriter {
    static final String FILE = "report.md";

    private static final int MOST_CAUSES = 10;
    private static final int MOST_EXAMPLES = 3;
    private static final int MOST_DEVIATIONS = 5;
    private static final int MOST_NAMES = 8;
    private static final int MOST_REMARKS = 20;

    private final Path target;
    private final Exemplars exemplars = new Exemplars();
    private final Unexplained unexplained = new Unexplained();
    private final StringBuilder text = new StringBuilder();
    private ReportFile file;
    private CaseHeader header;

    MarkdownReport(Path target) {
        this.target = target;
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        this.header = header;
        file = new ReportFile(target);
    }

    @Override
    public void flow(FlowResult flow) {
        exemplars.add(flow);
        unexplained.add(flow);
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        CaseFindings.Summary summary = findings.summary();
        line("# " + MarkdownText.of(header.name()) + ": " + MarkdownText.of(verdict(summary)));
        line("");
        counts(summary);
        causes(summary);
        for (FlowResult flow : examples(findings)) {
            example(flow);
        }
        captures(findings);
        line("");
        line("<sub>NatTrail " + MarkdownText.of(header.toolVersion()) + ". Every number and frame: report.json, report.html.</sub>");
        file.stream().write(text.toString().getBytes(StandardCharsets.UTF_8));
        file.commit();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    private static String verdict(CaseFindings.Summary summary) {
        if (summary.flows() == 0) {
            return "no connection of a service path was found";
        }
        if (summary.failed() > 0) {
            return share(summary.failed(), summary) + (summary.failed() == 1 ? " fails" : " fail");
        }
        if (summary.degraded() > 0) {
            return share(summary.degraded(), summary) + (summary.degraded() == 1 ? " is degraded" : " are degraded");
        }
        if (summary.undetermined() > 0) {
            return "no failure seen, " + summary.undetermined() + " of " + summary.flows() + " undetermined";
        }
        return summary.flows() == 1 ? "the one connection is well" : "all " + summary.flows() + " connections are well";
    }

    private static String share(long some, CaseFindings.Summary summary) {
        return some + " of " + summary.flows() + (summary.flows() == 1 ? " connection" : " connections");
    }

    private void counts(CaseFindings.Summary summary) {
        line("| flows | ok | degraded | failed | undetermined |");
        line("|---:|---:|---:|---:|---:|");
        line("| " + summary.flows() + " | " + summary.ok() + " | " + summary.degraded() + " | " + summary.failed() + " | "
                + summary.undetermined() + " |");
        line("");
    }

    private void causes(CaseFindings.Summary summary) {
        List<RootCause> causes = summary.rootCauses();
        List<Unexplained.Group> ended = unexplained.groups();
        if (causes.isEmpty() && ended.isEmpty()) {
            return;
        }
        line("## " + summary.headingOfCauses(causes.size() + ended.size()));
        line("");
        int shown = Math.min(MOST_CAUSES, causes.size());
        int rank = Math.min(shown, unexplained.rank(causes));
        for (int i = 0; i < rank; i++) {
            cause(i + 1, causes.get(i), causes, summary.flows());
        }
        if (rank > 0 && !ended.isEmpty()) {
            line("");
        }
        for (Unexplained.Group group : ended) {
            line("- **failed**" + MarkdownText.of(group.atStep()) + ", "
                    + group.flows() + " of " + summary.flows() + (summary.flows() == 1 ? " flow: " : " flows: ")
                    + MarkdownText.of(group.why()));
        }
        if (!ended.isEmpty()) {
            line("");
        }
        for (int i = rank; i < shown; i++) {
            cause(i + 1, causes.get(i), causes, summary.flows());
        }
        if (causes.size() > MOST_CAUSES) {
            line("");
            line("and " + (causes.size() - MOST_CAUSES) + " more in report.json");
        }
        line("");
    }

    private void cause(int number, RootCause cause, List<RootCause> causes, long flows) {
        String where = cause.step() == null ? "" : ", step " + MarkdownText.of(cause.step());
        String share = cause.flows() + " of " + flows + (flows == 1 ? " flow" : " flows");
        line(number + ". **" + MarkdownText.code(cause.code(), false) + "** (" + MarkdownText.of(cause.severity()) + where + "), "
                + share + ": " + MarkdownText.of(cause.message()));
        if (cause.since() > 0) {
            line("   - since " + IsoTime.dayAndTime(cause.since()) + " UTC");
        }
        names("endpoints", cause.endpoints());
        names("nodes", cause.nodes());
        names("clients", cause.clients());
        String said = cause.remedyOf(causes);
        if (said != null) {
            line("   - **do:** as for " + MarkdownText.of(said));
        } else if (cause.remedy() != null) {
            remedy(cause.remedy());
        }
    }

    /** Commands in blocks of their own: forges show these with a button to copy them. */
    private void remedy(String remedy) {
        String start = "   - **do:** ";
        for (Commands.Part part : Commands.of(PlainText.of(remedy))) {
            if (part.command()) {
                line("     ```sh\n     " + part.text() + "\n     ```");
            } else {
                line(start + MarkdownText.withCommands(part.text()));
            }
            start = "     ";
        }
    }

    private void names(String kind, List<String> names) {
        if (names.isEmpty()) {
            return;
        }
        StringBuilder line = new StringBuilder("   - ").append(kind).append(": ");
        for (int i = 0; i < Math.min(MOST_NAMES, names.size()); i++) {
            line.append(i == 0 ? "" : ", ").append(MarkdownText.code(names.get(i), false));
        }
        line(line + RootCause.beyond(MOST_NAMES, names));
    }

    /** By their number: hashing a flow as a whole would go through all of its steps and evidence. */
    private Collection<FlowResult> examples(CaseFindings findings) {
        Map<Integer, FlowResult> examples = new LinkedHashMap<>();
        for (RootCause cause : findings.summary().rootCauses()) {
            FlowResult flow = exemplars.of(cause);
            if (flow != null && examples.size() < MOST_EXAMPLES) {
                examples.put(flow.id(), flow);
            }
        }
        FlowResult best = exemplars.best(findings);
        if (examples.isEmpty() && best != null) {
            return List.of(best);
        }
        return examples.values();
    }

    private void example(FlowResult flow) {
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        line("## Flow " + flow.id() + ": " + flow.verdict().label()
                + (flow.failedStep() == null ? "" : " at step " + MarkdownText.of(flow.failedStep())));
        line("");
        line(MarkdownText.code(flow.client() + " -> " + flow.service(), false) + ", " + flow.protocol().label() + ", path "
                + MarkdownText.of(flow.path()) + named(", service ", flow.serviceName())
                + named(", pod ", endpoint == null ? null : endpoint.pod()) + named(" on ", endpoint == null ? null : endpoint.node()));
        if (flow.undetermined() != null) {
            line("");
            line("Not to be told from these captures: " + MarkdownText.of(flow.undetermined()));
        }
        line("");
        line("| step | | what happens | source -&gt; destination | seen at | after |");
        line("|---|---|---|---|---|---:|");
        BitSet unreached = Unreached.of(flow);
        for (int i = 0; i < flow.steps().size(); i++) {
            Step step = flow.steps().get(i);
            boolean why = step.status() == StepStatus.MISSING && step.reason() != null;
            boolean failed = step.number().equals(flow.failedStep());
            line("| " + MarkdownText.of(step.number()) + " | " + sign(unreached.get(i) ? StepStatus.NOT_APPLICABLE : step.status(), failed)
                    + " " + Unreached.status(step, failed, unreached.get(i)) + " | "
                    + MarkdownText.of(step.title()) + (why ? ": " + MarkdownText.of(step.reason()) : "") + " | "
                    + MarkdownText.code(step.tuple(), true) + " | " + places(step.evidence()) + " | " + latency(step) + " |");
        }
        line("");
        List<Deviation> deviations = Deviation.worstFirst(flow.deviations());
        for (Deviation deviation : deviations.subList(0, Math.min(MOST_DEVIATIONS, deviations.size()))) {
            deviation(deviation);
        }
        if (deviations.size() > MOST_DEVIATIONS) {
            line("- and " + (deviations.size() - MOST_DEVIATIONS) + " more");
        }
        if (!deviations.isEmpty()) {
            line("");
        }
        text.append(new MermaidDiagram(flow, header.points()).text());
    }

    private static String named(String what, String name) {
        return name == null ? "" : what + MarkdownText.code(name, false);
    }

    private void deviation(Deviation deviation) {
        String where = deviation.step() == null ? "" : ", step " + MarkdownText.of(deviation.step());
        line("- **" + MarkdownText.code(deviation.code(), false) + "** (" + deviation.severity().label() + where + "): "
                + MarkdownText.of(deviation.message()));
        for (FrameFilter frames : FrameFilter.of(deviation.evidence())) {
            line("  - frames in " + MarkdownText.code(frames.file(), false) + ": `" + frames.filter() + "`");
        }
    }

    private static String sign(StepStatus status, boolean failed) {
        if (failed) {
            return "\u274c";
        }
        return switch (status) {
            case OBSERVED -> "\u2705";
            case INFERRED -> "\u2611\ufe0f";
            case MISSING -> "\u274c";
            case NOT_APPLICABLE -> "\u2796";
            case NOT_CAPTURED -> "\u2754";
        };
    }

    private static String places(List<FrameRef> evidence) {
        StringBuilder places = new StringBuilder();
        for (FrameRef frame : evidence.subList(0, Math.min(MOST_NAMES, evidence.size()))) {
            places.append(places.length() == 0 ? "" : ", ").append(MarkdownText.code(frame.point() + " #" + frame.number(), true));
        }
        return places.toString();
    }

    private static String latency(Step step) {
        if (step.latencyNanos() == null) {
            return "";
        }
        Long error = step.latencyUncertaintyNanos();
        return Duration.of(step.latencyNanos()) + (error == null || error == 0 ? "" : " \u00b1 " + Duration.of(error));
    }

    private void captures(CaseFindings findings) {
        line("## Captures");
        line("");
        line("| point | node | files | packets | from | for | clock |");
        line("|---|---|---|---:|---|---:|---:|");
        for (PointResult point : header.points()) {
            StringBuilder files = new StringBuilder();
            long packets = 0;
            long first = Long.MAX_VALUE;
            long last = Long.MIN_VALUE;
            for (PointResult.FileResult part : point.files()) {
                files.append(files.length() == 0 ? "" : ", ").append(MarkdownText.code(part.file(), true));
                packets += part.packets();
                if (part.firstTimeNanos() != null && part.lastTimeNanos() != null) {
                    first = Math.min(first, part.firstTimeNanos());
                    last = Math.max(last, part.lastTimeNanos());
                }
            }
            String from = last < first ? "" : IsoTime.dayAndTime(first);
            String span = last < first ? "" : Duration.of(last - first);
            line("| " + MarkdownText.of(point.point().name()) + " | " + MarkdownText.of(point.point().node()) + " | " + files + " | "
                    + packets + " | " + from + " | " + span + " | " + clock(point.clock()) + " |");
        }
        line("");
        int remarks = 0;
        for (Severity severity : new Severity[] {Severity.ERROR, Severity.WARNING, Severity.INFO}) {
            for (Deviation deviation : findings.deviations()) {
                if (deviation.severity() == severity && remarks++ < MOST_REMARKS) {
                    deviation(deviation);
                }
            }
        }
        for (String note : header.notes()) {
            if (remarks++ < MOST_REMARKS) {
                line("- " + MarkdownText.of(note));
            }
        }
        if (remarks > MOST_REMARKS) {
            line("- and " + (remarks - MOST_REMARKS) + " more in report.json");
        }
    }

    private static String clock(PointResult.ClockResult clock) {
        if (clock == null || clock.offsetNanos() == null) {
            return "unknown";
        }
        if (clock.reference()) {
            return "reference";
        }
        return (clock.offsetNanos() < 0 ? "" : "+") + Duration.of(clock.offsetNanos())
                + (clock.uncertaintyNanos() == null ? "" : " \u00b1 " + Duration.of(clock.uncertaintyNanos()));
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
