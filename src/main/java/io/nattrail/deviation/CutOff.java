package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Amount;
import io.nattrail.net.Duration;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.List;
import java.util.function.UnaryOperator;

/** Data, or questions of datagrams, that got through no longer: which hop lost them, and what that hop may be. */
final class CutOff {
    /** Less data fits every link. */
    static final int FULL_SIZE = 1000;
    /** Clocks that are set apart show the end of a silence no better. */
    static final long MARGIN_NANOS = 500_000_000L;
    /** Who lacks bytes has them sent again sooner, if they arrive. */
    private static final long LEAST_WAITED_NANOS = 1_000_000_000L;

    private CutOff() {
    }

    /** Data that was sent again and again and never got through, in the direction that ended last. */
    static Finding of(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (!flow.story().requestAcked()) {
            Finding silent = FellSilent.beforeLoss(trace);
            Finding finding = silent != null ? silent : of(trace, Direction.REQUEST, facts);
            if (finding != null) {
                return finding;
            }
        }
        if (!flow.story().replyAcked() || flow.story().lastIsRequestData() || flow.sign(Sign.Kind.ANSWERED_IN_VAIN) != null) {
            Finding finding = of(trace, Direction.REPLY, facts);
            if (finding != null) {
                return finding;
            }
        }
        Finding silent = FellSilent.of(trace, facts);
        return silent != null ? silent : holeLeft(trace, facts);
    }

