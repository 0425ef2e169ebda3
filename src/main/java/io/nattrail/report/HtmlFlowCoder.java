package io.nattrail.report;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Hop;
import io.nattrail.nat.TracedPacket;
import io.nattrail.path.Step;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Flows in blocks of JSON, as the page's {@code decode.js} reads them. What repeats is told once: texts stand in the block's list and are
 * given by their place in it; frames and times are given as the difference to the last one of the same point within the flow.
 */
final class HtmlFlowCoder {
    /** Raw bytes after which a block is closed: large enough to compress well, small enough to open at a click. */
    private static final int BLOCK_BYTES = 1 << 18;
    /** Of a long flow so many packets are shown from its begin. */
    private static final int TRAIL_HEAD = 3000;
    private static final int TRAIL_TAIL = 500;
    /** Further ones, where something is to be seen, up to so many in all. */
    private static final int TRAIL_LIMIT = 8000;
    private static final int NOTED_NEIGHBOURS = 3;

    private static final JsonFactory JSON = new JsonFactory();

    private final Clocks clocks;
    private final HtmlSpool spool;
    private final HtmlSpool.Kind kind;
    private final boolean trails;

    private ByteArrayOutputStream bytes;
    private JsonGenerator json;
    private HtmlTexts texts;
    private int first;
    private int last;
    private int count;

    /** Where a point's times begin; differences stay exact in a browser's numbers. */
    interface Clocks {
        int index(String point);

        long base(String point);
    }

    HtmlFlowCoder(HtmlSpool spool, HtmlSpool.Kind kind, boolean trails, Clocks clocks) {
        this.spool = spool;
        this.kind = kind;
        this.trails = trails;
        this.clocks = clocks;
    }

    /** Adds a flow; a block that became full goes to the spool. */
    void add(FlowResult flow) throws IOException {
        if (json == null) {
            bytes = new ByteArrayOutputStream(BLOCK_BYTES + BLOCK_BYTES / 8);
            json = JSON.createGenerator(bytes);
            texts = new HtmlTexts();
            first = flow.id();
            count = 0;
            json.writeStartObject();
            json.writeArrayFieldStart("flows");
        }
        if (trails) {
            trail(flow);
        } else {
            detail(flow);
        }
        last = flow.id();
        count++;
        json.flush();
        if (bytes.size() >= BLOCK_BYTES) {
            finish();
        }
    }

    /** Closes the block that is open, if any. */
    void finish() throws IOException {
        if (json == null) {
            return;
        }
        json.writeEndArray();
        texts.write(json);
        json.writeEndObject();
        json.close();
        json = null;
        spool.add(kind, first, last, count, HtmlSpool.deflate(bytes.toByteArray()));
    }

