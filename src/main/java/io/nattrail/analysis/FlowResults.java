package io.nattrail.analysis;

import io.nattrail.cluster.ClusterState;
import io.nattrail.deviation.Judgement;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.EvidenceKind;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Hop;
import io.nattrail.nat.Relation;
import io.nattrail.nat.TracedPacket;
import io.nattrail.net.FiveTuple;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Puts names to a judged flow: what reports show of it. */
final class FlowResults {
    private final CaptureSet captures;

    FlowResults(CaptureSet captures) {
        this.captures = captures;
    }

    FlowResult of(FlowTrace trace, Judgement judgement, ClusterView cluster) {
        Flow flow = trace.flow();
        FiveTuple translated = flow.translated();
        List<String> matchedBy = new ArrayList<>();
        for (EvidenceKind kind : flow.evidence()) {
            matchedBy.add(kind.label());
        }
        String serviceName = trace.front() == null ? null : trace.front().service().key()
                + (trace.front().port().name().isEmpty() ? "" : ":" + trace.front().port().name());
        long start = captures.aligned(flow.start());
        return new FlowResult(trace.id(), trace.template().name(), flow.protocol(), flow.original().source(), flow.original().destination(),
                trace.clusterIp(), serviceName, trace.entryNode(),
                translated == null ? null : new FlowResult.Translated(translated.source(), translated.destination()),
                trace.told() == null ? null : new FlowResult.Translated(trace.told().source(), trace.told().destination()),
                endpoint(trace, cluster), flow.confidence(), matchedBy, judgement.verdict(), judgement.failedStep(), judgement.undetermined(),
                start, Math.max(start, captures.aligned(flow.end())), trace.steps(), judgement.deviations(), packets(flow),
                flow.story().requestBytes(), flow.story().replyBytes(), legs(flow), hops(flow), trail(flow));
    }

    private static FlowResult.FlowEndpoint endpoint(FlowTrace trace, ClusterView cluster) {
        if (trace.endpoint() == null && trace.endpointNode() == null) {
            return null;
        }
        ClusterState.Pod pod = trace.endpoint() == null ? null : cluster.told().podOfAddress(trace.endpoint().address());
        return new FlowResult.FlowEndpoint(trace.endpoint(), pod == null ? null : pod.name(), trace.endpointNode(), trace.local());
    }

    /** Points in the order of the path, then those that only stray legs touch. What went on under another translation is no part of it. */
    private Map<String, FlowResult.PacketCount> packets(Flow flow) {
        Map<Integer, long[]> counts = new LinkedHashMap<>();
        flow.places().forEach(place -> counts.put(place.point(), new long[2]));
        Map<Integer, long[]> others = new TreeMap<>();
        for (FlowLeg leg : flow.legs()) {
            if (leg.relation() == Relation.REMAPPED) {
                continue;
            }
            long[] count = counts.containsKey(leg.point()) ? counts.get(leg.point()) : others.computeIfAbsent(leg.point(), p -> new long[2]);
            count[0] += leg.requests();
            count[1] += leg.replies();
        }
        counts.putAll(others);
        Map<String, FlowResult.PacketCount> named = new LinkedHashMap<>();
        counts.forEach((point, count) -> named.put(captures.point(point).name(), new FlowResult.PacketCount(count[0], count[1])));
        return named;
    }

    private List<FlowResult.LegResult> legs(Flow flow) {
        List<FlowResult.LegResult> legs = new ArrayList<>(flow.legs().size());
        for (FlowLeg leg : flow.legs()) {
            FrameRef first = leg.first() == null ? captures.ref(flow.start()) : captures.ref(leg.first());
            FrameRef last = leg.last() == null ? first : captures.ref(leg.last());
            legs.add(new FlowResult.LegResult(captures.point(leg.point()).name(), leg.tuple().toString(), leg.relation().label(),
                    leg.history(), leg.requests(), leg.replies(), first, last));
        }
        return legs;
    }

    private List<Hop> hops(Flow flow) {
        List<Hop> hops = new ArrayList<>(flow.hops().size());
        for (FlowHop hop : flow.hops()) {
            hops.add(new Hop(name(flow, hop.from()), name(flow, hop.to()), hop.direction(), hop.sent(), hop.delivered(), hop.lost(),
                    hop.hidden(), hop.duplicated(), hop.reordered(), hop.altered(), hop.minDelayNanos(), hop.medianDelayNanos(),
                    hop.maxDelayNanos(), captures.refs(hop.lostFrames())));
        }
        return hops;
    }

    private String name(Flow flow, int place) {
        return captures.point(flow.places().get(place).point()).name();
    }

    private List<TracedPacket> trail(Flow flow) {
        if (flow.trail() == null) {
            return null;
        }
        List<TracedPacket> trail = new ArrayList<>(flow.trail().size());
        for (Flow.TrailPacket packet : flow.trail()) {
            List<TracedPacket.Sighting> sightings = new ArrayList<>(packet.sightings().size());
            for (Flow.TrailSighting seen : packet.sightings()) {
                FrameRef frame = captures.ref(seen.frame());
                sightings.add(new TracedPacket.Sighting(seen.leg(), frame.file(), frame.number(), frame.timeNanos()));
            }
            trail.add(new TracedPacket(packet.direction(), flow.protocol().label(), packet.flags(), packet.sequence(), packet.acknowledgment(),
                    packet.length(), packet.note(), sightings));
        }
        return trail;
    }
}
