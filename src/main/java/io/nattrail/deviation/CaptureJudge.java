package io.nattrail.deviation;

import io.nattrail.capture.Damage;
import io.nattrail.clock.ClockFit;
import io.nattrail.clock.ClockQuality;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.ClockStep;
import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.CaptureWindow;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.net.Amount;
import io.nattrail.net.Duration;
import io.nattrail.net.IpAddress;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/** Judges the captures themselves: their clocks and files, and what the points show and hide. */
public final class CaptureJudge {
    /** Of each point so many frames, or signs with their frames, are shown. */
    private static final int MOST_FRAMES = 5;
    private static final int MOST_SIGNS = 3;
    /** A snap length of so many bytes and more, as tcpdump's, cuts no packet. */
    private static final int NO_LIMIT = 65_535;
    private static final long WORTH_SAYING_NANOS = 1_000_000L;
    /** Captures show when packets came, not when they were started and stopped: less lies between two packets of any. */
    private static final long LEAST_GAP_NANOS = 100_000_000L;
    /** Captures of one attempt are started and stopped within minutes. */
    private static final long LONG_GAP_NANOS = 600_000_000_000L;

    private final CaseFacts facts;
    private final ClusterView cluster;
    private final CaptureSet captures;
    private final List<SourceFacts> sources;
    private final Holes holes;
    private final EditedCaptures edited;
    private final long[] copies;
    private final long[] cut;
    private final long[] unseenBytes;
    private final List<List<FrameRef>> unseen = new ArrayList<>();
    private final long[] missed;
    private final long[] missedOfTcp;
    private final List<List<FrameRef>> missedFrames = new ArrayList<>();
    private final boolean[][] crossed;
    private final List<Set<IpAddress>> clients = new ArrayList<>();
    /** Points that share no time with some other, and from whom to whom requests show there. */
    private final boolean[] apart;
    private final List<Set<Way>> sent = new ArrayList<>();

    /** Flows, and how many of them a pod began that a capture on all interfaces of its node shows first. */
    private int flows;
    private int callsSeenOnAll;

    private record Way(IpAddress from, IpAddress to) {
    }

    /** One file's facts that bear on what can be concluded. */
    public record FileFacts(String name, List<Damage> damage, Long dropped, Integer snapLength) {
    }

    /** What reading a point's files showed. */
    public record SourceFacts(List<FileFacts> files, long backwards, long greatestStepBack, long foreignQuotes) {
    }

    /** @param sources facts of each point, in the order of the points */
    CaptureJudge(CaseFacts facts, List<SourceFacts> sources) {
        this.facts = facts;
        cluster = facts.cluster();
        holes = facts.holes();
        edited = facts.edited();
        captures = facts.captures();
        this.sources = sources;
        copies = new long[captures.count()];
        cut = new long[captures.count()];
        unseenBytes = new long[captures.count()];
        missed = new long[captures.count()];
        missedOfTcp = new long[captures.count()];
        crossed = new boolean[captures.count()][captures.count()];
        for (int i = 0; i < captures.count(); i++) {
            unseen.add(new ArrayList<>());
            missedFrames.add(new ArrayList<>());
            clients.add(new HashSet<>());
            sent.add(new HashSet<>());
        }
        apart = new boolean[captures.count()];
        for (int a = 0; a < captures.count(); a++) {
            for (int b = 0; b < captures.count(); b++) {
                apart[a] |= a != b && !captures.window(a).empty() && !captures.window(b).empty() && gap(a, b) > LEAST_GAP_NANOS;
            }
        }
    }

