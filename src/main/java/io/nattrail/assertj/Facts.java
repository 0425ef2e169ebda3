package io.nattrail.assertj;

import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Catalogue;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.FrameRef;
import io.nattrail.path.Step;
import java.util.List;
import java.util.stream.Collectors;

/** What there was, for the messages of assertions that fail. */
final class Facts {
    private static final int MOST = 20;

    private Facts() {
    }

    /**
     * An assertion about a code that no deviation has would always hold, or never.
     *
     * @throws IllegalArgumentException if the code is none; its message names those that may be meant
     */
    static void known(String code) {
        Catalogue.of(code);
    }

    /** One line: {@code flow 2: tcp 10.241.0.4:38637 -> 10.240.0.4:32000 (default/web:https) via default/web-2: failed at step 1.5}. */
    static String flow(FlowResult flow) {
        String service = flow.serviceName() == null ? "" : " (" + flow.serviceName() + ")";
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        String via = endpoint == null ? "" : endpoint.pod() != null ? " via " + endpoint.pod() : endpoint.address() != null ? " via "
                + endpoint.address() : "";
        return "flow " + flow.id() + ": " + flow.path() + " " + flow.protocol().label() + " " + flow.client() + " -> " + flow.service()
                + service + via + ": " + verdict(flow);
    }

    static String verdict(FlowResult flow) {
        if (flow.verdict() == Verdict.UNDETERMINED && flow.undetermined() != null) {
            return "undetermined (" + flow.undetermined() + ")";
        }
        return flow.verdict().label() + (flow.failedStep() == null ? "" : " at step " + flow.failedStep());
    }

    /** All of a flow: its steps with their proof, and its deviations. */
    static String story(FlowResult flow) {
        StringBuilder text = new StringBuilder("\n").append(flow(flow)).append('\n');
        for (Step step : flow.steps()) {
            text.append("  ").append(step.number()).append(' ').append(step.status().label());
            if (!step.evidence().isEmpty()) {
                text.append(": ").append(frames(step.evidence()));
            } else if (step.reason() != null) {
                text.append(": ").append(step.reason());
            }
            text.append('\n');
        }
        return text.append(deviations(flow.deviations())).toString();
    }

    /** A line for each deviation, or that there are none. */
    static String deviations(List<Deviation> deviations) {
        if (deviations.isEmpty()) {
            return "without deviations\n";
        }
        return deviations.stream().limit(MOST).map(one -> "  " + deviation(one) + "\n").collect(Collectors.joining())
                + more(deviations.size());
    }

    static String deviation(Deviation deviation) {
        return deviation.severity().label() + " " + deviation.code() + (deviation.step() == null ? "" : " at step " + deviation.step())
                + ": " + deviation.message() + (deviation.evidence().isEmpty() ? "" : " [" + frames(deviation.evidence()) + "]");
    }

    /** {@code node1-eth0#2 node1-eth0#4}. */
    static String frames(List<FrameRef> frames) {
        return frames.stream().limit(MOST).map(Facts::frame).collect(Collectors.joining(" ")) + (frames.size() > MOST ? " ..." : "");
    }

    static String frame(FrameRef frame) {
        return frame.point() + "#" + frame.number();
    }

    /** A line for each flow. */
    static String flows(List<FlowResult> flows) {
        if (flows.isEmpty()) {
            return "  no flow\n";
        }
        return flows.stream().limit(MOST).map(one -> "  " + flow(one) + "\n").collect(Collectors.joining()) + more(flows.size());
    }

    static String name(CaseResult result) {
        return "case " + result.header().name();
    }

    private static String more(int size) {
        return size > MOST ? "  and " + (size - MOST) + " more\n" : "";
    }
}
