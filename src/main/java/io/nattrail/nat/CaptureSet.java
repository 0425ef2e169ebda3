package io.nattrail.nat;

import io.nattrail.clock.ClockFit;
import io.nattrail.clock.ClockNet;
import io.nattrail.clock.ClockQuality;
import io.nattrail.leg.CapturePoint;
import io.nattrail.leg.ClockStep;
import io.nattrail.leg.CutQuote;
import io.nattrail.leg.DatagramId;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.HeadlessDatagram;
import io.nattrail.leg.PointRole;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The captures of a case as flows are judged by them: where each was taken, when, by which clock. Clocks are given once they are known.
 */
public final class CaptureSet implements FoldContext {
    /** Room for what the clocks and the capture's own buffering leave open. */
    private static final long MARGIN_NANOS = 20_000_000L;
    private static final long LEAST_SLACK_NANOS = 1_500_000_000L;
    private static final long MOST_SLACK_NANOS = 60_000_000_000L;

    private final List<PointCapture> captures;
    private final List<ClockStep> steps;
    private final ClockNet crossings;
    private final boolean[] blind;
    private final boolean[] clientsHidden;
    private final boolean[] answersHidden;
    private final boolean[] answersMayBeHidden;
    private final boolean[] questionsHidden;
    private final boolean[] outgoingHidden;
    private final boolean[] inseparable;
    private final Map<DatagramId, List<HeadlessDatagram>> headless = new HashMap<>(0);
    private final Map<DatagramId, List<CutQuote>> cutQuotes = new HashMap<>(0);
    private ClockFit[] clocks;
    private long[] grains;

    /** @param steps where clocks were set, in the order in which that was undone in the times of frames */
    public CaptureSet(List<PointCapture> captures, ClockFit[] clocks, List<ClockStep> steps) {
        this(captures, clocks, steps, new ClockNet(captures.size()));
    }

    private CaptureSet(List<PointCapture> captures, ClockFit[] clocks, List<ClockStep> steps, ClockNet crossings) {
        this.captures = List.copyOf(captures);
        this.clocks = clocks;
        this.steps = List.copyOf(steps);
        this.crossings = crossings;
        this.blind = new boolean[captures.size()];
        this.clientsHidden = new boolean[captures.size()];
        this.answersHidden = new boolean[captures.size()];
        this.answersMayBeHidden = new boolean[captures.size()];
        this.questionsHidden = new boolean[captures.size()];
        this.outgoingHidden = new boolean[captures.size()];
        this.inseparable = new boolean[captures.size()];
        this.grains = new long[captures.size()];
        for (PointCapture capture : captures) {
            for (HeadlessDatagram datagram : capture.leftOut().headless()) {
                headless.computeIfAbsent(datagram.id(), same -> new ArrayList<>(1)).add(datagram);
            }
            for (CutQuote quote : capture.leftOut().cutQuotes()) {
                cutQuotes.computeIfAbsent(quote.quoted(), same -> new ArrayList<>(1)).add(quote);
            }
        }
    }

    /** The same captures with crossings of its own, for another thread. */
    public CaptureSet fork() {
        return new CaptureSet(captures, clocks, steps, new ClockNet(captures.size()));
    }

    /** The same points later, perhaps with more behind them, as far as they were read by then; what crossed is kept. */
    public CaptureSet later(List<PointCapture> capturesNow, ClockFit[] clocksNow, List<ClockStep> stepsNow) {
        ClockNet all = new ClockNet(capturesNow.size());
        all.addAll(crossings);
        return new CaptureSet(capturesNow, clocksNow, stepsNow, all);
    }

    @Override
    public Map<DatagramId, List<HeadlessDatagram>> headless() {
        return headless;
    }

    @Override
    public Map<DatagramId, List<CutQuote>> cutQuotes() {
        return cutQuotes;
    }

    /** What crossed while flows were folded. */
    public ClockNet crossings() {
        return crossings;
    }

    public void clocks(ClockFit[] fits) {
        clocks = fits;
    }

    /** Notes how fine the time stamps of each point are, 0 for exact ones. */
    public void grains(long[] nanos) {
        grains = nanos;
    }

    /** By how much the stamps of two points leave open how long a packet took from one to the other. */
    public long grain(int from, int to) {
        return grains[from] + grains[to];
    }

    public ClockFit clock(int point) {
        return clocks[point];
    }

    public int count() {
        return captures.size();
    }

    public CapturePoint point(int point) {
        return captures.get(point).point();
    }

    /** When a point captured. */
    public CaptureWindow window(int point) {
        return captures.get(point).window();
    }

    /** What a point's capture leaves out. */
    public LeftOut leftOut(int point) {
        return captures.get(point).leftOut();
    }

