package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.List;

/** What TCP's own rules (RFC 9293, RFC 6298) make notable in the rows of one place. */
final class TcpSensors {
    /** Kept, since asking an enumeration for its values copies them. */
    private static final Direction[] DIRECTIONS = Direction.values();
    /** What fits into an Ethernet frame. */
    private static final int LARGEST_SEGMENT = 1480;
    private static final int LEAST_PROBES = 2;
    /** What fills a gap sooner than this was overtaken; no sender repeats it so soon (Wireshark draws the line there, too). */
    private static final long LEAST_REPETITION_NANOS = 3_000_000L;
    private static final int MOST_TO_LOOK_BACK = 8192;
    /** Packets of one connection between two of its own; a sender that numbers at random hits so near by chance once in 500. */
    private static final int FURTHEST_COUNT = 64;
    /** The least retransmission timeout of Linux; RFC 6298 has a second. */
    private static final long LEAST_TIMEOUT_NANOS = 200_000_000L;

    private TcpSensors() {
    }

    static void sense(PlacedLegs legs, Signs signs) {
        int[] firstTelling = new int[DIRECTIONS.length];
        for (Direction direction : DIRECTIONS) {
            firstTelling[direction.ordinal()] = legs.firstTelling(direction);
        }
        for (int p = 0; p < legs.count(); p++) {
            for (Direction direction : DIRECTIONS) {
                Rows rows = legs.rows(p, direction);
                if (rows == null) {
                    continue;
                }
                Place place = legs.place(p);
                Rows others = legs.rows(p, direction.opposite());
                sense(p, place.leg(direction), place.point(), direction, rows, p == legs.first(direction), signs);
                if (p == firstTelling[direction.ordinal()]) {
                    told(p, place.leg(direction), place.point(), direction, rows, others, signs);
                }
                if (others != null) {
                    ackedUnseen(p, place, direction, legs.stream(p, direction), others, signs);
                }
            }
        }
        challengeFurtherOn(legs, firstTelling[Direction.REPLY.ordinal()], signs);
    }

    /** A node that was reset chooses another translation for the next SYN: only before it do both SYNs and the ACK lie on one leg. */
    private static void challengeFurtherOn(PlacedLegs legs, int told, Signs signs) {
        int next = told < 0 || signs.has(Sign.Kind.CHALLENGE_ACK) ? -1 : legs.furtherOn(told, Direction.REPLY);
        for (int p = next; p >= 0; p = legs.furtherOn(p, Direction.REPLY)) {
            Rows requests = legs.rows(p, Direction.REQUEST);
            if (requests != null && challenge(p, legs.place(p).leg(Direction.REPLY), legs.place(p).point(), legs.rows(p, Direction.REPLY),
                    requests, signs)) {
                return;
            }
        }
    }

    /** What the first place tells that shows data and acknowledgements. */
    private static void told(int p, int leg, int point, Direction direction, Rows rows, Rows others, Signs signs) {
        repeatedData(p, leg, point, direction, rows, signs);
        repeatedFins(p, leg, point, direction, rows, signs);
        zeroWindow(p, leg, point, direction, rows, others, signs);
        if (direction == Direction.REPLY && others != null) {
            challenge(p, leg, point, rows, others, signs);
        }
        if (direction == Direction.REQUEST && others != null) {
            probedInVain(p, leg, point, rows, others, signs);
        }
    }

