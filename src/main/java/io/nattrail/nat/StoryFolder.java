package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.QuotedError;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.List;

/** How one flow went, told by the places that show both sides of the talk. */
final class StoryFolder {
    private static final long LONG_THOUGHT_NANOS = 500_000_000L;
    /** No pause between the packets of one exchange. */
    static final long LEAST_SILENCE_NANOS = 900_000_000L;
    /** Who closes sooner after a question never meant to read the answer; time-outs are longer. */
    private static final long LEAST_REFUSED_NANOS = 200_000_000L;
    private static final int LEAST_IN_VAIN = 3;
    private static final long LEAST_IN_VAIN_NANOS = 1_000_000_000L;
    /** Linux delays an acknowledgement for so long at most, and that of a repetition not at all. */
    private static final long LATEST_ACK_NANOS = 200_000_000L;
    private static final int LEAST_UNACKNOWLEDGED = 2;
    /** Less than clients wait for an answer before they give up; those of DNS wait for seconds. */
    private static final long MOST_HEELS_NANOS = 200_000_000L;
    private static final int LEAST_ONE_WAY = 8;
    /** Sooner than this nobody asks again: a timer of which nothing is known begins with a second (RFC 8961, section 4). */
    private static final long SOONEST_REPETITION_NANOS = 200_000_000L;
    /** A question in several datagrams, as for an address of each kind, is repeated with all of them. */
    private static final int LONGEST_QUESTION = 4;
    /** What only keeps a NAT's mapping is sent no sooner than every 15 s (RFC 8085, section 3.5); timers vary. */
    private static final long SOONEST_KEEP_ALIVE_NANOS = 10_000_000_000L;
    /** An alert of TLS 1.2 with an AEAD cipher; those of TLS 1.3 are shorter. */
    private static final int LONGEST_GOODBYE = 31;
    /** HTTP/2 says it by GOAWAY (RFC 9113, section 6.8), in TLS 1.2 with 46 bytes, and the alert may come with it; a PING is as long. */
    private static final int LONGEST_GOODBYE_IN_TLS = 46 + LONGEST_GOODBYE;
    /** Who sends the rest of what it began does not wait so long: it is the least retransmission timeout of Linux. */
    private static final long LEAST_PAUSE_NANOS = 200_000_000L;

    private final FoldContext context;
    private final PlacedLegs legs;
    private final Signs signs;
    private final boolean tcp;

    private StoryFolder(FoldContext context, PlacedLegs legs, Signs signs) {
        this.context = context;
        this.legs = legs;
        this.signs = signs;
        this.tcp = legs.tcp();
    }

    /** The story; silences, long thoughts and what stayed unanswered become signs. */
    static Story fold(FoldContext context, PlacedLegs legs, Signs signs) {
        StoryFolder folder = new StoryFolder(context, legs, signs);
        folder.silence();
        return folder.story();
    }

    private Story story() {
        boolean midstream = tcp;
        for (LoadedLeg l : legs.loaded()) {
            midstream &= !l.leg().hasClientIsn();
        }
        Talk talk = legs.count() == 0 ? new Talk(false, false, 0, 0, true, true, false) : tcp ? tcpTalk(midstream) : datagrams();
        long endpointBytes = 0;
        for (int p = legs.count() - 1; p >= 0 && endpointBytes == 0; p--) {
            Rows back = legs.rows(p, Direction.REPLY);
            endpointBytes = back == null ? 0 : tcp ? legs.stream(p, Direction.REPLY).bytes() : RowFacts.payload(back);
        }
        long thought = -1;
        for (int p = legs.count() - 1; p >= 0 && thought < 0; p--) {
            thought = thought(p);
        }
        if (!tcp) {
            unanswered();
            askedOn();
            oneWay();
        }
        Rows asked = legs.nearestToClient(Direction.REQUEST);
        Rows told = legs.nearestToClient(Direction.REPLY);
        long clientFin = Long.MAX_VALUE;
        long endpointFin = Long.MAX_VALUE;
        if (tcp) {
            for (LoadedLeg l : legs.loaded()) {
                clientFin = Math.min(clientFin, finTime(l.requests(), l.leg().point()));
                endpointFin = Math.min(endpointFin, finTime(l.replies(), l.leg().point()));
            }
        }
        return new Story(talk.answered, talk.established, talk.requestBytes, talk.replyBytes, endpointBytes, clientFin != Long.MAX_VALUE,
                endpointFin != Long.MAX_VALUE, clientFin <= endpointFin, talk.requestAcked, talk.replyAcked, talk.lastIsRequest, midstream,
                thought, asked == null ? 0 : RowFacts.print(asked), told == null ? 0 : RowFacts.print(told));
    }

