package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.net.Protocol;
import io.nattrail.wire.PacketDecoder;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;

/** What the rows of one direction say by themselves, and together with those of the other. */
final class RowFacts {
    /**
     * What is further away than any window reaches belongs to another connection (RFC 7323 allows 1 GiB; nobody configures more than some
     * MiB).
     */
    static final int FURTHEST_WINDOW = 1 << 26;

    /** Less than clients wait for an answer before they give up; those of DNS wait for seconds. */
    static final long MOST_HEELS_NANOS = 200_000_000L;

    static final Rows NONE = new Rows();

    /** The largest datagram in fragments of 1,500 bytes and less, some other datagrams' between. */
    static final int MOST_FRAGMENTS = 128;
    /** Sooner than this nobody asks again: a timer of which nothing is known begins with a second (RFC 8961, section 4). */
    static final long SOONEST_REPETITION_NANOS = 200_000_000L;
    private static final int LOOK_BACK_FOR_DOUBLES = 4;
    private static final int UDP_HEADER = 8;

    private RowFacts() {
    }

    /** No rows where a place shows none. */
    static Rows orNone(Rows rows) {
        return rows == null ? NONE : rows;
    }

    /**
     * The same for a TCP packet wherever it shows, and hardly for another. Its numbers and a time stamp name it, and are in captures that
     * have of its payload nothing or something else, too.
     */
    static long fingerprint(Rows rows, int row) {
        int contents = rows.whole(row) && !rows.timestamps(row) ? rows.crc(row) : 0;
        return mix(rows.seqAndAck(row) ^ mix((long) rows.length(row) << 32 ^ contents)) ^ rows.tsVal(row);
    }

    static boolean tells(Rows rows, int row) {
        return rows.length(row) > 0 || (rows.flags(row) & (PacketView.SYN | PacketView.FIN)) != 0;
    }

