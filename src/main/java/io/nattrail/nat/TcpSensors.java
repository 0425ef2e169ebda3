package io.nattrail.nat;

import io.nattrail.leg.Direction;
import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What TCP's own rules (RFC 9293, RFC 6298) make notable in the rows of one place. */
final class TcpSensors {
    private static final int MOST_FRAMES = 8;
    /** What fits into an Ethernet frame. */
    private static final int LARGEST_SEGMENT = 1480;
    private static final int FURTHEST_WINDOW = 1 << 26;

    private TcpSensors() {
    }

    static void sense(List<Place> places, List<LoadedLeg> legs, List<Sign> signs) {
        for (int p = 0; p < places.size(); p++) {
            Place place = places.get(p);
            if (place.requestLeg() >= 0) {
                Rows requests = legs.get(place.requestLeg()).requests();
                boolean first = p == firstWith(places, legs, Direction.REQUEST);
                sense(p, place.requestLeg(), place.point(), Direction.REQUEST, requests,
                        place.replyLeg() < 0 ? null : legs.get(place.replyLeg()).replies(), first, signs);
                if (place.replyLeg() >= 0) {
                    ackedUnseen(p, place, Direction.REQUEST, requests, legs.get(place.replyLeg()).replies(), signs);
                }
            }
            if (place.replyLeg() >= 0) {
                Rows replies = legs.get(place.replyLeg()).replies();
                boolean first = p == firstWith(places, legs, Direction.REPLY);
                sense(p, place.replyLeg(), place.point(), Direction.REPLY, replies,
                        place.requestLeg() < 0 ? null : legs.get(place.requestLeg()).requests(), first, signs);
                if (place.requestLeg() >= 0) {
                    ackedUnseen(p, place, Direction.REPLY, replies, legs.get(place.requestLeg()).requests(), signs);
                }
            }
        }
    }

    /** The place nearest to the sender that shows a direction. */
    private static int firstWith(List<Place> places, List<LoadedLeg> legs, Direction direction) {
        for (int i = 0; i < places.size(); i++) {
            int p = direction == Direction.REQUEST ? i : places.size() - 1 - i;
            int leg = direction == Direction.REQUEST ? places.get(p).requestLeg() : places.get(p).replyLeg();
            if (leg >= 0 && (direction == Direction.REQUEST ? legs.get(leg).requests() : legs.get(leg).replies()).count() > 0) {
                return p;
            }
        }
        return -1;
    }

