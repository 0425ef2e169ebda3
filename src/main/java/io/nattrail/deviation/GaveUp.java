package io.nattrail.deviation;

import io.nattrail.nat.Flow;
import io.nattrail.nat.Sign;
import io.nattrail.net.Amount;
import io.nattrail.net.Duration;
import io.nattrail.net.TransportEndpoint;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.Spot;
import java.util.List;

/**
 * A pod whose kernel took the client's question while its process said nothing, until the client ended it, or it did so itself. There are
 * protocols in which the server says nothing, as of logs: it is a fault only where the protocol is known to answer, or the service answers
 * others far sooner. What follows an answer may need none though the first question did, as a last word or an acknowledgement of HTTP/2: it
 * counts only where the protocol tells that it is a question.
 */
final class GaveUp implements Detector {
    private static final int LEAST_ANSWERED = 3;
    /** So many times longer than others wait. */
    private static final int FAR_LONGER = 20;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        Sign ended = flow.sign(Sign.Kind.CLOSED_UNANSWERED);
        if (ended != null && flow.story().clientSawSynAck() && flow.sign(Sign.Kind.RELAYED) == null) {
            return List.of(closedUnanswered(trace, ended));
        }
        Sign sign = flow.sign(Sign.Kind.GAVE_UP);
        if (sign == null || !flow.story().clientSawSynAck() || !atEndpoint(trace, sign.place())) {
            return List.of();
        }
        Sign reset = Resets.first(trace);
        boolean closed = reset == null || flow.story().clientFin()
                && trace.captures().aligned(reset.frames().get(0)) > trace.captures().aligned(sign.frames().get(1));
        // The kernel resets too, where nobody answers its probes any more.
        if (!closed && (!Resets.byClient(trace, reset) || flow.sign(Sign.Kind.PROBED_IN_VAIN) != null)) {
            return List.of();
        }
        boolean answeredBefore = flow.story().endpointReplyBytes() > 0;
        boolean first = !answeredBefore && !flow.story().midstream();
        boolean due = flow.sign(Sign.Kind.ANSWER_DUE) != null;
        TransportEndpoint front = new TransportEndpoint(flow.protocol(), flow.original().destination());
        boolean comparable = first && facts.thoughts().count(front) >= LEAST_ANSWERED;
        long othersWait = comparable ? facts.thoughts().quantile(front, 0.5) : Long.MAX_VALUE;
        boolean othersAnswered = comparable && sign.value() > FAR_LONGER * othersWait;
        if (!first && !due && !othersAnswered) {
            return List.of();
        }
        String message = "%s%s took %s of the client and had answered nothing when the client %s, %s later".formatted(
                Frames.endpoint(trace), answeredBefore ? ", which had answered before," : "",
                Amount.of(sign.count(), "byte"), closed ? "closed" : "reset the connection", Duration.of(sign.value()));
        String why = othersAnswered ? "; others wait %s for it".formatted(Duration.of(othersWait))
                : due ? "; what it sent is a question (HTTP or TLS)" : "; if its protocol has answers, the process hung";
        Finding finding = Finding.of(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, sign.place()), message + why,
                Frames.of(trace, sign.frames())).advised(answeredBefore ? EstablishmentTypes.POD_TOOK_QUESTION : null);
        return List.of(due || othersAnswered ? finding.failing("1.6").explaining(EstablishedTypes.RESET_BY_CLIENT,
                EstablishedTypes.LATENCY_HIGH, EstablishedTypes.RETRANSMISSION) : finding.as(Severity.INFO));
    }

    private static Finding closedUnanswered(FlowTrace trace, Sign sign) {
        return Finding.fatal(EstablishmentTypes.NO_REPLY_FROM_POD, "1.6", Frames.pointOf(trace, sign.place()),
                "%s took %s of the client, a question (HTTP or TLS), and closed the connection %s later without any answer".formatted(
                        Frames.endpoint(trace), Amount.of(sign.count(), "byte"), Duration.of(sign.value())),
                Frames.of(trace, sign.frames())).advised(EstablishmentTypes.POD_TOOK_QUESTION)
                .explaining(EstablishedTypes.RESET_BY_CLIENT);
    }

    /**
     * Whether a place shows what came to the endpoint; an endpoint on the entry node with no capture of its own is behind that one's. Where
     * the endpoint's own is missing, or was not running, it must have acknowledged the end and said by its numbers that it had sent
     * nothing; a proxy's tell nothing of it.
     */
    private static boolean atEndpoint(FlowTrace trace, int place) {
        return place == trace.placeAtEndpoint()
                || trace.placeAtEndpoint() < 0 && Boolean.TRUE.equals(trace.local()) && trace.isAt(place, Spot.ENTRY_IN)
                || trace.flow().sign(Sign.Kind.NOTHING_SAID) != null && trace.flow().sign(Sign.Kind.RELAYED) == null;
    }
}
