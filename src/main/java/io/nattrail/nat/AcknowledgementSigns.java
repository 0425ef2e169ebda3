package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.List;

/** What acknowledgements, and their absence, tell of a TCP connection: what was sent, repeated or asked for in vain. */
final class AcknowledgementSigns {
    private static final int LEAST_IN_VAIN = 3;
    private static final long LEAST_IN_VAIN_NANOS = 1_000_000_000L;
    /** Linux delays an acknowledgement for so long at most, and that of a repetition not at all. */
    private static final long LATEST_ACK_NANOS = 200_000_000L;
    private static final int LEAST_UNACKNOWLEDGED = 2;

    private final PlacedLegs legs;
    private final Signs signs;

    AcknowledgementSigns(PlacedLegs legs, Signs signs) {
        this.legs = legs;
        this.signs = signs;
    }

    /**
     * What the client sent and had not acknowledged in the end.
     *
     * @param place at which it shows
     * @param replies what the client got
     */
    void requestsInVain(int place, Rows replies) {
        inVain(Sign.Kind.SENT_IN_VAIN, place, Direction.REQUEST, List.of(replies), LEAST_IN_VAIN, LEAST_IN_VAIN_NANOS);
        int last = legs.last(Direction.REQUEST);
        if (last > place) {
            inVain(Sign.Kind.DELIVERED_IN_VAIN, last, Direction.REQUEST, List.of(RowFacts.orNone(legs.rows(last, Direction.REPLY))),
                    LEAST_UNACKNOWLEDGED, LATEST_ACK_NANOS);
        }
    }

    /**
     * What the endpoint sent, what came of repetitions, and what was asked for in vain.
     *
     * @param requestsAtFirst what the client sent, at the place where the talk shows
     */
    void tell(Rows requestsAtFirst) {
        answeredInVain(requestsAtFirst);
        int end = legs.last(Direction.REQUEST);
        if (end >= 0 && signs.has(Sign.Kind.RETRANSMITTED)) {
            repeatedAcknowledged(end);
        }
        holeLeft(Direction.REQUEST);
        holeLeft(Direction.REPLY);
        if (end >= 0 && signs.has(Sign.Kind.FIN_REPEATED)) {
            closedInVain(end);
        }
    }

    /** The endpoint's side, at the last place that shows its answers; the client may have acknowledged them at any place. */
    private void answeredInVain(Rows requestsAtFirst) {
        int place = legs.count() - 1;
        while (place >= 0 && legs.rows(place, Direction.REPLY) == null) {
            place--;
        }
        if (place < 0 || legs.stream(place, Direction.REPLY).acknowledgedBy(requestsAtFirst)) {
            return;
        }
        List<Rows> acknowledging = new ArrayList<>(legs.loaded().size());
        for (LoadedLeg l : legs.loaded()) {
            acknowledging.add(l.requests());
        }
        inVain(Sign.Kind.ANSWERED_IN_VAIN, place, Direction.REPLY, acknowledging, LEAST_IN_VAIN, LEAST_IN_VAIN_NANOS);
    }

    /** What the endpoint goes on repeating though its acknowledgement has come: whoever gets it sends the next, or nothing. */
    private void repeatedAcknowledged(int place) {
        Rows sent = RowFacts.orNone(legs.rows(place, Direction.REPLY));
        Rows acks = legs.rows(place, Direction.REQUEST);
        int point = legs.place(place).point();
        List<SeenFrame> frames = new ArrayList<>(0);
        int repeats = 0;
        long first = 0;
        long last = 0;
        int top = 0;
        boolean any = false;
        boolean acked = false;
        int acknowledged = 0;
        int ack = 0;
        for (int row = 0; row < sent.count(); row++) {
            if (sent.length(row) == 0) {
                continue;
            }
            for (; ack < acks.count() && acks.time(ack) + LATEST_ACK_NANOS <= sent.time(row); ack++) {
                if (RowFacts.hasAcknowledgement(acks, ack)) {
                    acknowledged = acked ? SequenceNumber.latest(acknowledged, acks.ack(ack)) : acks.ack(ack);
                    acked = true;
                }
            }
            int end = sent.seq(row) + sent.length(row);
            // One byte below what was sent is a keep-alive.
            boolean probe = any && sent.length(row) == 1 && end == top;
            if (!any || SequenceNumber.isAfter(end, top)) {
                top = end;
                any = true;
                repeats = 0;
                frames.clear();
            } else if (!probe && acked && SequenceNumber.isBeforeOrEqual(end, acknowledged)) {
                first = repeats++ == 0 ? sent.time(row) : first;
                last = sent.time(row);
                if (frames.size() < Sign.MOST_FRAMES) {
                    frames.add(SeenFrame.of(sent, row, point));
                }
            }
        }
        if (repeats >= LEAST_IN_VAIN && last - first >= LEAST_IN_VAIN_NANOS) {
            signs.add(new Sign(Sign.Kind.REPEATED_ACKNOWLEDGED, place, legs.place(place).replyLeg(), Direction.REPLY, repeats, last - first,
                    frames));
        }
    }

