package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Leg;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.Arrays;

/**
 * The rows of one leg, by direction, with copies made by capturing taken out. Reused from flow to flow.
 *
 * <p>A copy is the same packet seen again within a millisecond: on another interface ({@code -i any}), after it was forwarded (on
 * {@code any} also later, since it may have had to wait for ARP), or because two devices of one card both hand it over (then nearly
 * every packet of the leg, or of the capture, is doubled). So is the same data in other segments, if another interface showed it
 * ({@link PieceCopies}). The same from the same interface now and then is a duplicate made by the network, and stays.
 */
final class LoadedLeg {
    private static final long COPY_NANOS = 1_000_000L;
    /** No mirror's queue holds what a host itself captures twice, and nobody sends again so soon. */
    private static final long AT_ONCE_NANOS = 100_000L;
    /** Where copies come late, so many packets of a fast connection may lie between. */
    private static final int LOOK_BACK_WHERE_LATE = 512;
    /** A packet that a node forwards waits for ARP, three requests a second apart by default (Linux, mcast_solicit). */
    private static final long HELD_NANOS = 3_000_000_000L;
    private static final int LOOK_BACK = 8;
    /** Where everything is doubled, a burst may lie between a packet and its copy. */
    private static final int LOOK_BACK_WHERE_DOUBLED = 64;
    /** A packet shows on three interfaces and more, and an acknowledgement or an answer to it in between. */
    private static final int LOOK_BACK_UNNUMBERED = 32;
    /** The fragments of the largest datagram, on two interfaces. */
    private static final int LOOK_BACK_FRAGMENTS = 96;
    private static final int LEAST_TO_JUDGE = 6;
    private static final int LEAST_IF_ALL_ARE = 4;
    private static final int MOST_FORWARDED = 8;
    private static final String LETTERS = "SsHhAaDdFfRr";

    private final Rows all = new Rows();
    private final Rows requests = new Rows();
    private final Rows replies = new Rows();
    private final Rows forwarded = new Rows();
    private final PieceCopies pieces = new PieceCopies();
    private byte[] marks = new byte[64];
    /** Of the packets of each side, the first end's and the second's: how many there are, and how many surely or perhaps are copies. */
    private final int[] sent = new int[2];
    private final int[] certain = new int[2];
    private final int[] doubtful = new int[2];
    private final boolean[] doubtfulAreCopies = new boolean[2];
    private Leg leg;
    private long copyNanos;
    private int requestCopies;
    private int replyCopies;
    private int forwardedCount;
    private boolean relayed;
    private int history;
    private int historyLength;
    private long historyCodes;

    private static final byte CERTAIN = 1;
    private static final byte DOUBTFUL = 2;

    void load(Leg leg) {
        clear(leg);
        leg.copyRows(all);
        all.sortIfNearlyInOrder();
        if (marks.length < all.count()) {
            marks = new byte[all.count() * 2];
        }
        markCopies();
        boolean doubled = judgeDoubtful();
        for (int row = 0; doubled && row < all.count(); row++) {
            marks[row] = marks[row] == 0 ? copyMark(row, LOOK_BACK_WHERE_DOUBLED) : marks[row];
        }
        boolean inPairs = doubled && (doubtful[0] + doubtful[1]) * 5 <= all.count() * 3;
        for (int row = 0; row < all.count(); row++) {
            if (inPairs && marks[row] == DOUBTFUL && isCopied(row)) {
                marks[row] = 0;
            }
            boolean request = all.fromSecond(row) == leg.openedBySecond();
            if (marks[row] == CERTAIN || marks[row] == DOUBTFUL && doubtfulAreCopies[side(row)]) {
                count(row, request);
            } else {
                (request ? requests : replies).add(all, row);
                if (leg.tcp()) {
                    note(row, request);
                }
            }
        }
    }

    private void clear(Leg next) {
        leg = next;
        copyNanos = next.copyNanos();
        all.clear();
        requests.clear();
        replies.clear();
        forwarded.clear();
        forwardedCount = 0;
        requestCopies = 0;
        replyCopies = 0;
        relayed = false;
        history = 0;
        historyLength = 0;
        historyCodes = 0;
    }

    private int side(int row) {
        return all.fromSecond(row) ? 1 : 0;
    }

