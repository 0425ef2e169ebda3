package io.nattrail.path;

import io.nattrail.leg.Direction;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.QuotedError;
import io.nattrail.nat.CaptureSet;
import io.nattrail.nat.Flow;
import io.nattrail.nat.FlowLeg;
import io.nattrail.nat.Place;
import io.nattrail.net.Endpoint;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Protocol;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the filter of a capture hides of some connections while it shows others in full, as one of hosts or ports does. That it hides
 * anything is proven by connections that must have passed the point, all the time that it captured, and of which it shows nothing in a
 * direction: they were answered, or show further on. What is missing there of other connections may then be hidden as well, unless the
 * point shows some of the same client's to the same destination: filters know hosts and ports of servers, not which connection it is.
 */
final class HiddenLegs {
    /** More tell no more. */
    private static final int MOST_CANDIDATES = 20_000;
    /** Where clients are more, as in a flood, nothing is told to be hidden. */
    private static final int MOST_SHOWN = 50_000;
    private static final int SIDES = 2;
    private static final int WAYS = Direction.values().length;

    private final CaptureSet captures;
    /** What each point shows, by side of the translation and direction. */
    private final List<Set<Called>> shown = new ArrayList<>();
    /** How many connections prove that a point hides a side and direction. */
    private final int[] proofs;
    private final boolean[] showsReplies;
    /** Of each point beside pods, hosts that were asked for their address, or for what they refused, unseen; it shows nothing to them. */
    private final List<Set<IpAddress>> askedUnseen = new ArrayList<>();
    /** How many connections a point lacks that passed it as their client sent them, though it shows some that no filter tells from them. */
    private final int[] lacking;
    /** Connections that may prove something once it is known which addresses are nodes', and where pods are. */
    private final Map<Candidate, Integer> candidates = new HashMap<>();
    /** Destinations as clients call them of which a point hides, or shows, connections behind the translation. */
    private final List<Set<Called>> frontsHidden = new ArrayList<>();
    private final List<Set<Called>> frontsShown = new ArrayList<>();

    /** Connections that filters cannot tell apart: from one host to one port of another. */
    private record Called(Protocol protocol, IpAddress from, Endpoint to) {
        // Written by hand: what the compiler generates for a record runs through method handles, at every start and in every map.

        @Override
        public boolean equals(Object other) {
            return other instanceof Called that && protocol == that.protocol && from.equals(that.from) && to.equals(that.to);
        }

        @Override
        public int hashCode() {
            return (31 * protocol.number() + from.hashCode()) * 31 + to.hashCode();
        }
    }

    /** Where a connection would have passed, if what is not known yet is so. */
    private enum If {
        /** The node that the point is on is the one that was called. */
        CALLED,
        /** The node that the point is on translated it and sent it on. */
        SENT_ON,
        /** The endpoint is on the node that the point is on. */
        ENDPOINT_THERE,
        /** The point is the endpoint's own interface. */
        ENDPOINT_ITSELF,
        /** The point is the client's own interface. */
        CLIENT
    }

