package io.nattrail.nat;

import io.nattrail.leg.Rows;
import java.util.Arrays;

/** Which packet of one place is which of the next, in one direction, as far as {@link PacketMatcher} has come. Reused. */
final class PacketTwins {
    /** The row of the second place for each of the first, or {@link PacketMatcher#LOST} or {@link PacketMatcher#RESEGMENTED}. */
    int[] downOf = new int[64];
    /** The same from the second place to the first. */
    int[] upOf = new int[64];
    /** The row of the second place with other payload for each of the first, or {@link PacketMatcher#LOST}. */
    int[] alteredTo = new int[64];
    int delivered;
    int altered;
    /** Whether something on the way gave the packets identifications of its own. */
    boolean numberedAnew;
    private boolean identificationKept;
    private boolean zeroKept;

    void reset(int ups, int downs, boolean newIdentifications) {
        numberedAnew = newIdentifications;
        identificationKept = false;
        zeroKept = false;
        if (downOf.length < ups) {
            downOf = new int[ups * 2];
            alteredTo = new int[ups * 2];
        }
        if (upOf.length < downs) {
            upOf = new int[downs * 2];
        }
        Arrays.fill(downOf, 0, ups, PacketMatcher.LOST);
        Arrays.fill(alteredTo, 0, ups, PacketMatcher.LOST);
        Arrays.fill(upOf, 0, downs, PacketMatcher.LOST);
        delivered = 0;
        altered = 0;
    }

    void pair(int up, int down) {
        downOf[up] = down;
        upOf[down] = up;
        delivered++;
    }

    void part(int up) {
        upOf[downOf[up]] = PacketMatcher.LOST;
        downOf[up] = PacketMatcher.LOST;
        delivered--;
    }

    void alter(int up, int down) {
        alteredTo[up] = down;
        altered++;
    }

    /** Learns from a surely matched pair whether identifications are kept on the way. */
    void learn(int identification, int other) {
        identificationKept |= identification != 0 && identification == other;
        zeroKept |= identification == 0 && other == 0;
    }

    boolean identificationKept() {
        return identificationKept;
    }

    /**
     * Two sendings of the same bytes differ in the identification only, which NAT and forwarding leave alone: another one is another
     * packet, or else a copy of one packet would pass for the next, and hide that the next was lost. What fills in the identification of
     * packets that have none does so with all of them.
     */
    boolean mayBeTwins(int identification, int other) {
        return identification == other || (identification == 0 || other == 0 ? !zeroKept : numberedAnew);
    }

    /** Whether another packet of the same sender may equal a packet in everything that tells packets apart. */
    boolean mayHaveEqual(Rows rows, int row) {
        return (numberedAnew || rows.identification(row) == 0) && !rows.timestamps(row);
    }
}
