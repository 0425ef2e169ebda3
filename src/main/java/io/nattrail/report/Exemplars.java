package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Flows worth showing as an example: the first with each code and the first of each verdict. Keeps that many and no more, since which of
 * them the root causes need is known only at the end.
 */
final class Exemplars {
    private final Map<String, FlowResult> byCode = new LinkedHashMap<>();
    private final Map<Verdict, FlowResult> byVerdict = new EnumMap<>(Verdict.class);
    private FlowResult remoteOk;

    void add(FlowResult flow) {
        boolean remote = flow.verdict() == Verdict.OK && flow.endpoint() != null && Boolean.FALSE.equals(flow.endpoint().local());
        for (Deviation deviation : flow.deviations()) {
            if (!byCode.containsKey(deviation.code())) {
                byCode.put(deviation.code(), flow);
            }
        }
        byVerdict.putIfAbsent(flow.verdict(), flow);
        if (remote && remoteOk == null) {
            remoteOk = flow;
        }
    }

    /** The first flow that a cause struck; null if none was seen. */
    FlowResult of(CaseFindings.RootCause cause) {
        FlowResult named = cause.flowIds().isEmpty() ? null : byId(cause.flowIds().get(0));
        return named != null ? named : byCode.get(cause.code());
    }

    /**
     * The flow to walk through: one of the first root cause, else the worst, else one whose endpoint is on another node; null without
     * flows.
     */
    FlowResult best(CaseFindings findings) {
        for (CaseFindings.RootCause cause : findings.summary().rootCauses()) {
            FlowResult flow = of(cause);
            if (flow != null) {
                return flow;
            }
        }
        for (Verdict verdict : new Verdict[] {Verdict.FAILED, Verdict.DEGRADED}) {
            if (byVerdict.containsKey(verdict)) {
                return byVerdict.get(verdict);
            }
        }
        if (remoteOk != null) {
            return remoteOk;
        }
        return byVerdict.getOrDefault(Verdict.OK, byVerdict.get(Verdict.UNDETERMINED));
    }

    private FlowResult byId(int id) {
        for (FlowResult flow : byCode.values()) {
            if (flow.id() == id) {
                return flow;
            }
        }
        for (FlowResult flow : byVerdict.values()) {
            if (flow.id() == id) {
                return flow;
            }
        }
        return null;
    }
}
