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
 * The tuples of a group in the order of their translation. A request loses TTL with every forwarding node, so the tuple with the highest
 * TTL is the client's own; between equal ones the order inside one capture tells.
 */
final class TupleOrder {
    private final List<LoadedLeg> legs;
    private final FoldContext context;
    private final Map<FiveTuple, TupleFacts> byTuple = new LinkedHashMap<>();
    private final List<TupleFacts> ordered = new ArrayList<>();

    /** @param legs those that did not move */
    TupleOrder(List<LoadedLeg> legs, FoldContext context) {
        this.legs = legs;
        this.context = context;
        legs.forEach(this::note);
        hearHalfTranslated();
        order();
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
            if (!facts.requests && facts.tuple.source().equals(original().source())
                    && !facts.tuple.destination().address().equals(original().destination().address()) && leavesNode(facts)) {
                return facts.tuple;
            }
        }
        return null;
    }

    private boolean leavesNode(TupleFacts facts) {
        for (LoadedLeg loaded : facts.legs) {
            PointRole role = context.role(loaded.leg().point());
            if (role == PointRole.CLIENT || role == PointRole.NODE_INTERFACE) {
                return true;
            }
        }
        return false;
    }

    /** What is known of a leg's tuple. */
    TupleFacts of(LoadedLeg loaded) {
        return byTuple.get(loaded.leg().tuple());
    }

    private void note(LoadedLeg loaded) {
        Leg leg = loaded.leg();
        TupleFacts facts = byTuple.computeIfAbsent(leg.tuple(), TupleFacts::new);
        facts.legs.add(loaded);
        facts.syn |= leg.synSeen();
        facts.relayed |= loaded.relayed();
        facts.heard |= !leg.tcp() || wentOn(loaded.requests()) || answersSyn(loaded.replies());
        int row = loaded.firstTellingRequest();
        if (row >= 0) {
            facts.requests = true;
            facts.ttl = Math.max(facts.ttl, loaded.requests().ttl(row));
            boolean leaves = leavesCaller(loaded, row);
            facts.atCaller |= leaves;
            facts.toItself |= leaves && comesBack(loaded);
            facts.firstRequest = Math.min(facts.firstRequest, context.aligned(leg.point(), loaded.requests().time(row)));
        }
        int reply = loaded.firstTellingReply();
        if (loaded.replies().count() > 0) {
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
        for (LoadedLeg other : legs) {
            int first = other.leg().point() == point ? other.firstTellingRequest() : -1;
            if (first >= 0 && other.requests().time(first) < loaded.requests().time(row)) {
                return false;
            }
        }
        return true;
    }

    /** Whether what leaves a pod comes to it again under another tuple: it calls a service of its own, and got itself. */
    private boolean comesBack(LoadedLeg loaded) {
        for (LoadedLeg other : legs) {
            if (other != loaded && other.leg().point() == loaded.leg().point() && other.firstTellingRequest() >= 0
                    && other.leg().tuple().destination().address().equals(loaded.leg().tuple().source().address())) {
                return true;
            }
        }
        return false;
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
                asked.heard |= asked.tuple.destination().equals(answers.tuple.destination());
            }
        }
    }

    private void order() {
        for (TupleFacts facts : byTuple.values()) {
            int at = ordered.size();
            while (at > 0 && before(facts, ordered.get(at - 1))) {
                at--;
            }
            ordered.add(at, facts);
        }
        SecondTranslation second = new SecondTranslation(context, ordered);
        int level = 0;
        for (int i = 0; i < ordered.size(); i++) {
            TupleFacts facts = ordered.get(i);
            if (i == 0) {
                facts.level = 0;
            } else if (facts.requests) {
                TupleFacts other = second.inPlaceOf(facts, i);
                if (other == null && (second.begunInTheMiddle(facts) || second.givenUp(facts))) {
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
        if (!a.requests || !b.requests) {
            return a.requests && !b.requests;
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
        if (a.replyTtl != b.replyTtl && a.replyTtl < TupleFacts.NO_TTL && b.replyTtl < TupleFacts.NO_TTL) {
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
}
