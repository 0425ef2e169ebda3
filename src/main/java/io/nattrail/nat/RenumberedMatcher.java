package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.List;

/**
 * Firewalls give connections new initial sequence numbers, some by default, and shift all that follow by as much. The same SYN shows at
 * another point by another number then, under the same tuple, since what is translated has its twin at the point that translated it.
 * One side of the firewall shows only one tuple. Where many share their ports, nothing is looked for: it would take their square.
 */
final class RenumberedMatcher {
    private static final int ROWS_TO_SHARE = 16;
    /** More than so many connections with the same ports, or legs of one connection, are not compared. */
    private static final int MOST_COMPARED = 32;

    private final List<Leg> legs;
    private final LegUnion joined;
    private final Rows left = new Rows();
    private final Rows right = new Rows();

    RenumberedMatcher(List<Leg> legs, LegUnion joined) {
        this.legs = legs;
        this.joined = joined;
    }

    void join() {
        if (legs.isEmpty() || legs.get(0).point() == legs.get(legs.size() - 1).point()) {
            return;
        }
        for (int i = 0; i < legs.size(); i++) {
            int other = joined.next(i);
            for (int count = 0; other != joined.root(i) && count < MOST_COMPARED; count++) {
                shiftAnswers(i, other);
                other = joined.next(other);
            }
        }
        Chains sides = new Chains();
        for (int i = 0; i < legs.size(); i++) {
            if (legs.get(i).hasClientIsn() && joined.root(i) == i && isOfOneTuple(i)) {
                sides.add(legs.get(i).portsAsOpened(), i);
            }
        }
        for (int i = 0; i < legs.size() && sides.count() > 0; i++) {
            int first = legs.get(i).hasClientIsn() ? sides.first(legs.get(i).portsAsOpened()) : -1;
            int count = 0;
            for (int link = first; link >= 0 && count <= MOST_COMPARED; link = sides.next(link)) {
                count++;
            }
            for (int link = first; link >= 0 && count <= MOST_COMPARED; link = sides.next(link)) {
                joinIfRenumbered(sides.value(link), i);
            }
        }
    }

    private boolean isOfOneTuple(int root) {
        for (int i = joined.next(root); i != root; i = joined.next(i)) {
            if (!legs.get(i).hasPortsOf(legs.get(root))) {
                return false;
            }
        }
        return true;
    }

    /** Where only the numbers of the answers are new the SYN is the same on both sides, and joined them already. */
    private void shiftAnswers(int side, int other) {
        Leg a = legs.get(side);
        Leg b = legs.get(other);
        if (!a.hasServerIsn() || !b.hasServerIsn() || a.serverIsn() == b.serverIsn() || a.point() == b.point()
                || !a.tuple().equals(b.tuple()) || !isSameButNumbers(a, b, false)) {
            return;
        }
        int isn = a.serverIsn();
        int ahead = b.serverIsn() - isn;
        int i = side;
        do {
            if (legs.get(i).hasServerIsn() && legs.get(i).serverIsn() == isn) {
                legs.get(i).renumber(0, ahead);
            }
            i = joined.next(i);
        } while (i != side);
    }

    private void joinIfRenumbered(int side, int other) {
        Leg a = legs.get(side);
        Leg b = legs.get(other);
        if (joined.root(side) == joined.root(other) || a.clientIsn() == b.clientIsn() || shownAtOnePoint(side, other)
                || !a.tuple().equals(b.tuple()) || !isSameButNumbers(a, b, true)) {
            return;
        }
        int opener = b.clientIsn() - a.clientIsn();
        int answerer = a.hasServerIsn() && b.hasServerIsn() ? b.serverIsn() - a.serverIsn() : 0;
        int i = side;
        do {
            legs.get(i).renumber(opener, answerer);
            i = joined.next(i);
        } while (i != side);
        joined.union(side, other);
    }

    /** Whether a point shows both: then they are two connections that used the same ports. */
    private boolean shownAtOnePoint(int side, int other) {
        int i = side;
        do {
            int j = other;
            do {
                if (legs.get(i).point() == legs.get(j).point() && legs.get(i).hasPortsOf(legs.get(j))) {
                    return true;
                }
                j = joined.next(j);
            } while (j != other);
            i = joined.next(i);
        } while (i != side);
        return false;
    }

    /**
     * Whether two legs show an end's same SYN but for its number, and, where both go on, a packet as far behind it that is the same.
     *
     * @param opener whether it is that of the client's end
     */
    private boolean isSameButNumbers(Leg a, Leg b, boolean opener) {
        left.clear();
        right.clear();
        a.copyFirstRows(ROWS_TO_SHARE, left);
        b.copyFirstRows(ROWS_TO_SHARE, right);
        int first = opener ? a.clientIsn() : a.serverIsn();
        int otherFirst = opener ? b.clientIsn() : b.serverIsn();
        boolean sameSyn = false;
        boolean sameLater = false;
        boolean leftGoesOn = false;
        boolean rightGoesOn = false;
        for (int i = 0; i < left.count(); i++) {
            boolean syn = (left.flags(i) & PacketView.SYN) != 0;
            boolean sent = (left.fromSecond(i) == a.openedBySecond()) == opener;
            leftGoesOn |= sent && !syn;
            for (int j = 0; j < right.count() && sent; j++) {
                if ((right.fromSecond(j) == b.openedBySecond()) != opener) {
                    continue;
                }
                rightGoesOn |= (right.flags(j) & PacketView.SYN) == 0;
                boolean same = left.sameButNumbers(i, right, j) && left.seq(i) - first == right.seq(j) - otherFirst;
                sameSyn |= same && syn && (left.tsVal(i) != 0 || left.identification(i) != 0);
                sameLater |= same && !syn;
            }
        }
        return sameSyn && (sameLater || !leftGoesOn || !rightGoesOn);
    }
}
