package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.deviation.Verdict;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.TracedPacket;
import io.nattrail.path.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses the frames that a report shows in full: what proves deviations and steps, what is remarkable on the way, how connections with
 * deviations began and ended, and some healthy flows to compare with. A bounded number is remembered, whatever the case; the first flows
 * of every code come before further ones of the same.
 */
final class FrameChoice {
    /** Frames in all. */
    static final int LIMIT = 2000;

    private static final int FIRST_FLOWS_OF_CODE = 8;
    private static final int OF_FLOW = 96;
    private static final int HEALTHY_FLOWS_OF_PATH = 6;
    private static final int OF_HEALTHY_FLOW = 64;
    private static final int BEGIN = 2;
    private static final int END = 2;
    private static final int SYN_FIN_RST = 7;

    /** Why a frame is wanted, the weightiest first. */
    enum Rank {
        FIRST_EVIDENCE, FIRST_STEPS, FIRST_REMARKABLE, FIRST_ENDS, HEALTHY, EVIDENCE, STEPS, REMARKABLE, ENDS;

        /** Whether it is worth reading far into a compressed file. */
        boolean proof() {
            return this == FIRST_EVIDENCE;
        }
    }

    private final List<Set<FrameRef>> byRank = new ArrayList<>();
    private final Map<String, Integer> flowsOfCode = new HashMap<>();
    private final Map<String, Integer> healthyOfPath = new HashMap<>();
    private boolean full;

    FrameChoice() {
        for (int i = 0; i < Rank.values().length; i++) {
            byRank.add(new LinkedHashSet<>());
        }
    }

    void add(FlowResult flow) {
        if (flow.verdict() == Verdict.OK && flow.deviations().isEmpty()) {
            healthy(flow);
            return;
        }
        boolean first = first(flow);
        for (Deviation deviation : flow.deviations()) {
            want(first ? Rank.FIRST_EVIDENCE : Rank.EVIDENCE, deviation.evidence(), OF_FLOW);
        }
        for (Step step : flow.steps()) {
            want(first ? Rank.FIRST_STEPS : Rank.STEPS, step.evidence(), OF_FLOW);
        }
        if (flow.trail() != null) {
            // All packets of one direction stand before all of the other.
            int[] total = new int[2];
            for (TracedPacket packet : flow.trail()) {
                total[packet.direction().ordinal()]++;
            }
            int[] before = new int[2];
            List<FrameRef> remarkable = new ArrayList<>();
            List<FrameRef> ends = new ArrayList<>();
            for (TracedPacket packet : flow.trail()) {
                int direction = packet.direction().ordinal();
                int i = before[direction]++;
                if (!packet.note().isEmpty()) {
                    sightings(packet, flow, remarkable);
                } else if (i < BEGIN || i >= total[direction] - END || (packet.flags() & SYN_FIN_RST) != 0) {
                    sightings(packet, flow, ends);
                }
            }
            want(first ? Rank.FIRST_REMARKABLE : Rank.REMARKABLE, remarkable, OF_FLOW);
            want(first ? Rank.FIRST_ENDS : Rank.ENDS, ends, OF_FLOW);
        }
    }

    private void healthy(FlowResult flow) {
        if (flow.trail() == null || healthyOfPath.merge(String.valueOf(flow.path()), 1, Integer::sum) > HEALTHY_FLOWS_OF_PATH) {
            return;
        }
        List<FrameRef> frames = new ArrayList<>();
        for (Step step : flow.steps()) {
            frames.addAll(step.evidence());
        }
        for (TracedPacket packet : flow.trail()) {
            if (frames.size() >= OF_HEALTHY_FLOW) {
                break;
            }
            sightings(packet, flow, frames);
        }
        want(Rank.HEALTHY, frames, OF_HEALTHY_FLOW);
    }

    /** Whether the flow is among the first with one of its codes, or with its verdict where it has no code. */
    private boolean first(FlowResult flow) {
        boolean first = false;
        for (Deviation deviation : flow.deviations()) {
            first |= flowsOfCode.merge(deviation.code(), 1, Integer::sum) <= FIRST_FLOWS_OF_CODE;
        }
        return flow.deviations().isEmpty() ? flowsOfCode.merge(flow.verdict().name(), 1, Integer::sum) <= FIRST_FLOWS_OF_CODE : first;
    }

    private static void sightings(TracedPacket packet, FlowResult flow, List<FrameRef> frames) {
        if (frames.size() < OF_FLOW) {
            for (TracedPacket.Sighting sighting : packet.sightings()) {
                frames.add(new FrameRef(flow.legs().get(sighting.leg()).point(), sighting.file(), sighting.frame(), sighting.timeNanos()));
            }
        }
    }

    private void want(Rank rank, Collection<FrameRef> frames, int most) {
        Set<FrameRef> wanted = byRank.get(rank.ordinal());
        int added = 0;
        for (FrameRef frame : frames) {
            if (added++ == most) {
                break;
            }
            if (wanted.size() >= LIMIT) {
                full |= !wanted.contains(frame);
            } else {
                wanted.add(frame);
            }
        }
    }

    /** The frames of a rank, in the order in which they are to be given their room. */
    Collection<FrameRef> of(Rank rank) {
        return byRank.get(rank.ordinal());
    }

    /** Whether more frames were wanted than could be remembered. */
    boolean full() {
        return full;
    }
}
