package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/** What a hop did to single packets: lost, repeated, disordered or changed them. Counted for each hop and direction. */
final class HopTroubles implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        List<Finding> findings = new ArrayList<>(0);
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.loss().packets() > 0) {
                loss(trace, facts, hop, findings);
            }
            String step = null;
            if (hop.duplicated() + hop.reordered() + hop.altered() > 0) {
                step = Frames.stepOf(trace, hop.from(), hop.to(), hop.direction());
            }
            if (hop.duplicated() > 0) {
                findings.add(Finding.of(EstablishedTypes.DUPLICATE_PACKET, step, to(trace, hop),
                        some(hop.duplicated(), trace, hop) + " arrived more than once", Frames.of(trace, hop.duplicateFrames())));
            }
            if (hop.reordered() > 0 && !hop.lateFrames().isEmpty()) {
                findings.add(Finding.of(EstablishedTypes.OUT_OF_ORDER, step, to(trace, hop),
                        some(hop.reordered(), trace, hop) + " arrived after a later one", Frames.of(trace, hop.lateFrames())));
            }
            if (hop.altered() > 0 && !facts.edited().altered(trace.flow(), hop) && !wrongInOneCapture(trace.flow(), hop)) {
                boolean damaged = damaged(trace.flow(), hop);
                findings.add(Finding.of(EstablishedTypes.PAYLOAD_ALTERED, step, to(trace, hop),
                        some(hop.altered(), trace, hop) + " arrived with other bytes" + overCut(trace, hop)
                                + (damaged ? ", which no longer fit the checksum" : ""), Frames.of(trace, hop.alteredFrames()))
                        .checking(damaged ? EstablishedTypes.CORRUPTION : null));
            }
        }
        return findings;
    }

    /** Whether what arrived with other bytes has a wrong checksum as well: who rewrites a packet on purpose makes it right. */
    private static boolean damaged(Flow flow, FlowHop hop) {
        Sign wrong = flow.firstSign(Sign.Kind.CHECKSUM_WRONG, hop.direction());
        return wrong != null && wrong.place() == hop.to() && wrong.count() >= hop.altered()
                && wrong.frames().contains(hop.alteredFrames().get(1));
    }

    /** Where the place that the hop begins at holds too little of the payload, the copies before and after it were compared. */
    private static String overCut(FlowTrace trace, FlowHop hop) {
        int point = hop.alteredFrames().get(0).point();
        return point == trace.flow().places().get(hop.from()).point() ? ""
                : " than left %s; %s holds too little of them to tell where".formatted(trace.captures().point(point).name(),
                        Frames.pointOf(trace, hop.from()));
    }

    /** What differs at one place from what was before and after it was not changed and changed back: the place's capture has it wrong. */
    private static boolean wrongInOneCapture(Flow flow, FlowHop hop) {
        for (FlowHop other : flow.hops()) {
            if (other.direction() == hop.direction() && (other.from() == hop.to() && changedBack(hop, other)
                    || other.to() == hop.from() && changedBack(other, hop))) {
                return true;
            }
        }
        return false;
    }

    private static boolean changedBack(FlowHop before, FlowHop after) {
        List<SeenFrame> received = before.alteredFrames();
        List<SeenFrame> sent = after.alteredFrames();
        if (before.altered() != after.altered() || received.size() != sent.size() || received.size() != 2 * before.altered()) {
            return false;
        }
        for (int i = 0; i < sent.size(); i += 2) {
            if (!received.get(i + 1).equals(sent.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static void loss(FlowTrace trace, CaseFacts facts, FlowHop whole, List<Finding> findings) {
        Flow flow = trace.flow();
        FlowHop telling = FlagsOnly.telling(trace, whole, facts);
        FlowHop hop = telling == null ? whole : telling;
        // Where a filter of flags hides all else, a SYN or FIN may still be lost.
        List<SeenFrame> frames = telling == null ? hop.loss().flagged() : hop.loss().frames();
        int point = flow.places().get(hop.to()).point();
        boolean interrupted = facts.holes().hideLosses(trace, hop);
        // What was sent again was lost, on this hop or further on.
        boolean hidden = hop.direction() == Direction.REPLY && trace.captures().answersBlind(point)
                || interrupted && !sentAgain(flow, hop.direction())
                || flow.tcp() && hop.loss().data() == 0 && hop.loss().flagged().isEmpty() && facts.points().hidesAcknowledgements(point);
        if (hidden || frames.isEmpty()) {
            return;
        }
        String step = Frames.stepOf(trace, hop.from(), hop.to(), hop.direction());
        boolean inside = Frames.insideEntryNode(trace, hop.from(), hop.to());
        boolean one = (telling == null ? frames.size() : hop.loss().packets()) == 1;
        String message = some(telling == null ? frames.size() : hop.loss().packets(), trace, hop) + " did not arrive";
        if (inside && hop.direction() == Direction.REPLY && hop.loss().old() == hop.loss().packets()) {
            findings.add(Finding.of(EstablishedTypes.INVALID_DROPPED, step, to(trace, hop), message + (one
                    ? ": the node took it for invalid, it repeats old data or lies outside of the window"
                    : ": the node took them for invalid, they repeat old data or lie outside of the window"), Frames.of(trace, frames)));
        } else {
            String doubt = interrupted ? "" : doubt(trace, facts, hop, one);
            boolean perhapsMissed = !doubt.isEmpty();
            message += interrupted ? ", or further on: its capture did not run then, and "
                    + (one ? "it was sent again" : "they were sent again") : "";
            Finding finding = Finding.of(inside ? EstablishedTypes.LOSS_INSIDE_NODE : EstablishedTypes.LOSS, step, to(trace, hop),
                    message + doubt, Frames.of(trace, frames)).explaining(EstablishedTypes.RETRANSMISSION).until(Healed.until(trace, hop));
            findings.add(perhapsMissed ? finding.as(Severity.INFO) : finding);
        }
    }

    /** Those of a hop's losses that were made good before others that were not. */
    static Finding healed(FlowTrace trace, FlowHop hop, List<SeenFrame> frames) {
        return Finding.of(Frames.insideEntryNode(trace, hop.from(), hop.to()) ? EstablishedTypes.LOSS_INSIDE_NODE : EstablishedTypes.LOSS,
                Frames.stepOf(trace, hop.from(), hop.to(), hop.direction()), to(trace, hop), some(frames.size(), trace, hop)
                        + " did not arrive, and came when sent again, long before others did not", Frames.of(trace, frames))
                .until(trace.captures().aligned(frames.get(frames.size() - 1)));
    }

    private static boolean sentAgain(Flow flow, Direction direction) {
        for (Sign sign : flow.signs()) {
            if (sign.kind() == Sign.Kind.RETRANSMITTED && sign.direction() == direction) {
                return true;
            }
        }
        return false;
    }

    /** Why what captures do not show of that which nobody repeats, acknowledgements and datagrams, may not be lost; else empty. */
    private static String doubt(FlowTrace trace, CaseFacts facts, FlowHop hop, boolean one) {
        Flow flow = trace.flow();
        if (CutOff.mayHaveLeftElsewhere(trace, hop)) {
            return ", or the node translated " + (one ? "it" : "them")
                    + " anew, for another endpoint: its capture does not show what it sends";
        }
        if (flow.tcp() ? hop.loss().data() > 0 : flow.sign(Sign.Kind.UNANSWERED) != null) {
            return "";
        }
        if (facts.points().mayHaveMissed(hop.loss().frames().get(0), flow.places().get(hop.to()).point())) {
            return one ? ", or its capture missed it as it did others: " + (flow.tcp() ? "it carries no data" : "nobody asked again")
                    : ", or its capture missed them as it did others: " + (flow.tcp() ? "they carry no data" : "nobody asked again");
        }
        // A network does not choose: one that loses acknowledgements loses data as well, and that is sent again.
        if (!flow.tcp() || !facts.losesNothingElse(flow, hop)) {
            return "";
        }
        return one ? ", or its capture missed it: it carries no data, and none was lost there"
                : ", or its capture missed them: they carry no data, and none was lost there";
    }

    private static String count(long n) {
        return n == 1 ? "one" : Long.toString(n);
    }

    /** So many of the packets that were sent on a hop. Put together by hand, since losses may be in every flow. */
    private static String some(long part, FlowTrace trace, FlowHop hop) {
        String sender = hop.direction() == Direction.REQUEST ? "client" : Frames.answerer(trace);
        return (hop.sent() == 1 ? "the only packet of the " : count(part) + " of " + hop.sent() + " packets of the ") + sender + " "
                + between(trace, hop);
    }

    private static String to(FlowTrace trace, FlowHop hop) {
        return Frames.pointOf(trace, hop.to());
    }

    /** The same at the end of a sentence. */
    static String where(FlowTrace trace, FlowHop hop) {
        String between = between(trace, hop);
        return between.endsWith(",") ? between.substring(0, between.length() - 1) : between;
    }

    static String between(FlowTrace trace, FlowHop hop) {
        String from = Frames.pointOf(trace, hop.from());
        String to = Frames.pointOf(trace, hop.to());
        if (!from.equals(to)) {
            return "from " + from + " to " + to;
        }
        Spot end = trace.spots().get(hop.to());
        return "through the NAT of " + (trace.entryNode() == null ? from : trace.entryNode())
                + (end == Spot.ENTRY_IN ? ", on the way back," : "");
    }

    /** The same SYN again: with what became of the earlier ones, which it explains. */
    static final class RepeatedSyn implements Detector {
        @Override
        public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
            Sign sign = trace.flow().sign(Sign.Kind.SYN_REPEATED);
            if (sign == null) {
                return List.of();
            }
            String where = "";
            DeviationType[] explains = {};
            String check = null;
            long losing = trace.flow().hops().stream().filter(hop -> hop.loss().packets() > 0).count();
            for (FlowHop hop : trace.flow().hops()) {
                boolean noMore = hop.loss().packets() > 0 && hop.loss().packets() <= sign.count();
                if (hop.direction() == Direction.REQUEST && noMore && where.isEmpty()
                        && (lostIsSyn(hop) || lostSyns(hop, sign) == hop.loss().packets())) {
                    where = "; %s of them lost %s".formatted(count(hop.loss().packets()), where(trace, hop));
                    check = Frames.insideEntryNode(trace, hop.from(), hop.to()) ? EstablishedTypes.SYN_LOST_INSIDE : null;
                    // Where other hops lost something too, it was no SYN, and a trouble of its own.
                    explains = losing > 1 ? explains : new DeviationType[] {EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE};
                }
            }
            where = where.isEmpty() ? lostAmongOthers(trace, sign) : where;
            if (check == null && !where.isEmpty()) {
                check = EstablishedTypes.LOSS.checks().get(0);
            }
            if (where.isEmpty() && trace.flow().sign(Sign.Kind.CHALLENGE_ACK) != null) {
                where = "; the first was answered with an ACK of an earlier connection, which was still held there";
                check = TranslationTypes.PORT_REUSED.checks().get(0);
            }
            FlowHop slow = where.isEmpty() ? slowHop(trace) : null;
            List<FrameRef> evidence = Frames.of(trace, sign.frames());
            if (slow != null) {
                where = "; the %s was under way for %s %s".formatted(slow.direction() == Direction.REQUEST ? "first one"
                        : overtaken(trace, slow) ? "first SYN-ACK" : "SYN-ACK", Duration.of(trace.alignedFirst(slow)), where(trace, slow));
                evidence = Frames.join(evidence, Frames.of(trace, List.of(trace.firstFrame(slow.from(), slow.direction()),
                        overtaken(trace, slow) ? slow.delay().slowest() : trace.firstFrame(slow.to(), slow.direction()))));
            }
            String message = "the SYN was sent again %s, over %s%s".formatted(Frames.times(sign.count()), Duration.of(sign.value()), where);
            return List.of(Finding.of(EstablishedTypes.SYN_RETRANSMITTED, "1.1", Frames.pointOf(trace, sign.place()), message, evidence)
                    .explaining(explains).checking(check));
        }

        /** Of a hop that lost other packets too: how many SYNs are among them. */
        private static String lostAmongOthers(FlowTrace trace, Sign sign) {
            for (FlowHop hop : trace.flow().hops()) {
                long syns = lostSyns(hop, sign);
                if (syns > 0) {
                    return "; %s of them lost %s".formatted(count(syns), where(trace, hop));
                }
            }
            return "";
        }

        /** How many of the SYNs, as they left the place that shows them repeated, a hop lost. */
        private static long lostSyns(FlowHop hop, Sign sign) {
            return hop.direction() == Direction.REQUEST && hop.from() == sign.place()
                    ? sign.frames().stream().filter(hop.loss().frames()::contains).count() : 0;
        }

        /** The hop that held the SYN or the SYN-ACK up for as long as the client waits before it asks again, or null. */
        private static FlowHop slowHop(FlowTrace trace) {
            for (FlowHop hop : trace.flow().hops()) {
                SeenFrame sent = trace.firstFrame(hop.from(), hop.direction());
                SeenFrame arrived = trace.firstFrame(hop.to(), hop.direction());
                boolean both = sent != null && arrived != null && arrived.timeNanos() - sent.timeNanos() == hop.delay().firstNanos();
                long least = trace.alignedFirst(hop) - Math.min(Frames.FIRST_REPETITION_NANOS, trace.uncertainty(hop));
                if (hop.delivered() > 0 && (both || overtaken(trace, hop)) && least >= Frames.FIRST_REPETITION_NANOS) {
                    return hop;
                }
            }
            return null;
        }

        /** Whether the first packet of all came later than others, and none took longer: the answer to the SYN that was sent again. */
        private static boolean overtaken(FlowTrace trace, FlowHop hop) {
            SeenFrame sent = trace.firstFrame(hop.from(), hop.direction());
            SeenFrame arrived = trace.firstFrame(hop.to(), hop.direction());
            return sent != null && arrived != null && hop.delay().slowest() != null && !arrived.equals(hop.delay().slowest())
                    && hop.delay().slowest().timeNanos() - sent.timeNanos() == hop.delay().firstNanos();
        }

        /** Whether all that a hop lost takes a sequence number and carries no data, as the SYNs do. */
        private static boolean lostIsSyn(FlowHop hop) {
            return hop.loss().data() == hop.loss().packets() && hop.loss().leastBytes() == 0;
        }
    }

    /** Data sent again although no hop between the captures lost it: outside of them, or for nothing. */
    static final class Retransmission implements Detector {
        @Override
        public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
            List<Finding> findings = new ArrayList<>(0);
            for (Sign sign : trace.flow().signs()) {
                if (sign.kind() != Sign.Kind.RETRANSMITTED) {
                    continue;
                }
                boolean request = sign.direction() == Direction.REQUEST;
                boolean wholeWay = request ? shown(trace, facts, Spot.TARGET_BRIDGE, sign) || shown(trace, facts, Spot.ENDPOINT_POD, sign)
                        : shown(trace, facts, Spot.CLIENT, sign) || shown(trace, facts, Spot.CALLER_POD, sign);
                boolean probe = probedTail(trace.flow(), sign);
                String message = "%s sent %s again, at the longest after %s%s".formatted(
                        request ? "the client" : "the " + Frames.answerer(trace),
                        sign.count() == 1 ? "one segment" : sign.count() + " segments",
                        Duration.of(sign.value()),
                        request && trace.flow().sign(Sign.Kind.SENT_IN_VAIN) != null ? "; what it sent last was never acknowledged"
                                : wholeWay ? "; no hop between the captures lost " + (sign.count() == 1 ? "it" : "them")
                                : probe ? "; it was the last one, and asked for its acknowledgement before any timeout: no proof of a loss"
                                : sign.count() == 1 ? "; it was lost beyond the captures, or its answer was"
                                : "; they were lost beyond the captures, or their answers were");
                Finding finding = Finding.of(EstablishedTypes.RETRANSMISSION, request ? "1.1" : "1.6", Frames.pointOf(trace, sign.place()),
                        message, Frames.of(trace, sign.frames()));
                findings.add(wholeWay || probe ? finding.as(Severity.INFO) : finding);
            }
            return findings;
        }

        /** Whether the data of a direction show at a spot, where no filter of flags hides them. */
        private static boolean shown(FlowTrace trace, CaseFacts facts, Spot spot, Sign sign) {
            return trace.seen(spot, sign.direction())
                    && facts.points().showsMoreThanSyns(trace.flow().places().get(trace.placeAt(spot)).point());
        }

        private static boolean probedTail(Flow flow, Sign repeated) {
            for (Sign sign : flow.signs()) {
                if (sign.kind() == Sign.Kind.TAIL_PROBED && sign.place() == repeated.place() && sign.direction() == repeated.direction()) {
                    return true;
                }
            }
            return false;
        }
    }
}
