package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.CaptureWindow;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.nat.Silence;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.List;

/**
 * Times in which captures did not run: one was stopped and started again, a file of its ring is missing, it began later than others or was
 * over earlier. A point shows nothing at all then, and other captures show packets that passed it. What it does not show of that time was
 * not lost. Without such a packet a point that shows nothing any more may be one to which nothing came.
 */
final class Holes {
    /** One packet may be missing where nothing else passed. */
    private static final int LEAST_MISSED = 2;
    /** What left before an interruption may have arrived in it. */
    private static final long MOST_UNDER_WAY_NANOS = 10_000_000L;

    private final ClusterView cluster;
    private final CaptureSet captures;
    /** Points that hide whole connections at other times too: a filter does, and no interruption. */
    private final boolean[] filtered;
    private final List<List<Hole>> silences = new ArrayList<>();
    /** The times before a capture began and after it was over; none of a point without frames. */
    private final List<List<Hole>> edges = new ArrayList<>();

    /** A silence of a point, on the common clock, and the packets and whole connections that passed it all the same. */
    static final class Hole {
        private final long from;
        private final long to;
        private final boolean certain;
        private int missed;
        private int connections;

        Hole(long from, long to, boolean certain) {
            this.from = from;
            this.to = to;
            this.certain = certain;
        }

        long nanos() {
            return to - from;
        }

        private boolean contains(long first, long last) {
            return from < first && last < to;
        }
    }

    Holes(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
        filtered = new boolean[captures.count()];
        for (int point = 0; point < captures.count(); point++) {
            List<Hole> ofPoint = new ArrayList<>();
            for (Silence silence : captures.window(point).silences()) {
                ofPoint.add(new Hole(captures.aligned(point, silence.from()), captures.aligned(point, silence.to()),
                        silence.fileMissing()));
            }
            silences.add(ofPoint);
            edges.add(edges(point));
        }
    }

    private List<Hole> edges(int point) {
        CaptureWindow window = captures.window(point);
        return window.empty() ? List.of() : List.of(new Hole(Long.MIN_VALUE, captures.aligned(point, window.first()), false),
                new Hole(captures.aligned(point, window.last()), Long.MAX_VALUE, false));
    }

    /** Takes a flow into account: what passed a point that does not show it. */
    void add(FlowTrace trace) {
        Flow flow = trace.flow();
        for (FlowHop hop : flow.hops()) {
            if (!hop.loss().missedFrames().isEmpty()) {
                addMissed(flow);
                break;
            }
        }
        if (flow.sign(Sign.Kind.PASSED_UNSEEN) != null) {
            addPassed(flow);
        }
        for (int point = 0; point < captures.count(); point++) {
            if (mustHavePassed(trace, point)) {
                noteConnection(flow, point);
            }
        }
    }

    private void addPassed(Flow flow) {
        for (int point = 0; point < captures.count(); point++) {
            for (Hole edge : edges.get(point)) {
                edge.missed += passed(flow, point, edge);
            }
        }
    }