    /** Marks what is a copy by itself, and counts by sides. */
    private void markCopies() {
        Arrays.fill(sent, 0);
        Arrays.fill(certain, 0);
        Arrays.fill(doubtful, 0);
        boolean cooked = leg.tcp() && all.count() > 0 && all.cooked(0) != 0;
        boolean inPieces = false;
        boolean inFragments = false;
        pieces.begin(all);
        for (int row = 0; row < all.count(); row++) {
            marks[row] = copyMark(row, LOOK_BACK);
            boolean again = cooked && pieces.sawSince(row);
            if (again && marks[row] == 0 && isInPieces(row)) {
                marks[row] = CERTAIN;
                inPieces = true;
            } else if (again && marks[row] == CERTAIN && inPieces && isNumberless(row) && !isInPieces(row)) {
                // What looks like a piece on another interface was sent again: the row's own has shown its data as part of the whole.
                marks[row] = 0;
            }
            inFragments |= all.fragment(row);
            if (inFragments && marks[row] == 0 && isCutElsewhere(row)) {
                marks[row] = CERTAIN;
            }
            int side = side(row);
            sent[side]++;
            certain[side] += marks[row] == CERTAIN ? 1 : 0;
            doubtful[side] += marks[row] == DOUBTFUL ? 1 : 0;
        }
    }

    /**
     * Decides for each side whether what is doubtful are copies, since nearly all of the leg, or of the capture, is doubled.
     *
     * @return whether any are
     */
    private boolean judgeDoubtful() {
        int count = all.count();
        int ofBoth = doubtful[0] + doubtful[1];
        boolean nearlyAll = leg.ofDoubledCapture() || count >= LEAST_TO_JUDGE && ofBoth * 5 >= count * 2
                || count >= LEAST_IF_ALL_ARE && ofBoth * 2 == count;
        // Of cooked captures the old kind does not name interfaces: a bridge and its port, which show the same alike, are two of them.
        boolean nameless = count > 0 && all.cooked(0) != 0 && all.cooked(0) >>> 4 == 0;
        for (int side = 0; side < 2; side++) {
            // The answers of the node's own pod show half translated on the bridge: of one direction all may be doubled, of the other none.
            doubtfulAreCopies[side] = nearlyAll || nameless && doubtful[side] * 5 >= (sent[side] - certain[side]) * 2;
        }
        return ofBoth > 0 && (doubtfulAreCopies[0] || doubtfulAreCopies[1]);
    }

    /** Counts a copy. A datagram is counted once, however many fragments it has. */
    private void count(int row, boolean request) {
        int packets = all.laterFragment(row) ? 0 : 1;
        if (!request) {
            replyCopies += packets;
            return;
        }
        requestCopies += packets;
        if (forwardedAgain(row)) {
            forwardedCount++;
            if (forwarded.count() < MOST_FORWARDED) {
                forwarded.add(all, row);
            }
        }
    }

    /** Whether a copy has less TTL than the packet before it: a router, here the node itself, let it through. */
    private boolean forwardedAgain(int row) {
        for (int back = row - 1; back >= 0 && back >= row - LOOK_BACK; back--) {
            if (all.fromSecond(back) == all.fromSecond(row) && all.identification(back) == all.identification(row)
                    && all.samePacket(row, all, back)) {
                return all.ttl(row) < all.ttl(back);
            }
        }
        return false;
    }

    private byte copyMark(int row, int lookBack) {
        if (leg.ofDoubledCapture() && all.cooked(row) >>> 4 != 0 && isSecondOfPair(row)) {
            return DOUBTFUL;
        }
        if (isNumberless(row)) {
            return unnumberedCopy(row);
        }
        if (all.identification(row) == 0 && !leg.tcp() && all.cooked(row) == 0 && !leg.ofDoubledCapture()) {
            // A bridge shows what came to its own address as it came, and as it hands it to another port: by another card's address.
            return all.sender(row) != 0 && showedElsewhere(row, false) ? CERTAIN : 0;
        }
        int first = Math.max(0, row - (copyNanos > COPY_NANOS ? LOOK_BACK_WHERE_LATE : lookBack));
        for (int back = all.sameNumbersBefore(row, row, first); back >= 0; back = all.sameNumbersBefore(row, back, first)) {
            long age = all.time(row) - all.time(back);
            if (age > copyNanos && (!all.sentByNode(row) || age > HELD_NANOS)) {
                return 0;
            }
            if (all.identification(back) == all.identification(row) && all.samePacket(row, all, back)
                    && !(age > copyNanos && isHeldInTunnel(row, back))) {
                return copyMarkAfter(back, row, age > copyNanos);
            }
        }
        return 0;
    }

    /** Whether a tunnel's device sent a packet at once, and then what it became waited for ARP. */
    private boolean isHeldInTunnel(int row, int back) {
        return shownBy(back) != shownBy(row) && all.cooked(row) >>> 4 != 0 && all.sentByNode(back);
    }

