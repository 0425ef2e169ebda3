package io.nattrail.analysis;

import io.nattrail.cluster.ClusterState;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Judgement;
import io.nattrail.deviation.Severity;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.EvidenceKind;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Hop;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.TracedPacket;
import io.nattrail.net.FiveTuple;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Puts names to a judged flow: what reports show of it. */
final class FlowResults {
    /** The steps of all paths that only the answer takes. */
    private static final Set<String> ANSWERS = Set.of("1.6", "2.0");

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
        Silent silent = silent(flow, judgement);
        int[] order = order(flow);
        return new FlowResult(trace.id(), trace.template().name(), flow.protocol(), flow.called().source(), flow.called().destination(),
                trace.clusterIp(), serviceName, trace.entryNode(),
                translated == null ? null : new FlowResult.Translated(translated.source(), translated.destination()),
                trace.told() == null ? null : new FlowResult.Translated(trace.told().source(), trace.told().destination()),
                endpoint(trace, cluster), flow.confidence(), matchedBy, judgement.verdict(), judgement.failedStep(),
                judgement.undetermined(), start, Math.max(start, captures.aligned(flow.end())), trace.steps(), judgement.deviations(),
                packets(flow), flow.story().requestBytes(), flow.story().replyBytes(), legs(flow, order), hops(flow, silent),
                trail(flow, silent, placed(order)));
    }

    /** A point that should have shown a failed flow's requests and shows nothing of it. */
    private record Silent(String point, int fromLeg, String from, long sent, List<FrameRef> frames) {
    }

    /**
     * What the error says that ended the flow: it names the point, where it is none of those that saw the flow. Where the answer was lost
     * instead, its requests came further than that.
     */
    private Silent silent(Flow flow, Judgement judgement) {
        Place last = null;
        for (Place place : flow.places()) {
            FlowLeg leg = flow.requestLeg(place);
            last = leg != null && leg.requests() > 0 ? place : last;
        }
        if (last == null || judgement.verdict() != Verdict.FAILED) {
            return null;
        }
        for (Deviation deviation : judgement.deviations()) {
            boolean ended = deviation.severity() == Severity.ERROR && deviation.step() != null
                    && deviation.step().equals(judgement.failedStep()) && !ANSWERS.contains(deviation.step());
            if (ended && deviation.point() != null && !touched(flow, deviation.point())) {
                FlowLeg leg = flow.requestLeg(last);
                String from = captures.point(last.point()).name();
                List<FrameRef> frames = deviation.evidence().stream().filter(frame -> frame.point().equals(from)).toList();
                long sent = leg.requests() - Math.min(leg.copies(), leg.requests() - 1);
                return new Silent(deviation.point(), last.requestLeg(), from, sent, frames);
            }
        }
        return null;
    }

    private boolean touched(Flow flow, String point) {
        for (FlowLeg leg : flow.legs()) {
            if (captures.point(leg.point()).name().equals(point)) {
                return true;
            }
        }
        return false;
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
        for (Place place : flow.places()) {
            counts.put(place.point(), new long[2]);
        }
        Map<Integer, long[]> others = new TreeMap<>();
        for (FlowLeg leg : flow.legs()) {
            if (leg.relation() == Relation.REMAPPED) {
                continue;
            }
            long[] count = counts.containsKey(leg.point()) ? counts.get(leg.point())
                    : others.computeIfAbsent(leg.point(), p -> new long[2]);
            count[0] += leg.requestPackets();
            count[1] += leg.replyPackets();
        }
        counts.putAll(others);
        Map<String, FlowResult.PacketCount> named = new LinkedHashMap<>();
        for (Map.Entry<Integer, long[]> point : counts.entrySet()) {
            long[] count = point.getValue();
            named.put(captures.point(point.getKey()).name(), new FlowResult.PacketCount(count[0], count[1]));
        }
        return named;
    }

    /**
     * The legs as they are met on the path, from the client on; one that no place has stands behind the last of its point, else at the
     * end.
     */
    private static int[] order(Flow flow) {
        List<Integer> order = new ArrayList<>(flow.legs().size());
        for (Place place : flow.places()) {
            for (int leg : new int[] {place.requestLeg(), place.replyLeg()}) {
                if (leg >= 0 && !order.contains(leg)) {
                    order.add(leg);
                }
            }
        }
        for (int leg = 0; leg < flow.legs().size(); leg++) {
            if (!order.contains(leg)) {
                int behind = order.size();
                while (behind > 0 && flow.legs().get(order.get(behind - 1)).point() != flow.legs().get(leg).point()) {
                    behind--;
                }
                order.add(behind == 0 ? order.size() : behind, leg);
            }
        }
        return order.stream().mapToInt(Integer::intValue).toArray();
    }

    /** Where in that order each leg stands. */
    private static int[] placed(int[] order) {
        int[] placed = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            placed[order[i]] = i;
        }
        return placed;
    }

    private List<FlowResult.LegResult> legs(Flow flow, int[] order) {
        List<FlowResult.LegResult> legs = new ArrayList<>(order.length);
        for (int number : order) {
            FlowLeg leg = flow.legs().get(number);
            FrameRef first = leg.first() == null ? captures.ref(flow.start()) : captures.ref(leg.first());
            FrameRef last = leg.last() == null ? first : captures.ref(leg.last());
            legs.add(new FlowResult.LegResult(captures.point(leg.point()).name(), leg.tuple().toString(), leg.relation().label(),
                    leg.history(), leg.requestPackets(), leg.replyPackets(), first, last));
        }
        return legs;
    }

    private List<Hop> hops(Flow flow, Silent silent) {
        List<Hop> hops = new ArrayList<>(flow.hops().size() + 1);
        boolean open = silent != null;
        for (FlowHop hop : flow.hops()) {
            if (open && hop.direction() == Direction.REPLY) {
                hops.add(lost(silent));
                open = false;
            }
            long drifted = captures.drifted(flow.places().get(hop.from()).point(), hop.delay().medianAt() - hop.delay().medianNanos(),
                    flow.places().get(hop.to()).point(), hop.delay().medianAt());
            hops.add(new Hop(name(flow, hop.from()), name(flow, hop.to()), hop.direction(), hop.sent(), hop.delivered(),
                    hop.loss().packets(), hop.loss().hidden(), hop.duplicated(), hop.reordered(), hop.altered(),
                    hop.delay().leastNanos() - drifted, hop.delay().medianNanos() - drifted, hop.delay().greatestNanos() - drifted,
                    captures.refs(hop.loss().frames())));
        }
        if (open) {
            hops.add(lost(silent));
        }
        return hops;
    }

    private static Hop lost(Silent silent) {
        return new Hop(silent.from, silent.point, Direction.REQUEST, silent.sent, 0, silent.sent, 0, 0, 0, 0, 0, 0, 0, silent.frames);
    }

    private String name(Flow flow, int place) {
        return captures.point(flow.places().get(place).point()).name();
    }

    private List<TracedPacket> trail(Flow flow, Silent silent, int[] placed) {
        if (flow.trail() == null) {
            return null;
        }
        List<TracedPacket> trail = new ArrayList<>(flow.trail().size());
        for (Flow.TrailPacket packet : flow.trail()) {
            List<TracedPacket.Sighting> sightings = new ArrayList<>(packet.sightings().size());
            boolean lost = false;
            for (Flow.TrailSighting seen : packet.sightings()) {
                sightings.add(sighting(placed[seen.leg()], seen.frame()));
                lost |= silent != null && packet.direction() == Direction.REQUEST && seen.leg() == silent.fromLeg;
            }
            trail.add(new TracedPacket(packet.direction(), flow.protocol().label(), packet.flags(), packet.sequence(),
                    packet.acknowledgment(), packet.length(), lost ? "lost" : packet.note(), sightings));
        }
        trail.addAll(errors(flow, placed));
        return trail;
    }

    private TracedPacket.Sighting sighting(int leg, SeenFrame seen) {
        FrameRef frame = captures.ref(seen);
        return new TracedPacket.Sighting(leg, frame.file(), frame.number(), frame.timeNanos());
    }

    /** ICMP errors about the flow. NAT leaves the quoted packet's numbers as they are, so an error is found again at the next place. */
    private List<TracedPacket> errors(Flow flow, int[] placed) {
        Map<String, List<TracedPacket.Sighting>> seen = new LinkedHashMap<>();
        Map<String, QuotedError> nearest = new LinkedHashMap<>();
        Map<String, Integer> levels = new HashMap<>();
        for (int leg = 0; leg < flow.legs().size(); leg++) {
            Map<String, Integer> before = new HashMap<>();
            for (QuotedError error : flow.legs().get(leg).errors()) {
                String kind = error.type() + "/" + error.code() + "/" + error.quotedSeq() + "/" + error.quotedIdentification();
                String key = kind + "#" + before.merge(kind, 1, Integer::sum);
                // Nearest to its origin it shows who sent it: the way back translates the sender too.
                int level = flow.legs().get(leg).level();
                if (level > levels.getOrDefault(key, -1)) {
                    levels.put(key, level);
                    nearest.put(key, error);
                }
                SeenFrame frame = new SeenFrame(flow.legs().get(leg).point(), error.file(), error.number(), error.timeNanos());
                seen.computeIfAbsent(key, k -> new ArrayList<>()).add(sighting(placed[leg], frame));
            }
        }
        List<TracedPacket> packets = new ArrayList<>(seen.size());
        seen.forEach((key, sightings) -> {
            QuotedError error = nearest.get(key);
            packets.add(new TracedPacket(error.quotedFromOpener() ? Direction.REPLY : Direction.REQUEST,
                    (error.v6() ? "icmpv6 " : "icmp ") + error.text() + " from " + error.sender(), 0, 0, 0, 0, "", sightings));
        });
        return packets;
    }
}