    /** How many packets passed a point before its capture began or after it was over; those before and after a translation are the same. */
    private int passed(Flow flow, int point, Hole edge) {
        int most = 0;
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.PASSED_UNSEEN && flow.places().get(sign.place()).point() == point) {
                most = Math.max(most, within(edge, sign.frames()));
            }
        }
        return most;
    }

    private int within(Hole hole, List<SeenFrame> frames) {
        int count = 0;
        for (SeenFrame frame : frames) {
            long time = captures.aligned(frame);
            count += hole.contains(time, time) ? 1 : 0;
        }
        return count;
    }

    private void addMissed(Flow flow) {
        for (int point = 0; point < captures.count(); point++) {
            for (Hole silence : silences.get(point)) {
                silence.missed += missed(flow, point, silence, Direction.REQUEST) + missed(flow, point, silence, Direction.REPLY);
            }
        }
    }

    /** How many packets a point missed in a silence; one that passes both sides of a translation there is one packet. */
    private int missed(Flow flow, int point, Hole silence, Direction direction) {
        int most = 0;
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == direction && flow.places().get(hop.to()).point() == point) {
                most = Math.max(most, within(silence, hop.loss().missedFrames()));
            }
        }
        return most;
    }

    /**
     * Whether a connection passed a point that shows nothing of it: the node's that was called, if it was answered or came to the endpoint,
     * or its endpoint's, if it was answered.
     */
    private boolean mustHavePassed(FlowTrace trace, int point) {
        if (captures.node(point) == null || showsAny(trace.flow(), point)) {
            return false;
        }
        boolean answered = trace.flow().story().clientSawSynAck();
        boolean entry = captures.showsNodeInterface(point) && captures.node(point).equals(trace.entryNode())
                && cluster.originalsAt(point) > 0 && (answered || trace.delivered())
                && captures.role(trace.flow().places().get(0).point()) == PointRole.CLIENT;
        boolean target = answered && Boolean.FALSE.equals(trace.local()) && captures.node(point).equals(trace.endpointNode())
                && captures.role(point) == PointRole.BRIDGE && cluster.translatedAt(point) > 0
                && captures.node(point).equals(cluster.nodeOfPod(trace.endpoint().address()));
        return entry || target;
    }

    private static boolean showsAny(Flow flow, int point) {
        for (Place place : flow.places()) {
            if (place.point() == point) {
                return true;
            }
        }
        return false;
    }

    private void noteConnection(Flow flow, int point) {
        long first = captures.aligned(flow.start());
        long last = captures.aligned(flow.end());
        boolean inside = note(silences.get(point), first, last) | note(edges.get(point), first, last);
        filtered[point] |= !inside && captures.surelyRan(flow, point);
    }

    private static boolean note(List<Hole> holes, long first, long last) {
        boolean inside = false;
        for (Hole hole : holes) {
            boolean contained = hole.contains(first, last);
            hole.connections += contained ? 1 : 0;
            inside |= contained;
        }
        return inside;
    }

    private boolean proven(Hole silence, int point) {
        return silence.certain || silence.missed + (filtered[point] ? 0 : silence.connections) >= LEAST_MISSED;
    }

    /** The interruptions of a point's capture. */
    List<Hole> at(int point) {
        List<Hole> proven = new ArrayList<>();
        for (Hole silence : silences.get(point)) {
            if (proven(silence, point)) {
                proven.add(silence);
            }
        }
        return proven;
    }

    /** Whether all between two frames came while a point's capture did not run. */
    boolean hide(SeenFrame first, SeenFrame last, int point) {
        return hide(silences.get(point), first, last, MOST_UNDER_WAY_NANOS, point) || hide(edges.get(point), first, last, 0, point);
    }

    private boolean hide(List<Hole> holes, SeenFrame first, SeenFrame last, long underWay, int point) {
        for (Hole hole : holes) {
            if (proven(hole, point) && hole.from < captures.aligned(first) + underWay && captures.aligned(last) < hole.to) {
                return true;
            }
        }
        return false;
    }

    /** For how long the capture of a frame's point went on after it without an interruption. */
    long shownAfter(SeenFrame frame) {
        long end = captures.window(frame.point()).last() - frame.timeNanos();
        long time = captures.aligned(frame);
        for (Hole silence : silences.get(frame.point())) {
            if (silence.from >= time && proven(silence, frame.point())) {
                end = Math.min(end, silence.from - time);
            }
        }
        return end;
    }

    /**
     * Whether all that a hop lost, as far as it is known, came while the capture behind it did not run. What the hop did not lose tells for
     * how long packets are under way.
     */
    boolean hideLosses(FlowTrace trace, FlowHop hop) {
        int point = trace.flow().places().get(hop.to()).point();
        long underWay = hop.delivered() == 0 ? MOST_UNDER_WAY_NANOS : Math.max(MOST_UNDER_WAY_NANOS, 2 * trace.alignedMedian(hop));
        for (SeenFrame frame : hop.loss().frames()) {
            if (!hide(silences.get(point), frame, frame, underWay, point) && !hide(edges.get(point), frame, frame, 0, point)) {
                return false;
            }
        }
        return !hop.loss().frames().isEmpty();
    }
}
