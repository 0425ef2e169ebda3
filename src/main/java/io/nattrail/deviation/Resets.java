package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
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
 * Who reset an established connection: the client, the endpoint, a node's own kernel, or something in between in another's name. Resets
 * that follow from an earlier one are consequences (the pod resets what it no longer knows, the client resets what it never asked for).
 *
 * <p>A reset after both sides said FIN ends nothing. A client that resets after it has its answer costs nobody anything but is worth a
 * warning, since the pod sees an error.
 */
final class Resets {
    /** A kernel answers what it got for a port that nobody has within microseconds; so much more for a busy node. */
    private static final long AT_ONCE_NANOS = 50_000_000L;
    /** The initial retransmission timeout is a second (RFC 6298, section 2), the clocks of two kernels not quite alike. */
    private static final long LEAST_LATE_NANOS = 900_000_000L;

    private Resets() {
    }

    /** The reset that came first on the common clock; between equal ones the one that no earlier place sent. */
    static Sign first(FlowTrace trace) {
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

    /** Whether a reset, as the client's side shows it, is the client's own. */
    static boolean byClient(FlowTrace trace, Sign reset) {
        return reset.direction() == Direction.REQUEST && reset.place() == 0 && byEnd(trace, reset);
    }

    /** What a reset tells; null if it ended nothing, or nobody can say who sent it. */
    static Finding judge(FlowTrace trace, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        Story story = flow.story();
        Sign asked = flow.sign(Sign.Kind.ASKED_AFTER_CLOSE);
        if (asked != null && reset.direction() == Direction.REPLY && byEnd(trace, reset) && previousReplyPlace(trace, reset.place()) < 0) {
            boolean crossed = asked.frames().get(1).timeNanos() < asked.frames().get(0).timeNanos();
            String message = "%s had sent FIN%s, and answered what %s with RST".formatted(Frames.endpoint(trace),
                    asked.value() == 0 ? "" : " %s after its last answer".formatted(Duration.of(asked.value())),
                    crossed ? "the client asked while that was under way" : "came from the client after that");
            return Finding.fatal(EstablishedTypes.RESET_BY_POD, "1.6", Frames.pointOf(trace, reset.place()), message,
                    Frames.join(Frames.of(trace, asked.frames()), Frames.of(trace, reset.frames())))
                    .explaining(EstablishedTypes.RETRANSMISSION).checking(EstablishedTypes.POOL_GIVES_UP_FIRST);
        }
        Finding tooLate = reset.direction() == Direction.REQUEST ? answerTooLate(trace, reset, facts) : null;
        if (tooLate != null) {
            return tooLate;
        }
        if (story.clientFin() && story.endpointFin() && !answerUnderWay(trace, reset)) {
            return ignored(trace, reset);
        }
        return reset.direction() == Direction.REQUEST ? byClientSide(trace, reset, facts) : byPodSide(trace, reset, facts);
    }

    /** What an ABORT tells that ended an association of SCTP: it carries no number that would tell what of the exchange was complete. */
    static Finding ofAssociation(FlowTrace trace, Sign abort) {
        boolean request = abort.direction() == Direction.REQUEST;
        String point = Frames.pointOf(trace, abort.place());
        List<FrameRef> evidence = Frames.of(trace, abort.frames());
        int previous = request ? previousRequestPlace(trace, abort.place()) : previousReplyPlace(trace, abort.place());
        if (previous >= 0 || !byEnd(trace, abort)) {
            String from = previous < 0 ? "" : " that %s never sent".formatted(Frames.pointOf(trace, previous));
            String unknown = request ? "1.1" : trace.spots().get(abort.place()) == Spot.CLIENT ? "2.0" : "1.6";
            return previous >= 0 && !trace.captures().ranAt(abort.frames().get(0), trace.flow().places().get(previous).point()) ? null
                    : Finding.fatal(EstablishedTypes.RESET_MIDSTREAM,
                            previous < 0 ? unknown : Frames.stepOf(trace, previous, abort.place(), abort.direction()), point,
                            "an ABORT shows at %s%s: something in between ended the association".formatted(point, from), evidence);
        }
        return request ? Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", point, "the client ended the association with ABORT", evidence)
                : Finding.fatal(EstablishedTypes.RESET_BY_POD, "1.6", point,
                        "%s ended the association with ABORT".formatted(Frames.endpoint(trace)), evidence);
    }

    /** Whether the endpoint's reset, or another's that has its answers and sends none on, came while these were on their way. */
    private static boolean answerUnderWay(FlowTrace trace, Sign reset) {
        if (reset.direction() == Direction.REPLY) {
            return !trace.flow().story().replyAcked();
        }
        FlowHop back = trace.flow().hopFrom(reset.place(), Direction.REPLY);
        return back != null && back.loss().leastBytes() > 0 && back.loss().data() > back.loss().old() && !back.lastArrived()
                && previousRequestPlace(trace, reset.place()) >= 0;
    }

    private static Finding byClientSide(FlowTrace trace, Sign reset, CaseFacts facts) {
        List<FrameRef> evidence = Frames.of(trace, reset.frames());
        String point = Frames.pointOf(trace, reset.place());
        if (byEntryNodeToPod(trace, reset)) {
            return ofEntryNodeToPod(trace, reset, point, evidence);
        }
        int previous = previousRequestPlace(trace, reset.place());
        int shown = reset.place();
        if (previous >= 0 && trace.spots().get(previous) == Spot.ENTRY_IN && behindNat(trace, shown)) {
            // What the node's stack makes has a fresh TTL: this one came in, and the capture missed it there.
            shown = previous;
            previous = previousRequestPlace(trace, previous);
        }
        if (previous < 0 && byEnd(trace, reset)) {
            return ofClient(trace, reset, point, evidence, facts);
        }
        if (missedBefore(trace, reset, previous, facts)) {
            return ofClient(trace, reset, point, evidence, facts);
        }
        String step = previous < 0 ? "1.1" : Frames.stepOf(trace, previous, shown, Direction.REQUEST);
        return inBetween(trace, reset, previous, step, facts);
    }

    private static Finding ofClient(FlowTrace trace, Sign reset, String point, List<FrameRef> evidence, CaseFacts facts) {
        Story story = trace.flow().story();
        boolean complete = story.replyBytes() > 0 && !story.lastIsRequestData() || story.endpointFin() || gotMore(trace, reset, facts)
                || story.requestAcked() && answersNowhere(trace.flow());
        if (refusedInVain(trace) != null) {
            return Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", point,
                    "the client had given up, and answered with RST what came then", evidence);
        }
        boolean unknown = trace.flow().sign(Sign.Kind.ANSWER_NOT_SHOWN) != null || onlyItsEnd(story);
        Finding tooLate = synAckTooLate(trace, reset);
        if (tooLate != null) {
            return tooLate;
        }
        if (story.requestBytes() == 0 && story.replyBytes() == 0 && !story.midstream()) {
            // A probe or scan: it wanted to know whether somebody listens, and nothing else.
            return Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", point,
                    "the client ended the connection with RST before anything was said, as health probes do", evidence)
                    .as(Severity.INFO);
        }
        if (unknown && !complete) {
            return Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", point,
                    "the client ended the connection with RST; whether it had its answer does not show", evidence);
        }
        String when = complete && stoppedReading(trace.flow()) ? "in the middle of an answer that it had stopped reading"
                : complete ? "after it had its answer" : "before it had an answer";
        Finding finding = Finding.of(EstablishedTypes.RESET_BY_CLIENT, "1.1", point, "the client ended the connection with RST " + when,
                evidence);
        return complete ? finding : finding.as(Severity.ERROR).failing("1.1");
    }

    /** Whether captures begin behind all that was said in a connection: a client that ends it then may have had all that there was. */
    private static boolean onlyItsEnd(Story story) {
        return story.midstream() && story.requestBytes() == 0 && story.replyBytes() == 0;
    }

    /** Whether no capture shows any answer: the client's acknowledgements tell what it had. */
    private static boolean answersNowhere(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (leg.replies() > 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean stoppedReading(Flow flow) {
        Sign stuck = flow.sign(Sign.Kind.WINDOW_STUCK);
        return stuck != null && stuck.direction() == Direction.REQUEST;
    }

    /**
     * Whether the client got an answer that its own capture does not show: it hides all answers, or it lacks packets of that time, and
     * nothing says that these did not come.
     */
    private static boolean gotMore(FlowTrace trace, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        int client = flow.places().get(0).point();
        if (flow.story().replyBytes() == 0 && flow.story().endpointReplyBytes() > 0 && trace.captures().answersBlind(client)) {
            return true;
        }
        boolean lost = false;
        for (FlowHop hop : flow.hops()) {
            lost |= hop.direction() == Direction.REPLY && hop.loss().data() > 0;
        }
        return flow.story().endpointReplyBytes() > flow.story().replyBytes() && !lost
                && facts.points().mayHaveMissed(reset.frames().get(0), client);
    }

    /**
     * A client that gave up is CLOSED and answers the SYN-ACK with RST at once (RFC 9293, section 3.10.7.1), as a scanner does; but a
     * SYN-ACK that comes as late as a repetition of the first, which a hop lost, is what it had waited for.
     */
    private static Finding synAckTooLate(FlowTrace trace, Sign reset) {
        Flow flow = trace.flow();
        FlowLeg asked = flow.requestLeg(flow.places().get(0));
        FlowLeg answered = flow.replyLeg(flow.places().get(0));
        if (flow.story().established() || flow.story().midstream() || asked == null || answered == null || asked.syns() == 0
                || answered.synAcks() == 0 || answered.point() != asked.point()) {
            return null;
        }
        long late = answered.firstReply().timeNanos() - asked.firstRequest().timeNanos();
        for (FlowHop hop : flow.hops()) {
            boolean before = !hop.loss().frames().isEmpty() && trace.captures().aligned(hop.loss().frames().get(0))
                    < trace.captures().aligned(reset.frames().get(0));
            if (late >= LEAST_LATE_NANOS && hop.loss().packets() > 0 && before) {
                String message = "the connection never began: the %s was lost %s %s; when the SYN-ACK came, %s after the SYN, the client "
                        + "had given up and answered it with RST";
                return CutOff.lost(trace, hop, message.formatted(hop.direction() == Direction.REQUEST ? "SYN" : "SYN-ACK",
                        Frames.times(hop.loss().packets()), HopTroubles.where(trace, hop), Duration.of(late)),
                        Frames.join(Frames.of(trace, hop.loss().frames()), Frames.of(trace, reset.frames())))
                        .explaining(EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                                EstablishedTypes.SYN_RETRANSMITTED);
            }
        }
        return null;
    }

    /**
     * The client's process closed while a hop lost what it said or was told, or while the endpoint took no notice of it, and its kernel
     * refused what came when that was over.
     */
    private static Finding answerTooLate(FlowTrace trace, Sign reset, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign refused = flow.sign(Sign.Kind.ANSWER_REFUSED);
        if (refused == null) {
            return null;
        }
        String late = "; when the answer came, %s after what was last heard, the client had given up and answered it with RST".formatted(
                Duration.of(refused.value()));
        boolean repeated = again(trace, refused, Direction.REPLY).size() >= 2;
        for (FlowHop hop : flow.hops()) {
            List<SeenFrame> lost = meanwhile(trace, refused, hop.loss().frames());
            boolean data = lost.size() >= 2 && hop.loss().data() >= 2;
            // An endpoint that hears no acknowledgement sends what it has sent again, and nothing new.
            boolean acknowledgements = !data && repeated && hop.direction() == Direction.REQUEST && hop.loss().packets() > hop.loss().data()
                    && lost.size() + meanwhile(trace, refused, hop.loss().flagged()).size() > 0;
            if ((data || acknowledgements) && !facts.holes().hideLosses(trace, hop)) {
                String message = data ? "the connection was cut off: data was lost %s %s".formatted(Frames.times(lost.size()),
                        HopTroubles.where(trace, hop)) : ("the connection was cut off: acknowledgements were lost %s, and the pod sent its "
                        + "answer again and again").formatted(HopTroubles.where(trace, hop));
                List<SeenFrame> proof = data ? lost : hop.loss().frames();
                return CutOff.lost(trace, hop, message + late, Frames.join(Frames.of(trace, proof), Frames.of(trace, reset.frames())))
                        .explaining(EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                                EstablishedTypes.RETRANSMISSION).since(trace.captures().aligned(proof.get(0)));
            }
        }
        int last = trace.placeAtEndpoint();
        boolean shown = last >= 0 && flow.requestLeg(flow.places().get(last)) != null && flow.replyLeg(flow.places().get(last)) != null;
        boolean delivered = shown && flow.hops().stream().allMatch(hop -> hop.loss().data() + hop.loss().hidden() == 0);
        List<SeenFrame> again = delivered ? again(trace, refused, Direction.REQUEST) : List.of();
        if (again.size() < 2) {
            return null;
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.direction() == Direction.REPLY && !meanwhile(trace, refused, hop.loss().frames()).isEmpty()) {
                Finding acknowledged = FellSilent.acknowledgedInVain(trace, hop, facts);
                return acknowledged == null ? null : acknowledged.explaining(EstablishedTypes.RESET_BY_CLIENT);
            }
        }
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, last),
                "%s got the client's data %s more and took no notice".formatted(Frames.endpoint(trace), Frames.times(again.size())) + late,
                Frames.join(Frames.of(trace, again), Frames.of(trace, reset.frames())))
                .explaining(EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RETRANSMISSION)
                .advised(EstablishmentTypes.POD_LEFT_CONNECTION);
    }

    /** The late answer to a client that had given up while one side sent again and again, wherever that was lost; null if there is none. */
    static Sign refusedInVain(FlowTrace trace) {
        Sign refused = trace.flow().sign(Sign.Kind.ANSWER_REFUSED);
        boolean repeated = refused != null
                && (again(trace, refused, Direction.REQUEST).size() >= 2 || again(trace, refused, Direction.REPLY).size() >= 2);
        return repeated ? refused : null;
    }

    /** What a side sent again while a client waited in vain, as far as the frames are kept. */
    private static List<SeenFrame> again(FlowTrace trace, Sign refused, Direction direction) {
        List<SeenFrame> found = new ArrayList<>(0);
        for (Sign sign : trace.flow().signs()) {
            if (sign.kind() == Sign.Kind.RETRANSMITTED && sign.direction() == direction) {
                found.addAll(meanwhile(trace, refused, sign.frames()));
            }
        }
        return found;
    }

    /** Those of some frames that were seen while a client waited in vain. */
    private static List<SeenFrame> meanwhile(FlowTrace trace, Sign refused, List<SeenFrame> frames) {
        long begin = trace.captures().aligned(refused.frames().get(0)) - AT_ONCE_NANOS;
        long end = trace.captures().aligned(refused.frames().get(1)) + AT_ONCE_NANOS;
        List<SeenFrame> found = new ArrayList<>(0);
        for (SeenFrame frame : frames) {
            long time = trace.captures().aligned(frame);
            if (time >= begin && time <= end) {
                found.add(frame);
            }
        }
        return found;
    }

    /** Towards the pod, with a fresh TTL, where the client's own resets have passed a router: the node's stack made it. */
    private static boolean byEntryNodeToPod(FlowTrace trace, Sign reset) {
        int previous = previousRequestPlace(trace, reset.place());
        return Ttl.fresh(reset.value()) && previous >= 0 && behindNat(trace, reset.place()) && (trace.spots().get(previous) == Spot.ENTRY_IN
                || trace.captures().originalBlind(trace.flow().places().get(reset.place()).point()));
    }

    /** Whether a place shows what the entry node sends on, translated. */
    private static boolean behindNat(FlowTrace trace, int place) {
        Spot spot = trace.spots().get(place);
        return spot == Spot.ENTRY_OUT || spot == Spot.TARGET_BRIDGE && Boolean.TRUE.equals(trace.local());
    }

    private static Finding ofEntryNodeToPod(FlowTrace trace, Sign reset, String point, List<FrameRef> evidence) {
        FlowHop back = trace.flow().hopFrom(reset.place(), Direction.REPLY);
        List<FrameRef> proof = back == null ? evidence : Frames.join(Frames.of(trace, back.loss().frames()), evidence);
        Sign silence = trace.flow().sign(Sign.Kind.RESET_AFTER_SILENCE);
        boolean forgotten = silence != null && silence.leg() == reset.leg();
        String why = forgotten ? ": the answer came after %s of silence, and the node knew the connection no more".formatted(
                Duration.of(silence.value())) : ", upon a segment of the answer";
        return Finding.fatal(EstablishedTypes.NODE_RESET_ON_INVALID, "2.0", point,
                "%s itself sent RST to the pod, which no client sent%s".formatted(Frames.entryNode(trace), why), proof)
                .checking(forgotten ? EstablishedTypes.NODE_FORGOT : null)
                .explaining(EstablishedTypes.INVALID_DROPPED, EstablishedTypes.REPLY_NOT_FORWARDED, EstablishedTypes.LOSS_INSIDE_NODE,
                        EstablishedTypes.LOSS, EstablishedTypes.RESET_BY_POD, EstablishedTypes.RETRANSMISSION,
                        EstablishedTypes.RESET_MIDSTREAM, EstablishedTypes.OUT_OF_ORDER, EstablishedTypes.DUPLICATE_PACKET,
                        EstablishedTypes.TTL_UNEXPECTED);
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
            return clientWasDone(flow) ? afterClose(trace, point, evidence)
                    : quiet(flow) ? whenQuiet(trace, point) : ofPod(trace, point, evidence);
        }
        if (byEntryNode(trace, reset)) {
            // It may have forgotten the connection in a silence. One that is too short for that explains nothing.
            Finding idle = IdleTimeout.cutAfterSilence(trace) ? IdleTimeout.reset(trace, reset, "2.0", facts) : null;
            return idle != null ? idle : ofEntryNode(trace, reset, point);
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
        if (missedBefore(trace, reset, previous, facts)) {
            return ofPod(trace, point, evidence);
        }
        String unknown = trace.spots().get(reset.place()) == Spot.CLIENT ? "2.0" : "1.6";
        String step = previous < 0 ? unknown : Frames.stepOf(trace, previous, reset.place(), Direction.REPLY);
        return inBetween(trace, reset, previous, step, facts);
    }

    private static Finding ofPod(FlowTrace trace, String point, List<FrameRef> evidence) {
        return Finding.fatal(EstablishedTypes.RESET_BY_POD, "1.6", point,
                "%s ended the connection with RST %s".formatted(Frames.endpoint(trace),
                        trace.flow().story().replyBytes() == 0 ? "before it answered" : "in the middle of the exchange"), evidence)
                .explaining(EstablishedTypes.RETRANSMISSION);
    }

    /**
     * Whether a reset looks as if its sender had sent it, since it passed as many routers as all the sender's packets, and the capture
     * that should have shown it before lacks others as well: then it lacks this one, and nothing in between made it up.
     */
    private static boolean missedBefore(FlowTrace trace, Sign reset, int previous, CaseFacts facts) {
        return previous >= 0 && byEnd(trace, reset)
                && facts.points().mayHaveMissed(reset.frames().get(0), trace.flow().places().get(previous).point());
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
        for (SeenFrame frame : onwards.loss().frames()) {
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
     * with it, until it is removed.
     */
    private static Finding ofEntryNode(FlowTrace trace, Sign reset, String point) {
        List<SeenFrame> kept = keptBefore(trace, reset);
        List<FrameRef> evidence = Frames.join(Frames.of(trace, kept), Frames.of(trace, reset.frames()));
        String node = Frames.entryNode(trace);
        FlowHop onwards = trace.flow().hopFrom(reset.place(), Direction.REQUEST);
        if (!kept.isEmpty() && onwards.lastArrived() && onwards.loss().packets() == kept.size()) {
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
        return onwards != null && onwards.loss().packets() == kept.size() ? all.explaining(EstablishedTypes.LOSS_INSIDE_NODE) : all;
    }

    /**
     * Whether the client had closed by itself once all that it was sent had come: its FIN followed answers, the last data are of one, and
     * both sides' are acknowledged. A client that only half-closes says FIN when it has asked, before it gets anything.
     */
    private static boolean clientWasDone(Flow flow) {
        Story story = flow.story();
        FlowLeg first = flow.places().isEmpty() ? null : flow.requestLeg(flow.places().get(0));
        String letters = first == null ? "" : first.history();
        int answered = letters.indexOf('d');
        return story.clientFin() && story.requestAcked() && story.replyAcked() && !story.lastIsRequestData() && answered >= 0
                && letters.indexOf('F') > answered;
    }

    /** Servers close so that do not want to wait in TIME-WAIT, or whose application set SO_LINGER 0. It costs the client nothing. */
    private static Finding afterClose(FlowTrace trace, String point, List<FrameRef> evidence) {
        return Finding.of(EstablishedTypes.RESET_BY_POD, "1.6", point,
                "%s answered the client's FIN with RST, after all its data".formatted(Frames.endpoint(trace)), evidence).as(Severity.INFO);
    }

    /** Whether a reset cut nothing off: who closes its window, or says that it asks no more, waits for the rest of an answer. */
    private static boolean quiet(Flow flow) {
        return flow.sign(Sign.Kind.RESET_WHEN_QUIET) != null && !flow.windowClosed() && !flow.story().clientFin()
                && !flow.story().lastIsRequestData();
    }

    /** A pool notices before it asks again, unless its question crosses the RST. */
    private static Finding whenQuiet(FlowTrace trace, String point) {
        Sign quiet = trace.flow().sign(Sign.Kind.RESET_WHEN_QUIET);
        return Finding.of(EstablishedTypes.RESET_BY_POD, "1.6", point,
                "%s ended the connection with RST %s after its last answer, which the client had acknowledged; nothing was asked since"
                        .formatted(Frames.endpoint(trace), Duration.of(quiet.value())), Frames.of(trace, quiet.frames()))
                .as(Severity.WARNING);
    }

    private static boolean oneHopAway(long ttl) {
        return Ttl.fresh(ttl + 1);
    }

    /** @param previous the place before, which does not show it; -1 if there is none, though it came from elsewhere than its sender */
    private static Finding inBetween(FlowTrace trace, Sign reset, int previous, String step, CaseFacts facts) {
        Finding idle = IdleTimeout.reset(trace, reset, step, facts);
        if (idle != null) {
            return idle;
        }
        if (previous >= 0 && !trace.captures().ranAt(reset.frames().get(0), trace.flow().places().get(previous).point())) {
            // The capture before it had ended, or not begun: the peer itself may have sent it.
            return null;
        }
        String point = Frames.pointOf(trace, reset.place());
        int usual = usualTtl(trace, reset);
        String ttl = usual >= 0 && usual != reset.value() ? ", with TTL %d where the peer's packets have %d".formatted(reset.value(), usual)
                : "";
        return Finding.fatal(EstablishedTypes.RESET_MIDSTREAM, step, point,
                previous < 0 ? "a RST shows at %s%s".formatted(point, ttl)
                        : "a RST shows at %s that %s never sent%s".formatted(point, Frames.pointOf(trace, previous), ttl),
                Frames.of(trace, reset.frames()))
                .explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.RESET_BY_CLIENT, EstablishedTypes.RETRANSMISSION,
                        EstablishmentTypes.HALF_OPEN, EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE,
                        EstablishedTypes.INVALID_DROPPED).since(trace.captures().aligned(reset.frames().get(0)));
    }

    /** The TTL of the other packets of a reset's direction at its place; -1 if there are none. */
    private static int usualTtl(FlowTrace trace, Sign reset) {
        Place place = trace.flow().places().get(reset.place());
        boolean request = reset.direction() == Direction.REQUEST;
        FlowLeg leg = request ? trace.flow().requestLeg(place) : trace.flow().replyLeg(place);
        return leg == null ? -1 : request ? leg.requestTtl() : leg.replyTtl();
    }

    /** Whether a reset came from as far away as its direction's other packets; stacks may begin with another TTL for it. */
    private static boolean byEnd(FlowTrace trace, Sign reset) {
        int usual = usualTtl(trace, reset);
        return usual < 0 || Ttl.routersPassed(usual) == Ttl.routersPassed(reset.value());
    }

    /** The place before, on the requests' way, that shows requests; -1 if there is none. */
    private static int previousRequestPlace(FlowTrace trace, int place) {
        for (int p = place - 1; p >= 0; p--) {
            if (trace.flow().requestLeg(trace.flow().places().get(p)) != null) {
                return p;
            }
        }
        return -1;
    }

    private static int previousReplyPlace(FlowTrace trace, int place) {
        for (int p = place + 1; p < trace.flow().places().size(); p++) {
            if (trace.flow().replyLeg(trace.flow().places().get(p)) != null) {
                return p;
            }
        }
        return -1;
    }
}
