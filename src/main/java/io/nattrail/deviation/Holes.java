package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Silence;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.List;

/**
 * Times in which captures were interrupted: one was stopped and started again, or a file of its ring is missing. A point shows nothing at
 * all then, and other captures show packets that passed it. What it does not show of that time was not lost.
 */
final class Holes {
    /** One packet may be missing where nothing else passed. */
    private static final int LEAST_MISSED = 2;

    private final ClusterView cluster;
    private final CaptureSet captures;
    /** Points that hide whole connections at other times too: a filter does, and no interruption. */
    private final boolean[] filtered;
    private final List<List<Hole>> silences = new ArrayList<>();

    /** A silence of a point, on the common clock, and the packets and whole connections that passed it all the same. */
    static final class Hole {
        private final long from;
        private final long to;
        private int missed;
        private int connections;

        Hole(long from, long to) {
            this.from = from;
            this.to = to;
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
                ofPoint.add(new Hole(captures.aligned(point, silence.from()), captures.aligned(point, silence.to())));
            }
            silences.add(ofPoint);
        }
    }

    /** Takes a flow into account: what passed a point that does not show it. */
    void add(FlowTrace trace) {
        Flow flow = trace.flow();
        for (FlowHop hop : flow.hops()) {
            if (!hop.missedFrames().isEmpty()) {
                addMissed(flow);
                break;
            }
        }
        if (!flow.story().clientSawSynAck()) {
            return;
        }
        for (int point = 0; point < captures.count(); point++) {
            if (!silences.get(point).isEmpty() && captures.surelyRan(flow, point) && mustHavePassed(trace, point)) {
                noteConnection(point, captures.silenceAround(flow, point));
            }
        }
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
                int here = 0;
                for (SeenFrame frame : hop.missedFrames()) {
                    long time = captures.aligned(frame);
                    here += silence.contains(time, time) ? 1 : 0;
                }
                most = Math.max(most, here);
            }
        }
        return most;
    }

    /** Whether an answered connection passed a point that shows nothing of it: the node's that was called, or its endpoint's. */
    private boolean mustHavePassed(FlowTrace trace, int point) {
        for (Place place : trace.flow().places()) {
            if (place.point() == point) {
                return false;
            }
        }
        if (captures.node(point) == null) {
            return false;
        }
        boolean entry = captures.showsNodeInterface(point) && captures.node(point).equals(trace.entryNode())
                && cluster.originalsAt(point) > 0
                && captures.role(trace.flow().places().get(0).point()) == PointRole.CLIENT;
        boolean target = Boolean.FALSE.equals(trace.local()) && captures.node(point).equals(trace.endpointNode())
                && captures.role(point) == PointRole.BRIDGE && cluster.translatedAt(point) > 0
                && captures.node(point).equals(cluster.nodeOfPod(trace.endpoint().address()));
        return entry || target;
    }

    private void noteConnection(int point, int silence) {
        if (silence < 0) {
            filtered[point] = true;
        } else {
            silences.get(point).get(silence).connections++;
        }
    }

    private boolean proven(Hole silence, int point) {
        return silence.missed + (filtered[point] ? 0 : silence.connections) >= LEAST_MISSED;
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

    /** Whether all between two frames came while a point's capture was interrupted. */
    boolean hide(SeenFrame first, SeenFrame last, int point) {
        for (Hole silence : silences.get(point)) {
            if (proven(silence, point) && silence.contains(captures.aligned(first), captures.aligned(last))) {
                return true;
            }
        }
        return false;
    }

    /** Whether all that a hop lost, as far as it is known, came while the capture behind it was interrupted. */
    boolean hideLosses(Flow flow, FlowHop hop) {
        int point = flow.places().get(hop.to()).point();
        if (silences.get(point).isEmpty()) {
            return false;
        }
        for (SeenFrame frame : hop.lostFrames()) {
            if (!hide(frame, frame, point)) {
                return false;
            }
        }
        return !hop.lostFrames().isEmpty();
    }
}
