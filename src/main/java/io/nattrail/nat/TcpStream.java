package io.nattrail.nat;

import io.nattrail.leg.Rows;
import io.nattrail.wire.PacketView;
import io.nattrail.wire.SequenceNumber;
import java.util.Arrays;

/**
 * One direction's byte stream as far as a place shows it.
 *
 * @param first sequence number of the first byte seen, after the SYN
 * @param end sequence number after the last byte seen
 * @param seen whether anything was
 * @param gaps missing ranges: pairs of first and end
 * @param lastDataTime when bytes last came that were not there before; MIN_VALUE without any
 */
record TcpStream(int first, int end, boolean seen, int[] gaps, long lastDataTime) {
    /** Puts the bytes of a direction together. */
    static TcpStream of(Rows rows) {
        int first = 0;
        int end = 0;
        boolean seen = false;
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
            if ((flags & PacketView.FIN) != 0 && gaps.length > 0 && SequenceNumber.isBefore(start + length, end)) {
                // It takes a number, too, below a stray segment that seems to lie further on.
                gaps = fill(gaps, start + length, start + length + 1);
            }
        }
        return new TcpStream(first, end, seen, gaps, lastData);
    }

    private static int[] fill(int[] gaps, int start, int end) {
        // Gaps overlap where nothing tells several connections of the tuple apart: a segment may lie in each of them.
        int[] left = new int[gaps.length * 2];
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
        if (top - end > RowFacts.FURTHEST_WINDOW) {
            // Numbers of another connection: a challenge ACK (RFC 5961).
            return 0;
        }
        long unseen = 0;
        for (int i = 0; i < gaps.length; i += 2) {
            // A gap that no window spans lies between two connections of the tuple.
            if (SequenceNumber.isBefore(gaps[i], top) && gaps[i + 1] - gaps[i] < RowFacts.FURTHEST_WINDOW) {
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
