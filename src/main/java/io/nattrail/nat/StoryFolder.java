package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.List;

/** How one flow went, told by the places that show both sides of the talk. */
final class StoryFolder {
    /** No pause between the packets of one exchange. */
    static final long LEAST_SILENCE_NANOS = 900_000_000L;

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
        LongestThought thoughts = new LongestThought(legs, signs);
        long thought = -1;
        for (int p = legs.count() - 1; p >= 0 && thought < 0; p--) {
            thought = thoughts.at(p);
        }
        if (!tcp) {
            new DatagramStory(legs, signs).tell();
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

    /**
     * Captures of one direction show what the client sends at one place and what it gets at another, or one of both nowhere. A client that
     * acknowledges has got answers: a capture there that shows none hides them.
     */
    private Talk tcpTalk(boolean midstream) {
        int place = talkPlace();
        int asking = legs.rows(place, Direction.REQUEST) == null ? legs.firstTelling(Direction.REQUEST) : place;
        Rows requests = rowsAt(asking, Direction.REQUEST);
        boolean acknowledges = midstream ? RowFacts.acknowledgesMore(requests) : RowFacts.acknowledges(requests);
        boolean answersHidden = legs.rows(place, Direction.REPLY) == null && acknowledges;
        int answering = answersHidden ? legs.last(Direction.REPLY) : place;
        Rows replies = rowsAt(answering, Direction.REPLY);
        TcpStream sent = asking < 0 ? TcpStream.of(RowFacts.NONE) : legs.stream(asking, Direction.REQUEST);
        TcpStream answered = answering < 0 ? TcpStream.of(RowFacts.NONE) : legs.stream(answering, Direction.REPLY);
        boolean requestAcked = answering < 0 ? RowFacts.heardAfterLastData(requests) : sent.acknowledgedBy(replies);
        AcknowledgementSigns acknowledgements = new AcknowledgementSigns(legs, signs);
        LastQuestion question = new LastQuestion(legs, signs);
        if (!requestAcked) {
            acknowledgements.requestsInVain(asking, replies);
            question.askedAfterClose(asking);
        }
        if (answering < 0 && !requestAcked) {
            answerNotShown(asking, Direction.REQUEST, requests);
        } else if (asking < 0 && !RowFacts.answersLastQuestion(replies)) {
            answerNotShown(answering, Direction.REPLY, replies);
        }
        acknowledgements.tell(requests);
        question.tell();
        question.answerRefused(place);
        boolean acknowledged = acknowledgedAnywhere();
        Rows nearest = RowFacts.orNone(legs.rows(0, Direction.REPLY));
        boolean synAck = RowFacts.timeOf(nearest, PacketView.SYN | PacketView.ACK) != Long.MIN_VALUE
                || midstream && (!onlyResets(nearest) || answersHidden || acknowledgesAnswers(requests));
        // Whoever acknowledges has got what he acknowledges, whether or not his own capture still shows it.
        synAck |= !midstream && acknowledged;
        boolean replyAcked = asking < 0 ? RowFacts.heardAfterLastData(replies) : allTakenAnywhere(answered);
        return new Talk(synAck, synAck && acknowledged, sent.bytes(), answered.bytes(), requestAcked, replyAcked,
                asking == answering ? sent.lastDataTime() > answered.lastDataTime() : !tookAll(replies, sent));
    }

    /** Whether a client acknowledges what any place shows of the answers: they came, though none nearer to it shows them. */
    private boolean acknowledgesAnswers(Rows requests) {
        for (int p = 0; p < legs.count(); p++) {
            TcpStream answers = legs.stream(p, Direction.REPLY);
            if (answers.bytes() > 0 && RowFacts.acknowledgesBeyond(requests, answers.first(), 0)) {
                return true;
            }
        }
        return false;
    }

    /** @param rows of one direction, at a place; of the other no capture shows any */
    private void answerNotShown(int place, Direction direction, Rows rows) {
        int last = rows.count() - 1;
        while (last > 0 && direction == Direction.REQUEST && rows.length(last) == 0) {
            last--;
        }
        signs.add(new Sign(Sign.Kind.ANSWER_NOT_SHOWN, place, legs.place(place).leg(direction), direction, 1, 0,
                List.of(SeenFrame.of(rows, last, legs.place(place).point()))));
    }

    private Rows rowsAt(int place, Direction direction) {
        return place < 0 ? RowFacts.NONE : RowFacts.orNone(legs.rows(place, direction));
    }

    /** Whether the last data of one side came in answer to all that the other had sent: two places' clocks do not tell which was first. */
    private static boolean tookAll(Rows replies, TcpStream sent) {
        boolean asked = sent.bytes() > 0;
        for (int row = replies.count() - 1; row >= 0 && asked; row--) {
            if (replies.length(row) > 0) {
                return !SequenceNumber.isAfter(sent.end(), replies.ack(row));
            }
        }
        return !asked;
    }

    private Talk datagrams() {
        Rows requests = RowFacts.orNone(legs.rows(0, Direction.REQUEST));
        Rows replies = RowFacts.orNone(legs.rows(0, Direction.REPLY));
        boolean answered = replies.count() > 0 && !RowFacts.onlyAborts(replies, legs.loaded().get(0).leg().protocol());
        boolean lastIsRequest = requests.count() > 0
                && (!answered || requests.time(requests.count() - 1) > replies.time(replies.count() - 1));
        return new Talk(answered, answered, RowFacts.payload(requests), RowFacts.payload(replies), true, true, lastIsRequest);
    }

    /**
     * Whether the client acknowledged the last of the answers: a filter may hide its bare acknowledgements from its own capture, and a
     * later place shows them all the same.
     */
    private boolean allTakenAnywhere(TcpStream answers) {
        for (LoadedLeg l : legs.loaded()) {
            if (answers.acknowledgedBy(l.requests())) {
                return true;
            }
        }
        return false;
    }

    /** Whether the client acknowledged anything at all, as it does first of all the SYN-ACK. */
    private boolean acknowledgedAnywhere() {
        for (LoadedLeg l : legs.loaded()) {
            if (RowFacts.acknowledges(l.requests())) {
                return true;
            }
        }
        return false;
    }

    private static boolean onlyResets(Rows rows) {
        return RowFacts.firstTelling(rows, true) < 0;
    }

    private long finTime(Rows rows, int point) {
        int fin = RowFacts.firstWith(rows, PacketView.FIN);
        return fin < 0 ? Long.MAX_VALUE : context.aligned(point, rows.time(fin));
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
