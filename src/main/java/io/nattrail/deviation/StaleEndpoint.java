package io.nattrail.deviation;

import io.nattrail.cluster.ClusterIndex;
import io.nattrail.cluster.ClusterState;
import io.nattrail.leg.FrameRef;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.SeenFrame;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import io.nattrail.path.FlowTrace;
import io.nattrail.path.PathTemplates;
import java.util.List;

/** A translation to a pod that is gone. */
final class StaleEndpoint extends UnansweredFlow {
    /** Linux asks for a neighbour three times, a second each (net.ipv4.neigh.default.mcast_solicit, retrans_time_ms). */
    private static final long LEAST_ASKING_NANOS = 900_000_000L;

    private final List<Complaint> complaints;

    StaleEndpoint(FlowTrace trace, CaseFacts facts) {
        super(trace, facts);
        complaints = Complaint.of(flow);
    }

    /**
     * Whether the cluster's state does not know the endpoint any more, or others answer and it is said to be unreachable: to whichever
     * flow, since not each is told.
     */
    boolean is() {
        Endpoint endpoint = trace.endpoint();
        if (trace.template() == PathTemplates.EGRESS) {
            return false;
        }
        if (endpoint == null) {
            return unseen() != null;
        }
        ClusterIndex.Front front = trace.front();
        if (facts.strange().translated(flow)) {
            // Which endpoint it is was replaced in the file.
            return false;
        }
        if (front != null && knowsEndpoints(front)) {
            for (ClusterState.ServiceEndpoint known : facts.cluster().told().endpointsOf(front.service(), front.port())) {
                if (known.address().equals(endpoint)) {
                    return false;
                }
            }
            return true;
        }
        EndpointFacts seen = facts.endpoint(endpoint);
        return seen != null && seen.unreachable() && seen.replied() == 0 && facts.fronts().of(flow.original()).answersWithout(endpoint);
    }

    /**
     * The entry node's own word that nobody has the address which it asked its neighbours for, of a request that it did not send out of its
     * interface: for an endpoint that no capture shows. An answer takes as long as the questions; a rule that rejects needs no time. Where
     * that node's interface was not captured, the word in its name, which is its own or of whom it sent the request to.
     */
    private Complaint unseen() {
        ClusterIndex.Front front = trace.front();
        if (flow.translated() != null || trace.entryNode() == null || front != null && knowsEndpoints(front)
                || !facts.fronts().of(flow.original()).answers()) {
            return null;
        }
        boolean wouldShow = facts.cluster().wouldShowTranslated(flow, trace.entryNode());
        Complaint found = null;
        for (Complaint complaint : complaints) {
            FlowLeg leg = complaint.leg();
            QuotedError error = complaint.error();
            boolean byEntryNode = wouldShow && leg.level() == 0 && Ttl.fresh(error.ttl()) && captures.showsNodeInterface(leg.point())
                    && trace.entryNode().equals(captures.node(leg.point()));
            if (!byEntryNode && !throughCalledNode(error) || !error.addressUnreachable() || !error.quotedFromOpener()
                    || leg.firstRequest() == null) {
                continue;
            }
            boolean asked = askedInVain(complaint);
            if (!asked && !byEntryNode) {
                // By a rule, which says it of each SYN: also of one that is sent again a second later.
                return null;
            }
            found = asked && found == null ? complaint : found;
        }
        return found;
    }

    /**
     * Whether an error tells that somebody asked for a neighbour that does not answer. A router that has no route says so at once, of the
     * network (RFC 1812, section 5.2.7.1), and so does a rule that rejects, whatever it says.
     */
    static boolean askedInVain(Complaint complaint) {
        SeenFrame asked = complaint.leg().firstRequest();
        QuotedError error = complaint.error();
        return error.addressUnreachable() && error.quotedFromOpener()
                && (asked == null || error.timeNanos() - asked.timeNanos() >= LEAST_ASKING_NANOS);
    }

    Finding finding(List<FrameRef> evidence, String point) {
        if (trace.endpoint() == null) {
            QuotedError error = unseen().error();
            return finding(evidence, point, "%s chose an endpoint that no capture shows and that it cannot reach, while others of the "
                    .formatted(nodeText()) + "service answer: nobody has the address; %s said so by ICMP %s".formatted(
                            error.sender(), error.text()));
        }
        boolean told = trace.front() != null && knowsEndpoints(trace.front());
        String how = told ? "is in no EndpointSlice of " + serviceText() : "answers no one, while other endpoints of the service do";
        return finding(evidence, point, "translated to %s, which %s%s".formatted(trace.endpoint(), how, saidOfEndpoint()));
    }

    private Finding finding(List<FrameRef> evidence, String point, String message) {
        return Finding.fatal(EstablishmentTypes.STALE_ENDPOINT, "1.5", point, message,
                evidence.isEmpty() ? Frames.first(trace) : evidence)
                .explaining(EstablishedTypes.SYN_RETRANSMITTED, TranslationTypes.DNAT_UNEXPECTED_ENDPOINT,
                        EstablishedTypes.RETRANSMISSION, EstablishedTypes.LOSS, EstablishedTypes.ICMP_UNREACHABLE);
    }

    /** Who answered in the endpoint's place; nearest to it, since the way back translates the sender too. */
    private String saidOfEndpoint() {
        Complaint nearest = null;
        for (Complaint complaint : complaints) {
            boolean nearer = nearest == null || complaint.rank(flow) > nearest.rank(flow);
            nearest = complaint.error().hostUnreachable() && nearer ? complaint : nearest;
        }
        if (nearest == null || nearest.leg().level() == 0) {
            return "";
        }
        IpAddress sender = nearest.error().sender();
        String node = facts.cluster().nodeOf(sender);
        return "; %s%s answered with ICMP %s".formatted(sender, node == null ? "" : " (" + node + ")", nearest.error().text());
    }
}
