package io.nattrail.deviation;

import io.nattrail.nat.CaptureSet;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which causes explain the flows of a case: a deviation at a step, with the flows that have it. */
public final class RootCauses {
    private static final int MOST_IDS = 20;
    /** A cause keeps so many names of endpoints, nodes and clients each: where it has as many, there may be others. */
    public static final int MOST_NAMES = 10;

    private final CaptureSet captures;
    private final Map<String, Gathered> causes = new LinkedHashMap<>();

    /** A root cause with what it explains. */
    public record Cause(String code, Severity severity, String step, long flows, List<Integer> flowIds, long since, List<String> endpoints,
            List<String> nodes, List<String> clients, String message, String remedy) {
    }

    private static final class Gathered {
        /** The first of the worst: one flow may only be hurt by what ends the next one. */
        private Deviation worst;
        private boolean fatal;
        private long flows;
        private long since = Long.MAX_VALUE;
        private final List<Integer> ids = new ArrayList<>();
        /** What answers is no pod. */
        private boolean outside;
        private final Set<String> entries = new LinkedHashSet<>();
        private final Set<String> endpoints = new LinkedHashSet<>();
        private final Set<String> nodes = new LinkedHashSet<>();
        private final Set<String> clients = new LinkedHashSet<>();

        private Gathered(Deviation worst, boolean fatal) {
            this.worst = worst;
            this.fatal = fatal;
        }

        private void add(Deviation deviation, boolean ended) {
            int order = Boolean.compare(ended, fatal);
            if (order > 0 || order == 0 && deviation.severity().compareTo(worst.severity()) > 0) {
                worst = deviation;
                fatal = ended;
            }
        }
    }

    RootCauses(CaptureSet captures) {
        this.captures = captures;
    }

    /** Takes a judged flow in; it counts once for a code, however often the code is said of it. */
    void add(FlowTrace trace, Judgement judgement) {
        Map<String, Deviation> worst = new LinkedHashMap<>();
        for (Deviation deviation : judgement.deviations()) {
            if (deviation.severity().compareTo(Severity.WARNING) >= 0) {
                worst.merge(deviation.code(), deviation, (a, b) -> b.severity().compareTo(a.severity()) > 0 ? b : a);
            }
        }
        // Without source NAT the answer goes past the node: one cause, not two.
        if (worst.containsKey(TranslationTypes.SNAT_MISSING.code())) {
            worst.remove(TranslationTypes.REPLY_BYPASSES_NODE1.code());
        }
        // Bytes that changed no longer fit their checksum.
        Deviation altered = worst.get(EstablishedTypes.PAYLOAD_ALTERED.code());
        if (altered != null) {
            worst.computeIfPresent(EstablishedTypes.CHECKSUM_BAD.code(), (code, bad) -> bad.step().equals(altered.step()) ? null : bad);
        }
        for (Deviation deviation : worst.values()) {
            gather(trace, judgement, deviation);
        }
    }

    private void gather(FlowTrace trace, Judgement judgement, Deviation deviation) {
        boolean fatal = judgement.verdict() == Verdict.FAILED && deviation.severity() == Severity.ERROR;
        Gathered cause = causes.computeIfAbsent(key(deviation), c -> new Gathered(deviation, fatal));
        cause.add(deviation, fatal);
        cause.flows++;
        cause.outside |= trace.template() == PathTemplates.EGRESS;
        cause.since = Math.min(cause.since, captures.aligned(trace.flow().start()));
        if (cause.ids.size() < MOST_IDS) {
            cause.ids.add(trace.id());
        }
        note(cause.entries, trace.entryNode());
        note(cause.endpoints, trace.endpoint() == null ? null : trace.endpoint().toString());
        note(cause.nodes, trace.endpointNode() != null ? trace.endpointNode() : trace.entryNode());
        note(cause.clients, trace.flow().original().source().address().toString());
    }

    /** ICMP errors are of many kinds: those of which something else is to be checked have another cause. */
    private static String key(Deviation deviation) {
        String key = deviation.code() + "@" + deviation.step();
        boolean ofItsKind = deviation.type() == EstablishedTypes.ICMP_UNREACHABLE && deviation.advice() != null;
        return ofItsKind ? key + "@" + deviation.advice().check() : key;
    }

    private static void note(Set<String> names, String name) {
        if (name != null && names.size() < MOST_NAMES) {
            names.add(name);
        }
    }

    private static int weightiestFirst(Gathered a, Gathered b) {
        int order = Boolean.compare(b.fatal, a.fatal);
        order = order != 0 ? order : b.worst.severity().compareTo(a.worst.severity());
        order = order != 0 ? order : Long.compare(b.flows, a.flows);
        return order != 0 ? order : Long.compare(a.since, b.since);
    }

    /** Of a connection that losses ended, no single packets were lost. */
    private static String title(Deviation worst) {
        boolean all = worst.type() == EstablishedTypes.LOSS && worst.severity() == Severity.ERROR;
        return all ? "Nothing got through between two points any more" : worst.type().title();
    }

    /** What explains most first; what ended flows before what only hurt them. */
    List<Cause> all() {
        List<Gathered> sorted = new ArrayList<>(causes.values());
        sorted.sort(RootCauses::weightiestFirst);
        List<Cause> found = new ArrayList<>();
        for (Gathered g : sorted) {
            String title = Remedy.withNode(title(g.worst), "Node-1", g.entries.size() == 1 ? g.entries.iterator().next() : null);
            String message = g.outside && title.contains("pod") ? g.worst.message() : title + ". For example " + g.worst.message();
            found.add(new Cause(g.worst.code(), g.worst.severity(), g.worst.step(), g.flows, List.copyOf(g.ids), g.since,
                    List.copyOf(g.endpoints), List.copyOf(g.nodes), List.copyOf(g.clients), message, g.worst.remedy()));
        }
        return found;
    }
}
