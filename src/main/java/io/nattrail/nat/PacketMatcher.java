package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Finds the packets of one place again at the next, in one direction: by everything NAT leaves alone, in order where it can; then what
 * came out of order; then data by byte range, since offload merges and splits segments and datagrams. Reused; not for several threads.
 */
final class PacketMatcher {
    /** Fate of a packet at the first place. */
    static final int LOST = -1;
    /** Its bytes arrived in other segments. */
    static final int RESEGMENTED = -2;
    private static final int SYN_ACK = PacketView.SYN | PacketView.ACK;
    /** So many rows further on, and so many back, a twin is looked for before all rows are. */
    static final int AHEAD = 96;
    private static final int BEHIND = 32;
    /** A connection with timestamps shows them in one of its first packets; a RST has none, and a SYN's are behind its other options. */
    private static final int FIRST_ROWS = 8;

    private final PacketTwins twins = new PacketTwins();
    private final FarTwins farTwins = new FarTwins(twins);
    private final EqualPackets equalPackets = new EqualPackets(twins);
    private final Disorder disorder = new Disorder(twins);
    private int[] duplicateOf = new int[64];
    private boolean resegmented;
    private final PiecePayloads payloads = new PiecePayloads();
    private final DatagramPieces pieces = new DatagramPieces();
    private final Rows unstamped = new Rows();

    /** Where each packet of the first place came to: a row of the second, {@link #LOST} or {@link #RESEGMENTED}. */
    int downOf(int up) {
        return twins.downOf[up];
    }

    /** {@link #downOf} of all packets of the first place, and more; not to be changed. */
    int[] fates() {
        return twins.downOf;
    }

    /** The row of the first place from which a packet of the second came, or {@link #LOST} (it appeared), or {@link #RESEGMENTED}. */
    int upOf(int down) {
        return twins.upOf[down];
    }

    /** Whether a packet of the first place arrived with other payload. */
    boolean altered(int up) {
        return twins.alteredTo[up] >= 0;
    }

    /** The row of the second place, a packet or a piece of it, that shows another payload than a packet of the first; -1 for none. */
    int alteredTo(int up) {
        return twins.alteredTo[up];
    }

    /** For a packet that appeared at the second place: the row of the first of which it is another copy, or -1. */
    int duplicateOf(int down) {
        return duplicateOf[down];
    }

    /** Whether a packet arrived after one that was sent later, which of TCP only what takes room in the stream can be. */
    boolean late(int down) {
        return disorder.late(down);
    }

    int delivered() {
        return twins.delivered;
    }

    int reordered() {
        return disorder.count();
    }

    int alteredCount() {
        return twins.altered;
    }

    /** Whether segments were merged or split between the places. */
    boolean resegmented() {
        return resegmented;
    }

    /** Whether another packet at one of the places is equal in all that both show, so that the pair may be a wrong one. */
    boolean doubtful(int up) {
        return equalPackets.doubtful(up);
    }

    void match(Rows up, Rows down, boolean tcp) {
        match(up, down, tcp, Long.MIN_VALUE);
    }

    /** @param expected what a packet takes by the clocks, where no packet of the flow tells; {@code Long.MIN_VALUE} if nothing does */
    void match(Rows up, Rows down, boolean tcp, long expected) {
        if (tcp && anyStampedOnOneSide(up, down)) {
            boolean atUp = anyStamped(up);
            if (atUp != anyStamped(down)) {
                unstamped.takeUnstamped(atUp ? up : down);
                find(atUp ? unstamped : up, atUp ? down : unstamped, tcp, expected);
                return;
            }
        }
        find(up, down, tcp, expected);
    }

    /** Where a snap length cut the options off at one place, or something took them out, what is told apart by them is not at the other. */
    private static boolean anyStampedOnOneSide(Rows up, Rows down) {
        for (int row = 0; row < Math.min(FIRST_ROWS, Math.min(up.count(), down.count())); row++) {
            if (up.timestamps(row) != down.timestamps(row)) {
                return true;
            }
        }
        return false;
    }