    private byte copyMarkAfter(int back, int row, boolean late) {
        if (late) {
            return all.ttl(row) < all.ttl(back) && !all.sentByNode(back) ? CERTAIN : 0;
        }
        if (all.identification(row) == 0 && all.cooked(row) != 0 && all.ttl(row) > all.ttl(back)) {
            // No router gives a hop back: it is another packet.
            return 0;
        }
        if (all.cooked(back) == all.cooked(row) && all.sender(back) == all.sender(row) && all.ttl(back) == all.ttl(row)) {
            return DOUBTFUL;
        }
        // An interface that shows it once more than all others shows a packet that the network doubled.
        return all.cooked(row) >>> 4 != 0 && !showedElsewhere(row, false) ? 0 : CERTAIN;
    }

    /**
     * Whether the same packet before a row is itself the copy of one before it. Where every packet shows twice, and none is numbered, four
     * at once are two packets, as acknowledgements of segments that came out of order.
     */
    private boolean isCopied(int row) {
        int first = Math.max(0, row - (copyNanos > COPY_NANOS ? LOOK_BACK_WHERE_LATE : LOOK_BACK_WHERE_DOUBLED));
        int before = all.identification(row) == 0 && all.cooked(row) == 0 ? all.sameNumbersBefore(row, row, first) : -1;
        while (before >= 0 && !all.samePacket(row, all, before)) {
            before = all.sameNumbersBefore(row, before, first);
        }
        return before >= 0 && marks[before] == DOUBTFUL && all.time(row) - all.time(before) <= copyNanos;
    }

    /** Whether a packet has no identification, but its frame names the interface. */
    private boolean isNumberless(int row) {
        return all.identification(row) == 0 && all.cooked(row) >>> 4 != 0;
    }

    /**
     * What needs no identification has none (RFC 6864, and all of IPv6): where each frame names its interface, a packet shows on each of
     * them once. As many as showed on one interface are packets, and on another interface the same one again is a copy: at once, or when
     * the node sends on what it held, which takes a hop from it.
     */
    private byte unnumberedCopy(int row) {
        return showedElsewhere(row, false) || all.sentByNode(row) && showedElsewhere(row, true) ? CERTAIN : 0;
    }

    /**
     * Whether another interface showed the datagram whole whose fragment the row is, or in fragments what is whole here: conntrack puts
     * together what comes in fragments, and all keep the identification.
     */
    private boolean isCutElsewhere(int row) {
        int identification = all.identification(row);
        for (int back = row - 1; back >= 0 && back >= row - LOOK_BACK_FRAGMENTS && identification != 0 && all.cooked(row) != 0; back--) {
            if (all.identification(back) == identification && all.fragment(back) != all.fragment(row)
                    && all.fromSecond(back) == all.fromSecond(row) && all.cooked(back) != all.cooked(row)) {
                long age = all.time(row) - all.time(back);
                return age <= COPY_NANOS || age <= HELD_NANOS && all.sentByNode(row) && !all.sentByNode(back)
                        && all.ttl(row) < all.ttl(back);
            }
        }
        return false;
    }

    /** Whether other interfaces showed the row's data in other segments: at once, or before the node's queue or ARP held it. */
    private boolean isInPieces(int row) {
        return all.cooked(row) != 0 && (pieces.showedElsewhere(row, COPY_NANOS, false)
                || all.sentByNode(row) && pieces.showedElsewhere(row, HELD_NANOS, true));
    }

    /** The interface that a row's frame names, or else whose card sent it. */
    private int shownBy(int row) {
        return all.cooked(row) != 0 ? all.cooked(row) : all.sender(row);
    }

    /** Whether the row's own interface showed the same packet once or thrice before: where all is doubled, the first of each two counts. */
    private boolean isSecondOfPair(int row) {
        int first = Math.max(0, row - LOOK_BACK_WHERE_DOUBLED);
        boolean second = false;
        for (int back = all.sameNumbersBefore(row, row, first); back >= 0; back = all.sameNumbersBefore(row, back, first)) {
            second ^= all.cooked(back) == all.cooked(row) && all.time(row) - all.time(back) <= AT_ONCE_NANOS && isSame(row, back, false);
        }
        return second;
    }

    /** Whether another interface showed the same packet more often before than the row's own. */
    private boolean showedElsewhere(int row, boolean held) {
        int first = Math.max(0, row - LOOK_BACK_UNNUMBERED);
        int here = 0;
        int most = 0;
        for (int back = all.sameNumbersBefore(row, row, first); back >= 0; back = all.sameNumbersBefore(row, back, first)) {
            if (!isSame(row, back, held)) {
                continue;
            }
            if (shownBy(back) == shownBy(row)) {
                here++;
                continue;
            }
            int there = 1;
            for (int other = all.sameNumbersBefore(row, back, first); other >= 0; other = all.sameNumbersBefore(row, other, first)) {
                there += shownBy(other) == shownBy(back) && isSame(row, other, held) ? 1 : 0;
            }
            most = Math.max(most, there);
        }
        return here < most;
    }

