package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.net.Endpoint;
import io.nattrail.net.FiveTuple;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Legs of all points to flows: matches them, tells what that says of the points and their clocks, and folds each group of legs into a
 * {@link Flow}.
 */
public final class Correlator {
    private static final int BLOCK = 512;
    /** Packets kept one by one over all flows of a case, so that memory has a bound. */
    private static final long TRAIL_PACKETS = 150_000;
    private static final int LONGEST_TRAIL = 1500;
    private static final int HEALTHY_TRAILS = 100;

    /** A connection that ended in order says nothing more; after another end, repetitions come at growing distances. */
    private static final long LINGER_NANOS = 1_500_000_000L;
    private static final long LONG_LINGER_NANOS = 30_000_000_000L;
    /** Linux repeats a SYN after 64 s at most (net.ipv4.tcp_syn_retries is 6, RFC 6298 doubles from one second). */
    private static final long HALF_OPEN_NANOS = 70_000_000_000L;
    /** In a crowd not all of these can be waited for: the first three repetitions come within 4 s of the packet before. */
    private static final long HALF_OPEN_IN_CROWD_NANOS = 5_000_000_000L;
    /** Room before the first frames of the captures, for what the clocks leave open. */
    private static final long FIRST_MARGIN_NANOS = 100_000_000L;

    private final List<LegTable> tables;
    private final Settled settled;
    private final List<Leg> legs = new ArrayList<>();
    private final BitSet openedBySecond = new BitSet();
    private List<LegGroup> groups;
    private final int points;

    /** What connections that were folded while captures are still read leave behind for those that come later. */
    public static final class Settled {
        private final Map<Endpoint, Integer> calls = new HashMap<>();
        private long trailPackets = TRAIL_PACKETS;
        private int healthyTrails = HEALTHY_TRAILS;

        /** How often each destination was called. */
        Map<Endpoint, Integer> calls() {
            return calls;
        }
    }

    /** Tells where the ports of datagrams were used again. To be called once, when all captures were read, before the last matching. */
    public static void divideReused(List<LegTable> tables) {
        ReusedTuples.divide(tables);
    }

    /** Matches the legs of all tables; their order is that of the points. */
    public Correlator(List<LegTable> tables, Settled settled) {
        this.tables = List.copyOf(tables);
        this.settled = settled;
        points = tables.size();
        for (LegTable table : tables) {
            legs.addAll(table.legs());
        }
        for (int i = 0; i < legs.size(); i++) {
            openedBySecond.set(i, legs.get(i).openedBySecond());
        }
        groups = LegMatcher.match(legs, ClockView.RAW, settled.calls());
    }

    /**
     * Folds the connections that no packet can join any more, and settles their legs; all others are as they were, for a later time. To be
     * called while captures are still read.
     *
     * @param captures with clocks that are bounded
     * @param readTo the time to which each point was read, on its clock; {@code Long.MAX_VALUE} if it was read to its end
     * @param crowded whether so many wait that handshakes must be given up early
     * @return how many were
     */
    public int foldEnded(CaptureSet captures, long[] readTo, boolean crowded, int threads, boolean keepAllTrails, FlowStore flows) {
        List<LegGroup> ended = new ArrayList<>();
        int givenUp = 0;
        boolean translated = groups.stream().anyMatch(group -> group.legs().get(0).datagrams() && isTranslated(group));
        for (LegGroup group : groups) {
            if (translated && group.legs().get(0).datagrams() && !isTranslated(group)) {
                // Its translation may be in a leg that another client's datagrams began: that is found out at the end.
                continue;
            }
            if (hasEnded(group, captures, readTo, HALF_OPEN_NANOS)) {
                ended.add(group);
            } else if (crowded && hasEnded(group, captures, readTo, HALF_OPEN_IN_CROWD_NANOS)) {
                ended.add(group);
                givenUp++;
            }
        }
        groups = ended;
        for (LegGroup group : ended) {
            for (Leg leg : group.legs()) {
                settled.calls.merge(leg.tuple().destination(), 1, Integer::sum);
            }
        }
        fold(captures, threads, keepAllTrails, settled.trailPackets / 2, flows, Leg::settle);
        leaveOpen();
        tables.forEach(LegTable::dropSettled);
        return givenUp;
    }

