package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.ClusterView;
import io.nattrail.path.FlowTrace;
import java.util.Arrays;
import java.util.List;

/** What the capture of each point shows of all flows of a case, and what it lacks. */
public final class PointFacts {
    private final ClusterView cluster;
    private final CaptureSet captures;
    private final MissedPackets missed;
    private final long[] laterFragments;
    private final boolean[] moreThanSyns;
    private final boolean[] data;
    private final boolean[] acknowledgements;
    private final boolean[] passedUnseen;
    /** When the first and the last packet left a point that another shows as well, on the first one's clock. */
    private final long[] firstPassed;
    private final long[] lastPassed;

    PointFacts(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
        missed = new MissedPackets(captures.count());
        for (int point = 0; point < captures.count(); point++) {
            missed.add(point, cluster.lacking(point));
        }
        laterFragments = new long[captures.count()];
        moreThanSyns = new boolean[captures.count()];
        data = new boolean[captures.count()];
        acknowledgements = new boolean[captures.count()];
        passedUnseen = new boolean[captures.count()];
        firstPassed = new long[captures.count() * captures.count()];
        Arrays.fill(firstPassed, Long.MAX_VALUE);
        lastPassed = new long[captures.count() * captures.count()];
        Arrays.fill(lastPassed, Long.MIN_VALUE);
    }

    void add(FlowTrace trace, FlowFact fact) {
        Flow flow = trace.flow();
        for (FlowLeg leg : flow.legs()) {
            laterFragments[leg.point()] += leg.laterFragments();
            missed.addShown(leg.point(), leg.requestPackets() + leg.replyPackets());
            if (flow.tcp() && !acknowledgements[leg.point()]) {
                String history = leg.history();
                moreThanSyns[leg.point()] |= hasMoreThanSyns(history);
                data[leg.point()] |= history.indexOf('D') >= 0 || history.indexOf('d') >= 0;
                acknowledgements[leg.point()] = history.indexOf('A') >= 0 || history.indexOf('a') >= 0;
            }
        }
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.ACKED_UNSEEN) {
                addMissed(flow.places().get(sign.place()).point(), 1, sign.frames());
            }
        }
        for (FlowHop hop : flow.hops()) {
            notePassed(trace, hop);
            addMissed(flow.places().get(hop.to()).point(), hop.loss().missed(), hop.loss().missedFrames());
            addUnseenQuestions(flow, hop);
        }
        if (fact.answered()) {
            addPassedUnseen(trace);
        }
    }

    /**
     * What came from a client whose capture ran and does not show it, of a protocol that acknowledges nothing to tell it: a datagram is
     * sent by nobody else in its name.
     */
    private void addUnseenQuestions(Flow flow, FlowHop hop) {
        int client = flow.places().get(hop.from()).point();
        if (flow.tcp() || hop.appeared() == 0 || hop.direction() != Direction.REQUEST || captures.role(client) != PointRole.CLIENT) {
            return;
        }
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.APPEARED && sign.direction() == Direction.REQUEST && sign.place() == hop.to()) {
                for (SeenFrame frame : sign.frames()) {
                    if (captures.coverage(frame.point(), frame.timeNanos(), client) == FoldContext.Coverage.SURE) {
                        addMissed(client, 1, List.of(frame));
                    }
                }
            }
        }
    }

    /** Bridges on the way to an endpoint that answered, which captured all the while and show nothing of the flow. */
    private void addPassedUnseen(FlowTrace trace) {
        Flow flow = trace.flow();
        if (trace.endpoint() == null || trace.endpointNode() == null || !Boolean.FALSE.equals(trace.local())
                || cluster.isHostNetwork(trace.endpoint())) {
            return;
        }
        for (int point : captures.find(PointRole.BRIDGE, trace.endpointNode())) {
            passedUnseen[point] |= cluster.translatedAt(point) == 0 && flow.places().stream().noneMatch(place -> place.point() == point)
                    && captures.coverage(flow.start().point(), flow.start().timeNanos(), point) != FoldContext.Coverage.NO
                    && captures.coverage(flow.end().point(), flow.end().timeNanos(), point) != FoldContext.Coverage.NO;
        }
    }

    /** The first packet of a hop that lost none passed it. */
    private void notePassed(FlowTrace trace, FlowHop hop) {
        SeenFrame first = trace.firstFrame(hop.from(), hop.direction());
        if (first != null && hop.delivered() > 0 && hop.loss().packets() + hop.loss().hidden() == 0) {
            int pair = first.point() * captures.count() + trace.flow().places().get(hop.to()).point();
            firstPassed[pair] = Math.min(firstPassed[pair], first.timeNanos());
            lastPassed[pair] = Math.max(lastPassed[pair], first.timeNanos());
        }
    }

    /** A filter of flags shows data where they come with a FIN: the letter of the FIN follows at once, and no acknowledgement shows. */
    private static boolean hasMoreThanSyns(String history) {
        return history.indexOf('A') >= 0 || history.indexOf('a') >= 0 || withoutFin(history, 'D', 'F') || withoutFin(history, 'd', 'f');
    }

    private static boolean withoutFin(String history, char data, char fin) {
        int at = history.indexOf(data);
        return at >= 0 && (at + 1 == history.length() || history.charAt(at + 1) != fin);
    }

    /** Whether a bridge shows no pod's side of any connection, though some that were answered must have passed it: its filter hides it. */
    boolean passedUnseen(int point) {
        return passedUnseen[point];
    }

    /** Notes that a capture says itself that it lacks packets. */
    public void addMissed(int point, long packets) {
        missed.add(point, packets);
    }

    /** Packets that must have passed a point and are not in its capture. */
    private void addMissed(int point, long packets, List<SeenFrame> about) {
        missed.add(point, packets);
        for (SeenFrame frame : about) {
            missed.addMoment(point, captures.aligned(frame));
        }
    }

    /** Whether a point's capture, which lacks other packets, may lack a single one as well that another shows and nobody repeats. */
    boolean mayHaveMissed(SeenFrame sent, int point) {
        return missed.mayInclude(point, captures.aligned(sent));
    }

    /**
     * Whether packets that left one point before a moment and others that left it after that are both in the other's capture: then it ran
     * at that moment, whatever their clocks say.
     */
    boolean passedAround(int from, long timeNanos, int to) {
        int pair = from * captures.count() + to;
        return firstPassed[pair] < timeNanos && timeNanos < lastPassed[pair];
    }

    /** Fragments without ports that a point showed: 0 says that its filter may hide them. */
    long laterFragmentsAt(int point) {
        return laterFragments[point];
    }

    /** Whether a point showed TCP packets with neither SYN, FIN nor RST: where it did not, its filter may hide them. */
    boolean showsMoreThanSyns(int point) {
        return moreThanSyns[point];
    }

    /**
     * Whether a point shows data and not one acknowledgement without any, though each handshake ends with one: its filter shows data alone,
     * perhaps with SYN and FIN, as one of the examples in tcpdump's manual does.
     */
    boolean hidesAcknowledgements(int point) {
        return data[point] && !acknowledgements[point];
    }
}
