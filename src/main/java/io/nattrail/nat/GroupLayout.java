package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Ttl;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Brings the tuples of a group into the order of their translation, and its legs into that of the path. A request loses TTL with every
 * forwarding node, so the tuple with the highest TTL is the client's own; between equal ones the order inside one capture tells.
 */
final class GroupLayout {
    /** A connection that was used for so long, with so many requests, would have shown its translation. */
    private static final long SETTLED_NANOS = 500_000_000L;
    private static final int LEAST_SETTLED = 3;
    /** Of a tuple's packets the first tell whether they had shown before. */
    private static final int MOST_COMPARED = 8;

    /** Above every TTL. */
    private static final int NO_TTL = 256;

    private final FoldContext context;
    private final List<LoadedLeg> legs;
    private final MovedLegs moved;
    /** Those that did not move. */
    private final List<LoadedLeg> kept;
    private final Map<FiveTuple, TupleFacts> byTuple = new LinkedHashMap<>();
    private final List<TupleFacts> ordered = new ArrayList<>();
    private final List<Place> places = new ArrayList<>();
    private String entryNode;

    /** What is known of one tuple over all points. */
    private static final class TupleFacts {
        private final FiveTuple tuple;
        private final List<Integer> legs = new ArrayList<>(3);
        private boolean requests;
        private boolean syn;
        /** Whether more than SYNs went this way, or a SYN-ACK or a RST came back; an old connection's ACK is no answer to a SYN. */
        private boolean heard;
        private boolean remapped;
        private boolean relayed;
        private boolean atCaller;
        private boolean toItself;
        private int level = -1;
        private int ttl = -1;
        private int replyTtl = NO_TTL;
        private long firstRequest = Long.MAX_VALUE;
        private long firstAny = Long.MAX_VALUE;

        private TupleFacts(FiveTuple tuple) {
            this.tuple = tuple;
        }
    }

    GroupLayout(List<LoadedLeg> legs, FoldContext context) {
        this.legs = legs;
        this.context = context;
        moved = new MovedLegs(legs, context);
        kept = moved.without();
        for (int i = 0; i < legs.size(); i++) {
            if (!moved.contains(i)) {
                note(i);
            }
        }
        hearHalfTranslated();
        orderTuples();
        findEntryNode();
        makePlaces();
    }

    /** Places in the order of the path. */
    List<Place> places() {
        return places;
    }

    FiveTuple original() {
        return ordered.get(0).tuple;
    }

    /** The tuple after the last translation, or null. */
    FiveTuple translated() {
        TupleFacts last = null;
        for (TupleFacts facts : ordered) {
            if (facts.level > 0 && !facts.remapped && facts.requests) {
                last = facts;
            }
        }
        return last != null ? last.tuple : leakedAs();
    }

    /**
     * An answer that a node passed on to the client in the endpoint's name tells what the request was translated to: only a source that was
     * kept brings it there, of another the node itself gets it. A bridge shows all answers of its pods like that. In the name of what was
     * called, but from another port, an answer was translated back wrongly.
     */
    private FiveTuple leakedAs() {
        for (TupleFacts facts : ordered) {
            if (!facts.requests && facts.level == 0 && facts.tuple.source().equals(original().source())
                    && !facts.tuple.destination().address().equals(original().destination().address()) && leavesNode(facts)) {
                return facts.tuple;
            }
        }
        return null;
    }

    private boolean leavesNode(TupleFacts facts) {
        for (int leg : facts.legs) {
            PointRole role = context.role(legs.get(leg).leg().point());
            if (role == PointRole.CLIENT || role == PointRole.NODE_INTERFACE) {
                return true;
            }
        }
        return false;
    }

    int level(int leg) {
        if (moved.contains(leg)) {
            // Translations by the other node are not counted.
            return moved.arrives(leg) ? 0 : 1;
        }
        return facts(leg).level;
    }

    MovedLegs moved() {
        return moved;
    }