    /** Takes a flow into account. */
    void add(FlowTrace trace) {
        Flow flow = trace.flow();
        flows++;
        callsSeenOnAll += !flow.places().isEmpty() && captures.role(flow.places().get(0).point()) == PointRole.ANY
                && cluster.isPod(flow.original().source().address()) ? 1 : 0;
        for (FlowLeg leg : flow.legs()) {
            copies[leg.point()] += leg.copies();
            cut[leg.point()] += leg.cut() ? 1 : 0;
            clients.get(leg.point()).add(flow.original().source().address());
            if (apart[leg.point()]) {
                sent.get(leg.point()).add(new Way(leg.tuple().source().address(), leg.tuple().destination().address()));
            }
        }
        for (FlowHop hop : flow.hops()) {
            int to = flow.places().get(hop.to()).point();
            if (hop.delivered() > 0) {
                crossed(flow, hop, to);
            }
            missed[to] += hop.missed();
            missedOfTcp[to] += flow.tcp() ? hop.missed() : 0;
            if (hop.missed() > 0 && missedFrames.get(to).size() < MOST_FRAMES) {
                missedFrames.get(to).addAll(captures.refs(hop.missedFrames()));
            }
        }
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.ACKED_UNSEEN) {
                int point = flow.places().get(sign.place()).point();
                unseenBytes[point] += sign.value();
                if (unseen.get(point).size() < MOST_SIGNS) {
                    unseen.get(point).addAll(captures.refs(sign.frames()));
                }
            }
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

