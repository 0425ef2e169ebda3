package io.nattrail.path;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.nat.Relation;
import io.nattrail.nat.Sign;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Tells on which node the endpoint of a flow is: by the dumps, by the captures that show its translated packets or ought to, and by what
 * other flows told of the pod.
 */
final class EndpointNode {
    private static final Pattern NUMBERED = Pattern.compile("node-[0-9]{1,6}");

    private final ClusterView cluster;
    private final CaptureSet captures;

    EndpointNode(ClusterView cluster, CaptureSet captures) {
        this.cluster = cluster;
        this.captures = captures;
    }

    /** The node of an endpoint that is known, or null. */
    String of(Flow flow, Endpoint endpoint, String entry, PathTemplate template) {
        // By a listing of conntrack, or by a stray answer, no place of the path shows where it went.
        boolean onlyTold = template != PathTemplates.POD_TO_POD && !showsTranslated(flow);
        if (onlyTold && cluster.knownNodeOfPod(endpoint.address()) == null
                && (stayedOnEntryNode(flow, template, entry) || listedAndNotSentOut(flow, entry))) {
            return entry;
        }
        String node = cluster.nodeOfPod(endpoint.address());
        if (node != null) {
            return node;
        }
        boolean itself = endpoint.address().equals(flow.original().source().address());
        if (template == PathTemplates.CLUSTERIP && (itself || answeredOnCallersBridge(flow, entry))) {
            return entry;
        }
        for (Place place : flow.places()) {
            String at = captures.node(place.point());
            if (place.level() > 0 && captures.showsPods(place.point()) && at != null && !at.equals(entry)) {
                return at;
            }
        }
        if (deliveredByEntry(flow, entry) || bridgedByEntry(flow, entry)) {
            return entry;
        }
        List<Integer> bridges = captures.find(PointRole.BRIDGE, null);
        return expectedOn(endpoint.address(), bridges.isEmpty() ? captures.find(null, null) : bridges, entry);
    }

    private static boolean showsTranslated(Flow flow) {
        for (FlowLeg leg : flow.legs()) {
            if (leg.relation() == Relation.TRANSLATED) {
                return true;
            }
        }
        return false;
    }

    /**
     * It left the entry node. Where another one was captured, that is where it was expected; of several, the one whose pods were never
     * seen. Those of which pods were seen have other prefixes than this pod's. Pods of several prefixes are on several nodes, and which of
     * them on this one is open.
     */
    private String expectedOn(IpAddress pod, List<Integer> points, String entry) {
        if (cluster.severalHomeless(pod.v6())) {
            return null;
        }
        Set<String> others = new LinkedHashSet<>();
        Set<String> unknown = new LinkedHashSet<>();
        for (int point : points) {
            String other = captures.node(point);
            if (other != null && !other.equals(entry)) {
                others.add(other);
                if (!cluster.podsSeenOn(other)) {
                    unknown.add(other);
                }
            }
        }
        String only = others.size() == 1 ? others.iterator().next() : null;
        if (only != null && !cluster.podsSeenOn(only, pod.v6())) {
            return othersBefore(entry, only) ? null : only;
        }
        return unknown.size() == 1 ? unknown.iterator().next() : null;
    }

    /** Whether the numbers that nodes are named by say that there are more than the entry before another, of which nothing was captured. */
    private static boolean othersBefore(String entry, String other) {
        if (entry == null || !NUMBERED.matcher(entry).matches() || !NUMBERED.matcher(other).matches()) {
            return false;
        }
        int first = Integer.parseInt(entry.substring(entry.indexOf('-') + 1));
        int number = Integer.parseInt(other.substring(other.indexOf('-') + 1));
        return number - 1 > (first < number ? 1 : 0);
    }

    /** The entry node's own bridge shows the translated request, routed already, and its interface does not: it went to a pod there. */
    private boolean deliveredByEntry(Flow flow, String entry) {
        boolean delivered = false;
        for (Place place : flow.places()) {
            if (place.level() > 0 && entry != null && entry.equals(captures.node(place.point()))) {
                if (!captures.showsPods(place.point())) {
                    return false;
                }
                FlowLeg requests = flow.requestLeg(place);
                delivered |= requests != null && !Reconstructor.isFirstBridge(flow, place);
            }
        }
        return delivered;
    }

    /**
     * The entry node's capture on all interfaces has the translated request more than once, as a bridge and its ports show it, and an
     * answer that no node has routed, or no answer and the bridge's address as the sender: it was for a pod there.
     */
    private boolean bridgedByEntry(Flow flow, String entry) {
        for (Place place : flow.places()) {
            FlowLeg requests = flow.requestLeg(place);
            if (place.level() > 0 && captures.role(place.point()) == PointRole.ANY && entry != null
                    && entry.equals(captures.node(place.point())) && requests != null && requests.copies() > 0
                    && (answeredUnrouted(flow, place) || masqueradedByBridge(flow))) {
                return true;
            }
        }
        return false;
    }