    /** The numbers of the points with a role on a node; null stands for any. */
    public List<Integer> find(PointRole role, String node) {
        List<Integer> found = new ArrayList<>(2);
        for (int i = 0; i < captures.size(); i++) {
            CapturePoint point = point(i);
            if ((role == null || point.role() == role) && (node == null || node.equals(point.node()))) {
                found.add(i);
            }
        }
        return found;
    }

    /** Where clocks were set while the captures ran. */
    public List<ClockStep> clockSteps() {
        return steps;
    }

    /** A frame with its names, and the time that its file has. */
    public FrameRef ref(SeenFrame frame) {
        long time = frame.timeNanos();
        for (ClockStep step : steps) {
            time += step.point() == frame.point() && step.before(frame.file(), frame.number()) ? step.aheadNanos() : 0;
        }
        return ref(frame.point(), frame.file(), frame.number(), time);
    }

    private FrameRef ref(int point, int file, long number, long timeNanos) {
        return new FrameRef(point(point).name(), captures.get(point).files().get(file), number, timeNanos);
    }

    /** The frames between which a clock was set. */
    public List<FrameRef> refs(ClockStep step) {
        FrameRef after = ref(step.point(), step.file(), step.firstAfter(), step.timeAfter());
        return step.lastBefore() == 0 ? List.of(after)
                : List.of(ref(step.point(), step.file(), step.lastBefore(), step.timeBefore()), after);
    }

    /** Frames with their names, oldest first on the common clock, each once. */
    public List<FrameRef> refs(List<SeenFrame> frames) {
        List<FrameRef> refs = new ArrayList<>(frames.size());
        for (SeenFrame frame : frames) {
            FrameRef ref = ref(frame);
            if (!refs.contains(ref)) {
                refs.add(ref);
            }
        }
        return refs;
    }

    /** How far the clock of one point is ahead of another's, as far as is known, when a packet left the other and arrived at the one. */
    public long clockDifference(int from, long left, int to, long arrived) {
        return from == to ? 0 : clocks[to].offsetAt(arrived) - clocks[from].offsetAt(left);
    }

    @Override
    public long drifted(int from, long left, int to, long arrived) {
        return from == to ? 0 : clockDifference(from, left, to, arrived) - clocks[to].offsetNanos() + clocks[from].offsetNanos();
    }

    /**
     * How far the clocks of two points leave a delay between them open; 0 inside one point, {@code Long.MAX_VALUE} if nothing bounds it.
     */
    public long uncertainty(int from, int to) {
        if (from == to) {
            return 0;
        }
        long a = clocks[from].uncertaintyNanos();
        long b = clocks[to].uncertaintyNanos();
        return a == Long.MAX_VALUE || b == Long.MAX_VALUE ? Long.MAX_VALUE : a + b;
    }

    @Override
    public PointRole role(int point) {
        return point(point).role();
    }

    /** Whether a point shows what passes a node's interface to the network: that interface, or all of the node's. */
    public boolean showsNodeInterface(int point) {
        PointRole role = role(point);
        return role == PointRole.NODE_INTERFACE || role == PointRole.ANY;
    }

    /** Whether two points are interfaces of one node to the network: what comes to it, or leaves it, passes one of them. */
    public boolean areInterfacesOfOneNode(int one, int other) {
        return role(one) == PointRole.NODE_INTERFACE && role(other) == PointRole.NODE_INTERFACE && node(one) != null
                && node(one).equals(node(other));
    }

    /** Whether nothing but captures of clients shows a flow. */
    public boolean atClientsOnly(Flow flow) {
        return !flow.places().isEmpty() && flow.places().stream().allMatch(place -> role(place.point()) == PointRole.CLIENT);
    }

    /** Whether a point shows pods' packets beside the pods: at the interface of one, or at their node's bridge. */
    public boolean showsPods(int point) {
        PointRole role = role(point);
        return role == PointRole.POD || role == PointRole.BRIDGE;
    }

    @Override
    public String node(int point) {
        return point(point).node();
    }

    @Override
    public long aligned(int point, long timeNanos) {
        return clocks[point].aligned(timeNanos);
    }

    /** Whether a point shows the client side of several connections and the pod side of none: its capture filter hides that leg. */
    public boolean translatedBlind(int point) {
        return blind[point];
    }

    /** Notes that a point's capture filter hides the translated side: connections that must have shown it there did not. */
    public void translatedHidden(int point) {
        blind[point] = true;
    }

    /** Whether a point shows the pods' side of several connections and the client's of none: its capture filter hides that leg. */
    public boolean originalBlind(int point) {
        return clientsHidden[point];
    }

    /** Notes that a point's capture filter hides the client's side. */
    public void originalHidden(int point) {
        clientsHidden[point] = true;
    }

    /** Whether a point shows the questions of connections and no answer of any, though clients got theirs: its capture hides them. */
    public boolean answersBlind(int point) {
        return answersHidden[point];
    }

    /** Notes that a point's capture hides what comes back to the clients. */
    public void answersHidden(int point) {
        answersHidden[point] = true;
    }