    /** Every kernel acknowledges a FIN, whatever its process does. */
    private void closedInVain(int place) {
        Rows sent = legs.rows(place, Direction.REQUEST);
        int first = RowFacts.firstWith(sent, PacketView.FIN);
        if (first < 0) {
            return;
        }
        List<SeenFrame> frames = new ArrayList<>(0);
        int point = legs.place(place).point();
        int end = RowFacts.sequenceEnd(sent, first);
        int repeats = -1;
        long last = 0;
        for (int row = first; row < sent.count(); row++) {
            if ((sent.flags(row) & (PacketView.FIN | PacketView.RST)) == PacketView.FIN && RowFacts.sequenceEnd(sent, row) == end) {
                repeats++;
                last = sent.time(row);
                if (frames.size() < Sign.MOST_FRAMES) {
                    frames.add(SeenFrame.of(sent, row, point));
                }
            }
        }
        List<Rows> received = List.of(RowFacts.orNone(legs.rows(place, Direction.REPLY)));
        if (repeats >= LEAST_UNACKNOWLEDGED && last - sent.time(first) >= LATEST_ACK_NANOS && !heard(received, sent.time(first))) {
            signs.add(new Sign(Sign.Kind.CLOSED_IN_VAIN, place, legs.place(place).requestLeg(), Direction.REQUEST, repeats,
                    last - sent.time(first), frames));
        }
    }

    /**
     * What the first place of a direction never shows, while the other side goes on asking for it: it acknowledged again where the hole
     * begins once something had come from behind it.
     */
    private void holeLeft(Direction direction) {
        int place = legs.firstTelling(direction);
        TcpStream stream = place < 0 ? null : legs.stream(place, direction);
        Rows acks = place < 0 ? null : legs.rows(place, direction.opposite());
        if (stream == null || stream.gaps().length == 0 || acks == null) {
            return;
        }
        int hole = stream.gaps()[0];
        Rows sent = legs.rows(place, direction);
        int behind = 0;
        while (behind < sent.count() && !(sent.length(behind) > 0 && SequenceNumber.isAfter(sent.seq(behind), hole))) {
            behind++;
        }
        boolean asked = false;
        for (int row = 0; row < acks.count(); row++) {
            boolean plain = (acks.flags(row) & (PacketView.ACK | PacketView.RST | PacketView.SYN)) == PacketView.ACK;
            if (plain && SequenceNumber.isAfter(acks.ack(row), hole)) {
                return;
            }
            asked |= plain && behind < sent.count() && acks.ack(row) == hole && acks.time(row) >= sent.time(behind);
        }
        if (asked) {
            signs.add(new Sign(Sign.Kind.HOLE_LEFT, place, legs.place(place).leg(direction), direction, stream.gaps()[1] - hole,
                    stream.gaps()[1] - hole, List.of(SeenFrame.of(sent, behind, legs.place(place).point()))));
        }
    }