    /**
     * Nobody answered, and the sender is beside the pod and none that the client called: the kernel masquerades with the address of the
     * interface that it sends on.
     */
    private static boolean masqueradedByBridge(Flow flow) {
        if (flow.legs().stream().anyMatch(leg -> leg.replies() > 0)) {
            return false;
        }
        IpAddress sender = flow.translated().source().address();
        return !sender.equals(flow.original().source().address()) && !sender.equals(flow.original().destination().address())
                && ClusterView.usualPodCidr(flow.translated().destination().address()).contains(sender);
    }

    private static boolean answeredUnrouted(Flow flow, Place asked) {
        FlowLeg replies = flow.replyLeg(asked);
        boolean unrouted = replies != null && Ttl.fresh(replies.replyTtl());
        for (Sign sign : flow.signs()) {
            Place place = sign.place() < 0 ? null : flow.places().get(sign.place());
            unrouted |= sign.kind() == Sign.Kind.RESET && sign.direction() == Direction.REPLY && place != null && place.level() > 0
                    && place.point() == asked.point() && Ttl.fresh(sign.value());
        }
        return unrouted;
    }

    /**
     * An answer in the endpoint's own name is on the caller's bridge, and nothing of the call on the node's interface, which would show it:
     * it came from another port of that bridge. What comes from elsewhere has the service's name again by then.
     */
    private boolean answeredOnCallersBridge(Flow flow, String entry) {
        boolean answered = false;
        for (Place place : flow.places()) {
            if (place.level() > 0 && entry != null && entry.equals(captures.node(place.point()))) {
                answered |= captures.role(place.point()) == PointRole.BRIDGE && flow.replyLeg(place) != null;
                if (captures.showsNodeInterface(place.point())) {
                    return false;
                }
            }
        }
        return answered && cluster.wouldShowTranslated(flow, entry);
    }

    /** The node's own interface shows the translated request, whichever node it is for. */
    boolean leftBy(Flow flow, String entry) {
        for (Place place : flow.places()) {
            boolean out = place.level() > 0 && captures.role(place.point()) == PointRole.NODE_INTERFACE && entry != null
                    && entry.equals(captures.node(place.point()));
            if (out && flow.requestLeg(place) != null) {
                return true;
            }
        }
        return false;
    }

    /**
     * The interfaces of both pods were captured, and no more than one router is between them: their node, which of two nodes would each be
     * one. Where tunnels begin in the pod's interface only the endpoint's node is one, but then each node has a prefix of its own.
     */
    boolean besideCaller(Flow flow, Endpoint endpoint) {
        FlowLeg call = null;
        for (Place place : flow.places()) {
            FlowLeg leg = captures.role(place.point()) == PointRole.POD ? flow.requestLeg(place) : null;
            if (leg != null && place.level() == 0 && call == null && Ttl.fresh(leg.requestTtl())) {
                call = leg;
            } else if (leg != null && call != null && leg.point() != call.point()) {
                return leg.tuple().destination().equals(endpoint) && call.requestTtl() - leg.requestTtl() <= 1
                        && ClusterView.usualPodCidr(endpoint.address())
                                .equals(ClusterView.usualPodCidr(flow.original().source().address()));
            }
        }
        return false;
    }

    /** Answered, while the entry node's eth0, which shows translated packets of others or must show all, shows none of this flow. */
    boolean stayedOnEntryNode(Flow flow, PathTemplate template, String entry) {
        if (template == PathTemplates.POD_TO_POD || template == PathTemplates.EGRESS || entry == null || !answered(flow, template, entry)) {
            return false;
        }
        return cluster.wouldShowTranslated(flow, entry) && !answeredFromElsewhere(flow, entry);
    }

    /** Whether the answer has passed more than one router when the entry node hands it on: that node, and the one of its pod before. */
    private boolean answeredFromElsewhere(Flow flow, String entry) {
        for (Place place : flow.places()) {
            FlowLeg replies = place.level() == 0 && entry.equals(captures.node(place.point())) ? flow.replyLeg(place) : null;
            if (replies != null && replies.answered() && Ttl.routersPassed(replies.replyTtl()) > 1) {
                return true;
            }
        }
        return false;
    }

    /** Of what conntrack lists: it takes in only what the node sends on, and the interface that shows what came would show that. */
    private boolean listedAndNotSentOut(Flow flow, String entry) {
        for (Place place : flow.places()) {
            if (place.level() == 0 && captures.showsNodeInterface(place.point()) && captures.node(place.point()) != null
                    && captures.node(place.point()).equals(entry)) {
                return cluster.wouldShowTranslated(flow, entry) && !flow.neighbourMissing();
            }
        }
        return false;
    }

    /** By an endpoint that may be on the entry node, whether or not the answer reached the client. */
    private boolean answered(Flow flow, PathTemplate template, String entry) {
        if (flow.story().clientSawSynAck() || template == PathTemplates.CLUSTERIP && Refusal.ofCall(flow, captures)) {
            return true;
        }
        for (Place place : flow.places()) {
            FlowLeg leg = place.level() == 0 && entry.equals(captures.node(place.point())) ? flow.replyLeg(place) : null;
            if (leg != null && leg.answered()) {
                return true;
            }
        }
        return Refusal.routersPassed(flow, captures, entry) == 1;
    }
}
