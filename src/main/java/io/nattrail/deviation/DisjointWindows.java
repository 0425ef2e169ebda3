package io.nattrail.deviation;

import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.CaptureWindow;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
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

/** Captures that were not made at the same time: their windows have nothing in common, and no packet is in both. */
final class DisjointWindows {
    /** Captures show when packets came, not when they were started and stopped: less lies between two packets of any. */
    private static final long LEAST_GAP_NANOS = 100_000_000L;
    /** Captures of one attempt are started and stopped within minutes. */
    private static final long LONG_GAP_NANOS = 600_000_000_000L;

    private final ClusterView cluster;
    private final CaptureSet captures;
    private final List<CaptureJudge.SourceFacts> sources;
    /** Whether a packet that one point showed came to another. */
    private final boolean[][] crossed;
    private final List<Set<IpAddress>> clients = new ArrayList<>();
    /** Points that share no time with some other, and from whom to whom requests show there. */
    private final boolean[] apart;
    private final List<Set<Way>> sent = new ArrayList<>();
    /** Of two such points whether anything that the first shows may have come by the second, too. */
    private final boolean[][] passes;

    private record Way(IpAddress from, IpAddress to) {
    }

    DisjointWindows(ClusterView cluster, CaptureSet captures, List<CaptureJudge.SourceFacts> sources) {
        this.cluster = cluster;
        this.captures = captures;
        this.sources = sources;
        crossed = new boolean[captures.count()][captures.count()];
        apart = new boolean[captures.count()];
        passes = new boolean[captures.count()][captures.count()];
        for (int a = 0; a < captures.count(); a++) {
            clients.add(new HashSet<>());
            sent.add(new HashSet<>());
            for (int b = 0; b < captures.count(); b++) {
                apart[a] |= a != b && !captures.window(a).empty() && !captures.window(b).empty() && gap(a, b) > LEAST_GAP_NANOS;
            }
        }
    }

    void add(FlowTrace trace) {
        Flow flow = trace.flow();
        for (FlowLeg leg : flow.legs()) {
            clients.get(leg.point()).add(flow.original().source().address());
            if (apart[leg.point()]) {
                sent.get(leg.point()).add(new Way(leg.tuple().source().address(), leg.tuple().destination().address()));
                for (int other = 0; other < captures.count(); other++) {
                    passes[leg.point()][other] = passes[leg.point()][other] || apart[other] && mayPass(trace, other);
                }
            }
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.delivered() > 0) {
                crossed(flow, hop, flow.places().get(hop.to()).point());
            }
        }
    }

    /** Whether a point may be on a flow's way: one on a node that neither is its entry nor has its endpoint is not. */
    private boolean mayPass(FlowTrace trace, int point) {
        String node = captures.node(point);
        if (node == null || trace.entryNode() == null || trace.endpointNode() == null || node.equals(trace.endpointNode())) {
            return true;
        }
        return node.equals(trace.entryNode())
                && (!besidePods(point) || cluster.isPod(trace.flow().original().source().address()));
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

    /**
     * By the clocks as they are, since nothing crossed. Only of points that show the same clients at different times: a point where nothing
     * of them passed proves no window.
     */
    void deviations(List<Deviation> found) {
        List<int[]> pairs = new ArrayList<>();
        for (int a = 0; a < captures.count(); a++) {
            for (int b = a + 1; b < captures.count(); b++) {
                boolean sameTraffic = !Collections.disjoint(clients.get(a), clients.get(b))
                        || !Collections.disjoint(sent.get(a), sent.get(b));
                if (!captures.window(a).empty() && !captures.window(b).empty() && !crossed[a][b] && !crossed[b][a] && sameTraffic
                        && (passes[a][b] || passes[b][a]) && !podsOfTwoNodes(a, b) && gap(a, b) > LEAST_GAP_NANOS) {
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
        List<CaptureJudge.FileFacts> files = sources.get(point).files();
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
