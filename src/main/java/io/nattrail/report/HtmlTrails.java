package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.TracedPacket;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packets of flows, one by one, for the page's ladder. */
final class HtmlTrails extends HtmlFlowCoder {
    /** Of a long flow so many packets are shown from its begin. */
    private static final int TRAIL_HEAD = 3000;
    private static final int TRAIL_TAIL = 500;
    /** Further ones, where something is to be seen, up to so many in all. */
    private static final int TRAIL_LIMIT = 8000;
    private static final int NOTED_NEIGHBOURS = 3;

    HtmlTrails(HtmlSpool spool, HtmlSpool.Kind kind, Clocks clocks) {
        super(spool, kind, clocks);
    }

    @Override
    void write(FlowResult flow, JsonOut json, HtmlTexts texts) throws IOException {
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
            packet(packets.get(i), flow, lastOfLeg, json, texts);
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

    private void packet(TracedPacket packet, FlowResult flow, Map<Integer, FrameRef> lastOfLeg, JsonOut json, HtmlTexts texts)
            throws IOException {
        json.array();
        json.number(packet.direction() == Direction.REQUEST ? 0 : 1);
        json.number(texts.number(packet.kind()));
        json.number(packet.flags());
        json.number(packet.sequence());
        json.number(packet.acknowledgment());
        json.number(packet.length());
        json.number(texts.number(packet.note()));
        for (TracedPacket.Sighting sighting : packet.sightings()) {
            String point = flow.legs().get(sighting.leg()).point();
            FrameRef before = lastOfLeg.get(sighting.leg());
            json.array();
            json.number(sighting.leg());
            json.number(sighting.frame() - (before == null ? 0 : before.number()));
            json.number(sighting.timeNanos() - (before == null ? clocks.base(point) : before.timeNanos()));
            if (before == null || !before.file().equals(sighting.file())) {
                json.number(texts.number(sighting.file()));
            }
            json.endArray();
            lastOfLeg.put(sighting.leg(), new FrameRef(point, sighting.file(), sighting.frame(), sighting.timeNanos()));
        }
        json.endArray();
    }
}
