package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import io.nattrail.path.Step;
import io.nattrail.path.StepStatus;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Asks all detectors about a flow, folds consequences into their causes, and reaches the verdict. */
public final class Judge {
    /** A protocol with one answer to each question, and a client that waits for the next, not one that has said its last word. */
    private static final int LEAST_DATAGRAMS = 3;
    private static final long LEAST_WAIT_NANOS = 1_000_000_000L;
    /** An answer may come so late. */
    private static final long AT_THE_END_NANOS = 200_000_000L;

    private final CaseFacts facts;

    public Judge(CaseFacts facts) {
        this.facts = facts;
    }

    /** Judges one flow. */
    public Judgement judge(FlowTrace trace) {
        Judgement judgement = conclude(trace);
        for (FlowLeg leg : trace.flow().legs()) {
            if (facts.captures().isInseparable(leg.point())) {
                return ofMerged(judgement, leg.point());
            }
        }
        return judgement;
    }

    /** Where nothing tells which place a frame comes from, nothing was lost, sent again or changed; only an answer is an answer. */
    private Judgement ofMerged(Judgement judgement, int point) {
        if (judgement.verdict() == Verdict.OK || judgement.verdict() == Verdict.DEGRADED) {
            return new Judgement(Verdict.OK, null, null, List.of());
        }
        return new Judgement(Verdict.UNDETERMINED, null,
                "the captures of several places are merged in " + facts.captures().point(point).name()
                        + ", and nothing tells their frames apart; hand over each as it was taken", List.of());
    }

    private Judgement conclude(FlowTrace trace) {
        List<Finding> findings = findings(trace);
        Map<String, String> causeOf = causes(findings);
        Finding fatal = fatal(findings, causeOf);
        List<Deviation> deviations = fold(findings, causeOf, fatal, trace);
        if (fatal != null) {
            return new Judgement(Verdict.FAILED, trace.template().stepOf(fatal.failedStep()), null, deviations);
        }
        if (HalfOpen.proofMissing(trace, facts)) {
            return new Judgement(Verdict.UNDETERMINED, null, "the handshake was never finished, and no capture at the client tells whether "
                    + "it got the SYN-ACK; capture there too", deviations);
        }
        if (!trace.flow().story().clientSawSynAck()) {
            return unanswered(trace, deviations);
        }
        boolean sentInVain = sentInVain(trace) || unheard(trace);
        if (sentInVain || answeredInVain(trace)) {
            return endedInVain(trace, sentInVain, deviations);
        }
        Sign notShown = trace.flow().sign(Sign.Kind.ANSWER_NOT_SHOWN);
        if (notShown != null) {
            return new Judgement(Verdict.UNDETERMINED, null, ("whether the last question was answered does not show: %s has nothing of "
                    + "what %s and no other capture has; capture there again, both directions").formatted(
                    Frames.pointOf(trace, notShown.place()), notShown.direction() == Direction.REQUEST ? "came back" : "was asked"),
                    deviations);
        }
        Sign refused = Resets.refusedInVain(trace);
        if (refused != null) {
            Step dark = notCaptured(trace);
            return new Judgement(Verdict.UNDETERMINED, null, ("the client had given up when the answer came, %s after what was last heard, "
                    + "though it was sent again and again; no capture tells where it was lost; %s").formatted(Duration.of(refused.value()),
                    dark == null ? "capture at both ends of each hop" : next(dark.number(), trace)), deviations);
        }
        if (askedAgainInVain(trace)) {
            return new Judgement(Verdict.UNDETERMINED, null, "the last question was asked again and not answered, and no capture tells "
                    + "whether it came to the endpoint; " + next("1.5", trace), deviations);
        }
        int misses = CutOff.missesTheLast(trace, facts);
        if (misses >= 0) {
            return new Judgement(Verdict.UNDETERMINED, null, ("no answer to the last question was seen, and the capture at %s, which "
                    + "misses packets, may lack it; capture there again").formatted(facts.captures().point(misses).name()), deviations);
        }
        boolean hurt = deviations.stream().anyMatch(deviation -> deviation.severity().compareTo(Severity.WARNING) >= 0);
        return new Judgement(hurt ? Verdict.DEGRADED : Verdict.OK, null, null, deviations);
    }

