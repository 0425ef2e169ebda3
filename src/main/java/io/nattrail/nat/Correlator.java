package io.nattrail.nat;

import io.nattrail.clock.ClockNet;
import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.Rows;
import io.nattrail.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Legs of all points to flows: matches them, tells what that says of the points and their clocks, and folds each group of legs into a
 * {@link Flow}.
 */
public final class Correlator {
    private static final int MOST_SKETCHED = 4000;
    private static final int HANDSHAKE_ROWS = 6;
    private static final int BLOCK = 512;
    /** Packets kept one by one over all flows of a case, so that memory has a bound. */
    private static final long TRAIL_PACKETS = 150_000;
    private static final int LONGEST_TRAIL = 1500;
    private static final int HEALTHY_TRAILS = 100;

    private final List<LegGroup> groups;
    private final int points;

    /** Matches the legs of all tables; their order is that of the points. */
    public Correlator(List<LegTable> tables) {
        points = tables.size();
        List<Leg> legs = new ArrayList<>();
        for (LegTable table : tables) {
            legs.addAll(table.legs());
        }
        groups = new LegMatcher(legs, ClockView.RAW).match();
    }

    /** How many connections there are. */
    public int count() {
        return groups.size();
    }

    /**
     * What the handshakes tell of the clocks, before any flow is folded: of two points that saw a request, the one where it had more TTL
     * saw it first; where no router lies in between, the one that waited longer for the answer did.
     */
    public ClockNet handshakeCrossings() {
        ClockNet net = new ClockNet(points);
        Rows a = new Rows();
        Rows b = new Rows();
        int step = Math.max(1, groups.size() / MOST_SKETCHED);
        for (int g = 0; g < groups.size(); g += step) {
            List<Leg> legs = groups.get(g).legs();
            for (int i = 0; i < legs.size(); i++) {
                for (int j = 0; j < i; j++) {
                    if (legs.get(i).point() != legs.get(j).point()) {
                        cross(legs.get(i), legs.get(j), a, b, net);
                    }
                }
            }
        }
        return net;
    }

    private static void cross(Leg left, Leg right, Rows a, Rows b, ClockNet net) {
        a.clear();
        b.clear();
        left.copyRows(a);
        right.copyRows(b);
        boolean ordered = false;
        int asked = -1;
        int askedThere = -1;
        int answered = -1;
        int answeredThere = -1;
        for (int i = 0; i < Math.min(HANDSHAKE_ROWS, a.count()); i++) {
            if (PacketMatcher.nameless(a, i, false) && a.length(i) == 0) {
                continue;
            }
            for (int j = 0; j < Math.min(HANDSHAKE_ROWS, b.count()); j++) {
                boolean request = a.fromSecond(i) == left.openedBySecond();
                if (request != (b.fromSecond(j) == right.openedBySecond()) || !a.samePacket(i, b, j)
                        || a.identification(i) != b.identification(j)) {
                    continue;
                }
                ordered |= a.ttl(i) != b.ttl(j);
                if (request && asked < 0) {
                    asked = i;
                    askedThere = j;
                } else if (!request && asked >= 0 && answered < 0) {
                    answered = i;
                    answeredThere = j;
                }
                if (a.ttl(i) > b.ttl(j)) {
                    net.crossed(left.point(), a.time(i), right.point(), b.time(j));
                } else if (a.ttl(i) < b.ttl(j)) {
                    net.crossed(right.point(), b.time(j), left.point(), a.time(i));
                }
                break;
            }
        }
        if (!ordered && answered >= 0) {
            byRoundTrip(left, asked, answered, a, right, askedThere, answeredThere, b, net);
        }
    }

