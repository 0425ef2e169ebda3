package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.nat.Story;
import io.nattrail.net.Duration;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection that was established and then broke: the first thing that ended it. Resets that follow from an earlier one are consequences
 * (the pod resets what it no longer knows, the client resets what it never asked for).
 *
 * <p>A reset after both sides said FIN ends nothing. A client that resets after it has its answer costs nobody anything but is worth a
 * warning, since the pod sees an error.
 */
final class BrokenLater implements Detector {
    private static final int FULL_SIZE = 1000;
    private static final long MARGIN_NANOS = 500_000_000L;
    /** A kernel answers what it got for a port that nobody has within microseconds; so much more for a busy node. */
    private static final long AT_ONCE_NANOS = 50_000_000L;
    private static final long LEAST_VAIN_NANOS = 1_000_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (!flow.story().clientSawSynAck()) {
            return List.of();
        }
        if (!flow.tcp()) {
            Finding finding = datagramsCutOff(trace, facts);
            return finding == null ? List.of() : List.of(finding);
        }
        Finding remapped = remapped(trace);
        if (remapped != null) {
            return List.of(remapped);
        }
        Sign reset = firstReset(trace);
        Finding finding = reset == null ? null : gaveUp(trace, reset) ? cutOff(trace, Direction.REPLY, facts)
                : KeepAlives.inVain(trace, reset, facts);
        if (finding == null && reset != null) {
            finding = judge(trace, reset, facts);
        }
        if (finding == null) {
            finding = cutOff(trace, facts);
        }
        return finding == null ? List.of() : List.of(finding);
    }

    // Another translation

    private static Finding remapped(FlowTrace trace) {
        Flow flow = trace.flow();
        for (FlowLeg leg : flow.legs()) {
            // A late duplicate of the SYN opens a connection of its own, which nobody uses: no data of this one goes that way.
            boolean unused = leg.syns() > 0 && !leg.history().contains("D") && !leg.history().contains("F");
            if (leg.relation() != Relation.REMAPPED || leg.requests() == 0 || unused) {
                continue;
            }
            List<SeenFrame> frames = new ArrayList<>();
            frames.add(leg.firstRequest());
            if (leg.firstReply() != null) {
                frames.add(leg.firstReply());
            }
            Sign silence = flow.sign(Sign.Kind.SILENCE);
            String after = silence == null ? "" : " after %s of silence".formatted(Duration.of(silence.value()));
            boolean refused = leg.history().contains("r") || leg.replies() == 0;
            Finding finding = Finding.of(TranslationTypes.NAT_REMAPPED_MIDFLOW, "1.2", trace.captures().point(leg.point()).name(),
                    "data went on as %s instead of %s%s: the node had forgotten the translation%s".formatted(leg.tuple(),
                            flow.translated() == null ? "to a pod on the node itself" : "as " + flow.translated(), after,
                            refused ? ", and the pod does not know this connection" : ""), Frames.of(trace, frames))
                    .explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.RESET_MIDSTREAM, EstablishedTypes.IDLE_TIMEOUT_DROP,
                            EstablishedTypes.RESET_BY_CLIENT, EstablishmentTypes.CONNECTION_REFUSED, EstablishedTypes.RETRANSMISSION,
                            EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE);
            return refused ? finding.failing("1.2") : finding;
        }
        return null;
    }

    // Resets

    /** The reset that came first on the common clock; between equal ones the one that no earlier place sent. */
    static Sign firstReset(FlowTrace trace) {
        Sign first = null;
        long firstTime = Long.MAX_VALUE;
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() == Sign.Kind.RESET && sign.place() >= 0) {
                long time = trace.captures().aligned(sign.frames().get(0));
                if (time < firstTime) {
                    first = sign;
                    firstTime = time;
                }
            }
        }
        return first;
    }

    private static Finding judge(FlowTrace trace, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        Story story = flow.story();
        Sign asked = flow.sign(Sign.Kind.ASKED_AFTER_CLOSE);
        if (asked != null && reset.direction() == Direction.REPLY && byEnd(trace, reset) && previousReplyPlace(trace, reset.place()) < 0) {
            return Finding.fatal(EstablishedTypes.RESET_BY_POD, "1.6", Frames.pointOf(trace, reset.place()),
                    "%s had sent FIN, and answered what the client asked after that with RST".formatted(
                            Frames.endpoint(trace)), Frames.join(Frames.of(trace, asked.frames()),
                                    Frames.of(trace, reset.frames()))).explaining(EstablishedTypes.RETRANSMISSION);
        }
        if (story.clientFin() && story.endpointFin() && !before(trace, reset)) {
            return ignored(trace, reset);
        }
        return reset.direction() == Direction.REQUEST ? byClientSide(trace, reset, facts) : byPodSide(trace, reset, facts);
    }

    /** Whether data was still unanswered when it came. */
    private static boolean before(FlowTrace trace, Sign reset) {
        return !trace.flow().story().replyAcked() && reset.direction() == Direction.REPLY;
    }

    private static Finding byClientSide(FlowTrace trace, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        Spot spot = trace.spots().get(reset.place());
        List<FrameRef> evidence = Frames.of(trace, reset.frames());
        String point = Frames.pointOf(trace, reset.place());
        int previous = previousRequestPlace(trace, reset.place());
        int shown = reset.place();
        boolean clientsHidden = trace.captures().originalBlind(trace.flow().places().get(reset.place()).point());
        boolean behindNat = spot == Spot.ENTRY_OUT || spot == Spot.TARGET_BRIDGE && Boolean.TRUE.equals(trace.local());
        boolean inside = behindNat && previous >= 0 && (trace.spots().get(previous) == Spot.ENTRY_IN
                || clientsHidden && Ttl.fresh(reset.value()));
        if (inside && !Ttl.fresh(reset.value())) {
            // What the node's stack makes has a fresh TTL: this one came in, and the capture missed it there.
            shown = previous;
            previous = previousRequestPlace(trace, previous);
        }
        if (previous < 0 && byEnd(trace, reset)) {
            boolean complete = flow.story().replyBytes() > 0 && !flow.story().lastIsRequestData() || flow.story().endpointFin();
            if (flow.story().endpointFin() && flow.story().replyAcked() && flow.story().clientFin()) {
                return null;
            }
            if (flow.story().requestBytes() == 0 && flow.story().replyBytes() == 0 && !flow.story().midstream()) {
                // A probe or scan: it wanted to know whether somebody listens, and nothing else.
                return Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", point,
                        "the client ended the connection with RST before anything was said, as health probes do", evidence)
                        .as(Severity.INFO);
            }
            Finding finding = Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", point,
                    complete ? "the client ended the connection with RST after it had its answer"
                            : "the client ended the connection with RST before it had an answer", evidence);
            return complete ? finding : finding.as(Severity.ERROR).failing("1.1");
        }
        if (inside && Ttl.fresh(reset.value())) {
            FlowHop back = flow.hopFrom(reset.place(), Direction.REPLY);
            List<FrameRef> proof = back == null ? evidence : Frames.join(Frames.of(trace, back.lostFrames()), evidence);
            return Finding.fatal(EstablishedTypes.NODE_RESET_ON_INVALID, "2.0", point,
                    "%s itself sent RST to the pod, which no client sent: it took a segment of the answer for invalid".formatted(
                            Frames.entryNode(trace)), proof)
                    .explaining(EstablishedTypes.INVALID_DROPPED, EstablishedTypes.REPLY_NOT_FORWARDED, EstablishedTypes.LOSS_INSIDE_NODE,
                            EstablishedTypes.LOSS, EstablishedTypes.RESET_BY_POD, EstablishedTypes.RETRANSMISSION,
                            EstablishedTypes.RESET_MIDSTREAM, EstablishedTypes.OUT_OF_ORDER, EstablishedTypes.DUPLICATE_PACKET,
                            EstablishedTypes.TTL_UNEXPECTED);
        }
        String step = previous < 0 ? "1.1" : Frames.stepOf(trace, previous, shown, Direction.REQUEST);
        Finding idle = IdleTimeout.reset(trace, reset, step, facts);
        if (idle != null) {
            return idle;
        }
        return midstream(trace, reset, previous, step, evidence, point);
    }

    private static Finding byPodSide(FlowTrace trace, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        List<FrameRef> evidence = Frames.of(trace, reset.frames());
        String point = Frames.pointOf(trace, reset.place());
        int previous = previousReplyPlace(trace, reset.place());
        if (previous < 0 && flow.story().endpointFin() && flow.story().replyAcked()) {
            return null;
        }
        if (previous < 0 && byEnd(trace, reset)) {
            return Finding.fatal(EstablishedTypes.RESET_BY_POD, "1.6", point,
                    "%s ended the connection with RST %s".formatted(Frames.endpoint(trace),
                            flow.story().replyBytes() == 0 ? "before it answered" : "in the middle of the exchange"), evidence)
                    .explaining(EstablishedTypes.RETRANSMISSION);
        }
        if (byEntryNode(trace, reset) && !IdleTimeout.cutAfterSilence(trace)) {
            return ofEntryNode(trace, reset, point);
        }
        Sign silence = flow.sign(Sign.Kind.SILENCE);
        boolean fromPodOnEntry = trace.spots().get(reset.place()) == Spot.ENTRY_IN && Boolean.FALSE.equals(trace.local()) && silence != null
                && oneHopAway(reset.value());
        if (fromPodOnEntry) {
            return Finding.of(TranslationTypes.NAT_REMAPPED_MIDFLOW, "1.2", point,
                    ("after %s of silence the data went to a pod on %s instead of %s, and that pod does not know the connection: "
                            + "RST with TTL %d")
                            .formatted(Duration.of(silence.value()), trace.entryNode(), flow.translated(), reset.value()), evidence)
                    .explaining(EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION,
                            EstablishedTypes.RESET_MIDSTREAM, EstablishedTypes.IDLE_TIMEOUT_DROP, EstablishedTypes.TTL_UNEXPECTED)
                    .failing("1.2");
        }
        String unknown = trace.spots().get(reset.place()) == Spot.CLIENT ? "2.0" : "1.6";
        String step = previous < 0 ? unknown : Frames.stepOf(trace, previous, reset.place(), Direction.REPLY);
        Finding idle = IdleTimeout.reset(trace, reset, step, facts);
        if (idle != null) {
            return idle;
        }
        return midstream(trace, reset, previous, step, evidence, point);
    }

    /** An answer that no router has touched as it leaves the entry node, where what the endpoint sends was forwarded, is the node's own. */
    private static boolean byEntryNode(FlowTrace trace, Sign reset) {
        int usual = usualTtl(trace, reset);
        return reset.direction() == Direction.REPLY && trace.spots().get(reset.place()) == Spot.ENTRY_IN && Ttl.fresh(reset.value())
                && usual >= 0 && !Ttl.fresh(usual);
    }

    /** What the entry node got of the client, did not send on, and so may have answered with its own reset at once. */
    private static List<SeenFrame> keptBefore(FlowTrace trace, Sign reset) {
        List<SeenFrame> kept = new ArrayList<>(1);
        FlowHop onwards = trace.flow().hopFrom(reset.place(), Direction.REQUEST);
        if (onwards == null || !Frames.insideEntryNode(trace, onwards.from(), onwards.to())) {
            return kept;
        }
        for (SeenFrame frame : onwards.lostFrames()) {
            long wait = reset.frames().get(0).timeNanos() - frame.timeNanos();
            if (wait >= 0 && wait < AT_ONCE_NANOS) {
                kept.add(frame);
            }
        }
        return kept;
    }

    /**
     * The node answered a segment of the client instead of sending it on. Where it sent on what came after, that one segment was INVALID
     * for its conntrack: not translated, it came to the node's own stack, which knows no such connection. A rule that rejects goes on
     * with it.
     */
    private static Finding ofEntryNode(FlowTrace trace, Sign reset, String point) {
        List<SeenFrame> kept = keptBefore(trace, reset);
        List<FrameRef> evidence = Frames.join(Frames.of(trace, kept), Frames.of(trace, reset.frames()));
        String node = Frames.entryNode(trace);
        FlowHop onwards = trace.flow().hopFrom(reset.place(), Direction.REQUEST);
        if (!kept.isEmpty() && onwards.lastArrived()) {
            return explainingWhatFollows(Finding.fatal(EstablishedTypes.NODE_RESET_ON_INVALID, "1.2", point,
                    "%s itself answered a segment of the client with RST, which no pod sent, instead of sending it on: it took it for "
                            .formatted(node) + "invalid", evidence), onwards, kept);
        }
        return explainingWhatFollows(Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, "1.2", point,
                "%s itself sent the client a RST, which no pod sent: a rule there rejects what the client sends, or the node took it for "
                        .formatted(node) + "invalid and answered it", evidence), onwards, kept);
    }

    /** A RST of the entry node that the client took for none of its connection's, since its number was not the next: nothing ended. */
    private static Finding ignored(FlowTrace trace, Sign reset) {
        List<SeenFrame> kept = byEntryNode(trace, reset) ? keptBefore(trace, reset) : List.of();
        if (kept.isEmpty()) {
            return null;
        }
        return explainingWhatFollows(Finding.of(EstablishedTypes.NODE_RESET_ON_INVALID, "1.2", Frames.pointOf(trace, reset.place()),
                Frames.entryNode(trace)
                        + " itself answered a segment of the client with RST instead of sending it on, since it took it for invalid; "
                        + "the client went on all the same",
                Frames.join(Frames.of(trace, kept), Frames.of(trace, reset.frames()))).as(Severity.WARNING),
                trace.flow().hopFrom(reset.place(), Direction.REQUEST), kept);
    }

    private static Finding explainingWhatFollows(Finding finding, FlowHop onwards, List<SeenFrame> kept) {
        Finding all = finding.explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RESET_MIDSTREAM,
                EstablishedTypes.RETRANSMISSION, EstablishedTypes.TTL_UNEXPECTED);
        return onwards != null && onwards.lost() == kept.size() ? all.explaining(EstablishedTypes.LOSS_INSIDE_NODE) : all;
    }

    private static boolean oneHopAway(long ttl) {
        return Ttl.fresh(ttl + 1);
    }

    private static Finding midstream(FlowTrace trace, Sign reset, int previous, String step, List<FrameRef> evidence, String point) {
        if (previous >= 0 && !trace.captures().ranAt(reset.frames().get(0), trace.flow().places().get(previous).point())) {
            // The capture before it had ended, or not begun: the peer itself may have sent it.
            return null;
        }
        int usual = usualTtl(trace, reset);
        String ttl = usual >= 0 && usual != reset.value() ? ", with TTL %d where the peer's packets have %d".formatted(reset.value(), usual)
                : "";
        return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, step, point,
                previous < 0 ? "a RST shows at %s%s: something in between reset the connection".formatted(point, ttl)
                        : "a RST shows at %s that %s never sent%s: something in between reset the connection".formatted(point,
                                Frames.pointOf(trace, previous), ttl), evidence)
                .explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RETRANSMISSION,
                        EstablishmentTypes.HALF_OPEN, EstablishedTypes.LOSS);
    }

    /** The TTL of the other packets of a reset's direction at its place; -1 if there are none. */
    private static int usualTtl(FlowTrace trace, Sign reset) {
        Place place = trace.flow().places().get(reset.place());
        boolean request = reset.direction() == Direction.REQUEST;
        FlowLeg leg = request ? trace.flow().requestLeg(place) : trace.flow().replyLeg(place);
        return leg == null ? -1 : request ? leg.requestTtl() : leg.replyTtl();
    }

    /** Whether a reset, as the client's side shows it, is the client's own. */
    static boolean byClient(FlowTrace trace, Sign reset) {
        return reset.direction() == Direction.REQUEST && reset.place() == 0 && byEnd(trace, reset);
    }

    /** Whether a reset came from as far away as its direction's other packets; stacks may begin with another TTL for it. */
    private static boolean byEnd(FlowTrace trace, Sign reset) {
        int usual = usualTtl(trace, reset);
        return usual < 0 || Ttl.routersPassed(usual) == Ttl.routersPassed(reset.value());
    }

    /** The place before, on the requests' way, that shows requests; -1 if there is none. */
    private static int previousRequestPlace(FlowTrace trace, int place) {
        for (int p = place - 1; p >= 0; p--) {
            FlowLeg leg = trace.flow().requestLeg(trace.flow().places().get(p));
            if (leg != null && leg.requests() > 0) {
                return p;
            }
        }
        return -1;
    }

    private static int previousReplyPlace(FlowTrace trace, int place) {
        for (int p = place + 1; p < trace.flow().places().size(); p++) {
            FlowLeg leg = trace.flow().replyLeg(trace.flow().places().get(p));
            if (leg != null && leg.replies() > 0) {
                return p;
            }
        }
        return -1;
    }

    // Cut off

    /** Whether a client's reset only says that the answer, sent again and again all the while, came too late. */
    private static boolean gaveUp(FlowTrace trace, Sign reset) {
        Sign vain = trace.flow().sign(Sign.Kind.ANSWERED_IN_VAIN);
        return vain != null && reset.direction() == Direction.REQUEST && trace.captures().aligned(reset.frames().get(0))
                - trace.captures().aligned(vain.frames().get(0)) >= LEAST_VAIN_NANOS;
    }

    /** Data that was sent again and again and never got through, in the direction that ended last. */
    private static Finding cutOff(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (!flow.story().requestAcked()) {
            Finding silent = silentBeforeLoss(trace);
            Finding finding = silent != null ? silent : cutOff(trace, Direction.REQUEST, facts);
            if (finding != null) {
                return finding;
            }
        }
        if (!flow.story().replyAcked() || flow.story().lastIsRequestData() || flow.sign(Sign.Kind.ANSWERED_IN_VAIN) != null) {
            Finding finding = cutOff(trace, Direction.REPLY, facts);
            return finding != null ? finding : fellSilent(trace);
        }
        return fellSilent(trace);
    }

    /**
     * The endpoint had the client's data again and again before the rest of it was lost or not captured: once the neighbour's entry of a
     * pod that is gone has expired, its node sends it nothing more.
     */
    private static Finding silentBeforeLoss(FlowTrace trace) {
        Flow flow = trace.flow();
        Sign vain = flow.sign(Sign.Kind.DELIVERED_IN_VAIN);
        if (vain == null || vain.place() != trace.placeAtEndpoint() || flow.windowClosed() || flow.sign(Sign.Kind.RESET) != null) {
            return null;
        }
        for (Complaint complaint : Complaint.of(flow)) {
            if (complaint.error().quotedFromOpener()) {
                return null;
            }
        }
        for (FlowHop hop : flow.hops()) {
            boolean before = hop.lostData() > 0
                    && trace.captures().aligned(hop.lostFrames().get(0)) < trace.captures().aligned(vain.frames().get(1));
            if (hop.direction() == Direction.REQUEST && before) {
                return null;
            }
        }
        return silent(trace, vain.place(), vain).explaining(EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE);
    }

    /** The client's data reach the endpoint again and again, and nothing comes back any more. */
    private static Finding fellSilent(FlowTrace trace) {
        Flow flow = trace.flow();
        int last = trace.placeAtEndpoint();
        FlowLeg leg = last < 0 ? null : flow.requestLeg(flow.places().get(last));
        if (leg == null || flow.story().requestAcked() || flow.windowClosed()) {
            return null;
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.lostData() > 0 || hop.hidden() > 0) {
                return null;
            }
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == Direction.REPLY && hop.lost() > 0 && !hop.lastArrived()) {
                return acknowledgedInVain(trace, hop);
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

    /** The endpoint did not fall silent: it acknowledged what came again, and a hop lost that. One that is lost once tells nothing. */
    private static Finding acknowledgedInVain(FlowTrace trace, FlowHop hop) {
        if (hop.lost() < 2) {
            return null;
        }
        return lost(trace, hop, "the connection was cut off: %s acknowledged what the client sent, and that left %s %s and never reached %s"
                .formatted(Frames.endpoint(trace), Frames.pointOf(trace, hop.from()), Frames.times(hop.lost()),
                        Frames.pointOf(trace, hop.to())), Frames.of(trace, hop.lostFrames()))
                .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                        EstablishedTypes.INVALID_DROPPED);
    }

    private static Finding silent(FlowTrace trace, int place, Sign repeated) {
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, place),
                "%s got the client's data %s more and did not answer any longer".formatted(Frames.endpoint(trace),
                        Frames.times(repeated.count())), Frames.of(trace, repeated.frames()))
                .explaining(EstablishedTypes.RETRANSMISSION);
    }

    /** Whether every question had its answer but one, as the client's side shows; of datagrams. */
    static boolean allButOneAnswered(Flow flow) {
        FlowLeg asked = flow.places().isEmpty() ? null : flow.requestLeg(flow.places().get(0));
        FlowLeg answered = flow.places().isEmpty() ? null : flow.replyLeg(flow.places().get(0));
        return asked != null && answered != null && answered.replies() > 0 && asked.requests() == answered.replies() + 1;
    }

    /** A client that had answers before waits for the last one in vain: the hop that lost the question, or else its answer. */
    private static Finding datagramsCutOff(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        // One question without answer tells only where each other had one.
        if (flow.sign(Sign.Kind.UNANSWERED) == null && !allButOneAnswered(flow)) {
            return null;
        }
        for (Direction direction : Direction.values()) {
            for (FlowHop hop : flow.hops()) {
                if (hop.direction() == direction && hop.lost() > 0 && !hop.lastArrived()) {
                    if (flow.sign(Sign.Kind.UNANSWERED) == null && facts.missedAt(flow.places().get(hop.to()).point()) > 0) {
                        // A capture that lacks other packets may lack a single datagram that nobody asked for again.
                        return null;
                    }
                    String from = Frames.pointOf(trace, hop.from());
                    String to = Frames.pointOf(trace, hop.to());
                    return lost(trace, hop, "the last %s left %s and never reached %s".formatted(
                            direction == Direction.REQUEST ? "question" : "answer", from, to), Frames.of(trace, hop.lostFrames()))
                            .explaining(EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE, EstablishedTypes.INVALID_DROPPED,
                                    EstablishmentTypes.HALF_OPEN);
                }
            }
        }
        return podFellSilent(trace);
    }

    /**
     * A pod that answered each question, and then two and more in vain: they reached it, its capture ran on, and nothing came back. Where
     * not every question had its answer before, the protocol may be one that does not answer.
     */
    private static Finding podFellSilent(FlowTrace trace) {
        Flow flow = trace.flow();
        Sign unanswered = flow.sign(Sign.Kind.UNANSWERED);
        int last = trace.placeAtEndpoint();
        FlowLeg asked = last < 0 ? null : flow.requestLeg(flow.places().get(last));
        FlowLeg answered = last < 0 ? null : flow.replyLeg(flow.places().get(last));
        if (unanswered == null || unanswered.value() < LEAST_VAIN_NANOS || asked == null || asked.last() == null || answered == null
                || asked.requests() - answered.replies() != unanswered.count()) {
            return null;
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.lost() > 0 || hop.hidden() > 0) {
                return null;
            }
        }
        for (Complaint complaint : Complaint.of(flow)) {
            // A closed port is no silence; kernels limit how often they say so.
            if (complaint.error().quotedFromOpener() && complaint.error().portUnreachable()) {
                return null;
            }
        }
        int point = asked.point();
        if (trace.captures().coverage(point, asked.last().timeNanos() + MARGIN_NANOS, point) != Coverage.SURE) {
            return null;
        }
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, last),
                "%s got %d more questions and answered none, after it had answered every one before".formatted(
                        Frames.endpoint(trace), unanswered.count()), Frames.of(trace, unanswered.frames()))
                .explaining(EstablishedTypes.ICMP_UNREACHABLE);
    }

    /** The step at which a hop lost what ended the flow: the first that may be to blame. */
    static String stepOf(FlowTrace trace, FlowHop hop) {
        String first = Frames.firstOfSeveral(trace, hop);
        return first == null ? Frames.stepOf(trace, hop.from(), hop.to(), hop.direction()) : first;
    }

    /** What a hop lost ended the flow. */
    static Finding lost(FlowTrace trace, FlowHop hop, String message, List<FrameRef> evidence) {
        String first = Frames.firstOfSeveral(trace, hop);
        boolean anywhere = first != null;
        String step = anywhere ? first : Frames.stepOf(trace, hop.from(), hop.to(), hop.direction());
        return Finding.fatal(anywhere ? EstablishedTypes.LOSS : lostAt(trace, hop, step), step, Frames.pointOf(trace, hop.to()),
                anywhere ? message + "; no capture in between tells where" : message, evidence).as(Severity.ERROR);
    }

    private static DeviationType lostAt(FlowTrace trace, FlowHop hop, String step) {
        boolean inside = Frames.insideEntryNode(trace, hop.from(), hop.to());
        return hop.direction() == Direction.REQUEST
                ? step.equals("1.1") ? EstablishmentTypes.REQUEST_LOST_BEFORE_NODE1
                        : inside ? EstablishmentTypes.REQUEST_NOT_FORWARDED : EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES
                : step.equals("2.0") ? inside ? EstablishedTypes.REPLY_NOT_FORWARDED : EstablishedTypes.REPLY_LOST_BEFORE_CLIENT
                        : EstablishedTypes.REPLY_LOST_BETWEEN_NODES;
    }

    private static Finding cutOff(FlowTrace trace, Direction direction, CaseFacts facts) {
        Flow flow = trace.flow();
        FlowHop broken = worstHop(flow, direction);
        if (broken == null) {
            return lostWithOthers(trace, direction, facts);
        }
        // A filter of flags shows data nowhere.
        if (complainedOf(trace, broken) || !facts.showsMoreThanSyns(flow.places().get(broken.to()).point())) {
            return null;
        }
        List<FrameRef> evidence = Frames.of(trace, broken.lostFrames());
        String step = stepOf(trace, broken);
        String from = Frames.pointOf(trace, broken.from());
        String to = Frames.pointOf(trace, broken.to());
        boolean onlyLarge = broken.leastLostBytes() >= FULL_SIZE && broken.leastLostBytes() > broken.mostDeliveredBytes();
        if (onlyLarge) {
            return blackHole(trace, broken, step, evidence);
        }
        Sign silence = flow.sign(Sign.Kind.SILENCE);
        if (IdleTimeout.cutAfterSilence(trace) && IdleTimeout.plausible(silence.value(), trace, facts)) {
            return Finding.fatal(EstablishedTypes.IDLE_TIMEOUT_DROP, step, to,
                    "after %s of silence the next packets left %s and never reached %s: something in between had forgotten the connection"
                            .formatted(Duration.of(silence.value()), from, to), Frames.join(Frames.of(trace, silence.frames()), evidence))
                    .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.RESET_BY_POD,
                            EstablishedTypes.RESET_BY_CLIENT);
        }
        boolean tooLate = broken.lastArrived();
        if (tooLate && !allInVain(flow, broken)) {
            return null;
        }
        String message = tooLate
                ? "the connection was cut off: data that left %s was lost %s on the way to %s, and none of it was acknowledged"
                : "the connection was cut off: data left %s %s and never reached %s";
        return lost(trace, broken, message.formatted(from, Frames.times(broken.lostData()), to), evidence)
                .explaining(EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                        EstablishedTypes.INVALID_DROPPED, EstablishedTypes.RESET_BY_CLIENT);
    }

    private static Finding blackHole(FlowTrace trace, FlowHop broken, String step, List<FrameRef> evidence) {
        String to = Frames.pointOf(trace, broken.to());
        Complaint untold = IcmpErrors.untold(trace, broken.direction());
        String told = untold == null ? "no ICMP told the sender"
                : "%s asked for packets of at most %d bytes, and its ICMP shows at %s and did not come to the sender".formatted(
                        untold.error().sender(), untold.error().mtu(), trace.captures().point(untold.leg().point()).name());
        List<FrameRef> proof = untold == null ? evidence
                : Frames.join(evidence, Frames.of(trace, List.of(untold.frame())));
        Finding finding = Finding.fatal(EstablishedTypes.PMTU_BLACKHOLE, step, to,
                ("packets with %d bytes of data and more (%d with headers) left %s %s and never reached %s, while packets with up to %d "
                        + "did; %s").formatted(broken.leastLostBytes(), broken.leastLostBytes() + Frames.headers(trace.flow()),
                                Frames.pointOf(trace, broken.from()), Frames.times(broken.lostData()), to, broken.mostDeliveredBytes(),
                                told), proof)
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
            if (hop.direction() == direction && hop.hidden() > 0 && !hop.lastArrived()
                    && facts.showsMoreThanSyns(flow.places().get(hop.to()).point()) && trace.captures().coverage(first.point(),
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

    /** Whether an answer was sent again and again, lost by a hop most times, and never acknowledged, whatever small packet came later. */
    private static boolean allInVain(Flow flow, FlowHop broken) {
        Sign vain = flow.sign(Sign.Kind.ANSWERED_IN_VAIN);
        return vain != null && broken.direction() == Direction.REPLY && broken.lostData() * 2 > vain.count() && !flow.windowClosed();
    }

    /** The hop of a direction that lost most, if it lost data more than once; or null. */
    static FlowHop worstHop(Flow flow, Direction direction) {
        FlowHop broken = null;
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == direction && hop.lostData() >= 2 && (broken == null || hop.lostData() > broken.lostData())) {
                broken = hop;
            }
        }
        return broken;
    }

    /**
     * Whether ICMP told what became of the requests that a hop lost: behind the NAT somebody got them and could not deliver them, as the
     * node of an endpoint that is gone. {@link IcmpErrors} tells it.
     */
    static boolean complainedOf(FlowTrace trace, FlowHop hop) {
        if (hop.direction() != Direction.REQUEST || hop.lostFrames().isEmpty() || trace.flow().translated() == null) {
            return false;
        }
        long lost = trace.captures().aligned(hop.lostFrames().get(0));
        for (Complaint complaint : Complaint.of(trace.flow())) {
            boolean behindNat = complaint.leg().relation() == Relation.TRANSLATED
                    && !complaint.error().sender().equals(trace.flow().translated().source().address());
            if (behindNat && complaint.error().quotedFromOpener() && !complaint.error().packetTooBig()
                    && trace.captures().aligned(complaint.frame()) > lost) {
                return true;
            }
        }
        return false;
    }

    static boolean afterSilence(FlowTrace trace, Sign silence, FlowHop hop) {
        long end = trace.captures().aligned(silence.frames().get(1));
        for (SeenFrame frame : hop.lostFrames()) {
            if (trace.captures().aligned(frame) < end - MARGIN_NANOS) {
                return false;
            }
        }
        return !hop.lostFrames().isEmpty();
    }
}