    private static void sense(int p, int leg, int point, Direction direction, Rows rows, boolean first, Signs signs) {
        if (first) {
            repeatedSyns(p, leg, point, direction, rows, signs);
        }
        int ttl = -1;
        int cooked = 0;
        List<SeenFrame> wrong = new ArrayList<>(0);
        List<SeenFrame> changed = new ArrayList<>(0);
        int otherTtl = -1;
        long changes = 0;
        long wrongs = 0;
        long payloads = 0;
        for (int row = 0; row < rows.count(); row++) {
            // A segment larger than a frame was put together by offload, which leaves the first piece's checksum.
            if (rows.checksum(row) == Rows.CHECKSUM_WRONG && rows.length(row) <= LARGEST_SEGMENT) {
                wrongs++;
                add(wrong, rows, row, point);
            }
            payloads += rows.length(row) > 0 && rows.checksum(row) != Rows.CHECKSUM_UNKNOWN ? 1 : 0;
            if ((rows.flags(row) & PacketView.RST) == 0) {
                if (ttl < 0) {
                    ttl = rows.ttl(row);
                    cooked = rows.cooked(row);
                } else if (rows.ttl(row) != ttl && rows.cooked(row) == cooked) {
                    changes++;
                    otherTtl = rows.ttl(row);
                    if (changed.isEmpty()) {
                        add(changed, rows, 0, point);
                    }
                    add(changed, rows, row, point);
                }
            }
        }
        if (wrongs > 0) {
            signs.add(new Sign(Sign.Kind.CHECKSUM_WRONG, p, leg, direction, wrongs, payloads, wrong));
        }
        if (changes > 0) {
            signs.add(new Sign(Sign.Kind.TTL_CHANGED, p, leg, direction, changes, otherTtl, changed));
        }
    }

    private static void add(List<SeenFrame> frames, Rows rows, int row, int point) {
        if (frames.size() < Sign.MOST_FRAMES) {
            frames.add(SeenFrame.of(rows, row, point));
        }
    }

