package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.List;

/** How long the endpoint of a flow took at most for an answer, as a place shows it. */
final class LongestThought {
    private static final long LONG_THOUGHT_NANOS = 500_000_000L;

    private final PlacedLegs legs;
    private final Signs signs;

    LongestThought(PlacedLegs legs, Signs signs) {
        this.legs = legs;
        this.signs = signs;
    }

    /** The longest wait at a place from the last of a question to the first of its answer; -1 without any answer. */
    long at(int place) {
        Rows requests = legs.rows(place, Direction.REQUEST);
        Rows replies = legs.rows(place, Direction.REPLY);
        if (requests == null || replies == null) {
            return -1;
        }
        long longest = -1;
        int asked = -1;
        int askedForLongest = -1;
        int answeredLongest = -1;
        Arrived arrived = new Arrived();
        int i = 0;
        for (int j = 0; j < replies.count(); j++) {
            if (replies.length(j) == 0) {
                continue;
            }
            while (i < requests.count() && requests.time(i) <= replies.time(j)) {
                boolean more = legs.tcp() ? arrived.more(requests, i) : requests.length(i) > 0;
                asked = more ? i : asked;
                i++;
            }
            if (asked >= 0 && replies.time(j) - requests.time(asked) > longest) {
                longest = replies.time(j) - requests.time(asked);
                askedForLongest = asked;
                answeredLongest = j;
            }
            asked = -1;
        }
        if (longest >= LONG_THOUGHT_NANOS) {
            int point = legs.place(place).point();
            signs.add(new Sign(Sign.Kind.THOUGHT_LONG, place, legs.place(place).replyLeg(), Direction.REPLY, 1, longest,
                    List.of(SeenFrame.of(requests, askedForLongest, point), SeenFrame.of(replies, answeredLongest, point))));
        }
        return longest;
    }

    /** What came of a stream: nobody answers a question before its last gap is filled, which may take some of the sender's timers. */
    private static final class Arrived {
        private boolean known;
        /** The end of what came without a gap, and of all that came. */
        private int whole;
        private int top;
        /** Where that begins which came behind the gap; all up to the top, unless there are more gaps. */
        private int behind;
        private boolean moreGaps;

        /** Whether a packet brings data that did not come before. */
        private boolean more(Rows rows, int row) {
            int start = rows.seq(row);
            int end = start + rows.length(row);
            if (!known && (rows.length(row) > 0 || (rows.flags(row) & PacketView.SYN) != 0)) {
                known = true;
                whole = RowFacts.sequenceEnd(rows, row);
                top = whole;
                return rows.length(row) > 0;
            }
            if (rows.length(row) == 0) {
                return false;
            }
            boolean gap = whole != top;
            if (SequenceNumber.isBeforeOrEqual(end, gap ? whole : top) || gap && !moreGaps && !SequenceNumber.isAfter(behind, start)
                    && SequenceNumber.isBeforeOrEqual(end, top)) {
                return false;
            }
            if (SequenceNumber.isAfter(start, top)) {
                moreGaps = gap;
                behind = gap ? behind : start;
            } else if (!SequenceNumber.isAfter(start, whole)) {
                whole = gap && !moreGaps && !SequenceNumber.isAfter(behind, end) ? SequenceNumber.latest(top, end) : end;
            }
            top = SequenceNumber.latest(top, end);
            return true;
        }
    }
}
