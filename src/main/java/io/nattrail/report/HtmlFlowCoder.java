package io.nattrail.report;

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

    private final Clocks clocks;
    private final HtmlSpool spool;
    private final HtmlSpool.Kind kind;
    private final boolean trails;

    private ByteArrayOutputStream bytes;
    private JsonOut json;
    private HtmlTexts texts;
    private int first;
    private int last;
    private int count;

    /** Where a point's times begin; differences stay exact in a browser's numbers. */
    interface Clocks {
        /** How many points there are. */
        int count();

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
            json = new JsonOut(bytes);
            texts = new HtmlTexts();
            first = flow.id();
            count = 0;
            json.object();
            json.name("flows").array();
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
        json.endArray();
        texts.write(json);
        json.endObject();
        json.flush();
        json = null;
        spool.add(kind, first, last, count, HtmlSpool.deflate(bytes.toByteArray()));
    }

    private void detail(FlowResult flow) throws IOException {
        Frames frames = new Frames();
        json.object();
        json.name("id").number(flow.id());
        textField("told", flow.told() == null ? null : flow.told().source() + " -> " + flow.told().destination());
        textField("undetermined", flow.undetermined());
        json.name("confidence").number(flow.confidence());
        json.name("matchedBy").array();
        for (String evidence : flow.matchedBy()) {
            text(evidence);
        }
        json.endArray();
        json.name("legs").array();
        for (FlowResult.LegResult leg : flow.legs()) {
            json.array();
            json.number(clocks.index(leg.point()));
            json.string(leg.tuple());
            text(leg.relation());
            text(leg.history());
            json.number(leg.requestPackets());
            json.number(leg.replyPackets());
            frames.write(leg.first());
            frames.write(leg.last());
            json.endArray();
        }
        json.endArray();
        json.name("steps").array();
        for (Step step : flow.steps()) {
            step(step, frames);
        }
        json.endArray();
        json.name("deviations").array();
        for (Deviation deviation : flow.deviations()) {
            deviation(deviation, frames);
        }
        json.endArray();
        json.name("hops").array();
        for (Hop hop : flow.hops()) {
            hop(hop, frames);
        }
        json.endArray();
        json.name("packets").array();
        for (Map.Entry<String, FlowResult.PacketCount> entry : flow.packets().entrySet()) {
            json.array();
            json.number(clocks.index(entry.getKey()));
            json.number(entry.getValue().request());
            json.number(entry.getValue().reply());
            json.endArray();
        }
        json.endArray();
        json.endObject();
    }

    private void step(Step step, Frames frames) throws IOException {
        json.array();
        text(step.number());
        text(step.title());
        json.string(step.tuple());
        json.number(step.status().ordinal());
        json.number(step.packets());
        json.number(step.latencyNanos());
        json.number(step.latencyUncertaintyNanos());
        text(step.reason());
        frames.write(step.evidence());
        json.endArray();
    }

    private void deviation(Deviation deviation, Frames frames) throws IOException {
        json.array();
        text(deviation.code());
        json.number(deviation.severity().ordinal());
        text(deviation.step());
        text(deviation.point());
        json.string(deviation.message());
        frames.write(deviation.evidence());
        json.array();
        for (String code : deviation.consequences()) {
            text(code);
        }
        json.endArray();
        text(deviation.remedy());
        json.endArray();
    }

    private void hop(Hop hop, Frames frames) throws IOException {
        json.array();
        json.number(clocks.index(hop.from()));
        json.number(clocks.index(hop.to()));
        json.number(hop.direction() == Direction.REQUEST ? 0 : 1);
        json.number(hop.sent());
        json.number(hop.delivered());
        json.number(hop.lost());
        json.number(hop.hidden());
        json.number(hop.duplicated());
        json.number(hop.reordered());
        json.number(hop.altered());
        json.number(hop.minDelayNanos());
        json.number(hop.medianDelayNanos());
        json.number(hop.maxDelayNanos());
        frames.write(hop.lostFrames());
        json.endArray();
    }

    private void trail(FlowResult flow) throws IOException {
        List<TracedPacket> packets = flow.trail();
        boolean[] kept = keep(packets);
        Map<Integer, FrameRef> lastOfLeg = new HashMap<>();
        json.object();
        json.name("id").number(flow.id());
        json.name("total").number(packets.size());
        json.name("trail").array();
        int omitted = 0;
        for (int i = 0; i < packets.size(); i++) {
            if (!kept[i]) {
                omitted++;
                continue;
            }
            if (omitted > 0) {
                json.number(omitted);
                omitted = 0;
            }
            packet(packets.get(i), flow, lastOfLeg);
        }
        if (omitted > 0) {
            json.number(omitted);
        }
        json.endArray();
        json.endObject();
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
        json.array();
        json.number(packet.direction() == Direction.REQUEST ? 0 : 1);
        text(packet.kind());
        json.number(packet.flags());
        json.number(packet.sequence());
        json.number(packet.acknowledgment());
        json.number(packet.length());
        text(packet.note());
        for (TracedPacket.Sighting sighting : packet.sightings()) {
            String point = flow.legs().get(sighting.leg()).point();
            FrameRef before = lastOfLeg.get(sighting.leg());
            json.array();
            json.number(sighting.leg());
            json.number(sighting.frame() - (before == null ? 0 : before.number()));
            json.number(sighting.timeNanos() - (before == null ? clocks.base(point) : before.timeNanos()));
            if (before == null || !before.file().equals(sighting.file())) {
                text(sighting.file());
            }
            json.endArray();
            lastOfLeg.put(sighting.leg(), new FrameRef(point, sighting.file(), sighting.frame(), sighting.timeNanos()));
        }
        json.endArray();
    }

    /** Frames of one flow: point, number and time after the last one of this point, file where it is another. */
    private final class Frames {
        private final FrameRef[] lastOfPoint = new FrameRef[clocks.count()];

        void write(List<FrameRef> frames) throws IOException {
            json.array();
            for (FrameRef frame : frames) {
                write(frame);
            }
            json.endArray();
        }

        void write(FrameRef frame) throws IOException {
            if (frame == null) {
                json.nothing();
                return;
            }
            int point = clocks.index(frame.point());
            FrameRef before = lastOfPoint[point];
            json.array();
            json.number(point);
            json.number(frame.number() - (before == null ? 0 : before.number()));
            json.number(frame.timeNanos() - (before == null ? clocks.base(frame.point()) : before.timeNanos()));
            if (before == null || !before.file().equals(frame.file())) {
                text(frame.file());
            }
            json.endArray();
            lastOfPoint[point] = frame;
        }
    }

    private void textField(String name, String value) throws IOException {
        if (value != null) {
            json.name(name);
            text(value);
        }
    }

    private void text(String value) throws IOException {
        if (value == null) {
            json.nothing();
        } else {
            json.number(texts.number(value));
        }
    }

    /** A text as JSON, for what is written by hand around blocks. */
    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
