package io.nattrail.nat;

import io.nattrail.leg.PointRole;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.List;

/** Tells a translation that took another one's place from one that followed it on the path. */
final class SecondTranslation {
    /** A connection that was used for so long, with so many requests, would have shown its translation. */
    private static final long SETTLED_NANOS = 500_000_000L;
    private static final int LEAST_SETTLED = 3;
    /** Of a tuple's packets the first tell whether they had shown before. */
    private static final int MOST_COMPARED = 8;

    private final FoldContext context;
    private final List<TupleFacts> ordered;

    SecondTranslation(FoldContext context, List<TupleFacts> ordered) {
        this.context = context;
        this.ordered = ordered;
    }

    /**
     * The tuple in whose place another one came, or null. Both are at the same height of the path: at a point that shows both with the same
     * TTL, the other begun later, without a handshake of its own or with a repeated one; or at another point of the same node, as where a
     * pod on the node itself follows one behind eth0; or on another node, at its bridge or, of datagrams, anywhere.
     *
     * @param index of the tuple in the order
     */
    TupleFacts inPlaceOf(TupleFacts later, int index) {
        for (int i = 1; i < index; i++) {
            TupleFacts earlier = ordered.get(i);
            if (earlier.remapped || earlier.ttl != later.ttl) {
                continue;
            }
            for (LoadedLeg one : earlier.legs) {
                for (LoadedLeg other : later.legs) {
                    if (sameTtl(one, other) && tookOver(earlier, one, later, other)) {
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
    boolean begunInTheMiddle(TupleFacts later) {
        TupleFacts client = ordered.get(0);
        if (later.syn || !client.syn) {
            return false;
        }
        for (LoadedLeg before : client.legs) {
            for (LoadedLeg after : later.legs) {
                int row = after.firstTellingRequest();
                if (before.leg().point() == after.leg().point() && before.leg().synSeen() && row >= 0
                        && requestsBefore(before.requests(), after.requests().time(row) - SETTLED_NANOS) >= LEAST_SETTLED
                        && before.replies().count() > 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * A translation of nothing but SYNs and the RST by which the client answered an old connection's ACK: conntrack forgot it with that
     * RST, and the SYN that came again had its handshake by another, which stayed on the node or shows as well.
     */
    boolean givenUp(TupleFacts later) {
        TupleFacts client = ordered.get(0);
        if (!later.syn || !client.syn) {
            return false;
        }
        for (LoadedLeg before : client.legs) {
            for (LoadedLeg after : later.legs) {
                if (before.leg().point() == after.leg().point() && before.leg().hasServerIsn() && !after.leg().hasServerIsn()
                        && endsWithReset(after.requests())
                        && lastSyn(before.requests()) > after.requests().time(after.requests().count() - 1)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static boolean endsWithReset(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.RST)) == 0) {
                return false;
            }
        }
        return rows.count() > 0 && (rows.flags(rows.count() - 1) & PacketView.RST) != 0;
    }

    private static long lastSyn(Rows rows) {
        int row = rows.count() - 1;
        while (row >= 0 && (rows.flags(row) & PacketView.SYN) == 0) {
            row--;
        }
        return row < 0 ? Long.MIN_VALUE : rows.time(row);
    }

    private static int requestsBefore(Rows rows, long time) {
        int count = 0;
        while (count < rows.count() && rows.time(count) < time) {
            count++;
        }
        return count;
    }

    private static boolean sameTtl(LoadedLeg a, LoadedLeg b) {
        int x = a.firstTellingRequest();
        int y = b.firstTellingRequest();
        return x >= 0 && y >= 0 && a.requests().ttl(x) == b.requests().ttl(y);
    }
}