    private static void repeatedSyns(int p, int leg, int point, Direction direction, Rows rows, Signs signs) {
        int flags = direction == Direction.REQUEST ? PacketView.SYN : PacketView.SYN | PacketView.ACK;
        int first = -1;
        int last = -1;
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            if (isOf(rows, row, flags)) {
                first = count == 0 ? row : first;
                last = row;
                count++;
            }
        }
        if (count > 1) {
            List<SeenFrame> frames = new ArrayList<>(Math.min(count, Sign.MOST_FRAMES));
            for (int row = first; row <= last; row++) {
                if (isOf(rows, row, flags)) {
                    add(frames, rows, row, point);
                }
            }
            Sign.Kind kind = direction == Direction.REQUEST ? Sign.Kind.SYN_REPEATED : Sign.Kind.SYN_ACK_REPEATED;
            signs.add(new Sign(kind, p, leg, direction, count - 1, rows.time(last) - rows.time(first), frames));
        }
    }

    /** Whether a packet has these of the flags SYN, ACK and RST. */
    private static boolean isOf(Rows rows, int row, int flags) {
        return (rows.flags(row) & (PacketView.SYN | PacketView.ACK | PacketView.RST)) == flags;
    }

    private static void repeatedData(int p, int leg, int point, Direction direction, Rows rows, Signs signs) {
        List<SeenFrame> frames = new ArrayList<>(0);
        int count = 0;
        int tails = 0;
        long longest = 0;
        int top = 0;
        int newest = -1;
        for (int row = 0; row < rows.count(); row++) {
            int length = rows.length(row);
            if (length == 0 || (rows.flags(row) & (PacketView.SYN | PacketView.RST)) != 0) {
                continue;
            }
            int end = rows.seq(row) + length;
            if (newest < 0 || SequenceNumber.isAfter(end, top)) {
                newest = row;
                top = end;
                continue;
            }
            // One byte just below what was sent: a keep-alive (RFC 9293, section 3.8.4) or a window probe, no repetition.
            boolean probe = length == 1 && end == top;
            if (!probe && !(overtaken(rows, row, newest) && !sentBefore(rows, row))) {
                count++;
                tails += end == top ? 1 : 0;
                add(frames, rows, row, point);
                longest = Math.max(longest, rows.time(row) - rows.time(newest));
            }
        }
        if (count > 0) {
            signs.add(new Sign(Sign.Kind.RETRANSMITTED, p, leg, direction, count, longest, frames));
        }
        if (count == 1 && tails == 1 && longest < LEAST_TIMEOUT_NANOS) {
            signs.add(new Sign(Sign.Kind.TAIL_PROBED, p, leg, direction, count, longest, frames));
        }
    }

    private static void repeatedFins(int p, int leg, int point, Direction direction, Rows rows, Signs signs) {
        List<SeenFrame> frames = new ArrayList<>(0);
        int count = 0;
        int last = 0;
        boolean known = false;
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.FIN | PacketView.RST)) != PacketView.FIN) {
                continue;
            }
            int end = rows.seq(row) + rows.length(row);
            if (known && end == last) {
                count++;
                add(frames, rows, row, point);
            }
            last = end;
            known = true;
        }
        if (count > 0) {
            signs.add(new Sign(Sign.Kind.FIN_REPEATED, p, leg, direction, count, count, frames));
        }
    }

    /**
     * Whether what fills a gap was sent before the segment that came before it. Its sender's clock tells (RFC 7323: what is sent again is
     * stamped anew), else the numbers that it gives its packets (Linux counts them for each connection), else the time that passed.
     */
    private static boolean overtaken(Rows rows, int row, int newest) {
        boolean stamped = rows.timestamps(row) && rows.timestamps(newest);
        if (stamped && rows.tsVal(row) != rows.tsVal(newest)) {
            return SequenceNumber.isBefore(rows.tsVal(row), rows.tsVal(newest));
        }
        int ahead = (short) (rows.identification(row) - rows.identification(newest));
        if (counted(rows, newest) && ahead != 0 && Math.abs(ahead) <= FURTHEST_COUNT) {
            return ahead < 0;
        }
        return rows.time(row) - rows.time(newest) < LEAST_REPETITION_NANOS;
    }

    /** Whether a packet's identification is a little more than that of the one before it: the sender counts. */
    private static boolean counted(Rows rows, int row) {
        int before = row == 0 ? 0 : rows.identification(row - 1);
        int step = (short) (rows.identification(row) - before);
        return before != 0 && rows.identification(row) != 0 && step > 0 && step <= FURTHEST_COUNT;
    }

    /**
     * Whether an earlier packet carries bytes of this one: else it comes late, or the capture wrote it late. One that lies further back
     * than the packets of a large window may: a long connection with much disorder must not take its square.
     */
    private static boolean sentBefore(Rows rows, int row) {
        int end = rows.seq(row) + rows.length(row);
        int first = Math.max(0, row - MOST_TO_LOOK_BACK);
        for (int other = row - 1; other >= first; other--) {
            int otherEnd = rows.seq(other) + rows.length(other);
            if (SequenceNumber.isBefore(rows.seq(other), end) && SequenceNumber.isAfter(otherEnd, rows.seq(row))) {
                return true;
            }
        }
        return first > 0;
    }

    private static void zeroWindow(int p, int leg, int point, Direction direction, Rows rows, Rows others, Signs signs) {
        long since = -1;
        long longest = 0;
        int count = 0;
        List<SeenFrame> frames = new ArrayList<>(0);
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.RST | PacketView.SYN)) != 0) {
                continue;
            }
            if (rows.window(row) == 0 && (rows.flags(row) & PacketView.FIN) == 0) {
                if (since < 0) {
                    since = rows.time(row);
                    count++;
                    add(frames, rows, row, point);
                }
                longest = Math.max(longest, rows.time(row) - since);
            } else if (since >= 0 && rows.window(row) > 0) {
                longest = Math.max(longest, rows.time(row) - since);
                since = -1;
            }
        }
        if (since >= 0 && others != null && others.time(others.count() - 1) > since) {
            boolean probed = others.length(others.count() - 1) > 0
                    || (others.flags(others.count() - 1) & (PacketView.FIN | PacketView.RST)) == 0;
            if (probed) {
                signs.add(new Sign(Sign.Kind.WINDOW_STUCK, p, leg, direction, 1, others.time(others.count() - 1) - since, frames));
            }
        }
        if (count > 0) {
            signs.add(new Sign(Sign.Kind.ZERO_WINDOW, p, leg, direction, count, longest, frames));
        }
    }

    /**
     * Keep-alive probes carry the number before the next (RFC 9293, section 3.8.4), some with a byte that was acknowledged before, and
     * whoever is there acknowledges them at once.
     */
    private static void probedInVain(int p, int leg, int point, Rows requests, Rows replies, Signs signs) {
        List<SeenFrame> frames = new ArrayList<>(0);
        int probes = 0;
        long first = 0;
        int top = 0;
        int reply = 0;
        boolean acked = false;
        for (int row = 0; row < requests.count(); row++) {
            if ((requests.flags(row) & PacketView.RST) != 0) {
                if (probes >= LEAST_PROBES && !RowFacts.between(replies, first, requests.time(row))) {
                    signs.add(new Sign(Sign.Kind.PROBED_IN_VAIN, p, leg, Direction.REQUEST, probes, requests.time(row) - first, frames));
                }
                return;
            }
            int end = RowFacts.sequenceEnd(requests, row);
            boolean plain = (requests.flags(row) & (PacketView.SYN | PacketView.FIN)) == 0;
            for (; reply < replies.count() && replies.time(reply) < requests.time(row); reply++) {
                boolean acks = RowFacts.hasAcknowledgement(replies, reply);
                acked |= acks && replies.ack(reply) == top;
            }
            boolean again = requests.length(row) == 1 && !acked;
            boolean probe = row > 0 && plain && requests.length(row) <= 1 && requests.seq(row) == top - 1 && !again;
            if (probe && (probes == 0 || RowFacts.between(replies, first, requests.time(row)))) {
                first = requests.time(row);
                probes = 1;
                frames = new ArrayList<>(Sign.MOST_FRAMES);
                add(frames, requests, row, point);
            } else if (probe) {
                probes++;
                add(frames, requests, row, point);
            } else {
                probes = 0;
            }
            acked &= row > 0 && !SequenceNumber.isAfter(end, top);
            top = row == 0 ? end : SequenceNumber.latest(top, end);
        }
    }

    /**
     * An ACK in answer to the SYN, before any SYN-ACK, that acknowledges nothing which was sent since: of what was, it is this connection's
     * own, and the capture missed the SYN-ACK.
     */
    private static boolean challenge(int p, int leg, int point, Rows replies, Rows requests, Signs signs) {
        if ((requests.flags(0) & (PacketView.SYN | PacketView.ACK)) != PacketView.SYN) {
            return false;
        }
        for (int row = 0; row < replies.count(); row++) {
            int flags = replies.flags(row) & (PacketView.SYN | PacketView.ACK | PacketView.RST);
            if (flags != PacketView.ACK || acksSent(replies.ack(row), requests)) {
                return false;
            }
            if (replies.time(row) > requests.time(0) && replies.length(row) == 0) {
                List<SeenFrame> frames = new ArrayList<>(2);
                add(frames, requests, 0, point);
                add(frames, replies, row, point);
                signs.add(new Sign(Sign.Kind.CHALLENGE_ACK, p, leg, Direction.REPLY, 1, replies.time(row) - requests.time(0), frames));
                return true;
            }
        }
        return false;
    }

    /** Whether a number acknowledges something of what was sent from the SYN on. */
    private static boolean acksSent(int ack, Rows sent) {
        int top = RowFacts.sequenceEnd(sent, 0);
        for (int row = 1; row < sent.count() && ack != top; row++) {
            boolean reset = (sent.flags(row) & PacketView.RST) != 0;
            top = reset ? top : SequenceNumber.latest(top, RowFacts.sequenceEnd(sent, row));
        }
        return SequenceNumber.isAfter(ack, sent.seq(0)) && SequenceNumber.isBeforeOrEqual(ack, top);
    }

    /** Bytes that the other side acknowledged although this capture never showed them: the capture lost packets. */
    private static void ackedUnseen(int p, Place place, Direction direction, TcpStream stream, Rows acks, Signs signs) {
        long unseen = stream.unseenBelow(acks);
        if (unseen > 0) {
            signs.add(new Sign(Sign.Kind.ACKED_UNSEEN, p, place.leg(direction), direction, 1, unseen,
                    List.of(SeenFrame.of(acks, firstAckBeyond(acks, stream), place.point()))));
        }
    }

    private static int firstAckBeyond(Rows acks, TcpStream stream) {
        int row = TcpStream.handshake(acks);
        while (row < acks.count() - 1 && (!RowFacts.hasAcknowledgement(acks, row)
                || !stream.firstGapEnd(acks.ack(row)))) {
            row++;
        }
        return row;
    }
}
