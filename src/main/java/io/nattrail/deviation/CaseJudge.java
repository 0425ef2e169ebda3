package io.nattrail.deviation;

import io.nattrail.capture.Damage;
import io.nattrail.clock.ClockFit;
import io.nattrail.clock.ClockQuality;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Judges the case as a whole: its captures and clocks, and which root causes explain its flows. Sees every flow once. */
public final class CaseJudge {
    private static final int MOST_IDS = 20;
    private static final int MOST_NAMES = 10;
    private static final long WORTH_SAYING_NANOS = 1_000_000L;

    private final CaseFacts facts;
    private final CaptureSet captures;
    private final List<SourceFacts> sources;
    private final Map<String, Gathered> causes = new LinkedHashMap<>();
    private final long[] copies;
    private final long[] cut;
    private final long[] unseenBytes;
    private final List<List<FrameRef>> unseen = new ArrayList<>();
    private long midstream;
    private long ok;
    private long degraded;
    private long failed;
    private long undetermined;

    /** One file's facts that bear on what can be concluded. */
    public record FileFacts(String name, List<Damage> damage, Long dropped, Integer snapLength, long packets) {
    }

    /** What reading a point's files showed. */
    public record SourceFacts(List<FileFacts> files, long backwards, long greatestStepBack, long cutHeaders, long cutPayloads, long frames) {
    }

    /** Verdicts counted. */
    public record Counts(long flows, long ok, long degraded, long failed, long undetermined) {
    }

    /** A root cause with what it explains. */
    public record Cause(String code, Severity severity, String step, long flows, List<Integer> flowIds, long since, List<String> endpoints,
            List<String> nodes, List<String> clients, String message, String remedy) {
    }

    private static final class Gathered {
        private final Deviation first;
        private final boolean fatal;
        private long flows;
        private long since = Long.MAX_VALUE;
        private final List<Integer> ids = new ArrayList<>();
        private final Set<String> endpoints = new LinkedHashSet<>();
        private final Set<String> nodes = new LinkedHashSet<>();
        private final Set<String> clients = new LinkedHashSet<>();

        private Gathered(Deviation first, boolean fatal) {
            this.first = first;
            this.fatal = fatal;
        }
    }

    /** @param sources facts of each point, in the order of the points */
    public CaseJudge(CaseFacts facts, List<SourceFacts> sources) {
        this.facts = facts;
        this.captures = facts.captures();
        this.sources = sources;
        copies = new long[captures.count()];
        cut = new long[captures.count()];
        unseenBytes = new long[captures.count()];
        for (int i = 0; i < captures.count(); i++) {
            unseen.add(new ArrayList<>());
        }
    }

