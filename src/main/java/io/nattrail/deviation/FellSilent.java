package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import java.util.List;

/** An endpoint that answered, and then got what the client sent and did not answer any longer. */
final class FellSilent {
    /** A capture that ran on for so long would show an answer. */
    private static final long ANSWER_NANOS = 500_000_000L;
    /** Questions of a shorter time may still be answered. */
    private static final long LEAST_VAIN_NANOS = 1_000_000_000L;

    /** So many of them in a row are no pause of the endpoint's. */
    private static final int LEAST_VAIN = 3;
    /** So many that came to it, of more that the client asked, without any answer to the first of them for so long. */
    static final int LEAST_SEEN_IN_VAIN = 2;

    private FellSilent() {
    }

    /** The client's data reach the endpoint again and again, or its acknowledgements or FIN do, and nothing comes of it any more. */
    static Finding of(FlowTrace trace, CaseFacts facts) {
        Finding finding = unanswered(trace, facts);
        finding = finding == null ? deaf(trace) : finding;
        return finding == null ? closedInVain(trace) : finding;
    }

    /** An endpoint that takes notice of nothing any more: it repeats what the client, as its own node saw, had acknowledged. */
    static Finding deaf(FlowTrace trace) {
        Sign sign = trace.flow().sign(Sign.Kind.REPEATED_ACKNOWLEDGED);
        if (sign == null || sign.place() != trace.placeAtEndpoint()) {
            return null;
        }
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, sign.place()),
                "%s sent data again %s, over %s, though the client's acknowledgement of it had come: it got nothing any more".formatted(
                        Frames.endpoint(trace), Frames.times(sign.count()), Duration.of(sign.value())), Frames.of(trace, sign.frames()))
                .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.RESET_BY_CLIENT)
                .advised(EstablishmentTypes.POD_LEFT_CONNECTION);
    }

    private static Finding closedInVain(FlowTrace trace) {
        Sign sign = trace.flow().sign(Sign.Kind.CLOSED_IN_VAIN);
        if (sign == null || sign.place() != trace.placeAtEndpoint() || answersHidden(trace.flow(), sign.place())) {
            return null;
        }
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, sign.place()),
                "%s got the client's FIN %s more, over %s, and nothing came of it any longer".formatted(Frames.endpoint(trace),
                        Frames.times(sign.count()), Duration.of(sign.value())), Frames.of(trace, sign.frames()))
                .explaining(EstablishedTypes.RETRANSMISSION).advised(EstablishmentTypes.POD_LEFT_CONNECTION);
    }

    private static Finding unanswered(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        int last = trace.placeAtEndpoint();
        FlowLeg leg = last < 0 ? null : flow.requestLeg(flow.places().get(last));
        if (leg == null || flow.story().requestAcked() || flow.windowClosed() || answersHidden(flow, last)) {
            return null;
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.loss().data() > 0 || hop.loss().hidden() > 0) {
                return null;
            }
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == Direction.REPLY && hop.loss().packets() > 0 && !hop.lastArrived()) {
                return acknowledgedInVain(trace, hop, facts);
            }
        }
        for (Sign sign : flow.signs()) {
            boolean again = sign.kind() == Sign.Kind.RETRANSMITTED && sign.direction() == Direction.REQUEST && sign.count() >= 2;
            if (again || sign.kind() == Sign.Kind.SENT_IN_VAIN) {
                return silent(trace, last, sign);
            }
        }
        return null;
    }

    /** Whether a place shows that the client went on after its SYN, and not the SYN-ACK that came before: its filter hides answers. */
    private static boolean answersHidden(Flow flow, int place) {
        return flow.requestLeg(flow.places().get(place)).wentOn() && flow.replyLeg(flow.places().get(place)) == null;
    }

    /**
     * The endpoint had the client's data again and again before the rest of it was lost or not captured: once the neighbour's entry of a
     * pod that is gone has expired, its node sends it nothing more. What was lost before explains it as well, unless the endpoint sent
     * nothing at all since: whoever lacks bytes acknowledges what comes beyond them (RFC 5681, section 3.2).
     */
    static Finding beforeLoss(FlowTrace trace) {
        Flow flow = trace.flow();
        Sign vain = flow.sign(Sign.Kind.DELIVERED_IN_VAIN);
        if (vain == null || vain.place() != trace.placeAtEndpoint() || flow.windowClosed() || flow.sign(Sign.Kind.RESET) != null
                || answersHidden(flow, vain.place())) {
            return null;
        }
        for (Complaint complaint : Complaint.of(flow)) {
            if (complaint.error().quotedFromOpener() && !complaint.over(trace)) {
                return null;
            }
        }
        boolean lostBefore = false;
        for (FlowHop hop : flow.hops()) {
            lostBefore |= hop.direction() == Direction.REQUEST && hop.loss().data() > 0
                    && trace.captures().aligned(hop.loss().frames().get(0)) < trace.captures().aligned(vain.frames().get(1));
        }
        if (lostBefore) {
            return flow.sign(Sign.Kind.HEARD_NOTHING) == null ? null : silent(trace, vain.place(), vain);
        }
        return silent(trace, vain.place(), vain).explaining(EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE);
    }

    /** The endpoint did not fall silent: it acknowledged what came again, and a hop lost that. One that is lost once tells nothing. */
    static Finding acknowledgedInVain(FlowTrace trace, FlowHop hop, CaseFacts facts) {
        if (hop.loss().packets() < 2 || facts.holes().hideLosses(trace, hop)) {
            return null;
        }
        String message = "the connection was cut off: %s acknowledged what the client sent, and that %s".formatted(
                Frames.endpoint(trace), Frames.lostOn(trace, hop, " " + Frames.times(hop.loss().packets())));
        return CutOff.lost(trace, hop, message, Frames.of(trace, hop.loss().frames()))
                .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                        EstablishedTypes.INVALID_DROPPED);
    }

    private static Finding silent(FlowTrace trace, int place, Sign repeated) {
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, place),
                "%s got the client's data %s more and did not answer any longer".formatted(Frames.endpoint(trace),
                        Frames.times(repeated.count())), Frames.of(trace, repeated.frames()))
                .explaining(EstablishedTypes.RETRANSMISSION).advised(EstablishmentTypes.POD_LEFT_CONNECTION);
    }

    /**
     * A pod that answered each question, and then two and more in vain: they reached it, its capture ran on, and nothing came back. Where
     * not every question had its answer before, the protocol may be one that does not answer, unless it is one and the same question that
     * is asked again and again. What its capture could not show any more takes nothing from those that it does.
     */
    static Finding ofDatagrams(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign unanswered = flow.sign(Sign.Kind.UNANSWERED);
        int last = trace.placeAtEndpoint();
        FlowLeg asked = last < 0 ? null : flow.requestLeg(flow.places().get(last));
        if (asked == null || closedPort(flow)) {
            return null;
        }
        boolean association = flow.protocol() == Protocol.SCTP;
        if (unanswered == null || unanswered.value() < LEAST_VAIN_NANOS || association && unanswered.count() < LEAST_VAIN) {
            return lastDatagrams(trace, facts, last, asked.last());
        }
        if (lossExplains(flow, unanswered)) {
            return null;
        }
        boolean hidden = flow.hops().stream().anyMatch(hop -> hop.loss().hidden() > 0);
        long count = unanswered.count();
        long vain = unanswered(flow, last);
        boolean again = !hidden
                && (association ? flow.replyLeg(flow.places().get(last)) != null : askedAgain(flow) && vain >= count);
        boolean afterAnswers = hidden ? vain >= LEAST_SEEN_IN_VAIN && vain <= count : vain == count;
        if (!again && !afterAnswers) {
            return null;
        }
        // The answer to the last question may come after the capture; not those to the first ones, or that to the first of all.
        int waited = hidden ? 1 : Math.min(unanswered.frames().size(), again ? LEAST_VAIN - 1 : LEAST_VAIN);
        SeenFrame early = unanswered.frames().get(waited - 1);
        if (trace.captures().coverage(early.point(), early.timeNanos() + ANSWER_NANOS, asked.point()) != Coverage.SURE) {
            return null;
        }
        String message = afterAnswers || association ? "%s got %d more questions and answered none, after it had answered every one before"
                : "%s got the last question %d times and did not answer it, though it had answered before";
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, last),
                message.formatted(Frames.endpoint(trace), afterAnswers && !association ? vain : count),
                Frames.of(trace, unanswered.frames())).explaining(EstablishedTypes.ICMP_UNREACHABLE)
                .advised(association ? EstablishmentTypes.POD_LEFT_CONNECTION : EstablishmentTypes.POD_READS_NO_DATAGRAMS);
    }

    /** Whether questions or answers were lost, or may have been where their capture hides some. */
    private static boolean lossExplains(Flow flow, Sign unanswered) {
        for (FlowHop hop : flow.hops()) {
            if (hop.loss().packets() > 0
                    || hop.loss().hidden() > 0 && (hop.direction() == Direction.REPLY || !everyOneBefore(flow, unanswered))) {
                return true;
            }
        }
        return false;
    }

    /** Whether the last question is one and the same, again and again: who asks so waits for its answer, as for the others before. */
    static boolean askedAgain(Flow flow) {
        Sign again = flow.sign(Sign.Kind.ASKED_AGAIN);
        return again != null && again.count() >= LEAST_VAIN;
    }

    /** Whether somebody says that the port is closed, which is no silence; kernels limit how often they do. */
    private static boolean closedPort(Flow flow) {
        for (Complaint complaint : Complaint.of(flow)) {
            if (complaint.error().quotedFromOpener() && complaint.error().portUnreachable()) {
                return true;
            }
        }
        return false;
    }

    /** The last question, or few, of a protocol in which each has its answer, as those before had: they came to the pod in vain. */
    private static Finding lastDatagrams(FlowTrace trace, CaseFacts facts, int last, SeenFrame question) {
        Flow flow = trace.flow();
        Sign several = flow.sign(Sign.Kind.UNANSWERED);
        boolean others = several == null ? CutOff.allButOneAnswered(flow) : everyOneBefore(flow, several);
        long count = several == null ? 1 : several.count();
        // A peer of SCTP acknowledges all data within half a second (RFC 9260, section 6.2).
        boolean due = flow.protocol() == Protocol.SCTP ? several != null && flow.replyLeg(flow.places().get(last)) != null
                : others && unanswered(flow, last) == count && OneWay.answersEach(trace);
        boolean vain = due && facts.holes().shownAfter(question) >= LEAST_VAIN_NANOS;
        for (FlowHop hop : flow.hops()) {
            vain &= hop.loss().packets() == 0 && hop.loss().hidden() == 0;
        }
        String message = (several == null ? "%s got the last question and did not answer it" : "%s got %d more questions and answered none")
                + ", after it had answered every one before";
        return !vain ? null : Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, last),
                message.formatted(Frames.endpoint(trace), count),
                Frames.of(trace, several == null ? List.of(question) : several.frames()))
                .explaining(EstablishedTypes.ICMP_UNREACHABLE).advised(EstablishmentTypes.POD_READS_NO_DATAGRAMS);
    }

    /** Whether each question before those without an answer had one, where both show. */
    private static boolean everyOneBefore(Flow flow, Sign unanswered) {
        return unanswered(flow, unanswered.place()) == unanswered.count();
    }

    /** How many of the questions that a place shows have no answer there; -1 where it does not show both. */
    static long unanswered(Flow flow, int place) {
        FlowLeg asked = flow.requestLeg(flow.places().get(place));
        FlowLeg answered = flow.replyLeg(flow.places().get(place));
        return asked == null || answered == null ? -1 : asked.asked() - answered.answers();
    }
}