    void deviations(List<Deviation> found) {
        clocks(found);
        captureFiles(found);
        hiddenLegs(found);
        missingPoints(found);
        disjointWindows(found);
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
                found.add(Deviation.ofCase(CaptureTypes.CLOCK_STEP, name,
                        "no single offset fits the clock of %s, nor one that was set now and then".formatted(name)));
            } else if (clock.bounded() && clock.surelyApart() && Math.abs(clock.offsetNanos()) >= WORTH_SAYING_NANOS) {
                found.add(Deviation.ofCase(CaptureTypes.CLOCK_SKEW, name,
                        "the clock of %s is %s %s the reference's%s%s; all latencies allow for it".formatted(name,
                                Duration.of(Math.abs(clock.offsetNanos())), clock.offsetNanos() > 0 ? "ahead of" : "behind",
                                bounds(clock), clock.drift() == 0 ? ""
                                        : ", drifting by %.1f ppm".formatted(clock.drift() * 1e6))));
            }
        }
    }

    /** How far off the offset may be, in its own direction; where rounding hides or widens what lies between the ends, that itself. */
    private static String bounds(ClockFit clock) {
        long one = Math.abs(clock.minOffset());
        long other = Math.abs(clock.maxOffset());
        long greatest = Math.max(one, other);
        String least = Duration.of(Math.min(one, other));
        String most = Duration.of(greatest);
        // Three digits are good for a hundredth: 61.2 s and 61.3 s may be microseconds apart.
        boolean near = Math.abs(one - other) < greatest / 100;
        return near || least.equals(most) ? ", give or take " + Duration.of(clock.uncertaintyNanos())
                : ", between " + least + " and " + most;
    }

    private void captureFiles(List<Deviation> found) {
        for (int i = 0; i < sources.size(); i++) {
            String name = captures.point(i).name();
            filesThemselves(sources.get(i), name, found);
            missedPackets(i, name, found);
            if (copies[i] > 0) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_DUPLICATES, name, (copies[i] == 1 ? "1 copy of a packet at %s was folded: "
                        : copies[i] + " copies of packets at %s were folded: ").formatted(name) + (captures.role(i) == PointRole.ANY
                        ? "it captured on all interfaces" : "two devices or a forwarding node handed "
                                + (copies[i] == 1 ? "it" : "them") + " over")));
            }
            boolean behindV4 = captures.leftOut(i).cutBehindV4();
            if (behindV4 || captures.leftOut(i).cutBehindV6()) {
                String family = behindV4 && captures.leftOut(i).cutBehindV6() ? "IP" : behindV4 ? "IPv4" : "IPv6";
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_TRUNCATED, name,
                        "the snap length cut the TCP headers behind %s at %s: it shows no TCP connection of %s".formatted(family, name,
                                family)));
            } else if (cut[i] > 0) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_TRUNCATED, name,
                        "%s at %s: they were compared by their headers".formatted(howCut(sources.get(i)), name)));
            }
            if (edited.isEdited(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_EDITED, name, (edited.differs(i)
                        ? "nearly every payload at %s differs from the same packet's in other captures, in both directions: it was "
                                + "overwritten in one of the files"
                        : "nearly every payload at %s does not fit its checksum, in both directions: it was overwritten in the file")
                        .formatted(name)));
            }
            if (sources.get(i).foreignQuotes() > 0) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_EDITED, name, ("ICMP errors at %s quote packets of other addresses than "
                        + "they went to: addresses were replaced in the headers, and not in what errors quote").formatted(name)));
            }
            if (sources.get(i).backwards() > 0) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_ORDER, name,
                        "time stamps at %s run backwards %s, by %s%s".formatted(name, Frames.times(sources.get(i).backwards()),
                                Duration.of(sources.get(i).greatestStepBack()), sources.get(i).backwards() == 1 ? "" : " at most")));
            }
        }
    }

    private static void filesThemselves(SourceFacts source, String name, List<Deviation> found) {
        for (FileFacts file : source.files()) {
            for (Damage damage : file.damage()) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILE_DAMAGED, name,
                        "%s: byte %d (frame %d): %s; %s".formatted(file.name(), damage.fileOffset(), damage.frameNumber(), damage.kind(),
                                damage.lost())));
            }
            if (file.dropped() != null && file.dropped() > 0) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_DROPS, name,
                        "%s says that the capture lost %s".formatted(file.name(), Amount.of(file.dropped(), "packet"))));
            }
        }
    }

    private void missedPackets(int point, String name, List<Deviation> found) {
        PointRole role = captures.role(point);
        String interruptions = interruptions(point);
        int lacking = cluster.lacking(point);
        if (missed[point] > 0 && missed[point] == missedOfTcp[point] && interruptions.isEmpty()
                && !facts.points().showsMoreThanSyns(point)) {
            found.add(new Deviation(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, Severity.WARNING, null, name,
                    ("%s shows SYN, FIN and RST of connections and nothing else, though other packets must have passed it: its filter "
                            + "shows those alone").formatted(name), missedFrames.get(point), List.of()));
        } else if (missed[point] == 0 && !interruptions.isEmpty()) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_DROPS, name, "connections that must have passed %s are not in its capture"
                    .formatted(name) + interruptions));
        } else if (missed[point] == 0 && lacking > 0) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_DROPS, name, (lacking == 1
                    ? "1 connection must have passed %s, and its capture lacks what the client sent, though it shows others from there to "
                            + "the same destination"
                    : lacking + " connections must have passed %s, and its capture lacks what the clients sent, though it shows others "
                            + "from there to the same destination").formatted(name)));
        } else if (missed[point] > 0) {
            found.add(new Deviation(CaptureTypes.CAPTURE_DROPS, Severity.WARNING, null, name,
                    (missed[point] == 1
                            ? "1 packet is not in the capture at %s although it must have passed it: the next capture shows it, or it was "
                                    + "acknowledged"
                            : missed[point] + " packets are not in the capture at %s although they must have passed it: the next capture "
                                    + "shows them, or they were acknowledged").formatted(name) + interruptions,
                    missedFrames.get(point), List.of()));
        } else if (unseenBytes[point] > 0 && (role == PointRole.CLIENT || role == PointRole.POD)) {
            found.add(new Deviation(CaptureTypes.CAPTURE_DROPS, Severity.WARNING, null, name,
                    "%s acknowledged at %s that its capture never showed".formatted(unseenBytes[point] == 1 ? "1 byte was"
                            : unseenBytes[point] + " bytes were", name),
                    unseen.get(point), List.of()));
        }
    }

    /** Nothing that passed meanwhile is told as lost. */
    private String interruptions(int point) {
        List<Holes.Hole> proven = holes.at(point);
        if (proven.isEmpty()) {
            return "";
        }
        long longest = 0;
        for (Holes.Hole hole : proven) {
            longest = Math.max(longest, hole.nanos());
        }
        return "; it shows nothing at all for %s%s: it was interrupted, or a file of it is missing".formatted(Duration.of(longest),
                proven.size() == 1 ? "" : ", the longest of %d such times".formatted(proven.size()));
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
            if (captures.outgoingBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        ("%s shows what came to it of %s and nothing that it sent, though clients got answers: its filter, or its "
                                + "direction (tcpdump -Q), hides that").formatted(captures.point(i).name(),
                                Amount.of(cluster.originalsAt(i), "connection"))));
            } else if (captures.translatedBlind(i)) {
                String how = cluster.hiddenByAnswers(i) ? "though it sent them to another node" : "which other captures show";
                String shown = "%s shows the client's side of %s and the pods' side of none, %s: ".formatted(captures.point(i).name(),
                        Amount.of(cluster.originalsAt(i), "connection"), how);
                found.add(cluster.showsOnlyEncrypted(i) ? encrypted(i, shown)
                        : Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(), shown + "its filter hides it"));
            }
            if (captures.answersBlind(i) && !captures.outgoingBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        ("%s shows the questions of %s and the answers of none, though %s: its filter, or its direction (tcpdump -Q), "
                                + "hides them").formatted(captures.point(i).name(), Amount.of(cluster.originalsAt(i), "connection"),
                                answersProven(i))));
            }
            if (captures.questionsBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        ("%s shows answers to clients and none of their questions, which their own captures show: its filter, or its "
                                + "direction (tcpdump -Q), hides them").formatted(captures.point(i).name())));
            }
            if (captures.originalBlind(i)) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(i).name(),
                        "%s shows the pods' side of %s and the client's side of none, which other captures show: its filter hides it"
                                .formatted(captures.point(i).name(), Amount.of(cluster.translatedAt(i), "connection"))));
            }
            hiddenSome(i, found);
        }
    }

    private String answersProven(int point) {
        if (!cluster.hiddenByHandshakes(point)) {
            return "new questions followed on answers that other captures show";
        }
        return cluster.hiddenByNeighbours(point)
                ? "the host's ARP was answered, which does not show either: without an answer it is sent again after a second"
                : "connections went on there after their SYN, as after its answer only";
    }

    private Deviation encrypted(int point, String shown) {
        return new Deviation(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, CaptureTypes.CAPTURE_FILTER_HIDES_LEG.severity(), null,
                captures.point(point).name(), shown + "the nodes encrypt what they send each other (%s of IPsec or WireGuard)".formatted(
                        Amount.of(captures.leftOut(point).encrypted(), "packet")),
                List.of(), List.of(), CaptureTypes.WHERE_IT_IS_PLAIN, null);
    }

    /** A filter of hosts or ports hides some connections and shows others in full. */
    private void hiddenSome(int point, List<Deviation> found) {
        int client = cluster.hiddenProofs(point, false, Direction.REQUEST);
        int pods = captures.translatedBlind(point) ? 0 : cluster.hiddenProofs(point, true, Direction.REQUEST);
        if (client + pods > 0 && !captures.originalBlind(point)) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(point).name(),
                    ("%s shows nothing of the %s side of %s that must have passed it, though it shows others: its filter hides them, "
                            + "and may hide more").formatted(captures.point(point).name(), client > 0 ? "client's" : "pods'",
                                    Amount.of(Math.max(client, pods), "connection"))));
        } else if (cluster.hidesWhatIsSent(point)) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(point).name(),
                    ("%s shows that a pod was asked for its address (ARP, neighbour discovery) or refused a datagram, and nothing that "
                            + "was sent to it: its filter, or its direction (tcpdump -Q), hides that").formatted(
                                    captures.point(point).name())));
        } else if (!captures.answersBlind(point)) {
            int answers = Math.max(cluster.hiddenProofs(point, false, Direction.REPLY), captures.translatedBlind(point) ? 0
                    : cluster.hiddenProofs(point, true, Direction.REPLY));
            if (answers > 0) {
                found.add(Deviation.ofCase(CaptureTypes.CAPTURE_FILTER_HIDES_LEG, captures.point(point).name(),
                        ("%s shows no answer of %s that were answered by way of it: its filter, or its direction (tcpdump -Q), hides them")
                                .formatted(captures.point(point).name(), Amount.of(answers, "connection"))));
            }
        }
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
        // Where nobody but pods calls, all interfaces of their node show what they send and what they get.
        client |= flows > 0 && flows == callsSeenOnAll;
        // A capture of which neither name nor contents tell what it is may be the one; what is said of it asks for its name.
        if ((client ? 0 : 1) + (node ? 0 : 1) + (target ? 0 : 1) <= unplaced) {
            return;
        }
        if (!client) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_MISSING, null,
                    "client: no capture there. Steps 1.1 and 2.0 are seen from the node only; what is lost between client and node cannot "
                            + "be told from what was never sent, nor an answer on its way from one that arrived"));
        }
        if (!node) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_MISSING, null,
                    "node1-eth0: no capture at a node's eth0, the only place where both sides of the translation show on one clock. Steps "
                            + "1.2 to 1.3 are concluded from the client and the pod, and a loss cannot be told to lie before, inside or "
                            + "behind the node"));
        }
        if (!target) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_MISSING, null,
                    "node2-cbr0: no capture at a bridge or pod. Steps 1.4 to 1.6 show at the entry node only; what is lost between the "
                            + "nodes cannot be told from a pod that does not answer"));
        }
    }

    /**
     * By the clocks as they are, since nothing crossed. Only of points that show the same clients at different times: a point where nothing
     * of them passed proves no window.
     */
    private void disjointWindows(List<Deviation> found) {
        List<int[]> pairs = new ArrayList<>();
        for (int a = 0; a < captures.count(); a++) {
            for (int b = a + 1; b < captures.count(); b++) {
                boolean sameTraffic = !Collections.disjoint(clients.get(a), clients.get(b))
                        || !Collections.disjoint(sent.get(a), sent.get(b));
                if (!captures.window(a).empty() && !captures.window(b).empty() && !crossed[a][b] && !crossed[b][a] && sameTraffic
                        && !podsOfTwoNodes(a, b) && gap(a, b) > LEAST_GAP_NANOS) {
                    pairs.add(new int[] {a, b});
                }
            }
        }
        int odd = oddOne(pairs);
        if (odd >= 0) {
            Set<Integer> others = new TreeSet<>();
            for (int other = 0; other < captures.count(); other++) {
                if (other != odd && !captures.window(other).empty()) {
                    others.add(other);
                }
            }
            found.add(oddOne(odd, others, pairs.isEmpty() ? Severity.INFO : Severity.ERROR));
            return;
        }
        Set<Integer> together = together();
        if (together.size() > 1 && pairs.stream().noneMatch(pair -> crossedWith(together, pair[0]) && crossedWith(together, pair[1]))) {
            pairs.stream().flatMapToInt(Arrays::stream).distinct().filter(point -> !together.contains(point)).sorted()
                    .forEach(point -> found.add(oddOne(point, together, Severity.ERROR)));
            return;
        }
        for (int[] pair : pairs) {
            found.add(Deviation.ofCase(CaptureTypes.CAPTURE_WINDOWS_DISJOINT, captures.point(pair[1]).name(),
                    "%s and %s have no time in common: %s lies between them, and no packet is in both".formatted(taken(pair[0]),
                            taken(pair[1]), Duration.of(gap(pair[0], pair[1])))));
        }
    }

    /** What lies between the windows of two points; negative where they overlap. */
    private long gap(int a, int b) {
        CaptureWindow one = captures.window(a);
        CaptureWindow other = captures.window(b);
        return Math.max(captures.aligned(a, one.first()) - captures.aligned(b, other.last()),
                captures.aligned(b, other.first()) - captures.aligned(a, one.last()));
    }

    /**
     * The one point that has no time in common with any other, while the others, two and more, have; -1 if there is none. Of one that
     * shares no traffic with them, as a bridge may whose pods nobody called meanwhile, only a long time tells; a clock may be off as far.
     */
    private int oddOne(List<int[]> pairs) {
        for (int i = 0; i < captures.count(); i++) {
            int point = i;
            boolean all = pairs.isEmpty() ? apart[point] && leastGap(point) >= LONG_GAP_NANOS
                    : pairs.stream().allMatch(pair -> pair[0] == point || pair[1] == point);
            if (all && othersTogether(point)) {
                return point;
            }
        }
        return -1;
    }

    private long leastGap(int point) {
        long least = Long.MAX_VALUE;
        for (int other = 0; other < captures.count(); other++) {
            least = other == point || captures.window(other).empty() ? least : Math.min(least, gap(point, other));
        }
        return least;
    }

    private boolean othersTogether(int odd) {
        int others = 0;
        if (captures.window(odd).empty()) {
            return false;
        }
        for (int a = 0; a < captures.count(); a++) {
            if (a == odd || captures.window(a).empty()) {
                continue;
            }
            others++;
            if (gap(a, odd) <= LEAST_GAP_NANOS || crossed[a][odd] || crossed[odd][a]) {
                return false;
            }
            for (int b = 0; b < a; b++) {
                if (b != odd && !captures.window(b).empty() && gap(a, b) > LEAST_GAP_NANOS) {
                    return false;
                }
            }
        }
        return others > 1;
    }

    /** The most points that all have time in common with each other, two and more; none if that is not one set of them. */
    private Set<Integer> together() {
        Set<Integer> most = Set.of();
        boolean several = false;
        for (int seed = 0; seed < captures.count(); seed++) {
            Set<Integer> set = new TreeSet<>();
            for (int point = 0; point < captures.count() && !captures.window(seed).empty(); point++) {
                int candidate = point;
                if (!captures.window(point).empty() && gap(seed, point) <= LEAST_GAP_NANOS
                        && set.stream().allMatch(member -> gap(candidate, member) <= LEAST_GAP_NANOS)) {
                    set.add(point);
                }
            }
            several = set.size() == most.size() ? several || !set.equals(most) : set.size() < most.size() && several;
            most = set.size() > most.size() ? set : most;
        }
        return several ? Set.of() : most;
    }

    private boolean crossedWith(Set<Integer> points, int point) {
        return points.contains(point) || points.stream().anyMatch(other -> crossed[point][other] || crossed[other][point]);
    }

    private Deviation oddOne(int odd, Set<Integer> together, Severity severity) {
        List<String> others = together.stream().map(this::taken).toList();
        long least = together.stream().mapToLong(other -> gap(odd, other)).min().orElseThrow();
        return new Deviation(CaptureTypes.CAPTURE_WINDOWS_DISJOINT, severity, null, captures.point(odd).name(),
                "%s has no time in common with %s: %s lies between them, and no packet is in both; it was taken at another time, as an "
                        .formatted(taken(odd), String.join(" and ", others), Duration.of(least))
                        + "earlier attempt was, or its clock is wrong", List.of(), List.of());
    }

    /** A point with its file and when it was taken, by its own clock: what tells an old file from a new one. */
    private String taken(int point) {
        CaptureWindow window = captures.window(point);
        List<FileFacts> files = sources.get(point).files();
        return "%s (%s%s to %s UTC)".formatted(captures.point(point).name(), files.isEmpty() ? "" : files.get(0).name() + ", ",
                time(window.first()), time(window.last()));
    }

    private static String time(long nanos) {
        return Instant.ofEpochSecond(Math.floorDiv(nanos, 1_000_000_000L)).toString().replace('T', ' ').replace("Z", "");
    }

    /** A connection ends in one pod: the bridges of two nodes need not show anything at the same time. */
    private boolean podsOfTwoNodes(int a, int b) {
        return besidePods(a) && besidePods(b) && !Objects.equals(captures.node(a), captures.node(b));
    }

    private boolean besidePods(int point) {
        return captures.role(point) == PointRole.BRIDGE || captures.role(point) == PointRole.POD;
    }
}