    /** @param silence of the point, which all of the connection falls into; negative of others */
    private record Candidate(int point, int side, Direction way, If when, int silence, Called original, Called translated) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Candidate that && point == that.point && side == that.side && way == that.way && when == that.when
                    && silence == that.silence && original.equals(that.original)
                    && (translated == null ? that.translated == null : translated.equals(that.translated));
        }

        @Override
        public int hashCode() {
            return ((point * SIDES + side) * WAYS + way.ordinal()) * 31 + original.hashCode();
        }
    }

    HiddenLegs(CaptureSet captures) {
        this.captures = captures;
        int slots = captures.count() * SIDES * WAYS;
        proofs = new int[slots];
        showsReplies = new boolean[captures.count()];
        lacking = new int[captures.count()];
        for (int i = 0; i < slots; i++) {
            shown.add(new HashSet<>());
        }
        for (int i = 0; i < captures.count(); i++) {
            frontsHidden.add(new HashSet<>());
            frontsShown.add(new HashSet<>());
            askedUnseen.add(captures.showsPods(i) ? new HashSet<>(captures.leftOut(i).askedUnseen()) : new HashSet<>(0));
        }
    }

    private static int slot(int point, int side, Direction way) {
        return (point * SIDES + side) * WAYS + way.ordinal();
    }

    private static Called original(Flow flow) {
        return new Called(flow.protocol(), flow.original().source().address(), flow.original().destination());
    }

    private static Called translated(Flow flow) {
        return flow.translated() == null ? null
                : new Called(flow.protocol(), flow.translated().source().address(), flow.translated().destination());
    }

    private static Called front(Called original) {
        return new Called(original.protocol, original.to.address(), original.to);
    }

    /** Takes a flow into account. */
    void add(Flow flow) {
        Called original = original(flow);
        Called translated = translated(flow);
        for (FlowLeg leg : flow.legs()) {
            if (captures.showsPods(leg.point()) && refused(leg) && !showsRequests(flow, leg.point())) {
                askedUnseen.get(leg.point()).add(leg.tuple().destination().address());
            }
            Called tuple = leg.level() == 0 ? original : translated;
            if (tuple == null) {
                continue;
            }
            int side = leg.level() == 0 ? 0 : 1;
            if (leg.requests() > 0) {
                show(slot(leg.point(), side, Direction.REQUEST), tuple);
            }
            if (leg.replies() > 0) {
                show(slot(leg.point(), side, Direction.REPLY), tuple);
                showsReplies[leg.point()] = true;
            }
            if (side == 1) {
                frontsShown.get(leg.point()).add(front(original));
            }
        }
        if (candidates.size() < MOST_CANDIDATES && answered(flow)) {
            for (int point = 0; point < captures.count(); point++) {
                if (captures.surelyRan(flow, point)) {
                    consider(flow, point);
                }
            }
        }
    }

    private static boolean showsRequests(Flow flow, int point) {
        return flow.legs().stream().anyMatch(leg -> leg.point() == point && leg.requests() > 0);
    }

    private void show(int slot, Called tuple) {
        if (shown.get(slot).size() < MOST_SHOWN) {
            shown.get(slot).add(tuple);
        }
    }

    /** Whether both sides went on after the handshake, or a datagram came back to where the client's are seen first. */
    private static boolean answered(Flow flow) {
        if (!flow.tcp()) {
            Place first = flow.places().isEmpty() ? null : flow.places().get(0);
            FlowLeg replies = first == null || first.level() > 0 ? null : flow.replyLeg(first);
            // Of an answer alone the question came before the captures began.
            return replies != null && flow.legs().stream().anyMatch(leg -> leg.requests() > 0);
        }
        return !flow.story().midstream()
                && (flow.story().clientSawSynAck() && flow.story().established() || acknowledgedUnseen(flow));
    }

    /** Whether who was asked called its port unreachable itself, as it does only of what came to it. */
    private static boolean refused(FlowLeg leg) {
        for (QuotedError error : leg.errors()) {
            if (error.quotedFromOpener() && error.portUnreachable() && error.sender().equals(leg.tuple().destination().address())) {
                return true;
            }
        }
        return false;
    }

    /** The client went on after its SYN, as only who has the SYN-ACK does, whether or not its capture shows that. */
    private static boolean acknowledgedUnseen(Flow flow) {
        Place first = flow.places().isEmpty() ? null : flow.places().get(0);
        FlowLeg asked = first == null || first.level() > 0 ? null : flow.requestLeg(first);
        return asked != null && asked.wentOn();
    }

    private void consider(Flow flow, int point) {
        boolean[] seen = seen(flow, point);
        boolean nothing = !seen[0] && !seen[1] && !seen[2] && !seen[3];
        String node = captures.node(point);
        if (captures.showsNodeInterface(point) && node != null) {
            boolean masqueraded = flow.translated() != null
                    && !flow.translated().source().address().equals(flow.original().source().address());
            if (fromOutside(flow, node)) {
                missing(seen, point, 0, masqueraded, If.CALLED, flow);
            }
            if (showsTranslated(flow, node, false) && !leftAsItCame(flow, point, node)) {
                missing(seen, point, 1, masqueraded, If.SENT_ON, flow);
            }
            if (nothing && showsTranslated(flow, node, true)) {
                missing(seen, point, 1, true, If.ENDPOINT_THERE, flow);
            }
        } else if (captures.showsPods(point) && flow.translated() != null && (nothing || seen[slot(0, 1, Direction.REQUEST)])
                && !seen[slot(0, 0, Direction.REQUEST)]) {
            missing(seen, point, 1, true, captures.role(point) == PointRole.POD ? If.ENDPOINT_ITSELF : If.ENDPOINT_THERE, flow);
        } else if (captures.role(point) == PointRole.CLIENT && !seen[slot(0, 1, Direction.REQUEST)]) {
            // It acknowledged the handshake; what it got of datagrams nothing tells.
            missing(seen, point, 0, flow.tcp(), If.CLIENT, flow);
        }
    }

    /** What a point, or another interface of its node, shows of a flow, by side of the translation and direction. */
    private boolean[] seen(Flow flow, int point) {
        boolean[] seen = new boolean[SIDES * WAYS];
        for (Place place : flow.places()) {
            if (isHere(place, point)) {
                int side = place.level() == 0 ? 0 : 1;
                seen[slot(0, side, Direction.REQUEST)] |= flow.requestLeg(place) != null;
                seen[slot(0, side, Direction.REPLY)] |= flow.replyLeg(place) != null;
            }
        }
        return seen;
    }

    /** Whether a place is the point, or another interface of its node to the network. */
    private boolean isHere(Place place, int point) {
        return place.point() == point || captures.areInterfacesOfOneNode(place.point(), point);
    }

    private boolean isOfAnother(Place place, String node) {
        return captures.node(place.point()) != null && !captures.node(place.point()).equals(node);
    }

    /** Whether a request shows translated at another node, or at its interface. */
    private boolean showsTranslated(Flow flow, String otherThan, boolean atInterface) {
        for (Place place : flow.places()) {
            if (place.level() > 0 && flow.requestLeg(place) != null && isOfAnother(place, otherThan)
                    && (!atInterface || captures.showsNodeInterface(place.point()))) {
                return true;
            }
        }
        return false;
    }

    /** Whether a request shows as its client sent it at another node's interface behind this one: that one translated it. */
    private boolean leftAsItCame(Flow flow, int point, String node) {
        boolean came = false;
        for (Place place : flow.places()) {
            if (place.level() > 0 || flow.requestLeg(place) == null) {
                continue;
            }
            if (came && isOfAnother(place, node) && captures.showsNodeInterface(place.point())) {
                return true;
            }
            came |= isHere(place, point);
        }
        return false;
    }

    /** What a process or pod of the node itself sends to it passes no interface of its own. */
    private boolean fromOutside(Flow flow, String node) {
        Place first = flow.places().isEmpty() ? null : flow.places().get(0);
        if (first == null || first.level() > 0) {
            return false;
        }
        String caller = captures.node(first.point());
        return captures.role(first.point()) == PointRole.CLIENT || caller != null && !caller.equals(node)
                || captures.showsNodeInterface(first.point());
    }

    /** @param answers whether they would have passed there as well as the requests */
    private void missing(boolean[] seen, int point, int side, boolean answers, If when, Flow flow) {
        for (Direction way : Direction.values()) {
            if (!seen[slot(0, side, way)] && (side == 0 || flow.translated() != null) && (answers || way == Direction.REQUEST)) {
                int silence = captures.silenceAround(flow, point);
                candidates.merge(new Candidate(point, side, way, when, silence, original(flow), translated(flow)), 1, Integer::sum);
            }
        }
    }

    /** All flows were seen; which addresses are nodes' is known, and where pods are. */
    void settle(ClusterView view) {
        for (int point = 0; point < askedUnseen.size(); point++) {
            if (!askedUnseen.get(point).isEmpty()) {
                withdrawShown(point, askedUnseen.get(point));
            }
        }
        Set<Long> interruptions = interruptions(view);
        for (Map.Entry<Candidate, Integer> entry : candidates.entrySet()) {
            Candidate candidate = entry.getKey();
            if (isLacking(candidate) && passed(candidate, view)) {
                lacking[candidate.point] += entry.getValue();
            } else if (!showsAlike(candidate) && !interruptions.contains(silence(candidate)) && passed(candidate, view)) {
                int slot = slot(candidate.point, candidate.side, candidate.way);
                proofs[slot] += entry.getValue();
                if (candidate.side == 1) {
                    frontsHidden.get(candidate.point).add(front(candidate.original));
                }
            }
        }
        candidates.clear();
    }

    /** Takes away hosts to which a point shows something. */
    private void withdrawShown(int point, Set<IpAddress> hosts) {
        for (int side = 0; side < SIDES; side++) {
            for (Called called : shown.get(slot(point, side, Direction.REQUEST))) {
                hosts.remove(called.to.address());
            }
            for (Called called : shown.get(slot(point, side, Direction.REPLY))) {
                hosts.remove(called.from);
            }
        }
    }

    /**
     * Whether, if it passed, the point's capture missed what the client sent: no interruption and no filter explains it. Behind the
     * translation a connection may have gone unrecognised instead.
     */
    private boolean isLacking(Candidate candidate) {
        return candidate.side == 0 && candidate.way == Direction.REQUEST && candidate.silence < 0 && showsAlike(candidate);
    }

    /** Silences of points in which they do not even show what they show at other times: whatever else passed then proves no filter. */
    private Set<Long> interruptions(ClusterView view) {
        Set<Long> found = new HashSet<>();
        for (Candidate candidate : candidates.keySet()) {
            if (candidate.silence >= 0 && showsAlike(candidate) && passed(candidate, view)) {
                found.add(silence(candidate));
            }
        }
        return found;
    }

    private static long silence(Candidate candidate) {
        return (long) candidate.point << 32 | candidate.silence & 0xffffffffL;
    }

    private boolean showsAlike(Candidate candidate) {
        return shown.get(slot(candidate.point, candidate.side, candidate.way))
                .contains(candidate.side == 0 ? candidate.original : candidate.translated);
    }

    private boolean passed(Candidate candidate, ClusterView view) {
        String node = captures.node(candidate.point);
        IpAddress to = candidate.original.to.address();
        return switch (candidate.when) {
            case CALLED -> node.equals(view.nodeOf(to));
            case SENT_ON -> node.equals(view.nodeOf(to)) || node.equals(view.nodeOf(candidate.translated.from))
                    || !view.isNodeAddress(to) && node.equals(view.knownNodeOfPod(candidate.original.from));
            case ENDPOINT_THERE -> node != null && node.equals(view.knownNodeOfPod(candidate.translated.to.address()))
                    && !view.isNodeAddress(candidate.translated.to.address())
                    && !node.equals(view.nodeOfPod(candidate.original.from));
            case ENDPOINT_ITSELF -> view.isPodPoint(candidate.translated.to.address(), candidate.point);
            case CLIENT -> view.isClientAt(candidate.point, candidate.original.from);
        };
    }

    /** Whether a point shows a side and direction of a connection that no filter can tell from this one. */
    boolean showsAlike(Flow flow, int point, boolean translatedSide, Direction way) {
        Called tuple = translatedSide ? translated(flow) : original(flow);
        return tuple != null && shown.get(slot(point, translatedSide ? 1 : 0, way)).contains(tuple);
    }

    /** Whether a point's filter is proven to hide a side and direction of connections, and may hide that of this one. */
    boolean mayHide(Flow flow, int point, boolean translatedSide, Direction way) {
        int side = translatedSide ? 1 : 0;
        int slot = slot(point, side, way);
        boolean unseen = translatedSide && way == Direction.REQUEST && !askedUnseen.get(point).isEmpty();
        if (proofs[slot] == 0 && !unseen || shown.get(slot).size() >= MOST_SHOWN) {
            return false;
        }
        Called original = original(flow);
        if (side == 0) {
            return !shown.get(slot).contains(original);
        }
        if (flow.translated() != null) {
            return !shown.get(slot).contains(translated(flow));
        }
        Called front = front(original);
        return frontsHidden.get(point).contains(front) || !frontsShown.get(point).contains(front);
    }

    /** How many connections prove that a point hides a side and direction; 0 if none does. */
    int proofs(int point, boolean translatedSide, Direction way) {
        return proofs[slot(point, translatedSide ? 1 : 0, way)];
    }

    /** Whether a point beside pods hides what is sent to one that answered a neighbour's question, or refused a datagram. */
    boolean hidesWhatIsSent(int point) {
        return !askedUnseen.get(point).isEmpty();
    }

    /** How many connections passed a point whose capture lacks what their clients sent, though it ran and no filter explains it. */
    int lacking(int point) {
        return lacking[point];
    }

    /** Whether a point shows no answer of any connection, and is proven to hide those of clients. */
    boolean hidesAllAnswers(int point) {
        return !showsReplies[point] && (proofs(point, false, Direction.REPLY) > 0 || proofs(point, true, Direction.REPLY) > 0);
    }
}
