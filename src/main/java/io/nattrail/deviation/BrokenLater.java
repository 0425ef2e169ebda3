package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Relation;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Duration;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import java.util.ArrayList;
import java.util.List;

/**
 * A connection that was established and then broke: the first thing that ended it, another translation ({@link #remapped}), a reset
 * ({@link Resets}), or data that got through no longer ({@link CutOff}).
 */
final class BrokenLater implements Detector {
    /** An answer that was sent for so long did not merely cross the reset. */
    private static final long LEAST_VAIN_NANOS = 1_000_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        Finding finding = !flow.story().clientSawSynAck() ? null : flow.tcp() ? first(trace, facts) : ofDatagrams(trace, facts);
        if (finding == null || !Healed.afterSilence(trace, finding.since())) {
            return finding == null ? List.of() : List.of(finding);
        }
        List<Finding> findings = new ArrayList<>(1);
        findings.add(finding);
        for (FlowHop hop : flow.hops()) {
            // What was all over before is told as a whole.
            List<SeenFrame> healed = finding.beganAfter(Healed.until(trace, hop)) ? List.of() : Healed.of(trace, hop);
            if (!healed.isEmpty() && healed.size() < hop.loss().packets() && hop.loss().data() == hop.loss().packets()) {
                findings.add(HopTroubles.healed(trace, hop, healed));
            }
        }
        return findings;
    }

    /** What came first: what follows from it is no cause of its own. */
    private static Finding first(FlowTrace trace, CaseFacts facts) {
        Finding finding = remapped(trace);
        Sign reset = Resets.first(trace);
        if (finding == null && reset != null) {
            finding = gaveUp(trace, reset) ? CutOff.of(trace, Direction.REPLY, facts) : KeepAlives.inVain(trace, reset, facts);
            if (finding == null && reset.direction() == Direction.REQUEST) {
                finding = FellSilent.deaf(trace);
            }
            if (finding == null) {
                finding = Resets.judge(trace, reset, facts);
            }
        }
        return finding != null ? finding : CutOff.of(trace, facts);
    }

    /** Datagrams are answered by whichever endpoint gets them, unless none does; only SCTP has a word for the end. */
    private static Finding ofDatagrams(FlowTrace trace, CaseFacts facts) {
        Sign abort = trace.flow().protocol() == Protocol.SCTP ? Resets.first(trace) : null;
        if (abort != null && abort.direction() == Direction.REQUEST && trace.flow().sign(Sign.Kind.UNANSWERED) != null) {
            Finding inVain = CutOff.ofDatagrams(trace, facts);
            if (inVain != null) {
                return inVain;
            }
        }
        Finding aborted = abort == null ? null : Resets.ofAssociation(trace, abort);
        if (aborted != null) {
            return aborted;
        }
        Sign moved = trace.flow().sign(Sign.Kind.MOVED);
        FlowLeg there = moved == null ? null : trace.flow().legs().get(moved.leg());
        if (there == null || there.replies() > 0) {
            return CutOff.ofDatagrams(trace, facts);
        }
        return wentOn(trace, there, "the client's datagrams came to %s instead of %s%s, and were not answered there".formatted(
                trace.captures().node(there.point()), Frames.entryNode(trace), afterSilence(trace.flow())))
                .checking(TranslationTypes.KEEP_ON_ONE_NODE).failing("1.2");
    }

    /** Whether a client's reset only says that the answer, sent again and again all the while, came too late. */
    private static boolean gaveUp(FlowTrace trace, Sign reset) {
        Sign vain = trace.flow().sign(Sign.Kind.ANSWERED_IN_VAIN);
        return vain != null && reset.direction() == Direction.REQUEST && trace.captures().aligned(reset.frames().get(0))
                - trace.captures().aligned(vain.frames().get(0)) >= LEAST_VAIN_NANOS;
    }

    /** Data that went on under another translation, or at another node. */
    private static Finding remapped(FlowTrace trace) {
        Flow flow = trace.flow();
        Sign moved = flow.sign(Sign.Kind.MOVED);
        if (moved != null) {
            return moved(trace, flow.legs().get(moved.leg()));
        }
        for (FlowLeg leg : flow.legs()) {
            Sign refusal = leg.relation() == Relation.REMAPPED ? refusalBefore(trace, leg) : null;
            if (refusal != null) {
                return refusedFirst(trace, refusal, leg);
            }
            // A late duplicate of the SYN opens a connection of its own, which nobody uses: no data of this one goes that way.
            boolean unused = leg.syns() > 0 && !leg.history().contains("D") && !leg.history().contains("F");
            if (leg.relation() != Relation.REMAPPED || leg.requests() == 0 || unused) {
                continue;
            }
            boolean refused = leg.history().contains("r") || leg.replies() == 0;
            Finding finding = wentOn(trace, leg, "data went on as %s instead of %s%s: the node had forgotten the translation%s".formatted(
                    leg.tuple(), usual(flow), afterSilence(flow), refused ? ", and the pod does not know this connection" : ""));
            return refused ? finding.failing("1.2") : finding;
        }
        return null;
    }

    private static Finding wentOn(FlowTrace trace, FlowLeg leg, String message) {
        List<SeenFrame> frames = new ArrayList<>();
        frames.add(leg.firstRequest());
        if (leg.firstReply() != null) {
            frames.add(leg.firstReply());
        }
        return Finding.of(TranslationTypes.NAT_REMAPPED_MIDFLOW, "1.2", trace.captures().point(leg.point()).name(), message,
                Frames.of(trace, frames))
                .explaining(EstablishedTypes.RESET_BY_POD, EstablishedTypes.RESET_MIDSTREAM, EstablishedTypes.IDLE_TIMEOUT_DROP,
                        EstablishedTypes.RESET_BY_CLIENT, EstablishmentTypes.CONNECTION_REFUSED, EstablishedTypes.RETRANSMISSION,
                        EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE)
                .since(trace.captures().aligned(leg.firstRequest()));
    }

    private static String usual(Flow flow) {
        return flow.translated() == null ? "to a pod on the node itself" : "as " + flow.translated();
    }

    private static String afterSilence(Flow flow) {
        Sign silence = flow.sign(Sign.Kind.SILENCE);
        return silence == null ? "" : " after %s of silence".formatted(Duration.of(silence.value()));
    }

    private static Finding moved(FlowTrace trace, FlowLeg there) {
        Flow flow = trace.flow();
        FlowLeg onwards = null;
        for (FlowLeg leg : flow.legs()) {
            if (onwards == null && leg.relation() == Relation.REMAPPED && leg.level() > 0 && leg.requests() > 0) {
                onwards = leg;
            }
        }
        String what = onwards != null ? "sent the data on as %s instead of %s".formatted(onwards.tuple(), usual(flow))
                : there.history().contains("r") ? "refused the data" : "sent no answer";
        return wentOn(trace, there, "the connection moved from %s to %s%s, which does not know it and %s".formatted(
                Frames.entryNode(trace), trace.captures().node(there.point()), afterSilence(flow), what))
                .checking(TranslationTypes.KEEP_ON_ONE_NODE).failing("1.2");
    }

    /**
     * The refusal of a SYN before another translation began with the same SYN: conntrack deletes an entry that a reset closed when a SYN
     * comes for it, and chooses anew. Windows sends a SYN again that was refused.
     */
    private static Sign refusalBefore(FlowTrace trace, FlowLeg leg) {
        Sign reset = leg.syns() > 0 && leg.synAcks() > 0 ? Resets.first(trace) : null;
        return reset != null && reset.direction() == Direction.REPLY
                && trace.captures().aligned(reset.frames().get(0)) < trace.captures().aligned(leg.firstRequest()) ? reset : null;
    }

    private static Finding refusedFirst(FlowTrace trace, Sign refusal, FlowLeg next) {
        Flow flow = trace.flow();
        boolean taken = flow.story().established();
        Finding finding = Finding.of(EstablishmentTypes.CONNECTION_REFUSED, "1.6", Frames.pointOf(trace, refusal.place()),
                "%s answered the first SYN with RST; the client sent it again, and it went as %s to an endpoint that took it%s".formatted(
                        flow.translated() == null ? "an endpoint" : flow.translated().destination(), next.tuple(),
                        taken ? "" : ", in vain"),
                Frames.join(Frames.of(trace, refusal.frames()), Frames.of(trace, List.of(next.firstRequest()))))
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, EstablishedTypes.RESET_BY_POD, EstablishedTypes.RESET_MIDSTREAM);
        return taken ? finding.as(Severity.WARNING) : finding.failing("1.6");
    }
}
