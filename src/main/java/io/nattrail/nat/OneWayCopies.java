package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import java.util.Arrays;

/**
 * Takes out the copies of a capture that shows each packet of one direction twice, as a bridge or a bond does with what it receives: once
 * at the port, and once as its own. Its leg alone looks as if a network repeated all there. But what the network doubled goes on as two
 * packets, since routers and NAT forward each, and the next place on the way shows both; a copy is seen where it was made only. Behind the
 * last place the receiver tells: a SYN that comes twice is answered twice, of whichever side (RFC 9293, section 3.10.7.4), and so is a
 * question. Fragments tell nothing: who puts them together leaves out what came before. Reused; not for several threads.
 */
final class OneWayCopies {
    private static final long COPY_NANOS = 1_000_000L;
    private static final int LOOK_BACK = 64;
    /** A segment that came twice and went on once may be one that conntrack took for invalid the second time. */
    private static final int LEAST_COPIES = 2;
    /** Where none of the first ones is there twice, few are. */
    private static final int ENOUGH_TO_BEGIN = 16;
    private static final int ENOUGH_TO_JUDGE = 128;
    /** Kept, since asking an enumeration for its values copies them. */
    private static final Direction[] DIRECTIONS = Direction.values();

    private boolean[] paired = new boolean[64];
    private boolean[] copies = new boolean[64];

    void takeOut(PlacedLegs legs) {
        for (Direction direction : DIRECTIONS) {
            int place = legs.last(direction);
            int back = direction == Direction.REQUEST ? -1 : 1;
            if (place >= 0 && wasAnsweredOnce(legs.rows(place, direction), legs.rows(place, direction.opposite()), legs.tcp())) {
                legs.takeOut(place, direction, copies);
            }
            for (int before = place + back; place >= 0 && before >= 0 && before < legs.count(); before += back) {
                Rows here = legs.rows(before, direction);
                if (here == null) {
                    continue;
                }
                if (wentOnOnce(here, legs.rows(place, direction), legs.tcp())) {
                    find(here, here.count());
                    legs.takeOut(before, direction, copies);
                }
                place = before;
            }
        }
    }

    /** Whether nearly all packets of a place show twice, and those of the next do not. */
    private boolean wentOnOnce(Rows here, Rows next, boolean tcp) {
        int count = here.count();
        return next.count() * 4L <= count * 3L && next.count() * 4L >= count && showsTwice(here, tcp)
                && find(next, next.count()) * 20L <= next.count();
    }

    private boolean showsTwice(Rows here, boolean tcp) {
        int count = here.count();
        // Many a question is the only one of its flow. Without an identification it may have been asked twice.
        int least = tcp || here.identification(0) == 0 ? LEAST_COPIES : 1;
        if (count < 2 * least || here.cooked(0) != 0 || find(here, Math.min(count, ENOUGH_TO_BEGIN)) == 0
                || RowFacts.anyFragment(here)) {
            return false;
        }
        int found = find(here, count);
        return found >= least && found * 20L >= count * 9L;
    }

    /** Whether nearly all packets of a place show twice, and what came back there answers each but once. */
    private boolean wasAnsweredOnce(Rows here, Rows answers, boolean tcp) {
        return answers != null && showsTwice(here, tcp)
                && (tcp ? synWasAnsweredOnce(here, answers) : questionsWereAnsweredOnce(here, answers));
    }

    /** Whether a SYN that showed twice before any answer had one that carries nothing, or none but with data. */
    private boolean synWasAnsweredOnce(Rows here, Rows answers) {
        int syn = -1;
        int sent = 0;
        for (int row = 0; row < here.count(); row++) {
            if ((here.flags(row) & PacketView.SYN) != 0) {
                syn = syn < 0 && copies[row] ? row : syn;
                sent += copies[row] ? 0 : 1;
            }
        }
        boolean answered = false;
        for (int row = 0; row < answers.count() && syn >= 0; row++) {
            int flags = answers.flags(row);
            if ((flags & PacketView.ACK) == 0 || answers.ack(row) != here.seq(syn) + 1) {
                continue;
            }
            if (answers.time(row) < here.time(syn)) {
                return false;
            }
            answered = true;
            sent -= answers.length(row) == 0 && (flags & PacketView.FIN) == 0 ? 1 : 0;
        }
        return answered && sent >= 0;
    }

    /** Whether each question that showed twice before its answer had one answer before the next was asked, or none, and most had one. */
    private boolean questionsWereAnsweredOnce(Rows here, Rows answers) {
        int asked = 0;
        int answer = 0;
        for (int row = 1; row < here.count(); row++) {
            if (!copies[row]) {
                continue;
            }
            asked++;
            long next = row + 1 < here.count() ? here.time(row + 1) : Long.MAX_VALUE;
            int before = answer;
            while (answer < answers.count() && answers.time(answer) < next) {
                if (answer > before || answers.time(answer) < here.time(row)) {
                    return false;
                }
                answer++;
            }
        }
        return answer * 2 > asked;
    }

    /** Marks those of the first rows that are the same as one before them, each of another; how many. */
    private int find(Rows rows, int count) {
        if (copies.length < count) {
            copies = new boolean[count * 2];
            paired = new boolean[count * 2];
        }
        Arrays.fill(copies, 0, count, false);
        Arrays.fill(paired, 0, count, false);
        int found = 0;
        for (int row = 1; row < count; row++) {
            if (row == ENOUGH_TO_JUDGE && found * 4 < row) {
                // Never that many will be.
                return found;
            }
            int first = Math.max(0, row - LOOK_BACK);
            int back = rows.sameNumbersBefore(row, row, first);
            while (back >= 0 && (paired[back] || !isSame(rows, row, back))) {
                back = rows.sameNumbersBefore(row, back, first);
            }
            if (back >= 0) {
                paired[back] = true;
                paired[row] = true;
                copies[row] = true;
                found++;
            }
        }
        return found;
    }

    private static boolean isSame(Rows rows, int row, int back) {
        return rows.time(row) - rows.time(back) <= COPY_NANOS && rows.identification(row) == rows.identification(back)
                && rows.ttl(row) == rows.ttl(back) && rows.sender(row) == rows.sender(back) && rows.samePacket(row, rows, back);
    }
}
