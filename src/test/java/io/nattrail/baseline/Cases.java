package io.nattrail.baseline;

import io.nattrail.analysis.CaseResult;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.FlowResult.FlowEndpoint;
import io.nattrail.analysis.FlowResult.Translated;
import io.nattrail.deviation.Deviation;
import io.nattrail.net.Endpoint;
import io.nattrail.path.Step;
import io.nattrail.report.SampleCases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Cases put together from the sample flows. */
final class Cases {
    private Cases() {
    }

    /** Flows: {@code o} answered, {@code l} lost between the nodes, {@code r} repeated, {@code u} undetermined. */
    static List<FlowResult> flows(String kinds) {
        List<FlowResult> flows = new ArrayList<>();
        for (int i = 0; i < kinds.length(); i++) {
            flows.add(switch (kinds.charAt(i)) {
                case 'o' -> SampleCases.answered(i + 1);
                case 'l' -> SampleCases.lost(i + 1);
                case 'r' -> SampleCases.repeated(i + 1);
                case 'u' -> SampleCases.lostBetweenNodes().flows().get(4);
                default -> throw new IllegalArgumentException(kinds);
            });
        }
        return flows;
    }

    static CaseProfile profile(List<FlowResult> flows, List<Deviation> ofCase) {
        CaseProfile profile = new CaseProfile();
        try {
            new CaseResult(SampleCases.header("web", "10.244.1.2"), flows, SampleCases.findings(ofCase, flows.size(), 0, 0, 0, List.of()))
                    .sendTo(profile);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return profile;
    }

    static CaseProfile profile(String kinds) {
        return profile(flows(kinds), List.of());
    }

    static FlowResult to(FlowResult flow, String serviceName, String pod) {
        return copy(flow, serviceName, flow.translated(), new FlowEndpoint(flow.endpoint().address(), pod, "node-2", false), flow.steps(),
                flow.deviations());
    }

    static FlowResult translated(FlowResult flow, String source, String destination) {
        Translated translated = source == null ? null : new Translated(Endpoint.parse(source), Endpoint.parse(destination));
        return copy(flow, flow.serviceName(), translated, flow.endpoint(), flow.steps(), flow.deviations());
    }

    static FlowResult withSteps(FlowResult flow, List<Step> steps) {
        return copy(flow, flow.serviceName(), flow.translated(), flow.endpoint(), steps, flow.deviations());
    }

    static FlowResult without(FlowResult flow) {
        return copy(flow, null, flow.translated(), null, flow.steps(), flow.deviations());
    }

    private static FlowResult copy(FlowResult flow, String serviceName, Translated translated, FlowEndpoint endpoint, List<Step> steps,
            List<Deviation> deviations) {
        return new FlowResult(flow.id(), flow.path(), flow.protocol(), flow.client(), flow.service(), flow.clusterIp(), serviceName,
                flow.entryNode(), translated, flow.told(), endpoint, flow.confidence(), flow.matchedBy(), flow.verdict(), flow.failedStep(),
                flow.undetermined(), flow.startNanos(), flow.endNanos(), steps, deviations, flow.packets(), flow.requestBytes(),
                flow.replyBytes(), flow.legs(), flow.hops(), null);
    }
}
