package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.net.Endpoint;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.List;

/**
 * An answer that a node passed on untranslated, for good, shares no packet with its connection: it goes to the client's port at a point
 * that shows the connection, and its numbers go on where those left off, both of them, which no other connection's do.
 */
final class StrayMatcher {
    /** Of one connection's data, not acknowledged yet: few windows are larger. */
    private static final int MOST_IN_FLIGHT = 1 << 20;

    private final List<Leg> legs;
    private final LegEnds ends;
    private final LegUnion joined;
    private final Rows left = new Rows();
    private final Rows right = new Rows();

    StrayMatcher(List<Leg> legs, LegEnds ends, LegUnion joined) {
        this.legs = legs;
        this.ends = ends;
        this.joined = joined;
    }

    void join() {
        Chains strays = new Chains();
        for (int i = 0; i < legs.size(); i++) {
            Leg leg = legs.get(i);
            if (leg.tcp() && !leg.hasClientIsn() && leg.rowCount() > 0) {
                strays.add(ends.sourceAtPoint(i), i);
                strays.add(ends.destinationAtPoint(i), i);
            }
        }
        for (int i = 0; i < legs.size() && strays.count() > 0; i++) {
            Leg leg = legs.get(i);
            int link = leg.hasClientIsn() && leg.hasServerIsn() ? strays.first(ends.sourceAtPoint(i)) : -1;
            for (; link >= 0; link = strays.next(link)) {
                int stray = strays.value(link);
                if (joined.root(i) != joined.root(stray) && goesOn(leg, legs.get(stray))) {
                    if (!legs.get(stray).tuple().source().equals(leg.tuple().source())) {
                        joined.reverse(stray);
                    }
                    joined.union(i, stray);
                }
            }
        }
    }

    /** Whether the first packet of a leg, sent to the client, carries on what the server sent it and acknowledges what the client sent. */
    private boolean goesOn(Leg connection, Leg stray) {
        right.clear();
        stray.copyFirstRows(1, right);
        boolean byOpener = right.fromSecond(0) == stray.openedBySecond();
        Endpoint receiver = byOpener ? stray.tuple().destination() : stray.tuple().source();
        boolean toClient = receiver.equals(connection.tuple().source());
        if (!toClient || (right.flags(0) & (PacketView.SYN | PacketView.RST)) != 0 || (right.flags(0) & PacketView.ACK) == 0) {
            return false;
        }
        left.clear();
        connection.copyRows(left);
        int served = connection.serverIsn() + 1;
        int asked = connection.clientIsn() + 1;
        for (int row = 0; row < left.count() && left.time(row) <= right.time(0); row++) {
            if ((left.flags(row) & PacketView.RST) != 0 || !RowFacts.tells(left, row)) {
                continue;
            }
            if (left.fromSecond(row) == connection.openedBySecond()) {
                asked = SequenceNumber.latest(asked, RowFacts.sequenceEnd(left, row));
            } else {
                // Its FIN may come again.
                served = SequenceNumber.latest(served, left.seq(row) + left.length(row));
            }
        }
        return right.seq(0) - served >= 0 && right.seq(0) - served < MOST_IN_FLIGHT && asked - right.ack(0) >= 0
                && asked - right.ack(0) < MOST_IN_FLIGHT;
    }
}