    private static boolean anyStamped(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if (rows.timestamps(row)) {
                return true;
            }
        }
        return false;
    }

    private void find(Rows up, Rows down, boolean tcp, long expected) {
        int ups = up.count();
        int downs = down.count();
        reset(ups, downs);
        matchInOrder(up, down);
        if (ups > 0 && downs > 0 && !twins.identificationKept() && twins.delivered < Math.min(ups, downs)) {
            twins.reset(ups, downs, true);
            matchInOrder(up, down);
        }
        if (twins.delivered < ups && twins.delivered < downs) {
            farTwins.match(up, down);
            matchAltered(up, down);
            if (tcp) {
                matchByRange(up, down);
            } else {
                int inOthers = pieces.find(up, down, twins.downOf, twins.upOf);
                twins.delivered += inOthers;
                resegmented = inOthers > 0;
            }
        }
        if (tcp && twins.delivered > 0) {
            equalPackets.settle(up, down, expected);
        }
        findDuplicates(up, down);
        disorder.find(up, down, tcp);
    }

    private void reset(int ups, int downs) {
        twins.reset(ups, downs, false);
        equalPackets.reset();
        if (duplicateOf.length < downs) {
            duplicateOf = new int[downs * 2];
        }
        Arrays.fill(duplicateOf, 0, downs, -1);
        resegmented = false;
    }

    private void matchInOrder(Rows up, Rows down) {
        int ups = up.count();
        int at = 0;
        for (int j = 0; j < down.count(); j++) {
            int found;
            if (at < ups && twins.downOf[at] == LOST && up.samePacket(at, down, j) && up.identification(at) == down.identification(j)) {
                found = at;
            } else {
                found = near(up, down, j, at);
            }
            if (found >= 0) {
                twins.pair(found, j);
                twins.learn(up.identification(found), down.identification(j));
                at = Math.max(at, found + 1);
            }
        }
    }

    /** The unmatched twin near the expected place; one with the same identification before one without. */
    private int near(Rows up, Rows down, int j, int at) {
        int end = Math.min(up.count(), at + AHEAD);
        int second = -1;
        for (int i = Math.max(0, at - BEHIND); i < end; i++) {
            if (twins.downOf[i] == LOST && (up.samePacket(i, down, j) || sameButForCutOptions(up, i, down, j))) {
                if (up.identification(i) == down.identification(j)) {
                    return i;
                }
                if (second < 0 && twins.mayBeTwins(up.identification(i), down.identification(j))) {
                    second = i;
                }
            }
        }
        return second;
    }

    /**
     * The same packet where one side shows no timestamps: the snap length cut them off, or something took them out. A SYN-ACK, to which
     * Linux gives no identification, is known by both its numbers, and a SYN that has none where it shows once.
     */
    private static boolean sameButForCutOptions(Rows up, int i, Rows down, int j) {
        return up.timestamps(i) != down.timestamps(j) && up.identification(i) == down.identification(j)
                && up.seqAndAck(i) == down.seqAndAck(j) && up.length(i) == down.length(j) && up.flags(i) == down.flags(j)
                && (up.length(i) == 0 || !up.whole(i) || !down.whole(j) || up.crc(i) == down.crc(j))
                && (up.identification(i) != 0 || (up.flags(i) & SYN_ACK) == SYN_ACK || onlySyn(up, i) && onlySyn(down, j));
    }

    private static boolean onlySyn(Rows rows, int row) {
        return (rows.flags(row) & PacketView.SYN) != 0 && RowFacts.syns(rows, PacketView.SYN) == 1;
    }

    private void matchAltered(Rows up, Rows down) {
        int from = 0;
        for (int j = 0; j < down.count(); j++) {
            if (twins.upOf[j] != LOST) {
                from = Math.max(from, twins.upOf[j]);
                continue;
            }
            for (int i = Math.max(0, from - BEHIND); i < Math.min(up.count(), from + AHEAD); i++) {
                if (twins.downOf[i] == LOST && up.whole(i) && down.whole(j) && up.length(i) > 0 && up.sameHeader(i, down, j)
                        && up.identification(i) == down.identification(j)) {
                    twins.pair(i, j);
                    twins.alter(i, j);
                    break;
                }
            }
        }
    }

    /** What is unmatched on one side is delivered if what is unmatched on the other covers its bytes. */
    private void matchByRange(Rows up, Rows down) {
        boolean any = false;
        for (int i = 0; i < up.count(); i++) {
            if (twins.downOf[i] == LOST && up.length(i) > 0
                    && (ByteRanges.covered(up, i, down, twins.upOf) || ByteRanges.coveredInDisorder(up, i, down, twins.upOf))) {
                twins.downOf[i] = RESEGMENTED;
                twins.delivered++;
                any = true;
            }
        }
        for (int j = 0; j < down.count(); j++) {
            if (twins.upOf[j] == LOST && down.length(j) > 0 && ByteRanges.covered(down, j, up, twins.downOf)) {
                twins.upOf[j] = RESEGMENTED;
                any = true;
            }
        }
        resegmented = any;
        if (any) {
            matchAlteredPieces(up, down);
        }
    }

    private void matchAlteredPieces(Rows up, Rows down) {
        for (int i = 0; i < up.count(); i++) {
            int piece = twins.downOf[i] == RESEGMENTED && up.whole(i) ? payloads.alteredPiece(up, i, down, twins.upOf) : LOST;
            if (piece >= 0) {
                twins.alter(i, piece);
            }
        }
        for (int j = 0; j < down.count(); j++) {
            int piece = twins.upOf[j] == RESEGMENTED && down.whole(j) ? payloads.alteredPiece(down, j, up, twins.downOf) : LOST;
            if (piece >= 0 && twins.alteredTo[piece] < 0) {
                twins.alter(piece, j);
            }
        }
    }

    private void findDuplicates(Rows up, Rows down) {
        Map<Integer, Integer> whole = null;
        for (int j = 0; j < down.count(); j++) {
            if (twins.upOf[j] != LOST) {
                continue;
            }
            for (int k = j - 1; k >= 0 && k >= j - AHEAD; k--) {
                if (down.identification(k) != down.identification(j) || !down.samePacket(j, down, k)) {
                    continue;
                }
                if (twins.upOf[k] >= 0) {
                    duplicateOf[j] = twins.upOf[k];
                    break;
                }
                if (down.fragment(j) && !down.laterFragment(j) && down.identification(j) != 0) {
                    whole = whole == null ? byIdentification(up) : whole;
                    duplicateOf[j] = whole.getOrDefault(down.identification(j), LOST);
                    break;
                }
            }
        }
    }

    /**
     * The datagrams of a place by their identification, which the fragments keep that they are cut into: a bridge shows them whole where
     * it puts fragments together (br_netfilter). {@link #LOST} for one that shows twice, as what is cut from it does.
     */
    private static Map<Integer, Integer> byIdentification(Rows rows) {
        Map<Integer, Integer> whole = new HashMap<>(rows.count() * 2);
        for (int row = 0; row < rows.count(); row++) {
            if (!rows.laterFragment(row)) {
                whole.merge(rows.identification(row), row, (one, other) -> LOST);
            }
        }
        return whole;
    }
}
