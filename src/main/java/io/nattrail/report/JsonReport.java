package io.nattrail.report;

import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Hop;
import io.nattrail.net.Endpoint;
import io.nattrail.path.Step;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code report.json}: the complete result. Its shape is {@code report.schema.json}; keys are stable and in a fixed order, what is
 * unknown is present and null, times are ISO 8601 with nanoseconds.
 */
public final class JsonReport implements ReportWriter {
    static final String FILE = "report.json";

    private static final int SCHEMA_VERSION = 1;

    private final Path target;
    private final Unexplained unexplained = new Unexplained();
    private ReportFile file;
    private JsonOut json;

    public JsonReport(Path target) {
        this.target = target;
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        file = new ReportFile(target);
        json = new JsonOut(file.stream());
        json.spreadObject();
        json.name("schemaVersion").number(SCHEMA_VERSION);
        json.name("tool").object();
        json.name("name").string("nattrail");
        json.name("version").string(header.toolVersion());
        json.endObject();
        json.name("case").object();
        json.name("name").string(header.name());
        texts("notes", header.notes());
        json.endObject();
        startSpreadArray("points");
        for (PointResult point : header.points()) {
            point(point);
        }
        json.endArray();
        startSpreadArray("cluster");
        for (CaseHeader.ClusterFact fact : header.cluster()) {
            json.object();
            json.name("kind").string(fact.kind());
            json.name("name").string(fact.name());
            json.name("value").string(fact.value());
            json.name("origin").string(fact.origin());
            json.endObject();
        }
        json.endArray();
        startSpreadArray("flows");
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        unexplained.add(flow);
        json.spreadObject();
        json.name("id").number(flow.id());
        json.name("path").shared(flow.path());
        json.name("protocol").shared(flow.protocol().label());
        endpoint("client", flow.client());
        endpoint("service", flow.service());
        endpoint("clusterIp", flow.clusterIp());
        json.name("serviceName").shared(flow.serviceName());
        json.name("entryNode").shared(flow.entryNode());
        translated("translated", flow.translated());
        translated("told", flow.told());
        chosenEndpoint(flow.endpoint());
        json.name("confidence").number(flow.confidence());
        texts("matchedBy", flow.matchedBy());
        json.name("verdict").shared(flow.verdict().label());
        json.name("failedStep").shared(flow.failedStep());
        json.name("undetermined").string(flow.undetermined());
        json.name("startTime").time(flow.startNanos());
        json.name("endTime").time(flow.endNanos());
        json.name("requestBytes").number(flow.requestBytes());
        json.name("replyBytes").number(flow.replyBytes());
        startSpreadArray("steps");
        for (Step step : flow.steps()) {
            step(step);
        }
        json.endArray();
        startSpreadArray("deviations");
        for (Deviation deviation : flow.deviations()) {
            deviation(deviation);
        }
        json.endArray();
        json.name("packets").object();
        for (Map.Entry<String, FlowResult.PacketCount> count : flow.packets().entrySet()) {
            json.name(count.getKey()).object();
            json.name("request").number(count.getValue().request());
            json.name("reply").number(count.getValue().reply());
            json.endObject();
        }
        json.endObject();
        startSpreadArray("legs");
        for (FlowResult.LegResult leg : flow.legs()) {
            leg(leg);
        }
        json.endArray();
        startSpreadArray("hops");
        for (Hop hop : flow.hops()) {
            hop(hop);
        }
        json.endArray();
        json.endObject();
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        json.endArray();
        startSpreadArray("deviations");
        for (Deviation deviation : findings.deviations()) {
            deviation(deviation);
        }
        json.endArray();
        CaseFindings.Summary summary = findings.summary();
        json.name("summary").spreadObject();
        json.name("flows").number(summary.flows());
        json.name("ok").number(summary.ok());
        json.name("degraded").number(summary.degraded());
        json.name("failed").number(summary.failed());
        json.name("undetermined").number(summary.undetermined());
        startSpreadArray("rootCauses");
        for (CaseFindings.RootCause cause : summary.rootCauses()) {
            rootCause(cause);
        }
        json.endArray();
        startSpreadArray("unexplained");
        for (Unexplained.Group group : unexplained.groups()) {
            json.object();
            json.name("step").string(group.step());
            json.name("flows").number(group.flows());
            json.name("firstFlow").number(group.firstFlow());
            json.name("message").string(group.why());
            json.endObject();
        }
        json.endArray();
        json.endObject();
        json.endObject();
        json.finish();
        file.commit();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    private void point(PointResult result) throws IOException {
        json.spreadObject();
        json.name("name").string(result.point().name());
        json.name("node").shared(result.point().node());
        json.name("role").string(role(result));
        json.name("concluded").string(result.point().concluded());
        startSpreadArray("files");
        for (PointResult.FileResult part : result.files()) {
            captureFile(part);
        }
        json.endArray();
        json.name("clock");
        clock(result.clock());
        json.name("copies").number(result.copies());
        json.name("otherPackets").number(result.otherPackets());
        json.endObject();
    }

    private static String role(PointResult result) {
        if (result.point().role() == null) {
            return null;
        }
        return switch (result.point().role()) {
            case CLIENT -> "client";
            case NODE_INTERFACE -> "node-interface";
            case BRIDGE -> "bridge";
            case POD -> "pod";
            case ANY -> "any";
        };
    }

    private void captureFile(PointResult.FileResult part) throws IOException {
        json.object();
        json.name("file").shared(part.file());
        json.name("format").string(part.format());
        json.name("compression").string(part.compression());
        texts("linkTypes", part.linkTypes());
        json.name("packets").number(part.packets());
        json.name("capturedBytes").number(part.capturedBytes());
        json.name("wireBytes").number(part.wireBytes());
        json.name("firstTime").time(part.firstTimeNanos());
        json.name("lastTime").time(part.lastTimeNanos());
        number("dropped", part.dropped());
        number("snapLength", part.snapLength() == null ? null : part.snapLength().longValue());
        if (part.damage().isEmpty()) {
            json.name("damage").nothing();
        } else {
            json.name("damage").array();
            for (PointResult.DamageResult damage : part.damage()) {
                json.object();
                json.name("fileOffset").number(damage.fileOffset());
                json.name("frame").number(damage.frameNumber());
                json.name("kind").string(damage.kind());
                json.name("lost").string(damage.lost());
                json.endObject();
            }
            json.endArray();
        }
        json.endObject();
    }

    private void clock(PointResult.ClockResult clock) throws IOException {
        if (clock == null) {
            json.nothing();
            return;
        }
        json.object();
        number("offsetNanos", clock.offsetNanos());
        json.name("driftPpm");
        if (clock.offsetNanos() == null) {
            json.nothing();
        } else {
            json.number(clock.driftPpm());
        }
        number("uncertaintyNanos", clock.uncertaintyNanos());
        json.name("reference").bool(clock.reference());
        json.name("quality").string(clock.quality());
        number("minOffsetNanos", clock.minOffsetNanos());
        number("maxOffsetNanos", clock.maxOffsetNanos());
        json.endObject();
    }

    private void chosenEndpoint(FlowResult.FlowEndpoint endpoint) throws IOException {
        json.name("endpoint");
        if (endpoint == null) {
            json.nothing();
            return;
        }
        json.object();
        endpoint("address", endpoint.address());
        json.name("pod").shared(endpoint.pod());
        json.name("node").shared(endpoint.node());
        json.name("local");
        if (endpoint.local() == null) {
            json.nothing();
        } else {
            json.bool(endpoint.local());
        }
        json.endObject();
    }

    private void translated(String key, FlowResult.Translated translated) throws IOException {
        json.name(key);
        if (translated == null) {
            json.nothing();
            return;
        }
        json.object();
        endpoint("source", translated.source());
        endpoint("destination", translated.destination());
        json.endObject();
    }

    private void step(Step step) throws IOException {
        json.object();
        json.name("number").shared(step.number());
        json.name("title").shared(step.title());
        json.name("tuple").shared(step.tuple());
        json.name("status").shared(step.status().label());
        json.name("reason").shared(step.reason());
        json.name("packets").number(step.packets());
        number("latencyNanos", step.latencyNanos());
        number("latencyUncertaintyNanos", step.latencyUncertaintyNanos());
        frames("evidence", step.evidence());
        json.endObject();
    }

    private void deviation(Deviation deviation) throws IOException {
        json.object();
        json.name("code").shared(deviation.code());
        json.name("severity").shared(deviation.severity().label());
        json.name("step").shared(deviation.step());
        json.name("point").shared(deviation.point());
        json.name("message").string(deviation.message());
        texts("causes", deviation.causes());
        json.name("remedy").string(deviation.remedy());
        frames("evidence", deviation.evidence());
        texts("consequences", deviation.consequences());
        json.endObject();
    }

    private void leg(FlowResult.LegResult leg) throws IOException {
        json.object();
        json.name("point").shared(leg.point());
        json.name("tuple").string(leg.tuple());
        json.name("relation").shared(leg.relation());
        json.name("history").string(leg.history());
        json.name("requestPackets").number(leg.requestPackets());
        json.name("replyPackets").number(leg.replyPackets());
        json.name("first").frame(leg.first());
        json.name("last").frame(leg.last());
        json.endObject();
    }

    private void hop(Hop hop) throws IOException {
        json.object();
        json.name("from").shared(hop.from());
        json.name("to").shared(hop.to());
        json.name("direction").shared(hop.direction().label());
        json.name("sent").number(hop.sent());
        json.name("delivered").number(hop.delivered());
        json.name("lost").number(hop.lost());
        json.name("hidden").number(hop.hidden());
        json.name("duplicated").number(hop.duplicated());
        json.name("reordered").number(hop.reordered());
        json.name("altered").number(hop.altered());
        // Where nothing was delivered there is no delay; zero would read as instant.
        boolean any = hop.delivered() > 0;
        number("minDelayNanos", any ? hop.minDelayNanos() : null);
        number("medianDelayNanos", any ? hop.medianDelayNanos() : null);
        number("maxDelayNanos", any ? hop.maxDelayNanos() : null);
        frames("lostFrames", hop.lostFrames());
        json.endObject();
    }

    private void rootCause(CaseFindings.RootCause cause) throws IOException {
        json.object();
        json.name("code").shared(cause.code());
        json.name("severity").string(cause.severity());
        json.name("step").shared(cause.step());
        json.name("flows").number(cause.flows());
        json.name("flowIds").array();
        for (int id : cause.flowIds()) {
            json.number(id);
        }
        json.endArray();
        json.name("since").string(cause.since() == 0 ? null : IsoTime.of(cause.since()));
        texts("endpoints", cause.endpoints());
        texts("nodes", cause.nodes());
        texts("clients", cause.clients());
        json.name("message").string(cause.message());
        json.name("remedy").string(cause.remedy());
        json.endObject();
    }

    private void frames(String key, List<FrameRef> frames) throws IOException {
        json.name(key).array();
        for (FrameRef frame : frames) {
            json.frame(frame);
        }
        json.endArray();
    }

    private void startSpreadArray(String key) throws IOException {
        json.name(key).spreadArray();
    }

    private void endpoint(String key, Endpoint endpoint) throws IOException {
        json.name(key).endpoint(endpoint);
    }

    private void texts(String key, List<String> values) throws IOException {
        json.name(key).array();
        for (String value : values) {
            json.shared(value);
        }
        json.endArray();
    }

    private void number(String key, Long value) throws IOException {
        json.name(key);
        if (value == null) {
            json.nothing();
        } else {
            json.number(value);
        }
    }
}