    /** Takes back what was guessed of the legs, nothing of which is folded: it is guessed anew when more is known. */
    public void leaveOpen() {
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (leg.openedBySecond() != openedBySecond.get(i)) {
                leg.reverse();
            }
            leg.numberAsShown();
        }
    }

    private static boolean isTranslated(LegGroup group) {
        FiveTuple first = group.legs().get(0).tuple();
        for (Leg leg : group.legs()) {
            if (!leg.tuple().equals(first)) {
                return true;
            }
        }
        return false;
    }

    private static boolean hasEnded(LegGroup group, CaptureSet captures, long[] readTo, long halfOpenNanos) {
        long start = Long.MAX_VALUE;
        long end = Long.MIN_VALUE;
        boolean inOrder = true;
        boolean halfOpen = true;
        boolean closed = true;
        boolean datagrams = false;
        for (Leg leg : group.legs()) {
            datagrams = leg.datagrams();
            if (!datagrams && !leg.hasClientIsn()) {
                return false;
            }
            if (datagrams && leg.lastTime() - leg.firstTime() >= ReusedTuples.SHORTEST_NANOS) {
                return false;
            }
            halfOpen &= leg.handshakeOnly();
            closed &= leg.closed();
            inOrder &= leg.closedInOrder();
            start = Math.min(start, captures.aligned(leg.point(), leg.firstTime()));
            end = Math.max(end, captures.aligned(leg.point(), leg.lastTime()));
        }
        if (!datagrams && !halfOpen && !closed) {
            return false;
        }
        long over = end + (datagrams ? LegTable.DATAGRAM_IDLE_NANOS : inOrder ? LINGER_NANOS : closed ? LONG_LINGER_NANOS : halfOpenNanos);
        for (int point = 0; point < readTo.length; point++) {
            boolean stillRead = readTo[point] != Long.MAX_VALUE;
            if (captures.window(point).empty() || stillRead && captures.aligned(point, readTo[point]) < over
                    || start < captures.aligned(point, captures.window(point).first()) + FIRST_MARGIN_NANOS) {
                return false;
            }
        }
        return group.confidence() == 1;
    }

    /** How many connections there are. */
    public int count() {
        return groups.size();
    }

    /** What the connections tell of the clocks, before any flow is folded. */
    public ClockSketch clockSketch() {
        return new ClockSketch(groups, points);
    }

    /**
     * What the connections say of each point.
     *
     * @param most how many connections to look at, evenly over the case
     */
    public List<PointEvidence> pointEvidence(int most) {
        return PointSketch.of(groups, points, most);
    }

    /**
     * Folds all groups, and gives their rows back.
     *
     * @param captures takes what crossed between the points
     * @param keepAllTrails whether the packets of every flow are needed one by one; else those of notable flows and a sample are kept
     * @param flows takes the flows, in an order that hangs on the captures only
     */
    public void fold(CaptureSet captures, int threads, boolean keepAllTrails, FlowStore flows) {
        tables.forEach(LegTable::forgetLegs);
        legs.clear();
        fold(captures, threads, keepAllTrails, settled.trailPackets, flows, Leg::discardRows);
    }

    /**
     * @param trailPackets how many packets may be kept one by one
     * @param folded what becomes of each leg
     */
    private void fold(CaptureSet captures, int threads, boolean keepAllTrails, long trailPackets, FlowStore flows, Consumer<Leg> folded) {
        int blocks = (groups.size() + BLOCK - 1) / BLOCK;
        long share = keepAllTrails ? Long.MAX_VALUE : Math.max(LONGEST_TRAIL, trailPackets / Math.max(1, blocks));
        settled.trailPackets -= trailPackets;
        if (threads < 2 || blocks < 2) {
            for (int block = 0; block < blocks; block++) {
                flows.add(foldBlock(block, captures, share, keepAllTrails, flows.batch()));
                leave(block, folded);
            }
        } else {
            foldParallel(blocks, captures, threads, share, keepAllTrails, flows, folded);
        }
        settled.healthyTrails = 0;
        groups.clear();
    }

    /** Nothing more is asked of a block's connections. */
    private void leave(int block, Consumer<Leg> folded) {
        for (int g = block * BLOCK; g < Math.min(groups.size(), (block + 1) * BLOCK); g++) {
            groups.set(g, null).legs().forEach(folded);
        }
    }

    private record Folding(int block, CaptureSet captures, Future<FlowStore.Batch> flows) {
    }

    private void foldParallel(int blocks, CaptureSet captures, int threads, long share, boolean all, FlowStore flows,
            Consumer<Leg> folded) {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            Deque<Folding> waiting = new ArrayDeque<>();
            for (int block = 0; block < blocks || !waiting.isEmpty(); block++) {
                if (block < blocks) {
                    CaptureSet fork = captures.fork();
                    int number = block;
                    waiting.add(new Folding(number, fork, pool.submit(() -> foldBlock(number, fork, share, all, flows.batch()))));
                }
                if (block >= blocks || waiting.size() > 2 * threads) {
                    Folding folding = waiting.remove();
                    flows.add(folding.flows.get());
                    captures.crossings().addAll(folding.captures.crossings());
                    leave(folding.block, folded);
                }
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

    private FlowStore.Batch foldBlock(int block, CaptureSet captures, long trailPackets, boolean all, FlowStore.Batch flows) {
        FlowFolder folder = new FlowFolder(captures);
        int end = Math.min(groups.size(), (block + 1) * BLOCK);
        long left = trailPackets;
        int healthy = block == 0 ? settled.healthyTrails : 0;
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
            if (hop.loss().packets() + hop.duplicated() + hop.reordered() + hop.altered() > 0) {
                return true;
            }
        }
        return false;
    }
}
