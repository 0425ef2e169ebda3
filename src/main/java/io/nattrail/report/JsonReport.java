package io.nattrail.report;

import com.fasterxml.jackson.core.JsonEncoding;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
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
 * {@code report.json}: the complete result. Its shape is {@code report.schema.json}; keys are stable and in a fixed order, what is unknown is
 * present and null, times are ISO 8601 with nanoseconds.
 */
public final class JsonReport implements ReportWriter {
    static final String FILE = "report.json";

    private static final int SCHEMA_VERSION = 1;
    private static final JsonFactory FACTORY = new JsonFactory();

    private final Path target;
    private final JsonLayout layout = new JsonLayout();
    private ReportFile file;
    private JsonGenerator json;

    public JsonReport(Path target) {
        this.target = target;
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        file = new ReportFile(target);
        json = FACTORY.createGenerator(file.stream(), JsonEncoding.UTF8);
        json.setPrettyPrinter(layout);
        layout.spread();
        json.writeStartObject();
        json.writeNumberField("schemaVersion", SCHEMA_VERSION);
        json.writeObjectFieldStart("tool");
        json.writeStringField("name", "nattrail");
        json.writeStringField("version", header.toolVersion());
        json.writeEndObject();
        json.writeObjectFieldStart("case");
        json.writeStringField("name", header.name());
        texts("notes", header.notes());
        json.writeEndObject();
        startSpreadArray("points");
        for (PointResult point : header.points()) {
            point(point);
        }
        json.writeEndArray();
        startSpreadArray("cluster");
        for (CaseHeader.ClusterFact fact : header.cluster()) {
            json.writeStartObject();
            json.writeStringField("kind", fact.kind());
            json.writeStringField("name", fact.name());
            json.writeStringField("value", fact.value());
            json.writeStringField("origin", fact.origin());
            json.writeEndObject();
        }
        json.writeEndArray();
        startSpreadArray("flows");
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        layout.spread();
        json.writeStartObject();
        json.writeNumberField("id", flow.id());
        json.writeStringField("path", flow.path());
        json.writeStringField("protocol", flow.protocol().label());
        endpoint("client", flow.client());
        endpoint("service", flow.service());
        endpoint("clusterIp", flow.clusterIp());
        json.writeStringField("serviceName", flow.serviceName());
        json.writeStringField("entryNode", flow.entryNode());
        translated("translated", flow.translated());
        translated("told", flow.told());
        chosenEndpoint(flow.endpoint());
        json.writeNumberField("confidence", flow.confidence());
        texts("matchedBy", flow.matchedBy());
        json.writeStringField("verdict", flow.verdict().label());
        json.writeStringField("failedStep", flow.failedStep());
        json.writeStringField("undetermined", flow.undetermined());
        json.writeStringField("startTime", IsoTime.of(flow.startNanos()));
        json.writeStringField("endTime", IsoTime.of(flow.endNanos()));
        json.writeNumberField("requestBytes", flow.requestBytes());
        json.writeNumberField("replyBytes", flow.replyBytes());
        startSpreadArray("steps");
        for (Step step : flow.steps()) {
            step(step);
        }
        json.writeEndArray();
        startSpreadArray("deviations");
        for (Deviation deviation : flow.deviations()) {
            deviation(deviation);
        }
        json.writeEndArray();
        json.writeObjectFieldStart("packets");
        for (Map.Entry<String, FlowResult.PacketCount> count : flow.packets().entrySet()) {
            json.writeObjectFieldStart(count.getKey());
            json.writeNumberField("request", count.getValue().request());
            json.writeNumberField("reply", count.getValue().reply());
            json.writeEndObject();
        }
        json.writeEndObject();
        startSpreadArray("legs");
        for (FlowResult.LegResult leg : flow.legs()) {
            leg(leg);
        }
        json.writeEndArray();
        startSpreadArray("hops");
        for (Hop hop : flow.hops()) {
            hop(hop);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        json.writeEndArray();
        startSpreadArray("deviations");
        for (Deviation deviation : findings.deviations()) {
            deviation(deviation);
        }
        json.writeEndArray();
        CaseFindings.Summary summary = findings.summary();
        json.writeFieldName("summary");
        layout.spread();
        json.writeStartObject();
        json.writeNumberField("flows", summary.flows());
        json.writeNumberField("ok", summary.ok());
        json.writeNumberField("degraded", summary.degraded());
        json.writeNumberField("failed", summary.failed());
        json.writeNumberField("undetermined", summary.undetermined());
        startSpreadArray("rootCauses");
        for (CaseFindings.RootCause cause : summary.rootCauses()) {
            rootCause(cause);
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndObject();
        json.writeRaw('\n');
        json.flush();
        file.commit();
    }

    @Override
    public void close() throws IOException {
        if (file != null) {
            file.close();
        }
    }

    private void point(PointResult result) throws IOException {
        layout.spread();
        json.writeStartObject();
        json.writeStringField("name", result.point().name());
        json.writeStringField("node", result.point().node());
        json.writeStringField("role", role(result));
        json.writeStringField("concluded", result.point().concluded());
        startSpreadArray("files");
        for (PointResult.FileResult part : result.files()) {
            captureFile(part);
        }
        json.writeEndArray();
        json.writeFieldName("clock");
        clock(result.clock());
        json.writeNumberField("copies", result.copies());
        json.writeNumberField("otherPackets", result.otherPackets());
        json.writeEndObject();
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
        json.writeStartObject();
        json.writeStringField("file", part.file());
        json.writeStringField("format", part.format());
        json.writeStringField("compression", part.compression());
        texts("linkTypes", part.linkTypes());
        json.writeNumberField("packets", part.packets());
        json.writeNumberField("capturedBytes", part.capturedBytes());
        json.writeNumberField("wireBytes", part.wireBytes());
        json.writeStringField("firstTime", IsoTime.of(part.firstTimeNanos()));
        json.writeStringField("lastTime", IsoTime.of(part.lastTimeNanos()));
        number("dropped", part.dropped());
        number("snapLength", part.snapLength() == null ? null : part.snapLength().longValue());
        if (part.damage().isEmpty()) {
            json.writeNullField("damage");
        } else {
            json.writeArrayFieldStart("damage");
            for (PointResult.DamageResult damage : part.damage()) {
                json.writeStartObject();
                json.writeNumberField("fileOffset", damage.fileOffset());
                json.writeNumberField("frame", damage.frameNumber());
                json.writeStringField("kind", damage.kind());
                json.writeStringField("lost", damage.lost());
                json.writeEndObject();
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    private void clock(PointResult.ClockResult clock) throws IOException {
        if (clock == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        number("offsetNanos", clock.offsetNanos());
        json.writeNumberField("driftPpm", clock.driftPpm());
        number("uncertaintyNanos", clock.uncertaintyNanos());
        json.writeBooleanField("reference", clock.reference());
        json.writeStringField("quality", clock.quality());
        number("minOffsetNanos", clock.minOffsetNanos());
        number("maxOffsetNanos", clock.maxOffsetNanos());
        json.writeEndObject();
    }

    private void chosenEndpoint(FlowResult.FlowEndpoint endpoint) throws IOException {
        json.writeFieldName("endpoint");
        if (endpoint == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        endpoint("address", endpoint.address());
        json.writeStringField("pod", endpoint.pod());
        json.writeStringField("node", endpoint.node());
        json.writeFieldName("local");
        if (endpoint.local() == null) {
            json.writeNull();
        } else {
            json.writeBoolean(endpoint.local());
        }
        json.writeEndObject();
    }

    private void translated(String name, FlowResult.Translated translated) throws IOException {
        json.writeFieldName(name);
        if (translated == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        endpoint("source", translated.source());
        endpoint("destination", translated.destination());
        json.writeEndObject();
    }

    private void step(Step step) throws IOException {
        json.writeStartObject();
        json.writeStringField("number", step.number());
        json.writeStringField("title", step.title());
        json.writeStringField("tuple", step.tuple());
        json.writeStringField("status", step.status().label());
        json.writeStringField("reason", step.reason());
        json.writeNumberField("packets", step.packets());
        number("latencyNanos", step.latencyNanos());
        number("latencyUncertaintyNanos", step.latencyUncertaintyNanos());
        frames("evidence", step.evidence());
        json.writeEndObject();
    }

    private void deviation(Deviation deviation) throws IOException {
        json.writeStartObject();
        json.writeStringField("code", deviation.code());
        json.writeStringField("severity", deviation.severity().label());
        json.writeStringField("step", deviation.step());
        json.writeStringField("point", deviation.point());
        json.writeStringField("message", deviation.message());
        texts("causes", deviation.type().causes());
        json.writeStringField("remedy", deviation.type().remedy());
        frames("evidence", deviation.evidence());
        texts("consequences", deviation.consequences());
        json.writeEndObject();
    }

    private void leg(FlowResult.LegResult leg) throws IOException {
        json.writeStartObject();
        json.writeStringField("point", leg.point());
        json.writeStringField("tuple", leg.tuple());
        json.writeStringField("relation", leg.relation());
        json.writeStringField("history", leg.history());
        json.writeNumberField("requestPackets", leg.requestPackets());
        json.writeNumberField("replyPackets", leg.replyPackets());
        json.writeFieldName("first");
        frame(leg.first());
        json.writeFieldName("last");
        frame(leg.last());
        json.writeEndObject();
    }

    private void hop(Hop hop) throws IOException {
        json.writeStartObject();
        json.writeStringField("from", hop.from());
        json.writeStringField("to", hop.to());
        json.writeStringField("direction", hop.direction().label());
        json.writeNumberField("sent", hop.sent());
        json.writeNumberField("delivered", hop.delivered());
        json.writeNumberField("lost", hop.lost());
        json.writeNumberField("hidden", hop.hidden());
        json.writeNumberField("duplicated", hop.duplicated());
        json.writeNumberField("reordered", hop.reordered());
        json.writeNumberField("altered", hop.altered());
        // Of nothing delivered there is no delay; zero would read as instant.
        boolean any = hop.delivered() > 0;
        number("minDelayNanos", any ? hop.minDelayNanos() : null);
        number("medianDelayNanos", any ? hop.medianDelayNanos() : null);
        number("maxDelayNanos", any ? hop.maxDelayNanos() : null);
        frames("lostFrames", hop.lostFrames());
        json.writeEndObject();
    }

    private void rootCause(CaseFindings.RootCause cause) throws IOException {
        json.writeStartObject();
        json.writeStringField("code", cause.code());
        json.writeStringField("severity", cause.severity());
        json.writeStringField("step", cause.step());
        json.writeNumberField("flows", cause.flows());
        json.writeArrayFieldStart("flowIds");
        for (int id : cause.flowIds()) {
            json.writeNumber(id);
        }
        json.writeEndArray();
        json.writeStringField("since", cause.since() == 0 ? null : IsoTime.of(cause.since()));
        texts("endpoints", cause.endpoints());
        texts("nodes", cause.nodes());
        texts("clients", cause.clients());
        json.writeStringField("message", cause.message());
        json.writeStringField("remedy", cause.remedy());
        json.writeEndObject();
    }

    private void frames(String name, List<FrameRef> frames) throws IOException {
        json.writeArrayFieldStart(name);
        for (FrameRef frame : frames) {
            frame(frame);
        }
        json.writeEndArray();
    }

    private void frame(FrameRef frame) throws IOException {
        if (frame == null) {
            json.writeNull();
            return;
        }
        json.writeStartObject();
        json.writeStringField("point", frame.point());
        json.writeStringField("file", frame.file());
        json.writeNumberField("frame", frame.number());
        json.writeStringField("time", IsoTime.of(frame.timeNanos()));
        json.writeEndObject();
    }

    private void startSpreadArray(String name) throws IOException {
        json.writeFieldName(name);
        layout.spread();
        json.writeStartArray();
    }

    private void endpoint(String name, Endpoint endpoint) throws IOException {
        json.writeStringField(name, endpoint == null ? null : endpoint.toString());
    }

    private void texts(String name, List<String> values) throws IOException {
        json.writeArrayFieldStart(name);
        for (String value : values) {
            json.writeString(value);
        }
        json.writeEndArray();
    }

    private void number(String name, Long value) throws IOException {
        json.writeFieldName(name);
        if (value == null) {
            json.writeNull();
        } else {
            json.writeNumber(value);
        }
    }
}
