package io.nattrail.deviation;

import io.nattrail.capture.Damage;
import io.nattrail.clock.ClockFit;
import io.nattrail.clock.ClockQuality;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.ClockStep;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Sign;
import io.nattrail.net.Amount;
import io.nattrail.net.Duration;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Judges the captures themselves: their clocks and files, and what the points show and hide. */
public final class CaptureJudge {
    /** Of each point so many frames, or signs with their frames, are shown. */
    private static final int MOST_FRAMES = 5;
    private static final int MOST_SIGNS = 3;
    /** A snap length of so many bytes and more, as tcpdump's, cuts no packet. */
    private static final int NO_LIMIT = 65_535;
    private static final long WORTH_SAYING_NANOS = 1_000_000L;

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
    private final DisjointWindows windows;

    /** Flows, and how many of them a pod began that a capture on all interfaces of its node shows first. */
    private int flows;
    private int callsSeenOnAll;

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
        windows = new DisjointWindows(cluster, captures, sources);
        for (int i = 0; i < captures.count(); i++) {
            unseen.add(new ArrayList<>());
            missedFrames.add(new ArrayList<>());
        }
    }

    /** Takes a flow into account. */
    void add(FlowTrace trace) {
        Flow flow = trace.flow();
        flows++;
        callsSeenOnAll += !flow.places().isEmpty() && captures.role(flow.places().get(0).point()) == PointRole.ANY
                && cluster.isPod(flow.original().source().address()) ? 1 : 0;
        windows.add(trace);
        for (FlowLeg leg : flow.legs()) {
            copies[leg.point()] += leg.copies();
            cut[leg.point()] += leg.cut() ? 1 : 0;
        }
        for (FlowHop hop : flow.hops()) {
            int to = flow.places().get(hop.to()).point();
            missed[to] += hop.loss().missed();
            missedOfTcp[to] += flow.tcp() ? hop.loss().missed() : 0;
            if (hop.loss().missed() > 0 && missedFrames.get(to).size() < MOST_FRAMES) {
                missedFrames.get(to).addAll(captures.refs(hop.loss().missedFrames()));
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

    void deviations(List<Deviation> found) {
        clocks(found);
        captureFiles(found);
        new HidingFilters(facts).deviations(found);
        missingPoints(found);
        windows.deviations(found);
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
}
