package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code flows.csv}: one row for each flow. Columns are named as the keys of report.json. */
final class FlowsCsv implements ReportWriter {
    static final String FILE = "flows.csv";
    static final List<String> COLUMNS = List.of("id", "path", "protocol", "client", "service", "clusterIp", "serviceName", "entryNode",
            "translatedSource", "translatedDestination", "endpoint", "endpointPod", "endpointNode", "endpointLocal", "confidence",
            "matchedBy", "verdict", "failedStep", "undetermined", "startTime", "endTime", "durationNanos", "requestBytes", "replyBytes",
            "packets", "deviations");

    private final Path target;
    private CsvSheet sheet;

    FlowsCsv(Path target) {
        this.target = target;
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        sheet = new CsvSheet(target, COLUMNS);
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        FlowResult.Translated translated = flow.translated();
        FlowResult.FlowEndpoint endpoint = flow.endpoint();
        sheet.value(flow.id()).shared(flow.path()).shared(flow.protocol().label()).endpoint(flow.client())
                .endpoint(flow.service()).endpoint(flow.clusterIp()).shared(flow.serviceName()).shared(flow.entryNode())
                .endpoint(translated == null ? null : translated.source())
                .endpoint(translated == null ? null : translated.destination())
                .endpoint(endpoint == null ? null : endpoint.address())
                .shared(endpoint == null ? null : endpoint.pod())
                .shared(endpoint == null ? null : endpoint.node())
                .value(endpoint == null ? null : endpoint.local())
                .value(flow.confidence()).texts(flow.matchedBy())
                .shared(flow.verdict().label()).shared(flow.failedStep()).text(flow.undetermined())
                .time(flow.startNanos()).time(flow.endNanos()).value(flow.endNanos() - flow.startNanos())
                .value(flow.requestBytes()).value(flow.replyBytes()).text(packets(flow)).texts(codes(flow)).endRow();
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        sheet.commit();
    }

    @Override
    public void close() throws IOException {
        if (sheet != null) {
            sheet.close();
        }
    }

    /** For example {@code client=6/5 node1-eth0=12/10}: frames of requests and of replies at each point. */
    private static String packets(FlowResult flow) {
        StringBuilder joined = new StringBuilder(80);
        for (Map.Entry<String, FlowResult.PacketCount> count : flow.packets().entrySet()) {
            joined.append(joined.isEmpty() ? "" : " ").append(count.getKey()).append('=').append(count.getValue().request()).append('/')
                    .append(count.getValue().reply());
        }
        return joined.toString();
    }

    private static List<String> codes(FlowResult flow) {
        if (flow.deviations().isEmpty()) {
            return List.of();
        }
        Set<String> codes = new LinkedHashSet<>();
        for (Deviation deviation : flow.deviations()) {
            codes.add(deviation.code());
        }
        return new ArrayList<>(codes);
    }
}
