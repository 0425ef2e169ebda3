package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.List;

/** How the last question of a TCP connection ended where it had no answer: it crossed the endpoint's FIN, or the client gave up. */
final class LastQuestion {
    /** Who closes sooner after a question never meant to read the answer; time-outs are longer. */
    private static final long LEAST_REFUSED_NANOS = 200_000_000L;
    /** An alert of TLS 1.2 with an AEAD cipher; those of TLS 1.3 are shorter. */
    private static final int LONGEST_GOODBYE = 31;
    /** HTTP/2 says it by GOAWAY (RFC 9113, section 6.8), in TLS 1.2 with 46 bytes, and the alert may come with it; a PING is as long. */
    private static final int LONGEST_GOODBYE_IN_TLS = 46 + LONGEST_GOODBYE;
    /** Who sends the rest of what it began does not wait so long: it is the least retransmission timeout of Linux. */
    private static final long LEAST_PAUSE_NANOS = 200_000_000L;

    private final PlacedLegs legs;
    private final Signs signs;

    LastQuestion(PlacedLegs legs, Signs signs) {
        this.legs = legs;
        this.signs = signs;
    }

    /** What the endpoint did not answer, though it had taken it. */
    void tell() {
        gaveUp();
        int end = legs.last(Direction.REQUEST);
        if (end >= 0 && legs.loaded().get(legs.place(end).requestLeg()).leg().asked()) {
            closedUnanswered(end);
        }
    }

