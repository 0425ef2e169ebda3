package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FragmentGap;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A datagram of which a point saw some fragments and not all. A filter that names ports hides fragments without them: said only where the
 * point does show some, or the node sent nothing on.
 */
final class FragmentsLost implements Detector {
    private static final int MOST_FRAMES = 6;
    /** The fragments of a datagram follow each other far sooner. */
    private static final long MOST_APART_NANOS = 10_000_000L;
    private static final Set<DeviationType> LOST_ON_THE_WAY = Set.of(EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1,
            EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, EstablishedTypes.REPLY_LOST_BETWEEN_NODES,
            EstablishedTypes.REPLY_LOST_BEFORE_CLIENT);
    private static final Set<DeviationType> KEPT_BACK = Set.of(EstablishmentTypes.REQUEST_NOT_FORWARDED,
            EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES);

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        for (Direction direction : Direction.values()) {
            for (int i = 0; i < flow.places().size(); i++) {
                int place = direction == Direction.REQUEST ? i : flow.places().size() - 1 - i;
                Place at = flow.places().get(place);
                FlowLeg leg = direction == Direction.REQUEST ? flow.requestLeg(at) : flow.replyLeg(at);
                List<SeenFrame> frames = leg == null ? List.of() : incomplete(trace, facts, leg, place, direction);
                if (!frames.isEmpty()) {
                    return List.of(finding(trace, facts, leg, place, direction, frames));
                }
            }
        }
        return List.of();
    }

    /**
     * Of what went no further: whether fragments were lost before, and not the whole where it is missing.
     *
     * @param end what seems to have ended the flow; null if nothing did
     */
    static Finding orWhole(Finding end, FlowTrace trace, CaseFacts facts) {
        Finding kept = end == null ? null : incompleteBefore(end, trace, facts);
        return kept == null ? orFirst(end, trace) : kept;
    }

    /**
     * The last place that questions came to shows the first fragment of each, and no later one of any flow, though they were sent: a node
     * cannot send on what it cannot put together. Only where the capture shows packets without ports does it show that they are missing.
     */
    private static Finding incompleteBefore(Finding end, FlowTrace trace, CaseFacts facts) {
        int place = Judge.lastRequestPlace(trace);
        if (!KEPT_BACK.contains(end.type()) || !shownWhole(trace, place, Direction.REQUEST)) {
            return null;
        }
        FlowLeg leg = trace.flow().requestLeg(trace.flow().places().get(place));
        List<SeenFrame> frames = gaps(trace, facts, leg, Direction.REQUEST, null);
        if (frames.size() < leg.requestPackets() || trace.captures().leftOut(leg.point()).only() != null) {
            return null;
        }
        return incompleteAt(trace, place, Direction.REQUEST, frames).failing(Frames.stepOf(trace, -1, place, Direction.REQUEST))
                .explaining(EstablishedTypes.LOSS);
    }

    /**
     * Of what went no further between two points: whether all that is missing there is the first fragment of each datagram, since later
     * ones came. Without its ports they belong to no flow, and the whole seems lost.
     */
    private static Finding orFirst(Finding end, FlowTrace trace) {
        if (end == null || !LOST_ON_THE_WAY.contains(end.type())) {
            return end;
        }
        boolean request = end.type() == EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1
                || end.type() == EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES;
        Set<SeenFrame> frames = new LinkedHashSet<>();
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() == Sign.Kind.FIRST_FRAGMENT_LOST && (sign.direction() == Direction.REQUEST) == request) {
                sign.frames().stream().filter(f -> trace.captures().point(f.point()).name().equals(end.point())).forEach(frames::add);
            }
        }
        if (frames.isEmpty()) {
            return end;
        }
        String message = frames.size() == 1 ? "one datagram came to %s without its first fragment: nobody can put it together"
                : "datagrams came to %s without their first fragments: nobody can put them together";
        List<SeenFrame> shown = new ArrayList<>(frames).subList(0, Math.min(MOST_FRAMES, frames.size()));
        return new Finding(EstablishedTypes.FRAGMENTS_LOST, EstablishedTypes.FRAGMENTS_LOST.severity(), end.step(), end.point(),
                message.formatted(end.point()), Frames.join(end.evidence(), Frames.of(trace, shown)), end.failedStep(),
                end.explains(), null, end.since(), end.until());
    }

    private static List<SeenFrame> incomplete(FlowTrace trace, CaseFacts facts, FlowLeg leg, int place, Direction direction) {
        if (facts.points().laterFragmentsAt(leg.point()) == 0 && !keptBack(trace, place, direction)) {
            return List.of();
        }
        return gaps(trace, facts, leg, direction, lackingFurtherOn(trace, place, direction));
    }

    /**
     * The datagrams of which a leg surely lacks a fragment.
     *
     * @param lackingToo the identifications of those that count; null for all
     */
    private static List<SeenFrame> gaps(FlowTrace trace, CaseFacts facts, FlowLeg leg, Direction direction, Set<Integer> lackingToo) {
        List<SeenFrame> frames = new ArrayList<>();
        for (FragmentGap gap : leg.gaps()) {
            SeenFrame frame = new SeenFrame(leg.point(), gap.file(), gap.number(), gap.timeNanos());
            boolean watched = trace.captures().coverage(leg.point(), gap.timeNanos(), leg.point()) == Coverage.SURE
                    && facts.holes().shownAfter(frame) >= MOST_APART_NANOS;
            if (gap.fromOpener() == (direction == Direction.REQUEST) && watched
                    && (lackingToo == null || lackingToo.contains(gap.identification()))) {
                frames.add(frame);
            }
        }
        return frames;
    }

    /**
     * A node that has all fragments sends the datagram on, whatever its capture's filter hides; a filter that names ports shows nothing
     * without them, not even ARP.
     */
    private static boolean keptBack(FlowTrace trace, int place, Direction direction) {
        Flow flow = trace.flow();
        FlowHop onwards = flow.hopFrom(place, direction);
        if (onwards == null || onwards.delivered() > 0 || onwards.loss().packets() == 0) {
            return false;
        }
        return trace.captures().leftOut(flow.places().get(place).point()).only() == null || shownWhole(trace, place, direction);
    }

    /** Whether the place before shows later fragments of the flow. */
    private static boolean shownWhole(FlowTrace trace, int place, Direction direction) {
        Flow flow = trace.flow();
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == direction && hop.to() == place) {
                Place before = flow.places().get(hop.from());
                return direction == Direction.REQUEST ? flow.requestLeg(before).requestFragments() > 0
                        : flow.replyLeg(before).replyFragments() > 0;
            }
        }
        return false;
    }

    /**
     * Which datagrams lack a fragment at the next place too, where it got all that this one sent: of the others only this capture lacks
     * one. Null where it did not get all.
     */
    private static Set<Integer> lackingFurtherOn(FlowTrace trace, int place, Direction direction) {
        Flow flow = trace.flow();
        FlowHop hop = flow.hopFrom(place, direction);
        if (hop == null || hop.delivered() == 0 || hop.loss().packets() > 0 || hop.loss().hidden() > 0) {
            return null;
        }
        Place next = flow.places().get(hop.to());
        FlowLeg leg = direction == Direction.REQUEST ? flow.requestLeg(next) : flow.replyLeg(next);
        Set<Integer> lacking = new HashSet<>();
        for (FragmentGap gap : leg.gaps()) {
            lacking.add(gap.identification());
        }
        return lacking;
    }

    private static Finding incompleteAt(FlowTrace trace, int place, Direction direction, List<SeenFrame> all) {
        List<SeenFrame> frames = all.subList(0, Math.min(MOST_FRAMES, all.size()));
        String point = Frames.pointOf(trace, place);
        return Finding.of(EstablishedTypes.FRAGMENTS_LOST, Frames.stepOf(trace, -1, place, direction), point,
                (all.size() == 1 ? "one datagram came to %s without all of its fragments: nobody can put it together"
                        : all.size() + " datagrams came to %s without all of their fragments: nobody can put them together").formatted(
                                point), Frames.of(trace, frames));
    }

    private static Finding finding(FlowTrace trace, CaseFacts facts, FlowLeg leg, int place, Direction direction, List<SeenFrame> all) {
        Finding finding = incompleteAt(trace, place, direction, all)
                .explaining(EstablishmentTypes.REQUEST_NOT_FORWARDED, EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1,
                        EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES, EstablishmentTypes.NO_REPLY_FROM_POD, EstablishedTypes.LOSS,
                        EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.ICMP_UNREACHABLE, EstablishedTypes.REPLY_NOT_FORWARDED,
                        EstablishedTypes.REPLY_LOST_BETWEEN_NODES, EstablishedTypes.REPLY_LOST_BEFORE_CLIENT,
                        EstablishmentTypes.CONNTRACK_TABLE_FULL);
        if (trace.flow().story().clientSawSynAck()) {
            // A capture that lacks other packets may lack a fragment of what was put together and answered.
            boolean missed = facts.points().mayHaveMissed(all.get(0), trace.flow().places().get(place).point());
            return missed ? finding.as(Severity.INFO) : finding;
        }
        // Where nobody need answer, some that lack a fragment end nothing: most came whole.
        boolean others = OneWay.is(trace, facts) && all.size() * 2L < leg.requestPackets();
        return others ? finding : finding.failing(finding.step());
    }
}
