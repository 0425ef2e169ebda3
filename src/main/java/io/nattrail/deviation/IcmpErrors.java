package io.nattrail.deviation;

import io.nattrail.leg.Direction;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowHop;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.SeenFrame;
import io.nattrail.nat.Sign;
import io.nattrail.net.Protocol;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import io.nattrail.path.Spot;
import java.util.ArrayList;
import java.util.List;

/** ICMP errors tied to a flow by the packet they quote, on either side of the NAT. What ended a flow is told by {@link WhereItEnded}. */
final class IcmpErrors implements Detector {
    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        List<Complaint> all = Complaint.of(trace.flow());
        return all.isEmpty() ? List.of() : findings(trace, all, facts);
    }

    private static List<Finding> findings(FlowTrace trace, List<Complaint> all, CaseFacts facts) {
        List<Complaint> tooBig = new ArrayList<>(0);
        List<Complaint> others = new ArrayList<>(0);
        List<Complaint> refused = new ArrayList<>(0);
        boolean clientGone = false;
        for (Complaint complaint : all) {
            // What stands in front of the node speaks for the client: each leg before the node's own translation has its client.
            clientGone |= aboutAnAnswer(complaint) && (complaint.leg().level() == 0 || cameAsFarAsRequests(complaint))
                    && complaint.error().sender().equals(complaint.leg().tuple().source().address());
        }
        for (Complaint complaint : all) {
            boolean byClient = clientGone && aboutAnAnswer(complaint);
            (complaint.error().packetTooBig() ? tooBig : byClient ? refused : others).add(complaint);
        }
        List<Finding> findings = new ArrayList<>(2);
        if (!refused.isEmpty()) {
            findings.add(byClient(trace, refused));
        }
        if (!tooBig.isEmpty()) {
            Complaint first = nearestSender(tooBig);
            Finding finding = Finding.of(EstablishedTypes.FRAGMENTATION_NEEDED, first.error().quotedFromOpener() ? "1.4" : "1.6",
                    trace.captures().point(first.leg().point()).name(), "%s asked for packets of at most %d bytes".formatted(
                            first.error().sender(), first.error().mtu()), Complaint.frames(trace, tooBig))
                    .explaining(EstablishedTypes.LOSS, EstablishedTypes.RETRANSMISSION);
            Direction about = first.error().quotedFromOpener() ? Direction.REQUEST : Direction.REPLY;
            finding = untold(trace, about) == null ? finding.explaining(EstablishedTypes.PMTU_BLACKHOLE) : finding;
            findings.add(lostInsideThoughSmall(trace, first.error().mtu()) ? finding
                    : finding.explaining(EstablishedTypes.LOSS_INSIDE_NODE));
        }
        if (!others.isEmpty()) {
            Complaint first = nearestSender(others);
            boolean delivered = trace.delivered();
            String step = !first.error().quotedFromOpener() ? "2.0" : delivered ? stepOfLost(trace, first.error(), facts) : "1.4";
            Finding finding = Finding.of(EstablishedTypes.ICMP_UNREACHABLE, step, trace.captures().point(first.leg().point()).name(),
                    "%s answered with ICMP %s".formatted(first.error().sender(), first.error().text()), Complaint.frames(trace, others))
                    .advised(advice(first.error(), trace, step));
            // What a hop did not carry is what its sender was told of.
            findings.add(endsExchange(trace, others) ? finding.failing(step).explaining(EstablishedTypes.RETRANSMISSION,
                    EstablishedTypes.LOSS, EstablishedTypes.LOSS_INSIDE_NODE) : finding);
        }
        return findings;
    }

    /**
     * Where requests were complained of, of a flow of which others reached the endpoint: at the hop that lost the last of them, or there. A
     * node that calls a host unreachable has asked for its neighbour in vain: the pod is gone, and got the first of them no more either.
     */
    private static String stepOfLost(FlowTrace trace, QuotedError error, CaseFacts facts) {
        boolean podGone = error.addressUnreachable() && facts.cluster().nodeOf(error.sender()) != null;
        FlowHop broken = null;
        for (FlowHop hop : trace.flow().hops()) {
            boolean ended = hop.direction() == Direction.REQUEST && hop.loss().data() > 0 && !hop.lastArrived() && !podGone;
            broken = ended && (broken == null || hop.loss().data() > broken.loss().data()) ? hop : broken;
        }
        return broken == null ? "1.6" : CutOff.stepOf(trace, broken);
    }

    /** What to check of an error, at whatever the packet that it quotes was on its way to. */
    static Advice advice(QuotedError error, FlowTrace trace, String step) {
        Advice advice = advice(error, trace);
        if (!error.quotedFromOpener()) {
            return (advice == null ? EstablishedTypes.ICMP_ROUTE : advice).about(step.equals("2.0") ? "{client}" : "{source}");
        }
        if (step.equals("1.1")) {
            // Nobody before the entry node knows of pods.
            boolean ofPods = advice == null || EstablishedTypes.ICMP_MISSING_ENDPOINT.equals(advice);
            return (ofPods ? EstablishedTypes.ICMP_ROUTE : advice).about("{address}");
        }
        return advice;
    }

    /** Null where it says nothing special. */
    private static Advice advice(QuotedError error, FlowTrace trace) {
        boolean inside = trace.template() != PathTemplates.EGRESS;
        if (error.prohibited() || error.portUnreachable() && trace.flow().protocol() != Protocol.UDP) {
            return EstablishedTypes.ICMP_REJECT_RULE;
        }
        if (error.portUnreachable()) {
            return inside && error.quotedFromOpener() ? EstablishedTypes.ICMP_CLOSED_PORT : null;
        }
        if (error.timeExceeded()) {
            return EstablishedTypes.ICMP_LOOP;
        }
        if (error.hostUnreachable() && !error.addressUnreachable()) {
            return EstablishedTypes.ICMP_NO_ROUTE;
        }
        return inside && error.addressUnreachable() && error.quotedFromOpener() ? EstablishedTypes.ICMP_MISSING_ENDPOINT : null;
    }

    /**
     * An error that asked for smaller packets of a direction and did not come to who sends them, as the capture next to the sender shows;
     * null if there is none, or if that capture could not have shown it.
     */
    static Complaint untold(FlowTrace trace, Direction direction) {
        int place = direction == Direction.REPLY ? trace.placeAtEndpoint()
                : trace.isAt(0, Spot.CLIENT) || trace.isAt(0, Spot.CALLER_POD) ? 0 : -1;
        int point = place < 0 ? -1 : trace.flow().places().get(place).point();
        // Where nothing but TCP was captured, a filter keeps ICMP out; a capture of one direction shows nothing that comes in.
        if (point < 0 || trace.captures().leftOut(point).only() != null
                || direction == Direction.REQUEST && trace.captures().answersBlind(point)) {
            return null;
        }
        Complaint found = null;
        for (Complaint complaint : Complaint.of(trace.flow())) {
            QuotedError error = complaint.error();
            if (error.packetTooBig() && error.quotedFromOpener() == (direction == Direction.REQUEST)) {
                if (complaint.leg().point() == point) {
                    return null;
                }
                boolean surely = trace.captures().coverage(complaint.leg().point(), error.timeNanos(), point) == Coverage.SURE;
                found = found == null && surely ? complaint : found;
            }
        }
        return found;
    }

    /** Whether errors came to the sender that asked for smaller packets than a hop lost, and it lost none of those sent since. */
    static boolean heeded(FlowTrace trace, FlowHop hop) {
        Complaint last = null;
        for (Complaint complaint : Complaint.of(trace.flow())) {
            boolean about = complaint.error().packetTooBig()
                    && complaint.error().quotedFromOpener() == (hop.direction() == Direction.REQUEST);
            boolean later = about && (last == null
                    || trace.captures().aligned(complaint.frame()) > trace.captures().aligned(last.frame()));
            last = later ? complaint : last;
        }
        List<SeenFrame> lost = hop.loss().frames();
        return last != null && hop.loss().packets() == lost.size() && untold(trace, hop.direction()) == null
                && hop.loss().leastBytes() + Frames.headers(trace.flow()) > last.error().mtu()
                && trace.captures().aligned(lost.get(lost.size() - 1)) < trace.captures().aligned(last.frame());
    }

    /** Whether the entry node lost something that it had no reason to call too big. */
    private static boolean lostInsideThoughSmall(FlowTrace trace, int mtu) {
        for (FlowHop hop : trace.flow().hops()) {
            if (hop.loss().packets() > 0 && hop.loss().leastBytes() + Frames.headers(trace.flow()) <= mtu
                    && Frames.insideEntryNode(trace, hop.from(), hop.to())) {
                return true;
            }
        }
        return false;
    }

    /** An answer that nobody waits for any more; on its way through the NAT the error is about the same one. */
    private static boolean aboutAnAnswer(Complaint complaint) {
        return complaint.leg().tuple().protocol() == Protocol.UDP && !complaint.error().quotedFromOpener()
                && complaint.error().portUnreachable();
    }

    /** Behind a NAT that gives the client its own name: not from the NAT's own host, which is nearer than the client. */
    private static boolean cameAsFarAsRequests(Complaint complaint) {
        return Ttl.routersPassed(complaint.error().ttl()) == Ttl.routersPassed(complaint.leg().requestTtl());
    }

    /** The client had closed its socket before the answer came. That says nothing against the service, unless it was too late with all. */
    private static Finding byClient(FlowTrace trace, List<Complaint> refused) {
        Flow flow = trace.flow();
        FlowLeg answers = flow.places().isEmpty() ? null : flow.replyLeg(flow.places().get(0));
        int atFirst = 0;
        for (Complaint complaint : refused) {
            atFirst += answers != null && complaint.leg().point() == answers.point() && complaint.leg().level() == 0 ? 1 : 0;
        }
        boolean none = answers != null && atFirst >= answers.replies();
        Finding finding = Finding.of(EstablishedTypes.ICMP_UNREACHABLE, "2.0",
                trace.captures().point(refused.get(0).leg().point()).name(), none
                        ? "the client had closed its port before any answer came, and told so by ICMP port unreachable"
                        : "the client had closed its port when a late answer came, and told so by ICMP port unreachable",
                Complaint.frames(trace, refused)).advised(EstablishedTypes.ICMP_CLIENT_GONE);
        return finding.as(none ? Severity.WARNING : Severity.INFO);
    }

    /** Behind a NAT an error carries the NAT's address: its sender is named where it was seen on the sender's side. */
    private static Complaint nearestSender(List<Complaint> complaints) {
        Complaint nearest = complaints.get(0);
        boolean aboutRequests = nearest.error().quotedFromOpener();
        for (Complaint other : complaints) {
            int nearer = Integer.compare(other.leg().level(), nearest.leg().level());
            if (other.error().quotedFromOpener() == aboutRequests && (aboutRequests ? nearer : -nearer) > 0) {
                nearest = other;
            }
        }
        return nearest;
    }

    /** Whether an established exchange ended with these errors: the client's last data were complained of and never acknowledged. */
    private static boolean endsExchange(FlowTrace trace, List<Complaint> complaints) {
        Flow flow = trace.flow();
        boolean aboutRequests = complaints.stream().anyMatch(c -> c.error().quotedFromOpener() && !c.over(trace));
        boolean unanswered = flow.tcp() ? !flow.story().requestAcked() : flow.sign(Sign.Kind.UNANSWERED) != null
                || flow.sign(Sign.Kind.LAST_REFUSED) != null;
        return aboutRequests && flow.story().clientSawSynAck() && unanswered;
    }
}