    /** What the place nearest to the client tells of the talk. */
    private record Talk(boolean answered, boolean established, long requestBytes, long replyBytes, boolean requestAcked, boolean replyAcked,
            boolean lastIsRequest) {
    }

    /** The place nearest to the client that shows the talk: a filter of flags at those before it shows only how it begins and ends. */
    private int talkPlace() {
        int telling = legs.rows(0, Direction.REQUEST) == null ? 0 : legs.firstTelling(Direction.REQUEST);
        return legs.rows(telling, Direction.REPLY) == null ? 0 : telling;
    }

    private Talk tcpTalk(boolean midstream) {
        int place = talkPlace();
        Rows requests = orNone(legs.rows(place, Direction.REQUEST));
        Rows replies = orNone(legs.rows(place, Direction.REPLY));
        TcpStream sent = legs.stream(place, Direction.REQUEST);
        TcpStream answered = legs.stream(place, Direction.REPLY);
        boolean requestAcked = sent.acknowledgedBy(replies);
        if (!requestAcked) {
            inVain(Sign.Kind.SENT_IN_VAIN, place, Direction.REQUEST, List.of(replies), LEAST_IN_VAIN, LEAST_IN_VAIN_NANOS);
            int last = legs.last(Direction.REQUEST);
            if (last > place) {
                inVain(Sign.Kind.DELIVERED_IN_VAIN, last, Direction.REQUEST, List.of(orNone(legs.rows(last, Direction.REPLY))),
                        LEAST_UNACKNOWLEDGED, LATEST_ACK_NANOS);
            }
            askedAfterClose(place, last);
        }
        answeredInVain(requests);
        int end = legs.last(Direction.REQUEST);
        if (end >= 0 && signs.has(Sign.Kind.RETRANSMITTED)) {
            repeatedAcknowledged(end);
        }
        holeLeft(Direction.REQUEST);
        holeLeft(Direction.REPLY);
        if (end >= 0 && signs.has(Sign.Kind.FIN_REPEATED)) {
            closedInVain(end);
        }
        gaveUp();
        if (end >= 0 && legs.loaded().get(legs.place(end).requestLeg()).leg().asked()) {
            closedUnanswered(end);
        }
        boolean acknowledged = acknowledgedAnywhere();
        Rows nearest = orNone(legs.rows(0, Direction.REPLY));
        boolean synAck = RowFacts.timeOf(nearest, PacketView.SYN | PacketView.ACK) != Long.MIN_VALUE
                || midstream && !onlyResets(nearest);
        // Whoever acknowledges has got what he acknowledges, whether or not his own capture still shows it.
        synAck |= !midstream && acknowledged;
        return new Talk(synAck, synAck && acknowledged, sent.bytes(), answered.bytes(), requestAcked, answered.acknowledgedBy(requests),
                sent.lastDataTime() > answered.lastDataTime());
    }