    /**
     * A question that crossed the endpoint's FIN, or ignored it. What was being sent when the FIN came is no new question, unless the
     * client had its answer and had paused; and less than any question before is a good-bye, as TLS says it (close_notify, RFC 8446,
     * section 6.1). Where the FIN was lost on its way to the client, the place nearest to the endpoint shows it.
     */
    void askedAfterClose(int nearest) {
        int last = legs.last(Direction.REQUEST);
        int place = nearest;
        Rows replies = RowFacts.orNone(legs.rows(place, Direction.REPLY));
        int fin = finBeforeReset(replies);
        if (fin == replies.count() && last > place) {
            place = last;
            replies = RowFacts.orNone(legs.rows(place, Direction.REPLY));
            fin = finBeforeReset(replies);
        }
        if (fin == replies.count()) {
            return;
        }
        Rows requests = RowFacts.orNone(legs.rows(place, Direction.REQUEST));
        long answered = Long.MIN_VALUE;
        for (int row = 0; row < fin; row++) {
            answered = replies.length(row) > 0 ? replies.time(row) : answered;
        }
        int leg = legs.place(place).requestLeg();
        boolean tls = legs.loaded().get(leg).leg().tls();
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

    /** The place nearest to the endpoint that shows a question and the client's end; another's capture may begin late or end early. */
    private void gaveUp() {
        int place = legs.last(Direction.REQUEST);
        while (place >= 0 && !gaveUp(place)) {
            place--;
        }
    }

    /**
     * Tells whether the client got nothing for its last question, which the endpoint's kernel had taken, waited, and ended it by FIN or
     * RST.
     *
     * @return whether the place shows the question and the end
     */
    private boolean gaveUp(int place) {
        Rows requests = legs.rows(place, Direction.REQUEST);
        Rows replies = legs.rows(place, Direction.REPLY);
        int end = requests == null || replies == null ? -1 : RowFacts.firstWith(requests, PacketView.FIN | PacketView.RST);
        if (end < 0) {
            return false;
        }
        int answer = -1;
        int told = 0;
        for (int row = 0; row < replies.count() && replies.time(row) <= requests.time(end); row++) {
            if ((replies.flags(row) & (PacketView.FIN | PacketView.RST)) != 0) {
                return true;
            }
            int next = RowFacts.sequenceEnd(replies, row);
            if (row == 0 || SequenceNumber.isAfter(next, told)) {
                told = next;
                answer = replies.length(row) > 0 ? row : answer;
            }
        }
        long answered = answer < 0 ? Long.MIN_VALUE : replies.time(answer);
        Question question = Question.before(end, requests, answered);
        int asked = question.row();
        if (asked < 0) {
            return false;
        }
        long least = refused(requests, replies, end) ? LEAST_REFUSED_NANOS : StoryFolder.LEAST_SILENCE_NANOS;
        boolean waited = requests.time(asked) > answered && requests.time(end) - requests.time(asked) >= least
                && !answers(replies, answer, requests, asked);
        if (!waited || !RowFacts.acknowledged(requests, asked, replies, false) || tookMore(requests, told)) {
            return true;
        }
        int leg = legs.place(place).requestLeg();
        int point = legs.place(place).point();
        List<SeenFrame> frames = List.of(SeenFrame.of(requests, asked, point), SeenFrame.of(requests, end, point));
        long wait = requests.time(end) - requests.time(asked);
        signs.add(new Sign(Sign.Kind.GAVE_UP, place, leg, Direction.REQUEST, question.bytes(), wait, frames));
        if (beyondSaid(requests, end, replies, told) == 0) {
            signs.add(new Sign(Sign.Kind.NOTHING_SAID, place, leg, Direction.REQUEST, 1, wait, frames));
        }
        if (answerDue(RowFacts.sequenceEnd(requests, asked))) {
            signs.add(new Sign(Sign.Kind.ANSWER_DUE, place, leg, Direction.REQUEST, 1, wait, frames));
        }
        return true;
    }

    /** Whether a place shows by its contents that the last data, which end there, are a question: others' captures may lack the payload. */
    private boolean answerDue(int end) {
        for (int place = 0; place <= legs.last(Direction.REQUEST); place++) {
            Rows requests = legs.rows(place, Direction.REQUEST);
            int last = requests == null ? -1 : Question.before(requests.count(), requests, Long.MIN_VALUE).row();
            if (last >= 0 && RowFacts.sequenceEnd(requests, last) == end
                    && legs.loaded().get(legs.place(place).requestLeg()).leg().asked()) {
                return true;
            }
        }
        return false;
    }

    /** Whether data of the endpoint acknowledge a question: they came after it, though the capture shows them before. */
    private static boolean answers(Rows replies, int answer, Rows requests, int asked) {
        return answer >= 0 && SequenceNumber.isAfterOrEqual(replies.ack(answer), RowFacts.sequenceEnd(requests, asked));
    }

    /**
     * Whether the client's process had closed in the middle of a wait, so that its kernel refused by RST what came after that. A FIN that
     * waits behind what is sent again may not show; the RST of a socket that is closed acknowledges nothing (RFC 9293, section 3.10.7.1).
     */
    void answerRefused(int place) {
        Rows requests = RowFacts.orNone(legs.rows(place, Direction.REQUEST));
        Rows replies = RowFacts.orNone(legs.rows(place, Direction.REPLY));
        int end = RowFacts.firstWith(requests, PacketView.FIN | PacketView.RST);
        int reset = end <= 0 ? -1 : lastReset(requests, end);
        if (reset < 0 || replies.count() == 0
                || (requests.flags(end) & (PacketView.RST | PacketView.ACK)) == (PacketView.RST | PacketView.ACK)) {
            return;
        }
        int got = furthestAcknowledged(requests, RowFacts.sequenceEnd(replies, 0));
        int told = RowFacts.sequenceEnd(replies, 0);
        int answered = -1;
        int late = 0;
        while (late < replies.count()
                && (replies.length(late) == 0 || SequenceNumber.isBeforeOrEqual(RowFacts.sequenceEnd(replies, late), got))) {
            int next = RowFacts.sequenceEnd(replies, late);
            answered = replies.length(late) > 0 && SequenceNumber.isAfter(next, told) ? late : answered;
            told = SequenceNumber.latest(told, next);
            late++;
        }
        if (late == replies.count() || replies.time(late) > requests.time(reset)) {
            return;
        }
        long ended = Math.min(requests.time(end), replies.time(late));
        int before = 0;
        while (before < end && requests.time(before) < ended) {
            before++;
        }
        int asked = Question.before(before, requests, Long.MIN_VALUE).row();
        int point = legs.place(place).point();
        boolean waitsForFirst = asked >= 0 && (answered < 0 || requests.time(asked) > replies.time(answered));
        SeenFrame last = waitsForFirst ? SeenFrame.of(requests, asked, point) : answered < 0 ? null
                : SeenFrame.of(replies, answered, point);
        if (last != null && ended - last.timeNanos() >= StoryFolder.LEAST_SILENCE_NANOS) {
            signs.add(new Sign(Sign.Kind.ANSWER_REFUSED, place, legs.place(place).requestLeg(), Direction.REQUEST, 1,
                    ended - last.timeNanos(), List.of(last, SeenFrame.of(replies, late, point))));
        }
    }

    private static int furthestAcknowledged(Rows requests, int told) {
        int got = told;
        for (int row = 0; row < requests.count(); row++) {
            boolean acks = RowFacts.hasAcknowledgement(requests, row);
            got = acks && requests.ack(row) - got < RowFacts.FURTHEST_WINDOW ? SequenceNumber.latest(got, requests.ack(row)) : got;
        }
        return got;
    }

    /** Whether the endpoint took the last question and closed; one that lies unread would have it send RST (RFC 9293, section 3.10.4). */
    private void closedUnanswered(int place) {
        Rows requests = legs.rows(place, Direction.REQUEST);
        Rows replies = RowFacts.orNone(legs.rows(place, Direction.REPLY));
        int fin = finBeforeReset(replies);
        int end = RowFacts.firstWith(requests, PacketView.FIN | PacketView.RST);
        if (fin == 0 || fin == replies.count() || replies.length(fin) > 0 || end >= 0 && requests.time(end) <= replies.time(fin)) {
            return;
        }
        int answer = -1;
        int told = RowFacts.sequenceEnd(replies, 0);
        for (int row = 0; row < fin; row++) {
            told = SequenceNumber.latest(told, RowFacts.sequenceEnd(replies, row));
            answer = replies.length(row) > 0 ? row : answer;
        }
        long answered = answer < 0 ? Long.MIN_VALUE : replies.time(answer);
        int before = 0;
        while (before < requests.count() && requests.time(before) <= replies.time(fin)) {
            before++;
        }
        Question question = Question.before(before, requests, answered);
        int asked = question.row();
        boolean taken = asked >= 0 && requests.time(asked) > answered && !answers(replies, answer, requests, asked)
                && SequenceNumber.isAfterOrEqual(replies.ack(fin), RowFacts.sequenceEnd(requests, asked));
        if (taken && replies.seq(fin) == told) {
            int point = legs.place(place).point();
            signs.add(new Sign(Sign.Kind.CLOSED_UNANSWERED, place, legs.place(place).requestLeg(), Direction.REPLY, question.bytes(),
                    replies.time(fin) - requests.time(asked),
                    List.of(SeenFrame.of(requests, asked, point), SeenFrame.of(replies, fin, point))));
        }
    }

    /**
     * What the client asked last: what it sends again is no new question, though it come after the answer.
     *
     * @param row the last that brought new data, or -1
     * @param bytes how many are new since the last answer
     */
    private record Question(int row, long bytes) {
        private static Question before(int end, Rows requests, long answered) {
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
            return new Question(asked, bytes);
        }
    }

    /** Whether the endpoint answered after the client's end, and the client, whose socket was closed by then, answered that with RST. */
    private static boolean refused(Rows requests, Rows replies, int end) {
        int reset = lastReset(requests, end + 1);
        for (int row = replies.count() - 1; reset >= 0 && row >= 0 && replies.time(row) > requests.time(end); row--) {
            if (replies.length(row) > 0 && replies.time(row) <= requests.time(reset)) {
                return true;
            }
        }
        return false;
    }

    /** The last RST from a row on, or -1. */
    private static int lastReset(Rows rows, int from) {
        for (int row = rows.count() - 1; row >= from; row--) {
            if ((rows.flags(row) & PacketView.RST) != 0) {
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
        return RowFacts.acknowledgesBeyond(requests, told, 1);
    }

    /**
     * By how much the endpoint's own number is beyond what it is known to have said, where it acknowledged the client's end; -1 if it did
     * not. Its answer may have been lost before it could show.
     */
    private static int beyondSaid(Rows requests, int end, Rows replies, int told) {
        int most = -1;
        for (int row = replies.count() - 1; row >= 0 && replies.time(row) > requests.time(end); row--) {
            int beyond = replies.seq(row) - told;
            boolean acks = RowFacts.hasAcknowledgement(replies, row);
            most = acks && beyond >= 0 && beyond < RowFacts.FURTHEST_WINDOW ? Math.max(most, beyond) : most;
        }
        return most;
    }
}
