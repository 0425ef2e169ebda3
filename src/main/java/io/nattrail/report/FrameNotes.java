package io.nattrail.report;

import io.nattrail.analysis.FlowResult;
import io.nattrail.deviation.Deviation;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.TracedPacket;
import io.nattrail.net.Endpoint;
import io.nattrail.path.Step;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is to be said of every frame that belongs to a flow: flow, step, deviations. Eight bytes for each frame, since a case has
 * millions; texts are kept once.
 *
 * <pre>
 * flow 2: tcp 10.241.0.4:38637 -> 10.240.0.4:32000 => 10.244.1.2:8443; step 1.3; request-lost-between-nodes
 * </pre>
 */
final class FrameNotes {
    private static final int STEP_BITS = 8;
    private static final int REMARK_BITS = 24;

    private final Map<String, long[]> files = new HashMap<>();
    private final Map<Integer, Flow> flows = new HashMap<>();
    private final Table steps = new Table(STEP_BITS);
    private final Table remarks = new Table(REMARK_BITS);

    /** What is kept of a flow. */
    private record Flow(String protocol, Endpoint client, Endpoint service, Endpoint endpoint) {
    }

    /** Texts by number; 0 is the empty text. A table that is full gives 0. */
    private static final class Table {
        private final int limit;
        private final Map<String, Integer> numbers = new HashMap<>();
        private final List<String> texts = new ArrayList<>(List.of(""));

        Table(int bits) {
            limit = 1 << bits;
        }

        int number(String text) {
            if (text.isEmpty() || texts.size() == limit && !numbers.containsKey(text)) {
                return 0;
            }
            return numbers.computeIfAbsent(text, added -> {
                texts.add(added);
                return texts.size() - 1;
            });
        }

        String text(int number) {
            return texts.get(number);
        }
    }

    void add(FlowResult flow) {
        FlowResult.Translated translated = flow.translated() != null ? flow.translated() : flow.told();
        Endpoint endpoint = flow.endpoint() != null && flow.endpoint().address() != null ? flow.endpoint().address()
                : translated == null ? null : translated.destination();
        flows.put(flow.id(), new Flow(flow.protocol().label(), flow.client(), flow.service(), endpoint));
        Map<FrameRef, Set<String>> codes = codes(flow);
        if (flow.trail() != null) {
            Map<String, String> stepOfLeg = stepsOfLegs(flow);
            for (TracedPacket packet : flow.trail()) {
                for (int i = 0; i < packet.sightings().size(); i++) {
                    TracedPacket.Sighting sighting = packet.sightings().get(i);
                    Set<String> said = new LinkedHashSet<>();
                    if (!packet.note().isEmpty()) {
                        said.add(remark(packet.note(), i == packet.sightings().size() - 1));
                    }
                    said.addAll(codes.getOrDefault(place(sighting.file(), sighting.frame()), Set.of()));
                    String step = stepOfLeg.getOrDefault(packet.direction().name() + sighting.leg(), "");
                    note(sighting.file(), sighting.frame(), flow.id(), step, said);
                }
            }
        }
        for (Step step : flow.steps()) {
            for (FrameRef frame : step.evidence()) {
                if (missing(frame)) {
                    Set<String> said = codes.getOrDefault(place(frame.file(), frame.number()), Set.of());
                    note(frame.file(), frame.number(), flow.id(), step.number(), said);
                }
            }
        }
        for (Deviation deviation : flow.deviations()) {
            for (FrameRef frame : deviation.evidence()) {
                if (missing(frame)) {
                    note(frame.file(), frame.number(), flow.id(), deviation.step() == null ? "" : deviation.step(),
                            codes.get(place(frame.file(), frame.number())));
                }
            }
        }
    }

    /** A packet that was lost somewhere is not lost at each place that saw it: at the last one it is told that it ends there. */
    private static String remark(String note, boolean last) {
        return !note.equals("lost") ? note : last ? "lost after this" : "lost further on";
    }

    /** The comment on a frame, or null if it belongs to no flow. */
    String of(String file, long frame) {
        long[] notes = files.get(file);
        if (notes == null || frame < 0 || frame >= notes.length || notes[(int) frame] == 0) {
            return null;
        }
        long note = notes[(int) frame];
        int id = (int) (note >>> STEP_BITS + REMARK_BITS);
        Flow flow = flows.get(id);
        StringBuilder text = new StringBuilder("flow ").append(id).append(": ").append(flow.protocol()).append(' ').append(flow.client())
                .append(" -> ").append(flow.service());
        if (flow.endpoint() != null && !flow.endpoint().equals(flow.service())) {
            text.append(" => ").append(flow.endpoint());
        }
        String step = steps.text((int) (note >>> REMARK_BITS) & (1 << STEP_BITS) - 1);
        if (!step.isEmpty()) {
            text.append("; step ").append(step);
        }
        String remark = remarks.text((int) note & (1 << REMARK_BITS) - 1);
        return remark.isEmpty() ? text.toString() : text.append("; ").append(remark).toString();
    }

    private void note(String file, long frame, int flow, String step, Set<String> said) {
        if (frame < 0 || frame >= Integer.MAX_VALUE - 8) {
            return;
        }
        long[] notes = files.computeIfAbsent(file, added -> new long[1024]);
        if (frame >= notes.length) {
            notes = Arrays.copyOf(notes, (int) Math.min(Integer.MAX_VALUE - 8, Math.max(frame + 1, notes.length * 3L / 2)));
            files.put(file, notes);
        }
        notes[(int) frame] = (long) flow << STEP_BITS + REMARK_BITS | (long) steps.number(step) << REMARK_BITS
                | remarks.number(String.join("; ", said));
    }

    private boolean missing(FrameRef frame) {
        return of(frame.file(), frame.number()) == null;
    }

    private static Map<FrameRef, Set<String>> codes(FlowResult flow) {
        Map<FrameRef, Set<String>> codes = new HashMap<>();
        for (Deviation deviation : flow.deviations()) {
            for (FrameRef frame : deviation.evidence()) {
                codes.computeIfAbsent(place(frame.file(), frame.number()), at -> new LinkedHashSet<>()).add(deviation.code());
            }
        }
        return codes;
    }

    /** The step that packets of a leg in one direction show: that of the leg's packet that is a step's evidence. */
    private static Map<String, String> stepsOfLegs(FlowResult flow) {
        Map<FrameRef, String> evidence = new HashMap<>();
        for (Step step : flow.steps()) {
            for (FrameRef frame : step.evidence()) {
                evidence.putIfAbsent(place(frame.file(), frame.number()), step.number());
            }
        }
        Map<String, String> found = new HashMap<>();
        for (TracedPacket packet : flow.trail()) {
            for (TracedPacket.Sighting sighting : packet.sightings()) {
                String step = evidence.get(place(sighting.file(), sighting.frame()));
                if (step != null) {
                    found.putIfAbsent(packet.direction().name() + sighting.leg(), step);
                }
            }
        }
        return found;
    }

    /** A frame whatever its point and time. */
    private static FrameRef place(String file, long frame) {
        return new FrameRef("", file, frame, 0);
    }
}