    private static void sense(int p, int leg, int point, Direction direction, Rows rows, Rows others, boolean first, List<Sign> signs) {
        if (first) {
            repeatedSyns(p, leg, point, direction, rows, signs);
            retransmissions(p, leg, point, direction, rows, signs);
            zeroWindow(p, leg, point, direction, rows, others, signs);
            if (direction == Direction.REPLY && others != null) {
                challenge(p, leg, point, rows, others, signs);
            }
        }
        int ttl = -1;
        List<SeenFrame> wrong = new ArrayList<>(0);
        List<SeenFrame> changed = new ArrayList<>(0);
        int otherTtl = -1;
        long changes = 0;
        long wrongs = 0;
        for (int row = 0; row < rows.count(); row++) {
            // A segment larger than a frame was put together by offload, which leaves the first piece's checksum.
            if (rows.checksum(row) == Rows.CHECKSUM_WRONG && rows.length(row) <= LARGEST_SEGMENT) {
                wrongs++;
                add(wrong, rows, row, point);
            }
            if ((rows.flags(row) & PacketView.RST) == 0) {
                if (ttl < 0) {
                    ttl = rows.ttl(row);
                } else if (rows.ttl(row) != ttl) {
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
            signs.add(new Sign(Sign.Kind.CHECKSUM_WRONG, p, leg, direction, wrongs, wrongs, wrong));
        }
        if (changes > 0) {
            signs.add(new Sign(Sign.Kind.TTL_CHANGED, p, leg, direction, changes, otherTtl, changed));
        }
    }

    private static void add(List<SeenFrame> frames, Rows rows, int row, int point) {
        if (frames.size() < MOST_FRAMES) {
            frames.add(FlowFolder.frame(rows, row, point));
        }
    }

    private static void repeatedSyns(int p, int leg, int point, Direction direction, Rows rows, List<Sign> signs) {
        int flags = direction == Direction.REQUEST ? PacketView.SYN : PacketView.SYN | PacketView.ACK;
        List<SeenFrame> frames = new ArrayList<>(0);
        long firstTime = 0;
        long lastTime = 0;
        int count = 0;
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.ACK | PacketView.RST)) == flags) {
                firstTime = count == 0 ? rows.time(row) : firstTime;
                lastTime = rows.time(row);
                count++;
                add(frames, rows, row, point);
            }
        }
        if (count > 1) {
            Sign.Kind kind = direction == Direction.REQUEST ? Sign.Kind.SYN_REPEATED : Sign.Kind.SYN_ACK_REPEATED;
            signs.add(new Sign(kind, p, leg, direction, count - 1, lastTime - firstTime, frames));
        }
    }

    private static void retransmissions(int p, int leg, int point, Direction direction, Rows rows, List<Sign> signs) {
        List<SeenFrame> frames = new ArrayList<>(0);
        List<SeenFrame> fins = new ArrayList<>(0);
        int count = 0;
        int finCount = 0;
        long longest = 0;
        int top = 0;
        boolean known = false;
        int fin = 0;
        boolean finKnown = false;
        long lastNew = 0;
        for (int row = 0; row < rows.count(); row++) {
            if ((rows.flags(row) & (PacketView.SYN | PacketView.RST)) != 0) {
                continue;
            }
            int length = rows.length(row);
            int end = rows.seq(row) + length;
            boolean isFin = (rows.flags(row) & PacketView.FIN) != 0;
            if (length > 0) {
                boolean old = known && SequenceNumber.isBeforeOrEqual(end, top);
                // One byte just below what was sent: a keep-alive (RFC 9293, section 3.8.4) or a window probe, no repetition.
                boolean probe = length == 1 && end == top;
                if (old && !probe) {
                    count++;
                    add(frames, rows, row, point);
                    longest = Math.max(longest, rows.time(row) - lastNew);
                }
                if (!old) {
                    lastNew = rows.time(row);
                }
                top = known ? SequenceNumber.latest(top, end) : end;
                known = true;
            }
            if (isFin) {
                if (finKnown && end == fin) {
                    finCount++;
                    add(fins, rows, row, point);
                }
                fin = end;
                finKnown = true;
            }
        }
        if (count > 0) {
            signs.add(new Sign(Sign.Kind.RETRANSMITTED, p, leg, direction, count, longest, frames));
        }
        if (finCount > 0) {
            signs.add(new Sign(Sign.Kind.FIN_REPEATED, p, leg, direction, finCount, finCount, fins));
        }
    }

    private static void zeroWindow(int p, int leg, int point, Direction direction, Rows rows, Rows others, List<Sign> signs) {
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
        if (since >= 0 && others != null && others.count() > 0 && others.time(others.count() - 1) > since) {
            boolean probed = others.length(others.count() - 1) > 0 || (others.flags(others.count() - 1) & (PacketView.FIN | PacketView.RST)) == 0;
            if (probed) {
                signs.add(new Sign(Sign.Kind.WINDOW_STUCK, p, leg, direction, 1, others.time(others.count() - 1) - since, frames));
            }
        }
        if (count > 0) {
            signs.add(new Sign(Sign.Kind.ZERO_WINDOW, p, leg, direction, count, longest, frames));
        }
    }

    /** An ACK in answer to the SYN, before any SYN-ACK, that acknowledges something else. */
    private static void challenge(int p, int leg, int point, Rows replies, Rows requests, List<Sign> signs) {
        if (requests.count() == 0 || (requests.flags(0) & (PacketView.SYN | PacketView.ACK)) != PacketView.SYN) {
            return;
        }
        for (int row = 0; row < replies.count(); row++) {
            int flags = replies.flags(row) & (PacketView.SYN | PacketView.ACK | PacketView.RST);
            if (flags != PacketView.ACK || replies.ack(row) == requests.seq(0) + 1) {
                return;
            }
            if (replies.time(row) > requests.time(0) && replies.length(row) == 0) {
                List<SeenFrame> frames = new ArrayList<>(2);
                add(frames, requests, 0, point);
                add(frames, replies, row, point);
                signs.add(new Sign(Sign.Kind.CHALLENGE_ACK, p, leg, Direction.REPLY, 1, replies.time(row) - requests.time(0), frames));
                return;
            }
        }
    }

    /** Bytes that the other side acknowledged although this capture never showed them: the capture lost packets. */
    private static void ackedUnseen(int p, Place place, Direction direction, Rows data, Rows acks, List<Sign> signs) {
        Stream stream = stream(data);
        long unseen = stream.unseenBelow(acks);
        if (unseen > 0) {
            int row = firstAckBeyond(acks, stream);
            int leg = direction == Direction.REQUEST ? place.requestLeg() : place.replyLeg();
            signs.add(new Sign(Sign.Kind.ACKED_UNSEEN, p, leg, direction, 1, unseen,
                    row < 0 ? List.of() : List.of(FlowFolder.frame(acks, row, place.point()))));
        }
    }

    private static int firstAckBeyond(Rows acks, Stream stream) {
        for (int row = 0; row < acks.count(); row++) {
            if ((acks.flags(row) & PacketView.ACK) != 0 && (acks.flags(row) & PacketView.RST) == 0 && stream.firstGapEnd(acks.ack(row))) {
                return row;
            }
        }
        return -1;
    }

    /**
     * One direction's byte stream as far as a place shows it.
     *
     * @param first sequence number of the first byte seen, after the SYN
     * @param end sequence number after the last byte seen
     * @param seen whether anything was
     * @param gaps missing ranges: pairs of first and end
     * @param fin whether a FIN was seen, which takes a number too
     */
    record Stream(int first, int end, boolean seen, int[] gaps, boolean fin, long lastDataTime) {
        /** Bytes of payload, each once. */
        long bytes() {
            long missing = 0;
            for (int i = 0; i < gaps.length; i += 2) {
                missing += gaps[i + 1] - gaps[i];
            }
            return seen ? Math.max(0, (end - first) - missing) : 0;
        }

        boolean acknowledgedBy(Rows acks) {
            if (!seen || end == first) {
                return true;
            }
            for (int row = acks.count() - 1; row >= 0; row--) {
                if ((acks.flags(row) & PacketView.ACK) != 0 && SequenceNumber.isAfterOrEqual(acks.ack(row), end)) {
                    return true;
                }
            }
            return false;
        }

        long unseenBelow(Rows acks) {
            if (!seen) {
                return 0;
            }
            int top = first;
            for (int row = handshake(acks); row < acks.count(); row++) {
                if ((acks.flags(row) & (PacketView.ACK | PacketView.RST)) == PacketView.ACK) {
                    top = SequenceNumber.latest(top, acks.ack(row));
                }
            }
            if (top - end > FURTHEST_WINDOW) {
                // Numbers of another connection: a challenge ACK (RFC 5961).
                return 0;
            }
            long unseen = 0;
            for (int i = 0; i < gaps.length; i += 2) {
                // A gap that no window spans lies between two connections of the tuple.
                if (SequenceNumber.isBefore(gaps[i], top) && gaps[i + 1] - gaps[i] < FURTHEST_WINDOW) {
                    unseen += Math.min(gaps[i + 1] - gaps[i], top - gaps[i]);
                }
            }
            int beyond = top - (end + 1);
            return beyond > 0 ? unseen + beyond : unseen;
        }

        /** What comes before the SYN-ACK acknowledges another connection of this tuple. */
        private static int handshake(Rows acks) {
            for (int row = 0; row < acks.count(); row++) {
                if ((acks.flags(row) & PacketView.SYN) != 0) {
                    return row;
                }
            }
            return 0;
        }

        boolean firstGapEnd(int ack) {
            if (gaps.length > 0) {
                return SequenceNumber.isAfter(ack, gaps[0]);
            }
            return SequenceNumber.isAfter(ack, end + 1);
        }
    }

    /** Puts the bytes of a direction together. */
    static Stream stream(Rows rows) {
        int first = 0;
        int end = 0;
        boolean seen = false;
        boolean fin = false;
        long lastData = Long.MIN_VALUE;
        int[] gaps = new int[0];
        for (int row = 0; row < rows.count(); row++) {
            int flags = rows.flags(row);
            if ((flags & PacketView.RST) != 0) {
                continue;
            }
            int start = rows.seq(row) + ((flags & PacketView.SYN) != 0 ? 1 : 0);
            int length = rows.length(row);
            if ((flags & PacketView.SYN) != 0 && end == first) {
                // What came before it, if anything, belongs to the tuple's last connection.
                first = start;
                end = start;
                seen = true;
            }
            if (!seen) {
                // An acknowledgement carries the number of the next byte; a keep-alive one less, which then is no first byte.
                first = start;
                end = start;
                seen = true;
            }
            if (end == first && start == end + 1) {
                // It began with a keep-alive, one number below.
                first = start;
                end = start;
            }
            if (length > 0) {
                if (SequenceNumber.isAfter(start, end)) {
                    gaps = Arrays.copyOf(gaps, gaps.length + 2);
                    gaps[gaps.length - 2] = end;
                    gaps[gaps.length - 1] = start;
                    lastData = rows.time(row);
                } else if (gaps.length > 0 && SequenceNumber.isBefore(start, end)) {
                    gaps = fill(gaps, start, start + length);
                }
                if (SequenceNumber.isAfter(start + length, end)) {
                    end = start + length;
                    lastData = rows.time(row);
                }
            }
            fin |= (flags & PacketView.FIN) != 0;
        }
        return new Stream(first, end, seen, gaps, fin, lastData);
    }

    private static int[] fill(int[] gaps, int start, int end) {
        int[] left = new int[gaps.length + 2];
        int count = 0;
        for (int i = 0; i < gaps.length; i += 2) {
            int from = gaps[i];
            int to = gaps[i + 1];
            if (SequenceNumber.isBeforeOrEqual(end, from) || SequenceNumber.isAfterOrEqual(start, to)) {
                left[count++] = from;
                left[count++] = to;
                continue;
            }
            if (SequenceNumber.isBefore(from, start)) {
                left[count++] = from;
                left[count++] = start;
            }
            if (SequenceNumber.isAfter(to, end)) {
                left[count++] = end;
                left[count++] = to;
            }
        }
        return Arrays.copyOf(left, count);
    }
}