    private List<Finding> findings(FlowTrace trace) {
        List<Finding> findings = new ArrayList<>();
        for (Detector detector : Detectors.ALL) {
            int before = findings.size();
            for (Finding finding : detector.inspect(trace, facts)) {
                if (!toldAsTheEnd(finding, findings.subList(0, before))) {
                    findings.add(finding);
                }
            }
        }
        return findings;
    }

    /** What ended the flow: the first that did and follows from nothing else, else the first; null if nothing did. */
    private static Finding fatal(List<Finding> findings, Map<String, String> causeOf) {
        Finding fatal = null;
        for (Finding finding : findings) {
            boolean first = fatal == null || causeOf.containsKey(fatal.type().code()) && !causeOf.containsKey(finding.type().code());
            if (finding.failedStep() != null && first) {
                fatal = finding;
            }
        }
        return fatal;
    }

    /** Nobody answered, and no finding says why. The client's own capture shows that nothing came back; only where it went is open. */
    private Judgement unanswered(FlowTrace trace, List<Deviation> deviations) {
        boolean oneWay = OneWay.is(trace, facts);
        String why = oneWay && !OneWay.hidden(trace) ? OneWay.text(trace) : whyUndetermined(trace);
        boolean clientWaited = trace.seen(Spot.CLIENT, Direction.REQUEST) || trace.seen(Spot.CALLER_POD, Direction.REQUEST);
        boolean failed = !oneWay && clientWaited && askedAgain(trace) && !answersHidden(trace) && !answeredTooLate(trace);
        return new Judgement(failed ? Verdict.FAILED : Verdict.UNDETERMINED, failed ? firstUnproven(trace) : null, why, deviations);
    }

    /** What was sent last, by the client or else by the endpoint, was never acknowledged or answered, and no finding says why. */
    private Judgement endedInVain(FlowTrace trace, boolean client, List<Deviation> deviations) {
        String step = answersHidden(trace) ? null : firstHidden(trace, facts);
        int came = step != null && client ? cameInVain(trace) : -1;
        if (came >= 0) {
            return new Judgement(Verdict.FAILED, "1.6", "questions without an answer came to %s, and it shows no answer; it shows no more "
                    .formatted(Frames.pointOf(trace, came)) + "of those after them: capture there until the client gives up", deviations);
        }
        int last = lastRequestPlace(trace);
        String beyond = step == null && client ? stepBeyond(last, trace) : null;
        if (beyond != null) {
            return new Judgement(Verdict.FAILED, beyond, "what the client sent last passed %s and was never %s; %s".formatted(
                    Frames.pointOf(trace, last), trace.flow().tcp() ? "acknowledged" : "answered", next(beyond, trace)), deviations);
        }
        String filter = FlagsOnly.whyUnknown(trace, facts);
        return new Judgement(step == null ? Verdict.UNDETERMINED : Verdict.FAILED, step, filter == null ? whyUndetermined(trace) : filter,
                deviations);
    }

