package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.FrameRef;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.Protocol;
import io.nattrail.path.FlowTrace;
import java.util.List;

/**
 * Datagrams of one port that go on to an endpoint which answers no more, while flows begun later are answered by others: each datagram
 * renews the conntrack entry that holds them there.
 */
final class UdpStaleConntrack implements Detector {
    private static final int LEAST_DATAGRAMS = 2;
    private static final DeviationType[] FOLLOWS = {TranslationTypes.DNAT_UNEXPECTED_ENDPOINT, EstablishmentTypes.STALE_ENDPOINT,
            EstablishmentTypes.NO_REPLY_FROM_POD, EstablishedTypes.ICMP_UNREACHABLE, EstablishedTypes.LOSS,
            EstablishmentTypes.REQUEST_LOST_BETWEEN_NODES};
    /** Far longer than the others, which are answered meanwhile, wait. */
    private static final long LEAST_WAIT_NANOS = 100_000_000L;

    @Override
    public List<Finding> inspect(FlowTrace trace, CaseFacts facts) {
        Flow flow = trace.flow();
        if (flow.protocol() != Protocol.UDP || flow.translated() == null || trace.endpoint() == null) {
            return List.of();
        }
        Sign unanswered = flow.sign(Sign.Kind.UNANSWERED);
        boolean never = !flow.story().clientSawSynAck();
        boolean several = unanswered != null && unanswered.count() >= LEAST_DATAGRAMS;
        ClusterState.ServiceRule rule = rule(trace, facts);
        if (rule != null && rule.endpoints().contains(trace.endpoint())) {
            return List.of();
        }
        // A question that nobody ever answered may have been sent there by rules that are stale themselves.
        boolean neverButAgain = never && (rule != null || asked(flow) >= LEAST_DATAGRAMS);
        FlowLeg anew = translatedAnew(flow);
        boolean until = anew != null && inVain(flow) >= LEAST_DATAGRAMS;
        // What nobody answers under a later translation is not the first endpoint's.
        boolean still = anew == null && (neverButAgain || several || toldGone(trace, facts) && lastUnanswered(trace));
        if (!still && !until) {
            return List.of();
        }
        FlowFact newer = newer(trace, facts);
        if (newer == null || !gone(trace, facts, newer)) {
            return List.of();
        }
        if (until) {
            return List.of(Finding.of(EstablishedTypes.UDP_STALE_CONNTRACK, "1.6", Frames.pointOf(trace, 0),
                    "it stayed with %s, which answered no more, until it was translated anew, to %s; %s, begun later, is answered by %s"
                            .formatted(trace.endpoint(), anew.tuple().destination(), newer.original().source(), answerer(newer)),
                    Frames.join(Frames.first(trace), Frames.of(trace, List.of(anew.firstRequest())))).explaining(FOLLOWS));
        }
        List<FrameRef> evidence = unanswered == null ? Frames.first(trace) : Frames.of(trace, unanswered.frames());
        return List.of(Finding.fatal(EstablishedTypes.UDP_STALE_CONNTRACK, "1.6", Frames.pointOf(trace, 0),
                "it stays with %s, which answers no more, while %s, begun later, is answered by %s".formatted(trace.endpoint(),
                        newer.original().source(), answerer(newer)), Frames.join(evidence, Frames.of(trace, List.of(flow.end()))))
                .explaining(FOLLOWS));
    }

    /**
     * The last flow begun later that another endpoint of the service answered, by whatever address it was called: a pod of the entry node,
     * if no capture shows which, where this one is elsewhere; or null.
     */
    private static FlowFact newer(FlowTrace trace, CaseFacts facts) {
        FlowFact newest = null;
        for (FrontFacts front : facts.fronts().allOf(trace)) {
            FlowFact newer = front.lastAnsweredByAnother(trace.endpoint(), trace.id());
            if (newer == null && Boolean.FALSE.equals(trace.local())) {
                newer = front.lastAnsweredOn(trace.entryNode(), trace.id());
            }
            newest = newest == null || newer != null && newer.id() > newest.id() ? newer : newest;
        }
        return newest;
    }

    private static String answerer(FlowFact fact) {
        return fact.endpoint() != null ? fact.endpoint().toString() : "a pod of " + fact.endpointNode();
    }

    /** Where it was answered at last, by another endpoint: the entry was deleted, as kube-proxy does once it knows, or had expired. */
    private static FlowLeg translatedAnew(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (leg.relation() == Relation.REMAPPED && leg.firstRequest() != null
                    && !leg.tuple().destination().equals(flow.translated().destination()) && flow.story().clientSawSynAck()) {
                return leg;
            }
        }
        return null;
    }

    /** How many questions the first endpoint did not answer, where they went to it, if each of all others had its answer; else 0. */
    private static long inVain(Flow flow) {
        FlowLeg all = flow.places().isEmpty() || flow.places().get(0).level() > 0 ? null : flow.requestLeg(flow.places().get(0));
        for (Place place : flow.places()) {
            FlowLeg leg = place.level() > 0 ? flow.requestLeg(place) : null;
            if (all != null && leg != null) {
                long unanswered = leg.asked() - leg.answers();
                return all.asked() - all.answers() == unanswered ? unanswered : 0;
            }
        }
        return 0;
    }

    /** What the entry node's rules, as they are after all, do with the flow's destination; null if no dump tells. */
    private static ClusterState.ServiceRule rule(FlowTrace trace, CaseFacts facts) {
        Endpoint called = trace.flow().original().destination();
        return facts.cluster().told().ruleOf(trace.entryNode(), Protocol.UDP, called, facts.cluster().isNodeAddress(called.address()));
    }

    private static long asked(Flow flow) {
        FlowLeg first = flow.places().isEmpty() ? null : flow.requestLeg(flow.places().get(0));
        return first == null ? 0 : first.requests();
    }

    private static boolean toldGone(FlowTrace trace, CaseFacts facts) {
        ClusterIndex.Front front = trace.front();
        if (front == null || !facts.cluster().told().knowsEndpoints(front.service(), front.port())) {
            return false;
        }
        for (ClusterState.ServiceEndpoint known : facts.cluster().told().endpointsOf(front.service(), front.port())) {
            if (known.address().equals(trace.endpoint()) && known.ready()) {
                return false;
            }
        }
        return true;
    }

    /** Every question had its answer but the last, although the client's capture ran on. */
    private static boolean lastUnanswered(FlowTrace trace) {
        Flow flow = trace.flow();
        if (!CutOff.allButOneAnswered(flow) || !flow.story().lastIsRequestData()) {
            return false;
        }
        FlowLeg asked = flow.requestLeg(flow.places().get(0));
        return trace.captures().coverage(asked.point(), asked.last().timeNanos() + LEAST_WAIT_NANOS, asked.point()) == Coverage.SURE;
    }

    /** Told to be no endpoint any more, or unreachable, or never again chosen with success. */
    private static boolean gone(FlowTrace trace, CaseFacts facts, FlowFact newer) {
        ClusterIndex.Front front = trace.front();
        if (front != null && facts.cluster().told().knowsEndpoints(front.service(), front.port())) {
            return toldGone(trace, facts);
        }
        for (Complaint complaint : Complaint.of(trace.flow())) {
            if (complaint.error().hostUnreachable()) {
                EndpointFacts seen = facts.endpoint(trace.endpoint());
                return seen == null || seen.lastAnsweredStart() < newer.start();
            }
        }
        return false;
    }
}
