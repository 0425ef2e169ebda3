package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
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
    private static final int AHEAD = 96;
    private static final int BEHIND = 32;
    /** A connection with timestamps shows them in one of its first packets; a RST has none, and a SYN's are behind its other options. */
    private static final int FIRST_ROWS = 8;
    /** What took so much longer than others may be another that says the same. */
    private static final long LEAST_DOUBT_NANOS = 10_000_000L;
    private static final long LONGEST_WAIT_NANOS = 2_000_000_000L;
    /** No network holds a packet longer while later ones pass. */
    private static final long MOST_DISORDER_NANOS = 100_000_000L;

    private int[] downOf = new int[64];
    private int[] upOf = new int[64];
    private int[] alteredTo = new int[64];
    private int[] duplicateOf = new int[64];
    private boolean[] late = new boolean[64];
    private long[] keys = new long[64];
    /** For each key the next that has no twin yet, or one before that. */
    private int[] left = new int[65];
    private int delivered;
    private int reordered;
    private int alteredCount;
    private boolean resegmented;
    private boolean identificationKept;
    private boolean zeroKept;
    private boolean anyIdentification;
    private boolean[] doubtful = new boolean[64];
    private boolean anyDoubt;
    private final PiecePayloads payloads = new PiecePayloads();
    private final DatagramPieces pieces = new DatagramPieces();
    private final Rows unstamped = new Rows();

    /** Where each packet of the first place came to: a row of the second, {@link #LOST} or {@link #RESEGMENTED}. */
    int downOf(int up) {
        return downOf[up];
    }

    /** {@link #downOf} of all packets of the first place, and more; not to be changed. */
    int[] fates() {
        return downOf;
    }

    /** The row of the first place from which a packet of the second came, or {@link #LOST} (it appeared), or {@link #RESEGMENTED}. */
    int upOf(int down) {
        return upOf[down];
    }

    /** Whether a packet of the first place arrived with other payload. */
    boolean altered(int up) {
        return alteredTo[up] >= 0;
    }

    /** The row of the second place, a packet or a piece of it, that shows another payload than a packet of the first; -1 for none. */
    int alteredTo(int up) {
        return alteredTo[up];
    }

    /** For a packet that appeared at the second place: the row of the first of which it is another copy, or -1. */
    int duplicateOf(int down) {
        return duplicateOf[down];
    }

    /** Whether a packet arrived after one that was sent later, which of TCP only what takes room in the stream can be. */
    boolean late(int down) {
        return late[down];
    }

    int delivered() {
        return delivered;
    }

    int reordered() {
        return reordered;
    }

    int alteredCount() {
        return alteredCount;
    }

    /** Whether segments were merged or split between the places. */
    boolean resegmented() {
        return resegmented;
    }

    /** Whether another packet at one of the places is equal in all that both show, so that the pair may be a wrong one. */
    boolean doubtful(int up) {
        return anyDoubt && doubtful[up];
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
        if (ups > 0 && downs > 0 && !identificationKept && delivered < Math.min(ups, downs)) {
            // Something on the way gave the packets identifications of its own.
            reset(ups, downs);
            anyIdentification = true;
            matchInOrder(up, down);
        }
        if (delivered < ups && delivered < downs) {
            matchFarApart(up, down);
            matchAltered(up, down);
            if (tcp) {
                matchByRange(up, down);
            } else {
                int inOthers = pieces.find(up, down, downOf, upOf);
                delivered += inOthers;
                resegmented = inOthers > 0;
            }
        }
        if (tcp && delivered > 0) {
            settleTwins(up, down, expected);
        }
        findDuplicates(up, down);
        countReordered(up, down, tcp);
    }

    // Packets that nothing in them tells apart

    /**
     * Packets without identification (RFC 6864) and timestamps are equal if they say the same: keep-alives, what answers them, window
     * updates, what is sent again, and what answers a SYN that is sent again, a RST or the SYN-ACK for a client without timestamps. Where
     * a place shows fewer of them than the other, the order alone pairs the wrong ones; the right ones took about as long as the packets
     * that are told apart did, or as the clocks say where there are none.
     */
    private void settleTwins(Rows up, Rows down, long expected) {
        if (!anyStranger(up, down)) {
            return;
        }
        long usual = usualDelay(up, down);
        boolean known = usual != Long.MIN_VALUE;
        if (!known && expected == Long.MIN_VALUE) {
            return;
        }
        anyDoubt = true;
        if (doubtful.length < downOf.length) {
            doubtful = new boolean[downOf.length];
        }
        Arrays.fill(doubtful, 0, up.count(), false);
        long[] ups = equalPacketsByContent(up);
        long[] downs = equalPacketsByContent(down);
        int j = 0;
        for (int i = 0; i < ups.length;) {
            int hash = (int) (ups[i] >> 32);
            while (j < downs.length && (int) (downs[j] >> 32) < hash) {
                j++;
            }
            Alike sent = new Alike(up, ups, i, endOf(ups, i, hash));
            Alike came = new Alike(down, downs, j, endOf(downs, j, hash));
            // A single SYN-ACK or RST has no equal, and may take its time.
            boolean single = sent.end - i == 1 && came.end - j == 1 && opensOrResets(up, sent.row(i));
            if (!single) {
                pairByTime(sent, came, known ? usual : expected, known);
            }
            i = sent.end;
            j = came.end;
        }
    }

    private static int endOf(long[] order, int from, int hash) {
        int end = from;
        while (end < order.length && (int) (order[end] >> 32) == hash) {
            end++;
        }
        return end;
    }

    /** Whether one of them is left without twin, or so late that others overtook it. */
    private boolean anyStranger(Rows up, Rows down) {
        for (int j = 0; j < down.count(); j++) {
            if (!mayHaveEqual(down, j)) {
                continue;
            }
            int i = upOf[j];
            if (i == LOST || i >= 0 && overtaken(up, i, j)) {
                return true;
            }
        }
        for (int i = 0; i < up.count(); i++) {
            if (downOf[i] == LOST && mayHaveEqual(up, i)) {
                return true;
            }
        }
        return false;
    }

    private boolean overtaken(Rows up, int i, int j) {
        return i > 0 && downOf[i - 1] > j || i + 1 < up.count() && downOf[i + 1] >= 0 && downOf[i + 1] < j;
    }

    /** A packet of a connection's course that another one of the same sender may equal in everything; of SYN and RST few have a second. */
    static boolean nameless(Rows rows, int row) {
        return rows.identification(row) == 0 && !rows.timestamps(row) && !opensOrResets(rows, row);
    }

    private static boolean opensOrResets(Rows rows, int row) {
        return (rows.flags(row) & (PacketView.SYN | PacketView.RST)) != 0;
    }

    private boolean mayHaveEqual(Rows rows, int row) {
        return (anyIdentification || rows.identification(row) == 0) && !rows.timestamps(row);
    }

    /** The median delay of packets that are told apart, as data are unless sent again; {@code Long.MIN_VALUE} without any. */
    private long usualDelay(Rows up, Rows down) {
        long[] delays = new long[up.count()];
        int count = 0;
        for (int i = 0; i < up.count(); i++) {
            if (downOf[i] >= 0 && (up.length(i) > 0 || !mayHaveEqual(up, i))) {
                delays[count++] = down.time(downOf[i]) - up.time(i);
            }
        }
        Arrays.sort(delays, 0, count);
        return count == 0 ? Long.MIN_VALUE : delays[count / 2];
    }

    private long[] equalPacketsByContent(Rows rows) {
        long[] found = new long[rows.count()];
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            if (mayHaveEqual(rows, row)) {
                found[count++] = (long) (hash(rows, row) ^ rows.flags(row) * 0x9e3779b1) << 32 | row;
            }
        }
        Arrays.sort(found, 0, count);
        return Arrays.copyOf(found, count);
    }

    /** Packets of one place that equal each other, in their order: the rows from {@code from} to before {@code end} of {@code order}. */
    private record Alike(Rows rows, long[] order, int from, int end) {
        private int row(int k) {
            return (int) order[k];
        }

        private long time(int k) {
            return rows.time(row(k));
        }
    }

    /** Pairs equal packets in their order, leaving out those whose neighbour fits the usual delay better. */
    private void pairByTime(Alike up, Alike down, long usual, boolean known) {
        for (int k = up.from; k < up.end; k++) {
            int i = up.row(k);
            if (downOf[i] >= 0 && alteredTo[i] < 0 && mayHaveEqual(down.rows, downOf[i])) {
                upOf[downOf[i]] = LOST;
                downOf[i] = LOST;
                delivered--;
            }
        }
        int k = up.from;
        int l = down.from;
        while (k < up.end && l < down.end) {
            int i = up.row(k);
            int j = down.row(l);
            long off = Math.abs(down.time(l) - up.time(k) - usual);
            // What answers packets that came in a burst is one, too: there the order tells more than the moment.
            boolean inTurn = off <= LEAST_DOUBT_NANOS && opensOrResets(up.rows, i);
            boolean moreDown = down.end - l > up.end - k;
            boolean moreUp = up.end - k > down.end - l;
            if (!inTurn && l + 1 < down.end && fitsBetter(Math.abs(down.time(l + 1) - up.time(k) - usual), off, moreDown)) {
                l++;
            } else if (!inTurn && k + 1 < up.end && fitsBetter(Math.abs(down.time(l) - up.time(k + 1) - usual), off, moreUp)) {
                k++;
            } else {
                boolean free = downOf[i] == LOST && upOf[j] == LOST;
                if (free && up.rows.samePacket(i, down.rows, j) && (!known || off <= LONGEST_WAIT_NANOS)) {
                    pair(i, j);
                    doubtful[i] = !known || off > LEAST_DOUBT_NANOS;
                }
                k++;
                l++;
            }
        }
    }

    /**
     * Whether the next one is the likelier twin. Where the other place has as many left, so that none has to be left out, the order tells
     * more than what all waited in a queue, unless the next is where it should be.
     */
    private static boolean fitsBetter(long next, long off, boolean surplus) {
        return next < off && (surplus || off > LEAST_DOUBT_NANOS && next <= LEAST_DOUBT_NANOS);
    }

    private void matchInOrder(Rows up, Rows down) {
        int ups = up.count();
        int at = 0;
        for (int j = 0; j < down.count(); j++) {
            int found;
            if (at < ups && downOf[at] == LOST && up.samePacket(at, down, j) && up.identification(at) == down.identification(j)) {
                found = at;
            } else {
                found = near(up, down, j, at);
            }
            if (found >= 0) {
                pair(found, j);
                int identification = up.identification(found);
                identificationKept |= identification != 0 && identification == down.identification(j);
                zeroKept |= identification == 0 && down.identification(j) == 0;
                at = Math.max(at, found + 1);
            }
        }
    }

    /**
     * Two sendings of the same bytes differ in the identification only, which NAT and forwarding leave alone: another one is another
     * packet, or else a copy of one packet would pass for the next, and hide that the next was lost. What fills in the identification of
     * packets that have none does so with all of them.
     */
    private boolean mayBeTwins(int identification, int other) {
        return identification == other || (identification == 0 || other == 0 ? !zeroKept : anyIdentification);
    }

    private void reset(int ups, int downs) {
        anyDoubt = false;
        anyIdentification = false;
        identificationKept = false;
        zeroKept = false;
        if (downOf.length < ups) {
            downOf = new int[ups * 2];
            alteredTo = new int[ups * 2];
        }
        if (upOf.length < downs) {
            upOf = new int[downs * 2];
            duplicateOf = new int[downs * 2];
            late = new boolean[downs * 2];
        }
        Arrays.fill(downOf, 0, ups, LOST);
        Arrays.fill(alteredTo, 0, ups, LOST);
        Arrays.fill(upOf, 0, downs, LOST);
        Arrays.fill(duplicateOf, 0, downs, -1);
        Arrays.fill(late, 0, downs, false);
        delivered = 0;
        reordered = 0;
        alteredCount = 0;
        resegmented = false;
    }

    private void pair(int up, int down) {
        downOf[up] = down;
        upOf[down] = up;
        delivered++;
    }

    /** The unmatched twin near the expected place; one with the same identification before one without. */
    private int near(Rows up, Rows down, int j, int at) {
        int end = Math.min(up.count(), at + AHEAD);
        int second = -1;
        for (int i = Math.max(0, at - BEHIND); i < end; i++) {
            if (downOf[i] == LOST && (up.samePacket(i, down, j) || sameButForCutOptions(up, i, down, j))) {
                if (up.identification(i) == down.identification(j)) {
                    return i;
                }
                if (second < 0 && mayBeTwins(up.identification(i), down.identification(j))) {
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

    /** What an outage parted: each packet takes the first twin that is left, wherever it lies. */
    private void matchFarApart(Rows up, Rows down) {
        int count = 0;
        if (keys.length < up.count()) {
            keys = new long[up.count() * 2];
            left = new int[keys.length + 1];
        }
        boolean numbered = !anyIdentification && allNumbered(up, downOf) && allNumbered(down, upOf);
        int wholeBelow = Math.min(wholeBelow(up, downOf), wholeBelow(down, upOf));
        for (int i = 0; i < up.count(); i++) {
            if (downOf[i] == LOST) {
                keys[count++] = (long) contents(up, i, numbered, wholeBelow) << 32 | i;
            }
        }
        Arrays.sort(keys, 0, count);
        for (int k = 0; k <= count; k++) {
            left[k] = k;
        }
        for (int j = 0; j < down.count(); j++) {
            if (upOf[j] != LOST) {
                continue;
            }
            int hash = contents(down, j, numbered, wholeBelow);
            for (int k = left(lowerBound(count, hash)); k < count && (int) (keys[k] >> 32) == hash; k = left(k + 1)) {
                int i = (int) keys[k];
                if (up.samePacket(i, down, j) && mayBeTwins(up.identification(i), down.identification(j))) {
                    pair(i, j);
                    left[k] = k + 1;
                    break;
                }
            }
        }
    }

    /** The first key from one on that has no twin yet; the way there gets shorter each time. */
    private int left(int key) {
        int k = key;
        while (left[k] != k) {
            left[k] = left[left[k]];
            k = left[k];
        }
        return k;
    }

    private static boolean allNumbered(Rows rows, int[] twins) {
        for (int row = 0; row < rows.count(); row++) {
            if (twins[row] == LOST && rows.identification(row) == 0) {
                return false;
            }
        }
        return true;
    }

    /** Payloads that are shorter were all captured whole. */
    private static int wholeBelow(Rows rows, int[] twins) {
        int least = Integer.MAX_VALUE;
        for (int row = 0; row < rows.count(); row++) {
            if (twins[row] == LOST && rows.length(row) > 0 && !rows.whole(row)) {
                least = Math.min(least, rows.length(row));
            }
        }
        return least;
    }

    /** The same for twins; of datagrams, which have no sequence numbers, nothing else would tell those of one length apart. */
    private static int contents(Rows rows, int row, boolean numbered, int wholeBelow) {
        int payload = rows.length(row) > 0 && rows.length(row) < wholeBelow ? rows.crc(row) : 0;
        int name = numbered ? rows.identification(row) : 0;
        return (int) (RowFacts.mix((long) hash(rows, row) << 32 ^ payload ^ (long) name << 32) >>> 32);
    }

    private int lowerBound(int count, int hash) {
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = low + high >>> 1;
            if ((int) (keys[middle] >> 32) < hash) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static int hash(Rows rows, int row) {
        long mixed = (rows.seqAndAck(row) ^ (long) rows.tsVal(row) << 16 ^ rows.length(row)) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32);
    }

    private void matchAltered(Rows up, Rows down) {
        int from = 0;
        for (int j = 0; j < down.count(); j++) {
            if (upOf[j] != LOST) {
                from = Math.max(from, upOf[j]);
                continue;
            }
            for (int i = Math.max(0, from - BEHIND); i < Math.min(up.count(), from + AHEAD); i++) {
                if (downOf[i] == LOST && up.whole(i) && down.whole(j) && up.length(i) > 0 && up.sameHeader(i, down, j)
                        && up.identification(i) == down.identification(j)) {
                    pair(i, j);
                    alter(i, j);
                    break;
                }
            }
        }
    }

    /** What is unmatched on one side is delivered if what is unmatched on the other covers its bytes. */
    private void matchByRange(Rows up, Rows down) {
        boolean any = false;
        for (int i = 0; i < up.count(); i++) {
            if (downOf[i] == LOST && up.length(i) > 0
                    && (ByteRanges.covered(up, i, down, upOf) || ByteRanges.coveredInDisorder(up, i, down, upOf))) {
                downOf[i] = RESEGMENTED;
                delivered++;
                any = true;
            }
        }
        for (int j = 0; j < down.count(); j++) {
            if (upOf[j] == LOST && down.length(j) > 0 && ByteRanges.covered(down, j, up, downOf)) {
                upOf[j] = RESEGMENTED;
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
            int piece = downOf[i] == RESEGMENTED && up.whole(i) ? payloads.alteredPiece(up, i, down, upOf) : LOST;
            if (piece >= 0) {
                alter(i, piece);
            }
        }
        for (int j = 0; j < down.count(); j++) {
            int piece = upOf[j] == RESEGMENTED && down.whole(j) ? payloads.alteredPiece(down, j, up, downOf) : LOST;
            if (piece >= 0 && alteredTo[piece] < 0) {
                alter(piece, j);
            }
        }
    }

    private void alter(int up, int down) {
        alteredTo[up] = down;
        alteredCount++;
    }

    private void findDuplicates(Rows up, Rows down) {
        Map<Integer, Integer> whole = null;
        for (int j = 0; j < down.count(); j++) {
            if (upOf[j] != LOST) {
                continue;
            }
            for (int k = j - 1; k >= 0 && k >= j - AHEAD; k--) {
                if (down.identification(k) != down.identification(j) || !down.samePacket(j, down, k)) {
                    continue;
                }
                if (upOf[k] >= 0) {
                    duplicateOf[j] = upOf[k];
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

    /**
     * Whether a packet that was sent later arrived before, by the times and by the order of the files: where a capture's times run
     * backwards, because a clock was set or several queues wrote, one of them is wrong. Of TCP it must lie below what overtook it: there
     * the receiver misses bytes, and only there.
     */
    private boolean overtaken(Rows up, int i, Rows down, int j, boolean tcp) {
        for (int k = j - 1; k >= 0 && k >= j - AHEAD; k--) {
            int other = upOf[k];
            if (other > i && up.time(i) < up.time(other) && down.time(k) < down.time(j) && !writtenBefore(up, other, i)
                    && !writtenBefore(down, j, k)
                    && (!tcp || SequenceNumber.isAfter(RowFacts.sequenceEnd(down, k), down.seq(j)))) {
                return true;
            }
        }
        return false;
    }

    private static boolean writtenBefore(Rows rows, int row, int other) {
        return rows.file(row) == rows.file(other) && rows.number(row) < rows.number(other);
    }

    /**
     * Late is only what was surely sent before and surely arrived after: frames of one time stamp may lie in any order in a capture. An
     * acknowledgement alone takes no room among the bytes of its direction, so it cannot be out of their order: the numbers add up, and
     * one that was overtaken tells the other side nothing any more (RFC 5681, section 3.2, counts on it; Wireshark's analysis, too).
     */
    private void countReordered(Rows up, Rows down, boolean tcp) {
        int furthest = -1;
        long furthestArrived = Long.MIN_VALUE;
        long time = Long.MIN_VALUE;
        long latestSentNow = Long.MIN_VALUE;
        long latestSentBefore = Long.MIN_VALUE;
        for (int j = 0; j < down.count(); j++) {
            int i = upOf[j];
            if (i < 0) {
                continue;
            }
            if (down.time(j) != time) {
                latestSentBefore = Math.max(latestSentBefore, latestSentNow);
                time = down.time(j);
            }
            // What says the same as another packet, and is long behind, is no late one.
            late[j] = i < furthest && up.time(i) < latestSentBefore && (!tcp || RowFacts.tells(down, j))
                    && !(mayHaveEqual(down, j) && down.time(j) > furthestArrived + MOST_DISORDER_NANOS) && overtaken(up, i, down, j, tcp);
            reordered += late[j] ? 1 : 0;
            furthestArrived = i > furthest ? down.time(j) : furthestArrived;
            furthest = Math.max(furthest, i);
            latestSentNow = Math.max(latestSentNow, up.time(i));
        }
    }
}
