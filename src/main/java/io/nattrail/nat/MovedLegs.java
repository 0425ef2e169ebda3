package io.nattrail.nat;

import io.nattrail.leg.PointRole;
import io.nattrail.leg.Rows;
import io.nattrail.nat.FoldContext.Coverage;
import io.nattrail.wire.PacketView;
import java.util.ArrayList;
import java.util.List;

/**
 * Legs of a living connection at the node that a load balancer, or a route, moved it to: they are no part of the path on which it was
 * opened. The node knows nothing of it, and translates anew what comes (of TCP by nf_conntrack_tcp_loose), answers it with RST or drops it.
 */
final class MovedLegs {
    /** Of a leg's packets the first tell where they came along. */
    private static final int MOST_COMPARED = 8;
    private static final boolean[] NONE = {};

    private final List<LoadedLeg> legs;
    private final FoldContext context;
    private boolean[] moved = NONE;
    /** Those of them that show it as it came in. */
    private boolean[] arriving = NONE;

    MovedLegs(List<LoadedLeg> legs, FoldContext context) {
        this.legs = legs;
        this.context = context;
        for (int a = 0; a < legs.size(); a++) {
            for (int b = 0; b < legs.size(); b++) {
                // What moved itself is not where the connection was opened: some leg always stays.
                if (a != b && !contains(a) && isMoved(legs.get(a), legs.get(b))) {
                    mark(b);
                    arriving[b] = sameCaller(legs.get(a), legs.get(b)) && isInterface(legs.get(b));
                    follow(legs.get(a), legs.get(b));
                }
            }
        }
    }

    boolean contains(int leg) {
        return moved.length > 0 && moved[leg];
    }

    /** The leg where it went on, as it came to the other node, or else behind that; -1 if it did not move. */
    int first() {
        int first = -1;
        for (int i = 0; i < moved.length; i++) {
            if (arriving[i] && (first < 0 || !arriving[first]) || moved[i] && first < 0 && legs.get(i).requests().count() > 0) {
                first = i;
            }
        }
        return first;
    }

    /** Whether a leg that moved shows the packets as they came to the other node. */
    boolean arrives(int leg) {
        return arriving[leg];
    }

    /** Those of the flow's legs that moved. */
    List<LoadedLeg> legs() {
        return moved.length == 0 ? List.of() : choose(true);
    }

    /** All other legs. */
    List<LoadedLeg> without() {
        return moved.length == 0 ? legs : choose(false);
    }

    private List<LoadedLeg> choose(boolean those) {
        List<LoadedLeg> chosen = new ArrayList<>(legs.size());
        for (int i = 0; i < legs.size(); i++) {
            if (moved[i] == those) {
                chosen.add(legs.get(i));
            }
        }
        return chosen;
    }

    private void mark(int leg) {
        if (moved.length == 0) {
            moved = new boolean[legs.size()];
            arriving = new boolean[legs.size()];
        }
        moved[leg] = true;
    }

    /**
     * Two nodes show a client's packets, and each shows some that the other does not: the second none of those by which the connection
     * began, though its capture ran. An endpoint that knows the connection goes on with it: that is none of these, but of datagrams, which
     * are answered wherever they come to.
     */
    private boolean isMoved(LoadedLeg from, LoadedLeg to) {
        if (!from.leg().tcp() && !from.leg().datagrams() || to.leg().synSeen() || from.requests().count() == 0 || to.requests().count() == 0
                || !isInterface(from) || !onAnotherNode(from, to) || !(sameCaller(from, to) && isInterface(to) || onlyBehind(from, to))) {
            return false;
        }
        Rows before = from.requests();
        Rows after = to.requests();
        // Datagrams may come to both in turns.
        long left = context.aligned(from.leg().point(), before.time(from.leg().tcp() ? before.count() - 1 : 0));
        boolean later = from.leg().synSeen() || context.aligned(to.leg().point(), after.time(0)) > left;
        return later && from.replies().count() > 0 && !(from.leg().tcp() && answers(to.replies()))
                && context.coverage(from.leg().point(), before.time(0), to.leg().point()) == Coverage.SURE
                && !anyShows(before, after) && !anyShows(after, before);
    }

    private static boolean sameCaller(LoadedLeg from, LoadedLeg to) {
        return from.leg().tuple().source().equals(to.leg().tuple().source());
    }

    /** Nothing was captured where it came to the other node: a translation that no SYN went by did not begin at the first one. */
    private boolean onlyBehind(LoadedLeg from, LoadedLeg to) {
        if (!from.leg().synSeen() || context.role(to.leg().point()) == PointRole.CLIENT) {
            return false;
        }
        for (LoadedLeg other : legs) {
            if (other.leg().tuple().equals(to.leg().tuple()) && (other.leg().synSeen() || !onAnotherNode(from, other))) {
                return false;
            }
        }
        return context.coverage(to.leg().point(), to.requests().time(0), from.leg().point()) == Coverage.SURE;
    }

    private boolean onAnotherNode(LoadedLeg from, LoadedLeg to) {
        String node = context.node(from.leg().point());
        return node != null && context.node(to.leg().point()) != null && !node.equals(context.node(to.leg().point()));
    }

    private boolean isInterface(LoadedLeg loaded) {
        PointRole role = context.role(loaded.leg().point());
        return role == PointRole.NODE_INTERFACE || role == PointRole.ANY;
    }

    /** Whether anything but resets came back. */
    private static boolean answers(Rows replies) {
        return RowFacts.firstTelling(replies, true) >= 0;
    }

    /** What went on from there: under another translation, and the answers to it. */
    private void follow(LoadedLeg from, LoadedLeg to) {
        for (int i = 0; i < legs.size(); i++) {
            LoadedLeg other = legs.get(i);
            boolean asks = other.requests().count() > 0;
            Rows rows = asks ? other.requests() : other.replies();
            boolean beginsHere = !other.leg().synSeen() && (rows.count() == 0 || (rows.flags(0) & PacketView.SYN) == 0);
            boolean behind = context.role(other.leg().point()) != PointRole.CLIENT && !other.leg().tuple().equals(to.leg().tuple());
            if (beginsHere && behind && other != from && anyShows(asks ? to.requests() : to.replies(), rows)
                    && !anyShows(asks ? from.requests() : from.replies(), rows)) {
                mark(i);
            }
        }
    }

    /**
     * Whether any of the first packets of one shows in another, whatever its payload: who overwrites payloads in a capture leaves the
     * headers.
     */
    private static boolean anyShows(Rows all, Rows some) {
        for (int row = 0; row < Math.min(MOST_COMPARED, some.count()); row++) {
            for (int other = 0; other < all.count(); other++) {
                boolean named = some.identification(row) != 0 && all.sameHeader(other, some, row);
                if ((named || all.samePacket(other, some, row)) && all.identification(other) == some.identification(row)) {
                    return true;
                }
            }
        }
        return false;
    }
}