    /** Whether a segment has neither SYN nor FIN nor RST: a filter of flags shows none such. */
    static boolean moreThanFlags(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.FIN | PacketView.RST)) == 0) {
                return true;
            }
        }
        return false;
    }

    static int sequenceEnd(Rows rows, int row) {
        return rows.seq(row) + rows.length(row) + ((rows.flags(row) & (PacketView.SYN | PacketView.FIN)) != 0 ? 1 : 0);
    }

    /** Whether a segment's acknowledgement counts, which that of a RST, that anybody may send, does not. */
    static boolean hasAcknowledgement(Rows rows, int row) {
        return (rows.flags(row) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK;
    }

    /** Whether a side acknowledges more than so many bytes beyond a number of the other side, by no more than a window. */
    static boolean acknowledgesBeyond(Rows rows, int number, int bytes) {
        for (int row = 0; row < rows.count(); row++) {
            int beyond = rows.ack(row) - number;
            if (hasAcknowledgement(rows, row) && beyond > bytes && beyond < FURTHEST_WINDOW) {
                return true;
            }
        }
        return false;
    }

    static boolean acknowledges(Rows requests) {
        for (int row = 0; row < requests.count(); row++) {
            if ((requests.flags(row) & (PacketView.ACK | PacketView.RST | PacketView.SYN)) == PacketView.ACK) {
                return true;
            }
        }
        return false;
    }

    /** Whether a sender goes on acknowledging more: it gets what the other side sends, whether or not that shows. */
    static boolean acknowledgesMore(Rows sent) {
        return acknowledgesMoreSince(sent, 0);
    }

    /** Whether a sender acknowledged more once its last data had been sent for the first time: something came back to them. */
    static boolean heardAfterLastData(Rows sent) {
        int last = 0;
        int end = 0;
        boolean any = false;
        for (int row = 0; row < sent.count(); row++) {
            if (sent.length(row) > 0 && (!any || SequenceNumber.isAfter(sequenceEnd(sent, row), end))) {
                end = sequenceEnd(sent, row);
                last = row;
                any = true;
            }
        }
        return acknowledgesMoreSince(sent, last);
    }

    /** Whether who answers said something with or after acknowledging the last data that it got; an acknowledged FIN asks nothing. */
    static boolean answersLastQuestion(Rows replies) {
        boolean any = false;
        boolean answered = true;
        int acknowledged = 0;
        for (int row = 0; row < replies.count(); row++) {
            if (hasAcknowledgement(replies, row)) {
                answered &= !any || replies.ack(row) - acknowledged <= 1;
                acknowledged = any ? SequenceNumber.latest(acknowledged, replies.ack(row)) : replies.ack(row);
                any = true;
            }
            answered |= replies.length(row) > 0;
        }
        return answered;
    }

    private static boolean acknowledgesMoreSince(Rows sent, int from) {
        boolean any = false;
        int acknowledged = 0;
        for (int row = 0; row < sent.count(); row++) {
            if (!hasAcknowledgement(sent, row)) {
                continue;
            }
            if (any && row > from && SequenceNumber.isAfter(sent.ack(row), acknowledged)) {
                return true;
            }
            acknowledged = any ? SequenceNumber.latest(acknowledged, sent.ack(row)) : sent.ack(row);
            any = true;
        }
        return false;
    }

    /**
     * Whether a segment has a single byte, as the probe of a closed window: the segment with which the data go on when it opens carries
     * that byte, too (RFC 9293, section 3.8.6.1).
     */
    static boolean mayProbe(Rows rows, int row) {
        return rows.length(row) == 1 && (rows.flags(row) & (PacketView.SYN | PacketView.FIN)) == 0;
    }

    /** Whether other packets carry bytes of this one, too. */
    static boolean sentAgain(Rows sent, int row) {
        int start = sent.seq(row);
        int end = sequenceEnd(sent, row);
        for (int other = 0; other < sent.count() && end != start; other++) {
            if (other != row && tells(sent, other) && SequenceNumber.isBefore(sent.seq(other), end)
                    && SequenceNumber.isAfter(sequenceEnd(sent, other), start)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether the other side acknowledged a packet. What was sent only once and acknowledged did arrive, whatever a capture shows.
     *
     * @param once whether its bytes must not have been sent again
     */
    static boolean acknowledged(Rows sent, int row, Rows answers, boolean once) {
        if (!tells(sent, row) || (sent.flags(row) & PacketView.RST) != 0) {
            return false;
        }
        if (once && sentAgain(sent, row)) {
            return false;
        }
        int end = sequenceEnd(sent, row);
        for (int answer = answers.count() - 1; answer >= 0; answer--) {
            boolean acks = hasAcknowledgement(answers, answer);
            int beyondEnd = answers.ack(answer) - end;
            if (acks && beyondEnd >= 0 && beyondEnd < FURTHEST_WINDOW) {
                return true;
            }
        }
        return false;
    }

    /** At the edge of a capture, what was answered is taken to have passed: in the end it did, or the answer would not be there. */
    static boolean answered(Rows sent, int row, Rows answers, boolean tcp) {
        return tcp ? acknowledged(sent, row, answers, false) : answers.count() > 0 && answers.time(answers.count() - 1) > sent.time(row);
    }

    /** How far the numbers of one side reach; of rows of which there is at least one. */
    static int furthestEnd(Rows rows) {
        int end = sequenceEnd(rows, 0);
        for (int row = 1; row < rows.count(); row++) {
            if ((rows.flags(row) & PacketView.RST) == 0) {
                end = SequenceNumber.latest(end, sequenceEnd(rows, row));
            }
        }
        return end;
    }

    /**
     * conntrack calls a segment INVALID if it acknowledges more than the other side has sent, by no more than a window: of what is further
     * away, in a connection that carries gigabytes, the numbers do not tell whether it lies before or behind.
     *
     * @param sentTo how far the other side's numbers reach
     */
    static boolean acknowledgesTheUnsent(Rows rows, int row, int sentTo) {
        int beyond = rows.ack(row) - sentTo;
        return (rows.flags(row) & (PacketView.ACK | PacketView.SYN)) == PacketView.ACK && beyond > 0 && beyond < FURTHEST_WINDOW;
    }

    /** Whether any packet lies between two moments; of rows in the order of time. */
    static boolean between(Rows rows, long after, long before) {
        int first = firstAfter(rows, after);
        return first < rows.count() && rows.time(first) < before;
    }

    /** How many packets lie between two moments; of rows in the order of time. */
    static int countBetween(Rows rows, long after, long before) {
        return Math.max(0, firstAfter(rows, before - 1) - firstAfter(rows, after));
    }

    private static int firstAfter(Rows rows, long after) {
        int low = 0;
        int high = rows.count();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (rows.time(middle) > after) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /**
     * Whether a client had an answer: it asks something else as soon as that can be there. What it waits for in vain it asks again, or
     * gives up, after its timer.
     *
     * @param requests questions of datagrams, where the answer was seen
     * @param answered when it was seen there
     */
    static boolean askedOn(Rows requests, long answered) {
        int next = 0;
        while (next < requests.count() && requests.time(next) <= answered) {
            next++;
        }
        return next > 0 && next < requests.count() && requests.time(next) - answered <= MOST_HEELS_NANOS && another(requests, next);
    }

    /**
     * Whether a client asks the next thing before it has its answer, as a resolver with several questions under way does, or what streams
     * voice or a tunnel: nothing that it sends tells what it got.
     *
     * @param requests questions of datagrams
     * @param replies what shows of the answers at the same place
     */
    static boolean asksAhead(Rows requests, Rows replies) {
        int answer = 0;
        for (int row = 1; row < requests.count(); row++) {
            long before = requests.time(row - 1);
            while (answer < replies.count() && replies.time(answer) < before) {
                answer++;
            }
            boolean between = answer < replies.count() && replies.time(answer) <= requests.time(row);
            if (!between && requests.time(row) - before <= MOST_HEELS_NANOS && another(requests, row)) {
                return true;
            }
        }
        return false;
    }

    /** The first row with one of some flags of TCP; -1 if there is none. */
    static int firstWith(Rows rows, int flags) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & flags) != 0) {
                return row;
            }
        }
        return -1;
    }

    /** Whether a question is another one than that before it. */
    static boolean another(Rows requests, int row) {
        return requests.length(row) != requests.length(row - 1) || requests.crc(row) != requests.crc(row - 1);
    }

    /** How many datagrams after the last answer nobody asked by. */
    static int doubles(Rows requests, Rows replies) {
        int doubles = 0;
        long answered = replies.count() == 0 ? Long.MIN_VALUE : replies.time(replies.count() - 1);
        for (int row = requests.count() - 1; row > 0 && requests.time(row) > answered; row--) {
            doubles += isDouble(requests, row) ? 1 : 0;
        }
        return doubles;
    }

    /** Whether a datagram is the very packet of one shortly before: the network doubled it, or the capture. Its identification tells. */
    static boolean isDouble(Rows rows, int row) {
        for (int back = row - 1; back >= 0 && back >= row - LOOK_BACK_FOR_DOUBLES && rows.identification(row) != 0; back--) {
            if (rows.identification(back) == rows.identification(row) && !rows.fragment(row) && rows.samePacket(row, rows, back)) {
                return rows.time(row) - rows.time(back) < SOONEST_REPETITION_NANOS;
            }
        }
        return false;
    }

    static boolean anyFragment(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if (rows.fragment(row)) {
                return true;
            }
        }
        return false;
    }

    /** The payload of the UDP datagram whose first fragment a row is, as far as the fragments after it reach. */
    static int datagramSize(Rows rows, int first) {
        int size = rows.length(first);
        for (int row = first + 1; row < rows.count() && row - first < MOST_FRAGMENTS; row++) {
            if (rows.laterFragment(row) && rows.identification(row) == rows.identification(first)
                    && rows.fromSecond(row) == rows.fromSecond(first)) {
                size = Math.max(size, rows.seq(row) + rows.length(row) - UDP_HEADER);
            }
        }
        return size;
    }

    static int laterFragments(Rows rows) {
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            count += rows.laterFragment(row) ? 1 : 0;
        }
        return count;
    }

    static int syns(Rows rows, int flags) {
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.ACK | PacketView.RST)) == flags) {
                count++;
            }
        }
        return count;
    }

    static int mss(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.RST)) == PacketView.SYN && rows.length(row) == 0) {
                return rows.mss(row);
            }
        }
        return 0;
    }

    static int stamp(Rows rows, boolean first) {
        for (int i = 0; i < rows.count(); i++) {
            int row = first ? i : rows.count() - 1 - i;
            if (rows.timestamps(row)) {
                return rows.tsVal(row);
            }
        }
        return 0;
    }

    /** Whether a capture left out a part of some payload; what a tunnel's fragments carry in pieces it may show all the same. */
    static boolean cut(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if (!rows.whole(row) && rows.length(row) > 0 && !rows.laterFragment(row) && !rows.inPiece(row)) {
                return true;
            }
        }
        return false;
    }

    static long print(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if (rows.length(row) > 0 && rows.whole(row)) {
                return (long) rows.length(row) << 32 | rows.crc(row) & 0xffffffffL;
            }
        }
        return 0;
    }

    static long payload(Rows rows) {
        long bytes = 0;
        for (int row = 0; row < rows.count(); row++) {
            bytes += rows.length(row);
        }
        return bytes;
    }

    static long timeOf(Rows rows, int flags) {
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (flags | PacketView.RST)) == flags) {
                return rows.time(row);
            }
        }
        return Long.MIN_VALUE;
    }

    /** Spreads a number over all bits, so that equal prints mean equal contents. */
    static long mix(long value) {
        long z = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
        return z ^ z >>> 31;
    }

    /** Whether all packets are SCTP's ABORT: an answer that refuses (RFC 9260, section 8.4), and nothing else. */
    static boolean onlyAborts(Rows rows, Protocol protocol) {
        for (int row = 0; row < rows.count(); row++) {
            if (protocol != Protocol.SCTP || !rows.laterFragment(row) && rows.flags(row) != PacketDecoder.SCTP_ABORT) {
                return false;
            }
        }
        return true;
    }

    /** The first packet that begins with SCTP's ABORT; -1 without any. */
    static int firstAbort(Rows rows) {
        for (int row = 0; row < rows.count(); row++) {
            if (!rows.laterFragment(row) && rows.flags(row) == PacketDecoder.SCTP_ABORT) {
                return row;
            }
        }
        return -1;
    }

    /** Whether a packet asks for something: one of SCTP does unless it begins with an answer, or the end (RFC 9260, section 3.2). */
    static boolean asks(Rows rows, int row, Protocol protocol) {
        return protocol != Protocol.SCTP || switch (rows.flags(row)) {
            case PacketDecoder.SCTP_DATA, PacketDecoder.SCTP_INIT, PacketDecoder.SCTP_HEARTBEAT, PacketDecoder.SCTP_COOKIE_ECHO,
                    PacketDecoder.SCTP_SHUTDOWN -> true;
            default -> false;
        };
    }

    /** Whether an association of SCTP was being closed before a time (RFC 9260, section 9.2). */
    static boolean shutDownBefore(Rows rows, long time) {
        for (int row = 0; row < rows.count() && rows.time(row) < time; row++) {
            int chunk = rows.laterFragment(row) ? PacketDecoder.SCTP_NO_CHUNK : rows.flags(row);
            if (chunk == PacketDecoder.SCTP_SHUTDOWN || chunk == PacketDecoder.SCTP_SHUTDOWN_ACK
                    || chunk == PacketDecoder.SCTP_SHUTDOWN_COMPLETE) {
                return true;
            }
        }
        return false;
    }

    /** The first packet that tells of the path, which a reset, that anybody may send, does not; -1 if none does. */
    static int firstTelling(Rows rows, boolean tcp) {
        for (int row = 0; row < rows.count(); row++) {
            if (!tcp || (rows.flags(row) & PacketView.RST) == 0) {
                return row;
            }
        }
        return -1;
    }

    /** A hash of what numbers a TCP packet: sequence, acknowledgement, time stamp and length. */
    static int numbersHash(Rows rows, int row) {
        long mixed = (rows.seqAndAck(row) ^ (long) rows.tsVal(row) << 16 ^ rows.length(row)) * 0x9e3779b97f4a7c15L;
        return (int) (mixed >>> 32);
    }
}