    private void detail(FlowResult flow) throws IOException {
        Frames frames = new Frames();
        json.writeStartObject();
        json.writeNumberField("id", flow.id());
        textField("told", flow.told() == null ? null : flow.told().source() + " -> " + flow.told().destination());
        textField("undetermined", flow.undetermined());
        json.writeNumberField("confidence", flow.confidence());
        json.writeArrayFieldStart("matchedBy");
        for (String evidence : flow.matchedBy()) {
            text(evidence);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("legs");
        for (FlowResult.LegResult leg : flow.legs()) {
            json.writeStartArray();
            json.writeNumber(clocks.index(leg.point()));
            json.writeString(leg.tuple());
            text(leg.relation());
            text(leg.history());
            json.writeNumber(leg.requestPackets());
            json.writeNumber(leg.replyPackets());
            frames.write(leg.first());
            frames.write(leg.last());
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("steps");
        for (Step step : flow.steps()) {
            step(step, frames);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("deviations");
        for (Deviation deviation : flow.deviations()) {
            deviation(deviation, frames);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("hops");
        for (Hop hop : flow.hops()) {
            hop(hop, frames);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("packets");
        for (Map.Entry<String, FlowResult.PacketCount> entry : flow.packets().entrySet()) {
            json.writeStartArray();
            json.writeNumber(clocks.index(entry.getKey()));
            json.writeNumber(entry.getValue().request());
            json.writeNumber(entry.getValue().reply());
            json.writeEndArray();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void step(Step step, Frames frames) throws IOException {
        json.writeStartArray();
        text(step.number());
        text(step.title());
        json.writeString(step.tuple());
        json.writeNumber(step.status().ordinal());
        json.writeNumber(step.packets());
        number(step.latencyNanos());
        number(step.latencyUncertaintyNanos());
        text(step.reason());
        frames.write(step.evidence());
        json.writeEndArray();
    }

    private void deviation(Deviation deviation, Frames frames) throws IOException {
        json.writeStartArray();
        text(deviation.code());
        json.writeNumber(deviation.severity().ordinal());
        text(deviation.step());
        text(deviation.point());
        json.writeString(deviation.message());
        frames.write(deviation.evidence());
        json.writeStartArray();
        for (String code : deviation.consequences()) {
            text(code);
        }
        json.writeEndArray();
        json.writeEndArray();
    }

    private void hop(Hop hop, Frames frames) throws IOException {
        json.writeStartArray();
        json.writeNumber(clocks.index(hop.from()));
        json.writeNumber(clocks.index(hop.to()));
        json.writeNumber(hop.direction() == Direction.REQUEST ? 0 : 1);
        for (long value : new long[] {hop.sent(), hop.delivered(), hop.lost(), hop.hidden(), hop.duplicated(), hop.reordered(),
                hop.altered(),
            hop.minDelayNanos(), hop.medianDelayNanos(), hop.maxDelayNanos()}) {
            json.writeNumber(value);
        }
        frames.write(hop.lostFrames());
        json.writeEndArray();
    }

    private void trail(FlowResult flow) throws IOException {
        List<TracedPacket> packets = flow.trail();
        boolean[] kept = keep(packets);
        Map<Integer, FrameRef> lastOfLeg = new HashMap<>();
        json.writeStartObject();
        json.writeNumberField("id", flow.id());
        json.writeNumberField("total", packets.size());
        json.writeArrayFieldStart("trail");
        int omitted = 0;
        for (int i = 0; i < packets.size(); i++) {
            if (!kept[i]) {
                omitted++;
                continue;
            }
            if (omitted > 0) {
                json.writeNumber(omitted);
                omitted = 0;
            }
            packet(packets.get(i), flow, lastOfLeg);
        }
        if (omitted > 0) {
            json.writeNumber(omitted);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** Begin and end of a long flow, and what is remarkable between, with its neighbours. */
    private static boolean[] keep(List<TracedPacket> packets) {
        int size = packets.size();
        boolean[] kept = new boolean[size];
        int count = 0;
        for (int i = 0; i < size; i++) {
            if (size <= TRAIL_LIMIT || i < TRAIL_HEAD || i >= size - TRAIL_TAIL) {
                kept[i] = true;
                count++;
            }
        }
        for (int i = 0; i < size && count < TRAIL_LIMIT; i++) {
            if (packets.get(i).note().isEmpty()) {
                continue;
            }
            for (int near = Math.max(0, i - NOTED_NEIGHBOURS); near <= Math.min(size - 1, i + NOTED_NEIGHBOURS); near++) {
                if (!kept[near]) {
                    kept[near] = true;
                    count++;
                }
            }
        }
        return kept;
    }

    private void packet(TracedPacket packet, FlowResult flow, Map<Integer, FrameRef> lastOfLeg) throws IOException {
        json.writeStartArray();
        json.writeNumber(packet.direction() == Direction.REQUEST ? 0 : 1);
        text(packet.kind());
        json.writeNumber(packet.flags());
        json.writeNumber(packet.sequence());
        json.writeNumber(packet.acknowledgment());
        json.writeNumber(packet.length());
        text(packet.note());
        for (TracedPacket.Sighting sighting : packet.sightings()) {
            String point = flow.legs().get(sighting.leg()).point();
            FrameRef before = lastOfLeg.get(sighting.leg());
            json.writeStartArray();
            json.writeNumber(sighting.leg());
            json.writeNumber(sighting.frame() - (before == null ? 0 : before.number()));
            json.writeNumber(sighting.timeNanos() - (before == null ? clocks.base(point) : before.timeNanos()));
            if (before == null || !before.file().equals(sighting.file())) {
                text(sighting.file());
            }
            json.writeEndArray();
            lastOfLeg.put(sighting.leg(), new FrameRef(point, sighting.file(), sighting.frame(), sighting.timeNanos()));
        }
        json.writeEndArray();
    }

    /** Frames of one flow: point, number and time after the last one of this point, file where it is another. */
    private final class Frames {
        private final Map<String, FrameRef> lastOfPoint = new HashMap<>();

        void write(List<FrameRef> frames) throws IOException {
            json.writeStartArray();
            for (FrameRef frame : frames) {
                write(frame);
            }
            json.writeEndArray();
        }

        void write(FrameRef frame) throws IOException {
            if (frame == null) {
                json.writeNull();
                return;
            }
            FrameRef before = lastOfPoint.get(frame.point());
            json.writeStartArray();
            json.writeNumber(clocks.index(frame.point()));
            json.writeNumber(frame.number() - (before == null ? 0 : before.number()));
            json.writeNumber(frame.timeNanos() - (before == null ? clocks.base(frame.point()) : before.timeNanos()));
            if (before == null || !before.file().equals(frame.file())) {
                text(frame.file());
            }
            json.writeEndArray();
            lastOfPoint.put(frame.point(), frame);
        }
    }

    private void textField(String name, String value) throws IOException {
        if (value != null) {
            json.writeFieldName(name);
            text(value);
        }
    }

    private void text(String value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else {
            json.writeNumber(texts.number(value));
        }
    }

    private void number(Long value) throws IOException {
        if (value == null) {
            json.writeNull();
        } else {
            json.writeNumber(value);
        }
    }

    /** A text as JSON, for what is written by hand around blocks. */
    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