    Relation relation(int leg) {
        if (moved.contains(leg)) {
            return Relation.REMAPPED;
        }
        TupleFacts facts = facts(leg);
        if (facts.remapped) {
            return Relation.REMAPPED;
        }
        if (facts.level == 0 && facts == ordered.get(0)) {
            return Relation.ORIGINAL;
        }
        return facts.requests ? Relation.TRANSLATED : Relation.REPLY_UNTRANSLATED;
    }

    private TupleFacts facts(int leg) {
        return byTuple.get(legs.get(leg).leg().tuple());
    }

    private void note(int index) {
        LoadedLeg loaded = legs.get(index);
        Leg leg = loaded.leg();
        TupleFacts facts = byTuple.computeIfAbsent(leg.tuple(), TupleFacts::new);
        facts.legs.add(index);
        facts.firstAny = Math.min(facts.firstAny, context.aligned(leg.point(), leg.firstTime()));
        facts.syn |= leg.synSeen();
        facts.relayed |= loaded.relayed();
        facts.heard |= !leg.tcp() || wentOn(loaded.requests()) || answersSyn(loaded.replies());
        int row = firstTelling(loaded.requests(), leg.tcp());
        if (row >= 0) {
            facts.requests = true;
            facts.ttl = Math.max(facts.ttl, loaded.requests().ttl(row));
            boolean leaves = leavesCaller(loaded, row);
            facts.atCaller |= leaves;
            facts.toItself |= leaves && comesBack(loaded);
            facts.firstRequest = Math.min(facts.firstRequest, context.aligned(leg.point(), loaded.requests().time(row)));
        }
        int reply = firstTelling(loaded.replies(), leg.tcp());
        if (reply >= 0 || loaded.replies().count() > 0) {
            // Where there are only resets they are all that tells.
            facts.replyTtl = Math.min(facts.replyTtl, loaded.replies().ttl(Math.max(0, reply)));
        }
    }

    /** Whether a client's or a pod's own capture shows requests as they leave it; what comes back to it, as in a hairpin, comes later. */
    private boolean leavesCaller(LoadedLeg loaded, int row) {
        int point = loaded.leg().point();
        PointRole role = context.role(point);
        if (role != PointRole.CLIENT && role != PointRole.POD || !Ttl.fresh(loaded.requests().ttl(row))) {
            return false;
        }
        for (LoadedLeg other : kept) {
            int first = other.leg().point() == point ? firstTelling(other.requests(), other.leg().tcp()) : -1;
            if (first >= 0 && other.requests().time(first) < loaded.requests().time(row)) {
                return false;
            }
        }
        return true;
    }

    /** Whether what leaves a pod comes to it again under another tuple: it calls a service of its own, and got itself. */
    private boolean comesBack(LoadedLeg loaded) {
        for (LoadedLeg other : kept) {
            if (other != loaded && other.leg().point() == loaded.leg().point() && firstTelling(other.requests(), other.leg().tcp()) >= 0
                    && other.leg().tuple().destination().address().equals(loaded.leg().tuple().source().address())) {
                return true;
            }
        }
        return false;
    }

    /** A reset may come from anybody; it tells nothing of the path. */
    static int firstTelling(Rows rows, boolean tcp) {
        for (int row = 0; row < rows.count(); row++) {
            if (!tcp || (rows.flags(row) & PacketView.RST) == 0) {
                return row;
            }
        }
        return -1;
    }