    /** Whether another detector told the end of the flow by the same code: where it ended and what ICMP said of it are one trouble. */
    private static boolean toldAsTheEnd(Finding finding, List<Finding> before) {
        for (Finding other : before) {
            if (other.type() == finding.type() && other.failedStep() != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * The client's own capture, or that of the node that it calls, tells that what it sent last, again and again for a second and more, was
     * never acknowledged; of datagrams the first capture that shows them, wherever it is.
     */
    private static boolean sentInVain(FlowTrace trace) {
        Flow flow = trace.flow();
        if (!flow.tcp()) {
            // Wherever answers came by, the next ones would have.
            return askedInVain(flow);
        }
        Sign vain = flow.sign(Sign.Kind.SENT_IN_VAIN);
        return vain != null && !flow.windowClosed() && (trace.isAt(vain.place(), Spot.CLIENT) || trace.isAt(vain.place(), Spot.CALLER_POD)
                || trace.isAt(vain.place(), Spot.ENTRY_IN));
    }

    /** The client's FIN or acknowledgements show no effect any more, at the last capture before the endpoint's. */
    private static boolean unheard(FlowTrace trace) {
        Flow flow = trace.flow();
        Sign sign = flow.sign(Sign.Kind.CLOSED_IN_VAIN) != null ? flow.sign(Sign.Kind.CLOSED_IN_VAIN)
                : flow.sign(Sign.Kind.REPEATED_ACKNOWLEDGED);
        return sign != null && flow.sign(Sign.Kind.RESET) == null && flow.replyLeg(flow.places().get(sign.place())) != null;
    }

    /** Of datagrams: several questions had one answer each, and then several more had none; or the last was asked again and again. */
    private static boolean askedInVain(Flow flow) {
        Sign unanswered = flow.sign(Sign.Kind.UNANSWERED);
        FlowLeg asked = flow.places().isEmpty() ? null : flow.requestLeg(flow.places().get(0));
        FlowLeg answered = flow.places().isEmpty() ? null : flow.replyLeg(flow.places().get(0));
        return unanswered != null && unanswered.place() == 0 && asked != null && answered != null
                && unanswered.count() >= LEAST_DATAGRAMS && unanswered.value() >= LEAST_WAIT_NANOS
                && (answered.answers() >= LEAST_DATAGRAMS || FellSilent.askedAgain(flow))
                && asked.asked() - answered.answers() == unanswered.count();
    }

    /** The client asks its last question again, where each other had its answer, and no capture tells whether it came to the endpoint. */
    private boolean askedAgainInVain(FlowTrace trace) {
        Flow flow = trace.flow();
        Sign again = flow.sign(Sign.Kind.ASKED_AGAIN);
        if (again == null || again.place() != 0 || !trace.isAt(0, Spot.CLIENT) && !trace.isAt(0, Spot.CALLER_POD)
                || trace.placeAtEndpoint() >= 0) {
            return false;
        }
        FlowLeg asked = flow.requestLeg(flow.places().get(0));
        FlowLeg answered = flow.replyLeg(flow.places().get(0));
        return answered != null && answered.answers() > 0 && asked.asked() - answered.answers() == again.count()
                && facts.holes().shownAfter(again.frames().get(again.frames().size() - 1)) >= AT_THE_END_NANOS;
    }

    /** The same of the endpoint's answer; a client that reset the connection wanted none. */
    private static boolean answeredInVain(FlowTrace trace) {
        Flow flow = trace.flow();
        return flow.sign(Sign.Kind.ANSWERED_IN_VAIN) != null && flow.sign(Sign.Kind.RESET) == null && !flow.windowClosed();
    }

    /**
     * The step behind which no capture could show it any more; null if there is none. A filter of flags shows data nowhere. Captures do not
     * end all at once: the end of an earlier one hides only the last of what a later one shows to have come further.
     */
    private static String firstHidden(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        FlowHop first = null;
        for (FlowHop hop : flow.hops()) {
            if (hop.loss().hidden() > 0 && !hop.lastArrived() && mayShow(trace, hop, facts)
                    && (first == null || cameFurther(trace, first, hop))) {
                first = hop;
            }
        }
        return first == null ? null : CutOff.stepOf(trace, first);
    }

    /** Whether the capture behind a hop shows data, and what goes that way. */
    private static boolean mayShow(FlowTrace trace, FlowHop hop, CaseFacts facts) {
        Place to = trace.flow().places().get(hop.to());
        return (!trace.flow().tcp() || facts.points().showsMoreThanSyns(to.point()))
                && !(hop.direction() == Direction.REPLY && trace.captures().answersBlind(to.point()));
    }

    /** Whether what the client sent in vain shows where a hop further on begins. */
    private static boolean cameFurther(FlowTrace trace, FlowHop earlier, FlowHop hop) {
        Sign vain = trace.flow().sign(Sign.Kind.SENT_IN_VAIN);
        FlowLeg there = trace.flow().requestLeg(trace.flow().places().get(hop.from()));
        return vain != null && earlier.direction() == Direction.REQUEST && hop.direction() == Direction.REQUEST && there != null
                && trace.captures().aligned(there.last()) > trace.captures().aligned(vain.frames().get(0));
    }

    /**
     * The endpoint's place, where it shows several questions of a client that were not answered, and captures that ended hide only those
     * after them, which went the same way; else -1.
     */
    private static int cameInVain(FlowTrace trace) {
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.direction() == Direction.REPLY && hop.loss().hidden() > 0) {
                return -1;
            }
        }
        int last = trace.flow().tcp() ? -1 : trace.placeAtEndpoint();
        return last >= 0 && FellSilent.unanswered(trace.flow(), last) >= FellSilent.LEAST_SEEN_IN_VAIN ? last : -1;
    }

    /** The last place that shows requests; -1 if none does. */
    static int lastRequestPlace(FlowTrace trace) {
        int last = trace.flow().places().size() - 1;
        while (last >= 0 && trace.flow().requestLeg(trace.flow().places().get(last)) == null) {
            last--;
        }
        return last;
    }

    /** The step that takes requests from a place on the way to an endpoint on another node further; null for other places. */
    static String stepBeyond(int place, FlowTrace trace) {
        if (place < 0 || !Boolean.FALSE.equals(trace.local())) {
            return null;
        }
        return switch (trace.spots().get(place)) {
            case ENTRY_OUT -> "1.4";
            case TARGET_ETH0 -> "1.5";
            default -> null;
        };
    }

    /** One question without an answer may only have come at the end of the capture, and so may the second after a SYN that was lost. */
    private boolean askedAgain(FlowTrace trace) {
        int first = trace.placeAt(Spot.CLIENT) >= 0 ? trace.placeAt(Spot.CLIENT) : trace.placeAt(Spot.CALLER_POD);
        FlowLeg asked = trace.flow().requestLeg(trace.flow().places().get(first));
        boolean atTheEnd = asked.syns() == 2 && facts.holes().shownAfter(asked.last()) < AT_THE_END_NANOS;
        return asked.asked() > (atTheEnd ? 2 : 1);
    }

    /** Whether the answer came, after the last question, when the client's capture may have been over. */
    private static boolean answeredTooLate(FlowTrace trace) {
        for (FlowHop hop : trace.flow().hops()) {
            boolean atCaller = trace.isAt(hop.to(), Spot.CLIENT) || trace.isAt(hop.to(), Spot.CALLER_POD);
            if (hop.direction() == Direction.REPLY && atCaller && hop.loss().hidden() > 0 && hop.loss().packets() == 0) {
                FlowLeg asked = trace.flow().requestLeg(trace.flow().places().get(hop.to()));
                return asked != null && trace.captures().aligned(asked.last())
                        < trace.captures().aligned(trace.firstFrame(hop.from(), Direction.REPLY));
            }
        }
        return false;
    }

    private static String firstUnproven(FlowTrace trace) {
        if (trace.captures().atClientsOnly(trace.flow()) && trace.flow().translated() == null) {
            return "1.1";
        }
        for (Step step : trace.steps()) {
            boolean kernel = step.number().startsWith("1.2");
            if (!kernel && (step.status() == StepStatus.MISSING || step.status() == StepStatus.NOT_CAPTURED)) {
                return step.number();
            }
        }
        return "2.0";
    }

    /** Whether the capture nearest to the client would show no answer either if there was one. */
    private boolean answersHidden(FlowTrace trace) {
        if (trace.flow().places().isEmpty()) {
            return false;
        }
        Place first = trace.flow().places().get(0);
        return trace.captures().answersMayBeHidden(first.point())
                || facts.cluster().mayHide(trace.flow(), first.point(), first.level() > 0, Direction.REPLY);
    }

    /** A point of the entry's or endpoint's node that shows nothing of a flow on one side, and may hide it; -1 if there is none. */
    private int filteredPoint(FlowTrace trace) {
        for (int point = 0; point < facts.captures().count(); point++) {
            String node = facts.captures().node(point);
            boolean entry = node != null && node.equals(trace.entryNode());
            boolean there = trace.flow().translated() != null && node != null && node.equals(trace.endpointNode());
            boolean outside = entry && facts.captures().showsNodeInterface(point);
            if (outside && !trace.seen(Spot.ENTRY_IN, Direction.REQUEST) && facts.cluster().mayHide(trace.flow(), point, false,
                    Direction.REQUEST) || (outside || there) && !showsTranslated(trace.flow(), point)
                    && facts.cluster().mayHide(trace.flow(), point, true, Direction.REQUEST)) {
                return point;
            }
        }
        return -1;
    }

    /** What a point whose filter may hide a side of a flow shows of it, and what it hides of others. */
    private static String shownAndHidden(Flow flow, int point) {
        boolean client = flow.places().stream().anyMatch(place -> place.point() == point && place.level() == 0);
        if (client || showsTranslated(flow, point)) {
            return "only the %s side of it, and hides the other side of others".formatted(client ? "client's" : "pods'");
        }
        return "nothing of it, and hides others";
    }

    private static boolean showsTranslated(Flow flow, int point) {
        return flow.places().stream().anyMatch(place -> place.point() == point && place.level() > 0);
    }

    private String whyUndetermined(FlowTrace trace) {
        Flow flow = trace.flow();
        if (answersHidden(trace)) {
            return "%s %s all answers; capture there again, both directions".formatted(Frames.pointOf(trace, 0),
                    trace.captures().answersBlind(trace.flow().places().get(0).point()) ? "hides" : "may hide");
        }
        int filtered = filteredPoint(trace);
        if (filtered >= 0 && facts.cluster().showsOnlyEncrypted(filtered)) {
            return "%s shows %s that must have passed it: what the nodes send each other is encrypted there; capture where it is plain, at "
                    .formatted(facts.captures().point(filtered).name(), shownAndHidden(flow, filtered)) + "the pods' bridge or interfaces";
        }
        if (filtered >= 0) {
            return "%s shows %s that must have passed it: its filter may hide this one; capture there again ".formatted(
                    facts.captures().point(filtered).name(), shownAndHidden(flow, filtered))
                    + "without a filter, or with one that lets both legs through";
        }
        for (FlowHop hop : flow.hops()) {
            if (hop.loss().hidden() > 0) {
                return "%s was not captured when %s sent it on; capture both for the whole exchange"
                        .formatted(Frames.pointOf(trace, hop.to()), Frames.pointOf(trace, hop.from()));
            }
        }
        Step dark = notCaptured(trace);
        return dark == null ? "no answer was seen before the captures ended" : "no answer was seen, and step %s was not captured: %s; %s"
                .formatted(dark.number(), dark.reason(), next(dark.number(), trace));
    }

    /** The first step that was not captured, other than what the node's kernel does; null if there is none. */
    private static Step notCaptured(FlowTrace trace) {
        for (Step step : trace.steps()) {
            if (step.status() == StepStatus.NOT_CAPTURED && !step.number().startsWith("1.2")) {
                return step;
            }
        }
        return null;
    }

    private static String next(String step, FlowTrace trace) {
        String target = trace.endpointNode() == null ? "the endpoint's node" : trace.endpointNode();
        String entry = trace.entryNode() == null ? "the node that the client calls" : trace.entryNode();
        return switch (step) {
            case "1.1", "2.0" -> "capture at the client and at eth0 of " + entry;
            case "1.3" -> trace.seen(Spot.ENTRY_IN, Direction.REQUEST) && !filtered(trace) ? "capture at the bridge of " + entry
                    : "capture at eth0 of " + entry + " with a filter that lets both legs through";
            default -> "capture at the bridge of " + target;
        };
    }

    private static boolean filtered(FlowTrace trace) {
        return trace.captures().translatedBlind(trace.flow().places().get(trace.placeAt(Spot.ENTRY_IN)).point());
    }

    /** What follows from another finding is named there and left out here. */
    private static Map<String, String> causes(List<Finding> findings) {
        Set<String> present = new HashSet<>();
        for (Finding finding : findings) {
            present.add(finding.type().code());
        }
        Map<String, String> causeOf = new LinkedHashMap<>();
        for (Finding finding : findings) {
            for (String code : finding.explains()) {
                if (present.contains(code) && !code.equals(finding.type().code()) && !causeOf.containsKey(finding.type().code())) {
                    causeOf.putIfAbsent(code, finding.type().code());
                }
            }
        }
        return causeOf;
    }

    /** @param fatal what ended the flow, or null: what it follows from weighs as much */
    private List<Deviation> fold(List<Finding> findings, Map<String, String> causeOf, Finding fatal, FlowTrace trace) {
        List<Deviation> deviations = new ArrayList<>();
        for (Finding finding : findings) {
            String code = finding.type().code();
            if (causeOf.containsKey(code) && !finding.overBefore(causeOf.get(code), findings)) {
                continue;
            }
            List<String> consequences = new ArrayList<>();
            causeOf.forEach((consequence, cause) -> {
                if (cause.equals(code) && findings.stream().anyMatch(other -> other.type().code().equals(consequence)
                        && !other.overBefore(cause, findings))) {
                    consequences.add(consequence);
                }
            });
            boolean endedIt = fatal != null && consequences.contains(fatal.type().code())
                    && fatal.severity().compareTo(finding.severity()) > 0;
            Severity severity = endedIt ? fatal.severity() : finding.severity();
            deviations.add(new Deviation(finding.type(), severity, trace.template().stepOf(finding.step()), finding.point(),
                    finding.message(), finding.evidence(), consequences, Remedy.of(finding, trace, facts.cluster().told()),
                    finding.advice()));
        }
        return deviations;
    }
}
