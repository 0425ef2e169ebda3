package io.nattrail.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.leg.FrameRef;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/** What the page of the report reads first: the case, its points and findings, sums over all flows, and which flows are in which block. */
final class HtmlHead {
    private static final JsonFactory JSON = new JsonFactory();

    private final CaseHeader header;
    private final PointClocks clocks;
    private final HtmlTotals totals;
    private final HtmlDissections dissections;
    private final List<HtmlSpool.Block> blocks;
    private final Set<HtmlSpool.Block> chosen;

    /**
     * @param blocks all that there are
     * @param chosen those that the page holds
     */
    HtmlHead(CaseHeader header, PointClocks clocks, HtmlTotals totals, HtmlDissections dissections, List<HtmlSpool.Block> blocks,
            Set<HtmlSpool.Block> chosen) {
        this.header = header;
        this.clocks = clocks;
        this.totals = totals;
        this.dissections = dissections;
        this.blocks = blocks;
        this.chosen = chosen;
    }

    /** All of it, as JSON. */
    byte[] write(CaseFindings findings, Unexplained unexplained) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("name", header.name());
            json.writeStringField("tool", header.toolVersion());
            json.writeStringField("start", Long.toString(clocks.start()));
            json.writeArrayFieldStart("points");
            for (PointResult point : header.points()) {
                point(json, point);
            }
            json.writeEndArray();
            HtmlTotals.strings(json, "notes", header.notes());
            json.writeArrayFieldStart("cluster");
            for (CaseHeader.ClusterFact fact : header.cluster()) {
                json.writeStartArray();
                json.writeString(fact.kind());
                json.writeString(fact.name());
                json.writeString(fact.value());
                json.writeString(fact.origin());
                json.writeEndArray();
            }
            json.writeEndArray();
            findings(json, findings, unexplained);
            totals.write(json, clocks);
            dissections.writeHead(json);
            blocks(json, findings.summary().flows());
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private void blocks(JsonGenerator json, long flows) throws IOException {
        json.writeArrayFieldStart("blocks");
        for (HtmlSpool.Block block : chosen) {
            json.writeStartArray();
            json.writeString(block.kind().label());
            json.writeNumber(block.first());
            json.writeNumber(block.last());
            json.writeNumber(block.count());
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeObjectFieldStart("leftOut");
        for (HtmlSpool.Kind kind : HtmlSpool.Kind.values()) {
            long count = 0;
            for (HtmlSpool.Block block : blocks) {
                count += block.kind() == kind && !chosen.contains(block) ? block.count() : 0;
            }
            json.writeNumberField(kind.label(), count);
        }
        json.writeNumberField("no-trail", flows - totals.trails());
        json.writeEndObject();
    }

    private void point(JsonGenerator json, PointResult point) throws IOException {
        String name = point.point().name();
        json.writeStartObject();
        json.writeStringField("name", name);
        json.writeStringField("role", point.point().role() == null ? null : point.point().role().name());
        json.writeStringField("node", point.point().node());
        json.writeStringField("concluded", point.point().concluded());
        json.writeNumberField("copies", point.copies());
        json.writeNumberField("otherPackets", point.otherPackets());
        json.writeStringField("base", Long.toString(clocks.base(name)));
        PointResult.ClockResult clock = point.clock();
        json.writeNumberField("shift", clocks.base(name) - clocks.start() - (clock.offsetNanos() == null ? 0 : clock.offsetNanos()));
        json.writeObjectFieldStart("clock");
        number(json, "offset", clock.offsetNanos());
        json.writeNumberField("drift", clock.driftPpm());
        number(json, "uncertainty", clock.uncertaintyNanos());
        json.writeBooleanField("reference", clock.reference());
        json.writeStringField("quality", clock.quality());
        number(json, "least", clock.minOffsetNanos());
        number(json, "most", clock.maxOffsetNanos());
        json.writeEndObject();
        json.writeArrayFieldStart("files");
        for (PointResult.FileResult part : point.files()) {
            json.writeStartObject();
            json.writeStringField("file", part.file());
            json.writeStringField("format", part.format());
            json.writeStringField("compression", part.compression());
            HtmlTotals.strings(json, "linkTypes", part.linkTypes());
            json.writeNumberField("packets", part.packets());
            json.writeNumberField("capturedBytes", part.capturedBytes());
            json.writeNumberField("wireBytes", part.wireBytes());
            number(json, "first", part.firstTimeNanos() == null ? null : Long.valueOf(part.firstTimeNanos() - clocks.base(name)));
            number(json, "last", part.lastTimeNanos() == null ? null : Long.valueOf(part.lastTimeNanos() - clocks.base(name)));
            number(json, "dropped", part.dropped());
            number(json, "snapLength", part.snapLength() == null ? null : Long.valueOf(part.snapLength()));
            json.writeArrayFieldStart("damage");
            for (PointResult.DamageResult damage : part.damage()) {
                json.writeStartObject();
                json.writeNumberField("offset", damage.fileOffset());
                json.writeNumberField("frame", damage.frameNumber());
                json.writeStringField("kind", damage.kind());
                json.writeStringField("lost", damage.lost());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void findings(JsonGenerator json, CaseFindings findings, Unexplained unexplained) throws IOException {
        CaseFindings.Summary summary = findings.summary();
        HtmlTotals.numbers(json, "verdicts", new long[] {summary.ok(), summary.degraded(), summary.failed(), summary.undetermined()});
        json.writeNumberField("flows", summary.flows());
        rootCauses(json, summary.rootCauses());
        unexplained(json, summary.rootCauses(), unexplained);
        deviations(json, findings.deviations());
    }

    private void rootCauses(JsonGenerator json, List<CaseFindings.RootCause> causes) throws IOException {
        json.writeArrayFieldStart("rootCauses");
        for (CaseFindings.RootCause cause : causes) {
            json.writeStartObject();
            json.writeStringField("code", cause.code());
            json.writeStringField("severity", cause.severity());
            json.writeStringField("step", cause.step());
            json.writeNumberField("flows", cause.flows());
            json.writeFieldName("flowIds");
            int[] ids = cause.flowIds().stream().mapToInt(Integer::intValue).toArray();
            json.writeArray(ids, 0, ids.length);
            json.writeNumberField("since", cause.since() - clocks.start());
            HtmlTotals.strings(json, "endpoints", cause.endpoints());
            HtmlTotals.strings(json, "nodes", cause.nodes());
            HtmlTotals.strings(json, "clients", cause.clients());
            json.writeStringField("message", cause.message());
            json.writeStringField("remedy", cause.remedy());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void unexplained(JsonGenerator json, List<CaseFindings.RootCause> causes, Unexplained unexplained) throws IOException {
        json.writeNumberField("unexplainedRank", unexplained.rank(causes));
        json.writeArrayFieldStart("unexplained");
        for (Unexplained.Group group : unexplained.groups()) {
            json.writeStartObject();
            json.writeStringField("step", group.step());
            json.writeNumberField("flows", group.flows());
            json.writeNumberField("firstFlow", group.firstFlow());
            json.writeStringField("message", group.why());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void deviations(JsonGenerator json, List<Deviation> deviations) throws IOException {
        json.writeArrayFieldStart("deviations");
        for (Deviation deviation : deviations) {
            json.writeStartObject();
            json.writeStringField("code", deviation.code());
            json.writeNumberField("severity", deviation.severity().ordinal());
            json.writeStringField("step", deviation.step());
            json.writeStringField("point", deviation.point());
            json.writeStringField("message", deviation.message());
            json.writeArrayFieldStart("evidence");
            for (FrameRef frame : deviation.evidence()) {
                json.writeStartArray();
                json.writeNumber(clocks.index(frame.point()));
                json.writeString(frame.file());
                json.writeNumber(frame.number());
                json.writeNumber(frame.timeNanos() - clocks.base(frame.point()));
                json.writeEndArray();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void number(JsonGenerator json, String name, Long value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, value);
        }
    }
}