    /** Data that no capture shows, not even its sender's, where that was not captured, and that the other side waits for to the end. */
    private static Finding holeLeft(FlowTrace trace, CaseFacts facts) {
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() != Sign.Kind.HOLE_LEFT || sentThere(trace, sign)) {
                continue;
            }
            SeenFrame behind = sign.frames().get(0);
            if (facts.holes().shownAfter(behind) < LEAST_WAITED_NANOS) {
                continue;
            }
            boolean request = sign.direction() == Direction.REQUEST;
            String step = request ? "1.1" : "1.6";
            boolean next = trace.isAt(sign.place(), request ? Spot.ENTRY_IN : Spot.ENTRY_OUT);
            DeviationType type = !next ? EstablishedTypes.LOSS : request ? EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1
                    : EstablishedTypes.REPLY_LOST_BETWEEN_NODES;
            return Finding.fatal(type, step, Frames.pointOf(trace, sign.place()),
                    ("the connection was cut off: %s of the %s never came to %s though later ones did, and the other side waited for "
                            + "them").formatted(Amount.of(sign.value(), "byte"), request ? "client" : "pod",
                            Frames.pointOf(trace, sign.place())),
                    Frames.of(trace, sign.frames())).as(Severity.ERROR).explaining(EstablishedTypes.RETRANSMISSION);
        }
        return null;
    }

    /** Whether a place shows what its direction's sender sent there. */
    private static boolean sentThere(FlowTrace trace, Sign sign) {
        return sign.direction() == Direction.REPLY ? sign.place() == trace.placeAtEndpoint()
                : trace.isAt(sign.place(), Spot.CLIENT) || trace.isAt(sign.place(), Spot.CALLER_POD)
                        || trace.isAt(sign.place(), Spot.CALLER_BRIDGE);
    }

    /** Data of one direction that was sent again and again and never got through; null if no capture shows where. */
    static Finding of(FlowTrace trace, Direction direction, CaseFacts facts) {
        Flow flow = trace.flow();
        FlowHop broken = worstHop(trace, direction, facts);
        if (broken == null) {
            return lostWithOthers(trace, direction, facts);
        }
        if (complainedOf(trace, broken) || IcmpErrors.heeded(trace, broken)) {
            return null;
        }
        List<FrameRef> evidence = Frames.of(trace, broken.loss().frames());
        String step = stepOf(trace, broken);
        String to = Frames.pointOf(trace, broken.to());
        // A way that is too narrow lets acknowledgements pass.
        boolean smallLost = broken.loss().packets() - broken.loss().data() >= 2 && !broken.lastArrived();
        int least = broken.loss().leastBytes();
        Sign narrowed = narrowed(flow, broken);
        boolean onlyLarge = least >= FULL_SIZE && (narrowed != null || least > broken.mostDeliveredBytes() && !smallLost)
                && !facts.fullSize().passed(flow, broken, trace.captures().aligned(broken.loss().frames().get(0)));
        if (onlyLarge) {
            return blackHole(trace, broken, step, narrowed, evidence);
        }
        Sign silence = flow.sign(Sign.Kind.SILENCE);
        if (IdleTimeout.cutAfterSilence(trace) && IdleTimeout.plausible(silence.value(), trace, facts)) {
            return Finding.fatal(EstablishedTypes.IDLE_TIMEOUT_DROP, step, to,
                    "after %s of silence the next packets %s: %s had forgotten the connection".formatted(Duration.of(silence.value()),
                            Frames.lostOn(trace, broken, "", "were"), Frames.samePoint(trace, broken.from(), broken.to()) ? "it"
                                    : "something in between"), Frames.join(Frames.of(trace, silence.frames()), evidence))
                    .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                            EstablishedTypes.RESET_BY_POD, EstablishedTypes.RESET_BY_CLIENT)
                    .since(trace.captures().aligned(silence.frames().get(1)));
        }
        boolean tooLate = broken.lastArrived();
        if (tooLate && !allInVain(flow, broken)) {
            return null;
        }
        List<SeenFrame> healed = Healed.of(trace, broken);
        boolean parted = !healed.isEmpty() && broken.loss().data() == broken.loss().packets() && broken.loss().data() - healed.size() >= 2;
        String times = Frames.times(broken.loss().data() - (parted ? healed.size() : 0));
        String message = tooLate ? "the connection was cut off: data was lost %s %s, and none of it was acknowledged".formatted(times,
                HopTroubles.where(trace, broken))
                : "the connection was cut off: data " + Frames.lostOn(trace, broken, " " + times);
        int first = parted ? healed.size() : 0;
        return lost(trace, broken, message, parted
                ? Frames.of(trace, broken.loss().frames().subList(first, broken.loss().frames().size())) : evidence)
                .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                        EstablishedTypes.INVALID_DROPPED, EstablishedTypes.RESET_BY_CLIENT)
                .since(trace.captures().aligned(broken.loss().frames().get(first)));
    }

    /** What tells that a hop carries no more what it carried before; null if nothing does. */
    static Sign narrowed(Flow flow, FlowHop hop) {
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.NARROWED && sign.place() == hop.to() && sign.direction() == hop.direction()) {
                return sign;
            }
        }
        return null;
    }

    private static Finding blackHole(FlowTrace trace, FlowHop broken, String step, Sign narrowed, List<FrameRef> evidence) {
        String to = Frames.pointOf(trace, broken.to());
        Complaint untold = IcmpErrors.untold(trace, broken.direction());
        String told = untold == null ? "no ICMP told the sender"
                : "%s asked for packets of at most %d bytes, and its ICMP shows at %s and did not come to the sender".formatted(
                        untold.error().sender(), untold.error().mtu(), trace.captures().point(untold.leg().point()).name());
        List<FrameRef> proof = untold == null ? evidence
                : Frames.join(evidence, Frames.of(trace, List.of(untold.frame())));
        long passed = narrowed == null ? broken.mostDeliveredBytes() : narrowed.value();
        Finding finding = Finding.fatal(EstablishedTypes.PMTU_BLACKHOLE, step, to,
                "packets with %d bytes of data and more (%d with headers) %s, while packets %s %s%s; %s".formatted(
                        broken.loss().leastBytes(), broken.loss().leastBytes() + Frames.headers(trace.flow()),
                        Frames.lostOn(trace, broken, " " + Frames.times(broken.loss().data()), "were"),
                        passed == 0 ? "without data" : "with up to " + passed,
                        Frames.samePoint(trace, broken.from(), broken.to()) ? "were" : "did",
                        narrowed == null ? "" : ", and larger ones had before", told),
                narrowed == null ? proof : Frames.join(Frames.of(trace, narrowed.frames()), proof))
                .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES,
                        EstablishedTypes.LATENCY_HIGH);
        return untold == null ? finding : finding.explaining(EstablishedTypes.FRAGMENTATION_NEEDED);
    }

    /**
     * Data sent in vain beyond the edge of the next capture, which alone proves nothing, while new connections by the same way went no
     * further than it either, and none did.
     */
    private static Finding lostWithOthers(FlowTrace trace, Direction direction, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign vain = flow.sign(direction == Direction.REQUEST ? Sign.Kind.SENT_IN_VAIN : Sign.Kind.ANSWERED_IN_VAIN);
        if (vain == null || flow.windowClosed() || flow.sign(Sign.Kind.RESET) != null) {
            return null;
        }
        for (FlowHop hop : flow.hops()) {
            SeenFrame first = vain.frames().get(0);
            if (hop.direction() == direction && hop.loss().hidden() > 0 && !hop.lastArrived()
                    && !facts.holes().hide(first, first, flow.places().get(hop.to()).point())
                    && facts.points().showsMoreThanSyns(flow.places().get(hop.to()).point()) && trace.captures().coverage(first.point(),
                    first.timeNanos(), flow.places().get(hop.to()).point()) != Coverage.NO) {
                Ending ending = new Ending(trace.spots().get(hop.from()), direction, trace.captures().aligned(first), false);
                int others = facts.ways().newOnes(ending, trace);
                String from = Frames.pointOf(trace, hop.from());
                String to = Frames.pointOf(trace, hop.to());
                return others == 0 ? null : lost(trace, hop,
                        "the connection was cut off: data left %s %s in vain and did not show at %s, as %s at that time did not".formatted(
                                from, Frames.times(vain.count() + 1), to, others == 1 ? "a new connection" : others + " new connections"),
                        Frames.of(trace, vain.frames())).explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS);
            }
        }
        return null;
    }

    /**
     * Whether data was sent again and again, lost by a hop each time, an answer most times, and never acknowledged, whatever small packet
     * came later.
     */
    private static boolean allInVain(Flow flow, FlowHop broken) {
        boolean request = broken.direction() == Direction.REQUEST;
        Sign vain = flow.sign(request ? Sign.Kind.SENT_IN_VAIN : Sign.Kind.ANSWERED_IN_VAIN);
        if (vain == null || flow.windowClosed()) {
            return false;
        }
        return request ? broken.loss().data() > vain.count() && flow.sign(Sign.Kind.DELIVERED_IN_VAIN) == null
                : broken.loss().data() * 2 > vain.count();
    }

    /** A client that had answers before waits for the last one in vain: the hop that lost the question, or else its answer. */
    static Finding ofDatagrams(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        // One question without answer tells only where each other had one.
        if (flow.sign(Sign.Kind.UNANSWERED) == null && !allButOneAnswered(flow)) {
            return unheard(trace);
        }
        for (Direction direction : Direction.values()) {
            for (FlowHop hop : flow.hops()) {
                if (hop.direction() == direction && hop.loss().packets() > 0 && !hop.lastArrived()) {
                    if (mayHaveArrived(flow, hop, facts) || mayHaveLeftElsewhere(trace, hop)) {
                        continue;
                    }
                    return lost(trace, hop, "the last %s %s".formatted(direction == Direction.REQUEST ? "question" : "answer",
                            Frames.lostOn(trace, hop, "")), Frames.of(trace, hop.loss().frames()))
                            .explaining(EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.INVALID_DROPPED,
                                    EstablishmentTypes.HALF_OPEN);
                }
            }
        }
        return FellSilent.ofDatagrams(trace, facts);
    }

    /** Whether a capture that lacks other packets may lack a single datagram as well that nobody asked for again. */
    private static boolean mayHaveArrived(Flow flow, FlowHop hop, CaseFacts facts) {
        return flow.sign(Sign.Kind.UNANSWERED) == null
                && facts.points().mayHaveMissed(hop.loss().frames().get(0), flow.places().get(hop.to()).point());
    }

    /**
     * Whether a node's capture shows only how a question came, and no client's shows that it had no answer: conntrack may have forgotten
     * the socket by then, and the node have translated it anew, for another endpoint.
     */
    static boolean mayHaveLeftElsewhere(FlowTrace trace, FlowHop hop) {
        return trace.flow().protocol() == Protocol.UDP && hop.direction() == Direction.REQUEST && trace.isAt(hop.from(), Spot.ENTRY_IN)
                && trace.captures().translatedBlind(trace.flow().places().get(hop.from()).point())
                && !trace.seen(Spot.CLIENT, Direction.REPLY) && !trace.seen(Spot.CALLER_POD, Direction.REPLY);
    }

    /** The point whose capture misses packets, and may have missed a client's last question or its answer; -1 if there is none. */
    static int missesTheLast(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (flow.protocol() != Protocol.UDP || !allButOneAnswered(flow)) {
            return -1;
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.loss().packets() > 0 && !hop.lastArrived() && mayHaveArrived(flow, hop, facts)) {
                return flow.places().get(hop.to()).point();
            }
        }
        return -1;
    }

    /** One stream of two ended, as of voice: its sender hears the other side and cannot know. */
    private static Finding unheard(FlowTrace trace) {
        Sign sign = trace.flow().sign(Sign.Kind.UNHEARD);
        for (FlowHop hop : sign == null ? List.<FlowHop>of() : trace.flow().hops()) {
            if (hop.from() == sign.place() && hop.direction() == sign.direction() && hop.loss().packets() > 1 && !hop.lastArrived()) {
                return lost(trace, hop, "the last %d datagrams %s, while those of the other side came".formatted(sign.count(),
                        Frames.lostOn(trace, hop, "", "were")), Frames.of(trace, sign.frames()))
                        .explaining(EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE);
            }
        }
        return null;
    }

    /** Whether every question had its answer but the last, as the client's side shows; of datagrams. */
    static boolean allButOneAnswered(Flow flow) {
        FlowLeg asked = flow.places().isEmpty() ? null : flow.requestLeg(flow.places().get(0));
        FlowLeg answered = flow.places().isEmpty() ? null : flow.replyLeg(flow.places().get(0));
        return asked != null && answered != null && answered.answers() > 0 && asked.asked() == answered.answers() + 1
                && flow.story().lastIsRequestData();
    }

    /** The hop of a direction that lost most, if it lost data more than once; or null. */
    static FlowHop worstHop(Flow flow, Direction direction) {
        return worstHop(flow, direction, hop -> hop);
    }

    /** The same of those of which captures tell, whose losses no interruption of a capture hides, and no direction of it. */
    private static FlowHop worstHop(FlowTrace trace, Direction direction, CaseFacts facts) {
        return worstHop(trace.flow(), direction, hop -> {
            FlowHop telling = FlagsOnly.telling(trace, hop, facts);
            return telling == null || facts.holes().hideLosses(trace, telling) || hidesAnswers(trace, hop) ? null : telling;
        });
    }

    /** Whether a hop's segments may have come to a capture that shows no answers: nothing says that they were sent in vain. */
    private static boolean hidesAnswers(FlowTrace trace, FlowHop hop) {
        Flow flow = trace.flow();
        boolean inVain = !flow.story().replyAcked() || flow.sign(Sign.Kind.ANSWERED_IN_VAIN) != null;
        return hop.direction() == Direction.REPLY && !inVain && trace.captures().answersBlind(flow.places().get(hop.to()).point());
    }

    /** @param told what is told of a hop, with its losses; null if nothing */
    private static FlowHop worstHop(Flow flow, Direction direction, UnaryOperator<FlowHop> told) {
        FlowHop broken = null;
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == direction && hop.loss().data() >= 2 && (broken == null || hop.loss().data() > broken.loss().data())) {
                FlowHop worse = told.apply(hop);
                broken = worse == null ? broken : worse;
            }
        }
        return broken;
    }

    /**
     * Whether ICMP told what became of the requests that a hop lost: behind the NAT somebody got them and could not deliver them, as the
     * node of an endpoint that is gone; or the entry node itself refused what it did not send on. {@link IcmpErrors} tells it.
     */
    static boolean complainedOf(FlowTrace trace, FlowHop hop) {
        if (hop.direction() != Direction.REQUEST || hop.loss().frames().isEmpty() || trace.flow().translated() == null) {
            return false;
        }
        long lost = trace.captures().aligned(hop.loss().frames().get(0));
        boolean inside = Frames.insideEntryNode(trace, hop.from(), hop.to());
        for (Complaint complaint : Complaint.of(trace.flow())) {
            boolean behindNat = complaint.leg().relation() == Relation.TRANSLATED
                    && !complaint.error().sender().equals(trace.flow().translated().source().address());
            if ((behindNat || inside) && complaint.error().quotedFromOpener() && !complaint.error().packetTooBig()
                    && !complaint.over(trace) && trace.captures().aligned(complaint.frame()) > lost) {
                return true;
            }
        }
        return false;
    }

    /** Whether a hop lost nothing before a silence ended, and something since. */
    static boolean afterSilence(FlowTrace trace, Sign silence, FlowHop hop) {
        long end = trace.captures().aligned(silence.frames().get(1));
        for (SeenFrame frame : hop.loss().frames()) {
            if (trace.captures().aligned(frame) < end - MARGIN_NANOS) {
                return false;
            }
        }
        return !hop.loss().frames().isEmpty();
    }

    /** The step at which a hop lost what ended the flow: the first that may be to blame. */
    static String stepOf(FlowTrace trace, FlowHop hop) {
        String first = Frames.firstOfSeveral(trace, hop);
        return first == null ? Frames.stepOf(trace, hop.from(), hop.to(), hop.direction()) : first;
    }

    /** What a hop lost ended the flow. */
    static Finding lost(FlowTrace trace, FlowHop hop, String message, List<FrameRef> evidence) {
        boolean anywhere = Frames.firstOfSeveral(trace, hop) != null;
        String step = stepOf(trace, hop);
        boolean fromOutside = trace.template() == PathTemplates.EGRESS && hop.direction() == Direction.REPLY && step.equals("1.6");
        return Finding.fatal(anywhere ? EstablishedTypes.LOSS : lostAt(trace, hop, step), step, Frames.pointOf(trace, hop.to()),
                anywhere ? message + "; no capture in between tells where" : message, evidence).as(Severity.ERROR)
                .checking(anywhere ? EstablishedTypes.CAPTURE_IN_BETWEEN : fromOutside ? EstablishedTypes.ROUTE_FROM_OUTSIDE : null);
    }

    private static DeviationType lostAt(FlowTrace trace, FlowHop hop, String step) {
        boolean inside = Frames.insideEntryNode(trace, hop.from(), hop.to());
        return hop.direction() == Direction.REQUEST
                ? step.equals("1.1") ? EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1
                        : inside ? EstablishmentTypes.REQUEST_NOT_FORWARDED : EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES
                : step.equals("2.0") ? inside ? EstablishedTypes.REPLY_NOT_FORWARDED : EstablishedTypes.REPLY_LOST_BEFORE_CLIENT
                        : EstablishedTypes.REPLY_LOST_BETWEEN_NODES;
    }
}