    /**
     * A question that crossed the endpoint's FIN, or ignored it. What was being sent when the FIN came is no new question, unless the
     * client had its answer and had paused; and less than any question before is a good-bye, as TLS says it (close_notify, RFC 8446,
     * section 6.1). Where the FIN was lost on its way to the client, the place nearest to the endpoint shows it.
     */
    private void askedAfterClose(int nearest, int last) {
        int place = nearest;
        Rows replies = orNone(legs.rows(place, Direction.REPLY));
        int fin = finBeforeReset(replies);
        if (fin == replies.count() && last > place) {
            place = last;
            replies = orNone(legs.rows(place, Direction.REPLY));
            fin = finBeforeReset(replies);
        }
        if (fin == replies.count()) {
            return;
        }
        Rows requests = orNone(legs.rows(place, Direction.REQUEST));
        long answered = Long.MIN_VALUE;
        for (int row = 0; row < fin; row++) {
            answered = replies.length(row) > 0 ? replies.time(row) : answered;
        }
        int leg = legs.place(place).requestLeg();
        boolean tls = legs.loaded().get(legs.place(0).requestLeg()).leg().tls();
        int goodbye = tls ? LONGEST_GOODBYE_IN_TLS : LONGEST_GOODBYE;
        int least = Integer.MAX_VALUE;
        for (int row = 0; row < requests.count(); row++) {
            int length = requests.length(row);
            boolean acknowledged = SequenceNumber.isBeforeOrEqual(requests.seq(row) + length, replies.ack(fin));
            boolean before = requests.time(row) < replies.time(fin);
            if (length > 0 && before && acknowledged) {
                least = Math.min(least, length);
            } else if (length > 0 && before && !newQuestion(requests, row, replies, fin, answered)) {
                return;
            } else if (length >= least && length > goodbye && !acknowledged) {
                int point = legs.place(place).point();
                signs.add(new Sign(Sign.Kind.ASKED_AFTER_CLOSE, place, leg, Direction.REQUEST, 1,
                        answered == Long.MIN_VALUE ? 0 : replies.time(fin) - answered,
                        List.of(SeenFrame.of(replies, fin, point), SeenFrame.of(requests, row, point))));
                return;
            }
        }
    }

    /** The first FIN that comes before any RST; the number of rows without. */
    private static int finBeforeReset(Rows replies) {
        int fin = 0;
        while (fin < replies.count() && (replies.flags(fin) & (PacketView.FIN | PacketView.RST)) != PacketView.FIN) {
            fin++;
        }
        return fin;
    }

    /**
     * Whether what the client sent while the endpoint's FIN was under way begins a question: all before was acknowledged, the client had
     * all that the endpoint ever said, and had paused since. A pool that uses a kept connection when the server's patience with it ends
     * does so.
     */
    private static boolean newQuestion(Rows requests, int row, Rows replies, int fin, long answered) {
        return answered != Long.MIN_VALUE && requests.time(row) - answered >= LEAST_PAUSE_NANOS
                && requests.seq(row) == replies.ack(fin) && requests.ack(row) == replies.seq(fin);
    }

    /** Whether the client got nothing for its last question, which the endpoint's kernel had taken, waited, and ended it by FIN or RST. */
    private void gaveUp() {
        int place = legs.last(Direction.REQUEST);
        Rows requests = place < 0 ? null : legs.rows(place, Direction.REQUEST);
        Rows replies = place < 0 ? null : legs.rows(place, Direction.REPLY);
        int end = requests == null || replies == null ? -1 : firstEnd(requests);
        if (end < 0) {
            return;
        }
        long answered = Long.MIN_VALUE;
        int told = 0;
        for (int row = 0; row < replies.count() && replies.time(row) <= requests.time(end); row++) {
            if ((replies.flags(row) & (PacketView.FIN | PacketView.RST)) != 0) {
                return;
            }
            int next = RowFacts.sequenceEnd(replies, row);
            if (row == 0 || SequenceNumber.isAfter(next, told)) {
                told = next;
                answered = replies.length(row) > 0 ? replies.time(row) : answered;
            }
        }
        int asked = -1;
        int top = 0;
        long bytes = 0;
        for (int row = 0; row < end; row++) {
            int next = RowFacts.sequenceEnd(requests, row);
            if (requests.length(row) > 0 && (asked < 0 || SequenceNumber.isAfter(next, top))) {
                int added = asked < 0 ? requests.length(row) : Math.min(requests.length(row), next - top);
                bytes += requests.time(row) > answered ? added : 0;
                asked = row;
                top = next;
            }
        }
        long least = refused(requests, replies, end) ? LEAST_REFUSED_NANOS : LEAST_SILENCE_NANOS;
        boolean waited = asked >= 0 && requests.time(asked) > answered && requests.time(end) - requests.time(asked) >= least;
        if (!waited || !RowFacts.acknowledged(requests, asked, replies, false) || tookMore(requests, told)) {
            return;
        }
        int leg = legs.place(place).requestLeg();
        int point = legs.place(place).point();
        List<SeenFrame> frames = List.of(SeenFrame.of(requests, asked, point), SeenFrame.of(requests, end, point));
        long wait = requests.time(end) - requests.time(asked);
        signs.add(new Sign(Sign.Kind.GAVE_UP, place, leg, Direction.REQUEST, bytes, wait, frames));
        if (beyondSaid(requests, end, replies, told) == 0) {
            signs.add(new Sign(Sign.Kind.NOTHING_SAID, place, leg, Direction.REQUEST, 1, wait, frames));
        }
        if (legs.loaded().get(leg).leg().asked()) {
            signs.add(new Sign(Sign.Kind.ANSWER_DUE, place, leg, Direction.REQUEST, 1, wait, frames));
        }
    }

