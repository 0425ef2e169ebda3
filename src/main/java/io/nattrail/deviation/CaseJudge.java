package io.nattrail.deviation;

import io.nattrail.capture.Damage;
import io.nattrail.clock.ClockFit;
import io.nattrail.clock.ClockQuality;
import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.ClockStep;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.OwnConnections.OwnConnection;
import io.nattrail.path.Reconstructor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/** Judges the case as a whole: its captures and clocks, and which root causes explain its flows. Sees every flow once. */
public final class CaseJudge {
    private static final int MOST_IDS = 20;
    /** A cause keeps so many names of endpoints, nodes and clients each: where it has as many, there may be others. */
    public static final int MOST_NAMES = 10;
    private static final int MOST_FRAMES = 5;
    /** A snap length of so many bytes and more, as tcpdump's, cuts no packet. */
    private static final int NO_LIMIT = 65_535;
    /** Fewer choices make no distribution; a chi-square test needs about five expected in each class. */
    private static final int LEAST_CHOICES = 30;
    private static final double LEAST_EXPECTED = 5;
    /** The 99.9 % point of the normal distribution. */
    private static final double NORMAL_999 = 3.09;
    private static final long WORTH_SAYING_NANOS = 1_000_000L;
    /** Captures show when packets came, not when they were started and stopped: less lies between two packets of any. */
    private static final long LEAST_GAP_NANOS = 100_000_000L;

    private final CaseFacts facts;
    private final CaptureSet captures;
    private final List<SourceFacts> sources;
    private final Map<String, Gathered> causes = new LinkedHashMap<>();
    private final long[] copies;
    private final long[] cut;
    private final long[] unseenBytes;
    private final List<List<FrameRef>> unseen = new ArrayList<>();
    private final long[] missed;
    private final List<List<FrameRef>> missedFrames = new ArrayList<>();
    private final List<FrameRef> ambiguousFrames = new ArrayList<>();
    private final List<String> ambiguousNames = new ArrayList<>();
    private final boolean[][] crossed;
    private final List<Set<IpAddress>> clients = new ArrayList<>();
    private long ambiguous;
    private long midstream;
    private long ok;
    private long degraded;
    private long failed;
    private long undetermined;

    /** One file's facts that bear on what can be concluded. */
    public record FileFacts(String name, List<Damage> damage, Long dropped, Integer snapLength, long packets) {
    }

