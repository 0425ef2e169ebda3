package io.nattrail.nat;

import io.nattrail.leg.Rows;
import java.util.BitSet;

/**
 * Which datagrams the rows of one place show, in fragments or whole: conntrack puts together what comes in fragments, which are cut anew by
 * what the next link takes. Noted once, since where they are cut anew each of a stream is asked for. Reused; not for several threads.
 */
final class DatagramsShown {
    /** Every link takes 1,280 bytes of IPv6 (RFC 8200, section 5), most of them for data. */
    private static final int LEAST_CUT = 1_200;

    private final BitSet beginnings = new BitSet();
    private final BitSet cut = new BitSet();
    private final BitSet wholeSizes = new BitSet();
    private final BitSet cutSizes = new BitSet();
    private boolean anyCut;

    void note(Rows rows, boolean udp) {
        beginnings.clear();
        cut.clear();
        wholeSizes.clear();
        cutSizes.clear();
        anyCut = false;
        for (int row = 0; row < rows.count(); row++) {
            boolean fragment = rows.fragment(row);
            anyCut |= fragment;
            if (fragment) {
                cut.set(rows.identification(row));
            } else if (udp && rows.identification(row) == 0) {
                wholeSizes.set(rows.length(row));
            }
            if (!rows.laterFragment(row)) {
                beginnings.set(rows.identification(row));
                if (udp && fragment) {
                    cutSizes.set(RowFacts.datagramSize(rows, row));
                }
            }
        }
    }

    /** Whether a datagram shows, of which there is a first fragment elsewhere: whole, or by a first fragment. */
    boolean hasBeginningOf(int identification) {
        return beginnings.get(identification);
    }

    /** Whether a datagram with an identification, which is whole elsewhere, shows in fragments. */
    boolean hasFragmentsOf(int identification) {
        return anyCut && identification != 0 && cut.get(identification);
    }

    /**
     * Whether a UDP datagram shows whole that a row elsewhere shows in fragments, or the other way. IPv6 numbers fragments only (RFC 8200,
     * section 4.5): where a bridge shows what conntrack put together, nothing but its size tells which it is.
     */
    boolean hasWholeOrCut(Rows rows, int row) {
        if (rows.fragment(row)) {
            int size = RowFacts.datagramSize(rows, row);
            return size >= LEAST_CUT && wholeSizes.get(size);
        }
        return rows.length(row) >= LEAST_CUT && rows.identification(row) == 0 && cutSizes.get(rows.length(row));
    }
}