    /** Takes a judged flow into account. */
    public void add(FlowTrace trace, Judgement judgement) {
        switch (judgement.verdict()) {
            case OK -> ok++;
            case DEGRADED -> degraded++;
            case FAILED -> failed++;
            case UNDETERMINED -> undetermined++;
        }
        midstream += trace.flow().story().midstream() ? 1 : 0;
        for (FlowLeg leg : trace.flow().legs()) {
            copies[leg.point()] += leg.copies();
            cut[leg.point()] += leg.cut() ? 1 : 0;
        }
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() == Sign.Kind.ACKED_UNSEEN && sign.place() >= 0) {
                int point = trace.flow().places().get(sign.place()).point();
                unseenBytes[point] += sign.value();
                if (unseen.get(point).size() < 3) {
                    unseen.get(point).addAll(captures.refs(sign.frames()));
                }
            }
        }
        for (Deviation deviation : judgement.deviations()) {
            if (deviation.severity().compareTo(Severity.WARNING) >= 0) {
                gather(trace, judgement, deviation);
            }
        }
    }

    private void gather(FlowTrace trace, Judgement judgement, Deviation deviation) {
        boolean fatal = judgement.verdict() == Verdict.FAILED && deviation.severity() == Severity.ERROR;
        Gathered cause = causes.computeIfAbsent(deviation.code() + "@" + deviation.step(), c -> new Gathered(deviation, fatal));
        cause.flows++;
        cause.since = Math.min(cause.since, captures.aligned(trace.flow().start()));
        if (cause.ids.size() < MOST_IDS) {
            cause.ids.add(trace.id());
        }
        note(cause.endpoints, trace.endpoint() == null ? null : trace.endpoint().toString());
        note(cause.nodes, trace.endpointNode() != null ? trace.endpointNode() : trace.entryNode());
        note(cause.clients, trace.flow().original().source().address().toString());
    }

    private static void note(Set<String> names, String name) {
        if (name != null && names.size() < MOST_NAMES) {
            names.add(name);
        }
    }

    public Counts counts() {
        return new Counts(ok + degraded + failed + undetermined, ok, degraded, failed, undetermined);
    }

    /** What explains most first; what ended flows before what only hurt them. */
    public List<Cause> rootCauses() {
        List<Gathered> all = new ArrayList<>(causes.values());
        all.sort(Comparator.comparing((Gathered g) -> !g.fatal).thenComparing(g -> g.first.severity(), Comparator.reverseOrder())
                .thenComparing(g -> g.flows, Comparator.reverseOrder()).thenComparing(g -> g.since));
        long total = counts().flows();
        List<Cause> found = new ArrayList<>();
        for (Gathered g : all) {
            String flows = g.flows == 1 ? "1 of %d flows".formatted(total) : "%d of %d flows".formatted(g.flows, total);
            String message = "%s: %s. For example %s".formatted(flows, g.first.type().title(), g.first.message());
            found.add(new Cause(g.first.code(), g.first.severity(), g.first.step(), g.flows, List.copyOf(g.ids), g.since,
                    List.copyOf(g.endpoints), List.copyOf(g.nodes), List.copyOf(g.clients), message, g.first.type().remedy()));
        }
        return found;
    }

    /** Deviations of the case itself, once all flows have been added. */
    public List<Deviation> deviations() {
        List<Deviation> found = new ArrayList<>();
        clocks(found);
        captureFiles(found);
        hiddenLegs(found);
        missingPoints(found);
        if (midstream > 0) {
            found.add(about(CaptureTypes.CAPTURE_STARTS_MIDSTREAM, null,
                    "%d connections had begun before the captures: their handshake is not in them".formatted(midstream)));
        }
        return found;
    }

    private void clocks(List<Deviation> found) {
        for (int i = 0; i < captures.count(); i++) {
            ClockFit clock = captures.clock(i);
            String name = captures.point(i).name();
            if (clock.quality() == ClockQuality.CONTRADICTORY) {
                found.add(about(CaptureTypes.CLOCK_STEP, name,
                        "no single offset fits the clock of %s: it was set during the capture%s".formatted(name,
                                clock.stepNanos() == Long.MIN_VALUE ? "" : ", near " + java.time.Instant.ofEpochSecond(
                                        clock.stepNanos() / 1_000_000_000L))));
            } else if (clock.bounded() && clock.surelyApart() && Math.abs(clock.offsetNanos()) >= WORTH_SAYING_NANOS) {
                found.add(about(CaptureTypes.CLOCK_SKEW, name,
                        "the clock of %s is %s %s the reference's, between %s and %s%s; all latencies allow for it".formatted(name,
                                Frames.time(Math.abs(clock.offsetNanos())), clock.offsetNanos() > 0 ? "ahead of" : "behind",
                                Frames.time(clock.minOffset()), Frames.time(clock.maxOffset()), clock.drift() == 0 ? ""
                                        : ", drifting by %.1f ppm".formatted(clock.drift() * 1e6))));
            }
        }
    }

    private void captureFiles(List<Deviation> found) {
        for (int i = 0; i < sources.size(); i++) {
            SourceFacts source = sources.get(i);
            String name = captures.point(i).name();
            for (FileFacts file : source.files()) {
                for (Damage damage : file.damage()) {
                    found.add(about(CaptureTypes.CAPTURE_FILE_DAMAGED, name, "%s: byte %d (frame %d): %s; %s".formatted(file.name(),
                            damage.fileOffset(), damage.frameNumber(), damage.kind(), damage.lost())));
                }
                if (file.dropped() != null && file.dropped() > 0) {
                    found.add(about(CaptureTypes.CAPTURE_DROPS, name, "%s says that the capture lost %d packets".formatted(file.name(),
                            file.dropped())));
                }
            }
            if (unseenBytes[i] > 0 && (captures.role(i) == PointRole.CLIENT || captures.role(i) == PointRole.POD)) {
                found.add(new Deviation(CaptureTypes.CAPTURE_DROPS, Severity.WARNING, null, name,
                        "%d bytes were acknowledged at %s that its capture never showed".formatted(unseenBytes[i], name), unseen.get(i),
                        List.of()));
            }
            if (copies[i] > 0) {
                found.add(about(CaptureTypes.CAPTURE_DUPLICATES, name, "%d copies of packets at %s were folded: %s".formatted(copies[i], name,
                        captures.role(i) == PointRole.ANY ? "it captured on all interfaces" : "two devices or a forwarding node handed them over")));
            }
            if (cut[i] > 0) {
                Integer snap = source.files().isEmpty() ? null : source.files().get(0).snapLength();
                found.add(about(CaptureTypes.CAPTURE_TRUNCATED, name, "the snap length%s cut payloads at %s: they were compared by their headers"
                        .formatted(snap == null ? "" : " of " + snap + " bytes", name)));
            }
            if (source.backwards() > 0) {
                found.add(about(CaptureTypes.CAPTURE_ORDER, name, "time stamps at %s run backwards %s, by %s at most".formatted(name,
                        Frames.times(source.backwards()), Frames.time(source.greatestStepBack()))));
            }
        }
    }

    private void hiddenLegs(List<Deviation> found) {
        for (int i = 0; i < captures.count(); i++) {
            if (captures.translatedBlind(i)) {
                found.add(about(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        "%s shows the client's side of %d connections and the pods' side of none, which other captures show: its filter hides it"
                                .formatted(captures.point(i).name(), facts.cluster().originalsAt(i))));
            }
        }
    }

    private void missingPoints(List<Deviation> found) {
        boolean client = false;
        boolean node = false;
        boolean target = false;
        for (int i = 0; i < captures.count(); i++) {
            CapturePoint point = captures.point(i);
            client |= point.role() == PointRole.CLIENT || point.role() == PointRole.POD;
            node |= point.role() == PointRole.NODE_INTERFACE || point.role() == PointRole.ANY;
            target |= point.role() == PointRole.BRIDGE || point.role() == PointRole.POD;
        }
        if (!client) {
            found.add(about(CaptureTypes.CAPTURE_MISSING, null,
                    "no capture at the client: what is lost between it and the node cannot be told from what it never sent"));
        }
        if (!node) {
            found.add(about(CaptureTypes.CAPTURE_MISSING, null, "no capture at a node's eth0: where the NAT takes place cannot be seen"));
        }
        if (!target) {
            found.add(about(CaptureTypes.CAPTURE_MISSING, null,
                    "no capture at a bridge or pod: what is lost between the nodes cannot be told from a pod that does not answer"));
        }
    }

    private static Deviation about(DeviationType type, String point, String message) {
        return new Deviation(type, type.severity(), null, point, message, List.of(), List.of());
    }
}