    /** Whether the endpoint took the last question and closed; one that lies unread would have it send RST (RFC 9293, section 3.10.4). */
    private void closedUnanswered(int place) {
        Rows requests = legs.rows(place, Direction.REQUEST);
        Rows replies = orNone(legs.rows(place, Direction.REPLY));
        int fin = finBeforeReset(replies);
        int end = firstEnd(requests);
        if (fin == 0 || fin == replies.count() || replies.length(fin) > 0 || end >= 0 && requests.time(end) <= replies.time(fin)) {
            return;
        }
        long answered = Long.MIN_VALUE;
        int told = RowFacts.sequenceEnd(replies, 0);
        for (int row = 0; row < fin; row++) {
            told = SequenceNumber.latest(told, RowFacts.sequenceEnd(replies, row));
            answered = replies.length(row) > 0 ? replies.time(row) : answered;
        }
        int asked = -1;
        long bytes = 0;
        for (int row = 0; row < requests.count() && requests.time(row) <= replies.time(fin); row++) {
            if (requests.length(row) > 0) {
                asked = row;
                bytes += requests.time(row) > answered ? requests.length(row) : 0;
            }
        }
        boolean taken = asked >= 0 && requests.time(asked) > answered
                && SequenceNumber.isAfterOrEqual(replies.ack(fin), RowFacts.sequenceEnd(requests, asked));
        if (taken && replies.seq(fin) == told) {
            int point = legs.place(place).point();
            signs.add(new Sign(Sign.Kind.CLOSED_UNANSWERED, place, legs.place(place).requestLeg(), Direction.REPLY, bytes,
                    replies.time(fin) - requests.time(asked),
                    List.of(SeenFrame.of(requests, asked, point), SeenFrame.of(replies, fin, point))));
        }
    }

    /** Whether the endpoint answered after the client's end, and the client, whose socket was closed by then, answered that with RST. */
    private static boolean refused(Rows requests, Rows replies, int end) {
        long answered = Long.MAX_VALUE;
        for (int row = 0; row < replies.count() && answered == Long.MAX_VALUE; row++) {
            answered = replies.length(row) > 0 && replies.time(row) > requests.time(end) ? replies.time(row) : answered;
        }
        for (int row = end + 1; row < requests.count(); row++) {
            if ((requests.flags(row) & PacketView.RST) != 0 && requests.time(row) >= answered) {
                return true;
            }
        }
        return false;
    }

