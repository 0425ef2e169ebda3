package io.nattrail.baseline;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.CaseSink;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** What matters of a case, summed up while it goes by; memory follows the number of targets, not of flows. */
public final class CaseProfile implements CaseSink {
    private final SortedMap<Target, FlowGroup> groups = new TreeMap<>();
    private final SortedMap<String, Long> captureDeviations = new TreeMap<>();
    private String name = "";
    private String toolVersion = "";

    @Override
    public void begin(CaseHeader header) {
        name = header.name();
        toolVersion = header.toolVersion();
    }

    @Override
    public void flow(FlowResult flow) {
        groups.computeIfAbsent(target(flow), target -> new FlowGroup()).add(flow);
    }

    @Override
    public void end(CaseFindings findings) {
        for (Deviation deviation : findings.deviations()) {
            captureDeviations.merge(deviation.code(), 1L, Long::sum);
        }
    }

    /** The case's name. */
    public String name() {
        return name;
    }

    public String toolVersion() {
        return toolVersion;
    }

    /** All flows. */
    public long flows() {
        return groups.values().stream().mapToLong(FlowGroup::flows).sum();
    }

    SortedMap<String, Long> captureDeviations() {
        return captureDeviations;
    }

    /** The groups, by endpoint or by service. */
    SortedMap<Target, FlowGroup> groups(Grouping by) {
        if (by == Grouping.ENDPOINT) {
            return Collections.unmodifiableSortedMap(groups);
        }
        SortedMap<Target, FlowGroup> coarser = new TreeMap<>();
        groups.forEach((target, group) -> coarser.computeIfAbsent(new Target(target.path(), target.protocol(), target.service(), null),
                key -> new FlowGroup()).addAll(group));
        return coarser;
    }

    private static Target target(FlowResult flow) {
        String service = flow.serviceName() != null ? flow.serviceName() : address(flow.service(), flow.protocol());
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        String chosen = "unknown";
        if (endpoint != null) {
            if (endpoint.pod() != null) {
                chosen = endpoint.pod();
            } else if (endpoint.address() != null) {
                chosen = address(endpoint.address(), flow.protocol());
            }
        }
        return new Target(flow.path(), flow.protocol().label(), service, chosen);
    }

    private static String address(Endpoint endpoint, Protocol protocol) {
        if (endpoint == null) {
            return "unknown";
        }
        // An echo has an identifier instead of a port, another one for every ping.
        boolean echo = protocol == Protocol.ICMP || protocol == Protocol.ICMPV6;
        return echo ? endpoint.address().toString() : endpoint.toString();
    }
}