    private void inVain(Sign.Kind kind, int place, Direction direction, List<Rows> acknowledging, int least, long leastNanos) {
        Rows sent = RowFacts.orNone(legs.rows(place, direction));
        int acknowledged = 0;
        boolean any = false;
        boolean shown = false;
        for (Rows back : acknowledging) {
            shown |= back.count() > 0;
            for (int row = 0; row < back.count(); row++) {
                if (RowFacts.hasAcknowledgement(back, row)) {
                    acknowledged = any ? SequenceNumber.latest(acknowledged, back.ack(row)) : back.ack(row);
                    any = true;
                }
            }
        }
        if (!shown && sent.count() > 0) {
            // What it sends last it sends since nothing acknowledged that, unless something came back after all.
            acknowledged = RowFacts.heardAfterLastData(sent) ? RowFacts.furthestEnd(sent) : lastDataStart(sent);
            any = true;
        }
        List<SeenFrame> frames = new ArrayList<>(0);
        int point = legs.place(place).point();
        int repeats = 0;
        int earlier = 0;
        int top = acknowledged;
        long first = 0;
        long last = 0;
        for (int row = 0; row < sent.count() && any; row++) {
            int end = RowFacts.sequenceEnd(sent, row);
            if (sent.length(row) == 0) {
                continue;
            }
            if (!SequenceNumber.isAfter(end, acknowledged)) {
                // Where acknowledgements are lost as well, it goes back to what was acknowledged already.
                boolean goesBack = kind == Sign.Kind.ANSWERED_IN_VAIN && top != acknowledged;
                earlier += goesBack ? 1 : 0;
                last = goesBack ? sent.time(row) : last;
                continue;
            }
            if (SequenceNumber.isAfter(end, top)) {
                first = top == acknowledged ? sent.time(row) : first;
                top = end;
            } else {
                repeats++;
                last = sent.time(row);
            }
            if (frames.size() < Sign.MOST_FRAMES) {
                frames.add(SeenFrame.of(sent, row, point));
            }
        }
        if (kind == Sign.Kind.SENT_IN_VAIN && repeats > 0 && repeats < least) {
            // Who gives up before it repeated more often was told nothing either: receivers acknowledge within half a second (RFC 9293).
            long closed = closedUnheard(sent, acknowledging, first);
            last = closed == Long.MIN_VALUE ? first : closed;
            least = repeats;
        }
        if (kind == Sign.Kind.ANSWERED_IN_VAIN && repeats > 0) {
            // A kernel that takes its time repeats seldom: a client that closes later without the answer did not get it all the same.
            long closed = finTime(RowFacts.orNone(legs.rows(place, Direction.REQUEST)));
            least = closed >= first + leastNanos ? 1 : least;
            last = Math.max(last, closed);
        }
        repeats += earlier >= least ? earlier : 0;
        if (repeats >= least && last - first >= leastNanos) {
            int leg = legs.place(place).leg(direction);
            signs.add(new Sign(kind, place, leg, direction, repeats, last - first, frames));
            if (kind == Sign.Kind.DELIVERED_IN_VAIN && !heard(acknowledging, first)) {
                signs.add(new Sign(Sign.Kind.HEARD_NOTHING, place, leg, direction, repeats, last - first, frames));
            }
        }
    }

    /** Where the data begin that were sent last; where everything ends without any. */
    private static int lastDataStart(Rows sent) {
        for (int row = sent.count() - 1; row >= 0; row--) {
            if (sent.length(row) > 0 && (sent.flags(row) & PacketView.RST) == 0) {
                return sent.seq(row);
            }
        }
        return RowFacts.furthestEnd(sent);
    }

    /** When the first FIN shows; {@code Long.MIN_VALUE} without any. */
    private static long finTime(Rows rows) {
        int fin = RowFacts.firstWith(rows, PacketView.FIN);
        return fin < 0 ? Long.MIN_VALUE : rows.time(fin);
    }

    /** When the FIN was sent, if nothing at all was received since a time; {@code Long.MIN_VALUE} otherwise. */
    private static long closedUnheard(Rows sent, List<Rows> received, long since) {
        if (heard(received, since)) {
            return Long.MIN_VALUE;
        }
        for (int row = sent.count() - 1; row >= 0; row--) {
            if ((sent.flags(row) & PacketView.FIN) != 0 && sent.time(row) > since) {
                return sent.time(row);
            }
        }
        return Long.MIN_VALUE;
    }

    private static boolean heard(List<Rows> received, long since) {
        for (Rows back : received) {
            if (back.count() > 0 && back.time(back.count() - 1) > since) {
                return true;
            }
        }
        return false;
    }
}