    /** Whether a point shows answers to clients and no question of any, though the clients' captures do: its capture hides them. */
    public boolean questionsBlind(int point) {
        return questionsHidden[point];
    }

    /** Notes that a point's capture hides what comes from the clients. */
    public void questionsHidden(int point) {
        questionsHidden[point] = true;
    }

    /** Whether a node's capture shows what comes to it and nothing that it sends, neither answers to clients nor requests to pods. */
    public boolean outgoingBlind(int point) {
        return outgoingHidden[point];
    }

    /** Notes that a point's capture hides what its node sends. */
    public void outgoingHidden(int point) {
        outgoingHidden[point] = true;
        answersHidden[point] = true;
        blind[point] = true;
    }

    /** Whether a point shows no answer of any connection, and its filter may be why: nothing tells that they came another way. */
    public boolean answersMayBeHidden(int point) {
        return answersHidden[point] || answersMayBeHidden[point];
    }

    /** Notes that a point's filter may hide what comes back to the clients. */
    public void answersPerhapsHidden(int point) {
        answersMayBeHidden[point] = true;
    }

    /** Whether a point shows nothing but one protocol, not even a neighbour's ARP: a capture filter is likely. */
    public boolean looksFiltered(int point) {
        return leftOut(point).only() != null;
    }

    /**
     * Whether a point could not have shown a connection: its capture filter may have left the protocol out, since all that it shows is of
     * another one, or its snap length cuts every TCP header.
     */
    public boolean mayHide(FiveTuple tuple, int point) {
        LeftOut leftOut = leftOut(point);
        return leftOut.only() != null && leftOut.only() != tuple.protocol()
                || tuple.protocol() == Protocol.TCP && (tuple.source().address().v6() ? leftOut.cutBehindV6() : leftOut.cutBehindV4());
    }

    /** Whether a point is really several, whose captures were merged so that nothing tells their frames apart. */
    public boolean isInseparable(int point) {
        return inseparable[point];
    }

    /** Notes that a point is several. */
    public void inseparable(int point) {
        inseparable[point] = true;
    }

    /** The same moment on the common clock, as the frame's own. */
    public long aligned(SeenFrame frame) {
        return aligned(frame.point(), frame.timeNanos());
    }

    /** When a point's capture was over, on the common clock. */
    public long end(int point) {
        return window(point).empty() ? Long.MIN_VALUE : aligned(point, window(point).last());
    }

    /** Whether a point's capture ran, from its first frame to its last, when another point saw a frame. */
    public boolean ranAt(SeenFrame frame, int point) {
        CaptureWindow window = window(point);
        long time = aligned(frame);
        return !window.empty() && aligned(point, window.first()) <= time && time <= aligned(point, window.last());
    }

    /** Whether a point's capture ran from a flow's first frame to its last, and not only near its edge, where clocks leave it open. */
    public boolean surelyRan(Flow flow, int point) {
        return surelyRan(flow.start(), point) && surelyRan(flow.end(), point);
    }

    private boolean surelyRan(SeenFrame frame, int point) {
        return coverage(frame.point(), frame.timeNanos(), point) == Coverage.SURE;
    }

    /** Which of a point's silences a flow falls into as a whole; -1 if the point showed something meanwhile. */
    public int silenceAround(Flow flow, int point) {
        List<Silence> silences = window(point).silences();
        for (int i = 0; i < silences.size(); i++) {
            Silence silence = silences.get(i);
            if (aligned(point, silence.from()) < aligned(flow.start()) && aligned(flow.end()) < aligned(point, silence.to())) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public Coverage coverage(int from, long timeNanos, int to) {
        CaptureWindow window = window(to);
        if (window.empty()) {
            return Coverage.LIKELY;
        }
        long time = aligned(from, timeNanos);
        long first = aligned(to, window.first());
        long last = aligned(to, window.last());
        long margin = MARGIN_NANOS + Math.min(LEAST_SLACK_NANOS, uncertainty(from, to));
        // Packets one way bound a clock on one side; on the other none was under way longer than the least slack.
        boolean comparable = from == to || crossed(from) && crossed(to);
        if (time >= first + margin - MARGIN_NANOS && time <= last - margin) {
            return comparable ? Coverage.SURE : Coverage.LIKELY;
        }
        long slack = Math.max(LEAST_SLACK_NANOS, Math.min(MOST_SLACK_NANOS, window.silenceBeyond()));
        long after = window.cutShort() ? -margin : slack;
        return time >= first - slack && time <= last + after ? Coverage.LIKELY : Coverage.NO;
    }

    private boolean crossed(int point) {
        return clocks[point].quality().compareTo(ClockQuality.ONE_SIDED) <= 0;
    }

    @Override
    public void crossed(int from, long fromNanos, int to, long toNanos) {
        crossings.crossed(from, fromNanos, to, toNanos);
    }
}