    /** Without a router in between the TTL is equal; the point that waited longer for the answer is the one nearer to the client. */
    private static void byRoundTrip(Leg left, int asked, int answered, Rows a, Leg right, int askedThere, int answeredThere, Rows b,
            ClockNet net) {
        long here = a.time(answered) - a.time(asked);
        long there = b.time(answeredThere) - b.time(askedThere);
        if (here > there) {
            net.crossed(left.point(), a.time(asked), right.point(), b.time(askedThere));
            net.crossed(right.point(), b.time(answeredThere), left.point(), a.time(answered));
        } else if (there > here) {
            net.crossed(right.point(), b.time(askedThere), left.point(), a.time(asked));
            net.crossed(left.point(), a.time(answered), right.point(), b.time(answeredThere));
        }
    }

    /**
     * What the connections say of a point.
     *
     * @param originals connections of which it shows only the client's tuple
     * @param translated connections of which it shows only a translated tuple
     * @param both connections of which it shows both
     * @param freshRequests requests whose TTL no router has touched
     * @param freshReplies answers whose TTL no router has touched
     * @param earliest connections whose requests it saw before all other points that show the same tuple
     * @param fronts addresses that clients called where it shows both tuples: the node's own
     * @param pods addresses of endpoints whose answers come fresh from the pod
     */
    public record PointEvidence(int originals, int translated, int both, int freshRequests, int freshReplies, int earliest,
            Set<IpAddress> fronts, Set<IpAddress> pods) {
    }

