package io.nattrail.nat;

import io.nattrail.leg.Leg;
import io.nattrail.leg.LegTable;
import io.nattrail.leg.Rows;
import io.nattrail.net.IpAddress;
import io.nattrail.net.Ttl;
import java.util.HashSet;
import java.util.Set;

/**
 * What a pod's interface shows though it is between others: a bridge floods to all its ports what is for an address that it has no port
 * for any more, as that of a pod that is gone, and tcpdump makes the interface promiscuous. To the pod it never came.
 */
public final class FloodedLegs {
    /** Of each leg; a pod that answers does so within them. */
    private static final int FIRST_ROWS = 8;

    private final Rows rows = new Rows();
    private final Set<IpAddress> sends = new HashSet<>();
    private final Set<IpAddress> gets = new HashSet<>();
    /** Whether an address of the pod's own is known, by family: before that nothing tells what is not its. */
    private boolean ownV4;
    private boolean ownV6;

    private FloodedLegs() {
    }

    /** Leaves them out of what a pod's interface shows. To be called once it was read. */
    public static void leaveOut(LegTable table) {
        new FloodedLegs().findIn(table);
    }

    private void findIn(LegTable table) {
        for (Leg leg : table.legs()) {
            if (leg.rowCount() > 0 && !ofPod(leg)) {
                note(leg);
            }
        }
        table.legs().removeIf(leg -> leg.rowCount() > 0 && (leg.tuple().source().address().v6() ? ownV6 : ownV4) && !ofPod(leg));
    }

    /** Only its own packets no router has forwarded yet; an address that nothing comes for may be one of its neighbours'. */
    private void note(Leg leg) {
        rows.clear();
        leg.copyFirstRows(FIRST_ROWS, rows);
        IpAddress opener = leg.tuple().source().address();
        IpAddress called = leg.tuple().destination().address();
        for (int row = 0; row < rows.count(); row++) {
            boolean request = rows.fromSecond(row) == leg.openedBySecond();
            IpAddress sender = request ? opener : called;
            gets.add(request ? called : opener);
            if (Ttl.fresh(rows.ttl(row))) {
                sends.add(sender);
            }
        }
        if (isPods(opener) || isPods(called)) {
            ownV4 |= !opener.v6();
            ownV6 |= opener.v6();
        }
    }

    private boolean ofPod(Leg leg) {
        return isPods(leg.tuple().source().address()) || isPods(leg.tuple().destination().address());
    }

    private boolean isPods(IpAddress address) {
        return sends.contains(address) && gets.contains(address);
    }
}
