package io.nattrail.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.nattrail.analysis.CaseFindings;
import io.nattrail.analysis.CaseHeader;
import io.nattrail.analysis.FlowResult;
import io.nattrail.analysis.PointResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import io.nattrail.dissect.PacketDissector;
import io.nattrail.leg.FrameRef;
import io.nattrail.net.Amount;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code report.html}: the case for people, in one file that needs no network. Its data is embedded compressed. Flows are spooled to a
 * temporary file, so memory does not grow with them; what does not fit below {@link #SIZE_LIMIT} is left out, healthy flows first, and the
 * page says so. Frames that matter are read again from the captures and shown in full.
 */
final class HtmlReport implements ReportWriter {
    static final String FILE = "report.html";
    /** Bytes that the file may have: mail and ticket systems commonly stop at 25 MB. */
    static final long SIZE_LIMIT = 24_500_000;

    private static final JsonFactory JSON = new JsonFactory();

    private final Path target;
    private final long sizeLimit;
    private ReportFile file;
    private CaseHeader header;
    private PointClocks clocks;
    private HtmlSpool spool;
    private HtmlTotals totals;
    private FrameChoice frames;
    private final Unexplained unexplained = new Unexplained();
    private HtmlDissections dissections;
    private final Map<HtmlSpool.Kind, HtmlRows> rows = new EnumMap<>(HtmlSpool.Kind.class);
    private final Map<HtmlSpool.Kind, HtmlFlowCoder> coders = new EnumMap<>(HtmlSpool.Kind.class);

    HtmlReport(Path target) {
        this(target, SIZE_LIMIT);
    }

    HtmlReport(Path target, long sizeLimit) {
        this.target = target;
        this.sizeLimit = sizeLimit;
        PacketDissector.prepare();
    }

    @Override
    public void begin(CaseHeader header) throws IOException {
        this.header = header;
        clocks = new PointClocks(header.points());
        file = new ReportFile(target);
        spool = new HtmlSpool();
        totals = new HtmlTotals();
        frames = new FrameChoice();
        dissections = new HtmlDissections(header.points(), clocks, spool);
        for (HtmlSpool.Kind kind : HtmlSpool.Kind.values()) {
            switch (kind) {
                case NOTABLE_ROWS, ROWS -> rows.put(kind, new HtmlRows(spool, kind, clocks.start));
                case NOTABLE_DETAILS, DETAILS -> coders.put(kind, new HtmlDetails(spool, kind, clocks));
                case NOTABLE_TRAILS, TRAILS -> coders.put(kind, new HtmlTrails(spool, kind, clocks));
                case FRAMES -> {
                }
            }
        }
    }

    @Override
    public void flow(FlowResult flow) throws IOException {
        boolean notable = flow.verdict() != Verdict.OK || !flow.deviations().isEmpty();
        totals.add(flow);
        unexplained.add(flow);
        frames.add(flow);
        rows.get(notable ? HtmlSpool.Kind.NOTABLE_ROWS : HtmlSpool.Kind.ROWS).add(flow);
        coders.get(notable ? HtmlSpool.Kind.NOTABLE_DETAILS : HtmlSpool.Kind.DETAILS).add(flow);
        if (flow.trail() != null) {
            coders.get(notable ? HtmlSpool.Kind.NOTABLE_TRAILS : HtmlSpool.Kind.TRAILS).add(flow);
        }
    }

    @Override
    public void end(CaseFindings findings) throws IOException {
        for (HtmlRows block : rows.values()) {
            block.finish();
        }
        for (HtmlFlowCoder coder : coders.values()) {
            coder.finish();
        }
        for (Deviation deviation : findings.deviations()) {
            totals.add(deviation);
        }
        dissections.write(frames);
        List<byte[]> page = HtmlPage.parts();
        long used = 0;
        for (byte[] part : page) {
            used += part.length;
        }
        Set<HtmlSpool.Block> chosen = choose(used);
        byte[] head = head(findings, chosen);
        write(file.stream(), findings, page, head, chosen);
        file.commit();
        close();
    }

    /** Blocks by rank of their kind while there is room, in the order of flows. */
    private Set<HtmlSpool.Block> choose(long used) {
        Set<HtmlSpool.Block> chosen = new LinkedHashSet<>();
        List<HtmlSpool.Block> blocks = spool.blocks();
        for (HtmlSpool.Kind kind : HtmlSpool.Kind.values()) {
            for (HtmlSpool.Block block : blocks) {
                // Each block also costs its element and its entry in the directory.
                long size = block.encodedLength() + 120;
                if (block.kind() == kind && used + size <= kind.limit * sizeLimit) {
                    chosen.add(block);
                    used += size;
                }
            }
        }
        return chosen;
    }

    private void write(OutputStream out, CaseFindings findings, List<byte[]> page, byte[] head, Set<HtmlSpool.Block> chosen)
            throws IOException {
        out.write(page.get(0));
        text(out, HtmlPage.escape(header.name()));
        out.write(page.get(1));
        text(out, summary(findings));
        out.write(page.get(2));
        text(out, "<script type=\"text/plain\" id=\"head\">");
        HtmlSpool.base64(HtmlSpool.deflate(head), out);
        text(out, "</script>\n");
        int number = 0;
        for (HtmlSpool.Block block : chosen) {
            text(out, "<script type=\"text/plain\" id=\"block-" + number++ + "\">");
            spool.write(block, out);
            text(out, "</script>\n");
        }
        out.write(page.get(3));
    }

    /** The result in a few lines for a browser that cannot show more. */
    private String summary(CaseFindings findings) {
        CaseFindings.Summary summary = findings.summary();
        StringBuilder html = new StringBuilder("<p>" + Amount.of(summary.flows(), "flow") + ": " + summary.ok() + " ok, "
                + summary.degraded() + " degraded, " + summary.failed() + " failed, " + summary.undetermined() + " undetermined.</p>");
        List<String> causes = new ArrayList<>();
        for (CaseFindings.RootCause cause : summary.rootCauses()) {
            causes.add(cause.code() + ": " + cause.message() + " " + cause.remedy());
        }
        causes.addAll(unexplained.rank(summary.rootCauses()), unexplained.groups().stream()
                .map(group -> group.flows() + " failed" + group.atStep() + ": " + group.why()).toList());
        causes.forEach(cause -> html.append("<p>").append(HtmlPage.escape(cause)).append("</p>"));
        return html.toString();
    }

    private static void text(OutputStream out, String text) throws IOException {
        out.write(HtmlFlowCoder.utf8(text));
    }

    private byte[] head(CaseFindings findings, Set<HtmlSpool.Block> chosen) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringField("name", header.name());
            json.writeStringField("tool", header.toolVersion());
            json.writeStringField("start", Long.toString(clocks.start));
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
            findings(json, findings);
            totals.write(json, clocks);
            dissections.writeHead(json);
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
                long flows = 0;
                for (HtmlSpool.Block block : spool.blocks()) {
                    flows += block.kind() == kind && !chosen.contains(block) ? block.count() : 0;
                }
                json.writeNumberField(kind.label(), flows);
            }
            json.writeNumberField("no-trail", findings.summary().flows() - totals.trails());
            json.writeEndObject();
            json.writeEndObject();
        }
        return bytes.toByteArray();
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
        json.writeNumberField("shift", clocks.base(name) - clocks.start - (clock.offsetNanos() == null ? 0 : clock.offsetNanos()));
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

    private void findings(JsonGenerator json, CaseFindings findings) throws IOException {
        CaseFindings.Summary summary = findings.summary();
        HtmlTotals.numbers(json, "verdicts", new long[] {summary.ok(), summary.degraded(), summary.failed(), summary.undetermined()});
        json.writeNumberField("flows", summary.flows());
        json.writeArrayFieldStart("rootCauses");
        for (CaseFindings.RootCause cause : summary.rootCauses()) {
            json.writeStartObject();
            json.writeStringField("code", cause.code());
            json.writeStringField("severity", cause.severity());
            json.writeStringField("step", cause.step());
            json.writeNumberField("flows", cause.flows());
            json.writeFieldName("flowIds");
            int[] ids = cause.flowIds().stream().mapToInt(Integer::intValue).toArray();
            json.writeArray(ids, 0, ids.length);
            json.writeNumberField("since", cause.since() - clocks.start);
            HtmlTotals.strings(json, "endpoints", cause.endpoints());
            HtmlTotals.strings(json, "nodes", cause.nodes());
            HtmlTotals.strings(json, "clients", cause.clients());
            json.writeStringField("message", cause.message());
            json.writeStringField("remedy", cause.remedy());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeNumberField("unexplainedRank", unexplained.rank(findings.summary().rootCauses()));
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
        json.writeArrayFieldStart("deviations");
        for (Deviation deviation : findings.deviations()) {
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

    @Override
    public void close() throws IOException {
        if (spool != null) {
            try (ReportFile unfinished = file) {
                spool.close();
            }
        }
    }

    /** Where each point's times begin: at its first packet; the case begins with the reference's. */
    private static final class PointClocks implements HtmlFlowCoder.Clocks {
        private final Map<String, Integer> indexes = new HashMap<>();
        private final long[] bases;
        private final long start;

        PointClocks(List<PointResult> points) {
            bases = new long[points.size()];
            Long reference = null;
            Long earliest = null;
            for (int i = 0; i < bases.length; i++) {
                PointResult point = points.get(i);
                indexes.put(point.point().name(), i);
                Long first = null;
                for (PointResult.FileResult part : point.files()) {
                    Long begun = part.firstTimeNanos();
                    if (begun != null && (first == null || begun < first)) {
                        first = begun;
                    }
                }
                bases[i] = first == null ? Long.MIN_VALUE : first;
                if (first != null && point.clock().reference()) {
                    reference = first;
                }
                if (first != null && (earliest == null || first < earliest)) {
                    earliest = first;
                }
            }
            start = reference != null ? reference : earliest != null ? earliest : 0;
            for (int i = 0; i < bases.length; i++) {
                if (bases[i] == Long.MIN_VALUE) {
                    bases[i] = start;
                }
            }
        }

        @Override
        public int count() {
            return bases.length;
        }

        @Override
        public int index(String point) {
            Integer index = indexes.get(point);
            if (index == null) {
                throw new IllegalStateException("a flow names the point " + point + ", which the case does not have");
            }
            return index;
        }

        @Override
        public long base(String point) {
            return bases[index(point)];
        }
    }
}