    /**
     * What the connections say of each point.
     *
     * @param most how many connections to look at, evenly over the case
     */
    public List<PointEvidence> pointEvidence(int most) {
        int[][] counts = new int[points][6];
        List<Set<IpAddress>> fronts = new ArrayList<>();
        List<Set<IpAddress>> pods = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            fronts.add(new TreeSet<>());
            pods.add(new TreeSet<>());
        }
        int step = Math.max(1, groups.size() / most);
        FoldContext neutral = new Neutral();
        for (int g = 0; g < groups.size(); g += step) {
            sketch(groups.get(g), neutral, counts, fronts, pods);
        }
        List<PointEvidence> evidence = new ArrayList<>();
        for (int i = 0; i < points; i++) {
            int[] c = counts[i];
            evidence.add(new PointEvidence(c[0], c[1], c[2], c[3], c[4], c[5], fronts.get(i), pods.get(i)));
        }
        return evidence;
    }

    private void sketch(LegGroup group, FoldContext neutral, int[][] counts, List<Set<IpAddress>> fronts, List<Set<IpAddress>> pods) {
        List<LoadedLeg> loaded = new ArrayList<>();
        for (Leg leg : group.legs()) {
            LoadedLeg l = new LoadedLeg();
            l.load(leg);
            loaded.add(l);
        }
        GroupLayout layout = new GroupLayout(loaded, neutral);
        int[] levels = new int[points];
        long first = Long.MAX_VALUE;
        int firstPoint = -1;
        int originalPoints = 0;
        for (int i = 0; i < loaded.size(); i++) {
            LoadedLeg l = loaded.get(i);
            int point = l.leg().point();
            int row = GroupLayout.firstTelling(l.requests(), l.leg().tcp());
            if (row < 0) {
                continue;
            }
            levels[point] |= layout.level(i) == 0 ? 1 : 2;
            counts[point][3] += GroupLayout.freshlySent(l.requests().ttl(row)) ? 1 : 0;
            int reply = GroupLayout.firstTelling(l.replies(), l.leg().tcp());
            if (reply < 0 && layout.level(i) > 0 && l.replies().count() > 0) {
                // A pod where nothing listens answers with RST only; behind the translation nobody else is one hop away.
                reply = 0;
            }
            boolean freshReply = reply >= 0 && GroupLayout.freshlySent(l.replies().ttl(reply));
            counts[point][4] += freshReply ? 1 : 0;
            if (freshReply && layout.level(i) > 0) {
                pods.get(point).add(l.leg().tuple().destination().address());
            }
            if (layout.level(i) == 0) {
                originalPoints++;
                if (l.requests().time(row) < first) {
                    first = l.requests().time(row);
                    firstPoint = point;
                }
            }
        }
        for (int point = 0; point < points; point++) {
            if (levels[point] > 0 && layout.translated() != null) {
                counts[point][levels[point] - 1]++;
                if (levels[point] == 3) {
                    fronts.get(point).add(layout.original().destination().address());
                }
            }
        }
        if (originalPoints > 1) {
            counts[firstPoint][5]++;
        }
    }

    /** Nothing is known of points and clocks. */
    private static final class Neutral implements FoldContext {
        @Override
        public PointRole role(int point) {
            return null;
        }

        @Override
        public String node(int point) {
            return null;
        }

        @Override
        public long aligned(int point, long timeNanos) {
            return timeNanos;
        }

        @Override
        public Coverage coverage(int from, long timeNanos, int to) {
            return Coverage.SURE;
        }

        @Override
        public void crossed(int from, long fromNanos, int to, long toNanos) {
            // Only the order of tuples is wanted.
        }
    }

    /**
     * Folds all groups, and gives their rows back.
     *
     * @param captures takes what crossed between the points
     * @param keepAllTrails whether the packets of every flow are needed one by one; else those of notable flows and a sample are kept
     */
    public List<Flow> fold(CaptureSet captures, int threads, boolean keepAllTrails) {
        int blocks = (groups.size() + BLOCK - 1) / BLOCK;
        long share = keepAllTrails ? Long.MAX_VALUE : Math.max(LONGEST_TRAIL, TRAIL_PACKETS / Math.max(1, blocks));
        List<List<Flow>> folded = new ArrayList<>(blocks);
        if (threads < 2 || blocks < 2) {
            for (int block = 0; block < blocks; block++) {
                folded.add(foldBlock(block, captures, share, keepAllTrails));
            }
        } else {
            foldParallel(blocks, captures, threads, share, keepAllTrails, folded);
        }
        List<Flow> flows = new ArrayList<>(groups.size());
        for (List<Flow> part : folded) {
            flows.addAll(part);
        }
        for (LegGroup group : groups) {
            for (Leg leg : group.legs()) {
                leg.releaseRows();
            }
        }
        return flows;
    }

    private void foldParallel(int blocks, CaptureSet captures, int threads, long share, boolean all, List<List<Flow>> folded) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<CaptureSet> forks = new ArrayList<>();
            List<Future<List<Flow>>> waiting = new ArrayList<>();
            for (int block = 0; block < blocks; block++) {
                CaptureSet fork = captures.fork();
                forks.add(fork);
                int number = block;
                waiting.add(pool.submit(() -> foldBlock(number, fork, share, all)));
            }
            for (int block = 0; block < blocks; block++) {
                folded.add(waiting.get(block).get());
                captures.crossings().addAll(forks.get(block).crossings());
                forks.set(block, null);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while folding flows", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("folding failed", e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    private List<Flow> foldBlock(int block, CaptureSet captures, long trailPackets, boolean all) {
        FlowFolder folder = new FlowFolder(captures);
        int end = Math.min(groups.size(), (block + 1) * BLOCK);
        List<Flow> flows = new ArrayList<>(BLOCK);
        long left = trailPackets;
        int healthy = block == 0 ? HEALTHY_TRAILS : 0;
        for (int g = block * BLOCK; g < end; g++) {
            LegGroup group = groups.get(g);
            Flow flow = folder.fold(group, all);
            if (!all) {
                long packets = packets(flow);
                boolean notable = notable(flow);
                if (packets <= left && packets <= LONGEST_TRAIL && (notable || healthy > 0)) {
                    flow = folder.fold(group, true);
                    left -= packets;
                    healthy -= notable ? 0 : 1;
                }
            }
            flows.add(flow);
        }
        return flows;
    }

    private static long packets(Flow flow) {
        long most = 0;
        for (FlowLeg leg : flow.legs()) {
            most = Math.max(most, leg.requests() + leg.replies());
        }
        return most;
    }

    private static boolean notable(Flow flow) {
        if (!flow.signs().isEmpty() || !flow.story().established()) {
            return true;
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.lost() + hop.duplicated() + hop.reordered() + hop.altered() > 0) {
                return true;
            }
        }
        return false;
    }
}