    private boolean isSame(int row, int back, boolean held) {
        boolean own = shownBy(back) == shownBy(row);
        return all.time(row) - all.time(back) <= (held ? HELD_NANOS : COPY_NANOS)
                && (!held || own || all.ttl(row) < all.ttl(back) && !all.sentByNode(back))
                && (all.cooked(row) != 0 || all.ttl(row) <= all.ttl(back))
                && all.identification(back) == all.identification(row) && all.samePacket(row, all, back);
    }

    private void note(int row, boolean request) {
        int flags = all.flags(row);
        int code;
        if ((flags & PacketView.RST) != 0) {
            code = 10;
        } else if ((flags & PacketView.SYN) != 0) {
            code = (flags & PacketView.ACK) != 0 ? 2 : 0;
        } else if (all.length(row) > 0) {
            code = 6;
            append(code + (request ? 0 : 1));
            code = (flags & PacketView.FIN) != 0 ? 8 : 6;
        } else {
            code = (flags & PacketView.FIN) != 0 ? 8 : 4;
        }
        append(code + (request ? 0 : 1));
    }

    private void append(int code) {
        if ((history >>> code & 1) == 0) {
            history |= 1 << code;
            historyCodes |= (long) code << 4 * historyLength++;
        }
    }

    /**
     * The leg is behind a proxy: its rows get the numbers and time stamps that the proxy shows the client.
     *
     * @param number what is added to the endpoint's sequence numbers
     * @param stamp what is added to its time stamps
     */
    void renumber(int number, int stamp) {
        replies.renumber(0, leg.openedBySecond(), 0, number, stamp);
        requests.renumber(0, leg.openedBySecond(), 0, number, stamp);
        relayed = true;
    }

    /** How much further the time stamp of this leg's SYN-ACK is than that of another's; 0 where one has none. */
    int stampAhead(LoadedLeg other) {
        int here = firstSyn(replies);
        int there = firstSyn(other.replies);
        boolean stamped = here >= 0 && there >= 0 && replies.timestamps(here) && other.replies.timestamps(there);
        return stamped ? replies.tsVal(here) - other.replies.tsVal(there) : 0;
    }

    private static int firstSyn(Rows rows) {
        return RowFacts.firstWith(rows, PacketView.SYN);
    }

    /** The number by which a proxy before this leg answered the client, as the first SYN tells; 0 if there is none. */
    int relayedNumber() {
        int syn = leg.tcp() ? firstSyn(requests) : -1;
        return syn >= 0 && requests.relaysNumber(syn) ? requests.ack(syn) : 0;
    }

    /** Whether a proxy in the kernel made the leg's handshake. */
    boolean relayed() {
        return relayed;
    }

    Leg leg() {
        return leg;
    }

    /** Packets of the opener. */
    Rows requests() {
        return requests;
    }

    Rows replies() {
        return replies;
    }

    /** The first request that tells of the path, which a reset, that anybody may send, does not; -1 if none does. */
    int firstTellingRequest() {
        return RowFacts.firstTelling(requests, leg.tcp());
    }

    /** The same of answers. */
    int firstTellingReply() {
        return RowFacts.firstTelling(replies, leg.tcp());
    }

    Rows rows(Direction direction) {
        return direction == Direction.REQUEST ? requests : replies;
    }

    /** Takes marked rows of one direction out, which other places tell to be copies that the capture made. */
    void takeOut(Direction direction, boolean[] copies) {
        Rows rows = rows(direction);
        all.clear();
        for (int row = 0; row < rows.count(); row++) {
            if (!copies[row]) {
                all.add(rows, row);
            }
        }
        int taken = rows.count() - all.count();
        requestCopies += direction == Direction.REQUEST ? taken : 0;
        replyCopies += direction == Direction.REPLY ? taken : 0;
        rows.clear();
        for (int row = 0; row < all.count(); row++) {
            rows.add(all, row);
        }
    }

    /** The first few requests that came again with less TTL. */
    Rows forwarded() {
        return forwarded;
    }

    int forwardedCount() {
        return forwardedCount;
    }

    int requestCopies() {
        return requestCopies;
    }

    int replyCopies() {
        return replyCopies;
    }

    /** Letters as in Zeek, each when it happened first: S SYN, h SYN and ACK, A ACK, D data, F FIN, R RST; capitals for the opener. */
    String history() {
        StringBuilder text = new StringBuilder(historyLength);
        for (int i = 0; i < historyLength; i++) {
            text.append(LETTERS.charAt((int) (historyCodes >>> 4 * i) & 15));
        }
        return text.toString();
    }
}