    /** Whether anything was sent after the SYN. */
    private static boolean wentOn(Rows requests) {
        for (int row = requests.count() - 1; row >= 0; row--) {
            if ((requests.flags(row) & (PacketView.SYN | PacketView.RST)) == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean answersSyn(Rows replies) {
        for (int row = 0; row < replies.count(); row++) {
            if ((replies.flags(row) & (PacketView.SYN | PacketView.RST)) != 0) {
                return true;
            }
        }
        return false;
    }

    /** A bridge shows what a pod on it answers under a tuple of its own: the client's already, and the pod's still. */
    private void hearHalfTranslated() {
        for (TupleFacts answers : byTuple.values()) {
            if (answers.requests || !answers.heard) {
                continue;
            }
            for (TupleFacts asked : byTuple.values()) {
                asked.heard |= asked.requests && asked.tuple.destination().equals(answers.tuple.destination());
            }
        }
    }

    private void orderTuples() {
        for (TupleFacts facts : byTuple.values()) {
            int at = ordered.size();
            while (at > 0 && before(facts, ordered.get(at - 1))) {
                at--;
            }
            ordered.add(at, facts);
        }
        int level = 0;
        for (int i = 0; i < ordered.size(); i++) {
            TupleFacts facts = ordered.get(i);
            if (i == 0) {
                facts.level = 0;
            } else if (facts.requests) {
                TupleFacts other = remappedFrom(facts, i);
                if (other == null && begunInTheMiddle(facts)) {
                    facts.remapped = true;
                    facts.level = level + 1;
                } else if (other == null) {
                    facts.level = ++level;
                } else {
                    facts.remapped = true;
                    facts.level = other.level;
                }
            }
        }
        for (TupleFacts facts : ordered) {
            if (facts.level < 0) {
                facts.level = levelOfAnswers(facts);
            }
        }
    }

    private boolean before(TupleFacts a, TupleFacts b) {
        if (a.requests != b.requests) {
            return a.requests;
        }
        if (!a.requests) {
            return a.replyTtl != b.replyTtl ? a.replyTtl < b.replyTtl : a.firstAny < b.firstAny;
        }
        if (a.relayed != b.relayed) {
            // A proxy sends its own SYN, with a fresh TTL.
            return b.relayed;
        }
        if (a.ttl != b.ttl) {
            return a.ttl > b.ttl;
        }
        if (a.syn != b.syn) {
            // Of one connection's tuples at one height the one without the handshake came later, unless its sender's own capture shows it,
            // which began later or missed the handshake.
            return a.atCaller != b.atCaller ? a.atCaller : a.syn;
        }
        if (a.toItself != b.toItself) {
            // What a pod's own capture shows first, before it comes back to it, is the call.
            return a.toItself;
        }
        if (a.replyTtl != b.replyTtl && a.replyTtl < NO_TTL && b.replyTtl < NO_TTL) {
            // Where a bridge translates, requests keep their TTL; answers have lost most where the client sees them.
            return a.replyTtl < b.replyTtl;
        }
        if (a.atCaller != b.atCaller) {
            // What leaves its sender was not translated yet; clocks of two captures may say otherwise.
            return a.atCaller;
        }
        if (a.heard != b.heard) {
            // The SYN was sent again and translated anew: the connection is the one that came of it.
            return a.heard;
        }
        return a.firstRequest < b.firstRequest;
    }

    /**
     * A second translation at the same height of the path: at a point that shows another translated tuple with the same TTL, begun after
     * it, without a handshake of its own or with a repeated one; or at another point of the same node, as where a pod on the node itself
     * follows one behind eth0; or on another node, at its bridge or, of datagrams, anywhere.
     */
    private TupleFacts remappedFrom(TupleFacts later, int index) {
        for (int i = 1; i < index; i++) {
            TupleFacts earlier = ordered.get(i);
            if (earlier.remapped || earlier.ttl != later.ttl) {
                continue;
            }
            for (int a : earlier.legs) {
                for (int b : later.legs) {
                    if (sameTtl(legs.get(a), legs.get(b)) && tookOver(earlier, legs.get(a), later, legs.get(b))) {
                        return earlier;
                    }
                }
            }
        }
        return null;
    }

    /** Whether a leg of one tuple shows what another tuple's showed before, or had given up; both show requests. */
    private boolean tookOver(TupleFacts earlier, LoadedLeg one, TupleFacts later, LoadedLeg other) {
        if (one.leg().point() == other.leg().point()
                && !(goesThrough(one.requests(), other.requests()) && goesThrough(other.requests(), one.requests()))) {
            return true;
        }
        if (earlier.syn && !later.syn && onBridgesOfTwoNodes(one, other) && !showsAgain(one.requests(), other.requests())) {
            return true;
        }
        boolean goesOn = earlier.syn && !later.syn
                || (earlier.syn || !one.leg().tcp()) && !showsAgain(one.requests(), other.requests());
        return goesOn && (earlier.heard && !later.heard && afterwards(other, one) || afterwards(one, other));
    }

    /** What came to a node's bridge ends at its pods; of the same height at that of another node, it went to another pod. */
    private boolean onBridgesOfTwoNodes(LoadedLeg one, LoadedLeg other) {
        String here = context.node(one.leg().point());
        String there = context.node(other.leg().point());
        return context.role(one.leg().point()) == PointRole.BRIDGE && context.role(other.leg().point()) == PointRole.BRIDGE
                && here != null && there != null && !here.equals(there);
    }

    /**
     * Whether each of a tuple's first packets shows under another tuple as well: on all interfaces of a node, with one TTL, what goes from
     * port to port of a bridge shows before the masquerading and after it.
     */
    private static boolean goesThrough(Rows before, Rows after) {
        for (int b = 0; b < Math.min(MOST_COMPARED, after.count()); b++) {
            boolean found = false;
            for (int a = 0; a < before.count() && !found; a++) {
                found = before.samePacket(a, after, b) && before.identification(a) == after.identification(b);
            }
            if (!found) {
                return false;
            }
        }
        return true;
    }

    /** Whether one of a tuple's first packets had shown under another tuple: it was translated once more. */
    private static boolean showsAgain(Rows before, Rows after) {
        for (int b = 0; b < Math.min(MOST_COMPARED, after.count()); b++) {
            for (int a = 0; a < before.count(); a++) {
                int id = before.identification(a);
                boolean numbered = id != 0 && after.identification(b) != 0;
                if (numbered ? id == after.identification(b) : before.crc(a) == after.crc(b) && before.length(a) == after.length(b)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Of two captures the second, which ran before, begins to show a connection once the first shows no more of it. */
    private boolean afterwards(LoadedLeg a, LoadedLeg b) {
        int from = a.leg().point();
        int to = b.leg().point();
        long left = context.aligned(from, a.requests().time(a.requests().count() - 1));
        return context.node(from) != null && (context.node(from).equals(context.node(to)) || startedAnew(a, b))
                && context.coverage(from, a.requests().time(0), to) == FoldContext.Coverage.SURE
                && context.aligned(to, b.requests().time(0)) > left;
    }

    /** Whether a capture on another node shows datagrams that the first, which has not ended, would have shown on their way there. */
    private boolean startedAnew(LoadedLeg a, LoadedLeg b) {
        return a.leg().datagrams() && context.node(b.leg().point()) != null
                && context.coverage(b.leg().point(), b.requests().time(0), a.leg().point()) != FoldContext.Coverage.NO;
    }

    /**
     * A translation without a handshake, at a point that shows the client's handshake and data long before it: the first translation stayed
     * on the node, where nothing was captured, and was forgotten.
     */
    private boolean begunInTheMiddle(TupleFacts later) {
        TupleFacts client = ordered.get(0);
        if (later.syn || !client.syn) {
            return false;
        }
        for (int a : client.legs) {
            for (int b : later.legs) {
                LoadedLeg before = legs.get(a);
                LoadedLeg after = legs.get(b);
                int row = firstTelling(after.requests(), after.leg().tcp());
                if (before.leg().point() == after.leg().point() && before.leg().synSeen() && row >= 0
                        && requestsBefore(before.requests(), after.requests().time(row) - SETTLED_NANOS) >= LEAST_SETTLED
                        && before.replies().count() > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    private static int requestsBefore(Rows rows, long time) {
        int count = 0;
        while (count < rows.count() && rows.time(count) < time) {
            count++;
        }
        return count;
    }

    private static boolean sameTtl(LoadedLeg a, LoadedLeg b) {
        int x = firstTelling(a.requests(), a.leg().tcp());
        int y = firstTelling(b.requests(), b.leg().tcp());
        return x >= 0 && y >= 0 && a.requests().ttl(x) == b.requests().ttl(y);
    }

    /** Answers under a tuple of their own belong to the translation whose other end they share. */
    private int levelOfAnswers(TupleFacts answers) {
        int level = 0;
        for (TupleFacts facts : ordered) {
            if (facts.level > level && !facts.remapped && facts.tuple.destination().equals(answers.tuple.destination())) {
                level = facts.level;
            }
        }
        return level;
    }

    private void findEntryNode() {
        for (LoadedLeg a : kept) {
            for (LoadedLeg b : kept) {
                int point = a.leg().point();
                if (entryNode == null && point == b.leg().point() && isPath(a) && isPath(b) && level(a) == 0 && level(b) > 0) {
                    entryNode = context.node(point);
                }
            }
        }
        for (LoadedLeg a : kept) {
            if (entryNode == null && isPath(a) && level(a) == 0 && context.role(a.leg().point()) != PointRole.CLIENT) {
                entryNode = context.node(a.leg().point());
            }
        }
        for (LoadedLeg a : kept) {
            // The bridge hook of the caller's own node may have translated what comes fresh from the pod.
            boolean fromPod = isPath(a) && level(a) > 0 && context.role(a.leg().point()) == PointRole.BRIDGE
                    && Ttl.fresh(a.requests().ttl(firstTelling(a.requests(), a.leg().tcp())));
            if (entryNode == null && fromPod) {
                entryNode = context.node(a.leg().point());
            }
        }
    }

    private int level(LoadedLeg loaded) {
        return byTuple.get(loaded.leg().tuple()).level;
    }

    private static boolean isPath(LoadedLeg loaded) {
        return firstTelling(loaded.requests(), loaded.leg().tcp()) >= 0;
    }

    private void makePlaces() {
        List<Integer> answersOnly = new ArrayList<>();
        for (int i = 0; i < legs.size(); i++) {
            if (relation(i) == Relation.REMAPPED) {
                continue;
            }
            if (isPath(legs.get(i))) {
                int replies = legs.get(i).replies().count() > 0 ? i : -1;
                places.add(new Place(legs.get(i).leg().point(), level(i), i, replies));
            } else if (legs.get(i).replies().count() > 0) {
                answersOnly.add(i);
            }
        }
        for (int leg : answersOnly) {
            placeAnswers(leg);
        }
        boolean oneLevel = true;
        for (Place place : places) {
            oneLevel &= place.level() == 0;
        }
        sort(oneLevel);
    }

    /** A place at the same point that shows no answers of its own takes them; else they have a place of their own. */
    private void placeAnswers(int leg) {
        int point = legs.get(leg).leg().point();
        int level = level(leg);
        int best = -1;
        for (int k = 0; k < places.size(); k++) {
            Place place = places.get(k);
            if (place.point() == point && place.replyLeg() < 0 && (best < 0 || Math.abs(place.level() - level)
                    < Math.abs(places.get(best).level() - level))) {
                best = k;
            }
        }
        boolean bypassed = relation(leg) != Relation.ORIGINAL && (context.role(point) == PointRole.CLIENT || strayAtCaller(leg));
        if (bypassed) {
            return;
        }
        int bridge = best < 0 && context.role(point) == PointRole.BRIDGE
                ? bridgeWithFewerAnswers(point, legs.get(leg).replies().count()) : -1;
        if (best >= 0 || bridge >= 0) {
            int at = best >= 0 ? best : bridge;
            places.set(at, new Place(point, places.get(at).level(), places.get(at).requestLeg(), leg));
        } else {
            places.add(new Place(point, level, -1, leg));
        }
    }

    /** Where the bridge hook translated the requests, the answers show under the client's tuple; one under the requests' own strayed. */
    private int bridgeWithFewerAnswers(int point, int answers) {
        for (int k = 0; k < places.size(); k++) {
            Place place = places.get(k);
            if (place.point() == point && place.level() > 0 && place.replyLeg() == place.requestLeg() && place.replyLeg() >= 0
                    && legs.get(place.replyLeg()).replies().count() * 2 < answers) {
                return k;
            }
        }
        return -1;
    }

    /** Beside the answers that were translated back a pod may get one that was not. */
    private boolean strayAtCaller(int leg) {
        int point = legs.get(leg).leg().point();
        for (Place place : places) {
            if (place.point() == point && place.level() == 0 && place.replyLeg() >= 0 && place.requestLeg() >= 0
                    && context.role(point) == PointRole.POD && Ttl.fresh(requestTtl(place))) {
                return true;
            }
        }
        return false;
    }

    private void sort(boolean oneLevel) {
        for (int i = 1; i < places.size(); i++) {
            Place moving = places.get(i);
            int at = i;
            while (at > 0 && earlier(moving, places.get(at - 1), oneLevel)) {
                places.set(at, places.get(at - 1));
                at--;
            }
            places.set(at, moving);
        }
    }

    private boolean earlier(Place a, Place b, boolean oneLevel) {
        if (a.point() == b.point()) {
            return a.level() < b.level();
        }
        if (oneLevel) {
            int byTtl = Integer.compare(requestTtl(b), requestTtl(a));
            if (byTtl != 0 && requestTtl(a) >= 0 && requestTtl(b) >= 0) {
                return byTtl < 0;
            }
            int byReply = Integer.compare(replyTtl(a), replyTtl(b));
            if (byReply != 0 && replyTtl(a) >= 0 && replyTtl(b) >= 0) {
                return byReply < 0;
            }
        }
        int byRank = Integer.compare(rank(a), rank(b));
        if (byRank == 0 && a.level() == b.level() && (a.replyLeg() < 0) != (b.replyLeg() < 0) && requestTtl(a) == requestTtl(b)) {
            // Answers that show at one of two places alone were lost on their way to the other; clocks may say otherwise.
            return a.replyLeg() < 0;
        }
        return byRank != 0 ? byRank < 0 : firstTime(a) < firstTime(b);
    }

    private long firstTime(Place place) {
        Leg leg = legs.get(place.requestLeg() >= 0 ? place.requestLeg() : place.replyLeg()).leg();
        return context.aligned(place.point(), leg.firstTime());
    }

    private int requestTtl(Place place) {
        return place.requestLeg() < 0 ? -1 : ttl(legs.get(place.requestLeg()).requests(), place.requestLeg());
    }

    private int replyTtl(Place place) {
        return place.replyLeg() < 0 ? -1 : ttl(legs.get(place.replyLeg()).replies(), place.replyLeg());
    }

    private int ttl(Rows rows, int leg) {
        int row = firstTelling(rows, legs.get(leg).leg().tcp());
        return row < 0 ? -1 : rows.ttl(row);
    }

    private int rank(Place place) {
        PointRole role = context.role(place.point());
        String node = context.node(place.point());
        boolean entry = node != null && node.equals(entryNode);
        if (role == null) {
            return place.level() == 0 ? 8 : 30 + place.level();
        }
        return switch (role) {
            // A client that is called from the cluster is the far end.
            case CLIENT -> place.level() > 0 && requestTtl(place) >= 0 && !Ttl.fresh(requestTtl(place)) ? 70 : 0;
            case POD -> place.level() == 0 ? 1 : 60;
            case BRIDGE -> place.level() == 0 || entry && Ttl.fresh(requestTtl(place)) && !cameFromOutside() ? 5 : 45 + place.level();
            case NODE_INTERFACE -> place.level() == 0 ? 10 : (entry ? 20 : 30) + place.level();
            // All interfaces of the endpoint's node show what was delivered to it, too.
            case ANY -> place.level() == 0 ? 10 : (entry ? 20 : 40) + place.level();
        };
    }

    /** What came to the entry node's interface untranslated is fresh at its bridge where the node answered itself, as a SYNPROXY does. */
    private boolean cameFromOutside() {
        for (Place place : places) {
            if (place.level() == 0 && place.requestLeg() >= 0 && context.role(place.point()) == PointRole.NODE_INTERFACE
                    && entryNode.equals(context.node(place.point()))) {
                return true;
            }
        }
        return false;
    }
}