    /** What reading a point's files showed. */
    public record SourceFacts(List<FileFacts> files, long backwards, long greatestStepBack, long cutHeaders, long cutPayloads,
            long frames) {
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
        missed = new long[captures.count()];
        crossed = new boolean[captures.count()][captures.count()];
        for (int i = 0; i < captures.count(); i++) {
            unseen.add(new ArrayList<>());
            missedFrames.add(new ArrayList<>());
            clients.add(new HashSet<>());
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
            clients.get(leg.point()).add(trace.flow().original().source().address());
        }
        for (FlowHop hop : trace.flow().hops()) {
            int to = trace.flow().places().get(hop.to()).point();
            if (hop.delivered() > 0) {
                crossed(trace.flow(), hop, to);
            }
            missed[to] += hop.missed();
            if (hop.missed() > 0 && missedFrames.get(to).size() < MOST_FRAMES) {
                missedFrames.get(to).addAll(captures.refs(hop.missedFrames()));
            }
        }
        if (!trace.flow().rivals().isEmpty()) {
            ambiguous++;
            if (ambiguousNames.size() < MOST_NAMES) {
                ambiguousNames.add("%s (or %s)".formatted(trace.flow().original(), trace.flow().rivals().get(0)));
                ambiguousFrames.addAll(captures.refs(List.of(trace.flow().start())));
            }
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
        // A flow counts once for a code, however often the code is said of it.
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
        for (Deviation deviation : worst.values()) {
            gather(trace, judgement, deviation);
        }
    }

    /** What came to a point was also at all those before it that the flow's packets passed. */
    private void crossed(Flow flow, FlowHop last, int to) {
        FlowHop hop = last;
        while (hop != null) {
            crossed[flow.places().get(hop.from()).point()][to] = true;
            FlowHop earlier = null;
            for (FlowHop other : flow.hops()) {
                if (other.to() == hop.from() && other.direction() == hop.direction() && other.delivered() > 0) {
                    earlier = other;
                }
            }
            hop = earlier;
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

    private static int weightiestFirst(Gathered a, Gathered b) {
        int order = Boolean.compare(b.fatal, a.fatal);
        order = order != 0 ? order : b.first.severity().compareTo(a.first.severity());
        order = order != 0 ? order : Long.compare(b.flows, a.flows);
        return order != 0 ? order : Long.compare(a.since, b.since);
    }

    /** What explains most first; what ended flows before what only hurt them. */
    public List<Cause> rootCauses() {
        List<Gathered> all = new ArrayList<>(causes.values());
        all.sort(CaseJudge::weightiestFirst);
        List<Cause> found = new ArrayList<>();
        for (Gathered g : all) {
            String message = "%s. For example %s".formatted(g.first.type().title(), g.first.message());
            found.add(new Cause(g.first.code(), g.first.severity(), g.first.step(), g.flows, List.copyOf(g.ids), g.since,
                    List.copyOf(g.endpoints), List.copyOf(g.nodes), List.copyOf(g.clients), message, g.first.remedy()));
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
        disjointWindows(found);
        ambiguousMatches(found);
        nodePortsInUse(found);
        unevenEndpoints(found);
        if (midstream > 0) {
            found.add(about(CaptureTypes.CAPTURE_STARTS_MIDSTREAM, null,
                    "%d connections had begun before the captures: their handshake is not in them".formatted(midstream)));
        }
        return found;
    }

    private void clocks(List<Deviation> found) {
        for (ClockStep step : captures.clockSteps()) {
            String name = captures.point(step.point()).name();
            found.add(new Deviation(CaptureTypes.CLOCK_STEP, Severity.WARNING, null, name,
                    "the clock of %s was set %s by %s during the capture; flows are told as if it had not been".formatted(name,
                            step.aheadNanos() > 0 ? "ahead" : "back", Duration.of(Math.abs(step.aheadNanos()))),
                    captures.refs(step), List.of()));
        }
        for (int i = 0; i < captures.count(); i++) {
            ClockFit clock = captures.clock(i);
            String name = captures.point(i).name();
            if (clock.quality() == ClockQuality.CONTRADICTORY) {
                found.add(about(CaptureTypes.CLOCK_STEP, name,
                        "no single offset fits the clock of %s, nor one that was set now and then".formatted(name)));
            } else if (clock.bounded() && clock.surelyApart() && Math.abs(clock.offsetNanos()) >= WORTH_SAYING_NANOS) {
                found.add(about(CaptureTypes.CLOCK_SKEW, name,
                        "the clock of %s is %s %s the reference's, between %s and %s%s; all latencies allow for it".formatted(name,
                                Duration.of(Math.abs(clock.offsetNanos())), clock.offsetNanos() > 0 ? "ahead of" : "behind",
                                Duration.of(clock.minOffset()), Duration.of(clock.maxOffset()), clock.drift() == 0 ? ""
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
            if (missed[i] > 0) {
                found.add(new Deviation(CaptureTypes.CAPTURE_DROPS, Severity.WARNING, null, name,
                        "%d packets are not in the capture at %s although they must have passed it: the next capture shows them, "
                                .formatted(missed[i], name) + "or they were acknowledged", missedFrames.get(i), List.of()));
            } else if (unseenBytes[i] > 0 && (captures.role(i) == PointRole.CLIENT || captures.role(i) == PointRole.POD)) {
                found.add(new Deviation(CaptureTypes.CAPTURE_DROPS, Severity.WARNING, null, name,
                        "%d bytes were acknowledged at %s that its capture never showed".formatted(unseenBytes[i], name), unseen.get(i),
                        List.of()));
            }
            if (copies[i] > 0) {
                found.add(about(CaptureTypes.CAPTURE_DUPLICATES, name, (copies[i] == 1 ? "1 copy of a packet at %s was folded: "
                        : copies[i] + " copies of packets at %s were folded: ").formatted(name) + (captures.role(i) == PointRole.ANY
                        ? "it captured on all interfaces" : "two devices or a forwarding node handed them over")));
            }
            boolean behindV4 = captures.window(i).cutBehindV4();
            if (behindV4 || captures.window(i).cutBehindV6()) {
                String family = behindV4 && captures.window(i).cutBehindV6() ? "IP" : behindV4 ? "IPv4" : "IPv6";
                found.add(about(CaptureTypes.CAPTURE_TRUNCATED, name,
                        "the snap length cut the TCP headers behind %s at %s: it shows no TCP connection of %s".formatted(family, name,
                                family)));
            } else if (cut[i] > 0) {
                found.add(about(CaptureTypes.CAPTURE_TRUNCATED, name,
                        "%s at %s: they were compared by their headers".formatted(howCut(source), name)));
            }
            if (source.backwards() > 0) {
                found.add(about(CaptureTypes.CAPTURE_ORDER, name, "time stamps at %s run backwards %s, by %s at most".formatted(name,
                        Frames.times(source.backwards()), Duration.of(source.greatestStepBack()))));
            }
        }
    }

    private static String howCut(SourceFacts source) {
        Integer snap = source.files().isEmpty() ? null : source.files().get(0).snapLength();
        if (snap == null) {
            return "the snap length cut payloads";
        }
        // A tool that shortened the packets afterwards, as editcap -s, may have left what the file says as it was.
        return snap < NO_LIMIT ? "the snap length of " + snap + " bytes cut payloads"
                : "payloads are cut, though not by the file's snap length of " + snap + " bytes,";
    }

    private void hiddenLegs(List<Deviation> found) {
        for (int i = 0; i < captures.count(); i++) {
            if (captures.translatedBlind(i)) {
                String how = facts.cluster().hiddenByAnswers(i) ? "though it sent them to another node" : "which other captures show";
                found.add(about(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        "%s shows the client's side of %s and the pods' side of none, %s: its filter hides it".formatted(
                                captures.point(i).name(), connections(facts.cluster().originalsAt(i)), how)));
            }
            if (captures.answersBlind(i)) {
                found.add(about(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        ("%s shows the questions of %s and the answers of none, though new questions followed on answers that other "
                                + "captures show: its filter, or its direction (tcpdump -Q), hides them").formatted(
                                captures.point(i).name(), connections(facts.cluster().originalsAt(i)))));
            }
            if (captures.originalBlind(i)) {
                found.add(about(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        "%s shows the pods' side of %s and the client's side of none, which other captures show: its filter hides it"
                                .formatted(captures.point(i).name(), connections(facts.cluster().translatedAt(i)))));
            }
        }
    }

    private static String connections(int number) {
        return number == 1 ? "1 connection" : number + " connections";
    }

    private void missingPoints(List<Deviation> found) {
        boolean client = false;
        boolean node = false;
        boolean target = false;
        boolean any = false;
        int unplaced = 0;
        Set<String> wideNodes = new HashSet<>();
        for (int i = 0; i < captures.count(); i++) {
            CapturePoint point = captures.point(i);
            client |= point.role() == PointRole.CLIENT || point.role() == PointRole.POD;
            boolean wide = captures.showsNodeInterface(i);
            node |= wide;
            if (wide) {
                wideNodes.add(String.valueOf(point.node()));
            }
            any |= point.role() == PointRole.ANY;
            unplaced += point.role() == null ? 1 : 0;
            target |= point.role() == PointRole.BRIDGE || point.role() == PointRole.POD;
        }
        // Where two nodes were captured, one of them on all its interfaces, that one's bridge is in its capture.
        target |= any && wideNodes.size() > 1;
        // A capture of which neither name nor contents tell what it is may be the one; what is said of it asks for its name.
        if ((client ? 0 : 1) + (node ? 0 : 1) + (target ? 0 : 1) <= unplaced) {
            return;
        }
        if (!client) {
            found.add(about(CaptureTypes.CAPTURE_MISSING, null,
                    "client: no capture there. Steps 1.1 and 2.0 are seen from the node only; what is lost between client and node cannot "
                            + "be told from what was never sent, nor an answer on its way from one that arrived"));
        }
        if (!node) {
            found.add(about(CaptureTypes.CAPTURE_MISSING, null,
                    "node1-eth0: no capture at a node's eth0, the only place where both sides of the translation show on one clock. Steps "
                            + "1.2 to 1.3 are concluded from the client and the pod, and a loss cannot be told to lie before, inside or "
                            + "behind the node"));
        }
        if (!target) {
            found.add(about(CaptureTypes.CAPTURE_MISSING, null,
                    "node2-cbr0: no capture at a bridge or pod. Steps 1.4 to 1.6 show at the entry node only; what is lost between the "
                            + "nodes cannot be told from a pod that does not answer"));
        }
    }

    /**
     * By the clocks as they are, since nothing crossed. Only of points that show the same clients at different times: a point where nothing
     * of them passed proves no window.
     */
    private void disjointWindows(List<Deviation> found) {
        for (int a = 0; a < captures.count(); a++) {
            for (int b = a + 1; b < captures.count(); b++) {
                CaptureSet.Window one = captures.window(a);
                CaptureSet.Window other = captures.window(b);
                boolean sameClients = !Collections.disjoint(clients.get(a), clients.get(b));
                if (one.empty() || other.empty() || crossed[a][b] || crossed[b][a] || !sameClients || podsOfTwoNodes(a, b)) {
                    continue;
                }
                long gap = Math.max(captures.aligned(a, one.first()) - captures.aligned(b, other.last()),
                        captures.aligned(b, other.first()) - captures.aligned(a, one.last()));
                if (gap > LEAST_GAP_NANOS) {
                    found.add(about(CaptureTypes.CAPTURE_WINDOWS_DISJOINT, captures.point(b).name(),
                            "%s and %s have no time in common: %s lies between them, and no packet is in both".formatted(
                                    captures.point(a).name(), captures.point(b).name(), Duration.of(gap))));
                }
            }
        }
    }

    /** A connection ends in one pod: the bridges of two nodes need not show anything at the same time. */
    private boolean podsOfTwoNodes(int a, int b) {
        return besidePods(a) && besidePods(b) && !Objects.equals(captures.node(a), captures.node(b));
    }

    private boolean besidePods(int point) {
        return captures.role(point) == PointRole.BRIDGE || captures.role(point) == PointRole.POD;
    }

    private void ambiguousMatches(List<Deviation> found) {
        if (ambiguous > 0) {
            found.add(new Deviation(CaptureTypes.AMBIGUOUS_MATCH, Severity.WARNING, null, null,
                    "%d flows cannot be told apart from others by anything in the captures: %s".formatted(ambiguous,
                            String.join("; ", ambiguousNames)), ambiguousFrames, List.of()));
        }
    }

    private void nodePortsInUse(List<Deviation> found) {
        Map<String, List<OwnConnection>> byNode = new TreeMap<>();
        for (OwnConnection own : facts.cluster().ownConnections().all()) {
            if (Reconstructor.isNodePort(own.tuple().source())) {
                byNode.computeIfAbsent(own.node(), n -> new ArrayList<>()).add(own);
            }
        }
        byNode.forEach((node, list) -> {
            List<FrameRef> frames = new ArrayList<>();
            for (OwnConnection own : list.subList(0, Math.min(MOST_FRAMES, list.size()))) {
                frames.addAll(captures.refs(List.of(own.first())));
            }
            found.add(new Deviation(EstablishmentTypes.NODE_PORT_IN_EPHEMERAL_RANGE, Severity.WARNING, null, frames.get(0).point(),
                    "%s itself opened %d connections from ports that belong to node ports, for example %s".formatted(node, list.size(),
                            list.get(0).tuple()), frames, List.of()));
        });
    }

    // The choice of endpoints

    private void unevenEndpoints(List<Deviation> found) {
        facts.fronts().forEach((front, all) -> {
            List<CaseFacts.FlowFact> flows = all.flows();
            Map<Endpoint, long[]> counts = new TreeMap<>();
            boolean allKnown = true;
            long from = Long.MIN_VALUE;
            boolean even = true;
            for (CaseFacts.FlowFact fact : flows) {
                allKnown &= fact.endpoint() != null || !fact.answered();
                if (fact.endpoint() != null && !counts.containsKey(fact.endpoint())) {
                    counts.put(fact.endpoint(), new long[1]);
                    from = fact.start();
                }
            }
            ClusterIndex.Front told = facts.cluster().toldFront(front.protocol(), front.endpoint());
            if (told != null) {
                even = told.service().affinitySeconds() == 0 && !told.service().externalLocal() && !told.service().internalLocal();
                addReady(told, front.endpoint().address().v6(), counts);
            }
            if (!allKnown || !even || counts.size() < 2) {
                return;
            }
            // An endpoint may have come up late: only what was chosen since all were there counts.
            long since = told == null ? from : Long.MIN_VALUE;
            long total = 0;
            for (CaseFacts.FlowFact fact : flows) {
                if (fact.endpoint() != null && fact.start() >= since) {
                    counts.get(fact.endpoint())[0]++;
                    total++;
                }
            }
            if (total >= LEAST_CHOICES && improbable(counts, total)) {
                List<String> shares = new ArrayList<>();
                counts.forEach((endpoint, count) -> shares.add(endpoint + ": " + count[0]));
                found.add(about(TranslationTypes.UNEVEN_ENDPOINTS, null,
                        "%d connections to %s chose their endpoints far from evenly: %s".formatted(
                        total, told == null ? front.endpoint() : told.service().key(), String.join(", ", shares))));
            }
        });
    }

    private void addReady(ClusterIndex.Front told, boolean v6, Map<Endpoint, long[]> counts) {
        for (ClusterState.ServiceEndpoint endpoint : facts.cluster().told().endpointsOf(told.service(), told.port())) {
            if (endpoint.ready() && !endpoint.terminating() && endpoint.address().address().v6() == v6) {
                counts.putIfAbsent(endpoint.address(), new long[1]);
            }
        }
    }

    /** Pearson's chi-square against equal shares; its 99.9 % point by Wilson and Hilferty's approximation. */
    private static boolean improbable(Map<Endpoint, long[]> counts, long total) {
        double expected = (double) total / counts.size();
        if (expected < LEAST_EXPECTED) {
            return false;
        }
        double chiSquare = 0;
        for (long[] count : counts.values()) {
            chiSquare += (count[0] - expected) * (count[0] - expected) / expected;
        }
        double freedom = counts.size() - 1.0;
        double spread = 2 / (9 * freedom);
        return chiSquare > freedom * Math.pow(1 - spread + NORMAL_999 * Math.sqrt(spread), 3);
    }

    private static Deviation about(DeviationType type, String point, String message) {
        return new Deviation(type, type.severity(), null, point, message, List.of(), List.of());
    }
}