    /** The first FIN or RST, or -1. */
    private static int firstEnd(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.FIN | PacketView.RST)) != 0) {
                return row;
            }
        }
        return -1;
    }

    /**
     * Whether the client acknowledged more than the endpoint had told before, and its FIN: data that came after the client's own FIN, or
     * that the capture missed.
     */
    private static boolean tookMore(Rows requests, int told) {
        for (int row = 0; row < requests.count(); row++) {
            int beyond = requests.ack(row) - told;
            boolean acks = (requests.flags(row) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK;
            if (acks && beyond > 1 && beyond < RowFacts.FURTHEST_WINDOW) {
                return true;
            }
        }
        return false;
    }

    /**
     * By how much the endpoint's own number is beyond what it is known to have said, where it acknowledged the client's end; -1 if it did
     * not. Its answer may have been lost before it could show.
     */
    private static int beyondSaid(Rows requests, int end, Rows replies, int told) {
        int most = -1;
        for (int row = replies.count() - 1; row >= 0 && replies.time(row) > requests.time(end); row--) {
            int beyond = replies.seq(row) - told;
            boolean acks = (replies.flags(row) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK;
            most = acks && beyond >= 0 && beyond < RowFacts.FURTHEST_WINDOW ? Math.max(most, beyond) : most;
        }
        return most;
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

    /**
     * What the first place of a direction never shows, while the other side goes on asking for it: it acknowledged again where the hole
     * begins once something had come from behind it.
     */
    private void holeLeft(Direction direction) {
        boolean request = direction == Direction.REQUEST;
        int place = legs.firstTelling(direction);
        TcpStream stream = place < 0 ? null : legs.stream(place, direction);
        Rows acks = place < 0 ? null : legs.rows(place, request ? Direction.REPLY : Direction.REQUEST);
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

    /** What the endpoint goes on repeating though its acknowledgement has come: whoever gets it sends the next, or nothing. */
    private void repeatedAcknowledged(int place) {
        Rows sent = orNone(legs.rows(place, Direction.REPLY));
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
                if ((acks.flags(ack) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK) {
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
        List<Rows> received = List.of(orNone(legs.rows(place, Direction.REPLY)));
        if (repeats >= LEAST_UNACKNOWLEDGED && last - sent.time(first) >= LATEST_ACK_NANOS && !heard(received, sent.time(first))) {
            signs.add(new Sign(Sign.Kind.CLOSED_IN_VAIN, place, legs.place(place).requestLeg(), Direction.REQUEST, repeats,
                    last - sent.time(first), frames));
        }
    }

    private void inVain(Sign.Kind kind, int place, Direction direction, List<Rows> acknowledging, int least, long leastNanos) {
        Rows sent = orNone(legs.rows(place, direction));
        int acknowledged = 0;
        boolean any = false;
        for (Rows back : acknowledging) {
            for (int row = 0; row < back.count(); row++) {
                if ((back.flags(row) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK) {
                    acknowledged = any ? SequenceNumber.latest(acknowledged, back.ack(row)) : back.ack(row);
                    any = true;
                }
            }
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
            long closed = finTime(orNone(legs.rows(place, Direction.REQUEST)));
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

    private Talk datagrams() {
        Rows requests = orNone(legs.rows(0, Direction.REQUEST));
        Rows replies = orNone(legs.rows(0, Direction.REPLY));
        boolean answered = replies.count() > 0 && !RowFacts.onlyAborts(replies, legs.loaded().get(0).leg().protocol());
        boolean lastIsRequest = requests.count() > 0
                && (!answered || requests.time(requests.count() - 1) > replies.time(replies.count() - 1));
        return new Talk(answered, answered, RowFacts.payload(requests), RowFacts.payload(replies), true, true, lastIsRequest);
    }

    private static Rows orNone(Rows rows) {
        return rows == null ? RowFacts.NONE : rows;
    }

    private boolean acknowledgedAnywhere() {
        for (LoadedLeg l : legs.loaded()) {
            if (RowFacts.acknowledges(l.requests())) {
                return true;
            }
        }
        return false;
    }

    private static boolean onlyResets(Rows rows) {
        return GroupLayout.firstTelling(rows, true) < 0;
    }

    private long finTime(Rows rows, int point) {
        int fin = RowFacts.firstWith(rows, PacketView.FIN);
        return fin < 0 ? Long.MAX_VALUE : context.aligned(point, rows.time(fin));
    }

    /** The longest wait at a place from the last of a question to the first of its answer; -1 without any answer. */
    private long thought(int place) {
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
                boolean more = tcp ? arrived.more(requests, i) : requests.length(i) > 0;
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

    /** Datagrams after the last answer, at the first place that shows answers. */
    private void unanswered() {
        for (int p = 0; p < legs.count(); p++) {
            Rows requests = legs.rows(p, Direction.REQUEST);
            Rows replies = legs.rows(p, Direction.REPLY);
            if (requests == null || replies == null) {
                continue;
            }
            long last = replies.time(replies.count() - 1);
            List<SeenFrame> frames = new ArrayList<>(0);
            int count = 0;
            for (int row = 0; row < requests.count(); row++) {
                if (requests.time(row) > last && !requests.laterFragment(row)) {
                    count++;
                    if (frames.size() < Sign.MOST_FRAMES) {
                        frames.add(SeenFrame.of(requests, row, legs.place(p).point()));
                    }
                }
            }
            if (count > 1 && (complainedOf() || !keepAlives(requests, last))) {
                signs.add(new Sign(Sign.Kind.UNANSWERED, p, legs.place(p).requestLeg(), Direction.REQUEST, count,
                        requests.time(requests.count() - 1) - last, frames));
                if (oneQuestion(requests, last)) {
                    signs.add(new Sign(Sign.Kind.ASKED_AGAIN, p, legs.place(p).requestLeg(), Direction.REQUEST, count, 0, frames));
                }
            }
            return;
        }
    }

    /**
     * Whether all datagrams after the last answer only keep the mapping of a NAT: shorter than each before, and far apart. Nobody answers
     * those of IPsec (RFC 3948, section 4), of STUN (indications, RFC 8445, section 11), of SIP phones and of WireGuard. An ICMP error
     * tells of them as of all others that nobody gets them.
     */
    private static boolean keepAlives(Rows requests, long answered) {
        int least = Integer.MAX_VALUE;
        long previous = Long.MIN_VALUE;
        for (int row = 0; row < requests.count(); row++) {
            if (requests.time(row) <= answered) {
                least = Math.min(least, requests.length(row));
                continue;
            }
            boolean soon = previous != Long.MIN_VALUE && requests.time(row) - previous < SOONEST_KEEP_ALIVE_NANOS;
            if (soon || requests.length(row) >= least) {
                return false;
            }
            previous = requests.time(row);
        }
        return least < Integer.MAX_VALUE;
    }

    /** Whether all datagrams after the last answer say the same, none before did, and each came soon after the one before. */
    private static boolean oneQuestion(Rows requests, long answered) {
        int question = requests.count() - 1;
        long next = requests.time(question);
        for (int row = question; row >= 0; row--) {
            boolean after = requests.time(row) > answered;
            if (requests.fragment(row) || !requests.whole(row) || requests.samePacket(row, requests, question) != after
                    || after && next - requests.time(row) >= SOONEST_KEEP_ALIVE_NANOS) {
                return false;
            }
            next = requests.time(row);
        }
        return true;
    }

    private boolean complainedOf() {
        for (LoadedLeg l : legs.loaded()) {
            for (QuotedError error : l.leg().errors()) {
                if (error.quotedFromOpener()) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Whoever waits for answers that do not come asks the same again, or waits longer and longer, and gives up; who sends on and on what
     * he has to say waits for none.
     */
    private void oneWay() {
        int place = mostRequests();
        Rows requests = place < 0 || legs.last(Direction.REPLY) >= 0 ? RowFacts.NONE : legs.rows(place, Direction.REQUEST);
        int count = 0;
        int others = 0;
        int previous = -1;
        List<SeenFrame> frames = new ArrayList<>(0);
        for (int row = 0; row < requests.count(); row++) {
            if (requests.laterFragment(row)) {
                continue;
            }
            boolean soon = previous >= 0 && requests.time(row) - requests.time(previous) < SOONEST_REPETITION_NANOS;
            others += soon || !repeats(requests, row) ? 1 : 0;
            count++;
            previous = row;
            if (frames.size() < Sign.MOST_FRAMES) {
                frames.add(SeenFrame.of(requests, row, legs.place(place).point()));
            }
        }
        if (count < LEAST_ONE_WAY || others * 4 < count * 3) {
            return;
        }
        long start = requests.time(0);
        long middle = requests.time(requests.count() / 2);
        long end = requests.time(previous);
        if (end - middle <= 3 * (middle - start)) {
            signs.add(new Sign(Sign.Kind.ONE_WAY, place, legs.place(place).requestLeg(), Direction.REQUEST, count, end - start, frames));
        }
    }

    /** The first place that shows as many requests as any, since the captures of others may have begun late or ended early; or -1. */
    private int mostRequests() {
        int most = -1;
        for (int p = legs.first(Direction.REQUEST); p >= 0; p = legs.furtherOn(p, Direction.REQUEST)) {
            most = most < 0 || legs.rows(p, Direction.REQUEST).count() > legs.rows(most, Direction.REQUEST).count() ? p : most;
        }
        return most;
    }

    private static boolean repeats(Rows rows, int row) {
        for (int earlier = Math.max(0, row - LONGEST_QUESTION); earlier < row; earlier++) {
            if (rows.length(earlier) == rows.length(row) && rows.crc(earlier) == rows.crc(row)) {
                return true;
            }
        }
        return false;
    }

    /**
     * A client that asks something else as soon as the answer can be there has got it, whether or not its own capture shows that: what it
     * waits for in vain it asks again, or gives up, after its timer.
     */
    private void askedOn() {
        int place = legs.last(Direction.REPLY);
        Rows requests = place <= 0 || legs.first(Direction.REQUEST) != 0 ? null : legs.rows(place, Direction.REQUEST);
        if (requests == null || legs.rows(0, Direction.REPLY) != null) {
            return;
        }
        Rows replies = legs.rows(place, Direction.REPLY);
        int count = 0;
        int answer = -1;
        long wait = 0;
        List<SeenFrame> frames = List.of();
        for (int row = 1; row < requests.count(); row++) {
            while (answer + 1 < replies.count() && replies.time(answer + 1) <= requests.time(row)) {
                answer++;
            }
            boolean answered = answer >= 0 && replies.time(answer) > requests.time(row - 1);
            if (answered && RowFacts.another(requests, row) && requests.time(row) - replies.time(answer) <= RowFacts.MOST_HEELS_NANOS) {
                if (count++ == 0) {
                    int point = legs.place(place).point();
                    wait = requests.time(row) - replies.time(answer);
                    frames = List.of(SeenFrame.of(replies, answer, point), SeenFrame.of(requests, row, point));
                }
            }
        }
        if (count > 0) {
            signs.add(new Sign(Sign.Kind.ASKED_ON, place, legs.place(place).requestLeg(), Direction.REQUEST, count, wait, frames));
        }
    }

    /** The longest silence, at the first place that shows both directions. */
    private void silence() {
        for (int p = 0; p < legs.count(); p++) {
            Rows requests = legs.rows(p, Direction.REQUEST);
            Rows replies = legs.rows(p, Direction.REPLY);
            if (requests == null || replies == null) {
                continue;
            }
            long longest = LEAST_SILENCE_NANOS;
            SeenFrame before = null;
            SeenFrame after = null;
            Direction next = Direction.REQUEST;
            int i = 0;
            int j = 0;
            boolean lastWasRequest = false;
            int lastRow = -1;
            int point = legs.place(p).point();
            int[] top = new int[2];
            boolean[] topKnown = new boolean[2];
            while (i < requests.count() || j < replies.count()) {
                boolean request = j == replies.count() || i < requests.count() && requests.time(i) <= replies.time(j);
                Rows rows = request ? requests : replies;
                int row = request ? i++ : j++;
                Rows lastRows = lastWasRequest ? requests : replies;
                // The pause before a repetition is the sender's timer, no silence.
                int side = request ? 0 : 1;
                int end = RowFacts.sequenceEnd(rows, row);
                boolean carries = RowFacts.tells(rows, row);
                boolean repeated = carries && topKnown[side] && SequenceNumber.isBeforeOrEqual(end, top[side]);
                if (carries && !repeated) {
                    top[side] = end;
                    topKnown[side] = true;
                }
                if (lastRow >= 0 && !(repeated && tcp) && rows.time(row) - lastRows.time(lastRow) > longest) {
                    longest = rows.time(row) - lastRows.time(lastRow);
                    before = SeenFrame.of(lastRows, lastRow, point);
                    after = SeenFrame.of(rows, row, point);
                    next = request ? Direction.REQUEST : Direction.REPLY;
                }
                lastWasRequest = request;
                lastRow = row;
            }
            if (before != null) {
                signs.add(new Sign(Sign.Kind.SILENCE, p, legs.place(p).requestLeg(), next, 1, longest, List.of(before, after)));
            }
            return;
        }
    }
}
