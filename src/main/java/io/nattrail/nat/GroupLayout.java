package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.PointRole;
import io.nattrail.leg.Rows;
import io.nattrail.net.FiveTuple;
import io.nattrail.net.Ttl;
import java.util.ArrayList;
import java.util.List;

/** Brings the legs of a group into the order of the path. */
final class GroupLayout {
    private final FoldContext context;
    private final List<LoadedLeg> legs;
    private final MovedLegs moved;
    /** Those that did not move. */
    private final List<LoadedLeg> kept;
    private final TupleOrder tuples;
    private final List<Place> places = new ArrayList<>();
    private String entryNode;

    GroupLayout(List<LoadedLeg> legs, FoldContext context) {
        this.legs = legs;
        this.context = context;
        moved = new MovedLegs(legs, context);
        kept = moved.without();
        tuples = new TupleOrder(kept, context);
        findEntryNode();
        makePlaces();
    }

    /** Places in the order of the path. */
    List<Place> places() {
        return places;
    }

    /** The client's own tuple. */
    FiveTuple original() {
        return tuples.original();
    }

    /** The tuple after the last translation, or null. */
    FiveTuple translated() {
        return tuples.translated();
    }

    int level(int leg) {
        if (moved.contains(leg)) {
            // Translations by the other node are not counted.
            return moved.arrives(leg) ? 0 : 1;
        }
        return level(legs.get(leg));
    }

    MovedLegs moved() {
        return moved;
    }

    Relation relation(int leg) {
        if (moved.contains(leg)) {
            return Relation.REMAPPED;
        }
        TupleFacts facts = tuples.of(legs.get(leg));
        if (facts.remapped) {
            return Relation.REMAPPED;
        }
        if (facts.tuple.equals(tuples.original())) {
            return Relation.ORIGINAL;
        }
        return facts.requests ? Relation.TRANSLATED : Relation.REPLY_UNTRANSLATED;
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
                    && Ttl.fresh(a.requests().ttl(a.firstTellingRequest()));
            if (entryNode == null && fromPod) {
                entryNode = context.node(a.leg().point());
            }
        }
    }

    private int level(LoadedLeg loaded) {
        return tuples.of(loaded).level;
    }

    private static boolean isPath(LoadedLeg loaded) {
        return loaded.firstTellingRequest() >= 0;
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
        int row = RowFacts.firstTelling(rows, legs.get(leg).leg().tcp());
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
